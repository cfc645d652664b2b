"""Builds and their revisions, and the errors for a revision or a work that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from pyoxigraph import Store

from kg import resources
from kg.errors import BadValueError, CityKgError, shorten
from kg.rdf.scopes import ANOTHER, EVERYTHING, REPORT, WORLD, missing_works, scopes_of_works

LAYOUT_VERSION = 3
"""The version of the layout of a data folder. Raise it with each new field of `Build`: older versions refuse by it."""
_OLDEST_READ = 2
"""The oldest layout that can be read: it lacks only fields with a default, so that nothing has to be rebuilt."""
_REVISION = re.compile(r"[0-9a-f]{12}(\.[1-9][0-9]{0,8})?")


@dataclass(frozen=True)
class Withheld:
    """The number of a change that does not count in the graph, and the reason in words."""

    change: int
    why: str


@dataclass(frozen=True)
class Build:
    """A build as `current.json` describes it.

    `quads` is the number of quads in named graphs, `inferred` how many of them are inferred.
    `built` is when the files were read, `changed` when the last change was made; both are xsd:dateTime in UTC.
    `works` are the works besides the report: names of works that come with the project, absolute paths of others.
    `measured` is the revision whose measures (kg.measures) the store holds, "" if it holds none.
    `withheld` are the changes left out of the build, since they no longer conform. All are older than the build, so
    that no writer meets one.
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
        """Return a build from its fields in a file, whatever the layout of that file.

        Raises TypeError if they are not the fields of a build.
        """
        withheld = tuple(Withheld(**one) for one in said.get("withheld", ()))
        works = tuple(said.get("works", ()))
        return Build(**{**said, "works": works, "withheld": withheld, "layout": LAYOUT_VERSION})

    @staticmethod
    def is_too_old(layout: int) -> bool:
        """Return True if a folder of this layout has to be rebuilt."""
        return layout < _OLDEST_READ

    @staticmethod
    def unknown_fields(stated: Mapping[str, Any]) -> list[str]:
        """Return the names of the fields in a file that a build of this layout does not have, in their order."""
        known = {field.name for field in fields(Build)}
        return [name for name in stated if name not in known]

    @staticmethod
    def missing_fields(stated: Mapping[str, Any]) -> list[str]:
        """Return the names of the required fields that a file lacks."""
        return [field.name for field in fields(Build) if field.default is MISSING and field.name not in stated]

    @property
    def revision(self) -> str:
        """A short name of the content, for people and headers: the hash of the files and the number of changes."""
        return self.revision_of(self.changes)

    @property
    def withheld_numbers(self) -> frozenset[int]:
        """The numbers of the changes that do not count."""
        return frozenset(one.change for one in self.withheld)

    def require_works(self, works: Iterable[str]) -> None:
        """Raise WorkNotLoadedError if the build lacks a work, or lacks any other work where ANOTHER is required."""
        for work in missing_works(works, self.works):
            raise WorkNotLoadedError(work)

    def require_scope(self, name: str) -> None:
        """Raise BadValueError for a name that no scope has, WorkNotLoadedError for a work that the build lacks."""
        known = [REPORT, *scopes_of_works(self.works), EVERYTHING]
        if name in known:
            return
        if name == WORLD or (resources.FACTS / name / "work.trig").is_file():
            raise WorkNotLoadedError(name)
        raise BadValueError.of_unknown(f"The parameter scope cannot be {shorten(name)!r}.", name, known)

    @staticmethod
    def changes_of(revision: str) -> int:
        """Return the number of changes in a revision, by its name. It never falls from one revision to the next.

        Raises BadValueError for a text that is not the name of a revision.
        """
        if not _REVISION.fullmatch(revision):
            raise BadValueError(
                f"{shorten(revision)!r} is not a revision.",
                "The header X-Revision names revisions, such as 0123456789ab.7",
            )
        return int(revision.partition(".")[2] or 0)

    def require_revision(self, revision: str) -> None:
        """Raise RevisionAheadError if a revision has more changes than this build.

        Raises BadValueError for a text that is not the name of a revision.
        """
        if self.changes_of(revision) > self.changes:
            raise RevisionAheadError(revision, self.revision)

    def revision_of(self, changes: int) -> str:
        """Return the name of the revision with this number of changes."""
        return self.revision_name(self.content_hash, changes)

    @staticmethod
    def revision_name(content_hash: str, changes: int) -> str:
        """Return the name of a revision, from the hash of the files and the number of changes."""
        return content_hash[:12] + (f".{changes}" if changes else "")


@dataclass(frozen=True)
class Snapshot:
    """A revision opened for reading; it never changes."""

    build: Build
    store: Store

    @property
    def revision(self) -> str:
        """The name of the revision."""
        return self.build.revision


class RevisionGoneError(CityKgError):
    """The snapshot of a revision is not kept; `nearest` is the closest revision whose snapshot is, if there is any."""

    title = "This revision is not kept"

    def __init__(self, revision: str, nearest: str | None) -> None:
        hint = f"The nearest one that is kept: {nearest}" if nearest else "None is kept."
        super().__init__(f"Revision {revision} is not kept.", hint)
        self.nearest = nearest


class RevisionAheadError(CityKgError):
    """A revision has more changes than the graph: it is from another service, or a backup was restored."""

    title = "The graph has not come so far"

    def __init__(self, wanted: str, present: str) -> None:
        super().__init__(
            f"The graph is at revision {present}, which is older than {wanted}.",
            "Query without min-revision= to get the current graph. Check that the revision is from this service.",
        )


class WorkNotLoadedError(CityKgError):
    """A query is about a work that is not loaded."""

    title = "A work is not loaded"

    def __init__(self, work: str) -> None:
        if work == ANOTHER:
            super().__init__(
                "The question compares works, but none is loaded here beside the report.",
                "The operator can load one: citykg build --with NAME, or --facts DIR",
            )
            return
        needed = "the data set of twinnings of the world" if work == WORLD else f"the work {work}"
        super().__init__(
            f"This needs {needed}, which this service does not have.",
            f"The operator can load it: citykg build --with {work}",
        )


def nearest_revision(revision: str, kept: list[Build]) -> str | None:
    """Return the revision with the closest number of changes, of the same files if any are kept.

    Raises BadValueError for a text that is not the name of a revision.
    """
    content, changes = revision.partition(".")[0], Build.changes_of(revision)
    of_same_files = [build for build in kept if build.content_hash.startswith(content)] or kept
    distances = [(abs(build.changes - changes), build.revision) for build in of_same_files]
    return min(distances)[1] if distances else None
