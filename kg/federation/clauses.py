"""Judge the SERVICE clauses of a query, and write what stands in for them (SPARQL 1.1 Federated Query, section 4).

A clause is evaluated bottom-up: its solutions depend on nothing around it and are joined with what is around it. So a
block of VALUES with the solutions of the other endpoint can stand in its place, also inside OPTIONAL, UNION, MINUS and
sub-queries. A clause is refused inside EXISTS and LATERAL, whose group depends on the solution outside, and inside
GRAPH, which the engine does not join with VALUES as it should.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kg.sparql import RefusedQueryError
from kg.sparql.text import holds_service
from kg.sparql.text.spans import ServiceClause, UnclearError, service_clauses

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
