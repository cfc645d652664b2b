"""A graph whose files on disk are damaged: each request gets the right answer or an error, and the server lives."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest

from kg.rdf import namespaces as ns
from kg.store.data_folder import DataFolder
from tests.support.command import Command
from tests.support.folders import OF_A_SERVER
from tests.support.http import Answer
from tests.support.tiers import by_tier

MOST_BYTES = 1 << 30
TRIPLES = f'<{ns.ID}city/london> <{ns.PREFIXES["skos"]}altLabel> "Lunnon"@en .'.encode()
LIMITS = {"seconds": 5, "memory_bytes": 256 << 20, "workers": 1, "log": "none"}
READS = (
    "/healthz",
    "/queries/coverage.csv",
    "/queries/twins-of-a-city.csv?thing=london",
    "/queries/twins-of-a-city.html?thing=london",
    "/queries",
    "/doc/city/london.ttl",
    "/doc/city/london.html?profile=provenance",
    "/doc/city/lodnon",
    "/ontology.html",
    "/dumps/default.nt",
    "/graphs?graph=" + quote(f"{ns.GRAPH}register", safe=""),
    "/changes",
    "/sparql?format=csv&query=" + quote("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"),
)


def peak(command: Command) -> int:
    """The most bytes of memory that a command has had at a time."""
    status = Path(f"/proc/{command.process.pid}/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) << 10


def answers(data: Path, own: Path, damage: Callable[[], object]) -> Iterator[tuple[str, Answer]]:
    """Yield what a server answers whose data are damaged once it runs; it must be alive, and small, after that."""
    own.mkdir()
    command = Command(data, own, LIMITS)
    try:
        command.wait()
        damage()
        asked = {path: partial(command.send, path) for path in READS}
        asked["/validate"] = partial(command.send, "/validate", TRIPLES, {"Content-Type": "text/turtle"})
        for path, ask in asked.items():
            answer = ask(seconds=60)
            yield path, replace(answer, body=_told(answer.body.replace(command.address.encode(), b"http://here")))
        assert command.process.poll() is None
        assert peak(command) < MOST_BYTES
    finally:
        command.stop()


def _told(body: bytes) -> bytes:
    """Leave out which answers to questions were compared with those of before: as many as there was time for."""
    if not body.startswith(b'{\n "conforms"'):
        return body
    verdict = json.loads(body)
    verdict["effects"].pop("answers", None)
    return json.dumps(verdict).encode()


@pytest.fixture(scope="module")
def sound(folder: DataFolder, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer]:
    return dict(answers(folder.path, tmp_path_factory.mktemp("sound") / "server", lambda: None))


def tables(folder: Path) -> list[Path]:
    """The tables of the snapshot, the largest first."""
    found = folder.glob("builds/*/snapshots/*/*.sst")
    return sorted(found, key=lambda path: (-path.stat().st_size, path.name))


@pytest.mark.slow
@pytest.mark.parametrize("place", range(by_tier(1, 1, 11)))
def test_a_damaged_table_ends_workers_and_never_the_server(
    folder: DataFolder, sound: dict[str, Answer], tmp_path: Path, place: int
) -> None:
    assert {path: answer.status for path, answer in sound.items() if answer.status != 200} == {"/doc/city/lodnon": 404}
    shutil.copytree(folder.path, tmp_path / "data", ignore=OF_A_SERVER)
    table = tables(tmp_path / "data")[place]
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 1
    for path, answer in answers(tmp_path / "data", tmp_path / "server", partial(table.write_bytes, content)):
        if answer.status != 503:
            assert (path, answer.status, answer.body) == (path, sound[path].status, sound[path].body)
        else:
            assert "citykg" in json.loads(answer.body)["hint"]
