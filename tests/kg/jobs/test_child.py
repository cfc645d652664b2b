"""The process of a job: followed, bounded, given up on demand; and nobody waits for one that has died."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from kg.errors import BadValueError
from kg.jobs import CancelledError, Control, JobProcess
from kg.jobs.child import JobLostError
from kg.jobs.program import NICENESS
from tests.support.work import Work

pytestmark = pytest.mark.drawn

PATIENCE = 60.0  # seconds
MORE_THAN_A_PIPE_HOLDS = 1 << 20  # bytes
STARTER = """
from kg.jobs import JobProcess, Control
from tests.support.work import Work
JobProcess(Control(lambda step, pid, of: print(pid, flush=True)), Work, 1).call("wait")
"""


def started(control: Control | None = None, **bounds: Any) -> JobProcess:
    return JobProcess(control or Control(), Work, 40, **bounds)


def test_it_is_asked_again_and_again_and_its_steps_are_passed_on() -> None:
    steps: list[tuple[str, int, int]] = []
    with started(Control(lambda *step: steps.append(step))) as child:
        assert [child.call("add", 2), child.call("add", 3)] == [42, 43]
        assert child.call("niceness", nicely=True) == min(19, os.nice(0) + NICENESS)
        assert child.call("niceness") == os.nice(0)
    assert steps == [("adding", 1, 2)] * 2
    assert not child.alive()


def test_what_it_ends_in_is_raised_as_it_is_and_the_log_can_say_where() -> None:
    with started() as child:
        with pytest.raises(BadValueError, match="No") as caught:
            child.call("refuse")
        assert caught.value.hint == "Ask for less."
        with pytest.raises(EOFError) as unforeseen:  # as of a file that was cut off
            child.call("break_off")
        assert "in break_off" in unforeseen.value.__notes__[0]
        assert child.call("add", 2) == 42


def test_one_that_takes_too_much_is_told_so_with_the_way_out() -> None:
    with started(memory=1 << 30) as child:
        assert child.call("take", 1 << 20) == 1 << 20
        with pytest.raises(JobLostError, match="needs more memory than it may have"):
            child.call("take", 2 << 30)
    with started(seconds=0.0) as child, pytest.raises(JobLostError, match="longer than 0 seconds"):
        child.call("wait")
    with started() as child, pytest.raises(JobLostError, match="status 7"):
        child.call("end")


def test_it_is_given_up_on_demand_unless_it_is_to_come_to_its_end() -> None:
    steps: list[str] = []
    control = Control(lambda step, *_: steps.append(step), lambda: bool(steps))
    with started(control, seconds=PATIENCE) as child:
        assert child.call("add", 2, to_the_end=True) == 42
        with pytest.raises(CancelledError):
            child.call("wait")
    assert not child.alive()


@pytest.mark.parametrize("size", [10, MORE_THAN_A_PIPE_HOLDS])
def test_one_that_dies_at_its_start_is_lost_however_much_it_gets(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(JobProcess, "PROGRAM", "kg.jobs.no_program")
    with JobProcess(Control(), Work, b"x" * size) as child, pytest.raises(JobLostError, match="status 1"):
        child.call("wait")
    assert not child.alive()


def test_one_that_takes_nothing_is_given_up_on_demand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "asleep.py").write_text("import time\ntime.sleep(3600)\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(JobProcess, "PROGRAM", "asleep")
    unwanted = Control(is_cancelled=lambda: True)
    with JobProcess(unwanted, Work, b"x" * MORE_THAN_A_PIPE_HOLDS) as child, pytest.raises(CancelledError):
        child.call("wait")
    assert not child.alive()


def test_what_it_writes_beside_its_answers_lets_nobody_wait_and_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with started(seconds=PATIENCE) as child:
        assert child.call("write", 1 << 20) == 1 << 20
    assert "A job's process wrote: xxx" in caplog.text


def test_it_ends_when_the_one_that_wants_it_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        child = int(starter.stdout.readline())
        os.kill(child, 0)
        starter.kill()
    until = time.monotonic() + PATIENCE
    while runs(child):
        assert time.monotonic() < until
        time.sleep(0.02)


def runs(process: int) -> bool:
    """Whether a process is there, and more than what is left of one whose end nobody has asked for."""
    try:
        return ") Z" not in Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False
