"""Answer queries with SERVICE: query the allowed endpoints first, and let a worker evaluate the rest.

The engine in a worker has no sockets. So the solutions of each clause are fetched first, by a separate narrow path
(kg.federation.endpoints), and inserted into the query as VALUES. See docs/decisions/federation.md.

A clause is evaluated bottom-up: its solutions depend on nothing around it and are joined with what is around it. So a
block of VALUES with the solutions of the other endpoint can stand in its place, also inside OPTIONAL, UNION, MINUS and
sub-queries. A clause is refused inside EXISTS and LATERAL, whose group depends on the solution outside, and inside
GRAPH, which the engine does not join with VALUES as it should.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from kg.federation.endpoints import EndpointFailedError, RemoteEndpoints, RemoteQuery, RemoteRows
from kg.rdf.formats import RESULT_FORMAT
from kg.sparql import Query, RefusedQueryError
from kg.sparql.text import form_of, holds_service
from kg.sparql.text.spans import ServiceClause, UnclearError, service_clauses
from kg.workers import LimitReachedError, QueryJob, QueryPool, WorkerResult

MOST_CLAUSES = 5

_NOT_A_BREAK = re.compile(r"[^\r\n]")


@dataclass(frozen=True)
class ServiceQuery:
    """A query and its SERVICE clauses, in the order of the text; they never lie within each other."""

    text: str
    clauses: tuple[ServiceClause, ...] = ()

    @property
    def local_text(self) -> str:
        """The query with each clause as a plain group: the same variables, lines and columns, and no SERVICE."""
        return self._blank_out([(clause.start, clause.opening) for clause in self.clauses])

    @property
    def remaining_text(self) -> str:
        """The query without its clauses, which leave spaces, so that offsets stay as they are."""
        return self._blank_out([(clause.start, clause.end) for clause in self.clauses])

    def _blank_out(self, spans: list[tuple[int, int]]) -> str:
        text = self.text
        for start, end in spans:
            text = text[:start] + _NOT_A_BREAK.sub(" ", text[start:end]) + text[end:]
        return text


def _refuse(clause: ServiceClause, before: int) -> None:
    """Raise RefusedQueryError for a clause that this server does not ask, whatever its address; `before` are others."""
    if clause.within == "SERVICE":
        raise RefusedQueryError(
            "A SERVICE clause lies within another. This server does not pass such requests on.",
            "Put the clauses next to each other in one group.",
        )
    if before == MOST_CLAUSES:
        raise RefusedQueryError(
            f"The query holds more than {MOST_CLAUSES} SERVICE clauses.",
            "Ask the same endpoint in one clause, or in several queries.",
        )
    if clause.within:
        raise RefusedQueryError(
            f"A SERVICE clause lies within {clause.within}, where this server cannot ask it rightly.",
            "Move it into the group around; instead of EXISTS write MINUS or OPTIONAL.",
        )
    if clause.address_token.kind == "variable":
        raise RefusedQueryError(
            f"SERVICE {clause.address_token.text}: the address is a variable. "
            "This server asks constant addresses only.",
            "Write the address as an IRI; ask several endpoints by UNION.",
        )
    if not clause.address:
        raise RefusedQueryError(
            f"SERVICE {clause.address_token.text}: this is not an address that can be understood.",
            "Write the whole address as an IRI in angle brackets, or declare its prefix.",
        )


def find_clauses(text: str, addresses: Sequence[str]) -> ServiceQuery:
    """Return a query with its SERVICE clauses, each for one of the endpoints at these addresses.

    Raises RefusedQueryError for another endpoint, for too many clauses, for one with a variable or unknown address,
    inside another clause, or inside EXISTS, LATERAL or GRAPH, and where the text could also be read in another way.
    """
    if "service" not in text.lower():
        return ServiceQuery(text)
    clauses: list[ServiceClause] = []
    try:
        for clause in service_clauses(text):
            _refuse(clause, len(clauses))
            clauses.append(clause)
    except UnclearError:
        raise _unclear() from None
    found = ServiceQuery(text, tuple(clauses))
    if holds_service(found.local_text):
        raise _unclear()
    for clause in found.clauses:
        if clause.address not in addresses:
            raise RefusedQueryError(
                f"SERVICE <{clause.address}>: this server does not ask that endpoint.",
                f"It asks only these, spelt exactly so: {' '.join(addresses)}",
            )
    return found


def _unclear() -> RefusedQueryError:
    return RefusedQueryError(
        "The query holds SERVICE, and it cannot be seen for certain where that clause begins and ends.",
        "Write SERVICE <address> { … } with spaces around each part, whole IRIs, and no \\u escapes in long strings.",
    )


@dataclass(frozen=True)
class FederatedQuery(Query):
    """A query with SERVICE clauses, which are blanked out in its text; `local` has them as plain groups."""

    is_remote: ClassVar = True

    local: Query
    clauses: tuple[ServiceClause, ...]

    def with_blocks(self, blocks: Sequence[str]) -> Query:
        """Return the query with a block of solutions in the place of each clause."""
        text = self.text
        for clause, block in zip(reversed(self.clauses), reversed(blocks), strict=True):
            text = text[: clause.start] + block + text[clause.start :]
        return Query(text, self.form, original_text=self.text)


class FederatedPool:
    """A query pool for queries that may hold SERVICE: it queries the allowed endpoints first."""

    def __init__(self, pool: QueryPool, endpoints: RemoteEndpoints) -> None:
        self._pool = pool
        self._endpoints = endpoints

    def examine(self, text: str) -> Query:
        """Return a query as a job needs it.

        Raises what kg.sparql.examine raises, and RefusedQueryError for a clause that is unclear, or whose address is
        not on the list.
        """
        if len(text) > self._pool.limits.query_length:
            return self._pool.examine(text)
        form_of(text)  # an update is refused before its clauses are read
        found = find_clauses(text, self._endpoints.addresses)
        if not found.clauses:
            return self._pool.examine(text)
        local, remaining = self._pool.examine(found.local_text), found.remaining_text
        return FederatedQuery(remaining, local.form, local, found.clauses)

    def check(self, job: QueryJob) -> WorkerResult:
        """Return the answer over no data, as QueryPool.check does; no endpoint is contacted."""
        query = job.query
        return self._pool.check(replace(job, query=query.local if isinstance(query, FederatedQuery) else query))

    def run(self, job: QueryJob) -> WorkerResult:
        """Return the answer to a query, after querying the endpoints of its clauses.

        All remote queries count against the limits of the one query. Raises what QueryPool.run and RemoteEndpoints.ask
        raise; a failing endpoint raises nothing if SERVICE is SILENT. Errors in the query are found before any endpoint
        is contacted.
        """
        query, limits = job.query, self._pool.limits
        if not isinstance(query, FederatedQuery):
            return self._pool.run(job)
        most_seconds = job.most_seconds(limits)
        budget = _Budget(most_seconds, time.monotonic() + most_seconds, limits.rows, limits.result_bytes)
        self.check(replace(job, seconds=budget.seconds())).as_file().close()
        blocks = list(_blocks(query, self._pool, self._endpoints, budget))
        return self._pool.run(replace(job, query=query.with_blocks(blocks), seconds=budget.seconds()))


@dataclass
class _Budget:
    """The rest of the limits of one query."""

    most_seconds: float
    deadline: float
    rows: int
    size: int

    def seconds(self) -> float:
        """Return the seconds that are left. Raises LimitReachedError if there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise LimitReachedError(
                "seconds",
                f"{self.most_seconds:g} seconds, most of them waiting for other endpoints",
                "Let the SERVICE clauses ask for less, or ask fewer at a time.",
            )
        return left


def _blocks(query: FederatedQuery, pool: QueryPool, endpoints: RemoteEndpoints, budget: _Budget) -> Iterator[str]:
    """Yield the VALUES block of each clause; each gets a share of the time, and the query itself the rest."""
    for number, clause in enumerate(query.clauses):
        variables = _variables(clause, pool, budget)
        share = budget.seconds() / (len(query.clauses) - number + 1)
        remote = RemoteQuery(clause.address, clause.query, variables, share, budget.rows, budget.size)
        table = _solutions(remote, clause, endpoints)
        budget.rows -= table.count
        budget.size -= len(table.rows)
        columns = " ".join(f"?{name}" for name in variables)
        yield f"{{ VALUES ({columns}) {{ {table.rows} }} }}"


def _variables(clause: ServiceClause, pool: QueryPool, budget: _Budget) -> tuple[str, ...]:
    """Return the variables in scope of a clause (SPARQL 1.1, section 18.2.1), as the engine determines them."""
    asked = Query(f"{clause.query} LIMIT 0", "SELECT")  # a part of a query that was examined
    answer = pool.check(QueryJob(asked, RESULT_FORMAT["json"].media_type, seconds=budget.seconds()))
    return tuple(json.loads(answer.body or b"")["head"]["vars"])


def _solutions(query: RemoteQuery, clause: ServiceClause, endpoints: RemoteEndpoints) -> RemoteRows:
    """Return the solutions of a clause: a single empty one for a SILENT clause that fails (section 2.3)."""
    try:
        return endpoints.ask(query)
    except EndpointFailedError:
        if not clause.is_silent:
            raise
        return RemoteRows("(" + " ".join("UNDEF" for _ in query.variables) + ")", 1)
