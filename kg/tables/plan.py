"""Plan an import: match the things of each row, read its account, and decide whether it is new, known, or does not fit.

The plan is also written here, as a report in CSV or JSON, and as a file of the rows that do not fit.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, TextIO

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.errors import BadValueError, CityKgError, shorten
from kg.findings import MOST_FINDINGS, Finding
from kg.gazetteer import Gazetteer, Place
from kg.names import Names, without_idle_words
from kg.rdf import namespaces as ns
from kg.rdf.graphs import quad_in
from kg.rdf.points import Point
from kg.rdf.positions import Position
from kg.rdf.vocabulary import CD
from kg.reconciliation import Outcome, Reason, Reconciler, finding, reason, table_refusal
from kg.tables.cells import CellReader
from kg.tables.mapping import TableMapping, UnfitCellError
from kg.tables.relations import Relation, Relations
from kg.tables.sources import ImportSource, find_source
from kg.tables.table import REASON, Row, Table, TableLimits
from kg.tables.templates import RELATIONS, PropertyValue, account_of
from kg.tables.things import ReconciledThing, Things

RowReport = Mapping[str, Any]
"""A row as `Plan.as_dict` returns it."""


def write_csv(file: TextIO, things: Sequence[str], rows: Iterable[RowReport]) -> None:
    """Write a line for each row, with three columns for each thing of a row."""
    writer = csv.writer(file, lineterminator="\n")
    columns = [f"{name}{what}" for name in things for what in ("", "_outcome", "_candidates")]
    writer.writerow(["place", "outcome", *columns, "relation", "reason", "hint"])
    for row in rows:
        cells = [cell for name in things for cell in _cells(row["things"].get(name, {}))]
        reasons, hints = (" ".join(dict.fromkeys(one[what] for one in row["reasons"])) for what in ("message", "hint"))
        writer.writerow([row["place"], row["outcome"], *cells, row.get("relation", ""), reasons, hints])


def _cells(thing: RowReport) -> tuple[str, str, str]:
    candidates = zip(thing.get("candidates", ()), thing.get("labels", ()), strict=True)
    return thing.get("thing", ""), thing.get("outcome", ""), "; ".join(f"{iri} “{label}”" for iri, label in candidates)


def write_json(file: TextIO, of_all: RowReport, rows: Iterable[RowReport]) -> None:
    """Write one object: the summary, and the rows, each on a line."""
    file.write(json.dumps(of_all, ensure_ascii=False, indent=1).rstrip("\n}") + ',\n "rows": [')
    between = "\n  "
    for row in rows:
        file.write(between + json.dumps(row, ensure_ascii=False))
        between = ",\n  "
    file.write("\n ]\n}\n")


OUTCOMES: tuple[Outcome, ...] = ("new", "known", "ambiguous", "refused")


@dataclass(frozen=True, slots=True)
class PlannedThing:
    """A thing of a row: the one that it means, and on what grounds; or the candidates."""

    outcome: Outcome
    thing: str = ""
    candidates: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    place: Place | None = None
    places: tuple[Place, ...] = ()
    """The place of the gazetteer that it is; and candidates of the gazetteer that the graph does not have."""
    text: str = ""
    can_be_new: bool = False
    point: Point | None = None
    """By what a decision names it, whether it may be a new thing, and the position of the row."""


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row, its outcome, and the reasons for that."""

    row: Row
    outcome: Outcome
    things: Mapping[str, PlannedThing] = field(default_factory=dict)
    why: tuple[Reason, ...] = ()
    relation: Relation | None = None
    account_values: tuple[PropertyValue, ...] = ()


_UNFIT = 100
"""Rows that do not fit whose candidates are listed."""
_PLACES = 3
"""Rows whose place is shown with each kind of reason."""


@dataclass(frozen=True, slots=True)
class ReasonGroup:
    """Rows with the same outcome for the same kind of reason: the first reason in words, and all the rows."""

    outcome: Outcome
    first: Reason
    rows: Sequence[PlannedRow]


@dataclass
class Plan:
    """The outcome of each row of a table in an import, in the order of the table."""

    OUTCOMES: ClassVar = OUTCOMES

    table: Table
    mapping: TableMapping
    source: ImportSource
    rows: Sequence[PlannedRow]
    _things: Things = field(repr=False)
    has_gazetteer: bool = False

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """The numbers of rows, of rows with each outcome, of new things, and of statements."""
        of_rows = Counter(row.outcome for row in self.rows)
        return {
            "rows": len(self.rows),
            **{outcome: of_rows[outcome] for outcome in OUTCOMES},
            "things": len(self._things.new),
            "statements": sum(1 for _ in self.statements()),
        }

    @cached_property
    def fields(self) -> Sequence[Mapping[str, str]]:
        """The fields of the mapping: the column of each and the first text in it, or the constant."""
        return [
            {"field": name, "column": cell.column, "sample": self._first_text(cell.column)}
            if cell.column
            else {"field": name, "constant": cell.constant}
            for name, cell in self.mapping.fields()
        ]

    def _first_text(self, column: str) -> str:
        at = self.table.columns.index(column)
        return next((shorten(text) for row in self.table.rows if row.fault is None and (text := row.cells[at])), "")

    @cached_property
    def unread_columns(self) -> Finding | None:
        """The finding that the mapping leaves out columns; None if it reads them all."""
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
    def findings(self) -> Sequence[Finding]:
        """The findings on the table as a whole: columns that are not read, and the gazetteer that is missing."""
        return [one for one in (self.unread_columns, self._without_gazetteer()) if one is not None]

    def _without_gazetteer(self) -> Finding | None:
        """Return the finding that there is no gazetteer, if places of the table are not clear."""
        kinds = {kind for thing in self.mapping.things.values() for kind in thing.kinds}
        if self.has_gazetteer or "city" not in kinds or not any(self.unfit_rows()):
            return None
        words = reason(
            "There is no gazetteer, which would know more of the places of this table.",
            "Make one, and import the table again: citykg gazetteer.",
        )
        return replace(finding(words, self.table.file), severity="Info")

    @cached_property
    def reasons(self) -> Sequence[ReasonGroup]:
        """The rows grouped by outcome and kind of reason, largest group first."""
        found: dict[tuple[Outcome, str], list[PlannedRow]] = {}
        first: dict[tuple[Outcome, str], Reason] = {}
        for row in self.rows:
            for why in row.why:
                found.setdefault((row.outcome, why.kind), []).append(row)
                first.setdefault((row.outcome, why.kind), why)
        kinds = [ReasonGroup(outcome, first[outcome, kind], rows) for (outcome, kind), rows in found.items()]
        return sorted(kinds, key=lambda kind: -len(kind.rows))

    def statements(self) -> Iterator[tuple[Quad, Row | None]]:
        """Yield each statement of the import once, with its row; None for those that all rows share."""
        graph = self.source.graph
        if all(row.outcome != "new" for row in self.rows):
            return
        for triple in self.source.statements():
            yield quad_in(triple, graph), None
        for triple, first in self._things.statements(self.source.iri):
            yield quad_in(triple, graph), first
        for row in self.rows:
            if row.relation is not None and row.outcome == "new":
                for triple in self._relation_statements(row.relation, row.account_values):
                    yield quad_in(triple, graph), row.row

    def _relation_statements(self, relation: Relation, said: Sequence[PropertyValue]) -> Iterator[Triple]:
        template, thing = relation.template, NamedNode(relation.iri)
        account = account_of(self.source.iri, thing)
        if relation.is_new:
            yield from (triple for _, triple in template.statements(thing, relation.parties, self._things.label))
        yield from (triple for _, triple in template.account(account, thing, self.source.iri))
        if template.says:
            text = template.says.format(*map(self._things.label, template.in_order(relation.parties)))
            yield Triple(account, CD.says, Literal(text, language="en"))
        yield from (Triple(account, predicate, value) for predicate, value in said)

    def refuse_too_many_statements(self, limits: TableLimits) -> None:
        """Raise RefusedSubmissionError if the rows come to more statements than can be validated together."""
        if self.counts["statements"] > limits.statements:
            why = reason("The rows come to more than {most:,} statements.", limits.IN_PARTS, most=limits.statements)
            raise table_refusal(why, self.table.file, step="size")

    def statements_with_places(self) -> Iterator[tuple[Quad, Position | None]]:
        """Yield the statements with their places in the table, None for those that all rows share."""
        return ((quad, (row.line or row.number, 1) if row else None) for quad, row in self.statements())

    def write_report(self, path: Path) -> None:
        """Write the outcome of each row to a file, as CSV or JSON by its suffix.

        Raises BadValueError for another suffix, CityKgError if the file cannot be written.
        """
        form = path.suffix.removeprefix(".").lower()
        if form not in ("csv", "json"):
            raise BadValueError(f"{path} is neither .csv nor .json.", "Name the file by the form of the report.")
        with _opened(path) as file:
            self.write_report_to(file, form)

    def write_report_to(self, file: TextIO, form: str) -> None:
        """Write the outcome of each row to an open file; `form` is csv or json."""
        rows = map(self.as_dict, self.rows)
        if form == "json":
            write_json(file, self.summary(), rows)
        else:
            write_csv(file, [*self.mapping.things], rows)

    def summary(self) -> dict[str, Any]:
        """Return the counts, reasons and findings of all rows, for JSON."""
        kinds = [
            {"outcome": kind.outcome, "rows": len(kind.rows), "first": kind.rows[0].row.place}
            | {"places": [planned.row.place for planned in kind.rows[:_PLACES]]}
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
            "findings": [one.as_dict() for one in self.findings],
        }

    def as_dict(self, row: PlannedRow) -> dict[str, Any]:
        """Return the outcome of a row, for JSON."""
        things = {
            name: {
                "outcome": one.outcome,
                **({"thing": ns.compact(one.thing)} if one.thing else {}),
                **({"grounds": [*one.grounds]} if one.grounds else {}),
                **({"geonames": one.place.geonames} if one.place is not None else {}),
                **(self._candidates(one) if one.candidates or one.places else {}),
                **({"text": one.text, "canBeNew": one.can_be_new} if one.text else {}),
            }
            for name, one in row.things.items()
        }
        reasons = [{"message": why.message, "message_zh": why.message_zh, "hint": why.hint} for why in row.why]
        notes: dict[str, Any] = {"place": row.row.place, "outcome": row.outcome, "things": things}
        if row.relation is not None:
            notes["relation"] = ns.compact(row.relation.iri)
        return {**notes, "reasons": reasons}

    def for_page(self, row: PlannedRow) -> dict[str, Any]:
        """Return a row as `as_dict` does, with its number, its things by name, and its cells to be mended.

        Only cells that the mapping reads are mended one by one, and only those of CSV.
        """
        is_whole = self.table.form == "csv" and row.row.fault is None
        found = dict(zip(self.table.columns, row.row.cells, strict=True)) if is_whole else {}
        iris = [one.thing for one in row.things.values() if one.thing]
        return self.as_dict(row) | {
            "number": row.row.number,
            "cells": {name: found[name] for name in self.mapping.columns if name in found},
            "described": {ns.compact(iri): self._things.description(iri) for iri in iris},
        }

    def _candidates(self, one: PlannedThing) -> dict[str, Any]:
        """Return the candidates for a thing, each as a decision can name it, with what distinguishes it."""
        choices = [self._things.choice(iri, one.point) for iri in one.candidates]
        choices += [self._things.choice_of_place(place, one.point) for place in one.places]
        return {
            "candidates": [choice["name"] for choice in choices],
            "labels": [choice["label"] for choice in choices],
            "choices": choices,
        }

    def unfit_rows(self) -> Iterator[PlannedRow]:
        """Yield the rows that are not imported."""
        return (row for row in self.rows if row.outcome in ("ambiguous", "refused"))

    @staticmethod
    def decisions_in(rows: Iterable[RowReport]) -> list[dict[str, Any]]:
        """Return what decisions can be made in some rows: each text whose meaning is not clear, with what is likely."""
        found: dict[str, dict[str, Any]] = {}
        for row in rows:
            for name, thing in row["things"].items():
                if not thing.get("text"):
                    continue
                new = {"text": thing["text"], "field": name, "places": [], "choices": [], "canBeNew": thing["canBeNew"]}
                one = found.setdefault(thing["text"], new)
                one["places"].append(row["place"])
                listed = {choice["name"] for choice in one["choices"]}
                one["choices"] += [choice for choice in thing.get("choices", ()) if choice["name"] not in listed]
        return list(found.values())

    @cached_property
    def undecided(self) -> list[dict[str, Any]]:
        """What decisions can be made in the first rows that do not fit, for JSON."""
        return self.decisions_in(map(self.as_dict, islice(self.unfit_rows(), _UNFIT)))

    def write_unfit(self, path: Path) -> int:
        """Write the rows that do not fit in the form of the table, each with its reasons, and return their number."""
        rows = [*self.unfit_rows()]
        with _opened(path) as file:
            self.table.write(file, ((row.row, " ".join(map(str, row.why))) for row in rows))
        return len(rows)


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    """Open a file to be written anew. Raises CityKgError if it cannot be."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise CityKgError(f"{path} cannot be written: {error.strerror}.", "Name another file.") from error


Progress = Callable[[int, int], None]
"""Called with the number of rows that are planned, and that of all rows."""
_EACH = 200  # rows between two reports of progress


def plan(
    table: Table,
    mapping: TableMapping,
    names: Names,
    source: str = "",
    progress: Progress = lambda done, of: None,
    *,
    gazetteer: Gazetteer | None = None,
) -> Plan:
    """Return the plan of importing a table into the graph of `names`. All rows are planned.

    `source` names a source of the graph, or is the address of the one that the mapping declares; a gazetteer decides
    between places, and knows those that the graph does not. Raises BadValueError
    for another source, RefusedSubmissionError for a table without rows and a mapping that does not fit the table.
    """
    mapping.refuse_unknown_columns(table.columns)
    table.refuse_without_rows()
    found = find_source(mapping, source, names)
    cells = CellReader(table.columns, names.store, dates=mapping.dates)
    things = Things(Reconciler(names, gazetteer), cells, mapping.decisions, found.iri.value)
    template = RELATIONS.get(mapping.rows)
    relations = Relations(template, names, found.iri.value) if template is not None else None
    _refuse_unclear_constants(mapping, things, table.rows[0])
    planner = _Planner(mapping, cells, things, relations)
    rows = []
    for done, row in enumerate(table.rows):
        if done % _EACH == 0:
            progress(done, len(table.rows))
        rows.append(planner.plan_row(row))
    progress(len(table.rows), len(table.rows))
    return Plan(table, mapping, found, rows, things, gazetteer is not None)


def refuse_unclear_constants(table: Table, mapping: TableMapping, names: Names, gazetteer: Gazetteer | None) -> None:
    """Raise RefusedSubmissionError for a thing that a mapping names for all rows of a table and that is not known."""
    things = Things(Reconciler(names, gazetteer), CellReader(table.columns, names.store), mapping.decisions)
    _refuse_unclear_constants(mapping, things, table.rows[0])


def _refuse_unclear_constants(mapping: TableMapping, things: Things, row: Row) -> None:
    """Raise RefusedSubmissionError for a thing that the mapping names for all rows and that cannot be meant.

    One that may be several is for a person to decide, as in a cell.
    """
    for thing in mapping.things.values():
        if thing.is_constant and row.fault is None:
            line = next(cell.line for _, cell in thing.fields())
            try:
                match = things.reconcile(thing, row).match
            except UnfitCellError as error:
                raise table_refusal(error.why, mapping.file, line, of="mapping") from None
            if match.outcome == "refused" and match.why is not None:
                raise table_refusal(match.why, mapping.file, line, of="mapping")


@dataclass
class _Planner:
    mapping: TableMapping
    cells: CellReader
    things: Things
    relations: Relations | None
    _first: dict[str, Row] = field(default_factory=dict)
    """The first row of each thing, by IRI, for tables of single things."""
    _names: dict[str, dict[str, tuple[str, Row]]] = field(default_factory=dict)
    """The names by which things were matched, by IRI and plain form, each as printed first and with its row."""

    def plan_row(self, row: Row) -> PlannedRow:
        """Return the outcome of a row."""
        if row.fault is not None:
            return PlannedRow(row, "refused", why=(row.fault,))
        why: list[Reason] = []
        reconciled = {name: one for name in self.mapping.things if (one := self._reconcile(name, row, why)) is not None}
        self._settle_by_pair(reconciled)
        said, unfit = self._account_values(row)
        why += unfit
        by = self._relations_of_kind(row, why)
        things = {name: self._planned_thing(one) for name, one in reconciled.items()}
        notes = [one.match.why for one in reconciled.values() if one.match.why is not None]
        outcomes = {one.match.outcome for one in reconciled.values()}
        if why or not outcomes <= {"known", "new"}:
            is_open = not why and "refused" not in outcomes
            return PlannedRow(row, "ambiguous" if is_open else "refused", things, (*why, *notes))
        if _are_same(list(reconciled.values())):
            same = reason("Both parties are the same.", "Name two different parties.")
            return PlannedRow(row, "refused", things, (same,))
        iris = {name: self.things.settle(one) for name, one in reconciled.items()}
        notes += [
            one.new.namesake for one in reconciled.values() if one.new is not None and one.new.namesake is not None
        ]
        notes += filter(None, (self._name_note(iris[name], one, row) for name, one in reconciled.items()))
        things = {name: self._planned_thing(one, iris[name]) for name, one in reconciled.items()}
        planned = (
            self._plan_thing(row, things)
            if by is None
            else self._plan_relation(row, things, [*iris.values()], said, by)
        )
        return replace(
            planned,
            why=(*planned.why, *notes),
            account_values=(*planned.account_values, *self._printed(reconciled, iris)),
        )

    def _reconcile(self, name: str, row: Row, why: list[Reason]) -> ReconciledThing | None:
        try:
            return self.things.reconcile(self.mapping.things[name], row)
        except UnfitCellError as error:
            why.append(error.why)
            return None

    def _name_note(self, iri: str, one: ReconciledThing, row: Row) -> Reason | None:
        """Return the note that a thing was matched by another name in an earlier row, once for each name."""
        names = one.names_in_table
        if "name" not in one.match.grounds or not names:
            return None
        form = without_idle_words(self.things.reconciler.bare_name(names[0]))
        called = self._names.setdefault(iri, {})
        if form in called or not called:
            called.setdefault(form, (names[0], row))
            return None
        other, first = next(iter(called.values()))
        called[form] = names[0], row
        return reason(
            "{name!r} was matched to {thing}, as was {other!r} in {place}.",
            "If they are two places, say so under decisions in the mapping.",
            name=shorten(names[0]),
            thing=ns.compact(iri),
            other=shorten(other),
            place=first.place,
        )

    def _settle_by_pair(self, reconciled: dict[str, ReconciledThing]) -> None:
        """Match the things of a row that are open, or clear by name alone, as the one pair that the graph joins."""
        weak = {name: one for name, one in reconciled.items() if one.description is not None and one.match.is_weak}
        if self.relations is None or len(reconciled) < 2 or not weak:
            return
        may_be = [
            self.things.reconciler.possible(one.description)
            if name in weak and one.description is not None
            else {one.match.thing}
            for name, one in reconciled.items()
        ]
        joined = self.relations.known_pairs(*may_be)
        if len(joined) == 1:
            for name, thing in zip(reconciled, joined[0], strict=True):
                if name in weak:
                    reconciled[name] = replace(weak[name], match=self.things.reconciler.by_pair(thing))

    def _planned_thing(self, reconciled: ReconciledThing, iri: str = "") -> PlannedThing:
        thing = iri or reconciled.match.thing
        is_new = reconciled.new is not None or thing in self.things.new
        found = reconciled.match
        outcome: Outcome = "new" if is_new else found.outcome
        planned = PlannedThing(outcome, thing, found.candidates, found.grounds, found.place, found.places)
        if outcome == "known" or (outcome == "new" and not found.candidates and not found.places):
            return planned
        point = reconciled.description.point if reconciled.description is not None else None
        return replace(planned, text=reconciled.text, can_be_new=reconciled.can_be_new, point=point)

    def _account_values(self, row: Row) -> tuple[tuple[PropertyValue, ...], list[Reason]]:
        """Return the values of the account in a row, and the reasons why cells do not fit."""
        if self.relations is None:
            return (), []
        said, unfit = self.cells.account_values(self.relations.template, self.mapping.account_cells, row)
        return tuple(one for _, one in said), [why for _, why in unfit]

    def _relations_of_kind(self, row: Row, why: list[Reason]) -> Relations | None:
        """Return the relations of the kind of tie that a row names; None for a row about one thing."""
        try:
            kind = self.cells.tie_kind(self.mapping.account_cells.get("kind"), row)
        except UnfitCellError as error:
            why.append(error.why)
            return None
        return self.relations.of_kind(kind) if self.relations is not None else None

    def _printed(self, reconciled: Mapping[str, ReconciledThing], iris: Mapping[str, str]) -> list[PropertyValue]:
        """Return the names in a row that a decision takes for things of other names, as the source prints them."""
        decided = {iris[name]: one.printed for name, one in reconciled.items() if one.printed}
        odd = (text for iri, text in decided.items() if not self.things.is_called(iri, text))
        return [(CD.printedName, Literal(text)) for text in odd]

    def _plan_thing(self, row: Row, things: Mapping[str, PlannedThing]) -> PlannedRow:
        """Return the outcome of a row about one thing."""
        one = next(iter(things.values()))
        first = self._first.setdefault(one.thing, row)
        if one.outcome == "new" and first is row:
            return PlannedRow(row, "new", things)
        return PlannedRow(row, "known", things, (_known_reason(first.place if first is not row else ""),))

    def _plan_relation(
        self,
        row: Row,
        things: Mapping[str, PlannedThing],
        iris: Sequence[str],
        said: tuple[PropertyValue, ...],
        by: Relations,
    ) -> PlannedRow:
        relation = by.between(iris, next((value.value[:4] for what, value in said if what == CD.begin), ""))
        if isinstance(relation, Reason):
            return PlannedRow(row, "ambiguous", things, (relation,))
        stated = by.compare(relation, said, row)
        if stated.is_new:
            return PlannedRow(row, "new", things, (), relation, said)
        if stated.is_known:
            return PlannedRow(row, "known", things, (_known_reason(stated.place),), relation)
        hint = (
            f"See {stated.place}. Leave out one of the two, or say all in one."
            if stated.place
            else "Change the account that is there, or name another source."
        )
        return PlannedRow(
            row,
            "refused",
            things,
            (reason("The source has an account of it already, which lacks {more}.", hint, more=str(stated)),),
            relation,
        )


def _known_reason(place: str) -> Reason:
    if place:
        return reason("The same is said in {place}.", place=place)
    return reason("It is there already.")


def _are_same(reconciled: Sequence[ReconciledThing]) -> bool:
    """Return True if the two parties of a row are the same thing."""
    if len(reconciled) < 2:
        return False
    one, other = reconciled
    if one.new is not None and other.new is not None:
        if one.new.identifiers or other.new.identifiers:
            return not set(one.new.identifiers).isdisjoint(other.new.identifiers)
        same_name = not set(one.new.names.values()).isdisjoint(other.new.names.values())
        return same_name and one.new.country == other.new.country and one.new.is_same(other.new)
    return bool(one.match.thing) and one.match.thing == other.match.thing
