"""The protocol of the programs of worker processes: their requests, their limits, and how they report errors.

A program answers requests from standard input on standard output (kg.frames) until its input ends.
"""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kg import frames
from kg.errors import CityKgError, DamageError, FaultError, QueryError, is_damage

GRACE = 1.0
"""Seconds after the deadline at which a process ends itself, in case its parent is gone."""

Frame = tuple[dict[str, Any], bytes]


class LimitError(Exception):
    """A request exceeds a limit; `reached` says by how much."""

    def __init__(self, limit: str, reached: str) -> None:
        super().__init__(limit)
        self.limit = limit
        self.reached = reached


def requests() -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the requests from standard input, each with its text."""
    while True:
        try:
            request, text = frames.receive()
        except EOFError:
            return
        yield request, text.decode()


@contextmanager
def starting(request: dict[str, Any]) -> Iterator[None]:
    """Use the time limit of a start while something is prepared once and cached; then that of the request begins."""
    signal.setitimer(signal.ITIMER_REAL, request["start_seconds"] + GRACE)
    frames.send({"kind": "starts"})
    yield
    frames.send({"kind": "started"})
    signal.setitimer(signal.ITIMER_REAL, request["seconds"] + GRACE)


def evaluate_to_frame(evaluate: Callable[[], Frame], what: str) -> Frame:
    """Return the frame of an evaluation, or that of its error; `what` is what was to be evaluated."""
    try:
        return evaluate()
    except CityKgError as error:
        return error_frame(error)
    except LimitError as error:
        return {"kind": "limit", "limit": error.limit, "reached": error.reached}, b""
    except MemoryError:
        return {"kind": "limit", "limit": "memory", "reached": ""}, b""
    except Exception as error:  # it would end the process, and look like damage
        damage = DamageError(Path(sys.argv[1]), str(error)) if is_damage(error) else None
        is_of_query = what == "query" and isinstance(error, SyntaxError | ValueError | RuntimeError | OSError)
        refused = QueryError("The engine could not evaluate the query.") if is_of_query else None
        return error_frame(damage or refused or FaultError(what, traceback.format_exc()))


def error_frame(error: CityKgError) -> Frame:
    """Return the frame of an error, which the parent process raises again."""
    return {"kind": "refused", **error.as_json()}, b""
