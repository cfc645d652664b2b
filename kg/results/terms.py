"""Terms as the cells of a database: a kind, a text, and a mark, which is a language or a datatype."""

from __future__ import annotations

from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.rdf.lookup import Term
from kg.rdf.rows import term_from_text
from kg.rdf.vocabulary import XSD


def kind_and_mark(term: Term) -> tuple[str, str, str | None]:
    """Return the kind, the text and the mark of a term; what is rare has the text of N-Triples."""
    if isinstance(term, NamedNode):
        return "iri", term.value, None
    if isinstance(term, BlankNode):
        return "blank", term.value, None
    if isinstance(term, Triple):
        return "triple", str(term), None
    if term.direction:
        return "directed", str(term), None
    if term.language:
        return "language", term.value, term.language
    return "literal", term.value, None if term.datatype == XSD.string else term.datatype.value


def as_term(kind: str, text: str, mark: str | None) -> Term:
    """Return the term that `kind_and_mark` described."""
    match kind:
        case "iri":
            return NamedNode(text)
        case "blank":
            return BlankNode(text)
        case "language":
            return Literal(text, language=mark)
        case "literal":
            return Literal(text, datatype=NamedNode(mark)) if mark else Literal(text)
    return term_from_text(f"<<( {text} )>>" if kind == "triple" else text)


def as_binding(term: Term) -> dict[str, Any]:
    """Return a term as the JSON of SPARQL results has it."""
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, Triple):
        parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
        return {"type": "triple", "value": {name: as_binding(part) for name, part in parts.items()}}
    marks = {"xml:lang": term.language, "its:dir": term.direction and str(term.direction)}
    if not term.language and term.datatype != XSD.string:
        marks["datatype"] = term.datatype.value
    return {"type": "literal", "value": term.value, **{name: mark for name, mark in marks.items() if mark}}
