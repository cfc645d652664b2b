"""Plans: each row is new, known, ambiguous or refused, with the reason; nothing is guessed, nothing stated twice."""

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.errors import BadValueError
from kg.findings import RefusedSubmissionError
from kg.gazetteer import Gazetteer
from kg.names import Names
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, DCTERMS, SCHEMA, SKOS
from kg.reconciliation import Match, Reconciler, ThingDescription
from kg.sentences import changed_sentences
from kg.shacl import ChangeValidation, Ledger
from kg.submissions import Submission
from kg.submissions.checks import check
from kg.tables import Plan, TableLimits, TableMapping, plan, read_table
from kg.tables.table import parse_table
from tests.support.gazetteer import small_gazetteer
from tests.support.stores import copied

pytestmark = pytest.mark.drawn

TABLES = Path(__file__).with_name("tables")
SOURCE = "source: {name: town-list, title: List of towns, url: https://example.org/towns, licence: not known}\n"
TWINS = f"""rows: twinnings
{SOURCE}
city_a: {{name: a, country: land_a, identifiers: {{wikidata: id_a}}, new: city}}
city_b: {{name: b, country: land_b, identifiers: {{wikidata: id_b}}, new: city}}
since: since
until: until
status: status
note: note
"""
COLUMNS = ("a", "land_a", "id_a", "b", "land_b", "id_b", "since", "until", "status", "note")
LYON = {"a": "Lyon", "land_a": "France", "id_a": "Q456"}


@pytest.fixture(scope="module")
def names(store: Store) -> Names:
    return Names(store)


def planned(names: Names, *rows: dict[str, str], mapping: str = TWINS, gazetteer: Gazetteer | None = None) -> Plan:
    lines = [",".join(f'"{row.get(name, "")}"' for name in COLUMNS) for row in rows]
    table = parse_table("\n".join([",".join(COLUMNS), *lines]).encode(), "t.csv")
    return plan(table, TableMapping.read(mapping.encode()), names, gazetteer=gazetteer)


def one(names: Names, mapping: str = TWINS, **row: str) -> tuple[str, str, str]:
    """Outcome of a row about York, what is meant by the other, and why."""
    (found,) = planned(names, {"a": "York", "land_a": "GB"} | row, mapping=mapping).rows
    other = found.things.get("city_b") if "b" in row or "id_b" in row else found.things.get("city_a")
    meant = (other.thing or " ".join(other.candidates)) if other else ""
    assert all(why.message_zh for why in found.why)
    return found.outcome, meant.replace(ns.ID, ""), " ".join(map(str, found.why))


@pytest.mark.parametrize(
    ("row", "outcome", "meant", "why"),
    [
        ({"b": "Dalian"}, "new", "city/dalian", ""),
        ({"b": "大连", "land_b": "中国"}, "new", "city/dalian", ""),
        ({"b": "Anything", "id_b": "Q956"}, "new", "city/beijing", ""),
        ({"id_b": "http://www.wikidata.org/entity/Q956"}, "new", "city/beijing", ""),
        ({"b": "city:beijing"}, "new", "city/beijing", ""),
        ({"b": "Lyon", "land_b": "FR", "id_b": "Q456"}, "new", "city/lyon", ""),
        ({"b": "Lyon", "land_b": "FR"}, "refused", "", "'Lyon' is not known here, and a new place needs an identifier"),
        (
            {"b": "Beijing", "land_b": "JP"},
            "refused",
            "city/beijing",
            "'Beijing' is not known in country:japan “Japan”, but elsewhere: city:beijing “Beijing” in ",
        ),
        ({"b": "Dalian", "since": "2010-13"}, "refused", "city/dalian", "There is no month 13: '2010-13'."),
        ({"b": "Dalian", "since": "2010-02-30"}, "refused", "city/dalian", "There is no day '2010-02-30'."),
        ({"b": "Dalian", "since": "2010-02-00"}, "refused", "city/dalian", "There is no day '2010-02-00'."),
        ({"b": "Beijing", "land_b": "Atlantis"}, "refused", "", "'Atlantis' is not a country"),
        ({"b": "Beijing", "id_b": "956"}, "refused", "", "'956' is not an identifier of Wikidata"),
        ({"b": "Dalian", "id_b": "Q956"}, "ambiguous", "city/beijing city/dalian", "'Dalian' is a name of city:dalian"),
        (
            {"b": "London", "id_b": "Q1718"},
            "ambiguous",
            "city/dusseldorf city/london",
            "Q1718 identifies city:dusseldorf",
        ),
        ({"b": "Peking", "id_b": "Q956"}, "new", "city/beijing", ""),
        (
            {"b": "Dalian", "land_b": "CN", "id_b": "Q956"},
            "ambiguous",
            "city/beijing city/dalian",
            "'Dalian' is a name",
        ),
        ({"b": "Beijing", "land_b": "CN", "id_b": "Q99999999"}, "ambiguous", "city/beijing", "Q956, not by Q99999999"),
        (
            {"b": "Beijing", "land_b": "JP", "id_b": "Q956"},
            "ambiguous",
            "city/beijing",
            "does not lie in country:japan",
        ),
        ({"b": "C40", "id_b": "Q145"}, "new", "country/united-kingdom", ""),
        ({"b": ""}, "refused", "", "'b', 'id_b' are empty. Fill one of these cells"),
        ({"b": "York"}, "refused", "city/york", "Both parties are the same."),
        ({"b": "Dalian", "since": "20190"}, "refused", "city/dalian", "'20190' is not a date. Write 2015"),
        ({"b": "Dalian", "since": "um 2010", "until": "vers 1999"}, "new", "city/dalian", ""),
        ({"b": "Dalian", "since": "2010", "until": "1999"}, "refused", "city/dalian", "It ends before it begins."),
        ({"b": "Dalian", "status": "currant"}, "refused", "city/dalian", "Did you mean 'current'?"),
        ({"b": "Dalian", "note": "a\u202eb"}, "refused", "city/dalian", "U+202E"),
        ({"b": "Dalian", "note": "x" * 6000}, "refused", "city/dalian", "more than 5,000 characters"),
    ],
)
def test_a_row_comes_to(names: Names, row: dict[str, str], outcome: str, meant: str, why: str) -> None:
    found = one(names, **row)
    assert found[:2] == (outcome, meant)
    assert why in found[2]


def test_the_outside_tables_are_imported_by_mappings_alone(names: Names, store: Store) -> None:
    counts, validation = {}, ChangeValidation()
    for mapping in sorted(TABLES.glob("*.yaml")):
        (table,) = (path for path in TABLES.glob(f"{mapping.stem}.*") if path != mapping)
        found = plan(read_table(table), TableMapping.load(str(mapping)), names)
        submission = Submission.of(found.statements_with_places(), found.table.file)
        results = validation.verdict(store, Ledger(), submission.change).new
        assert {one.severity for one in (*check(submission, store), *results)} <= {"Warning", "Info"}
        counts[mapping.stem] = {what: found.counts[what] for what in ("new", "known", "ambiguous", "refused")}
    assert counts == {
        "german-chinese-twins": {"new": 20, "known": 0, "ambiguous": 0, "refused": 0},
        "members-of-c40": {"new": 14, "known": 0, "ambiguous": 0, "refused": 0},
        "places": {"new": 13, "known": 3, "ambiguous": 0, "refused": 0},
    }


def test_a_known_relation_keeps_its_iri_and_gets_an_account(names: Names) -> None:
    (row,) = planned(names, {"a": "Dalian", "b": "Glasgow", "since": "1997"}).rows
    assert row.relation
    assert (row.outcome, row.relation.iri, row.relation.is_new) == ("new", f"{ns.ID}twinning/dalian-glasgow", False)


def test_rows_of_the_same_are_told_and_stated_once(names: Names) -> None:
    york = {"a": "York", "b": "Dalian", "since": "1999"}
    found = planned(names, york, {"a": "Dalian", "b": "York"}, york, york | {"since": "2001"})
    assert [row.outcome for row in found.rows] == ["new", "known", "known", "refused"]
    assert [str(row.why[0]) for row in found.rows[1:3]] == ["The same is said in line 2."] * 2
    assert "cd:begin 2001" in str(found.rows[3].why[0])
    assert sum(quad.predicate == CD.accountOf for quad, _ in found.statements()) == 1


def test_a_table_that_comes_to_too_many_statements_is_refused(names: Names) -> None:
    found = planned(names, {"a": "York", "b": "Dalian"})
    found.refuse_too_many_statements(TableLimits(statements=found.counts["statements"]))
    with pytest.raises(RefusedSubmissionError, match=r"more than 3 statements(.|\n)*Send it in parts"):
        found.refuse_too_many_statements(TableLimits(statements=3))


def test_a_name_is_looked_up_once_however_many_rows_have_it(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, find = [0], Reconciler.find

    def counted(self: Reconciler, description: ThingDescription) -> Match | None:
        asked[-1] += 1
        return find(self, description)

    monkeypatch.setattr(Reconciler, "find", counted)
    for rows in (10, 100):
        asked.append(0)
        planned(names, *({"a": "York", "b": "Dalian", "since": str(1900 + at)} for at in range(rows)))
    assert asked[1] == asked[2] > 0


def test_what_the_source_has_said_already_is_known(names: Names, store: Store) -> None:
    row = {"a": "York", "land_a": "GB", "since": "1999"}
    first = planned(names, row | {"b": "Dalian"}, {"a": "York"} | {"b": "Lyon", "land_b": "FR", "id_b": "Q456"})
    after = copied(store)
    after.extend(Submission.of(first.statements_with_places(), first.table.file).change.added)
    after.extend(
        graphs.default_graph_once(Submission.of(first.statements_with_places(), first.table.file).change.added)
    )
    again = planned(
        Names(after),
        row | {"b": "Dalian"},
        {"a": "Lyon", "land_a": "FR"} | {"b": "York"},
        row | {"b": "Dalian", "since": "2001"},
    )
    assert [row.outcome for row in again.rows] == ["known", "known", "refused"]
    assert str(again.rows[0].why[0]) == "It is there already."
    assert "2001" in str(again.rows[2].why[0])
    assert again.counts["statements"] == 0


def test_new_things_are_made_once_and_only_for_rows_that_fit(names: Names) -> None:
    found = planned(
        names, LYON | {"b": "Nowhere"}, LYON | {"b": "York"}, {"a": "York"} | {"b": "Lyons", "id_b": "Q456"}
    )
    assert [row.outcome for row in found.rows] == ["refused", "new", "known"]
    assert found.counts["things"] == 1
    stated = [ns.compact(quad.subject.value) for quad, _ in found.statements() if isinstance(quad.subject, NamedNode)]
    assert {"city:lyon", "country:france"} <= set(stated)
    lines = {row.line for quad, row in found.statements() if quad.subject == NamedNode(f"{ns.ID}city/lyon") if row}
    assert lines == {3}


PLACED = TWINS.replace(
    "new: city}\nsince", "new: city, language: und, latitude: status, longitude: note}\nsince"
).replace("status: status\nnote: note\n", "")


def test_what_is_refused_in_one_row_is_known_once_another_has_made_it(names: Names) -> None:
    only_a = TWINS.replace("{wikidata: id_b}, new: city", "{wikidata: id_b}")
    refused = {"a": "York", "land_a": "GB", "b": "Lyon", "id_b": "Q456"}
    unnamed = {"a": "York", "land_a": "GB", "b": "Lyonesse"}
    made = LYON | {"b": "Dalian"}
    rows = planned(names, refused, unnamed, made, refused, unnamed, mapping=only_a).rows
    assert [row.outcome for row in rows] == ["refused", "refused", "new", "new", "refused"]


def test_a_place_is_new_by_its_name_its_country_and_its_position(names: Names) -> None:
    lyon = {"a": "York", "land_a": "GB", "b": "Lyon", "land_b": "FR", "status": "45.76", "note": "4.84"}
    plans = planned(
        names,
        lyon,
        lyon | {"a": "Leeds", "status": "45.77"},
        lyon | {"status": "44.0"},
        lyon | {"status": "", "note": ""},
        lyon | {"b": "Düren", "land_b": "DE", "status": "50.8", "note": "6.48"},
        mapping=PLACED,
    )
    assert [row.outcome for row in plans.rows] == ["new", "new", "new", "refused", "new"]
    assert [ns.compact(row.things["city_b"].thing) for row in plans.rows if row.outcome == "new"] == [
        "city:lyon",
        "city:lyon",
        "city:lyon-france",
        "city:duren",
    ]
    assert not any(quad.predicate == CD.uncheckedIdentifier for quad, _ in plans.statements())


def test_a_new_place_is_no_twin_of_itself(names: Names) -> None:
    lyon = {"a": "Lyon", "land_a": "FR", "b": "Lyon", "land_b": "FR", "status": "45.76", "note": "4.84"}
    both = PLACED.replace("identifiers: {wikidata: id_a}, new: city", "new: city, latitude: status, longitude: note")
    assert [str(why) for why in planned(names, lyon, mapping=both).rows[0].why] == [
        "Both parties are the same. Name two different parties."
    ]


@pytest.mark.parametrize(
    ("word", "relation", "label"),
    [
        ("Friendship agreement", "activity:friendship-dalian-york", "Friendship of Dalian and York"),
        ("Freundschaft", "activity:friendship-dalian-york", "Friendship of Dalian and York"),
        ("Kontakte", "activity:contact-dalian-york", "Contact of Dalian and York"),
        ("projet", "activity:project-dalian-york", "Project of Dalian and York"),
        ("Städtepartnerschaft", "twinning:dalian-york", "Twinning of Dalian and York"),
        ("ville jumelée", "twinning:dalian-york", "Twinning of Dalian and York"),
        ("姐妹城市", "twinning:dalian-york", "Twinning of Dalian and York"),
        ("", "twinning:dalian-york", "Twinning of Dalian and York"),
    ],
)
def test_a_tie_is_of_the_kind_that_its_row_names(
    names: Names, store: Store, word: str, relation: str, label: str
) -> None:
    kinds = TWINS.replace("note: note\n", "kind: note\n")
    row = {"a": "York", "land_a": "GB", "b": "Dalian", "note": word, "since": "since 2010", "status": "current"}
    found = planned(names, row, mapping=kinds)
    assert [ns.compact(row.relation.iri) for row in found.rows if row.relation] == [relation]
    stated = {quad.object for quad, _ in found.statements() if quad.predicate == SKOS.prefLabel}
    assert Literal(label, language="en") in stated
    with_it = copied(store)
    with_it.extend(graphs.default_graph_once([quad for quad, _ in found.statements()]))
    again = planned(Names(with_it), row, mapping=kinds)
    assert [one.outcome for one in again.rows] == ["known"]
    submission = Submission.of(found.statements_with_places(), found.table.file)
    results = ChangeValidation().verdict(store, Ledger(), submission.change).new
    assert [one for one in (*check(submission, store), *results) if one.severity == "Violation"] == []
    told = [text["text"] for one in changed_sentences(store, submission.change) for text in one["added"]]
    assert ["Dalian and York share a" in text for text in told if ", since 2010" in text] == [relation[0] == "a"]


def test_a_kind_of_tie_that_is_not_known_is_refused_with_those_that_are(names: Names) -> None:
    (row,) = planned(
        names, {"a": "York", "b": "Dalian", "note": "Liaison"}, mapping=TWINS.replace("note: note", "kind: note")
    ).rows
    assert row.outcome == "refused"
    assert str(row.why[0]).startswith(
        "'Liaison' is not a kind of tie that is known here. Available: twinning, contact, "
    )


def test_the_identifier_of_a_new_thing_is_marked_as_unchecked(names: Names) -> None:
    found = planned(names, {"a": "York", "b": "Lyon", "land_b": "FR", "id_b": "Q456"})
    marked = [quad.object for quad, _ in found.statements() if quad.predicate == CD.uncheckedIdentifier]
    assert marked == [NamedNode("http://www.wikidata.org/entity/Q456")]


def test_a_state_that_the_graph_lacks_is_known_by_its_item_and_comes_along(names: Names, store: Store) -> None:
    monaco = {"b": "Monaco", "id_b": "Q235"}
    found = planned(names, {"a": "York"} | monaco, LYON | {"b": "Monaco", "land_b": "MC", "id_b": "Q235"})
    assert [(row.outcome, row.things["city_b"].thing) for row in found.rows] == [("new", f"{ns.ID}country/monaco")] * 2
    change = Submission.of(found.statements_with_places(), found.table.file).change
    coded = {quad.subject for quad in change.added if quad.predicate == CD.isoAlpha2}
    assert {ns.compact(one.value) for one in coded if isinstance(one, NamedNode)} == {
        "country:monaco",
        "country:france",
    }
    assert "Twinning of Monaco and York" in {
        quad.object.value
        for quad in change.added
        if quad.predicate == SKOS.prefLabel and isinstance(quad.object, Literal)
    }
    after = copied(store)
    after.extend([*change.added, *graphs.default_graph_once(change.added)])
    assert [row.outcome for row in planned(Names(after), {"a": "York"} | monaco).rows] == ["known"]


def test_a_state_is_no_city(names: Names) -> None:
    cities = TWINS.replace("new: city", "kind: city, new: city")
    outcome, meant, why = one(names, cities, b="Monaco", land_b="MC", id_b="Q235")
    assert (outcome, meant) == ("refused", "")
    assert why == "Q235 identifies Monaco (country:monaco), which is not allowed here. It may be one of: city."


def test_new_things_of_one_name_have_iris_of_their_own(names: Names) -> None:
    found = planned(
        names,
        {"a": "York", "b": "London", "land_b": "CA", "id_b": "Q92561"},
        {"a": "York", "b": "London", "land_b": "CA", "id_b": "Q92562"},
        {"a": "York", "b": "London", "land_b": "CA", "id_b": "Q92561"},
    )
    meant = [ns.compact(row.things["city_b"].thing) for row in found.rows]
    assert meant == ["city:london-canada", "city:q92562", "city:london-canada"]
    assert [len(row.why) for row in found.rows] == [0, 1, 1]
    assert str(found.rows[1].why[0]).startswith("'London' is new as city:q92562 and, by line 2, as city:london-canada")


def test_networks_and_organisations_are_made_with_their_homepages(names: Names) -> None:
    mapping = f"""rows: organisations
{SOURCE}
organisation: {{name: a, identifiers: {{wikidata: id_a}}, homepage: note, new: network}}
"""
    rows = [
        {"a": "C40"},
        {"a": "Eurocities", "id_a": "Q99999901", "note": "https://eurocities.eu/"},
        {"a": "Eurocities"},
        {"a": "Other", "id_a": "Q99999902", "note": "eurocities"},
        {"a": "Towns of Lace", "note": "https://example.org/lace"},
        {"a": "Towns of Lace", "note": "https://example.org/lace"},
    ]
    found = planned(names, *rows, mapping=mapping)
    assert [row.outcome for row in found.rows] == ["known", "new", "refused", "refused", "new", "known"]
    stated = {
        (ns.compact(quad.predicate.value), getattr(quad.object, "value", "")) for quad, row in found.statements() if row
    }
    assert ("foaf:homepage", "https://eurocities.eu/") in stated
    assert "'eurocities' is not an address" in str(found.rows[3].why[0])


@pytest.mark.parametrize("defined_by", ["town-list", "source:town-list", "source:geonames"])
def test_a_network_may_be_defined_by_a_source(names: Names, defined_by: str) -> None:
    mapping = f"""rows: memberships
{SOURCE}
city: {{name: a}}
network: {{name: {{constant: Towns of Lace}}, defined_by: {{constant: "{defined_by}"}}, new: network}}
role: {{constant: member}}
"""
    found = planned(names, {"a": "Leeds"}, {"a": "York"}, mapping=mapping)
    assert [row.outcome for row in found.rows] == ["new", "new"]
    sources = {
        ns.compact(getattr(quad.object, "value", ""))
        for quad, _ in found.statements()
        if quad.predicate == DCTERMS.source and "/network/towns-of-lace" in str(quad.subject)
    }
    assert sources == {"source:town-list", f"source:{defined_by.removeprefix('source:')}"}
    with pytest.raises(RefusedSubmissionError) as caught:
        planned(names, {"a": "Leeds"}, mapping=mapping.replace(f'"{defined_by}"', "no-such-list"))
    assert "'no-such-list' is not a source that is known here" in caught.value.findings[0].message


def test_where_a_country_is_gone_the_position_decides_or_an_entry_of_the_gazetteer(
    names: Names, tmp_path: Path
) -> None:
    numbers = "identifiers: {wikidata: id_b, geonames: note}, latitude: since, longitude: until"
    mapping = TWINS.replace("identifiers: {wikidata: id_b}", numbers).partition("since: since\n")[0]
    gone = {"a": "York", "land_a": "GB", "b": "Beringovskiy", "land_b": "USSR"}
    place, elsewhere = {"since": "63.06", "until": "179.35"}, {"since": "35.9", "until": "-83.4"}
    with small_gazetteer(tmp_path) as gazetteer:
        found = planned(
            names,
            {**gone, **place},
            {**gone, "note": "2126710"},
            gone,
            {**gone, **elsewhere},
            {**gone, **place, "land_b": "Atlantis"},
            mapping=mapping,
            gazetteer=gazetteer,
        )
        decided = f"{mapping}decisions: {{'Beringovskiy, USSR': 'geonames:2126710'}}\n"
        (by_decision,) = planned(names, gone, mapping=decided, gazetteer=gazetteer).rows
    assert [row.outcome for row in found.rows] == ["new", "known", "refused", "refused", "refused"]
    assert "ISO 3166 withdrew 'USSR' in 1992" in str(found.rows[2].why[0])
    assert by_decision.outcome == "new"
    within = {str(quad.object) for quad, _ in found.statements() if quad.predicate == CD.within}
    assert any("/country/russia" in land for land in within)


def test_candidates_are_told_apart_by_what_is_known_of_them(names: Names) -> None:
    mapping = TWINS.replace("name: b,", "name: b, latitude: since, longitude: until,").partition("since: since\n")[0]
    row = {"a": "York", "b": "Dalian", "land_b": "CN", "id_b": "Q956", "since": "39.9", "until": "116.4"}
    found = planned(names, {**row, "land_a": "GB"}, mapping=mapping)
    (text,) = found.undecided
    assert (text["text"], text["field"], text["places"], text["canBeNew"]) == ("Q956", "city_b", ["line 2"], True)
    beijing, dalian = text["choices"]
    assert (beijing["name"], beijing["kind"], beijing["country"], beijing["twins"] > 0) == (
        "city:beijing",
        "city",
        "CN",
        True,
    )
    assert beijing["kilometres"] < dalian["kilometres"]


def test_members_may_join_a_network_that_is_new(names: Names) -> None:
    mapping = f"""rows: memberships
{SOURCE}
city: {{name: a, country: land_a}}
network: {{name: {{constant: Eurocities}}, identifiers: {{wikidata: {{constant: Q99999901}}}}, new: network}}
role: status
"""
    rows = [
        {"a": "Leeds", "land_a": "GB", "status": "member"},
        {"a": "York", "land_a": "GB", "status": "Member"},
        {"a": "Bristol", "land_a": "GB"},
    ]
    found = planned(names, *rows, mapping=mapping)
    assert [row.outcome for row in found.rows] == ["new", "new", "refused"]
    assert "A role is needed." in str(found.rows[2].why[0])
    assert [ns.compact(row.relation.iri) for row in found.rows if row.relation] == [
        "membership:leeds-eurocities",
        "membership:york-eurocities",
    ]


def test_what_may_be_meant_is_told_with_its_labels(names: Names, tmp_path: Path) -> None:
    found = planned(names, {"a": "York", "b": "Dalian", "id_b": "Q956"})
    found.write_report(tmp_path / "r.csv")
    (row,) = csv.DictReader((tmp_path / "r.csv").read_text(encoding="utf-8").splitlines())
    assert row["city_b_candidates"] == "city:beijing “Beijing in China”; city:dalian “Dalian in China”"


def test_a_country_is_asked_for_where_none_is_given() -> None:
    bare = Store()
    thing = NamedNode(f"{ns.ID}city/newton")
    bare.add(Quad(thing, SKOS.prefLabel, Literal("Newton", language="en"), DefaultGraph()))
    row = {"a": "York", "id_a": "Q42462", "b": "Newton", "id_b": "Q99999"}
    hints = [planned(Names(bare), row | {"land_b": land}).rows[0].why[0].hint for land in ("", "GB")]
    assert [hint.partition(";")[0] for hint in hints] == [
        "Give its country, or an identifier that the graph has",
        "Give an identifier that the graph has",
    ]


def lands_with(*within: tuple[str, str, str]) -> Names:
    """The names of a graph of the United Kingdom, Scotland, England and places: IRI, label, in which they lie."""
    lands = Store()
    kingdom = ("country/united-kingdom", "United Kingdom", "")
    nations = [(f"nation/{name.lower()}", name, kingdom[0]) for name in ("Scotland", "England")]
    for path, name, land in (kingdom, *nations, *within):
        thing = NamedNode(ns.ID + path)
        lands.add(Quad(thing, SKOS.prefLabel, Literal(name, language="en"), DefaultGraph()))
        if land:
            lands.add(Quad(thing, CD.within, NamedNode(ns.ID + land), DefaultGraph()))
    lands.add(Quad(NamedNode(ns.ID + kingdom[0]), CD.isoAlpha2, Literal("GB"), DefaultGraph()))
    return Names(lands)


def test_what_lies_in_a_state_may_lie_in_any_of_its_nations_and_in_no_other() -> None:
    perth, stirling = "polity/q203000", "city/stirling"
    known = lands_with((perth, "Perth", "country/united-kingdom"), (stirling, "Stirling", "nation/scotland"))
    item = NamedNode("http://www.wikidata.org/entity/Q203000")
    known.store.add(Quad(NamedNode(ns.ID + perth), SCHEMA.sameAs, item, DefaultGraph()))
    york = {"id_a": "Q42462"}
    outcome, meant, why = one(known, b="Perth", land_b="Scotland", **york)
    assert (outcome, meant) == ("ambiguous", perth)
    assert "does not say whether that lies in nation:scotland" in why
    assert one(known, b="Perth", land_b="Scotland", id_b="Q203000", **york)[:2] == ("new", perth)
    assert one(known, b="Perth", land_b="GB", **york)[:2] == ("new", perth)
    assert one(known, b="Stirling", land_b="Scotland", **york)[:2] == ("new", stirling)
    assert one(known, b="Stirling", land_b="England", **york)[0] == "refused"


def test_what_has_the_name_and_lies_in_the_country_is_told_beside_what_the_identifier_means(names: Names) -> None:
    outcome, meant, why = one(names, b="Dalian", land_b="CN", id_b="Q84")
    assert (outcome, meant) == ("ambiguous", "city/london city/dalian")
    assert "Did you mean city:dalian “Dalian” in China? Mend the identifier or the country" in why


def test_a_way_out_is_told_once_for_both_parties(tmp_path: Path) -> None:
    known = lands_with(("polity/q1", "Voiron", ""), ("polity/q2", "Herford", ""))
    planned(known, {"a": "Voiron", "land_a": "FR", "b": "Herford", "land_b": "DE"}).write_report(tmp_path / "r.csv")
    (row,) = csv.DictReader((tmp_path / "r.csv").read_text(encoding="utf-8").splitlines())
    assert row["reason"].count("does not say whether that lies in") == 2
    assert row["hint"].count("Give an identifier") == 1


def test_the_pair_that_the_graph_joins_decides_between_namesakes() -> None:
    places = ("polity/q1017", "Aachen"), ("polity/q99", "Aachen"), ("polity/q41876", "Reims"), ("polity/q98", "Reims")
    known = lands_with(*((path, name, "") for path, name in places))
    for path in ("polity/q1017", "polity/q41876"):
        twinning = NamedNode(f"{ns.ID}twinning/q1017-q41876")
        known.store.add(Quad(twinning, CD.twin, NamedNode(ns.ID + path), DefaultGraph()))
    row = {"a": "Aachen", "land_a": "DE", "b": "Reims", "land_b": "FR"}
    joined, apart = planned(known, row, row | {"b": "Herford"}).rows
    assert [(one.thing, " ".join(one.grounds)) for one in joined.things.values()] == [
        (f"{ns.ID}polity/q1017", "name pair"),
        (f"{ns.ID}polity/q41876", "name pair"),
    ]
    assert (joined.outcome, joined.relation and joined.relation.is_new) == ("new", False)
    assert (apart.outcome, apart.things["city_a"].outcome) == ("refused", "ambiguous")


def test_a_town_that_the_gazetteer_calls_otherwise_is_one_name_in_all_rows(names: Names, tmp_path: Path) -> None:
    place = "2886242 Köln DE 07 50.93333 6.95 963395 Cologne\n"
    rows = [{"a": "Cologne", "land_a": "DE", "b": name, "land_b": "CN"} for name in ("Beijing", "Guangzhou")]
    with small_gazetteer(tmp_path, place) as gazetteer:
        found = planned(names, *rows, gazetteer=gazetteer).rows
    assert [(row.outcome, [str(why) for why in row.why if "as was" in str(why)]) for row in found] == [("new", [])] * 2


def test_two_names_that_are_taken_for_one_thing_are_told_once(names: Names) -> None:
    rows = [{"a": "York", "b": name, "land_b": "CN"} for name in ("Beijing", "Peking", "City of Beijing", "Peking")]
    found = planned(names, *rows).rows
    told = [[str(why) for why in row.why if "as was" in str(why)] for row in found]
    assert [len(one) for one in told] == [0, 1, 0, 0]
    assert told[1][0].startswith("'Peking' was matched to city:beijing, as was 'Beijing' in line 2.")


def test_a_row_does_not_become_evidence_for_the_next() -> None:
    known = lands_with(("polity/q1017", "Aachen", ""), ("polity/q41876", "Reims", ""))
    first, second = planned(known, {"a": "Aachen", "b": "Reims"}, {"a": "Aachen", "b": "Reims", "land_b": "FR"}).rows
    assert (first.outcome, second.outcome) == ("new", "ambiguous")


def test_an_empty_cell_is_told_with_its_column(names: Names) -> None:
    mapping = f"""rows: memberships
{SOURCE}
city: {{name: a}}
network: {{name: {{constant: C40}}}}
role: status
"""
    (row,) = planned(names, {"a": "Leeds"}, mapping=mapping).rows
    assert "Fill the cell in column 'status'" in str(row.why[0])


def test_a_decision_settles_what_is_ambiguous(names: Names) -> None:
    row = {"b": "Beijing", "land_b": "CN", "id_b": "Q99999999"}
    assert one(names, TWINS + "decisions: {Q99999999: city:beijing}\n", **row)[:2] == ("new", "city/beijing")
    assert one(names, TWINS + "decisions: {Q99999999: new}\n", **row)[:2] == ("new", "city/beijing-china")
    assert one(names, TWINS + "decisions: {Q99999999: city:bejing}\n", **row)[0] == "refused"


@pytest.mark.parametrize("name", ["Pekking", "Beijing", "北京", "Pekking, China", "city:beijing"])
def test_a_name_that_a_decision_takes_for_a_thing_is_kept_as_printed(names: Names, name: str) -> None:
    decisions = "decisions: {'Pekking, CN': city:beijing, 'Pekking, China, CN': city:beijing, Q956: city:beijing}\n"
    found = planned(names, {"a": "York", "b": name, "land_b": "CN"}, mapping=TWINS + decisions)
    assert [row.outcome for row in found.rows] == ["new"]
    printed = [quad.object.value for quad, _ in found.statements() if quad.predicate == CD.printedName]
    assert printed == [name] * name.startswith("Pekking")


@pytest.mark.parametrize("slip", ["Shefield", "Scheffield", "Sheffeild", "Bristoll", "Newcastle-upon-Tine"])
def test_what_is_new_and_nearly_called_as_something_known_says_so(names: Names, slip: str) -> None:
    row = {"b": slip, "land_b": "GB", "id_b": "Q99999999"}
    near = {"B": "bristol", "N": "newcastle-upon-tyne"}.get(slip[0], "sheffield")
    outcome, meant, why = one(names, **row)
    assert (outcome, meant.startswith("city/")) == ("new", True)
    assert f"{slip!r} is new, and has the same name as city:{near} “" in why
    assert "give the identifier that the graph has" in why
    (planned_row,) = planned(names, {"a": "York"} | row).rows
    assert planned_row.things["city_b"].candidates == (f"{ns.ID}city/{near}",)
    without = one(names, **row | {"id_b": ""})
    assert (without[0], f"Did you mean city:{near} “" in without[2]) == ("refused", True)
    assert one(names, TWINS + f"decisions: {{{slip}: new}}\n", **row)[2] == ""
    assert one(names, **row | {"land_b": "FR"})[2] == ""  # what lies elsewhere is another place


@pytest.mark.parametrize(
    ("land", "outcome", "hint"),
    [
        ("Schottland", "new", ""),
        ("苏格兰", "new", ""),
        (
            "Scottland",
            "refused",
            "Did you mean nation:scotland “Scotland” in United Kingdom? Give the code of ISO 3166-1",
        ),
        ("Frankrech", "refused", "Did you mean FR (France)?"),
        (
            "Bayern",
            "refused",
            "It is a part of Germany: write DE, or say in the mapping what it is (country: {column: …, ",
        ),
        ("Manchester", "refused", "Give the code of ISO 3166-1"),  # also a parish of Jamaica
        ("-99", "refused", "values: {'-99': …}})"),
        ("Kosovo", "refused", "It is a part of Serbia: write RS, or say in the mapping"),
        ("Republic of Macedonia", "refused", "Did you mean MK (North Macedonia)?"),
        (
            "Yugoslavia",
            "refused",
            "ISO 3166 withdrew 'Yugoslavia' in 2003. Give the country in which the place lies today",
        ),
        ("DDR", "refused", "ISO 3166 withdrew 'DDR' in 1990. If Germany is meant, write DE, or say in the mapping"),
    ],
)
def test_a_land_that_is_no_state_is_found_or_has_a_way_out(names: Names, land: str, outcome: str, hint: str) -> None:
    found = one(names, b="Glasgow", land_b=land)
    assert found[0] == outcome
    assert hint in found[2]


def test_without_new_nothing_is_made_and_the_nearest_names_are_told(names: Names) -> None:
    outcome, meant, why = one(names, TWINS.replace("new: city", "new: no"), b="Shefield")
    assert (outcome, meant) == ("refused", "city/sheffield")
    assert "Did you mean city:sheffield “Sheffield”" in why


def test_columns_that_are_not_there_are_told_with_the_nearest(names: Names) -> None:
    with pytest.raises(RefusedSubmissionError) as caught:
        planned(names, LYON, mapping=TWINS.replace("since: since", "since: sinse"))
    (found,) = caught.value.findings
    assert (found.line, found.message) == (6, "The table has no column 'sinse'.")
    assert "Did you mean 'since'?" in found.hint
    assert "with empty cells where nothing is known, or leave it out of the mapping" in found.hint


def test_a_table_without_rows_is_refused(names: Names) -> None:
    with pytest.raises(RefusedSubmissionError, match="a header and no rows"):
        planned(names)


def test_columns_that_are_not_read_are_named(names: Names) -> None:
    everything = planned(names, {"a": "York", "b": "Jinan"})
    assert everything.unread_columns is None
    without = planned(names, {"note": "x"}, mapping=TWINS.replace("note: note\n", "").replace("until: until\n", ""))
    assert without.unread_columns is not None
    assert without.unread_columns.message.endswith("Nothing is imported of: until, note.")
    assert without.summary()["findings"][0] == without.unread_columns.as_dict()


def test_a_gazetteer_that_is_missing_is_told_once_where_places_are_not_clear(names: Names) -> None:
    unclear = planned(names, *({"a": "York", "b": name} for name in ("Aachen", "Herford")))
    assert [one.message for one in unclear.findings] == [
        "There is no gazetteer, which would know more of the places of this table."
    ]
    assert planned(names, {"a": "York", "b": "Jinan"}).findings == []


def test_the_source_is_one_that_is_known_or_declared(names: Names) -> None:
    table = parse_table((",".join(COLUMNS) + "\n" + "York" + "," * 9).encode(), "t.csv")
    declared, bare = TableMapping.read(TWINS.encode()), TableMapping.read(TWINS.replace(SOURCE, "").encode())
    assert plan(table, bare, names, "geonames").source.iri.value == f"{ns.ID}source/geonames"
    assert plan(table, bare, names, "source:geonames").source.graph.value == f"{ns.GRAPH}curated/geonames"
    assert plan(table, declared, names).source.address == "https://example.org/towns"
    assert plan(table, declared, names, "https://example.org/other").source.address == "https://example.org/other"
    for unknown in ("", "https://example.org/other", "source:geonamse", f"{ns.ID}city/leeds"):
        with pytest.raises(BadValueError):
            plan(table, bare, names, unknown)


NAMES = st.sampled_from(
    [
        "York",
        "Leeds",
        "Dalian",
        "Lyon",
        "London",
        "city:beijing",
        "district:x",
        "Nowhere",
        "",
        "北京",
        "a\u202eb",
        "x" * 300,
    ]
)
LANDS = st.sampled_from(["GB", "China", "FR", "法国", "Atlantis", ""])
ITEMS = st.sampled_from(["Q84", "Q456", "Q39121", "Q999999", "Q145", "http://www.wikidata.org/entity/Q42448", "x", ""])
TEXTS = st.sampled_from(["", "1999", "1980s", "2001-02-30", "20190", "current", "former;planned", "No."])
ROW = st.fixed_dictionaries(
    {"a": NAMES, "land_a": LANDS, "id_a": ITEMS, "b": NAMES, "land_b": LANDS, "id_b": ITEMS}
    | dict.fromkeys(("since", "until", "status", "note"), TEXTS)
)


@given(st.lists(ROW, min_size=1, max_size=6))
def test_whatever_a_table_holds_each_row_has_an_outcome_and_the_gate_takes_the_new_ones(
    names: Names, store: Store, rows: list[dict[str, str]]
) -> None:
    found = planned(names, *rows)
    kept = [row for row in rows if any(row.values())]
    assert len(found.rows) == len(kept) == sum(found.counts[outcome] for outcome in found.OUTCOMES)
    assert all(row.why for row in found.rows if row.outcome != "new")
    stated = [quad for quad, _ in found.statements()]
    assert len(stated) == len(set(stated))
    submission = Submission.of(found.statements_with_places(), found.table.file)
    assert [one for one in check(submission, store) if one.severity == "Violation"] == []
    assert len({quad for quad in stated if quad.predicate == CD.accountOf}) == found.counts["new"]


def test_reports_tell_every_row_and_unfit_ones_come_again(names: Names, tmp_path: Path) -> None:
    found = planned(names, {"a": "York", "b": "Dalian"}, {"a": "York", "b": "Nowhere"}, {"a": "Dalian", "b": "York"})
    found.write_report(tmp_path / "r.csv")
    found.write_report(tmp_path / "r.json")
    in_csv = list(csv.DictReader((tmp_path / "r.csv").read_text(encoding="utf-8").splitlines()))
    in_json = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert [(row["place"], row["outcome"]) for row in in_csv] == [
        ("line 2", "new"),
        ("line 3", "refused"),
        ("line 4", "known"),
    ]
    assert [row["outcome"] for row in in_json["rows"]] == ["new", "refused", "known"]
    assert in_json["counts"] | {"statements": 0} == {
        "rows": 3,
        "new": 1,
        "known": 1,
        "ambiguous": 0,
        "refused": 1,
        "things": 0,
        "statements": 0,
    }
    assert in_csv[1]["reason"] == in_json["rows"][1]["reasons"][0]["message"]
    assert found.write_unfit(tmp_path / "u.csv") == 1
    again = plan(read_table(tmp_path / "u.csv"), found.mapping, names)
    assert [row.why for row in again.rows] == [found.rows[1].why]
    with pytest.raises(BadValueError):
        found.write_report(tmp_path / "r.xlsx")
