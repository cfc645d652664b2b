"""What Virtuoso does otherwise, as far as its dialect makes it good: held against Virtuoso itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    Triple,
    parse_query_results,
)

from kg.engines import Engine, EngineFailedError
from kg.engines.dialects import UNION, VIRTUOSO, union_of
from kg.rdf.scopes import EVERYTHING, REPORT
from kg.rdf.vocabulary import XSD
from kg.store import DataFolder
from tests.support import random_changes
from tests.support.engines import NEEDS_VIRTUOSO, RunningEngine, graphs_in, running

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
    assert held_in(engine, G) == [Triple(S, P, literal)]


def held_in(engine: Engine, graph: NamedNode) -> list[Triple]:
    return [*engine.triples(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}", seconds=SECONDS)]


def test_the_default_graph_of_each_scope_has_each_triple_once(engine: Engine) -> None:
    one, two = NamedNode("urn:one"), NamedNode("urn:two")
    of_scopes = {EVERYTHING: ["a", "b"], REPORT: ["a"]}
    for graph in (one, two):
        engine.put(graph, [Triple(S, P, Literal("a"))], seconds=SECONDS)
    for scope, values in of_scopes.items():
        engine.put(union_of(scope), [Triple(S, P, Literal(value)) for value in values], seconds=SECONDS)
    assert {one.value, two.value, UNION.value} <= {*graphs_in(engine)}
    for scope, values in of_scopes.items():
        answer = engine.answer("SELECT ?o { <urn:s> ?p ?o }", VIRTUOSO.data_set_parameters(scope), seconds=SECONDS)
        found = parse_query_results(answer, QueryResultsFormat.JSON)
        assert isinstance(found, QuerySolutions)
        assert sorted(row["o"].value for row in found) == values


def test_what_is_said_when_time_is_up_is_an_error(engine: Engine) -> None:
    engine.put(G, [Triple(NamedNode(f"urn:s{n}"), P, Literal(n)) for n in range(2_000)], seconds=SECONDS)
    text = "SELECT (COUNT(*) AS ?n) { GRAPH <urn:g> { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER (?c + ?f < ?i) } }"
    assert dict(engine.dialect.timeout_parameters(2.5)) == {"timeout": "2500"}
    with pytest.raises(EngineFailedError, match="time was up"):
        impatient(engine).rows(text, seconds=SECONDS)


def impatient(engine: Engine) -> Engine:
    """The same engine, told to give up after a second, though the client waits."""

    class Impatient(type(VIRTUOSO)):  # type: ignore[misc]
        def timeout_parameters(self, seconds: float) -> list[tuple[str, str]]:
            return [("timeout", "1000")]

    return Engine(engine.address, dialect=Impatient("impatient"))


def test_an_answer_that_it_cuts_after_so_many_rows_is_an_error(tmp_path: Path) -> None:
    with running("virtuoso", tmp_path, "ResultSetMaxRows = 10") as one, closing(one.engine()) as engine:
        engine.put(G, [Triple(S, P, Literal(n)) for n in range(20)], seconds=SECONDS)
        with pytest.raises(EngineFailedError, match="10 rows"):
            engine.rows("SELECT * { GRAPH <urn:g> { ?s ?p ?o } }", seconds=SECONDS)


def test_a_wrong_password_and_a_mistake_are_told(server: RunningEngine, engine: Engine) -> None:
    with closing(server.engine(password="wrong")) as stranger, pytest.raises(EngineFailedError, match="401"):
        stranger.update("CLEAR GRAPH <urn:g>", seconds=SECONDS)
    with pytest.raises(EngineFailedError, match="syntax error"):
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
        assert {*held_in(engine, graph)} == triples
