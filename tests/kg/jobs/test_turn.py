"""Jobs have their turn one after the other, in the order in which they came."""

from __future__ import annotations

import threading

import pytest

from kg.history import ConflictError
from kg.jobs import CancelledError, Control, JobQueue

PATIENCE = 60.0  # seconds


def free() -> bool:
    return False


@pytest.mark.drawn
def test_they_come_in_their_order_and_learn_until_when_they_wait() -> None:
    turn, came, steps = JobQueue(), list[str](), list[str]()

    def job(name: str, waits: threading.Event) -> None:
        def advance(step: str, done: int, of: int) -> None:
            if not waits.is_set():
                steps.append(step)
            waits.set()

        with turn.turn(f"{name} is done", Control(advance), free):
            came.append(name)

    threads = []
    with turn.turn("the first is done", Control(), free):
        for name in ("b", "a", "c"):
            waits = threading.Event()
            threads.append(threading.Thread(target=job, args=(name, waits)))
            threads[-1].start()
            assert waits.wait(PATIENCE)
    for thread in threads:
        thread.join()
    assert came == ["b", "a", "c"]
    assert steps == ["waiting until the first is done"] * 3


def test_one_that_gives_up_leaves_the_queue_and_one_that_holds_what_others_need_is_refused() -> None:
    turn = JobQueue()
    with turn.turn("the first is done", Control(), free):
        with pytest.raises(CancelledError), turn.turn("", Control(is_cancelled=lambda: True), free):
            pass
        with pytest.raises(ConflictError, match="wait until the first is done"), turn.turn("", Control(), lambda: True):
            pass
    with turn.turn("the next is done", Control(), lambda: True):
        pass
