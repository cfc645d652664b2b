"""Validating a change gives what validating everything gives: random changes, with pyshacl as the judge.

A case is one change. After each, the ledger must hold exactly what pyshacl finds in the whole graph (source, focus,
path, value, severity and component, as a multiset), and what is new, standing and mended must add up. Each test prints
how many cases there were, how many of them invalid, and how many broke nodes that they do not touch.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pyshacl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store
from rdflib import SH, Graph

from kg.building import sources
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.parse import read_file
from kg.rdf.rdflib_bridge import as_graph, to_rdflib, to_triple
from kg.rdf.vocabulary import CD, RDF, RDFS, SKOS
from kg.shacl import data_graph, validate_quads
from kg.shacl.data_graph import DataGraph, DataGraphChange, PlainNames, QueryCachingGraph, merge_into_store
from kg.shacl.evaluator import ALLOW_INFOS
from kg.shacl.full import data_quads, project_shapes
from kg.shacl.incremental import ChangeValidation, Verdict
from kg.shacl.ledger import Ledger, Pair, finding_of
from kg.shacl.paths import TripleRead
from tests.support.tiers import FEW, by_tier

pytestmark = pytest.mark.drawn

CONSTRUCTS = Path(__file__).parent / "constructs.ttl"

Pool = list[Quad]


def tried(cases: int, *phases: Phase) -> settings:
    return settings(
        max_examples=cases, suppress_health_check=list(HealthCheck), phases=phases or [Phase.generate, Phase.shrink]
    )


FAULT = settings(tried(2_000, Phase.generate), report_multiple_bugs=False)
"""For planted faults: each is found long before, and then no more is tried."""


@dataclass
class Tally:
    """What the cases were like."""

    cases: int = 0
    invalid: int = 0
    broke_untouched: int = 0
    mended: int = 0
    moved: int = 0

    def count(self, change: Change, verdict: Verdict) -> None:
        touched = {to_rdflib(term) for quad in change.added | change.removed for term in (quad.subject, quad.object)}
        self.cases += 1
        self.invalid += any(f.severity == "Violation" for f in verdict.new)
        self.broke_untouched += any(f.severity == "Violation" and f.focus not in touched for f in verdict.new)
        self.mended += bool(verdict.fixed)
        self.moved += bool({quad.triple for quad in change.added} & {quad.triple for quad in change.removed})

    def check(self, **shares: float) -> None:
        """Assert that there were cases of each kind, and a share of them where chance does not explain another."""
        if self.cases >= 80:
            assert self.invalid > self.cases / 8
            assert min(self.mended, self.moved) > 0
        if self.cases >= 1_000:
            for kind, share in {"invalid": 0.25, **shares}.items():
                assert getattr(self, kind) > share * self.cases, kind

    def __str__(self) -> str:
        return (
            f"{self.cases} cases, {self.invalid} invalid, {self.broke_untouched} broke untouched nodes, "
            f"{self.mended} mended something, {self.moved} moved triples between graphs; 0 differences"
        )


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> Callable[[Tally], None]:
    """Print a tally below the progress of the tests."""

    def write(tally: Tally) -> None:
        with capsys.disabled():
            print(f"\n{request.node.name}: {tally}")

    return write


# ---- The comparison ----


def store_of(quads: Iterable[Quad]) -> Store:
    """A store as a build writes it: the default graph holds the union, also of what no validation looks at."""
    store = Store()
    store.bulk_extend(quads)
    store.bulk_extend(list(graphs.default_graph_once(list(store))))
    return store


def pyshacls_findings(store: Store, shapes: Graph) -> Counter[object]:
    """What pyshacl finds by its published interface, in which each shape looks for its focus nodes itself."""
    quads = data_quads(quad for quad in store if isinstance(quad.graph_name, NamedNode))
    _, report, _ = pyshacl.validate(
        parsed_once(quads), shacl_graph=shapes, inference="none", advanced=False, allow_infos=ALLOW_INFOS
    )
    assert isinstance(report, Graph)
    return in_report(report, shapes)


def in_report(report: Graph, shapes: Graph) -> Counter[object]:
    """The findings of a sh:ValidationReport."""
    results = report.objects(None, SH.result)
    return Counter(finding_of(report.predicate_objects(node), shapes) for node in results)


def parsed_once(quads: Iterable[Quad]) -> QueryCachingGraph:
    """The union of quads as the engine stores them, for rdflib."""
    data = QueryCachingGraph(bind_namespaces="none")
    data.namespace_manager = PlainNames(data, bind_namespaces="none")
    for quad in merge_into_store(quads):
        data.add(to_triple(quad))
    return data


def apply(store: Store, change: Change) -> None:
    for quad in change.removed - change.added:
        store.remove(quad)
    store.extend(change.added)


def assert_same(
    validation: ChangeValidation, shapes: Graph, store: Store, ledger: Ledger, change: Change, *, judged: bool = True
) -> Verdict:
    """Judge a change, carry it out, and compare with what pyshacl says of the whole graph.

    Unless pyshacl has `judged` that, what we say of the whole graph stands for it, in a tenth of the time.
    """
    before = Counter(ledger)
    verdict = validation.verdict(store, ledger, change)
    assert not verdict.in_full
    apply(store, change)
    whole = Counter[object](validation.full_ledger(store))
    truth = pyshacls_findings(store, shapes) if judged else whole
    assert Counter(verdict.ledger) == truth == whole
    assert Counter(verdict.new) == truth - before
    assert Counter(verdict.fixed) == before - truth
    assert Counter(verdict.existing()) == truth & before
    assert verdict.conforms == all(finding.severity != "Violation" for finding in truth)
    return verdict


# ---- A part of the real graph, with the real shapes ----


@cache
def real_quads() -> tuple[Quad, ...]:
    """One relation of each of some kinds, with whatever it needs to conform, and the subclasses."""
    quads = data_quads(sources.load())
    by_subject, accounts = defaultdict(list), defaultdict(list)
    for quad in quads:
        by_subject[quad.subject].append(quad)
        if quad.predicate.value == ns.CD + "accountOf":
            accounts[quad.object].append(quad.subject)
    kinds = "Twinning Membership AbsenceFinding".split()
    first = {quad.object.value: quad.subject for quad in reversed(quads) if quad.predicate == RDF.type}
    ahead, taken = [first[ns.CD + kind] for kind in kinds], set()
    while ahead:
        node = ahead.pop()
        if node in by_subject and node not in taken:
            taken.add(node)
            ahead += [*accounts[node], *(quad.object for quad in by_subject[node])]
    return tuple(quad for quad in quads if quad.subject in taken or quad.predicate == RDFS.subClassOf)


@cache
def damaged() -> tuple[Quad, ...]:
    """The same without some statements, so that there is something standing and something to mend."""
    return tuple(quad for number, quad in enumerate(real_quads()) if number % 29 or quad.predicate == RDFS.subClassOf)


@cache
def real_validation() -> tuple[ChangeValidation, Ledger]:
    validation = ChangeValidation(project_shapes())
    return validation, validation.full_ledger(store_of(damaged()))


FACTS = [quad for quad in real_quads() if quad.predicate != RDFS.subClassOf]
GRAPHS = [
    *dict.fromkeys(quad.graph_name for quad in FACTS),
    *(
        NamedNode(ns.GRAPH + name)
        for name in ("curated/desk", "curated/desk", "inferred", "vocabulary/theme", "history")
    ),
]
NODES = list(dict.fromkeys(quad.subject for quad in FACTS))
ODD = [
    Literal(""),
    Literal(0),
    Literal(False),
    Literal("x", language="EN"),
    Literal("1.50", datatype=NamedNode("urn:x")),
]
ODD += [
    NamedNode(ns.ID + "city/atlantis"),
    *(NamedNode(ns.CD + kind) for kind in ("City", "Actor", "Passage", "Group")),
]


LEFT = frozenset(damaged())
MISSING = [quad for quad in FACTS if quad not in LEFT]
KINDS = "remove mix copy drop repeat move odd class mend concept".split()

OF_CONCEPTS = [quad for quad in FACTS if quad.graph_name.value.startswith(graphs.VOCABULARIES)]
USED = {stated.subject for stated in OF_CONCEPTS}
USES = [quad for quad in FACTS if quad.object in USED and quad not in OF_CONCEPTS]
"""What is said of concepts, and by which statements they are used."""


@st.composite
def of_concepts(draw: st.DrawFn) -> tuple[Pool, Pool]:
    """What a change adds and removes: new concepts, whole or in part, in the place of others, and those taken out."""
    use, graph = draw(st.sampled_from(USES)), draw(st.sampled_from(GRAPHS))
    about = [quad for quad in OF_CONCEPTS if quad.subject == use.object]
    if draw(st.booleans()):
        return [], draw(st.lists(st.sampled_from(about), min_size=1, max_size=len(about)))
    new = renamed(use.object, draw(st.integers(1, 2)))
    stated = [Quad(new, quad.predicate, quad.object, graph) for quad in about if draw(st.integers(0, 9))]
    return [*stated, Quad(use.subject, use.predicate, new, use.graph_name)], [use]


@st.composite
def real_changes(draw: st.DrawFn) -> Change:
    """Statements mixed anew, nodes taken out or copied, statements said again elsewhere or moved, gaps filled."""
    added: Pool = []
    removed: Pool = []
    for kind in draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=8)):
        quad, other = draw(st.sampled_from(FACTS)), draw(st.sampled_from(FACTS))
        graph = draw(st.sampled_from(GRAPHS))
        if kind in ("remove", "move"):
            removed.append(quad)
        if kind in ("repeat", "move"):
            added.append(Quad(*quad.triple, graph))
        elif kind == "mix":
            added.append(Quad(quad.subject, other.predicate, other.object, graph))
        elif kind == "odd":
            added.append(Quad(quad.subject, other.predicate, draw(st.sampled_from(ODD)), graph))
        elif kind == "drop":
            removed += [stated for stated in FACTS if stated.subject == quad.subject]
        elif kind == "copy":
            added += copied(quad.subject, draw(st.integers(1, 3)))
        elif kind == "concept":
            said, unsaid = draw(of_concepts())
            added, removed = [*added, *said], [*removed, *unsaid]
        elif kind == "mend":
            added += draw(st.lists(st.sampled_from(MISSING), max_size=4))
        elif kind == "class" and draw(st.booleans()):
            classes = st.sampled_from([quad for quad in real_quads() if quad.predicate == RDFS.subClassOf])
            added.append(Quad(draw(classes).subject, RDFS.subClassOf, draw(classes).object, graph))
    return Change.of(added, removed)


def copied(node: object, number: int) -> Iterator[Quad]:
    """Yield a node, and the accounts of it, under other names."""
    group = [
        node,
        *(quad.subject for quad in FACTS if quad.object == node and quad.predicate.value.endswith("accountOf")),
    ]
    for quad in FACTS:
        if quad.subject in group:
            value = renamed(quad.object, number) if quad.object == node else quad.object
            yield Quad(renamed(quad.subject, number), quad.predicate, value, quad.graph_name)


def renamed(node: object, number: int) -> NamedNode:
    assert isinstance(node, NamedNode)
    return NamedNode(f"{node.value}-copy-{number}")


def real_equality(tally: Tally, run: settings) -> None:
    shapes = project_shapes()

    @run
    @given(st.lists(real_changes(), min_size=1, max_size=2))
    def equality(changes: list[Change]) -> None:
        validation, ledger = real_validation()
        store = store_of(damaged())
        for change in changes:
            verdict = assert_same(validation, shapes, store, ledger, change)
            ledger = verdict.ledger
            tally.count(change, verdict)

    equality()


@pytest.mark.scaled
def test_a_part_of_the_report_with_our_shapes(tell: Callable[[Tally], None]) -> None:
    tally = Tally()
    real_equality(tally, tried(by_tier(2, 10, 3_000)))
    tell(tally)
    tally.check(broke_untouched=0.1, mended=0.1)


def out_of_its_scheme() -> Change:
    """Take a status out of its scheme, while an account has it."""
    use = next(quad for quad in USES if quad.predicate == CD.status)
    return Change.of(removed=[q for q in OF_CONCEPTS if q.subject == use.object and q.predicate == SKOS.inScheme])


def test_what_uses_a_concept_breaks_with_it() -> None:
    validation, ledger = real_validation()
    verdict = assert_same(validation, project_shapes(), store_of(damaged()), ledger, out_of_its_scheme())
    assert {found.source for found in verdict.new} == {ns.SHAPES + "Any-status", ns.SHAPES + "Concept-inScheme"}
    assert {found.severity for found in verdict.new} == {"Violation"}


def test_schemes_that_are_forgotten_are_found() -> None:
    validation, (_, ledger) = ChangeValidation(), real_validation()
    without(lambda read: str(read.predicate) != SKOS.inScheme.value)(validation)
    with pytest.raises(AssertionError):
        assert_same(validation, project_shapes(), store_of(damaged()), ledger, out_of_its_scheme(), judged=False)


def test_a_build_finds_what_pyshacl_finds_and_keeps_it_as_the_ledger() -> None:
    shapes, store = project_shapes(), store_of(damaged())
    report = validate_quads(damaged(), shapes, [])
    assert len(report.results) > 5
    assert Counter(report.ledger) == pyshacls_findings(store, shapes)
    standing = ChangeValidation(shapes).full_ledger(store)
    assert {pair: set(found) for pair, found in report.ledger.findings.items()} == {
        pair: set(found) for pair, found in standing.findings.items()
    }


# ---- Small graphs, with a shape for each construct ----


@cache
def constructs() -> Graph:
    return as_graph(read_file(CONSTRUCTS))


@cache
def construct_validation() -> ChangeValidation:
    return ChangeValidation(constructs())


E_NODES = [NamedNode(f"urn:e:n{number}") for number in range(1, 8)]
E_CLASSES = [NamedNode(f"urn:e:{name}") for name in "ABC"]
E_PROPERTIES = [NamedNode(f"urn:e:{name}") for name in "pqr"]
E_LITERALS = [Literal(0), Literal(2), Literal(5), Literal(""), Literal("b"), Literal("a", language="en")]
E_LITERALS += [Literal("b", language="en"), Literal("c", language="de"), Literal(False)]
E_GRAPHS = [
    NamedNode(ns.GRAPH + name) for name in "report/p1 report/p2 curated/one curated/two inferred ontology".split()
]

e_nodes, e_classes = st.sampled_from(E_NODES), st.sampled_from(E_CLASSES)
e_links = st.tuples(e_nodes, st.sampled_from(E_PROPERTIES), e_nodes | e_nodes | st.sampled_from(E_LITERALS))
e_types = st.tuples(e_nodes, st.just(RDF.type), e_classes)
e_subclasses = st.tuples(e_classes, st.just(RDFS.subClassOf), e_classes)
e_triples = st.one_of(e_links, e_links, e_links, e_links, e_links, e_types, e_types, e_subclasses)
e_quads = st.builds(lambda triple, graph: Quad(*triple, graph), e_triples, st.sampled_from(E_GRAPHS))


@st.composite
def e_changes(draw: st.DrawFn, base: Pool) -> Change:
    """Small ones, so that whatever breaks elsewhere is not touched by chance."""
    removed = draw(st.lists(st.sampled_from(base), max_size=3)) if base else []
    again = [Quad(*quad.triple, draw(st.sampled_from(E_GRAPHS))) for quad in removed if draw(st.booleans())]
    return Change.of([*draw(st.lists(e_quads, max_size=3)), *again], removed)


def construct_equality(tally: Tally, run: settings, *, judged: bool = True) -> None:
    @run
    @given(st.lists(e_quads, min_size=12, max_size=50), st.data())
    def equality(base: Pool, data: st.DataObject) -> None:
        validation, store = construct_validation(), store_of(base)
        ledger = validation.full_ledger(store)
        assert not judged or Counter(ledger) == pyshacls_findings(store, constructs())
        for _ in range(data.draw(st.integers(1, 3))):
            present = [quad for quad in store if isinstance(quad.graph_name, NamedNode)]
            change = data.draw(e_changes(sorted(present, key=str)))
            verdict = assert_same(validation, constructs(), store, ledger, change, judged=judged)
            ledger = verdict.ledger
            tally.count(change, verdict)

    equality()


@pytest.mark.scaled
def test_small_graphs_with_a_shape_for_each_construct(tell: Callable[[Tally], None]) -> None:
    tally = Tally()
    construct_equality(tally, tried(by_tier(10, 20, 3_000)))
    tell(tally)
    tally.check(broke_untouched=0.01, mended=0.1, moved=0.1)


@tried(FEW)
@given(st.lists(e_quads, min_size=12, max_size=50))
def test_parsing_a_query_once_changes_no_finding(base: Pool) -> None:
    """The judge of the tests above keeps prepared queries as well; so it is itself compared with plain pyshacl."""
    store = store_of(base)
    quads = data_quads(quad for quad in store if isinstance(quad.graph_name, NamedNode))
    _, report, _ = pyshacl.validate(as_graph(quads), shacl_graph=constructs(), allow_infos=True)
    assert in_report(report, constructs()) == pyshacls_findings(store, constructs())


# ---- Planted faults ----


def without(kept: Callable[[TripleRead], bool]) -> Callable[[ChangeValidation], None]:
    """Drop a part of the footprints."""

    def plant(validation: ChangeValidation) -> None:
        whole = validation._footprints.of
        fewer = lambda predicate: {read: shapes for read, shapes in whole(predicate).items() if kept(read)}  # noqa: E731
        validation._footprints = SimpleNamespace(of=fewer)

    return plant


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(lambda read: not read.backwards, id="one direction dropped"),
        pytest.param(lambda read: read.way is None, id="only what stands at the focus node itself"),
        pytest.param(lambda read: read.predicate is not None, id="closed shapes forgotten"),
        pytest.param(lambda read: str(read.predicate) != RDFS.subClassOf.value, id="subclasses forgotten"),
    ],
)
def test_a_fault_in_the_footprints_is_found(
    monkeypatch: pytest.MonkeyPatch, kept: Callable[[TripleRead], bool]
) -> None:
    validation = ChangeValidation(constructs())
    without(kept)(validation)
    monkeypatch.setitem(globals(), "construct_validation", lambda: validation)
    with pytest.raises(AssertionError):
        construct_equality(Tally(), FAULT, judged=False)


@pytest.mark.parametrize("forgotten", ["added", "removed"])
def test_a_fault_in_the_search_is_found(monkeypatch: pytest.MonkeyPatch, forgotten: str) -> None:
    """The search sets out from added triples only, or from removed ones only."""
    search = ChangeValidation._affected_pairs

    def forgetful(self: ChangeValidation, stated: DataGraph, effect: DataGraphChange) -> set[Pair]:
        return search(self, stated, replace(effect, **{forgotten: frozenset()}))

    monkeypatch.setattr(ChangeValidation, "_affected_pairs", forgetful)
    with pytest.raises(AssertionError):
        construct_equality(Tally(), FAULT, judged=False)


def test_a_fault_about_other_graphs_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A removed quad is taken for a removed triple, though another graph still states it."""
    monkeypatch.setattr(data_graph, "quads_stating", lambda store, triple: iter(()))
    with pytest.raises(AssertionError):
        construct_equality(Tally(), FAULT, judged=False)
