"""A table whose columns are a template's, and the same table by a mapping: both say the same of the same cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Quad, Store

from kg.findings import RefusedSubmissionError
from kg.names import Names
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD
from kg.submissions import Submission, SubmittedText, read
from kg.tables import Plan, TableMapping, plan
from kg.tables.table import parse_table

pytestmark = pytest.mark.drawn

SOURCE = ("town-list", "List of towns", "https://example.org/towns", "not known")
SOURCE_COLUMNS = ("source", "source_title", "source_url", "source_licence")
DECLARED = f"source: {{name: {SOURCE[0]}, title: {SOURCE[1]}, url: '{SOURCE[2]}', licence: {SOURCE[3]}}}\n"
TWINNINGS = ("city_a", "city_b", "since", "until", "status", "character", "note")
MEMBERSHIPS = ("city", "network", "role", "since", "until", "status", "note")
PLACES = ("place", "name", "name_zh", "within", "latitude", "longitude", "wikidata", "geonames")
BY_NAME = {
    TWINNINGS: "rows: twinnings\ncity_a: {name: city_a}\ncity_b: {name: city_b}\ncharacter: character\n",
    MEMBERSHIPS: "rows: memberships\ncity: {name: city}\nnetwork: {name: network}\nrole: role\n",
}
SAID = "".join(f"{name}: {name}\n" for name in ("since", "until", "status", "note"))

CITIES = ["York", "city:leeds", "北京", "Dalian", "Q84", "Düsseldorf", "glasgow", f"{ns.ID}city/birmingham"]
NETWORKS = ["C40", "network:uclg", "uclg"]
DATES = ["", "1999", "1980s", "2001-03", "2015-03-01", "2001-02-30", "2015-13", "long ago"]
STATUSES = ["", "current", "former;planned", "Current", "status:renewed", "currant"]
NOTES = ["", "Renewed twice, it says.", "只有一个", 'a "quoted" word', "two\nlines", "a\u202eb"]


@pytest.fixture(scope="module")
def names(store: Store) -> Names:
    return Names(store)


def text(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([(*columns, *SOURCE_COLUMNS), *((*row, *SOURCE) for row in rows)])
    return written.getvalue().encode()


def by_template(table: bytes, store: Store) -> Submission:
    return read([SubmittedText(table, "text/csv")], graphs.writable_graph("curated/town-list"), store=store)


def by_mapping(table: bytes, mapping: str, names: Names) -> Plan:
    return plan(parse_table(table, "t.csv"), TableMapping.read((DECLARED + mapping).encode()), names)


def new(quads: frozenset[Quad], store: Store) -> set[Quad]:
    """What of some quads the graph does not state yet: a template states what is there again, an import does not."""
    return {quad for quad in quads if Quad(quad.subject, quad.predicate, quad.object, DefaultGraph()) not in store}


def compared(columns: tuple[str, ...], rows: Sequence[Sequence[str]], names: Names) -> None:
    """Compare both roads: what rows state if they can be read, and otherwise what is wrong with which."""
    table = text(columns, rows)
    planned = by_mapping(table, BY_NAME[columns] + SAID, names)
    unfit = {(row.row.line, why.message) for row in planned.unfit_rows() for why in row.why}
    if unfit:
        with pytest.raises(RefusedSubmissionError) as refused:
            by_template(table, names.store)
        assert {(found.line, found.message) for found in refused.value.findings} == unfit
        return
    sent, imported = by_template(table, names.store), Submission.of(planned.statements_with_places(), "t.csv")
    assert new(sent.change.added, names.store) == new(imported.change.added, names.store)


ROLES = st.sampled_from(["member", "founder; Member", ""])
SAYS = (st.sampled_from(DATES), st.sampled_from(DATES), st.sampled_from(STATUSES))


@given(
    st.lists(
        st.tuples(st.sampled_from(CITIES), *SAYS, st.sampled_from(["", "cultural;economic"]), st.sampled_from(NOTES)),
        min_size=1,
        max_size=5,
        unique_by=lambda row: row[0],
    )
)
def test_twinnings_are_the_same_by_template_and_by_mapping(names: Names, rows: list[tuple[str, ...]]) -> None:
    compared(TWINNINGS, [(row[0], "oxford", *row[1:]) for row in rows], names)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(CITIES),
            st.sampled_from(NETWORKS),
            ROLES,
            *SAYS,
        ),
        min_size=1,
        max_size=4,
        unique_by=lambda row: row[0],
    )
)
def test_memberships_are_the_same_by_template_and_by_mapping(names: Names, rows: list[tuple[str, ...]]) -> None:
    compared(MEMBERSHIPS, [(*row, "") for row in rows], names)


def test_a_new_place_is_the_same_by_template_and_by_mapping(names: Names) -> None:
    table = text(PLACES, [("lyon", "Lyon", "里昂", "FR", "45.770", "4.83", "Q456", "2996944")])
    mapping = """rows: places
place:
  identifiers: {wikidata: wikidata, geonames: geonames}
  name: {en: name, zh-Hans: name_zh}
  country: within
  latitude: latitude
  longitude: longitude
  new: city
"""
    imported = Submission.of(by_mapping(table, mapping, names).statements_with_places(), "t.csv").change
    unchecked = {quad for quad in imported.added if quad.predicate == CD.uncheckedIdentifier}
    assert {quad.object.value for quad in unchecked} == {
        "http://www.wikidata.org/entity/Q456",
        "https://sws.geonames.org/2996944/",
    }
    assert by_template(table, names.store).change.added == imported.added - unchecked, (
        "who fills in a template has looked"
    )
