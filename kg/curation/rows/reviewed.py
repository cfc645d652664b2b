"""What a reviewer decides on at once: a row that no other needs, as it begins in what was sent, with what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict

from pyoxigraph import NamedNode, Store

from kg.curation.rows.splitting import ProposalRow, under_heads, whole_change, with_needed
from kg.rdf.change import NO_CHANGE, Change
from kg.rdf.changed_store import ChangedStore
from kg.sentences import ChangedThing
from kg.wording import NamedThing, Wording

MOST_REVIEWED = 200
"""Rows up to which a proposal is decided on row by row; those that stand below others do not count."""


class ReviewedRow(TypedDict):
    """The IRI by which one decides on a `row`, its name, what it says by thing, and whether all of it is `known`.

    Its `subjects` are the IRIs of what it states something about, such as a tie and its account.

    `place` says where it begins in what was sent, None if that is not known; the rows `under` it are those that it is
    the first to need, and it `shares` things with others.
    """

    row: str
    name: NamedThing
    subjects: list[str]
    place: str | None
    known: bool
    sentences: list[ChangedThing]
    under: list[ReviewedRow]
    shares: list[NamedThing]


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

    def reviewed(row: ProposalRow, under: Sequence[ProposalRow] = (), shares: Iterable[str] = ()) -> ReviewedRow:
        return ReviewedRow(
            row=row.thing,
            name=wording.name_of(NamedNode(row.thing)),
            subjects=sorted(row.subjects),
            place=min((places[one] for one in row.subjects if one in places), default=(0, None))[1],
            known=row.change.remaining_in(store) == NO_CHANGE,
            sentences=sentences.get(row.thing, []),
            under=[reviewed(one) for one in under],
            shares=sorted((wording.name_of(NamedNode(one)) for one in shares), key=lambda thing: thing["text"]),
        )

    found = []
    for row, under in heads:
        needed = {one.thing for one in with_needed(rows, [row.thing])}
        found.append(reviewed(row, under, needed - {one.thing for one in (row, *under)}))
    return sorted(found, key=lambda row: row["known"])
