"""The CSV templates: a row becomes a relation with an account, and each bad cell is told with its place."""

from __future__ import annotations

import csv
import io
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg import resources
from kg.findings import MOST_FINDINGS, RefusedSubmissionError
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.parse import read_file
from kg.rdf.vocabulary import CD, SKOS
from kg.shacl import ChangeValidation, Ledger, project_shapes
from kg.submissions.checks.run import check
from kg.submissions.submission import Submission, SubmittedText, read
from kg.tables.dates import parse_date
from kg.tables.table import records
from kg.tables.templates import MEMBERSHIP, TEMPLATES, TWINNING
from tests.docs import pages
from tests.support.stores import copied
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

GRAPH = ns.GRAPH + "curated/test"
DOCUMENTED = Path(__file__).parents[3] / "docs/curating/templates.md"


@cache
def concepts() -> Store:
    """A graph that has the vocabularies, and no thing."""
    bare = Store()
    for file in sorted((resources.ONTOLOGY / "vocabularies").glob("*.ttl")):
        bare.extend(read_file(file))
    return bare


def table(text: str, store: Store | None = None) -> Submission:
    return read([SubmittedText(text.encode(), "text/csv")], GRAPH, "s", store or concepts())


def refused(text: str, store: Store | None = None) -> list[tuple[int | None, int | None, str]]:
    with pytest.raises(RefusedSubmissionError) as caught:
        table(text, store)
    assert all(finding.message_zh and finding.step == "syntax" for finding in caught.value.findings)
    return [(finding.line, finding.column, f"{finding.message} {finding.hint}") for finding in caught.value.findings]


def parties(text: str, store: Store) -> set[str]:
    found = table(f"city_a,city_b,source\n{text}\n", store).change.added
    return {ns.compact(quad.object.value) for quad in found if quad.predicate == CD.twin}


def turtle(text: str) -> Change:
    return read([SubmittedText((PREFIXES + text).encode(), "text/turtle")], GRAPH, "s").change


@pytest.mark.parametrize(
    ("name", "city"),
    [
        ("Düsseldorf", "city:dusseldorf"),
        ("Xi`an", "city:xian"),
        ("北京", "city:beijing"),
        ("Anshang", "city:anshan"),
        ("City of London", "city:london"),
        ("city:London", "city:london"),
        ("city:berlin", "city:berlin"),
        ("berlin", "city:berlin"),
        (f"{ns.ID}city/london", "city:london"),
        ("Q84", "city:london"),
        ("http://www.wikidata.org/entity/Q84", "city:london"),
        ("2643743", "city:london"),
        ("https://sws.geonames.org/2643743/", "city:london"),
        ("Scotland", "nation:scotland"),
        ("district:Pudong", "district:pudong"),
    ],
)
def test_a_cell_names_a_thing_by_what_it_is_called(store: Store, name: str, city: str) -> None:
    assert parties(f"{name},york,GeoNames", store) == {city, "city:york"}


def test_a_name_of_several_things_is_none_and_each_is_listed(store: Store) -> None:
    grown = copied(store)
    for slug in ("perth-australia", "perth-ontario"):
        grown.add(Quad(NamedNode(f"{ns.ID}city/{slug}"), SKOS.prefLabel, Literal("Perth", language="en")))
    ((_, _, told),) = refused("city_a,city_b,source\nPerth,york,geonames\n", grown)
    assert "'Perth' names 2 things" in told
    assert "city:perth-australia “Perth”; city:perth-ontario “Perth”" in told


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Birmingam", "Did you mean city:birmingham “Birmingham” in England, United Kingdom?"),
        ("São Paulo", "as in its IRI: city:…"),
        ("Q1", "as in its IRI: city:…"),
        ("Germny", "Did you mean country:germany “Germany”?"),
        ("network:Eurocitys", "Write the name with one of these types"),
        ("https://example.org/", "as in its IRI: city:…"),
    ],
)
def test_an_unknown_name_is_told_with_what_is_called_like_it(store: Store, name: str, hint: str) -> None:
    ((line, column, told),) = refused(f"city_a,city_b,source\n{name},york,geonames\n", store)
    assert (line, column) == (2, 1)
    assert hint in told


def test_a_row_of_twinnings_is_a_relation_with_an_account_and_a_source() -> None:
    submission = table(
        "city_a,city_b,since,until,status,character,note,source,source_title,source_url,source_licence\n"
        'leeds,city:hangzhou,1988-05,2009,former,cultural;economic,"Ended, it says.",leeds-gov,'
        "Site of Leeds,https://leeds.gov.uk/t,https://example.org/licence\n"
    )
    assert submission.change == turtle("""
        twinning:hangzhou-leeds a cd:Twinning ; skos:prefLabel "Twinning of Hangzhou and Leeds"@en ;
          cd:twin city:hangzhou , city:leeds .
        account:leeds-gov--twinning-hangzhou-leeds a cd:Account ;
          cd:accountOf twinning:hangzhou-leeds ; cd:statedIn source:leeds-gov ;
          cd:begin "1988-05"^^xsd:gYearMonth ; cd:end "2009"^^xsd:gYear ;
          cd:status status:former ; cd:character character:cultural , character:economic ;
          cd:note "Ended, it says."@en .
        source:leeds-gov a cd:Source ; skos:prefLabel "Site of Leeds"@en ; dcterms:title "Site of Leeds"@en ;
          dcterms:identifier "https://leeds.gov.uk/t" ; dcterms:license <https://example.org/licence> .
    """)
    places = {q.predicate.value.rpartition("#")[2]: submission.place_of(q) for q in submission.change.added}
    assert places["begin"] == ("", 2, 21)
    assert places["end"] == ("", 2, 29)
    assert places["note"] == ("", 2, 59)


def test_a_row_of_memberships_names_parties_in_their_order() -> None:
    submission = table("network,city,role,status,source,note\nc40,group:uk-cities,founder,,publication:list,只有一个\n")
    assert submission.change == turtle("""
        membership:uk-cities-c40 a cd:Membership ; skos:prefLabel "Membership of Uk Cities in C40"@en ;
          cd:member group:uk-cities ; cd:network network:c40 .
        account:list--membership-uk-cities-c40 a cd:Account ; cd:accountOf membership:uk-cities-c40 ;
          cd:statedIn publication:list ; cd:role role:founder ; cd:note "只有一个"@zh-Hans .
    """)


def test_both_orders_of_two_cities_are_one_twinning() -> None:
    header = "city_a,city_b,source\n"
    assert table(f"{header}leeds,york,x\n").change == table(f"{header}york,{ns.ID}city/leeds,source:x\n").change


def test_labels_come_from_the_graph_and_known_relations_keep_theirs(store: Store) -> None:
    new = table("city,network,role,source\nleeds,uclg,member,geonames\n", store).change
    (label,) = (q.object.value for q in new.added if q.predicate.value.endswith("prefLabel"))
    assert label == "Membership of Leeds in United Cities and Local Governments (UCLG)"
    known = table("city,network,role,source\nguangzhou,uclg,member,geonames\n", store).change
    assert not any(q.predicate.value.endswith("prefLabel") for q in known.added)


def test_the_documented_examples_conform(store: Store) -> None:
    validation = ChangeValidation(project_shapes())
    shown = [block for block in pages.blocks(DOCUMENTED.read_text(encoding="utf-8")) if block.is_shell]
    given = dict(filter(None, (command.gives for block in shown for command in pages.commands(block))))
    names = ("twinnings.csv", "memberships.csv", "places.csv", "countries.csv")
    assert {*names} <= given.keys()
    for name in names:
        submission = table(given[name], store)
        assert check(submission, store) == []
        verdict = validation.verdict(store, Ledger(), submission.change)  # so all that stands around it counts as new
        assert [finding.message("en") for finding in verdict.new] == []


def test_every_column_is_documented() -> None:
    documented = DOCUMENTED.read_text(encoding="utf-8")
    for template in TEMPLATES:
        for column in template.columns:
            assert f"`{column}`" in documented, column


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,2\n", [(1, 1, "fits no template")]),
        ("city_a;city_b;source\nx;y;z\n", [(1, 1, "by commas")]),
        ("city_a,city_b,sorce\nx,y,z\n", [(1, 15, "Did you mean 'source'"), (1, 1, "'source' is missing")]),
        ("city_a,city_b,source,status,status\n", [(1, 29, "twice")]),
        ("city_a,city_b,source\nleeds,york\n", [(2, 7, "has 2 cells, and the header 3")]),
        ("city_a,city_b,source\nleeds,york,a,b\n", [(2, 14, "has 4 cells")]),
        ('city_a,city_b,source\nleeds,"york"x,a\n', [(2, 7, "quote")]),
        ('city_a,city_b,source\nleeds,yo"rk,a\n', [(2, 7, "as in its IRI")]),
        ('city_a,city_b,source\nleeds,"york,a\n', [(2, 7, "quote")]),
        ("city_a,city_b,source\nSão Paulo,york,a\n", [(2, 1, "as in its IRI: city:…")]),
        ("city_a,city_b,source\n,person:x,a\n", [(2, 1, "empty"), (2, 2, "city:…")]),
        ("city_a,city_b,source\nleeds,leeds,a\n", [(2, 7, "Both parties are the same")]),
        ("city_a,city_b,source\nleeds,york,https://leeds.gov.uk\n", [(2, 12, "source:…")]),
        ("city_a,city_b,source\nleeds,york,passage:table-1\n", [(2, 12, "passage:table-1")]),
        ("city_a,city_b,source\nleeds,york,a\nyork,leeds,a\n", [(3, 12, "Line 2")]),
        ("city_a,city_b,source,status\nleeds,york,a,curent\n", [(2, 14, "Did you mean 'current'")]),
        ("city,network,role,source\nleeds,c40,,a\n", [(2, 11, "A role is needed")]),
        ("city_a,city_b,source,since\nleeds,york,a,2015-13\n", [(2, 14, "no month 13")]),
        ("city_a,city_b,source,since\nleeds,york,a,long ago\n", [(2, 14, "into the note")]),
        ("city_a,city_b,source,since,until\nleeds,york,a,2015,2009\n", [(2, 19, "before it begins")]),
        ("city_a,city_b,source,source_url\nleeds,york,a,https://a.org\n", [(2, 14, "English title")]),
        ("city_a,city_b,source,source_title\nleeds,york,a,利兹\n", [(2, 14, "English title")]),
    ],
)
def test_each_bad_cell_is_told_with_its_place(text: str, expected: list[tuple[int, int, str]]) -> None:
    found = refused(text)
    assert [place[:2] for place in found] == [place[:2] for place in expected]
    for (*_, message), (*_, part) in zip(found, expected, strict=True):
        assert part in message


def test_findings_of_several_rows_are_told_at_once_up_to_twenty() -> None:
    assert len(refused("city_a,city_b,source\n" + "X,Y,Z\n" * 4)) == 12
    assert len(refused("city_a,city_b,source\n" + "X,Y,Z\n" * 40_000)) == 20


@pytest.mark.parametrize(
    ("text", "kind", "first", "last"),
    [
        ("2012", "gYear", "2012-01-01", "2012-12-31"),
        ("2012-02", "gYearMonth", "2012-02-01", "2012-02-29"),
        ("2012-02-03", "date", "2012-02-03", "2012-02-03"),
        ("1980s", "string", "1980-01-01", "1989-12-31"),
    ],
)
def test_a_date_keeps_its_precision_and_has_a_first_and_a_last_day(text: str, kind: str, first: str, last: str) -> None:
    date = parse_date(text)
    assert (date.literal.value, date.literal.datatype.value) == (text, ns.PREFIXES["xsd"] + kind)
    assert (date.first.isoformat(), date.last.isoformat()) == (first, last)


cells = st.text(st.sampled_from('ab,"\n\r é'), max_size=6)


@given(st.lists(st.lists(cells, min_size=1, max_size=4), max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_cells_are_those_that_the_standard_library_reads(table: list[list[str]], end: str) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator=end).writerows(table)
    text = written.getvalue()
    expected = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    found = list(records(text))
    assert [[cell.text for cell in row] for row in found] == [row for row in expected if any(row)]
    for row in found:
        for cell in row:
            before = re.findall(r"[^\r\n]*(?:\r\n|\n|\r)", text)[: cell.line - 1]
            rest = text[sum(map(len, before)) + cell.column - 1 :]
            assert rest.lstrip(' "\r\n').startswith(re.split(r'[\s"]', cell.text)[0])


def test_the_templates_differ_in_their_headers() -> None:
    assert set(TWINNING.required) & set(MEMBERSHIP.required) == {"source"}


PLACES = "place,name,name_zh,within,latitude,longitude,wikidata,geonames,source\n"


def test_a_place_is_the_same_as_in_turtle(store: Store) -> None:
    found = table(f"{PLACES}lyon,Lyon,里昂,FR,45.770,4.83,http://www.wikidata.org/wiki/Q456,2996944,geonames", store)
    expected = turtle("""
        country:france a cd:State ; skos:prefLabel "France"@en , "法国"@zh-Hans ;
            cd:isoAlpha2 "FR" ; cd:isoAlpha3 "FRA" ;
            schema:sameAs <http://www.wikidata.org/entity/Q142> ; dcterms:source source:iso-3166 .
        city:lyon a cd:City ; skos:prefLabel "Lyon"@en , "里昂"@zh-Hans ; cd:within country:france ;
            schema:sameAs <http://www.wikidata.org/entity/Q456> , <https://sws.geonames.org/2996944/> ;
            wgs84:lat 45.77 ; wgs84:long 4.83 ; geo:hasGeometry geometry:city-lyon ; dcterms:source source:geonames .
        geometry:city-lyon a geo:Geometry ; geo:asWKT "POINT(4.83 45.77)"^^geo:wktLiteral ;
            dcterms:source source:geonames .
    """)
    assert found.change == expected


def test_a_place_in_a_country_that_is_there_does_not_state_it_again(store: Store) -> None:
    found = table(f"{PLACES}district:soho,Soho,,london,,,,,geonames\nwakefield,Wakefield,,英国,,,,,geonames", store)
    subjects = {ns.compact(quad.subject.value) for quad in found.change.added if isinstance(quad.subject, NamedNode)}
    assert subjects == {"district:soho", "city:wakefield"}


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("lyon,Lyon,,Atlantis,,,,,geonames", 12, "'Atlantis' is not the name of a country"),
        ("lyon,,,FR,,,,,geonames", 6, "The cell is empty. Give the name in English."),
        ("lyon,Lyon,,FR,91,0,,,geonames", 15, "91, 0 is not a position."),
        ("lyon,Lyon,,FR,45,,,,geonames", 15, "45 is not a position."),
        ("lyon,Lyon,,FR,NaN,1,,,geonames", 15, "NaN, 1 is not a position."),
        ("lyon,Lyon,,FR,,,456,,geonames", 17, "'456' is not an identifier of Wikidata."),
        ("country:france,France,,FR,,,,,geonames", 1, "is not allowed here"),
    ],
)
def test_a_cell_of_a_place_that_is_wrong_is_told(row: str, column: int, words: str, store: Store) -> None:
    (found,) = refused(PLACES + row, store)
    assert found[:2] == (2, column)
    assert words in found[2]


def test_a_country_is_that_of_its_code_or_name(store: Store) -> None:
    found = table("country\nPL\nPologne\n", store).change.added
    assert {ns.compact(quad.subject.value) for quad in found if isinstance(quad.subject, NamedNode)} == {
        "country:poland"
    }
    assert "not a country" in refused("country\nXX\n", store)[0][2]


def test_a_table_with_more_mistakes_than_are_told_says_so() -> None:
    with pytest.raises(RefusedSubmissionError) as error:
        table("city_a,city_b,since,source\n" + "leeds,york,nineteen,geonames\n" * (MOST_FINDINGS + 5))
    assert error.value.message.startswith(f"The submission has {MOST_FINDINGS} findings or more:\n")


def test_a_tie_and_an_account_of_long_names_have_iris_that_are_short_enough() -> None:
    one, other = (f"city:{letter * 99}" for letter in "ab")
    added = table(f"city_a,city_b,source\n{one},{other},source:geonames\n").change.added
    made = [
        ns.compact(str(quad.subject.value)).partition(":")[2] for quad in added if isinstance(quad.subject, NamedNode)
    ]
    assert max(map(len, made)) == ns.LONGEST_SLUG
