"""Turtle and TriG as tests write them: with the prefixes of the project."""

from __future__ import annotations

from kg.rdf import namespaces as ns

PREFIXES = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in ns.PREFIXES.items())
