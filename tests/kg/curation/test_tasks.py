"""What takes longer than a request: begun once at a time, told while it lasts, and broken off on demand."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.curation.advance import Advance, Cancelled
from kg.curation.tasks import Tasks
from kg.errors import BadValueError

DATA = Path("/data")
PATIENCE = 10.0  # seconds


class Held:
    """Work that tells one step and goes on when it is let."""

    def __init__(self) -> None:
        self.at_it = threading.Event()
        self.go_on = threading.Event()
        self.times = 0

    def __call__(self, tell: Advance, cancelled: Cancelled) -> None:
        self.times += 1
        tell("reading", 2, 5)
        self.at_it.set()
        assert self.go_on.wait(PATIENCE)


@pytest.fixture
def tasks() -> Iterator[Tasks]:
    found = Tasks()
    yield found
    found.close()


def ended(tasks: Tasks) -> None:
    """Wait for all that were begun."""
    for thread in [*tasks._threads.values()]:
        thread.join(PATIENCE)


def test_it_is_begun_once_at_a_time_and_told_until_it_is_done(tasks: Tasks) -> None:
    work = Held()
    assert tasks.begin(7, work, by="ana").as_dict(DATA)["step"] in ("waiting for its turn", "reading")
    assert work.at_it.wait(PATIENCE)
    again = tasks.begin(7, work, by="bo")
    assert (again.by, again.as_dict(DATA)) == ("ana", {"step": "reading", "done": 2, "of": 5})
    assert (tasks.find(8), tasks.find(None)) == (None, None)
    work.go_on.set()
    ended(tasks)
    assert (tasks.find(7), work.times) == (None, 1)


def test_what_went_wrong_is_told_until_it_is_begun_again(tasks: Tasks) -> None:
    def refused(tell: Advance, cancelled: Cancelled) -> None:
        raise BadValueError("No.", "Ask for less.")

    tasks.begin("measures", refused)
    ended(tasks)
    task = tasks.find("measures")
    assert task is not None
    told = task.as_dict(DATA)["error"]
    assert (told["detail"], told["hint"]) == ("No.", "Ask for less.")
    work = Held()
    work.go_on.set()
    tasks.begin("measures", work)
    ended(tasks)
    assert (tasks.find("measures"), work.times) == (None, 1)


def test_a_fault_that_nobody_foresaw_is_in_the_log_and_told_without_what_it_was(
    tasks: Tasks, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(tell: Advance, cancelled: Cancelled) -> None:
        raise RuntimeError("a secret")

    tasks.begin("measures", broken)
    ended(tasks)
    task = tasks.find("measures")
    assert task is not None
    assert task.as_dict(DATA)["error"]["detail"] == "It broke off by a fault of the service."
    assert "a secret" not in str(task.as_dict(DATA))
    assert "a secret" in caplog.text


def test_what_is_closed_learns_that_it_is_not_wanted() -> None:
    tasks, at_it, told = Tasks(), threading.Event(), threading.Event()

    def patient(tell: Advance, cancelled: Cancelled) -> None:
        at_it.set()
        until = time.monotonic() + PATIENCE
        while not cancelled() and time.monotonic() < until:
            time.sleep(0.001)
        if cancelled():
            told.set()

    tasks.begin(1, patient)
    assert at_it.wait(PATIENCE)
    tasks.close()
    assert told.is_set()


def test_what_could_not_be_begun_can_be_begun_later(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_many(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    work = Held()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", too_many)
        with pytest.raises(RuntimeError):
            tasks.begin(7, work)
    assert tasks.find(7) is None
    work.go_on.set()
    tasks.begin(7, work)
    ended(tasks)
    assert work.times == 1
