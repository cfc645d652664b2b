"""Validation results, compared by terms and not by messages, and the ledger of those of a graph."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import Any

from rdflib import SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from kg.shacl.shapes_graph import path_of


@dataclass(frozen=True)
class ValidationResult:
    """One result of a sh:ValidationReport (SHACL 3.6.2).

    `source` is the shape or SPARQL constraint that found it; for one without a name, the nearest named one that holds
    it. `path` is written as in SPARQL. Messages are sorted by language, and ignored when results are compared.
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
    """Return messages in an order that does not depend on their graph or file."""
    return tuple(sorted(messages, key=lambda message: (message.language or "", str(message))))


def _path(shapes: Graph, shape: Node, path: Node | None) -> str | None:
    """Return a path as text; for one that is not a predicate, the path of the shape: no query can return another."""
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
    """Return a message with the language from its source: pyshacl drops that of SPARQL constraints."""
    if message.language is not None:
        return message
    said = [text for text in shapes.objects(source, SH.message) if isinstance(text, Literal)]
    tags = (text.language for text in said if _pattern(str(text)).fullmatch(message))
    return Literal(str(message), lang=next(tags, None))


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Return the pattern of a message with its variables filled in (SHACL 5.3.2)."""
    return re.compile(".*".join(map(re.escape, re.split(r"\{[?$]\w+\}", text))), re.DOTALL)


def _local(term: Node) -> str:
    return str(term).rpartition("#")[2]


Pair = tuple[Node, Node]
"""A target shape and a focus node."""


@dataclass(frozen=True)
class Ledger:
    """The results of each pair that has any. Immutable."""

    findings: Mapping[Pair, tuple[ValidationResult, ...]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[ValidationResult]:
        return chain.from_iterable(self.findings.values())

    def replace(self, affected: Iterable[Pair], found: Mapping[Pair, tuple[ValidationResult, ...]]) -> Ledger:
        """Return a ledger in which the affected pairs have the results in `found`, or none."""
        kept = dict(self.findings)
        for pair in affected:
            kept.pop(pair, None)
        return Ledger(kept | dict(found))

    @property
    def conforms(self) -> bool:
        """True if no result is a violation."""
        return all(finding.severity != "Violation" for finding in self)

    def __reduce__(self) -> tuple[Callable[[str], Ledger], tuple[str]]:
        """Pickle the ledger as text: rdflib would normalise the literals when they are unpickled."""
        return Ledger.from_json, (self.to_json(),)

    def to_json(self) -> str:
        """Return the ledger as JSON, for the file beside the store."""
        return json.dumps(self.rows(), ensure_ascii=False)

    def rows(self) -> list[list[Any]]:
        """Return the rows of all results, sorted."""
        rows = [
            [_pack(shape), _pack(focus), *_row(finding)]
            for (shape, focus), found in self.findings.items()
            for finding in found
        ]
        return sorted(rows, key=str)

    @classmethod
    def from_json(cls, text: str) -> Ledger:
        """Return the ledger that `to_json` wrote."""
        findings: dict[Pair, tuple[ValidationResult, ...]] = {}
        for shape, focus, *row in json.loads(text):
            pair = _unpack(shape), _unpack(focus)
            findings[pair] = (*findings.get(pair, ()), _finding(pair[1], row))
        return cls(findings)


def _row(finding: ValidationResult) -> list[Any]:
    path = [finding.path, isinstance(finding.path, URIRef)]
    messages = sorted((_pack(message) for message in finding.messages), key=str)
    return [finding.source, path, _pack(finding.value), finding.severity, finding.component, messages]


def _finding(focus: Node, row: list[Any]) -> ValidationResult:
    source, (path, is_iri), value, severity, component, messages = row
    return ValidationResult(
        source=source,
        focus=focus,
        path=URIRef(path) if is_iri else path,
        value=None if value is None else _unpack(value),
        severity=severity,
        component=component,
        messages=sort_by_language(Literal(text, lang=language) for _, text, language, _ in messages),
    )


def _pack(term: Node | None) -> list[str | None] | None:
    if term is None:
        return None
    if isinstance(term, Literal):
        return ["literal", str(term), term.language, term.datatype]
    return ["bnode" if isinstance(term, BNode) else "iri", str(term), None, None]


def _unpack(packed: list[Any]) -> Node:
    kind, text, language, datatype = packed
    if kind == "literal":
        return Literal(text, lang=language, datatype=datatype and URIRef(datatype), normalize=False)
    return BNode(text) if kind == "bnode" else URIRef(text)
