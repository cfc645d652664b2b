"""Queries as rdflib reads them: the parts of their algebra."""

from __future__ import annotations

from typing import Any

from rdflib.plugins.sparql.algebra import traverse
from rdflib.plugins.sparql.parserutils import CompValue


def algebra_nodes(node: Any) -> list[CompValue]:
    """Return a node of the algebra, if it is one, and all nodes within it."""
    found: list[Any] = []
    traverse(node, visitPre=found.append)
    return [part for part in found if isinstance(part, CompValue)]
