"""Write a report as a sh:ValidationReport (SHACL 1.0, section 3.6), in Turtle.

Each finding is a result. Its component is that of SHACL for a shape, one from shapes/gate.ttl for a check of the gate,
or the query that found it. Its place in the text is a ptr:LineCharPointer (Pointer Methods in RDF 1.0), by
earl:pointer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple
from rdflib import SH as RDFLIB_SH
from rdflib import BNode, URIRef
from rdflib.term import Node

from kg.findings import Finding
from kg.rdf import namespaces as ns
from kg.rdf.lookup import parse_iri
from kg.rdf.rdflib_bridge import to_engine
from kg.rdf.serialise import to_bytes
from kg.rdf.vocabulary import DCTERMS, RDF, RDFS, SH, XSD
from kg.shacl import project_shapes

_EARL, _PTR = "http://www.w3.org/ns/earl#", "http://www.w3.org/2009/pointers#"
_PREFIXES = {**ns.PREFIXES, "earl": _EARL, "ptr": _PTR}
_SPARQL = "SPARQLConstraintComponent"


def to_turtle(
    findings: Sequence[Finding], accepted: bool, needs_acknowledgement: bool, beside: Iterable[tuple[str, str]] = ()
) -> bytes:
    """Return a report on the findings of a change, which the gate accepts if there is no violation.

    sh:conforms is true only if there are no results at all, as in SHACL 1.0 (3.6.1.1). What is not the result of a
    check becomes a comment: findings about no node, such as the number of those left out, and texts `beside` them, in
    English and in Chinese, for which the change is not at fault.
    """
    report = BlankNode("report")
    results = {BlankNode(f"result{place}"): finding for place, finding in enumerate(findings) if finding.focus}
    said: list[tuple[NamedNode, NamedNode | BlankNode | Literal]] = [
        (RDF.type, SH.ValidationReport),
        (SH.conforms, _boolean(not results)),
        (NamedNode(ns.SHAPES + "accepted"), _boolean(accepted)),
        (NamedNode(ns.SHAPES + "needsAcknowledgement"), _boolean(needs_acknowledgement)),
        *((RDFS.comment, text) for one in findings if not one.focus for text in _messages(one.message, one.message_zh)),
        *((RDFS.comment, text) for texts in beside for text in _messages(*texts)),
        *((SH.result, result) for result in results),
    ]
    triples = [Triple(report, predicate, value) for predicate, value in said]
    for result, finding in results.items():
        triples += _result(result, finding)
    for name in dict.fromkeys(finding.file for finding in results.values() if finding.line):
        triples += _text(name)
    return to_bytes(triples, RdfFormat.TURTLE, _PREFIXES)


def _result(result: BlankNode, finding: Finding) -> Iterator[Triple]:
    yield Triple(result, RDF.type, SH.ValidationResult)
    yield Triple(result, SH.focusNode, _iri(finding.focus) or BlankNode(f"{result.value}focus"))
    if (path := _path(finding)) is not None:
        copy, nested = path
        yield Triple(result, SH.resultPath, copy)
        yield from nested
    if (value := _value(finding)) is not None:
        yield Triple(result, SH.value, value)
    for message in _messages(finding.message, finding.message_zh):
        yield Triple(result, SH.resultMessage, message)
    yield Triple(result, SH.resultSeverity, NamedNode(ns.PREFIXES["sh"] + finding.severity))
    yield from (Triple(result, predicate, source) for predicate, source in _sources(finding))
    if finding.line is not None:
        yield from _pointer(result, finding)


def _sources(finding: Finding) -> Iterator[tuple[NamedNode, NamedNode]]:
    """Yield the component, the shape if there is one, and the SPARQL constraint of that shape if it is from one."""
    if finding.step != "shapes":
        query = f"{ns.QUERIES}{finding.component}" if finding.component else ""
        component = query or f"{ns.SHAPES}{finding.step.capitalize()}Check"
        yield SH.sourceConstraintComponent, NamedNode(component)
        return
    yield SH.sourceConstraintComponent, NamedNode(ns.PREFIXES["sh"] + finding.component)
    if (source := _iri(finding.shape)) is None:
        return
    holders = project_shapes().subjects(RDFLIB_SH.sparql, URIRef(source.value))
    if finding.component == _SPARQL and (holder := next(holders, None)) is not None:
        yield SH.sourceConstraint, source
        source = NamedNode(str(holder))
    yield SH.sourceShape, source


def _path(finding: Finding) -> tuple[NamedNode | BlankNode, list[Triple]] | None:
    """Return the path of a finding, and the triples that describe it if it is more than a predicate."""
    shapes = project_shapes()
    path = shapes.value(URIRef(ns.expand(finding.shape) or ""), RDFLIB_SH.path) if finding.shape else None
    if isinstance(path, BNode):
        copies: dict[Node, BlankNode] = {}
        described = list(_copy_node(path, copies))
        return copies[path], described
    predicate = _iri(finding.path)
    return None if predicate is None else (predicate, [])


def _copy_node(node: Node, copies: dict[Node, BlankNode]) -> Iterator[Triple]:
    """Yield the triples about a blank node of a path, and about those below it, with new blank nodes."""
    copies[node] = BlankNode()
    for predicate, value in project_shapes().predicate_objects(node):
        if isinstance(value, BNode):
            yield from _copy_node(value, copies)
        copy = copies[value] if isinstance(value, BNode) else to_engine(value)
        yield Triple(copies[node], NamedNode(str(predicate)), copy)


def _pointer(result: BlankNode, finding: Finding) -> Iterator[Triple]:
    pointer = BlankNode(f"{result.value}place")
    yield Triple(result, NamedNode(_EARL + "pointer"), pointer)
    yield Triple(pointer, RDF.type, NamedNode(_PTR + "LineCharPointer"))
    yield Triple(pointer, NamedNode(_PTR + "reference"), _document(finding.file))
    for predicate, number in (("lineNumber", finding.line), ("charNumber", finding.column)):
        yield Triple(pointer, NamedNode(_PTR + predicate), Literal(str(number or 1), datatype=XSD.positiveInteger))


def _text(name: str) -> Iterator[Triple]:
    """Yield the description of a submitted text, which has a name if it is a file."""
    yield Triple(_document(name), RDF.type, NamedNode(ns.PREFIXES["foaf"] + "Document"))
    if name:
        yield Triple(_document(name), DCTERMS.title, Literal(name))


def _document(name: str) -> BlankNode:
    return BlankNode("text" + name.encode().hex())


def _value(finding: Finding) -> NamedNode | Literal | None:
    if finding.value is None or not finding.datatype:
        return _iri(finding.value)
    if finding.language:
        return Literal(finding.value, language=finding.language)
    return Literal(finding.value, datatype=_iri(finding.datatype))


def _iri(name: str | None) -> NamedNode | None:
    """Return the IRI of a prefixed name, None if it has none or was truncated."""
    iri = ns.expand(name or "")
    return None if iri is None or "…" in iri else parse_iri(iri)


def _messages(english: str, chinese: str) -> Iterable[Literal]:
    return [Literal(english, language="en"), *([Literal(chinese, language="zh-Hans")] if chinese else [])]


def _boolean(value: bool) -> Literal:
    return Literal(str(value).lower(), datatype=XSD.boolean)
