"""The processes that make a build aside, as seen by the gate that wants it: for a large change, or for measures."""

from __future__ import annotations

import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from types import TracebackType
from typing import IO, Any, Self, cast

from kg import frames
from kg.curation.advance import Advance, Cancelled, CancelledError, never
from kg.curation.draft import Draft
from kg.curation.large.preparation import IN_THE_SUBMISSION, Made, in_order
from kg.curation.refusals import RefusedChangeError
from kg.errors import CityKgError
from kg.findings import Finding
from kg.rdf.change_file import ChangeFile
from kg.store import Build
from kg.store.aside import Aside
from kg.submissions import Submission

_ASKED_EACH = 0.1
"""Seconds after which it is asked again whether the change is still wanted."""

_Frame = tuple[dict[str, Any], bytes]


class PreparationLostError(CityKgError):
    """The process that prepared a change has ended; nothing was changed."""

    title = "A worker was lost"


class AsideProcess:
    """Makes a build aside. As a block it ends with it, whatever it is at."""

    def __init__(self, aside: Aside, draft: Draft | None, progress: Advance) -> None:
        """Start the process for a large change, or for measures if there is none; `progress` gets each step."""
        self.followed = aside.base.changes
        self._progress = progress
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kg.curation.large.program"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,  # an interrupt at the terminal is for the server; the session stays, by which Linux shares
        )
        self._answers: queue.Queue[_Frame | None] = queue.Queue()
        threading.Thread(target=self._receive, daemon=True).start()
        task = {"data": str(aside.folder.path), "base": asdict(aside.base), "aside": str(aside.path)}
        self._send(task, pickle.dumps(draft))

    def __enter__(self) -> Self:
        """Return the process itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the process."""
        self._end()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def prepare(self, cancelled: Cancelled) -> None:
        """Wait until all is done that needs no lock.

        Raises CancelledError, PreparationLostError, and why the change is not made.
        """
        self._answer(cancelled)

    def follow(self, last: int, cancelled: Cancelled) -> None:
        """Let it follow the changes up to a number. Raises what `prepare` raises, and OvertakenError."""
        self._send({"follow": last})
        self._answer(cancelled)
        self.followed = last

    def _finished(self, current: Build) -> Any:
        """Let it come to an end upon the current build; return what it has come to. Raises what `follow` raises.

        The process has ended by then, and with it the engine's lock on the store that it wrote.
        """
        self._send({"finish": asdict(current)})
        made = pickle.loads(self._answer(never))
        self._end()
        return made

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()

    def _answer(self, cancelled: Cancelled) -> bytes:
        while True:
            try:
                frame = self._answers.get(timeout=_ASKED_EACH)
            except queue.Empty:
                if cancelled():
                    raise CancelledError from None
                continue
            if frame is None:
                raise self._lost()
            said, body = frame
            if said["kind"] == "done":
                return body
            if said["kind"] == "failed":
                raise self._placed(pickle.loads(body))
            if cancelled():
                raise CancelledError
            self._progress(said["step"], said["done"], said["of"])

    def _placed(self, error: Exception) -> Exception:
        """Return an error as the one who waits gets it."""
        return error

    def _lost(self) -> PreparationLostError:
        status = self._process.wait()
        return PreparationLostError(
            f"The process that prepared it ended (status {status}); nothing was changed.", "Send it again."
        )

    def _send(self, request: dict[str, Any], body: bytes = b"") -> None:
        try:
            pipe = cast(IO[bytes], self._process.stdin)
            pipe.write(frames.pack(request, body))
            pipe.flush()
        except BrokenPipeError:
            raise self._lost() from None

    def _receive(self) -> None:
        pipe = cast(IO[bytes], self._process.stdout)

        def read(size: int) -> bytes:
            part = pipe.read(size)
            if len(part) < size:
                raise EOFError
            return part

        try:
            while True:
                self._answers.put(frames.unpack(read))
        except (EOFError, ValueError, OSError):  # it has ended, or its pipe was closed
            self._answers.put(None)


class PreparingProcess(AsideProcess):
    """Prepares one large change."""

    def __init__(self, aside: Aside, draft: Draft, progress: Advance) -> None:
        """Start the process; `progress` gets each step."""
        self._draft = draft
        super().__init__(aside, _portable(draft, aside), progress)

    def finish(self, current: Build) -> Made:
        """Let it come to an end upon the current build, while the gate is held. Raises what `follow` raises."""
        return cast(Made, self._finished(current))

    def _placed(self, error: Exception) -> Exception:
        """Return an error whose findings have the places of the statements that they are about."""
        sent = self._draft.submission
        if isinstance(error, RefusedChangeError):
            place = _places(sent) if isinstance(sent, Submission) else lambda number: None
            placed = tuple(_in_text(finding, place) for finding in error.report.findings)
            error.report = replace(error.report, findings=placed)
        return error


class MeasuringProcess(AsideProcess):
    """Computes measures."""

    def __init__(self, aside: Aside, progress: Advance) -> None:
        """Start the process; `progress` gets each step."""
        super().__init__(aside, None, progress)

    def finish(self, current: Build) -> Build:
        """Let it come to an end upon the current build, while the gate is held. Raises what `follow` raises."""
        return cast(Build, self._finished(current))


def _portable(draft: Draft, aside: Aside) -> Draft:
    """Return a draft with what is submitted in a file."""
    sent = draft.submission
    if not isinstance(sent, Submission):
        return draft
    return replace(draft, submission=ChangeFile.write(aside.sent, sent.change))


def _places(sent: Submission) -> Callable[[int], tuple[str, int, int] | None]:
    quads = in_order(sent.change)
    return lambda number: sent.place_of(quads[number - 1])


def _in_text(finding: Finding, place: Callable[[int], tuple[str, int, int] | None]) -> Finding:
    if finding.file != IN_THE_SUBMISSION or finding.line is None:
        return finding
    file, line, column = place(finding.line) or ("", None, None)
    return replace(finding, file=file, line=line, column=column)
