"""Let engines answer canned queries: in turn, at the requested revision, and those that each is trusted with.

An engine answers for a revision only if it was seen to hold it, and still holds it when the answer is there: a change
that comes meanwhile may be in the answer, or in a part of it. It gets only the queries that `citykg engine compare`
found it to answer as we do; now and then an answer is compared again, after it was sent. In all other cases our own
workers answer, and the reason is given.

A client that names a recent enough revision may also get the answer of an engine that lags, if that holds the named
revision or a later one, whose build is still known.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from kg.engines.client import Engine, EngineFailedError, EngineLateError
from kg.engines.comparing import TrustedQueries, difference, rows_of
from kg.engines.copies import CopyState, changes_of, read_copy_state
from kg.engines.replicate import Replica, refuse_other
from kg.errors import CityKgError, QueryError
from kg.queries import Question
from kg.sparql import Query
from kg.store import Build, DataFolder
from kg.workers import LimitReachedError, QueryJob, QueryLimits, QueryPool, WorkerResult

SEEN_SECONDS = 1.0
"""Seconds for which an engine is taken to hold what it was seen to hold, and to be gone where it did not answer."""
BEHIND_SECONDS = 0.1
"""Seconds for which an engine is taken to lag that was seen to: most changes come there sooner than that."""
COMPARED = 100
"""One of this many answers of engines is compared with ours."""
_ASKING = 2.0
"""Seconds for an engine to report the state of its copy."""


@dataclass
class _EngineCopy:
    """The copy in an engine, as last seen."""

    engine: Engine
    folder: DataFolder
    held: CopyState | None = None
    trouble: str = "nothing is known of it yet"
    """The reason why it is not usable, empty if it is: for a failure of the engine, the words after "the engine"."""
    reason: str = trouble
    """The same in words that stand alone."""
    seen: float = -SEEN_SECONDS
    asking: threading.Lock = field(default_factory=threading.Lock)
    replica: Replica | None = None
    """The Replica that keeps the copy up to date, in the process that does."""

    def look(self, build: Build) -> None:
        """Ask the engine for the state of its copy, unless that was done just now, or is being done.

        One that lags behind a build is asked again sooner than others.
        """
        lags = self.held is not None and self.held.revision != build.revision
        seconds = BEHIND_SECONDS if lags else SEEN_SECONDS
        if time.monotonic() - self.seen < seconds or not self.asking.acquire(blocking=False):
            return
        try:
            held = read_copy_state(self.engine, seconds=_ASKING)
            if held is not None:
                refuse_other(self.folder, held, self.engine.address)
            self.held, self.trouble, self.reason = held, "", ""
        except CityKgError as error:
            self.mark_failed(error)
        finally:
            self.seen = time.monotonic()
            self.asking.release()

    def still_holds(self, held: CopyState) -> bool:
        """Ask the engine whether it holds what it was seen to hold: then it has held that all the while."""
        try:
            return read_copy_state(self.engine, seconds=_ASKING) == held
        except CityKgError:
            return False

    def status(self, build: Build) -> CopyStatus:
        """Return the status of the copy against a build, as far as known."""
        held, error = self.held, self.replica.error if self.replica is not None else None
        trouble = self.trouble or (error.public_message(Path()) if error is not None else "")
        if held is None or not held.revision:
            return CopyStatus(None, None, trouble or "it holds no whole revision yet")
        if held.build != build.name:
            return CopyStatus(held.revision, None, trouble or "it has to be loaded anew")
        behind = max(0, build.changes - held.changes)  # it may hold a change that came after the build
        return CopyStatus(held.revision, behind, trouble)

    def mark_failed(self, error: CityKgError) -> None:
        """Leave the engine out for a while."""
        self.held, self.seen = None, time.monotonic()
        is_of_engine = isinstance(error, EngineFailedError)
        self.trouble = error.reason if isinstance(error, EngineFailedError) else error.message
        self.reason = f"the engine {self.trouble}" if is_of_engine else self.trouble


class CopyStatus(NamedTuple):
    """The revision in an engine, the number of changes that it lacks, and what keeps it from following.

    The revision is None where it holds none as a whole, the number also where it has to be loaded anew.
    """

    revision: str | None
    behind: int | None
    trouble: str


class ChosenCopy(NamedTuple):
    """The copy chosen to answer, its state, and its revision."""

    copy: _EngineCopy
    held: CopyState
    build: Build


class Engines:
    """Engines with copies of a data folder. Safe for use by many threads."""

    def __init__(self, engines: Sequence[Engine], folder: DataFolder, limits: QueryLimits) -> None:
        self._copies = [_EngineCopy(engine, folder) for engine in engines]
        self._folder = folder
        self._limits = limits
        self._equal = TrustedQueries(folder)
        self._turn = 0
        self._uncompared = 0
        self._comparing = threading.Lock()
        self._free = threading.BoundedSemaphore(limits.workers)
        self._stop = threading.Event()
        self._tell: Callable[[str], object] = lambda message: None

    def state(self, build: Build) -> list[CopyStatus]:
        """Return how each copy stands to a build, in the order of the engines."""
        for copy in self._copies:
            copy.look(build)
        return [copy.status(build) for copy in self._copies]

    def start(self, tell: Callable[[str], object], *, follow: bool = True) -> None:
        """Let `tell` get in words what the operator has to know; `follow` in the one process that writes.

        There the copies are kept up to date from now on, those whose engines take updates from us.
        """
        self._tell = tell
        for copy in self._copies:
            if follow and copy.engine.is_written:
                copy.replica = Replica(self._folder, copy.engine)
                following = threading.Thread(target=copy.replica.follow, args=(self._stop, tell), name="replica")
                following.daemon = True
                following.start()

    def choose(self, question: Question, build: Build, least: str) -> ChosenCopy | str:
        """Return an engine that is to answer a question on a build, or why none is.

        Those that hold the build take turns; where none does, the one that lags least is chosen, if it may: it has to
        hold the revision `least`. Now and then an engine is asked what it holds.
        """
        reasons, behind = [], []
        self._turn += 1
        for n in range(len(self._copies)):
            copy = self._copies[(self._turn + n) % len(self._copies)]
            copy.look(build)
            held, reason = copy.held, copy.reason
            if reason:
                reasons.append(reason)
            elif held is None or not held.revision:
                reasons.append("the engine holds no whole revision yet")
            elif (of := self._revision_of(held, build, least)) is None:
                reasons.append("the engine holds another revision")
            elif not self._equal.has(copy.engine, build.name, question):
                reasons.append("the engine was not found to answer this question as it is answered here")
            elif of == build:
                return ChosenCopy(copy, held, build)
            else:
                behind.append(ChosenCopy(copy, held, of))
        return max(behind, key=lambda choice: choice.build.changes) if behind else reasons[0]

    def _revision_of(self, held: CopyState, build: Build, least: str) -> Build | None:
        """Return the build of a copy's revision, None where it may not answer for a build."""
        if held.build != build.name:
            return None
        if held.revision == build.revision:
            return build
        may_lag = least.partition(".")[0] == build.revision_of(0) and changes_of(least) <= held.changes
        before = replace(build, changes=held.changes)
        return (
            self._folder.build_of(self._folder.snapshot(before))
            if may_lag and self._folder.has_snapshot(before)
            else None
        )

    def answer(self, choice: ChosenCopy, question: Question, job: QueryJob, pool: QueryPool) -> WorkerResult | str:
        """Return the answer of an engine to a question with valid values, or why there is none.

        A worker of the pool writes its rows as the job says. The seconds of the engine count as those of a worker.
        Raises LimitReachedError, and what QueryPool.run raises.
        """
        began = time.monotonic()
        try:
            rows = self._rows(choice, question)
        except EngineLateError:
            raise LimitReachedError("seconds", f"{self._limits.seconds:g} seconds", job.advice("seconds")) from None
        except EngineFailedError as error:
            return f"the engine {error.reason}"
        finally:
            job.report_seconds(time.monotonic() - began)
        engine, build = choice.copy.engine, choice.build
        snapshot = self._folder.snapshot_in(question.scope, build)
        asked = Query(question.text(), "SELECT")
        try:
            result = pool.run(replace(job, query=asked, question=None, given_rows=rows, snapshot=snapshot))
        except QueryError as error:
            if isinstance(error, LimitReachedError):
                raise
            return "the engine breaks off in the middle of its answer"
        self._uncompared += 1
        if self._uncompared >= COMPARED and self._comparing.acquire(blocking=False):
            self._uncompared = 0
            compared = partial(difference, pool, question, rows, snapshot)
            arguments = engine, build, question, compared
            threading.Thread(target=self._compare, args=arguments, daemon=True, name="comparison").start()
        return result

    def _rows(self, choice: ChosenCopy, question: Question) -> str:
        """Return the rows of an engine that is still as it was when it was chosen. Raises EngineFailedError."""
        copy, held, build = choice
        address = copy.engine.address
        if not self._free.acquire(blocking=False):
            raise EngineFailedError(address, "has as many questions as it may have")
        try:
            rows = rows_of(copy.engine, question, self._folder, build, self._limits)
        except EngineFailedError as error:
            if not error.status:  # one that answers is there, and may answer the next question
                copy.mark_failed(error)
            raise
        finally:
            self._free.release()
        now = self._folder.require_build()  # perhaps of the same revision, with measures of it
        is_as_before = (now.name, now.revision) == (held.build, held.revision) or copy.still_holds(held)
        if not is_as_before or not self._equal.has(copy.engine, build.name, question):
            raise EngineFailedError(address, "has changed meanwhile")
        return rows

    def _compare(self, engine: Engine, build: Build, question: Question, difference: Callable[[], str]) -> None:
        """Trust an engine no more with a question whose answer differs from ours."""
        try:
            if how := difference():
                self._equal.drop(engine, build.name, question)
                self._tell(
                    f"The engine {engine.address} has answered {question.address} at {build.revision} otherwise than "
                    f"this service: {how}. It is asked that again once citykg engine compare finds no difference."
                )
        except (CityKgError, OSError):  # ours have no time, or are closed: another answer will be compared
            pass
        finally:
            self._comparing.release()

    def close(self) -> None:
        """Stop the replicas, and close idle connections."""
        self._stop.set()
        for copy in self._copies:
            copy.engine.close()
