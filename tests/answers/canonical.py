"""Answers in a form in which two of them can be compared: what may differ from run to run is taken out.

Each `lines_of_…` turns a body into lines of text. RDF, rows of tables and lists of JSON have no order here. Of
messages, that is words for people, it is kept where they point to and not how they are put; of a page, that it has a
title.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

from pyoxigraph import CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad, RdfFormat, parse

WORDS = "~words~"
_FREE = {"title", "detail", "hint", "message", "message_zh", "messageZh", "resultMessage"}

_VOLATILE = (
    (re.compile(r"https?://(?:127\.0\.0\.1|localhost):(?!9/|8/)\d+"), "http://server.example"),
    (re.compile(r"\bcdk_\w+"), "~token~"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"), "~time~"),
    (re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"), "~time~"),
    (re.compile(r"sha256-[A-Za-z0-9+/=]+"), "sha256-~hash~"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "~uuid~"),
    (re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{16}|[0-9a-f]{12})\b"), "~hash~"),
    (re.compile(r"(?:/[\w.+-]+)+/(?=[\w.+-]+\.(?:trig|ttl|rq)\b)"), "~files~/"),
    (re.compile(r'(error_description|title)="[^"]*"'), rf'\1="{WORDS}"'),
    (re.compile(r"title\*=UTF-8''[^,;\s]*"), f'title="{WORDS}"'),
)
_BLANK = re.compile(r"_:[0-9A-Za-z]+")
_PLACE = re.compile(r"^((?:\S+?:)?(?:\d+:\d+: )?(?:Violation|Warning|Info|violation|warning)\b)[^\[]*(\[.*\])?")


def plain(text: str) -> str:
    """Return a text with placeholders for ports, tokens, hashes, revisions, times, and the folders of our files."""
    for pattern, placeholder in _VOLATILE:
        text = pattern.sub(placeholder, text)
    return text


def lines_of(kind: str, body: bytes) -> list[str]:
    """Return the canonical lines of a body of a kind: a name of `BY_NAME`, or a media type."""
    if kind in BY_NAME:
        return BY_NAME[kind](body)
    if kind in _RDF:
        return lines_of_rdf(body, _RDF[kind])
    writer = _BY_TYPE.get(kind)
    return lines_of_json(body) if writer is None and kind.endswith("json") else (writer or lines_of_text)(body)


def lines_of_rdf(body: bytes, syntax: RdfFormat, *, words: str = "") -> list[str]:
    """Return the quads, blank nodes named canonically (RDFC-1.0); literals of the property `words` are emptied."""
    quads = parse(body, syntax, base_iri="http://base.example/")
    found = Dataset(_plain_quad(quad, words) for quad in quads)
    found.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(str(quad) for quad in found)


def _plain_quad(quad: Quad, words: str) -> Quad:
    subject, value = quad.subject, quad.object
    if isinstance(subject, NamedNode):
        subject = NamedNode(plain(subject.value))
    if isinstance(value, NamedNode):
        value = NamedNode(plain(value.value))
    elif isinstance(value, Literal):
        text = WORDS if quad.predicate.value == words else plain(value.value)
        language = value.language
        value = Literal(text, language=language) if language else Literal(text, datatype=value.datatype)
    return Quad(subject, quad.predicate, value, quad.graph_name)


def lines_of_report(body: bytes) -> list[str]:
    """Return a SHACL report in Turtle, without the wording of its messages."""
    return lines_of_rdf(body, RdfFormat.TURTLE, words="http://www.w3.org/ns/shacl#resultMessage")


def lines_of_table(body: bytes, delimiter: str = ",") -> list[str]:
    """Return the names of the columns in their order, and the rows in any."""
    reader = csv.reader(io.StringIO(plain(body.decode())), delimiter=delimiter)
    head, *rows = [json.dumps([_BLANK.sub("_:b", cell) for cell in row], ensure_ascii=False) for row in reader] or [""]
    return [head, *sorted(rows)]


def lines_of_sparql_json(body: bytes) -> list[str]:
    """Return the variables in their order and the rows in any, or the boolean."""
    found = json.loads(plain(body.decode()))
    if "boolean" in found:
        return [_dumped(found)]
    rows = found["results"]["bindings"]
    for row in rows:
        for term in row.values():
            if term["type"] == "bnode":
                term["value"] = "b"
    return [_dumped(found["head"]), *sorted(map(_dumped, rows))]


def lines_of_sparql_xml(body: bytes) -> list[str]:
    """Return the variables in their order and the rows in any, or the boolean."""
    root = ElementTree.fromstring(plain(body.decode()))
    for node in root.iter("{http://www.w3.org/2005/sparql-results#}bnode"):
        node.text = "b"
    parts = [[_xml(child) for child in part] or [_xml(part)] for part in root]
    return [*parts[0], *(line for part in parts[1:] for line in sorted(part))]


def _xml(element: ElementTree.Element) -> str:
    return ElementTree.canonicalize(ElementTree.tostring(element, encoding="unicode"), strip_text=True)


def lines_of_xml(body: bytes) -> list[str]:
    """Return the children of the root in their order."""
    return [_xml(child) for child in ElementTree.fromstring(plain(body.decode()))]


def lines_of_json(body: bytes, free: frozenset[str] | set[str] = frozenset()) -> list[str]:
    """Return JSON over several lines, members and lists sorted; strings of the members `free` are emptied."""
    ordered = _ordered(json.loads(plain(body.decode())), free)
    return json.dumps(ordered, indent=1, sort_keys=True, ensure_ascii=False).splitlines()


def _ordered(value: Any, free: frozenset[str] | set[str]) -> Any:
    if isinstance(value, list):
        return sorted((_ordered(one, free) for one in value), key=_dumped)
    if isinstance(value, dict):
        return {k: WORDS if k in free and isinstance(v, str) else _ordered(v, free) for k, v in value.items()}
    return value


def _dumped(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def lines_of_validation(body: bytes) -> list[str]:
    """Return problem details or a judgement in JSON without their words: type, status, places and terms stay."""
    return lines_of_json(body, _FREE)


def lines_of_findings(body: bytes) -> list[str]:
    """Return of each finding in a text its place, its severity and the terms that it is about."""
    found = (_PLACE.match(line.strip()) for line in plain(body.decode()).splitlines())
    return sorted(f"{match[1]} {match[2] or ''}".strip() for match in found if match is not None)


def lines_of_page(body: bytes) -> list[str]:
    """Return whether a page has a title that says something."""
    return ["a page with a title" if re.search(rb"<title>[^<]*\S[^<]*</title>", body) else "a page without a title"]


def lines_of_text(body: bytes) -> list[str]:
    """Return the lines of a text."""
    return plain(body.decode()).splitlines()


def lines_of_lines(body: bytes) -> list[str]:
    """Return the lines of a text whose order says nothing."""
    return sorted(lines_of_text(body))


def lines_of_metrics(body: bytes) -> list[str]:
    """Return the names of the numbers of the service."""
    return sorted(set(re.findall(r"^# TYPE (\w+ \w+)", body.decode(), re.MULTILINE)))


_RDF = {
    "text/turtle": RdfFormat.TURTLE,
    "application/trig": RdfFormat.TRIG,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
}
_BY_TYPE: Mapping[str, Callable[[bytes], list[str]]] = {
    "text/html": lines_of_page,
    "text/csv": lines_of_table,
    "text/tab-separated-values": lambda body: lines_of_table(body, "\t"),
    "application/sparql-results+json": lines_of_sparql_json,
    "application/sparql-results+xml": lines_of_sparql_xml,
    "application/xml": lines_of_sparql_xml,
    "application/atom+xml": lines_of_xml,
    "application/rdf-patch": lines_of_lines,
    "application/problem+json": lines_of_validation,
}
BY_NAME: Mapping[str, Callable[[bytes], list[str]]] = {
    "ttl": lambda body: lines_of_rdf(body, RdfFormat.TURTLE),
    "report": lines_of_report,
    "findings": lines_of_findings,
    "findings-json": lines_of_validation,
    "metrics": lines_of_metrics,
}
"""Kinds that a step names itself (`kind`); others are known by their media type."""
