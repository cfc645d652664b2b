"""The process of a job, as seen by its parent: with limits, followed step by step, cancelled on demand."""

from __future__ import annotations

import logging
import math
import pickle
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, ClassVar, Self

from kg.errors import CityKgError
from kg.jobs.jobs import Control
from kg.workers import WorkerProcess

_POLL_SECONDS = 0.1
"""Seconds between checks whether the job is cancelled."""
_LOGGER = logging.getLogger(__name__)


class JobLostError(CityKgError):
    """The process of a job ended, or exceeded a limit, before it was done."""

    title = "A worker was lost"


class JobProcess(WorkerProcess):
    """A process with an object whose methods are called over the frames of workers (kg.frames).

    Both ends are ours, so that arguments, results and errors are pickled. As a context manager, it ends the process on
    exit, whatever that is doing; the process also ends when its parent does.
    """

    PROGRAM: ClassVar = "kg.jobs.program"
    in_own_session = False  # Linux shares processors by session: in its own, niceness would have no effect

    def __init__(
        self, control: Control, make: Callable[..., object], *arguments: Any, memory: int = 0, seconds: float = math.inf
    ) -> None:
        """Start the process. There, `make` returns the object; its arguments are these and, last, an Advance.

        It may take `seconds` in all, and `memory` bytes if that is not 0.
        """
        self._control = control
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._to_make: object = (make, arguments)
        """Sent with the first call, and None after it: sending can fail or be cancelled, as any call can."""
        super().__init__(self.PROGRAM, memory, deadline=self._next_poll())

    def __enter__(self) -> Self:
        """Return the process itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the process, and log what it has written to standard error."""
        if written := self.stop().stderr:
            _LOGGER.warning("A job's process wrote: %s", written.decode(errors="replace").strip())

    def call(self, method: str, *arguments: Any, nicely: bool = False, to_the_end: bool = False) -> Any:
        """Call a method and return its result.

        A call that is made `nicely` gives way to other processes; one `to_the_end` cannot be cancelled.
        Raises the errors of the method; CancelledError, JobLostError.
        """
        before = self._control
        if to_the_end:
            self._control = Control(before.advance)
        try:
            if self._to_make is not None:
                self._ask({}, self._to_make)
                self._to_make = None
            self._ask({"call": method, "nicely": nicely}, arguments)
            kind, body = self._answer()
        except EOFError:
            raise self._lost_error() from None
        except TimeoutError:
            raise JobLostError(
                f"The job took longer than {self._seconds:,.0f} seconds.", "Split it into parts."
            ) from None
        finally:
            self._control = before
        if kind == "failed":
            raise pickle.loads(body)
        return pickle.loads(body)

    def on_deadline(self) -> None:
        """Check the time limit and cancellation. Raises TimeoutError, CancelledError."""
        if time.monotonic() >= self._until:
            super().on_deadline()
        self._control.check()
        self.read_errors()
        self.deadline = self._next_poll()

    def _next_poll(self) -> float:
        return min(self._until, time.monotonic() + _POLL_SECONDS)

    def _ask(self, request: dict[str, Any], body: object) -> None:
        self.send(request, pickle.dumps(body))

    def _answer(self) -> tuple[str, bytes]:
        """Return the kind and the body of the last frame of an answer."""
        while True:
            message, body = self.receive()
            if message["kind"] != "step":
                return message["kind"], body
            self._control.step(message["step"], message["done"], message["of"])

    def _lost_error(self) -> JobLostError:
        ending = self.stop()
        if ending.exhausted_resource:
            return JobLostError(
                f"The job needs more {ending.exhausted_resource} than it may have.", "Split it into parts."
            )
        return JobLostError(
            f"The process of the job ended (status {ending.status}); nothing was changed.",
            "Try it again; if that happens again, tell the operator.",
        )
