"""What the passages that fit a question best have for an answer, if they have enough of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyoxigraph import Store

from kg.ask.canned import Outcome
from kg.ask.fitting import ANYTHING
from kg.ask.ranking import RankedPassage
from kg.ask.telling import Telling
from kg.ask.texts import Stated, Texts, things_of
from kg.ask.understanding import Understanding
from kg.ask.wordings import words_of
from kg.queries import Question, find_query
from kg.rdf import namespaces as ns
from kg.rdf.labels import display_names

_MOST_PASSAGES = 3
_MOST_OF_PASSAGE, _MOST_LIKELY = 3, 8
_LEAST_SHARE = 0.7
"""The least share of a question that one of the best passages must have, for these to answer it."""
_LEAST_FOUND = 14.0
"""The least that such a passage must have of it by how rare its terms are, or few words would be answered by chance."""
_LEAST_FOUND_NEEDED, _LEAST_FOUND_ALIKE = 8.0, 5.0
"""The same where a kind of answer is asked for, which a sentence has, and where the question is like a wording."""
_WHOLE = 0.95
"""The share that a passage must have of a question with fewer words, but with the name of a thing of its own."""
_LEAST_ALIKE, _LEAST_COMMON, _LEAST_BESIDE = 0.4, 0.6, 0.75
"""The least share of a question in a wording, of the wording in the question, and of the question in its passage."""
_LEAST_NEEDED, _NEARLY = 0.6, 0.8
"""The least share of a question in a sentence that has the number, time or name asked for, and that beside the best."""


class OfPassages:
    """The passages that fit one question, the best first."""

    def __init__(
        self,
        store: Store,
        texts: Texts,
        ranked: Sequence[RankedPassage],
        understood: Understanding,
        telling: Telling,
    ) -> None:
        self._store = store
        self._texts = texts
        self._best = [passage for passage in ranked[:_MOST_PASSAGES] if ns.kind_of(passage.iri) == "passage"]
        self._understood = understood
        self._needs = understood.needs
        self._telling = telling
        self._met: dict[Stated, frozenset[int]] = {}

    def outcomes(self) -> Iterator[Outcome]:
        """Yield what the best passages state nearest to the question, if one of them has enough of it."""
        if self._is_asked_so() or (
            self._has_what_is_needed() if self._needs else any(map(self._has_enough, self._best))
        ):
            for passage in self._best:
                values = {"passage": ns.compact(passage.iri)}
                question = Question(find_query(ANYTHING), values)
                yield Outcome(question, self._nearest(passage)[:_MOST_OF_PASSAGE], len(passage.statements))

    def _is_asked_so(self) -> bool:
        """Return True if the question is a wording of one of the passages in other words, which asks for the same."""
        return any(
            wording.share >= _LEAST_ALIKE and wording.common >= _LEAST_COMMON and self._needs.are_asked_by(wording.says)
            for passage in self._best
            if passage.share >= _LEAST_BESIDE and passage.found >= _LEAST_FOUND_ALIKE
            for wording in passage.wordings
        )

    def _has_enough(self, passage: RankedPassage) -> bool:
        """Return True if a passage has most of a question, and what it has is more than a few common words."""
        is_proper = any(term.is_proper for term in self._understood.terms)
        is_whole = passage.share >= _WHOLE and is_proper
        return is_whole or (passage.share >= _LEAST_SHARE and passage.found >= _LEAST_FOUND)

    def _has_what_is_needed(self) -> bool:
        """Return True if sentences with most of what is asked about have the number, time or name that is asked for."""
        if not any(passage.found >= _LEAST_FOUND_NEEDED for passage in self._best):
            return False
        stated = [one for passage in self._best for one in passage.statements]
        least = max(_LEAST_NEEDED, _NEARLY * max((one.share for one in stated), default=0.0))
        bearing = (one for one in stated if one.share >= least)
        return self._needs.are_met(self._met_by(Stated(one.iri, one.passage)) for one in bearing)

    def _nearest(self, passage: RankedPassage) -> list[Stated]:
        """Return the statements of a passage that are nearest to the question and to its wording like it."""
        scores = {one.iri: one.score / passage.statements[0].score for one in passage.statements}
        for wording in passage.wordings[:1]:
            for iri, weight in self._texts.nearest(passage.iri, words_of(wording.says)).items():
                scores[iri] = scores.get(iri, 0.0) + wording.share * wording.common * weight
        best = sorted(scores, key=lambda iri: (-scores[iri], iri))
        likely = [Stated(iri, passage.iri) for iri in best if scores[iri] >= scores[best[0]] / 2][:_MOST_LIKELY]
        return sorted(likely, key=lambda one: -len(self._met_by(one))) if self._needs else likely

    def _met_by(self, stated: Stated) -> frozenset[int]:
        """Return which of the things that are asked for a statement has."""
        if stated not in self._met:
            things = {iri for part in self._understood.named for iri in part.things}
            others = [iri for iri in things_of(self._store, stated.iri) if iri not in things]
            names = display_names(self._store, others)
            named = ((ns.kind_of(iri), names[iri]) for iri in others)
            self._met[stated] = self._needs.met_by(self._telling.text(stated), named)
        return self._met[stated]
