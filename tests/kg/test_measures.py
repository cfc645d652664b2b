"""Measures are those that one counts by hand, the same each time, and say of which revision they are."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from kg.errors import CityKgError
from kg.measures import measures
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import canonicalise
from kg.rdf.vocabulary import CD

Pairs = Iterable[tuple[str, str]]

TWO_TRIANGLES_AND_A_BRIDGE = ("ab", "bc", "ca", "de", "ef", "fd", "cd")


def measured(pairs: Pairs, revision: str = "0123456789ab.7") -> list[Quad]:
    edges = [(body(one), body(other)) for one, other in pairs]
    both = [*edges, *((other, one) for one, other in edges)]
    return measures((Quad(one, CD.twinnedWith, other, DefaultGraph()) for one, other in both), revision)


def body(name: str) -> NamedNode:
    return NamedNode(f"{ns.ID}city/{name}")


def of(stated: Iterable[Quad], term: NamedNode) -> dict[str, Decimal]:
    """Return the values of one measure by the names of bodies."""
    return {
        quad.subject.value.rpartition("/")[2]: Decimal(quad.object.value)
        for quad in stated
        if quad.predicate == term and isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal)
    }


@pytest.mark.drawn
def test_they_are_those_that_one_counts_by_hand() -> None:
    found = measured(TWO_TRIANGLES_AND_A_BRIDGE)
    assert of(found, CD.degree) == {"a": 2, "b": 2, "c": 3, "d": 3, "e": 2, "f": 2}
    assert of(found, CD.betweenness) == {"a": 0, "b": 0, "c": Decimal("0.6"), "d": Decimal("0.6"), "e": 0, "f": 0}
    assert of(found, CD.community) == {"a": 1, "b": 1, "c": 1, "d": 2, "e": 2, "f": 2}


def test_they_say_of_which_revision_they_are_how_and_when_they_were_computed() -> None:
    about = {
        quad.predicate.value.rpartition("#")[2]: quad.object
        for quad in measured(["ab"])
        if quad.subject == graphs.MEASURES
    }
    assert about["revision"] == Literal("0123456789ab.7")
    assert {name.rpartition("/")[2] for name in about} == {"revision", "description", "created"}


def test_all_stand_in_their_graph_as_the_engine_writes_them() -> None:
    found = measured(TWO_TRIANGLES_AND_A_BRIDGE)
    assert {quad.graph_name for quad in found} == {graphs.MEASURES}
    assert canonicalise(found) == found


def test_nobody_twinned_is_nothing_to_measure() -> None:
    assert measured([]) == []


def test_a_sample_of_starts_comes_near_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [(f"a{one}", f"a{other}") for one, other in combinations(range(30), 2) if (one * other) % 7 == 1]
    exactly = of(measured(pairs), CD.betweenness)
    monkeypatch.setattr("kg.measures._MOST_STARTS", len(exactly) - 2)
    sampled = measured(pairs)
    assert any("a sample of" in str(quad.object) for quad in sampled)
    assert all(abs(exactly[name] - value) < Decimal("0.1") for name, value in of(sampled, CD.betweenness).items())


@given(st.sets(st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda pair: pair[0] < pair[1]), min_size=1))
@pytest.mark.drawn
def test_they_are_those_of_another_library_whatever_the_order(pairs: set[tuple[int, int]]) -> None:
    import networkx

    named = sorted((f"b{one}", f"b{other}") for one, other in pairs)
    found = measured(named)
    graph = networkx.Graph(named)
    assert of(found, CD.degree) == dict(graph.degree)
    theirs = networkx.betweenness_centrality(graph)
    assert all(abs(float(value) - theirs[name]) < 1e-8 for name, value in of(found, CD.betweenness).items())
    again = measured((other, one) for one, other in reversed(named))
    assert [of(again, term) for term in (CD.degree, CD.betweenness, CD.community)] == [
        of(found, term) for term in (CD.degree, CD.betweenness, CD.community)
    ]


def test_without_igraph_one_learns_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "igraph", None)
    with pytest.raises(CityKgError) as told:
        measured(["ab"])
    assert "pip install" in told.value.hint
