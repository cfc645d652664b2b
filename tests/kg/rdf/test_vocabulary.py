"""The closed vocabularies: their terms exist where they are said to, and a misspelt one fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import NamedNode
from rdflib.namespace import DefinedNamespace

from kg import resources
from kg.rdf import namespaces as ns
from kg.rdf import vocabulary
from kg.rdf.vocabulary import CD, SKOS, Vocabulary

NAMES = ("DCTERMS", "FOAF", "GEO", "OWL", "PROV", "RDF", "RDFS", "SH", "SKOS", "VANN", "XSD")
PUBLISHED: dict[str, type[DefinedNamespace]] = {name: getattr(rdflib.namespace, name) for name in NAMES}
PUBLISHED["SCHEMA"] = rdflib.SDO
PUBLISHED["WGS84"] = rdflib.namespace.WGS
NEWER = {"reifies"}  # RDF 1.2; rdflib knows 1.1


def vocabularies() -> list[type[Vocabulary]]:
    return [found for found in vars(vocabulary).values() if isinstance(found, type) and found.__base__ is Vocabulary]


def terms(closed: type[Vocabulary]) -> set[str]:
    return {name for name, value in vars(closed).items() if isinstance(value, NamedNode)}


def declared() -> set[str]:
    """Return the local names of what the ontology declares."""
    graph = rdflib.Graph()
    for path in resources.ONTOLOGY.glob("*.ttl"):
        graph.parse(path)
    subjects = {str(subject) for subject in graph.subjects(rdflib.RDF.type)}
    return {iri.removeprefix(ns.CD) for iri in subjects if iri.startswith(ns.CD)}


def unknown(closed: type[Vocabulary]) -> set[str]:
    """Return the terms of a closed vocabulary that its publisher does not have."""
    if closed.__name__ == "CD":
        return terms(closed) - declared()
    published = PUBLISHED[closed.__name__]
    return {name for name in terms(closed) - NEWER if name not in published}


def test_each_term_is_one_of_its_vocabulary() -> None:
    assert {closed.__name__ for closed in vocabularies()} == {"CD", *PUBLISHED}
    assert {closed.__name__: unknown(closed) for closed in vocabularies() if unknown(closed)} == {}
    assert CD.accountOf == NamedNode(ns.CD + "accountOf")
    assert str(SKOS.prefLabel) == f"<{rdflib.SKOS.prefLabel}>"


def test_a_planted_misspelling_is_found() -> None:
    class Misspelt(Vocabulary, namespace=ns.CD):
        acountOf: NamedNode  # noqa: N815

    Misspelt.__name__ = "CD"
    assert unknown(Misspelt) == {"acountOf"}


def test_a_misspelt_use_fails_when_it_is_read() -> None:
    with pytest.raises(AttributeError, match="acountOf"):
        _ = CD.acountOf  # type: ignore[attr-defined]


@pytest.mark.lint  # where mypy has just read all else, and takes a second
def test_a_misspelt_use_fails_in_the_check_of_types(tmp_path: Path) -> None:
    use = tmp_path / "use.py"
    use.write_text("from kg.rdf.vocabulary import CD\nprint(CD.accountOf)\nprint(CD.acountOf)\n", encoding="utf-8")
    root = Path(__file__).parents[3]
    call = [sys.executable, "-m", "mypy", "--strict", str(use)]
    told = subprocess.run(call, capture_output=True, text=True, check=False, cwd=root).stdout
    assert 'use.py:3: error: "type[CD]" has no attribute "acountOf"' in told
    assert "use.py:2" not in told


def test_every_term_is_used() -> None:
    root = Path(__file__).parents[3]
    text = "".join(
        path.read_text(encoding="utf-8") for part in ("kg", "server") for path in (root / part).rglob("*.py")
    )
    names = [f"{closed.__name__}.{name}" for closed in vocabularies() for name in terms(closed)]
    assert [name for name in names if name not in text] == []
