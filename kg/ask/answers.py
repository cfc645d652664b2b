"""Answer a question in one's own words: the canned questions that fit, the statements that say so, and their passages.

See docs/decisions/ask.md.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Literal as OneOf
from typing import TypedDict
from urllib.parse import urlencode

from pyoxigraph import DefaultGraph, Literal, NamedNode, QuerySolutions, Store

from kg.ask.fitting import ANYTHING, LANDS, Fitting, is_proper, take_values
from kg.ask.needs import Needs
from kg.ask.ranking import RankedPassage, RankedStatement, rank_passages
from kg.ask.texts import TextPlace, Texts, about, phrase, things_of
from kg.ask.understanding import NamedPart, Reader, Understanding
from kg.ask.wordings import is_chinese, wordings
from kg.errors import shorten
from kg.names import names_of
from kg.objections import Objections, objections_of
from kg.publish.work_names import work_names
from kg.queries import Question, find_query
from kg.rdf import namespaces as ns
from kg.rdf.labels import chinese_label, display_names
from kg.rdf.lookup import match
from kg.rdf.passages import work_of_passage
from kg.rdf.scopes import EVERYTHING, REPORT
from kg.rdf.vocabulary import CD
from kg.readings import Reading
from kg.sentences import chinese_sentence, sentences
from kg.sparql.evaluation import run, select
from kg.wording import Wording

Status = OneOf["answered", "denied", "complete", "not-said", "not-found"]

_MEANING = re.compile(
    r"\b(what|is|are|was|an?|the|does|do|mean(s|t|ing)?|by|of|defin(e|ed|ition)|how|term|explain)\b|什么|是|意思|定义|何谓|的|指",
    re.IGNORECASE,
)
"""Words of a question for the meaning of a term, beside the term."""
_MOST_ANSWERS = 3
_MOST_SENTENCES = 5
_MOST_OF_PASSAGE = 3
_MOST_PASSAGES = 5
_MOST_QUESTIONS = 3
_MOST_THINGS = 12
_MOST_ROWS = 200
_TIES = (
    "twinning",
    "membership",
    "office",
    "affiliation",
    "agreement",
    "cooperation",
    "funding",
    "mediation",
    "strategy",
)
_STATEMENTS = ("absence", "completeness", "definition", "finding", "recommendation", "statistic")
"""Kinds of statements that rows name: where a row names one, that answers, and not whatever else the row names."""
_LEAST_FIT = 0.5
"""The least share of a question that a canned query must have in its title or description."""
_LEAST_SHARE = 0.7
"""The least share of a question that one of the best passages must have, for these to answer it."""
_LEAST_FOUND = 11.0
"""The least that such a passage must have of it by how rare its terms are, or few words would be answered by chance."""
_LEAST_FOUND_NEEDED = 8.0
"""The same where a kind of answer is asked for, which a sentence has."""
_WHOLE = 0.95
"""The share that a passage must have of a question with fewer words, but with the name of a thing of its own."""
_FAR = 1.25
"""How many times better than any other passage one must fit that has all of a question, to answer it."""
_LEAST_NEEDED = 0.66
"""The least share of a question in a sentence that has the number, time or name asked for."""
_LEAST_COUNTED = 0.5
"""The least share of what is to be counted in a sentence that has a number."""


UnderstoodPart = TypedDict("UnderstoodPart", {"text": str, "iri": str, "as": str})
"""A part of a question, the thing that it is taken for, and what as: a parameter, or else the kind of the thing."""


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


class AskedQuestion(TypedDict):
    """A canned question that fits, with its values, what its rows say in sentences, and how many rows there are."""

    question: str
    title: str
    parameters: dict[str, str]
    work: str | None
    sentences: list[AnswerSentence]
    rows: int
    href: str


class FittingQuestion(TypedDict):
    """A canned question that may be meant, with its values and their names."""

    question: str
    title: str
    parameters: dict[str, str]
    names: list[str]
    href: str


class FoundPassage(TypedDict):
    """A passage that fits, with what it says in our words."""

    iri: str
    label: str
    text: str


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
    notSaidBy: list[str]
    """The names of works that do not say it, whose ties of the kind in question the graph holds in full."""
    notUnderstood: list[str]
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

    def __init__(self, store: Store, found: Texts, understood: Understanding, left_out: Collection[str]) -> None:
        self._store = store
        self._texts = found
        self._understood = understood
        self._named = understood.named
        self._needs = Needs(understood.text)
        self._language = "zh" if re.search("[\u3400-\u9fff]", understood.text) else "en"
        self._left_out = left_out
        self._wording = Wording(store)
        self._objections: Objections = objections_of(store)
        self._ranked = rank_passages(found, understood.terms, len(understood.unknown), counted=understood.counted)
        self._fitting = Fitting(store, found, understood, self._ranked)
        self._scores = {one.iri: one for passage in self._ranked for one in passage.statements}
        self._used: dict[str, str] = {}
        self._said: set[tuple[str, str]] = set()
        self._shown: list[AnswerSentence] = []
        self._silent: list[str] = []
        self._status: Status = "not-found"

    def answer(self) -> AskAnswer:
        """Return the whole answer."""
        answers = list(islice(chain(self._definitions(), self._of_questions(), self._of_passages()), _MOST_ANSWERS))
        if any(one["sentences"] for one in answers) and self._status == "not-found":
            self._status = "answered"
        understood = self._understood
        return AskAnswer(
            q=understood.text,
            language=self._language,
            status=self._status,
            understood=[self._part(one) for one in self._named],
            notSaidBy=self._silent if self._status in ("not-said", "not-found") else [],
            notUnderstood=[*understood.unknown, *([shorten(understood.rest)] if understood.rest else [])],
            answers=answers,
            questions=self._questions(),
            passages=[self._passage(iri) for iri in self._best_passages(answers)],
            things=self._things(),
            labels=self._labels(answers),
        )

    def _questions(self) -> list[FittingQuestion]:
        found = self._fitting.best(_MOST_QUESTIONS, self._left_out)
        values = {iri for one in found for value in one.values.values() if (iri := ns.expand(value))}
        names = display_names(self._store, sorted(values))
        return [
            FittingQuestion(
                question=one.query.name,
                title=one.query.summary,
                parameters=dict(one.values),
                names=[names.get(ns.expand(value) or "", value) for value in one.values.values()],
                href=_address(one),
            )
            for one in found
        ]

    def _labels(self, answers: Iterable[AskedQuestion]) -> dict[str, str]:
        found = [sentence for answer in answers for sentence in answer["sentences"]]
        sources = {iri for one in found for iri in (*one["passages"], *(by["passage"] for by in one["objections"]))}
        return display_names(self._store, sorted(sources))

    def _definitions(self) -> Iterator[AskedQuestion]:
        """Yield how passages define a term, if the question names one and nothing else."""
        rest = self._understood.text
        for part in self._named:
            rest = rest.replace(part.text, "")
        if len(self._named) == 1 and not _MEANING.sub("", rest).strip(" ?？“”\"'。."):
            query = find_query("definitions-of-terms")
            for thing in self._named[0].things:
                if thing.startswith(f"{ns.VOCABULARY}key-term/"):
                    answered = self._run(Question(query, {"thing": ns.compact(thing)}), None)
                    if answered["sentences"]:
                        yield answered

    def _of_questions(self) -> Iterator[AskedQuestion]:
        """Yield the canned questions that fit, with sentences from what their rows name.

        They take all things of their own that are named, such as cities, as values, but for the other party of a tie; a
        question that names none, or fits what is said of anything, has a passage for its answer.
        """
        if self._names_unknown() or not any(map(is_proper, self._named)):
            return
        fitting = []
        for place, (name, share) in enumerate(self._fitting.by_words):
            if share >= _LEAST_FIT and name != ANYTHING and ns.QUERIES + name not in self._left_out:
                taken = take_values(self._store, find_query(name), self._understood)
                left = [one for one in taken.left if is_proper(one)] if taken else []
                if taken and taken.values and (not left or (len(left) == 1 and find_query(name).known)):
                    fitting.append((-share, place, Question(find_query(name), taken.values), left))
        for _, _, question, left in sorted(fitting, key=lambda one: one[:2])[:_MOST_ANSWERS]:
            said, shown = {*self._said}, [(one, [*one["passages"]]) for one in self._shown]
            answered = self._run(question, left[0].things[0] if left else None)
            if answered["sentences"] and (not answered["rows"] or self._has_needed(answered["sentences"])):
                yield answered
            else:  # what is not shown may answer elsewhere
                self._said, self._shown = said, [one for one, _ in shown]
                for one, passages in shown:
                    one["passages"] = passages

    def _has_needed(self, found: Iterable[AnswerSentence]) -> bool:
        return self._needs.are_met_by(one["text"] for one in found)

    def _names_unknown(self) -> bool:
        """Return True if something is named that the graph does not know: no answer can be about it."""
        return any(one[:1].isupper() and not self._understood.text.startswith(one) for one in self._understood.unknown)

    def _run(self, question: Question, party: str | None) -> AskedQuestion:
        """Return the answer of a canned query, of its rows those with the other `party` of a tie, if one is named."""
        solutions = run(self._store, question.runnable_text())
        rows = list(islice(solutions, _MOST_ROWS)) if isinstance(solutions, QuerySolutions) else []
        by_name = {name: iri for name, value in question.values.items() if (iri := ns.expand(value)) is not None}
        values = {*by_name.values()}
        used = {part.text: name for name, iri in by_name.items() for part in self._named if iri in part.things}
        self._used = used | self._used
        beside = party or (self._country_beside(values) if question.query.known else None)
        if beside:
            rows = [row for row in rows if any(self._is_within(term, beside) for term in row)]
        things = {term.value for row in rows for term in row if _is_thing(term)} - values
        ties = {iri for iri in things if ns.kind_of(iri) in _TIES}
        statements_named = {iri for iri in things if ns.kind_of(iri) in _STATEMENTS}
        named = [*([about(iri)] for iri in values), [*map(about, ties or statements_named or things)]]
        statements = self._texts.statements_with(*named) if things else []
        return AskedQuestion(
            question=question.query.name,
            title=self._title(question),
            parameters=dict(question.values),
            work=None,
            sentences=self._sentences(statements, ties_first=True) if rows else self._known(question, beside, party),
            rows=len(rows),
            href=_address(question),
        )

    def _title(self, question: Question) -> str:
        """Return the summary of a canned query, with the name of the thing that it is asked of."""
        iri = ns.expand(next(iter(question.values.values()))) or ""
        named = question.query.summary_of(display_names(self._store, [iri]).get(iri, ""))
        return named or question.query.summary

    def _country_beside(self, values: Collection[str]) -> str | None:
        """Return the one country that is named beside the values: that of the other party."""
        things = (one.things[0] for one in self._named)
        countries = {iri for iri in things if ns.kind_of(iri) in LANDS} - set(values)
        return countries.pop() if len(countries) == 1 else None

    def _is_within(self, term: object, country: str) -> bool:
        if not isinstance(term, NamedNode):
            return False
        return term.value == country or any(match(self._store, term, CD.within, NamedNode(country), DefaultGraph()))

    def _known(self, question: Question, beside: str | None, party: str | None) -> list[AnswerSentence]:
        """Return what is known where a question has no rows: who denies it, or lists all; it sets the status."""
        of = question.query.known
        kind = ns.expand(of["kind"]) if of else None
        is_named = any(kind in one.things for one in self._named)
        if not of or of["actor"] not in question.values or not is_named or self._needs.is_reason:
            return []  # a bare denial gives no reason
        values = {"thing": question.values[of["actor"]], "kind": of["kind"]}
        values |= {"other": ns.compact(beside)} if beside else {}
        known = Question(find_query("what-is-known"), values)
        found = [row for row in select(self._store, known.runnable_text()) if row["statement"] is not None]
        if found:
            self._status = "denied" if any(row["known"].value == "denied" for row in found) else "complete"
            return self._sentences(TextPlace(0, row["statement"].value, row["passage"].value, "") for row in found)
        if party:  # what the passages say of both is more than that no list has them
            return []
        return self._without_parties(ns.expand(values["thing"]) or "", kind or "", beside)

    def _without_parties(self, actor: str, kind: str, beside: str | None) -> list[AnswerSentence]:
        """Return what is said of an actor's ties of a kind without naming the parties; it sets the status."""
        told = self._told_of_kind(actor, kind, beside)
        kinds = {ns.kind_of(place.iri) for place in told}
        is_denied = "absence" in kinds and kinds <= {"absence", "completeness"}
        if is_denied and not self._needs:
            self._status = "denied"
            return self._sentences(told)
        if told and not is_denied and self._needs.are_met_by(self._text(place.iri, place.source) for place in told):
            return self._sentences(told)
        if not self._understood.unknown:
            asked = work_names(self._store, data_sets=True)
            held = {work: wordings().held.get(work or REPORT, ()) for work in asked}
            self._silent = [asked[work] for work, kinds in held.items() if kind.rpartition("/")[2] in kinds]
            if len(self._silent) == len(asked):
                self._status = "not-said"
        return []

    def _told_of_kind(self, actor: str, kind: str, beside: str | None) -> list[TextPlace]:
        """Return the statements on an actor that speak of a kind of tie and name no other party: groups, numbers."""
        part = next(part for part in self._named if kind in part.things)
        words = wordings().words.get(kind.rpartition("/")[2].replace("-", " "), ())
        spoken = [*map(about, part.things), *(f"says : {phrase(word)}" for word in words)]
        places = {part.text for part in self._named if beside in part.things}
        elsewhere = [
            one for term in self._understood.terms if term.text in places for one in (*term.phrases, *term.alike)
        ]
        found = self._texts.statements_with([about(actor)], spoken, elsewhere)
        return [place for place in found if not (beside and ns.kind_of(place.iri) == "completeness")]

    def _of_passages(self) -> Iterator[AskedQuestion]:
        """Yield what the best passages state, if one of them has enough of the question."""
        best = [passage for passage in self._ranked[:_MOST_ANSWERS] if passage.statements]
        is_open = self._status == "not-found" and not self._silent
        if self._names_unknown() or not is_open:
            return
        if not (any(map(self._has_enough, best)) or self._stands_out()):
            return
        least = max(one.share for passage in best for one in passage.statements) / 2
        likely = [[one for one in passage.statements if one.share >= least] for passage in best]
        if self._needs:
            met = {one: self._met_by(one) for several in likely for one in several}
            bearing = [one for one in met if one.share >= _LEAST_NEEDED and one.counted >= _LEAST_COUNTED]
            if not self._needs.are_met(map(met.__getitem__, bearing)):
                return
            likely = [sorted(several, key=lambda one: -len(met[one])) for several in likely]
        query = find_query(ANYTHING)
        for passage, several in zip(best, likely, strict=True):
            places = [TextPlace(0, one.iri, one.passage, "") for one in several[:_MOST_OF_PASSAGE]]
            if found := self._sentences(places):
                values = {"passage": ns.compact(passage.iri)}
                yield AskedQuestion(
                    question=query.name,
                    title=query.summary,
                    parameters=values,
                    work=work_of_passage(passage.iri) or "report",
                    sentences=found,
                    rows=len(passage.statements),
                    href=_address(Question(query, values)),
                )

    def _has_enough(self, passage: RankedPassage) -> bool:
        """Return True if a passage has most of a question, and what it has is more than a few common words."""
        if self._needs:
            return passage.found >= _LEAST_FOUND_NEEDED
        is_proper = any(term.is_proper for term in self._understood.terms)
        is_whole = passage.share >= _WHOLE and is_proper
        return is_whole or (passage.share >= _LEAST_SHARE and passage.found >= _LEAST_FOUND)

    def _stands_out(self) -> bool:
        """Return True if the best passage has all of a question, and fits it far better than any other."""
        best = self._ranked[:2]
        is_whole = bool(best) and bool(best[0].statements) and best[0].share >= _WHOLE
        return is_whole and all(best[0].score >= _FAR * other.score for other in best[1:])

    def _met_by(self, statement: RankedStatement) -> frozenset[int]:
        """Return which of the things that are asked for a statement has."""
        things = {iri for part in self._named for iri in part.things}
        others = [iri for iri in things_of(self._store, statement.iri) if iri not in things]
        names = display_names(self._store, others)
        text = self._text(statement.iri, statement.passage)
        return self._needs.met_by(text, ((ns.kind_of(iri), names[iri]) for iri in others))

    def _sentences(self, statements: Iterable[TextPlace], *, ties_first: bool = False) -> list[AnswerSentence]:
        """Return the sentences of statements that no answer has had yet, the likeliest first, or those on ties.

        What two passages say in the same words is one sentence, and what a longer one of its passage has is none.
        """
        found = sorted({(place.iri, place.source) for place in statements} - self._said, key=self._order)
        if ties_first:
            found.sort(key=lambda place: ns.kind_of(place[0]) != "account")
        said: list[AnswerSentence] = []
        for iri, source in found[:_MOST_SENTENCES]:
            text = self._chinese(iri) or self._text(iri, source)
            same = next((one for one in (*said, *self._shown) if one["text"] == text), None)
            of_passage = [one["text"] for one in (*said, *self._shown) if source in one["passages"]]
            if same:
                same["passages"] += [source] if source not in same["passages"] else []
            elif text and not any(text in other for other in of_passage):
                said = [one for one in said if one["passages"] != [source] or one["text"] not in text]
                said.append(self._sentence(text, iri, source))
        self._said.update(found[:_MOST_SENTENCES])
        self._shown += said
        return said

    def _order(self, place: tuple[str, str]) -> tuple[float, str]:
        ranked = self._scores.get(place[0])
        return -(ranked.score if ranked else 0.0), place[0]

    def _text(self, iri: str, source: str) -> str:
        """Return a statement in sentences as a passage has it: of a group, those members that the passage names."""
        node = NamedNode(iri)
        graph: NamedNode | DefaultGraph = DefaultGraph()
        if len(list(islice(match(self._store, node, CD.statedIn, None, graph), 2))) > 1:
            graph = next(self._graphs(source, node), graph)
        return " ".join(one["text"] for one in sentences(self._wording, node, graph))

    def _graphs(self, source: str, node: NamedNode) -> Iterator[NamedNode]:
        """Yield the graph of a passage, if it has statements on a thing."""
        for quad in match(self._store, NamedNode(source), CD.statementGraph, None, DefaultGraph()):
            if isinstance(quad.object, NamedNode) and any(match(self._store, node, None, None, quad.object)):
                yield quad.object

    def _chinese(self, iri: str) -> str:
        return chinese_sentence(self._wording, NamedNode(iri)) if self._language == "zh" else ""

    def _sentence(self, text: str, iri: str, source: str) -> AnswerSentence:
        node = NamedNode(iri)
        described = (quad.object for quad in match(self._store, node, CD.accountOf, None, DefaultGraph()))
        ties = [one.value for one in described if isinstance(one, NamedNode)]
        return AnswerSentence(
            text=text,
            lang="zh-Hans" if is_chinese(text) else "en",
            passages=[source],
            objections=[
                AnswerObjection(kind=one.kind, passage=one.passage, text=one.text)
                for one in self._objections.to([iri, *ties])
                if one.passage != source
            ],
        )

    def _part(self, part: NamedPart) -> UnderstoodPart:
        iri = part.things[0]
        return {"text": part.text, "iri": iri, "as": self._used.get(part.text, ns.kind_of(iri) or "concept")}

    def _best_passages(self, answers: Iterable[AskedQuestion]) -> list[str]:
        """Return the passages of the sentences of canned questions, then those that fit best."""
        said = (iri for answer in answers for sentence in answer["sentences"] for iri in sentence["passages"])
        found = dict.fromkeys((*islice(dict.fromkeys(said), _MOST_ANSWERS), *(one.iri for one in self._ranked)))
        return [iri for iri in found if ns.kind_of(iri) == "passage"][:_MOST_PASSAGES]

    def _passage(self, iri: str) -> FoundPassage:
        label = display_names(self._store, [iri])[iri]
        stated = match(self._store, NamedNode(iri), CD.paraphrase, None, DefaultGraph())
        said = [quad.object.value for quad in stated if isinstance(quad.object, Literal)]
        return FoundPassage(iri=iri, label=label, text=" ".join(said))

    def _things(self) -> list[FoundThing]:
        iris = list(dict.fromkeys(iri for part in self._named for iri in part.things))[:_MOST_THINGS]
        chinese = {iri: chinese_label(self._store, NamedNode(iri)) if self._language == "zh" else "" for iri in iris}
        return [
            FoundThing(iri=iri, label=chinese[iri] or label, lang="zh-Hans" if chinese[iri] else "en")
            for iri, label in display_names(self._store, iris).items()
        ]


def _address(question: Question) -> str:
    """Return the address of a question that is asked of all works, as here."""
    scope = {} if question.scope == EVERYTHING else {"scope": EVERYTHING}
    return f"/queries/{question.query.path}?{urlencode({**question.values, **scope})}"


def _is_thing(term: object) -> bool:
    return isinstance(term, NamedNode) and term.value.startswith(ns.ID) and ns.kind_of(term.value) != "passage"
