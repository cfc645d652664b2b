"""How likely it is that passages answer a question, by what people ask that they do and do not answer.

The words are weighed by naive Bayes, and that with other signs by logistic regression: `python -m bench ask --fit`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from heapq import nsmallest
from math import log
from typing import NamedTuple

from kg.ask.wordings import PassageWording, parts_of, wordings_of_passages

_MOST = 200
"""The wordings that are returned as like a question."""
_NEAR = 10
"""The weight of what is asked about the passages at hand beside what is asked about all."""
_UNSEEN = 0.1
"""What is added to each count, since a word that was never asked with may be."""
_EVERY = ""
_MOST_ALIKE = 10
"""The wordings most like a question that are looked at."""
_WEIGHTS = (0.1322, 0.0738, 3.6734, 3.2615)
"""The weights of the signs below, in their order."""
_BIAS = -2.94
LEAST_OF_PASSAGES, LEAST_OF_TOPICS, LEAST_OF_ROWS = 1.95, 1.2, 0.5
"""The least log-odds with which passages answer; with which they do a text that asks nothing, and so has no one answer;
and with which rows of a canned query do, which are surer."""


class AlikeWording(NamedTuple):
    """A wording of a passage, by IRI, and how like the question it is: 1 if it has the same words."""

    passage: str
    says: str
    is_answered: bool
    likeness: float


class Signs(NamedTuple):
    """Signs that passages answer a question: the higher, the likelier.

    `evidence` is how much its words are those of questions that are answered. `common` is the share of it that the
    passages have, times how rare what they have is. `agreed` is how many of the wordings most like it they answer.
    `met` is the share of it that one of their statements has that has what is asked for, such as a number or a name.
    """

    evidence: float
    common: float
    agreed: float
    met: float


def log_odds(signs: Signs) -> float:
    """Return the logarithm of the odds that passages with some signs answer."""
    return _BIAS + sum(weight * sign for weight, sign in zip(_WEIGHTS, signs, strict=True))


def alike_wordings(question: str) -> list[AlikeWording]:
    """Return the wordings that are like a question, also those that no source answers; the most alike come first.

    Likeness is by the words that both have, small ones too, and how rare these are.
    """
    return _asked().alike(question)


def agreement(alike: Sequence[AlikeWording], passages: Collection[str]) -> float:
    """Return the share of the wordings most like a question that passages answer, by how like it they are, squared.

    The wordings are those of all passages, also those that no source answers, the most alike first.
    """
    nearest = alike[:_MOST_ALIKE]
    agreed = sum(one.likeness**2 for one in nearest if one.is_answered and one.passage in passages)
    return agreed / sum(one.likeness**2 for one in nearest) if nearest else 0.0


def evidence(question: str, passages: Collection[str]) -> float:
    """Return the log-likelihood ratio of the words of a question: above 0, they speak for its being answered.

    The passages, by IRI, are those that it may be about. Words that no wording has do not count.
    """
    return _asked().evidence(question, passages)


def is_asked_with(word: str) -> bool:
    """Return True if people ask with a word, or with all pairs of its Chinese characters."""
    return all(map(_asked().has, parts_of(word)))


class _Asked:
    """All wordings, and which of them have each part: those that are answered first, those of one passage together."""

    def __init__(self) -> None:
        self._all: list[tuple[str, PassageWording]] = []
        self._places: dict[tuple[bool, str], range] = {}
        for is_answered in (True, False):
            first = len(self._all)
            for passage, several in wordings_of_passages().items():
                start = len(self._all)
                self._all += [(passage, one) for one in several if one.is_answered == is_answered]
                self._places[is_answered, passage] = range(start, len(self._all))
            self._places[is_answered, _EVERY] = range(first, len(self._all))
        self._having = defaultdict[str, list[int]](list)
        for place, (_, one) in enumerate(self._all):
            for part in parts_of(one.says):
                self._having[part].append(place)
        self._sizes = [0.0] * len(self._all)
        for word in filter(_is_word, self._having):
            rarity = self._rarity(word)
            for place in self._having[word]:
                self._sizes[place] += rarity

    def alike(self, question: str) -> list[AlikeWording]:
        words = [*filter(_is_word, parts_of(question))]
        shared = defaultdict[int, float](float)
        for word in words:
            rarity = self._rarity(word)
            for place in self._having.get(word, ()):
                shared[place] += rarity
        size = sum(map(self._rarity, words))
        found = ((-2 * both / (size + self._sizes[place]), place) for place, both in shared.items())
        return [
            AlikeWording(self._all[place][0], *self._all[place][1], likeness=-likeness)
            for likeness, place in nsmallest(_MOST, found)
        ]

    def evidence(self, question: str, passages: Collection[str]) -> float:
        return sum(
            log(self._share(part, passages, is_answered=True) / self._share(part, passages, is_answered=False))
            for part in parts_of(question)
            if part in self._having
        )

    def has(self, part: str) -> bool:
        return part in self._having

    def _rarity(self, word: str) -> float:
        return log(1 + len(self._all) / (1 + len(self._having.get(word, ()))))

    def _share(self, part: str, near: Iterable[str], *, is_answered: bool) -> float:
        """Return the share of wordings that have a part, those about the passages at hand counting more."""
        every = self._places[is_answered, _EVERY]
        of = [self._places[is_answered, passage] for passage in near if (is_answered, passage) in self._places]
        having = self._count(part, every) + _NEAR * sum(self._count(part, places) for places in of)
        return (having + _UNSEEN) / (len(every) + _NEAR * sum(map(len, of)) + 2 * _UNSEEN)

    def _count(self, part: str, places: range) -> int:
        having = self._having[part]
        return bisect_left(having, places.stop) - bisect_left(having, places.start)


def _is_word(part: str) -> bool:
    return " " not in part


@cache
def _asked() -> _Asked:
    return _Asked()
