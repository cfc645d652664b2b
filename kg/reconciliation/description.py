"""What a row says of a thing, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

from kg.gazetteer import Place
from kg.names import Identifier
from kg.rdf.points import Point
from kg.reconciliation.reasons import Reason

Outcome = OneOf["known", "new", "ambiguous", "refused"]


Ground = OneOf["decision", "identifier", "name", "country", "position", "addition", "pair", "gazetteer"]
"""What decides which thing is meant; a match has one or several, and one by `name` alone is the weakest.

decision: the mapping or the row names the thing itself; country: it lies in that of the row; position: it lies within
20 km of that of the row; addition: it lies in what the name adds, or has that as another name; pair: the graph joins it
with the other thing of the row, and nothing else that has its name; gazetteer: no other place there has the name.
"""


@dataclass(frozen=True, slots=True)
class ThingDescription:
    """The description of a thing in a row: identifiers, names, the IRI of its country, the kinds that it may be.

    `point` is its position; `additions` are what its names add, of which they are freed (kg.reconciliation.additions).
    """

    identifiers: tuple[Identifier, ...]
    names: tuple[str, ...]
    country: str
    kinds: tuple[str, ...]
    point: Point | None = None
    additions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """The meaning of a row: a thing, known or new; or the candidates, and why it is not clear which is meant.

    For a clear match `why` is a note on what is worth a look, or None, and `grounds` say by what it was decided;
    `place` is the one of the gazetteer that is meant, of which a new thing is made. `places` are further candidates.
    """

    outcome: Outcome
    thing: str = ""
    candidates: tuple[str, ...] = ()
    why: Reason | None = None
    grounds: tuple[Ground, ...] = ()
    place: Place | None = None
    places: tuple[Place, ...] = ()
    is_in_part: bool = False
    """True if the place of a new thing was found by a name without its additions."""

    @property
    def is_weak(self) -> bool:
        """True if it is open which thing is meant, or clear by its name alone."""
        return self.outcome == "ambiguous" or self.grounds == ("name",)
