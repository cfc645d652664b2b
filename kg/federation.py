"""Answer queries with SERVICE: ask the endpoints that are allowed, and let a worker run the rest.

The engine in a worker has no sockets. So the solutions of each clause are fetched first, by a narrow path of its own
(kg.remote_endpoints), and stand in the query as VALUES when it is run. See docs/decisions/federation.md.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from kg import namespaces as ns
from kg import service_clauses
from kg.formats import RESULT_FORMAT
from kg.query_guard import RefusedQueryError
from kg.query_workers import Insertion, Job, LimitReachedError, QueryPool, Result
from kg.remote_endpoints import EndpointFailedError, Question, RemoteEndpoints, Table
from kg.service_clauses import Clause, ServiceQuery

NOTHING = ns.GRAPH + "none"
"""A graph that does not exist: over it a query shows its mistakes and its columns, and costs little."""


def find(text: str, longest: int, endpoints: RemoteEndpoints) -> ServiceQuery:
    """Return a query with the SERVICE clauses that will be asked for; none if federation is off or the text too long.

    Raises RefusedQueryError for a clause that is not understood, or whose address is not on the list.
    """
    if not endpoints.addresses or len(text) > longest:
        return ServiceQuery(text)
    found = service_clauses.find(text)
    for clause in found.clauses:
        if clause.address not in endpoints.addresses:
            raise RefusedQueryError(
                f"SERVICE <{clause.address}>: this server does not ask that endpoint.",
                f"It asks, with exactly this spelling: {' '.join(endpoints.addresses)}",
            )
    return found


def check(query: ServiceQuery, job: Job, pool: QueryPool) -> None:
    """Raise what pool.run raises for mistakes in a query; nobody is contacted, and no data are read."""
    pool.run(replace(job, text=query.local_text, default_graphs=(NOTHING,), named_graphs=())).opened().close()


def run(query: ServiceQuery, job: Job, pool: QueryPool, endpoints: RemoteEndpoints) -> Result:
    """Return the answer to a query, asking other endpoints first where it says so.

    `job` says how the answer is wanted; its text is not looked at. All that is asked counts against the limits of the
    one query. Raises what pool.run and RemoteEndpoints.ask raise; a failing endpoint is no error where SERVICE is
    SILENT. A mistake in the query is found before anybody is contacted.
    """
    if not query.clauses:
        return pool.run(replace(job, text=query.text))
    most_seconds = job.most_seconds(pool.limits)
    budget = _Budget(most_seconds, time.monotonic() + most_seconds, pool.limits.rows, pool.limits.result_bytes)
    check(query, replace(job, seconds=budget.seconds()), pool)
    blocks = tuple(_blocks(query, pool, endpoints, budget))
    return pool.run(replace(job, text=query.remaining_text, insertions=blocks, seconds=budget.seconds()))


@dataclass
class _Budget:
    """What is left of the limits of one query."""

    most_seconds: float
    deadline: float
    rows: int
    size: int

    def seconds(self) -> float:
        """Return the seconds that are left. Raises LimitReachedError when none are."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise LimitReachedError(
                "seconds",
                f"{self.most_seconds:g} seconds, most of them waiting for other endpoints",
                "Let the SERVICE clauses ask for less, or ask fewer at a time.",
            )
        return left


def _blocks(query: ServiceQuery, pool: QueryPool, endpoints: RemoteEndpoints, budget: _Budget) -> Iterator[Insertion]:
    """Ask for each clause in turn; none may take so long that nothing is left for the others and for the query."""
    for number, clause in enumerate(query.clauses):
        variables = _variables(clause, pool, budget)
        share = budget.seconds() / (len(query.clauses) - number + 1)
        question = Question(clause.address, clause.query, variables, share, budget.rows, budget.size)
        table = _asked(question, clause, endpoints)
        budget.rows -= table.count
        budget.size -= len(table.rows)
        columns = " ".join(f"?{name}" for name in variables)
        yield Insertion(clause.start, f"{{ VALUES ({columns}) {{ {table.rows} }} }}")


def _variables(clause: Clause, pool: QueryPool, budget: _Budget) -> tuple[str, ...]:
    """Return the variables in scope of a clause (SPARQL 1.1, section 18.2.1), as the engine sees them."""
    question = Job(f"{clause.query} LIMIT 0", RESULT_FORMAT["json"].media_type, (NOTHING,), seconds=budget.seconds())
    return tuple(json.loads(pool.run(question).body or b"")["head"]["vars"])


def _asked(question: Question, clause: Clause, endpoints: RemoteEndpoints) -> Table:
    """Return the solutions: a single empty one for a SILENT clause that fails (Federated Query, section 2.3)."""
    try:
        return endpoints.ask(question)
    except EndpointFailedError:
        if not clause.silent:
            raise
        return Table("(" + " ".join("UNDEF" for _ in question.variables) + ")", 1)
