"""What is written in a form becomes the statements of a tie and its account, or says beside its field what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse

from kg.gazetteer import FILE
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD, RDF
from kg.tables.forms import FilledForm, fill_form
from tests.support.gazetteer import small_gazetteer

WHOLE = {
    "twin-1": ["Leeds"],
    "twin-2": ["Macao"],
    "status": ["status:current"],
    "character": ["character:cultural", "character:economic"],
    "begin-1": ["since May 2011"],
    "note-1": ["Signed by both mayors"],
    "source_title": ["Twin towns of Leeds"],
    "source_url": ["https://leeds.example/twins"],
    "source_licence": ["not known"],
}


def filled(store: Store, given: dict[str, list[str]], form: str = "twinning", **more: Any) -> FilledForm:
    return fill_form(store, form, given, **more)


def values(form: FilledForm) -> dict[str, Any]:
    """Return the values that are filled in, by the names of their inputs."""
    return {one["name"]: one for field in form["fields"] for one in field["values"] if one["text"]}


def facts(form: FilledForm, node: str) -> set[tuple[str, str]]:
    """Return the statements about a node, by prefixed names."""
    subject = NamedNode(ns.expand(node) or "")
    triples = (one for one in parse(form["turtle"], RdfFormat.TURTLE) if one.subject == subject)
    return {(ns.compact(one.predicate.value), ns.compact(str(getattr(one.object, "value", "")))) for one in triples}


def test_a_whole_form_is_a_tie_and_the_account_of_it_by_a_source(store: Store) -> None:
    form = filled(store, WHOLE)
    assert facts(form, "twinning:leeds-macao") == {
        ("rdf:type", "cd:Twinning"),
        ("cd:twin", "city:leeds"),
        ("cd:twin", "city:macao"),
        ("skos:prefLabel", "Twinning of Leeds and Macao"),
    }
    assert facts(form, "account:twin-towns-of-leeds--twinning-leeds-macao") == {
        ("rdf:type", "cd:Account"),
        ("cd:accountOf", "twinning:leeds-macao"),
        ("cd:statedIn", "source:twin-towns-of-leeds"),
        ("cd:status", "status:current"),
        ("cd:character", "character:cultural"),
        ("cd:character", "character:economic"),
        ("cd:begin", "2011-05"),
        ("cd:note", "Signed by both mayors"),
    }
    assert ("dcterms:title", "Twin towns of Leeds") in facts(form, "source:twin-towns-of-leeds")
    assert form["graph"] == f"{ns.GRAPH}curated/twin-towns-of-leeds"
    assert (form["stated_by"], form["summary"]) == ("https://leeds.example/twins", "Twinning of Leeds and Macao")


@pytest.mark.parametrize(
    ("form", "stands_open"),
    [
        ("twinning", ["twin", "begin", "status"]),
        ("membership", ["member", "network", "role", "begin", "status"]),
        ("office", ["operator", "hostPlace", "officeKind", "begin", "status"]),
        ("absence", ["absentFor", "tieKind", "counterpart", "absenceBasis", "says"]),
        ("team", ["operator", "officeKind", "begin", "status"]),
        ("place", ["prefLabel", "within", "type", "altLabel", "sameAs", "lat", "long"]),
        ("network", ["prefLabel", "altLabel", "homepage", "sameAs"]),
        ("source", ["issued"]),
    ],
)
def test_the_parties_stand_first_and_all_that_no_shape_requires_is_folded(
    store: Store, form: str, stands_open: list[str]
) -> None:
    fields = filled(store, {"note": ["a note"]}, form)["fields"]
    assert [field["name"] for field in fields[: len(stands_open)]] == stands_open
    assert [field["is_open"] for field in fields] == [at < len(stands_open) for at in range(len(fields))]
    assert {field["name"] for field in fields if field["is_required"]} <= set(stands_open)


def test_a_tie_that_is_there_gets_an_account_and_no_other_name(store: Store) -> None:
    form = filled(store, {"city_a": ["city:manchester"], "city_b": ["Wuhan"], "source": ["geonames"]})
    assert facts(form, "twinning:manchester-wuhan") == {
        ("rdf:type", "cd:Twinning"),
        ("cd:twin", "city:manchester"),
        ("cd:twin", "city:wuhan"),
    }
    chosen = values(form)["twin-1"]
    assert (chosen["text"].startswith("Manchester"), chosen["chosen"]) == (True, "city:manchester")


@pytest.mark.parametrize(
    ("field", "text", "problem"),
    [
        ("begin-1", "sometime", "'sometime' is not a date."),
        ("begin-1", "1985–1999", "'1985–1999' is not a date."),
        ("begin-1", "03/04/2006", "can be read in two ways"),
        ("status", "status:merry", "is not a concept of status"),
        ("twin-1", "Atlantis", "is not known here"),
        ("twin-1", "Le\u202eeds", "U+202E"),
        ("note-1", "a\u2066b", "U+2066"),
        ("source_title", "Li\u202est", "U+202E"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_stated(
    store: Store, field: str, text: str, problem: str
) -> None:
    form = filled(store, WHOLE | {field: [text]})
    assert form["turtle"] == ""
    if field.startswith("source"):
        assert problem in form["source"]["problem"]
        return
    ((name, said),) = [(name, one["problem"]) for name, one in values(form).items() if one["problem"]]
    assert (name.partition("-")[0], problem in said) == (field.partition("-")[0], True)
    chinese = values(filled(store, WHOLE | {field: [text]}, language="zh"))
    assert any(
        "\u4e00" <= char <= "\u9fff" for char in next(one["problem"] for one in chinese.values() if one["problem"])
    )


def test_markup_is_a_text_like_any_other(store: Store) -> None:
    text = "</code><script>alert(1)</script> \"quoted\" \\ 'too'"
    form = filled(store, WHOLE | {"note-1": [text]})
    assert ("cd:note", text) in facts(form, "account:twin-towns-of-leeds--twinning-leeds-macao")


def test_a_place_that_only_the_gazetteer_knows_becomes_a_city_with_its_number(store: Store, tmp_path: Path) -> None:
    small_gazetteer(tmp_path).close()
    gazetteer = str(next(tmp_path.rglob(FILE)))
    form = filled(store, WHOLE | {"twin-2": ["Labasa"]}, gazetteer=gazetteer)
    one = values(form)["twin-2"]
    assert (one["is_new"], one["thing"]["name"]) == (True, "geonames:2204582")
    assert {
        ("rdf:type", "cd:City"),
        ("cd:within", "country:fiji"),
        ("schema:sameAs", "https://sws.geonames.org/2204582/"),
    } <= facts(form, "city:labasa")
    assert ("cd:twin", "city:labasa") in facts(form, "twinning:labasa-leeds")


def test_a_choice_counts_for_the_text_below_which_it_stood(store: Store) -> None:
    asked = WHOLE | {"twin-2.is": ["city:guangzhou"], "twin-2.was": ["Canton"]}
    assert ("cd:twin", "city:macao") in facts(filled(store, asked), "twinning:leeds-macao")
    chosen = filled(store, asked | {"twin-2.was": ["Macao"]})
    assert ("cd:twin", "city:guangzhou") in facts(chosen, "twinning:guangzhou-leeds")


def test_a_membership_asks_for_the_role_and_names_the_network(store: Store) -> None:
    given = {"city": ["Leeds"], "network": ["UCLG"], "source": ["geonames"]}
    asked = filled(store, given, "membership")
    assert [field["name"] for field in asked["fields"] if field["is_missing"]] == ["role"]
    assert asked["turtle"] == ""
    form = filled(store, {**given, "role": ["role:member"]}, "membership")
    assert ("rdf:type", "cd:Membership") in facts(form, "membership:leeds-uclg")
    assert ("cd:role", "role:member") in facts(form, "account:geonames--membership-leeds-uclg")


ABSENCE = {
    "absentFor-1": ["Leeds"],
    "tieKind": ["tie:twinning"],
    "counterpart-1": ["Ireland"],
    "absenceBasis": ["absence-basis:stated-none"],
    "says-1": ["Leeds has no twin in Ireland"],
}


def test_an_absence_is_a_finding_of_the_source_once_for_each_actor_and_counterpart(store: Store) -> None:
    form = filled(store, ABSENCE | {"source": ["geonames"]}, "absence")
    assert facts(form, "absence:geonames--leeds-twinning-ireland") == {
        ("rdf:type", "cd:AbsenceFinding"),
        ("skos:prefLabel", "No twinning of Leeds: Ireland"),
        ("cd:statedIn", "source:geonames"),
        ("cd:absentFor", "city:leeds"),
        ("cd:tieKind", "tie:twinning"),
        ("cd:counterpart", "country:ireland"),
        ("cd:absenceBasis", "absence-basis:stated-none"),
        ("cd:says", "Leeds has no twin in Ireland"),
    }
    there = Store()
    there.extend(store)
    there.extend(
        Quad(one.subject, one.predicate, one.object, DefaultGraph()) for one in parse(form["turtle"], RdfFormat.TURTLE)
    )
    again = filled(there, ABSENCE | {"source": ["geonames"], "says-1": ["There is none"]}, "absence")
    assert (again["turtle"], again["problem"]) == ("", "The source states it already.")
    unsaid = filled(store, {**ABSENCE, "says-1": [""], "source": ["geonames"]}, "absence")
    assert [field["name"] for field in unsaid["fields"] if field["is_missing"]] == ["says"]


SOURCE = {name: WHOLE[name] for name in ("source_title", "source_url", "source_licence")}


def test_a_new_place_is_minted_as_imports_do_and_one_that_is_known_is_completed(store: Store) -> None:
    given = {"prefLabel-1": ["Newtown"], "prefLabel-2": ["新镇"], "type": ["cd:CityDistrict"], "within-1": ["Fiji"]}
    unclear = filled(store, given | SOURCE, "place")
    assert "a new place needs an identifier, or its country and position" in values(unclear)["prefLabel-1"]["problem"]
    wrong = values(filled(store, given | SOURCE | {"within-1": ["Atlantis"], "sameAs-1": ["none"]}, "place"))
    assert "is not a country that is known here" in wrong["within-1"]["problem"]
    assert "is not an identifier of an authority" in wrong["sameAs-1"]["problem"]
    form = filled(store, given | SOURCE | {"sameAs-1": ["Q999991"], "nativeName-1": ["Neu"]}, "place")
    said = {("skos:prefLabel", "Newtown"), ("skos:prefLabel", "新镇"), ("cd:within", "country:fiji")}
    item = "http://www.wikidata.org/entity/Q999991"
    said |= {("schema:sameAs", item), ("cd:uncheckedIdentifier", item), ("cd:nativeName", "Neu")}
    made = facts(form, "district:newtown")
    assert made == said | {("rdf:type", "cd:CityDistrict"), ("dcterms:source", "source:twin-towns-of-leeds")}
    known = {"prefLabel": ["city:leeds"], "within-1": ["GB"]}
    assert filled(store, known | SOURCE, "place")["problem"] == "The graph has all of it already."
    completed = filled(store, known | SOURCE | {"nativeName-1": ["Leodis"]}, "place")
    assert facts(completed, "city:leeds") == {
        ("cd:nativeName", "Leodis"),
        ("dcterms:source", "source:twin-towns-of-leeds"),
    }


def test_a_network_without_a_home_page_is_defined_by_the_source_which_is_added_with_its_date(store: Store) -> None:
    form = filled(store, {"prefLabel-1": ["Alliance of Tests"]} | SOURCE, "network")
    assert ("rdf:type", "cd:CityNetwork") in facts(form, "network:alliance-of-tests")
    dated = filled(store, {"issued-1": ["May 2020"]} | SOURCE, "source")
    said = facts(dated, "source:twin-towns-of-leeds")
    assert {("dcterms:issued", "2020-05"), ("dcterms:title", "Twin towns of Leeds"), ("rdf:type", "cd:Source")} <= said


def test_what_is_new_in_a_membership_is_a_network_that_its_source_defines_and_a_group_is_none(store: Store) -> None:
    given = {"member-1": ["Leeds"], "role": ["role:member"]} | SOURCE
    group = values(filled(store, given | {"network-1": ["EU cities"]}, "membership"))["network-1"]
    assert group["problem"] == "“EU cities” is a group here, not a network."
    assert [one["name"] for one in group["candidates"]] == ["group:eu-cities"]
    asked = given | {"network-1": ["Eurotests"]}
    assert "is not known here" in values(filled(store, asked, "membership"))["network-1"]["problem"]
    asked |= {"network-1.is": ["new"], "network-1.was": ["Eurotests"]}
    chosen = filled(store, asked, "membership")
    said = facts(chosen, "network:eurotests")
    assert {("rdf:type", "cd:CityNetwork"), ("dcterms:source", "source:twin-towns-of-leeds")} <= said


def test_new_networks_without_a_latin_letter_in_their_names_have_an_iri_each(store: Store) -> None:
    given = {"member-1": ["Leeds"], "role": ["role:member"], "network-1.is": ["new"]} | SOURCE
    made = set()
    for name in ("Δίκτυο Πόλεων", "Δίκτυο Πόλεων", "Мережа міст"):
        form = filled(store, given | {"network-1": [name], "network-1.was": [name]}, "membership")
        made |= {quad.subject for quad in parse(form["turtle"], RdfFormat.TURTLE) if quad.object == CD.CityNetwork}
    assert len(made) == 2


def test_what_became_known_after_it_was_chosen_as_new_is_offered_beside_the_field(store: Store) -> None:
    given = {"member-1": ["Leeds"], "role": ["role:member"], "network-1": ["ICLEI"]} | SOURCE
    chosen = {"network-1.is": ["new"], "network-1.was": ["ICLEI"], "network-1.homepage": ["https://e.example/"]}
    form = filled(store, given | chosen, "membership")
    field = values(form)["network-1"]
    assert field["problem"] == "'ICLEI' is known here by now: network:iclei."
    assert ([one["name"] for one in field["candidates"]], field["chosen"]) == (["network:iclei"], "")
    assert not form["turtle"]
    known = filled(store, given | {"network-1.is": ["network:iclei"], "network-1.was": ["ICLEI"]}, "membership")
    assert known["turtle"]


def test_a_new_title_beside_a_known_source_is_that_of_another_source(store: Store) -> None:
    form = filled(store, WHOLE | {"source": ["source:geonames"]})
    assert form["graph"].endswith("/curated/twin-towns-of-leeds")


def test_a_place_lies_in_a_country_or_in_a_region_that_is_named(store: Store) -> None:
    given = {"prefLabel-1": ["Newtown"], "type": ["cd:City"], "sameAs-1": ["Q999991"]} | SOURCE
    within = next(match(store, None, RDF.type, CD.Region, DefaultGraph())).subject
    assert isinstance(within, NamedNode)
    named = ns.compact(within.value)
    form = filled(store, given | {"within-1": [named]}, "place")
    assert ("cd:within", named) in facts(form, "city:newtown")
    unclear = values(filled(store, given | {"within-1": ["Nowhere"]}, "place"))["within-1"]
    assert "for a region its name here" in unclear["problem"]


def test_a_team_is_of_one_place_and_the_one_that_is_known_gets_an_account(store: Store) -> None:
    given = {"officeKind": ["office-kind:international-team"]} | SOURCE
    known = filled(store, {"operator-1": ["Leeds"]} | given, "team")
    assert ("cd:accountOf", "team:leeds") in facts(known, "account:twin-towns-of-leeds--team-leeds")
    assert facts(known, "team:leeds").isdisjoint({("skos:prefLabel", "International team of Leeds")})
    new = filled(store, {"operator-1": ["Macao"]} | given, "team")
    assert ("skos:prefLabel", "International team of Macao") in facts(new, "team:macao")
