"""The pages of changes and proposals, for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import render_template
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from kg import change_documents
from kg import namespaces as ns
from kg.history import Record
from server.change_lists import Listed
from server.labels import Labels, Shown

MOST_SHOWN = 500
"""Statements of a change that its page shows; all are in the other formats."""


@dataclass(frozen=True)
class Line:
    """A statement as a page shows it, with its graph."""

    parts: tuple[Shown, Shown, Shown]
    graph: str


def change(store: Store, record: Record, last: int, undone_by: int | None, formats: Mapping[str, str]) -> str:
    """Return the page of a change. `last` is the number of the last change, `formats` are addresses by name."""
    labels = Labels(store)
    return render_template(
        "change.html",
        record=record,
        source=labels.value(NamedNode(record.source)),
        kinds={
            "removed": _lines(labels, record.removed_quads()),
            "added": _lines(labels, record.added_quads()),
        },
        most=MOST_SHOWN,
        undone_by=undone_by,
        formats=formats,
        prev=record.number - 1,
        next=record.number + 1 if record.number < last else None,
        address=change_documents.address,
    )


def changes(listed: Listed, formats: Mapping[str, str]) -> str:
    """Return the page that lists changes."""
    return render_template(
        "changes.html",
        listed=listed,
        turned=listed.turned("/changes.html"),
        formats=formats,
        address=change_documents.address,
    )


def _lines(labels: Labels, quads: Iterable[Quad]) -> list[Line]:
    return [
        Line(
            (labels.value(_plain(quad.subject)), labels.value(quad.predicate), labels.value(_plain(quad.object))),
            _graph(quad.graph_name),
        )
        for quad in sorted(quads, key=str)
    ]


def _plain(term: NamedNode | BlankNode | Literal | Triple) -> NamedNode | BlankNode | Literal:
    assert not isinstance(term, Triple)  # the gate takes none
    return term


def _graph(name: NamedNode | BlankNode | DefaultGraph) -> str:
    assert isinstance(name, NamedNode)
    return name.value.removeprefix(ns.GRAPH)
