"""Released versions of the ontology stay as they were: a term that was published once keeps its meaning."""

from __future__ import annotations

import hashlib

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from kg import resources
from kg.rdf import namespaces as ns
from kg.rdf.ontology import under_one_header
from kg.rdf.parse import read_file
from kg.rdf.vocabulary import OWL, RDF, SKOS
from tests.ontology.release import precedence, released

ONTOLOGY = NamedNode(ns.CD.removesuffix("#"))
RELEASED = {
    "0.1.0": "918096f014924cea7e9765547a72f4cc72e2f486a89131201c60d1c77584066b",
    "0.2.0": "d8702310098e9f10fb90d4e45c49e5610e327499dac9b025ed5cb24f617f788f",
    "1.0.0-rc1": "2089fb9f5f2c2e6305eecba66611212c536468a91ce4db08ff4f5ce724e781d1",
    "1.0.0-rc2": "c289d64390fb1190941bc5ff04f82e8746725fd784e3537b52fb76921c0c1bba",
    "1.0.0": "937c9ab712597e611e4a3d34dd0e3f452dd2128a03f362e9b2f88612f8a426f7",
}
FOLDER = resources.ONTOLOGY / "releases"


def test_each_released_file_is_as_it_was_released() -> None:
    assert {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.iterdir()} == RELEASED


def test_each_release_says_which_version_it_is() -> None:
    for version in RELEASED:
        stated = {(quad.predicate, quad.object) for quad in read_file(FOLDER / f"{version}.ttl")}
        assert (OWL.versionIRI, NamedNode(f"{ONTOLOGY.value}/{version}")) in stated


def test_the_head_is_none_of_the_released_versions_and_names_the_last_of_them() -> None:
    header = {q.predicate: q.object for q in read_file(resources.ONTOLOGY / "diplomacy.ttl") if q.subject == ONTOLOGY}
    last = max(RELEASED, key=precedence)
    assert header[OWL.versionIRI] == NamedNode(f"{ONTOLOGY.value}/next")
    assert header[OWL.versionInfo].value == f"{last}+next"
    assert header[OWL.priorVersion] == NamedNode(f"{ONTOLOGY.value}/{last}")


def test_a_candidate_comes_before_its_release() -> None:
    versions = ["1.0.0", "0.10.0", "1.0.0-rc2", "0.2.0", "1.0.0-rc1"]
    assert sorted(versions, key=precedence) == ["0.2.0", "0.10.0", "1.0.0-rc1", "1.0.0-rc2", "1.0.0"]


@pytest.mark.drawn
def test_a_version_is_written_under_its_number_the_same_each_time() -> None:
    written = released("99.0.0")
    assert written == released("99.0.0")
    stated = {(q.predicate, q.object) for q in parse(written, RdfFormat.TURTLE) if q.subject == ONTOLOGY}
    assert (OWL.versionIRI, NamedNode(f"{ONTOLOGY.value}/99.0.0")) in stated
    assert (OWL.priorVersion, NamedNode(f"{ONTOLOGY.value}/{max(RELEASED, key=precedence)}")) in stated
    now = (quad.triple for path in resources.ONTOLOGY.glob("*.ttl") for quad in read_file(path))
    terms = {triple.subject for triple in under_one_header(now)}
    assert {q.subject for q in parse(written, RdfFormat.TURTLE) if isinstance(q.subject, NamedNode)} == {
        term for term in terms if isinstance(term, NamedNode)
    }


def test_no_released_term_has_gone() -> None:
    """A replaced term is deprecated, which needs its block (ontology/README.md)."""
    now = {quad.subject for path in resources.ONTOLOGY.glob("*.ttl") for quad in read_file(path)}
    for version in RELEASED:
        stated = read_file(FOLDER / f"{version}.ttl")
        own = {q.subject for q in stated if q.predicate == RDF.type and ns.CD in str(q.subject)}
        assert len(own) > 100
        assert own <= now


def test_a_definition_that_differs_from_a_released_one_has_a_change_note_in_both_languages() -> None:
    now = [quad for path in resources.ONTOLOGY.glob("*.ttl") for quad in read_file(path)]
    noted = {(quad.subject, quad.object.language) for quad in now if quad.predicate == SKOS.changeNote}
    current = {(quad.subject, quad.object) for quad in now if quad.predicate == SKOS.definition}
    for version in RELEASED:
        stated = read_file(FOLDER / f"{version}.ttl")
        released = {(q.subject, q.object) for q in stated if q.predicate == SKOS.definition and ns.CD in str(q.subject)}
        changed = {(subject, definition.language) for subject, definition in released - current}
        assert changed - noted == set()


def test_no_version_is_called_compatible_with_one_that_it_contradicts() -> None:
    """What 0.1.0 draws of a cd:InternationalTeam contradicts 0.2.0."""
    header = [q for q in read_file(resources.ONTOLOGY / "diplomacy.ttl") if q.subject == ONTOLOGY]
    assert not [quad for quad in header if quad.predicate.value.endswith("backwardCompatibleWith")]
