"""Processes that can be killed, in which the queries of strangers run, and what is read for them.

See docs/decisions/query-workers.md.
"""

from kg.workers.jobs import Job, LimitReachedError, Limits
from kg.workers.pool import BusyError, PoolState, QueryPool
from kg.workers.process import WorkerProcess
from kg.workers.result import Result

__all__ = [
    "BusyError",
    "Job",
    "LimitReachedError",
    "Limits",
    "PoolState",
    "QueryPool",
    "Result",
    "WorkerProcess",
]
