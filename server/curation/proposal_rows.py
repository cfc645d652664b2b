"""The rows of a proposal as its page shows them: in sentences, with what they need and what was asked about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import Literal, NamedNode, Store

from kg.curation.effects import Effects
from kg.curation.proposals import Note
from kg.curation.rows import ProposalRow
from kg.rdf.change import NO_CHANGE, Change
from kg.rdf.vocabulary import SKOS
from kg.sentences import changed_sentences
from server.web import Labels, LinkedText

MOST_ROWS = 200
"""Rows of a proposal up to which they can be decided apart."""


@dataclass
class ShownRow:
    """A row: the IRI of its thing, its name, what it says by thing, the names of what it needs, and its notes.

    `is_known` is True if the graph has all of it by now.
    """

    thing: str
    name: LinkedText
    told: list[Any]
    is_known: bool
    needs: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def shown_rows(
    store: Store, effects: Effects | None, change: Change, rows: Sequence[ProposalRow], notes: Sequence[Note]
) -> list[ShownRow]:
    """Return the rows of a change to a store, which has these effects; nothing where they are too many to decide on."""
    if len(rows) > MOST_ROWS:
        return []
    by_subject = {subject: row.thing for row in rows for subject in (row.thing, *row.subjects)}
    told: dict[str, list[Any]] = {}
    new = change.new_in(store) if effects is None else effects.new
    for one in changed_sentences(store, change.remaining_in(store)) if effects is None else effects.sentences:
        told.setdefault(by_subject.get(one["thing"]["iri"], ""), []).append(LinkedText.throughout(dict(one), new))
    labels = Labels.of([NamedNode(row.thing) for row in rows])
    names = {row.thing: _name(row, told.get(row.thing, []), labels) for row in rows}
    found = [
        ShownRow(
            row.thing,
            names[row.thing],
            told.get(row.thing, []),
            row.change.remaining_in(store) == NO_CHANGE,
            sorted(names[thing].text for thing in row.needs),
            [note for note in notes if note.thing == row.thing],
        )
        for row in rows
    ]
    return sorted(found, key=lambda row: (row.is_known, not row.needs, row.name.text))


def _name(row: ProposalRow, told: Sequence[Any], labels: Labels) -> LinkedText:
    """Return the name of the thing of a row: as its sentences have it, or as the row itself or the graph does."""
    of_thing: list[LinkedText] = [one["thing"] for one in told]
    if of_thing:
        return min(of_thing, key=lambda name: name.href != LinkedText.of("", row.thing).href)
    thing = NamedNode(row.thing)
    added = [quad for quad in row.change.added if (quad.subject, quad.predicate) == (thing, SKOS.prefLabel)]
    named = sorted(quad.object.value for quad in added if isinstance(quad.object, Literal))
    return LinkedText(named[0]) if named else labels.value(thing)
