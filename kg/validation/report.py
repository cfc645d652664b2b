"""A validation report for readers: each result with its place in a file, in plain words, as text, JSON or RDF."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from rdflib import SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from kg import namespaces as ns
from kg.positions import Positions


@dataclass(frozen=True)
class Result:
    """One finding of SHACL. `file` and `line` say where the facts state it, where that is known."""

    severity: str
    focus: str
    path: str | None
    value: str | None
    shape: str
    message: str
    message_zh: str
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
    results = [_result(graph, shapes, node, positions) for node in graph.objects(None, SH.result)]
    results.sort(key=lambda result: (result.file or "", result.line or 0, result.focus, result.message))
    return Report(tuple(results), graph)


def _result(graph: Graph, shapes: Graph, node: Node, positions: Positions) -> Result:
    focus, path = graph.value(node, SH.focusNode), graph.value(node, SH.resultPath)
    value, source = graph.value(node, SH.value), graph.value(node, SH.sourceShape)
    path = path if isinstance(path, URIRef) else None
    value = None if value == focus else value
    messages = {
        (message.language or "").lower(): str(message)
        for message in graph.objects(node, SH.resultMessage)
        if isinstance(message, Literal)
    }
    place = positions.find(str(focus), str(path) if path else None, str(value) if value else None)
    severity = str(graph.value(node, SH.resultSeverity)).rpartition("#")[2]
    return Result(
        severity=severity,
        focus=_shown(focus) or "",
        path=_shown(path),
        value=_shown(value),
        shape=_named_shape(shapes, source),
        message=messages.get("en") or messages.get("") or "It does not conform.",
        message_zh=messages.get("zh-hans", ""),
        file=place[0] if place else None,
        line=place[1] if place else None,
    )


def _shown(node: Node | None) -> str | None:
    if isinstance(node, URIRef):
        return ns.compact(str(node))
    return None if node is None else str(node)


def _named_shape(shapes: Graph, source: Node | None) -> str:
    """Return the name of the shape that fired; a shape without a name is called by the one that holds it."""
    while isinstance(source, BNode):
        source = next(shapes.subjects(None, source), None)
    return _shown(source) or ""
