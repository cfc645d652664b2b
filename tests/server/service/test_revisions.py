"""The graph as it was: `?at=` on documents and queries, over a real server whose graph changes."""

from __future__ import annotations

import http.client
import json
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from pyoxigraph import NamedNode, Quad

from kg.curation.gate import Draft, Gate
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.store.data_folder import DataFolder
from kg.submissions import Submission
from tests.support.serving import Serving

pytestmark = pytest.mark.drawn

GRAPH = NamedNode(ns.GRAPH + "curated/test")
LEEDS = NamedNode(ns.ID + "city/leeds")
SAME_AS = NamedNode(ns.PREFIXES["schema"] + "sameAs")
COUNT = "SELECT (COUNT(*) AS ?n) { GRAPH <" + GRAPH.value + "> { ?s ?p ?o } }"


def ask(address: str, path: str, **fields: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in fields.items()})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content


def counted(address: str, at: str = "") -> tuple[str, int]:
    status, headers, content = ask(
        address, f"/sparql?query={quote(COUNT)}&at={at}" if at else f"/sparql?query={quote(COUNT)}"
    )
    assert status == 200, content
    return headers["x-revision"], int(json.loads(content)["results"]["bindings"][0]["n"]["value"])


@pytest.fixture(scope="module")
def copy(with_ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    target = tmp_path_factory.mktemp("changing") / "data"
    shutil.copytree(with_ledger, target)
    return DataFolder(target)


@pytest.fixture(scope="module")
def gate(copy: DataFolder) -> Iterator[Gate]:
    with Gate(copy) as opened:
        yield opened


def commit(gate: Gate, number: int) -> str:
    link = NamedNode(f"http://www.wikidata.org/entity/Q9{number}")
    change = Change.of([Quad(LEEDS, SAME_AS, link, GRAPH)])
    gate.commit(
        Draft(
            uuid.uuid4().hex[:12],
            "submission",
            Submission(change),
            "a test",
            "http://example.org/",
            "tester",
            acknowledged=True,
        )
    )
    return gate.build.revision


@pytest.fixture(scope="module")
def address(copy: DataFolder, serving_folder: Serving) -> Iterator[str]:
    with serving_folder(copy) as served:
        yield served


def test_each_revision_answers_as_it_was_and_says_so(address: str, gate: Gate) -> None:
    first = gate.build.revision
    before = counted(address)[1]
    revisions = [first, *(commit(gate, number) for number in range(3))]
    assert counted(address) == (revisions[-1], before + 3)
    for place, revision in enumerate(revisions):
        assert counted(address, revision) == (revision, before + place)
    old, now = ask(address, f"/doc/city/leeds.nt?at={first}"), ask(address, "/doc/city/leeds.nt")
    assert (old[1]["x-revision"], now[1]["x-revision"]) == (first, revisions[-1])
    assert b"wikidata.org/entity/Q92" in now[2]
    assert b"wikidata.org/entity/Q92" not in old[2]
    assert old[1]["etag"] != now[1]["etag"]
    assert old[1]["memento-datetime"].endswith("GMT")
    assert '</doc/city/leeds.nt>; rel="original"' in old[1]["link"]
    assert "memento-datetime" not in now[1]


def test_a_negotiated_document_of_the_past_names_itself(address: str, gate: Gate) -> None:
    revision = gate.build.revision
    _, headers, _ = ask(address, f"/doc/city/leeds?at={revision}", Accept="text/turtle")
    assert headers["content-location"] == f"/doc/city/leeds.ttl?at={revision}"
    assert ask(address, headers["content-location"])[1]["x-revision"] == revision


def test_canned_queries_take_a_revision(address: str, gate: Gate) -> None:
    revision = gate.build.revision
    status, headers, _ = ask(address, f"/queries/twinnings-between-countries.csv?at={revision}")
    assert (status, headers["x-revision"]) == (200, revision)


def test_what_is_not_kept_is_gone_and_the_nearest_is_named(
    address: str, gate: Gate, copy: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy, "_kept_snapshots", 2)
    revisions = [commit(gate, 100 + number) for number in range(4)]
    status, _, content = ask(address, f"/doc/city/leeds.ttl?at={revisions[0]}")
    assert status == 410
    assert revisions[2] in json.loads(content)["hint"]
    for wrong in ("yesterday", "0123", revisions[0] + ".x", "../../x"):
        assert ask(address, f"/doc/city/leeds.ttl?at={quote(wrong)}")[0] == 400
    assert ask(address, "/doc/city/leeds.ttl?at=0123456789ab.3")[0] == 410


def test_the_last_snapshot_of_each_day_is_kept(
    with_ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "data"
    shutil.copytree(with_ledger, target)  # not one that is written: the engine may tidy its files up meanwhile
    own = DataFolder(target, kept_snapshots=1)
    with Gate(own) as gate:
        last_of_day = [gate.build.changes]  # of the day of the build
        for day in ("2101-01-01", "2101-01-02"):
            now = time.strptime(day, "%Y-%m-%d")
            monkeypatch.setattr(time, "gmtime", lambda *_, now=now: now)
            for number in range(3):
                commit(gate, 200 + len(last_of_day) * 10 + number)
            assert gate.build.changed.startswith(day)
            last_of_day.append(gate.build.changes)
        assert [build.changes for build in own.available_builds()] == last_of_day


def test_many_changes_stay_readable_by_workers(address: str, gate: Gate) -> None:
    """Each change leaves files of the engine behind, more than it opens at once: a worker must open them later."""
    for number in range(12):
        commit(gate, 400 + number)
    revision, count = counted(address)
    assert (revision, count >= 12) == (gate.build.revision, True)
    whole = "/sparql?format=csv&query=" + quote("SELECT * { GRAPH ?g { ?s ?p ?o } }")
    status, _, content = ask(address, whole)
    assert (status, content.count(b"\r\n") > 20_000) == (200, True)


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/id/city/leeds", "/doc/city/leeds.trig"),
        ("/id/city/leeds?profile=concise", "/doc/city/leeds.trig?profile=concise"),
        ("/id/twinning/leeds-hangzhou", "/id/twinning/hangzhou-leeds"),
        ("/doc/twinning/leeds-hangzhou.ttl", "/doc/twinning/hangzhou-leeds.ttl"),
        ("/agents/ann", "/changes?agent=ann"),
    ],
)
def test_a_redirect_leads_to_the_same_revision(address: str, path: str, leads_to: str) -> None:
    revision, _ = counted(address)
    joint = "&" if "?" in path else "?"
    status, headers, _ = ask(address, f"{path}{joint}at={revision}", accept="application/trig")
    assert (status in (301, 303), headers["location"]) == (
        True,
        f"{leads_to}{'&' if '?' in leads_to else '?'}at={revision}",
    )
    _, headers, _ = ask(address, path, accept="application/trig")
    assert headers["location"] == leads_to
