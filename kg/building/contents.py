"""The content of the stores of a build: the files with the changes of the history, its hash, and that of each scope.

A graph is a set. So replaying an addition has no effect if the files have the quad by now, and neither has a removal of
a quad that they no longer have.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.building import sources
from kg.history import FoldedHistory, Record, provenance_of
from kg.measures import measures
from kg.migrations import migrate_records
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.scopes import REPORT, WORLD, ScopeContent, scopes_of_works
from kg.rdf.vocabulary import CD, DCTERMS, OWL, RDF, SKOS, WGS84
from kg.rules import infer


def replay(files: Iterable[Quad], records: Iterable[Record]) -> list[Quad]:
    """Return the quads of the files after the changes, made in order, in the engine's form."""
    store = Store()
    store.bulk_extend(files)
    for record in records:
        record.apply_to(store)
    return list(store)


_DERIVED = (graphs.INFERRED, graphs.MEASURES, graphs.HISTORY)


def content_hash(quads: Iterable[Quad], withheld: Iterable[int] = ()) -> str:
    """Return the SHA-256 over the sorted N-Quads of all graphs that files and changes state, as hexadecimal digits.

    The numbers of `withheld` changes are hashed, too, if the hash is to name the content with changes. The quads go
    through a scratch store first, because the engine rewrites some literals when it stores them.
    """
    store = Store()
    store.bulk_extend(quad for quad in quads if quad.graph_name not in _DERIVED)
    return hash_of_stored(store, withheld)


def hash_of_stored(quads: Iterable[Quad], withheld: Iterable[int] = ()) -> str:
    """Return the `content_hash` of quads that come from a store: each once, in the engine's form."""
    lines = sorted(f"{quad} .\n" for quad in quads if quad.graph_name not in _DERIVED)
    lines += [f"without change {number}\n" for number in sorted(withheld)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


class WorkCounts(NamedTuple):
    """A work by its label, and how many passages it has and how many statements stand in these."""

    label: str
    passages: int
    statements: int


def count_by_work(quads: Collection[Quad]) -> list[WorkCounts]:
    """Return what each work has, the report first."""
    work_of = {s: o for s, o in _named_pairs(quads, DCTERMS.isPartOf) if s.startswith(ns.PREFIXES["passage"])}
    stated = {(s, work_of[o]) for s, o in _named_pairs(quads, CD.statedIn) if o in work_of}
    works = set(work_of.values())
    labels = {
        quad.subject.value: quad.object.value
        for quad in quads
        if quad.predicate == SKOS.prefLabel
        and isinstance(quad.subject, NamedNode)
        and isinstance(quad.object, Literal)
        and quad.subject.value in works
    }
    passages, statements = Counter(work_of.values()), Counter(work for _, work in stated)
    others = {work for passage, work in work_of.items() if "/" in passage.removeprefix(ns.PREFIXES["passage"])}
    return [
        WorkCounts(labels.get(work, ns.compact(work)), passages[work], statements[work])
        for work in sorted(works, key=lambda work: (work in others, work))
    ]


class TwinnedBodies(NamedTuple):
    """The number of bodies that are twinned, and of how many the country, the position, or the class is not known."""

    bodies: int
    without_country: int
    without_position: int
    without_class: int


_CLASSES = frozenset((CD.City, CD.State, CD.CityDistrict, CD.Region, CD.ConstituentNation))


def count_twinned_bodies(quads: Iterable[Quad]) -> TwinnedBodies:
    """Return how many bodies are twinned, and what is not known of how many."""
    bodies, lands, placed, typed = set(), set(), set(), set()
    for subject, predicate, value, _ in quads:
        if predicate == CD.twin:
            bodies.add(value)
        elif predicate in (CD.within, CD.isoAlpha2):
            lands.add(subject)
        elif predicate == WGS84.lat:
            placed.add(subject)
        elif predicate == RDF.type and value in _CLASSES:
            typed.add(subject)
    return TwinnedBodies(len(bodies), *(len(bodies - known) for known in (lands, placed, typed)))


def _named_pairs(quads: Iterable[Quad], predicate: NamedNode) -> Iterator[tuple[str, str]]:
    for quad in quads:
        if quad.predicate == predicate and isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
            yield quad.subject.value, quad.object.value


def scope_parts(
    works: Sequence[str], records: Sequence[Record], measured: str = "", withheld: Collection[int] = ()
) -> Iterator[ScopeContent]:
    """Yield the content of each scope of a build with works besides the report, with all changes so far.

    The scopes of other works have no changes: what curators add belongs to the report. `measured` is the revision whose
    measures each scope gets, "" for none; `withheld` are the changes that do not count. Raises as
    kg.building.sources.load does.
    """
    if not works:
        return
    files = sources.load()
    changes = FoldedHistory().unfolded_records(migrate_records(records, withheld))
    named = content_hash(files, withheld)
    yield _part(REPORT, named, replay(files, changes) if changes else files, records, measured)
    every = sources.work_folders(works)
    for scope, work in scopes_of_works(works).items():
        (folder,) = sources.work_folders([work])
        is_world = scope == WORLD
        part = sources.load_without_report([folder]) if is_world else sources.load_work(folder, files, every)
        yield _part(scope, content_hash(part), part, (), measured)


def _part(scope: str, named: str, stated: list[Quad], records: Sequence[Record], measured: str) -> ScopeContent:
    inferred = infer(stated)
    everything = [*stated, *inferred, *(quad for record in records for quad in provenance_of(record))]
    everything += measures([*stated, *inferred], measured) if measured else []
    counts = len(set(everything)), len(inferred)
    return ScopeContent(scope, chain(everything, graphs.default_graph_quads(everything)), named, counts, len(records))


def stored_quads(part: ScopeContent) -> frozenset[Quad]:
    """Return the quads that the store of a part holds, in the engine's form."""
    store = Store()
    store.bulk_extend(part.quads)
    return frozenset(store)


@dataclass(frozen=True, order=True)
class ConceptOfTheSameName:
    """A concept of curators, that of the files which has its name, and the name."""

    curated: str
    of_files: str
    name: str

    def line(self) -> str:
        """Return the line for a terminal, with the way out."""
        return (
            f"{self.curated}, which a change has added, has the name of {self.of_files} in the files: {self.name!r}. "
            f"Nothing is lost. If the two are one, withdraw the first: dcterms:isReplacedBy {self.of_files}"
        )


def same_names(quads: Iterable[Quad]) -> tuple[ConceptOfTheSameName, ...]:
    """Return the concepts that changes have added beside one of the files with an equal name in the same scheme.

    A later version of the files may have taken them over. One under the same IRI no longer conforms and is withheld;
    one under another IRI stands, and so does all that uses it. Capitals make no difference; withdrawn concepts are left
    out.
    """
    own: dict[tuple[str, str, str], set[str]] = {}
    theirs: dict[tuple[str, str, str], set[str]] = {}
    withdrawn = set[str]()
    for quad in quads:
        subject, graph = quad.subject, quad.graph_name
        if not isinstance(subject, NamedNode) or not subject.value.startswith(ns.VOCABULARY):
            continue
        if quad.predicate == OWL.deprecated:
            withdrawn.add(subject.value)
        elif quad.predicate in (SKOS.prefLabel, SKOS.altLabel) and isinstance(quad.object, Literal):
            scheme = subject.value.rpartition("/")[0]
            key = (scheme, quad.object.value.casefold(), (quad.object.language or "").lower())
            is_theirs = graphs.is_curated_graph(graph)
            (theirs if is_theirs else own).setdefault(key, set()).add(subject.value)
    alike = {
        ConceptOfTheSameName(ns.compact(one), ns.compact(other), key[1])
        for key in own.keys() & theirs.keys()
        for one in theirs[key] - withdrawn
        for other in own[key] - withdrawn - {one}
    }
    return tuple(sorted(alike))
