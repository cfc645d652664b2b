"""The fields of forms follow the shapes: what is planted there is in the form, and what they exclude is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store, parse

from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.shape_fields import Field, ShapeFields
from kg.rdf.vocabulary import CD, RDFS, SKOS

Fields = Callable[..., dict[str, Field]]

_PREFIXES = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in ns.PREFIXES.items()) + f"PREFIX shape: <{ns.SHAPES}>\n"


@pytest.fixture(scope="module")
def fields_with(store: Store) -> Fields:
    """Return the fields of the form of a twinning by name: by the shapes of the real graph, and further ones."""
    of_default = [match(store, None, one, None, DefaultGraph()) for one in (RDFS.subClassOf, SKOS.inScheme)]
    terms = [*match(store, graph=graphs.SHAPES), *(quad for quads in of_default for quad in quads)]

    def fields(planted: str = "") -> dict[str, Field]:
        planted_store = Store()
        planted_store.extend(terms)
        for one in parse(_PREFIXES + planted, RdfFormat.TURTLE):
            planted_store.add(Quad(one.subject, one.predicate, one.object, graphs.SHAPES))
        return {field.name: field for field in ShapeFields(planted_store).of_tie(CD.Twinning)}

    return fields


def test_a_property_that_is_added_to_a_shape_is_in_the_form_without_code(fields_with: Fields) -> None:
    planted = """
        shape:Twinning sh:property shape:Twinning-street .
        shape:Twinning-street sh:path cd:street ; sh:datatype xsd:string ; sh:minCount 1 ; sh:maxCount 1 ;
            sh:name "street"@en , "街道"@zh-Hans ; sh:description "A street that is named after it."@en ;
            sh:group shape:PlaceGroup ; sh:order 0.5 .
        shape:Account sh:property shape:Account-mayor .
        shape:Account-mayor sh:path cd:mayor ; sh:class cd:Person ; sh:name "mayor"@en ;
            sh:group shape:PartyGroup ; sh:order 9 .
    """
    before, after = fields_with(), fields_with(planted)
    street, mayor = after["street"], after["mayor"]
    assert after.keys() - before.keys() == {"street", "mayor"}
    assert (street.kind, street.least, street.most, street.is_of_account) == ("text", 1, 1, False)
    assert street.texts[:2] == (("street", "街道"), ("A street that is named after it.",) * 2)
    assert street.texts[2] == ("Place", "地点")
    assert (mayor.kind, mayor.least, mayor.most, mayor.is_of_account) == ("thing", 0, None, True)
    assert [*after].index("street") == [*after].index("location") - 1  # by group, then order


def test_what_the_shapes_keep_to_other_classes_is_not_asked_of_a_twinning(fields_with: Fields, store: Store) -> None:
    of_twinning = fields_with()
    assert of_twinning.keys().isdisjoint({"role", "roleTitle", "scope", "amount", "organisingStructure", "title"})
    assert {"standing", "implied", "status", "begin"} <= of_twinning.keys()
    role = next(one for one in ShapeFields(store).of_tie(CD.Membership) if one.name == "role")
    assert role.least == 1  # by the shape that reaches the account through its tie
    assert {one.value.rpartition("/")[0] for one in role.choices} == {f"{ns.VOCABULARY}membership-role"}
    kept = """shape:ToldAccount sh:targetSubjectsOf cd:status ;
        sh:property [ sh:path cd:accountOf ; sh:node [ sh:class cd:Person ] ] ."""
    assert "status" not in fields_with(kept)


_VALUES = {
    "sh:datatype xsd:string": "text",
    "sh:datatype rdf:langString": "words",
    "sh:datatype xsd:boolean": "tick",
    "sh:datatype xsd:integer": "number",
    "sh:node shape:PrintedDate": "date",
    "sh:node shape:HedgeValue": "choice",
    "sh:in ( status:current status:former )": "choice",
    "sh:class cd:City": "thing",
    "sh:node shape:ActorOrGroup": "thing",
    'sh:nodeKind sh:IRI ; sh:pattern "^https?:"': "address",
}


@given(st.sampled_from(sorted(_VALUES)), st.integers(0, 3), st.none() | st.integers(0, 3), st.booleans())
def test_a_field_is_as_its_shape_is(
    fields_with: Fields, value: str, least: int, most: int | None, of_account: bool
) -> None:
    bound = "" if most is None else f"; sh:maxCount {most}"
    shape = f"shape:{'Account' if of_account else 'Twinning'}"
    planted = f"{shape} sh:property [ sh:path cd:drawn ; sh:minCount {least} {bound} ; {value} ] ."
    field = fields_with(planted).get("drawn")
    assert (field is None) is (most == 0)
    if field is not None:
        assert (field.kind, field.least, field.most) == (_VALUES[value], least, most)
        assert field.is_of_account is of_account
        assert bool(field.choices) is (field.kind == "choice")
