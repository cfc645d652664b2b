"""Jobs of workers that find evidence; the first one of each worker takes longer, since it reads the rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from kg.errors import BadValueError, shorten
from kg.lanes import Slots
from kg.workers import QueryJob

_SLOWER = "Without who says so it takes much less time."


@dataclass(frozen=True)
class EvidenceJob(QueryJob):
    """A SELECT to be answered with evidence: in its media type, with the columns of COLUMNS added."""

    @classmethod
    def of(cls, job: QueryJob) -> EvidenceJob:
        """Return a query as such a job."""
        return cls(**{field.name: getattr(job, field.name) for field in fields(QueryJob)})

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
        return {**super().request(), "evidence": not self.explain}
