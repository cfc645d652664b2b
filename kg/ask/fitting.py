"""The canned queries that fit a question: by their wordings, and by the statements of the best passages, their rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import log
from typing import NamedTuple

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.ask.ranking import RankedPassage, rank_named
from kg.ask.texts import Texts
from kg.ask.understanding import PROPER, NamedPart, Understanding
from kg.ask.wordings import wordings
from kg.queries import CannedQuery, Parameter, Question, canned_queries, find_query
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD, RDF

_Values = tuple[tuple[str, str], ...]

LANDS = ("country", "nation")
_MOST_PASSAGES, _MOST_STATEMENTS = 4, 8
"""The best passages, and the best of their statements, that a question may be about."""
_LATER = 0.8
"""The weight of a statement beside that of the one before it."""
_TEXT = 1.5
"""The weight of the words of a canned query beside the statements that are its rows."""
_LOWER = 0.3
"""The loss of a canned query for each one whose words fit better."""
_USED, _UNUSED = 0.3, 0.3
"""The gain of a canned query that takes a thing of its own that the question names, and the loss if it leaves one."""
_NAMED = 0.3
"""The gain of a value that the question names."""
_RARE = 0.2
"""The loss of a value for how much is said of it: what is said of China hardly answers."""
ANYTHING = "what-is-said"
"""The canned query whose rows are statements of every kind."""
_ANYTHING = 0.3
"""Its weight beside the others."""
_MOST_ALIKE = 2
"""The times that one canned query is offered, with different values."""
_NARROWING = ("country", "kind", "since")
"""Parameters that narrow a canned query, and are taken beside the value that a statement has."""
_NO_VALUE = ("passage", "source", "finding", "statistic")


class TakenValues(NamedTuple):
    """The values that a canned query takes of the things that a question names, and the parts that are left over."""

    values: dict[str, str]
    left: list[NamedPart]


def is_proper(part: NamedPart) -> bool:
    """Return True if a part names a thing of its own, such as a city."""
    return ns.kind_of(part.things[0]) in PROPER


def take_values(
    store: Store, query: CannedQuery, understood: Understanding, given: _Values | None = None
) -> TakenValues | None:
    """Return values for the parameters of a query by what a question names; None if one that it needs is missing.

    With some values `given`, these are narrowed alone.
    """
    values = dict(given or ())
    known = {ns.expand(value) for value in values.values()}
    named = (one for one in understood.named if ns.kind_of(one.things[0]) != "publication")
    left = [one for one in named if known.isdisjoint(one.things)]
    for parameter in query.parameters:
        if parameter.name in values or (given is not None and parameter.name not in _NARROWING):
            continue
        if parameter.type == "integer" and parameter.name == "since" and understood.year:
            values[parameter.name] = understood.year
        elif (fitting := _fitting(store, parameter, left)) is not None:
            part, value = fitting
            left.remove(part)
            values[parameter.name] = value
        elif parameter.is_required:
            return None
    return TakenValues(values, left)


def _fitting(store: Store, parameter: Parameter, named: Iterable[NamedPart]) -> tuple[NamedPart, str] | None:
    for part in sorted(named, key=lambda one: not is_proper(one)):
        for thing in part.things:
            if _fits(store, parameter, thing):
                return part, ns.compact(thing)
    return None


def _fits(store: Store, parameter: Parameter, thing: str) -> bool:
    """Return True if a thing is one that a parameter takes."""
    if parameter.type not in ("iri", "choice"):
        return False
    if isinstance(parameter.choices, tuple):
        return ns.compact(thing) in parameter.choices
    if parameter.choices is not None:
        return thing.startswith(f"{ns.VOCABULARY}{parameter.choices}/")
    if parameter.of_class is None:
        return thing.startswith(ns.ID)
    of_class = NamedNode(ns.expand(parameter.of_class) or "")
    return any(match(store, NamedNode(thing), RDF.type, of_class, DefaultGraph()))


def words_to_ask(understood: Understanding) -> list[str]:
    """Return the texts of the terms that say what is asked: all but the names of places, and words that say little."""
    of_places = {part.text for part in understood.named if is_proper(part) or ns.kind_of(part.things[0]) in LANDS}
    idle = {term.text for term in understood.terms if term.is_of_city or term.text.casefold() in wordings().light}
    return [term.text for term in understood.terms if term.text not in of_places | idle]


class Fitting:
    """The canned queries that fit one question."""

    def __init__(self, store: Store, texts: Texts, understood: Understanding, ranked: Sequence[RankedPassage]) -> None:
        self._store = store
        self._texts = texts
        self._understood = understood
        self._scores: dict[tuple[str, _Values], float] = defaultdict(float)
        words = words_to_ask(understood)
        asked = [term._replace(is_light=False) for term in understood.terms if term.text in words]
        known = wordings().questions
        self.by_words = [one for one in (rank_named(texts, asked) if asked else []) if one[0] in known]
        """The names of the queries whose words fit, each with the share of the question in them, best first."""
        self._add_by_statements(ranked)
        self._add_by_words()

    def best(self, most: int, left_out: Iterable[str]) -> list[Question]:
        """Return the queries that fit best, with their values."""
        found: list[Question] = []
        times = Counter[str](iri.removeprefix(ns.QUERIES) for iri in left_out for _ in range(_MOST_ALIKE))
        for name, values in sorted(self._scores, key=lambda one: (-self._scores[one], one)):
            if times[name] < _MOST_ALIKE and len(found) < most:
                found.append(Question(find_query(name), dict(values)))
            times[name] += 1
        return found

    def _add_by_words(self) -> None:
        for place, (name, share) in enumerate(self.by_words):
            taken = take_values(self._store, find_query(name), self._understood)
            own: _Values | None = tuple(taken.values.items()) if taken else None
            score = _TEXT * share / (1 + _LOWER * place)
            for other in [one for one in self._scores if one[0] == name and one[1] != own]:
                self._scores[other] += score / 2
            if taken and own is not None:
                left = sum(map(is_proper, taken.left))
                is_used = left < sum(map(is_proper, self._understood.named))
                self._scores[name, own] += score + _USED * share * is_used - _UNUSED * (left > 0)

    def _add_by_statements(self, ranked: Sequence[RankedPassage]) -> None:
        found = (one for passage in ranked[:_MOST_PASSAGES] for one in passage.statements)
        best = sorted(found, key=lambda one: -one.score)[:_MOST_STATEMENTS]
        named = {thing for part in self._understood.named for thing in part.things}
        for place, statement in enumerate(best):
            weight = statement.score / best[0].score * _LATER**place
            kind, values = self._values_of(NamedNode(statement.iri))
            for name, rows in wordings().rows.items():
                if kind in rows.kinds and name in canned_queries():
                    times = _ANYTHING if name == ANYTHING else 1.0
                    for value in self._offered(find_query(name), rows.parameter, rows.properties, values):
                        gain = self._gain(value[0][1], named) if value else 1.0
                        taken = take_values(self._store, find_query(name), self._understood, value)
                        narrowed = tuple(taken.values.items()) if taken else value
                        self._scores[name, narrowed] += weight * times * gain

    def _gain(self, value: str, named: Iterable[str]) -> float:
        iri = ns.expand(value) or ""
        said = self._texts.count_sources(iri)
        return (1 + _NAMED * (iri in named)) / (1 + _RARE * log(1 + said)) / (1 + (ns.kind_of(iri) in LANDS))

    def _offered(
        self, query: CannedQuery, name: str, properties: Iterable[str], values: dict[str, list[str]]
    ) -> Iterator[_Values]:
        """Yield the values for the one parameter of a query that a statement has, or none where it has no such one."""
        if not name:
            yield ()
            return
        parameter = query.parameter(name)
        for thing in dict.fromkeys(thing for one in properties for thing in values[one]):
            if ns.kind_of(thing) not in _NO_VALUE and _fits(self._store, parameter, thing):
                yield ((name, ns.compact(thing)),)

    def _values_of(self, statement: NamedNode) -> tuple[str, dict[str, list[str]]]:
        """Return the kind of a statement, or of the tie that it describes, and what it is of by property."""
        kind, itself = ns.kind_of(statement.value), statement.value
        found = defaultdict[str, list[str]](list)
        for subject in (statement, *self._described(statement)):
            if subject != statement:
                kind, itself = ns.kind_of(subject.value), subject.value
            for quad in match(self._store, subject, None, None, DefaultGraph()):
                if isinstance(quad.object, NamedNode):
                    found[quad.predicate.value.rpartition("#")[2].rpartition("/")[2]].append(quad.object.value)
        found["self"].append(itself)
        return kind, found

    def _described(self, statement: NamedNode) -> Iterator[NamedNode]:
        for quad in match(self._store, statement, CD.accountOf, None, DefaultGraph()):
            if isinstance(quad.object, NamedNode):
                yield quad.object
