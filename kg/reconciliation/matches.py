"""What a row says of a thing, and what that means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kg.names import Identifier
from kg.reconciliation.reasons import Reason

Outcome = Literal["known", "new", "ambiguous", "refused"]


@dataclass(frozen=True, slots=True)
class ThingDescription:
    """What a row says of a thing: its identifiers and names, the IRI of its country, the kinds that it may be of."""

    identifiers: tuple[Identifier, ...]
    names: tuple[str, ...]
    country: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """What a row means: a thing, known or new; or what may be meant, and why it is not clear.

    Of what is clear `why` is a note on what may be looked at nevertheless.
    """

    outcome: Outcome
    thing: str = ""
    candidates: tuple[str, ...] = ()
    why: Reason | None = None
