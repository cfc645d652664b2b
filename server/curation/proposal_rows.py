"""The rows of a proposal as its page shows them: in sentences, with what they need and what was asked about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import Literal, NamedNode, Store

from kg.curation.effects import Effects
from kg.curation.proposals import Note
from kg.curation.rows import ProposalRow, under_heads, whole_change, with_needed
from kg.import_jobs import Import
from kg.rdf import namespaces as ns
from kg.rdf.change import NO_CHANGE
from kg.rdf.vocabulary import SKOS
from kg.sentences import changed_sentences
from kg.submissions import Submission
from server.web import Labels, LinkedText

MOST_ROWS = 200
"""Rows of a proposal up to which they can be decided apart."""


@dataclass
class ShownRow:
    """A row: the IRI of its thing, its name, what it says by thing, and its notes.

    `is_known` is True if the graph has all of it by now. `place` says where it begins in what was sent, "" if that is
    not known; the rows `under` it are those that it is the first to need, and it `shares` the names of others.
    """

    thing: str
    name: LinkedText
    told: list[Any]
    is_known: bool
    notes: list[Note]
    place: str = ""
    under: list[ShownRow] = field(default_factory=list)
    shares: list[str] = field(default_factory=list)


def places_of(submission: Submission, plan: Import | None) -> dict[str, tuple[int, str]]:
    """Return by subject the place of its first line in what was sent, in order and in words; as the plan of a table."""
    found: dict[str, tuple[int, str]] = {}
    if plan is not None:
        for number, row in enumerate(plan.reported_rows()):
            for name in (row.get("relation"), *(thing.get("thing") for thing in row["things"].values())):
                found.setdefault(ns.expand(name or "") or "", (number, row["place"]))
        return found
    placed = ((submission.place_of(quad), quad.subject) for quad in submission.change.added | submission.change.removed)
    first = sorted((at[:2], subject.value) for at, subject in placed if at and isinstance(subject, NamedNode))
    for number, ((file, line), subject) in enumerate(first):
        found.setdefault(subject, (number, f"{file}, line {line}" if file else f"line {line}"))
    return found


def shown_rows(
    store: Store,
    effects: Effects | None,
    rows: Sequence[ProposalRow],
    notes: Sequence[Note],
    places: Mapping[str, tuple[int, str]],
) -> list[ShownRow]:
    """Return the rows of a change with these effects on a store, if known."""
    change = whole_change(rows)
    by_subject = {subject: row.thing for row in rows for subject in (row.thing, *row.subjects)}
    told: dict[str, list[Any]] = {}
    new = change.new_in(store) if effects is None else effects.new
    for one in changed_sentences(store, change.remaining_in(store)) if effects is None else effects.sentences:
        told.setdefault(by_subject.get(one["thing"]["iri"], ""), []).append(LinkedText.throughout(dict(one), new))
    labels = Labels.of([NamedNode(row.thing) for row in rows])
    names = {row.thing: _name(row, told.get(row.thing, []), labels) for row in rows}
    shown = {
        row.thing: ShownRow(
            row.thing,
            names[row.thing],
            told.get(row.thing, []),
            row.change.remaining_in(store) == NO_CHANGE,
            [note for note in notes if note.thing == row.thing],
        )
        for row in rows
    }
    heads = []
    for row, under in under_heads(rows, {subject: number for subject, (number, _) in places.items()}):
        head = shown[row.thing]
        head.place = min((places[one] for one in row.subjects if one in places), default=(0, ""))[1]
        head.under = [shown[one.thing] for one in under]
        needed = {one.thing for one in with_needed(rows, [row.thing])} - {one.thing for one in (row, *under)}
        head.shares = sorted(names[thing].text for thing in needed)
        heads.append(head)
    return sorted(heads, key=lambda row: row.is_known)


def _name(row: ProposalRow, told: Sequence[Any], labels: Labels) -> LinkedText:
    """Return the name of the thing of a row: as its sentences have it, or as the row itself or the graph does."""
    of_thing: list[LinkedText] = [one["thing"] for one in told]
    if of_thing:
        return min(of_thing, key=lambda name: name.href != LinkedText.of("", row.thing).href)
    thing = NamedNode(row.thing)
    added = [quad for quad in row.change.added if (quad.subject, quad.predicate) == (thing, SKOS.prefLabel)]
    named = sorted(quad.object.value for quad in added if isinstance(quad.object, Literal))
    return LinkedText(named[0]) if named else labels.value(thing)
