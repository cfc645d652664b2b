"""What several tests share: the real graph, built once, and a running server over it."""

from __future__ import annotations

import gc
import os
import pickle
import random
import shutil
import socket
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from math import ceil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from pyoxigraph import Quad, Store

from kg.building import pipeline, sources
from kg.queries import CannedQuery
from kg.rdf import scopes
from kg.rdf.scopes import DEFAULT_WORKS, REPORT, WORLD
from kg.store.data_folder import DataFolder
from tests.support import small_world
from tests.support.answers import Answers
from tests.support.canary import Canary
from tests.support.made import Made
from tests.support.part import SMALL, loaded, only, part_of_files
from tests.support.serving import Serving, served
from tests.support.tiers import EXAMPLES, ONE_IN, SEED

# Fresh examples in each run, on every machine; what fails is printed so that it can be repeated. No test depends on how
# fast examples are made, and the fixtures that they share are only read.
settings.register_profile(
    "tier",
    max_examples=EXAMPLES,
    derandomize=False,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("tier")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Import all tests without looking for garbage: what they define stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        let_stay()
        gc.set_threshold(10_000, 10, 10)  # most of what tests make has no cycles
        gc.enable()


LONGEST = (
    "server/desk/test_add.py",
    "kg/ask/test_ask.py",
    "server/curation/test_curators_day.py",
    "server/site/test_crawl.py",
    "docs/test_transcripts.py",
    "server/curation/test_imports.py",
    "browser/test_every_kind.py",
    "browser/test_walks.py",
    "kg/engines/test_answering.py",
    "kg/engines/test_kills.py",
    "kg/import_jobs/test_importer.py",
    "server/curation/test_killed_imports.py",
    "kg/curation/large/test_large.py",
    "queries/test_queries.py",
    "kg/curation/test_effects.py",
    "server/dataset/test_descriptions.py",
    "server/desk/test_sessions.py",
    "queries/test_groups.py",
    "kg/ask/test_search.py",
    "kg/publish/test_descriptions.py",
    "server/linked_data/test_entities.py",
    "kg/shacl/test_selection.py",
    "kg/curation/test_measuring.py",
    "kg/rules/test_derived_graphs.py",
    "kg/cli/test_main.py",
    "server/test_supervisor.py",
    "facts/test_world.py",
    "kg/store/test_scopes.py",
    "server/hostile/test_full_disk.py",
    "server/hostile/test_uploads.py",
    "kg/names/test_search.py",
    "kg/building/test_damage.py",
    "server/front/test_asgi.py",
    "kg/curation/large/test_computed.py",
    "kg/store/test_live.py",
    "kg/building/test_conformance.py",
    "kg/building/test_replaced_terms.py",
    "kg/workers/test_slots.py",
    "kg/engines/test_replicate.py",
    "kg/shacl/test_equivalence.py",
    "kg/workers/test_pool.py",
    "kg/building/test_replay.py",
    "server/hostile/test_hostile.py",
    "shapes/test_cases.py",
    "kg/building/test_works.py",
    "kg/building/test_verification.py",
    "kg/building/test_check_queries.py",
    "kg/curation/test_wrong_and_right_graphs.py",
)
"""Files of ten seconds and more; they begin first, so that no process ends with one of them while the others idle."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Draw from what takes long where a tier is run; put the longest files first, and leave the others in order."""
    if config.option.markexpr:  # whoever names a file runs all of it
        keep_drawn(config, items)
    place = {Path(__file__).parent / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(LONGEST)))


def keep_drawn(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the share of the tier, drawn by the seed, of the tests of a folder that are marked `drawn` or `slow`."""
    of_folder: dict[Path, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("drawn") or item.get_closest_marker("slow"):
            of_folder.setdefault(item.path.parent, []).append(item)
    chosen = random.Random(SEED)
    left_out = {
        item for long in of_folder.values() for item in chosen.sample(long, len(long) - ceil(len(long) / ONE_IN))
    }
    config.hook.pytest_deselected(items=[*left_out])
    items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Let what a file leaves stay: graphs that are kept, and fixtures of the session."""
    result = yield
    if nextitem is None or nextitem.path != item.path:
        let_stay()
    return result


def let_stay() -> None:
    """Pass by what there is now when garbage is looked for; each store that is closed has it looked for."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Make a folder once for all processes of a run, and for the next runs of the same code; see `Made`."""
    own = tmp_path_factory.getbasetemp()
    of_the_run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    cache: pytest.Cache | None = getattr(request.config, "cache", None)
    return Made(of_the_run / "made", cache.mkdir("made") if cache else None)


@pytest.fixture(scope="session")
def folder(made: Made) -> DataFolder:
    """The data folder of the real graph; its summary is beside it."""

    return _built_once(made, "real")


def _built_once(made: Made, name: str, works: Sequence[str] = ()) -> DataFolder:
    def make(path: Path) -> None:
        summary = pipeline.build(DataFolder(path / "data"), works=works)
        (path / "summary").write_bytes(pickle.dumps(summary))

    return DataFolder(made.once(name, make) / "data")


def _summary(folder: DataFolder) -> pipeline.BuildSummary:
    summary: pipeline.BuildSummary = pickle.loads((folder.path.parent / "summary").read_bytes())
    return summary


@pytest.fixture(scope="session")
def built(folder: DataFolder) -> pipeline.BuildSummary:
    """What the build of the real graph said: it is fully validated, by the code that `citykg build` runs."""
    return _summary(folder)


@pytest.fixture(scope="session")
def with_world(made: Made) -> DataFolder:
    """The data folder of the real graph with a small world (tests.support.small_world), which nobody has validated."""

    def make(path: Path) -> None:
        with small_world.shipped(small_world.write(path / "world")):
            small_world.build(DataFolder(path / "data"))

    return DataFolder(made.once("with world", make) / "data")


@pytest.fixture(scope="session")
def store_for(request: pytest.FixtureRequest, store: Store) -> Callable[[CannedQuery], Store]:
    """What a canned query is asked of: the real graph, or its scope of the graph with works where it is about these."""

    def asked(query: CannedQuery) -> Store:
        if WORLD in query.works:
            return scope(request.getfixturevalue("with_world"), query.scope)
        return store if query.scope == REPORT else scope(request.getfixturevalue("both_reports"), query.scope)

    @cache
    def scope(folder: DataFolder, name: str) -> Store:
        return Store.read_only(str(folder.snapshot_in(name, folder.require_build())))

    return asked


@pytest.fixture(scope="session")
def answers(store_for: Callable[[CannedQuery], Store]) -> Answers:
    """The answers of the session to canned queries, each computed once."""
    return Answers(store_for)


@pytest.fixture(scope="session")
def store(folder: DataFolder) -> Store:
    """The snapshot of the real graph."""
    return folder.open()


@pytest.fixture(scope="session")
def both_works(made: Made) -> DataFolder:
    """The data folder of the report and the notes on Sino-Japanese twinnings beside it."""

    return _built_once(made, "both", ["sino-japanese"])


@pytest.fixture(scope="session")
def both_reports(made: Made) -> DataFolder:
    """The data folder of the default build, which `citykg build` makes: the report, and the paper of RUSI beside it."""

    return _built_once(made, "both reports", DEFAULT_WORKS)


@pytest.fixture(scope="session")
def built_by_default(both_reports: DataFolder) -> pipeline.BuildSummary:
    """What the default build said."""
    return _summary(both_reports)


@pytest.fixture(scope="session")
def with_ledger(folder: DataFolder) -> Path:
    """The data folder of the real graph; its build has kept the ledger, so that no change validates everything."""
    return folder.path


@pytest.fixture(scope="session")
def few_files() -> list[Quad]:
    """Of the facts one twinning with all that it leads to, and of the ontology what the rules ask."""
    return part_of_files(*SMALL)


@pytest.fixture(scope="session")
def small_built(made: Made, few_files: list[Quad]) -> Path:
    """A data folder of the small graph; to be copied."""

    def make(path: Path) -> None:
        with only(few_files):
            pipeline.build(DataFolder(path / "data"))

    return made.once("small", make) / "data"


@pytest.fixture
def small(small_built: Path, few_files: list[Quad], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    """A data folder of the small graph, for one test; `sources.load` gives the files that it was built from."""
    shutil.copytree(small_built, tmp_path / "data")
    monkeypatch.setattr(sources, "load_files", lambda works=(): loaded(few_files, works))
    monkeypatch.setattr(scopes, "DEFAULT_WORKS", ())  # what they say is about more than these files have
    monkeypatch.setattr(pipeline, "run_checks", lambda store: [])
    return DataFolder(tmp_path / "data")


@pytest.fixture(scope="session")
def serving_folder() -> Serving:
    """Serve a data folder with some limits (and fields of ServerOptions), and give the address."""
    return served


@pytest.fixture(scope="session")
def serving(folder: DataFolder) -> Serving:
    """Serve the real graph with some limits (and fields of ServerOptions), and give the address."""
    return partial(served, folder)


@pytest.fixture(scope="session")
def address(serving: Serving) -> Iterator[str]:
    """The address of a running server over the real graph."""
    with serving() as address:
        yield address


@pytest.fixture(scope="session")
def canary() -> Iterator[Canary]:
    """A listener that nobody may call."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        canary = Canary(listener)
        with socket.create_connection(listener.getsockname()):
            assert canary.was_called()  # or else it would notice nothing later on
        yield canary


@pytest.fixture(scope="session")
def expected() -> Path:
    """The folder of answers written by hand."""
    return Path(__file__).parent / "expected"
