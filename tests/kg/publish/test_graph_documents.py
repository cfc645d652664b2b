"""The first rows of a graph for its page."""

from __future__ import annotations

from io import BytesIO

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.publish import GraphDocument
from kg.rdf.rows import FirstRows

GRAPH = NamedNode("http://example.org/graph")
SHOWN = 500


def store_of(count: int, graph: NamedNode | DefaultGraph) -> Store:
    store = Store()
    predicate = NamedNode("http://example.org/p")
    store.extend(Quad(NamedNode(f"http://example.org/{n:05}"), predicate, Literal(n), graph) for n in range(count))
    store.add(
        Quad(NamedNode("http://example.org/beside"), predicate, Literal(0), NamedNode("http://example.org/other"))
    )
    return store


def first_rows(store: Store, iri: str | None) -> FirstRows:
    output = BytesIO()
    GraphDocument.write_rows(store, output, iri)
    return FirstRows.from_json(output.getvalue())


@pytest.mark.parametrize("graph", [GRAPH, DefaultGraph()])
def test_those_of_a_small_graph_are_sorted(graph: NamedNode | DefaultGraph) -> None:
    rows = first_rows(store_of(1_500, graph), graph.value if isinstance(graph, NamedNode) else None)
    assert (rows.count, rows.is_complete, len(rows.rows)) == (1_500, True, SHOWN)
    assert [str(row[0]) for row in rows.rows] == [f"<http://example.org/{n:05}>" for n in range(SHOWN)]


@pytest.mark.parametrize("graph", [GRAPH, DefaultGraph()])
def test_a_large_graph_is_counted_and_shown_in_part(graph: NamedNode | DefaultGraph) -> None:
    store = store_of(5_000, graph)
    rows = first_rows(store, graph.value if isinstance(graph, NamedNode) else None)
    assert (rows.count, rows.is_complete, len(set(rows.rows))) == (5_000, True, SHOWN)
    assert set(rows.rows) <= {tuple(quad.triple) for quad in store.quads_for_pattern(None, None, None, graph)}


def test_an_empty_graph_has_none() -> None:
    assert first_rows(Store(), GRAPH.value) == FirstRows(("subject", "predicate", "object"), (), 0)
