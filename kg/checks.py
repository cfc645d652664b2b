"""The check queries: what SHACL cannot see. A row is a defect."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import NamedNode, QuerySolutions, Store

from kg import namespaces as ns
from kg.catalogue import CannedQuery, check_queries
from kg.errors import CityKgError
from kg.querying import run


@dataclass(frozen=True)
class Defect:
    """One row of one check."""

    check: str
    summary: str
    row: dict[str, str]

    @property
    def shown_row(self) -> str:
        """The row in one line."""
        return ", ".join(f"{name} {value}" for name, value in self.row.items())

    def __str__(self) -> str:
        return f"{self.check}: {self.summary} [{self.shown_row}]"


def find_defects(store: Store) -> list[Defect]:
    """Run all checks on a store and return what they find."""
    return [defect for check in check_queries().values() for defect in run_check(store, check)]


def run_check(store: Store, check: CannedQuery) -> list[Defect]:
    """Run one check. Raises CityKgError when it is no SELECT."""
    answer = run(store, check.text)
    if not isinstance(answer, QuerySolutions):
        raise CityKgError(f"The check {check.name} is no SELECT query.", "See queries/README.md.")
    names = [variable.value for variable in answer.variables]
    return [
        Defect(check.name, check.summary, {name: _shown(row[name]) for name in names if row[name] is not None})
        for row in answer
    ]


def _shown(term: object) -> str:
    return ns.compact(term.value) if isinstance(term, NamedNode) else str(getattr(term, "value", term))
