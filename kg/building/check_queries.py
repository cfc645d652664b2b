"""Run the check queries, for faults that SHACL cannot see. Each row is a finding."""

from __future__ import annotations

from pyoxigraph import QuerySolution, Store

from kg.findings import Finding
from kg.queries import CannedQuery, check_queries
from kg.rdf.labels import display_term
from kg.sparql.evaluation import select


def run_checks(store: Store) -> list[Finding]:
    """Run all checks on a store and return what they find."""
    return [finding for check in check_queries().values() for finding in run_check(store, check)]


def run_check(store: Store, check: CannedQuery) -> list[Finding]:
    """Run one check: each row is a finding, with the row as its value. Raises QueryError if it is not a SELECT."""
    answer = select(store, check.text)
    names = [variable.value for variable in answer.variables]
    return [
        Finding("checks", "Violation", check.summary, value=_line(names, row), component=check.name) for row in answer
    ]


def _line(names: list[str], row: QuerySolution) -> str:
    return ", ".join(f"{name} {display_term(row[name])}" for name in names if row[name] is not None)
