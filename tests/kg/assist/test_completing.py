"""What is offered at a place of a query over the real graph."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Store

from kg.assist import Completion, complete, completing, format_query, hover
from kg.assist.exactness import Question
from kg.rdf.lookup import Term as Node
from tests.kg.assist.conftest import At

pytestmark = pytest.mark.drawn


def inserted(found: Completion, kind: str = "") -> list[str]:
    return [item["insert"] for item in found["items"] if kind in ("", item["kind"])]


@pytest.mark.parametrize(
    ("text", "role", "first"),
    [
        ("|", "form", "SELECT "),
        ("SEL|", "form", "SELECT "),
        ("SEL| ?x", "form", "SELECT"),
        ("SELECT COU| { ?city a cd:City }", "columns", "COUNT"),
        ("PREFIX cit|", "prefix", "citation: <https://w3id.org/city-diplomacy/id/citation/>"),
        ("SELECT ?c| { ?city a cd:City }", "columns", "?city"),
        ("SELECT * { OPT| }", "subject", "OPTIONAL"),
        ("SELECT * { ?x a Cit| }", "object", "cd:City"),
        ("SELECT * { ?x a cd:City . ?x memb| }", "predicate", "cd:memberOf"),
        ("SELECT * { ?x a cd:City ; cd:within/| ?y }", "predicate", "skos:prefLabel"),
        ("SELECT * { ?x 成员属| }", "predicate", "cd:memberOf"),
        ("SELECT * { ?x cd:twinnedWith Birm| }", "object", "city:birmingham"),
        ("SELECT * { ?x cd:twinnedWith 伯明| }", "object", "city:birmingham"),
        ("SELECT * { ?x cd:twinnedWith city:birm|", "object", "city:birmingham"),
        ("SELECT * { FILTER (?x = city:birm|) ?x a cd:City }", "expression", "city:birmingham"),
        ("SELECT * { VALUES ?x { city:birm| } }", "object", "city:birmingham"),
        ("SELECT * { GRAPH report:table-| { ?x a cd:City } }", "graph", "report:table-1"),
        ("SELECT * FROM report:table-| { ?x a cd:City }", "graph", "report:table-1"),
        ("SELECT * { ?x a cd:City } ORD|", "modifier", "ORDER BY "),
        ("SELECT * { ?x a cd:City } ORDER BY ?|", "key", "?x"),
        ("SELECT * { ?x a cd:City FILTER NOT EX|{} }", "constraint", "EXISTS "),
        ("SELECT * { ?x a cd:City } }}} ]) . ?y Birm|", "modifier", ""),
    ],
)
def test_a_place_is_offered_what_fits(at: At, text: str, role: str, first: str) -> None:
    found = at(text)
    assert found["role"] == role
    assert ([*inserted(found), ""])[0] == first


@pytest.mark.parametrize(
    "text",
    [
        "# SELECT * { ?x a cd:| }",
        "SELECT * { ?x a cd:City # Bir|\n }",
        'SELECT * { ?x skos:prefLabel "Bir|" }',
        "SELECT * { ?x skos:prefLabel 'Bir|",
        'SELECT * { ?x skos:prefLabel """Bir\n\n|',
        "SELECT * { ?x a <https://w3id.org/Bir| }",
        "SELECT * { ?x a <https://w3id.org/Bir|> }",
        "SELECT * { ?x cd:value 12| }",
    ],
)
def test_nothing_is_offered_within_comments_strings_iris_and_numbers(at: At, text: str) -> None:
    assert at(text)["items"] == []


@pytest.mark.parametrize("word", ["country", "year", "began", "start", "since"])
@pytest.mark.parametrize("prefix", ["", "cd:"])
def test_a_term_is_found_by_the_words_that_people_use(at: At, prefix: str, word: str) -> None:
    subject, term = ("cd:City", "cd:within") if word == "country" else ("cd:Account", "cd:begin")
    for before in ("?x ", f"?x a {subject} ; "):
        assert term in inserted(at(f"SELECT * {{ {before}{prefix}{word}| }}"), "property")[:3]


def test_terms_that_the_graph_does_not_use_come_last(store: Store) -> None:
    text = "SELECT * { ?x a Country"
    items = [item for item in complete(store, text, len(text), slow=None)["items"] if item["kind"] == "class"]
    unused = [item["count"] == 0 for item in items]
    assert items[0]["insert"] == "cd:State"
    assert unused[-1]
    assert unused == sorted(unused)


def test_a_string_that_is_not_closed_ends_with_its_line(at: At) -> None:
    assert "cd:City" in inserted(at('SELECT * { ?x skos:prefLabel "Bir .\n ?x a Cit| }'))


def test_what_is_replaced_is_the_whole_word_in_units_of_utf_16(at: At) -> None:
    found = at("SELECT * { # 𝄞\n ?x a cd:Ci|ty }")
    assert (found["from"], found["to"]) == (22, 29)


def test_nothing_is_offered_unasked_where_nothing_is_typed(at: At) -> None:
    assert at("SELECT * { ?x | }", explicit=False)["items"] == []
    assert at("SELECT * { ?x cd:| }", explicit=False)["items"]


def test_terms_come_with_words_counts_and_what_shapes_ask_for(at: At) -> None:
    found = at("SELECT * { ?x a cd:Account ; cd:stated| }")
    (item,) = [item for item in found["items"] if item["insert"] == "cd:statedIn"]
    assert (item["detail"], item["labelZh"], item["kind"]) == ("stated in", "陈述于", "property")
    assert item["count"]
    assert item["info"]
    assert item["need"] == "must"


def test_a_prefix_that_the_query_lacks_comes_with_its_declaration(at: At) -> None:
    (item, *_) = at("SELECT * { ?x a Cit| }")["items"]
    assert item["prefix"] == {"name": "cd", "iri": "https://w3id.org/city-diplomacy/ontology#"}
    (item, *_) = at("PREFIX o: <https://w3id.org/city-diplomacy/ontology#> SELECT * { ?x a Cit| }")["items"]
    assert (item["insert"], item["prefix"]) == ("o:City", None)
    (item, *_) = at("PREFIX cd: <http://else.where/> SELECT * { ?x a Cit| }")["items"]
    assert item["insert"] == "<https://w3id.org/city-diplomacy/ontology#City>"


def test_only_what_gives_rows_is_offered_where_the_engine_says_so(at: At) -> None:
    found = at("SELECT * { ?x cd:memberOf ?n . ?n a cd:CityNetwork ; | }")
    assert found["exact"]
    offered = [item for item in found["items"] if item["kind"] == "property"]
    assert offered
    assert all(item["exact"] for item in offered)
    assert "cd:twinnedWith" not in inserted(found)


@pytest.mark.parametrize("text", ["?x a cd:City MINUS { ?x | }", "?x a cd:City FILTER NOT EXISTS { ?x | }"])
def test_a_place_that_gives_no_rows_is_offered_all_terms(at: At, text: str) -> None:
    found = at(f"SELECT * {{ {text} }}")
    assert not found["exact"]
    assert len(inserted(found, "property")) > 20


@pytest.mark.parametrize(
    "text",
    ["?x a cd:City ; |", "?x a cd:City ; cd:|", "?x a |", "?x a cd:C|", "?x cd:twinnedWith 上|", "?x cd:within Br|"],
)
@given(cut=st.integers(0, 500))
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_is_the_same_however_much_the_engine_has_found(store: Store, text: str, cut: int) -> None:
    def asked_until(question: Question, store: Store, until: float) -> tuple[list[Node], bool]:
        return ask(question, store, until)[0][:cut], False

    ask, whole = Question.ask, f"SELECT * {{ {text} }}"
    before, _, behind = whole.partition("|")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(completing, "SECONDS", 300.0)
        patched.setattr(Question, "ask", asked_until)
        partly = complete(store, before + behind, len(before))
        patched.setattr(Question, "ask", lambda *asked: ([], False))
        none = complete(store, before + behind, len(before))
    terms = [item for item in inserted(partly) if item in inserted(none)]
    assert terms == [item for item in inserted(none) if item in terms]
    assert len(terms) > 3


@pytest.mark.parametrize("sign", ["(", "{", "[", '"', "'", "<", "#", "?x ", "cd:twin ", "𝄞", "VALUES ?x { ", ". "])
def test_a_hundred_thousand_characters_of_anything_are_read(store: Store, sign: str) -> None:
    text = "SELECT * { ?x a cd:City . " + sign * (99_000 // len(sign))
    found = complete(store, text, 2 * len(text))
    assert found["from"] <= found["to"]
    assert _words(format_query(store, text)["text"]) == _words(text)
    hover(store, text, 17)


def _words(text: str) -> str:
    return "".join(text.split())
