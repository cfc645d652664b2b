"""Every canned query is described, valid as it stands, and answers what was written by hand from the report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from pyoxigraph import NamedNode, Store
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery

from kg.queries import paging
from kg.queries.catalogue import CannedQuery, canned_queries, check_queries, queries_by_path
from kg.queries.paging import RowRange
from kg.queries.question import Question
from kg.queries.values import choices
from kg.rdf import namespaces as ns
from kg.sparql.evaluation import execute
from tests.support.answers import BY_HAND, Answers, by_hand, example, rows_of, written
from tests.support.header import as_grlc_reads
from tests.support.stores import copied
from tests.support.tiers import by_tier, fresh_random

QUERIES = canned_queries()
VIEWS = {"table", "map", "graph", "timeline", "bars"}
TOPICS = {
    "twinnings", "absences", "networks", "memberships", "offices-and-teams", "activities-and-functions", "statistics",
    "literature", "evidence", "disagreements", "places", "works-compared", "world", "analysis",
    "ontology",
}  # fmt: skip

WIDENED = {"cities-without-ties"}
"""Questions of which a further value adds rows: all that lack one kind of tie."""


def test_there_are_enough_questions_in_all_topics_and_each_name_is_taken_once() -> None:
    assert len(QUERIES) >= 40
    assert {query.topic for query in QUERIES.values()} == TOPICS
    files = list(Path(__file__).parents[2].glob("queries/*/*.rq"))
    assert {file.stem for file in files} == {query.name for query in queries_by_path().values()}
    assert len(files) == len(queries_by_path())


def test_each_question_of_the_lists_has_a_title_in_chinese_of_its_own() -> None:
    titles = [query.zh for query in QUERIES.values()]
    assert all(re.search("[\u4e00-\u9fff]{4}.*[？?]$", title) for title in titles)
    assert len({*titles}) == len(titles)


def test_what_is_in_no_list_says_what_to_ask_instead() -> None:
    unlisted = [query for query in queries_by_path().values() if query.see]
    assert unlisted
    assert QUERIES.keys() | check_queries().keys() == {q.name for q in queries_by_path().values()} - {
        query.name for query in unlisted
    }
    for query in unlisted:
        name, _, values = query.see.partition("?")
        if not name.startswith("/"):
            assert Question.parse(QUERIES[name], dict(parse_qsl(values)), lambda _, value: value), query.name


PARAMETERS = {"thing", "other", "kind", "passage", "country", "theme", "measure", "hedge", "since", "least"}


def test_parameters_have_the_same_few_names_or_are_filters_of_one_question() -> None:
    others = Counter(one.name for query in QUERIES.values() for one in query.parameters if one.name not in PARAMETERS)
    of_one_each = {"table", "also", "standing", "status", "stated", "denied", "role", "direction", "uncontradicted"}
    assert others == dict.fromkeys(of_one_each, 1)


def test_each_question_whose_rows_are_ties_can_say_who_objects() -> None:
    of_ties = [one for one in QUERIES.values() if {"tie", "twinning", "agreement"} & one.all_columns.keys()]
    assert {one.name for one in of_ties if "objections" not in one.all_columns} == {
        *("absences-beside-ties", "who-states-each-twinning", "ties-on-which-works-differ"),  # rows are what each says
        "report-against-wikidata",
        "cooperation-between-twins",  # rows are activities, to which others object than to the twinnings
    }


@pytest.mark.drawn
@pytest.mark.parametrize(
    ("name", "tie"),
    [
        ("agreements", "agreement"),
        ("one-sided-twinnings-of-a-country", "twinning"),
        ("twins-that-share-a-network", "twinning"),
    ],
)
def test_who_denies_a_tie_stands_beside_it(name: str, tie: str, answers: Answers) -> None:
    store = answers.store_for(QUERIES[name])
    of_tie = written(answers.to(QUERIES[name])[1][0][tie])
    planted = copied(store)
    planted.update(
        f"INSERT DATA {{ <{ns.ID}absence/x> <{ns.CD}denies> <{ns.expand(of_tie)}> ; "
        f"<{ns.CD}statedIn> <{ns.ID}passage/table-1> }}"
    )
    _, rows = rows_of(execute.run(planted, QUERIES[name].text))
    denied = {written(row[tie]) for row in rows if f"denies <{ns.ID}passage/table-1>" in written(row["objections"])}
    assert denied == {of_tie}


def with_all_columns(query: CannedQuery, answers: Answers) -> CannedQuery:
    """Return a query with the columns of its file, also those that an answer has only on demand."""
    return query.choose(",".join(answers.to(query)[0]) if query.more else "")


def the_header_says_what_a_user_needs(query: CannedQuery, answers: Answers) -> None:
    assert query.summary.endswith("?")
    assert len(query.description) > len(query.summary) / 2
    assert query.tags
    assert query.view in VIEWS
    assert all(p.label and p.example for p in query.parameters)


def it_is_valid_as_it_stands_returns_rows_and_explains_each_column(query: CannedQuery, answers: Answers) -> None:
    names, rows = answers.to(query)
    assert rows
    assert set(query.all_columns) == set(names)
    assert all(query.all_columns.values())


def a_column_of_what_is_told_where_known_is_among_those_whose_empty_cells_say_so(
    query: CannedQuery, answers: Answers
) -> None:
    told = {name for name, meaning in query.all_columns.items() if meaning.endswith(", where known")}
    assert told == set(query.unknown)


def what_leaves_out_twins_of_which_the_country_is_not_known_says_so(query: CannedQuery, answers: Answers) -> None:
    needed = re.sub(r"OPTIONAL \{[^}]*\}", "", query.body)
    is_by_country = "twin" in needed and re.search(r"(\w+) a cd:State\b", needed) and "country" in query.tags
    asks_for_one = any(one.of_class == "cd:State" and "twin" in (one.offered or "") for one in query.parameters)
    assert bool(query.coverage) == bool(is_by_country or (asks_for_one and query.works))


def the_example_bound_as_a_value_gives_the_answer_of_the_file(query: CannedQuery, answers: Answers) -> None:
    assert answers.to(query, example(with_all_columns(query, answers)).text_with_values()) == answers.to(query)


def a_parameter_that_is_left_out_narrows_nothing(query: CannedQuery, answers: Answers) -> None:
    optional = [one.name for one in query.parameters if one.optional and one.name not in query.examples]
    if optional and query.name not in WIDENED:
        _, rows = answers.to(query, example(query, *optional).text_with_values())
        assert len(rows) >= len(answers.to(query)[1])


def it_answers_what_was_written_by_hand_from_the_report(query: CannedQuery, answers: Answers) -> None:
    columns, wanted, directives = by_hand(query)
    all_columns = next((one.split()[1:] for one in directives if one.startswith("columns ")), columns)
    left_out = [directive.removeprefix("without ") for directive in directives if directive.startswith("without ")]
    names, rows = answers.to(query, example(query, *left_out).text_with_values())
    assert names == all_columns
    found = {tuple(written(row[column]) for column in columns) for row in rows}
    if "subset" in directives:
        assert wanted - found == set()
        assert len(wanted) >= min(8, len(found))
    else:
        assert found == wanted
    for directive in directives:
        if directive.startswith("count "):
            assert len(rows) == int(directive.removeprefix("count "))


def its_pages_together_are_the_whole(query: CannedQuery, answers: Answers) -> None:
    def page(window: RowRange) -> list[object]:
        return list(answers.to(query, Question(whole_query, example(query).values, window).text())[1])

    whole_query = with_all_columns(query, answers)

    assert paging.why_not_pageable(query.text) is None
    _, whole = answers.to(query)
    size = len(whole) // 3 + 1
    assert [row for offset in range(0, len(whole), size) for row in page(RowRange(size, offset))] == whole
    assert page(RowRange(0)) == []


def it_needs_no_prefixes_of_ours_and_declares_none_that_it_does_not_use(query: CannedQuery, answers: Answers) -> None:
    text = example(with_all_columns(query, answers)).text()
    assert rows_of(answers.store_for(query).query(text)) == answers.to(query)
    head, _, body = text.partition("SELECT")
    declared = [line.split()[1] for line in head.splitlines() if line.startswith("PREFIX")]
    assert declared
    assert [prefix for prefix in declared if prefix not in body] == []


def grlc_finds_what_it_needs(query: CannedQuery, answers: Answers) -> None:
    read = as_grlc_reads(example(query).text())
    assert read["summary"] == query.summary
    assert read["tags"] == list(query.tags)
    assert read["method"] == "GET"
    assert str(read["endpoint"]).startswith("https://")


def the_example_is_offered_and_nothing_that_is_no_choice(query: CannedQuery, answers: Answers) -> None:
    store = answers.store_for(query)
    for parameter in query.parameters:
        if not (parameter.of_class or parameter.choices):
            continue
        known, offered = choices(store, parameter), choices(store, parameter, True)
        assert not known or offered.items() <= known.items()
        assert not known or parameter.example in offered


PROMISES = (
    the_header_says_what_a_user_needs,
    it_is_valid_as_it_stands_returns_rows_and_explains_each_column,
    a_column_of_what_is_told_where_known_is_among_those_whose_empty_cells_say_so,
    what_leaves_out_twins_of_which_the_country_is_not_known_says_so,
    the_example_bound_as_a_value_gives_the_answer_of_the_file,
    a_parameter_that_is_left_out_narrows_nothing,
    it_answers_what_was_written_by_hand_from_the_report,
    its_pages_together_are_the_whole,
    it_needs_no_prefixes_of_ours_and_declares_none_that_it_does_not_use,
    grlc_finds_what_it_needs,
    the_example_is_offered_and_nothing_that_is_no_choice,
)
"""What each canned question keeps to."""


def broken(query: CannedQuery, answers: Answers) -> list[str]:
    """Return the promises that a question does not keep, each with the reason."""
    found = []
    for promise in PROMISES:
        try:
            promise(query, answers)
        except (AssertionError, pytest.fail.Exception) as error:
            found.append(f"{promise.__name__}: {error}")
    return found


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
@pytest.mark.drawn
def test_a_question_keeps_its_promises(query: CannedQuery, answers: Answers) -> None:
    if found := broken(query, answers):
        pytest.fail("\n".join(found), pytrace=False)


@pytest.mark.parametrize(
    ("changed", "promise"),
    [
        ({"summary": "Twins."}, "the_header_says_what_a_user_needs"),
        (
            {"name": "not-asked-yet"},
            "it_answers_what_was_written_by_hand_from_the_report: write tests/expected/",
        ),
        ({"unknown": ("twin",)}, "a_column_of_what_is_told_where_known"),
    ],
)
def test_a_promise_that_is_broken_is_named(changed: dict[str, object], promise: str, answers: Answers) -> None:
    (found,) = broken(replace(QUERIES["twins-of-a-city"], **changed), answers)  # type: ignore[arg-type]
    assert found.startswith(promise)


@pytest.mark.scaled
@pytest.mark.drawn
def test_rdflib_reads_them() -> None:
    queries = [*QUERIES.values()]
    for query in fresh_random("queries that rdflib reads").sample(queries, by_tier(15, len(queries), len(queries))):
        assert translateQuery(parseQuery(example(query).text())).algebra.name == "SelectQuery", query.name


def test_a_column_in_which_passages_are_listed_that_a_query_counts_says_so() -> None:
    told = {name for name, query in QUERIES.items() if query.columns.get("statedIn", "").startswith("which ones")}
    assert told == {name for name, query in QUERIES.items() if query.passages == ("statedIn",)}


def test_every_answer_written_by_hand_belongs_to_a_query() -> None:
    assert {path.stem for path in BY_HAND.glob("*.csv")} - set(QUERIES) == set()


@pytest.mark.drawn
def test_a_check_explains_its_columns(answers: Answers, store: Store) -> None:
    for query in check_queries().values():
        assert set(query.columns) == set(answers.over(store, query.text)[0]), query.name


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


def test_passages_are_in_reading_order_work_by_work() -> None:
    """Two works count their passages from 1 each."""
    order = r"\?(?:order|\w+Order)\b"
    by_work = (rf'REPLACE\(STR\(\?\w+\), "\[\^/\]\*\$", ""\) {order}', rf"\?work \(!BOUND\({order}\)\) {order}")
    for query in QUERIES.values():
        assert not re.search(rf"\b(?:MIN|MAX) ?\({order}", query.body), query.name
        for clause in re.findall(r"ORDER BY [^\n]*", query.body):
            is_asked = re.search(rf"(?<!BOUND\(){order}", clause)
            assert not is_asked or any(re.search(one, clause) for one in by_work), query.name


@pytest.mark.drawn
def test_twinning_and_networks_have_one_topic_each_and_what_has_the_old_one_is_found(
    store: Store, answers: Answers
) -> None:
    topics = "VALUES ?old { tie:twinning tie:network-membership } ?thing ?property ?old"
    _, rows = answers.over(store, f"SELECT DISTINCT ?property {{ {topics} . ?thing a cd:Statement }}")
    assert rows == [{"property": NamedNode(f"{ns.CD}tieKind")}]
    told = copied(store)
    told.update(
        f"""INSERT DATA {{ <{ns.ID}finding/old> a <{ns.CD}Finding> ;
        <{ns.CD}about> <{ns.VOCABULARY}tie-kind/network-membership> , <{ns.ID}group/uk-cities> ;
        <{ns.CD}says> "It is so."@en ; <{ns.CD}statedIn> <{ns.ID}passage/table-1> }}"""
    )
    _, found = rows_of(execute.run(told, queries_by_path()["uk-and-china-on-networks"].text))
    assert "finding:old" in {written(row["statement"]) for row in found}


def test_each_vocabulary_can_be_asked_for() -> None:
    (scheme,) = QUERIES["concepts-of-scheme"].parameters
    assert set(scheme.choices or ()) == {
        path.stem for path in Path(__file__).parents[2].glob("ontology/vocabularies/*.ttl")
    }


WITH_SOME_MORE = {"hubs-two-steps-from-a-city"}
"""Questions of which some values are offered that have no rows, since to know them takes longer than an answer."""
WITHOUT_LIST = {
    *("triangles-of-a-city", "twins-that-share-a-network"),
    "members-of-a-group",
    "groups",
}
"""Questions that list a few values without rows, because a pattern of those that have some is the question again."""

MOST_CHOICES = by_tier(40, 40, 10_000)
"""Of what a question offers, and of what it does not, so many are asked."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        query
        for query in QUERIES.values()
        if len(query.parameters) == 1  # with more, what has rows depends on the others
        and (query.parameters[0].of_class or query.parameters[0].choices)
        and query.name not in WITHOUT_LIST
    ],
    ids=lambda query: query.name,
)
def test_what_is_offered_is_what_has_rows(query: CannedQuery, store_for: Callable[[CannedQuery], Store]) -> None:
    (parameter,) = query.parameters
    store, drawn = store_for(query), fresh_random(f"choices of {query.name}")

    def have_rows(values: set[str]) -> set[str]:
        return {
            value
            for value in values
            if next(iter(execute.run(store, Question(query, {parameter.name: value}).text())), None)
        }

    def some(values: set[str]) -> set[str]:
        return {*drawn.sample(sorted(values), min(len(values), MOST_CHOICES))}

    allowed, offered = set(choices(store, parameter)), set(choices(store, parameter, True))
    assert offered <= allowed
    assert have_rows(some(allowed - offered)) == set()
    if query.name not in WITH_SOME_MORE:
        tried = some(offered)
        assert have_rows(tried) == tried
