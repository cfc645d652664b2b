"""The data set of a query (SPARQL 1.1 Protocol, 2.1.4): graphs of the request, of the query, or neither."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from pyoxigraph import NamedNode, Triple

from tests.support.protocol import (
    BASE,
    CD,
    COUNT,
    COUNT_NAMED,
    IN_TABLE_1,
    IN_TABLE_2,
    IN_TABLE_3,
    NOBODY,
    TABLE_1,
    TABLE_2,
    TABLE_3,
    WAYS,
    ask,
    default,
    get,
    in_graph,
    named,
    sent,
    url,
)

pytestmark = pytest.mark.drawn

COUNT_TWINS = f"SELECT (COUNT(*) AS ?n) WHERE {{ ?t <{CD}twin> ?a . ?t <{CD}twin> ?b }}"


@pytest.mark.parametrize("way", WAYS)
def test_several_default_graphs_are_read_together(address: str, way: str) -> None:
    """W3C: query_dataset_default_graphs_get, query_dataset_default_graphs_post."""
    both = f"ASK {{ {IN_TABLE_1} . {IN_TABLE_2} }}"
    assert sent(way, address, both, *default(TABLE_1, TABLE_2)).boolean is True
    assert sent(way, address, both, *default(TABLE_1)).boolean is False
    assert sent(way, address, both, *default(TABLE_1, TABLE_3)).boolean is False


@pytest.mark.parametrize("way", WAYS)
def test_several_named_graphs_are_each_under_their_name(address: str, way: str) -> None:
    """W3C: query_dataset_named_graphs_get, query_dataset_named_graphs_post."""
    both = f"ASK {{ {in_graph('g1', IN_TABLE_1)} {in_graph('g2', IN_TABLE_2)} }}"
    assert sent(way, address, both, *named(TABLE_1, TABLE_2)).boolean is True
    assert sent(way, address, both, *named(TABLE_1)).boolean is False


@pytest.mark.parametrize("way", WAYS)
def test_default_and_named_graphs_make_a_whole_data_set(address: str, way: str) -> None:
    """W3C: query_dataset_full."""
    whole = f"ASK {{ {IN_TABLE_3} {in_graph('g1', IN_TABLE_1)} {in_graph('g2', IN_TABLE_2)} }}"
    assert sent(way, address, whole, *default(TABLE_3), *named(TABLE_1, TABLE_2)).boolean is True
    assert sent(way, address, whole, *default(TABLE_1), *named(TABLE_1, TABLE_2)).boolean is False


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("parameters", "held"),
    [
        pytest.param(default(TABLE_1), ({1}, set()), id="only default: no named graphs"),
        pytest.param(default(TABLE_1, TABLE_2), ({1, 2}, set()), id="several default: no named graphs"),
        pytest.param(named(TABLE_1), (set(), {1}), id="only named: an empty default graph"),
        pytest.param(named(TABLE_2, TABLE_3), (set(), {2, 3}), id="several named: an empty default graph"),
        pytest.param([*default(TABLE_1), *named(TABLE_2)], ({1}, {2}), id="one of each"),
        pytest.param([*default(TABLE_1), *named(TABLE_1)], ({1}, {1}), id="one graph in both places"),
        pytest.param(default(NOBODY), (set(), set()), id="an unknown default graph"),
        pytest.param(named(NOBODY), (set(), set()), id="an unknown named graph"),
    ],
)
def test_the_given_graphs_are_the_data_set_and_nothing_else(
    address: str,
    tables: dict[str, set[Triple]],
    way: str,
    parameters: list[tuple[str, str]],
    held: tuple[set[int], set[int]],
) -> None:
    """`held`: the tables in the default graph, and those under their name."""
    in_default, under_a_name = held
    triples = dict(enumerate(tables.values(), 1))
    assert sent(way, address, COUNT, *parameters).number == len(set().union(*(triples[n] for n in in_default)))
    names = sent(way, address, "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }", *parameters).rows
    assert {row["g"] for row in names} == {f"{BASE}graph/report/table-{n}" for n in under_a_name}
    assert sent(way, address, COUNT_NAMED, *parameters).number == sum(len(triples[n]) for n in under_a_name)


FROM_3 = f"FROM <{TABLE_3}> FROM NAMED <{TABLE_3}>"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("parameters", "pattern", "holds"),
    [
        pytest.param(default(TABLE_1), IN_TABLE_1, True, id="the given default graph is read"),
        pytest.param(default(TABLE_1), IN_TABLE_3, False, id="FROM is not"),
        pytest.param(default(TABLE_1), in_graph("g", IN_TABLE_3), False, id="nor FROM NAMED"),
        pytest.param(named(TABLE_2), in_graph("g", IN_TABLE_2), True, id="the given named graph is read"),
        pytest.param(named(TABLE_2), in_graph("g", IN_TABLE_3), False, id="FROM NAMED is not"),
        pytest.param(named(TABLE_2), IN_TABLE_3, False, id="nor FROM"),
        pytest.param(
            named(TABLE_1, TABLE_2),
            f"{in_graph('g1', IN_TABLE_1)} {in_graph('g2', IN_TABLE_2)}",
            True,
            id="W3C: query_multiple_dataset",
        ),
    ],
)
def test_the_data_set_of_the_request_replaces_that_of_the_query(
    address: str, way: str, parameters: list[tuple[str, str]], pattern: str, holds: bool
) -> None:
    assert sent(way, address, f"ASK {FROM_3} {{ {pattern} }}", *parameters).boolean is holds


@pytest.mark.parametrize(
    ("clauses", "in_default", "under_a_name"),
    [
        pytest.param(f"FROM <{TABLE_1}>", [TABLE_1], [], id="FROM alone: no named graphs"),
        pytest.param(f"FROM NAMED <{TABLE_1}>", [], [TABLE_1], id="FROM NAMED alone: an empty default graph"),
        pytest.param(f"FROM <{TABLE_1}> FROM <{TABLE_2}>", [TABLE_1, TABLE_2], [], id="several FROM"),
        pytest.param(f"FROM <{TABLE_1}> FROM NAMED <{TABLE_2}>", [TABLE_1], [TABLE_2], id="both"),
        pytest.param(f"FROM <{NOBODY}>", [], [], id="an unknown graph"),
    ],
)
def test_from_and_from_named_decide_where_the_request_does_not(
    address: str, tables: dict[str, set[Triple]], clauses: str, in_default: list[str], under_a_name: list[str]
) -> None:
    """SPARQL 1.1 Query, 13.2."""
    plain, by_name = COUNT.replace("WHERE", f"{clauses} WHERE"), COUNT_NAMED.replace("WHERE", f"{clauses} WHERE")
    assert get(address, plain).number == len(set().union(*(tables[graph] for graph in in_default)))
    assert get(address, by_name).number == sum(len(tables[graph]) for graph in under_a_name)


@pytest.mark.parametrize("parameter", ["default-graph-uri", "named-graph-uri"])
def test_a_form_may_have_its_data_set_in_the_address(address: str, parameter: str) -> None:
    """W3C: query_post_form."""
    pattern = IN_TABLE_1 if parameter == "default-graph-uri" else in_graph("g", IN_TABLE_1)
    form = urlencode({"query": f"ASK {{ {pattern} }}"})
    assert ask("--data-binary", form, url(address, (parameter, TABLE_1))).boolean is True
    assert ask("--data-binary", form, url(address, (parameter, TABLE_2))).boolean is False


def test_a_data_set_may_be_partly_in_the_address_and_partly_in_the_form(address: str) -> None:
    form = urlencode([("query", f"ASK {{ {IN_TABLE_1} . {IN_TABLE_2} }}"), *default(TABLE_2)])
    assert ask("--data-binary", form, url(address, *default(TABLE_1))).boolean is True


@pytest.mark.parametrize("how", ["parameters", "FROM"])
def test_several_default_graphs_count_each_triple_once(address: str, tables: dict[str, set[Triple]], how: str) -> None:
    both = tables[TABLE_1] | tables[TABLE_2]
    assert len(both) < len(tables[TABLE_1]) + len(tables[TABLE_2]), "tables that share no triple prove nothing"
    assert _count(address, how, COUNT, TABLE_1, TABLE_2) == len(both)


@pytest.mark.parametrize("how", ["parameters", "FROM"])
def test_a_self_join_over_several_default_graphs_counts_each_pair_once(
    address: str, tables: dict[str, set[Triple]], how: str
) -> None:
    twins: dict[object, int] = {}
    for triple in tables[TABLE_1] | tables[TABLE_2]:
        if triple.predicate == NamedNode(CD + "twin"):
            twins[triple.subject] = twins.get(triple.subject, 0) + 1
    assert _count(address, how, COUNT_TWINS, TABLE_1, TABLE_2) == sum(n * n for n in twins.values())


@pytest.mark.parametrize("how", ["parameters", "FROM"])
def test_a_graph_given_twice_is_read_once(address: str, tables: dict[str, set[Triple]], how: str) -> None:
    assert _count(address, how, COUNT, TABLE_1, TABLE_1) == len(tables[TABLE_1])


def _count(address: str, how: str, query: str, *graphs: str) -> int:
    if how == "parameters":
        return get(address, query, *default(*graphs)).number
    return get(address, query.replace("WHERE", " ".join(f"FROM <{graph}>" for graph in graphs) + " WHERE")).number


def test_all_graphs_of_the_report_given_one_by_one_are_their_set_union(
    address: str, everything: dict[str, set[Triple]]
) -> None:
    passages = [graph for graph in everything if graph.startswith(BASE + "graph/report/")]
    union = set().union(*(everything[graph] for graph in passages))
    assert sent("POST form", address, COUNT, *default(*passages)).number == len(union)


def test_the_virtual_graph_of_the_report_is_the_set_union_of_all_passages(
    address: str, everything: dict[str, set[Triple]]
) -> None:
    passages = [graph for graph in everything if graph.startswith(BASE + "graph/report/")]
    union = set().union(*(everything[graph] for graph in passages))
    assert get(address, COUNT, *default(BASE + "graph/report")).number == len(union)


def test_without_a_data_set_the_default_graph_is_the_set_union_but_for_shapes_and_history(
    address: str, everything: dict[str, set[Triple]]
) -> None:
    left_out = {BASE + "graph/shapes", BASE + "graph/history"}
    union = set().union(*(triples for graph, triples in everything.items() if graph not in left_out))
    assert get(address, COUNT).number == len(union)
    assert get(address, COUNT_NAMED).number == sum(len(triples) for triples in everything.values())
