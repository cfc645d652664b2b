"""What a text may mean is found in one way for all who ask: by names and identifiers; and what is nearly called so."""

from __future__ import annotations

import random
from difflib import SequenceMatcher
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kg.names import Names, names_of
from kg.names.plain import plain
from kg.rdf import namespaces as ns
from kg.rdf.labels import NAMES
from tests.kg.names.test_index import PLACES

KINDS = ("city", "country", "district", "nation", "polity", "region")


def is_of(kinds: tuple[str, ...], thing: NamedNode) -> bool:
    return ns.kind_of(thing.value) in kinds


def slip(name: str, of: random.Random) -> str:
    """Return a name with a slip of the pen: a letter left out, too many, or another; or two exchanged."""
    at, letter = of.randrange(len(name)), of.choice("abcdefghijklmnopqrstuvwxyz")
    return of.choice(
        [
            name[:at] + name[at + 1 :],
            name[:at] + letter + name[at:],
            name[:at] + letter + name[at + 1 :],
            name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :],
        ]
    )


@pytest.fixture(scope="module")
def texts(store: Store) -> list[str]:
    """All names of the real graph in all scripts, and each with a slip."""
    of = random.Random(1)
    stated = (quad.object for name in NAMES for quad in store.quads_for_pattern(None, name, None, DefaultGraph()))
    named = sorted({text.value for text in stated if isinstance(text, Literal) and text.value})
    return [*named, *(slip(name, of) for name in named)]


def test_what_resolves_is_what_was_found(store: Store, texts: list[str]) -> None:
    names = names_of(store)
    for text in (*texts, "Q84", "wd:Q84", "http://www.wikidata.org/entity/Q84", "2643743", "DE", "DEU", "", "http://["):
        for fits in (partial(is_of, KINDS), partial(is_of, ("network",)), lambda thing: True):
            assert names.resolve(text, fits).things == names.find(text, fits)


@given(st.text(max_size=30))
def test_any_text_resolves_as_it_was_found(store: Store, text: str) -> None:
    assert names_of(store).resolve(text, lambda _: True).things == names_of(store).find(text, lambda _: True)


def likeness(names: Names, text: str, thing: NamedNode) -> float:
    called = (name for name, iri in names.all() if iri == thing.value)
    return max(SequenceMatcher(None, name, plain(text)).ratio() for name in called)


def test_what_was_nearest_is_no_nearer_than_what_is_near(store: Store, texts: list[str]) -> None:
    names, of = names_of(store), random.Random(2)
    for text in of.sample(texts, 300):
        before = names.nearest(text, partial(is_of, KINDS))
        near = names.near(text, KINDS).things
        assert before is None or before in near or likeness(names, text, near[0]) >= likeness(names, text, before)


@pytest.mark.parametrize(
    ("text", "how"),
    [
        *(("York", ["label"]), ("City of York", ["label"]), ("Eboracum", ["name"]), ("YORKE", ["name"])),
        *(("Q956", ["identifier"]), ("MX", ["identifier"]), ("伦敦市", ["label"]), ("廣島", ["label"])),
        *(("Newcastle", ["label", "label"]), ("The Mexico", ["label", "label"]), ("Qwerty", [])),
    ],
)
def test_each_candidate_says_how_it_was_found_and_one_decides(text: str, how: list[str]) -> None:
    found = Names(PLACES).resolve(text, lambda _: True)
    assert [candidate.how for candidate in found.candidates] == how
    assert found.decided == (found.things[0] if len(how) == 1 else None)


def test_what_is_nearly_called_so_decides_nothing() -> None:
    found = Names(PLACES).near("Eboracun", ("city",))
    assert [ns.compact(thing.value) for thing in found.things] == ["city:york"]
    assert found.decided is None


def test_of_several_those_count_that_are_preferred() -> None:
    found = Names(PLACES).resolve("The Mexico", lambda _: True)
    assert found.decided is None
    assert found.preferring(lambda one: is_of(("country",), one.thing)).decided == found.things[1]
    assert found.preferring(lambda one: one.how == "identifier") == found


@pytest.mark.parametrize(
    ("text", "near"),
    [
        *(("Pekin", "city:beijing"), ("Yrok", "city:york"), ("Kork", "city:york"), ("Xeijing", "city:beijing")),
        *(("Qwerty", None), ("", None), ("?", None), ("x" * 10_000, None), ("Pekin" * 40, None)),
    ],
)
def test_the_nearest_may_begin_otherwise(text: str, near: str | None) -> None:
    things = Names(PLACES).near(text).things
    assert (ns.compact(things[0].value) if things else None) == near


def test_a_name_of_which_another_begins_with_it_is_near_if_it_is_half_of_that() -> None:
    upon = [ns.compact(thing.value) for thing in Names(PLACES).near("newcastle upon").things]
    assert "city:newcastle-upon-tyne" in upon


def test_only_what_fits_is_near(store: Store) -> None:
    names, wanted = names_of(store), NamedNode(f"{ns.ID}city/birmingham")
    assert names.near("Birmingam").things[0] == wanted
    assert names.near("Birmingam", ("network",)).things == []
    assert wanted not in names.near("Birmingam", ("city",), lambda thing: thing != wanted).things
