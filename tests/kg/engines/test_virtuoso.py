"""What Virtuoso does otherwise, as far as its dialect makes it good: held against Virtuoso itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, QueryBoolean, QuerySolutions, Triple

from kg.engines import Engine
from kg.engines.client import EngineRefusedError, PartialAnswerError
from kg.engines.dialects import REPLICA, UNION, VIRTUOSO
from kg.errors import QueryError
from kg.rdf.vocabulary import XSD
from kg.store import DataFolder
from tests.support import random_changes
from tests.support.engines import NEEDS_VIRTUOSO, RunningEngine, running

pytestmark = [pytest.mark.slow, NEEDS_VIRTUOSO]
S, P, G = NamedNode("urn:s"), NamedNode("urn:p"), NamedNode("urn:g")
SECONDS = 60.0
LITERALS = [
    *random_changes.LITERALS,
    *(Literal(value) for value in (2**31, -(2**31) - 1, 1.5, "a" * 5_000)),
    Literal("https://example.org/", datatype=NamedNode(XSD.string.value.replace("string", "anyURI"))),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEngine]:
    with running("virtuoso", tmp_path_factory.mktemp("virtuoso")) as one:
        yield one


@pytest.fixture(scope="module")
def engine(server: RunningEngine) -> Iterator[Engine]:
    with closing(server.engine()) as engine:
        yield engine


@pytest.mark.parametrize("literal", LITERALS, ids=lambda literal: str(literal)[:40])
def test_a_literal_comes_back_as_it_was(literal: Literal, engine: Engine) -> None:
    assert engine.dialect is VIRTUOSO
    engine.put(G, [Triple(S, P, literal)], seconds=SECONDS)
    where = "{ GRAPH <urn:g> { ?s ?p ?o } }"
    assert [row["o"] for row in engine.rows(f"SELECT ?o {where}", seconds=SECONDS)] == [literal]
    text = f"CONSTRUCT {{ ?s ?p ?o }} {where}"
    with engine.evaluate(text, "CONSTRUCT", seconds=SECONDS, named_graphs=[G.value]) as answer:
        assert [*answer] == [Triple(S, P, literal)]  # type: ignore[misc]


def test_a_truth_value_and_blank_nodes(engine: Engine) -> None:
    engine.put(G, [Triple(BlankNode(), P, BlankNode())], seconds=SECONDS)
    (row,) = engine.rows("SELECT * { GRAPH <urn:g> { ?s ?p ?o } }", seconds=SECONDS)
    assert {type(row["s"]), type(row["o"])} == {BlankNode}
    for value, truth in (("?o", True), ("'no'", False)):
        text = f"ASK {{ GRAPH <urn:g> {{ ?s ?p {value} }} }}"
        with engine.evaluate(text, "ASK", seconds=SECONDS, named_graphs=[G.value]) as answer:
            assert isinstance(answer, QueryBoolean)
            assert bool(answer) is truth


def test_the_default_graph_has_each_triple_once_and_graphs_are_those_of_the_data_set(engine: Engine) -> None:
    one, two = NamedNode("urn:one"), NamedNode("urn:two")
    for graph in (one, two, UNION, REPLICA):
        engine.put(graph, [Triple(S, P, Literal("a"))], seconds=SECONDS)
    engine.add(UNION, [Triple(S, P, Literal("b"))], seconds=SECONDS)
    with engine.evaluate("SELECT ?o { <urn:s> ?p ?o }", "SELECT", seconds=SECONDS) as answer:
        assert isinstance(answer, QuerySolutions)
        assert len([*answer]) == 2
    graphs = engine.graphs(seconds=SECONDS)
    assert {one.value, two.value} <= {*graphs}
    assert {UNION.value, REPLICA.value}.isdisjoint(graphs)
    text = 'SELECT ?g { ?s ?p "b" GRAPH ?g { ?s ?p "a" } } ORDER BY ?g'
    with engine.evaluate(text, "SELECT", seconds=SECONDS, named_graphs=graphs) as answer:
        assert isinstance(answer, QuerySolutions)
        assert [row["g"] for row in answer] == [one, two]
    with engine.evaluate("SELECT ?o { ?s ?p ?o }", "SELECT", seconds=SECONDS, default_graphs=[one.value]) as answer:
        assert isinstance(answer, QuerySolutions)
        assert len([*answer]) == 1


def test_what_is_said_when_time_is_up_is_an_error(engine: Engine) -> None:
    engine.put(G, [Triple(NamedNode(f"urn:s{n}"), P, Literal(n)) for n in range(2_000)], seconds=SECONDS)
    text = "SELECT (COUNT(*) AS ?n) { GRAPH <urn:g> { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER (?c + ?f < ?i) } }"
    assert dict(engine.dialect.limited(2.5)) == {"timeout": "2500"}
    with pytest.raises(PartialAnswerError, match="time was up"):
        impatient(engine).rows(text, seconds=SECONDS)


def impatient(engine: Engine) -> Engine:
    """The same engine, told to give up after a second, though the client waits."""

    class Impatient(type(VIRTUOSO)):  # type: ignore[misc]
        def limited(self, seconds: float) -> list[tuple[str, str]]:
            return [("timeout", "1000")]

    return Engine(engine.address, dialect=Impatient("impatient"))


def test_an_answer_that_it_cuts_after_so_many_rows_is_an_error(tmp_path: Path) -> None:
    with running("virtuoso", tmp_path, "ResultSetMaxRows = 10") as one, closing(one.engine()) as engine:
        engine.put(G, [Triple(S, P, Literal(n)) for n in range(20)], seconds=SECONDS)
        with pytest.raises(PartialAnswerError, match="10 rows"):
            engine.rows("SELECT * { GRAPH <urn:g> { ?s ?p ?o } }", seconds=SECONDS)


def test_a_wrong_password_and_a_mistake_are_told(server: RunningEngine, engine: Engine) -> None:
    with closing(server.engine(password="wrong")) as stranger, pytest.raises(EngineRefusedError, match="401"):
        stranger.update("CLEAR GRAPH <urn:g>", seconds=SECONDS)
    with pytest.raises(QueryError, match="syntax error"):
        engine.rows("SELECT * {", seconds=SECONDS)


def test_the_whole_graph_comes_back_as_it_was(folder: DataFolder, engine: Engine) -> None:
    graphs: dict[NamedNode, set[Triple]] = {}
    for quad in folder.open():
        graph = UNION if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name
        assert isinstance(graph, NamedNode)
        if not isinstance(quad.subject, BlankNode) and not isinstance(quad.object, BlankNode):
            graphs.setdefault(graph, set()).add(quad.triple)
    for graph, triples in graphs.items():
        engine.put(graph, triples, seconds=SECONDS)
        text = f"SELECT * {{ GRAPH {graph} {{ ?s ?p ?o }} }}"
        rows = engine.rows(text, seconds=SECONDS)
        assert {Triple(row["s"], row["p"], row["o"]) for row in rows} == triples
