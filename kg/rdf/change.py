"""A change to the graph: the exact quads added and removed, as the engine stores them, in memory or in a file."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple

from kg.errors import CityKgError
from kg.rdf.lookup import match
from kg.rdf.serialise import lines_of, quads_of
from kg.rdf.vocabulary import RDF, XSD

_UNCHANGED = (XSD.string, RDF.langString)


def canonicalise(quads: Sequence[Quad]) -> list[Quad]:
    """Return the quads as the engine stores them, in their order.

    It rewrites numbers, dates and the like, so quads that are compared must be in this form, too.
    """
    typed = [
        at
        for at, quad in enumerate(quads)
        if isinstance(quad.object, Literal) and quad.object.datatype not in _UNCHANGED
    ]
    store = Store()
    store.extend(Quad(NamedNode(f"urn:{at}"), quads[at].predicate, quads[at].object) for at in typed)
    stored = list(quads)
    for row in store:
        assert isinstance(row.subject, NamedNode)
        at = int(row.subject.value.removeprefix("urn:"))
        stored[at] = Quad(quads[at].subject, quads[at].predicate, row.object, quads[at].graph_name)
    return stored


@dataclass(frozen=True)
class Change:
    """Quads added to and removed from named graphs, as the engine stores them. A quad in both is there afterwards."""

    added: frozenset[Quad]
    removed: frozenset[Quad]

    @classmethod
    def of(cls, added: Iterable[Quad] = (), removed: Iterable[Quad] = ()) -> Change:
        """Return the change in the engine's canonical form.

        Raises CityKgError for a quad outside a named graph, with a blank node, or with a triple term.
        """
        return cls(_canonical(added), _canonical(removed))

    def about(self, subjects: Collection[str]) -> Change:
        """Return the part of the change that is about some subjects, by their IRIs."""
        added, removed = (
            frozenset(quad for quad in quads if isinstance(quad.subject, NamedNode) and quad.subject.value in subjects)
            for quads in (self.added, self.removed)
        )
        return Change(added, removed)

    def without(self, subjects: Collection[str]) -> Change:
        """Return the part of the change that is about other subjects than some, by their IRIs."""
        part = self.about(subjects)
        return Change(self.added - part.added, self.removed - part.removed)

    def remaining_in(self, store: Store) -> Change:
        """Return the part of the change that a store does not have yet."""
        return Change(
            frozenset(quad for quad in self.added if quad not in store),
            frozenset(quad for quad in self.removed - self.added if quad in store),
        )

    def new_in(self, store: Store) -> frozenset[str]:
        """Return the IRIs of the subjects of which a store states nothing."""
        subjects = {quad.subject for quad in self.added | self.removed if isinstance(quad.subject, NamedNode)}
        return frozenset(one.value for one in subjects if not any(match(store, one)))


NO_CHANGE = Change(frozenset(), frozenset())


def _canonical(quads: Iterable[Quad]) -> frozenset[Quad]:
    given = list(quads)
    for quad in given:
        _refuse_unfit(quad)
    return frozenset(canonicalise(given))


def _refuse_unfit(quad: Quad) -> None:
    if not isinstance(quad.graph_name, NamedNode):
        raise CityKgError(f"{quad.triple} stands outside any named graph.", "Name the graph that states it.")
    if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
        raise CityKgError(f"{quad.triple} holds a blank node.", "Give the node an IRI.")
    if isinstance(quad.subject, Triple) or isinstance(quad.object, Triple):
        raise CityKgError(f"{quad.triple} holds a triple term.", "Write RDF 1.1: cd:StatementReference names a triple.")


_AT_A_TIME = 1 << 20
"""Characters that are compressed at a time."""


@dataclass(frozen=True)
class ChangeFile:
    """A change in a file, since it is too large to be passed around: an import, or a large change.

    Each line is one of RDF Patch: `D` and a removed quad, or `A` and an added one, as N-Quads in the engine's form. The
    removed quads come first; each kind is sorted. The file is compressed by gzip.
    """

    path: Path
    added: int
    removed: int = 0

    @classmethod
    def write(cls, path: Path, change: Change) -> ChangeFile:
        """Write a change to a file, replacing it. Raises OSError."""
        return cls.write_lines(path, lines_of(change.added), lines_of(change.removed))

    @classmethod
    def write_lines(cls, path: Path, added: Iterable[str], removed: Iterable[str]) -> ChangeFile:
        """Write quads, given as sorted lines of N-Quads. Raises OSError."""
        counts = []
        with path.open("wb") as raw, gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as file:
            for code, lines in (("D", removed), ("A", added)):
                count = 0
                for text in _texts(code, lines):
                    file.write(text.encode())
                    count += text.count("\n")
                counts.append(count)
        return cls(path, counts[1], counts[0])

    @classmethod
    def from_file(cls, path: Path) -> ChangeFile:
        """Return the change in a file, after counting its quads. Raises OSError, also for damage."""
        whole = cls(path, 0)
        return cls(path, *(sum(1 for _ in whole.lines(code)) for code in "AD"))

    @property
    def size(self) -> int:
        """The number of quads added and removed."""
        return self.added + self.removed

    def lines(self, code: str) -> Iterator[str]:
        """Yield the quads that are added (A) or removed (D), as lines of N-Quads. Raises OSError, also for damage."""
        try:
            with gzip.open(self.path, "rt", encoding="utf-8", newline="\n") as file:
                for line in file:
                    if line[0] == code:
                        yield line[2:-1]
                    elif code == "D":  # those that are added come behind
                        return
        except (gzip.BadGzipFile, EOFError, zlib.error, UnicodeDecodeError) as error:
            raise OSError(f"it is damaged ({error})") from error

    def read(self) -> Change:
        """Return the change. Raises OSError, SyntaxError; CityKgError for quads that no change may hold."""
        return Change.of(quads_of(self.lines("A")), quads_of(self.lines("D")))


def _texts(code: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield texts of many lines, each line with its code."""
    parts: list[str] = []
    size = 0
    for line in lines:
        parts.append(f"{code} {line}\n")
        size += len(line)
        if size > _AT_A_TIME:
            yield "".join(parts)
            parts, size = [], 0
    yield "".join(parts)
