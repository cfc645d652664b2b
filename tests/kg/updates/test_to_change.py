from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store

from kg.errors import QueryError
from kg.history import ConflictError
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.skolemise import GENID
from kg.sparql.evaluation import Dataset
from kg.store.data_folder import DataFolder
from kg.updates import DefaultGraphUpdateError, RefusedUpdateError, UpdateError, UpdateSyntaxError, to_change
from kg.updates.errors import UpdateTooLongError
from kg.updates.evaluator import Evaluator
from kg.updates.to_change import change_of
from kg.workers import LimitReachedError, QueryLimits, QueryPool
from tests.support.stores import with_union

pytestmark = pytest.mark.drawn

C = ns.GRAPH + "curated/"
X, Y, REPORT = C + "x", C + "y", ns.GRAPH + "report/table-1"
EX = "http://example.org/"
PREFIXES = f"PREFIX ex: <{EX}>\nPREFIX c: <{C}>\n"
SMALL = QueryLimits(seconds=300, memory_bytes=400 << 20, workers=1)


def node(name: str) -> NamedNode:
    return NamedNode(EX + name)


def quad(subject: str, predicate: str, value: str | int, graph: str) -> Quad:
    return Quad(
        node(subject), node(predicate), node(value) if isinstance(value, str) else Literal(value), NamedNode(graph)
    )


QUADS = [
    quad("a", "p", "b", X),
    quad("a", "p", 1, X),
    quad("b", "p", "c", Y),
    quad("a", "p", "b", REPORT),
    quad("c", "q", "a", REPORT),
]


class Graph:
    """A data folder with a small graph, and its open snapshot."""

    def __init__(self, path: Path) -> None:
        self.folder = DataFolder(path)
        with self.folder.lock():
            self.build = self.folder.write(with_union(QUADS), "0" * 64, "f", (len(QUADS), 0))
        self.store = self.folder.open()
        self.pool = self.pool_with(SMALL)

    def pool_with(self, limits: QueryLimits) -> QueryPool:
        return QueryPool(self.folder.snapshot(self.build), limits)

    def change(self, text: str, **options: Any) -> Change:
        return change_of(PREFIXES + text, self.folder, self.build, self.store, "up", **{"pool": self.pool, **options})


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    graph = Graph(tmp_path_factory.mktemp("graph"))
    with closing(graph.pool):
        yield graph


def added(*quads: Quad) -> Change:
    return Change(frozenset(quads), frozenset())


def removed(*quads: Quad) -> Change:
    return Change(frozenset(), frozenset(quads))


# What an update changes


def test_data_is_added_and_removed_in_the_form_in_which_the_engine_keeps_it(graph: Graph) -> None:
    text = "DELETE DATA { GRAPH c:x { ex:a ex:p '01'^^xsd:int } } ; INSERT DATA { GRAPH c:x { ex:a ex:p 007 } }"
    assert graph.change(text) == Change(frozenset({quad("a", "p", 7, X)}), frozenset({quad("a", "p", 1, X)}))


def test_only_what_was_not_so_already_counts(graph: Graph) -> None:
    text = "INSERT DATA { GRAPH c:x { ex:a ex:p ex:b, ex:new } } ; DELETE DATA { GRAPH c:x { ex:no ex:p 1 } }"
    assert graph.change(text) == added(quad("a", "p", "new", X))
    assert (
        graph.change("DELETE DATA { GRAPH c:x { ex:a ex:p 1 } } ; INSERT DATA { GRAPH c:x { ex:a ex:p 1 } }") == added()
    )


def test_with_is_where_templates_write_and_the_where_reads(graph: Graph) -> None:
    change = graph.change(
        "WITH c:x DELETE { ?s ex:p ?o } INSERT { ?s ex:r ?o } WHERE { ?s ex:p ?o . FILTER isIRI(?o) }"
    )
    assert change == Change(frozenset({quad("a", "r", "b", X)}), frozenset({quad("a", "p", "b", X)}))


def test_with_does_not_hide_named_graphs_from_the_where(graph: Graph) -> None:
    change = graph.change(
        "WITH c:new INSERT { ?s ex:r ?o } WHERE { GRAPH c:y { ?s ex:p ?o } OPTIONAL { ?s ex:q ?none } }"
    )
    assert change == added(quad("b", "r", "c", C + "new"))


def test_without_with_and_using_the_where_reads_the_union(graph: Graph) -> None:
    change = graph.change("INSERT { GRAPH c:new { ?s ex:r ex:z } } WHERE { ?s ex:p ex:b }")
    assert change == added(quad("a", "r", "z", C + "new"))


def test_using_graphs_are_one_set_union(graph: Graph) -> None:
    text = f"INSERT {{ GRAPH c:n {{ ex:n ex:is ?n }} }} USING c:x USING <{REPORT}>"
    text += "WHERE { SELECT (COUNT(*) AS ?n) { ?s ex:p ?o } }"
    assert graph.change(text) == added(quad("n", "is", 2, C + "n"))


def test_the_protocols_data_set_holds_for_each_where(graph: Graph) -> None:
    text = "INSERT { GRAPH c:n { ?s ex:r ?o } } WHERE { ?s ex:p ?o }"
    assert graph.change(text, using=Dataset((Y,), ())) == added(quad("b", "r", "c", C + "n"))
    named = text.replace("WHERE { ?s ex:p ?o }", "WHERE { { ?s ex:p ?o } UNION { GRAPH ?g { ?s ex:p ?o } } }")
    assert graph.change(named, using=Dataset((), (Y,))) == added(quad("b", "r", "c", C + "n"))


@pytest.mark.parametrize(
    "clause",
    [
        "WITH c:x DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "DELETE { GRAPH c:x { ?s ?p ?o } } USING c:x WHERE { ?s ?p ?o }",
    ],
)
def test_the_protocols_data_set_does_not_go_with_one_of_the_update(graph: Graph, clause: str) -> None:
    with pytest.raises(UpdateError, match="USING or WITH"):
        graph.change(clause, using=Dataset((Y,), ()))


def test_later_operations_read_what_earlier_ones_did_and_the_union_with_it(graph: Graph) -> None:
    change = graph.change(
        "DELETE WHERE { GRAPH c:y { ?s ?p ?o } } ;"
        "INSERT DATA { GRAPH c:n { ex:new ex:p ex:b } } ;"
        "INSERT { GRAPH c:m { ?s ex:seen ?o } } WHERE { ?s ex:p ?o } ;"
        "INSERT { GRAPH c:m { ?g ex:seen 'as a graph' } } WHERE { GRAPH ?g { ?s ex:p ?o } } ;"
        "DELETE WHERE { GRAPH c:n { ?s ?p ?o } }"
    )
    into = C + "m"
    assert change.removed == {quad("b", "p", "c", Y)}
    assert change.added == {
        *(quad(subject, "seen", value, into) for subject, value in (("a", "b"), ("a", 1), ("new", "b"))),
        *(Quad(NamedNode(name), node("seen"), Literal("as a graph"), NamedNode(into)) for name in (X, C + "n", REPORT)),
    }
    assert not list(graph.folder.path.glob("builds/unfinished-*"))  # private copies


def test_what_is_no_triple_is_left_out(graph: Graph) -> None:
    values = "(c:n ex:s ex:p UNDEF) (c:n 1 ex:p 2) (c:n ex:s 1 2) (1 ex:s ex:p 3) (UNDEF ex:s ex:p 4) (c:n ex:s ex:p 5)"
    change = graph.change(f"INSERT {{ GRAPH ?g {{ ?s ?p ?o }} }} WHERE {{ VALUES (?g ?s ?p ?o) {{ {values} }} }}")
    assert change == added(quad("s", "p", 5, C + "n"))


def test_each_solution_makes_new_nodes_which_get_iris(graph: Graph) -> None:
    change = graph.change("INSERT { GRAPH c:n { _:n ex:of ?s . ?s ex:has _:n } } WHERE { GRAPH c:x { ?s ex:p ?o } }")
    nodes = {one.subject for one in change.added if one.predicate == node("of")}
    assert nodes == {NamedNode(f"{GENID}up-0"), NamedNode(f"{GENID}up-1")}
    assert {one.object for one in change.added if one.predicate == node("has")} == nodes


def test_a_new_node_is_blank_until_the_end(graph: Graph) -> None:
    change = graph.change(
        "INSERT DATA { GRAPH c:n { [] ex:p 1 } } ;"
        "DELETE { GRAPH c:n { ?n ex:p 1 } } INSERT { GRAPH c:n { ?n ex:p 2 } }"
        "WHERE { GRAPH c:n { ?n ex:p 1 } FILTER isBlank(?n) }"
    )
    assert change == added(Quad(NamedNode(f"{GENID}up-0"), node("p"), Literal(2), NamedNode(C + "n")))


def test_variables_with_rare_letters_are_variables(graph: Graph) -> None:
    change = graph.change("INSERT { GRAPH c:n { $s ex:r ?o·\u0301 } } WHERE { GRAPH c:y { ?s ex:p ?o·\u0301 } }")
    assert change == added(quad("b", "r", "c", C + "n"))


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("DROP GRAPH c:y", removed(quad("b", "p", "c", Y))),
        ("CLEAR SILENT GRAPH c:y", removed(quad("b", "p", "c", Y))),
        ("DROP SILENT GRAPH c:none", added()),
        ("CREATE GRAPH c:none", added()),
        ("CREATE SILENT GRAPH c:x", added()),
        ("ADD c:y TO c:x", added(quad("b", "p", "c", X))),
        ("COPY GRAPH c:y TO GRAPH c:n", added(quad("b", "p", "c", C + "n"))),
        ("MOVE c:y TO c:n", Change(frozenset({quad("b", "p", "c", C + "n")}), frozenset({quad("b", "p", "c", Y)}))),
        ("MOVE c:y TO c:y", added()),
        (
            f"COPY <{REPORT}> TO c:y",
            Change(frozenset({quad("a", "p", "b", Y), quad("c", "q", "a", Y)}), frozenset({quad("b", "p", "c", Y)})),
        ),
        ("COPY SILENT c:none TO c:y", added()),
        (
            "DROP GRAPH c:x ; DROP GRAPH c:y ; ADD DEFAULT TO c:y",
            Change(frozenset({quad("a", "p", "b", Y), quad("c", "q", "a", Y)}), frozenset({*QUADS[:3]})),
        ),
        ("", added()),
        ("CREATE GRAPH c:none ;", added()),
    ],
)
def test_graphs_are_emptied_and_copied(graph: Graph, text: str, change: Change) -> None:
    assert graph.change(text) == change


@pytest.mark.parametrize(
    "text",
    [
        "DROP GRAPH c:none",
        "CLEAR GRAPH c:none",
        "CREATE GRAPH c:x",
        "MOVE c:none TO c:x",
        f"ADD <{EX}none> TO c:x",
        "DROP GRAPH c:x; DROP GRAPH c:x",
    ],
)
def test_graphs_that_are_not_there_or_are_already_conflict(graph: Graph, text: str) -> None:
    with pytest.raises(ConflictError, match=r"There is (no|a) graph"):
        graph.change(text)


def test_the_graph_itself_is_never_written(graph: Graph) -> None:
    before = set(graph.folder.open())
    graph.change("DROP GRAPH c:x ; INSERT { GRAPH c:n { ?s ex:r ?o } } WHERE { ?s ?p ?o }")
    assert set(graph.folder.open()) == before


# What is refused


@pytest.mark.parametrize(
    "text",
    [
        "LOAD <http://127.0.0.1/>",
        "load silent\n<http://127.0.0.1/> into graph c:x",
        "INSERT DATA { GRAPH c:n { ex:a ex:b 1 } } ; # and\nLOAD<http://127.0.0.1/>",
        "CLEAR ALL",
        "Drop Silent All",
        "CLEAR DEFAULT",
        "DROP NAMED",
        f"CLEAR GRAPH <{REPORT}>",
        f"DROP SILENT GRAPH <{REPORT}>",
        "CREATE GRAPH graph:new",
        f"MOVE <{REPORT}> TO c:x",
        f"COPY c:x TO <{REPORT}>",
        "ADD c:x TO DEFAULT",
        "MOVE DEFAULT TO c:x",
        f"INSERT DATA {{ GRAPH <{REPORT}> {{ ex:a ex:b 1 }} }}",
        "INSERT DATA { GRAPH graph:inferred { ex:a ex:b 1 } }",
        "INSERT DATA { GRAPH graph:history { ex:a ex:b 1 } }",
        "INSERT { GRAPH graph:shapes { ?s ex:b 1 } } WHERE { ?s ex:never ?o }",
        f"WITH <{REPORT}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ex:never ?o }}",
        "DELETE WHERE { GRAPH ?g { ?s ?p ?o } }",
        f"INSERT {{ GRAPH ?g {{ ex:a ex:b 1 }} }} WHERE {{ BIND(IRI('{C}../shapes') AS ?g) }}",
        # other spellings of IRIs
        "BASE <https://w3id.org/city-diplomacy/graph/curated/> INSERT DATA { GRAPH <../shapes> { ex:a ex:b 1 } }",
        "PREFIX c: <https://w3id.org/city-diplomacy/graph/> INSERT DATA { GRAPH c:x { ex:a ex:b 1 } }",
        "CREATE GRAPH c:n ; PREFIX c: <https://w3id.org/> INSERT DATA { GRAPH c:x { ex:a ex:b 1 } }",
        "INSERT DATA { GRAPH <https://w3id.org/city-diplomacy/graph/curate\\u0064/\\u0058> { ex:a ex:b 1 } }",
        "CLEAR GRAPH <https://w3id.org/city-diplomacy/graph/\\u0073hapes>",
        "INSERT DATA { GRAPH c:a%2F { ex:a ex:b 1 } }",
        f"INSERT DATA {{ GRAPH <{C}-a> {{ ex:a ex:b 1 }} }}",
        f"INSERT DATA {{ GRAPH <{C}{'a' * 101}> {{ ex:a ex:b 1 }} }}",
        # other endpoints
        "INSERT { GRAPH c:x { ?s ?p ?o } } WHERE { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "INSERT { GRAPH c:x { ?s ?p ?o } } WHERE { { SELECT * { sErViCe SILENT ?where { ?s ?p ?o } } } }",
        "INSERT { GRAPH c:x { ex:a ex:b 1 } } WHERE { FILTER EXISTS { SERVICE#\n ex:here{ ?s ?p ?o } } }",
    ],
)  # fmt: skip
def test_what_is_not_done_here_is_refused(graph: Graph, text: str) -> None:
    with pytest.raises(RefusedUpdateError) as refusal:
        graph.change(text)
    assert refusal.value.hint


@pytest.mark.parametrize(
    "text",
    [
        'INSERT DATA { GRAPH c:n { ex:a ex:p "CLEAR ALL ; LOAD <http://x/> }" } } # ; DROP ALL',
        "INSERT DATA { GRAPH c:n { ex:a ex:p '''SERVICE <http://x/> {''' } }",
        f"base <{C}y/> insert data {'{'} graph <../n> {{ ex:a ex:p 1 }} }}",
        f"PREFIX other: <{ns.GRAPH}> INSERT{{GRAPH other:curated\\/n{{ex:a ex:p 1}}}}WHERE{{}}",
        f"INSERT DATA {{ GRAPH <{ns.GRAPH}curate\\u0064/n> {{ ex:a ex:p 1 }} }}",
        f"INSERT DATA {{ GRAPH c:n {{ ex:a ex:p 1 }} }} ; PREFIX d: <{C}> CREATE GRAPH d:m",
        "INSERT { GRAPH c:n { ex:a ex:p 1 } } WHERE { FILTER(1<2&&3>2) }",
        "INSERT { GRAPH c:n { ex:a ex:p 1 } } WHERE { BIND(<http://x.org/#x> AS ?o) FILTER(?o = <http://x.org/#x>) }",
        "INSERT { GRAPH c:n { ex:a ex:p 1 } } WHERE { OPTIONAL { <#me> ex:p (<#b> 1) FILTER(ex:p IN (<#a>, <#b>)) } }",
    ],
)
def test_other_spellings_of_what_is_allowed_pass(graph: Graph, text: str) -> None:
    change = graph.change(text)
    assert {(one.subject, one.predicate, one.graph_name) for one in change.added} == {
        (node("a"), node("p"), NamedNode(C + "n"))
    }
    assert not change.removed


@pytest.mark.parametrize(
    "text",
    [
        # one operation, or three with comments
        'WITH c:n INSERT { ex:a ex:p 1 } WHERE { FILTER(1<2#>"""\n) } ; DROP GRAPH c:x ;'
        'WITH c:n INSERT { ex:a ex:p 2 } WHERE { FILTER(1<2#>"""\n) }',
        'INSERT DATA { GRAPH c:n { ex:a ex:p """\\u0041""" } }',
        "INSERTDATA { GRAPH c:n { ex:a ex:p 1 } }",
        "WITHc:n INSERT { ex:a ex:p 1 } WHERE {}",
        "DELETEWHERE { GRAPH c:n { ex:a ex:p 1 } }",
    ],
)
def test_what_could_be_read_in_two_ways_is_not_guessed(graph: Graph, text: str) -> None:
    with pytest.raises(UpdateError, match="ambiguous"):
        graph.change(text)


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        ("INSERT DATA { ex:a ex:p 1 }", "INSERT DATA { GRAPH <DRAFT> { ex:a ex:p 1 } }"),
        ("DELETE DATA { ex:a ex:p 1 }", "DELETE DATA { GRAPH <DRAFT> { ex:a ex:p 1 } }"),
        ("DELETE WHERE { ?s ex:p 1 }", "DELETE WHERE { GRAPH <DRAFT> { ?s ex:p 1 } }"),
        (
            "INSERT { ?s ex:q 1 . GRAPH c:x { ?s ex:q 2 } . ?s ex:r []; ex:q 3 } WHERE {}",
            "INSERT { GRAPH <DRAFT> { ?s ex:q 1 . } GRAPH c:x { ?s ex:q 2 } GRAPH <DRAFT> { ?s ex:r []; ex:q 3 } }"
            " WHERE {}",
        ),
        (
            "DELETE { ?s ex:p ?o } INSERT { GRAPH c:x { ?s ex:q ?o } } WHERE { ?s ex:never ?o }",
            "DELETE { GRAPH <DRAFT> { ?s ex:p ?o } } INSERT { GRAPH c:x { ?s ex:q ?o } } WHERE { ?s ex:never ?o }",
        ),
    ],
)
def test_writing_to_the_default_graph_is_refused_with_the_update_rewritten(
    graph: Graph, text: str, rewritten: str
) -> None:
    with pytest.raises(DefaultGraphUpdateError) as refusal:
        graph.change(text)
    whole = rewritten.replace("DRAFT", C + "draft")
    assert refusal.value.hint.endswith(whole)
    graph.change(whole)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("INSERT DATA { GRAPH c:x { ex:a ex:p } }", (3, 37)),
        ("CREATE GRAPH c:n ;\n\n INSERT DATA { GRAPH c:x { ex:a ex:p ! } }", (5, 38)),
        ("CREATE GRAPH c:n ;\nPREFIX d: <x>\n  DELETE WHERE { GRAPH c:x { ?s ?p } }", (5, 36)),
        ("CREATE GRAPH c:n ;\nPREFIX d <x>\nDROP GRAPH c:x", (4, 9)),
        ("INSERT DATA { GRAPH c:x { ex:a ex:p ?o } }", (3, 43)),
        ("DELETE DATA { GRAPH c:x { ex:a ex:p _:b } }", (3, 44)),
        ("INSERT DATA { GRAPH c:x { _:b ex:p 1 } } ;\nINSERT DATA { GRAPH c:x { _:b ex:p 1 } }", (4, 27)),
        ("SELECT * { ?s ?p ?o }", (3, 7)),
        ("CREATE GRAPH c:n ;;", (3, 20)),
        ("INSERT DATA { GRAPH c:x { ex:a ex:p '€", (3, 39)),
    ],
)
def test_a_syntax_error_has_its_place_in_the_whole_text(graph: Graph, text: str, place: tuple[int, int]) -> None:
    with pytest.raises(UpdateSyntaxError) as error:
        graph.change(text)
    assert (error.value.line, error.value.column) == place


def test_a_query_is_told_that_it_is_none(graph: Graph) -> None:
    with pytest.raises(UpdateSyntaxError, match="That is a query"):
        graph.change("SELECT * { ?s ?p ?o }")


def test_an_unknown_prefix_is_named(graph: Graph) -> None:
    with pytest.raises(UpdateSyntaxError, match=r"prefix foaff: .* foaf:"):
        graph.change("INSERT DATA { GRAPH c:x { ex:a foaff:name 'A' } }")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("INSERT DATA { GRAPH c:x { ex:a ex:p <<( ex:a ex:p 1 )>> } }", "triple term"),
        ("INSERT { GRAPH c:x { ex:a ex:p ?t } } WHERE { BIND(TRIPLE(ex:a, ex:p, 1) AS ?t) }", "triple term"),
        ("INSERT DATA { GRAPH c:x { ex:a ex:p 1 {| ex:q 2 |} } }", "triple term"),
        (
            "INSERT DATA { GRAPH c:x { _:1 ex:p _:2 . _:2 ex:p _:3 . _:3 ex:p _:4 . _:4 ex:p _:5 . _:5 ex:p _:1 } }",
            "look alike",
        ),
        ("\ud800", "surrogate"),
        (";".join(["CREATE GRAPH c:n"] * 1_002), "operations"),
    ],
)
def test_what_cannot_be_kept_is_said(graph: Graph, text: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        graph.change(text)


def test_blank_nodes_of_the_files_are_not_written(graph: Graph, tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    stored = Quad(BlankNode("list"), node("p"), Literal(1), graphs.SHAPES)
    with folder.lock():
        build = folder.write([stored], "0" * 64, "f", (1, 0))
    with pytest.raises(UpdateError, match="blank node of the ontology or the shapes"):
        change_of(f"COPY GRAPH graph:shapes TO <{X}>", folder, build, folder.open(), "up", pool=graph.pool)


def test_a_copy_of_the_default_graph_is_told_to_name_the_graph_that_is_meant(graph: Graph, tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    stored = [Quad(BlankNode("list"), node("p"), Literal(1), name) for name in (graphs.SHAPES, DefaultGraph())]
    with folder.lock():
        build = folder.write(stored, "0" * 64, "f", (1, 0))
    with pytest.raises(UpdateError) as caught:
        change_of(f"COPY DEFAULT TO <{X}>", folder, build, folder.open(), "up", pool=graph.pool)
    assert "COPY GRAPH" in caught.value.hint


# Limits


def test_an_endless_where_ends_at_the_deadline(graph: Graph) -> None:
    pattern = " ".join(f"?a{place} ?b{place} ?c{place} ." for place in range(40))
    with pytest.raises(LimitReachedError) as refusal:
        graph.change(
            f"INSERT {{ GRAPH c:n {{ ?a0 ex:p 1 }} }} WHERE {{ {pattern} FILTER(CONCAT(STR(?a0), STR(?a39)) = 'x') }}",
            seconds=0.7,
        )
    assert refusal.value.limit == "seconds"


def nested(before: str, opening: str, closing: str, after: str) -> str:
    return f"INSERT {before} {opening * 10_000} 1 {closing * 10_000} {after}"


@pytest.mark.parametrize(
    "text",
    [
        nested("{ GRAPH c:n { ex:a ex:p 1 } } WHERE {", "{", "}", "}").replace(" 1 }}", " }}"),
        nested("{ GRAPH c:n { ex:a ex:p 1 } } WHERE { FILTER(", "(", ")", ") }"),
        nested("DATA { GRAPH c:n { ex:a ex:p ", "[ ex:p ", "]", "} }"),
    ],
    ids=["groups", "parentheses", "blank nodes"],
)
def test_deep_nesting_ends_the_process_and_not_ours(graph: Graph, text: str) -> None:
    limits = QueryLimits(seconds=3.0, query_length=200_000, workers=1)
    with closing(graph.pool_with(limits)) as pool, pytest.raises(LimitReachedError) as refusal:
        graph.change(text, pool=pool)
    assert refusal.value.limit in ("nesting", "seconds", "memory")


def test_too_many_rows_are_refused(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(to_change, "MOST_QUADS", 99)
    fits, many = (" ".join(map(str, range(count))) for count in (99, 100))
    text = "INSERT {{ GRAPH c:n {{ ex:a ex:p ?n }} }} WHERE {{ VALUES ?n {{ {} }} }}"
    assert len(graph.change(text.format(fits)).added) == 99
    with pytest.raises(LimitReachedError, match="more than 99 rows"):
        graph.change(text.format(many))
    with pytest.raises(LimitReachedError, match="more than 99 rows"):
        graph.change(text.format(fits).replace("?n } }", "?n, 'again' } }", 1))


def test_too_much_memory_is_refused(graph: Graph) -> None:
    numbers = " ".join(f"VALUES ?{name} {{ {' '.join(map(str, range(99)))} }}" for name in "abcde")
    sums = f"SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?e), '{'long' * 2_000}')) AS ?m) {{ {numbers} }}"
    limits = QueryLimits(20.0, memory_bytes=40 << 20, workers=1)
    with closing(graph.pool_with(limits)) as pool, pytest.raises(LimitReachedError) as refusal:
        graph.change(f"INSERT {{ GRAPH c:n {{ ex:a ex:p ?m }} }} WHERE {{ {sums} }}", pool=pool)
    assert refusal.value.limit == "memory"


def test_too_long_a_text_is_refused(graph: Graph) -> None:
    with pytest.raises(UpdateTooLongError, match="The update has"):
        graph.change("# " + "x" * SMALL.query_length)


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    """A listener that nobody may call, with its address."""
    callers: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                connection, address = listener.accept()
            except OSError:
                return
            callers.append(str(address))
            connection.close()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/", callers
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def test_no_address_is_ever_contacted(graph: Graph, canary: tuple[str, list[str]]) -> None:
    address, callers = canary
    for text in (
        f"LOAD <{address}> INTO GRAPH c:x",
        f"INSERT {{ GRAPH c:n {{ ?s ?p ?o }} }} WHERE {{ SERVICE <{address}> {{ ?s ?p ?o }} }}",
        f"INSERT {{ GRAPH c:n {{ ?s ?p ?o }} }} USING <{address}> WHERE {{ ?s ?p ?o }}",
        f"COPY SILENT <{address}> TO c:x",
    ):
        try:
            graph.change(text)
        except RefusedUpdateError:
            continue
    assert callers == []


def test_the_process_could_not_contact_an_address_either(graph: Graph, canary: tuple[str, list[str]]) -> None:
    address, callers = canary
    Store().update(f"LOAD SILENT <{address}>")
    assert len(callers) > 0  # the engine would
    callers.clear()
    request = {
        "declarations": "", "graph": X, "removed": "", "added": "{ ?s ?p ?o }", "dataset": None, "rows": 9,
        "where": f"{{ SERVICE SILENT <{address}> {{ ?s ?p ?o }} }}",
    }  # fmt: skip
    with Evaluator(graph.folder, graph.build, graph.store, graph.pool, 5) as evaluator:
        evaluator.check([("", f"LOAD SILENT <{address}>")])
        evaluator.evaluate(request, None)
    assert callers == []
