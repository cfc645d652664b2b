"""The wordings of passages that are like a question: by the words that both have, and how rare these are."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from heapq import nsmallest
from math import log
from typing import NamedTuple

from kg.ask.wordings import wordings_of_passages, words_and_pairs

_MOST = 200


class AlikeWording(NamedTuple):
    """A wording of a passage, by IRI, and how like the question it is: 1 if it has the same words."""

    passage: str
    says: str
    is_answered: bool
    likeness: float


def alike_wordings(question: str) -> list[AlikeWording]:
    """Return the wordings that are like a question, also those that no source answers; the most alike come first."""
    return _wordings().alike(question)


class _Wordings:
    """All wordings, and which of them have each word."""

    def __init__(self) -> None:
        self._all = [(passage, one) for passage, several in wordings_of_passages().items() for one in several]
        self._having = defaultdict[str, list[int]](list)
        sets = [words_and_pairs(one.says) for _, one in self._all]
        for place, words in enumerate(sets):
            for word in words:
                self._having[word].append(place)
        self._rarity = {word: log(1 + len(self._all) / (1 + len(places))) for word, places in self._having.items()}
        self._sizes = [sum(map(self._rarity.__getitem__, words)) for words in sets]

    def alike(self, question: str) -> list[AlikeWording]:
        words = words_and_pairs(question)
        shared = defaultdict[int, float](float)
        for word in words & self._having.keys():
            rarity = self._rarity[word]
            for place in self._having[word]:
                shared[place] += rarity
        size = sum(self._rarity.get(word, log(1 + len(self._all))) for word in words)
        found = ((-2 * both / (size + self._sizes[place]), place) for place, both in shared.items())
        return [
            AlikeWording(self._all[place][0], *self._all[place][1], likeness=-likeness)
            for likeness, place in nsmallest(_MOST, found)
        ]


@cache
def _wordings() -> _Wordings:
    return _Wordings()
