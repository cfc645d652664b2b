"""A copy follows its data folder: each change in order and once, whatever dies, hangs or refuses meanwhile."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from kg.engines import CopyRefusedError, Engine, EngineFailedError, Replica
from kg.engines.copies import read_copy_state
from kg.engines.dialects import REPLICA, union_of
from kg.engines.replicate import IDENTIFIER
from kg.errors import BadValueError
from kg.rdf.scopes import REPORT, WORLD
from kg.store import DataFolder
from tests.support.engines import KINDS, PASSWORD, USER, RunningEngine, graphs_in, running
from tests.support.random_changes import RandomChanges
from tests.support.tiers import by_tier, fresh_random
from tests.support.waiting import wait_until

pytestmark = pytest.mark.drawn

SECONDS = 60.0
CHANGES = by_tier(4, 15, 1_000)


@pytest.fixture(scope="module", params=KINDS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEngine]:
    with running(request.param, tmp_path_factory.mktemp("engine")) as one:
        yield one


@pytest.fixture
def engine(server: RunningEngine) -> Iterator[Engine]:
    """An engine that holds nothing."""
    with closing(server.engine()) as engine:
        for graph in graphs_in(engine):
            engine.update(f"DROP SILENT GRAPH <{graph}>", seconds=SECONDS)
        if engine.dialect.own_default_graph:
            engine.update("DROP DEFAULT", seconds=SECONDS)
        yield engine


def is_up_to_date(folder: DataFolder, engine: Engine) -> bool:
    compared = Replica(folder, engine).compare()
    assert (compared.revision, compared.behind) == (folder.require_build().revision, 0)
    assert compared.differing == ()
    return True


@pytest.mark.scaled
def test_a_copy_is_loaded_and_follows_each_change(small: DataFolder, engine: Engine) -> None:
    replica = Replica(small, engine)
    assert replica.advance().revision == small.require_build().revision
    assert is_up_to_date(small, engine)
    updates = counted_updates(engine)
    of = fresh_random("changes that a copy follows")
    with RandomChanges(small, of) as changes:
        for _ in range(CHANGES):
            made = changes.make(of.choice([1, 4, 30]))
            assert replica.advance().changes == made.number
            assert is_up_to_date(small, engine)
    assert len(updates) == CHANGES  # nothing was loaded anew, and each was sent once
    replica.advance()
    assert len(updates) == CHANGES


def counted_updates(engine: Engine) -> list[str]:
    sent: list[str] = []
    update = engine.update

    def kept(text: str, *, seconds: float) -> None:
        sent.append(text)
        update(text, seconds=seconds)

    engine.update = kept  # type: ignore[method-assign]
    return sent


def test_several_changes_are_made_up_for_in_order(small: DataFolder, engine: Engine) -> None:
    replica = Replica(small, engine)
    replica.advance()
    with RandomChanges(small, fresh_random("several changes")) as changes:
        for _ in range(5):
            changes.make(6)
    updates = counted_updates(engine)
    replica.advance()
    assert [f'"{small.require_build().revision_of(number)}"' in updates[number - 1] for number in range(1, 6)] == [
        True
    ] * 5
    assert is_up_to_date(small, engine)


def test_what_is_larger_than_an_update_goes_in_parts_and_is_of_no_revision_meanwhile(
    small: DataFolder, engine: Engine
) -> None:
    Replica(small, engine).advance()
    with RandomChanges(small, fresh_random("a change in parts")) as changes:
        changes.make(40)
    dialect = replace(engine.dialect, most_statements=7)
    in_parts = Engine(*_addresses(engine), user=USER, password=PASSWORD, dialect=dialect)
    update, left, held = in_parts.update, iter(range(4)), []

    def dying(text: str, *, seconds: float) -> None:
        if next(left, None) is None:
            raise EngineFailedError("http://engine", "cannot be reached")
        update(text, seconds=seconds)
        held.append(read_copy_state(in_parts, seconds=seconds))

    in_parts.update = dying  # type: ignore[method-assign]
    with closing(in_parts):
        with pytest.raises(EngineFailedError):
            Replica(small, in_parts).advance()
        assert {(one.revision, one.becoming) for one in held if one} == {("", small.require_build().revision)}
        in_parts.update = update  # type: ignore[method-assign]
        updates = counted_updates(in_parts)
        Replica(small, in_parts).advance()
        assert len(updates) > 4
        assert not any("DROP" in text for text in updates)
        assert is_up_to_date(small, in_parts)


def _addresses(engine: Engine) -> tuple[str, str, str]:
    return engine._query.url, engine._update.url, engine._graph_store.url


def changed(folder: DataFolder, times: int, name: str) -> None:
    with RandomChanges(folder, fresh_random(name)) as changes:
        for _ in range(times):
            changes.make(4)


def test_what_is_no_copy_of_ours_is_left_alone(small: DataFolder, engine: Engine) -> None:
    theirs = [Triple(NamedNode("urn:s"), NamedNode("urn:p"), Literal("theirs"))]
    engine.put(NamedNode("urn:theirs"), theirs, seconds=SECONDS)
    replica = Replica(small, engine)
    with pytest.raises(CopyRefusedError, match="holds 1 statements"):
        replica.advance()
    assert graphs_in(engine) == ["urn:theirs"]
    replica.advance(anew=True)
    assert is_up_to_date(small, engine)


def test_the_copy_of_another_data_folder_is_left_alone(small: DataFolder, engine: Engine) -> None:
    Replica(small, engine).advance()
    (small.path / IDENTIFIER).write_text("another")
    changed(small, 1, "another data folder")
    with pytest.raises(CopyRefusedError, match="another data folder"):
        Replica(small, engine).advance()
    Replica(small, engine).advance(anew=True)
    assert is_up_to_date(small, engine)


def test_a_copy_that_is_ahead_is_left_alone(small: DataFolder, engine: Engine) -> None:
    replica = Replica(small, engine)
    held = replica.advance()
    engine.put(REPLICA, replace(held, revision=f"{held.revision}.7").triples(), seconds=SECONDS)
    with pytest.raises(CopyRefusedError, match="ahead: it has 7 changes, the data folder has 0"):
        Replica(small, engine).advance()


def test_what_says_that_it_is_at_no_revision_is_left_alone(small: DataFolder, engine: Engine) -> None:
    held = Replica(small, engine).advance()
    engine.put(REPLICA, replace(held, revision="today.x").triples(), seconds=SECONDS)
    with pytest.raises(BadValueError, match=r"'today\.x' is not a revision"):
        Replica(small, engine).advance()


def test_a_copy_with_changes_that_a_restored_backup_has_otherwise_is_left_alone(
    small: DataFolder, engine: Engine, tmp_path: Path
) -> None:
    Replica(small, engine).advance()
    subprocess.run(["cp", "-a", small.path, tmp_path / "backup"], check=True)
    changed(small, 1, "before it was lost")
    Replica(small, engine).advance()
    shutil.rmtree(small.path)
    subprocess.run(["cp", "-a", tmp_path / "backup", small.path], check=True)
    changed(small, 1, "after it was restored")
    with pytest.raises(CopyRefusedError, match="another change 1"):
        Replica(small, engine).advance()
    Replica(small, engine).advance(anew=True)
    assert is_up_to_date(small, engine)


def test_a_copy_that_was_half_loaded_is_loaded_again(small: DataFolder, engine: Engine) -> None:
    put, left = engine.put, iter(range(5))

    def dying(graph: NamedNode | None, triples: Iterable[Triple], *, seconds: float) -> None:
        if next(left, None) is None:
            raise EngineFailedError("http://engine", "cannot be reached")
        put(graph, triples, seconds=seconds)

    engine.put = dying  # type: ignore[method-assign]
    with pytest.raises(EngineFailedError):
        Replica(small, engine).advance()
    with pytest.raises(CopyRefusedError, match="no complete copy"):
        Replica(small, engine).compare()
    engine.put = put  # type: ignore[method-assign]
    Replica(small, engine).advance()
    assert is_up_to_date(small, engine)


def test_statements_that_an_engine_has_lost_are_loaded_again(small: DataFolder, engine: Engine) -> None:
    Replica(small, engine).advance()
    graph = graphs_in(engine)[0]
    engine.update(f"DROP SILENT GRAPH <{graph}>", seconds=SECONDS)
    assert Replica(small, engine).compare().differing == (graph,)
    Replica(small, engine).advance()
    assert is_up_to_date(small, engine)


def test_changes_of_which_no_snapshot_is_kept_go_together(small: DataFolder, engine: Engine) -> None:
    few = DataFolder(small.path, kept_snapshots=2)
    replica = Replica(few, engine)
    replica.advance()
    updates = counted_updates(engine)
    with RandomChanges(few, fresh_random("together")) as changes:
        for _ in range(8):
            changes.make(30)
    assert replica.advance().changes == 8
    assert is_up_to_date(few, engine)
    assert 1 < len(updates) < 8
    with pytest.MonkeyPatch.context() as patch:  # it is a process anew: nothing is open any more
        patch.setattr(replica, "_base", None)
        with RandomChanges(few, fresh_random("anew")) as changes:
            for _ in range(6):
                changes.make(4)
        updates.clear()
        replica.advance()
    assert is_up_to_date(few, engine)
    assert len(updates) == 1  # it says which revision is held, once all is loaded


def test_an_update_that_comes_late_or_twice_changes_nothing(small: DataFolder, engine: Engine) -> None:
    replica = Replica(small, engine)
    replica.advance()
    updates = counted_updates(engine)
    for _ in range(3):
        changed(small, 1, "late and twice")
        replica.advance()
    for text in [*updates]:
        engine.update(text, seconds=SECONDS)
    assert is_up_to_date(small, engine)


@pytest.mark.scaled
def test_what_the_network_does_to_requests_loses_nothing_and_makes_nothing_twice(
    small: DataFolder, engine: Engine
) -> None:
    Replica(small, engine).advance()
    of = fresh_random("what the network does")
    exchange, faults = engine._exchange, []

    @contextmanager
    def failing(*arguments: object, **named: object) -> Iterator[object]:
        fault = of.choice(["", "", "", "lost", "unanswered", "twice"])
        faults.append(fault)
        if fault == "lost":
            raise EngineFailedError("http://engine", "cannot be reached")
        if fault == "twice":
            with exchange(*arguments, **named):  # type: ignore[arg-type]
                pass
        with exchange(*arguments, **named) as reply:  # type: ignore[arg-type]
            if fault == "unanswered":
                raise EngineFailedError("http://engine", "breaks off")
            yield reply

    engine._exchange = failing  # type: ignore[assignment, method-assign]
    replica = Replica(small, engine)
    with RandomChanges(small, of) as changes:
        for _ in range(CHANGES):
            made = changes.make(of.choice([1, 4, 30]))
            for _ in range(100):
                with suppress(EngineFailedError):
                    assert replica.advance().changes == made.number
                    break
    engine._exchange = exchange  # type: ignore[method-assign]
    replica.advance()
    assert is_up_to_date(small, engine)
    assert {"lost", "unanswered", "twice"} <= {*faults}


def test_a_wrong_password_is_told_and_mended_without_a_new_start(
    small: DataFolder, server: RunningEngine, engine: Engine
) -> None:
    if server.kind != "virtuoso":
        pytest.skip("it asks for no password")
    with closing(server.engine(password="wrong")) as stranger, pytest.raises(EngineFailedError, match="401"):
        Replica(small, stranger).advance()
    Replica(small, engine).advance()
    assert is_up_to_date(small, engine)


class Network:
    """A way to a server that can be made to hang: nothing passes, and nothing is closed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.passes = threading.Event()
        self.passes.set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._sockets = [self._listening]
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listening.accept()
                there = socket.create_connection(("127.0.0.1", self._port))
                self._sockets += [here, there]
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while part := one.recv(1 << 16):
                self.passes.wait()
                other.sendall(part)
            other.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.passes.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._accepting.join()  # what it has accepted last is among the sockets then
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def test_a_network_that_hangs_is_left_and_the_copy_follows_once_it_passes_again(
    small: DataFolder, server: RunningEngine, engine: Engine
) -> None:
    Replica(small, engine).advance()
    stop, here = threading.Event(), f"127.0.0.1:{server.port}"
    told: list[str] = []
    with closing(Network(server.port)) as network:
        addresses = (address.replace(here, f"127.0.0.1:{network.port}") for address in _addresses(engine))
        with closing(Engine(*addresses, user=USER, password=PASSWORD, dialect=engine.dialect)) as far:
            replica = Replica(small, far, seconds=3 if server.kind == "virtuoso" else 0.5)
            following = threading.Thread(target=replica.follow, args=[stop, told.append])
            following.start()
            try:
                wait_until(lambda: replica.held is not None)
                network.passes.clear()
                changed(small, 2, "changes while the network hangs")
                wait_until(lambda: replica.error is not None)
                assert "does not answer within" in str(replica.error)
                changed(small, 1, "another change while it hangs")
                network.passes.set()
                wait_until(lambda: replica.held is not None and replica.held.changes == 3 and replica.error is None)
            finally:
                stop.set()
                network.passes.set()
                following.join(timeout=SECONDS)
    assert "does not answer within" in told[0]
    assert "follows again" in told[-1]
    assert all(one != next_one for one, next_one in pairwise(told))  # however often it was tried again
    assert is_up_to_date(small, engine)


def test_an_engine_without_the_graph_store_protocol_is_loaded_by_updates(
    small: DataFolder, server: RunningEngine, engine: Engine
) -> None:
    if server.kind == "virtuoso":
        pytest.skip("Virtuoso has the protocol, and takes no blank nodes in updates")
    query, update, _ = _addresses(engine)
    with closing(Engine(query, update, user=USER, password=PASSWORD, dialect=engine.dialect)) as plain:
        assert plain.is_written
        Replica(small, plain).advance()
        assert is_up_to_date(small, plain)
        changed(small, 1, "without the Graph Store Protocol")
        Replica(small, plain).advance()
        assert is_up_to_date(small, plain)


def test_the_scope_of_the_report_follows_as_well(both: DataFolder, engine: Engine) -> None:
    replica = Replica(both, engine)
    replica.advance()
    updates = counted_updates(engine)
    with RandomChanges(both, fresh_random("changes beside the world")) as changes:
        for _ in range(3):
            changes.make(30)
            replica.advance()
            assert is_up_to_date(both, engine)
    assert len(updates) >= 3
    assert not any("DROP" in text for text in updates)
    scopes = {union_of(REPORT).value, union_of(WORLD).value}
    assert scopes & {*graphs_in(engine)} == (scopes if engine.dialect.can_answer else set())
