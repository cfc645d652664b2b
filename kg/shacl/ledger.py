"""The ledger: what is found in the graph as it stands, by target shape and focus node."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from rdflib import BNode, Literal, URIRef
from rdflib.term import Node

from kg.shacl.findings import ValidationResult, sort_by_language

Pair = tuple[Node, Node]
"""A target shape and a focus node."""


@dataclass(frozen=True)
class Ledger:
    """The findings of each pair that has any. It is never changed; a change makes a new one."""

    findings: Mapping[Pair, tuple[ValidationResult, ...]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[ValidationResult]:
        return chain.from_iterable(self.findings.values())

    def replace(self, affected: Iterable[Pair], found: Mapping[Pair, tuple[ValidationResult, ...]]) -> Ledger:
        """Return the ledger in which the affected pairs have the findings `found`, or none."""
        kept = dict(self.findings)
        for pair in affected:
            kept.pop(pair, None)
        return Ledger(kept | dict(found))

    @property
    def conforms(self) -> bool:
        """Whether no finding is a violation."""
        return all(finding.severity != "Violation" for finding in self)

    def __reduce__(self) -> tuple[Callable[[str], Ledger], tuple[str]]:
        """Travel to another process as text: unpickled, literals of rdflib are no longer as they were written."""
        return Ledger.from_json, (self.to_json(),)

    def to_json(self) -> str:
        """Return the ledger as text, to be kept beside the store."""
        return json.dumps(self.rows(), ensure_ascii=False)

    def rows(self) -> list[list[Any]]:
        """Return all that is written of each finding, in an order of their own."""
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
