"""RDF as bytes, with the prefixes that occur."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from kg.rdf import namespaces as ns
from kg.rdf.serialise import sort_subject_first, to_bytes

IRIS = st.builds(
    "{}{}".format,
    st.sampled_from([*ns.PREFIXES.values(), "http://e/", "https://w3id.org/city-diplomacy/"]),
    st.text("ab1/-", max_size=8),
)
TERMS = IRIS.map(NamedNode) | st.text('a<>/# "\\', max_size=12).map(Literal)


@given(st.lists(st.builds(Triple, IRIS.map(NamedNode), IRIS.map(NamedNode), TERMS), max_size=8))
@example([Triple(NamedNode("http://e/a"), NamedNode("http://e/b"), Literal(f"a < b <{ns.CD}"))])
def test_the_prefixes_of_iris_are_declared_and_the_statements_come_back(triples: list[Triple]) -> None:
    written = to_bytes(triples, RdfFormat.TURTLE)
    declared = set(re.findall(r"(?m)^@prefix (\S*): ", written.decode()))
    terms = [term for triple in triples for term in (triple.subject, triple.predicate, triple.object)]
    iris = [term.value for term in terms if isinstance(term, NamedNode)]
    needed = {prefix for prefix, begin in ns.PREFIXES.items() if any(iri.startswith(begin) for iri in iris)}
    assert needed <= declared
    assert {quad.triple for quad in parse(written, RdfFormat.TURTLE)} == set(triples)


def test_what_a_document_is_about_stands_first_and_foreign_terms_last() -> None:
    label, foreign, leeds, account = (
        NamedNode(iri) for iri in (f"{ns.CD}label", "http://e/a", f"{ns.ID}city/leeds", f"{ns.ID}account/x")
    )
    triples = [Triple(node, label, Literal("…")) for node in (foreign, account, leeds)]
    assert [triple.subject for triple in sort_subject_first(triples, leeds)] == [leeds, account, foreign]
    assert [triple.subject for triple in sort_subject_first(triples, None)] == [account, leeds, foreign]
