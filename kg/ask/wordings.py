"""The wordings of people, read from `queries/asked.yaml`: words that mean the same, and other wordings of questions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import yaml

from kg import resources

_FILE = "asked.yaml"
_CHINESE = re.compile("[\u3400-\u9fff]+")


class Rows(NamedTuple):
    """The kinds of statements that are rows of a canned query, and the properties with the value of a parameter."""

    kinds: tuple[str, ...]
    parameter: str
    properties: tuple[str, ...]


class Wordings(NamedTuple):
    """The contents of the file.

    `words` leads from a word or words, in lower case, to the English ones that mean the same; `longest` is the number
    of characters of the longest in Chinese. `asking` are words for the kind of answer that is looked for. `questions`
    has other wordings of canned queries, by name, `rows` the statements that are rows of them, and `held` by work the
    kinds of ties that the graph holds in full.
    """

    words: Mapping[str, tuple[str, ...]]
    longest: int
    asking: frozenset[str]
    questions: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, Rows]
    held: Mapping[str, tuple[str, ...]]


@cache
def wordings() -> Wordings:
    """Return the contents of the file."""
    stated: dict[str, Any] = yaml.safe_load((resources.QUERIES / _FILE).read_text(encoding="utf-8"))
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
        {name: tuple(several) for name, several in stated["questions"].items()},
        {
            name: Rows(tuple(of["kinds"]), of.get("parameter", ""), tuple(of.get("properties", ())))
            for name, of in stated["rows"].items()
        },
        {work: tuple(kinds) for work, kinds in stated["held"].items()},
    )


def is_chinese(text: str) -> bool:
    """Return True if a text begins with a Chinese character."""
    return _CHINESE.match(text) is not None


def pairs(text: str) -> list[str]:
    """Return the overlapping pairs of the Chinese characters of a text, which has no spaces between words."""
    return [one + other for run in _CHINESE.findall(text) for one, other in pairwise(run)]
