"""The sentences of statements, with the passages that say so and those that object; what is shown is not said again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple, TypedDict

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.ask.texts import Stated
from kg.objections import objections_of
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match, nodes_of
from kg.rdf.vocabulary import CD
from kg.sentences import chinese_sentence, sentences
from kg.wording import Wording

MOST_SENTENCES = 5


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
    """What statements add to what is shown: sentences, and further passages of sentences that are shown already."""

    statements: list[Stated]
    sentences: list[AnswerSentence]
    again: list[tuple[AnswerSentence, str]]


class Telling:
    """The sentences of one answer; `scores` are of statements, by IRI."""

    def __init__(self, store: Store, language: str, scores: Mapping[str, float]) -> None:
        self._store = store
        self._is_chinese = language == "zh"
        self._scores = scores
        self._wording = Wording(store)
        self._objections = objections_of(store)
        self._stated: set[Stated] = set()
        self._shown: list[AnswerSentence] = []

    def likeliest(self, statements: Collection[Stated], *, ties_first: bool = False) -> list[Stated]:
        """Return statements in the order of their scores, or those on ties before others."""
        found = sorted(statements, key=lambda one: (-self._scores.get(one.iri, 0.0), one.iri))
        return sorted(found, key=lambda one: ns.kind_of(one.iri) != "account") if ties_first else found

    def tell(self, statements: Iterable[Stated], most: int = MOST_SENTENCES) -> Told:
        """Return at most some sentences of the first statements that are not shown yet.

        What two passages say in the same words is one sentence, and what a longer one of its passage has is none.
        """
        told = Told([], [], [])
        for one in dict.fromkeys(statements):
            if one in self._stated:
                continue
            if len(told.sentences) == most:
                break
            told.statements.append(one)
            chinese = self._is_chinese and chinese_sentence(self._wording, NamedNode(one.iri))
            text = chinese or self.text(one)
            said = [*told.sentences, *self._shown]
            same = next((other for other in said if other["text"] == text), None)
            if same:
                told.again.append((same, one.source))
            elif text and not any(text in other["text"] for other in said if one.source in other["passages"]):
                told.sentences[:] = [
                    other for other in told.sentences if other["passages"] != [one.source] or other["text"] not in text
                ]
                told.sentences.append(self._sentence(text, "zh-Hans" if chinese else "en", one))
        return told

    def show(self, told: Told) -> list[AnswerSentence]:
        """Note what is shown, and return its sentences."""
        self._stated.update(told.statements)
        self._shown += told.sentences
        for sentence, source in told.again:
            sentence["passages"] = [*dict.fromkeys((*sentence["passages"], source))]
        return told.sentences

    def text(self, stated: Stated) -> str:
        """Return a statement in sentences as a passage has it: of a group, those members that the passage names."""
        node = NamedNode(stated.iri)
        graph: NamedNode | DefaultGraph = DefaultGraph()
        if len(list(islice(match(self._store, node, CD.statedIn, None, graph), 2))) > 1:
            graph = next(self._graphs(stated.source, node), graph)
        return " ".join(one["text"] for one in sentences(self._wording, node, graph))

    def _graphs(self, source: str, node: NamedNode) -> Iterator[NamedNode]:
        """Yield the graph of a passage, if it has statements on a thing."""
        graphs = nodes_of(self._store, NamedNode(source), CD.statementGraph)
        return (graph for graph in graphs if any(match(self._store, node, None, None, graph)))

    def _sentence(self, text: str, lang: str, stated: Stated) -> AnswerSentence:
        ties = [tie.value for tie in nodes_of(self._store, NamedNode(stated.iri), CD.accountOf)]
        return AnswerSentence(
            text=text,
            lang=lang,
            passages=[stated.source],
            objections=[
                AnswerObjection(kind=one.kind, passage=one.passage, text=one.text)
                for one in self._objections.to([stated.iri, *ties])
                if one.passage != stated.source
            ],
        )
