"""Rank passages, statements and canned queries by the terms of a question: BM25, words of one meaning counting once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from math import log
from typing import Literal as OneOf
from typing import NamedTuple, TypeVar

from kg.ask.answerable import AlikeWording
from kg.ask.texts import Table, Texts
from kg.ask.understanding import Term
from kg.rdf import namespaces as ns

K = TypeVar("K", int, str)

_ALIKE = 0.4
"""The weight of a word that means the same, where the word itself is not there."""
_ALIKE_SHARE = 0.7
"""The part of a term that such a word counts for in the share of the question that a text has."""
_PROPER = 2.2
"""The weight of the name of a thing of its own."""
_LIGHT = 0.5
"""The weight of a word that says little."""
_STATEMENTS = (0.7, 0.4, 0.2)
"""The weights of the best statements of a passage beside its text as a whole."""
_WORDING = 20.0
"""The weight of how like the question the best wording of a passage is, beside these."""
_MOST_ROWS = 600


class RankedStatement(NamedTuple):
    """A statement, its passage, its score, and the share that it has of the question."""

    iri: str
    passage: str
    score: float
    share: float


@dataclass
class RankedPassage:
    """A passage, its score, what it has of the question, as a share, too; its statements, best first.

    Its `wording` is that which is most like the question.
    """

    iri: str
    score: float = 0.0
    found: float = 0.0
    share: float = 0.0
    statements: list[RankedStatement] = field(default_factory=list)
    wording: AlikeWording | None = None


class _Scores(dict[K, float]):
    """Scores by row or name, and the share of the question that each has."""

    def __init__(self, texts: Texts, terms: Iterable[Term], table: Table = "texts", unknown: float = 0.0) -> None:
        super().__init__()
        self.found: dict[K, float] = defaultdict(float)
        """What each text has of the question, by how rare its terms are."""
        self._whole = unknown * log(texts.size(table) + 1)
        for term in terms:
            self._add(term, texts, table)

    def share(self, key: K) -> float:
        """Return the share of the question that a text has, by how rare its terms are."""
        return self.found[key] / self._whole if self._whole else 0.0

    def _add(self, term: Term, texts: Texts, table: Table) -> None:
        size = texts.size(table)
        own = texts.weigh(" OR ".join(term.phrases), table)
        alike = texts.weigh(" OR ".join(term.alike), table) if term.alike else {}
        number = len(own) or len(alike)
        rarity = log(1 + (size - number + 0.5) / (number + 0.5)) * (_PROPER if term.is_proper else 1.0)
        if term.is_light:
            rarity *= _LIGHT
        else:
            self._whole += rarity
        others = {key: alike[key] for key in alike.keys() - own.keys()}
        for weights, factor, share in ((own, 1.0, 1.0), (others, _ALIKE, _ALIKE_SHARE)):
            for key, weight in weights.items():
                self[key] = self.get(key, 0.0) + rarity * factor * weight
                if not term.is_light:
                    self.found[key] += rarity * share


def rank_passages(
    texts: Texts,
    terms: list[Term],
    unknown: float = 0.0,
    kinds: Collection[str] = ("passage",),
    alike: Iterable[AlikeWording] = (),
) -> list[RankedPassage]:
    """Return the passages, or sources of other kinds, that fit the terms, the best first.

    A number of `unknown` terms, no text has. Wordings that are `alike`, the most alike first, speak for their passages.
    """
    scores = _Scores[int](texts, terms, unknown=unknown)
    found: dict[str, RankedPassage] = {}
    for row in sorted(scores, key=lambda row: (-scores[row], row))[:_MOST_ROWS]:
        iri, source = texts.places[row]
        if ns.kind_of(source) in kinds:
            passage = found.setdefault(source, RankedPassage(source))
            if iri == source:
                passage.score, passage.found, passage.share = scores[row], scores.found[row], scores.share(row)
            else:
                passage.statements.append(RankedStatement(iri, source, scores[row], scores.share(row)))
    for passage in found.values():
        best = zip(_STATEMENTS, passage.statements, strict=False)
        passage.score += sum(weight * statement.score for weight, statement in best)
    for wording in alike:
        if wording.is_answered and texts.is_of(wording.passage):
            passage = found.setdefault(wording.passage, RankedPassage(wording.passage))
            if passage.wording is None:
                passage.wording = wording
                passage.score += _WORDING * wording.likeness
    return sorted(found.values(), key=lambda one: (-one.score, one.iri))


def rank_named(
    texts: Texts, terms: list[Term], table: OneOf["questions", "defined"] = "questions"
) -> list[tuple[str, float]]:
    """Return the canned queries by name, or what is defined by IRI, that fit the terms, with the share of these in it.

    The best come first.
    """
    scores = _Scores[str](texts, terms, table)
    return [(key, scores.share(key)) for key in sorted(scores, key=lambda key: (-scores[key], key))]
