"""What a text may mean: things, each with how it was found, and whether one of them is meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from pyoxigraph import NamedNode

MatchKind = Literal["label", "name", "identifier", "near"]
"""By skos:prefLabel, be it without words such as "city of", or by another name; by an identifier; nearly by a name."""


class NameCandidate(NamedTuple):
    """A thing that a text may mean, and how it was found."""

    thing: NamedNode
    how: MatchKind


@dataclass(frozen=True, slots=True)
class Resolution:
    """All that a text may mean."""

    candidates: tuple[NameCandidate, ...] = ()

    @property
    def things(self) -> list[NamedNode]:
        """The things that it may mean, in the order of the candidates."""
        return [one.thing for one in self.candidates]

    @property
    def only_match(self) -> NamedNode | None:
        """The one thing that it means; None for none, for several, and for what only nearly has the name."""
        decides = len(self.candidates) == 1 and self.candidates[0].how != "near"
        return self.candidates[0].thing if decides else None

    def prefer(self, is_preferred: Callable[[NameCandidate], bool]) -> Resolution:
        """Return the candidates that are preferred; all if none is."""
        return Resolution(tuple(filter(is_preferred, self.candidates)) or self.candidates)
