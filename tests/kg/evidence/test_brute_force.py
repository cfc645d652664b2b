"""Who says so, against brute force: each pattern of a query asked of all graphs one by one.

Each triple of a solution keeps a source; those that only restate what it is about are left out by the same rule, which
is written here a second time.

A query is drawn as parts, and written in two ways: as a person would, and with GRAPH around each pattern. What follows
by rules stands in graph/inferred alone; whose accounts it rests on is asked by queries that know each rule by heart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, Store

from kg.errors import QueryError
from kg.evidence import EvidenceFinder
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.sparql.evaluation import Unions, select
from tests.support.tiers import by_tier

pytestmark = pytest.mark.drawn

QUERIES = by_tier(30, 80, 2_000)
MOST_SOLUTIONS = 20_000

PATTERNS = [
    *("?t cd:twin ?a", "?t cd:twin ?b", "?x cd:accountOf ?t", "?x cd:statedIn ?p", "?x cd:status ?s"),
    *("?a cd:twinnedWith ?b", "?b cd:currentlyTwinnedWith ?a", "?a cd:memberOf ?n", "?n cd:hasMember ?a"),
    *("?t cd:party ?a", "?t a cd:Twinning", "?t a cd:Relation", "?a a cd:City", "?m cd:member ?a", "?m cd:network ?n"),
    *("?f cd:absentFor ?a", "?f cd:tieKind ?k", "?f a cd:Finding", "?a skos:prefLabel ?l"),
    *("?y cd:accountOf ?m", "?y cd:role ?r", "?t ?q ?a"),
]
KEYWORDS = ["", "", "", "OPTIONAL", "UNION", "FILTER", "BIND", "SELECT", "GRAPH"]
GRAPHS = ["?g", "?h", "report:table-1", "graph:inferred"]
FILTERS = ["BOUND(?b)", "!BOUND(?s)", "?a != ?b", 'LANG(?l) = "en"', "?s = status:current", "STRLEN(STR(?a)) > 50"]
CITIES = ["city:london", "city:birmingham", "city:guangzhou", "city:beijing", "city:tianjin", "city:manchester"]

_REAL = """?account cd:accountOf ?tie .
  OPTIONAL { ?account cd:status ?unreal . VALUES ?unreal { status:planned status:refused status:impossible } }
  FILTER(!BOUND(?unreal)) MINUS { ?account cd:implied true } GRAPH ?g { ?account cd:accountOf ?tie }"""
_LASTING = (
    """MINUS { ?ended cd:accountOf ?tie ; cd:status status:former } MINUS { ?ended cd:accountOf ?tie ; cd:end ?e }"""
)
_BETWEEN = """MINUS { ?account cd:statedIn ?source . ?tie cd:member ?one ; cd:network ?other .
    ?mediation cd:mediatedFor ?one ; cd:mediatedWith ?other .
    ?m cd:accountOf ?mediation ; cd:statedIn ?source ; cd:role ?how .
    VALUES ?how { mediation-role:intermediary mediation-role:agent } }
  MINUS { ?account cd:statedIn ?source . ?m cd:about ?tie ; cd:statedIn ?source ; cd:role ?how .
    VALUES ?how { mediation-role:intermediary mediation-role:agent } }"""
_MEMBER = f"""?tie a cd:Membership ; cd:member ?member ; cd:network ?network . {_REAL} {_LASTING}
  ?role skos:broader* role:member . ?account cd:role ?role {_BETWEEN}
  ?network a cd:Organization .
  MINUS {{ ?account cd:quantifier ?part FILTER(?part NOT IN (quantifier:all, quantifier:all-except)) }}"""
_APPLIES = """SELECT ?s (cd:{0} AS ?p) ?o ?g {{ ?s cd:{0} ?o .
  {{ GRAPH ?g {{ ?s cd:{1} ?named }} }}
  UNION {{ ?s cd:{1}/(cd:groupMember|^cd:subgroupOf)* ?x . ?y (cd:groupMember|^cd:subgroupOf)* ?o .
    {{ GRAPH ?g {{ ?x cd:groupMember ?y }} }} UNION {{ GRAPH ?g {{ ?y cd:subgroupOf ?x }} }} }} }}"""
_APPLIES_TO_ALL = """SELECT ?s (cd:appliesTo AS ?p) ?o ?g {
  ?s cd:absentFor|cd:completeFor ?all . ?all cd:groupOf cd:City ; cd:inPlace ?c . ?o cd:within ?c . ?s cd:appliesTo ?o .
  { GRAPH ?g { ?all cd:groupOf cd:City } } UNION { GRAPH ?g { ?all cd:inPlace ?c } } UNION { GRAPH ?g { ?o a cd:City } }
  UNION { ?o cd:within* ?x . ?y cd:within* ?c . GRAPH ?g { ?x cd:within ?y } } }"""
BY_HEART = [
    *(_APPLIES.format("appliesTo", of) for of in ("absentFor", "completeFor")),
    *(_APPLIES.format("appliesWith", "counterpart"), _APPLIES_TO_ALL),
    f"SELECT ?s (cd:twinnedWith AS ?p) ?o ?g {{ ?tie a cd:Twinning ; cd:twin ?s , ?o FILTER(?s != ?o) {_REAL} }}",
    f"SELECT ?s (cd:currentlyTwinnedWith AS ?p) ?o ?g {{ ?tie a cd:Twinning ; cd:twin ?s , ?o FILTER(?s != ?o)"
    f" {_REAL} {_LASTING} }}",
    "SELECT ?s (cd:twinnedByImplication AS ?p) ?o ?g { ?tie a cd:Twinning ; cd:twin ?s , ?o FILTER(?s != ?o)"
    f" {_REAL.replace('MINUS { ?account cd:implied true }', '?account cd:implied true .')} }}",
    f"SELECT (?member AS ?s) (cd:memberOf AS ?p) (?network AS ?o) ?g {{ {_MEMBER} }}",
    f"SELECT (?network AS ?s) (cd:hasMember AS ?p) (?member AS ?o) ?g {{ {_MEMBER} }}",
    "SELECT (?tie AS ?s) (rdf:type AS ?p) (cd:ActualMembership AS ?o) ?g {"
    f" ?member a cd:Actor . ?network a cd:Organization . {_MEMBER} }}",
    "SELECT ?s (rdf:type AS ?p) ?o ?g { ?c rdfs:subClassOf+ ?o . GRAPH ?g { ?s a ?c } }",
    "SELECT ?s ?p ?o ?g { ?part rdfs:subPropertyOf+ ?p . GRAPH ?g { ?s ?part ?o } }",
    "SELECT ?s ?p ?o ?g { ?p cd:inferredOn ?class . ?s a ?class . ?account cd:accountOf ?s ; ?p ?o ."
    " GRAPH ?g { ?account cd:accountOf ?s } }",
    "SELECT ?s (cd:unitOf AS ?p) ?o ?g { ?s cd:officeKind ?kind VALUES ?kind {"
    " office-kind:international-team office-kind:foreign-affairs-office } ?s cd:operator ?o ."
    " { GRAPH ?g { ?s cd:operator ?o } } UNION { GRAPH ?g { ?s cd:officeKind ?kind } } }",
    "SELECT ?s (cd:party AS ?p) ?o ?g { ?s a cd:Activity . ?account cd:accountOf ?s ; cd:participant ?o ."
    " GRAPH ?g { ?account cd:accountOf ?s } }",
]


def variables(text: str) -> set[str]:
    return {word.rstrip(")") for word in text.replace("(", " ").split() if word.startswith("?")}


ACCOUNT_OF, TYPE = NamedNode(ns.PREFIXES["cd"] + "accountOf"), NamedNode(ns.PREFIXES["rdf"] + "type")
IN_PATTERNS = variables(" ".join(PATTERNS))


@dataclass(frozen=True)
class Part:
    """A part of a group: a pattern, or what a keyword begins; `groups` are those within it."""

    keyword: str
    text: str = ""
    groups: tuple[tuple[Part, ...], ...] = ()


@st.composite
def groups(draw: st.DrawFn, known: set[str], depth: int = 1) -> tuple[Part, ...]:
    """Draw parts, each of which has a variable in common with those before."""
    parts = []
    known = set(known)
    for _ in range(draw(st.integers(1, 3))):
        keyword = draw(st.sampled_from(KEYWORDS if depth else [""]))
        if keyword == "FILTER":
            parts.append(Part("FILTER", draw(st.sampled_from(FILTERS))))
        elif keyword == "BIND":
            name = f"?z{len(parts)}{depth}"
            if name not in known:
                parts.append(Part("BIND", f"STRLEN(STR({draw(st.sampled_from(sorted(known)))})) AS {name}"))
                known.add(name)
        elif keyword == "GRAPH":
            graph = draw(st.sampled_from(GRAPHS))
            pattern = draw(st.sampled_from([p for p in PATTERNS if variables(p) & known]))
            parts.append(Part("GRAPH", graph, ((Part("", pattern),),)))
            known |= variables(f"{graph} {pattern}")
        elif keyword:
            begin = {draw(st.sampled_from(sorted(known & IN_PATTERNS)))}  # with more, patterns within might be crossed
            inner = tuple(draw(groups(begin, depth - 1)) for _ in range(2 if keyword == "UNION" else 1))
            parts.append(Part(keyword, "", inner))
            known |= {v for group in inner for part in group for v in variables(part.text)}
        else:
            pattern = draw(st.sampled_from([p for p in PATTERNS if variables(p) & known]))
            parts.append(Part("", pattern))
            known |= variables(pattern)
    return tuple(parts)


@dataclass(frozen=True)
class InGraph:
    """A pattern, the graph around it, and the SELECT that it stands in: 0, or a number for each of those within."""

    text: str
    graph: str
    select: int


@dataclass(frozen=True)
class Drawn:
    parts: tuple[Part, ...]
    values: tuple[str, ...]
    shown: tuple[str, ...]
    """The variables that are selected; the rows are grouped by them if `grouped`."""
    grouped: bool
    distinct: bool

    @property
    def text(self) -> str:
        count = "(COUNT(*) AS ?count)" if self.grouped else ""
        keys = f"GROUP BY {' '.join(self.shown)}" if self.grouped else ""
        distinct = "DISTINCT" if self.distinct else ""
        values = f"VALUES ?a {{ {' '.join(self.values)} }}"
        written = " ".join(written for part in self.parts for written in plain(part))
        return f"SELECT {distinct} {' '.join(self.shown)} {count} {{ {values} {written} }} {keys}"

    def by_graphs(self) -> tuple[str, list[InGraph]]:
        """Return the query with GRAPH around each pattern, and the patterns, each with its graph."""
        patterns: list[InGraph] = []
        written = " ".join(in_graphs(part, patterns) for part in self.parts)
        return f"SELECT * {{ VALUES ?a {{ {' '.join(self.values)} }} {written} }}", patterns


def plain(part: Part) -> Iterator[str]:
    inner = [" ".join(text for one in group for text in plain(one)) for group in part.groups]
    yield {
        "": f"{part.text} .",
        "OPTIONAL": "OPTIONAL { %s }",
        "UNION": "{ %s } UNION { %s }",
        "SELECT": "{ SELECT DISTINCT * { %s } }",
        "GRAPH": f"GRAPH {part.text} {{ %s }}",
        "FILTER": f"FILTER({part.text})",
        "BIND": f"BIND({part.text})",
    }[part.keyword] % tuple(inner)


def in_graphs(part: Part, patterns: list[InGraph], select: int = 0) -> str:
    if part.keyword in ("", "GRAPH"):
        (pattern,), graph = (
            part.groups[0] if part.groups else (part,),
            part.text if part.groups else f"?of{len(patterns)}",
        )
        patterns.append(InGraph(pattern.text, graph, select))
        return f"GRAPH {graph} {{ {pattern.text} }}"
    within = len(patterns) + 1 if part.keyword == "SELECT" else select
    inner = [" ".join(in_graphs(one, patterns, within) for one in group) for group in part.groups]
    if part.keyword == "UNION":
        return f"{{ {inner[0]} }} UNION {{ {inner[1]} }}"
    if part.keyword == "SELECT":
        return f"{{ SELECT * {{ {inner[0]} }} }}"
    return f"OPTIONAL {{ {inner[0]} }}" if part.keyword == "OPTIONAL" else f"{part.keyword}({part.text})"


@st.composite
def queries(draw: st.DrawFn) -> Drawn:
    parts = draw(groups({"?a"}))
    named = sorted({"?a"} | variables(" ".join(text for part in parts for text in plain(part))))
    shown = draw(st.lists(st.sampled_from(named), min_size=1, max_size=4, unique=True))
    cities = draw(st.lists(st.sampled_from(CITIES), min_size=1, max_size=3, unique=True))
    return Drawn(parts, tuple(cities), tuple(shown), draw(st.booleans()), draw(st.booleans()))


Spoken = tuple[object, ...]
Stated = dict[tuple[int, int, Spoken], set[str]]
"""Who states each triple of a solution, by the place of its pattern and the SELECT in which that stands."""


class BruteForce:
    """Who says a triple in a graph, by queries alone."""

    def __init__(self, store: Store) -> None:
        self._store = store
        rows = select(store, "SELECT ?passage ?graph { ?passage cd:statementGraph ?graph }")
        self._passages = {row["graph"]: row["passage"].value for row in rows}  # type: ignore[union-attr]
        self._followed: dict[object, set[str]] = defaultdict(set)
        self._accounts: dict[object, set[object]] = defaultdict(set)
        for text in BY_HEART:
            for row in select(store, text.replace("?g {", "?g ?account {", 1)):
                if row["g"] in self._passages:
                    triple = row["s"], row["p"], row["o"]
                    self._followed[triple].add(self._passages[row["g"]])
                    if Quad(*triple, graphs.INFERRED) in store:
                        self._accounts[triple].add(row["account"])

    def rows(self, drawn: Drawn) -> dict[tuple[object, ...], list[Stated]]:
        """Return the statements of each solution, by the values of the row that it leads to."""
        text, patterns = drawn.by_graphs()
        solutions: dict[tuple[object, ...], Stated] = {}
        answer = select(self._store, text)
        visible = {variable.value for variable in answer.variables}
        for row in answer:
            values = {f"?{name}": row[name] for name in visible}
            meant = [one for one in patterns if one.graph[0] != "?" or values.get(one.graph) is not None]
            others = tuple((name, value) for name, value in values.items() if not name.startswith("?of"))
            stated = solutions.setdefault((others, tuple(meant)), defaultdict(set))
            for place, one in enumerate(meant):
                graph = values[one.graph] if one.graph[0] == "?" else named(one.graph)
                triple = tuple(values[term] if term[0] == "?" else named(term) for term in one.text.split())
                stated[place, one.select, triple] |= self._say(graph, triple)
        found: dict[tuple[object, ...], list[Stated]] = defaultdict(list)
        for (others, _), stated in solutions.items():
            found[tuple(dict(others).get(name) for name in drawn.shown)].append(stated)
        return found

    def _say(self, graph: object, triple: tuple[object, ...]) -> set[str]:
        if graph != graphs.INFERRED:
            return {self._passages[graph]} if graph in self._passages else set()
        return self._followed[triple]

    def attesting(self, stated: Stated) -> set[str]:
        """The sources of a solution, but for those that restate what it has from an account, or the type of a thing."""
        told: set[str] = set()
        for (_, number, triple), sources in stated.items():
            beside = [(other, who) for (_, within, other), who in stated.items() if within == number]
            kept = self._by_accounts(triple, sources, beside)
            if triple[1] == TYPE:
                others = [one for one in beside if one[0][0] == triple[0] and one[0][1] != TYPE]
                kept = overlap(kept, [self._by_accounts(*one, beside) for one in others])
            told |= kept
        return told

    def _by_accounts(self, triple: Spoken, sources: set[str], beside: list[tuple[Spoken, set[str]]]) -> set[str]:
        """What counts of the sources of a triple of whose subject a solution has accounts, or that follows from one."""
        accounts = {other[0] for other, _ in beside if other[1:] == (ACCOUNT_OF, triple[0])}
        kept = overlap(sources, [who for other, who in beside if other[0] in accounts])
        leading = self._accounts[triple]
        return overlap(kept, [who for other, who in beside if other[1] == ACCOUNT_OF and other[0] in leading])


def overlap(sources: set[str], others: list[set[str]]) -> set[str]:
    return sources & set().union(*others) or sources


def named(term: str) -> NamedNode:
    prefix, _, local = term.partition(":")
    return NamedNode(ns.PREFIXES["rdf"] + "type" if term == "a" else ns.PREFIXES[prefix] + local)


@pytest.fixture(scope="module")
def sources(store: Store) -> EvidenceFinder:
    return EvidenceFinder(store, Unions(store, 1_000_000))


@pytest.fixture(scope="module")
def brute_force(store: Store) -> BruteForce:
    return BruteForce(store)


@settings(max_examples=QUERIES)
@given(drawn=queries())
def test_each_row_has_the_passages_that_brute_force_finds(
    sources: EvidenceFinder, brute_force: BruteForce, store: Store, drawn: Drawn
) -> None:
    try:
        found, _ = sources.find(drawn.text, None, MOST_SOLUTIONS)
    except QueryError:  # too many solutions: more than brute force has room for
        reject()
    answer = list(select(store, drawn.text))
    shown = [name[1:] for name in drawn.shown]
    rows = [tuple(row[name] for name in shown) for row in answer]
    assert len(found.rows) == len(rows)
    assert not found.gaps
    expected = brute_force.rows(drawn)
    assert Counter(rows).keys() == expected.keys()
    for row, told in zip(rows, (set(row.sources) for row in found.rows), strict=True):
        assert told == set().union(*map(brute_force.attesting, expected[row]))
        said = [sources for stated in expected[row] for sources in stated.values()]
        assert all(told & sources for sources in said if sources)  # nothing is left without anybody who states it
