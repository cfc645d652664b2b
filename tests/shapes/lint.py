"""What our own shapes must have beside what `kg.shacl.lint` asks of all: names, messages and a place for their readers.

Validation does not need these; forms, pages and the people who read a finding do. shapes/README.md says them.
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from kg.findings import Finding
from kg.shacl.lint import finding_at, sort_findings, untraceable_findings
from kg.shacl.shapes_graph import TARGETS

_LANGUAGES = ("en", "zh-Hans")


_SILENT = {
    *TARGETS,
    *(SH[name] for name in "property sparql message severity name description group order deactivated".split()),
}


def lint(graph: Graph) -> list[Finding]:
    """Return everything in the shapes of a graph that we do not allow, in the order of the shapes' names."""
    return sort_findings(
        [*untraceable_findings(graph), *_unnamed(graph), *_words(graph), *_layout(graph), *_messages(graph)]
    )


def _unnamed(graph: Graph) -> Iterator[Finding]:
    for shape in _reporting_property_shapes(graph):
        if isinstance(shape, BNode):
            yield finding_at(graph, shape, "unnamed", "Give this property shape an IRI such as shape:Twinning-twin.")


def _words(graph: Graph) -> Iterator[Finding]:
    for shape in _reporting_property_shapes(graph):
        for predicate in (SH.name, SH.description, SH.message):
            yield from _missing_languages(graph, shape, predicate)


def _layout(graph: Graph) -> Iterator[Finding]:
    """Forms and pages are laid out by these."""
    groups = set(graph.subjects(RDF.type, SH.PropertyGroup))
    for shape in _reporting_property_shapes(graph):
        if not groups.intersection(graph.objects(shape, SH.group)):
            yield finding_at(graph, shape, "group", "Add an sh:group that is a sh:PropertyGroup.")
        if (shape, SH.order, None) not in graph:
            yield finding_at(graph, shape, "order", "Add an sh:order.")


def _messages(graph: Graph) -> Iterator[Finding]:
    """Node shapes with constraints of their own, and SPARQL constraints, speak as well."""
    targeted = {shape for target in TARGETS for shape in graph.subjects(target, None)}
    speaking = {shape for shape in targeted if _own_constraints(graph, shape)} | set(graph.objects(None, SH.sparql))
    for shape in speaking:
        yield from _missing_languages(graph, shape, SH.message)


def _missing_languages(graph: Graph, shape: Node, predicate: URIRef) -> Iterator[Finding]:
    said = {(text.language or "").lower() for text in graph.objects(shape, predicate) if isinstance(text, Literal)}
    for language in _LANGUAGES:
        if language.lower() not in said:
            name = str(predicate).removeprefix(str(SH))
            yield finding_at(graph, shape, name, f"Add an sh:{name} in {language}.")


def _own_constraints(graph: Graph, shape: Node) -> bool:
    own = {predicate for predicate in graph.predicates(shape, None) if predicate in SH}
    return bool(own - _SILENT)


def _reporting_property_shapes(graph: Graph) -> set[Node]:
    """Return the property shapes whose messages people read.

    Those are the ones with an IRI, and those that a shape with a target holds. Nameless ones deep inside sh:or, sh:not
    or a shape behind sh:node only contribute to the verdict of what holds them.
    """
    targeted = {shape for target in TARGETS for shape in graph.subjects(target, None)}
    held = {shape for holder in targeted for shape in graph.objects(holder, SH.property)}
    return held | {shape for shape in graph.subjects(SH.path, None) if isinstance(shape, URIRef)}
