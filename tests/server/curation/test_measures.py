"""Measures are computed on a running server for a curator who asks; whoever reads gets them once they are there."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from kg.curation.gate import Gate
from tests.support.command import Eventually
from tests.support.curated import Curated
from tests.support.turtle import PREFIXES

DEGREE = "/sparql?query=" + quote("SELECT ?twins { city:leeds cd:degree ?twins }")
TWINS = "/sparql?query=" + quote("SELECT ?twin { city:leeds cd:twinnedWith ?twin } ORDER BY ?twin")


def told(curated: Curated) -> dict[str, Any]:
    return curated.ask("/measures", by="Carl").members


def begin(curated: Curated, by: str = "Rita") -> Any:
    return curated.ask("-X", "POST", "/measures", by=by)


def test_curators_alone_have_them_computed(curated: Curated) -> None:
    assert [begin(curated, by).status for by in ("", "Carl")] == [401, 403]
    assert curated.ask("/measures").status == 401
    assert told(curated)["measured"] is None
    assert curated.ask("-X", "POST", "/measures?anew=yes", by="Rita").status == 400


@pytest.mark.drawn
def test_what_goes_wrong_is_told_and_may_be_tried_again(
    curated: Curated, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks_off(*given: Any, **more: Any) -> Any:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(Gate, "measure", breaks_off)
    assert begin(curated).status == 202
    eventually(lambda: "error" in told(curated), True)
    said = told(curated)
    assert (said["error"]["hint"], said["measured"]) == ("The operator finds it in the log.", None)
    monkeypatch.setattr(Gate, "measure", lambda gate, *given, **more: gate.build)
    assert begin(curated).status == 202
    eventually(lambda: set(told(curated)), {"revision", "measured"})


@pytest.mark.slow
def test_an_answer_with_measures_changes_with_them_and_any_other_does_not(curated: Curated) -> None:
    addresses = (DEGREE, TWINS, "/dumps/SHA256SUMS", "/dataset.ttl")
    before = {address: curated.ask(address) for address in addresses}
    begun = begin(curated)
    assert (begun.status, begun.headers["location"]) == (202, "/measures")
    assert begin(curated).status in (200, 202)
    while "step" in told(curated):
        time.sleep(0.1)
    said = told(curated)
    assert said == {"revision": said["revision"], "measured": said["revision"]}
    assert begin(curated).status == 200
    after = {address: curated.ask(address) for address in addresses}
    for address in addresses:
        assert after[address].headers["x-revision"] == before[address].headers["x-revision"] == said["revision"]
        is_same = address == TWINS
        assert (after[address].headers["etag"] == before[address].headers["etag"]) == is_same, address
        held = curated.ask("-H", f"If-None-Match: {before[address].headers['etag']}", address)
        assert held.status == (304 if is_same else 200)
    (row,) = after[DEGREE].members["results"]["bindings"]
    assert int(row["twins"]["value"]) == len(after[TWINS].members["results"]["bindings"])
    past = curated.ask(f"{DEGREE}&at={said['revision']}")
    assert past.body == after[DEGREE].body


def measured_once(curated: Curated) -> Any:
    """Have the measures computed, and return the error that this ends in."""
    begin(curated)
    while "step" in (said := told(curated)):
        time.sleep(0.1)
    return said.get("error")


MOST_TRIES = 5
"""A change that waited for too long is answered by 409, and may be sent again: on a busy machine it has to be."""


@pytest.mark.slow
def test_two_curators_make_their_changes_while_a_third_asks_for_measures_again_and_again(curated: Curated) -> None:
    done = threading.Event()
    got: list[int] = []

    def sent(note: str, by: str) -> int:
        query = "/changes?summary=Notes&source=https://example.org/notes&graph=curated/notes"
        return curated.ask("-H", "Content-Type: text/turtle", "-d", note, query, by=by).status

    def changes(by: str) -> None:
        while not done.is_set():
            note = PREFIXES + f'city:london skos:editorialNote "Note {len(got)} of {by}"@en .'
            tries = (sent(note, by) for _ in range(MOST_TRIES))
            got.append(next((status for status in tries if status != 409), 409))

    with ThreadPoolExecutor() as threads:
        working = [threads.submit(changes, by) for by in ("Rita", "Ann")]
        errors, measured = [], 0
        while measured < 6 or len(got) <= 20 + 6:  # so many snapshots are kept, and the builds before those are removed
            errors += [error for error in (measured_once(curated),) if error]
            measured += 1
        done.set()
    for work in working:
        work.result()
    assert errors == []
    assert set(got) == {201}


@pytest.mark.slow
def test_the_command_has_a_server_compute_them(curated: Curated) -> None:
    command = [str(Path(sys.executable).with_name("citykg")), "measure", "--server", curated.address]
    environment = os.environ | {"CITYKG_TOKEN": curated.tokens["Rita"]}
    done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    assert done.stdout == f"The measures are of revision {told(curated)['revision']}.\n"
