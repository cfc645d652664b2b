"""A store as a change would leave it answers each pattern as the store does once the change is made."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.rdf import graphs
from kg.rdf.change import Change
from kg.rdf.changed_store import ChangedStore
from kg.rdf.graphs import default_graph_quads
from kg.rdf.lookup import match

NODES = [NamedNode(f"urn:{name}") for name in "ab"]
VALUES = [NODES[0], Literal("255"), Literal("a", language="en")]
GRAPHS = [NamedNode("urn:one"), NamedNode("urn:two"), graphs.HISTORY]
quads = st.frozensets(
    st.builds(Quad, *(st.sampled_from(terms) for terms in (NODES, NODES, VALUES, GRAPHS))), max_size=6
)
PATTERNS = [*product([*NODES, None], [*NODES, None], [*VALUES, None], [*GRAPHS, DefaultGraph(), None])]


@given(quads, quads, quads)
def test_each_pattern_is_answered_as_after_the_change(
    held: frozenset[Quad], added: frozenset[Quad], removed: frozenset[Quad]
) -> None:
    after = ChangedStore(_with_default(held), Change(added, removed))
    made = _with_default((held - removed) | added)
    for pattern in PATTERNS:
        found = [*match(after, *pattern)]
        assert len(found) == len(set(found))
        assert set(found) == set(match(made, *pattern))


def _with_default(held: frozenset[Quad]) -> Store:
    store = Store()
    store.extend([*held, *default_graph_quads(held)])
    return store
