"""What people call a thing."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.rdf.labels import english_label, label, label_lookup, preferred_literal
from kg.rdf.vocabulary import RDFS, SKOS

THING, GRAPH = NamedNode("http://e/thing"), NamedNode("http://e/graph")
LEEDS, LIZI, LEODIS = Literal("Leeds", language="en"), Literal("利兹", language="zh-Hans"), Literal("Leodis")


def store(**labels: Literal) -> Store:
    found = Store()
    found.extend(
        Quad(THING, getattr(RDFS if name == "label" else SKOS, name), value, GRAPH) for name, value in labels.items()
    )
    return found


@pytest.mark.parametrize(
    ("stated", "called"),
    [
        ({"prefLabel": LEEDS, "label": Literal("City of Leeds", language="en")}, LEEDS),
        ({"prefLabel": LIZI, "label": LEEDS}, LEEDS),
        ({"prefLabel": LIZI, "label": LEODIS}, LIZI),
        ({"label": LEODIS}, LEODIS),
        ({"altLabel": LEEDS}, None),
    ],
)
def test_a_label_in_english_comes_first_then_the_preferred_one(
    stated: dict[str, Literal], called: Literal | None
) -> None:
    assert label(store(**stated), THING) == label_lookup(store(**stated))(THING) == called
    assert english_label(store(**stated), THING) == ("Leeds" if called == LEEDS else None)


def test_of_several_in_a_language_the_first_by_text_is_preferred() -> None:
    texts = [LIZI, Literal("b", language="en"), NamedNode("http://e/no-text"), Literal("a", language="en")]
    assert preferred_literal(texts) == Literal("a", language="en")
    assert preferred_literal([NamedNode("http://e/no-text")]) is None
