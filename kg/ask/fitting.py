"""The canned queries that fit a question: by its words, what it names, and the statements that answer, their rows."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from heapq import nlargest
from itertools import chain
from math import log, sqrt
from typing import NamedTuple

from pyoxigraph import DefaultGraph, NamedNode, QuerySolutions, Store

from kg import resources
from kg.ask.ranking import RankedPassage, rank_named
from kg.ask.taking import LANDS, Taking, Values, is_proper
from kg.ask.texts import Texts
from kg.ask.understanding import PROPER, Understanding
from kg.ask.wordings import Counted, Rows, parts_of, wordings
from kg.queries import CannedQuery, Question, canned_queries, find_query
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match, nodes_of
from kg.rdf.vocabulary import CD
from kg.sparql.evaluation import run

_MOST_PASSAGES, _MOST_STATEMENTS = 5, 14
"""The best passages, and the best of their statements, that a question may be about."""
_MOST_TIMES = 2
"""The times that one canned query is offered, with different values."""
_MOST_ALIKE = 10
"""The canned queries with values that fit questions like it, and so may fit a question."""
_NO_VALUE = ("passage", "source", "finding", "statistic", "definition")
ANYTHING = "what-is-said"
"""The canned query whose rows are statements of every kind."""
_WEIGHTS = (2.951, 0.440, 2.948, -1.533, 14.821, 6.524)
"""The weights of the signs below, in their order."""

_COMMON = 8
"""The number of questions of all sorts that are counted among those of each canned query, which has about ten."""

Candidate = tuple[str, Values]
"""A canned query, by name, with values for its parameters."""
Fit = tuple[str, frozenset[tuple[str, str]]]
"""The same, of which the values have no order."""
_KNOWN = "fitting.csv"


class Signs(NamedTuple):
    """Signs that a canned query with values is what a question asks.

    `words` is the share of the question in the texts of the query, `asked` how much people ask it with such words, and
    `best` the weight of the best of its rows that answers; `leaves` is True if a city or the like that is named is left
    over. `same` is how like the question is one that the query fits with the same values, and `alike` with any.
    """

    words: float
    asked: float
    best: float
    leaves: float
    same: float
    alike: float


def words_to_ask(understood: Understanding) -> list[str]:
    """Return the texts of the terms that say what is asked: all but the names of places, and words that say little."""
    of_places = {part.text for part in understood.named if is_proper(part) or ns.kind_of(part.things[0]) in LANDS}
    idle = {term.text for term in understood.terms if term.is_of_city or term.text.casefold() in wordings().light}
    return [term.text for term in understood.terms if term.text not in of_places | idle]


class Fitting:
    """The canned queries that fit one question."""

    def __init__(
        self, store: Store, texts: Texts, understood: Understanding, ranked: Sequence[RankedPassage], taking: Taking
    ) -> None:
        self._store = store
        self._understood = understood
        self._taking = taking
        self._named = {thing for part in understood.named for thing in part.things}
        self._proper = list({part.things: part for part in understood.named if is_proper(part)}.values())
        words = words_to_ask(understood)
        asked = [term._replace(is_light=False) for term in understood.terms if term.text in words]
        self.by_words = rank_named(texts, asked) if asked else []
        """The names of the queries whose words fit, each with the share of the question in them, best first."""
        self._shares = dict(self.by_words)
        self._asked = _queries_asked_with(understood.text)
        self._alike = questions_that_fit().alike(understood.text)
        self._best: dict[Candidate, float] = {}
        """The weight of the best statement that answers and is a row of each canned query that may fit, if one is."""
        self._add_by_statements(ranked)
        for query in canned_queries().values():
            for values in self._values_named(query):
                self._best.setdefault((query.name, values), 0.0)
        for name, fitting in nlargest(_MOST_ALIKE, self._alike, key=self._alike.__getitem__):
            given = dict(fitting)
            if all(map(self._may_be_meant, given.values())):
                values = tuple((one.name, given[one.name]) for one in find_query(name).parameters if one.name in given)
                self._best.setdefault((name, values), 0.0)

    def best(self, most: int, left_out: Iterable[str]) -> list[Question]:
        """Return the queries that fit best, with their values."""
        found: list[Question] = []
        times = Counter[str](iri.removeprefix(ns.QUERIES) for iri in left_out for _ in range(_MOST_TIMES))
        scores = {one: _sum(signs) for one, signs in self.signs().items()}
        for name, values in sorted(scores, key=lambda one: (-scores[one], one)):
            if len(found) == most:
                break
            if times[name] < _MOST_TIMES and self._has_rows(name, values):
                found.append(Question(find_query(name), dict(values)))
            times[name] += 1
        return found

    def signs(self) -> dict[Candidate, Signs]:
        """Return the signs of all canned queries that may fit, with their values."""
        return {(name, values): self._signs(name, values, best) for (name, values), best in self._best.items()}

    def _has_rows(self, name: str, values: Values) -> bool:
        """Return False if a value is none of those with which a query is offered, or tells what is known.

        If a statement that answers seems to be a row of it, the query itself says whether there is one.
        """
        query = find_query(name)
        told = query.known.values()
        if all(one in told or self._taking.has_rows(query.parameter(one), value) for one, value in values):
            return True
        if not self._best[name, values]:
            return False
        rows = run(self._store, Question(query, dict(values)).first_row().runnable_text())
        return isinstance(rows, QuerySolutions) and next(rows, None) is not None

    def _may_be_meant(self, value: str) -> bool:
        """Return False for a value that is unknown here, and for a city or the like that the question does not name."""
        iri = ns.expand(value)
        if iri is None or (ns.kind_of(iri) in PROPER and iri not in self._named):
            return iri is None
        return any(match(self._store, NamedNode(iri), None, None, DefaultGraph()))

    def _signs(self, name: str, values: Values, best: float) -> Signs:
        iris = {ns.expand(value) or "" for _, value in values}
        taken = sum(not iris.isdisjoint(part.things) for part in self._proper)
        alike = (like for (query, _), like in self._alike.items() if query == name)
        return Signs(
            words=self._shares.get(name, 0.0),
            asked=self._asked[name],
            best=best,
            leaves=taken < len(self._proper),
            same=self._alike.get((name, frozenset(values)), 0.0),
            alike=max(alike, default=0.0),
        )

    def _values_named(self, query: CannedQuery) -> Iterator[Values]:
        """Yield the values of a query by what is named: all that it takes, and none."""
        taken = self._taking.take(query)
        if taken and (taken.values or not query.needs_value):
            yield _without_own_country(query, taken.values)
        required = [one.name for one in query.parameters if one.is_required]
        if not required and not query.needs_value:
            yield ()
            yield from self._narrowed(query, ())

    def _narrowed(self, query: CannedQuery, values: Values) -> Iterator[Values]:
        if taken := self._taking.take(query, values):
            yield _without_own_country(query, taken.values)

    def _add_by_statements(self, ranked: Sequence[RankedPassage]) -> None:
        found = (one for passage in ranked[:_MOST_PASSAGES] for one in passage.statements)
        best = sorted(found, key=lambda one: -one.score)[:_MOST_STATEMENTS]
        for statement in best:
            weight = statement.score / best[0].score
            kind, values = self._values_of(NamedNode(statement.iri))
            for name in (one for one in wordings().rows if one in canned_queries()):
                several = (rows for rows in wordings().rows[name] if kind in rows.kinds)
                for given in (one for rows in several for one in self._offered(find_query(name), rows, values)):
                    for narrowed in self._narrowed(find_query(name), given):
                        self._best[name, narrowed] = max(weight, self._best.get((name, narrowed), 0.0))

    def _offered(self, query: CannedQuery, rows: Rows, values: Mapping[str, list[str]]) -> Iterator[Values]:
        """Yield the values for the one parameter of a query that a statement has, or none where it has no such one."""
        if not rows.parameter:
            yield rows.values
            return
        parameter = query.parameter(rows.parameter)
        for thing in dict.fromkeys(thing for one in rows.properties for thing in values.get(one, ())):
            if ns.kind_of(thing) not in _NO_VALUE and self._taking.fits(parameter, thing):
                yield (*rows.values, (rows.parameter, ns.compact(thing)))

    def _values_of(self, statement: NamedNode) -> tuple[str, dict[str, list[str]]]:
        """Return the kind of a statement, or of the tie that it describes, and what it is of by property."""
        kind, itself = ns.kind_of(statement.value), statement.value
        found = defaultdict[str, list[str]](list)
        for subject in (statement, *nodes_of(self._store, statement, CD.accountOf)):
            if subject != statement:
                kind, itself = ns.kind_of(subject.value), subject.value
            for quad in match(self._store, subject, None, None, DefaultGraph()):
                if isinstance(quad.object, NamedNode):
                    found[quad.predicate.value.rpartition("#")[2].rpartition("/")[2]].append(quad.object.value)
        found["self"].append(itself)
        return kind, found


def _without_own_country(query: CannedQuery, values: Mapping[str, str]) -> Values:
    is_own = query.name in wordings().of_own_country and "thing" in values
    return tuple((name, value) for name, value in values.items() if not (is_own and name == "country"))


def _sum(signs: Signs) -> float:
    return sum(weight * sign for weight, sign in zip(_WEIGHTS, signs, strict=True))


def _queries_asked_with(question: str) -> Mapping[str, float]:
    """Return by name how much the words of a question speak for each canned query, by how people ask it.

    These are log-likelihood ratios, above 0 if a query is asked with such words more than others are. They grow with
    the root of the number of words, since words that are neighbours are not independent.
    """
    return _queries().evidence(parts_of(question))


class _Queries:
    """The canned queries as people ask them."""

    def __init__(self) -> None:
        self._all = Counted()
        self._of = defaultdict[str, Counted](Counted)
        for query in canned_queries().values():
            for says in (query.summary, query.zh, *wordings().questions.get(query.name, ())):
                self._of[query.name].add(parts := parts_of(says))
                self._all.add(parts)

    def evidence(self, parts: Iterable[str]) -> dict[str, float]:
        shares = {part: self._all.parts[part] / self._all.texts for part in parts if self._all.parts[part]}
        return {name: self._evidence(of, shares) / sqrt(max(1, len(shares))) for name, of in self._of.items()}

    @staticmethod
    def _evidence(of: Counted, shares: Mapping[str, float]) -> float:
        having = sum(log(1 + of.parts[part] / (_COMMON * share)) for part, share in shares.items())
        return having + len(shares) * log(_COMMON / (of.texts + _COMMON))


@cache
def _queries() -> _Queries:
    return _Queries()


class QuestionsThatFit:
    """Questions of people, and the canned queries with values of which others said that they fit them."""

    def __init__(self, known: Iterable[tuple[str, Fit]]) -> None:
        self._fits = defaultdict[str, list[Fit]](list)
        for question, fit in known:
            self._fits[question].append(fit)
        self._parts = {question: parts_of(question) for question in self._fits}
        counts = Counter(chain.from_iterable(self._parts.values()))
        self._rarity = {part: log(1 + len(self._parts) / count) ** 2 for part, count in counts.items()}
        self._rarest = log(1 + len(self._parts)) ** 2
        self._sizes = {question: self._weight(parts) for question, parts in self._parts.items()}

    def alike(self, question: str) -> dict[Fit, float]:
        """Return how like a question those are that each query fits: the cosine of the rarities of their parts."""
        asked = parts_of(question)
        size = self._weight(asked)
        found = defaultdict[Fit, float](float)
        for known, parts in self._parts.items():
            if both := self._weight(asked & parts):
                like = both / sqrt(size * self._sizes[known])
                for fit in self._fits[known]:
                    found[fit] = max(found[fit], like)
        return found

    def _weight(self, parts: Iterable[str]) -> float:
        return sum(self._rarity.get(part, self._rarest) for part in parts)


@cache
def known_fits() -> Sequence[tuple[str, Fit]]:
    """Return the rows of `queries/fitting.csv`: a question, and a canned query with values that fits it."""
    with (resources.QUERIES / _KNOWN).open(encoding="utf-8", newline="") as file:
        return [(row["question"], (row["query"], _values(row["parameters"]))) for row in csv.DictReader(file)]


def _values(written: str) -> frozenset[tuple[str, str]]:
    return frozenset((name, value) for name, _, value in (one.partition("=") for one in written.split()))


@cache
def questions_that_fit() -> QuestionsThatFit:
    """Return all questions of which it is known which canned queries fit."""
    return QuestionsThatFit(known_fits())
