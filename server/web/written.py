"""Bytes of RDF: in the formats of the engine, and as JSON-LD that is compact by our own context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyoxigraph import NamedNode, Quad, Triple

from kg.publish.terms import json_ld_context
from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMAT
from kg.rdf.jsonld import compacted
from kg.rdf.serialise import to_bytes
from server.context import service


def written(
    statements: Sequence[Quad] | Sequence[Triple],
    suffix: str,
    prefixes: Mapping[str, str] = ns.PREFIXES,
    first: NamedNode | None = None,
) -> bytes:
    """Return statements in the format of a suffix; in JSON-LD the node `first` comes before the others.

    The context is that of the revision that the request reads.
    """
    if suffix == "jsonld":
        return compacted(statements, service.read(json_ld_context), first)
    return to_bytes(statements, GRAPH_FORMAT[suffix].engine, prefixes)
