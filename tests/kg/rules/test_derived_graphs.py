"""Derived graphs kept in step are those that a build makes: random changes, judged by `infer` and `default_graph_once`.

A case is one change. After each, the triples of graph/inferred and of the default graph are compared with those that
follow from all that is stated, computed anew; after some, the store with one that a build would fill.
Each test prints how many changes there were, and in how many of them what was withdrawn still followed or took with it
what had followed.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple, parse

from kg.building.sources import load
from kg.errors import CityKgError
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.graphs import default_graph_once
from kg.rdf.vocabulary import RDF
from kg.rules.clauses import NARROWER_ASKED
from kg.rules.derived_graphs import DerivedChange, UnionChanges
from kg.rules.inference import infer
from kg.rules.inference import rules as project_rules
from tests.support.tiers import by_tier
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

GRAPHS = [NamedNode(f"{ns.GRAPH}curated/{name}") for name in ("one", "two", "three")]
DERIVED = (DefaultGraph(), graphs.INFERRED)
Change = tuple[set[Quad], set[Quad]]


# ---- A graph in step, and what a build would make of it ----


def derived_anew(stated: Set[Quad]) -> Counter[Quad]:
    inferred = infer(stated)
    return Counter(chain(inferred, default_graph_once(chain(stated, inferred))))


class Graph:
    """What is stated and what follows, in a store and, for quicker comparison, beside it."""

    def __init__(self, stated: Iterable[Quad]) -> None:
        self.store = Store()
        self.store.bulk_extend(stated)
        self.stated = set(self.store)
        self.derived = set(derived_anew(self.stated))
        self.store.bulk_extend(self.derived)

    def write(self, added: Set[Quad], removed: Set[Quad], follows: DerivedChange) -> None:
        assert not follows.added & self.derived
        assert follows.removed <= self.derived
        self.stated = (self.stated - removed) | added
        self.derived = (self.derived - follows.removed) | follows.added
        for quad in (removed - added) | follows.removed:
            self.store.remove(quad)
        self.store.extend(added | follows.added)

    @contextmanager
    def restored(self) -> Iterator[None]:
        """Take back whatever is written meanwhile."""
        stated, derived = self.stated, self.derived
        try:
            yield
        finally:
            before, after = stated | derived, self.stated | self.derived
            for quad in after - before:
                self.store.remove(quad)
            self.store.extend(before - after)
            self.stated, self.derived = stated, derived


@dataclass
class Tally:
    """What the changes were like."""

    changes: int = 0
    still_there: int = 0
    took_more: int = 0
    inferred_before: int = 0

    def count(self, added: Set[Quad], removed: Set[Quad], follows: DerivedChange) -> None:
        lost = {quad.triple for quad in follows.removed if quad.graph_name == DefaultGraph()}
        no_longer_inferred = {quad.triple for quad in follows.removed if quad.graph_name == graphs.INFERRED}
        withdrawn, said = {quad.triple for quad in removed}, {quad.triple for quad in added}
        self.changes += 1
        self.still_there += bool(withdrawn - said - lost)
        self.took_more += bool(lost - withdrawn)
        self.inferred_before += bool(no_longer_inferred & said)

    def check(self) -> None:
        """Assert that the changes were of all kinds, where chance does not explain that there are few of one."""
        if self.changes >= 100:
            assert min(self.still_there, self.took_more, self.inferred_before) > self.changes / 10

    def __str__(self) -> str:
        return (
            f"{self.changes} changes; in {self.still_there} something withdrawn was still stated or still followed, in "
            f"{self.took_more} something else went with it, in {self.inferred_before} something inferred was stated; "
            "0 differences"
        )


def change_and_compare(graph: Graph, change: Change, tally: Tally) -> None:
    added, removed = change
    present = removed & graph.stated
    follows = rules().of(graph.store, added, removed)
    graph.write(added, removed, follows)
    tally.count(added, present, follows)
    inferred = infer(graph.stated)
    assert {quad for quad in graph.derived if quad.graph_name == graphs.INFERRED} == set(inferred)
    said = {quad.triple for quad in graph.stated if quad.graph_name != graphs.SHAPES}
    assert {quad.triple for quad in graph.derived} == said | {quad.triple for quad in inferred}


# ---- Changes ----


def triples_of(text: str) -> list[Triple]:
    return [Triple(q.subject, q.predicate, q.object) for q in parse(PREFIXES + text, RdfFormat.TURTLE)]


PLACES = "city:ta city:tb city:tc district:td region:te country:china".split()


@cache
def pool() -> tuple[Triple, ...]:
    """Statements that get in each other's way: about few things, and of all that the rules look at."""
    lines = [f"{a} cd:within {b} ." for a in PLACES for b in PLACES]
    lines += [
        f"{a} a {kind} ." for a in PLACES[:3] for kind in ("cd:City", "cd:Polity", "cd:Actor", "cd:NationalGovernment")
    ]
    for t in ("twinning:t1", "twinning:t2"):
        lines += [f"{t} cd:twin {a} ." for a in PLACES[:3]] * 3
        lines += [f"{t} cd:party {PLACES[0]} ; a cd:Relation .", f"{t} a cd:Twinning ."] + [f"{t} a cd:Twinning ."] * 3
    for m in ("membership:m1", "membership:m2"):
        lines += [f"{m} cd:member {a} ." for a in PLACES[:2]] * 3
        lines += [f"{m} cd:network network:{n} ." for n in ("c40", "tn")] * 2
        lines += [f"{m} cd:party network:tn ."] + [f"{m} a cd:Membership ."] * 4
    for account in "account:a1 account:a2 account:a3".split():
        relations = "twinning:t1 twinning:t2 membership:m1 membership:m2".split()
        lines += [f"{account} cd:accountOf {relation} ." for relation in relations] * 2
        lines += [f"{account} cd:status status:{s} ." for s in "former planned refused impossible current".split()]
        lines += [f"{account} cd:role role:{r} ." for r in "member co-president funder".split()] * 2
        lines += [f'{account} cd:end "2009"^^xsd:gYear ; cd:statedIn passage:p ; cd:role mediation-role:intermediary .']
        lines += [f"{account} cd:accountOf mediation:m ; cd:about membership:m1 ."]
    lines += [f"mediation:m cd:mediator network:c40 ; cd:mediatedFor {PLACES[0]} ; cd:mediatedWith network:tn ."] * 2
    lines += absences() + disagreements()
    drawn = "twinnedWith currentlyTwinnedWith".split()
    lines += [f"{a} cd:{p} {b} ." for p in drawn for a in PLACES[:3] for b in PLACES[:3]]
    for a in PLACES[:2]:
        lines += [f"{a} cd:memberOf network:{n} . network:{n} cd:hasMember {a} ." for n in ("c40", "tn")]
    lines += ['city:ta cd:within "nowhere" ; cd:twinnedWith "nobody" ; cd:memberOf "nothing" .']
    return tuple(triple for line in lines for triple in triples_of(line))


def absences() -> list[str]:
    """What rules out ties or lists all of them, and what keeps it from that."""
    lines = []
    for x in ("absence:x1", "absence:x2"):
        lines += [f"{x} cd:tieKind tie:twinning ; cd:statedIn passage:p ."] * 4 + [f"{x} cd:tieKind tie:strategy ."]
        lines += [f"{x} cd:absentFor {of} ." for of in ("city:ta", "city:tb", "group:g1", "group:g2")] * 2
        lines += [f"{x} cd:counterpart {to} ." for to in ("city:tc", "country:china", "group:g1", "group:g3")]
        lines += [f"{x} cd:exception city:ta ."]
    lines += ["completeness:x cd:tieKind tie:twinning ; cd:listsAll list:ties ; cd:statedIn passage:p ."] * 2
    lines += [f"completeness:x cd:completeFor {of} ." for of in ("city:ta", "city:tb", "group:g1")] * 2
    lines += [f"completeness:x cd:counterpart {to} ." for to in ("city:tc", "country:china", "group:g1", "group:g3")]
    for group in ("group:g1", "group:g2"):
        lines += [f"{group} cd:groupMember {of} ." for of in PLACES[:3]] + [f"{group} cd:subgroupOf group:g2 ."]
        lines += [f"{group} cd:groupOf cd:City ; cd:inPlace country:china ."]
    return [*lines, "group:g3 cd:groupOf cd:City .", "strategy:s cd:strategyOf city:ta ."]


def disagreements() -> list[str]:
    """What objects to ties, and that an absence denies none which it is set beside in another way."""
    lines = ["account:a1 cd:statedIn passage:p . passage:p cd:statementGraph report:p ."]
    for d in ("disagreement:d1", "disagreement:d2"):
        lines += [f"{d} cd:disagreementKind disagreement-kind:{kind} ." for kind in ("denies", "in-tension", "gap")]
        lines += [f"{d} cd:onStatement reference:{r} ." for r in "rs"] * 2
    sides = ("absence:x1", "absence:x2", "completeness:x", "account:a1", "twinning:t1")
    lines += [f"reference:{r} rdf:subject {side} ." for r in "rs" for side in sides] * 2
    return [*lines, *(f"reference:{r} cd:objectsTo twinning:t1 ; cd:inGraph report:p ." for r in "rs")]


def random_changes(draw: random.Random, others: list[Quad]) -> Iterator[Change]:
    """Yield a first change that states much, then some that state and withdraw little.

    `others` are quads that some of the changes withdraw, or state again elsewhere.
    """
    there: set[Quad] = set()
    for number in range(draw.randint(3, 6)):
        chosen = draw.sample(pool(), draw.randint(40, 150) if number == 0 else draw.randint(0, 12))
        chosen = [t for t in chosen if number > 0 or not is_forbidding(t) or draw.random() < 0.1]
        added = {in_graph(triple, draw.choice(GRAPHS)) for triple in chosen}
        removed = set(draw.sample(sorted(there, key=str), min(len(there), draw.randint(0, 12))))
        for quad in draw.sample(others, min(len(others), draw.randint(0, 6))):
            if draw.random() < 0.5:
                removed.add(quad)
            else:
                added.add(in_graph(quad.triple, draw.choice(GRAPHS)))
        there = (there - removed) | added
        yield added, removed


def is_forbidding(triple: Triple) -> bool:
    """Tell what keeps a rule from drawing; with much of it at once, the rules would draw hardly anything."""
    name = ns.compact(triple.predicate.value)
    value = str(triple.object)
    return name == "cd:end" or "/mediation-role/" in value or (name == "cd:status" and not value.endswith("/current>"))


def in_graph(triple: Triple, graph: NamedNode) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, graph)


@pytest.fixture
def tell(request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]) -> Callable[[Tally], None]:
    """Print a tally below the progress of the tests."""

    def write(tally: Tally) -> None:
        with capfd.disabled():
            print(f"\n{request.node.name}: {tally}")

    return write


@cache
def terms() -> Graph:
    """The ontology and the vocabularies."""
    return Graph(q for q in load() if q.graph_name == graphs.ONTOLOGY or "vocabulary/" in str(q.graph_name))


@cache
def whole() -> tuple[Graph, list[Quad]]:
    """All that a build reads, and what of it the changes may withdraw: neither terms nor shapes."""
    graph = Graph(load())
    of_terms = "ontology", "alignments/", "profiles/", "shapes", "vocabulary/"
    names = tuple(f"<{ns.GRAPH}{name}" for name in of_terms)
    return graph, sorted((q for q in graph.stated if not str(q.graph_name).startswith(names)), key=str)


@cache
def rules() -> UnionChanges:
    return UnionChanges(terms().store)


def compare_sequence(graph: Graph, others: list[Quad], seed: int, tally: Tally) -> None:
    for change in random_changes(random.Random(seed), others):
        change_and_compare(graph, change, tally)


@pytest.mark.scaled
def test_a_few_things_that_get_in_each_others_way(tell: Callable[[Tally], None]) -> None:
    graph, tally = terms(), Tally()

    @settings(max_examples=by_tier(3, 10, 600))
    @given(st.integers(0, 1 << 32))
    def check(seed: int) -> None:
        with graph.restored():
            compare_sequence(graph, [], seed, tally)
            assert Counter(graph.store) == Counter(graph.stated) + derived_anew(graph.stated)

    check()
    tell(tally)
    tally.check()


@pytest.mark.slow
def test_the_whole_graph(tell: Callable[[Tally], None]) -> None:
    (graph, others), tally = whole(), Tally()

    @settings(max_examples=by_tier(1, 1, 200))
    @given(st.integers(0, 1 << 32))
    def check(seed: int) -> None:
        with graph.restored():
            compare_sequence(graph, others, seed, tally)

    check()
    tell(tally)
    tally.check()


# ---- By hand ----


ONE, TWO, _ = GRAPHS


def follow(text: str, *, add: str = "", remove: str = "") -> tuple[set[str], set[str]]:
    """Return what comes and goes in the derived graphs when a graph that states `text` is changed, `!` for inferred."""
    graph = Graph([*terms().stated, *stated_in(ONE, text)])
    follows = rules().of(graph.store, stated_in(TWO, add), stated_in(ONE, remove))
    return shown(follows.added), shown(follows.removed)


def stated_in(graph: NamedNode, text: str) -> set[Quad]:
    return {in_graph(triple, graph) for triple in triples_of(text)}


def shown(quads: Iterable[Quad]) -> set[str]:
    return {
        " ".join(ns.compact(str(term.value)) for term in (q.subject, q.predicate, q.object))
        + (" !" if q.graph_name == graphs.INFERRED else "")
        for q in quads
    }


def test_what_was_inferred_and_is_stated_leaves_the_inferred_graph_and_comes_back() -> None:
    places = "city:ta cd:within region:te . region:te cd:within country:china . "
    short = "city:ta cd:within country:china ."
    inferred = {"city:ta cd:within country:china !"}
    assert follow(places, add=short) == (set(), inferred)
    assert follow(places + short, remove=short) == (inferred, set())


def test_a_triple_that_another_graph_states_stays() -> None:
    one, two = (stated_in(graph, "city:ta a cd:City .") for graph in (ONE, TWO))
    graph = Graph(terms().stated | one | two)
    assert rules().of(graph.store, set(), one) == DerivedChange(frozenset(), frozenset())
    assert shown(rules().of(graph.store, set(), one | two).removed) == {
        "city:ta rdf:type cd:City",
        *(f"city:ta rdf:type cd:{name}{kind}" for name in ("Polity", "Place", "Actor") for kind in ("", " !")),
    }


def test_a_circle_does_not_hold_itself_up() -> None:
    _, gone = follow("city:ta cd:twinnedWith city:tb .", remove="city:ta cd:twinnedWith city:tb .")
    assert gone == {
        "city:ta cd:twinnedWith city:tb",
        *("city:tb cd:twinnedWith city:ta", "city:tb cd:twinnedWith city:ta !"),
    }


def test_a_kind_and_a_class_make_what_the_class_was_that_the_kind_has_replaced() -> None:
    defined = """cd:Voyage rdfs:subClassOf cd:Activity ; owl:equivalentClass [ owl:intersectionOf
        ( cd:Activity [ owl:onProperty cd:journeyKind ; owl:hasValue theme:voyage ] ) ] ."""
    graph = Graph([*terms().stated, *(in_graph(triple, graphs.ONTOLOGY) for triple in triples_of(defined))])
    kind, is_one = stated_in(TWO, "activity:v cd:journeyKind theme:voyage ."), "activity:v rdf:type cd:Voyage"
    follows = UnionChanges(graph.store)
    assert is_one not in shown(follows.of(graph.store, kind, set()).added)
    activity = stated_in(ONE, "activity:v a cd:Activity .")
    both = Graph([*graph.stated, *activity])
    assert {is_one, f"{is_one} !"} <= shown(follows.of(both.store, kind, set()).added)
    both = Graph([*graph.stated, *activity, *kind])
    assert {is_one, f"{is_one} !"} <= shown(follows.of(both.store, set(), activity).removed)


TWINNING = "twinning:t1 a cd:Twinning ; cd:twin city:ta , city:tb . account:a1 cd:accountOf twinning:t1 ."


def test_an_end_takes_away_and_its_withdrawal_gives_back() -> None:
    both_ways = ("city:ta cd:currentlyTwinnedWith city:tb", "city:tb cd:currentlyTwinnedWith city:ta")
    current = {statement + kind for statement in both_ways for kind in ("", " !")}
    account = "account:a2 a cd:Account ; cd:accountOf twinning:t1 . "
    ended = 'account:a2 cd:end "2009"^^xsd:gYear .'
    days = ("endEarliest 2009-01-01", "earliest 2009-01-01", "endLatest 2009-12-31", "latest 2009-12-31")
    dated = {"account:a2 cd:end 2009", *(f"account:a2 cd:{day}{kind}" for day in days for kind in ("", " !"))}
    assert follow(TWINNING + account, add=ended) == (dated, current)
    assert follow(TWINNING + account + ended, remove=ended) == (current, dated)


def test_an_account_of_a_plan_is_none() -> None:
    come, gone = follow(TWINNING, add="account:a1 cd:status status:planned .")
    assert come == {"account:a1 cd:status status:planned"}
    assert {"city:ta cd:twinnedWith city:tb", "city:ta cd:currentlyTwinnedWith city:tb"} <= gone


@pytest.mark.parametrize("graph", [graphs.HISTORY, graphs.SHAPES])
def test_graphs_outside_the_default_graph_lead_to_nothing(graph: NamedNode) -> None:
    said = stated_in(graph, "city:ta a cd:City ; rdfs:subClassOf cd:City .")
    assert rules().of(terms().store, said, set()) == DerivedChange(frozenset(), frozenset())


@pytest.mark.parametrize("graph", DERIVED)
def test_derived_graphs_cannot_be_changed_by_hand(graph: NamedNode | DefaultGraph) -> None:
    quad = Quad(NamedNode("http://n/a"), RDF.type, NamedNode(ns.CD + "City"), graph)
    with pytest.raises(CityKgError, match="follows from the others"):
        rules().of(terms().store, {quad}, set())


@pytest.mark.parametrize(
    "text",
    [
        "cd:City rdfs:subClassOf cd:Region .",
        "cd:within a owl:SymmetricProperty .",
        "role:president skos:broader role:member .",
    ],
)
def test_terms_are_not_changed_here(text: str) -> None:
    with pytest.raises(CityKgError, match="about terms"):
        rules().of(terms().store, stated_in(ONE, text), set())


def test_a_theme_may_be_narrower_than_another() -> None:
    come, gone = follow("", add="theme:night-life a skos:Concept ; skos:broader theme:culture .")
    assert come == {"theme:night-life rdf:type skos:Concept", "theme:night-life skos:broader theme:culture"}
    assert not gone


NEW_STATUS = "account:a1 cd:accountOf twinning:t1 ; cd:status status:revived"
MEMBERSHIP = "membership:m1 a cd:Membership ; cd:member city:ta ; cd:network network:na . network:na a cd:CityNetwork ."


def test_new_statuses_and_roles_are_read_as_the_guide_says() -> None:
    """docs/curating/concepts.md: a tie with a new status is there, and lasts; a new role makes nobody a member."""
    come, _ = follow("twinning:t1 a cd:Twinning ; cd:twin city:ta , city:tb .", add=f"{NEW_STATUS} .")
    assert "city:ta cd:currentlyTwinnedWith city:tb" in come
    for roles, is_member in ("role:chair", False), ("role:chair , role:member", True):
        come, _ = follow(MEMBERSHIP, add=f"{NEW_STATUS.replace('twinning:t1', 'membership:m1')} ; cd:role {roles} .")
        assert ("city:ta cd:memberOf network:na" in come) == is_member


def test_rules_ask_of_one_scheme_alone_what_is_narrower() -> None:
    asked = [atom for text in project_rules().values() for atom in re.findall(r"(\S+) skos:broader\S* (\S+)", text)]
    assert asked
    named = {ns.expand(one) or "" for pair in asked for one in pair if not one.startswith("?")}
    assert {one.removeprefix(NARROWER_ASKED) for one in named} == {"member", "participant"}
