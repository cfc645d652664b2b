"""What is written in a form is read back from its statements: of a draft, or of an account that is edited."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from kg.gazetteer import FILE
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.serialise import lines_of, quads_of
from kg.rdf.vocabulary import CD, RDF
from kg.tables.forms import FilledForm, about_thing, fill_form, form_of_draft
from tests.support.forms import FORMS, SOURCE
from tests.support.gazetteer import small_gazetteer

ACCOUNT = f"{ns.ID}account/list-of-leeds--twinning-leeds-macao"


def quads(form: FilledForm) -> list[Quad]:
    graph = NamedNode(form["graph"])
    return [Quad(one.subject, one.predicate, one.object, graph) for one in parse(form["turtle"], RdfFormat.TURTLE)]


def filled(store: Store, form: str, **more: str) -> FilledForm:
    return fill_form(store, form, {name: [text] for name, text in {**SOURCE, **FORMS[form], **more}.items()})


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_read_back_from_the_statements_that_it_came_to_and_from_no_others(store: Store, form: str) -> None:
    said = quads(filled(store, form))
    written = form_of_draft(store, lines_of(said))
    assert written is not None
    assert written["form"] == form
    assert quads(fill_form(store, form, written["given"])) == said
    assert (
        form_of_draft(
            store, lines_of([*said, Quad(said[0].subject, said[0].predicate, said[0].subject, said[0].graph_name)])
        )
        is None
    )


def test_a_thing_that_is_new_in_a_draft_is_named_and_told_apart_as_it_was(store: Store, tmp_path: Path) -> None:
    small_gazetteer(tmp_path).close()
    gazetteer = str(next(tmp_path.rglob(FILE)))
    of_network = filled(store, "membership", **{"network-1": "Eurotests", "network-1.homepage": "https://e.example/"})
    written = form_of_draft(store, lines_of(quads(of_network)))
    assert written is not None
    assert (written["given"]["network-1"], written["given"]["network-1.homepage"]) == (
        ["Eurotests"],
        ["https://e.example/"],
    )
    given = {name: [text] for name, text in {**SOURCE, **FORMS["twinning"]}.items()}
    for more in ({"twin-2": ["Labasa"]}, {"twin-2": ["Newtown"], "twin-2.wikidata": ["Q999991"]}):
        said = quads(fill_form(store, "twinning", given | more, gazetteer=gazetteer))
        written = form_of_draft(store, lines_of(said), gazetteer)
        assert written is not None
        assert more["twin-2"] in (written["given"]["twin-1"], written["given"]["twin-2"])


@pytest.fixture(scope="module")
def curated(store: Store) -> Store:
    """The real graph with an account by curators."""
    with_account = Store()
    with_account.extend(store)
    for one in quads(filled(store, "twinning", **{"note-1": "As signed", "character": "character:cultural"})):
        with_account.add(one)
        with_account.add(Quad(one.subject, one.predicate, one.object))
    return with_account


def test_a_curated_account_is_edited_in_its_graph_and_stays_that_of_its_source(curated: Store) -> None:
    (said,) = about_thing(curated, ACCOUNT)["said"]
    assert (said["form"], said["is_curated"], said["given"]["edits"]) == ("twinning", True, [ns.compact(ACCOUNT)])
    same = fill_form(curated, "twinning", said["given"])
    assert (same["removed"], same["problem"]) == ("", "")
    changed = fill_form(curated, "twinning", said["given"] | {"begin-1": ["May 2012"], "note-1": [""]})
    removed = {(ns.compact(one.predicate.value), one.object.value) for one in quads_of(changed["removed"].splitlines())}  # type: ignore[union-attr]
    assert removed == {("cd:begin", "2011"), ("cd:note", "As signed")}
    assert changed["graph"] == f"{ns.GRAPH}curated/list-of-leeds"
    assert '"2012-05"' in changed["turtle"]
    other = fill_form(curated, "twinning", said["given"] | {"twin-1": ["York"], "twin-1.is": [""]})
    assert (other["turtle"], other["removed"]) == ("", "")
    assert "Source and parties stay as they are" in other["problem"]


def test_a_draft_opens_in_its_form_when_its_source_is_known_by_now_or_it_edits_an_account(
    store: Store, curated: Store
) -> None:
    said = quads(filled(store, "twinning", **{"twin-2": "York"}))  # of the source that is new there, and known here
    written = form_of_draft(curated, lines_of(said))
    assert written is not None
    assert (written["form"], written["given"]["source"]) == ("twinning", ["source:list-of-leeds"])
    given = about_thing(curated, ACCOUNT)["said"][0]["given"] | {"begin-1": ["2012"]}
    edited = fill_form(curated, "twinning", given)
    written = form_of_draft(curated, lines_of(quads(edited)), removed=edited["removed"].splitlines())
    assert written is not None
    assert written["given"]["edits"] == [ns.compact(ACCOUNT)]


def test_what_a_report_says_is_never_changed_but_another_source_may_say_otherwise(store: Store) -> None:
    of_tie = about_thing(store, f"{ns.ID}twinning/manchester-wuhan")["said"]
    assert of_tie
    for said in of_tie:
        assert (said["form"], said["is_curated"]) == ("twinning", False)
        assert said["given"].keys().isdisjoint({"source", "edits"})
        other = fill_form(store, "twinning", said["given"] | {name: [text] for name, text in SOURCE.items()})
        assert (other["removed"], "twinning:manchester-wuhan" in other["turtle"]) == ("", True)
    assert about_thing(store, "no IRI") == {"said": [], "curated": [], "missing": []}


def test_what_many_of_its_kind_have_and_a_thing_lacks_is_missing_with_the_form_that_adds_it(curated: Store) -> None:
    cities = (quad.subject for quad in match(curated, None, RDF.type, CD.City) if isinstance(quad.subject, NamedNode))
    city = next(one for one in cities if not any(match(curated, None, CD.twin, one)))
    missing = {one["label"]: one for one in about_thing(curated, city.value)["missing"]}
    assert missing["Twinning"]["address"] == f"twinning?city_a={ns.compact(city.value)}"
    assert 0.1 <= missing["Twinning"]["share"] < 1
    leeds = about_thing(curated, f"{ns.ID}city/leeds")
    assert {one["label"] for one in leeds["missing"]}.isdisjoint({"Twinning", "Name", "Latitude", "Editors' note"})
    assert leeds["said"] == leeds["curated"] == []
    of_tie = about_thing(curated, f"{ns.ID}twinning/leeds-macao")
    assert any(ACCOUNT in line and "#note" in line for line in of_tie["curated"])
