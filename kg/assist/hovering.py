"""Words about what stands at a place of a query: the label, and the definition or a sentence about it."""

from __future__ import annotations

from typing import TypedDict

from pyoxigraph import Store

from kg.assist.lexemes import lexemes
from kg.assist.offsets import from_editor, to_editor
from kg.assist.terms import TermTable
from kg.publish.search import description
from kg.rdf.labels import display_names
from kg.readings import Reading
from kg.sparql.text import Prologue

Hover = TypedDict("Hover", {"from": int, "to": int, "iri": str, "label": str, "text": str})
"""The label of a thing, term or graph, a sentence or a definition, and the span of its name, in units of UTF-16."""


@Reading
def hover(store: Store, text: str, offset: int) -> Hover | None:
    """Return words about what is named at an offset of a query; None where nothing is that the graph has words for."""
    at = from_editor(text, offset)
    prologue = Prologue()
    for token, _, _ in prologue.follow(lexemes(text)):
        if token.start <= at < token.end:
            iri = prologue.iri(token) if token.kind in ("iri", "name") else None
            if iri is None:
                return None
            term = TermTable.of(store).terms.get(iri)
            label = " · ".join(filter(None, (term.label, term.label_zh))) if term else display_names(store, [iri])[iri]
            told = term.definition if term else description(store, iri)
            if not told and label in (iri, token.text):
                return None
            return {
                "from": to_editor(text, token.start),
                "to": to_editor(text, token.end),
                "iri": iri,
                "label": label,
                "text": told,
            }
        if token.start > at:
            return None
    return None
