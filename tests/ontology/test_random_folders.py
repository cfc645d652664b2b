"""What the gate takes is consistent as OWL with all that follows; of what it has not seen, the first clash is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad

from kg import resources
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, RDF
from kg.store import DataFolder
from tests.ontology.random_folders import add_unseen, clash, first_clash, terms, used_terms
from tests.ontology.reasoner import read
from tests.support.random_submissions import GRAPH, Drawer, make_changes, rounds
from tests.support.tiers import fresh_random

pytestmark = pytest.mark.slow
NEW = (
    "CompletenessStatement Place Office Mediation Cooperation Zone activityKind organizationKind officeKind placeKind "
    "completeFor listsAll quantifier aspect magnitude counted mediator operator location"
).split()
"""Terms of version 0.4.0, of which changes must have used most: else nothing is known of them."""


def test_what_the_gate_takes_is_consistent(folder: DataFolder, tmp_path: Path) -> None:
    copy, of = DataFolder(tmp_path / "data"), fresh_random("random folders")
    shutil.copytree(folder.path, copy.path)
    make_changes(copy, Drawer(copy.open(), of, rounds(of)), of, 60)
    assert len({ns.CD + name for name in NEW} & used_terms(copy)) > len(NEW) / 2
    assert first_clash(copy, terms()) is None


def test_a_clash_is_bisected(small: DataFolder) -> None:
    """In a small graph, and without the vocabularies of others."""
    cities = [NamedNode(f"{ns.ID}city/{number}") for number in range(5)]
    for city in cities:
        add_unseen(small, Quad(city, RDF.type, CD.City, GRAPH), *(clash() if city == cities[2] else ()))
    found = first_clash(small, set(read(resources.ONTOLOGY.glob("*.ttl"))))
    assert found is not None
    assert (found.number, len(found.added)) == (3, 3)
