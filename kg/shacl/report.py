"""What SHACL finds, in words for readers, each with its place in a file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from rdflib import RDF, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from kg.findings import Finding
from kg.rdf import namespaces as ns
from kg.rdf.positions import Positions
from kg.shacl.allowed import allowed_values, suggest_value
from kg.shacl.findings import ValidationResult
from kg.shacl.ledger import Ledger


@dataclass(frozen=True)
class Report:
    """The verdict on a graph, finding by finding; it conforms when none is a violation.

    `ledger` has the same findings as changes to the graph are compared with.
    """

    results: tuple[Finding, ...]
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def conforms(self) -> bool:
        """Whether no result is a violation."""
        return all(result.severity != "Violation" for result in self.results)


def read_report(ledger: Ledger, shapes: Graph, positions: Positions) -> Report:
    """Return the findings of a ledger in words, in the order of files and lines."""
    found = list(ledger)
    results = [_with_position(*pair, positions) for pair in zip(to_findings(found, shapes), found, strict=True)]
    results.sort(key=lambda result: (result.file, result.line or 0, result.focus or "", result.message))
    return Report(tuple(results), ledger)


def to_findings(results: Iterable[ValidationResult], shapes: Graph) -> list[Finding]:
    """Return results as people read them; the hint is what would be allowed, where a constraint says so.

    Much is found by few constraints, about few nodes: each is put into words once.
    """
    results = list(results)
    hints = {kind: allowed_values(shapes, *kind) for kind in {(result.source, result.component) for result in results}}
    nodes = {node for result in results for node in (result.focus, result.value, URIRef(result.source))}
    names = {node: ns.compact(str(node)) if isinstance(node, URIRef) else str(node) for node in nodes}
    return [
        Finding(
            step="shapes",
            severity=result.severity,
            message=result.message("en") or result.message("") or "It does not conform.",
            message_zh=result.message("zh-hans") or "",
            focus=names[result.focus],
            path=_path_in_words(result.path),
            value=None if result.value in (None, result.focus) else names[result.value],
            datatype=_datatype(result.value),
            language=(result.value.language or "") if isinstance(result.value, Literal) else "",
            hint=suggest_value(shapes, result, hints[result.source, result.component]),
            shape=names[URIRef(result.source)],
            component=result.component,
        )
        for result in results
    ]


_OWN = re.compile(r"(<[^<>]*>(?:\|<[^<>]*>)*)\|\(.*\)")
"""A choice of predicates, or else of longer ways."""


def _path_in_words(path: str | None) -> str | None:
    """Return a path as SPARQL has it, with short names; of a choice what the thing itself may say, if anything."""
    if path is None or isinstance(path, URIRef):
        return path and ns.compact(str(path))
    own = _OWN.fullmatch(path)
    return re.sub("<([^<>]*)>", lambda iri: ns.compact(iri[1]), own[1] if own else path)


def _datatype(value: Node | None) -> str:
    """Return what tells a literal from an IRI, and from the same text of another datatype."""
    if not isinstance(value, Literal):
        return ""
    return ns.compact(str(value.datatype or (RDF.langString if value.language else XSD.string)))


def _with_position(finding: Finding, result: ValidationResult, positions: Positions) -> Finding:
    path = str(result.path) if isinstance(result.path, URIRef) else None
    value = None if result.value in (None, result.focus) else str(result.value)
    place = positions.find(str(result.focus), path, value)
    return finding if place is None else replace(finding, file=place[0], line=place[1])
