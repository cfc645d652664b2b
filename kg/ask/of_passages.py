"""What the passages that fit a question best have for an answer, if they have enough of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from math import inf

from kg.ask.answerable import LEAST_OF_PASSAGES, LEAST_OF_TOPICS, Signs, agreement, evidence, log_odds
from kg.ask.canned import Outcome
from kg.ask.fitting import ANYTHING
from kg.ask.ranking import RankedPassage
from kg.ask.telling import Telling
from kg.ask.texts import Stated, Texts
from kg.ask.understanding import Understanding
from kg.ask.wordings import words_of
from kg.queries import Question, find_query
from kg.rdf import namespaces as ns

MOST_PASSAGES = 3
"""The passages that answer together."""
_MOST_OF_PASSAGE, _MOST_LIKELY = 3, 8
"""The statements of a passage that answer, and those at most that belong to one list with them or are looked at."""
_ALIKE = 0.9
"""The part that a statement must have of the score of another of its kind, to belong to one list with it."""


class OfPassages:
    """The passages that fit one question, the best first."""

    def __init__(
        self,
        texts: Texts,
        understood: Understanding,
        ranked: Sequence[RankedPassage],
        telling: Telling,
    ) -> None:
        self._texts = texts
        self._best = ranked[:MOST_PASSAGES]
        self._understood = understood
        self._needs = understood.needs
        self._telling = telling
        self._met: dict[Stated, frozenset[int]] = {}
        self._near: dict[str, Mapping[Stated, float]] = {}

    def outcomes(self) -> Iterator[Outcome]:
        """Yield what the best passages state nearest to the question, if one of them has enough of it."""
        if self.log_odds >= (LEAST_OF_TOPICS if self._needs.is_topic else LEAST_OF_PASSAGES):
            for passage in self._best:
                values = {"passage": ns.compact(passage.iri)}
                question = Question(find_query(ANYTHING), values)
                listed = self._listed(passage)
                shown, more = listed[:_MOST_LIKELY], max(0, len(listed) - _MOST_LIKELY)
                yield Outcome(question, shown, len(passage.statements), more=more)

    def nearest(self, iri: str) -> list[Stated]:
        """Return the statements of one of the best passages that are nearest to the question, the nearest first."""
        return [*next((self._nearest(one) for one in self._best if one.iri == iri), ())][:_MOST_LIKELY]

    @cached_property
    def log_odds(self) -> float:
        """The logarithm of the odds that the best passages answer the question."""
        return log_odds(self._signs())

    def _signs(self) -> Signs:
        best = [one.iri for one in self._best]
        stated = [one for passage in self._best for one in passage.statements[:_MOST_LIKELY]]
        return Signs(
            evidence(self._understood.text, best),
            max((one.found for one in self._best), default=0.0) * max((one.share for one in self._best), default=0.0),
            agreement(self._understood.alike, best),
            max((one.share * self._share_met_by(Stated(one.iri, one.passage)) for one in stated), default=0.0),
        )

    def _listed(self, passage: RankedPassage) -> list[Stated]:
        """Return the statements of a passage that answer, and those of their kinds that fit as well, as whole lists."""
        scores = self._nearest(passage)
        said: dict[str, Stated] = {}
        for one in scores:
            said.setdefault(self._telling.text(one), one)
        found = [*said.values()]
        least = {ns.kind_of(one.iri): scores[one] * _ALIKE for one in reversed(found[:_MOST_OF_PASSAGE])}
        others = (one for one in found[_MOST_OF_PASSAGE:] if scores[one] >= least.get(ns.kind_of(one.iri), inf))
        return [*found[:_MOST_OF_PASSAGE], *others]

    def _nearest(self, passage: RankedPassage) -> Mapping[Stated, float]:
        """Return the statements of a passage that are near, those first that have what is asked for, and how near."""
        if passage.iri not in self._near:
            scores = self._scores(passage)
            best = sorted(scores, key=lambda iri: (-scores[iri], iri))
            likely = [Stated(iri, passage.iri) for iri in best if scores[iri] >= scores[best[0]] / 2]
            if self._needs:
                likely.sort(key=lambda one: -len(self._met_by(one)))
            self._near[passage.iri] = {one: scores[one.iri] for one in likely}
        return self._near[passage.iri]

    def _scores(self, passage: RankedPassage) -> dict[str, float]:
        """Return how near the statements of a passage are to the question and to its wording like it."""
        scores = {one.iri: one.score / passage.statements[0].score for one in passage.statements}
        if passage.wording:
            for iri, weight in self._texts.nearest(passage.iri, words_of(passage.wording.says)).items():
                scores[iri] = scores.get(iri, 0.0) + passage.wording.likeness * weight
        return scores

    def _share_met_by(self, stated: Stated) -> float:
        return len(self._met_by(stated)) / len(self._needs) if self._needs else 1.0

    def _met_by(self, stated: Stated) -> frozenset[int]:
        """Return which of the things that are asked for a statement has."""
        if stated not in self._met:
            self._met[stated] = self._needs.met_by(self._telling.text(stated))
        return self._met[stated]
