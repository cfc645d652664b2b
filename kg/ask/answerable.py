"""How likely it is that passages answer a question, by what people ask that they do and do not answer.

The words are weighed by naive Bayes, and that with other signs by logistic regression: `python -m bench ask --fit`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from math import log
from typing import NamedTuple

from kg.ask.alike import AlikeWording
from kg.ask.wordings import Counted, parts_of, wordings_of_passages

_NEAR = 10
"""The weight of what is asked about the passages at hand beside what is asked about all."""
_UNSEEN = 0.1
"""What is added to each count, since a word that was never asked with may be."""
_MOST_ALIKE = 10
"""The wordings most like a question that are looked at."""
_WEIGHTS = (0.1355, 0.0814, 4.0151, 3.1944)
"""The weights of the signs below, in their order."""
_LEAST = 5.2
"""The least sum of weighed signs with which passages answer: then one question in fifty is answered wrongly."""


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


def is_answered(signs: Signs) -> bool:
    """Return True if passages with some signs are likely to answer."""
    return sum(weight * sign for weight, sign in zip(_WEIGHTS, signs, strict=True)) >= _LEAST


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
    return _answerable().evidence(question, passages)


class _Answerable:
    """What people ask that passages answer, and what they ask beside it that no passage does, by their words."""

    def __init__(self) -> None:
        self._asked = {True: Counted(), False: Counted()}
        self._about = {is_answered: defaultdict[str, Counted](Counted) for is_answered in (True, False)}
        for passage, several in wordings_of_passages().items():
            for one in several:
                parts = parts_of(one.says)
                self._asked[one.is_answered].add(parts)
                self._about[one.is_answered][passage].add(parts)

    def evidence(self, question: str, passages: Collection[str]) -> float:
        return sum(
            log(self._share(part, passages, is_answered=True) / self._share(part, passages, is_answered=False))
            for part in parts_of(question)
            if any(asked.parts[part] for asked in self._asked.values())
        )

    def _share(self, part: str, near: Iterable[str], *, is_answered: bool) -> float:
        """Return the share of wordings that have a part, those about the passages at hand counting more."""
        asked, about = self._asked[is_answered], self._about[is_answered]
        of = [about[passage] for passage in near if passage in about]
        having = asked.parts[part] + _NEAR * sum(one.parts[part] for one in of)
        return (having + _UNSEEN) / (asked.texts + _NEAR * sum(one.texts for one in of) + 2 * _UNSEEN)


@cache
def _answerable() -> _Answerable:
    return _Answerable()
