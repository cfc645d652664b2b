"""The rows of a proposal as its page shows them: in sentences, with what they need and what was asked about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import Literal, NamedNode, Store

from kg.curation.proposals import Note
from kg.curation.rows import ProposalRow
from kg.rdf import namespaces as ns
from kg.rdf.change import NO_CHANGE, Change
from kg.rdf.lookup import match
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


def shown_rows(store: Store, change: Change, rows: Sequence[ProposalRow], notes: Sequence[Note]) -> list[ShownRow]:
    """Return the rows of a change to a store; nothing where they are too many to be decided apart."""
    if len(rows) > MOST_ROWS:
        return []
    by_subject = {subject: row.thing for row in rows for subject in (row.thing, *row.subjects)}
    told: dict[str, list[Any]] = {}
    for one in changed_sentences(store, change.remaining_in(store)):
        told.setdefault(by_subject.get(one["thing"]["iri"], ""), []).append(_only_what_is_there(store, dict(one)))
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


def _only_what_is_there(store: Store, told: Any) -> Any:
    """Return sentences as a page shows them, without links to things that the graph does not have yet."""
    return LinkedText.throughout(_unlinked(store, told))


def _unlinked(store: Store, value: Any) -> Any:
    if isinstance(value, dict):
        iri = value.get("iri", "")
        if isinstance(iri, str) and iri.startswith(ns.ID) and not any(match(store, NamedNode(iri))):
            return {**value, "iri": ""}
        return {name: _unlinked(store, item) for name, item in value.items()}
    return [_unlinked(store, item) for item in value] if isinstance(value, list) else value
