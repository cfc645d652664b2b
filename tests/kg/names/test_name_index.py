"""The index of names follows changes and undos: it is as one that is made anew, and reads no more than what changed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.names import Names, names_of, without_idle_words
from kg.names.name_index import ChangedIris, Revision, reading_revision
from kg.names.search import Search
from kg.rdf import namespaces as ns
from kg.rdf.labels import NAMES
from kg.rdf.vocabulary import CD, DCTERMS, OWL, RDFS, SCHEMA, XSD
from tests.support.reads import Reads
from tests.support.stores import copied, with_union

pytestmark = pytest.mark.drawn

PREFIXED = "city:york city:yorke country:mali source:yorck spelling:a account:a passage:w theme:york".split()
YORK, YORKE, MALI, SOURCE, SPELLING, ACCOUNT, PASSAGE, THEME = THINGS = [
    NamedNode(ns.expand(name) or "") for name in PREFIXED
]
OTHER_PLACE = NamedNode("https://example.org/york")
GRAPHS = ONE, TWO = [NamedNode(f"{ns.GRAPH}curated/{name}") for name in ("one", "two")]
TEXTS = [
    *(Literal(text, language="en") for text in ("York", "The City of York", "Yorck", "York (North)", "Guangzhou-shi")),
    *(Literal("Guangzhuo-shi", language="zh-latn"), Literal("北京"), Literal("1,200")),
]
LINKED = [NamedNode(f"http://www.wikidata.org/{path}") for path in ("entity/Q42462", "wiki/Q42462")]
"""One identifier in two spellings."""
TRUE = Literal("true", datatype=XSD.boolean)
POOL = [
    *(Quad(YORK, predicate, text, ONE) for predicate in NAMES for text in TEXTS[:4]),
    *(Quad(thing, NAMES[0], text, TWO) for thing in (YORK, YORKE, THEME, OTHER_PLACE) for text in TEXTS[:5]),
    *(Quad(thing, predicate, TEXTS[5], ONE) for thing in (MALI, PASSAGE) for predicate in (RDFS.label, DCTERMS.title)),
    *(Quad(SPELLING, CD.spelling, text, TWO) for text in TEXTS[6:]),
    *(Quad(SPELLING, CD.identifiedAs, thing, ONE) for thing in (YORK, MALI)),
    *(Quad(ACCOUNT, predicate, text, ONE) for predicate in (CD.note, CD.paraphrase) for text in TEXTS[6:]),
    *(Quad(thing, CD.accountOf, YORK, ONE) for thing in (ACCOUNT, MALI)),
    *(Quad(thing, CD.value, Literal(1200), TWO) for thing in (ACCOUNT, MALI, YORKE)),
    *(Quad(thing, flag, TRUE, TWO) for thing in (YORK, YORKE) for flag in (OWL.deprecated, CD.entry)),
    *(Quad(thing, CD.statementGraph, graph, TWO) for thing in (PASSAGE, SOURCE) for graph in GRAPHS),
    *(Quad(MALI, CD.within, thing, ONE) for thing in (YORK, YORKE)),
    *(Quad(thing, SCHEMA.sameAs, link, ONE) for thing in (YORK, YORKE, SOURCE) for link in LINKED),
    Quad(YORK, CD.statedIn, PASSAGE, ONE),
]
OTHERS = frozenset(
    Quad(
        NamedNode(f"{ns.ID}city/other-{number}"), NAMES[0], Literal(f"Other {number}"), NamedNode(f"{ns.GRAPH}register")
    )
    for number in range(60)
)
"""So many that an index is moved on and not made anew."""


def said_by(names: Names) -> dict[str, Any]:
    """What names and a search say of all that may be asked."""
    search = Search(names)
    texts = [*(text.value for text in TEXTS), "yor", "york north", "q", "1200", "a", "Yrok"]
    asked = {without_idle_words(text) for text in texts}
    return {
        "all": names.all(),
        "alike": {name: sorted(things) for name, things in names.possible_slips(asked).items()},
        "titled": [names.with_title(text) for text in texts],
        "withdrawn": [names.is_withdrawn(thing.value) for thing in THINGS],
        "with addition": [names.with_addition(text) for text in texts],
        "named": [names.resolve(text, lambda _: True) for text in texts],
        "identified": [*names.find_by_identifier("Q42462"), *(names.identifiers_of(thing.value) for thing in THINGS)],
        "near": [names.near(text) for text in texts],
        "found": [search.find(text) for text in texts],
        "nearly": [search.nearest(text) for text in texts],
    }


def revisions(states: Sequence[frozenset[Quad]]) -> list[tuple[Store, Revision]]:
    """The states of a graph as stores, each with its revision."""
    line = str(id(states))

    def touched(number: int, other: str) -> ChangedIris:
        first, last = sorted((number, int(other)))
        changes = (one ^ next_one for one, next_one in zip(states[first:last], states[first + 1 :], strict=False))
        return ChangedIris.of(frozenset[Quad]().union(*changes))

    return [
        (with_union(state), Revision(line, str(number), lambda other, number=number: touched(number, other)))
        for number, state in enumerate(states)
    ]


@given(st.integers(0, 10**9))
def test_names_at_any_revision_are_as_if_they_were_read_anew(seed: int) -> None:
    """Each change removes what is there of it and adds the rest, so that the same one again is its undo."""
    of = random.Random(seed)
    changes = [frozenset(of.sample(POOL, 4)) for _ in range(4)]
    begun = OTHERS.union(of.sample(POOL, len(POOL) // 2))
    known = revisions([*accumulate((*changes, changes[-1]), frozenset.symmetric_difference, initial=begun)])
    for store, revision in (*known, *of.sample(known, 2)):
        assert said_by(Names(store, revision)) == said_by(Names(store))


@pytest.fixture
def two_revisions(store: Store) -> list[tuple[Store, Revision]]:
    """The real graph, and the same with a city more."""
    named = Quad(NamedNode(f"{ns.ID}city/ys"), NAMES[0], Literal("Ys-on-Sea", language="en"), GRAPHS[0])
    grown = copied(store)
    grown.extend([named, Quad(*named.triple)])
    return [
        (one, Revision("real", head, lambda _: ChangedIris.of([named]))) for one, head in ((store, "0"), (grown, "1"))
    ]


def test_a_new_name_is_found_at_once_and_nothing_else_is_read_again(
    two_revisions: list[tuple[Store, Revision]],
) -> None:
    read = []
    for store, revision in two_revisions:
        reads = Reads(store)
        with reading_revision(cast(Store, reads), revision):
            names = names_of(cast(Store, reads))
            hits = [hit.thing.label.value for hit in Search(names).find("ys on sea")]
            named = [thing.value for thing in names.resolve("Ys-on-Sea", lambda _: True).things]
            alike = names.possible_slips({"ysonsea"})
        read.append(reads.quads.total())
    assert (hits, named, alike) == (["Ys-on-Sea"], [f"{ns.ID}city/ys"], {"ysonsea": [f"{ns.ID}city/ys"]})
    assert read[0] > 5_000
    assert read[1] < 20


def test_what_an_earlier_revision_says_is_not_what_the_later_one_does(
    two_revisions: list[tuple[Store, Revision]],
) -> None:
    (store, first), (grown, second) = two_revisions
    later, earlier = Names(grown, second), Names(store, first)
    for _ in range(2):
        assert later.resolve("Ys-on-Sea", lambda _: True).only_match
        assert not earlier.resolve("Ys-on-Sea", lambda _: True).only_match
