"""What tests that change the small graph share: changes that conform, and a folder that has some."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from kg.accounts.database import Database
from kg.accounts.tokens import Role, Tokens
from kg.curation.gate import Draft, Gate
from kg.history.records import Record
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.store.data_folder import DataFolder
from kg.submissions import Submission
from tests.support.part import SMALL

CURATED = NamedNode(ns.GRAPH + "curated/test")


@pytest.fixture
def renewed() -> Callable[[int], Change]:
    """Changes that conform: that the twinning was renewed in a year."""

    def change(year: int) -> Change:
        twinning, account = _term(f"{SMALL[0]}-{year}"), _term(f"account:test--renewed-{year}")
        return Change.of(
            _quad(subject, predicate, value)
            for subject, predicate, value in (
                (twinning, "rdf:type", _term("cd:Twinning")),
                (twinning, "skos:prefLabel", Literal(f"Twinning of {year}", language="en")),
                (twinning, "cd:twin", _term("city:beijing")),
                (twinning, "cd:twin", _term("city:london")),
                (account, "rdf:type", _term("cd:Account")),
                (account, "cd:accountOf", twinning),
                (account, "cd:statedIn", _term("source:geonames")),
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
    Tokens(Database(small.path)).create("ann", Role.CURATOR)
    shutil.copytree(small.path, changed_once)
    return small


def draft(change: Change, key: str, summary: str) -> Draft:
    return Draft(key, "submit", Submission(change), summary, "https://example.org/source", "ann", acknowledged=True)


def _quad(subject: NamedNode, predicate: str, value: NamedNode | Literal) -> Quad:
    return Quad(subject, _term(predicate), value, CURATED)


def _term(name: str) -> NamedNode:
    iri = ns.expand(name)
    assert iri is not None
    return NamedNode(iri)
