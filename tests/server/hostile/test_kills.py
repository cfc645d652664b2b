"""Processes that are killed at random moments under load: the rest recovers, and the next start is clean."""

from __future__ import annotations

import http.client
import json
import os
import signal
import threading
import time
from contextlib import ExitStack, suppress
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import SOON, Command, Eventually, Running, Start
from tests.support.http import Answer
from tests.support.tiers import by_tier, fresh_random

pytestmark = pytest.mark.drawn

WORKERS = 2
KILLS = by_tier(2, 6, 100)
QUEUE = 8

ENDLESS = b"SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
LARGE = b"SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 20000"
TWINS = b"SELECT ?twin { twinning:birmingham-guangzhou cd:twin ?twin } ORDER BY ?twin"
TWO_CITIES = ["city/birmingham", "city/guangzhou"]


def twins(body: bytes) -> list[str]:
    rows = json.loads(body)["results"]["bindings"]
    return [row["twin"]["value"].removeprefix("https://w3id.org/city-diplomacy/id/") for row in rows]


def is_right(query: bytes, answer: Answer) -> bool:
    """Say whether an answer is a whole and right one, or an error that says so."""
    if answer.status != 200:
        return answer.type == "application/problem+json" and json.loads(answer.body)["status"] == answer.status
    rows = json.loads(answer.body)["results"]["bindings"]
    return len(rows) == 20_000 if query is LARGE else query is TWINS and twins(answer.body) == TWO_CITIES


class Load:
    """Clients that ask all the time; counts the right answers, and keeps those that are not as they should be."""

    def __init__(self, command: Command) -> None:
        self.right = 0
        self.wrong: list[Any] = []
        self._command = command
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=((TWINS, LARGE, ENDLESS)[: n + 1],)) for n in range(3)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, queries: tuple[bytes, ...]) -> None:
        for query in cycle(queries):
            if self._over.is_set():
                return
            with suppress(OSError, http.client.HTTPException):  # a connection that breaks has given no answer
                answer = self._command.send("/sparql", query)
                if not is_right(query, answer):
                    self.wrong.append((query, answer.status, answer.body[:300]))
                elif answer.status == 200:
                    self.right += 1


@pytest.mark.scaled
def test_killed_workers_are_replaced_and_no_answer_is_wrong(running: Running, eventually: Eventually) -> None:
    moments = fresh_random("moments of the kills")
    with running(seconds=0.5, workers=WORKERS, queue=QUEUE) as command:
        with Load(command) as load:
            for _ in range(KILLS):
                time.sleep(moments.uniform(0, 0.2))
                with suppress(ProcessLookupError, IndexError):
                    os.kill(moments.choice(command.workers()), signal.SIGKILL)
            before = load.right
            eventually(lambda: load.right > before, True)
        assert load.wrong == []
        for _ in range(WORKERS + 1):
            assert twins(command.send("/sparql", TWINS, seconds=SOON).body) == TWO_CITIES
        # the spare one may have been killed; what the server reads for itself has slots of its own (docs/processes.md)
        eventually(lambda: WORKERS <= len(command.workers()) <= 3 * WORKERS + 1, True)
        eventually(command.files, [])


@pytest.mark.scaled
def test_a_killed_server_leaves_no_process_and_no_file_and_the_next_one_answers(
    start: Start, eventually: Eventually, tmp_path: Path
) -> None:
    moments = fresh_random("moments of the kills")
    with ExitStack() as stack:
        for number in range(KILLS):
            command = start(tmp_path, seconds=0.5, workers=WORKERS, queue=QUEUE)
            stack.callback(command.kill)
            command.wait()
            if number % 2:  # the other half is killed about when the workers start
                assert twins(command.send("/sparql", TWINS).body) == TWO_CITIES
            with Load(command) as load:
                time.sleep(moments.uniform(0, 0.5))
                command.kill()
            assert load.wrong == []
        eventually(command.processes, {})
        command = start(tmp_path)
        stack.callback(command.kill)
        command.wait()
        assert twins(command.send("/sparql", TWINS, seconds=SOON).body) == TWO_CITIES
        assert list(command.temporary.iterdir()) == []
        assert command.files() == []
        eventually(lambda: len(command.workers()), WORKERS + 1)  # with a spare one
        command.kill()  # its workers have nothing to do now
        eventually(command.processes, {})


@pytest.mark.parametrize("seconds", [0.05, 0.2, 0.4, 0.6])
def test_a_server_that_is_killed_while_it_starts_leaves_nothing_running(
    start: Start, eventually: Eventually, tmp_path: Path, seconds: float
) -> None:
    command = start(tmp_path)
    time.sleep(seconds)
    command.kill()
    eventually(command.processes, {})
