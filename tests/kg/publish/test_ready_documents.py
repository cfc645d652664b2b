"""Ready documents: a restart makes none, a change what it touches; none is served of another revision, or damaged."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from itertools import cycle
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.errors import CityKgError
from kg.publish import entities_with, ready_documents_file, write_entity
from kg.publish.entities import PAGE_SIZE
from kg.publish.ready_documents import keys_of_change, share_a_key, write_ready
from kg.publish.ready_documents_file import ReadyDocuments, Upkeep
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, DCTERMS, GEO, OWL, RDF, SKOS, XSD
from kg.store import DataFolder
from tests.support import random_changes
from tests.support.random_changes import GRAPHS, RandomChanges
from tests.support.tiers import by_tier, fresh_random

pytestmark = pytest.mark.drawn

ROOM = 10**9
CHANGES = by_tier(6, 20, 600)
TRUE = Literal("true", datatype=XSD.boolean)


def document(store: Store, name: str) -> bytes | None:
    """The document about a thing as it is written when it is asked for, None if there is none."""
    output = BytesIO()
    try:
        write_entity(store, output, "ttl", *name.split("/", 1), "description", "1")
    except CityKgError:
        return None
    return output.getvalue()


def things(folder: DataFolder) -> list[str]:
    """Kind and slug of all things."""
    return entities_with(folder.open(), "")


def brought_up_to_date(folder: DataFolder, most_bytes: int = ROOM) -> list[str]:
    """Bring a folder up to date as a server does, and return the names of what was made for that, or tried to be."""
    build, store = folder.require_build(), folder.open()
    names = []
    with closing(Upkeep(folder, most_bytes)) as kept:
        kept.begin(build, lambda: things(folder))
        while (name := kept.next_pending()) is not None:
            names.append(name)
            output = BytesIO()
            try:
                write_ready(store, output, *name.split("/", 1))
            except CityKgError:
                kept.skip(build, name)
            else:
                kept.save(build, name, output.getvalue())
    return names


def all_are_ready(folder: DataFolder) -> bool:
    """Whether each thing's document is ready as it would be written, and no other one is."""
    build, store = folder.require_build(), folder.open()
    with closing(ReadyDocuments(folder)) as ready:
        for name in things(folder):
            assert ready.find(build, name) == document(store, name), name
    with closing(sqlite3.connect(folder.documents_path(build))) as file:
        names = {name for (name,) in file.execute("SELECT name FROM documents")}
    assert names <= {*things(folder)}
    return True


def test_a_restart_makes_none(small: DataFolder) -> None:
    assert sorted(brought_up_to_date(small)) == things(small)
    assert all_are_ready(small)
    assert brought_up_to_date(small) == []


def drawn(of: random.Random, store: Store) -> Quad:
    """A statement of a kind that documents take up, about things that there are, or of them."""
    named = [NamedNode(ns.ID + name) for name in entities_with(store, "")]
    one, other, graph = of.choice(named), of.choice(named), of.choice(GRAPHS)
    come = [
        Quad(one, SKOS.prefLabel, Literal(f"name {of.randrange(9)}", language="de"), graph),
        Quad(one, of.choice([CD.twin, CD.within, CD.accountOf, CD.about, DCTERMS.source]), other, graph),
        Quad(one, GEO.hasGeometry, other, graph),
        Quad(one, RDF.type, of.choice([CD.Twinning, CD.City, CD.Relation]), graph),
        Quad(one, OWL.deprecated, TRUE, graph),
        Quad(NamedNode(f"{ns.ID}city/new-{of.randrange(9)}"), CD.within, one, graph),
    ]
    stated = [quad for name in graphs_of_changes(store) for quad in store.quads_for_pattern(None, None, None, name)]
    return of.choice([*come, of.choice(stated)] if stated else come)


def graphs_of_changes(store: Store) -> list[NamedNode]:
    """The curated graphs, and one of the files."""
    return [*GRAPHS, graphs.REGISTER]


@pytest.mark.scaled
def test_a_change_makes_what_it_touches_and_leaves_no_document_as_it_was_that_it_alters(
    small: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = fresh_random("changes that ready documents follow")
    monkeypatch.setattr(random_changes, "random_quad", lambda of: drawn(of, small.open()))
    brought_up_to_date(small)
    everything = len(things(small))
    shares = []
    with RandomChanges(small, of) as changes:
        for _ in range(CHANGES):
            changes.make(of.choice([1, 2, 6]))
            shares.append(len(brought_up_to_date(small)) / everything)
            assert all_are_ready(small)
            assert brought_up_to_date(small) == []
    assert min(shares) < 0.5


def changed(folder: DataFolder, monkeypatch: pytest.MonkeyPatch, *added: Quad) -> None:
    """Make a change that adds statements."""
    rest = cycle(added)
    monkeypatch.setattr(random_changes, "random_quad", lambda of: next(rest))
    with RandomChanges(folder, random.Random(0)) as changes:
        changes.make(2 * len(added))


def test_what_follows_from_a_change_touches_documents_too(small: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    part, whole, larger = (NamedNode(f"{ns.ID}city/{name}") for name in ("part", "whole", "larger"))
    changed(small, monkeypatch, Quad(part, CD.within, whole, GRAPHS[0]))
    brought_up_to_date(small)
    changed(small, monkeypatch, Quad(whole, CD.within, larger, GRAPHS[0]))
    assert {"city/part", "city/whole"} <= {*brought_up_to_date(small)}
    assert all_are_ready(small)


def test_what_is_on_a_later_page_may_come_to_the_first(small: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    hub, last = NamedNode(f"{ns.ID}city/hub"), NamedNode(f"{ns.ID}finding/z")
    others = [NamedNode(f"{ns.ID}finding/{number:02}") for number in range(PAGE_SIZE)]
    name = Quad(hub, SKOS.prefLabel, Literal("Hub"), GRAPHS[0])
    changed(small, monkeypatch, name, *(Quad(node, CD.about, hub, GRAPHS[0]) for node in (*others, last)))
    brought_up_to_date(small)
    changed(small, monkeypatch, Quad(last, RDF.type, CD.Relation, GRAPHS[0]))
    assert "city/hub" in brought_up_to_date(small)
    assert all_are_ready(small)


def test_a_change_that_no_document_names_touches_none(small: DataFolder) -> None:
    keys = keys_of_change([Quad(NamedNode("http://e/a"), SKOS.prefLabel, Literal("a"), GRAPHS[0])])
    store = small.open()
    for name in things(small):
        output = BytesIO()
        write_ready(store, output, *name.split("/", 1))
        packed, _, content = output.getvalue().partition(b"\n")
        assert content == document(store, name)
        assert not share_a_key(bytes.fromhex(packed.decode()), keys)


def test_none_is_ready_of_another_revision(small: DataFolder) -> None:
    brought_up_to_date(small)
    build, name = small.require_build(), things(small)[0]
    with closing(ReadyDocuments(small)) as ready:
        assert ready.find(build, name) is not None
        assert ready.find(replace(build, changes=build.changes + 1), name) is None
        assert ready.find(replace(build, name="1-another"), name) is None
        assert ready.find(build, "city/nowhere") is None


def test_what_another_process_has_moved_on_takes_no_document_of_the_revision_before(
    small: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    london = NamedNode(f"{ns.ID}city/london")
    before, store = small.require_build(), small.open()
    with closing(Upkeep(small, ROOM)) as late:
        late.begin(before, lambda: things(small))
        output = BytesIO()
        write_ready(store, output, "city", "london")
        changed(small, monkeypatch, Quad(london, SKOS.altLabel, Literal("Loidis", language="en"), GRAPHS[0]))
        with closing(Upkeep(small, ROOM)) as ahead:
            ahead.begin(small.require_build(), lambda: things(small))
            late.save(before, "city/london", output.getvalue())
            late.skip(before, "city/london")
    brought_up_to_date(small)
    assert all_are_ready(small)


def test_where_a_snapshot_cannot_be_read_all_is_made_anew(small: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(*_: object) -> set[Quad]:
        raise RuntimeError("Corruption: CURRENT file does not end with newline")

    brought_up_to_date(small)
    changed(small, monkeypatch, Quad(NamedNode(f"{ns.ID}city/london"), SKOS.altLabel, Literal("Loidis"), GRAPHS[0]))
    monkeypatch.setattr(Upkeep, "_quads", damaged)
    assert sorted(brought_up_to_date(small)) == things(small)


def test_what_another_program_has_written_is_made_anew(small: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    brought_up_to_date(small)
    monkeypatch.setattr(ready_documents_file, "program_digest", lambda: "another")
    with closing(ReadyDocuments(small)) as ready:
        assert ready.find(small.require_build(), things(small)[0]) is None
    assert sorted(brought_up_to_date(small)) == things(small)
    assert brought_up_to_date(small, ROOM - 1) != []


@pytest.mark.parametrize("place", [0, 40, 5_000, -200])
def test_a_damaged_file_is_made_anew_and_nothing_of_the_damage_is_served(small: DataFolder, place: int) -> None:
    brought_up_to_date(small)
    build, store = small.require_build(), small.open()
    path = small.documents_path(build)
    whole = bytearray(path.read_bytes())
    for at in range(place % len(whole), min(place % len(whole) + 60, len(whole))):
        whole[at] ^= 0x55
    path.write_bytes(whole)
    with closing(ReadyDocuments(small)) as ready:
        for name in things(small):
            assert ready.find(build, name) in (None, document(store, name))
    brought_up_to_date(small)
    assert all_are_ready(small)


def test_a_bit_that_flips_in_any_document_shows_itself(small: DataFolder) -> None:
    brought_up_to_date(small)
    build, name = small.require_build(), things(small)[0]
    with closing(sqlite3.connect(small.documents_path(build), isolation_level=None)) as file:
        file.execute("UPDATE documents SET content = CAST(content || 'x' AS BLOB) WHERE name = ?", (name,))
    with closing(ReadyDocuments(small)) as ready:
        assert ready.find(build, name) is None
    assert sorted(brought_up_to_date(small)) == things(small)
    assert all_are_ready(small)


def test_as_many_are_made_as_have_room(small: DataFolder) -> None:
    some = brought_up_to_date(small, 10_000)
    assert 0 < len(some) < len(things(small))
    assert brought_up_to_date(small, 10_000) == []


def test_the_file_of_an_older_build_goes(small: DataFolder) -> None:
    older = small.documents_path(replace(small.require_build(), name="1-older"))
    older.parent.mkdir()
    for suffix in ("", "-wal", "-shm"):
        older.with_name(older.name + suffix).touch()
    brought_up_to_date(small)
    assert not list(older.parent.iterdir())


KILLED = """
import sys
from pathlib import Path
from kg.store import DataFolder
from tests.kg.publish.test_ready_documents import die_after
die_after(DataFolder(Path(sys.argv[1])), int(sys.argv[2]))
"""


def die_after(folder: DataFolder, writes: int) -> None:
    """Make ready documents, and die by a signal at one of the statements that write them."""
    left = iter(range(writes))

    def traced(statement: str) -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    opened = sqlite3.connect

    def connect(*arguments: object, **named: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = opened(*arguments, **named)  # type: ignore[call-overload]
        connection.set_trace_callback(traced)
        return connection

    sqlite3.connect = connect  # type: ignore[assignment]
    brought_up_to_date(folder)


@pytest.mark.parametrize("writes", by_tier([0, 3, 7, 60], [*range(0, 90, 12)], [*range(90)]))
def test_whoever_dies_is_followed_by_one_who_goes_on(small: DataFolder, writes: int) -> None:
    command = [sys.executable, "-c", KILLED, str(small.path), str(writes)]
    assert subprocess.run(command, cwd=Path(__file__).parents[4], check=False).returncode == -signal.SIGKILL
    brought_up_to_date(small)
    assert all_are_ready(small)
    assert brought_up_to_date(small) == []
