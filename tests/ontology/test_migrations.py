"""What was replaced has a migration, and each migration mends its example, once and for all."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from kg.building import sources
from kg.migrations import migrations
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import OWL
from tests.support.turtle import node

pytestmark = pytest.mark.drawn

EXAMPLES = Path(__file__).with_name("migrations")
OF_PROPERTIES = [path for term, path in migrations().items() if term.startswith(ns.CD) and path.stem[0].islower()]


def quads(path: Path) -> set[Quad]:
    return set(parse(path.read_bytes(), RdfFormat.TRIG))


def migrated(stated: set[Quad], *updates: Path) -> set[Quad]:
    store = Store()
    store.extend(stated)
    for path in updates:
        store.update(path.read_text(encoding="utf-8"))
    return set(store)


def test_what_was_replaced_has_a_migration() -> None:
    """One of its name, or, of a concept, that of the property whose values its scheme had."""
    named = "\n".join(path.read_text(encoding="utf-8") for path in migrations().values())
    replaced = {quad.subject.value for quad in sources.load() if quad.predicate == OWL.deprecated and is_term(quad)}
    assert {term for term in replaced - migrations().keys() if f"({ns.compact(term)} " not in named} == set()


def is_term(quad: Quad) -> bool:
    return quad.graph_name == graphs.ONTOLOGY or "/graph/vocabulary/" in quad.graph_name.value


@pytest.mark.parametrize("path", migrations().values(), ids=lambda path: path.stem)
def test_a_migration_mends_its_example_once_and_beside_all_others(path: Path) -> None:
    before, after = (quads(EXAMPLES / path.stem / name) for name in ("before.trig", "after.trig"))
    assert before != after
    assert migrated(before, path) == after
    assert migrated(after, path) == after
    assert migrated(before, *migrations().values()) == after


@pytest.mark.parametrize("path", OF_PROPERTIES, ids=lambda path: path.stem)
def test_what_a_migration_cannot_read_is_not_lost(path: Path) -> None:
    """A value that nobody foresaw, of a thing of which nothing else is said: it stays, to be told as an old term."""
    unread = Quad(node("city:x"), NamedNode(ns.CD + path.stem), node("city:unforeseen"), NamedNode(ns.GRAPH + "g"))
    assert unread.object in {quad.object for quad in migrated({unread}, *migrations().values())}


def test_the_files_have_nothing_to_migrate_of_ours() -> None:
    facts = {quad for quad in sources.load() if graphs.is_validated(quad.graph_name)}
    ours = (path for term, path in migrations().items() if term.startswith(ns.CD))
    assert migrated(facts, *ours) - facts == set()
