"""Add what the files of a work leave unsaid because it follows from what they say (docs/curating/works.md).

A type is said once, in the register or in the graph of a passage, and stands in both; what stands in the graph of a
passage is stated in it; a passage has its graph, a statement or tie its name, a position its geometry. So queries,
checks and pages find in any work what they find in the report, whose files say all of it. Nothing that a file says is
replaced. A data set says all of it itself, since many entries share a graph.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import Literal, NamedNode, Quad

from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.labels import TIE_LABELS
from kg.rdf.points import Point
from kg.rdf.vocabulary import CD, DCTERMS, GEO, RDF, RDFS, SKOS, WGS84

_PRESENT = NamedNode(ns.VOCABULARY + "availability/present")
_PARTIES = {
    CD.Twinning: (CD.twin, CD.twin),
    CD.Membership: (CD.member, CD.network),
    CD.Office: (CD.operator, CD.hostPlace),
    CD.Affiliation: (CD.person, CD.organization),
}
_COUNTS_NONE = {NamedNode(f"{ns.VOCABULARY}measure/{name}") for name in ("rank", "ratio")}
"""The measures whose number does not count what `cd:counts` names."""

Subject = tuple[NamedNode, NamedNode]
"""A graph, and a thing that is described in it."""


def complete(of_work: Sequence[Quad], others: Iterable[Quad]) -> Iterator[Quad]:
    """Yield the quads to add to those of one work; `others` are the quads of everything else that is loaded."""
    if all(quad.predicate != CD.entry for quad in of_work):
        yield from _Completion(of_work, others).quads()


class _Completion:
    def __init__(self, of_work: Sequence[Quad], others: Iterable[Quad]) -> None:
        self._stated: dict[Subject, list[Quad]] = defaultdict(list)
        self._names: dict[NamedNode, str] = {}
        self._registered: dict[NamedNode, set[NamedNode]] = defaultdict(set)
        above: dict[NamedNode, set[NamedNode]] = defaultdict(set)
        for quad in (*others, *of_work):
            if not isinstance(quad.subject, NamedNode) or not isinstance(quad.graph_name, NamedNode):
                continue
            if quad.predicate == SKOS.prefLabel and isinstance(quad.object, Literal) and quad.object.language == "en":
                self._names[quad.subject] = quad.object.value
            elif quad.predicate == RDF.type and quad.graph_name.value in graphs.SHARED:
                self._registered[quad.subject].update(_values([quad], RDF.type))
            elif quad.predicate == RDFS.subClassOf and isinstance(quad.object, NamedNode):
                above[quad.object].add(quad.subject)
        self._statements = {CD.Statement}
        while more := {below for one in self._statements for below in above[one]} - self._statements:
            self._statements |= more
        for quad in of_work:
            self._stated[quad.graph_name, quad.subject].append(quad)  # type: ignore[index]

    def quads(self) -> Iterator[Quad]:
        """Yield what is to be added: first of passages and places, then of what the graphs of passages describe."""
        passages = defaultdict[NamedNode, list[NamedNode]](list)
        for (graph, thing), quads in self._stated.items():
            if graph == graphs.PASSAGES and CD.Passage in _values(quads, RDF.type):
                added = list(self._of_passage(thing, quads))
                yield from added
                for held in _values([*quads, *added], CD.statementGraph):
                    passages[held].append(thing)
            if graph == graphs.GAZETTEER:
                yield from _geometry(thing, quads)
        for (graph, thing), quads in self._stated.items():
            if graphs.is_passage(graph.value) and CD.Passage not in self._registered[thing]:
                yield from self._of_thing(graph, thing, quads, passages[graph])

    def _of_passage(self, passage: NamedNode, quads: Sequence[Quad]) -> Iterator[Quad]:
        work, _, slug = passage.value.removeprefix(ns.PREFIXES["passage"]).partition("/")
        said = {quad.predicate for quad in quads}
        publication = NamedNode(ns.PREFIXES["publication"] + work)
        name = f"{self._names.get(publication, work)}: {next(iter(_texts(quads, CD.locator)), slug)}"
        missing = {
            DCTERMS.isPartOf: publication,
            CD.statementGraph: NamedNode(f"{graphs.work_graph(work)}/{slug}"),
            CD.textAvailability: _PRESENT,
        }
        yield from (
            Quad(passage, predicate, value, graphs.PASSAGES)
            for predicate, value in missing.items()
            if predicate not in said
        )
        if passage not in self._names:
            yield self._named(passage, name, graphs.PASSAGES)

    def _of_thing(
        self, graph: NamedNode, thing: NamedNode, quads: Sequence[Quad], passages: Sequence[NamedNode]
    ) -> Iterator[Quad]:
        """Yield the types, source and name of a thing that the graph of a passage describes."""
        said = {quad.predicate for quad in quads}
        types = set(_values(quads, RDF.type))
        if not types:
            types = {CD.Account} if CD.accountOf in said else self._registered[thing]
            yield from (Quad(thing, RDF.type, one, graph) for one in sorted(types, key=str))
        if len(passages) == 1 and CD.statedIn not in said and types & {*self._statements, CD.Group}:
            yield Quad(thing, CD.statedIn, passages[0], graph)
        if CD.Account in types:
            return
        if thing not in self._names and (name := self._name(quads, types)):
            yield self._named(thing, name, graphs.REGISTER)
        if thing in self._names and not self._registered[thing]:
            yield from (Quad(thing, RDF.type, one, graphs.REGISTER) for one in sorted(types, key=str))
            self._registered[thing] = types

    def _name(self, quads: Sequence[Quad], types: set[NamedNode]) -> str:
        """Return the name that follows from what a statement says, or from the parties of a tie; "" if none does."""
        if types & self._statements:
            if said := _texts(quads, CD.says):
                return said[0]
            number, counted = _texts(quads, CD.printedValue) or _texts(quads, CD.value), _texts(quads, CD.counts)
            if not number or not counted:
                return ""
            is_count = _COUNTS_NONE.isdisjoint(_values(quads, CD.measure))
            return f"{number[0]} {counted[0]}" if is_count else f"{counted[0]}: {number[0]}"
        for kind, (one, other) in _PARTIES.items():
            if kind in types:
                parties = sorted(_values(quads, one), key=str)
                parties = parties if one == other else [*parties, *_values(quads, other)]
                names = [self._names[party] for party in parties if party in self._names]
                return TIE_LABELS[kind].format(*names) if len(parties) == len(names) == 2 else ""
        return ""

    def _named(self, thing: NamedNode, name: str, graph: NamedNode) -> Quad:
        self._names[thing] = name
        return Quad(thing, SKOS.prefLabel, Literal(name, language="en"), graph)


def _geometry(place: NamedNode, quads: Sequence[Quad]) -> Iterator[Quad]:
    """Yield the geometry of a place in the gazetteer that gives only latitude and longitude, with its sources."""
    north, east = _texts(quads, WGS84.lat), _texts(quads, WGS84.long)
    if not north or not east or _values(quads, GEO.hasGeometry):
        return
    try:
        point = Point.parse(north[0], east[0])
    except ValueError:
        return  # the shape of a place tells of it
    positions = (point.statements(place, source) for source in _values(quads, DCTERMS.source))
    added = dict.fromkeys(triple for stated in positions for triple in stated)
    yield from (
        Quad(t.subject, t.predicate, t.object, graphs.GAZETTEER)
        for t in added
        if t.predicate not in (WGS84.lat, WGS84.long)  # which are there
    )


def _values(quads: Iterable[Quad], predicate: NamedNode) -> list[NamedNode]:
    return [quad.object for quad in quads if quad.predicate == predicate and isinstance(quad.object, NamedNode)]


def _texts(quads: Iterable[Quad], predicate: NamedNode) -> list[str]:
    """Return the texts of literals that are in English or in no language."""
    found = (quad.object for quad in quads if quad.predicate == predicate)
    return [one.value for one in found if isinstance(one, Literal) and one.language in (None, "en")]
