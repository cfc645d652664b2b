"""The pages of changes, for people; and what a change touches, as a page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import render_template
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from kg.errors import BadValueError
from kg.history import ConflictError, Record
from kg.publish.changes import changes_in_words
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.serialise import lines_of
from kg.rdf.vocabulary import RDF
from kg.sentences import ChangedThing
from server.curation.change_list import ChangeListPage
from server.service import service
from server.web import Labels, LinkedText

MOST_SHOWN = 500
"""Statements of a change that its page shows; all are in the other formats."""
_MOST_LISTED = 40
"""Statements of a change that a list puts into sentences."""
_MOST_PAGES = 10


@dataclass(frozen=True)
class ChangedStatement:
    """A statement that a change adds or removes, as a page shows it, with its graph."""

    is_added: bool
    predicate: LinkedText
    value: LinkedText
    graph: str


def render_change(record: Record, last: int, undone_by: int | None, formats: Mapping[str, str]) -> str:
    """Return the page of a change. `last` is the number of the last change, `formats` are addresses by name."""
    source = NamedNode(record.source)
    changed = record.first_quads(MOST_SHOWN)
    labels = Labels.of([source, *(term for quad, _ in changed for term in quad.triple)])
    others = {"prev": record.number - 1, "next": record.number + 1}
    return render_template(
        "change.html",
        record=record,
        source=labels.value(source),
        told=_told([record], MOST_SHOWN)[0],
        then=_revisions_around(record.number),
        made={labels.value(quad.subject).href for quad, added in changed if added and quad.predicate == RDF.type},
        things=statements_by_thing(labels, changed),
        more=max(0, len(record.added) + len(record.removed) - MOST_SHOWN),
        undone_by=undone_by,
        skipped=service.curation.skipped_json(record),
        formats=formats,
        turned={name: f"/changes/{number}" for name, number in others.items() if 1 <= number <= last},
        words={name: f"Change {number}" for name, number in others.items()},
    )


def _revisions_around(number: int) -> dict[str, str]:
    """Return the revisions before and after a change, by these words, as far as they can still be read."""
    build, kept = service.revisions.current(), {one.revision for one in service.folder.available_builds()}
    around = {"before": build.revision_of(number - 1), "after": build.revision_of(number)}
    return {word: revision for word, revision in around.items() if revision in kept}


def render_changes(listed: ChangeListPage, formats: Mapping[str, str]) -> str:
    """Return the page that lists changes."""
    return render_template(
        "changes.html",
        listed=listed,
        told={one.number: told for one, told in zip(listed.records, _told(listed.records, _MOST_LISTED), strict=True)},
        turned=listed.neighbours("/changes.html"),
        formats=formats,
    )


def feed_texts(records: Sequence[Record]) -> dict[int, list[str]]:
    """Return by the numbers of changes what they add and remove, in sentences: + Jinan and York are twinned."""
    return {
        record.number: [
            f"{sign} {sentence['text']}"
            for thing in told
            for sign, sentences in (("+", thing["added"]), ("−", thing["removed"]))
            for sentence in sentences
        ]
        for record, told in zip(records, _in_words(records, _MOST_LISTED), strict=True)
    }


def render_undo(record: Record) -> str:
    """Return the form that undoes a change, with what that does to the graph and the changes that build on it."""
    found = {}
    with suppress(ConflictError, BadValueError):  # nothing is left, or it is large: then the undo says so
        alone, together = service.curation.undo_effects(record.number)
        told = _in_sentences(alone, together.change)
        found = {"dependents": together.dependents, "alone": told[0], "together": told[1]}
    return render_template("desk/undo.html", record=record, **found)


def _in_sentences(*changes: Change) -> list[Any]:
    """Return by change its things with the sentences that it adds and removes; none of one that is long."""
    lines = [(lines_of(one.added), lines_of(one.removed)) for one in changes]
    short = [one if len(one[0]) + len(one[1]) <= MOST_SHOWN else ([], []) for one in lines]
    return [LinkedText.throughout(told) for told in service.workers.read(changes_in_words, short)]


def _told(records: Sequence[Record], most: int) -> list[Any]:
    """Return by change its things with the sentences that it adds and removes, as templates take them."""
    return [LinkedText.throughout(told) for told in _in_words(records, most)]


def pages_of(record: Record) -> list[LinkedText]:
    """Return the things that a change says something of and that have pages, the first few."""
    things = [one["thing"] for one in _told([record], _MOST_LISTED)[0]]
    return [thing for thing in things if (thing.href or "").startswith("/doc/")][:_MOST_PAGES]


def _in_words(records: Sequence[Record], most: int) -> list[list[ChangedThing]]:
    return service.workers.read(changes_in_words, [record.of_whole_things(most) for record in records])


def statements_by_thing(
    labels: Labels, changed: list[tuple[Quad, bool]]
) -> list[tuple[LinkedText, list[ChangedStatement]]]:
    """Return the things that a change touches, each with what it loses, then what it gains; MOST_SHOWN in all."""
    stated = sorted(changed, key=lambda item: (str(item[0].subject), str(item[0].predicate), item[1], str(item[0])))
    return [
        (
            labels.value(_plain(subject)),
            [
                ChangedStatement(
                    is_added,
                    labels.value(quad.predicate),
                    labels.value(_plain(quad.object)),
                    _graph_name(quad.graph_name),
                )
                for quad, is_added in of_subject
            ],
        )
        for subject, of_subject in groupby(stated[:MOST_SHOWN], key=lambda item: item[0].subject)
    ]


def _plain(term: NamedNode | BlankNode | Literal | Triple) -> NamedNode | BlankNode | Literal:
    assert not isinstance(term, Triple)  # the gate takes none
    return term


def _graph_name(name: NamedNode | BlankNode | DefaultGraph) -> str:
    assert isinstance(name, NamedNode)
    return name.value.removeprefix(ns.GRAPH)
