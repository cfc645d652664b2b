"""The page about a thing, compared with the graph by other means than those that make it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store

from kg.publish.pages import EntityPage, entity_page, matching_patterns
from kg.publish.pages.sections import MOST_PER_SECTION, MOST_SAYINGS
from kg.publish.pages.ties import kind_of
from kg.publish.pages.words import MOST_REFERRERS
from kg.publish.works import work_passage
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.parse import read_file
from kg.rdf.vocabulary import CD, DCTERMS, RDF, SKOS
from kg.sentences import account_sentences, sentences
from kg.wording import Wording
from tests.support import data_set
from tests.support.stores import changed, copied, quads_of
from tests.support.tiers import by_tier, fresh_random
from tests.support.turtle import PREFIXES, node

pytestmark = pytest.mark.drawn


def page(store: Store, name: str) -> EntityPage:
    return entity_page(store, node(name).value)


def section(about: EntityPage, key: str) -> Any:
    return next(section for section in about["sections"] if section["key"] == key)


def words_in(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the words of a page, wherever they stand."""
    if isinstance(value, dict):
        if value.keys() == {"text", "iri", "lang"}:
            yield value
        for item in value.values():
            yield from words_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from words_in(item)


def entities(store: Store) -> list[NamedNode]:
    found = {quad.subject for quad in quads_of(store) if isinstance(quad.subject, NamedNode)}
    return sorted((node for node in found if node.value.startswith(ns.ID)), key=lambda node: node.value)


def sample(store: Store) -> list[NamedNode]:
    """Some things of each kind, as many as the tier asks for."""
    drawn, by_kind = fresh_random("things"), defaultdict(list)
    for entity in entities(store):
        by_kind[kind_of(entity)].append(entity)
    return [entity for of in by_kind.values() for entity in drawn.sample(of, min(len(of), by_tier(3, 20, len(of))))]


def test_a_large_number_has_its_thousands_apart_and_a_printed_one_stands_as_printed(store: Store) -> None:
    numbers = [one["value"]["text"] for one in section(page(store, "city:beijing"), "numbers")["sayings"]]
    assert "Beijing has 18,960,744 inhabitants." in numbers
    assert "Beijing has 47 pairs of sister cities." in numbers


def test_of_one_thing_the_number_stands_behind_what_is_counted(store: Store) -> None:
    (number,) = (one["value"]["text"] for one in section(page(store, "city:london"), "numbers")["sayings"][:1])
    assert number == "The number of Chinese sister cities of London is one."


def test_a_city_leads_with_its_twins_and_the_passages_that_state_and_deny_them(store: Store) -> None:
    about = page(store, "city:birmingham")
    assert [part["key"] for part in about["sections"]][:3] == ["twinnings", "networks", "offices"]
    twinnings = section(about, "twinnings")
    ((row,), disputes) = twinnings["rows"], twinnings["disputes"]
    (twin,) = row["values"]
    assert (row["label"]["text"], twin["value"]["text"]) == ("twinned with", "Guangzhou")
    assert [source["text"] for part in twin["parts"] for source in part["sources"]] == ["Table 2"]
    assert [one["source"]["text"] for one in twin["against"]] == [
        "Section 3.1, paragraph 2",
        "Table 1: no official one",
    ]
    assert {one["kind"] for one in twin["against"]} == {"denies"}
    assert [dispute["kind"]["text"] for dispute in disputes] == ["denies", "denies", "in tension"]
    sides = [(side["source"]["text"], side["words"][0]["text"]) for side in disputes[0]["sides"]]
    assert sides[0] == ("Table 1", 'Where an official Chinese twin of Birmingham would stand, Table 1 prints "n.a.".')
    assert [place["text"] for place in about["within"]] == ["England", "United Kingdom"]
    assert about["linked"]["reference"] == 7


def test_accounts_that_say_the_same_stand_together_and_those_that_do_not_apart(store: Store) -> None:
    values = section(page(store, "city:beijing"), "twinnings")["rows"][0]["values"]
    london = next(value for value in values if value["value"]["text"] == "London")
    assert [[source["text"] for source in part["sources"]] for part in london["parts"]] == [["Table 1"], ["Table 2"]]
    assert [[word["text"] for word in part["words"]] for part in london["parts"]] == [
        ["twinning", "current as of 2015", "official"],
        ["current as of 2015", "major"],
    ]
    mine = copied(store)
    again = NamedNode(f"{ns.ID}account/box-1--twinning-beijing-london")
    for predicate, value in (
        (CD.accountOf, "id/twinning/beijing-london"),
        (CD.statedIn, "id/passage/box-1"),
        (CD.status, "vocabulary/tie-status/current"),
        (CD.standing, "vocabulary/tie-standing/official"),
    ):
        said = (again, predicate, NamedNode(ns.BASE + value))
        mine.extend(Quad(*said, graph) for graph in (NamedNode(ns.GRAPH + "report/box-1"), DefaultGraph()))
    values = section(page(mine, "city:beijing"), "twinnings")["rows"][0]["values"]
    london = next(value for value in values if value["value"]["text"] == "London")
    assert [source["text"] for source in london["parts"][0]["sources"]] == ["Box 1", "Table 1"]
    copenhagen = next(value for value in values if value["value"]["text"] == "Copenhagen")
    assert len(copenhagen["parts"]) > 2


def test_an_implied_twinning_is_told_as_implied_in_a_row_of_its_own(store: Store) -> None:
    rows = {row["label"]["text"]: row["values"] for row in section(page(store, "city:beijing"), "twinnings")["rows"]}
    assert [value["value"]["text"] for value in rows["twinned with (implied)"]] == ["Moscow"]
    (amsterdam,) = [value for value in rows["twinned with"] if value["value"]["text"] == "Amsterdam"]
    told = [([word["text"] for word in part["words"]], part["sources"][0]["text"]) for part in amsterdam["parts"]]
    assert (["twinning", "implied"], "Section 3.2, paragraph 9") in told
    assert (["current as of 2015", "major"], "Table 3") in told


def test_a_passage_tells_apart_what_others_say_of_it(store: Store) -> None:
    about = page(store, "passage:table-1")
    in_graph = {
        quad.subject.value for quad in store.quads_for_pattern(None, CD.statedIn, NamedNode(f"{ns.ID}passage/table-1"))
    }
    assert not {said["value"]["iri"] for said in section(about, "elsewhere")["sayings"]} & in_graph
    assert about["lead"][0]["value"]["text"].startswith("Pairs ten UK cities")


def test_a_disagreement_begins_with_its_sides(store: Store) -> None:
    dispute = page(store, "disagreement:birmingham-twin-tables")["dispute"]
    assert dispute is not None
    assert [side["source"]["text"] for side in dispute["sides"]] == ["Table 1", "Table 2"]
    assert len(dispute["explanation"]) == 2


def test_a_statement_stands_beside_those_that_say_otherwise(store: Store) -> None:
    about = page(store, "absence:table-1--birmingham-china")
    titles = [dispute["title"]["text"] for dispute in section(about, "disputes")["disputes"]]
    assert titles[0] == "Chinese twin of Birmingham: Table 1 against Table 2"


def test_a_twinning_tells_who_states_and_who_denies_it(store: Store) -> None:
    about = page(store, "twinning:birmingham-guangzhou")
    stated, *denied = section(about, "accounts")["sayings"]
    assert [part["text"] for part in stated["linked"] if part["iri"]] == ["Table 2", "Guangzhou", "Birmingham"]
    assert stated["value"]["text"] == "Table 2 lists Guangzhou as a major twin of Birmingham."
    assert [said["against"][0]["source"]["text"] for said in denied] == [
        "Section 3.1, paragraph 2",
        "Table 1: no official one",
    ]


def test_a_tie_says_who_objects_without_a_denial(store: Store) -> None:
    """One Chinese sister of a city denies neither of the two that the tables name, and counts against the second."""
    said = section(page(store, "twinning:chengdu-sheffield"), "accounts")["sayings"]
    against = [(one["kind"], one["source"]["text"]) for saying in said for one in saying["against"]]
    assert against == [("counts-otherwise", "Section 3.1, paragraph 2"), ("in-tension", "Table 1")]
    (twins,) = section(page(store, "city:sheffield"), "twinnings")["rows"]
    kinds = {saying["value"]["text"]: [one["kind"] for one in saying["against"]] for saying in twins["values"]}
    assert kinds == {"Anshan": [], "Chengdu": ["counts-otherwise", "in-tension"]}


def test_an_account_is_told_in_the_words_with_which_its_passage_is_read(store: Store) -> None:
    read = work_passage(store, "", "box-2")["passage"]["statements"]
    (account,) = [one for one in read if one["iri"].endswith("/box-2--network-core-cities")]
    sayings = [said for part in page(store, "network:core-cities")["sections"] for said in part["sayings"]]
    (told,) = [said for said in sayings if said["value"]["iri"] == account["iri"]]
    paragraphs = [told["value"], *told["parts"][0]["words"]]
    assert [word["text"] for word in paragraphs] == [text["text"] for text in account["words"]]
    assert "began in 1995" in paragraphs[0]["text"]


def test_the_place_of_a_statement_in_its_passage_is_no_text_of_a_page(store: Store) -> None:
    shown = {word["text"] for word in words_in(page(store, "activity:international-aids-week"))}
    assert "organisers" in shown
    assert "position" not in shown


@pytest.mark.scaled
def test_every_page_says_all_in_words(store: Store) -> None:
    """No raw prefixed name is text of a page, and whatever is named has a name."""
    prefixed = {f"{prefix}:" for prefix in ns.PREFIXES}
    for entity in sample(store):
        for word in words_in(entity_page(store, entity.value)):
            assert word["text"], entity
            head, colon, local = word["text"].partition(":")
            assert head + colon not in prefixed or local.startswith(" "), (entity, word)


@pytest.mark.scaled
def test_every_statement_of_a_thing_is_on_its_page(store: Store) -> None:
    told = {"finding", "absence", "definition", "recommendation", "statistic", "activity", "disagreement", "citation"}
    for entity in (one for one in sample(store) if kind_of(one) != "passage"):  # these are pages of a work as well
        shown = {word["iri"] for word in words_in(entity_page(store, entity.value))}
        found = (q for q in store.quads_for_pattern(None, None, entity, None) if q.graph_name not in graphs.NOT_STATED)
        pointing = {q.subject for q in found if q.predicate != DCTERMS.creator}  # who wrote it is not what it is about
        expected = {node.value for node in pointing if isinstance(node, NamedNode) and kind_of(node) in told}
        assert expected <= shown or len(expected) > MOST_SAYINGS, entity


def test_a_tie_of_a_curated_source_is_set_beside_the_passage_that_denies_it(store: Store) -> None:
    york, jinan, draft = (
        NamedNode(ns.BASE + name) for name in ("id/city/york", "id/city/jinan", "graph/curated/draft")
    )
    tie, account = (NamedNode(ns.ID + name) for name in ("twinning/jinan-york", "account/draft--twinning-jinan-york"))
    source = NamedNode(ns.ID + "source/council-list")
    stated = (
        (tie, RDF.type, CD.Twinning),
        (tie, CD.twin, york),
        (tie, CD.twin, jinan),
        (account, CD.accountOf, tie),
        (account, CD.statedIn, source),
        (source, SKOS.prefLabel, Literal("Council list", language="en")),
    )
    mine = changed(store, [Quad(*triple, draft) for triple in stated])
    twinnings = section(page(mine, "city:york"), "twinnings")
    (twin,) = twinnings["rows"][0]["values"]
    assert [source["text"] for source in twin["parts"][0]["sources"]] == ["Council list"]
    assert [one["source"]["text"] for one in twin["against"]] == ["Table 1: no official one"]
    disputes = [
        (dispute["kind"]["text"], [side["source"]["text"] for side in dispute["sides"]])
        for dispute in twinnings["disputes"]
        if tie.value in dispute["statements"]
    ]
    assert disputes == [("denies", ["Table 1", "Council list"])]


def test_a_group_lists_its_members_with_who_lists_them_and_why_the_editors_add_some(store: Store) -> None:
    about = page(store, "group:core-cities-members")
    rows = {row["label"]["text"]: row["values"] for row in about["first"]}
    listed = {
        said["value"]["text"]: [word["text"] for part in said["parts"] for word in part["sources"]]
        for said in rows["members"]
    }
    assert len(listed) == 10
    assert listed["Sheffield"] == ["Section 3.1, paragraph 1"]
    assert listed["Cardiff"] == ["editors’ reading"]
    assert [said["value"]["text"] for said in rows["group of"]] == ["city"]
    assert any(
        "Table 1 has thirteen British cities" in said["value"]["text"] for said in section(about, "evidence")["sayings"]
    )


def test_funding_is_told_with_its_amount_and_status_on_either_side(store: Store) -> None:
    def told(thing: str) -> dict[str, list[tuple[str, list[str]]]]:
        return {
            row["label"]["text"]: [
                (one["value"]["text"], [w["text"] for w in one["parts"][0]["words"]]) for one in row["values"]
            ]
            for row in section(page(store, thing), "agreements")["rows"]
        }

    assert told("city:shanghai") == {
        "money for": [("Cities Development Initiative for Asia (CDIA)", ["funding", "former", "until March 2015"])]
    }
    fund, purpose = "Foreign and Commonwealth Office (FCO)", "The joint smart city programme of the two cities"
    what_for = ["Smart city programme of Guangzhou and Bristol", "China Prosperity Strategic Programme Fund"]
    assert told("city:bristol") == {
        "money from (planned or applied for)": [
            (fund, ["funding", "planned", "at time: 2014-12", "smart cities", purpose, *what_for])
        ]
    }
    ((label, words),) = told("group:climate-actions-of-c40-cities")["money from"]
    assert label == "Funding leveraged by C40 cities for climate actions"
    assert "amount: over $2.8 billion" in words


def test_an_activity_tells_which_part_each_takes_and_the_page_of_each_tells_it_too(store: Store) -> None:
    about = page(store, "activity:uclg-conference-in-wakatobi")
    rows = {row["label"]["text"]: [said["value"]["text"] for said in row["values"]] for row in about["first"]}
    assert rows["organisers"] == ["United Cities and Local Governments (UCLG)"]
    assert rows["participants"] == ["Guangzhou"]
    (said,) = (
        one
        for one in section(page(store, "network:uclg"), "activities")["sayings"]
        if one["value"]["text"] == "UCLG conference in Wakatobi"
    )
    assert [mark["text"] for mark in said["marks"]] == ["organiser"]


def test_an_account_names_those_who_lead_host_organise_or_pay_once(store: Store) -> None:
    account = Wording(store).facts(node("account:section-3.2-p5--activity-uclg-conference-in-wakatobi"), DefaultGraph())
    silent = {**account, CD.says: [Literal("A conference.", language="en")]}
    (_, added, *_) = account_sentences(Wording(store), silent)
    organised = "This is organised by United Cities and Local Governments (UCLG), involves Guangzhou and is in "
    assert added["text"].startswith(organised)


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ("count", "Leeds has 5 export markets."),
        ("rank", "For Leeds, the rank is 5: export markets."),
    ],
)
def test_a_rank_is_worded_after_what_it_orders(measure: str, words: str) -> None:
    stated = Store()
    number = (
        f'statistic:x cd:value 5 ; cd:unit unit:one ; cd:measure measure:{measure} ; cd:counts "export markets"@en ; '
    )
    stated.load(
        f'{PREFIXES}{number} cd:ofPopulation city:leeds . city:leeds skos:prefLabel "Leeds"@en .', RdfFormat.TURTLE
    )
    (said,) = sentences(Wording(stated), node("statistic:x"), DefaultGraph())
    assert said["text"] == words


def test_the_page_of_a_zone_shows_what_lies_in_it_and_that_of_the_event_where_it_is(store: Store) -> None:
    fairs, graph = Path(__file__).parents[2] / "curation/graphs/right/event-in-a-zone.ttl", ns.GRAPH + "curated/fairs"
    mine = changed(store, [Quad(*quad.triple, NamedNode(graph)) for quad in read_file(fairs)])
    events = section(page(mine, "zone:dongjiang-port-area"), "activities")["sayings"]
    assert "Forum on ports" in [one["value"]["text"] for one in events]
    rows = {row["label"]["text"]: row["values"] for row in page(mine, "activity:port-forum")["last"]}
    assert [said["value"]["text"] for said in rows["location"]] == ["Dongjiang Port Area"]


def test_the_parties_of_a_relation_stand_by_their_roles_where_their_order_does_not_tell_them(store: Store) -> None:
    about = page(store, "funding:eu-brighton-and-hove")
    rows = {row["label"]["text"]: [said["value"]["text"] for said in row["values"]] for row in about["first"]}
    assert rows == {"funder": ["European Union (EU)"], "recipient": ["Brighton and Hove"]}


def test_who_acts_for_others_has_no_row_towards_nobody(store: Store) -> None:
    rows = {
        row["label"]["text"]: [said["value"]["text"] for said in row["values"]]
        for row in section(page(store, "organisation:cpaffc"), "between")["rows"]
    }
    assert rows["acts for"] == ["Chinese cities in general"] * 3
    assert rows["acts towards"] == ["International city networks", "United Cities and Local Governments (UCLG)"]
    alone = {row["label"]["text"] for row in section(page(store, "city:beijing"), "between")["rows"]}
    assert alone == {"acts for"}


def test_an_interpretation_begins_with_its_reason(store: Store) -> None:
    (lead,) = page(store, "reading:core-cities-members")["lead"]
    assert "Table 1 has thirteen British cities" in lead["value"]["text"]
    assert [source["text"] for part in lead["parts"] for source in part["sources"]] == ["editors’ reading"]


def test_an_agreement_is_told_on_the_pages_of_its_parties_and_of_the_tie_that_rests_on_it(store: Store) -> None:
    (row,) = section(page(store, "city:copenhagen"), "agreements")["rows"]
    assert (row["label"]["text"], row["values"][0]["value"]["text"]) == ("agreement with", "Beijing")
    said = section(page(store, "twinning:beijing-copenhagen"), "accounts")["sayings"]
    assert any("under Agreements of Beijing and Copenhagen" in one["value"]["text"] for one in said)


def test_a_hedge_marks_the_sentence_that_it_belongs_to(store: Store) -> None:
    sayings = section(page(store, "city:seoul"), "sayings")["sayings"]
    marked = {said["value"]["iri"]: [mark["text"] for mark in said.get("marks", [])] for said in sayings}
    assert marked[f"{ns.ID}finding/section-4.2-p4--seoul-most-engaged"] == ["probable"]
    assert marked[f"{ns.ID}finding/section-4.1-p3--seoul-several-teams"] == []


def crowded(store: Store, thing: str, path: str, predicate: NamedNode, count: int) -> Store:
    """Return a store with some more things that point at one: their IRIs begin with `path`."""
    mine = copied(store)
    graph = NamedNode(ns.GRAPH + "gazetteer")
    for number in range(count):
        said = (NamedNode(f"{ns.ID}{path}-{number:04}"), predicate, node(thing))
        mine.extend(Quad(*said, where) for where in (graph, DefaultGraph()))
    return mine


@pytest.mark.parametrize(
    ("path", "predicate", "key"),
    [
        ("polity/made", CD.within, "places"),
        ("twinning/made", CD.twin, "twinnings"),
        ("finding/made", CD.about, "sayings"),
        ("activity/made", CD.about, "activities"),
        ("group/made", CD.groupMember, "lists"),
    ],
)
def test_a_section_says_how_many_more_there_are_than_it_shows(
    store: Store, path: str, predicate: NamedNode, key: str
) -> None:
    plain = page(store, "city:leeds")
    assert not any(section["left_out"] for section in plain["sections"])
    before = len(list(shown_in(plain, key)))
    for count in (MOST_PER_SECTION + 7, MOST_REFERRERS + 7):
        about = page(crowded(store, "city:leeds", path, predicate, count), "city:leeds")
        shown = len(list(shown_in(about, key)))
        assert (MOST_SAYINGS if key in ("sayings", "activities") else MOST_PER_SECTION) <= shown < count
        assert section(about, key)["left_out"] == before + count - shown
        assert not any(other["left_out"] for other in about["sections"] if other["key"] != key)


def shown_in(about: EntityPage, key: str) -> Iterator[Any]:
    """Yield what stands in a section, one by one."""
    for of in about["sections"]:
        if of["key"] == key:
            yield from of["sayings"]
            yield from (value for row in of["rows"] for value in row["values"])


def test_what_is_of_a_kind_is_found_behind_much_of_another_kind(store: Store) -> None:
    crowd = crowded(store, "source:geonames", "account/made", CD.statedIn, MOST_REFERRERS + 50)
    about = page(crowded(crowd, "source:geonames", "group/made", CD.statedIn, 3), "source:geonames")
    assert len(list(shown_in(about, "lists"))) == 3


def test_the_page_of_an_entry_is_called_by_what_that_is_about_and_leads_there() -> None:
    about = entity_page(data_set.with_item_of(data_set.LEEDS), data_set.ENTRY.value)
    assert (about["name"]["text"], about["names"]) == ("Atlas: Leeds (Q1)", [])
    assert [said["value"]["iri"] for said in about["first"][0]["values"]] == [data_set.LEEDS.value, data_set.ITEM.value]


def test_of_patterns_of_values_those_are_told_that_have_a_thing_among_them(store: Store) -> None:
    patterns = ["?twinning cd:twin ?value", "?tie a cd:Relation ; cd:party ?value", "?value cd:within ?place"]
    assert matching_patterns(store, f"{ns.ID}city/leeds", patterns) == patterns
    assert matching_patterns(store, f"{ns.ID}country/china", patterns) == patterns[1:2]
    assert matching_patterns(store, f"{ns.ID}country/nowhere", patterns) == []


def test_a_network_says_first_what_it_is_and_repeats_it_nowhere(store: Store) -> None:
    page = entity_page(store, f"{ns.ID}network/c40")
    first, second = (one["value"]["text"] for one in page["lead"])
    assert first.startswith("C40 is an example of political coalitions that cities form, addressing political issues")
    assert second.startswith("C40 issued the most recent Climate Action in Megacities")
    assert not {first, second} & {one["value"]["text"] for section in page["sections"] for one in section["sayings"]}
