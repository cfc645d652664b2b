"""Answer a question in one's own words: the canned questions that fit, the statements that say so, and their passages.

See docs/decisions/ask.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import chain, islice
from typing import TypedDict
from urllib.parse import urlencode

from pyoxigraph import NamedNode, Store

from kg.ask.answerable import LEAST_OF_ROWS
from kg.ask.canned import DISAGREEMENTS, Canned, Outcome, Status
from kg.ask.fitting import ANYTHING, Fitting
from kg.ask.of_passages import OfPassages
from kg.ask.ranking import rank_passages
from kg.ask.taking import Taking
from kg.ask.telling import MOST_SENTENCES, AnswerSentence, Telling, Told
from kg.ask.texts import Stated, Texts, things_of
from kg.ask.understanding import NamedPart, Reader, Understanding
from kg.ask.wordings import is_chinese
from kg.errors import shorten
from kg.names import names_of
from kg.queries import Question
from kg.rdf import namespaces as ns
from kg.rdf.labels import chinese_label, display_names
from kg.rdf.lookup import literals_of
from kg.rdf.passages import work_of_passage
from kg.rdf.scopes import EVERYTHING
from kg.rdf.vocabulary import CD
from kg.readings import Reading

_SAYING = ("passage", "source")
"""The kinds of what makes statements."""
_LEAST_SHARE = 0.65
"""The least share of a question in a statement that stands in no passage."""
_MOST_ANSWERS = 3
_MOST_PASSAGES, _MOST_OF_PASSAGE = 5, 3
"""The passages that are listed, and the sentences below one of them."""
_MOST_QUESTIONS = 3
_MOST_THINGS = 12


UnderstoodPart = TypedDict("UnderstoodPart", {"text": str, "iri": str, "as": str})
"""A part of a question, the thing that it is taken for, and what as: a parameter, or else the kind of the thing."""


SpeltPart = TypedDict("SpeltPart", {"text": str, "as": str})
"""A word with a slip, and the word or the name of the thing that it is read as."""


class AskedQuestion(TypedDict):
    """A canned question that fits, with its values, what its rows say in sentences, and how many rows there are."""

    question: str
    title: str
    parameters: dict[str, str]
    work: str | None
    sentences: list[AnswerSentence]
    rows: int
    more: int
    """The number of further things, such as ties, that belong to a list with those of these sentences."""
    href: str


class FittingQuestion(TypedDict):
    """A canned question that may be meant, with its values and their names, which its title has too."""

    question: str
    title: str
    parameters: dict[str, str]
    names: list[str]
    href: str


class FoundPassage(TypedDict):
    """A passage that fits, with what it says in our words; the first have what is nearest and not said above."""

    iri: str
    label: str
    text: str
    sentences: list[AnswerSentence]


class FoundThing(TypedDict):
    """A thing that the question names, with its label in the language of the question, or else in English."""

    iri: str
    label: str
    lang: str


class AskAnswer(TypedDict):
    """The answer to a question in one's own words."""

    q: str
    language: str
    status: Status
    understood: list[UnderstoodPart]
    readAs: list[SpeltPart]
    notSaidBy: list[str]
    """The names of works that do not say it, whose ties of the kind in question the graph holds in full."""
    notUnderstood: list[str]
    notInPassages: list[str]
    """The English words of which no passage that is shown has one that means the same."""
    answers: list[AskedQuestion]
    questions: list[FittingQuestion]
    passages: list[FoundPassage]
    things: list[FoundThing]
    labels: dict[str, str]
    """The names of all passages and other sources that sentences name, by IRI."""


@Reading
def ask(store: Store, text: str, left_out: Sequence[str] = ()) -> AskAnswer:
    """Answer a question in one's own words by a snapshot; canned queries with the IRIs `left_out` are not asked."""
    wanted = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    names = names_of(store)
    with names.index() as index:
        found = index.part(Texts, store)
        understood = Reader(names, found).read(wanted)
        return _Answering(store, found, understood, left_out).answer()


class _Answering:
    """The answer to one question in the making."""

    def __init__(self, store: Store, texts: Texts, understood: Understanding, left_out: Collection[str]) -> None:
        self._store = store
        self._texts = texts
        self._understood = understood
        self._left_out = left_out
        ranked = rank_passages(texts, understood.terms, understood.missed, _SAYING, understood.alike)
        self._shares = {one.iri: one.share for source in ranked for one in source.statements}
        self._ranked = [one for one in ranked if ns.kind_of(one.iri) == "passage"]
        taking = Taking(store, understood)
        self._fitting = Fitting(store, texts, understood, self._ranked, taking)
        scores = {one.iri: one.score for passage in self._ranked for one in passage.statements}
        self._telling = Telling(store, understood, scores, self._shares)
        self._of_passages = OfPassages(texts, understood, self._ranked, self._telling)
        self._canned = Canned(store, texts, understood, taking, self._telling)

    def answer(self) -> AskAnswer:
        """Return the whole answer."""
        understood = self._understood
        is_known = not understood.names_unknown
        sure = [*self._canned.disagreements()]
        asked = sure or [*self._canned.definitions()]
        asked += self._canned.fitting(self._fitting.by_words, self._left_out) if is_known and not sure else ()
        silent = [work for outcome in asked for work in outcome.silent]
        status = next((one.status for one in reversed(asked) if one.status not in ("answered", "not-found")), None)
        others = self._of_passages.outcomes() if is_known and not (sure or silent or status) else iter(())
        shown = islice((one for each in chain(asked, others) if (one := self._show(each))), _MOST_ANSWERS)
        answers = list(shown)
        passages = [*map(self._passage, self._best_passages(answers))]
        labels = self._labels([*answers, *passages])
        return AskAnswer(
            q=understood.text,
            language=understood.language,
            status=status or ("answered" if answers else "not-found"),
            understood=[self._part(one, answers) for one in understood.named],
            readAs=self._spelt(),
            notSaidBy=silent if status in (None, "not-said") and not answers else [],
            notUnderstood=[*understood.unknown, *([shorten(understood.rest)] if understood.rest else [])],
            notInPassages=[] if sure else self._left_by({*labels, *(one["iri"] for one in passages)}),
            answers=answers,
            questions=self._questions(),
            passages=passages,
            things=self._things(),
            labels=labels,
        )

    def _show(self, outcome: Outcome) -> AskedQuestion | None:
        """Return the answer of an outcome that has sentences of its own, and what is needed if it has rows."""
        question = outcome.question
        work = question.values.get("passage")
        told = self._telling.tell(*self._in_order(outcome))
        is_sure = work or not outcome.rows or self._understood.is_of_one_thing or question.query.name == DISAGREEMENTS
        if not told.sentences or not (is_sure or self._is_likely(told)):
            return None
        return AskedQuestion(
            question=question.query.name,
            title=self._title(question, self._names_of_values(question)),
            parameters=dict(question.values),
            work=(work_of_passage(ns.expand(work) or "") or "report") if work else None,
            sentences=self._telling.show(told),
            rows=outcome.rows,
            more=outcome.more + told.more,
            href=_address(question),
        )

    def _in_order(self, outcome: Outcome) -> tuple[Sequence[Stated], int]:
        """Return the statements of an outcome in their order, and how many sentences at most they make."""
        if outcome.question.query.name in (ANYTHING, DISAGREEMENTS):
            is_of_passage = "passage" in outcome.question.values
            return outcome.statements, len(outcome.statements) if is_of_passage else MOST_SENTENCES
        return self._telling.likeliest(outcome.statements, ties_first=outcome.rows > 0), MOST_SENTENCES

    def _is_likely(self, told: Told) -> bool:
        """Return True if sentences on the rows of a canned query have what is asked for, and are likely to answer.

        What a source without passages states, such as a list that curators added, is likely to if it has much of the
        question; a number only if it is also on the kinds of ties and themes that this names.
        """
        if not self._understood.needs.are_met_by(one["text"] for one in told.sentences.values()):
            return False
        if any(ns.kind_of(one.source) == "passage" for one in told.statements):
            return self._of_passages.log_odds >= LEAST_OF_ROWS
        named = {part.things for part in self._understood.named if part.things[0].startswith(ns.VOCABULARY)}
        likely = (one.iri for one in told.statements if self._shares.get(one.iri, 0.0) >= _LEAST_SHARE)
        return any(
            ns.kind_of(iri) == "account" or all(not things.isdisjoint(of) for of in named)
            for iri in likely
            if (things := {*things_of(self._store, iri)})
        )

    def _questions(self) -> list[FittingQuestion]:
        return [
            FittingQuestion(
                question=one.query.name,
                title=self._title(one, names := self._names_of_values(one)),
                parameters=dict(one.values),
                names=names,
                href=_address(one),
            )
            for one in self._fitting.best(_MOST_QUESTIONS, self._left_out)
        ]

    def _labels(self, shown: Iterable[AskedQuestion | FoundPassage]) -> dict[str, str]:
        found = [sentence for one in shown for sentence in one["sentences"]]
        sources = {iri for one in found for iri in (*one["passages"], *(by["passage"] for by in one["objections"]))}
        return display_names(self._store, sorted(sources))

    def _names_of_values(self, question: Question) -> list[str]:
        """Return the names of the values of a canned query, or the values that have none."""
        iris = [ns.expand(value) or "" for value in question.values.values()]
        found = display_names(self._store, filter(None, iris))
        return [found.get(iri, value) for iri, value in zip(iris, question.values.values(), strict=True)]

    def _title(self, question: Question, names: Sequence[str]) -> str:
        """Return the summary of a canned query with the names of its values, in the language of the question."""
        iris = [ns.expand(value) or "" for value in question.values.values()]
        if self._understood.language != "zh" or "passage" in map(ns.kind_of, iris):
            return question.query.title_with(names)
        chinese = [chinese_label(self._store, NamedNode(iri)) if iri else "" for iri in iris]
        beside = "、".join(of or name for of, name in zip(chinese, names, strict=True))
        return f"{beside}：{question.query.zh}" if beside else question.query.zh

    @staticmethod
    def _part(part: NamedPart, answers: Iterable[AskedQuestion]) -> UnderstoodPart:
        iri = part.things[0]
        used = ((name, ns.expand(value)) for answer in answers for name, value in answer["parameters"].items())
        name = next((name for name, value in used if value in part.things), ns.kind_of(iri) or "concept")
        return {"text": part.text, "iri": iri, "as": name}

    def _left_by(self, sources: Collection[str]) -> list[str]:
        """Return the English words that name nothing and of which no statement of some sources has one that means it.

        Statements are in English: that none has a Chinese word tells nothing of what they say.
        """
        named = {part.text for part in self._understood.named}
        said = (
            one for one in self._understood.terms if not (one.is_light or one.text in named or is_chinese(one.text))
        )
        found = ((term.text, self._texts.statements_with((*term.phrases, *term.alike))) for term in said)
        return [text for text, several in found if all(one.source not in sources for one in several)]

    def _spelt(self) -> list[SpeltPart]:
        near = {part.text: part.things[0] for part in self._understood.named if part.is_near}
        names = display_names(self._store, sorted(near.values()))
        spelt = self._understood.spelt | {text: names[iri] for text, iri in near.items()}
        return [{"text": text, "as": read} for text, read in spelt.items()]

    def _best_passages(self, answers: Iterable[AskedQuestion]) -> list[str]:
        """Return the passages of the sentences of canned questions, then those that fit best."""
        said = (iri for answer in answers for sentence in answer["sentences"] for iri in sentence["passages"])
        found = dict.fromkeys((*islice(dict.fromkeys(said), _MOST_ANSWERS), *(one.iri for one in self._ranked)))
        return [iri for iri in found if ns.kind_of(iri) == "passage"][:_MOST_PASSAGES]

    def _passage(self, iri: str) -> FoundPassage:
        label = display_names(self._store, [iri])[iri]
        said = (text.value for text in literals_of(self._store, NamedNode(iri), CD.paraphrase))
        nearest = self._telling.tell(self._of_passages.nearest(iri), _MOST_OF_PASSAGE)
        return FoundPassage(iri=iri, label=label, text=" ".join(said), sentences=self._telling.show(nearest))

    def _things(self) -> list[FoundThing]:
        iris = list(dict.fromkeys(iri for part in self._understood.named for iri in part.things))[:_MOST_THINGS]
        is_in_chinese = self._understood.language == "zh"
        chinese = {iri: chinese_label(self._store, NamedNode(iri)) if is_in_chinese else "" for iri in iris}
        return [
            FoundThing(iri=iri, label=chinese[iri] or label, lang="zh-Hans" if chinese[iri] else "en")
            for iri, label in display_names(self._store, iris).items()
        ]


def _address(question: Question) -> str:
    """Return the address of a question that is asked of all works, as here."""
    scope = {} if question.scope == EVERYTHING else {"scope": EVERYTHING}
    return f"/queries/{question.query.path}?{urlencode({**question.values, **scope})}"
