"""The canned questions whose answers a change may alter, and how it alters them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pyoxigraph import NamedNode

from kg.curation.effects.result import ChangeResult
from kg.publish.answer_changes import AnswerChange
from kg.queries import CannedQuery, Question, canned_queries
from kg.rdf import namespaces as ns
from kg.rdf.lookup import values
from kg.rdf.scopes import EVERYTHING, REPORT
from kg.rdf.vocabulary import CD, RDF, SKOS
from kg.wording import Wording

AT_ONCE = 0.06
"""Seconds of processor after which no other question is asked before and after the change, unless all are asked for."""
_OF_ALL_THINGS = {ns.compact(one.value) for one in (RDF.type, SKOS.prefLabel, SKOS.altLabel, CD.statedIn)}
"""Terms by which no question can be told from another."""


@dataclass(frozen=True)
class AskedQuestion:
    """A canned question and its words, with the name of the thing that it is about, if it is about one."""

    question: Question
    text: str

    @property
    def address(self) -> str:
        """Its address relative to that of the service, for the whole graph, as pages ask it."""
        address = self.question.address
        scope = f"{'&' if '?' in address else '?'}scope={EVERYTHING}"
        return address + (scope if self.question.query.scope == REPORT else "")


@dataclass(frozen=True)
class Answers:
    """The answers that a change alters among the `compared`; `not_tried` are the questions that were not asked."""

    changed: Sequence[tuple[AskedQuestion, AnswerChange]]
    compared: int
    not_tried: Sequence[AskedQuestion]

    @classmethod
    def of(cls, asked: Sequence[AskedQuestion], compared: Sequence[AnswerChange]) -> Answers:
        """Return them for the first questions of `asked`, which are those that were compared."""
        both = zip(asked, compared, strict=False)
        changed = [(one, found) for one, found in both if found["new"] or found["gone"]]
        return cls(changed, len(compared), asked[len(compared) :])

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "compared": self.compared,
            "changed": [{"question": one.address, "text": one.text, **found} for one, found in self.changed],
            "notTried": [one.address for one in self.not_tried],
        }


def questions(result: ChangeResult, things: Sequence[NamedNode], wording: Wording) -> list[AskedQuestion]:
    """Return the listed questions to compare: those about `things` that read little but what changed come first.

    They are the cheapest, too. What accounts say of a tie, such as its status, tells no kind of tie from another: the
    properties of the tie itself count. Questions that have no rows without a large work come late: some take seconds.

    Things of which the graph has nothing yet are left out: a question about them has no answer before. A question that
    lists all that is said comes late, since every change alters its answer.
    """
    changed = _changed_terms(result)
    known = {one: _classes(result, one) for one in things if any(result.before(one, RDF.type))}
    about = [
        (
            (query.needs_value, bool(query.works), -len(changed & (terms := _terms(query.body))) / len(terms)),
            AskedQuestion(question, text),
        )
        for query in canned_queries().values()
        for thing, classes in known.items()
        for question, text in _about(query, thing, classes, wording)
    ]
    about.sort(key=lambda one: one[0])
    whole = [Question(query) for query in canned_queries().values()]
    return [
        *(one for _, one in about),
        *(AskedQuestion(one, one.query.summary) for one in whole if one.missing_value is None),
    ]


def _changed_terms(result: ChangeResult) -> set[str]:
    """Return the properties of what changed, and in the place of accounts of ties those of the ties."""
    changed = [*result.come, *result.gone]
    ties = {quad.subject: quad.object for quad in changed if quad.predicate == CD.accountOf}
    of_ties = (quad for tie in {*ties.values()} for quad in result.after(tie))
    found = (*(quad for quad in changed if quad.subject not in ties), *of_ties)
    return {ns.compact(quad.predicate.value) for quad in found} - _OF_ALL_THINGS


def _classes(result: ChangeResult, thing: NamedNode) -> set[str]:
    return {ns.compact(one.value) for one in values(result.before, thing, RDF.type)}


def _about(query: CannedQuery, thing: NamedNode, classes: set[str], wording: Wording) -> Iterator[tuple[Question, str]]:
    """Yield a question about a thing with its words, if it can be asked with nothing else."""
    for parameter in query.parameters:
        question = Question(query, {parameter.name: ns.compact(thing.value)})
        if parameter.takes(classes) and question.missing_value is None:
            text = query.named_with(parameter, wording.name_of(thing)["text"])
            if text:
                yield question, text
                return


@cache
def _terms(body: str) -> frozenset[str]:
    """Return the prefixed names in the text of a query."""
    return frozenset(re.findall(r"\b[a-z]+:\w+", body))
