"""What tests that change the small graph share: changes that conform, and a folder that has some."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from kg.accounts.database import Database
from kg.accounts.tokens import Role, Tokens
from kg.building import pipeline, sources
from kg.curation.gate import Draft, Gate
from kg.history.chain import Record
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.parse import read_file
from kg.store.data_folder import DataFolder
from kg.submissions import Submission
from tests.support import small_world
from tests.support.made import Made
from tests.support.part import SMALL, loaded, only, part_of_files
from tests.support.turtle import node

ChangedOnce = Callable[[str, DataFolder, Callable[[DataFolder], None]], DataFolder]

CURATED = NamedNode(ns.GRAPH + "curated/test")
CITIES = "city:jinan city:qingdao city:york city:oxford city:leeds status:current".split()


@pytest.fixture
def renewed() -> Callable[[int], Change]:
    """Changes that conform: that the twinning was renewed in a year."""

    def change(year: int) -> Change:
        twinning, account = node(f"{SMALL[0]}-{year}"), node(f"account:test--renewed-{year}")
        return Change.of(
            _quad(subject, predicate, value)
            for subject, predicate, value in (
                (twinning, "rdf:type", node("cd:Twinning")),
                (twinning, "skos:prefLabel", Literal(f"Twinning of {year}", language="en")),
                (twinning, "cd:twin", node("city:beijing")),
                (twinning, "cd:twin", node("city:london")),
                (account, "rdf:type", node("cd:Account")),
                (account, "cd:accountOf", twinning),
                (account, "cd:statedIn", node("source:geonames")),
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


@pytest.fixture
def own(made: Made, tmp_path: Path) -> DataFolder:
    """A data folder of a few cities, and what is said of twinnings."""

    def make(path: Path) -> None:
        with only(part_of_files(*CITIES)):
            pipeline.build(DataFolder(path / "data"))

    shutil.copytree(made.once("cities", make) / "data", tmp_path / "data")
    return DataFolder(tmp_path / "data")


@pytest.fixture(scope="session")
def few_of_the_world(few_files: list[Quad], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Quad]]:
    """The small world, and what it states beside what the rules ask."""
    work = small_world.write(tmp_path_factory.mktemp("small") / "world")
    terms = [quad for quad in few_files if quad.graph_name == graphs.ONTOLOGY]
    return work, [*read_file(work / "work.trig"), *terms]


@contextmanager
def files_of_both(few_files: list[Quad], few_of_the_world: tuple[Path, list[Quad]]) -> Iterator[None]:
    """Let a part of the report and the small world be all that the files state."""
    work, apart = few_of_the_world
    with pytest.MonkeyPatch.context() as patched, small_world.shipped(work):
        patched.setattr(pipeline, "run_checks", lambda store: [])
        patched.setattr(sources, "load_files", lambda works=(): loaded({*few_files, *(apart if works else ())}, works))
        patched.setattr(sources, "load_without_report", lambda works: list(apart))
        yield


@pytest.fixture(scope="session")
def both_built(
    few_files: list[Quad], few_of_the_world: tuple[Path, list[Quad]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = DataFolder(tmp_path_factory.mktemp("both") / "data")
    with files_of_both(few_files, few_of_the_world):
        small_world.build(folder)
    return folder.path


@pytest.fixture
def both(
    both_built: Path, few_files: list[Quad], few_of_the_world: tuple[Path, list[Quad]], tmp_path: Path
) -> Iterator[DataFolder]:
    """A data folder of a part of the report and the small world."""
    shutil.copytree(both_built, tmp_path / "data")
    with files_of_both(few_files, few_of_the_world):
        yield DataFolder(tmp_path / "data")


@pytest.fixture(scope="session")
def changed_once(tmp_path_factory: pytest.TempPathFactory) -> ChangedOnce:
    """Change a folder, by a name for what it has then; who asks for that name again gets a copy of the first one.

    What is one file in two places of the first, as tables of a store and its snapshots are, is so in the copies.
    """
    kept = tmp_path_factory.mktemp("changed")

    def changed(name: str, folder: DataFolder, change: Callable[[DataFolder], None]) -> DataFolder:
        if (kept / name).exists():
            shutil.rmtree(folder.path)
            subprocess.run(["cp", "-a", kept / name, folder.path], check=True)
        else:
            change(folder)
            subprocess.run(["cp", "-a", folder.path, kept / name], check=True)
        return folder

    return changed


@pytest.fixture
def changed(small: DataFolder, commit: Callable[[Gate, int], Record], changed_once: ChangedOnce) -> DataFolder:
    """A folder with two changes and a token; the tables of its snapshots are those of the live store."""

    def change(folder: DataFolder) -> None:
        with Gate(folder) as gate:
            commit(gate, 2001)
            commit(gate, 2002)
        Tokens(Database(folder.path)).create("ann", Role.CURATOR)

    return changed_once("two changes and a token", small, change)


def draft(change: Change, key: str, summary: str) -> Draft:
    return Draft(key, "submit", Submission(change), summary, "https://example.org/source", "ann", acknowledged=True)


def _quad(subject: NamedNode, predicate: str, value: NamedNode | Literal) -> Quad:
    return Quad(subject, node(predicate), value, CURATED)
