"""A finding of SHACL as validation compares it: by terms, not by the words that readers see."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from rdflib import SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from kg.shacl.shapes_graph import path_of


@dataclass(frozen=True)
class ValidationResult:
    """One result of a sh:ValidationReport (SHACL 3.6.2).

    `source` is the shape, or the SPARQL constraint, that found it, or the one with a name that holds it; `path` is
    written as in SPARQL. Messages stand in the order of their languages and do not count when findings are compared.
    """

    source: str
    focus: Node
    path: str | None
    value: Node | None
    severity: str
    component: str
    messages: tuple[Literal, ...] = field(compare=False)

    def message(self, language: str) -> str | None:
        """Return the message in a language (a tag in lower case, or ""), None if there is none."""
        return next((str(text) for text in self.messages if (text.language or "").lower() == language), None)


def finding_of(statements: Iterable[tuple[Node, Any]], shapes: Graph) -> ValidationResult:
    """Return the finding that a result's predicates and objects describe.

    Where the constraint has messages of its own, those of its shape are left out (SHACL 5.3.2); pyshacl gives both.
    """
    said: dict[Node, Any] = {}
    messages = []
    for predicate, value in statements:
        if predicate == SH.resultMessage:
            messages.append(value)
        else:
            said[predicate] = value
    shape = said[SH.sourceShape]
    constraint = said.get(SH.sourceConstraint, shape)
    own = [_with_language(message, shapes, constraint) for message in messages if _is_of(message, shapes, constraint)]
    return ValidationResult(
        source=str(_name(shapes, constraint)),
        focus=said[SH.focusNode],
        path=_path(shapes, shape, said.get(SH.resultPath)),
        value=said.get(SH.value),
        severity=_local(said[SH.resultSeverity]),
        component=_local(said[SH.sourceConstraintComponent]),
        messages=sort_by_language(own or (_with_language(message, shapes, shape) for message in messages)),
    )


def sort_by_language(messages: Iterable[Literal]) -> tuple[Literal, ...]:
    """Return messages in an order that does not depend on the graph or the file from which they come."""
    return tuple(sorted(messages, key=lambda message: (message.language or "", str(message))))


def _path(shapes: Graph, shape: Node, path: Node | None) -> str | None:
    """Return the path as text; one that is not a predicate is that of the shape, since no query can return another."""
    if path is None or isinstance(path, URIRef):
        return path
    found = path_of(shapes, shape)
    return None if found is None else str(found.n3())


def _name(shapes: Graph, shape: Node) -> Node:
    while isinstance(shape, BNode) and (holder := next(shapes.subjects(None, shape), None)) is not None:
        shape = holder
    return shape


def _is_of(message: Literal, shapes: Graph, source: Node) -> bool:
    return any(_pattern(str(text)).fullmatch(message) for text in shapes.objects(source, SH.message))


def _with_language(message: Literal, shapes: Graph, source: Node) -> Literal:
    """Return a message with the language that its source gives it: pyshacl drops that of SPARQL constraints."""
    if message.language is not None:
        return message
    said = [text for text in shapes.objects(source, SH.message) if isinstance(text, Literal)]
    tags = (text.language for text in said if _pattern(str(text)).fullmatch(message))
    return Literal(str(message), lang=next(tags, None))


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Return what a message looks like once its variables are filled in (SHACL 5.3.2)."""
    return re.compile(".*".join(map(re.escape, re.split(r"\{[?$]\w+\}", text))), re.DOTALL)


def _local(term: Node) -> str:
    return str(term).rpartition("#")[2]
