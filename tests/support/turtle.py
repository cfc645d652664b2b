"""Names, Turtle, TriG and SPARQL as tests write them: with the prefixes of the project."""

from __future__ import annotations

from pyoxigraph import NamedNode

from kg.rdf import namespaces as ns

PREFIXES = " ".join(f"PREFIX {prefix}: <{iri}>" for prefix, iri in ns.PREFIXES.items()) + "\n"
"""One line, so that what is stated begins in line 2."""


def node(name: str) -> NamedNode:
    """Return the node of a prefixed name, or of an IRI."""
    iri = ns.expand(name)
    assert iri is not None, name
    return NamedNode(iri)
