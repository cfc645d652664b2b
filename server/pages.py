"""The page about an entity: what is said of it, by whom, in reading order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template
from pyoxigraph import NamedNode, Quad, Store

from kg import namespaces as ns
from kg.profiles import Profile
from server.labels import Labels, Shown
from server.representations import Document

_LABEL = ns.PREFIXES["skos"] + "prefLabel"
_HIDDEN = {_LABEL, ns.CD + "statedIn", ns.CD + "accountOf"}


@dataclass(frozen=True)
class Row:
    """One statement of a page, with the graphs that say so."""

    predicate: Shown
    value: Shown
    sources: tuple[Shown, ...]


@dataclass(frozen=True)
class Section:
    """What is stated of one node."""

    title: Shown
    kind: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Ways:
    """Where a page leads: to the pages before and behind it by relation (prev, next), and to the other profiles."""

    turned: Mapping[str, str]
    profile: Profile
    profiles: Mapping[str, Profile]
    """By address."""


def entity(store: Store, document: Document, iri: NamedNode, quads: list[Quad], ways: Ways) -> str:
    """Return the page about an entity, of the quads that describe it."""
    labels = Labels(store)
    subjects = {quad.subject for quad in quads if isinstance(quad.subject, NamedNode)}
    described = [s for s in subjects if s.value.startswith(ns.ID) and _states_more_than_labels(quads, s)]
    described.sort(key=lambda node: (node != iri, node.value))
    sections = [_section(labels, node, quads) for node in described]
    names = [labels.value(quad.object) for quad in quads if _is_name(quad, iri)]
    return render_template(
        "entity.html",
        iri=iri.value,
        document=document,
        label=labels.of(iri),
        names=names,
        sections=sections,
        formats=document.formats,
        ways=ways,
    )


def _states_more_than_labels(quads: list[Quad], node: NamedNode) -> bool:
    return any(quad.subject == node and quad.predicate.value != _LABEL for quad in quads)


def _is_name(quad: Quad, iri: NamedNode) -> bool:
    return quad.subject == iri and quad.predicate.value == _LABEL


def _section(labels: Labels, node: NamedNode, quads: list[Quad]) -> Section:
    sources: dict[tuple[NamedNode, str], list[Shown]] = {}
    values = {}
    for quad in quads:
        if quad.subject == node and quad.predicate.value not in _HIDDEN:
            key = (quad.predicate, str(quad.object))
            values[key] = quad.object
            sources.setdefault(key, []).append(_source(labels, quad))
    rows = tuple(
        Row(labels.value(predicate), labels.value(values[predicate, text]), tuple(said))
        for (predicate, text), said in sorted(sources.items(), key=lambda item: _place(*item[0]))
    )
    kind = node.value.removeprefix(ns.ID).partition("/")[0]
    return Section(labels.value(node), kind, rows)


def _place(predicate: NamedNode, value: str) -> tuple[bool, str, str]:
    """Order rows: the type first, then by property and value."""
    return predicate != ns.RDF_TYPE, predicate.value, value


def _source(labels: Labels, quad: Quad) -> Shown:
    graph = quad.graph_name
    assert isinstance(graph, NamedNode)
    if graph.value.startswith(ns.REPORT):
        return labels.value(NamedNode(f"{ns.ID}passage/{graph.value.removeprefix(ns.REPORT)}"))
    return Shown(graph.value.removeprefix(ns.GRAPH))
