"""How likely it is that passages answer a question, by what people ask that they do and do not answer.

The words are weighed by naive Bayes, and that with other signs by logistic regression: `python -m bench ask --fit`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from math import log
from typing import NamedTuple

from kg.ask.ranking import RankedPassage
from kg.ask.understanding import Understanding
from kg.ask.wordings import pairs, wordings_of_passages

_NEAR = 10
"""The weight of what is asked about the passages at hand beside what is asked about all."""
_UNSEEN = 0.1
"""What is added to each count, since a word that was never asked with may be."""
_WEIGHTS = (0.1563, 0.1009, 3.3614, 1.0581)
"""The weights of the signs below, in their order."""
_LEAST = 4.25
"""The least sum of weighed signs with which passages answer: then one question in thirty is answered wrongly."""


class Signs(NamedTuple):
    """Signs that passages answer a question: the higher, the likelier.

    `evidence` is how much its words are those of questions that are answered. `common` is the share of it that the
    passages have, times how rare what they have is. `alike` is how like it a wording of theirs is. `is_open` is True
    if it asks for no particular kind of thing, such as a number or a name.
    """

    evidence: float
    common: float
    alike: float
    is_open: bool


def signs(understood: Understanding, passages: Sequence[RankedPassage]) -> Signs:
    """Return the signs that the best passages answer a question."""
    return Signs(
        _answerable().evidence(understood.text, [one.iri for one in passages]),
        max((one.found for one in passages), default=0.0) * max((one.share for one in passages), default=0.0),
        max((wording.share * wording.common for one in passages for wording in one.wordings), default=0.0),
        not understood.needs,
    )


def is_answered(understood: Understanding, passages: Sequence[RankedPassage]) -> bool:
    """Return True if the best passages are likely to answer a question."""
    found = signs(understood, passages)
    return sum(weight * sign for weight, sign in zip(_WEIGHTS, found, strict=True)) >= _LEAST


@dataclass
class _Asked:
    """How many wordings there are, and how many of them have each of their parts."""

    wordings: int = 0
    parts: Counter[str] = field(default_factory=Counter)

    def add(self, parts: Iterable[str]) -> None:
        self.wordings += 1
        self.parts.update(parts)


class _Answerable:
    """What people ask that passages answer, and what they ask beside it that no passage does, by their words."""

    def __init__(self) -> None:
        self._asked = {True: _Asked(), False: _Asked()}
        self._about = {is_answered: defaultdict[str, _Asked](_Asked) for is_answered in (True, False)}
        for passage, several in wordings_of_passages().items():
            for one in several:
                parts = _parts(one.says)
                self._asked[one.is_answered].add(parts)
                self._about[one.is_answered][passage].add(parts)

    def evidence(self, question: str, passages: Iterable[str]) -> float:
        """Return the log-likelihood ratio of the words of a question: above 0, they speak for its being answered.

        The passages, by IRI, are those that it may be about. Words that no wording has do not count.
        """
        near = [*passages]
        return sum(
            log(self._share(part, near, is_answered=True) / self._share(part, near, is_answered=False))
            for part in _parts(question)
            if any(asked.parts[part] for asked in self._asked.values())
        )

    def _share(self, part: str, near: Iterable[str], *, is_answered: bool) -> float:
        """Return the share of wordings that have a part, those about the passages at hand counting more."""
        asked, about = self._asked[is_answered], self._about[is_answered]
        of = [about[passage] for passage in near if passage in about]
        having = asked.parts[part] + _NEAR * sum(one.parts[part] for one in of)
        return (having + _UNSEEN) / (asked.wordings + _NEAR * sum(one.wordings for one in of) + 2 * _UNSEEN)


@cache
def _answerable() -> _Answerable:
    return _Answerable()


def _parts(text: str) -> set[str]:
    """Return the words of a text, each two that are neighbours, and the pairs of its Chinese characters."""
    words = re.findall(r"[a-z\d]+", text.casefold())
    return {*words, *(" ".join(two) for two in pairwise(words)), *pairs(text)}
