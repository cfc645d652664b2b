"""What a reviewer decides on at once: a row that no other needs, as it begins in what was sent, with what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode, Store

from kg.curation.rows.splitting import ProposalRow, under_heads, whole_change, with_needed
from kg.rdf.change import NO_CHANGE, Change
from kg.rdf.changed_store import ChangedStore
from kg.sentences import ChangedThing
from kg.wording import NamedThing, Wording

MOST_REVIEWED = 200
"""Rows up to which a proposal is decided on row by row; those that stand below others do not count."""


@dataclass(frozen=True)
class ReviewedRow:
    """A row: its thing, what it says by thing, and whether the graph has all of it by now.

    `place` says where it begins in what was sent, "" if that is not known; the rows `under` it are those that it is the
    first to need, and it `shares` things with others.
    """

    thing: NamedThing
    sentences: Sequence[ChangedThing]
    is_known: bool
    place: str = ""
    under: Sequence[ReviewedRow] = ()
    shares: Sequence[NamedThing] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON; `row` is what one decides on it by."""
        return {
            "row": self.thing["iri"],
            "name": self.thing,
            "place": self.place or None,
            "known": self.is_known,
            "sentences": [*self.sentences],
            "under": [one.as_dict() for one in self.under],
            "shares": [*self.shares],
        }


def reviewed_rows(
    store: Store, rows: Sequence[ProposalRow], told: Iterable[ChangedThing], places: Mapping[str, tuple[int, str]]
) -> list[ReviewedRow]:
    """Return the rows of a change to a store, with its sentences; what the graph has by now comes last.

    `places` has by subject where it begins in what was sent, in order and in words. A change of more than MOST_REVIEWED
    has none.
    """
    heads = under_heads(rows, {subject: number for subject, (number, _) in places.items()})
    if len(heads) > MOST_REVIEWED:
        return []
    thing_of = {subject: row.thing for row in rows for subject in (row.thing, *row.subjects)}
    sentences: dict[str, list[ChangedThing]] = {}
    for one in told:
        sentences.setdefault(thing_of.get(one["thing"]["iri"], ""), []).append(one)
    wording = Wording(ChangedStore(store, Change(whole_change(rows).added, frozenset())))

    def named(thing: str) -> NamedThing:
        return wording.name_of(NamedNode(thing))

    def said(row: ProposalRow) -> ReviewedRow:
        is_known = row.change.remaining_in(store) == NO_CHANGE
        return ReviewedRow(named(row.thing), sentences.get(row.thing, []), is_known)

    found = []
    for row, under in heads:
        own, below = said(row), [said(one) for one in under]
        needed = {one.thing for one in with_needed(rows, [row.thing])} - {one.thing for one in (row, *under)}
        place = min((places[one] for one in row.subjects if one in places), default=(0, ""))[1]
        shares = sorted(map(named, needed), key=lambda thing: thing["text"])
        found.append(ReviewedRow(own.thing, own.sentences, own.is_known, place, below, shares))
    return sorted(found, key=lambda row: row.is_known)
