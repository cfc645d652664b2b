"""What workers are given to do that say who says so; the first of each takes longer, as it reads the rules."""

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
    """A SELECT that is to be answered with who says so: in its media type with three columns more, those of COLUMNS.

    Where `shown` is given the answer is Evidence in JSON instead, with so many of the first rows.
    """

    shown: int | None = None

    @classmethod
    def of(cls, job: QueryJob, shown: int | None = None) -> EvidenceJob:
        """Return a query as such a job."""
        return cls(**{field.name: getattr(job, field.name) for field in fields(QueryJob)}, shown=shown)

    @staticmethod
    def is_wanted(words: Iterable[str]) -> bool:
        """Tell whether the values of a parameter evidence= ask for it. Raises BadValueError for others than yes."""
        said = {word for word in words if word}
        for word in sorted(said - {"yes"}):
            raise BadValueError(f"evidence={shorten(word)!r} is not understood.", "Say evidence=yes, or leave it out.")
        return bool(said)

    def advice(self, limit: str) -> str:
        """Return the way out for who has reached a limit."""
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
        """Return what the worker has to know, besides limits."""
        return {**super().request(), "evidence": not self.explain, "shown": self.shown}


def who_says_so(pool: QueryPool, job: QueryJob, shown: int) -> tuple[Evidence, tuple[Hint, ...]]:
    """Return the first rows of the answer to a query with who says so of each, and hints about the query.

    Raises what QueryPool.run raises.
    """
    result = pool.run(EvidenceJob.of(job, shown))
    return Evidence.from_json(json.loads(result.read_all())), result.hints
