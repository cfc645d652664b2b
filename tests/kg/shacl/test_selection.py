"""Judging only the nodes that can have a finding gives what judging all gives: random graphs, and planted faults.

test_equivalence.py compares each graph after a change as well, and tests/shapes/ each of its cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, parse
from rdflib import SH
from rdflib.collection import Collection
from rdflib.paths import InvPath, MulPath
from rdflib.plugins.sparql import prepareQuery
from rdflib.term import Node

from kg.building import sources
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.rdflib_bridge import as_graph, to_rdflib
from kg.rdf.vocabulary import RDF
from kg.shacl import evaluator
from kg.shacl.data_graph import MergedDataGraph, Overlay, merge_into_store
from kg.shacl.evaluator import Judge
from kg.shacl.full import data_quads, project_judge, project_shapes
from kg.shacl.ledger import Pair
from kg.shacl.selection import constraints, queries
from kg.shacl.selection.constraints import NONE, Outcome, Selection
from kg.shacl.selection.index import Nodes, TripleIndex, Values
from kg.shacl.selection.queries import reportable_nodes
from kg.shacl.shapes_graph import prefixes_of
from tests.kg.shacl.test_equivalence import (
    E_LITERALS,
    E_NODES,
    FAULT,
    Pool,
    constructs,
    damaged,
    e_quads,
    pyshacls_findings,
    real_changes,
    store_of,
    tried,
)
from tests.support.tiers import FEW, by_tier

pytestmark = pytest.mark.drawn

# ---- The same findings ----


def odd(quads: Pool) -> Pool:
    """Some of the quads said of blank nodes as well, and of texts that engines read in different ways."""
    subjects, values = {NamedNode("urn:e:n1"): BlankNode("one")}, {Literal("b"): Literal("b\n")}
    return [
        Quad(subjects.get(quad.subject, quad.subject), quad.predicate, values.get(quad.object, quad.object))
        for quad in quads
    ]


SHAPES = """
sh:property [ sh:path e:p ; sh:minCount 2 ]
sh:property [ sh:path [ sh:inversePath e:p ] ; sh:maxCount 1 ]
sh:property [ sh:path ( e:p e:q ) ; sh:nodeKind sh:IRI ]
sh:property [ sh:path e:p ; sh:nodeKind sh:IRI ]
sh:property [ sh:path [ sh:alternativePath ( e:p e:q ) ] ; sh:minCount 2 ]
sh:property [ sh:path [ sh:zeroOrMorePath e:p ] ; sh:minCount 3 ]
sh:property [ sh:path [ sh:oneOrMorePath e:p ] ; sh:minCount 3 ]
sh:property [ sh:path [ sh:zeroOrOnePath e:p ] ; sh:minCount 3 ]
sh:property [ sh:path e:p ; sh:class e:A ]
sh:property [ sh:path e:p ; sh:datatype xsd:integer ]
sh:property [ sh:path e:p ; sh:minInclusive 2 ]
sh:property [ sh:path e:p ; sh:maxExclusive 3 ]
sh:property [ sh:path e:p ; sh:minLength 1 ]
sh:property [ sh:path e:p ; sh:pattern "^[a-z0-9]" ]
sh:property [ sh:path e:p ; sh:languageIn ( "en" ) ]
sh:property [ sh:path [ sh:alternativePath ( e:p e:q e:r ) ] ; sh:uniqueLang true ]
sh:property [ sh:path [ sh:zeroOrMorePath e:p ] ; sh:maxCount 1 ]
sh:property [ sh:path e:p ; sh:in ( e:n1 e:n2 0 ) ]
sh:property [ sh:path e:p ; sh:hasValue e:n3 ]
sh:property [ sh:path e:p ; sh:equals e:q ]
sh:property [ sh:path e:p ; sh:disjoint e:q ]
sh:property [ sh:path e:p ; sh:lessThan e:q ]
sh:property [ sh:path e:p ; sh:lessThanOrEquals e:q ]
sh:property [ sh:path e:p ; sh:node [ sh:property [ sh:path e:q ; sh:minCount 1 ] ] ]
sh:property [ sh:path e:p ; sh:node [ sh:property [ sh:path e:q ; sh:minCount 1 ; sh:severity sh:Info ] ] ]
sh:not [ sh:property [ sh:path e:q ; sh:minCount 1 ] ]
sh:not [ sh:property [ sh:path e:q ; sh:minCount 1 ; sh:severity sh:Info ] ]
sh:not [ sh:xone ( [ sh:class e:A ] [ sh:class e:B ] ) ]
sh:not [ sh:not [ sh:xone ( [ sh:class e:A ] [ sh:class e:B ] ) ] ]
sh:not [ sh:class e:A ; sh:deactivated true ]
sh:not [ sh:sparql [ sh:prefixes <urn:prefixes> ; sh:select "SELECT $this WHERE { $this e:q $this }" ] ]
sh:sparql [ sh:prefixes <urn:prefixes> ; sh:select "SELECT $this WHERE { $this e:q ?one . ?one e:p $this }" ]
sh:sparql [ sh:prefixes <urn:prefixes> ; sh:select "SELECT $this WHERE { $this e:q ?one . FILTER (?one = 0) }" ]
sh:or ( [ sh:class e:A ] [ sh:class e:B ] )
sh:and ( [ sh:class e:A ] [ sh:class e:B ] )
sh:not [ sh:or ( [ sh:class e:A ] [ sh:class e:B ] ) ]
sh:not [ sh:and ( [ sh:class e:A ] [ sh:class e:B ] ) ]
sh:xone ( [ sh:class e:A ] [ sh:class e:B ] )
sh:closed true ; sh:ignoredProperties ( e:p )
sh:property [ sh:path e:p ; sh:qualifiedValueShape [ sh:class e:A ] ; sh:qualifiedMinCount 2 ]
sh:property [ sh:path e:p ; sh:qualifiedValueShape [ sh:class e:A ] ; sh:qualifiedMaxCount 1 ]
sh:not [ sh:property [ sh:path e:p ; sh:qualifiedValueShape [ sh:class e:A ] ; sh:qualifiedMaxCount 1 ] ]
sh:property [ sh:path e:p ; sh:qualifiedMinCount 1 ; sh:qualifiedValueShape [ sh:xone ( [ sh:class e:A ] ) ] ]
sh:property [ sh:path e:p ; sh:qualifiedMaxCount 1 ; sh:qualifiedValueShape [ sh:xone ( [ sh:class e:A ] ) ] ]
""".strip().splitlines()
"""Each by itself, so that nothing else selects a node: constructs.ttl has a few shapes with many constraints."""


@cache
def single() -> Judge:
    prefixes = "@prefix e: <urn:e:> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <%s> .\n"
    declared = '<urn:prefixes> sh:declare [ sh:prefix "e" ; sh:namespace "urn:e:"^^xsd:anyURI ] .\n'
    told = "".join(
        f"<urn:shape:{number}> a sh:NodeShape ; sh:targetSubjectsOf e:p , e:q ; sh:targetObjectsOf e:r ; {shape} .\n"
        for number, shape in enumerate(SHAPES)
    )
    text = prefixes % ns.PREFIXES["xsd"] + declared + told
    return Judge(as_graph(parse(text.encode(), RdfFormat.TURTLE)))


def selection_equality(run: Callable[..., object], judge: Judge) -> None:

    @run
    @given(st.lists(e_quads, min_size=12, max_size=50), st.booleans())
    def equality(quads: Pool, with_odd: bool) -> None:
        data = data_quads([*quads, *odd(quads)] if with_odd else quads)
        assert_selection_equals(judge, data)

    equality()


def each_with_each(one: NamedNode, other: NamedNode, values: Iterable[Any], names: str = "urn:e:x") -> Pool:
    """A node for each two values, with the one and the other."""
    nodes = ((NamedNode(f"{names}{number}"), pair) for number, pair in enumerate(product(values, repeat=2)))
    return [Quad(node, *said) for node, pair in nodes for said in zip((one, other), pair, strict=True)]


def assert_selection_equals(judge: Judge, data: Pool) -> None:
    assert Counter(judge.judge_all(merge_into_store(data))) == Counter(
        result for _, result in every_node_judged(judge, data)
    )


def every_node_judged(judge: Judge, data: Pool) -> list[tuple[Pair, object]]:
    """What pyshacl finds on every pair of target shape and focus node, one by one."""
    store = merge_into_store(data)
    graph = Overlay(MergedDataGraph(store))
    nodes = {to_rdflib(term) for quad in data for term in (quad.subject, quad.object)}
    nodes |= set(judge._by_target[SH.targetNode])
    pairs: set[Pair] = {(shape, node) for shape in judge._shapes for node in nodes}
    found = judge.judge(graph, judge.pairs_in_target(graph, pairs))
    return [(pair, result) for pair, results in found.items() for result in results]


def selected_pairs(judge: Judge, data: Store) -> set[Pair]:
    return set(Selection(judge._graph, judge._compiled, evaluator._EXECUTOR, data).pairs(judge._shapes))


@pytest.mark.scaled
@pytest.mark.parametrize("judge", [single, lambda: Judge(constructs())], ids=["by itself", "together"])
def test_small_graphs_with_a_shape_for_each_construct(judge: Callable[[], Judge]) -> None:
    selection_equality(tried(FEW * 5), judge())


def test_blank_nodes_and_odd_texts_are_judged_as_pyshacl_judges_them() -> None:
    quads = [Quad(BlankNode("one"), RDF.type, NamedNode("urn:e:A"), NamedNode(ns.GRAPH + "curated/one"))]
    store = store_of(quads)
    assert Counter(Judge(constructs()).judge_all(merge_into_store(data_quads(quads)))) == pyshacls_findings(
        store, constructs()
    )


@pytest.mark.scaled
@tried(by_tier(2, 5, 250))
@given(st.lists(real_changes(), min_size=3, max_size=6))
def test_a_part_of_the_report_with_much_damage(changes: list[Change]) -> None:
    quads = set(damaged())
    for change in changes:
        quads = quads - change.removed | change.added
    found = project_judge().judge_all(merge_into_store(data_quads(quads)))
    assert Counter(found) == pyshacls_findings(store_of(quads), project_shapes())


def test_of_the_whole_report_hardly_anything_is_judged_for_nothing() -> None:
    data, judge = merge_into_store(data_quads(sources.load())), project_judge()
    pairs = selected_pairs(judge, data)
    found = judge.judge_all(data).findings.keys()
    assert found <= pairs
    assert len(pairs) <= len(found) + 20


# ---- Planted faults ----


def turned(outcome: Outcome) -> Outcome:
    return Outcome(outcome.must, outcome.may)


def not_by_may(self: Selection, shape: Node, values: Nodes) -> Outcome:
    inner = self._outcome(shape, values)
    return Outcome(values - inner.may, values - inner.must)


def no_subclasses(self: TripleIndex, kind: Node) -> Nodes:
    return self.backward(to_rdflib(RDF.type)).get(kind, NONE)  # type: ignore[arg-type]


def one_more(self: Selection, asked: object, least: Node) -> Outcome:
    return Outcome.exactly({node for node in asked.nodes if not asked.by_focus.get(node)})  # type: ignore[attr-defined]


def first_of_any(self: Selection, members: Node, values: Nodes) -> Outcome:
    return turned(Outcome.exactly(values)) & Outcome()


def only_steps(self: TripleIndex, path: object, nodes: Nodes) -> Values:
    return {node: {node} | self.values(path.path, {node}).get(node, NONE) for node in nodes}  # type: ignore[attr-defined]


def all_sure(cls: type[Outcome], nodes: Nodes) -> Outcome:
    return cls.exactly(nodes)


def none_unsure(cls: type[Outcome], nodes: Nodes) -> Outcome:
    return cls()


def first_of_all(self: Selection, members: Node, values: Nodes) -> Outcome:
    return self._outcome(next(iter(Collection(self._shapes, members))), values)


def never(self: Selection, asked: object, value: Node) -> Outcome:
    return Outcome()


FAULTS = {
    "sh:and asks for the first only": (Selection, "_every", first_of_all),
    "qualified values are not counted": (Selection, "_qualified", never),
    "SPARQL constraints forgotten": (Selection, "_sparql", never),
    "sh:not turns round what may fail": (Selection, "_not", not_by_may),
    "subclasses forgotten": (TripleIndex, "instances", no_subclasses),
    "two are as good as one": (Selection, "_fewest", one_more),
    "sh:or always holds": (Selection, "_any", first_of_any),
    "a repeated path is one step": (TripleIndex, "_values_of_repetition", only_steps),
    "what is not known is sure": (Outcome, "unknown", classmethod(all_sure)),
    "what is not known holds": (Outcome, "unknown", classmethod(none_unsure)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_selection_is_found(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    holder, name, planted = FAULTS[fault]
    known = getattr(holder, name)
    for table in (constraints._OF_VALUES, constraints._OF_FOCUS):
        for parameter, of_it in table.items():
            if of_it is known:
                monkeypatch.setitem(table, parameter, planted)
    monkeypatch.setattr(holder, name, planted)
    with pytest.raises(AssertionError):
        selection_equality(FAULT, single())


@pytest.mark.parametrize(
    "forgotten", sorted(constraints._PYSHACLS - {SH.minExclusive, SH.maxInclusive, SH.maxLength}, key=str)
)
def test_each_constraint_that_pyshacl_is_asked_for_matters(monkeypatch: pytest.MonkeyPatch, forgotten: Node) -> None:
    monkeypatch.setattr(constraints, "_WITH_OTHERS", constraints._WITH_OTHERS | {forgotten})
    with pytest.raises(AssertionError):
        assert pairs_of_each_with_each() <= selected_pairs(single(), merge_into_store(data_of_each_with_each()))


@cache
def data_of_each_with_each() -> Pool:
    values = [*E_NODES[:4], *E_LITERALS]
    one, other = NamedNode("urn:e:p"), NamedNode("urn:e:q")
    return [*each_with_each(one, other, values), *each_with_each(one, one, values, "urn:e:y")]


@cache
def pairs_of_each_with_each() -> set[Pair]:
    return {pair for pair, _ in every_node_judged(single(), data_of_each_with_each())}


def test_a_path_that_forgets_where_it_began_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    repeated = TripleIndex._values_of_repetition

    def forgetful(self: TripleIndex, path: MulPath, nodes: Nodes) -> Values:
        found = repeated(self, path, nodes)
        return found if isinstance(path.path, InvPath) else {node: found[node] - {node} for node in found}

    monkeypatch.setattr(TripleIndex, "_values_of_repetition", forgetful)
    with pytest.raises(AssertionError):
        selection_equality(FAULT, single())


# ---- SPARQL constraints ----

PREFIXES = {"e": "urn:e:", "xsd": ns.PREFIXES["xsd"]}
THIS = "SELECT $this WHERE { $this e:p ?one ; e:q ?two . FILTER (%s) }"
ALIKE = [
    "STR(?one) < STR(?two)",
    "STR(?one) != STR(?two) && !STRSTARTS(STR(?two), 'b')",
    "REGEX(STR(?one), '^[0-9]{4}(-[0-9]{2})?$')",
    "REPLACE(STR(?one), '-[0-9]{4}$', '') = STR(?two)",
    "SUBSTR(STR(?one), 1, STRLEN(STR(?two))) > STR(?two)",
    "xsd:decimal(STRBEFORE(STRAFTER(STR(?one), '('), ' ')) != ?two",
    "xsd:decimal(STR(?one)) > ?two",
    "NOT EXISTS { ?two e:p ?three . FILTER (STR(?three) = STR(?one)) }",
    "EXISTS { ?three e:p ?one } || CONTAINS(STR(?two), STR(?one))",
]
NOT_ALIKE = [
    "?one != ?two",
    "?one = 5",
    "BOUND(?one)",
    "LANG(?one) = 'en'",
    "LCASE(STR(?one)) = STR(?two)",
    "REGEX(STR(?one), '^B', 'i')",
    "REGEX(STR(?one), '(?=b)')",
    "REGEX(STR(?one), '[a--b]')",
    "REGEX(STR(?one), 'b{')",
    "REGEX(STR(?one), '\\\\d')",
    "REGEX(STR(?one), STR(?two))",
    "REPLACE(STR(?one), 'b*', 'c') = STR(?two)",
    "REPLACE(STR(?one), '(b)', '$1') = STR(?two)",
    "SUBSTR(STR(?one), 0) = STR(?two)",
    "xsd:double(STR(?one)) > ?two",
    "xsd:decimal(?one) > ?two",
    "NOT EXISTS { { ?two e:p ?three } UNION { ?two e:q ?three } OPTIONAL { ?three e:p ?four } }",
]
TEXTS = ["b", "b\n", "2004", "2004\n", "2004-05", "1.50", "1e2", "9" * 25, "POINT(1 2)", "POINT(1e0 2)", "-3"]
VALUES = [
    *(Literal(text) for text in TEXTS),
    *(Literal(text, datatype=NamedNode(ns.PREFIXES["xsd"] + name)) for text in TEXTS for name in ("decimal", "gYear")),
    Literal("B", language="en"),
    Literal("true", datatype=NamedNode(ns.PREFIXES["xsd"] + "boolean")),
    NamedNode("urn:e:n1"),
    BlankNode("one"),
]


SOME_VALUES = [*VALUES[:: by_tier(3, 1, 1)], VALUES[3], VALUES[-1]]

ONE_AND_OTHER = each_with_each(NamedNode("urn:e:p"), NamedNode("urn:e:q"), SOME_VALUES)


def rows_of_rdflib(text: str, prefixes: dict[str, str], quads: Pool) -> set[Node]:
    """The nodes that pyshacl would report: rdflib is asked for each by itself."""
    graph, query = Overlay(MergedDataGraph(merge_into_store(quads))), prepareQuery(text, initNs=prefixes)
    nodes = {to_rdflib(quad.subject) for quad in quads}
    return {node for node in nodes if graph.query(query, initBindings={"this": node}).bindings}


def assert_selects_all(text: str, prefixes: dict[str, str], quads: Pool) -> None:
    found = reportable_nodes(text, prefixes, TripleIndex(merge_into_store(quads)))
    assert found is not None
    assert rows_of_rdflib(text, prefixes, quads) <= found


@pytest.mark.parametrize("condition", ALIKE)
def test_the_engine_selects_all_that_rdflib_reports(condition: str) -> None:
    assert_selects_all(THIS % condition, PREFIXES, ONE_AND_OTHER)


def test_that_takes_a_look_at_odd_literals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "_is_odd", lambda node, casts: False)
    with pytest.raises(AssertionError):
        assert_selects_all(THIS % ALIKE[2], PREFIXES, ONE_AND_OTHER)


@pytest.mark.parametrize("condition", NOT_ALIKE)
def test_what_engines_read_in_different_ways_is_asked_of_each_node(condition: str) -> None:
    assert reportable_nodes(THIS % condition, PREFIXES, TripleIndex(merge_into_store([]))) is None


@pytest.mark.parametrize(
    "pattern",
    [
        "$this e:p ?one OPTIONAL { ?one e:q ?two }",
        "$this e:p ?one . { ?one e:q ?two . FILTER (STR(?two) = STR($this)) }",
        "$this e:p ?one . BIND (STR(?one) AS ?text)",
    ],
)
def test_so_is_what_hangs_upon_the_order_of_evaluation(pattern: str) -> None:
    assert reportable_nodes(f"SELECT $this WHERE {{ {pattern} }}", PREFIXES, TripleIndex(merge_into_store([]))) is None


OURS = {str(constraint): constraint for constraint in project_shapes().subjects(SH.select, None)}


@pytest.mark.scaled
@pytest.mark.parametrize("name", sorted(OURS))
def test_our_own_sparql_constraints_are_asked_of_the_engine(name: str) -> None:
    shapes = project_shapes()
    (text,) = shapes.objects(OURS[name], SH.select)
    prefixes = prefixes_of(shapes, OURS[name])
    predicates = sorted({str(read.predicate) for read in queries.query_reads(str(text), prefixes)})
    nodes = st.sampled_from([*(NamedNode(f"urn:e:n{number}") for number in range(3)), BlankNode("one")])
    stated = st.builds(
        Quad, nodes, st.sampled_from([NamedNode(each) for each in predicates]), nodes | st.sampled_from(VALUES)
    )

    @tried(FEW * 2)
    @given(st.lists(stated, max_size=8))
    def selects_all(quads: Pool) -> None:
        assert_selects_all(str(text), prefixes, quads)

    selects_all()
