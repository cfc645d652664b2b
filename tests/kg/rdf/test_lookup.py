"""Look-ups by pattern: what the engine answers too much is left out, on disk as well."""

from __future__ import annotations

import pytest
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store

from kg.rdf.lookup import closure, match, match_each
from kg.rdf.vocabulary import XSD

THING, SAYS, GRAPH = NamedNode("http://e/thing"), NamedNode("http://e/says"), NamedNode("http://e/graph")
NUMBERS = range(-3, 520)


def integer(number: int) -> Literal:
    return Literal(str(number), datatype=XSD.integer)


@pytest.fixture(scope="module")
def on_disk(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(str(tmp_path_factory.mktemp("store")))
    store.extend(Quad(THING, SAYS, integer(number), graph) for number in NUMBERS for graph in (GRAPH, DefaultGraph()))
    return store


@pytest.mark.parametrize("graph", [None, GRAPH, DefaultGraph()])
def test_a_number_is_found_alone(on_disk: Store, graph: NamedNode | DefaultGraph | None) -> None:
    for number in NUMBERS:
        found = list(match(on_disk, THING, SAYS, integer(number), graph))
        assert {quad.object for quad in found} == {integer(number)}
        assert len(found) == (2 if graph is None else 1)


def test_the_engine_alone_finds_more(on_disk: Store) -> None:
    """When this fails, the engine has been mended, and the comparison in `match` can go."""
    found = {quad.object for quad in on_disk.quads_for_pattern(None, SAYS, integer(255), None)}
    assert found > {integer(255)}


@pytest.mark.parametrize(
    ("subject", "predicate"),
    [(Literal("no subject"), None), (None, Literal("no predicate")), (THING, BlankNode("no-predicate"))],
)
def test_what_cannot_stand_there_fits_nothing(
    on_disk: Store, subject: NamedNode | Literal | None, predicate: Literal | BlankNode | None
) -> None:
    assert list(match(on_disk, subject, predicate)) == []


def test_none_stands_for_any_term(on_disk: Store) -> None:
    assert len(list(match(on_disk))) == len(list(match(on_disk, THING))) == 2 * len(NUMBERS)
    assert len(list(match(on_disk, graph=GRAPH))) == len(NUMBERS)


def test_each_of_many_patterns_is_answered_in_turn(on_disk: Store) -> None:
    asked = [(None, SAYS, integer(number), GRAPH) for number in (511, -3, 255)]
    found = list(match_each(on_disk, [*asked, (Literal("no subject"),)]))
    assert [quad.object for quad in found] == [integer(511), integer(-3), integer(255)]


def test_what_leads_back_is_found_once() -> None:
    one, two, three = (NamedNode(f"http://e/{name}") for name in ("one", "two", "three"))
    pairs = [(one, two), (two, one), (two, Literal("end")), (three, one)]
    store = Store()
    store.extend(Quad(subject, SAYS, value, DefaultGraph()) for subject, value in pairs)
    assert closure(store, one, SAYS) == {one, two, Literal("end")}
    assert closure(store, one, SAYS, GRAPH) == {one}
