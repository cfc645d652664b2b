"""What the real vocabularies make of ours and of the facts, by domains, ranges and what is above (RDFS)."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, Quad, Store, Triple

from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import SKOS
from tests.ontology.reasoner import cases, inferred, real_vocabularies

pytestmark = pytest.mark.drawn

ORG = "http://www.w3.org/ns/org#"
AGENT = ns.PREFIXES["foaf"] + "Agent"
ACTUAL = {
    ORG + "Membership": ["membership/guangzhou-uclg"],
    ORG + "Organization": ["network/uclg"],
    AGENT: ["network/uclg"],
}
NO_MEMBERSHIPS = ["membership/chinese-cities-uclg", "membership/london-c40", "membership/shenzhen-global-mayors-forum"]
MADE = """
SELECT DISTINCT ?thing WHERE {
  ?below rdfs:subClassOf* ?class .
  { ?thing a ?below } UNION {
    { ?property rdfs:domain ?below . ?used rdfs:subPropertyOf* ?property . ?thing ?used ?other }
    UNION { ?property rdfs:range ?below . ?used rdfs:subPropertyOf* ?property . ?other ?used ?thing }
  }
}
"""


@pytest.fixture(scope="module")
def real() -> set[Triple]:
    return real_vocabularies()


@pytest.fixture(scope="module")
def together(real: set[Triple]) -> set[Triple]:
    """The facts, what follows from them, the terms, their alignments, and the real vocabularies."""
    return cases(real, inferred())["with all facts and the real vocabularies"].triples


def made(triples: set[Triple], of: NamedNode) -> set[str]:
    """Return what becomes of a class."""
    store = Store()
    store.bulk_extend(Quad(*triple) for triple in triples)
    rows = store.query(MADE.replace("?class", str(of)), prefixes=dict(ns.PREFIXES))
    return {row["thing"].value for row in rows if isinstance(row["thing"], NamedNode)}


def test_only_concepts_become_concepts_of_skos(together: set[Triple], real: set[Triple]) -> None:
    by_us = made(together, SKOS.Concept) - made(real, SKOS.Concept)
    assert {iri for iri in by_us if not iri.startswith(ns.VOCABULARY)} == set()


def test_a_skos_match_of_a_class_would_make_a_concept_of_it(together: set[Triple]) -> None:
    city = NamedNode(ns.CD + "City")
    matched = {Triple(city, SKOS.closeMatch, NamedNode("https://schema.org/City"))}
    assert city.value in made(together | matched, SKOS.Concept)


@pytest.mark.parametrize("kind", [*ACTUAL])
def test_neither_groups_nor_what_makes_no_member_get_a_type_of_org(store: Store, real: set[Triple], kind: str) -> None:
    """What is served, with what follows by rule."""
    served = {quad.triple for quad in store.quads_for_pattern(None, None, None, None)}
    of_the_kind = made(served | real, NamedNode(kind))
    assert {ns.ID + name for name in ACTUAL[kind]} <= of_the_kind
    assert not of_the_kind & {ns.ID + name for name in ("group/chinese-cities", *NO_MEMBERSHIPS)}


def test_a_group_that_orgs_own_property_is_used_of_would_be_an_agent(real: set[Triple]) -> None:
    group, network = NamedNode(ns.ID + "group/chinese-cities"), NamedNode(ns.ID + "network/uclg")
    said = Triple(group, NamedNode(ORG + "memberOf"), network)
    assert group.value in made({said} | real, NamedNode(AGENT))
