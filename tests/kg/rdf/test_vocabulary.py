"""The terms that code names exist where they are declared, and a misspelt one is found."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import NamedNode

from kg import resources
from kg.rdf import namespaces as ns
from kg.rdf import vocabulary
from kg.rdf.vocabulary import CD, SKOS, Vocabulary

pytestmark = pytest.mark.lint

ROOT = Path(__file__).parents[3]
VOCABULARIES = {name for name, value in vars(vocabulary).items() if isinstance(value, Vocabulary)}
PUBLISHED = {"SCHEMA": rdflib.SDO, "WGS84": rdflib.namespace.WGS}
NEWER = {"RDF.reifies"}  # RDF 1.2; rdflib knows 1.1


@cache
def declared() -> set[str]:
    """Return the local names of what the ontology declares."""
    graph = rdflib.Graph()
    for path in resources.ONTOLOGY.glob("*.ttl"):
        graph.parse(path)
    subjects = {str(subject) for subject in graph.subjects(rdflib.RDF.type)}
    return {iri.removeprefix(ns.CD) for iri in subjects if iri.startswith(ns.CD)}


def is_declared(name: str, term: str) -> bool:
    if name == "CD":
        return term in declared()
    return f"{name}.{term}" in NEWER or term in (PUBLISHED.get(name) or getattr(rdflib.namespace, name))


def misspelt(text: str) -> Iterator[str]:
    """Yield the uses of terms in a module of Python that are declared nowhere."""
    if "rdf.vocabulary" not in text:
        return
    attributes = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute))
    named = ((node.value.id, node.attr) for node in attributes if isinstance(node.value, ast.Name))
    yield from (f"{of}.{term}" for of, term in named if of in VOCABULARIES and not is_declared(of, term))


def test_each_term_that_code_names_is_declared() -> None:
    paths = [path for part in ("kg", "server", "bench", "tests") for path in (ROOT / part).rglob("*.py")]
    texts = {path: path.read_text(encoding="utf-8") for path in paths if path != Path(__file__)}
    assert sum("rdf.vocabulary" in text for text in texts.values()) > 50
    assert {str(path): found for path, text in texts.items() if (found := sorted(misspelt(text)))} == {}


def test_a_planted_misspelling_is_found() -> None:
    text = "from kg.rdf.vocabulary import CD, SKOS\nfound = CD.acountOf, CD.accountOf, SKOS.preflabel, SKOS.prefLabel\n"
    assert sorted(misspelt(text)) == ["CD.acountOf", "SKOS.preflabel"]


def test_a_term_is_the_iri_of_its_name() -> None:
    assert CD.accountOf == NamedNode(ns.CD + "accountOf")
    assert CD.accountOf is CD.accountOf
    assert str(SKOS.prefLabel) == f"<{rdflib.SKOS.prefLabel}>"
    with pytest.raises(AttributeError):
        _ = SKOS.__wrapped__
