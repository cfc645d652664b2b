"""Serialise RDF with our prefixes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from pyoxigraph import Quad, RdfFormat, Triple, serialize

from kg import namespaces as ns


def to_bytes(
    content: Iterable[Triple] | Iterable[Quad],
    engine_format: RdfFormat,
    prefixes: Mapping[str, str] = MappingProxyType(ns.PREFIXES),
) -> bytes:
    """Return triples or quads in a format. Only the prefixes that occur are declared, so that output stays short."""
    statements: list[Any] = list(content)
    if engine_format == RdfFormat.JSON_LD:
        return serialize(statements, format=engine_format) or b""
    iris = "".join(map(str, statements))
    used = {prefix: iri for prefix, iri in prefixes.items() if f"<{iri}" in iris}
    return serialize(statements, format=engine_format, prefixes=used) or b""
