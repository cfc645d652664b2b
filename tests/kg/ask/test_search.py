"""What a search tells of each thing that it finds, its pages, completions, and what may be meant by a wrong name."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

from kg.ask import SearchExtras, SearchPage, completions, search
from kg.errors import BadValueError, UnknownNameError
from kg.names.search import KINDS
from kg.publish.search import suggestions
from kg.rdf import namespaces as ns
from kg.rdf.scopes import EVERYTHING
from kg.store import DataFolder


def labels(page: SearchPage) -> list[str]:
    return [found["label"]["text"] for found in page["results"]]


@pytest.mark.drawn
def test_a_thing_is_told_with_place_passages_and_the_name_it_was_found_by(store: Store) -> None:
    first = search(store, " Macau\0\n", "", "1")["results"][0]
    assert first["label"] == {"text": "Macao", "lang": "en"}
    assert first["name"] == {"text": "Macau", "lang": "en"}
    assert first["is_called_so"]
    assert first["within"] == [{"text": "China", "lang": "en"}]
    assert first["passages"] == 3
    assert first["twins"] == []  # the place tells it apart


def test_namesakes_are_told_apart_by_their_twins_where_no_place_does() -> None:
    store = Store()
    store.update(
        f"""PREFIX polity: <{ns.ID}polity/> PREFIX twinning: <{ns.ID}twinning/> PREFIX cd: <{ns.CD}>
        PREFIX skos: <{ns.PREFIXES["skos"]}>
        INSERT DATA {{
            polity:q5776 skos:prefLabel "Bethlehem"@und . polity:q164380 skos:prefLabel "Bethlehem"@und .
            polity:q6221 skos:prefLabel "Brescia"@en . twinning:q5776-q6221 cd:twin polity:q5776 , polity:q6221 }}"""
    )
    found = {one["iri"].removeprefix(ns.ID): one["twins"] for one in search(store, "Bethlehem", "", "1")["results"]}
    assert found == {"polity/q5776": ["Brescia"], "polity/q164380": []}


def test_texts_say_what_it_is_in_one_line_and_not_at_length(store: Store) -> None:
    term = search(store, "cd:Twinning", "term", "1")["results"][0]
    assert term["about"] is not None
    assert term["about"]["text"].startswith("A formal tie between exactly two polities")
    question = search(store, "twins-of-a-city", "question", "1")["results"][0]
    assert question["label"]["text"] == "With which cities is a city twinned?"
    assert question["about"] is not None
    assert question["about"]["text"].endswith(" …")
    assert len(question["about"]["text"]) < 230


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("Shanghai 61", "Shanghai has 61 pairs of sister cities."),
        ("Copenhagen 2012", "Section 4.2, paragraph 2: since 2012"),
        ("CPAFFC 1954", "Box 3: since 1954"),
        ("Key Cities 2013", "Box 2: since 2013"),
        ("CityNet 1980s", "Box 3: since the 1980s"),
        ("3461", "3,461"),
    ],
)
def test_what_is_found_by_a_number_or_a_year_tells_it_and_who_says_so(store: Store, text: str, about: str) -> None:
    found = search(store, text, "", "1")["results"]
    assert [one for one in found if one["about"] and about in one["about"]["text"]]


def test_a_guide_is_found_beside_what_the_graph_names(store: Store) -> None:
    guides = [(ns.GUIDES + "cite", "How to cite this", ["Text", "BibTeX"])]
    (guide,) = search(store, "bibtex", "", "1", SearchExtras(guides=guides, left_out=[]))["results"]
    assert (guide["kind"], guide["label"]["text"], guide["iri"]) == ("guide", "How to cite this", guides[0][0])
    assert guide["about"] == {"text": "Text · BibTeX", "lang": "en"}
    assert search(store, "bibtex", "", "1")["total"] == 0


def test_a_topic_finds_its_questions(store: Store) -> None:
    assert search(store, "offices and teams", "question", "1")["total"] >= 5


def test_what_is_left_out_is_not_found(store: Store) -> None:
    left_out = [ns.QUERIES + "twins-of-any-city"]
    found = search(store, "twins-of-any-city", "question", "1")
    fewer = search(store, "twins-of-any-city", "question", "1", SearchExtras(guides=[], left_out=left_out))
    assert left_out == [found["results"][0]["iri"]]
    assert left_out[0] not in [one["iri"] for one in (*fewer["results"], *fewer["near"])]
    assert fewer["kinds"]["question"] == found["kinds"]["question"] - 1
    assert left_out == [suggestions(store, "twins-of-any-city", ["question"])[0]["iri"]]
    assert left_out[0] not in [one["iri"] for one in suggestions(store, "twins-of-any-city", ["question"], left_out)]


@pytest.mark.drawn
def test_pages_follow_one_another_and_there_is_none_past_the_last(store: Store) -> None:
    first = search(store, "network", "", "1")
    pages = [search(store, "network", "", str(number)) for number in range(1, first["pages"] + 1)]
    iris = [found["iri"] for page in pages for found in page["results"]]
    assert len(iris) == len(set(iris)) == first["total"] == sum(first["kinds"].values())
    assert search(store, "network", "", "") == first
    for page in ("0", "x", str(first["pages"] + 1)):
        with pytest.raises(UnknownNameError):
            search(store, "network", "", page)


def test_a_kind_leaves_out_all_others_and_counts_them_nevertheless(store: Store) -> None:
    everything, cities = search(store, "bei", "", "1"), search(store, "bei", "city", "1")
    assert labels(cities) == ["Beijing"]
    assert cities["kinds"] == everything["kinds"]
    assert list(everything["kinds"]) == [kind for kind in KINDS if kind in everything["kinds"]]


def test_what_cannot_be_asked_is_refused_with_a_way_out(store: Store) -> None:
    with pytest.raises(BadValueError, match="at most 200 characters"):
        search(store, "x" * 10_000, "", "1")
    with pytest.raises(BadValueError, match="Did you mean 'city'"):
        search(store, "x", "cty", "1")


@pytest.mark.parametrize(
    ("text", "among"),
    [
        ("formal", "cd:Twinning"),
        ("who funded the work of cities", "passage:section-3.1-p5"),
        ("bull negotiation", "function:negotiating-agreements"),
        ("Roma Leeds Brno", "twinning:brno-leeds"),  # the note of its account speaks of them
        ("which cities are twinned with Leeds", f"{ns.QUERIES}twins-of-a-city"),
    ],
)
def test_words_of_a_text_find_what_it_speaks_of(store: Store, text: str, among: str) -> None:
    page = search(store, text, "", "1")
    pages = [page, *(search(store, text, "", str(number)) for number in range(2, page["pages"] + 1))]
    assert among in [ns.compact(one["iri"]) for each in pages for one in each["results"]]


def test_a_number_is_looked_for_as_a_whole(store: Store) -> None:
    found = search(store, "20", "twinning", "1")["results"]
    assert f"{ns.ID}twinning/beijing-copenhagen" not in [one["iri"] for one in found]  # since 2012


@pytest.mark.parametrize(("text", "near"), [("Birmingam", "Birmingham"), ("", None), ("zzz", None)])
def test_where_nothing_is_found_the_nearest_is_shown(store: Store, text: str, near: str | None) -> None:
    page = search(store, text, "", "1")
    assert page["results"] == []
    assert (page["near"][0]["label"]["text"] if page["near"] else None) == near


@pytest.mark.parametrize(
    ("text", "kinds", "first"),
    [
        ("birmingam", ["city"], "Birmingham"),
        ("macau", ["city"], "Macao"),
        ("c40", ["network"], "C40"),
        ("c40", ["membership"], "Membership of Hong Kong in C40"),
        ("twins-of-city", ["question"], "With which cities is a city twinned?"),
        ("themes", ["vocabulary", "concept"], "Themes"),
    ],
)
def test_a_wrong_name_leads_to_what_may_be_meant(store: Store, text: str, kinds: list[str], first: str) -> None:
    assert suggestions(store, text, kinds)[0]["label"]["text"] == first


@pytest.mark.parametrize("text", ["", "zzz", "x" * 10_000, "<script>", "\0"])
def test_nothing_may_be_meant_by_nothing(store: Store, text: str) -> None:
    assert suggestions(store, text, []) == []


@pytest.mark.parametrize(
    ("typed", "text", "kind", "is_question"),
    [
        ("birm", "Birmingham", "city", False),
        ("伯明", "Birmingham", "city", False),
        ("Birmingam", "Birmingham", "city", False),
        ("which city is twinned with birm", "which city is twinned with Birmingham", "city", True),
        ("who funds", "Who gives money to whom, how much and what for?", "question", False),
    ],
)
def test_what_is_typed_is_completed_by_names_questions_and_names_in_questions(
    store: Store, typed: str, text: str, kind: str, is_question: bool
) -> None:
    first = completions(store, typed)[0]
    assert (first["text"], first["about"]["kind"], first["is_question"]) == (text, kind, is_question)


@pytest.mark.parametrize("typed", ["", "!", "x" * 10_000, "xyzzy"])
def test_nothing_is_completed_by_nothing(store: Store, typed: str) -> None:
    assert completions(store, typed) == []


def test_what_people_call_a_thing_finds_it_first(store: Store) -> None:
    first = search(store, "canton", "", "1")["results"][0]
    assert (first["iri"], first["is_called_so"]) == (f"{ns.ID}city/guangzhou", True)


def test_a_name_of_one_word_is_not_found_within_the_words_of_others(store: Store) -> None:
    found = search(store, "CityNet", "", "1")
    assert found["results"][0]["iri"] == f"{ns.ID}network/citynet"
    assert "term" not in found["kinds"]  # association of cities: a city network
    assert "city network" in labels(search(store, "citynetw", "", "1"))


@pytest.mark.drawn
def test_numbers_and_long_phrases_are_found(both_reports: DataFolder) -> None:
    both = both_reports.scope(EVERYTHING).open()
    assert search(both, "1157603", "", "1")["results"][0]["iri"].endswith("population-birmingham")
    assert "RUSI 2025, section 1.1, paragraph 5" in labels(search(both, "encircle the cities from afar", "", "1"))


def test_a_statement_whose_text_is_its_label_stands_once(both_reports: DataFolder) -> None:
    (first, *_) = search(both_reports.scope(EVERYTHING).open(), "political cover", "recommendation", "1")["results"]
    assert (first["label"]["text"].startswith("Some interviewees want political cover"), first["about"]) == (True, None)


def test_a_field_for_things_of_some_kinds_is_completed_by_their_names_alone(store: Store) -> None:
    assert {one["about"]["kind"] for one in completions(store, "Leeds")} > {"city"}
    assert {one["about"]["kind"] for one in completions(store, "Leeds", kinds=["city"])} == {"city"}
    assert [one["text"] for one in completions(store, "GeoN", kinds=["source"])] == ["GeoNames"]
