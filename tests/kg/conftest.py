"""A small graph for tests that change it: one twinning with what it needs, under the real ontology and shapes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from kg import building, loading
from kg import namespaces as ns
from kg.desk import Desk
from kg.gate import Draft, Gate
from kg.history import Record
from kg.snapshots import DataFolder
from kg.tokens import Role, Tokens
from kg.validation import Change

CURATED = NamedNode(ns.GRAPH + "curated/test")
SEEDS = ("twinning/beijing-london", "account/table-1--twinning-beijing-london")


@pytest.fixture(scope="session")
def few_files() -> list[Quad]:
    """All terms and shapes, and of the facts one twinning with all that it leads to."""
    quads = loading.load()
    found: set[object] = set()
    pending: list[object] = [NamedNode(ns.ID + seed) for seed in SEEDS]
    while pending:
        node = pending.pop()
        if node not in found:
            found.add(node)
            pending += [q.object for q in quads if q.subject == node and loading.is_validated(_graph(q))]
    return [quad for quad in quads if not loading.is_validated(_graph(quad)) or quad.subject in found]


def _graph(quad: Quad) -> NamedNode:
    assert isinstance(quad.graph_name, NamedNode)
    return quad.graph_name


@pytest.fixture(scope="session")
def small_built(few_files: list[Quad], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of the small graph with its ledger; to be copied."""
    path = tmp_path_factory.mktemp("small")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loading, "load", lambda: few_files)
        patched.setattr(building, "find_defects", lambda store: [])
        building.build(DataFolder(path))
        Gate(DataFolder(path)).close()
    return path


@pytest.fixture
def small(small_built: Path, few_files: list[Quad], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    """A data folder of the small graph, for one test; `loading.load` gives the files that it was built from."""
    shutil.copytree(small_built, tmp_path / "data")
    monkeypatch.setattr(loading, "load", lambda: list(few_files))
    monkeypatch.setattr(building, "find_defects", lambda store: [])
    return DataFolder(tmp_path / "data")


@pytest.fixture
def renewed() -> Callable[[int], Change]:
    """Changes that conform: that the twinning was renewed in a year."""

    def change(year: int) -> Change:
        twinning, account = NamedNode(f"{ns.ID}{SEEDS[0]}-{year}"), NamedNode(f"{ns.ID}account/test--renewed-{year}")
        return Change.of(
            _quad(subject, predicate, value)
            for subject, predicate, value in (
                (twinning, "rdf:type", _term("cd:Twinning")),
                (twinning, "skos:prefLabel", Literal(f"Twinning of {year}", language="en")),
                (twinning, "cd:twin", _term("city:beijing")),
                (twinning, "cd:twin", _term("city:london")),
                (account, "rdf:type", _term("cd:Account")),
                (account, "cd:accountOf", twinning),
                (account, "cd:statedIn", _term("passage:table-1")),
            )
        )

    return change


@pytest.fixture
def commit(renewed: Callable[[int], Change]) -> Callable[[Gate, int], Record]:
    """Commit the renewal of a year."""

    def committed(gate: Gate, year: int) -> Record:
        return gate.commit(draft(renewed(year), f"id-{year}", f"Renewed in {year}"))

    return committed


@pytest.fixture
def drafted() -> Callable[[Change, str, str], Draft]:
    """Make drafts by the curator ann: of a change, under an id, with a summary."""
    return draft


@pytest.fixture(scope="session")
def changed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the changed folder is kept for the other tests."""
    return tmp_path_factory.mktemp("changed") / "data"


@pytest.fixture
def changed(small: DataFolder, commit: Callable[[Gate, int], Record], changed_once: Path) -> DataFolder:
    """A folder with two changes and a token."""
    if changed_once.exists():
        shutil.rmtree(small.path)
        shutil.copytree(changed_once, small.path)
        return small
    with Gate(small) as gate:
        commit(gate, 2001)
        commit(gate, 2002)
    Tokens(Desk(small.path)).create("ann", Role.CURATOR)
    shutil.copytree(small.path, changed_once)
    return small


def draft(change: Change, key: str, summary: str) -> Draft:
    return Draft(key, "submit", change, summary, "https://example.org/source", "ann", acknowledged=True)


def _quad(subject: NamedNode, predicate: str, value: NamedNode | Literal) -> Quad:
    return Quad(subject, _term(predicate), value, CURATED)


def _term(name: str) -> NamedNode:
    iri = ns.expand(name)
    assert iri is not None
    return NamedNode(iri)
