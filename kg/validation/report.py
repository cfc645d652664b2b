"""A validation report for readers: each result with its place in a file, in plain words, as text, JSON or RDF."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from rdflib import Graph, URIRef
from rdflib.term import Node

from kg import namespaces as ns
from kg.positions import Positions
from kg.validation.allowed import allowed
from kg.validation.findings import Finding, findings_of


@dataclass(frozen=True)
class Result:
    """One finding of SHACL in words. `allowed` says what would be, where a constraint can say it in a few words.

    `file` and `line` say where the facts state it, where that is known.
    """

    severity: str
    focus: str
    path: str | None
    value: str | None
    shape: str
    message: str
    message_zh: str
    allowed: str
    file: str | None
    line: int | None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.file else ""
        about = " ".join(part for part in (self.focus, self.path, self.value) if part)
        return f"{place}{self.severity}: {self.message} [{about}]"


@dataclass(frozen=True)
class Report:
    """The verdict. `graph` is the sh:ValidationReport as RDF; facts conform when no result is a violation."""

    results: tuple[Result, ...]
    graph: Graph

    @property
    def conforms(self) -> bool:
        """Whether no result is a violation."""
        return all(result.severity != "Violation" for result in self.results)

    def about(self, nodes: set[str]) -> Report:
        """Return the report without the results of focus nodes other than these; violations stay in any case."""
        shown = {ns.compact(node) for node in nodes} | nodes
        kept = (result for result in self.results if result.severity == "Violation" or result.focus in shown)
        return Report(tuple(kept), self.graph)

    def as_dict(self) -> dict[str, object]:
        """Return the report for a program."""
        return {"conforms": self.conforms, "results": [asdict(result) for result in self.results]}


def read_report(graph: Graph, shapes: Graph, positions: Positions) -> Report:
    """Return the results of a sh:ValidationReport, in the order of files and lines."""
    results = [in_words(finding, shapes, positions) for finding in findings_of(graph, shapes)]
    results.sort(key=lambda result: (result.file or "", result.line or 0, result.focus, result.message))
    return Report(tuple(results), graph)


def in_words(finding: Finding, shapes: Graph, positions: Positions) -> Result:
    """Return a finding as people read it; `positions` is searched for the line that states it."""
    path = finding.path if isinstance(finding.path, URIRef) else None
    value = None if finding.value == finding.focus else finding.value
    place = positions.find(str(finding.focus), path and str(path), None if value is None else str(value))
    return Result(
        severity=finding.severity,
        focus=_shown(finding.focus) or "",
        path=_shown(path),
        value=_shown(value),
        shape=ns.compact(finding.source),
        message=finding.message("en") or finding.message("") or "It does not conform.",
        message_zh=finding.message("zh-hans") or "",
        allowed=allowed(shapes, finding.source, finding.component),
        file=place[0] if place else None,
        line=place[1] if place else None,
    )


def _shown(node: Node | None) -> str | None:
    if isinstance(node, URIRef):
        return ns.compact(str(node))
    return None if node is None else str(node)
