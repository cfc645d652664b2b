"""Each numeral, year and proper name of a passage is found in the graph of that passage, or excused."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Store

from kg.rdf import namespaces as ns

EXPECTED = Path(__file__).parents[1] / "expected"
NAMES = [NamedNode(ns.PREFIXES["skos"] + name) for name in ("prefLabel", "altLabel")]
NAMES += [NamedNode(ns.CD + name) for name in ("nativeName", "isoAlpha2")]
MOST_EXCUSES = 15


@cache
def rows() -> list[dict[str, str]]:
    with (EXPECTED / "tokens.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def texts(store: Store, passage: str) -> Iterator[str]:
    """Yield the literals of a passage's graph, and the labels of the things that it names."""
    named: set[NamedNode] = set()
    for quad in store.quads_for_pattern(None, None, None, NamedNode(ns.REPORT + passage)):
        for term in (quad.subject, quad.object):
            if isinstance(term, Literal):
                yield term.value
            elif isinstance(term, NamedNode):
                named.add(term)
    for term in named:
        for name in NAMES:
            for quad in store.quads_for_pattern(term, name, None, None):
                assert isinstance(quad.object, Literal)
                yield quad.object.value


def stands_in(form: str, text: str) -> bool:
    """Tell whether a form stands in a text as a whole word; Chinese has no spaces between words."""
    if not form.isascii():
        return form.casefold() in text
    return re.search(rf"(?<!\w){re.escape(form.casefold())}(?!\w)", text) is not None


@pytest.mark.parametrize("passage", sorted({row["passage"] for row in rows()}))
def test_every_token_of_the_passage_is_in_its_graph(store: Store, passage: str) -> None:
    found = "\n".join(texts(store, passage)).casefold()
    missing = [
        row["token"]
        for row in rows()
        if row["passage"] == passage and not row["excuse"]
        if not any(stands_in(form, found) for form in row["look_for"].split("|"))
    ]
    assert missing == []


def test_excuses_are_few_and_each_is_needed(store: Store) -> None:
    excused = [row for row in rows() if row["excuse"]]
    assert len(excused) <= MOST_EXCUSES
    for row in excused:
        found = "\n".join(texts(store, row["passage"])).casefold()
        assert not any(stands_in(form, found) for form in row["look_for"].split("|")), row


def test_every_passage_that_can_be_read_has_tokens_or_none_to_have() -> None:
    with (EXPECTED / "passages.csv").open(encoding="utf-8", newline="") as file:
        present = {row["passage"] for row in csv.DictReader(file) if row["lines"]}
    assert {row["passage"] for row in rows()} <= present
