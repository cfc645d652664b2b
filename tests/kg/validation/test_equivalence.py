"""Validating a change gives what validating everything gives: random changes, with pyshacl as the judge.

A case is one change. After each, the ledger must hold exactly what pyshacl finds in the whole graph (source, focus,
path, value, severity and component, as a multiset), and what is new, standing and mended must add up. The number of
cases is a setting, for longer runs with changes that no run has seen:

    CITYKG_EQUIVALENCE_CASES=5000 pytest tests/kg/validation/test_equivalence.py

Each test prints how many cases there were, how many of them invalid, and how many broke nodes that they do not touch.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pyshacl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store
from rdflib import Graph

from kg import loading
from kg import namespaces as ns
from kg.reading import read_file
from kg.validation import change as change_module
from kg.validation.change import Change, Effect
from kg.validation.conversion import as_graph, to_rdflib
from kg.validation.findings import findings_of
from kg.validation.full import data_quads, full_report, project_shapes
from kg.validation.incremental import ChangeValidation, Verdict
from kg.validation.ledger import Ledger, Pair
from kg.validation.reads import Read
from kg.validation.stated import Stated

CASES = int(os.environ.get("CITYKG_EQUIVALENCE_CASES", "0"))
CONSTRUCTS = Path(__file__).parent / "constructs.ttl"

Pool = list[Quad]


def settled(cases: int, *, shrink: bool = True) -> settings:
    """The same changes in each run, unless a number of cases asks for new ones."""
    return settings(
        max_examples=CASES or cases,
        derandomize=not CASES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
    )


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
        self.invalid += verdict.breaks
        self.broke_untouched += any(f.severity == "Violation" and f.focus not in touched for f in verdict.new)
        self.mended += bool(verdict.mended)
        self.moved += bool({quad.triple for quad in change.added} & {quad.triple for quad in change.removed})

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
    store.bulk_extend(list(loading.set_union(list(store))))
    return store


def pyshacls_findings(store: Store, shapes: Graph) -> Counter[object]:
    quads = data_quads(quad for quad in store if isinstance(quad.graph_name, NamedNode))
    return Counter(findings_of(full_report(quads, shapes), shapes))


def apply(store: Store, change: Change) -> None:
    for quad in change.removed - change.added:
        store.remove(quad)
    store.extend(change.added)


def assert_same(validation: ChangeValidation, shapes: Graph, store: Store, ledger: Ledger, change: Change) -> Verdict:
    """Judge a change, carry it out, and compare with what pyshacl says of the whole graph."""
    before = Counter(ledger)
    verdict = validation.verdict(store, ledger, change)
    assert not verdict.in_full
    apply(store, change)
    truth = pyshacls_findings(store, shapes)
    assert Counter(verdict.ledger) == truth
    assert Counter(verdict.new) == truth - before
    assert Counter(verdict.mended) == before - truth
    assert Counter(verdict.standing()) == truth & before
    assert verdict.conforms == all(finding.severity != "Violation" for finding in truth)
    return verdict


# ---- A part of the real graph, with the real shapes ----


@cache
def real_quads() -> tuple[Quad, ...]:
    """One relation of each of some kinds, with whatever it needs to conform, and the subclasses."""
    quads = data_quads(loading.load())
    by_subject, accounts = defaultdict(list), defaultdict(list)
    for quad in quads:
        by_subject[quad.subject].append(quad)
        if quad.predicate.value == ns.CD + "accountOf":
            accounts[quad.object].append(quad.subject)
    kinds = "Twinning Membership AbsenceFinding".split()
    first = {quad.object.value: quad.subject for quad in reversed(quads) if quad.predicate == ns.RDF_TYPE}
    ahead, taken = [first[ns.CD + kind] for kind in kinds], set()
    while ahead:
        node = ahead.pop()
        if node in by_subject and node not in taken:
            taken.add(node)
            ahead += [*accounts[node], *(quad.object for quad in by_subject[node])]
    return tuple(quad for quad in quads if quad.subject in taken or quad.predicate == ns.SUBCLASS_OF)


def damaged() -> tuple[Quad, ...]:
    """The same without some statements, so that there is something standing and something to mend."""
    return tuple(quad for number, quad in enumerate(real_quads()) if number % 29 or quad.predicate == ns.SUBCLASS_OF)


@cache
def real_validation() -> tuple[ChangeValidation, Ledger]:
    validation = ChangeValidation(project_shapes())
    return validation, validation.standing(store_of(damaged()))


FACTS = [quad for quad in real_quads() if quad.predicate != ns.SUBCLASS_OF]
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


MISSING = [quad for quad in FACTS if quad not in damaged()]
KINDS = "remove mix copy drop repeat move odd class mend".split()


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
        elif kind == "mend":
            added += draw(st.lists(st.sampled_from(MISSING), max_size=4))
        elif kind == "class" and draw(st.booleans()):
            classes = st.sampled_from([quad for quad in real_quads() if quad.predicate == ns.SUBCLASS_OF])
            added.append(Quad(draw(classes).subject, ns.SUBCLASS_OF, draw(classes).object, graph))
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


def test_a_part_of_the_report_with_our_shapes(tell: Callable[[Tally], None]) -> None:
    tally = Tally()
    real_equality(tally, settled(100))
    tell(tally)
    assert tally.invalid > tally.cases / 4
    assert tally.broke_untouched > tally.cases / 10
    assert tally.mended > tally.cases / 10


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
e_types = st.tuples(e_nodes, st.just(ns.RDF_TYPE), e_classes)
e_subclasses = st.tuples(e_classes, st.just(ns.SUBCLASS_OF), e_classes)
e_triples = st.one_of(e_links, e_links, e_links, e_links, e_links, e_types, e_types, e_subclasses)
e_quads = st.builds(lambda triple, graph: Quad(*triple, graph), e_triples, st.sampled_from(E_GRAPHS))


@st.composite
def e_changes(draw: st.DrawFn, base: Pool) -> Change:
    """Small ones, so that whatever breaks elsewhere is not touched by chance."""
    removed = draw(st.lists(st.sampled_from(base), max_size=3)) if base else []
    again = [Quad(*quad.triple, draw(st.sampled_from(E_GRAPHS))) for quad in removed if draw(st.booleans())]
    return Change.of([*draw(st.lists(e_quads, max_size=3)), *again], removed)


def construct_equality(tally: Tally, run: settings) -> None:
    @run
    @given(st.lists(e_quads, min_size=12, max_size=50), st.data())
    def equality(base: Pool, data: st.DataObject) -> None:
        validation, store = construct_validation(), store_of(base)
        ledger = validation.standing(store)
        assert Counter(ledger) == pyshacls_findings(store, constructs())
        for _ in range(data.draw(st.integers(1, 3))):
            present = [quad for quad in store if isinstance(quad.graph_name, NamedNode)]
            change = data.draw(e_changes(sorted(present, key=str)))
            verdict = assert_same(validation, constructs(), store, ledger, change)
            ledger = verdict.ledger
            tally.count(change, verdict)

    equality()


def test_small_graphs_with_a_shape_for_each_construct(tell: Callable[[Tally], None]) -> None:
    tally = Tally()
    construct_equality(tally, settled(150))
    tell(tally)
    assert tally.invalid > tally.cases / 4
    assert tally.broke_untouched > tally.cases / 20
    assert tally.mended > tally.cases / 10
    assert tally.moved > tally.cases / 10


@settled(10)
@given(st.lists(e_quads, min_size=12, max_size=50))
def test_parsing_a_query_once_changes_no_finding(base: Pool) -> None:
    """The judge of the tests above keeps prepared queries as well; so it is itself compared with plain pyshacl."""
    store = store_of(base)
    quads = data_quads(quad for quad in store if isinstance(quad.graph_name, NamedNode))
    _, report, _ = pyshacl.validate(as_graph(quads), shacl_graph=constructs(), allow_infos=True)
    assert Counter(findings_of(report, constructs())) == pyshacls_findings(store, constructs())


# ---- Planted faults ----


def without(kept: Callable[[Read], bool]) -> Callable[[ChangeValidation], None]:
    """Drop a part of the footprints."""

    def plant(validation: ChangeValidation) -> None:
        found = validation._footprints.items()
        validation._footprints = {key: {r: s for r, s in reads.items() if kept(r)} for key, reads in found}

    return plant


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(lambda read: not read.backwards, id="one direction dropped"),
        pytest.param(lambda read: read.way is None, id="only what stands at the focus node itself"),
        pytest.param(lambda read: read.predicate is not None, id="closed shapes forgotten"),
        pytest.param(lambda read: str(read.predicate) != ns.SUBCLASS_OF.value, id="subclasses forgotten"),
    ],
)
def test_a_fault_in_the_footprints_is_found(monkeypatch: pytest.MonkeyPatch, kept: Callable[[Read], bool]) -> None:
    validation = ChangeValidation(constructs())
    without(kept)(validation)
    monkeypatch.setitem(globals(), "construct_validation", lambda: validation)
    with pytest.raises(AssertionError):
        construct_equality(Tally(), settled(150, shrink=False))


@pytest.mark.parametrize("forgotten", ["added", "removed"])
def test_a_fault_in_the_search_is_found(monkeypatch: pytest.MonkeyPatch, forgotten: str) -> None:
    """The search sets out from added triples only, or from removed ones only."""
    search = ChangeValidation._affected

    def forgetful(self: ChangeValidation, stated: Stated, effect: Effect) -> set[Pair]:
        return search(self, stated, replace(effect, **{forgotten: frozenset()}))

    monkeypatch.setattr(ChangeValidation, "_affected", forgetful)
    with pytest.raises(AssertionError):
        construct_equality(Tally(), settled(150, shrink=False))


def test_a_fault_about_other_graphs_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A removed quad is taken for a removed triple, though another graph still states it."""
    monkeypatch.setattr(change_module, "says", lambda store, triple: iter(()))
    with pytest.raises(AssertionError):
        construct_equality(Tally(), settled(150, shrink=False))
