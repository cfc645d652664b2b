"""Validation results as findings for readers: in words, with their positions in files and what would be allowed.

A hint says only what can be said of the value itself. Where a nested shape demands something of another node, or one of
several choices cannot be put into words, there is none: the message of the shape is better than half a hint.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from rdflib import RDF, SH, SKOS, XSD, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.paths import AlternativePath
from rdflib.term import Node

from kg.findings import Finding
from kg.names import identifier_of
from kg.rdf import namespaces as ns
from kg.rdf.authorities import AUTHORITIES, SAME_AS
from kg.rdf.positions import Positions
from kg.rdf.vocabulary import SCHEMA
from kg.shacl.ledger import Ledger, ValidationResult
from kg.shacl.shapes_graph import path_of


@dataclass(frozen=True)
class Report:
    """The report on a graph: its findings; it conforms if none is a violation.

    `ledger` has the same findings as changes to the graph are compared with.
    """

    results: tuple[Finding, ...]
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def conforms(self) -> bool:
        """True if no result is a violation."""
        return all(result.severity != "Violation" for result in self.results)


def read_report(ledger: Ledger, shapes: Graph, positions: Positions) -> Report:
    """Return the findings of a ledger in words, in the order of files and lines."""
    found = list(ledger)
    results = [_with_position(*pair, positions) for pair in zip(to_findings(found, shapes), found, strict=True)]
    results.sort(key=lambda result: (result.file, result.line or 0, result.focus or "", result.message))
    return Report(tuple(results), ledger)


def to_findings(results: Iterable[ValidationResult], shapes: Graph) -> list[Finding]:
    """Return results as findings for readers; a hint names the allowed values, where the constraint has some.

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
            meant=_with_datatype(shapes, result),
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
    """Return the suffix that tells a literal from an IRI, and from the same text of another datatype."""
    if not isinstance(value, Literal):
        return ""
    return ns.compact(str(value.datatype or (RDF.langString if value.language else XSD.string)))


def _with_position(finding: Finding, result: ValidationResult, positions: Positions) -> Finding:
    path = str(result.path) if isinstance(result.path, URIRef) else None
    value = None if result.value in (None, result.focus) else str(result.value)
    place = positions.find(str(result.focus), path, value)
    return finding if place is None else replace(finding, file=place[0], line=place[1])


MOST_MEMBERS = 30
"""Members of a list that are named, if it is longer by more than FEW_LEFT."""
FEW_LEFT = 10


def allowed_values(shapes: Graph, source: str, component: str) -> str:
    """Return the values that a constraint component (such as `ClassConstraintComponent`) of a shape allows, or "".

    For a choice of properties nothing is said of their values, since it would not be clear which is of which.
    """
    parameter = component.removesuffix("ConstraintComponent")
    name = parameter[:1].lower() + parameter[1:]
    shape = URIRef(source)
    said = " ".join(_phrases(shapes, shape, name))
    if name in ("qualifiedMinCount", "qualifiedMaxCount") and not isinstance(path_of(shapes, shape), AlternativePath):
        of_what = " ".join(_phrases(shapes, shape, "qualifiedValueShape"))
        return f"{said} of: {of_what}" if of_what else said
    return said


def suggest_value(shapes: Graph, finding: ValidationResult, told: str) -> str:
    """Return how to write the value of a finding: a literal with the right datatype, or the address of an identifier.

    Else `told`, the values that are allowed, without the datatype that the literal has already.
    """
    value = finding.value
    if (
        isinstance(value, URIRef)
        and str(finding.path) == SCHEMA.sameAs.value
        and (found := identifier_of(value)).authority
    ):
        return f"<{found.address}>"
    if not isinstance(value, Literal) or finding.component not in _OF_DATATYPES:
        return told
    if typed := _with_datatype(shapes, finding):
        return typed
    own = _in_words("a literal of {}")(shapes, value.datatype or XSD.string)
    return " or ".join(choice for choice in told.split(" or ") if choice != own)


def _with_datatype(shapes: Graph, finding: ValidationResult) -> str:
    """Return a literal with the datatype that its text has the form of, among those that its shape names; else ""."""
    value = finding.value
    if not isinstance(value, Literal) or finding.component not in _OF_DATATYPES:
        return ""
    offered = set(_datatypes(shapes, URIRef(finding.source))) - {value.datatype}
    fitting = (datatype for datatype, form in _FORMS.items() if datatype in offered and form.fullmatch(value))
    return next((f'"{value}"^^{ns.compact(datatype)}' for datatype in fitting), "")


def _datatypes(shapes: Graph, shape: Node) -> Iterator[Node]:
    """Yield the datatypes that a shape names, for itself or as choices."""
    yield from shapes.objects(shape, SH.datatype)
    for other in shapes.objects(shape, SH.node):
        yield from _datatypes(shapes, other)
    for members in shapes.objects(shape, SH["or"]):
        for member in Collection(shapes, members):
            yield from _datatypes(shapes, member)


def _phrases(shapes: Graph, shape: Node, name: str) -> list[str]:
    say = _WORDS.get(name)
    return [] if say is None else [said for value in shapes.objects(shape, SH[name]) if (said := say(shapes, value))]


def _shape(shapes: Graph, shape: Node) -> str:
    """Return in words what a shape demands of a value itself; "" if it demands nothing."""
    return " and ".join(text for name in _OF_VALUES for text in _phrases(shapes, shape, name))


def _any_of(shapes: Graph, members: Node) -> str:
    """Return the choices in words, or "" if one of them cannot be put into words."""
    choices = [_shape(shapes, member) for member in Collection(shapes, members)]
    return " or ".join(dict.fromkeys(choices)) if all(choices) else ""


def _one_of(shapes: Graph, members: Node) -> str:
    names = [_name(shapes, member) for member in Collection(shapes, members)]
    if len(names) > MOST_MEMBERS + FEW_LEFT:
        names[MOST_MEMBERS:] = [f"{len(names) - MOST_MEMBERS} others"]
    return f"one of {', '.join(names)}"


def _kind(shapes: Graph, kind: Node) -> str:
    return _KINDS[str(kind).removeprefix(str(SH))]


def _languages(shapes: Graph, members: Node) -> str:
    return f"text in {' or '.join(map(str, Collection(shapes, members)))}"


def _property(shapes: Graph, shape: Node) -> str:
    """Return in words the vocabulary that a value must be of, where a shape demands that; else ""."""
    scheme = shapes.value(shape, SH.hasValue) if shapes.value(shape, SH.path) == SKOS.inScheme else None
    return f"a concept of the vocabulary {str(scheme).removeprefix(ns.VOCABULARY)}" if scheme is not None else ""


def _pattern(shapes: Graph, pattern: Node) -> str:
    if str(pattern) == SAME_AS:
        return f"an address of {', '.join(authority.name for authority in AUTHORITIES)} or Wikipedia"
    return f"text that matches {pattern}"


def _in_words(words: str) -> Callable[[Graph, Node], str]:
    return lambda shapes, value: words.format(_name(shapes, value))


def _name(shapes: Graph, node: Node) -> str:
    return ns.compact(str(node)) if isinstance(node, URIRef) else str(node)


_KINDS = {
    "IRI": "an IRI",
    "BlankNode": "a blank node",
    "Literal": "a literal",
    "IRIOrLiteral": "an IRI or a literal",
    "BlankNodeOrIRI": "an IRI or a blank node",
    "BlankNodeOrLiteral": "a literal or a blank node",
}
_WORDS: dict[str, Callable[[Graph, Node], str]] = {
    "class": _in_words("a node of class {}"),
    "datatype": _in_words("a literal of {}"),
    "nodeKind": _kind,
    "in": _one_of,
    "hasValue": _in_words("{}"),
    "node": _shape,
    "property": _property,
    "or": _any_of,
    "languageIn": _languages,
    "pattern": _pattern,
    "minLength": _in_words("{} characters or more"),
    "maxLength": _in_words("{} characters or fewer"),
    "minInclusive": _in_words("{} or more"),
    "maxInclusive": _in_words("{} or less"),
    "minExclusive": _in_words("more than {}"),
    "maxExclusive": _in_words("less than {}"),
    "minCount": _in_words("at least {}"),
    "maxCount": _in_words("at most {}"),
    "qualifiedMinCount": _in_words("at least {}"),
    "qualifiedMaxCount": _in_words("at most {}"),
    "qualifiedValueShape": _shape,
    "uniqueLang": lambda shapes, value: "one for each language",
    "equals": _in_words("the values of {}"),
    "disjoint": _in_words("none of the values of {}"),
    "lessThan": _in_words("less than {}"),
    "lessThanOrEquals": _in_words("no more than {}"),
}
_FORMS = {
    XSD.gYear: re.compile(r"[0-9]{4}"),
    XSD.gYearMonth: re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])"),
    XSD.date: re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"),
    XSD.integer: re.compile(r"[+-]?[0-9]+"),
    XSD.decimal: re.compile(r"[+-]?[0-9]*\.[0-9]+"),
}
_OF_DATATYPES = ("DatatypeConstraintComponent", "NodeConstraintComponent", "OrConstraintComponent")
_OF_VALUES = "class datatype nodeKind in hasValue node property or languageIn pattern minInclusive maxInclusive".split()
