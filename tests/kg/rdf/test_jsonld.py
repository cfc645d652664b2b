"""Compact JSON-LD says what was to be said: what the engine reads of it is what was written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from kg.rdf import namespaces as ns
from kg.rdf.jsonld import Definition, to_jsonld
from kg.rdf.vocabulary import RDF, XSD

A = "http://a.example/"
CONTEXT: dict[str, Definition] = {
    "a": A,
    "id": ns.ID,
    "xsd": ns.PREFIXES["xsd"],
    "Thing": f"{A}Thing",
    "to": {"@id": f"{A}to", "@type": "@id"},
    "words": {"@id": f"{A}words", "@container": "@language"},
    "day": {"@id": f"{A}day", "@type": XSD.date.value},
    "plain": f"{A}plain",
}
LEEDS = NamedNode(f"{ns.ID}city/leeds")


def nodes(*triples: Triple) -> list[dict[str, Any]]:
    return json.loads(to_jsonld(triples, CONTEXT))["@graph"]  # type: ignore[no-any-return]


def test_names_take_the_place_of_iris() -> None:
    said = [
        Triple(LEEDS, RDF.type, NamedNode(f"{A}Thing")),
        Triple(LEEDS, NamedNode(f"{A}to"), NamedNode(f"{ns.ID}city/hangzhou")),
        Triple(LEEDS, NamedNode(f"{A}to"), NamedNode("http://elsewhere.example/")),
        Triple(LEEDS, NamedNode(f"{A}words"), Literal("Leeds", language="en")),
        Triple(LEEDS, NamedNode(f"{A}words"), Literal("利兹", language="zh-hans")),
        Triple(LEEDS, NamedNode(f"{A}day"), Literal("2001-02-03", datatype=XSD.date)),
        Triple(LEEDS, NamedNode(f"{A}plain"), Literal("5", datatype=XSD.integer)),
    ]
    assert nodes(*said) == [
        {
            "@id": "id:city/leeds",
            "@type": "Thing",
            "to": ["id:city/hangzhou", "http://elsewhere.example/"],
            "words": {"en": "Leeds", "zh-hans": "利兹"},
            "day": "2001-02-03",
            "plain": 5,
        }
    ]


def test_a_document_holds_the_part_of_the_context_that_it_uses() -> None:
    context = json.loads(to_jsonld([Triple(LEEDS, NamedNode(f"{A}day"), Literal("x"))], CONTEXT))["@context"]
    assert context == {name: CONTEXT[name] for name in ("day", "id")}


def test_what_it_is_about_comes_first() -> None:
    said = [Triple(NamedNode(f"{A}{name}"), RDF.type, NamedNode(f"{A}Thing")) for name in "xyz"]
    told = json.loads(to_jsonld(said, CONTEXT, NamedNode(f"{A}y")))["@graph"]
    assert [node["@id"] for node in told] == ["a:y", "a:x", "a:z"]


_TEXTS = st.sampled_from(["", "1", "-1", "01", "-0", "1.0", "true", "TRUE", "9" * 20, "a:b", "id:x", "利兹", '"\\\n'])
_IRIS = st.sampled_from(
    (
        *(f"{A}{name}" for name in ("", "Thing", "to", "words", "day", "plain", "x//y", "/x")),
        *(LEEDS.value, ns.ID, "urn:x:y", "id:city", "mailto:a@b.example", RDF.type.value),
    )
).map(NamedNode)
_NODES = st.one_of(_IRIS, st.sampled_from(["b0", "b1"]).map(BlankNode))
_LITERALS = st.one_of(
    st.builds(Literal, _TEXTS),
    st.builds(lambda text, tag: Literal(text, language=tag), _TEXTS, st.sampled_from(["en", "zh-hans"])),
    st.builds(
        lambda text, kind: Literal(text, datatype=kind),
        _TEXTS,
        st.sampled_from([XSD.integer, XSD.boolean, XSD.date, XSD.decimal, XSD.double, NamedNode("urn:kind")]),
    ),
)
_GRAPHS = st.one_of(st.just(DefaultGraph()), _IRIS)
_QUADS = st.lists(st.builds(Quad, _NODES, _IRIS, st.one_of(_NODES, _LITERALS), _GRAPHS), unique=True, max_size=12)


@given(said=_QUADS)
def test_whatever_is_written_is_read_again(said: list[Quad]) -> None:
    assert set(parse(to_jsonld(said, CONTEXT), RdfFormat.JSON_LD)) == set(said)


@pytest.mark.parametrize("iri", ["id:city", "a:b"])
def test_a_prefix_gives_way_to_an_iri_with_that_scheme(iri: str) -> None:
    said = [Quad(NamedNode(iri), RDF.type, LEEDS, DefaultGraph()), Quad(LEEDS, RDF.type, NamedNode(f"{A}z"))]
    written = to_jsonld(said, CONTEXT)
    assert iri.partition(":")[0] not in json.loads(written)["@context"]
    assert set(parse(written, RdfFormat.JSON_LD)) == set(said)
