"""Works, their sections and passages: of the real graph, and of a second work beside a first."""

from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.errors import BadValueError, UnknownNameError
from kg.publish.works import (
    disagreements,
    twinning_evidence,
    work_contents,
    work_passage,
    work_section,
    works,
)
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, DCTERMS
from kg.store import DataFolder
from tests.support import data_set, two_works


@pytest.fixture(scope="module")
def two() -> Store:
    store = Store()
    store.extend(two_works.quads())
    return store


def test_the_report_has_all_its_passages_in_order_each_in_a_section(store: Store) -> None:
    contents = work_contents(store, "", "")
    listed = [one["iri"] for section in contents["sections"] for one in section["passages"]]
    orders = {
        q.subject.value: int(q.object.value) for q in store.quads_for_pattern(None, CD.order, None, DefaultGraph())
    }
    assert listed == sorted(orders, key=orders.__getitem__)
    assert [section["title"] for section in contents["sections"]][:3] == [
        "Abstract",
        "1 Methodology",
        "2.1 Global Landscape and Key Literature",
    ]
    assert {one["name"]: one["availability"]["text"] for one in contents["gaps"] if one["availability"]} == {
        "figure-1": "absent",
        "figure-2": "absent",
        "section-2.2-opening": "absent",
        "footnote-7": "absent",
        "section-2.2-p1": "partial",
    }
    assert [one["passage"]["text"] for one in contents["makers"]] == ["Abstract"] * 3
    assert "Foreign and Commonwealth Office" in contents["makers"][0]["words"][0]["text"]


def test_what_a_passage_states_is_complete(store: Store) -> None:
    for name in ("table-1", "section-3.2-p5", "footnote-11", "box-2"):
        read = work_passage(store, "", name)["passage"]
        said = {one["iri"] for one in read["statements"]} | {
            row["statement"] for row in (read["table"] or {"rows": []})["rows"]
        }
        node = NamedNode(f"{ns.ID}passage/{name}")
        found = store.quads_for_pattern(None, CD.statedIn, node)
        stated = {q.subject.value for q in found if q.graph_name not in (DefaultGraph(), graphs.INFERRED)}
        assert said == stated
        assert all(one["words"] for one in read["statements"])


def test_table_1_is_a_table_again_with_what_is_printed(store: Store) -> None:
    table = work_passage(store, "", "table-1")["passage"]["table"]
    assert table is not None
    assert table["country"] == {"iri": f"{ns.ID}country/china", "text": "China", "lang": "en"}
    rows = {
        row["city"]["text"]: (row["other"] and row["other"]["text"], row["mark"], row["printed"])
        for row in table["rows"]
    }
    assert len(rows) == 13
    assert rows["Sheffield"] == ("Anshan", "", ["SHEFFIELD", "ANSHANG"])
    assert rows["York"] == (None, "n.a. in a table", ["YORK"])
    for row in table["rows"]:
        assert len({one["iri"] for one in row["against"]}) == len(row["against"]), row["city"]
    second = work_passage(store, "", "table-2")["passage"]["table"]
    assert second is not None
    assert [row["printed"] for row in second["rows"] if row["city"]["text"] == "Xi'an"] == [["XI’AN", "EDINBURGH"]]
    against = table["rows"][0]["against"][0]
    assert against["title"]["text"].startswith("Chinese twin of Birmingham")


@pytest.mark.drawn
def test_sections_and_passages_lead_to_those_beside_them(store: Store) -> None:
    passage = work_passage(store, "", "abstract")
    names = ["abstract"]
    while passage["next"]:
        passage = work_passage(store, "", passage["next"]["name"])
        names.append(passage["passage"]["entry"]["name"])
        assert passage["prev"] is not None
        assert passage["prev"]["name"] == names[-2]
        if len(names) > 8:
            break
    assert names[:4] == ["abstract", "section-1-p1", "footnote-1", "footnote-2"]
    assert [note["name"] for note in work_passage(store, "", "section-1-p1")["notes"]] == ["footnote-1", "footnote-2"]
    assert [note["name"] for note in work_passage(store, "", "footnote-2")["notes"]] == ["section-1-p1"]
    section = work_section(store, "", "3.1", "2")
    assert (section["prev"], section["next"], section["pages"]) == (
        ("3", "3 UK and China Compared"),
        ("3.2", "3.2 City diplomacy in China"),
        2,
    )


def test_a_second_work_has_passages_of_its_own(two: Store) -> None:
    assert [(work["name"], work["title"]["text"], work["passages"]) for work in works(two)] == [
        ("", "The report", 2),
        ("second", "The second study", 2),
    ]
    contents = work_contents(two, "second", "")
    assert [(section["title"], [p["name"] for p in section["passages"]]) for section in contents["sections"]] == [
        ("Outside the numbered sections", ["one", "two"])
    ]
    read = work_passage(two, "second", "one")
    said = [[one["text"] for one in statement["words"]] for statement in read["passage"]["statements"]]
    assert said == [["Leeds has no <twin> in China."]]
    assert [p["text"] for p in read["passage"]["statements"][0]["against"][0]["passages"]] == [
        "Paragraph 1",
        "First part",
    ]
    assert read["next"] is not None
    assert read["next"]["name"] == "two"
    with pytest.raises(UnknownNameError, match="table-1"):
        work_passage(two, "second", "table-1")


def test_evidence_is_that_of_one_work(two: Store) -> None:
    (group,) = twinning_evidence(two, "")["groups"]
    assert [(pair["verdict"], [one["passage"]["text"] for one in pair["said"]]) for pair in group["pairs"]] == [
        ("one", ["Paragraph 1"])
    ]
    of_second = twinning_evidence(two, "second")
    assert of_second["groups"] == []
    assert [denial["city"]["text"] for denial in of_second["denials"]] == ["Leeds"]


def test_what_there_is_not_is_refused_with_what_there_is(store: Store) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'table-1'"):
        work_passage(store, "", "tabel-1")
    with pytest.raises(UnknownNameError):
        work_contents(store, "nosuch", "")
    with pytest.raises(UnknownNameError):
        work_section(store, "", "9", "")
    for page in ("0", "2", "x", "1.0", "-1", "١", "9" * 50):
        with pytest.raises(UnknownNameError, match="no page"):
            work_contents(store, "", page)
    with pytest.raises(BadValueError, match="no kind of disagreement"):
        disagreements(store, "contradictions", "")


@pytest.mark.parametrize(
    ("work", "passage", "first"),
    [
        ("", "section-4.2-p1", ["case-study-source", "older-twins-ad-hoc", "recent-twins-managed"]),
        ("rusi-2025", "section-1.1-p3", ["nuanced", "goals-are-broad", "scope-for-interpretation", "size-of-china"]),
    ],
)
def test_a_passage_states_in_the_order_of_the_text(
    both_reports: DataFolder, work: str, passage: str, first: list[str]
) -> None:
    stated = work_passage(both_reports.open(), work, passage)["passage"]["statements"]
    sentences = [one["iri"].partition("--")[2] for one in stated if one["sort"] == "sentence"]
    assert sentences[: len(first)] == first


def test_a_statement_says_whose_view_it_is(store: Store) -> None:
    stated = work_passage(store, "", "section-2.2-p3")["passage"]["statements"]
    words = {one["iri"].partition("--")[2]: [text["text"] for text in one["words"]] for one in stated}
    assert words["prongs"][-1].endswith(", according to Jan Melissen and Rogier van der Pluijm.")


def test_a_hedge_marks_its_statement_and_a_plain_claim_has_no_mark(store: Store) -> None:
    def marks(passage: str) -> dict[str, list[str]]:
        stated = work_passage(store, "", passage)["passage"]["statements"]
        return {one["iri"].partition("--")[2]: [mark["text"] for mark in one["marks"]] for one in stated}

    assert marks("section-4.2-p4")["networking-inspires"] == ["possible", "suggested as cause"]
    assert marks("section-5-r2")["latent-twinnings"] == []


def test_an_entry_of_a_data_set_names_what_it_is_about_and_leads_to_it_and_to_its_item() -> None:
    store = data_set.with_item_of(data_set.LEEDS)
    (part,) = work_contents(store, "atlas", "")["sections"]
    assert [one["label"]["text"] for one in part["passages"]] == ["Atlas: Leeds (Q1)", "Hangzhou in the atlas"]
    about = work_passage(store, "atlas", "q1")["about"]
    assert [(one["iri"], one["text"]) for one in about] == [
        (data_set.LEEDS.value, "Leeds"),
        (data_set.ITEM.value, "Wikidata Q1"),
    ]
    assert work_passage(store, "atlas", "q2")["about"] == []


def test_a_data_set_goes_by_its_label_and_says_what_it_has() -> None:
    store = data_set.store()
    atlas = NamedNode(f"{ns.ID}publication/atlas")
    store.add(Quad(atlas, DCTERMS.title, Literal("Atlas")))
    store.add(Quad(atlas, DCTERMS.bibliographicCitation, Literal("All towns of the atlas", language="en")))
    work = work_contents(store, "atlas", "")["work"]
    assert work["title"]["text"] == "The atlas"
    assert work["note"] == {"text": "All towns of the atlas", "lang": "en"}
