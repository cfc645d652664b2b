"""Read a question in one's own words: the things that it names, the year, and the terms to look for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import groupby
from typing import NamedTuple

from pyoxigraph import NamedNode

from kg.ask.answerable import AlikeWording, alike_wordings, is_asked_with
from kg.ask.texts import Texts, phrase, token
from kg.ask.wordings import is_chinese, pairs, vocabulary, wordings
from kg.names import Names
from kg.nearest import nearest
from kg.rdf import namespaces as ns

LONGEST = 400
"""Characters of a question that are read."""
_MOST_TERMS = 24
_LEAST_LETTERS, _ALIKE = 4, 0.84
"""The letters of a word in which a slip is seen, and how like another it must be: one letter in seven."""
_RUN = re.compile(r"[\u3400-\u9fff]+|(?:(?![\u3400-\u9fff])[^\W_])(?:(?![\u3400-\u9fff])[\w&.’'])*(?<![.’'_])")
_SHORTENED = re.compile(r"(?<=n)['’]t$|['’](s|re|ve|ll|d|m)$")
_YEAR = re.compile(r"(?<!\d)(1[89]|20)\d\d(?!\d)")
_NAMED = (
    *("city", "polity", "district", "region", "nation", "country", "place", "network", "organisation", "person"),
    *("passage", "publication", "group", "agreement"),
)
"""The kinds of things that a question may name, the likeliest first."""
PROPER = frozenset(("city", "polity", "district", "region", "network", "organisation", "person"))
_BESIDE = (
    r"(NAME)\s*(and|or|with|of|in|&|和|与|跟|同|及|、)\s*WORD(?![a-z])",
    r"(?<![a-z])WORD\s*(and|with|&|和|与|跟|同|及|、|的|有\w*|是\w*)\s*(NAME)",
    r"[跟与和]WORD的?(城市|结)",
    r"WORD[跟与和]谁|^WORD对",
)
"""Where a word stands as a name does: beside one or a kind of tie, or as a party of a tie."""
_PARTIES = PROPER | {"country", "nation", "group"}
_CITY = ("city", "cities", "town", "towns", "城市")
_SCHEMES = ("theme", "term", "diplomatic-function", "key-term", "tie-kind")
_LIKELY = ("city", "country", "organisation", "network", "person")
_TIE_KINDS = f"{ns.VOCABULARY}tie-kind/"
_NEAR = ("city", "country", "network", "person")
"""The kinds of things that are found by a name with a slip."""

_ASKS = re.compile(
    r"[?？吗哪谁几]|什么|多少|如何|怎|为何|是否|有没有|"
    r"\b(who|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have|can|should)\b",
    re.IGNORECASE,
)
_WHY = re.compile(r"^why\b|为什么|为何", re.IGNORECASE)
_PLACE = re.compile(r"\b(Table|Figure|Box|Section|paragraph|footnote|RUSI) \d[\d.]*", re.IGNORECASE)
"""Where a text stands: such a number counts and dates nothing."""

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


class Needs:
    """What the sentences that answer a question must have: a number, a time, a name, a reason, a definition."""

    def __init__(self, question: str) -> None:
        self._needed = [has for asked, has in wordings().needs if asked.search(question)]
        self.is_topic = not _ASKS.search(question)
        """True if a text asks nothing and only says what it is on: whatever is said of that answers it."""
        self.is_reason = bool(_WHY.search(question))
        """True if a reason is asked for."""

    def __len__(self) -> int:
        return len(self._needed)

    def met_by(self, text: str) -> frozenset[int]:
        """Return which of the things that are needed a sentence has, by number."""
        text = _PLACE.sub("", text)
        return frozenset(number for number, needed in enumerate(self._needed) if needed.search(text))

    def are_met_by(self, sentences: Iterable[str]) -> bool:
        """Return True if all that is needed is in some sentences."""
        return len(frozenset[int]().union(*map(self.met_by, sentences))) == len(self)


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
        return alike_wordings(self.text) if self.terms or not self.unknown else []

    @property
    def names_unknown(self) -> bool:
        """True if something is named that the graph does not know: no answer can be about it."""
        return any(
            (one[:1].isupper() and not self.text.startswith(one)) or self._is_beside_name(one) for one in self.unknown
        )

    @property
    def missed(self) -> float:
        """The number of words that are not understood; slang that no known question has is half of one."""
        return sum(1.0 if one[:1].isupper() or is_asked_with(one) else 0.5 for one in self.unknown)

    def _is_beside_name(self, word: str) -> bool:
        named = (
            part.text for part in self.named if any(ns.kind_of(one) in _PARTIES or _is_tie(one) for one in part.things)
        )
        names = "|".join(map(re.escape, named)) or "(?!)"
        places = (place.replace("WORD", re.escape(word)).replace("NAME", names) for place in _BESIDE)
        return any(re.search(place, self.text) for place in places)

    @property
    def is_of_one_thing(self) -> bool:
        """True if one thing is named, and all else asks what it means."""
        return len(self.named) == 1 and self._asks_only("definition")

    @property
    def is_of_disagreement(self) -> bool:
        """True if one thing is named at most, and all else asks where texts disagree on it, or differ."""
        meant = {one for term in self.terms for one in wordings().words.get(term.text.casefold(), ())}
        is_meant = "disagree" in meant or {"texts", "differ"} <= meant
        return is_meant and len(self.named) <= 1 and self._asks_only("disagree", "differ", "texts")

    def _asks_only(self, *meanings: str) -> bool:
        """Return True if each word has one of some meanings, but for names and light ones, and all is understood."""
        named = " ".join(part.text for part in self.named)
        others = [term.text.casefold() for term in self.terms if not term.is_light and term.text not in named]
        return not self.unknown and all(set(meanings) & {*wordings().words.get(text, ())} for text in others)


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
            found.year = year[0]
        words = [_SHORTENED.sub("", run) for run in _RUN.findall(found.text)]
        runs = [self._spelt(word) for word in words]
        found.spelt = {word: run for word, run in zip(words, runs, strict=True) if run != word}
        for chinese, several in groupby(runs, is_chinese):
            for parts in several if chinese else [[*several]]:
                self._read_parts(found, parts, "" if chinese else " ")
        found.terms = list({term.phrases: term for term in found.terms}.values())[:_MOST_TERMS]
        return found

    def _read_parts(self, found: Understanding, parts: Sequence[str], between: str) -> None:
        """Read words or Chinese characters with what is between them: names, what has a meaning, and others."""
        left, place = [], 0
        while place < len(parts):
            count = self._read_longest(found, parts[place : place + wordings().longest], between)
            left.append(" " if count else parts[place])
            place += count or 1
        text = between.join(left)
        for strange in self._strange(text):
            found.unknown.append(strange)
            text = text.replace(strange, " ")
        for word in wordings().idle_chinese.sub(" ", text).split():
            if len(word) > 1:
                self._read_word(found, word)

    def _strange(self, text: str) -> Iterator[str]:
        """Yield the Chinese words in a text of whose pairs no text has one, and that have an idle character in them."""
        for run in text.split():
            for is_known, several in groupby(pairs(run), lambda pair: self._texts.has(phrase(pair))):
                if not is_known:
                    first, *others = several
                    word = _idle_ends().sub("", first + "".join(pair[1] for pair in others))
                    if len(word) > 2 and wordings().idle_chinese.search(word):
                        yield word

    def _read_longest(self, found: Understanding, parts: Sequence[str], between: str) -> int:
        """Read the longest name, or words that mean something, at the beginning; return of how many parts it is."""
        for count in range(len(parts), 0, -1):
            text = between.join(parts[:count])
            if count == 1 and _is_idle(text):
                continue
            alike, things = wordings().words.get(text.casefold(), ()), self._things(text)
            if not things or not _is_proper(things):  # a term, such as "sister cities", is a kind of tie in other words
                things = tuple(dict.fromkeys((*things, *self._likely(alike))))
            if things or alike:
                self._add(found, text, alike, things)
                if between and count > 1 and things and not _is_proper(things):
                    for word in parts[:count]:
                        self._read_word(found, word)
                return count
        return 0

    def _read_word(self, found: Understanding, word: str) -> None:
        """Read a word that names nothing: one that texts have, a name with a slip, or none of these."""
        alike = wordings().words.get(word.casefold(), ())
        if _is_idle(word):
            return
        if alike or _is_light(word) or any(map(self._texts.has, _phrases(word))):
            self._add(found, word, alike)
        elif things := self._near(word):
            self._add(found, word, (), things, is_near=True)
        else:
            found.unknown.append(word)

    @staticmethod
    def _add(
        found: Understanding, text: str, alike: Iterable[str], things: _Things = (), *, is_near: bool = False
    ) -> None:
        others = tuple(map(phrase, alike))
        is_proper = bool(things) and ns.kind_of(things[0]) in PROPER
        own = () if is_proper and len(pairs(text)) > 3 else _phrases(text)  # 中国 is a part of the names of many
        phrases = (*map(phrase, map(token, things)), *own, *(others if is_chinese(text) else ()))
        found.terms.append(Term(text, phrases, others, is_proper, is_light=not things and _is_light(text)))
        if things:
            found.named.append(NamedPart(text, things, is_near))

    def _things(self, text: str) -> tuple[str, ...]:
        """Return the IRIs of the things of kinds that a question names that a text means, the likeliest first."""
        if len(text) < 2:
            return ()
        found = [one.value for one in self._names.resolve(text, _may_be_named).things]
        return tuple(sorted(found, key=lambda iri: (_rank(iri), iri)))

    def _likely(self, alike: Iterable[str]) -> tuple[str, ...]:
        """Return the places, and the kinds of ties, that words of the same meaning name."""
        things = (iri for one in alike for iri in self._things(one))
        return tuple(dict.fromkeys(iri for iri in things if ns.kind_of(iri) in _LIKELY or _is_tie(iri)))

    def _spelt(self, word: str) -> str:
        """Return a word with a slip, which no text has, as the one that people ask with and that is very like it."""
        is_short = len(word) < _LEAST_LETTERS or not word.isascii() or not word.islower()
        if is_short or _is_idle(word) or _is_light(word) or word in wordings().words or self._things(word):
            return word
        if self._texts.has(phrase(word)):
            return word
        found = nearest(word, vocabulary(), _ALIKE)
        return found if found and self._texts.has(phrase(found)) else word

    def _near(self, word: str) -> tuple[str, ...]:
        """Return what has a name with a slip: for an abbreviation, two letters that are exchanged."""
        if len(word) >= _LEAST_LETTERS and word.isupper():
            exchanged = (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1))
            return next(filter(None, map(self._things, exchanged)), ())
        if not word[0].isupper() or len(word) <= _LEAST_LETTERS:
            return ()
        return tuple(one.value for one in self._names.near(word, _NEAR).things[:1])


def _is_tie(iri: str) -> bool:
    return iri.startswith(_TIE_KINDS)


@cache
def _idle_ends() -> re.Pattern[str]:
    idle = wordings().idle_chinese.pattern
    return re.compile(f"^({idle})+|({idle})+$")


def _is_idle(word: str) -> bool:
    """Return True for words that say nothing of what is looked for; US and WHO in capitals are names."""
    return word.casefold() in wordings().idle and not (len(word) > 1 and word.isupper())


def _is_light(text: str) -> bool:
    """Return True for words that say little of what is looked for, or only which kind of answer that is."""
    return text.casefold() in wordings().light or text.casefold() in wordings().asking


def _phrases(text: str) -> tuple[str, ...]:
    """Return the phrases of the index for a text: of Chinese its pairs, of a number also that with commas."""
    if is_chinese(text):
        return tuple(map(phrase, pairs(text)))
    return tuple(map(phrase, (text, f"{int(text):,}") if text.isdecimal() and len(text) > 3 else (text,)))


def _may_be_named(thing: NamedNode) -> bool:
    if thing.value.startswith(ns.ID):
        return ns.kind_of(thing.value) in _NAMED
    return thing.value.removeprefix(ns.VOCABULARY).partition("/")[0] in _SCHEMES


def _rank(iri: str) -> int:
    kind = ns.kind_of(iri)
    return _NAMED.index(kind) if kind in _NAMED else len(_NAMED)


def _is_proper(things: tuple[str, ...]) -> bool:
    """Return True if a name is of a thing of its own, no group or concept, whose words mean something by themselves."""
    return ns.kind_of(things[0]) not in ("group", "")
