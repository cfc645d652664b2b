"""Read a question in one's own words: the things that it names, the year, and the terms to look for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from pyoxigraph import NamedNode

from kg.ask.alike import AlikeWording, alike_wordings
from kg.ask.needs import Needs
from kg.ask.texts import Texts, phrase, token
from kg.ask.wordings import is_chinese, pairs, vocabulary, wordings
from kg.names import Names
from kg.nearest import nearest
from kg.rdf import namespaces as ns

LONGEST = 400
"""Characters of a question that are read."""
_MOST_TERMS = 24
_MOST_WORDS_OF_NAME = 6
_LEAST_LETTERS, _ALIKE = 5, 0.84
"""The letters of a word in which a slip is seen, and how like another it must be: one letter in seven."""
_RUN = re.compile(r"[\u3400-\u9fff]+|(?:(?![\u3400-\u9fff])[^\W_])(?:(?![\u3400-\u9fff])[\w&.’'])*(?<![.’'_])")
_POSSESSIVE = re.compile(r"['’]s$")
_YEAR = re.compile(r"(?:since|after|from|seit|自|从)?\s*\b(1[89]\d\d|20\d\d)\b")
_NAMED = (
    *("city", "polity", "district", "region", "nation", "country", "place", "network", "organisation", "person"),
    *("passage", "publication", "group", "agreement"),
)
"""The kinds of things that a question may name, the likeliest first."""
PROPER = frozenset(("city", "polity", "district", "region", "network", "organisation", "person"))
_PLACES = ("国", "省", "市")
"""The ends of Chinese names of places."""
_CITY = ("city", "cities", "town", "towns", "城市")
_SCHEMES = ("theme", "term", "diplomatic-function", "key-term", "tie-kind")
_LIKELY = ("city", "country", "organisation", "network", "person")
_TIE_KINDS = f"{ns.VOCABULARY}tie-kind/"
_NEAR = ("city", "country", "network", "person")
"""The kinds of things that are found by a name with a slip."""


_Things = tuple[str, ...]


class Term(NamedTuple):
    """A part of a question to look for: the text as typed, and phrases of the index for it, and for words like it."""

    text: str
    phrases: tuple[str, ...]
    alike: tuple[str, ...] = ()
    is_proper: bool = False
    """True for the name of a thing of its own, such as a city."""
    is_light: bool = False
    """True for a word that says little, which a text need not have."""

    @property
    def is_of_city(self) -> bool:
        """True for the words for cities in general, which nearly all questions have."""
        return self.text.casefold() in _CITY


class NamedPart(NamedTuple):
    """A part of a question that names things, the likeliest first; `is_near` if a name is only similar."""

    text: str
    things: tuple[str, ...]
    is_near: bool


@dataclass
class Understanding:
    """What was understood of a question, and which parts of it were not."""

    text: str
    rest: str = ""
    """The end of a text that is too long to be read whole."""
    terms: list[Term] = field(default_factory=list)
    named: list[NamedPart] = field(default_factory=list)
    year: str = ""
    spelt: dict[str, str] = field(default_factory=dict)
    """Words with a slip, and what they are read as."""
    unknown: list[str] = field(default_factory=list)

    @property
    def language(self) -> str:
        """The language of the question: zh, or else en."""
        return "zh" if re.search("[\u3400-\u9fff]", self.text) else "en"

    @cached_property
    def needs(self) -> Needs:
        """What the sentences that answer must have."""
        return Needs(self.text)

    @cached_property
    def alike(self) -> Sequence[AlikeWording]:
        """The wordings of passages that are like it, the most alike first."""
        return alike_wordings(self.text)

    @property
    def names_unknown(self) -> bool:
        """True if something is named that the graph does not know: no answer can be about it."""
        return any(
            (one[:1].isupper() and not self.text.startswith(one)) or (is_chinese(one) and one[-1] in _PLACES)
            for one in self.unknown
        )

    @property
    def is_of_one_thing(self) -> bool:
        """True if one thing is named, and all else asks what it means."""
        if len(self.named) != 1 or self.unknown:
            return False
        others = (term.text for term in self.terms if not term.is_light and term.text not in self.named[0].text)
        return all("definition" in wordings().words.get(text.casefold(), ()) for text in others)


class Reader:
    """Reads questions by the names of a graph and the index of its texts."""

    def __init__(self, names: Names, texts: Texts) -> None:
        self._names = names
        self._texts = texts

    def read(self, text: str) -> Understanding:
        """Return what is understood of a question; only its beginning is read if it is long."""
        read = text if len(text) <= LONGEST else text[:LONGEST].rpartition(" ")[0] or text[:LONGEST]
        found = Understanding(read, rest=text[len(read) :].strip())
        if year := _YEAR.search(found.text):
            found.year = year[1]
        words = [_POSSESSIVE.sub("", run) for run in _RUN.findall(found.text)]
        runs = [self._spelt(word) for word in words]
        found.spelt = {word: run for word, run in zip(words, runs, strict=True) if run != word}
        place = 0
        while place < len(runs):
            if is_chinese(runs[place]):
                self._read_chinese(found, runs[place])
                place += 1
            else:
                place += self._read_words(found, runs, place)
        found.terms = list({term.phrases: term for term in found.terms}.values())[:_MOST_TERMS]
        return found

    def _read_words(self, found: Understanding, runs: list[str], start: int) -> int:
        """Read the longest name, or words that mean something, at a place; return how many words these are."""
        for count in range(min(_MOST_WORDS_OF_NAME, len(runs) - start), 0, -1):
            words = runs[start : start + count]
            text = " ".join(words)
            if any(map(is_chinese, words)) or (count == 1 and _is_idle(text)):
                continue
            alike = wordings().words.get(text.casefold(), ())
            things = self._things(text)
            if not things or not _is_proper(things):  # a term, such as "sister cities", is a kind of tie in other words
                things = tuple(dict.fromkeys((*things, *self._likely(alike))))
            if things:
                found.named.append(NamedPart(text, things, False))
                self._add(found, text, (*map(_token_phrase, things), phrase(text)), alike, things)
                if count > 1 and not _is_proper(things):
                    for word in words:
                        self._add_word(found, word)
                return count
            if alike:
                self._add(found, text, (phrase(text),), alike, is_light=_is_light(text))
                return count
        self._add_word(found, runs[start], slip=True)
        return 1

    def _add_word(self, found: Understanding, word: str, slip: bool = False) -> None:
        if _is_idle(word):
            return
        if _is_light(word):
            found.terms.append(Term(word, (phrase(word),), is_light=True))
            return
        alike = wordings().words.get(word.casefold(), ())
        phrases = dict.fromkeys((phrase(word), phrase(_grouped(word))))
        if alike or any(map(self._texts.has, phrases)):
            self._add(found, word, phrases, alike)
        elif slip and (things := self._near(word)):
            found.named.append(NamedPart(word, things, True))
            self._add(found, word, tuple(map(_token_phrase, things)), of=things)
        else:
            found.unknown.append(word)

    def _read_chinese(self, found: Understanding, run: str) -> None:
        start, rest = 0, []
        while start < len(run):
            for end in range(min(len(run), start + wordings().longest), start, -1):
                part = run[start:end]
                alike = wordings().words.get(part, ())
                things = self._things(part) if len(part) > 1 else ()
                things = things or self._likely(alike)
                if things or alike:
                    if things:
                        found.named.append(NamedPart(part, things, False))
                    self._add(
                        found,
                        part,
                        (*map(_token_phrase, things), *map(phrase, pairs(part)), *map(phrase, alike)),
                        of=things,
                        is_light=_is_light(part),
                    )
                    start = end
                    break
            else:
                rest.append(run[start])
                start += 1
                continue
            rest.append(" ")
        for left in wordings().idle_chinese.sub(" ", "".join(rest)).split():
            if len(left) > 1 and any(map(self._texts.has, map(phrase, pairs(left)))):
                self._add(found, left, map(phrase, pairs(left)))
            elif len(left) > 1:
                found.unknown.append(left)

    @staticmethod
    def _add(
        found: Understanding,
        text: str,
        phrases: Iterable[str],
        alike: Iterable[str] = (),
        of: _Things = (),
        *,
        is_light: bool = False,
    ) -> None:
        is_proper = bool(of) and ns.kind_of(of[0]) in PROPER
        found.terms.append(Term(text, tuple(dict.fromkeys(phrases)), tuple(map(phrase, alike)), is_proper, is_light))

    def _things(self, text: str) -> tuple[str, ...]:
        """Return the IRIs of the things of kinds that a question names that a text means, the likeliest first."""
        if len(text) < 2:
            return ()
        found = [one.value for one in self._names.resolve(text, _may_be_named).things]
        return tuple(sorted(found, key=lambda iri: (_rank(iri), iri)))

    def _likely(self, alike: Iterable[str]) -> tuple[str, ...]:
        """Return the places, and the kinds of ties, that words of the same meaning name."""
        things = (iri for one in alike for iri in self._things(one))
        return tuple(dict.fromkeys(iri for iri in things if ns.kind_of(iri) in _LIKELY or iri.startswith(_TIE_KINDS)))

    def _spelt(self, word: str) -> str:
        """Return a word with a slip, which no text has, as the one that people ask with and that is very like it."""
        is_short = len(word) < _LEAST_LETTERS or not word.isascii() or not word.islower()
        if is_short or _is_light(word) or word in wordings().words or self._things(word):
            return word
        if (things := self._things(word.removesuffix("s"))) and _is_proper(things):
            return word.removesuffix("s")
        if self._texts.has(phrase(word)):
            return word
        return nearest(word, vocabulary(), _ALIKE) or word

    def _near(self, word: str) -> tuple[str, ...]:
        if not word[0].isupper() or len(word) < 5:
            return ()
        return tuple(one.value for one in self._names.near(word, _NEAR).things[:1])


def _is_idle(word: str) -> bool:
    """Return True for words that say nothing of what is looked for; US and WHO in capitals are names."""
    return word.casefold() in wordings().idle and not (len(word) > 1 and word.isupper())


def _is_light(text: str) -> bool:
    """Return True for words that say little of what is looked for, or only which kind of answer that is."""
    return text.casefold() in wordings().light or text.casefold() in wordings().asking


def _grouped(word: str) -> str:
    """Return a number as texts have it, with commas; any other word as it is."""
    return f"{int(word):,}" if word.isdecimal() and word.isascii() else word


def _may_be_named(thing: NamedNode) -> bool:
    if thing.value.startswith(ns.ID):
        return ns.kind_of(thing.value) in _NAMED
    scheme, _, concept = thing.value.removeprefix(ns.VOCABULARY).partition("/")
    return scheme in _SCHEMES and concept != "part-of"


def _rank(iri: str) -> int:
    kind = ns.kind_of(iri)
    return _NAMED.index(kind) if kind in _NAMED else len(_NAMED)


def _is_proper(things: tuple[str, ...]) -> bool:
    """Return True if a name is of a thing of its own, no group or concept, whose words mean something by themselves."""
    return ns.kind_of(things[0]) not in ("group", "")


def _token_phrase(iri: str) -> str:
    return phrase(token(iri))
