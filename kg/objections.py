"""Who objects to what is stated, and how: disagreements that the editors found, and absences beside ties.

An objection goes from what a passage or source states to what is objected to, a tie or a statement. To a tie objects an
absence that it falls under (kg.denials), and a side of a disagreement that names it (`cd:objectsTo`), never what is
said in general. Sides that are sentences or figures object to each other. Gaps are left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store, Triple

from kg.denials import Denial, denials_of
from kg.rdf import namespaces as ns
from kg.rdf.labels import called, english, preferred
from kg.rdf.lookup import Term, match
from kg.rdf.passages import passages_of, sources_named
from kg.rdf.snapshots import of_snapshot
from kg.rdf.vocabulary import CD
from kg.sparql.evaluation import select

KINDS = ("denies", "counts-otherwise", "changed-since", "in-tension", "more-exact", "spelt-otherwise")
"""The kinds of objections, those of the scheme disagreement-kind, the gravest first."""
OTHERWISE = frozenset(KINDS[:2])
"""The kinds that say otherwise than a row, for the column of that name."""
DENIES, _SPELT = KINDS[0], KINDS[-1]
_PAIR = re.compile(r"([a-z-]+) <([^<>\s]+)>")

_SIDES = """SELECT ?disagreement ?kind ?side ?subject ?predicate ?object ?graph ?tie ?is_tie ?is_statement {
  ?disagreement a cd:Disagreement ; cd:disagreementKind ?kind ; cd:between ?side .
  FILTER (?kind != disagreement-kind:gap)
  ?side rdf:subject ?subject ; rdf:predicate ?predicate ; rdf:object ?object ; cd:inGraph ?graph .
  OPTIONAL { ?side cd:objectsTo ?tie }
  BIND (EXISTS { ?subject a cd:Relation } || EXISTS { ?subject cd:accountOf/rdf:type cd:Relation } AS ?is_tie)
  BIND (EXISTS { ?subject a cd:Statement } && !EXISTS { ?subject a cd:Account }
    || EXISTS { ?subject a cd:Activity } AS ?is_statement)
}
ORDER BY ?disagreement ?side ?tie"""


@dataclass(frozen=True)
class Objection:
    """That a passage or source objects, in which way and in which words; all IRIs.

    `about` is the disagreement that the editors made of it; without one the absence, or of an absence the tie.
    """

    kind: str
    passage: str
    about: str
    text: str

    def as_json(self) -> dict[str, str]:
        """Return it as JSON can hold it."""
        return {"kind": self.kind, "passage": self.passage, "text": self.text}


@dataclass(frozen=True)
class _Side:
    """A statement that takes part in a disagreement: the thing that it is about, who states it, to which ties."""

    triple: Triple
    thing: str
    is_tie: bool
    is_statement: bool
    sources: frozenset[str]
    ties: frozenset[str]
    text: str


@dataclass(frozen=True)
class _Raised:
    """An objection, what it is raised against, and the thing that raises it: a tie or a statement."""

    against: str | Triple
    by: str
    objection: Objection
    is_of_tie: bool = False
    """Whether it is a tie that objects."""


class Objections:
    """The objections to the ties and statements of a snapshot."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._raised: dict[str | Triple, list[_Raised]] = defaultdict(list)
        kinds: dict[tuple[str, str], tuple[str, str]] = {}
        for disagreement, kind, sides in _disagreements(store):
            for pair in ((one.thing, two.thing) for one in sides for two in sides):
                kinds[pair] = min(kinds.get(pair, (kind, disagreement)), (kind, disagreement), key=_rank)
            self._enter(_between(disagreement, kind, sides))
        denials = list(chain.from_iterable(denials_of(store).values()))
        self._absences = {denial.absence for denial in denials}
        for denial in denials:
            self._enter(self._denied(denial, *kinds.get((denial.absence, denial.tie), (DENIES, ""))))

    def to(self, things: Iterable[str], triples: Collection[Triple] = ()) -> tuple[Objection, ...]:
        """Return the objections to ties and statements, by their IRIs, and to single triples; of a source the gravest.

        What stands beside that to which it objects, as in a table of disagreements, is none. Beside a tie that an
        absence denies, other ties do not object to the absence: they say nothing of this one.
        """
        named: set[str | Triple] = {*things, *triples}
        found: dict[str, Objection] = {}
        for raised in chain.from_iterable(self._against(one, named) for one in named):
            if raised.by not in named or raised.by == raised.against:
                known = found.get(raised.objection.passage, raised.objection)
                found[raised.objection.passage] = min(known, raised.objection, key=_graveness)
        return tuple(sorted(found.values(), key=_graveness))

    def of_all(self) -> dict[str, tuple[Objection, ...]]:
        """Return the objections to each tie and statement that has any, by its IRI."""
        return {thing: self.to([thing]) for thing in self._raised if isinstance(thing, str)}

    def _against(self, one: str | Triple, beside: Collection[str | Triple]) -> list[_Raised]:
        """Return what is raised against something; against an absence beside a tie not what other ties raise."""
        raised = self._raised.get(one, [])
        if one in self._absences and any(each.is_of_tie and each.by in beside for each in raised):
            return [each for each in raised if not each.is_of_tie]
        return raised

    def _enter(self, found: Iterable[_Raised]) -> None:
        for raised in found:
            self._raised[raised.against].append(raised)

    def _denied(self, denial: Denial, kind: str, disagreement: str) -> Iterator[_Raised]:
        """Yield that an absence objects to a tie, and who states this to the absence."""
        said = _words(self._store, NamedNode(denial.absence))
        by_absence = Objection(kind, denial.denied_in, disagreement or denial.absence, said)
        yield _Raised(denial.tie, denial.absence, by_absence)
        stated = called(self._store, [denial.tie])[denial.tie]
        by_tie = Objection(kind, denial.stated_in, disagreement or denial.tie, stated)
        yield _Raised(denial.absence, denial.tie, by_tie, is_of_tie=True)


@of_snapshot
def objections_of(snapshot: Store) -> Objections:
    """Return the objections of a store that never changes."""
    return Objections(snapshot)


def as_literal(objections: Iterable[Objection]) -> str:
    """Return objections as a table has them: pairs of a kind and an IRI, sorted, with a space between."""
    return " ".join(sorted(f"{one.kind} <{one.passage}>" for one in objections))


def pairs_of(text: str) -> tuple[tuple[str, str], ...]:
    """Return the kinds and IRIs of a literal that `as_literal` has made; none for any other text."""
    pairs = tuple(_PAIR.findall(text))
    is_one = " ".join(f"{kind} <{iri}>" for kind, iri in pairs) == text
    return pairs if is_one and all(kind in KINDS and _is_iri(iri) for kind, iri in pairs) else ()


def in_short(text: str, between: str = " ") -> str:
    """Return such a literal with prefixed names, and what is to stand between the pairs; any other text as it is."""
    return between.join(f"{kind} {ns.compact(iri)}" for kind, iri in pairs_of(text)) or text


def _is_iri(text: str) -> bool:
    """Tell whether the engine takes a text for an absolute IRI."""
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


def _rank(judged: tuple[str, str]) -> tuple[int, str]:
    return KINDS.index(judged[0]), judged[1]


def _graveness(objection: Objection) -> tuple[int, str, str]:
    return KINDS.index(objection.kind), objection.passage, objection.about


def _between(disagreement: str, kind: str, sides: list[_Side]) -> Iterator[_Raised]:
    """Yield what the sides of a disagreement object to: the ties that they name, and sentences and figures each other.

    Where several sources take part none of them objects to itself; where one disagrees with itself, it does.
    """
    several = len(frozenset[str]().union(*(side.sources for side in sides))) > 1
    for by in sides:
        others = [one for one in sides if one is not by and not one.is_tie and one.triple != by.triple]
        keys: set[str | Triple] = {*by.ties}
        for other in others:
            if not several or not by.sources & other.sources:
                keys |= {other.triple} if kind == _SPELT or not other.is_statement else {other.thing}
        if kind == _SPELT:  # it is about words, and says nothing of ties
            keys = {key for key in keys if isinstance(key, Triple) and isinstance(key.object, Literal)}
        for key in keys:
            for source in by.sources:
                yield _Raised(key, by.thing, Objection(kind, source, disagreement, by.text), is_of_tie=by.is_tie)


def _disagreements(store: Store) -> Iterator[tuple[str, str, list[_Side]]]:
    """Yield the disagreements with kinds and sides, without gaps and kinds that are not known."""
    found: dict[tuple[str, str], dict[str, _Side]] = {}
    for row in select(store, _SIDES):
        kind = row["kind"].value.removeprefix(f"{ns.VOCABULARY}disagreement-kind/")
        if kind not in KINDS:
            continue
        sides = found.setdefault((row["disagreement"].value, kind), {})
        known = sides.get(row["side"].value)
        if known is None:
            triple = Triple(row["subject"], row["predicate"], row["object"])
            is_tie, is_statement = (row[name].value == "true" for name in ("is_tie", "is_statement"))
            title = english(store, row["disagreement"]) or ""
            thing = _of_account(store, row["subject"])
            known = _Side(
                triple,
                thing.value,
                is_tie,
                is_statement,
                _sources(store, row["graph"], row["subject"]),
                frozenset(),
                _words(store, row["subject"]) or title,
            )
        ties = known.ties | ({row["tie"].value} if row["tie"] is not None else frozenset())
        sides[row["side"].value] = replace(known, ties=ties)
    for (disagreement, kind), of in found.items():
        yield disagreement, kind, list(of.values())


def _of_account(store: Store, subject: NamedNode) -> NamedNode:
    things = (quad.object for quad in match(store, subject, CD.accountOf, None, DefaultGraph()))
    return next((thing for thing in things if isinstance(thing, NamedNode)), subject)


def _sources(store: Store, graph: NamedNode, subject: NamedNode) -> frozenset[str]:
    """Return who states something of a subject in a graph: the one passage that has it, else those named there."""
    if passage := passages_of(store, [graph.value]).get(graph.value):
        return frozenset([passage])
    accounts = (quad.subject for quad in match(store, None, CD.accountOf, subject, graph))
    things = [one for one in (subject, *accounts) if isinstance(one, NamedNode)]
    named = frozenset[str]().union(*(sources_named(store, graph, thing) for thing in things))
    return named or frozenset([graph.value])


def _words(store: Store, subject: NamedNode) -> str:
    """Return what a statement says, in English: its sentence, its note, its figure, or what it is of."""
    for predicate in (CD.says, CD.note):
        if said := preferred(_values(store, subject, predicate)):
            return said.value
    counted, printed, value = (preferred(_values(store, subject, of)) for of in (CD.counts, CD.printedValue, CD.value))
    if counted and (number := printed or value):
        return f"{counted.value}: {number.value}"
    return called(store, [subject.value])[subject.value]


def _values(store: Store, subject: NamedNode, predicate: NamedNode) -> list[Term]:
    return [quad.object for quad in match(store, subject, predicate, None, DefaultGraph())]
