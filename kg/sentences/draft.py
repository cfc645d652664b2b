"""A sentence in the making: the statements about one account or finding, of which templates take what they need."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pyoxigraph import DefaultGraph, Literal, NamedNode

from kg.rdf import namespaces as ns
from kg.rdf.labels import NAMES
from kg.rdf.lookup import Term
from kg.rdf.vocabulary import CD, DCTERMS
from kg.sentences.phrases import WORDS, Phrase, any_of, fill, listed, name_part, quoted, text_part, when, with_article
from kg.wording import Facts, Wording, date_text

_CURRENT = NamedNode(f"{ns.VOCABULARY}tie-status/current")
_PLANNED = NamedNode(f"{ns.VOCABULARY}tie-status/planned")
_AS_OF = CD.asOfLatest
_MARKS = (CD.hedge, CD.extent, CD.frequency)
_TAILS = (
    (CD.about, ", concerning {names}"),
    (CD.theme, ", in the field of {names}"),
    (CD.basis, ", based on {kinds}"),
    (CD.underAgreement, ", under {names}"),
    (CD.location, ", in {names}"),
    (CD.attributedTo, ", according to {names}"),
)
"""What any account may add to its clause, in this order."""
_NAMED_ONCE = (CD.about, CD.theme, CD.location)
_SEVERAL = {CD.theme: ", in the fields of {names}"}
_VERBS = {"be": ("is", "are"), "have": ("has", "have"), "imply": ("implies", "imply")} | {
    verb: (f"{verb}s", verb)
    for verb in ("act", "deal", "include", "involve", "perform", "proceed", "rest", "speak", "work")
}
_FORMERLY = {"be": ("was formerly", "were formerly"), "have": ("formerly had",) * 2, "act": ("formerly acted",) * 2}
"""Verbs in the singular and in the plural, and the same of former ties."""
_PERSONAL = re.compile(r"\b(?!An?\b|Another\b|The\b|RUSI\b)[A-Z]\w*|interviewee|researcher")
"""The parts of a name by which a text may call a person, or one who is not named."""
_ABBREVIATION = re.compile(r"\(([A-Z]{2,})\)$")
"""The short form of a name that its label has in brackets."""
_SINGULAR = re.compile("|".join(WORDS["singular"]), re.IGNORECASE)
_PLURAL = any_of(WORDS["plural"])
_OF_WORK = re.compile(r"(?<=nterviewees) of \w+ \d{4}\b")
"""What the names of groups of interviewees have of the work in which they speak, where its own sentences name them."""
_WORD = re.compile(r"[^\W\d_]{3,}")
_CALLED = {name: any_of(words) for name, words in WORDS["called"].items()}
"""By what else a text may name a thing."""
_STEM = 5
"""As many letters of a word as have to agree: China and Chinese, diplomat and diplomatic."""


class Draft:
    """The statements about one node, each of which is taken once; what is left over can be listed."""

    def __init__(self, wording: Wording, thing: NamedNode, facts: Facts, subject: NamedNode | None = None) -> None:
        self.wording = wording
        self.thing = thing
        self.facts = facts
        self.subject = subject
        """The party that is the subject of the sentence, where a template leaves a choice."""
        self._taken: set[NamedNode] = set()

    @property
    def tie(self) -> Facts:
        """The statements about the thing of an account, such as the parties of a tie."""
        return self.wording.facts(self.thing, DefaultGraph())

    def name(self) -> Phrase:
        """Return the name of the thing."""
        return name_part(self.wording.name_of(self.thing))

    def take(self, predicate: NamedNode) -> list[Term]:
        """Return the values of a property, none if they are taken."""
        if predicate in self._taken:
            return []
        self._taken.add(predicate)
        return self.facts.get(predicate, [])

    def take_one(self, predicate: NamedNode, value: Term) -> bool:
        """Take one value of a property and leave the others; return False if the property is taken."""
        if predicate in self._taken:
            return False
        self.facts = {**self.facts, predicate: [one for one in self.facts.get(predicate, []) if one != value]}
        return True

    def places(self) -> dict[str, Phrase]:
        """Return where the account is stated, and the verbs of which that is the subject; pages name the passage."""
        stated = self.facts.get(CD.statedIn, [])
        is_passage = [isinstance(one, NamedNode) and ns.kind_of(one.value) == "passage" for one in stated] == [True]
        return self.verbs(stated) | {"places": text_part("the passage") if is_passage else self.names(stated)}

    def names(self, values: Sequence[Term]) -> Phrase:
        """Return the names of things, and texts, as a list."""
        return listed([self.value(value) for value in values])

    def value(self, value: Term) -> Phrase:
        """Return a value in words."""
        if isinstance(value, NamedNode):
            return name_part(self.wording.name_of(value))
        return text_part(value.value, value.language or "en") if isinstance(value, Literal) else []

    def speakers(self, values: Sequence[Term]) -> Phrase:
        """Return the names of speakers, of interviewees without the work that has them."""
        return [{**part, "text": _OF_WORK.sub("", part["text"])} for part in self.names(values)]

    def label(self, value: Term) -> str:
        """Return the label of a concept."""
        return self.wording.name_of(value)["text"] if isinstance(value, NamedNode) else ""

    def named(self, predicate: NamedNode) -> Phrase:
        """Take a property of the account and return its values as a list."""
        return self.names(self.take(predicate))

    def is_several(self, values: Sequence[Term]) -> bool:
        """Return True if values take the plural: several, or a group whose name does."""
        groups = [one for one in values if isinstance(one, NamedNode) and ns.kind_of(one.value) == "group"]
        labels = map(self.label, values)
        return (
            len(values) > 1
            or any(not _SINGULAR.match(self.label(one)) for one in groups)
            or any(_PLURAL.match(one) for one in labels)
        )

    def verbs(self, subjects: Sequence[Term], *, former: bool = False) -> dict[str, Phrase]:
        """Return the forms of verbs that agree with their subjects."""
        several = self.is_several(subjects)
        return {verb: text_part(forms[several]) for verb, forms in (_FORMERLY if former else _VERBS).items()}

    def tails(self, clause: Phrase) -> Phrase:
        """Take what any account may add to its clause, and return it: topics, bases, times, doubts.

        Topics and places that the clause names are not named again; who speaks of itself does so by its own account.
        """
        found: Phrase = []
        subject = [part["iri"] for part in clause if part["iri"]][:1]
        for predicate, template in _TAILS:
            values, said = self.take(predicate), "".join(part["text"] for part in (*clause, *found))
            if predicate == CD.attributedTo and [getattr(one, "value", "") for one in values] == subject:
                found += text_part(f", by {'their' if self.is_several(values) else 'its'} own account")
            elif values := [one for one in values if predicate not in _NAMED_ONCE or not self.has_name_in(one, said)]:
                several = _SEVERAL.get(predicate, template) if len(values) > 1 else template
                kinds = listed([text_part(with_article(self.label(value))) for value in values])
                names = self.speakers(values) if predicate == CD.attributedTo else self.names(values)
                found += fill(several, names=names, kinds=kinds)
        return found + self.times() + self.remarks()

    def times(self) -> Phrase:
        """Take the times of an account, and return them as the end of a clause."""
        is_current = _CURRENT in self.facts.get(CD.status, [])
        begins, ends, at = (self.take(one) for one in (CD.begin, CD.end, CD.atTime))
        since, until = (
            " and ".join(date_text(one) for one in times if isinstance(one, Literal)) for times in (begins, ends)
        )
        if begins and ends and since != until:
            texts = [f", from {since} to {until}"]
        elif begins and is_current:
            texts = [f", since {since}"]
        else:
            texts = [f", beginning {times_text(begins)}"] if begins else []
            texts += [f", ending {times_text(ends)}"] if ends else []
        texts += [f", {times_text(at)}"] if at else []
        if not texts and _PLANNED in self.facts.get(CD.status, []) and CD.says not in self.facts:
            texts = [f", as of {one.value[:4]}" for one in self.take(_AS_OF) if isinstance(one, Literal)]
        return text_part("".join(texts))

    def remarks(self) -> Phrase:
        """Take what qualifies the whole: hedge, extent and frequency, in brackets."""
        values = [value for predicate in _MARKS for value in self.take(predicate)]
        several = listed([self.mark(value) for value in values], "; ", "; ")
        return fill(" ({several})", several=several) if values else []

    def mark(self, value: Term) -> Phrase:
        """Return a doubt or limit as it stands in brackets: (possibly)."""
        label = self.label(value)
        return text_part(WORDS["marks"][label]) if label in WORDS["marks"] else self.value(value)

    def has_name_in(self, thing: Term, text: str) -> bool:
        """Return True if a text has one of the names of a thing, of a person a part of the name."""
        if not isinstance(thing, NamedNode):
            return False
        facts = self.wording.facts(thing, DefaultGraph())
        names = [one.value for by in NAMES for one in facts.get(by, []) if isinstance(one, Literal)]
        if ns.kind_of(thing.value) == "person":
            parts = {one.casefold() for one in _PERSONAL.findall(self.label(thing))}
            return not parts.isdisjoint(re.findall(r"\w+", text.casefold()))
        if "interviewee" in self.label(thing).casefold():
            return "interview" in text.casefold()
        names += [self.label(thing).removesuffix(" in general"), *_ABBREVIATION.findall(self.label(thing))]
        if any(name.casefold() in text.casefold() for name in names):
            return True
        if (called := _CALLED.get(self.label(thing))) and called.search(text):
            return True
        stems = _stems(self.label(thing))
        return bool(stems) and stems <= _stems(text)

    def printed(self, parties: Sequence[Term]) -> Phrase:
        """Take the printed names, and return those that differ from names and citations by more than capitals."""
        labels = {self.label(party).casefold() for party in (*parties, self.thing)}
        labels |= {
            one.value.casefold()
            for one in self.facts.get(DCTERMS.bibliographicCitation, [])
            if isinstance(one, Literal)
        }
        printed = [
            name
            for name in self.take(CD.printedName)
            if isinstance(name, Literal) and name.value.casefold() not in labels
        ]
        return fill("Printed as {names}", names=quoted(printed)) if printed else []

    def left(self, predicates: Sequence[NamedNode]) -> Iterator[tuple[NamedNode, list[Term]]]:
        """Take and yield the properties of some that no template has taken."""
        for predicate in predicates:
            if values := self.take(predicate):
                yield predicate, values


def _words(text: str) -> set[str]:
    """Return the words of a text that carry its meaning, in small letters, without what is in brackets."""
    words = map(str.casefold, _WORD.findall(re.sub(r" \([^)]*\)", "", text)))
    return {"china" if word == "chinese" else word for word in words if word not in WORDS["countless"]}


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in _words(text)}


def repeats(says: str, purpose: str) -> bool:
    """Return True if a text says a purpose already: all the words that carry its meaning, by their beginnings."""
    return bool(_stems(purpose)) and _stems(purpose) <= _stems(says)


def times_text(values: Sequence[Term]) -> str:
    """Return times in words, each with its preposition."""
    return " and ".join(when(value) for value in values if isinstance(value, Literal))
