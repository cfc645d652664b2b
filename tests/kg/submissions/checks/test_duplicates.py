"""What is there already is told however much there is, and however much comes."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Quad, Store

from kg.findings import Finding
from kg.names import slip_keys, without_idle_words
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.submissions.checks import duplicates
from kg.submissions.checks.duplicates import check_identity
from kg.submissions.checks.graph_after import GraphAfterChange
from kg.submissions.submission import Submission, SubmittedText, read
from tests.support.stores import copied
from tests.support.tiers import EXAMPLES
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

WIKIDATA = "http://www.wikidata.org/entity/"
LEEDS = "wgs84:lat 53.79648 ; wgs84:long -1.54785"


def submission(text: str, removed: str = "") -> Submission:
    texts = {"added": text, "removed": removed}
    given = [SubmittedText((PREFIXES + body).encode(), "application/trig", part) for part, body in texts.items()]
    return read(given, ns.GRAPH + "curated/test", "s")


def identity(store: Store, text: str, removed: str = "") -> list[Finding]:
    found = {finding for _, finding in check_identity(GraphAfterChange(submission(text, removed).change, store))}
    assert all(finding.message_zh and finding.hint for finding in found)
    return sorted(found, key=lambda finding: (str(finding.focus), str(finding.value)))


def place(name: str, label: str, more: str = "", kind: str = "cd:City") -> str:
    return f'{name} a {kind} ; skos:prefLabel "{label}"@en {more} .\n'


def grown(store: Store, text: str) -> Store:
    copy = copied(store)
    for quad in submission(text).change.added:
        copy.extend([quad, Quad(quad.subject, quad.predicate, quad.object)])
    return copy


def told(found: Iterable[Finding]) -> list[tuple[str, str | None, str | None]]:
    return [(finding.severity, finding.focus, finding.value) for finding in found]


def test_after_thousands_of_new_places_a_known_one_is_still_told(store: Store) -> None:
    digits = str.maketrans("0123456789", "bcdfghklmn")
    many = (place(f"city:n{n}", f"Qa{n:04}wo{n:04}".translate(digits)) for n in range(2_800))
    known = (
        place("city:zz-leeds", "Leeds")
        + place("city:zz-beijing", "Beijing")
        + place("country:zz-germany", "Germany", kind="cd:State")
    )
    assert told(identity(store, "".join(many) + known)) == [
        ("Warning", "city:zz-beijing", "city:beijing"),
        ("Warning", "city:zz-leeds", "city:leeds"),
        ("Warning", "country:zz-germany", "country:germany"),
    ]


LABELS = (
    "Lorem,Lorrem,Lorrrem,Lo-rem,City of Lorem,Lor,The Lorem,Loremipsumx,Loremipsumy,LOREMISPUMX,Loremipsum 1".split(
        ","
    )
)
THINGS = st.lists(st.tuples(st.integers(0, 4), st.sampled_from(LABELS)), max_size=5)


@settings(max_examples=EXAMPLES, deadline=None)
@given(THINGS, THINGS, st.sampled_from(["cd:City", "cd:Company"]))
def test_what_is_told_is_what_a_comparison_of_all_with_all_finds(known: list, new: list, kind: str) -> None:
    there = {f"city:k{n}": {label for one, label in known if one == n} for n, _ in known}
    come = {f"city:n{n}": {label for one, label in new if one == n} for n, _ in new}

    def text(things: dict[str, set[str]], kind: str) -> str:
        named = ((thing, ", ".join(f'"{label}"@en' for label in labels)) for thing, labels in things.items())
        return "".join(f"{thing} a {kind} ; skos:altLabel {labels} .\n" for thing, labels in named)

    found = identity(grown(ONTOLOGY, text(there, kind)), text(come, "cd:City"))
    others = {**(there if kind == "cd:City" else {}), **come}
    alike = {
        thing: {other for other in others if other != thing and are_alike(come[thing], others[other])} for thing in come
    }
    for thing, candidates in alike.items():
        theirs = {finding.value for finding in found if finding.focus == thing}
        assert theirs <= candidates
        assert len(theirs) == min(3, len(candidates))


def are_alike(one: set[str], other: set[str]) -> bool:
    some, more = set(map(without_idle_words, one)), set(map(without_idle_words, other))
    kept = {key for name in some for key, _ in slip_keys(name)}
    return bool(some & more) or any(key in kept for name in more for _, key in slip_keys(name))


ONTOLOGY = Store()


@pytest.fixture(autouse=True, scope="module")
def _ontology(store: Store) -> None:
    ONTOLOGY.bulk_extend(match(store, graph=graphs.ONTOLOGY))


def test_two_of_one_submission_with_one_name_are_told_of_each_other(store: Store) -> None:
    found = identity(store, place("city:one", "Qwertyville") + place("city:two", "Qwertyvile"))
    assert told(found) == [("Warning", "city:one", "city:two"), ("Warning", "city:two", "city:one")]
    assert all("nearly" in finding.message for finding in found)


def test_a_name_that_the_change_takes_away_is_nobodys(store: Store) -> None:
    here = grown(store, place("city:here", "Qwertyville"))
    other = place("city:other", "Qwertyville")
    assert told(identity(here, other)) == [("Warning", "city:other", "city:here")]
    assert identity(here, other, removed='city:here skos:prefLabel "Qwertyville"@en .') == []


def test_what_memory_does_not_suffice_for_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    text = place("city:one", "Shefield") + place("city:two", "Edinnburgh") + place("city:three", "York")
    told_of = {"city:one": "city:sheffield", "city:two": "city:edinburgh", "city:three": "city:york"}
    assert {finding.focus: finding.value for finding in identity(store, text)} == told_of
    monkeypatch.setattr(duplicates, "MOST_LETTERS", 9)
    found = identity(store, text)
    assert {finding.value for finding in found} == {None, "city:sheffield", "city:york"}
    assert "For 1 of the names only equal names were looked up" in found[0].message + found[-1].message


@pytest.mark.parametrize(
    ("more", "value"),
    [
        (f"schema:sameAs <{WIKIDATA}Q1>", f"{WIKIDATA}Q39121"),
        ("skos:exactMatch <https://www.wikidata.org/wiki/Q1>", f"{WIKIDATA}Q39121"),
        ("schema:sameAs <https://sws.geonames.org/1/>", "https://sws.geonames.org/2644688/"),
    ],
)
def test_a_second_identifier_of_one_authority_is_told(store: Store, more: str, value: str) -> None:
    assert told(identity(store, f"city:leeds {more} .")) == [("Warning", "city:leeds", value)]


@pytest.mark.parametrize(
    "more",
    [
        f"schema:sameAs <{WIKIDATA}Q39121>",
        "skos:exactMatch <https://www.wikidata.org/wiki/Q39121>",
        "schema:sameAs <https://en.wikipedia.org/wiki/Leeds>",
    ],
)
def test_the_same_identifier_in_another_spelling_is_no_second_one(store: Store, more: str) -> None:
    assert identity(store, f"city:leeds {more} .") == []


def test_of_two_new_identifiers_one_is_told(store: Store) -> None:
    found = identity(store, place("city:x", "Qwerty", f"; schema:sameAs <{WIKIDATA}Q991> , <{WIKIDATA}Q992>"))
    assert told(found) == [("Warning", "city:x", f"{WIKIDATA}Q991")]
    assert "Q991 and Q992" in found[0].message


def test_an_identifier_that_takes_the_place_of_another_is_no_second_one(store: Store) -> None:
    here = grown(store, place("city:here", "Qwerty", f"; schema:sameAs <{WIKIDATA}Q991>"))
    removed = f"city:here schema:sameAs <{WIKIDATA}Q991> ."
    assert identity(here, f"city:here schema:sameAs <{WIKIDATA}Q992> .", removed) == []


@pytest.mark.parametrize(
    ("more", "kind", "expected"),
    [
        (LEEDS, "cd:City", [("Warning", "city:x", "city:leeds")]),
        ("wgs84:lat 53.79651 ; wgs84:long -1.547849", "cd:City", [("Warning", "city:x", "city:leeds")]),
        ("wgs84:lat 53.797 ; wgs84:long -1.54785", "cd:City", []),
        ("wgs84:lat 53.79648", "cd:City", []),
        ('wgs84:lat "north" ; wgs84:long -1.54785', "cd:City", []),
        (LEEDS, "cd:Company", []),
    ],
)
def test_a_new_place_at_anothers_very_position_is_told(store: Store, more: str, kind: str, expected: list) -> None:
    assert told(identity(store, place("city:x", "Qwerty", f"; {more}", kind))) == expected


def test_two_new_places_at_one_position_are_told_of_each_other(store: Store) -> None:
    where = "; wgs84:lat 10.5 ; wgs84:long 20.5"
    found = identity(store, place("city:x", "Qwerty", where) + place("city:y", "Uiop", where))
    assert told(found) == [("Warning", "city:x", "city:y"), ("Warning", "city:y", "city:x")]


@pytest.mark.parametrize("code", ['cd:isoAlpha2 "DE"', 'cd:isoAlpha3 "DEU"'])
def test_a_second_state_with_one_code_is_refused(store: Store, code: str) -> None:
    found = identity(store, place("country:x", "Qwerty", f"; {code}", "cd:State"))
    assert told(found) == [("Violation", "country:x", "country:germany")]
    assert "country:germany" in found[0].hint


def test_an_identifier_that_goes_from_one_thing_to_another_is_that_of_no_other(store: Store) -> None:
    link = f"schema:sameAs <{WIKIDATA}Q999999999>"
    known = grown(store, f"city:aa {link} .")
    assert [finding.value for finding in identity(known, f"city:bb {link} .")] == ["city:aa"]
    assert identity(known, f"city:bb {link} .", removed=f"city:aa {link} .") == []
