"""What the data set says of itself, from the CONSTRUCT queries in the files beside this one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, QueryTriples, Store, Triple

from kg.rdf import namespaces as ns
from kg.rdf.lookup import Term
from kg.rdf.triples import PREFIXES, dataset_node


def construct(store: Store, name: str) -> list[Triple]:
    """Return what the query of a name constructs from a store: dataset, void, links, graphs or service."""
    query = Path(__file__).with_name(f"{name}.rq").read_text(encoding="utf-8")
    answer = store.query(query, base_iri=ns.BASE, prefixes=PREFIXES, custom_functions=_FUNCTIONS)
    assert isinstance(answer, QueryTriples)
    return list(answer)


def _partition(kind: Literal, *terms: NamedNode) -> NamedNode:
    """Return the name of a partition, which has those of the class and property that it is of."""
    return dataset_node("/".join((kind.value, *(quote(ns.compact(term.value), safe=":") for term in terms))))


_FUNCTIONS: dict[NamedNode, Callable[..., Term | None]] = {NamedNode(f"{ns.BASE}partition"): _partition}
