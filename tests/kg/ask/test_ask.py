"""Questions in people's own words: what is understood, the status of answers, and the index, which follows changes."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from unittest.mock import patch
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.ask import AskAnswer, answers, ask, fitting, of_passages
from kg.ask.answerable import AlikeWording, agreement, alike_wordings
from kg.ask.fitting import QuestionsThatFit, known_fits
from kg.ask.taking import Taking
from kg.ask.telling import AnswerSentence
from kg.ask.texts import Texts, token
from kg.ask.understanding import Needs, Understanding
from kg.ask.wordings import wordings, wordings_of_passages
from kg.names import Names
from kg.names.name_index import ChangedIris, Revision
from kg.queries import canned_queries, find_query
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.scopes import EVERYTHING
from kg.rdf.vocabulary import CD, RDF, SKOS
from kg.store import DataFolder
from tests.support.stores import with_union

KNOWN = Path(__file__).parents[3] / "bench" / "ask" / "known.csv"


def questions() -> list[dict[str, str]]:
    with KNOWN.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def both(both_reports: DataFolder) -> Store:
    return both_reports.scope(EVERYTHING).open()


def said(found: AskAnswer) -> list[str]:
    return [sentence["text"] for answer in found["answers"] for sentence in answer["sentences"]]


def cited(found: AskAnswer) -> set[str]:
    return {iri for answer in found["answers"] for sentence in answer["sentences"] for iri in sentence["passages"]}


def on_page(found: AskAnswer) -> list[AnswerSentence]:
    return [sentence for one in (*found["answers"], *found["passages"]) for sentence in one["sentences"]]


@pytest.mark.drawn
def test_a_twin_that_other_passages_deny_is_answered_with_the_denial(both: Store) -> None:
    found = ask(both, "Which Chinese city is Brum twinned with?")
    assert found["status"] == "answered"
    first = found["answers"][0]
    assert (first["question"], first["parameters"]) == ("twins-of-a-city", {"thing": "city:birmingham"})
    (listed,) = [one for one in first["sentences"] if one["text"] == "Guangzhou is a major twin of Birmingham."]
    assert listed["passages"] == [f"{ns.ID}passage/table-2"]
    assert {(one["kind"], one["passage"]) for one in listed["objections"]} == {
        ("denies", f"{ns.ID}passage/table-1"),
        ("denies", f"{ns.ID}passage/section-3.1-p2"),
    }


@pytest.mark.parametrize(
    ("question", "status", "sentence"),
    [
        ("does York have a Chinese twin?", "denied", "Where an official Chinese twin of York would stand"),
        ("深圳有没有英国的姐妹城市", "denied", "Table 2 prints n.a. where a major UK twin of Shenzhen would stand."),
        ("伯明翰的友好城市有哪些？", "answered", "广州是伯明翰的主要友好城市。"),
        ("苏州有英国的友好城市吗？", "not-found", ""),
        ("Which Chinese city is Portsmouth twinned with?", "not-found", ""),
        ("UK city with an office of its own in Brussels", "answered", "Bristol"),
        ("growth of Chinese sister-city ties in the Asia-Pacific 2000-2018", "answered", "950"),
        ("how many arrested after the violence in Manchester in 2022", "not-found", ""),
        ("who is the best twin", "not-found", ""),
        ("SELECT * WHERE { ?s ?p ?o }", "not-found", ""),
        ("<script>alert(1)</script>", "not-found", ""),
        ("Кто побратим Лидса?", "not-found", ""),
        ('" OR NEAR( * ^ : -', "not-found", ""),
        ("", "not-found", ""),
    ],
)
@pytest.mark.drawn
def test_each_question_has_the_status_that_the_sources_give_it(
    both: Store, question: str, status: str, sentence: str
) -> None:
    found = ask(both, question)
    assert found["status"] == status
    assert sentence in " ".join(said(found))
    assert bool(said(found)) == (status in ("answered", "denied"))


@pytest.mark.parametrize(
    ("question", "status", "passage", "sentence"),
    [
        ("Is Qingdao twinned with a British city?", "answered", "section-4.2-p2", "UK twinnings of Jinan and Qingdao"),
        ("twin city of Jinan", "answered", "rusi-2025/section-3.1-p2", "Coventry and Jinan"),
        ("twin city of Changsha", "answered", "section-4.2-p2", "twins in Australia"),
        ("With which cities was Doncaster twinned?", "answered", "section-4.1-p1", "five sister cities"),
        ("Has Wallingford a twin?", "answered", "section-3.1-p2", "reduce their twinnings"),
        ("twin cities of New York", "answered", "section-2.1-p5", "many sistering arrangements"),
        ("twin city of Barcelona", "answered", "section-4.1-p1", "27"),
        ("twin cities of Yokohama", "answered", "table-3", "Yokohama is a major twin of Shanghai"),
        ("twin city of York", "denied", "table-1", "official Chinese twin of York"),
        ("twin city of Oxford", "denied", "table-1", "official Chinese twin of Oxford"),
        (
            "friendship city of Kaohsiung",
            "answered",
            "rusi-2025/section-3.3-p3",
            "friendship between Edinburgh and Kaohsiung",
        ),
        ("Which British city is Kaohsiung twinned with?", "not-found", "rusi-2025/section-3.3-p3", ""),
    ],
)
def test_twins_that_no_passage_names_are_told_by_what_is_said_of_them(
    both: Store, question: str, status: str, passage: str, sentence: str
) -> None:
    found = ask(both, question)
    assert found["status"] == status
    if sentence:
        assert f"{ns.ID}passage/{passage}" in cited(found)
        assert sentence in " ".join(said(found))
    else:
        assert f"{ns.ID}passage/{passage}" == found["passages"][0]["iri"]


def test_nothing_is_said_of_it_only_if_all_works_that_are_asked_are_held(both_reports: DataFolder) -> None:
    found = {scope: ask(both_reports.scope(scope).open(), "twin city of Cambridge") for scope in ("report", EVERYTHING)}
    assert {scope: (one["status"], one["notSaidBy"]) for scope, one in found.items()} == {
        "report": ("not-said", ["CLI 2016"]),
        EVERYTHING: ("not-found", ["CLI 2016"]),
    }


def test_a_group_has_the_members_that_its_passage_names(both: Store) -> None:
    found = ask(both, "Has Wallingford a twin?")
    (listed,) = [one for one in found["answers"] if one["parameters"] == {"passage": "passage:section-3.1-p2"}]
    assert [one["text"] for one in listed["sentences"]] == ["Members of Key Cities include Doncaster and Wallingford."]


def test_of_an_activity_a_passage_tells_what_it_says_itself(both: Store) -> None:
    found = ask(both, "为什么英国地方政府不太愿意和中国打交道")
    (told,) = [one for one in on_page(found) if one["text"].startswith("The RUSI paper looks at")]
    assert [iri.rpartition("/")[2] for iri in told["passages"]] == ["summary-p1"]
    assert "literature review" not in told["text"]  # which another passage says


@pytest.mark.parametrize(
    ("question", "name", "parameters"),
    [
        ("Which Chinese city is Leeds twinned with?", "twins-of-a-city", {"thing": "city:leeds"}),
        ("How many people have come on BN(O) visas?", "numbers", {"thing": "group:hong-kong-bno-visa-holders"}),
        ("What is paradiplomacy?", "definitions-of-terms", {"thing": "term:paradiplomacy"}),
        (
            "Which UK cities are members of C40?",
            "memberships",
            {"other": "network:c40", "country": "country:united-kingdom"},
        ),
        (
            "哪些外国城市在中国有办事处？",
            "offices",
            {"kind": "tie:office-abroad", "country": "country:china"},
        ),
        ("纽卡斯尔的友好城市", "twins-of-a-city", {"thing": "city:newcastle-upon-tyne"}),
    ],
)
def test_questions_that_fit_have_values_from_words_and_from_what_answers(
    both: Store, question: str, name: str, parameters: dict[str, str]
) -> None:
    found = ask(both, question)["questions"]
    assert (name, parameters) in [(one["question"], one["parameters"]) for one in found]
    left_out = [f"{ns.QUERIES}{name}"]
    assert name not in [one["question"] for one in ask(both, question, left_out)["questions"]]


def test_questions_that_fit_one_in_chinese_have_their_titles_in_chinese(both: Store) -> None:
    found = ask(both, "纽卡斯尔的友好城市")["questions"]
    assert [one["title"].rpartition("：")[2] for one in found] == [find_query(one["question"]).zh for one in found]
    assert [one["title"] for one in ask(both, "twin cities of Newcastle")["questions"]] != []
    assert all(one["title"].isascii() for one in ask(both, "twin cities of Newcastle")["questions"])


def test_questions_that_fit_are_of_the_city_that_is_named_and_of_no_other(both: Store) -> None:
    found = [one for one in ask(both, "Is York twinned with a Chinese city?")["questions"] if one["names"]]
    assert found
    for one in found:
        assert {*one["parameters"].values()} <= {"city:york", "country:china", "tie:twinning"}
        assert all(name in one["title"] for name in one["names"])


def test_the_heading_of_an_answer_is_in_the_language_of_the_question(both: Store) -> None:
    first = ask(both, "利兹的友好城市是哪个？")["answers"][0]
    assert first["title"] == f"利兹：{find_query('twins-of-a-city').zh}"
    assert ask(both, "twin cities of Leeds")["answers"][0]["title"] == "With which cities is Leeds twinned?"


@pytest.mark.parametrize(
    "question",
    [
        "how many people work on China in Leeds city council",
        "number of people employed in Brighton's international unit",
        "深圳一共有多少个友好城市？",
    ],
)
def test_inhabitants_are_no_answer_to_how_many_there_are_of_others(both: Store, question: str) -> None:
    assert "inhabitants" not in str(said(ask(both, question)))
    assert said(ask(both, "population of Manchester"))[0].startswith("Manchester has 568,996 inhabitants")


def test_words_that_nobody_asks_with_are_like_no_question(both: Store) -> None:
    assert ask(both, "you idiots")["passages"] == []


def test_a_value_with_which_a_question_has_no_rows_is_not_offered(both: Store) -> None:
    """Newcastle funds nothing and wrote nothing, so its questions are others."""
    taking = Taking(both, Understanding("Newcastle"))
    authors = find_query("publications-by-author").parameter("thing")
    assert taking.has_rows(authors, "person:michele-acuto")
    assert not taking.has_rows(authors, "city:newcastle-upon-tyne")
    found = ask(both, "Who wrote the publications of Newcastle?")["questions"]
    assert ("publications-by-author", "city:newcastle-upon-tyne") not in [
        (one["question"], one["parameters"].get("thing")) for one in found
    ]


@pytest.mark.parametrize(
    ("question", "is_offered", "name", "values"),
    [
        ("哪些英国大学在中国办了校区？", False, "what-networks-do", {}),
        ("who pays for delegation trips to China", False, "who-funds-what", {"thing": "country:china"}),
        (
            "What is New York's Global Partners for?",
            True,
            "what-networks-do",
            {"thing": "organisation:nyc-global-partners"},
        ),
    ],
)
def test_a_question_that_would_open_an_empty_table_is_not_offered(
    both: Store, question: str, is_offered: bool, name: str, values: dict[str, str]
) -> None:
    offered = ask(both, question)["questions"]
    assert any(one["question"] == name and values.items() <= one["parameters"].items() for one in offered) == is_offered


def test_a_thing_is_not_narrowed_by_the_country_where_it_is_or_is_not(both: Store) -> None:
    for question in ("How many events of Zheng Zeguang in China?", "Which Chinese city is Oxford twinned with?"):
        for one in ask(both, question)["questions"]:
            own = one["question"] in ("absences", "memberships", "numbers", "offices")
            assert not (own and {"thing", "country"} <= {*one["parameters"]}), one


def test_the_canned_questions_of_which_it_is_known_that_they_fit_are_asked_with_their_parameters() -> None:
    assert len({question for question, _ in known_fits()}) > 300
    for _, (name, values) in known_fits():
        assert {one for one, _ in values} <= {one.name for one in canned_queries()[name].parameters}


def test_a_question_like_one_that_is_known_has_what_fits_that(both: Store) -> None:
    """Nothing in the words of the question leads from settlers to the group of those with such visas."""
    wanted = ("what-is-said", frozenset([("thing", "group:hong-kong-bno-visa-holders")]))

    def offered() -> list[tuple[str, frozenset[tuple[str, str]]]]:
        found = ask(both, "Did settlers alter town halls?")["questions"]
        return [(one["question"], frozenset(one["parameters"].items())) for one in found]

    known = QuestionsThatFit([("What did the settlers alter for town halls?", wanted)])
    with patch.object(fitting, "questions_that_fit", lambda: known):
        assert wanted in offered()
    with patch.object(fitting, "questions_that_fit", lambda: QuestionsThatFit([])):
        assert wanted not in offered()


def test_questions_are_alike_by_rare_words_that_they_share() -> None:
    known = QuestionsThatFit([(f"Is a city in {one}?", (one, frozenset())) for one in ("Asia", "Europe", "Africa")])
    alike = known.alike("Asia: is it in Europe?")
    assert 0 < alike["Africa", frozenset()] < alike["Asia", frozenset()] < alike["Europe", frozenset()] < 1
    assert QuestionsThatFit([]).alike("Asia") == {}


def test_whether_a_city_is_twinned_is_asked_also_where_no_twin_is_named(both: Store) -> None:
    found = ask(both, "Is Cambridge twinned with a city in China?")["questions"]
    assert ("twins-of-a-city", {"thing": "city:cambridge"}) in [(one["question"], one["parameters"]) for one in found]


TEN_THAT_LOOK_ALIKE = {
    "answered": [
        "Which Chinese city is Leeds twinned with?",
        "Has Bristol a twin in China?",
        "twin cities of Manchester",
        "How many twins has Beijing?",
        "When did Sheffield and Anshan become twins?",
        "UK city with an office of its own in Brussels",
        "To which networks does Wuhan belong?",
        "伯明翰的友好城市有哪些？",
        "twin city of Barcelona",
        "Is Qingdao twinned with a British city?",
    ],
    "denied": [
        "does York have a Chinese twin?",
        "twin city of Oxford",
        "Is Shenzhen twinned with a British city?",
        "Has Hong Kong a sister city?",
        "Does Tianjin have a twin in the UK?",
        "twin city of Macao",
        "澳门有英国的友好城市吗？",
        "Has Barcelona a Chinese twin?",
        "牛津有中国友好城市吗？",
        "香港有友好城市吗？",
    ],
    "complete": [
        "Is Leeds twinned with Beijing?",
        "Is Cardiff twinned with Wuhan?",
        "Is Bristol twinned with Shanghai?",
        "Is Liverpool twinned with Chengdu?",
        "Is Nottingham a twin of Beijing?",
        "Is Glasgow twinned with Guangzhou?",
        "Is Newcastle twinned with Tianjin?",
        "Is London twinned with Chongqing?",
        "Are Beijing and Leeds twins?",
        "利兹和北京是友好城市吗？",
    ],
    "not-said": [
        "twin city of Cambridge",
        "twin city of Milton Keynes",
        "Has Brighton and Hove a twin?",
        "Is Cambridge twinned with a city in China?",
        "Is Cork twinned with a British city?",
        "twin city of Udine",
        "Is Florence twinned with a Chinese city?",
        "剑桥有中国友好城市吗？",
        "twin city of Brussels",
        "Is Leeds twinned with a city in Japan?",
    ],
    "not-found": [
        "Which Chinese city is Portsmouth twinned with?",
        "Is Cambridge twinned with a city in China?",
        "twin city of Milton Keynes",
        "How many tourists from China came to Sheffield?",
        "What was the response rate of CLI's survey of UK cities?",
        "How much does a twinning cost a year?",
        "苏州有英国的友好城市吗？",
        "Which British city is Kaohsiung twinned with?",
        "who is the best twin",
        "Кто побратим Лидса?",
    ],
}
"""Questions that look like another of another status; those of `not-said` are asked of the first report alone."""


@pytest.mark.parametrize("status", TEN_THAT_LOOK_ALIKE)
def test_questions_that_look_like_another_have_a_status_of_their_own(
    both_reports: DataFolder, both: Store, status: str
) -> None:
    store = both_reports.scope("report").open() if status == "not-said" else both
    found = {question: ask(store, question)["status"] for question in TEN_THAT_LOOK_ALIKE[status]}
    assert found == dict.fromkeys(found, status)
    assert len(found) == 10


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("what is city diplomacy", "City diplomacy is taken to mean that representatives of cities"),
        ("What does paradiplomacy mean?", "As first used, 'paradiplomacy' stood for"),
        ("“平行外交”是什么意思？", "As first used, 'paradiplomacy' stood for"),
    ],
)
@pytest.mark.drawn
def test_a_term_alone_is_answered_by_how_passages_define_it(both: Store, question: str, sentence: str) -> None:
    found = ask(both, question)
    assert found["answers"][0]["question"] == "definitions-of-terms"
    assert sentence in " ".join(said(found))


@pytest.mark.parametrize(
    ("name", "thing"), [("Leeds", "city:leeds"), ("伯明翰", "city:birmingham"), ("C40", "network:c40")]
)
def test_a_name_alone_is_answered_by_what_is_said_of_the_thing(both: Store, name: str, thing: str) -> None:
    found = ask(both, name)
    first = found["answers"][0]
    assert (found["status"], first["question"], first["parameters"]) == ("answered", "what-is-said", {"thing": thing})


def test_a_name_alone_opens_with_what_the_thing_is(both: Store) -> None:
    first = [one["text"] for one in ask(both, "Core Cities")["answers"][0]["sentences"]]
    assert "advocacy group" in first[0]
    assert "began in 1995" in first[0]
    assert first[2].startswith("There are ten")


@pytest.mark.drawn
def test_of_two_cities_a_tie_between_them_is_told_and_no_other(both: Store) -> None:
    first = ask(both, "Is Leeds twinned with Hangzhou?")["answers"][0]
    assert (first["question"], first["rows"]) == ("twins-of-a-city", 1)
    assert "Leeds is an official twin of Hangzhou." in [one["text"] for one in first["sentences"]]


@pytest.mark.parametrize(
    ("question", "is_meant"),
    [("Which Chinese city is Leeds twinned with?", False), ("Has Sheffield a Chinese twin in Table 1?", True)],
)
def test_who_objects_to_a_whole_table_is_told_to_those_who_ask_of_what_is_objected(
    both: Store, question: str, is_meant: bool
) -> None:
    (whole,) = [one for one in on_page(ask(both, question)) if one["text"].startswith("Table 1 gives, by its caption")]
    assert ["Chengdu and Sheffield" in one["text"] for one in whole["objections"]] == [True] * is_meant


def test_a_quarrel_is_told_once_on_a_page(both: Store) -> None:
    shown = on_page(ask(both, "Is Birmingham twinned with Guangzhou?"))
    listed = next(one for one in shown if one["text"] == "Guangzhou is a major twin of Birmingham.")
    assert [one["kind"] for one in listed["objections"]] == ["denies", "denies"]
    raised = [one["text"] for sentence in shown for one in sentence["objections"]]
    assert any("Changchun" in one for one in raised)
    assert len(raised) == len({*raised})
    assert not any("Guangzhou is a major twin of Birmingham" in one for one in raised)


def test_nobody_objects_below_a_sentence_that_stands_beside_the_answer(both: Store) -> None:
    shown = on_page(ask(both, "what is a latent network"))
    assert any("often latent" in one["text"] for one in shown)  # of twinnings, to which others object
    assert not any(one["objections"] for one in shown)


def test_a_text_that_asks_nothing_is_answered_by_what_is_said_of_it(both: Store) -> None:
    assert ask(both, "due diligence on visiting delegations")["status"] == "answered"
    assert ask(both, "who did due diligence on visiting delegations")["status"] == "not-found"


def test_words_that_no_passage_shown_has_are_said(both: Store) -> None:
    assert ask(both, "Was any councillor arrested for spying for China?")["notInPassages"] == ["spying"]
    found = ask(both, "Which UK cities have staff in Wuhan?")  # “unit”, as in United Kingdom, is no word for it
    assert (found["status"], found["notInPassages"]) == ("not-found", ["staff"])
    assert ask(both, "Why did Nottingham keep its link with Ningbo?")["notInPassages"] == []
    census = "2021年人口普查 英格兰 威尔士 华人 人数"  # the passage has the census, and is in English
    assert ask(both, census)["notInPassages"] == []


@pytest.mark.parametrize(
    "question",
    ["为什么英国地方政府不太愿意和中国打交道", "why are UK local authorities reluctant to engage with China"],
)
def test_who_asks_why_somebody_is_reluctant_is_told_what_holds_him_back(both: Store, question: str) -> None:
    found = ask(both, question)
    assert found["status"] == "answered"
    assert any("main factor" in one["text"] for one in found["answers"][0]["sentences"])


def test_another_spelling_is_shown_as_it_is_printed(both: Store) -> None:
    shown = on_page(ask(both, "When did Sheffield and Anshan become twins?"))
    (spelt,) = [one["text"] for said in shown for one in said["objections"] if one["kind"] == "spelt-otherwise"]
    assert spelt.endswith("Printed as “ANSHANG”.")


def test_a_long_chinese_name_is_not_found_in_texts_that_share_a_part_of_it(both: Store) -> None:
    answers = ask(both, "中国人民对外友好协会是什么机构?")["answers"]
    assert any("leading body" in said["text"] for one in answers for said in one["sentences"])
    assert not any("United Kingdom could have" in said["text"] for one in answers for said in one["sentences"])


def test_the_year_of_a_chapter_objects_to_nothing_that_is_said_of_its_subject(both: Store) -> None:
    raised = [one["text"] for sentence in on_page(ask(both, "what is paradiplomacy")) for one in sentence["objections"]]
    assert raised
    assert not any("chapter" in one for one in raised)


@pytest.mark.drawn
def test_what_one_passage_alone_says_in_full_is_an_answer_though_the_words_are_few(both: Store) -> None:
    assert ask(both, "Is a Lord Mayor of any use in dealings with the Chinese?")["status"] == "answered"
    assert ask(both, "what was Africa's first sister city pair")["status"] == "not-found"
    assert ask(both, "Section 4, paragraph 1")["status"] == "not-found"  # words of no statement


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("what was China's first sister city pair", "section-3.2-p2"),  # its words: sister-city tie, Tianjin, Kobe
        ("who keeps the list of twin towns with China", "rusi-2025/annex"),
    ],
)
def test_a_wording_of_a_passage_in_other_words_is_answered_by_it(both: Store, question: str, passage: str) -> None:
    found = ask(both, question)
    assert found["status"] == "answered"
    assert f"{ns.ID}passage/{passage}" in cited(found)


def test_what_is_no_certain_answer_stands_below_its_passage(both: Store) -> None:
    found = ask(both, "how many times did ambassador zheng go outside london")
    assert (found["status"], found["answers"]) == ("not-found", [])
    below = [[one["text"] for one in passage["sentences"]] for passage in found["passages"]]
    assert below[0][0].startswith("There are 53 events of Ambassador Zheng")
    assert all(1 <= len(texts) <= 3 for texts in below[:3])
    assert below[3:] == [[], []]


@pytest.mark.parametrize("question", ["Core Cities", "Why does Hong Kong have no sister cities?", "Newcastle Taiyuan"])
def test_no_sentence_stands_twice_on_a_page(both: Store, question: str) -> None:
    found = ask(both, question)
    below = [one["text"] for passage in found["passages"] for one in passage["sentences"]]
    assert below
    assert len({*said(found), *below}) == len(said(found)) + len(below)


@pytest.mark.parametrize(
    ("question", "listed"),
    [
        (
            "Which UK cities were twinned with China in 1983?",
            [
                "Coventry and Jinan became twins in 1983.",
                "Cardiff and Xiamen became twins in 1983.",
                "Anshan and Sheffield became twins in 1983.",
                "Birmingham and Changchun became twins in 1983.",
            ],
        ),
        (
            "five functions of diplomacy bull",
            [
                "Bull names the negotiation of agreements as one of five core functions of diplomacy.",
                "Bull names the facilitation of communication as one of five core functions of diplomacy.",
                "Bull names the gathering of information as one of five core functions of diplomacy.",
                "Bull names the prevention of conflicts as one of five core functions of diplomacy.",
                "One of the five core functions of diplomacy that Bull names is to symbolise that an international "
                "society exists.",
            ],
        ),
    ],
)
def test_statements_of_one_kind_that_fit_as_well_are_listed_to_the_last(
    both: Store, question: str, listed: list[str]
) -> None:
    first = ask(both, question)["answers"][0]
    assert {*listed} <= {one["text"] for one in first["sentences"]}
    assert first["more"] == 0


@pytest.mark.parametrize(
    ("question", "values", "passages"),
    [
        ("how do the texts differ on Birmingham", {"thing": "city:birmingham"}, ["section-3.1-p2", "table-2"]),
        ("do the two reports disagree on Birmingham", {"thing": "city:birmingham"}, ["section-3.1-p2", "table-2"]),
        ("what do the sources contradict each other on", {}, ["section-3.1-p2", "table-2"]),
        ("where do the reports disagree about Leeds", {"thing": "city:leeds"}, ["table-1", "table-2"]),
        ("两份报告对伯明翰的说法有何不同", {"thing": "city:birmingham"}, ["section-3.1-p2", "table-2"]),
    ],
)
def test_who_asks_where_texts_disagree_is_told_the_disagreements(
    both: Store, question: str, values: dict[str, str], passages: list[str]
) -> None:
    found = ask(both, question)
    (answer,) = found["answers"]
    assert (found["status"], answer["question"], answer["parameters"]) == ("answered", "disagreements", values)
    assert [f"{ns.PREFIXES['passage']}{one}" for one in passages] in [one["passages"] for one in answer["sentences"]]
    assert answer["more"] == answer["rows"] - len(answer["sentences"])
    assert found["notUnderstood"] == found["notInPassages"] == []


@pytest.mark.parametrize("question", ["How do Birmingham and Leeds differ", "How does Birmingham differ", "Birmingham"])
def test_who_asks_how_things_differ_is_told_no_disagreements_of_texts(both: Store, question: str) -> None:
    assert "disagreements" not in {one["question"] for one in ask(both, question)["answers"]}


def test_an_answer_says_how_many_ties_of_a_canned_query_are_left(both: Store) -> None:
    first = ask(both, "Twins of Shanghai")["answers"][0]
    with patch.object(answers, "MOST_SENTENCES", 50):
        whole = ask(both, "Twins of Shanghai")["answers"][0]
    shown, names = (" ".join(one["text"] for one in each["sentences"]) for each in (first, whole))
    twins = {"Liverpool", "London", "Yokohama", "Osaka", "San Francisco"}
    assert (len(first["sentences"]), whole["more"]) == (5, 0)
    assert first["more"] == len({one for one in twins if one in names and one not in shown}) > 0


def test_a_list_that_is_too_long_says_how_many_are_left(both: Store) -> None:
    whole = ask(both, "Which UK cities were twinned with China in 1983?")["answers"][0]
    with patch.object(of_passages, "_MOST_LIKELY", 3):
        cut = ask(both, "Which UK cities were twinned with China in 1983?")["answers"][0]
    assert cut["more"] == len(whole["sentences"]) - 3 > 0


def test_a_wording_is_most_like_itself_and_then_like_those_with_its_rarest_words() -> None:
    found = alike_wordings("which government department asked for this research")
    assert (found[0].says, round(found[0].likeness, 6)) == ("which government department asked for this research", 1.0)
    assert [one.likeness for one in found] == sorted((one.likeness for one in found), reverse=True)
    assert found[1].likeness < 0.9
    assert {one.is_answered for one in found} == {True, False}
    assert alike_wordings("Кто побратим?") == []


def test_passages_agree_with_a_question_by_how_many_of_the_wordings_like_it_they_answer() -> None:
    one, other, none = [AlikeWording(name, "says", name != "none", 0.5) for name in ("one", "other", "none")]
    assert agreement([one, other, none, one], ["one"]) == 0.5
    assert agreement([none, none], ["none"]) == 0.0
    assert agreement([], ["one"]) == 0.0
    assert agreement([one] * 10 + [none] * 10, ["one"]) == 1.0  # the ten that are most like it


def test_wordings_of_a_work_that_is_not_asked_lead_to_none_of_its_passages(both_reports: DataFolder) -> None:
    question = "full list of sister city pairs"
    found = {scope: ask(both_reports.scope(scope).open(), question) for scope in ("report", EVERYTHING)}
    of_rusi = {scope: ["/rusi-2025/" in passage["iri"] for passage in one["passages"]] for scope, one in found.items()}
    assert of_rusi[EVERYTHING][0]
    assert not any(of_rusi["report"])


def test_each_passage_has_wordings_and_each_wording_a_passage(both: Store) -> None:
    passages = {str(quad.subject.value) for quad in match(both, None, RDF.type, CD.Passage, None)}
    of_works = {iri for iri in passages if any(match(both, NamedNode(iri), CD.statementGraph, None, None))}
    worded = wordings_of_passages()
    assert worded.keys() <= passages
    assert of_works <= worded.keys()
    every = [one for several in worded.values() for one in several]
    answered, others = ({one.says for one in every if one.is_answered is of} for of in (True, False))
    assert min(len(answered), len(others)) > 9_000
    assert answered.isdisjoint(others)
    assert all(one.says.strip() and len(one.says) < 120 for one in every)


def test_a_bare_denial_is_no_reason(both: Store) -> None:
    found = ask(both, "香港为什么没有友好城市？")
    assert found["status"] == "answered"
    assert "Hong Kong has no sister cities." not in said(found)
    assert ns.expand("passage:section-3.2-p7") in cited(found)


def test_a_word_with_a_slip_is_read_as_another_and_said_so(both: Store) -> None:
    found = ask(both, "twin cities of Liverpol")
    assert found["readAs"] == [{"text": "Liverpol", "as": "Liverpool"}]
    assert found["answers"][0]["parameters"] == {"thing": "city:liverpool"}
    assert ask(both, "twin cities of Liverpool")["readAs"] == []


def test_an_abbreviation_with_two_letters_exchanged_is_read_as_the_other_and_said_so(both: Store) -> None:
    found = ask(both, "members of UCGL")
    assert found["readAs"] == [{"text": "UCGL", "as": "United Cities and Local Governments (UCLG)"}]
    assert found["answers"][0]["parameters"] == {"other": "network:uclg"}
    assert ask(both, "members of UCXL")["notUnderstood"] == ["UCXL"]


@pytest.mark.parametrize("word", ["国外", "外国", "abroad", "foreign"])
def test_what_is_abroad_is_no_ministry(both: Store, word: str) -> None:
    assert ask(both, word)["things"] == []
    assert "foreign-commonwealth" in ask(both, "the Foreign Office")["things"][0]["iri"]


def test_a_census_is_found_by_its_chinese_name(both: Store) -> None:
    assert any("445,000 people in England and Wales" in one for one in said(ask(both, "人口普查")))


def test_what_is_not_understood_is_named_and_a_long_text_is_read_in_part(both: Store) -> None:
    assert ask(both, "Which Chinese city is Portsmouth twinned with?")["notUnderstood"] == ["Portsmouth"]
    found = ask(both, "twin cities of Leeds" + " and so on" * 1_000)
    assert [text[:10] for text in found["notUnderstood"]] == ["on and so "]
    assert found["answers"][0]["parameters"] == {"thing": "city:leeds"}


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ("成都和维也纳是友好城市吗？", "维也纳"),
        ("维也纳和成都结好了没有", "维也纳"),
        ("慕尼黑有哪些友好城市？", "慕尼黑"),
        ("英国有没有城市跟朝鲜的城市结好？", "朝鲜"),
        ("is leeds twinned with vienna", "vienna"),
        ("Is Leeds twinned with Vienna?", "Vienna"),
    ],
)
def test_what_stands_where_a_name_does_and_is_unknown_has_no_answer(both: Store, question: str, unknown: str) -> None:
    found = ask(both, question)
    assert (found["status"], found["answers"], found["notUnderstood"]) == ("not-found", [], [unknown])


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ("explain what a twinning or 'sistering' deal between cities is pls", []),
        ("When did Doncaster dump its twin towns and how many were there?", ["dump"]),
        ("Bull splits diplomacy into five jobs, wich ones?", ["wich"]),
        ("听说利兹有友好城市", []),
    ],
)
def test_words_that_nobody_else_asks_with_let_a_question_be_answered(
    both: Store, question: str, unknown: list[str]
) -> None:
    found = ask(both, question)
    assert (found["status"], found["notUnderstood"]) == ("answered", unknown)


def test_the_questions_of_others_name_passages_that_there_are(both: Store) -> None:
    passages = {str(quad.subject) for quad in match(both, None, RDF.type, CD.Passage, None)}
    rows = questions()
    named = {f"<{ns.ID}passage/{name}>" for row in rows for name in row["passages"].split()}
    assert len({row["id"] for row in rows}) == len(rows) == 300
    assert named <= passages


@pytest.mark.drawn
def test_questions_of_others_find_a_passage_and_a_sentence_that_answer(both: Store) -> None:
    """Each eighth question: `python -m bench ask` has all, with intervals."""
    rows = [row for row in questions() if row["passages"]][::8]
    found = [ask(both, row["question"]) for row in rows]
    right = [{f"{ns.ID}passage/{name}" for name in row["passages"].split()} for row in rows]
    first = [{passage["iri"] for passage in one["passages"][:3]} for one in found]
    assert len(rows) == 30
    assert sum(not wanted.isdisjoint(shown) for wanted, shown in zip(right, first, strict=True)) >= 24
    assert sum(not wanted.isdisjoint(cited(one)) for wanted, one in zip(right, found, strict=True)) >= 18


@pytest.mark.parametrize(
    ("question", "answering", "other"),
    [
        ("How many twins has Beijing?", "Beijing has 47 twins.", "Table 2 lists twins since 1986 (Section 3)."),
        ("Since when are Leeds and Hangzhou twins?", "Twins since 1988.", "RUSI 2025: twins of three kinds."),
        ("How much does it cost?", "It costs £20,000.", "It costs 20 officers."),
        ("Who commissioned it, and why?", "The Foreign Office did.", "Its funding was cut."),
        ("How is a second-tier city defined?", "The term stands for any other.", "There are many."),
        ("What was the rate of replies?", "Of the cities 46% replied.", "The cities were surveyed."),
        ("香港为什么没有友好城市？", "It deals with nations only.", "It has no sister city."),
        ("中国驻曼彻斯特总领事是谁？", "Zheng Zeguang holds the post.", "China has a consulate in Manchester."),
    ],
)
def test_a_sentence_answers_if_it_has_the_kind_of_thing_asked_for(question: str, answering: str, other: str) -> None:
    assert Needs(question).are_met_by([answering])
    assert not Needs(question).are_met_by([other])


def test_wordings_are_of_questions_and_kinds_that_there_are(both: Store) -> None:
    assert wordings().questions.keys() | wordings().rows.keys() <= canned_queries().keys()
    kinds = {kind for kinds in wordings().held.values() for kind in kinds}
    assert all(any(match(both, NamedNode(f"{ns.VOCABULARY}tie-kind/{kind}"), None, None, None)) for kind in kinds)


LEEDS, HANGZHOU, TIE, ACCOUNT, FINDING = [
    NamedNode(ns.expand(name) or "") for name in ("city:leeds", "city:hangzhou", "twinning:a", "account:a", "finding:a")
]
ONE, TWO = [NamedNode(ns.expand(name) or "") for name in ("source:one", "passage:two")]
GRAPH = NamedNode(f"{ns.GRAPH}curated/one")
POOL = [
    *(Quad(thing, CD.statedIn, source, GRAPH) for thing in (ACCOUNT, FINDING) for source in (ONE, TWO)),
    *(Quad(TIE, CD.twin, city, GRAPH) for city in (LEEDS, HANGZHOU)),
    *(Quad(FINDING, CD.about, thing, GRAPH) for thing in (LEEDS, TIE)),
    *(Quad(FINDING, CD.says, Literal(text, language="en"), GRAPH) for text in ("Mills of old.", "Silk, too.")),
    *(
        Quad(thing, SKOS.prefLabel, Literal(thing.value[-4:], language="en"), GRAPH)
        for thing in (LEEDS, HANGZHOU, TIE, FINDING)
    ),
    *(Quad(thing, SKOS.altLabel, Literal("利兹市", language="zh-hans"), GRAPH) for thing in (LEEDS, HANGZHOU)),
    *(Quad(source, CD.entry, Literal(True), GRAPH) for source in (ONE, TWO)),
    Quad(ACCOUNT, CD.accountOf, TIE, GRAPH),
    Quad(TWO, CD.paraphrase, Literal("Silk and mills.", language="en"), GRAPH),
]
OTHERS = frozenset(
    Quad(NamedNode(f"{ns.ID}city/other-{number}"), SKOS.prefLabel, Literal(f"Other {number}"), GRAPH)
    for number in range(60)
)
"""So many that an index is moved on and not made anew."""
EXPRESSIONS = (
    "silk OR mills",
    "利兹 OR 兹市",
    f"things : {token(LEEDS.value)}",
    f"things : {token(TIE.value)}",
    "eeds",
)


def texts_of(names: Names) -> list[list[tuple[str, str, float]]]:
    """What the index of texts finds."""
    with names.index() as index:
        texts = index.part(Texts, names.store)
        weights = [texts.weigh(expression) for expression in EXPRESSIONS]
        return [sorted((*texts.places[row], round(weight, 6)) for row, weight in found.items()) for found in weights]


def revisions(states: Sequence[frozenset[Quad]]) -> list[tuple[Store, Revision]]:
    line = uuid4().hex

    def touched(number: int, other: str) -> ChangedIris:
        first, last = sorted((number, int(other)))
        changes = (one ^ following for one, following in zip(states[first:last], states[first + 1 :], strict=False))
        return ChangedIris.of(frozenset[Quad]().union(*changes))

    return [
        (with_union(state), Revision(line, str(number), lambda other, number=number: touched(number, other)))
        for number, state in enumerate(states)
    ]


@given(st.integers(0, 10**9))
@pytest.mark.drawn
def test_texts_at_any_revision_are_as_if_they_were_read_anew(seed: int) -> None:
    of = random.Random(seed)
    changes = [frozenset(of.sample(POOL, 3)) for _ in range(4)]
    begun = OTHERS.union(of.sample(POOL, len(POOL) * 2 // 3))
    known = revisions([*accumulate((*changes, changes[-1]), frozenset.symmetric_difference, initial=begun)])
    for store, revision in (*known, *of.sample(known, 2)):
        assert texts_of(Names(store, revision)) == texts_of(Names(store))
