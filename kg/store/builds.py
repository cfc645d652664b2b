"""What is known of a build and of its snapshots, and what is said of a revision whose snapshot is not kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from pyoxigraph import Store

from kg.errors import BadValueError, CityKgError, shorten
from kg.rdf.scopes import ANOTHER, missing_works

LAYOUT_VERSION = 3
"""The number of the layout of a data folder. Whoever adds a field to `Build` raises it: older versions refuse by it."""
_OLDEST_READ = 2
"""The oldest layout that is read: it lacks what has a default, so nothing is built again."""
_REVISION = re.compile(r"[0-9a-f]{12}(\.[1-9][0-9]{0,8})?")


@dataclass(frozen=True)
class Withheld:
    """A change of the history that does not count in the graph, by its number, and why, in words."""

    change: int
    why: str


@dataclass(frozen=True)
class Build:
    """What `current.json` says of a build. `quads` counts those in named graphs, inferred ones included.

    `built` is when the files were read, `changed` when the last change came upon them; both xsd:dateTime in UTC.
    `works` are those beside the report: names of works that come with the project, absolute paths of other folders.
    `measured` is the revision of which the store has measures (kg.measures), "" where it has none.
    `withheld` are those of the changes that were not made again, since they no longer conform: all of them are older
    than the build, so that no writer comes to make one.
    """

    name: str
    layout: int
    content_hash: str
    fingerprint: str
    quads: int
    inferred: int
    built: str
    changes: int = 0
    changed: str = ""
    works: tuple[str, ...] = ()
    measured: str = ""
    withheld: tuple[Withheld, ...] = ()

    @staticmethod
    def from_json(said: Mapping[str, Any]) -> Build:
        """Return the build of which a file states these fields, of this layout whichever that has.

        Raises TypeError where they are not those of one.
        """
        withheld = tuple(Withheld(**one) for one in said.get("withheld", ()))
        works = tuple(said.get("works", ()))
        return Build(**{**said, "works": works, "withheld": withheld, "layout": LAYOUT_VERSION})

    @staticmethod
    def is_too_old(layout: int) -> bool:
        """Return True if what has a layout is built again."""
        return layout < _OLDEST_READ

    @staticmethod
    def unknown_fields(stated: Mapping[str, Any]) -> list[str]:
        """Return the names of what a file states and no build of this layout has, in their order."""
        known = {field.name for field in fields(Build)}
        return [name for name in stated if name not in known]

    @staticmethod
    def missing_fields(stated: Mapping[str, Any]) -> list[str]:
        """Return the names of what a build has and a file does not state."""
        return [field.name for field in fields(Build) if field.default is MISSING and field.name not in stated]

    @property
    def revision(self) -> str:
        """A short name of the content, for people and headers: of the files, and how many changes came upon them."""
        return self.revision_of(self.changes)

    @property
    def withheld_numbers(self) -> frozenset[int]:
        """The numbers of the changes that do not count."""
        return frozenset(one.change for one in self.withheld)

    def require_works(self, works: Iterable[str]) -> None:
        """Raise WorkNotLoadedError for a work that the build has not, or for ANOTHER if it has none."""
        for work in missing_works(works, self.works):
            raise WorkNotLoadedError(work)

    @staticmethod
    def changes_of(revision: str) -> int:
        """Return how many changes a revision has, by its name: later ones of a service have no fewer.

        Raises BadValueError for any text that names none.
        """
        if not _REVISION.fullmatch(revision):
            raise BadValueError(
                f"{shorten(revision)!r} is not a revision.",
                "A revision is what X-Revision says, such as 0123456789ab.7",
            )
        return int(revision.partition(".")[2] or 0)

    def require_revision(self, revision: str) -> None:
        """Raise RevisionAheadError for a revision with more changes than there are, BadValueError for what is none."""
        if self.changes_of(revision) > self.changes:
            raise RevisionAheadError(revision, self.revision)

    def revision_of(self, changes: int) -> str:
        """Return the name of the content with so many changes upon the files."""
        return self.revision_name(self.content_hash, changes)

    @staticmethod
    def revision_name(content_hash: str, changes: int) -> str:
        """Return the name of a content by the hash of its files, and with so many changes upon them."""
        return content_hash[:12] + (f".{changes}" if changes else "")


@dataclass(frozen=True)
class Snapshot:
    """A build with its changes, opened for reading; it never changes."""

    build: Build
    store: Store

    @property
    def revision(self) -> str:
        """The short name of its content."""
        return self.build.revision


class RevisionGoneError(CityKgError):
    """The snapshot of a revision is not kept, or never was; `nearest` is the revision that comes closest and is."""

    title = "This revision is not kept"

    def __init__(self, revision: str, nearest: str | None) -> None:
        hint = f"The nearest one that is kept: {nearest}" if nearest else "None is kept."
        super().__init__(f"Revision {revision} is not kept.", hint)
        self.nearest = nearest


class RevisionAheadError(CityKgError):
    """A revision has changes that the graph has not: it is of another service, or a backup was restored."""

    title = "The graph has not come so far"

    def __init__(self, wanted: str, present: str) -> None:
        super().__init__(
            f"The graph is at revision {present}, and has not come to {wanted}.",
            "Ask without min-revision= for what there is. Was it this service that named the revision?",
        )


class WorkNotLoadedError(CityKgError):
    """A question is about a work that is not loaded."""

    title = "A work is not loaded"

    def __init__(self, work: str) -> None:
        if work == ANOTHER:
            super().__init__(
                "No work is loaded here beside the report, and the question compares works.",
                "The operator loads one: citykg build --with NAME, or --facts DIR",
            )
            return
        super().__init__(
            f"The work {work} is not loaded here, and the question is about what it states.",
            f"The operator loads it: citykg build --with {work}",
        )


def nearest_revision(revision: str, kept: list[Build]) -> str | None:
    """Return the revision with the number of changes that comes closest, of the same files if there are any.

    Raises BadValueError for any text that names none.
    """
    content, changes = revision.partition(".")[0], Build.changes_of(revision)
    of_same_files = [build for build in kept if build.content_hash.startswith(content)] or kept
    distances = [(abs(build.changes - changes), build.revision) for build in of_same_files]
    return min(distances)[1] if distances else None
