"""Accepting a large proposal: the answer does not wait for it, and the proposal says how far it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kg.cli.remote import RemoteGate
from kg.curation import gate
from kg.curation.gate import Gate
from kg.history import History
from tests.kg.curation.large.conftest import Here
from tests.server.curation.test_curators_day import SOURCE, WORDS, turtle, twinning
from tests.support.command import Eventually
from tests.support.curated import Curated
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

TEXT = PREFIXES + SOURCE + twinning("jinan", "york")


@pytest.fixture
def proposal(curated: Curated, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a proposal that counts as large."""
    monkeypatch.setattr(History, "LARGE", 5)
    monkeypatch.setattr(gate, "JobProcess", Here)
    monkeypatch.setattr(Here, "meanwhile", [], raising=False)
    sent = curated.ask(*turtle(TEXT), f"/proposals?{WORDS}", by="Carl")
    assert sent.status == 201, sent.body
    return sent.headers["location"]


def told(curated: Curated, address: str) -> dict[str, Any]:
    return curated.ask(address, by="Rita").members


def accept(curated: Curated, address: str) -> Any:
    return curated.ask("-X", "POST", f"{address}/accept?acknowledge=yes", by="Rita")


def test_the_answer_says_where_to_look_and_there_is_one_change(
    curated: Curated, proposal: str, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, commit = threading.Event(), Gate.commit

    def waiting(self: Gate, *given: Any, **more: Any) -> Any:
        assert may_go_on.wait(60)
        return commit(self, *given, **more)

    monkeypatch.setattr(Gate, "commit", waiting)
    answers = [accept(curated, proposal) for _ in range(2)]
    assert {(one.status, one.headers["location"], one.members["state"]) for one in answers} == {(202, proposal, "open")}
    assert told(curated, proposal)["acceptance"]["reviewer"] == "Rita"
    may_go_on.set()
    eventually(lambda: told(curated, proposal)["state"], "accepted")
    made = told(curated, proposal)
    assert "acceptance" not in made
    assert curated.ask("/doc/twinning/jinan-york.ttl").status == 200
    change = curated.ask(f"{made['change']}.json").members
    assert (change["agent"], change["reviewer"]) == ("Carl", "Rita")
    assert curated.ask("-X", "POST", f"{made['change']}/revert", by="Rita").status == 201


def test_one_that_fails_says_why_and_is_open(
    curated: Curated, proposal: str, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*given: Any, **more: Any) -> Any:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patched:
        patched.setattr(Gate, "commit", lost)
        assert accept(curated, proposal).status == 202
        eventually(lambda: "error" in told(curated, proposal)["acceptance"], True)
    said = told(curated, proposal)
    assert (said["state"], said["acceptance"]["error"]["hint"]) == ("open", "The operator finds it in the log.")
    made = RemoteGate(curated.address, curated.tokens["Rita"]).accept(
        int(proposal.rpartition("/")[2]), {"acknowledge": "yes"}
    )
    assert (made["kind"], made["reviewer"], told(curated, proposal)["state"]) == ("proposal", "Rita", "accepted")
    assert curated.ask("-X", "POST", f"/changes/{made['number']}/revert", by="Rita").status == 201


@pytest.mark.slow
def test_a_large_change_whose_answer_a_proxy_gave_up_is_made_once_and_answers_to_its_key(
    curated: Curated, monkeypatch: pytest.MonkeyPatch
) -> None:
    comes, may_go_on, commit = threading.Semaphore(0), threading.Event(), Gate.commit

    def waiting(self: Gate, *given: Any, **more: Any) -> Any:
        comes.release()
        assert may_go_on.wait(60)
        return commit(self, *given, **more)

    change = ("-H", "Idempotency-Key: outlasted", *turtle(TEXT), f"/changes?{WORDS}&acknowledge=yes")
    monkeypatch.setattr(History, "LARGE", 5)
    monkeypatch.setattr(gate, "JobProcess", Here)
    monkeypatch.setattr(Here, "meanwhile", [], raising=False)
    monkeypatch.setattr(Gate, "commit", waiting)
    with ThreadPoolExecutor() as clients:
        first = clients.submit(curated.ask, *change, by="Rita")
        assert comes.acquire(timeout=60)  # it is being made, and whoever sent it has been told 504
        again = clients.submit(curated.ask, *change, by="Rita")
        may_go_on.set()
        answers = [first.result(), again.result()]
    assert [answer.status for answer in answers] == [201, 201], [answer.body for answer in answers]
    assert len({answer.headers["location"] for answer in answers}) == 1
    undo = ("-X", "POST", "-H", "Idempotency-Key: undone", f"{answers[0].headers['location']}/revert?acknowledge=yes")
    undone = [curated.ask(*undo, by="Rita") for _ in range(2)]
    assert [answer.status for answer in undone] == [201, 201]
    assert len({answer.headers["location"] for answer in undone}) == 1
    assert undone[0].members["number"] == answers[0].members["number"] + 1  # nothing else was made
