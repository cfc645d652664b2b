"""The wordings of people: words that mean the same, and what they ask that a canned query or a passage answers.

They are read from `queries/asked.yaml` and `queries/wordings.csv`.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from kg import resources
from kg.rdf import namespaces as ns

_FILE, _OF_PASSAGES = "asked.yaml", "wordings.csv"
_STEM = 5
_CHINESE = re.compile("[\u3400-\u9fff]+")


class Rows(NamedTuple):
    """Which statements are rows of a canned query: their kinds, where a value of it is, and its other values."""

    kinds: tuple[str, ...]
    parameter: str
    properties: tuple[str, ...]
    values: tuple[tuple[str, str], ...]


class Wordings(NamedTuple):
    """The contents of the file.

    `words` leads from a word or words, in lower case, to the English ones that mean the same; `longest` is the number
    of characters of the longest in Chinese. `asking` are words for the kind of answer that is looked for, and `needs`
    what such words ask for and what answers. `questions` has other wordings of canned queries, by name, `answering` the
    names of those that are asked, `rows` the statements that are rows of them, `of_own_country` those
    whose country is that of the thing, and `held` by work the kinds of ties that the graph holds in full.
    """

    words: Mapping[str, tuple[str, ...]]
    longest: int
    asking: frozenset[str]
    idle: frozenset[str]
    light: frozenset[str]
    idle_chinese: re.Pattern[str]
    needs: Sequence[tuple[re.Pattern[str], re.Pattern[str]]]
    questions: Mapping[str, tuple[str, ...]]
    answering: frozenset[str]
    rows: Mapping[str, Sequence[Rows]]
    of_own_country: frozenset[str]
    held: Mapping[str, tuple[str, ...]]


@cache
def wordings() -> Wordings:
    """Return the contents of the file."""
    stated: dict[str, Any] = resources.load_yaml((resources.QUERIES / _FILE).read_text(encoding="utf-8"))
    words: dict[str, tuple[str, ...]] = {}
    for line in stated["words"]:
        group = [str(word).casefold() for word in line]
        english = tuple(word for word in group if not is_chinese(word))
        for word in group:
            words[word] = (*words.get(word, ()), *english)
    return Wordings(
        words,
        max(len(word) for word in words if is_chinese(word)),
        frozenset(str(word).casefold() for word in stated["asking"]),
        frozenset(stated["idle"].split()),
        frozenset(stated["light"].split()),
        re.compile("|".join(stated["idle Chinese"].split())),
        [(re.compile(one["asked"]), re.compile(one["has"])) for one in stated["needs"]],
        {name: tuple(several) for name, several in stated["questions"].items()},
        frozenset(stated["answering"].split()),
        {
            name: [
                Rows(
                    tuple(of["kinds"]),
                    of.get("parameter", ""),
                    tuple(of.get("properties", ())),
                    tuple(of.get("values", {}).items()),
                )
                for of in several
            ]
            for name, several in stated["rows"].items()
        },
        frozenset(stated["of own country"].split()),
        {work: tuple(kinds) for work, kinds in stated["held"].items()},
    )


class PassageWording(NamedTuple):
    """What people ask about a passage in other words than its own, and whether it answers that, or no source does."""

    says: str
    is_answered: bool


@cache
def wordings_of_passages() -> Mapping[str, Sequence[PassageWording]]:
    """Return by IRI what people ask about each passage."""
    found = defaultdict[str, list[PassageWording]](list)
    with (resources.QUERIES / _OF_PASSAGES).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            wording = PassageWording(row["wording"], row["answered"] == "yes")
            found[ns.PREFIXES["passage"] + row["passage"]].append(wording)
    return found


@cache
def vocabulary() -> frozenset[str]:
    """Return the English words with which people ask."""
    asked = (one.says for several in wordings_of_passages().values() for one in several)
    return frozenset(word for says in asked for word in words_of(says))


def words_of(text: str) -> list[str]:
    """Return the English words of a text that say something."""
    words = re.findall(r"[^\W_]+", _CHINESE.sub(" ", text).casefold())
    return [word for word in words if word not in wordings().idle and word not in wordings().light]


def is_chinese(text: str) -> bool:
    """Return True if a text begins with a Chinese character."""
    return _CHINESE.match(text) is not None


def pairs(text: str) -> list[str]:
    """Return the overlapping pairs of the Chinese characters of a text, which has no spaces between words."""
    return [one + other for run in _CHINESE.findall(text) for one, other in pairwise(run)]


@dataclass
class Counted:
    """How many texts there are, and how many of them have each of their parts."""

    texts: int = 0
    parts: Counter[str] = field(default_factory=Counter)

    def add(self, parts: Iterable[str]) -> None:
        """Count the parts of another text."""
        self.texts += 1
        self.parts.update(parts)


def parts_of(text: str) -> set[str]:
    """Return the words of a text, the pairs of its Chinese characters, and each two words that are neighbours."""
    words = re.findall(r"[a-z\d]+", text.casefold())
    return {*words, *pairs(text), *map(" ".join, pairwise(words))}


def stem(word: str) -> str:
    """Return the letters by which a word is taken for another form of itself, as twinned for twinning."""
    return word[:_STEM]
