"""Jobs of workers that find evidence; the first one of each worker takes longer, since it reads the rules."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from kg.errors import BadValueError, shorten
from kg.evidence.evidence import Evidence
from kg.lanes import Slots
from kg.sparql import Hint
from kg.workers import QueryJob, QueryPool

_SLOWER = "Without who says so it takes much less time."


@dataclass(frozen=True)
class EvidenceJob(QueryJob):
    """A SELECT to be answered with evidence: in its media type, with the columns of COLUMNS added.

    With `shown` the answer is Evidence as JSON instead, with that many of the first rows.
    """

    shown: int | None = None

    @classmethod
    def of(cls, job: QueryJob, shown: int | None = None) -> EvidenceJob:
        """Return a query as such a job."""
        return cls(**{field.name: getattr(job, field.name) for field in fields(QueryJob)}, shown=shown)

    @staticmethod
    def is_wanted(words: Iterable[str]) -> bool:
        """Return True if the values of the parameter evidence= ask for it.

        Raises BadValueError for any value other than yes.
        """
        values = {word for word in words if word}
        for word in sorted(values - {"yes"}):
            raise BadValueError(f"evidence={shorten(word)!r} is not understood.", "Say evidence=yes, or leave it out.")
        return bool(values)

    def advice(self, limit: str) -> str:
        """Return what a client can do who has reached a limit."""
        slower = f"{_SLOWER} " if limit == "seconds" else ""
        return f"{slower}{super().advice(limit)}"

    @property
    def slots(self) -> Slots:
        """Those of evidence, but for why there is no answer, which needs none."""
        return Slots.QUERIES if self.explain else Slots.EVIDENCE

    @property
    def is_slow(self) -> bool:
        """No: its slots have no lanes, since nothing that is quick waits for them."""
        return False

    def request(self) -> dict[str, Any]:
        """Return what the worker needs to know, apart from limits."""
        return {**super().request(), "evidence": not self.explain, "shown": self.shown}


def who_says_so(pool: QueryPool, job: QueryJob, shown: int) -> tuple[Evidence, tuple[Hint, ...]]:
    """Return the first rows of the answer to a query with their evidence, and hints about the query.

    Raises what QueryPool.run raises.
    """
    result = pool.run(EvidenceJob.of(job, shown))
    return Evidence.from_json(json.loads(result.read_all())), result.hints
