"""Plan the rows of a table, one after another: what each means, what its source says, and whether that is new."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kg.names import Names
from kg.rdf.vocabulary import CD
from kg.reconciliation import Reason, Reconciler, reason
from kg.tables.cells import CellReader, UnfitCellError
from kg.tables.mapping import TableMapping
from kg.tables.plan import Plan, PlannedRow, PlannedThing
from kg.tables.relations import Relations
from kg.tables.sources import find_source
from kg.tables.table import Row, Table
from kg.tables.templates import RELATIONS, PropertyValue
from kg.tables.things import ReconciledThing, Things

Progress = Callable[[int, int], None]
"""Gets how many rows of how many are planned."""
_EACH = 200  # rows after which progress is reported


def plan(
    table: Table,
    mapping: TableMapping,
    names: Names,
    source: str = "",
    progress: Progress = lambda done, of: None,
) -> Plan:
    """Return what an import of a table would do to the graph that `names` are of.

    `source` names a source of the graph, or is the address of the one that the mapping declares. Raises BadValueError
    for another source, RefusedSubmissionError for a mapping that does not fit the table. All rows are looked at.
    """
    mapping.refuse_unknown_columns(table.columns)
    found = find_source(mapping, source, names)
    cells = CellReader(table.columns, names.store)
    things = Things(Reconciler(names), cells, mapping.decisions)
    template = RELATIONS.get(mapping.rows)
    relations = Relations(template, names, found.iri.value) if template is not None else None
    planner = _Planner(mapping, cells, things, relations)
    rows = []
    for done, row in enumerate(table.rows):
        if done % _EACH == 0:
            progress(done, len(table.rows))
        rows.append(planner.plan_row(row))
    progress(len(table.rows), len(table.rows))
    return Plan(table, mapping, found, rows, things, relations)


@dataclass
class _Planner:
    mapping: TableMapping
    cells: CellReader
    things: Things
    relations: Relations | None
    _first: dict[str, Row] = field(default_factory=dict)
    """The rows that made new places and the like, by IRI."""

    def plan_row(self, row: Row) -> PlannedRow:
        """Return what becomes of a row."""
        if row.fault is not None:
            return PlannedRow(row, "refused", why=(row.fault,))
        why: list[Reason] = []
        meant = {name: one for name in self.mapping.things if (one := self._reconcile(name, row, why)) is not None}
        said, unfit = self._account_values(row)
        why += unfit
        things = {name: self._planned_thing(one) for name, one in meant.items()}
        told = [one.match.why for one in meant.values() if one.match.why is not None]
        outcomes = {one.match.outcome for one in meant.values()}
        if why or not outcomes <= {"known", "new"}:
            is_open = not why and "refused" not in outcomes
            return PlannedRow(row, "ambiguous" if is_open else "refused", things, (*why, *told))
        if _are_same(list(meant.values())):
            same = reason("Both parties are the same.", "Name two different parties.")
            return PlannedRow(row, "refused", things, (same,))
        iris = {name: self.things.settle(one) for name, one in meant.items()}
        told += [one.new.namesake for one in meant.values() if one.new is not None and one.new.namesake is not None]
        things = {name: self._planned_thing(one, iris[name]) for name, one in meant.items()}
        if self.relations is None:
            planned = self._plan_thing(row, things)
        else:
            planned = self._plan_relation(row, things, [*iris.values()], said, self.relations)
        return replace(planned, why=(*planned.why, *told)) if told else planned

    def _reconcile(self, name: str, row: Row, why: list[Reason]) -> ReconciledThing | None:
        try:
            return self.things.reconcile(self.mapping.things[name], row)
        except UnfitCellError as error:
            why.append(error.why)
            return None

    def _planned_thing(self, meant: ReconciledThing, iri: str = "") -> PlannedThing:
        thing = iri or meant.match.thing
        is_new = meant.new is not None or thing in self.things.new
        return PlannedThing("new" if is_new else meant.match.outcome, thing, meant.match.candidates)

    def _account_values(self, row: Row) -> tuple[tuple[PropertyValue, ...], list[Reason]]:
        """Return what the source says of the relation of a row, and what is wrong with that."""
        if self.relations is None:
            return (), []
        said, unfit = self.cells.account_values(self.relations.template, self.mapping.account_cells, row)
        return tuple(one for _, one in said), [why for _, why in unfit]

    def _plan_thing(self, row: Row, things: Mapping[str, PlannedThing]) -> PlannedRow:
        """Return what becomes of a row that is of one thing."""
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
        relation = by.between(iris[0], iris[1], next((value.value[:4] for what, value in said if what == CD.begin), ""))
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
            (reason("The source says it already, and otherwise: {more} is not there.", hint, more=str(stated)),),
            relation,
        )


def _known_reason(place: str) -> Reason:
    if place:
        return reason("The same is said in {place}.", place=place)
    return reason("It is there already.")


def _are_same(meant: Sequence[ReconciledThing]) -> bool:
    """Whether the two parties of a row are one thing."""
    if len(meant) < 2:
        return False
    one, other = meant
    if one.new is not None and other.new is not None:
        return not set(one.new.identifiers).isdisjoint(other.new.identifiers)
    return bool(one.match.thing) and one.match.thing == other.match.thing
