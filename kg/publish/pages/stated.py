"""What is stated of a thing itself, in the groups, the order and under the names that our shapes give (sh:group)."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import TypedDict

from pyoxigraph import Literal, NamedNode, Quad

from kg.publish.pages.ties import IN_A_LINE, TIES
from kg.publish.pages.words import LinkedText, SourcedValue, SourcedWords, Words
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.labels import preferred_literal
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD, DCTERMS, GEO, OWL, RDF, SH, SKOS, WGS84

_AT_THE_END = {"NameGroup", "PlaceGroup", "LinkGroup", "EvidenceGroup"}
"""The groups that follow what other things say of a thing."""
_TECHNICAL = {
    *(RDF.type, GEO.hasGeometry, WGS84.lat, WGS84.long, OWL.deprecated, *(tie.own_property for tie in TIES)),
    *(SKOS.prefLabel, CD.statedIn, CD.onStatement, CD.between, CD.statementGraph, CD.order, CD.says),
    *(CD.earliest, CD.beginEarliest, CD.endEarliest, CD.atTimeEarliest),
    *(CD.latest, CD.beginLatest, CD.endLatest, CD.atTimeLatest),
    *(CD.paraphrase, CD.explanation, CD.reason, CD.accountOf, DCTERMS.isPartOf),
}
"""What stands elsewhere on the page, or under "All statements" alone."""
_SHOWN_BY_KIND = {
    "account": {CD.accountOf, CD.statedIn},
    "citation": {CD.statedIn},
    "publication": {CD.statedIn, DCTERMS.isPartOf},
    "statistic": {CD.statedIn},
}
"""By kind what is worth a row none the less."""


_UNNAMED_GRAPHS = {NamedNode(ns.GRAPH + name) for name in ("passages", "register", "gazetteer")}
"""The graphs of ours that a row does not name: it has what they are taken from, or goes without saying."""


class PropertyRow(TypedDict):
    """A property by the name that it has on pages, and what is stated."""

    label: LinkedText
    values: list[SourcedValue]


class PageRows(TypedDict):
    """The rows that a page begins with, and those at its end: names, place and links."""

    first: list[PropertyRow]
    last: list[PropertyRow]


def property_rows(words: Words, thing: NamedNode, kind: str) -> PageRows:
    """Return the rows of what is stated of a thing."""
    hidden = _TECHNICAL - _SHOWN_BY_KIND.get(kind, set())
    roles = {tie.own_property for tie in TIES if tie.kind == kind and kind not in IN_A_LINE}
    hidden -= roles
    by_predicate: dict[NamedNode, list[Quad]] = {}
    for quad in match(words.store, thing):
        if isinstance(quad.graph_name, NamedNode) and quad.graph_name not in graphs.COMPUTED:
            by_predicate.setdefault(quad.predicate, []).append(quad)
    classes = {quad.object for quad in match(words.store, thing, RDF.type)}
    found = [
        (*_field(words, predicate, classes), predicate, quads)
        for predicate, quads in by_predicate.items()
        if predicate not in hidden
    ]
    found.sort(key=lambda field: (field[0], field[2].value))
    stated = PageRows(first=[], last=[])
    told = {quad.graph_name for *_, quads in found for quad in quads} - _UNNAMED_GRAPHS
    for (_, group, _), label, predicate, quads in found:
        side = stated["last"] if group in _AT_THE_END else stated["first"]
        is_named = len(told) > 1 and predicate not in roles  # who names the parties stands below, with what is said
        side.append(PropertyRow(label=label, values=_sourced_values(words, quads, is_named=is_named)))
    return stated


def _sourced_values(words: Words, quads: Iterable[Quad], is_named: bool) -> list[SourcedValue]:
    """Return values with who states each; where all of a thing has one source, that is said once elsewhere."""
    by_value: dict[str, list[Quad]] = {}
    for quad in sorted(quads, key=str):
        by_value.setdefault(str(quad.object), []).append(quad)
    return [
        SourcedValue(value=words.value(of[0].object), parts=[_part(words, of)] if is_named else [], against=[])
        for of in by_value.values()
    ]


def _part(words: Words, quads: Iterable[Quad]) -> SourcedWords:
    told = [quad for quad in quads if quad.graph_name not in _UNNAMED_GRAPHS]
    passages = [quad for quad in told if quad.graph_name != graphs.INTERPRETATION]
    return SourcedWords(
        words=[], sources=words.sources_of_quads(passages or told)
    )  # the editors only where no passage says so


def _field(words: Words, predicate: NamedNode, classes: Set[object]) -> tuple[tuple[float, str, float], LinkedText]:
    """Return where a property stands (order of the group, its name, order in it) and what it is called."""
    shapes = [quad.subject for quad in match(words.store, None, SH.path, predicate, graphs.SHAPES)]
    named = [shape for shape in shapes if isinstance(shape, NamedNode)]
    named.sort(key=lambda shape: (not _is_of(words, shape, classes), shape.value))
    for shape in named:
        group = next((g.object for g in match(words.store, shape, SH.group, None, graphs.SHAPES)), None)
        name = preferred_literal(quad.object for quad in match(words.store, shape, SH.name, None, graphs.SHAPES))
        if isinstance(group, NamedNode) and name is not None:
            place = (_number(words, group), group.value.rpartition("#")[2], _number(words, shape))
            return place, LinkedText(text=name.value, iri=predicate.value, lang=name.language or "")
    called = words.name_of(predicate)
    return (99, "", 0), LinkedText(text=called["text"].rpartition(":")[2], iri=predicate.value, lang="en")


def _is_of(words: Words, shape: NamedNode, classes: Set[object]) -> bool:
    """Tell whether a property shape belongs to a shape of one of some classes."""
    holders = (quad.subject for quad in match(words.store, None, SH.property, shape, graphs.SHAPES))
    targets = (q.object for holder in holders for q in match(words.store, holder, SH.targetClass, None, graphs.SHAPES))
    return any(target in classes for target in targets)


def _number(words: Words, shape: NamedNode) -> float:
    found = (quad.object for quad in match(words.store, shape, SH.order, None, graphs.SHAPES))
    return next((float(number.value) for number in found if isinstance(number, Literal)), 99)
