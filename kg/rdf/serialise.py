"""Serialise RDF with our prefixes, or as sorted lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain
from types import MappingProxyType
from typing import Any

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Triple, parse, serialize

from kg.rdf import namespaces as ns
from kg.rdf.formats import GraphFormat

_NAMESPACE, _END = re.compile(r"<([^<>]*[/#])"), re.compile("[/#]")


def to_bytes(
    content: Iterable[Triple] | Iterable[Quad],
    engine_format: RdfFormat,
    prefixes: Mapping[str, str] = MappingProxyType(ns.PREFIXES),
) -> bytes:
    """Return triples or quads in a format. Only the prefixes that occur are declared, so that output stays short."""
    statements: list[Any] = list(content)
    if engine_format == RdfFormat.JSON_LD:
        return serialize(statements, format=engine_format) or b""
    terms = "".join(map(str, set(chain.from_iterable(statements))))
    return serialize(statements, format=engine_format, prefixes=prefixes_for(namespaces_in(terms), prefixes)) or b""


def namespaces_in(terms: str) -> set[str]:
    """Return the prefixes of the IRIs in terms, up to each / and #, as all our namespaces end."""
    return set().union(*map(_namespaces, set(_NAMESPACE.findall(terms))))


def prefixes_for(namespaces: set[str], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Return the prefixes of the given namespaces."""
    return {prefix: iri for prefix, iri in prefixes.items() if iri in namespaces}


@lru_cache(1_000)
def _namespaces(iri: str) -> tuple[str, ...]:
    return tuple(iri[: end.end()] for end in _END.finditer(iri))


def lines_of(quads: Iterable[Quad]) -> tuple[str, ...]:
    """Return quads as N-Quads lines, sorted."""
    return tuple(sorted(f"{quad} ." for quad in quads))


def quads_of(lines: Iterable[str]) -> frozenset[Quad]:
    """Return the quads of N-Quads lines. Raises SyntaxError."""
    return frozenset(parse("\n".join(lines).encode(), RdfFormat.N_QUADS))


def to_text(content: Iterable[Triple] | Iterable[Quad]) -> str:
    """Return triples or quads in their order as N-Quads, to be read again by `from_text`."""
    return (serialize(content, format=RdfFormat.N_QUADS) or b"").decode()


def from_text(text: str) -> list[Quad]:
    """Return the quads that `to_text` has written; blank nodes keep their labels."""
    return list(parse(text, RdfFormat.N_QUADS))


def to_format(quads: list[Quad], graph_format: GraphFormat) -> bytes:
    """Return quads in a format; graphs are merged for one without named graphs."""
    content = quads if graph_format.keeps_graphs else [quad.triple for quad in merge_graphs(quads)]
    return to_bytes(content, graph_format.engine)


def merge_graphs(quads: Iterable[Quad]) -> list[Quad]:
    """Return each triple once, outside any graph, sorted."""
    triples = {quad.triple for quad in quads}
    return sorted((Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in triples), key=str)


def sort_subject_first(triples: Iterable[Triple], node: NamedNode | None) -> list[Triple]:
    """Return triples in their order, but first those about a node, then those about our terms.

    A reader of Turtle sees the subject of the document first, and labels of foreign terms last.
    """

    def place(triple: Triple) -> int:
        subject = triple.subject
        if subject == node:
            return 0
        return 1 if isinstance(subject, NamedNode) and subject.value.startswith(ns.BASE) else 2

    return sorted(triples, key=place)


def graph_sort_key(quad: Quad) -> tuple[str, str]:
    """Sort key that keeps the statements of a graph together."""
    return str(quad.graph_name), str(quad)
