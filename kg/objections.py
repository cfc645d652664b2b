"""Objections to ties and statements: disagreements found by the editors, and absences that deny ties.

An objection leads from a statement of a passage or source to a tie or another statement. Which statement objects to
which tie follows by rule (`cd:denies` and the other properties with a `cd:objectionKind`). Sides of a disagreement that
are sentences or figures object to each other. Gaps are left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, groupby, permutations

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolution, Store, Triple

from kg.rdf import namespaces as ns
from kg.rdf.labels import display_names, preferred_literal
from kg.rdf.lookup import Term, match
from kg.rdf.passages import stating_sources
from kg.rdf.snapshots import once_per_snapshot
from kg.rdf.vocabulary import CD
from kg.sparql.evaluation import select

KINDS = ("denies", "counts-otherwise", "changed-since", "in-tension", "more-exact", "spelt-otherwise")
"""The kinds of objections, from the scheme disagreement-kind, the most serious first."""
CONTRADICTING_KINDS = frozenset(KINDS[:2])
"""The kinds that contradict a row, for the column saysOtherwise."""
DENIES, _SPELT = KINDS[0], KINDS[-1]
_PAIR = re.compile(r"([a-z-]+) <([^<>\s]+)>")

_SIDES = """SELECT ?disagreement ?kind ?side ?subject ?predicate ?object ?graph ?is_tie ?is_statement {
  ?disagreement a cd:Disagreement ; cd:disagreementKind ?kind ; cd:onStatement ?side .
  FILTER (?kind != disagreement-kind:gap)
  ?side rdf:subject ?subject ; rdf:predicate ?predicate ; rdf:object ?object ; cd:inGraph ?graph .
  BIND (EXISTS { ?subject a cd:Relation } || EXISTS { ?subject cd:accountOf/rdf:type cd:Relation } AS ?is_tie)
  BIND (EXISTS { ?subject a cd:Statement } && !EXISTS { ?subject a cd:Account }
    || EXISTS { ?subject a cd:Activity } AS ?is_statement)
}
ORDER BY ?disagreement ?kind ?side"""


@dataclass(frozen=True)
class Objection:
    """An objection by a passage or source: its kind, who objects, what it is about, and its words.

    `about` is the IRI of the disagreement that the editors recorded; without one that of the absence or, for an
    absence, that of the tie.
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
    """A statement that takes part in a disagreement, the thing that it is about, and the ties that it names."""

    triple: Triple
    thing: NamedNode
    ties: frozenset[NamedNode]
    is_tie: bool
    is_statement: bool
    sources: frozenset[str]
    text: str

    @property
    def subject(self) -> NamedNode:
        """The subject of the statement."""
        assert isinstance(self.triple.subject, NamedNode)
        return self.triple.subject


@dataclass(frozen=True)
class _RaisedObjection:
    """An objection, its target, and the tie or statement that raises it."""

    against: str | Triple
    by: str
    objection: Objection
    is_of_tie: bool = False
    """True if it is a tie that objects."""


class Objections:
    """The objections to the ties and statements of a snapshot."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._raised: dict[str | Triple, list[_RaisedObjection]] = defaultdict(list)
        self._absences: set[str] = set()
        self._disagreements: dict[tuple[NamedNode, str, NamedNode], set[str]] = defaultdict(set)
        for disagreement, kind, sides in _disagreements(store):
            self._add(_between(disagreement, kind, sides))
            things = {side.thing for side in sides}
            for side in sides:
                for tie in side.ties | things:
                    self._disagreements[side.subject, kind, tie].add(disagreement)
        for statement, kind, tie in _objecting_statements(store):
            self._add(self._to_tie(statement, kind, tie))

    def to(self, things: Iterable[str], triples: Collection[Triple] = ()) -> tuple[Objection, ...]:
        """Return the objections to ties and statements, by IRI, and to single triples; the most serious of each source.

        A statement that is listed beside the one to which it objects, as in a table of disagreements, is left out. If
        an absence is listed beside the tie that it denies, other ties do not object to it: they say nothing about this
        tie.
        """
        named: set[str | Triple] = {*things, *triples}
        found: dict[str, Objection] = {}
        for raised in chain.from_iterable(self._against(one, named) for one in named):
            if raised.by not in named or raised.by == raised.against:
                known = found.get(raised.objection.passage, raised.objection)
                found[raised.objection.passage] = min(known, raised.objection, key=_severity_key)
        return tuple(sorted(found.values(), key=_severity_key))

    def by_thing(self) -> dict[str, tuple[Objection, ...]]:
        """Return the objections to each tie and statement that has any, by its IRI."""
        return {thing: self.to([thing]) for thing in self._raised if isinstance(thing, str)}

    def _against(self, one: str | Triple, beside: Collection[str | Triple]) -> list[_RaisedObjection]:
        """Return the objections to one target; to an absence listed beside its tie, none that other ties raise."""
        raised = self._raised.get(one, [])
        if one in self._absences and any(each.is_of_tie and each.by in beside for each in raised):
            return [each for each in raised if not each.is_of_tie]
        return raised

    def _add(self, found: Iterable[_RaisedObjection]) -> None:
        for raised in found:
            self._raised[raised.against].append(raised)

    def _to_tie(self, statement: NamedNode, kind: str, tie: NamedNode) -> Iterator[_RaisedObjection]:
        """Yield the objections of a statement to a tie.

        If the statement is an absence, those of the sources of the tie to it follow.
        """
        thing = _of_account(self._store, statement)
        sides = [(side, one) for side in {statement, thing} for one in self._disagreements.get((side, kind, tie), ())]
        for side, disagreement in sides or [(statement, "")]:
            words = _words(self._store, side)
            for source in _nodes(self._store, statement, CD.statedIn):
                objection = Objection(kind, source.value, disagreement or statement.value, words)
                yield _RaisedObjection(tie.value, thing.value, objection)
            if Quad(statement, CD.rulesOut, tie, DefaultGraph()) in self._store:
                self._absences.add(statement.value)
                yield from self._stating(tie, kind, statement.value, disagreement or tie.value)

    def _stating(self, tie: NamedNode, kind: str, absence: str, about: str) -> Iterator[_RaisedObjection]:
        accounts = [quad.subject for quad in match(self._store, None, CD.accountOf, tie, DefaultGraph())]
        called_tie = display_names(self._store, [tie.value])[tie.value]
        for source in {source.value for account in accounts for source in _nodes(self._store, account, CD.statedIn)}:
            yield _RaisedObjection(absence, tie.value, Objection(kind, source, about, called_tie), is_of_tie=True)


@once_per_snapshot
def objections_of(snapshot: Store) -> Objections:
    """Return the objections of a store that never changes."""
    return Objections(snapshot)


def as_literal(objections: Iterable[Objection]) -> str:
    """Return objections as a table has them: pairs of kind and IRI, sorted, separated by spaces."""
    return " ".join(sorted(f"{one.kind} <{one.passage}>" for one in objections))


def parse_objections(text: str) -> tuple[tuple[str, str], ...]:
    """Return the kinds and IRIs in a literal written by `as_literal`; an empty tuple for any other text."""
    pairs = tuple(_PAIR.findall(text))
    is_one = " ".join(f"{kind} <{iri}>" for kind, iri in pairs) == text
    return pairs if is_one and all(kind in KINDS and _is_iri(iri) for kind, iri in pairs) else ()


def shorten(text: str, between: str = " ") -> str:
    """Return such a literal with prefixed names and `between` as separator; any other text unchanged."""
    return between.join(f"{kind} {ns.compact(iri)}" for kind, iri in parse_objections(text)) or text


def _is_iri(text: str) -> bool:
    """Return True if the engine accepts a text as an absolute IRI."""
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


def _name(kind: Term) -> str:
    return kind.value.removeprefix(f"{ns.VOCABULARY}disagreement-kind/") if isinstance(kind, NamedNode) else ""


def _objecting_statements(store: Store) -> Iterator[tuple[NamedNode, str, NamedNode]]:
    """Yield which statements object to which ties, and how."""
    for term in match(store, None, CD.objectionKind, None, DefaultGraph()):
        for quad in match(store, None, term.subject, None, DefaultGraph()):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
                yield quad.subject, _name(term.object), quad.object


def _severity_key(objection: Objection) -> tuple[int, str, str]:
    return KINDS.index(objection.kind), objection.passage, objection.about


def _between(disagreement: str, kind: str, sides: list[_Side]) -> Iterator[_RaisedObjection]:
    """Yield the objections between the sentences and figures among the sides of a disagreement.

    Where several sources take part none of them objects to itself; where one disagrees with itself, it does.
    """
    several = len(frozenset[str]().union(*(side.sources for side in sides))) > 1
    for by, other in permutations(sides, 2):
        if other.is_tie or other.triple == by.triple or (several and by.sources & other.sources):
            continue
        is_about_words = kind == _SPELT
        if is_about_words and not isinstance(other.triple.object, Literal):
            continue
        against = other.triple if is_about_words or not other.is_statement else other.thing.value
        for source in by.sources:
            yield _RaisedObjection(
                against, by.thing.value, Objection(kind, source, disagreement, by.text), is_of_tie=by.is_tie
            )


def _disagreements(store: Store) -> Iterator[tuple[str, str, list[_Side]]]:
    """Yield the disagreements with kinds and sides, without gaps and kinds that are not known."""
    rows = [row for row in select(store, _SIDES) if _name(row["kind"]) in KINDS]
    for (disagreement, kind), of in groupby(rows, lambda row: (row["disagreement"].value, _name(row["kind"]))):
        yield disagreement, kind, [_side(store, row) for row in of]


def _side(store: Store, row: QuerySolution) -> _Side:
    return _Side(
        triple=Triple(row["subject"], row["predicate"], row["object"]),
        thing=_of_account(store, row["subject"]),
        ties=frozenset(_nodes(store, row["side"], CD.objectsTo)),
        is_tie=row["is_tie"].value == "true",
        is_statement=row["is_statement"].value == "true",
        sources=stating_sources(store, row["graph"], row["subject"]),
        text=_words(store, row["subject"]),
    )


def _of_account(store: Store, subject: NamedNode) -> NamedNode:
    return next(iter(_nodes(store, subject, CD.accountOf)), subject)


def _nodes(store: Store, subject: Term, predicate: NamedNode) -> list[NamedNode]:
    found = match(store, subject, predicate, None, DefaultGraph()) if isinstance(subject, NamedNode) else ()
    return [quad.object for quad in found if isinstance(quad.object, NamedNode)]


def _words(store: Store, subject: NamedNode) -> str:
    """Return the words of a statement, in English: its sentence, its note, its figure, or the name of its subject."""
    for predicate in (CD.says, CD.note):
        if text := preferred_literal(_values(store, subject, predicate)):
            return text.value
    counted, printed, value = (
        preferred_literal(_values(store, subject, of)) for of in (CD.counts, CD.printedValue, CD.value)
    )
    if counted and (number := printed or value):
        return f"{counted.value}: {number.value}"
    return display_names(store, [subject.value])[subject.value]


def _values(store: Store, subject: NamedNode, predicate: NamedNode) -> list[Term]:
    return [quad.object for quad in match(store, subject, predicate, None, DefaultGraph())]
