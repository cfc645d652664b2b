"""Each module of the ontology is a document of its own: it declares what it uses, or imports the module that does."""

from __future__ import annotations

from functools import cache

import pytest
from pyoxigraph import NamedNode, Triple

from kg import resources
from kg.rdf import namespaces as ns
from kg.rdf.ontology import under_one_header
from kg.rdf.parse import read_file
from kg.rdf.vocabulary import DCTERMS, OWL, RDF, RDFS

ONTOLOGY = NamedNode(ns.CD.removesuffix("#"))
NEEDS = {"core": set[str](), "practice": {"core"}, "discourse": {"core"}, "editor": {"core"}, "analytics": {"core"}}
UNDECLARED = (*(ns.PREFIXES[prefix] for prefix in ("rdf", "rdfs", "owl", "xsd")), ONTOLOGY.value + "/", ns.VOCABULARY)
"""What is built in, documents, and concepts: individuals that need no declaration."""


@cache
def stated(name: str) -> tuple[Triple, ...]:
    return tuple(quad.triple for quad in read_file(resources.ONTOLOGY / f"{name}.ttl"))


def iri(name: str) -> NamedNode:
    return NamedNode(f"{ONTOLOGY.value}/{name}")


def modules() -> list[str]:
    parts = (t.object for t in stated("diplomacy") if t.predicate == DCTERMS.hasPart)
    return sorted(part.value.rpartition("/")[2] for part in parts if isinstance(part, NamedNode))


def declared(name: str) -> set[str]:
    return {t.subject.value for t in stated(name) if t.predicate == RDF.type and isinstance(t.subject, NamedNode)}


def imported(name: str) -> set[str]:
    direct = {t.object.value.rpartition("/")[2] for t in stated(name) if t.predicate == OWL.imports}  # type: ignore[union-attr]
    return direct.union(*map(imported, direct))


def missing(name: str) -> set[str]:
    """Return what a module uses that neither it nor what it imports declares; a value of an annotation need not be."""
    known = declared(name).union(*map(declared, imported(name)))
    used = set()
    for triple in stated(name):
        is_annotation = triple.predicate in (DCTERMS.isReplacedBy, DCTERMS.license, DCTERMS.isPartOf, OWL.imports)
        terms = (triple.subject, triple.predicate) if is_annotation else tuple(triple)
        used |= {term.value for term in terms if isinstance(term, NamedNode)}
    return {term for term in used - known if not term.startswith(UNDECLARED)} - {ONTOLOGY.value}


def test_the_header_of_the_whole_names_each_file_as_a_module() -> None:
    assert modules() == sorted(path.stem for path in resources.ONTOLOGY.glob("*.ttl") if path.stem != "diplomacy")
    assert not [triple for triple in stated("diplomacy") if triple.subject != ONTOLOGY]


@pytest.mark.parametrize("name", modules())
def test_a_module_has_a_header_in_two_languages(name: str) -> None:
    said = [(t.predicate, t.object) for t in stated(name) if t.subject == iri(name)]
    assert {(RDF.type, OWL.Ontology), (DCTERMS.isPartOf, ONTOLOGY)} <= set(said)
    for predicate in (DCTERMS.title, DCTERMS.description):
        languages = {value.language for one, value in said if one == predicate}  # type: ignore[union-attr]
        assert languages == {"en", "zh-hans"}


@pytest.mark.parametrize("name", modules())
def test_a_module_uses_what_it_or_its_imports_declare(name: str) -> None:
    assert missing(name) == set()


def test_a_term_of_another_module_that_is_not_imported_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    below = Triple(NamedNode(ns.CD + "City"), RDFS.subClassOf, NamedNode(ns.CD + "Mediation"))
    here = {name: stated(name) for name in ("core", "practice")}
    monkeypatch.setattr("tests.ontology.test_modules.stated", lambda name: (*here[name], below))
    assert missing("core") == {ns.CD + "Mediation"}
    assert missing("practice") == set()


def test_modules_import_as_little_as_is_said_of_them() -> None:
    assert {name: imported(name) for name in NEEDS} == NEEDS
    assert imported("replaced") == set(NEEDS)


def test_each_term_is_declared_in_one_module() -> None:
    everywhere = [term for name in modules() for term in declared(name)]
    assert len(everywhere) == len(set(everywhere))


def test_the_modules_together_have_one_header() -> None:
    together = under_one_header(triple for name in ("diplomacy", *modules()) for triple in stated(name))
    headers = {triple.subject for triple in together if triple.predicate == RDF.type and triple.object == OWL.Ontology}
    assert headers == {ONTOLOGY}
    assert not [triple for triple in together if triple.predicate == OWL.imports]
