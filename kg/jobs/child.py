"""The process that a job has, as seen by the one that wants it: bounded, followed step by step, given up on demand."""

from __future__ import annotations

import logging
import math
import pickle
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, ClassVar, Self

from kg.errors import CityKgError
from kg.jobs.control import Control
from kg.workers import WorkerProcess

_POLL_SECONDS = 0.1
"""Seconds after which it is asked again whether the job is still wanted."""
_LOGGER = logging.getLogger(__name__)


class JobLostError(CityKgError):
    """The process of a job has ended, or took too much, before it was done."""

    title = "A worker was lost"


class JobProcess(WorkerProcess):
    """A process with an object whose methods are called, by the frames of workers (kg.frames).

    Both ends are ours, so that what is called, what is returned and what is raised travels pickled. As a block, the
    process ends with it, whatever it is at; it ends as well when the one that wants the job does.
    """

    PROGRAM: ClassVar = "kg.jobs.program"
    in_own_session = False  # by sessions Linux shares processors: in one of its own it would give way to nobody

    def __init__(
        self, control: Control, make: Callable[..., object], *arguments: Any, memory: int = 0, seconds: float = math.inf
    ) -> None:
        """Start it. There, `make` returns the object; it gets the arguments and, last, what takes the steps (Advance).

        It may take so many `seconds` in all, and so many bytes of `memory`, if that is given.
        """
        self._control = control
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._to_make: object = (make, arguments)
        """Sent with the first call, None after it: sending it can fail or be cancelled, as any call can."""
        super().__init__(self.PROGRAM, memory, deadline=self._next_poll())

    def __enter__(self) -> Self:
        """Return the process itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the process; what it has written to standard error is for the log."""
        if written := self.stop().stderr:
            _LOGGER.warning("A job's process wrote: %s", written.decode(errors="replace").strip())

    def call(self, method: str, *arguments: Any, nicely: bool = False, to_the_end: bool = False) -> Any:
        """Return what a method returns.

        What is done `nicely` gives way to other processes; what is done `to_the_end` cannot be cancelled.
        Raises what the method raises; CancelledError, JobLostError.
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
        """Ask whether the job is still wanted. Raises TimeoutError, CancelledError."""
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
            self._control.check()
            self._control.advance(message["step"], message["done"], message["of"])

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
