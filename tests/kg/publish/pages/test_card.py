"""Cards: what things and terms are, in a few words."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

from kg.publish.pages import card
from kg.rdf import namespaces as ns


@pytest.mark.parametrize(
    ("name", "labels", "types", "words"),
    [
        ("city:birmingham", ("Birmingham", "伯明翰"), ["city"], "Section 3.1, paragraph 5: Birmingham has a"),
        ("cd:City", ("city", "城市"), ["class"], "An urban polity."),
        ("cd:twinnedWith", ("twinned with", "结为友好城市"), ["property"], "Some source states a twinning"),
        ("status:current", ("current", "现存"), ["Status of ties"], "There at the time of the source."),
        ("twinning:birmingham-guangzhou", ("Twinning of Birmingham and Guangzhou", ""), ["twinning"], ""),
    ],
)
def test_a_card_says_what_a_thing_or_a_term_is(
    store: Store, name: str, labels: tuple[str, str], types: list[str], words: str
) -> None:
    iri = ns.expand(name)
    assert iri
    found = card(store, iri)
    assert found
    assert (found["iri"], (found["label"], found["label_zh"]), found["types"]) == (iri, labels, types)
    assert found["text"].startswith(words)
    assert bool(found["text"]) == bool(words)
    assert (found["passages"] > 0) == (found["works"] > 0) == bool(ns.kind_of(iri))


@pytest.mark.parametrize("iri", [f"{ns.ID}city/nowhere", f"{ns.ID}city/a b<", ""])
def test_what_the_graph_does_not_know_has_no_card(store: Store, iri: str) -> None:
    assert card(store, iri) is None
