"""Plan the rows of a table, one after another: what each means, what its source says, and whether that is new."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pyoxigraph import NamedNode

from kg.names import Names
from kg.rdf import namespaces as ns
from kg.rdf.said import note
from kg.rdf.vocabulary import CD
from kg.reconciliation import Reason, Reconciler, reason
from kg.submissions.tables import DATES
from kg.tables.cells import Cells, UnfitCellError
from kg.tables.mapping import TableMapping
from kg.tables.plan import Plan, PlannedRow, PlannedThing
from kg.tables.relations import TEMPLATES, Relations, Said
from kg.tables.sources import source_of
from kg.tables.table import Row, Table
from kg.tables.things import Meant, Things

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
    found = source_of(mapping, source, names)
    cells = Cells(table.columns, names.store)
    things = Things(Reconciler(names), cells, mapping.decisions)
    template = TEMPLATES.get(mapping.rows)
    relations = Relations(template, names, found.iri.value) if template is not None else None
    planner = _Planner(mapping, cells, things, relations)
    rows = []
    for done, row in enumerate(table.rows):
        if done % _EACH == 0:
            progress(done, len(table.rows))
        rows.append(planner.planned(row))
    progress(len(table.rows), len(table.rows))
    return Plan(table, mapping, found, rows, things, relations)


@dataclass
class _Planner:
    mapping: TableMapping
    cells: Cells
    things: Things
    relations: Relations | None
    _first: dict[str, Row] = field(default_factory=dict)
    """The rows that made new places and the like, by IRI."""

    def planned(self, row: Row) -> PlannedRow:
        """Return what becomes of a row."""
        if row.fault is not None:
            return PlannedRow(row, "refused", why=(row.fault,))
        why: list[Reason] = []
        meant = {name: one for name in self.mapping.things if (one := self._meant(name, row, why)) is not None}
        said = self._said(row, why)
        things = {name: self._told(one) for name, one in meant.items()}
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
        things = {name: self._told(one, iris[name]) for name, one in meant.items()}
        if self.relations is None:
            planned = self._thing(row, things)
        else:
            planned = self._related(row, things, [*iris.values()], tuple(said), self.relations)
        return replace(planned, why=(*planned.why, *told)) if told else planned

    def _meant(self, name: str, row: Row, why: list[Reason]) -> Meant | None:
        try:
            return self.things.meant(self.mapping.things[name], row)
        except UnfitCellError as error:
            why.append(error.why)
            return None

    def _told(self, meant: Meant, iri: str = "") -> PlannedThing:
        thing = iri or meant.match.thing
        is_new = meant.new is not None or thing in self.things.new
        return PlannedThing("new" if is_new else meant.match.outcome, thing, meant.match.candidates)

    def _thing(self, row: Row, things: Mapping[str, PlannedThing]) -> PlannedRow:
        """Return what becomes of a row that is of one thing."""
        one = next(iter(things.values()))
        first = self._first.setdefault(one.thing, row)
        if one.outcome == "new" and first is row:
            return PlannedRow(row, "new", things)
        return PlannedRow(row, "known", things, (_there(first.place if first is not row else ""),))

    def _related(
        self, row: Row, things: Mapping[str, PlannedThing], iris: Sequence[str], said: tuple[Said, ...], by: Relations
    ) -> PlannedRow:
        relation = by.between(iris[0], iris[1], next((value.value[:4] for what, value in said if what == CD.begin), ""))
        if isinstance(relation, Reason):
            return PlannedRow(row, "ambiguous", things, (relation,))
        stated = by.stated(relation, said, row)
        if stated.is_new:
            return PlannedRow(row, "new", things, (), relation, said)
        if stated.known:
            return PlannedRow(row, "known", things, (_there(stated.place),), relation)
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

    def _said(self, row: Row, why: list[Reason]) -> list[Said]:
        """Return what the source says of the relation of a row."""
        if self.relations is None:
            return []
        found: list[Said] = []
        for read in (self._dates, self._choices, self._note):
            try:
                found += read(row)
            except UnfitCellError as error:
                why.append(error.why)
        return found

    def _dates(self, row: Row) -> Iterator[Said]:
        dates = {name: self.cells.date(self.mapping.said.get(name), row) for name in DATES}
        for name, date in dates.items():
            if date is not None:
                yield from zip(DATES[name], (date.literal, date.earliest, date.latest), strict=True)
        since, until = dates["since"], dates["until"]
        if since is not None and until is not None and since.earliest.value > until.latest.value:
            raise UnfitCellError(reason("It ends before it begins.", "Exchange since and until, or mend one."))

    def _choices(self, row: Row) -> Iterator[Said]:
        assert self.relations is not None
        for column, scheme in self.relations.template.choices.items():
            chosen = self.cells.concepts(self.mapping.said.get(column), row, scheme)
            if not chosen and column in self.relations.template.required:
                cell = self.mapping.said.get(column)
                where = f" in column {cell.column!r}" if cell is not None and cell.column else ""
                hint = f"Fill the cell{where}, or give a constant in the mapping."
                raise UnfitCellError(reason("A {column} is needed.", hint, column=column))
            yield from ((NamedNode(ns.CD + column), concept) for concept in chosen)

    def _note(self, row: Row) -> Iterator[Said]:
        if text := self.cells.text(self.mapping.said.get("note"), row):
            yield CD.note, note(text)


def _there(place: str) -> Reason:
    if place:
        return reason("The same is said in {place}.", place=place)
    return reason("It is there already.")


def _are_same(meant: Sequence[Meant]) -> bool:
    """Whether the two parties of a row are one thing."""
    if len(meant) < 2:
        return False
    one, other = meant
    if one.new is not None and other.new is not None:
        return not set(one.new.identifiers).isdisjoint(other.new.identifiers)
    return bool(one.match.thing) and one.match.thing == other.match.thing
