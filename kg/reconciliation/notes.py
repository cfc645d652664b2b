"""What is to be looked at of a row that is taken nevertheless: other things with the name that it gives, or nearly."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import NamedNode

from kg.errors import shorten
from kg.names import Names
from kg.reconciliation.reasons import Reason, reason


def similar_name_note(names: Names, name: str, near: Iterable[str]) -> Reason:
    """Return the note that what is new is called nearly as some things are."""
    return reason(
        "{name!r} is new, and has the name, or nearly, of {things}.",
        "If it is the same, give the identifier that the graph has, or say so under decisions in the mapping.",
        name=shorten(name),
        things=_list(names, near),
    )


def namesake_note(names: Names, name: str, thing: str, others: Iterable[str]) -> Reason:
    """Return the note that a name is taken as that of a thing, and others have it with an addition."""
    return reason(
        "{name!r} is taken as {thing}, and may be {others} as well.",
        "If that is meant, give its identifier, or say so under decisions in the mapping.",
        name=shorten(name),
        thing=_list(names, [thing]),
        others=_list(names, others),
    )


def _list(names: Names, things: Iterable[str]) -> str:
    return "; ".join(names.display_name(NamedNode(thing)) for thing in things)
