"""The dumps as their clients meet them: a running server, asked by curl and checked by sha256sum."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse

from kg.rdf import namespaces as ns
from kg.store.builds import Build
from kg.store.data_folder import DataFolder
from tests.support.curl import request
from tests.support.serving import client as client_of
from tests.support.tiers import by_tier

pytestmark = pytest.mark.drawn

A = NamedNode("http://a")
WITH_THE_WHOLE = ["report/table-1.ttl", "all.nq"]


def headers(*arguments: str) -> tuple[int, dict[str, str]]:
    answer = request(*arguments)
    return answer.status, answer.headers


def body(*arguments: str) -> bytes:
    return request(*arguments).body


def test_the_whole_and_a_part(address: str, store: Store) -> None:
    named = {quad for quad in store if quad.graph_name != DefaultGraph()}
    assert set(parse(body(f"{address}/dumps/all.trig"), RdfFormat.TRIG)) == named
    assert set(parse(body(f"{address}/dumps/all.nq"), RdfFormat.N_QUADS)) == named
    table = {q.triple for q in named if q.graph_name == NamedNode(ns.REPORT + "table-1")}
    written = parse(body(f"{address}/dumps/report/table-1.ttl"), RdfFormat.TURTLE)
    assert {quad.triple for quad in written} == table
    assert body(f"{address}/dumps/report/figure-4.1.nt")


@pytest.mark.scaled
def test_sha256sum_accepts_what_curl_has_fetched(address: str, tmp_path: Path) -> None:
    more = ("default.nt", "all.nq.gz")
    files = ("SHA256SUMS", "all.trig", "report/table-1.ttl", "vocabulary/theme.jsonld", "report/table-1.ttl.gz")
    files += by_tier((), more, more)
    for file in files:
        fetched = ["curl", "-s", "--compressed", "--create-dirs", "-o", str(tmp_path / file), f"{address}/dumps/{file}"]
        subprocess.run(fetched, check=True)
    check = ["sha256sum", "--check", "--ignore-missing", "--strict", "SHA256SUMS"]
    ran = subprocess.run(check, cwd=tmp_path, capture_output=True, check=False, text=True)
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.count(": OK") == len(files) - 1
    (tmp_path / "all.trig").write_bytes(b"other")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_gzip_for_whoever_takes_it_under_a_tag_of_its_own(address: str) -> None:
    url = f"{address}/dumps/report/table-1.nt"
    plain, packed = body(url), body("-H", "Accept-Encoding: gzip", url)
    assert gzip.decompress(packed) == plain
    assert packed == body("-H", "Accept-Encoding: gzip", url)
    _, of_plain = headers(url)
    _, of_packed = headers("-H", "Accept-Encoding: gzip", url)
    assert "content-encoding" not in of_plain
    assert (of_packed["content-encoding"], of_packed["content-length"]) == ("gzip", str(len(packed)))
    assert of_plain["content-length"] == str(len(plain))
    assert of_plain["etag"] != of_packed["etag"]
    assert of_plain["vary"] == of_packed["vary"] == "Accept-Encoding"
    _, refused = headers("-H", "Accept-Encoding: gzip;q=0, *;q=0.5", url)
    assert "content-encoding" not in refused


@pytest.mark.parametrize("file", ["report/table-1.nq", "SHA256SUMS"])
def test_a_client_that_has_it_gets_304_and_head_gets_the_headers(address: str, file: str) -> None:
    url = f"{address}/dumps/{file}"
    status, got = headers(url)
    assert (status, got["etag"].startswith(f'"{got["x-revision"]}-')) == (200, True)
    for tag in (got["etag"], f"W/{got['etag']}", "*"):
        status, again = headers("-H", f"If-None-Match: {tag}", url)
        assert (status, again["etag"]) == (304, got["etag"])
    assert headers("-H", 'If-None-Match: "other"', url)[0] == 200
    status, head = headers("-I", url)
    assert (status, head["etag"], head["content-type"]) == (200, got["etag"], got["content-type"])


@pytest.mark.scaled
def test_a_compressed_file_is_the_plain_one(address: str) -> None:
    for file in by_tier(["report/table-1.ttl"], WITH_THE_WHOLE, WITH_THE_WHOLE):
        packed = body(f"{address}/dumps/{file}.gz")
        assert gzip.decompress(packed) == body(f"{address}/dumps/{file}")
        for accepted in ("gzip", "identity"):
            option = ("-H", f"Accept-Encoding: {accepted}")
            status, got = headers(*option, f"{address}/dumps/{file}.gz")
            assert (status, got["content-type"], "content-encoding" in got) == (200, "application/gzip", False)
            assert body(*option, f"{address}/dumps/{file}.gz") == packed
        assert headers(f"{address}/dumps/{file}.gz")[1]["etag"] != headers(f"{address}/dumps/{file}")[1]["etag"]


def test_head_claims_no_length_that_get_does_not_have(address: str) -> None:
    for file in ("report/table-1.nq", "report/table-1.nq.gz", "SHA256SUMS"):
        head = headers("-I", f"{address}/dumps/{file}")[1]
        got = headers(f"{address}/dumps/{file}")[1]
        assert head.get("content-length", got["content-length"]) == got["content-length"]


@pytest.mark.parametrize(
    ("file", "listed"),
    [
        ("report/tabel-1.ttl", "report/table-1.ttl"),
        ("all.ttl", "all.trig"),
        ("../healthz", "alignments/bibo.ttl"),
        ("all", "all.trig"),
        ("report%2Ftable-9.ttl", "report/table-1.ttl"),
    ],
)
def test_an_unknown_name_is_a_404_that_names_the_nearest(address: str, file: str, listed: str) -> None:
    url = f"{address}/dumps/{file}"
    assert headers(url)[0] == 404
    hint = json.loads(body(url))["hint"]
    assert listed in hint
    assert hint.endswith(" more.")


def of_build(path: Path, content_hash: str, fingerprint: str, content: str) -> dict[str, tuple[str, bytes]]:
    """Return tag and bytes of some files of a small build."""
    folder = DataFolder(path)
    with folder.lock():
        graph = NamedNode(ns.GRAPH + "register")
        build: Build = folder.write([Quad(A, A, NamedNode(content), graph)], content_hash, fingerprint, (1, 0))
    assert folder.current() == build
    found = {}
    with client_of(folder) as client:
        for file in ("all.nq", "register.ttl", "SHA256SUMS"):
            with client.get(f"/dumps/{file}") as answer:
                found[file] = (answer.headers["ETag"], answer.data)
    return found


def test_tags_follow_content_and_rules_and_nothing_else(tmp_path: Path) -> None:
    one = of_build(tmp_path / "1", "c" * 64, "f", "http://one")
    assert of_build(tmp_path / "2", "c" * 64, "f", "http://one") == one
    other_content = of_build(tmp_path / "1", "d" * 64, "f", "http://two")
    other_rules = of_build(tmp_path / "1", "c" * 64, "g", "http://three")
    for file in one:
        assert len({one[file], other_content[file], other_rules[file]}) == 3
        assert len({one[file][0], other_content[file][0], other_rules[file][0]}) == 3
    assert len({tag for tag, _ in one.values()}) == len(one)
