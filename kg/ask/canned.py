"""The canned queries that fit a question, asked: the statements on what their rows name, or what is known if none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Literal as OneOf
from typing import NamedTuple

from pyoxigraph import DefaultGraph, NamedNode, QuerySolutions, Store

from kg.ask.fitting import ANYTHING
from kg.ask.taking import LANDS, Taking, is_proper
from kg.ask.telling import Telling
from kg.ask.texts import Stated, Texts, about, phrase
from kg.ask.understanding import Understanding
from kg.ask.wordings import wordings
from kg.publish.work_names import work_names
from kg.queries import Question, find_query
from kg.rdf import namespaces as ns
from kg.rdf.kinds import RELATIONS, STATEMENTS
from kg.rdf.lookup import match, nodes_of
from kg.rdf.scopes import REPORT
from kg.rdf.vocabulary import CD
from kg.sparql.evaluation import run, select

Status = OneOf["answered", "denied", "complete", "not-said", "not-found"]

_MOST_QUESTIONS = 2
_MOST_ROWS = 200
_LEAST_FIT = 0.5
"""The least share of a question that a canned query must have in its title or description."""
_STATING = STATEMENTS - {"activity"}
"""Kinds that answer where a row names one, and not whatever else it names."""
_DEFINITIONS = "definitions-of-terms"
DISAGREEMENTS = "disagreements"
_DENIES, _GAP = (NamedNode(f"{ns.VOCABULARY}disagreement-kind/{kind}") for kind in ("denies", "gap"))


class Outcome(NamedTuple):
    """The statements that a canned query has for an answer, its number of rows, and what these make of the question.

    `silent` are the names of works that do not say it, whose ties of the kind in question the graph holds in full;
    `more` is the number of statements that belong to a list with these.
    """

    question: Question
    statements: Sequence[Stated]
    rows: int = 0
    status: Status = "answered"
    silent: Sequence[str] = ()
    more: int = 0


class Canned:
    """The canned queries that fit one question, asked."""

    def __init__(
        self,
        store: Store,
        texts: Texts,
        understood: Understanding,
        taking: Taking,
        telling: Telling,
    ) -> None:
        self._store = store
        self._texts = texts
        self._understood = understood
        self._named = understood.named
        self._taking = taking
        self._telling = telling

    def definitions(self) -> Iterator[Outcome]:
        """Yield how passages define a term, if the question names one and nothing else."""
        if self._understood.is_of_one_thing:
            for thing in self._named[0].things:
                if thing.startswith(f"{ns.VOCABULARY}key-term/"):
                    yield self._ask(Question(find_query(_DEFINITIONS), {"thing": ns.compact(thing)}), None)

    def disagreements(self) -> Iterator[Outcome]:
        """Yield where texts disagree on what is named, or on anything, if nothing else is asked; denials come first."""
        taken = self._taking.take(query := find_query(DISAGREEMENTS)) if self._understood.is_of_disagreement else None
        if taken and not taken.left:
            question = Question(query, taken.values)
            rows = [*select(self._store, question.runnable_text())]
            rows.sort(key=lambda row: (row["kind"] == _GAP, row["kind"] != _DENIES))
            found = [NamedNode(row["disagreement"].value) for row in rows]
            stated = [Stated(one.value, by.value) for one in found for by in nodes_of(self._store, one, CD.onPassage)]
            if stated:
                yield Outcome(question, stated, len(rows))

    def fitting(self, by_words: Sequence[tuple[str, float]], left_out: Collection[str]) -> Iterator[Outcome]:
        """Yield the canned queries whose words fit, up to one with statements on what its rows name.

        They take all things of their own that are named, such as cities, as values, but for the other party of a tie; a
        question that names none, or fits what is said of anything, has a passage for its answer. A name alone asks what
        is said of the thing. Those with the IRIs `left_out` are not asked.
        """
        if not any(map(is_proper, self._named)):
            return
        if self._understood.is_of_one_thing and ns.QUERIES + ANYTHING not in left_out:
            thing = self._named[0].things[0]
            said = self._introduced(thing, self._texts.statements_with([about(thing)]))
            yield Outcome(Question(find_query(ANYTHING), {"thing": ns.compact(thing)}), said, len(said))
        fitting = []
        for name, share in by_words:
            if share >= _LEAST_FIT and name in wordings().answering and ns.QUERIES + name not in left_out:
                taken = self._taking.take(find_query(name))
                left = [one for one in taken.left if is_proper(one)] if taken else []
                if taken and taken.values and (not left or (len(left) == 1 and find_query(name).known)):
                    fitting.append((share, Question(find_query(name), taken.values), left))
        for _, question, left in sorted(fitting, key=lambda one: -one[0])[:_MOST_QUESTIONS]:
            outcome = self._ask(question, left[0].things[0] if left else None)
            yield outcome
            if outcome.statements:
                return

    def _introduced(self, thing: str, said: Collection[Stated]) -> list[Stated]:
        """Return what is said of a thing: what it is and since when, a number, then what is likeliest."""
        likeliest, node, graph = self._telling.likeliest(said, ties_first=True), NamedNode(thing), DefaultGraph()
        own = [one for one in likeliest if any(match(self._store, NamedNode(one.iri), CD.accountOf, node, graph))]
        own.sort(key=lambda one: not any(match(self._store, NamedNode(one.iri), CD.begin, None, graph)))
        numbers = [one for one in likeliest if ns.kind_of(one.iri) == "statistic"]
        return [*own[:2], *numbers[:1], *likeliest]

    def _ask(self, question: Question, party: str | None) -> Outcome:
        """Return the outcome of a canned query, by its rows with the other `party` of a tie, if one is named."""
        columns = ",".join(name for name in question.query.columns if name != "objections")
        solutions = run(self._store, replace(question, query=question.query.choose(columns)).runnable_text())
        rows = list(islice(solutions, _MOST_ROWS)) if isinstance(solutions, QuerySolutions) else []
        values = {iri for value in question.values.values() if (iri := ns.expand(value)) is not None}
        beside = party or (self._country_beside(values) if question.query.known else None)
        if beside:
            rows = [row for row in rows if any(self._is_within(term, beside) for term in row)]
        if not rows:
            return self._known(question, beside, party)
        things = {term.value for row in rows for term in row if _is_thing(term)} - values
        ties, stated = ({iri for iri in things if ns.kind_of(iri) in kinds} for kinds in (RELATIONS, _STATING))
        named = [*([about(iri)] for iri in values), [*map(about, ties or stated or things)]]
        sources = {term.value for row in rows for term in row if isinstance(term, NamedNode)} - things
        found = self._texts.statements_with(*named) if things else []
        return Outcome(question, [one for one in found if one.source in sources] or found, len(rows))

    def _country_beside(self, values: Collection[str]) -> str | None:
        """Return the one country that is named beside the values: that of the other party."""
        things = (one.things[0] for one in self._named)
        countries = {iri for iri in things if ns.kind_of(iri) in LANDS} - set(values)
        return countries.pop() if len(countries) == 1 else None

    def _is_within(self, term: object, country: str) -> bool:
        if not isinstance(term, NamedNode):
            return False
        return term.value == country or any(match(self._store, term, CD.within, NamedNode(country), DefaultGraph()))

    def _known(self, question: Question, beside: str | None, party: str | None) -> Outcome:
        """Return what is known where a question has no rows: who denies it, or lists all."""
        of = question.query.known
        kind = ns.expand(of["kind"]) if of else None
        is_named = any(kind in one.things for one in self._named)
        if not of or of["actor"] not in question.values or not is_named or self._understood.needs.is_reason:
            return Outcome(question, [])  # a bare denial gives no reason
        values = {"thing": question.values[of["actor"]], "kind": of["kind"]}
        values |= {"other": ns.compact(beside)} if beside else {}
        known = Question(find_query("what-is-known"), values)
        found = [row for row in select(self._store, known.runnable_text()) if row["statement"] is not None]
        if found:
            is_denied = any(row["known"].value == "denied" for row in found)
            stated = [Stated(row["statement"].value, row["passage"].value) for row in found]
            return Outcome(question, stated, status="denied" if is_denied else "complete")
        if party:  # what the passages say of both is more than that no list has them
            return Outcome(question, [])
        return self._without_parties(question, ns.expand(values["thing"]) or "", kind or "", beside)

    def _without_parties(self, question: Question, actor: str, kind: str, beside: str | None) -> Outcome:
        """Return what is said of an actor's ties of a kind without naming the parties."""
        told, needs = self._told_of_kind(actor, kind, beside), self._understood.needs
        kinds = {ns.kind_of(one.iri) for one in told}
        is_denied = "absence" in kinds and kinds <= {"absence", "completeness"}
        if is_denied and not needs:
            return Outcome(question, told, status="denied")
        if told and not is_denied and needs.are_met_by(map(self._telling.text, told)):
            return Outcome(question, told)
        if self._understood.unknown:
            return Outcome(question, [])
        asked = work_names(self._store, data_sets=True)
        held = {work: wordings().held.get(work or REPORT, ()) for work in asked}
        silent = [asked[work] for work, kinds in held.items() if kind.rpartition("/")[2] in kinds]
        return Outcome(question, [], status="not-said" if len(silent) == len(asked) else "not-found", silent=silent)

    def _told_of_kind(self, actor: str, kind: str, beside: str | None) -> list[Stated]:
        """Return the statements on an actor that speak of a kind of tie and name no other party: groups, numbers."""
        part = next(part for part in self._named if kind in part.things)
        words = wordings().words.get(kind.rpartition("/")[2].replace("-", " "), ())
        spoken = [*map(about, part.things), *(f"says : {phrase(word)}" for word in words)]
        places = {part.text for part in self._named if beside in part.things}
        elsewhere = [
            one for term in self._understood.terms if term.text in places for one in (*term.phrases, *term.alike)
        ]
        found = self._texts.statements_with([about(actor)], spoken, elsewhere)
        return [one for one in found if not (beside and ns.kind_of(one.iri) == "completeness")]


def _is_thing(term: object) -> bool:
    return isinstance(term, NamedNode) and term.value.startswith(ns.ID) and ns.kind_of(term.value) != "passage"
