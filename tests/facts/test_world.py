"""The twinnings of the world: each pair once, each statement one account in its own passage, and nothing made up."""

from __future__ import annotations

import csv
import gzip
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kg.building import sources
from kg.names import Names, plain
from kg.names.countries import countries as lands_by_code
from kg.names.countries import country_statements, find_country
from kg.queries.catalogue import canned_queries, check_queries
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.authorities import LINKS
from kg.rdf.parse import read_file
from kg.rdf.vocabulary import CD, DCTERMS, GEO, RDF, SCHEMA, SKOS, WGS84
from kg.resources import FACTS
from kg.rules import infer
from kg.shacl import validate_quads
from kg.sparql.evaluation import select
from tests.generators import world
from tests.generators.world_matches import FILE

pytestmark = pytest.mark.drawn

GRAPH = NamedNode(graphs.work_graph(world.WORK))
EDITORIAL_NOTE = NamedNode(ns.PREFIXES["skos"] + "editorialNote")
ENTRY = f"{ns.PREFIXES['passage']}{world.WORK}/"
DISAGREEMENT, REFERENCE = NamedNode(f"{ns.CD}Disagreement"), NamedNode(f"{ns.CD}StatementReference")
HINT = "A data set: its twins may have a name"


@cache
def everything() -> tuple[Quad, ...]:
    folder = sources.shipped_works()["world"]
    return tuple(quad for path in sorted(folder.glob("*.trig*")) for quad in read_file(path))


@cache
def quads() -> tuple[Quad, ...]:
    """What the tables state, without what a program has found in a gazetteer."""
    return tuple(quad for quad in everything() if quad.graph_name != graphs.FOUND_BY_NAME)


@cache
def found_by_name() -> dict[str, dict[NamedNode, list[str]]]:
    """What a program has found, by thing and predicate."""
    things: defaultdict[str, defaultdict[NamedNode, list[str]]] = defaultdict(lambda: defaultdict(list))
    for quad in everything():
        if quad.graph_name == graphs.FOUND_BY_NAME:
            things[quad.subject.value][quad.predicate].append(quad.object.value)
    return {thing: dict(values) for thing, values in things.items()}


@cache
def report() -> tuple[Quad, ...]:
    return tuple(sources.load())


@cache
def values() -> dict[tuple[str, NamedNode], list[str]]:
    found: dict[tuple[str, NamedNode], list[str]] = defaultdict(list)
    for quad in quads():
        found[str(quad.subject.value), quad.predicate].append(str(quad.object.value))
    return found


def of_class(name: NamedNode) -> list[str]:
    return [quad.subject.value for quad in quads() if quad.predicate == RDF.type and quad.object == name]


def slug(iri: str) -> str:
    return iri.rpartition("/")[2]


@cache
def known() -> dict[str, str]:
    """Things by their items, as the report and the other work that comes with the project have them; and lands."""
    works = [name for name in sources.shipped_works() if name != "world"]
    lands = {land.item: land.iri for land in lands_by_code() if land.item}
    return lands | world.known_items(sources.load(sources.work_folders(works)))


def thing(item: str) -> str:
    return known().get(item, f"{ns.ID}polity/{item.lower()}")


def twinning(one: str, other: str) -> str:
    first, second = sorted((slug(thing(one)), slug(thing(other))))
    return f"{ns.ID}twinning/{first}-{second}"


def states(item: str, other: str) -> bool:
    """Tell whether an item states to be twinned with another one, as the table has it."""
    account = f"{ns.ID}account/{world.WORK}-{item.lower()}--twinning-{slug(twinning(item, other))}"
    return values().get((account, CD.statedIn), []) == [ENTRY + item.lower()]


def test_each_pair_is_there_once_under_the_name_of_its_parties() -> None:
    twinnings = of_class(CD.Twinning)
    pairs = {iri: tuple(sorted(slug(party) for party in values()[iri, CD.twin])) for iri in twinnings}
    assert len(twinnings) == len(set(twinnings)) == len(set(pairs.values())) == 17_401
    assert {iri: f"{ns.ID}twinning/{'-'.join(pair)}" for iri, pair in pairs.items()} == {iri: iri for iri in pairs}
    assert all(len(set(pair)) == 2 for pair in pairs.values())


def test_each_statement_is_one_account_in_the_passage_of_its_own_item() -> None:
    accounts = of_class(CD.Account)
    assert len(accounts) == len(set(accounts)) == 34_178
    told: Counter[str] = Counter()
    for account in accounts:
        (of,), (passage,) = values()[account, CD.accountOf], values()[account, CD.statedIn]
        (item,) = values()[passage, CD.entry]
        told[of] += 1
        assert thing(item) in values()[of, CD.twin]
        assert account == f"{ns.ID}account/{world.WORK}-{item.lower()}--twinning-{slug(of)}"
    assert Counter(told.values()) == {2: 16_777, 1: 624}


def test_passages_are_the_items_that_state_something() -> None:
    passages = of_class(CD.Passage)
    assert len(passages) == len(set(passages)) == 9_849
    assert set(passages) == {values()[account, CD.statedIn][0] for account in of_class(CD.Account)}
    for passage in passages:
        (item,) = values()[passage, CD.entry]
        assert passage == ENTRY + item.lower()
        assert values()[passage, CD.statementGraph] == [GRAPH.value]


def test_bodies_are_as_little_as_is_known_of_them() -> None:
    bodies = {party for iri in of_class(CD.Twinning) for party in values()[iri, CD.twin]}
    new = {body for body in bodies if slug(body).removeprefix("q").isdecimal()}
    assert (len(bodies), len(bodies - new)) == (10_055, 100)
    assert bodies - new <= set(known().values())
    for body in new:
        item = slug(body).upper()
        assert body == f"{ns.ID}polity/{slug(body)}"
        assert values()[body, SCHEMA.sameAs] == [f"http://www.wikidata.org/entity/{item}"]
        assert values()[body, RDF.type] == [CD.Polity.value]
        assert item not in known()
    said = {quad.predicate for quad in quads() if quad.subject.value in new}
    names = Counter((quad.subject.value, quad.object.language) for quad in quads() if quad.predicate == SKOS.prefLabel)
    assert all(names[body, "und"] == 1 for body in new)
    assert {predicate.value.rpartition("/")[2].rpartition("#")[2] for predicate in said} == set(
        "type prefLabel sameAs within lat long hasGeometry source editorialNote duplicateOf".split()
    )
    assert [iri for iri, predicate in values() if predicate == EDITORIAL_NOTE and iri in new] == [
        f"{ns.ID}polity/q219060"
    ]


def test_what_is_found_by_name_adds_to_bodies_what_the_tables_lack() -> None:
    bodies = {iri: said for iri, said in found_by_name().items() if "/polity/" in iri}
    geometries = {iri for iri in found_by_name() if "/geometry/" in iri}
    assert len(bodies) + len(geometries) == len(found_by_name())
    allowed = {RDF.type, CD.within, WGS84.lat, WGS84.long, GEO.hasGeometry, SCHEMA.sameAs, DCTERMS.source}
    allowed.add(CD.uncheckedIdentifier)
    by_name = f"{ns.PREFIXES['source']}geonames-by-name"
    for body, said in bodies.items():
        assert said.keys() <= allowed
        assert said.get(RDF.type, [CD.City.value]) == [CD.City.value]
        assert body not in known().values()
        assert said[CD.uncheckedIdentifier] == said[SCHEMA.sameAs]
        for predicate in (CD.within, WGS84.lat, WGS84.long, GEO.hasGeometry):
            assert len(said.get(predicate, ())) <= (0 if values().get((body, predicate)) else 1)
        if said[DCTERMS.source] == [by_name]:
            assert WGS84.lat in said
            assert not values().get((body, CD.within))
    identifiers = [link for said in bodies.values() for link in said[SCHEMA.sameAs]]
    assert len(identifiers) == len(set(identifiers)) == len(bodies)


def test_what_readers_found_right_is_kept_and_what_they_found_wrong_is_gone() -> None:
    with Path(__file__).with_name("world-read.csv").open(encoding="utf-8", newline="") as file:
        read = [*csv.DictReader(file)]
    linked = {(slug(body), link) for body, said in found_by_name().items() for link in said.get(SCHEMA.sameAs, ())}
    kept = Counter(
        row["verdict"] for row in read if (row["body"], f"https://sws.geonames.org/{row['geonames']}/") in linked
    )
    assert kept == {"right": 849, "right-place-other-entry": 12, "unsure": 2}  # of 873 right ones, and 8 wrong ones


def test_how_many_bodies_have_a_country_a_position_and_a_class() -> None:
    bodies = {party for iri in of_class(CD.Twinning) for party in values()[iri, CD.twin]}
    said = {(quad.subject.value, quad.predicate) for quad in (*everything(), *report())}
    classes = {CD.City, CD.State, CD.CityDistrict, CD.Region, CD.ConstituentNation}
    typed = {quad.subject.value for quad in (*everything(), *report()) if quad.object in classes}
    within = {body for body in bodies if (body, CD.within) in said or (body, CD.isoAlpha2) in said}
    placed = {body for body in bodies if (body, WGS84.lat) in said}
    drawn = [iri for iri in of_class(CD.Twinning) if placed.issuperset(values()[iri, CD.twin])]
    assert (len(within), len(placed), len(typed & bodies), len(drawn)) == (6_647, 6_634, 5_748, 10_875)


NO_DUPLICATES = {
    ("city:auckland", "polity:q758634"): "the council in the middle of Auckland until 2010, and all of Auckland",
    ("polity:q13277", "polity:q13279"): "the island of Rab, with Lopar, and its town",
    ("polity:q121378", "polity:q205832"): "the island of Corfu and its town",
    ("polity:q1855330", "polity:q3183"): "the council in the middle of Perth, one of thirty, and all of Perth",
    ("polity:q612", "polity:q613"): "the city of Dubai and the emirate, a member of the federation",
}
"""Pairs that the rule finds and whose reader found two bodies: what they are instead."""
OF_MUNICIPALITIES = re.compile(r"\b(city of|kommune|municipality|city|gmina|commune|borough of)\b|,.*", re.IGNORECASE)


def test_duplicates_are_the_pairs_of_one_name_with_three_twins_in_common() -> None:
    twins: defaultdict[str, set[str]] = defaultdict(set)
    for iri in of_class(CD.Twinning):
        one, other = values()[iri, CD.twin]
        twins[one].add(other)
        twins[other].add(one)
    named: defaultdict[str, set[str]] = defaultdict(set)
    for quad in (*quads(), *report()):
        if quad.predicate == SKOS.prefLabel and quad.subject.value in twins:
            named[plain(OF_MUNICIPALITIES.sub("", quad.object.value))].add(quad.subject.value)
    pairs = {pair for bodies in named.values() for pair in combinations(sorted(bodies), 2)}
    found = {(one, other) for one, other in pairs if other not in twins[one] and len(twins[one] & twins[other]) >= 3}
    linked = {iri: of for (iri, predicate), (of, *_) in values().items() if predicate == CD.duplicateOf}
    assert len(linked) == 19
    told = {(min(pair), max(pair)) for pair in linked.items()}
    assert {tuple(map(ns.compact, pair)) for pair in found - told} == set(NO_DUPLICATES)
    assert told <= found
    for duplicate, main in linked.items():
        (reading,) = (iri for (iri, predicate), of in values().items() if predicate == CD.about and duplicate in of)
        assert set(values()[reading, CD.about]) == {duplicate, main}
        number = len(twins[duplicate] & twins[main])
        assert f"{NUMBERS[number]} twins are common to both" in values()[reading, CD.reason][0]


NUMBERS = {3: "Three", 4: "Four", 5: "Five", 6: "Six", 7: "Seven", 8: "Eight", 12: "Twelve", 15: "Fifteen"}


def test_what_may_be_there_twice_says_so() -> None:
    (palestine,) = (land for land in lands_by_code() if land.alpha2 == "PS")
    (note,) = values()[f"{ns.ID}polity/q219060", EDITORIAL_NOTE]
    assert palestine.item == ""  # or else both are one
    assert ns.compact(palestine.iri) in note
    assert all(item in note for item in ("Q219060", "Q23792", "Q407199"))


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("Q200166", "Q182059", True),  # Kitchener and Kumasi
        ("Q238205", "Q3971", True),  # Voiron and Herford
        ("Q39121", "Q1295", True),  # Leeds and Dortmund
        ("Q39121", "Q648", True),  # Leeds and Lille
        ("Q2256", "Q16572", True),  # Birmingham and Guangzhou, both known to the report
        ("Q1000336", "Q1004149", False),  # Tandil says so of Olavarría, which does not
        ("Q101341", "Q1003260", False),  # Lillehammer of Leksand
        ("Q102158", "Q54732", False),  # Narva of Karlskoga
    ],
)
def test_statements_of_the_table(one: str, other: str, both: bool) -> None:
    assert states(one, other)
    assert states(other, one) is both
    assert not states(one, "Q90")


def test_twins_of_a_city_are_all_that_either_side_states() -> None:
    leeds = f"{ns.ID}city/leeds"
    twins = {iri for iri in of_class(CD.Twinning) if leeds in values()[iri, CD.twin]}
    items = ("Q1295", "Q14960", "Q3167", "Q35381", "Q648", "Q82174")
    assert twins == {twinning("Q39121", item) for item in items}  # Hangzhou is not among them


def test_what_natural_earth_does_not_say_of_one_place_is_left_out() -> None:
    pyongyang, prishtina = f"{ns.ID}polity/q18808", f"{ns.ID}polity/q25270"
    assert values()[pyongyang, CD.within] == [f"{ns.ID}country/north-korea"]
    assert (pyongyang, NamedNode(ns.PREFIXES["wgs84"] + "lat")) not in values()  # two places have its item
    assert (prishtina, CD.within) not in values()  # its country has no code of ISO 3166-1
    assert (prishtina, NamedNode(ns.PREFIXES["wgs84"] + "lat")) in values()


def test_a_land_is_one_thing_as_a_twin_and_as_the_country_of_others() -> None:
    monaco, kenya = f"{ns.ID}country/monaco", f"{ns.ID}country/kenya"
    assert twinning("Q235", "Q35178") == f"{ns.ID}twinning/monaco-q35178"
    assert states("Q235", "Q35178")
    assert values()[monaco, SCHEMA.sameAs] == ["http://www.wikidata.org/entity/Q235"]
    assert (monaco, CD.within) not in values()
    assert values()[monaco, NamedNode(ns.PREFIXES["wgs84"] + "lat")] == ["43.73965"]  # Natural Earth has its item
    assert (kenya, NamedNode(ns.PREFIXES["wgs84"] + "lat")) not in values()
    assert values()[f"{ns.ID}polity/q214485", CD.within] == [kenya]  # Kisumu
    coded = [iri for iri, predicate in values() if predicate == CD.isoAlpha2]
    linked = Counter(
        link for iri, predicate in values() if predicate == SCHEMA.sameAs for link in values()[iri, predicate]
    )
    assert len(coded) > 170
    assert max(linked.values()) == 1


def test_what_other_works_have_is_repeated_as_they_have_it() -> None:
    works = [path for name, path in sources.shipped_works().items() if name != "world"]
    others: defaultdict[str, set[Quad]] = defaultdict(set)
    for quad in set(sources.load_files(works).of_works) - set(report()):
        if quad.graph_name == graphs.GAZETTEER:
            others[quad.subject.value].add(quad)
    lands = {land.iri for land in lands_by_code()}  # which have more: Natural Earth has their position
    repeated = {quad.subject.value for quad in quads()} & others.keys() - lands
    assert repeated >= {f"{ns.ID}{name}" for name in ("city/tokyo", "city/belfast", "nation/northern-ireland")}
    stale = {iri for iri in repeated if others[iri] != {quad for quad in quads() if quad.subject.value == iri}}
    assert not stale, f"python -m tests.generators.world writes them anew: {stale}"


def test_an_item_is_one_thing_in_a_build_with_all_works_that_come_with_the_project() -> None:
    everything = sources.load(tuple(sources.shipped_works().values()))
    things: defaultdict[str, set[str]] = defaultdict(set)
    for quad in everything:
        if quad.predicate in LINKS and quad.object.value.startswith("http://www.wikidata.org/entity/"):
            things[quad.object.value].add(quad.subject.value)
    assert len(things) > 10_000
    doubled = {item: of for item, of in things.items() if len(of) > 1}
    assert not doubled, "a thing of another work keeps its IRI when tests.generators.world writes the files anew"


def test_the_report_is_what_it_is_without_the_world() -> None:
    alone, both = set(report()), set(sources.load(sources.work_folders(["world"])))
    assert alone <= both
    added = both - alone
    assert added == set(everything())
    shared = {quad.subject for quad in added if quad.graph_name != GRAPH} & {quad.subject for quad in alone}
    assert shared == set()
    assert {quad.graph_name.value for quad in added} <= {GRAPH.value, *graphs.SHARED}


def part(count: int) -> list[Quad]:
    """Return some twinnings of the world with all that it says of them, upon the report."""
    wanted = set(random.Random(count).sample(of_class(CD.Twinning), count))
    wanted |= {account for account in of_class(CD.Account) if values()[account, CD.accountOf][0] in wanted}
    links = defaultdict(set)
    for quad in quads():
        if isinstance(quad.object, NamedNode):
            links[quad.subject.value].add(quad.object.value)
    pending = list(wanted)
    while pending:
        for reached in links[pending.pop()] - wanted:
            wanted.add(reached)
            pending.append(reached)
    return [*report(), *(quad for quad in quads() if quad.subject.value in wanted)]


def test_the_world_conforms_with_one_hint_for_all_of_it() -> None:
    found = validate_quads(part(60), files=[])
    before = validate_quads(report(), files=[])
    new = [finding for finding in found.results if finding not in before.results]
    assert [(finding.severity, finding.focus) for finding in new] == [("Info", f"source:{world.WORK}")]
    assert new[0].message.startswith(HINT)


def test_a_body_is_found_by_its_names_and_its_item() -> None:
    store = Store()
    store.bulk_extend(Quad(*quad.triple, DefaultGraph()) for quad in quads())
    names = Names(store)

    def found(text: str) -> list[str]:
        return [ns.compact(iri.value) for iri in names.resolve(text, lambda _: True).things]

    assert found("Herford") == ["polity:q3971"]
    assert found("Mailand") == found("米兰") == found("Q490") == ["polity:q490"]
    assert found("http://www.wikidata.org/entity/Q3971") == ["polity:q3971"]
    assert found("France") == found("FR") == ["country:france"]


@cache
def beside_the_report() -> Store:
    """Return the report with the twinnings of the world in which its cities take part, and what both disagree on."""
    cities = {quad.subject.value for quad in report() if isinstance(quad.subject, NamedNode)}
    wanted = {iri for iri in of_class(CD.Twinning) if cities & set(values()[iri, CD.twin])}
    wanted |= {account for account in of_class(CD.Account) if values()[account, CD.accountOf][0] in wanted}
    wanted |= set(of_class(CD.Passage)) | {party for iri in wanted for party in values().get((iri, CD.twin), [])}
    wanted |= {*of_class(DISAGREEMENT), *of_class(REFERENCE)}
    both = [*report(), *(quad for quad in quads() if quad.subject.value in wanted)]
    both += infer(both)
    store = Store()
    store.bulk_extend([*both, *graphs.default_graph_once(both)])
    return store


def test_what_disagreements_refer_to_stands_there_to_the_letter() -> None:
    store = beside_the_report()
    references = of_class(REFERENCE)
    assert set(references) == {one for each in of_class(DISAGREEMENT) for one in values()[each, CD.onStatement]}
    assert len(references) == 23
    check = check_queries()["reference-not-verbatim"]
    assert not [row for row in select(store, check.text) if row["reference"].value in references]


def test_disagreements_are_those_that_the_question_finds() -> None:
    asked = canned_queries()["report-against-wikidata"]
    rows = {
        (row["twinning"].value, row["passage"].value, item)
        for row in select(beside_the_report(), asked.text)
        for item in row["wikidata"].value.split(", ")
    }
    told = [
        (values()[one, CD.about], values()[one, CD.onPassage], values()[one, CD.disagreementKind])
        for one in of_class(DISAGREEMENT)
    ]
    assert {row[0] for row in rows} == {iri for about, _, _ in told for iri in about if "/twinning/" in iri}
    for twinning, passage, item in rows:
        (concerned,) = (passages for about, passages, _ in told if twinning in about)
        assert {passage, ENTRY + item.lower()} <= set(concerned)
    kinds = Counter(slug(kind) for _, _, (kind,) in told)
    assert kinds == {"in-tension": 3, "gap": 7}


FRANCE, MONACO = (land for land in map(find_country, ("FR", "MC")) if land)
TWINNINGS = """city,cityLabel,twin,twinLabel
http://www.wikidata.org/entity/Q10,"Zehn, X",http://www.wikidata.org/entity/Q9,Neun
http://www.wikidata.org/entity/Q9,Neun,http://www.wikidata.org/entity/Q10,"Zehn, X"
http://www.wikidata.org/entity/Q10,"Zehn, X",http://www.wikidata.org/entity/Q9,Neun
http://www.wikidata.org/entity/Q39121,Leeds,http://www.wikidata.org/entity/Q9,Neun
http://www.wikidata.org/entity/Q9,Neun,http://www.wikidata.org/entity/Q235,Monaco
"""
PLACES = """wikidata,name_en,name_zh,country_iso2,lat,lon,population_max
Q9,Nine,九,FR,-0.5,100,7
Q10,Ten,,-99,1.23456789,2,7
Q10,Ten,,-99,3,4,8
Q235,Monaco,,MC,43.7,7.4,9
"""


def made(folder: Path, lines: Iterable[str] = TWINNINGS.splitlines()) -> dict[str, bytes]:
    folder.mkdir()
    (folder / "twinnings.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "places.csv").write_text(PLACES, encoding="utf-8")
    world.main(str(folder / "twinnings.csv"), str(folder / "places.csv"), str(folder))
    return {path.name: path.read_bytes() for path in folder.glob("*.gz")}


def test_the_same_tables_give_the_same_files(tmp_path: Path) -> None:
    head, *rows = TWINNINGS.splitlines()
    first = made(tmp_path / "one")
    assert made(tmp_path / "other", [head, *reversed(rows)]) == first
    assert {FACTS / "world" / name for name in first} == set((FACTS / "world").glob("*.gz")) - {FACTS / "world" / FILE}
    text = "".join(gzip.decompress(first[name]).decode() for name in sorted(first))
    lines = text.splitlines()
    assert [line for line in lines if line and not line.startswith(("@prefix", "graph:", "report:", "}"))] == [
        *(f"{triple} ." for land in (FRANCE, MONACO) for triple in country_statements(land)),
        "country:monaco dcterms:source source:natural-earth-4-places ; wgs84:lat 43.7 ; wgs84:long 7.4 ; "
        "geo:hasGeometry geometry:monaco .",
        'geometry:monaco a geo:Geometry ; geo:asWKT "POINT(7.4 43.7)"^^geo:wktLiteral ; '
        "dcterms:source source:natural-earth-4-places .",
        'polity:q9 a cd:Polity ; skos:prefLabel "Neun"@und , "Nine"@en , "九"@zh-Hans ; schema:sameAs wd:Q9 ; '
        "cd:within country:france ; wgs84:lat -0.5 ; wgs84:long 100.0 ; geo:hasGeometry geometry:q9 ; "
        "dcterms:source source:wikidata-2016 , source:natural-earth-4-places .",
        'geometry:q9 a geo:Geometry ; geo:asWKT "POINT(100.0 -0.5)"^^geo:wktLiteral ; '
        "dcterms:source source:natural-earth-4-places .",
        'polity:q10 a cd:Polity ; skos:prefLabel "Zehn, X"@und , "Ten"@en ; schema:sameAs wd:Q10 ; '
        "dcterms:source source:wikidata-2016 , source:natural-earth-4-places .",
        *(
            f'entry:{item.lower()} a cd:Passage ; skos:prefLabel "Wikidata 2016: {item}"@en ; cd:entry "{item}" ; '
            "dcterms:isPartOf source:wikidata-2016 ; cd:statementGraph report:wikidata-2016 ."
            for item in ("Q9", "Q10", "Q39121")
        ),
        "twinning:q10-q9 a cd:Twinning ; cd:twin polity:q10 , polity:q9 .",
        "account:wikidata-2016-q10--twinning-q10-q9 a cd:Account ; cd:accountOf twinning:q10-q9 ; "
        "cd:statedIn entry:q10 .",
        "account:wikidata-2016-q9--twinning-q10-q9 a cd:Account ; cd:accountOf twinning:q10-q9 ; "
        "cd:statedIn entry:q9 .",
        "twinning:monaco-q9 a cd:Twinning ; cd:twin country:monaco , polity:q9 .",
        "account:wikidata-2016-q9--twinning-monaco-q9 a cd:Account ; cd:accountOf twinning:monaco-q9 ; "
        "cd:statedIn entry:q9 .",
        "twinning:leeds-q9 a cd:Twinning ; cd:twin city:leeds , polity:q9 .",
        "account:wikidata-2016-q39121--twinning-leeds-q9 a cd:Account ; cd:accountOf twinning:leeds-q9 ; "
        "cd:statedIn entry:q39121 .",
    ]
