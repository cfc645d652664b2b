"""What is written in a form is read back from statements: of an account or a thing that is edited."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.serialise import quads_of
from kg.rdf.vocabulary import CD, RDF
from kg.tables.forms import FilledForm, about_thing, fill_form
from tests.support.forms import FORMS, SOURCE

ACCOUNT = f"{ns.ID}account/list-of-leeds--twinning-leeds-macao"


def quads(form: FilledForm) -> list[Quad]:
    graph = NamedNode(form["graph"])
    return [Quad(one.subject, one.predicate, one.object, graph) for one in parse(form["turtle"], RdfFormat.TURTLE)]


def filled(store: Store, form: str, **more: str) -> FilledForm:
    return fill_form(store, form, {name: [text] for name, text in {**SOURCE, **FORMS[form], **more}.items()})


def test_a_curated_place_is_edited_in_the_form_of_its_kind(store: Store) -> None:
    there = Store()
    there.extend(store)
    given = {"prefLabel-1": ["Indianopolis"], "type": ["cd:City"], "within-1": ["Fiji"], "altLabel-1": ["Naptown"]}
    given |= {"sameAs-1": ["Q999991"], **{name: [text] for name, text in SOURCE.items()}}
    for one in quads(fill_form(store, "place", given)):
        there.extend([one, Quad(one.subject, one.predicate, one.object)])
    (said,) = about_thing(there, f"{ns.ID}city/indianopolis")["said"]
    as_was = said["given"]
    assert (said["form"], as_was["edits"], as_was["within-1"]) == ("place", ["city:indianopolis"], ["Fiji"])
    assert fill_form(there, "place", as_was)["problem"] == "The graph has all of it already."
    mended = fill_form(there, "place", as_was | {"prefLabel-1": ["Indianapolis"], "sameAs-1": ["Q999992"]})
    assert (mended["summary"], mended["graph"]) == ("Indianapolis", f"{ns.GRAPH}curated/list-of-leeds")
    removed = mended["removed"].splitlines()
    gone = {ns.compact(one.predicate.value) for one in quads_of(removed)}
    assert gone == {"skos:prefLabel", "schema:sameAs", "cd:uncheckedIdentifier"}
    assert [one.predicate for one in quads(mended)].count(CD.uncheckedIdentifier) == 1
    assert about_thing(there, f"{ns.ID}city/leeds")["said"] == []  # what a report says of itself stays


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


def test_what_a_report_says_is_never_changed_but_another_source_may_say_otherwise(store: Store) -> None:
    of_tie = about_thing(store, f"{ns.ID}twinning/manchester-wuhan")["said"]
    assert of_tie
    for said in of_tie:
        assert (said["form"], said["is_curated"]) == ("twinning", False)
        assert said["given"].keys().isdisjoint({"source", "edits"})
        other = fill_form(store, "twinning", said["given"] | {name: [text] for name, text in SOURCE.items()})
        assert (other["removed"], "twinning:manchester-wuhan" in other["turtle"]) == ("", True)
    assert not any(about_thing(store, "no IRI").values())


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
