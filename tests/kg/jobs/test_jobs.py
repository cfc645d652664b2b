"""What takes longer than a request: begun once at a time, told while it lasts, and broken off on demand."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.errors import BadValueError
from kg.jobs import Control, Jobs

DATA = Path("/data")
PATIENCE = 10.0  # seconds


class Held:
    """Work that tells one step and goes on when it is let."""

    def __init__(self) -> None:
        self.at_it = threading.Event()
        self.go_on = threading.Event()
        self.times = 0

    def __call__(self, control: Control) -> None:
        self.times += 1
        control.advance("reading", 2, 5)
        self.at_it.set()
        assert self.go_on.wait(PATIENCE)


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    found = Jobs()
    yield found
    found.close()


def ended(jobs: Jobs) -> None:
    """Wait for all that were begun."""
    for thread in [*jobs._threads.values()]:
        thread.join(PATIENCE)


def test_it_is_begun_once_at_a_time_and_told_until_it_is_done(jobs: Jobs) -> None:
    work = Held()
    assert jobs.begin(7, work, by="ana").as_dict(DATA)["step"] in ("waiting for its turn", "reading")
    assert work.at_it.wait(PATIENCE)
    again = jobs.begin(7, work, by="bo")
    assert (again.by, again.as_dict(DATA)) == ("ana", {"step": "reading", "done": 2, "of": 5})
    assert (jobs.find(8), jobs.find(None)) == (None, None)
    work.go_on.set()
    ended(jobs)
    assert (jobs.find(7), work.times) == (None, 1)


def test_what_comes_while_it_lasts_has_it_begun_again(jobs: Jobs) -> None:
    work = Held()
    for again in (False, True, True):
        jobs.begin("imports", work, again=again)
        assert work.at_it.wait(PATIENCE)
    work.go_on.set()
    ended(jobs)
    assert (jobs.find("imports"), work.times) == (None, 2)


def test_what_went_wrong_is_told_until_it_is_begun_again(jobs: Jobs) -> None:
    def refused(control: Control) -> None:
        raise BadValueError("No.", "Ask for less.")

    jobs.begin("measures", refused)
    ended(jobs)
    job = jobs.find("measures")
    assert job is not None
    told = job.as_dict(DATA)["error"]
    assert (told["detail"], told["hint"]) == ("No.", "Ask for less.")
    work = Held()
    work.go_on.set()
    jobs.begin("measures", work)
    ended(jobs)
    assert (jobs.find("measures"), work.times) == (None, 1)


def test_a_fault_that_nobody_foresaw_is_in_the_log_and_told_without_what_it_was(
    jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(control: Control) -> None:
        raise RuntimeError("a secret")

    jobs.begin("measures", broken)
    ended(jobs)
    job = jobs.find("measures")
    assert job is not None
    assert job.as_dict(DATA)["error"]["detail"] == "It failed by a fault of the service."
    assert "a secret" not in str(job.as_dict(DATA))
    assert "a secret" in caplog.text


def test_what_is_closed_learns_that_it_is_not_wanted() -> None:
    jobs, at_it, told = Jobs(), threading.Event(), threading.Event()

    def patient(control: Control) -> None:
        at_it.set()
        until = time.monotonic() + PATIENCE
        while not control.is_cancelled() and time.monotonic() < until:
            time.sleep(0.001)
        if control.is_cancelled():
            told.set()

    jobs.begin(1, patient)
    assert at_it.wait(PATIENCE)
    jobs.close()
    assert told.is_set()


def test_what_could_not_be_begun_can_be_begun_later(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_many(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    work = Held()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", too_many)
        with pytest.raises(RuntimeError):
            jobs.begin(7, work)
    assert jobs.find(7) is None
    work.go_on.set()
    jobs.begin(7, work)
    ended(jobs)
    assert work.times == 1
