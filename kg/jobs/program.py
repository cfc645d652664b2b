"""The program of a job: `python -m kg.jobs.program MEMORY_BYTES`, started and asked by kg.jobs.child.

It answers requests from standard input on standard output (kg.frames), each with a frame for each step, and a last one.
It ends at once when its input does, whatever it is doing: then its parent is gone.
"""

from __future__ import annotations

import gc
import os
import pickle
import queue
import resource
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any

from kg import frames
from kg.errors import CityKgError

NICENESS = 3
"""The niceness of preparations, which give way to readers; the end of a job, for which others wait, does not.

Linux then gives them half the time of a query where both want a processor (sched(7)), and all of one that is idle. With
10 it is a tenth: an import of twenty rows once took six minutes beside twelve busy processes.
"""

Request = tuple[dict[str, Any], bytes]


def main() -> None:
    """Call the methods of an object as requested, until standard input ends."""
    if memory := int(sys.argv[1]):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    requests: queue.Queue[Request] = queue.Queue()
    threading.Thread(target=_receive, args=(requests,), daemon=True).start()
    _, body = requests.get()

    made = cache(partial(_make_object, body))
    while True:
        request, arguments = requests.get()
        _answer(partial(_call, made, request["call"], arguments), is_nice=request["nicely"])


def _make_object(pickled: bytes) -> object:
    """Return the object whose methods are called."""
    make, arguments = pickle.loads(pickled)
    return make(*arguments, _advance)


def _call(made: Callable[[], object], method: str, arguments: bytes) -> object:
    return getattr(made(), method)(*pickle.loads(arguments))


def _answer(work: Callable[[], object], *, is_nice: bool) -> None:
    """Do the work, and send its result or its error."""
    try:
        result = _run_nicely(work) if is_nice else work()
        frames.send({"kind": "done"}, pickle.dumps(result))
    except MemoryError:
        raise  # the exit status tells the parent
    except Exception as error:  # whatever it is, the parent has to know
        if not isinstance(error, CityKgError):
            error.add_note(f"In the process of the job: {traceback.format_exc()}")
        body = pickle.dumps(error)
        pickle.loads(body)  # or else this process ends in it
        frames.send({"kind": "failed"}, body)


def _run_nicely(work: Callable[[], object]) -> object:
    with ThreadPoolExecutor(1, initializer=os.nice, initargs=(NICENESS,)) as thread:  # a thread has its own, on Linux
        result = thread.submit(work).result()
        thread.submit(gc.collect).result()  # iterators of the engine hold the store for good if another thread does
    gc.freeze()  # a collection during the next call, while others wait, need not visit these objects
    return result


def _advance(step: str, done: int, of: int) -> None:
    frames.send({"kind": "step", "step": step, "done": done, "of": of})


def _receive(requests: queue.Queue[Request]) -> None:
    try:
        while True:
            requests.put(frames.receive())
    except EOFError:
        os._exit(1)


if __name__ == "__main__":
    main()
