"""What the passages that fit a question best have for an answer, if they have enough of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyoxigraph import Store

from kg.ask.canned import Outcome
from kg.ask.fitting import ANYTHING
from kg.ask.ranking import RankedPassage, RankedStatement
from kg.ask.telling import Telling
from kg.ask.texts import Stated, things_of
from kg.ask.understanding import Understanding
from kg.queries import Question, find_query
from kg.rdf import namespaces as ns
from kg.rdf.labels import display_names

_MOST_PASSAGES = 3
_MOST_OF_PASSAGE = 3
_LEAST_SHARE = 0.7
"""The least share of a question that one of the best passages must have, for these to answer it."""
_LEAST_FOUND = 11.0
"""The least that such a passage must have of it by how rare its terms are, or few words would be answered by chance."""
_LEAST_FOUND_NEEDED = 8.0
"""The same where a kind of answer is asked for, which a sentence has."""
_WHOLE = 0.95
"""The share that a passage must have of a question with fewer words, but with the name of a thing of its own."""
_FAR = 1.25
"""How many times better than any other passage one must fit that has all of a question, to answer it."""
_LEAST_NEEDED = 0.66
"""The least share of a question in a sentence that has the number, time or name asked for."""
_LEAST_COUNTED = 0.5
"""The least share of what is to be counted in a sentence that has a number."""


class OfPassages:
    """The passages that fit one question, the best first."""

    def __init__(
        self, store: Store, ranked: Sequence[RankedPassage], understood: Understanding, telling: Telling
    ) -> None:
        self._store = store
        self._ranked = ranked
        self._understood = understood
        self._needs = understood.needs
        self._telling = telling

    def outcomes(self) -> Iterator[Outcome]:
        """Yield what the best passages state, if one of them has enough of the question."""
        best = [passage for passage in self._ranked[:_MOST_PASSAGES] if passage.statements]
        if not (any(map(self._has_enough, best)) or self._stands_out()):
            return
        least = max(one.share for passage in best for one in passage.statements) / 2
        likely = [[one for one in passage.statements if one.share >= least] for passage in best]
        if self._needs:
            met = {one: self._met_by(one) for several in likely for one in several}
            bearing = [one for one in met if one.share >= _LEAST_NEEDED and one.counted >= _LEAST_COUNTED]
            if not self._needs.are_met(map(met.__getitem__, bearing)):
                return
            likely = [sorted(several, key=lambda one: -len(met[one])) for several in likely]
        query = find_query(ANYTHING)
        for passage, several in zip(best, likely, strict=True):
            values = {"passage": ns.compact(passage.iri)}
            stated = [Stated(one.iri, one.passage) for one in several[:_MOST_OF_PASSAGE]]
            yield Outcome(Question(query, values), stated, len(passage.statements))

    def _has_enough(self, passage: RankedPassage) -> bool:
        """Return True if a passage has most of a question, and what it has is more than a few common words."""
        if self._needs:
            return passage.found >= _LEAST_FOUND_NEEDED
        is_proper = any(term.is_proper for term in self._understood.terms)
        is_whole = passage.share >= _WHOLE and is_proper
        return is_whole or (passage.share >= _LEAST_SHARE and passage.found >= _LEAST_FOUND)

    def _stands_out(self) -> bool:
        """Return True if the best passage has all of a question, and fits it far better than any other."""
        best = self._ranked[:2]
        is_whole = bool(best) and bool(best[0].statements) and best[0].share >= _WHOLE
        return is_whole and all(best[0].score >= _FAR * other.score for other in best[1:])

    def _met_by(self, statement: RankedStatement) -> frozenset[int]:
        """Return which of the things that are asked for a statement has."""
        things = {iri for part in self._understood.named for iri in part.things}
        others = [iri for iri in things_of(self._store, statement.iri) if iri not in things]
        names = display_names(self._store, others)
        text = self._telling.text(Stated(statement.iri, statement.passage))
        return self._needs.met_by(text, ((ns.kind_of(iri), names[iri]) for iri in others))
