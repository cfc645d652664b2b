"""Who says otherwise: the disagreements and the absences that speak against what a row rests on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import chain

from pyoxigraph import NamedNode, QuerySolution, Store, Triple

from kg.denials import denials_of
from kg.evidence.triples import Carriers
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD
from kg.sparql.evaluation import select

_SIDES = """SELECT ?disagreement ?kind ?subject ?predicate ?object ?graph ?thing {
  ?disagreement a cd:Disagreement ; cd:disagreementKind ?kind ; cd:between ?side .
  FILTER (?kind != disagreement-kind:gap)
  ?side rdf:subject ?subject ; rdf:predicate ?predicate ; rdf:object ?object ; cd:inGraph ?graph .
  OPTIONAL {
    { ?subject a cd:Relation BIND(?subject AS ?thing) } UNION { ?subject a cd:Statement BIND(?subject AS ?thing) }
    UNION { ?subject a cd:Activity BIND(?subject AS ?thing) } UNION { ?subject cd:accountOf ?thing }
  }
}"""

_ITSELF = "disagreement-kind:denies"
"""The kind that also counts where nobody but those who say a thing says otherwise."""
_BY_WORD = "disagreement-kind:spelt-otherwise"
"""The kind that is about words and says nothing of other statements about the thing."""


@dataclass(frozen=True)
class Objection:
    """What speaks against a row: `kind` is disagreement, absence, or, where the row is an absence, tie.

    `about` is its IRI; `sources` are those who say so.
    """

    kind: str
    about: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class _Side:
    """A statement that takes part in a disagreement: the things that it is about, and who states it."""

    triple: Triple
    things: frozenset[str]
    sources: frozenset[str]


class Objections:
    """The disagreements and absences of a snapshot, by the things that they are about."""

    def __init__(self, store: Store, carriers: Carriers) -> None:
        self._carriers = carriers
        self._kinds: dict[str, str] = {}
        self._sides: dict[str, list[_Side]] = defaultdict(list)
        self._by_key: dict[object, set[str]] = defaultdict(set)
        for row, things in _by_side(select(store, _SIDES)):
            self._enter(row, things)
        self._denied: dict[str, dict[tuple[str, str], set[str]]] = defaultdict(lambda: defaultdict(set))
        for denial in chain.from_iterable(denials_of(store).values()):
            self._denied[denial.tie]["absence", denial.absence].add(denial.denied_in)
            self._denied[denial.absence]["tie", denial.tie].add(denial.stated_in)

    def _enter(self, row: QuerySolution, things: frozenset[str]) -> None:
        graph, disagreement, kind = row["graph"], _iri(row["disagreement"]), ns.compact(_iri(row["kind"]))
        triple = Triple(row["subject"], row["predicate"], row["object"])
        assert isinstance(graph, NamedNode)
        side = _Side(triple, frozenset() if kind == _BY_WORD else things, self._carriers.of_graph(graph, triple))
        self._kinds[disagreement] = kind
        self._sides[disagreement].append(side)
        for key in (side.triple, *side.things):
            self._by_key[key].add(disagreement)

    def to(self, triples: Iterable[Triple]) -> Iterator[Objection]:
        """Yield what speaks against triples: the disagreements that they take part in, and what absences deny."""
        about: dict[object, set[Triple]] = defaultdict(set)
        for triple in triples:
            for key in (triple, *_things(triple)):
                about[key].add(triple)
        for disagreement in sorted({one for key in about for one in self._by_key.get(key, ())}):
            if sources := self._against(disagreement, about):
                yield Objection("disagreement", disagreement, self._carriers.in_order(sources))
        things = {key for key in about if isinstance(key, str)}
        for thing in sorted(things & self._denied.keys()):
            for (kind, other), sources in sorted(self._denied[thing].items()):
                if other not in things:
                    yield Objection(kind, other, self._carriers.in_order(sources))

    def _against(self, disagreement: str, about: Mapping[object, set[Triple]]) -> Set[str]:
        """Return who says otherwise in a disagreement: those of its sides that the triples do not stand on.

        Where they stand on all of them, passages disagree on one thing, or the triples are themselves the disagreement,
        against which nobody speaks. Who says the same of the thing as well is not among those who say otherwise.
        """
        sides = self._sides[disagreement]
        mine = [side for side in sides if any(key in about for key in (side.triple, *side.things))]
        if len(mine) == len(sides):
            if not frozenset.intersection(*(side.things for side in sides)):
                return frozenset()
            mine = [side for side in sides if side.triple in about]
        said = [one for side in mine for key in (side.triple, *side.things) for one in about.get(key, ())]
        same = {source for triple in said for source in self._carriers.basis(triple).sources}
        others = {source for side in sides if side not in mine for source in side.sources}
        return others - same or (others if self._kinds[disagreement] == _ITSELF else frozenset())


def _by_side(rows: Iterable[QuerySolution]) -> Iterator[tuple[QuerySolution, frozenset[str]]]:
    """Yield each side once, with all things that it is about."""
    sides: dict[tuple[object, ...], tuple[QuerySolution, set[str]]] = {}
    for row in rows:
        key = tuple(row[name] for name in ("disagreement", "subject", "predicate", "object", "graph"))
        things = sides.setdefault(key, (row, set()))[1]
        if isinstance(row["thing"], NamedNode):
            things.add(row["thing"].value)
    for row, things in sides.values():
        yield row, frozenset(things)


def _things(triple: Triple) -> Iterator[str]:
    """Yield what a triple is about: its subject, and of an account the thing that it is of."""
    if isinstance(triple.subject, NamedNode):
        yield triple.subject.value
    if triple.predicate == CD.accountOf and isinstance(triple.object, NamedNode):
        yield triple.object.value


def _iri(term: object) -> str:
    assert isinstance(term, NamedNode)
    return term.value
