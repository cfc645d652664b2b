"""The sentences of statements, with the passages that say so and those that object; what is shown is not said again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import NamedTuple, TypedDict

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.ask.texts import Stated, things_of
from kg.ask.understanding import PROPER, Understanding
from kg.objections import Objection, objections_of
from kg.rdf import namespaces as ns
from kg.rdf.kinds import RELATIONS
from kg.rdf.lookup import literals_of, match, nodes_of
from kg.rdf.vocabulary import CD
from kg.sentences import chinese_sentence, sentences
from kg.wording import Wording

MOST_SENTENCES = 5
_ALIKE = 0.9
"""The part that a statement must have of the share of the question that the best one has, to answer it as well."""


class AnswerObjection(TypedDict):
    """A passage that says otherwise, in which way, and in which words."""

    kind: str
    passage: str
    text: str


class AnswerSentence(TypedDict):
    """A sentence that answers with its language, the passages that say so, and those that object."""

    text: str
    lang: str
    passages: list[str]
    objections: list[AnswerObjection]


class Told(NamedTuple):
    """What statements add to what is shown: sentences, and further passages of sentences that are shown already.

    Objections are added to sentences when these are shown.
    """

    statements: list[Stated]
    sentences: dict[Stated, AnswerSentence]
    again: list[tuple[AnswerSentence, str]]
    more: int
    """The number of further things, such as ties, whose sentences are too many."""


class Telling:
    """The sentences that answer one question; `scores` are of statements, by IRI, and `shares` what they have of it."""

    def __init__(
        self, store: Store, understood: Understanding, scores: Mapping[str, float], shares: Mapping[str, float]
    ) -> None:
        self._store = store
        self._is_chinese = understood.language == "zh"
        self._named = {thing for part in understood.named for thing in part.things if ns.kind_of(thing) in PROPER}
        self._scores = scores
        self._shares = shares
        self._least = _ALIKE * max(shares.values(), default=0.0)
        self._wording = Wording(store)
        self._objections = objections_of(store)
        self._stated: set[Stated] = set()
        self._shown: list[AnswerSentence] = []
        self._quarrels: set[tuple[str, str]] = set()

    def likeliest(self, statements: Collection[Stated], *, ties_first: bool = False) -> list[Stated]:
        """Return statements in the order of their scores, or those on ties before others."""
        found = sorted(statements, key=lambda one: (-self._scores.get(one.iri, 0.0), one.iri))
        return sorted(found, key=lambda one: ns.kind_of(one.iri) != "account") if ties_first else found

    def tell(self, statements: Iterable[Stated], most: int = MOST_SENTENCES) -> Told:
        """Return at most some sentences of the first statements that are not shown yet.

        What two passages say in the same words is one sentence, and what a longer one of its passage has is none. When
        there are enough, statements on further things are counted without being put into words, which would take long.
        """
        told, things, more = Told([], {}, [], 0), set[str](), set[str]()
        for one in dict.fromkeys(statements):
            if one in self._stated:
                continue
            of = next((tie.value for tie in nodes_of(self._store, NamedNode(one.iri), CD.accountOf)), one.iri)
            if len(told.sentences) == most and of not in things:
                more.add(of)
                continue
            chinese = self._is_chinese and chinese_sentence(self._wording, NamedNode(one.iri))
            text = chinese or self.text(one)
            said = [*told.sentences.values(), *self._shown]
            same = next((other for other in said if other["text"] == text), None)
            if same:
                told.again.append((same, one.source))
            elif len(told.sentences) == most:
                continue
            elif text and not any(text in other["text"] for other in said if one.source in other["passages"]):
                for stated, other in [*told.sentences.items()]:
                    if stated.source == one.source and other["text"] in text:
                        del told.sentences[stated]
                lang = "zh-Hans" if chinese else "en"
                told.sentences[one] = AnswerSentence(text=text, lang=lang, passages=[one.source], objections=[])
            things.add(of)
            told.statements.append(one)
        return told._replace(more=len(more))

    def show(self, told: Told) -> list[AnswerSentence]:
        """Note what is shown, and return its sentences, with those who object."""
        self._stated.update(told.statements)
        for stated, sentence in told.sentences.items():
            sentence["objections"] = [*self._objections_to(stated)]
            self._shown.append(sentence)
        for sentence, source in told.again:
            sentence["passages"] = [*dict.fromkeys((*sentence["passages"], source))]
        return [*told.sentences.values()]

    def text(self, stated: Stated) -> str:
        """Return a statement in sentences as a passage has it: of a group, those members that the passage names."""
        node = NamedNode(stated.iri)
        if explained := literals_of(self._store, node, CD.explanation):
            return explained[0].value
        graph: NamedNode | DefaultGraph = DefaultGraph()
        if len(list(islice(match(self._store, node, CD.statedIn, None, graph), 2))) > 1:
            graph = next(self._graphs(stated.source, node), graph)
        return " ".join(one["text"] for one in sentences(self._wording, node, graph))

    def _graphs(self, source: str, node: NamedNode) -> Iterator[NamedNode]:
        """Yield the graph of a passage, if it has statements on a thing, or accounts of it."""
        for graph in nodes_of(self._store, NamedNode(source), CD.statementGraph):
            stated = match(self._store, node, None, None, graph), match(self._store, None, CD.accountOf, node, graph)
            if any(chain.from_iterable(stated)):
                yield graph

    def _objections_to(self, stated: Stated) -> Iterator[AnswerObjection]:
        """Yield the objections to a statement or its tie; one quarrel once, and none that is beside the question."""
        ties = [tie.value for tie in nodes_of(self._store, NamedNode(stated.iri), CD.accountOf)]
        target = ties[0] if ties else stated.iri
        if not self._is_asked(stated, target):
            return
        for one in self._objections.to([stated.iri, *ties]):
            by = next((of.value for of in nodes_of(self._store, NamedNode(one.statement), CD.accountOf)), one.statement)
            quarrel = (by, target) if ns.kind_of(target) in RELATIONS else (by, "")
            self._quarrels.add((target, ""))
            told = {quarrel, (one.about, target if ties else "")}
            if one.passage == stated.source or told & self._quarrels or self._is_beside(one, by, stated, target):
                continue
            self._quarrels.update((*told, (by, "")))
            yield AnswerObjection(kind=one.kind, passage=one.passage, text=one.text)

    def _is_asked(self, stated: Stated, target: str) -> bool:
        """Return False for a sentence that stands beside the answer: it has less of the question, or is on others."""
        if ns.kind_of(target) in RELATIONS:
            return not self._named or not self._named.isdisjoint(things_of(self._store, stated.iri))
        return self._shares.get(stated.iri, 0.0) >= self._least

    def _is_beside(self, objection: Objection, by: str, stated: Stated, target: str) -> bool:
        """Return True if an objection is to a whole table, list or the like, by things that the question is not on."""
        if ns.kind_of(target) in RELATIONS:
            return False
        of = things_of(self._store, stated.iri)
        if ns.kind_of(by) == "publication":
            return by not in of
        subjects = {thing for thing in of if ns.kind_of(thing) in PROPER}
        meant = self._named | (subjects if len(subjects) == 1 else set())
        names = {thing for thing in things_of(self._store, objection.statement) if ns.kind_of(thing) in PROPER}
        return bool(self._named and names) and meant.isdisjoint(names)
