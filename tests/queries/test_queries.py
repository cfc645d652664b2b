"""Every canned query is described, valid as it stands, and answers what was written by hand from the report."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, QuerySolutions, Store

from kg.queries.catalogue import CannedQuery, canned_queries, check_queries
from kg.queries.question import Question
from kg.queries.values import choices
from kg.rdf import namespaces as ns
from kg.sparql.evaluation import run

QUERIES = canned_queries()
EXPECTED = Path(__file__).parents[1] / "expected" / "queries"
VIEWS = {"table", "map", "graph", "timeline", "bars"}
TOPICS = {
    "twinnings", "absences", "networks", "memberships", "offices-and-teams", "activities-and-functions", "statistics",
    "literature", "evidence", "disagreements", "places", "works-compared", "world", "analysis",
    "ontology",
}  # fmt: skip

Row = tuple[str, ...]

every_query = pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)


@pytest.fixture
def asked(query: CannedQuery, store_for: Callable[[CannedQuery], Store]) -> Store:
    """The graph that a question is asked of: the report's, or that of a comparison of works, or the world."""
    return store_for(query)


def answered(store: Store, text: str) -> tuple[list[str], list[dict[str, str]]]:
    """Return the columns of a SELECT and its rows, IRIs as prefixed names."""
    answer = run(store, text)
    assert isinstance(answer, QuerySolutions)
    names = [variable.value for variable in answer.variables]
    return names, [{name: shown(row[name]) for name in names} for row in answer]


def shown(term: object) -> str:
    if isinstance(term, NamedNode):
        return ns.compact(term.value)
    return "" if term is None else str(getattr(term, "value", term))


def written(name: str) -> tuple[list[str], set[Row], list[str]]:
    """Return columns, rows and directives (`# subset`, `# count N`, `# without PARAMETER`) of an answer by hand."""
    lines = (EXPECTED / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    directives = [line.removeprefix("#").strip() for line in lines if line.startswith("#")]
    rows = list(csv.reader(line for line in lines if line and not line.startswith("#")))
    return rows[0], {tuple(row) for row in rows[1:]}, directives


def test_there_are_enough_questions_in_all_topics_and_each_name_is_taken_once() -> None:
    assert len(QUERIES) >= 40
    assert {query.topic for query in QUERIES.values()} == TOPICS
    files = list(Path(__file__).parents[2].glob("queries/*/*.rq"))
    assert len(files) == len(QUERIES) + len(check_queries())


@every_query
def test_the_header_says_what_a_user_needs(query: CannedQuery) -> None:
    assert query.summary.endswith("?")
    assert len(query.description) > len(query.summary) / 2
    assert query.tags
    assert query.view in VIEWS
    assert all(p.label and p.example for p in query.parameters)


@every_query
def test_it_is_valid_as_it_stands_returns_rows_and_explains_each_column(asked: Store, query: CannedQuery) -> None:
    names, rows = answered(asked, query.text)
    assert rows
    assert set(query.columns) == set(names)
    assert all(query.columns.values())


@every_query
def test_a_column_of_what_is_told_where_known_is_among_those_whose_empty_cells_say_so(query: CannedQuery) -> None:
    told = {name for name, meaning in query.columns.items() if meaning.endswith(", where known")}
    assert told == set(query.unknown)


@every_query
def test_what_leaves_out_twins_of_which_the_country_is_not_known_says_so(query: CannedQuery) -> None:
    needed = re.sub(r"OPTIONAL \{[^}]*\}", "", query.body)
    is_by_country = "twin" in needed and re.search(r"(\w+) a cd:State\b", needed) and "country" in query.tags
    asks_for_one = any(one.of_class == "cd:State" and one.offered and "twin" in one.offered for one in query.parameters)
    assert bool(query.coverage) == bool(is_by_country or asks_for_one)


def test_a_column_in_which_passages_are_listed_that_a_query_counts_says_so() -> None:
    told = {name for name, query in QUERIES.items() if query.columns.get("statedIn", "").startswith("which ones")}
    assert told == {name for name, query in QUERIES.items() if query.passages == ("statedIn",)}


@every_query
def test_the_example_bound_as_a_value_gives_the_answer_of_the_file(asked: Store, query: CannedQuery) -> None:
    examples = {p.name: p.example for p in query.parameters}
    assert answered(asked, Question(query, examples).bound()) == answered(asked, query.text)


WIDENED = {"cities-side-by-side", "cities-without-ties"}
"""Questions of which a further value adds rows: one city more, or all that lack one kind of tie."""


@pytest.mark.parametrize(
    "query",
    [q for q in QUERIES.values() if any(p.optional for p in q.parameters) and q.name not in WIDENED],
    ids=lambda q: q.name,
)
def test_a_parameter_that_is_left_out_narrows_nothing(asked: Store, query: CannedQuery) -> None:
    needed = {p.name: p.example for p in query.parameters if not p.optional}
    assert len(answered(asked, Question(query, needed).bound())[1]) >= len(answered(asked, query.text)[1])


@every_query
def test_it_answers_what_was_written_by_hand_from_the_report(asked: Store, query: CannedQuery) -> None:
    columns, wanted, directives = written(query.name)
    given = {p.name: p.example for p in query.parameters if f"without {p.name}" not in directives}
    _, rows = answered(asked, Question(query, given).bound())
    found = {tuple(row[column] for column in columns) for row in rows}
    if "subset" in directives:
        assert wanted - found == set()
        assert len(wanted) >= min(8, len(found))
    else:
        assert found == wanted
    for directive in directives:
        if directive.startswith("count "):
            assert len(rows) == int(directive.removeprefix("count "))


def test_every_answer_written_by_hand_belongs_to_a_query() -> None:
    assert {path.stem for path in EXPECTED.glob("*.csv")} == set(QUERIES)


@pytest.mark.parametrize("query", check_queries().values(), ids=check_queries())
def test_a_check_explains_its_columns(store: Store, query: CannedQuery) -> None:
    names, _ = answered(store, query.text)
    assert set(query.columns) == set(names)


def test_no_query_lists_groups_since_they_say_themselves_of_what_and_where_they_are() -> None:
    for query in QUERIES.values():
        examples = {parameter.example for parameter in query.parameters}
        body = "\n".join(line for line in query.text.splitlines() if not line.startswith("#+"))
        assert {name for name in re.findall(r"group:[a-z0-9-]+", body) if name not in examples} == set(), query.name


def test_no_query_takes_a_passage_from_the_name_of_its_graph_or_the_other_way_round() -> None:
    """The property cd:statementGraph ties the two."""
    for query in (*QUERIES.values(), *check_queries().values()):
        assert "STRAFTER(STR(?graph)" not in query.text, query.name
        assert "STRAFTER(STR(?passage)" not in query.text, query.name


def test_twinning_and_networks_have_one_topic_each_and_what_has_the_old_one_is_found(store: Store) -> None:
    topics = "VALUES ?old { tie:twinning tie:network-membership } ?thing ?property ?old"
    _, rows = answered(store, f"SELECT DISTINCT ?property {{ {topics} . ?thing a cd:Statement }}")
    assert rows == [{"property": "cd:tieKind"}]
    told = Store()
    told.extend(store)
    told.update(
        f"""INSERT DATA {{ <{ns.ID}finding/old> a <{ns.CD}Finding> ;
        <{ns.CD}about> <{ns.VOCABULARY}tie-kind/network-membership> , <{ns.ID}group/uk-cities> ;
        <{ns.CD}says> "It is so."@en ; <{ns.CD}statedIn> <{ns.ID}passage/table-1> }}"""
    )
    found = answered(told, QUERIES["uk-and-china-on-networks"].text)[1]
    assert "finding:old" in {row["statement"] for row in found}


def test_each_vocabulary_can_be_asked_for() -> None:
    (scheme,) = QUERIES["concepts-of-scheme"].parameters
    assert set(scheme.choices or ()) == {
        path.stem for path in Path(__file__).parents[2].glob("ontology/vocabularies/*.ttl")
    }


WITH_SOME_MORE = {"hubs-two-steps-from-a-city", "triangles-through-the-cities-of-a-country"}
"""Questions of which some values are offered that have no rows, since to know them takes longer than an answer."""
WITHOUT_LIST = {
    *("triangles-of-a-city", "twins-stated-by-one-side", "twins-that-share-a-network"),
    "sources-of-an-entity",
    "disagreements-on-a-city",
    "members-of-a-group",
    "groups",
}
"""Questions that list a few values without rows, because a pattern of those that have some is the question again."""

chosen = pytest.mark.parametrize(
    "query", [q for q in QUERIES.values() if any(p.of_class or p.choices for p in q.parameters)], ids=lambda q: q.name
)


@chosen
def test_the_example_is_offered_and_nothing_that_is_no_choice(asked: Store, query: CannedQuery) -> None:
    for parameter in query.parameters:
        known, offered = choices(asked, parameter), choices(asked, parameter, True)
        assert not known or offered.items() <= known.items()
        assert not known or parameter.example in offered


@pytest.mark.slow
@chosen
def test_what_is_offered_is_what_has_rows(asked: Store, query: CannedQuery) -> None:
    if len(query.parameters) > 1 or query.name in WITHOUT_LIST:
        pytest.skip("what has rows depends on the other value, or is not listed")
    (parameter,) = query.parameters
    with_rows = {
        value
        for value in choices(asked, parameter)
        if answered(asked, Question(query, {parameter.name: value}).text())[1]
    }
    offered = set(choices(asked, parameter, True))
    assert offered >= with_rows if query.name in WITH_SOME_MORE else offered == with_rows
