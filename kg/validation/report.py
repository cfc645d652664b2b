"""What SHACL finds, in words for readers, each with its place in a file."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rdflib import Graph, URIRef
from rdflib.term import Node

from kg import namespaces as ns
from kg.faults import Fault
from kg.positions import Positions
from kg.validation.allowed import allowed
from kg.validation.findings import Finding, findings_of


@dataclass(frozen=True)
class Report:
    """The verdict on a graph, finding by finding; it conforms when none is a violation."""

    results: tuple[Fault, ...]

    @property
    def conforms(self) -> bool:
        """Whether no result is a violation."""
        return all(result.severity != "Violation" for result in self.results)


def read_report(graph: Graph, shapes: Graph, positions: Positions) -> Report:
    """Return the results of a sh:ValidationReport, in the order of files and lines."""
    results = [_placed(finding, shapes, positions) for finding in findings_of(graph, shapes)]
    results.sort(key=lambda result: (result.file, result.line or 0, result.focus or "", result.message))
    return Report(tuple(results))


def in_words(finding: Finding, shapes: Graph) -> Fault:
    """Return a finding as people read it; its hint is what would be allowed, where a constraint says so."""
    return Fault(
        step="shapes",
        severity=finding.severity,
        message=finding.message("en") or finding.message("") or "It does not conform.",
        message_zh=finding.message("zh-hans") or "",
        focus=_shown(finding.focus),
        path=_shown(finding.path if isinstance(finding.path, URIRef) else None),
        value=_shown(_value(finding)),
        hint=allowed(shapes, finding.source, finding.component),
        shape=ns.compact(finding.source),
        component=finding.component,
    )


def _placed(finding: Finding, shapes: Graph, positions: Positions) -> Fault:
    path, value = finding.path, _value(finding)
    place = positions.find(
        str(finding.focus), str(path) if isinstance(path, URIRef) else None, None if value is None else str(value)
    )
    fault = in_words(finding, shapes)
    return fault if place is None else replace(fault, file=place[0], line=place[1])


def _value(finding: Finding) -> Node | None:
    return None if finding.value == finding.focus else finding.value


def _shown(node: Node | None) -> str | None:
    if isinstance(node, URIRef):
        return ns.compact(str(node))
    return None if node is None else str(node)
