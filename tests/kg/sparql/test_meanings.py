"""What unknown names may mean: never another thing where the look-up by name knows the one that is meant."""

from __future__ import annotations

from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kg.names import names_of, plain
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import SKOS
from kg.sparql import KnownTerms
from kg.sparql.hints import UsedName
from kg.sparql.hints.meanings import Meanings
from kg.sparql.hints.used_names import LONGEST_NAME
from kg.sparql.hints.usual_terms import INSTEAD

KINDS = ("city", "country", "network", "organisation", "person")


@pytest.fixture(scope="module")
def meanings(store: Store) -> Meanings:
    return Meanings(store)


@pytest.fixture(scope="module")
def called(store: Store) -> list[tuple[str, str]]:
    """Return the things with names of their own, each with each of its names in Latin letters."""
    names = [
        (quad.subject.value, quad.object.value)
        for predicate in (SKOS.prefLabel, SKOS.altLabel)
        for quad in match(store, None, predicate, None, DefaultGraph())
        if isinstance(quad.subject, NamedNode)
        and isinstance(quad.object, Literal)
        and quad.object.value.isascii()
        and len(quad.object.value) < LONGEST_NAME - 10
    ]
    return sorted((iri, name) for iri, name in names if ns.kind_of(iri) in KINDS)


def written(iri: str, name: str) -> UsedName:
    """Return a name as it would be written: in the namespace of the thing, its words joined by hyphens."""
    return UsedName(iri[: iri.rfind("/") + 1] + "-".join(name.lower().split()))


def test_a_thing_is_found_by_each_of_its_names(store: Store, meanings: Meanings, called: list[tuple[str, str]]) -> None:
    wrong = {}
    for iri, name in called:
        found = meanings.of(written(iri, name)) or ""
        so_called = {thing.value for thing in names_of(store).resolve(name, lambda _: True).things}
        if found not in so_called or ns.kind_of(found) != ns.kind_of(iri):
            wrong[written(iri, name).iri] = found
    assert len(called) > 200
    assert wrong == {}


@given(st.data())
def test_a_slip_leads_to_nothing_that_is_less_alike(
    meanings: Meanings, called: list[tuple[str, str]], data: st.DataObject
) -> None:
    iri, name = data.draw(st.sampled_from(called))
    place = data.draw(st.integers(0, len(name) - 1))
    letter = data.draw(st.sampled_from(["", *"aeinst"]))
    slip = written(iri, name[:place] + letter + name[place + 1 :])
    found = meanings.of(slip)
    if found is None:
        return
    wanted = plain(slip.iri.rpartition("/")[2])

    def alike(thing: str) -> float:
        own = [plain(other) for one, other in called if one == thing] + [plain(thing.rpartition("/")[2])]
        return max(1.0 if one.startswith(wanted) else SequenceMatcher(None, wanted, one).ratio() for one in own)

    assert alike(found) >= min(alike(iri), 0.9), (slip.iri, found)


def test_usual_names_of_others_lead_to_names_of_this_graph(store: Store) -> None:
    known = KnownTerms(store)
    used = {name: UsedName(ns.expand(name) or "", name.partition(":")[2][0].isupper()) for name in INSTEAD}
    assert [name for name, one in used.items() if not known.name_hints([one])] == []
    assert [term for term in INSTEAD.values() if known.name_hints([UsedName(ns.expand(term) or "")])] == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("city:newcastle", "city:newcastle-upon-tyne"),
        ("city:england", "nation:england"),
        ("city:beijin", "city:beijing"),
        ("city:doncastre", "city:doncaster"),
        ("city:nowhere", None),
        ("country:uk", "country:united-kingdom"),
        ("network:C-40", "network:c40"),
        ("cd:Network", "cd:CityNetwork"),
        ("cd:network_of", "cd:network"),
        ("cd:sister_city_of", "cd:twinnedWith"),
        ("cd:SisterCity", "cd:Twinning"),
        ("geo:lat", "wgs84:lat"),
        ("schema:memberOf", "cd:memberOf"),
        ("schema:nonsense", None),
        ("cd:quux", None),
    ],
)
def test_what_is_meant(meanings: Meanings, name: str, meant: str | None) -> None:
    found = meanings.of(UsedName(ns.expand(name) or ""))
    assert (found and ns.compact(found)) == meant


def test_a_class_is_meant_where_a_class_stands(meanings: Meanings) -> None:
    assert meanings.of(UsedName(f"{ns.CD}city", is_class=True)) == f"{ns.CD}City"
    assert meanings.of(UsedName(f"{ns.CD}citynetwork", is_class=True)) == f"{ns.CD}CityNetwork"
