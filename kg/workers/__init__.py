"""Worker processes, which can be killed: they run the queries of clients, and readings for the service.

See docs/decisions/query-workers.md.
"""

from kg.workers.jobs import QueryJob
from kg.workers.limits import LimitReachedError, QueryLimits
from kg.workers.pool import BusyError, PoolState, QueryPool
from kg.workers.process import WorkerProcess
from kg.workers.result import WorkerResult
