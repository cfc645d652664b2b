"""The tasks of a worker over a snapshot: a query, or a reading by one of our functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from kg.errors import BadValueError, shorten
from kg.lanes import ClientTurn, Lane, Slots
from kg.queries import Question
from kg.readings import Reading, WrittenReading
from kg.sparql import Query
from kg.workers.limits import QueryLimits
from kg.workers.process import VERIFY

_PAGES = "Ask for pages by ORDER BY, LIMIT and OFFSET, or take a dump."
_OF_QUERY = {
    "seconds": "Ask for less at a time: add patterns that connect its parts, LIMIT, or a sub-SELECT DISTINCT. "
    "The dumps hold everything.",
    "rows": _PAGES,
    "result_bytes": _PAGES,
    "memory": "Sort, group or compare fewer rows: add patterns that connect the parts of the query, or take a dump.",
    "nesting": "Write the query with fewer braces and parentheses inside each other.",
}
_WITHOUT_EVIDENCE = "Without who says so it takes much less time. "


@dataclass(frozen=True)
class QueryJob:
    """A query and how its answer is wanted.

    `media_type` stands in kg.rdf.formats. Given graphs are the data set and replace FROM and FROM NAMED; several
    default graphs are their set union. `seconds` may lower the limit, never raise it; `allowed_seconds` takes the place
    of the limit for a client that is trusted with more, or with less. `report_seconds` is called with the seconds for
    which a worker had the query, whatever came of it. Without a `snapshot` the one that was asked last is read. The
    text of a `canned` query is ours; that of a `question` is made by the worker, once it has checked the values. The
    columns `lists` list passages by their labels, of which a page names entries of data sets. A query to `explain` is
    answered with the reason why it has no answer (Emptiness in JSON, or null). `given_rows`, as SPARQL results in JSON,
    are written as the answer, and nothing is evaluated.

    One without a `turn` is asked by ourselves, and is short. One that does not wait (`waits`) is refused at once where
    others have all slots of its kind.

    One with `evidence` is a SELECT to be answered with who says so, in columns that are added (kg.evidence). It has
    slots of its own, without lanes: nothing that is quick waits for them.

    `hints` says whether the answer comes with hints on the query; names of ours that the graph does not know are looked
    up "if empty" or "always", since that takes longer than a small query does.
    """

    what: ClassVar = "query"
    times: ClassVar = 1

    query: Query
    media_type: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    seconds: float | None = None
    report_seconds: Callable[[float], None] = lambda seconds: None
    allowed_seconds: float | None = None
    snapshot: Path | None = None
    hints: Literal["never", "if empty", "always"] = "never"
    canned: bool = False
    question: Question | None = None
    lists: tuple[str, ...] = ()
    explain: bool = False
    given_rows: str | None = None
    turn: ClientTurn | None = None
    waits: bool = True
    evidence: bool = False

    @staticmethod
    def wants_evidence(words: Iterable[str]) -> bool:
        """Return True if the values of the parameter evidence= ask for it. Raises BadValueError for others than yes."""
        values = set(filter(None, words))
        for word in sorted(values - {"yes"}):
            raise BadValueError(f"evidence={shorten(word)!r} is not understood.", "Say evidence=yes, or leave it out.")
        return bool(values)

    @property
    def slots(self) -> Slots:
        """The slots: our own for a text of ours; why there is no answer needs no evidence."""
        if self.evidence:
            return Slots.QUERIES if self.explain else Slots.EVIDENCE
        return Slots.OWN if self.canned else Slots.QUERIES

    @property
    def is_slow(self) -> bool:
        """True if it needs a place in the slow lane."""
        return not self.evidence and self.turn is not None and self.turn.lane is not Lane.FAST

    @property
    def label(self) -> str:
        """The text by which the operator sees it."""
        return self.question.address if self.question else self.query.original_text or self.query.text

    def most_seconds(self, limits: QueryLimits) -> float:
        """Return how many seconds it may take."""
        allowed = limits.seconds if self.allowed_seconds is None else self.allowed_seconds
        return min(self.seconds or allowed, allowed)

    def request(self) -> dict[str, Any]:
        """Return the request to the worker, without limits."""
        return {
            "query": self.query.text,
            "media_type": self.media_type,
            "default_graphs": self.default_graphs,
            "named_graphs": self.named_graphs,
            "hints": self.hints,
            "written": self.query.original_text,
            "explain": self.query.form if self.explain else "",
            "given": self.given_rows,
            "question": self.question and self.question.as_json(),
            "lists": self.lists,
            "evidence": self.evidence and not self.explain,
        }

    def advice(self, limit: str) -> str:
        """Return advice for a client whose query reached a limit."""
        faster = _WITHOUT_EVIDENCE if self.evidence and limit == "seconds" else ""
        if self.canned:
            return f"{faster}Ask for pages by limit and offset, or for other values. {VERIFY}"
        mended = self.query.speed_advice if limit == "seconds" else ""
        return faster + " ".join(filter(None, (mended, _OF_QUERY[limit])))


@dataclass(frozen=True)
class ReadingJob:
    """A reading of a snapshot by one of our own functions, with its arguments.

    It has the limits of a query, but so many `times` the seconds and bytes. `turn` and `report_seconds` are as for a
    query: a reading has a turn where it cannot be said how long it takes.
    """

    what: ClassVar = "reading"
    waits: ClassVar = True

    reading: Reading[..., Any] | WrittenReading[...]
    arguments: tuple[Any, ...] = ()
    snapshot: Path | None = None
    times: int = 1
    turn: ClientTurn | None = None
    report_seconds: Callable[[float], None] = lambda seconds: None

    @property
    def slots(self) -> Slots:
        """The slots: our own, unless it reads the whole graph."""
        return Slots.QUERIES if self.times > 1 else Slots.OWN

    @property
    def is_slow(self) -> bool:
        """True if it needs a place in the slow lane: it reads the whole graph, or its client is in that lane."""
        return self.times > 1 or (self.turn is not None and self.turn.lane is not Lane.FAST)

    @property
    def label(self) -> str:
        """The text by which the operator sees it."""
        return self.reading.name

    def most_seconds(self, limits: QueryLimits) -> float:
        """Return how many seconds it may take."""
        return limits.seconds * self.times

    def request(self) -> dict[str, Any]:
        """Return the request to the worker, without limits."""
        return {"reading": self.reading.name, "arguments": self.arguments}

    def advice(self, limit: str) -> str:
        """Return advice for a client whose reading reached a limit: on a sound graph few come near to one."""
        return f"Try again. {VERIFY}"


@dataclass(frozen=True)
class AssistJob(ReadingJob):
    """A reading for an editor of queries: short, in slots of its own, and given up where it takes long.

    It has no turn: a client whose text takes long to complete may still ask short queries.
    """

    what: ClassVar = "query"

    @property
    def slots(self) -> Slots:
        """The slots for editors."""
        return Slots.ASSIST

    def most_seconds(self, limits: QueryLimits) -> float:
        """Return how many seconds it may take."""
        return limits.assist_seconds

    def advice(self, limit: str) -> str:
        """Return advice for a client whose text took too long to read."""
        return "Run the query to see what it does; its completion and its checks are given up."


@dataclass(frozen=True)
class UpdateJob(ReadingJob):
    """A reading for a SPARQL update, with the seconds that are left for all of it, and a hint for one that needs more.

    Like a query of a client that takes long, it never has the last slot; and it is not stopped for others.
    """

    what: ClassVar = "update"
    slots: ClassVar = Slots.QUERIES
    is_slow: ClassVar = True

    seconds: float = 0.0
    hint: str = ""

    def most_seconds(self, limits: QueryLimits) -> float:
        """Return how many seconds it may take."""
        return self.seconds

    def advice(self, limit: str) -> str:
        """Return advice for a client whose update reached a limit."""
        return "Write it with fewer braces inside." if limit == "nesting" else self.hint
