"""What an import makes of the rows of a table: what is new, what is known, and which rows do not fit and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, TextIO

from pyoxigraph import NamedNode, Quad, Triple

from kg.errors import BadValueError, CityKgError, shorten
from kg.findings import MOST_FINDINGS, Finding
from kg.rdf import namespaces as ns
from kg.rdf.positions import Position
from kg.reconciliation import Outcome, Reason, finding, reason
from kg.tables.mapping import TableMapping
from kg.tables.relations import Relation, Relations
from kg.tables.reports import write_csv, write_json
from kg.tables.sources import ImportSource
from kg.tables.table import REASON, Row, Table
from kg.tables.templates import PropertyValue
from kg.tables.things import Things

OUTCOMES: tuple[Outcome, ...] = ("new", "known", "ambiguous", "refused")


@dataclass(frozen=True, slots=True)
class PlannedThing:
    """What a row means by one of its things: which, or what it may mean."""

    outcome: Outcome
    thing: str = ""
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row, what becomes of it, and why."""

    row: Row
    outcome: Outcome
    things: Mapping[str, PlannedThing] = field(default_factory=dict)
    why: tuple[Reason, ...] = ()
    relation: Relation | None = None
    account_values: tuple[PropertyValue, ...] = ()


@dataclass(frozen=True, slots=True)
class ReasonGroup:
    """Rows that come to an outcome for the same kind of reason: the first one in words, and all the rows."""

    outcome: Outcome
    first: Reason
    rows: Sequence[PlannedRow]


@dataclass
class Plan:
    """What an import makes of a table. Its rows are in the order of the table."""

    OUTCOMES: ClassVar = OUTCOMES

    table: Table
    mapping: TableMapping
    source: ImportSource
    rows: Sequence[PlannedRow]
    _things: Things = field(repr=False)
    _relations: Relations | None = field(repr=False)

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many rows there are, how many of each outcome; new things; and statements that the import would make."""
        of_rows = Counter(row.outcome for row in self.rows)
        return {
            "rows": len(self.rows),
            **{outcome: of_rows[outcome] for outcome in OUTCOMES},
            "things": len(self._things.new),
            "statements": sum(1 for _ in self.statements()),
        }

    @cached_property
    def unread_columns(self) -> Finding | None:
        """That the mapping leaves columns out, of which nothing is imported; None if it reads all of the table."""
        read = {*self.mapping.columns, REASON, ""}
        left_out = [name for name in self.table.columns if name not in read]
        if not left_out:
            return None
        names = ", ".join(map(shorten, left_out[:MOST_FINDINGS])) + (", …" if left_out[MOST_FINDINGS:] else "")
        words = reason(
            "The mapping does not read all columns. Nothing is imported of: {names}.",
            "Name them in the mapping if they say something that should be.",
            names=names,
        )
        return replace(finding(words, self.table.file, 1), severity="Info")

    @cached_property
    def reasons(self) -> Sequence[ReasonGroup]:
        """The kinds of reasons that lead to an outcome, with their rows; the most frequent first."""
        found: dict[tuple[Outcome, str], list[PlannedRow]] = {}
        first: dict[tuple[Outcome, str], Reason] = {}
        for row in self.rows:
            for why in row.why:
                found.setdefault((row.outcome, why.kind), []).append(row)
                first.setdefault((row.outcome, why.kind), why)
        kinds = [ReasonGroup(outcome, first[outcome, kind], rows) for (outcome, kind), rows in found.items()]
        return sorted(kinds, key=lambda kind: -len(kind.rows))

    def statements(self) -> Iterator[tuple[Quad, Row | None]]:
        """Yield what the import states, each statement once, with the row that it is of; none for what all share."""
        graph = self.source.graph
        for triple in self.source.statements():
            yield Quad(triple.subject, triple.predicate, triple.object, graph), None
        for triple, first in self._things.statements(self.source.iri):
            yield Quad(triple.subject, triple.predicate, triple.object, graph), first
        for row in self.rows:
            if row.relation is not None and self._relations is not None and row.outcome == "new":
                for triple in self._relation_statements(row.relation, row.account_values, self._relations):
                    yield Quad(triple.subject, triple.predicate, triple.object, graph), row.row

    def _relation_statements(
        self, relation: Relation, said: Sequence[PropertyValue], relations: Relations
    ) -> Iterator[Triple]:
        template, thing, account = relations.template, NamedNode(relation.iri), relations.account(relation)
        if relation.is_new:
            yield from (triple for _, triple in template.statements(thing, relation.parties, self._things.label))
        yield from (triple for _, triple in template.account(account, thing, self.source.iri))
        yield from (Triple(account, predicate, value) for predicate, value in said)

    def statements_with_places(self) -> Iterator[tuple[Quad, Position | None]]:
        """Yield the same with its place in the table, none for what all rows share."""
        return ((quad, (row.line or row.number, 1) if row else None) for quad, row in self.statements())

    def write_report(self, path: Path) -> None:
        """Write what becomes of each row, as CSV or JSON by the name of the file.

        Raises BadValueError for another name, CityKgError if the file cannot be written.
        """
        form = path.suffix.removeprefix(".").lower()
        if form not in ("csv", "json"):
            raise BadValueError(f"{path} is neither .csv nor .json.", "Name the file by the form of the report.")
        try:
            with path.open("w", encoding="utf-8", newline="") as file:
                self.write_report_to(file, form)
        except OSError as error:
            raise CityKgError(f"{path} cannot be written: {error.strerror}.", "Name another file.") from error

    def write_report_to(self, file: TextIO, form: str) -> None:
        """Write what becomes of each row to a file that is open, as csv or json."""
        rows = map(self.as_dict, self.rows)
        if form == "json":
            write_json(file, self.summary(), rows)
        else:
            write_csv(file, [*self.mapping.things], rows)

    def summary(self) -> dict[str, Any]:
        """Return what the rows come to together, for a program."""
        kinds = [
            {"outcome": kind.outcome, "rows": len(kind.rows), "first": self.as_dict(kind.rows[0])["place"]}
            | {"message": kind.first.message, "message_zh": kind.first.message_zh, "hint": kind.first.hint}
            for kind in self.reasons
        ]
        return {
            "file": self.table.file,
            "mapping": self.mapping.file,
            "source": ns.compact(self.source.iri.value),
            "graph": self.source.graph.value,
            "counts": dict(self.counts),
            "reasons": kinds,
            "findings": [] if self.unread_columns is None else [self.unread_columns.as_dict()],
        }

    def as_dict(self, row: PlannedRow) -> dict[str, Any]:
        """Return what becomes of a row, for a program."""
        things = {
            name: {
                "outcome": one.outcome,
                **({"thing": ns.compact(one.thing)} if one.thing else {}),
                **(self._candidates(one) if one.candidates else {}),
            }
            for name, one in row.things.items()
        }
        reasons = [{"message": why.message, "message_zh": why.message_zh, "hint": why.hint} for why in row.why]
        told: dict[str, Any] = {"place": row.row.place, "outcome": row.outcome, "things": things}
        if row.relation is not None:
            told["relation"] = ns.compact(row.relation.iri)
        return {**told, "reasons": reasons}

    def _candidates(self, one: PlannedThing) -> dict[str, list[str]]:
        candidates = one.candidates
        return {
            "candidates": [ns.compact(iri) for iri in candidates],
            "labels": [self._things.distinct_label(iri) for iri in candidates],
        }

    def unfit_rows(self) -> Iterator[PlannedRow]:
        """Yield the rows that are not imported as they are."""
        return (row for row in self.rows if row.outcome in ("ambiguous", "refused"))

    def write_unfit(self, path: Path) -> int:
        """Write the rows that do not fit, in the form of the table, each with the reason; return how many."""
        rows = [*self.unfit_rows()]
        self.table.write(path, ((row.row, " ".join(map(str, row.why))) for row in rows))
        return len(rows)
