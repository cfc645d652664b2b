"""Let engines answer what they answer as the embedded one does: those that hold the revision that is asked, in turn.

An engine answers of a revision only if it was seen to hold it, and still holds it when the answer is there: a change
that comes meanwhile may be in the answer, or in a part of it. In all other cases the embedded workers answer, and it is
said why.

Whoever says which revision is recent enough is answered also by an engine that lags, if it holds that revision or a
later one, of which it is still known what it was.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from kg.engines.client import Engine, EngineFailedError
from kg.engines.fit import hindrance
from kg.engines.held import Held, changes_of, held_by
from kg.engines.replicate import Replica, refuse_other
from kg.errors import CityKgError, QueryError
from kg.lanes import Slots
from kg.sparql import Emptiness, Query
from kg.store import Build, DataFolder
from kg.waiting import leave_loop
from kg.workers import Job, Limits, QueryPool, Result

PROGRAM = "kg.programs.engine"
SEEN_SECONDS = 1.0
"""Seconds for which an engine is taken to hold what it was seen to hold, and to be gone where it did not answer."""
BEHIND_SECONDS = 0.1
"""Seconds for which an engine is taken to lag that was seen to: most changes come there sooner than that."""
_ASKING = 2.0
"""Seconds that an engine may take to say what it holds."""

Told = Callable[[str, Build], None]
"""Learns why the embedded workers have answered, nothing where an engine has; and of which revision the answer is."""


@dataclass(frozen=True)
class EngineJob(Job):
    """A query that an engine is to answer: its address, name, password and dialect."""

    engine: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, job: Job, engine: Engine) -> EngineJob:
        """Return a query as such a job."""
        said = {"address": engine.address, "user": engine.user, "password": engine.password}
        stated = {**said, "dialect": engine.dialect.name}
        return cls(**{each.name: getattr(job, each.name) for each in fields(Job)}, engine=stated)

    @property
    def slots(self) -> Slots:
        """The same for all: workers that ask engines have nothing else to do."""
        return Slots.QUERIES

    def request(self) -> dict[str, Any]:
        """Return what the worker has to know, besides limits."""
        return {**super().request(), "engine": self.engine, "form": self.query.form}


class _Failure(NamedTuple):
    """Why a copy is of no use: what the engine does, in words to be read behind "the engine", or a sentence of ours."""

    words: str
    kind: Literal["engine", "copy"] = "copy"

    @property
    def reason(self) -> str:
        """It in words that stand alone."""
        return f"the engine {self.words}" if self.kind == "engine" else self.words


_NOT_ASKED = _Failure("nothing is known of it yet")


@dataclass
class _Copy:
    """What was last seen of the copy in an engine."""

    engine: Engine
    folder: DataFolder
    held: Held | None = None
    failure: _Failure | None = _NOT_ASKED
    seen: float = -SEEN_SECONDS
    asking: threading.Lock = field(default_factory=threading.Lock)
    replica: Replica | None = None
    """What keeps the copy up to date, in the process that does."""

    def look(self, build: Build) -> None:
        """Ask the engine what it holds, unless that was done just now, or is being done.

        One that lags behind a build is asked again sooner than others.
        """
        lags = self.held is not None and self.held.revision != build.revision
        seconds = BEHIND_SECONDS if lags else SEEN_SECONDS
        if time.monotonic() - self.seen < seconds or not self.asking.acquire(blocking=False):
            return
        try:
            held = held_by(self.engine, seconds=_ASKING)
            if held is not None:
                refuse_other(self.folder, held, self.engine.address)
            self.held, self.failure = held, None
        except CityKgError as error:
            self.failed(error)
        finally:
            self.seen = time.monotonic()
            self.asking.release()

    def still_holds(self, held: Held) -> bool:
        """Ask the engine whether it holds what it was seen to hold: then it has held that all the while."""
        try:
            return held_by(self.engine, seconds=_ASKING) == held
        except CityKgError:
            return False

    def standing(self, build: Build) -> Standing:
        """Return how the copy stands to a build, as far as is known."""
        held, error = self.held, self.replica.error if self.replica is not None else None
        trouble = error.told(Path()) if error is not None else ""
        trouble = self.failure.words if self.failure is not None else trouble
        if held is None or not held.revision:
            return Standing(None, None, trouble or "it holds no whole revision yet")
        if held.build != build.name:
            return Standing(held.revision, None, trouble or "it has to be loaded anew")
        behind = max(0, build.changes - held.changes)  # it may hold a change that came after the build
        return Standing(held.revision, behind, trouble)

    def failed(self, error: CityKgError) -> None:
        """Leave the engine out for a while."""
        self.held, self.seen = None, time.monotonic()
        if isinstance(error, EngineFailedError):
            self.failure = _Failure(error.reason, "engine")
        else:
            self.failure = _Failure(error.message)


class Standing(NamedTuple):
    """Which revision an engine holds, how many changes it lacks, and what keeps it from following.

    The revision is None where it holds none as a whole, the number also where it has to be loaded anew.
    """

    revision: str | None
    behind: int | None
    trouble: str


class _Choice(NamedTuple):
    """A copy that is to answer, what it was seen to hold, and which revision that is."""

    copy: _Copy
    held: Held
    build: Build


class Engines:
    """Engines with copies of a data folder, and the workers that ask them. Safe for use by many threads."""

    def __init__(self, engines: Sequence[Engine], folder: DataFolder, limits: Limits) -> None:
        self._copies = [_Copy(engine, folder) for engine in engines]
        self._folder = folder
        self._limits = limits
        self._lock = threading.Lock()
        self._pool: QueryPool | None = None
        self._turn = 0
        self._stop = threading.Event()

    def state(self, build: Build) -> list[Standing]:
        """Return how each copy stands to a build, in the order of the engines."""
        for copy in self._copies:
            copy.look(build)
        return [copy.standing(build) for copy in self._copies]

    def start(self, tell: Callable[[str], object] = lambda message: None) -> None:
        """Keep the copies up to date from now on, those whose engines take updates from us.

        `tell` gets in words what keeps one from following, and when it does again.
        """
        for copy in self._copies:
            if copy.engine.is_written:
                copy.replica = Replica(self._folder, copy.engine)
                following = threading.Thread(target=copy.replica.follow, args=(self._stop, tell), name="replica")
                following.daemon = True
                following.start()

    def over(self, pool: QueryPool, build: Build, told: Told, *, least: str = "") -> RoutedPool:
        """Return a pool for the queries of a request that reads the current graph, whole.

        `least` is a revision, if an engine may answer that holds no less. Raises NotInLoopError: now and then an engine
        is asked what it holds.
        """
        leave_loop()
        return RoutedPool(self, pool, build, told, least)

    def chosen(self, query: Query, build: Build, least: str) -> _Choice | str:
        """Return an engine that is to answer a query on a build, or why none is.

        Those that hold the build take turns; where none does, the one that lags least is chosen, if it may.
        """
        reasons, behind = [], []
        self._turn += 1
        for n in range(len(self._copies)):
            copy = self._copies[(self._turn + n) % len(self._copies)]
            copy.look(build)
            held, failure = copy.held, copy.failure
            if failure is not None:
                reasons.append(failure.reason)
            elif held is None or not held.revision:
                reasons.append("the engine holds no whole revision yet")
            elif (of := self._revision_of(held, build, least)) is None:
                reasons.append("the engine holds another revision")
            elif why := hindrance(query, copy.engine.dialect):
                reasons.append(why)
            elif of == build:
                return _Choice(copy, held, build)
            else:
                behind.append(_Choice(copy, held, of))
        return max(behind, key=lambda choice: choice.build.changes) if behind else reasons[0]

    def _revision_of(self, held: Held, build: Build, least: str) -> Build | None:
        """Return which revision it is that an engine holds, None where that may not answer of a build."""
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

    def answered(self, job: Job, choice: _Choice) -> Result | str:
        """Return the answer of an engine, or why it is of no use. Raises LimitReachedError, BusyError."""
        copy, held, build = choice
        of_it = replace(job, snapshot=self._folder.snapshot(build))
        try:
            result = self._workers().run(EngineJob.of(of_it, copy.engine))
        except EngineFailedError as error:
            if not error.status:  # one that answers is there, and may answer the next query
                copy.failed(error)
            return f"the engine {error.reason}"
        except QueryError as error:
            if type(error) is not QueryError:
                raise
            return "the engine does not understand the query"
        now = self._folder.built()  # perhaps of the same revision, with measures of it
        if (now.name, now.revision) != (held.build, held.revision) and not copy.still_holds(held):
            result.opened().close()
            return "the graph has changed meanwhile"
        return result

    def close(self) -> None:
        """Keep nothing up to date any more, end the workers, and close the connections that are idle."""
        self._stop.set()
        with self._lock:
            if self._pool is not None:
                self._pool.close()
            self._pool = None
        for copy in self._copies:
            copy.engine.close()

    def _workers(self) -> QueryPool:
        with self._lock:
            if self._pool is None:
                self._pool = QueryPool(self._folder.snapshot(self._folder.built()), self._limits, PROGRAM)
            return self._pool


class RoutedPool:
    """A pool that is used as QueryPool is, for queries of one request: engines answer where they can."""

    def __init__(self, engines: Engines, pool: QueryPool, build: Build, told: Told, least: str) -> None:
        self._engines = engines
        self._pool = pool
        self._build = build
        self._told = told
        self._least = least

    def examine(self, text: str) -> Query:
        """Return a query as a job needs it. Raises as QueryPool.examine."""
        return self._pool.examine(text)

    def check(self, job: Job) -> Result:
        """Return the answer over no data, as QueryPool.check does; no engine is asked."""
        return self._pool.check(job)

    def explain(self, job: Job) -> Emptiness | None:
        """Return why a query has no answer, as QueryPool.explain does; no engine is asked."""
        return self._pool.explain(job)

    def run(self, job: Job) -> Result:
        """Return the whole answer, of an engine or of the embedded workers. Raises as QueryPool.run."""
        why = "it names a data set of its own" if job.default_graphs or job.named_graphs else ""
        choice = why or self._engines.chosen(job.query, self._build, self._least)
        if isinstance(choice, _Choice):
            found = self._engines.answered(job, choice)
            if isinstance(found, Result):
                self._told("", choice.build)
                return found
            choice = found
        self._told(choice, self._build)
        return self._pool.run(job)
