"""What a text may mean is found in one way for all who ask: by names and identifiers; and what is nearly called so."""

from __future__ import annotations

import random
from collections import defaultdict
from functools import partial

import pytest
from pyoxigraph import NamedNode, Store

from kg.names import Names, names_of
from kg.rdf import namespaces as ns
from tests.kg.names.test_names import PLACES

KINDS = ("city", "country", "district", "nation", "polity", "region")
LEAST_COMPARED = 7
"""Letters of a name of which three in four are left in their order, whatever slip is made."""


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
def called(store: Store) -> dict[str, set[str]]:
    """The places of the real graph by all names that they have, in plain form."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, thing in names_of(store).all():
        if is_of(KINDS, NamedNode(thing)):
            found[name].add(thing)
    return found


def test_each_name_resolves_to_what_has_it(store: Store, called: dict[str, set[str]]) -> None:
    for name, things in called.items():
        assert {thing.value for thing in names_of(store).resolve(name, partial(is_of, KINDS)).things} == things


def test_what_has_a_name_is_near_where_the_pen_slips(store: Store, called: dict[str, set[str]]) -> None:
    of = random.Random(1)
    for name, things in called.items():
        near = {thing.value for thing in names_of(store).near(slip(name, of), KINDS).things}
        assert len(name) < LEAST_COMPARED or things & near


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
    assert found.only_match == (found.things[0] if len(how) == 1 else None)


def test_what_is_nearly_called_so_decides_nothing() -> None:
    found = Names(PLACES).near("Eboracun", ("city",))
    assert [ns.compact(thing.value) for thing in found.things] == ["city:york"]
    assert found.only_match is None


def test_of_several_those_count_that_are_preferred() -> None:
    found = Names(PLACES).resolve("The Mexico", lambda _: True)
    assert found.only_match is None
    assert found.prefer(lambda one: is_of(("country",), one.thing)).only_match == found.things[1]
    assert found.prefer(lambda one: one.how == "identifier") == found


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
