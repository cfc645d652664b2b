"""The process that prepares a large change, or computes measures: `python -m kg.curation.large.program`.

It answers requests from standard input on standard output (kg.frames), each with as many frames of steps as there are
steps, and a last one. Both ends are ours, so that drafts and errors travel pickled. It ends when its input does, at
once, whatever it is at: then whoever wanted the change is gone.
"""

from __future__ import annotations

import gc
import os
import pickle
import queue
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from kg import frames
from kg.curation.draft import Draft
from kg.curation.large.measuring import Measuring
from kg.curation.large.preparation import Preparation
from kg.store import Build, DataFolder
from kg.store.aside import Aside

NICENESS = 10
"""What is prepared gives way to those who read; what others wait for, at the end, does not."""

Request = tuple[dict[str, Any], bytes]


def main() -> None:
    """Make one build aside, then follow and finish as asked."""
    requests: queue.Queue[Request] = queue.Queue()
    threading.Thread(target=_receive, args=(requests,), daemon=True).start()
    task, wanted = requests.get()
    aside = Aside(DataFolder(Path(task["data"])), Build.stated(task["base"]), Path(task["aside"]))
    _answered(lambda: _prepared(_wanted(aside, pickle.loads(wanted)), requests))


def _wanted(aside: Aside, draft: Draft | None) -> Preparation | Measuring:
    return Measuring(aside, _step) if draft is None else Preparation(aside, draft, _step)


def _prepared(preparation: Preparation | Measuring, requests: queue.Queue[Request]) -> None:
    with ThreadPoolExecutor(1, initializer=os.nice, initargs=(NICENESS,)) as nicely:  # a thread has its own, on Linux
        nicely.submit(preparation.prepare).result()
        nicely.submit(gc.collect).result()  # iterators of the engine hold the store for good if another thread does
    gc.freeze()  # `finish` collects again, while others wait, and need not go through all of this
    _send("done")
    while True:
        order, _ = requests.get()
        if "finish" in order:
            _send("done", pickle.dumps(preparation.finish(Build.stated(order["finish"]))))
            return
        preparation.follow(order["follow"])
        _send("done")


def _answered(work: Callable[[], None]) -> None:
    """Do something, and send the error that it ends in, if it does."""
    try:
        work()
    except Exception as error:  # whatever it is, the one who waits is to know
        error.__cause__ = error.__context__ = None
        _send("failed", pickle.dumps(error))


def _step(step: str, done: int, of: int) -> None:
    _send("step", step=step, done=done, of=of)


def _send(kind: str, body: bytes = b"", **said: Any) -> None:
    frames.send({"kind": kind, **said}, body)


def _receive(requests: queue.Queue[Request]) -> None:
    try:
        while True:
            requests.put(frames.receive())
    except EOFError:
        os._exit(1)


if __name__ == "__main__":
    main()
