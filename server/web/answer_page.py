"""The page of an answer, whatever was asked: a table of its first rows, and what stands around it."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from flask import render_template
from pyoxigraph import Literal, NamedNode

from kg.evidence import Evidence, Gap, RowEvidence
from kg.objections import Objection, parse_objections
from kg.rdf import namespaces as ns
from kg.rdf.literals import NUMBERS, as_written
from kg.rdf.lookup import Term
from kg.rdf.rows import FirstRows, Row
from kg.rdf.vocabulary import GEO, RDF, XSD
from server.web.code import as_code
from server.web.labels import Labels, LinkedText

_TEXTS = {XSD.string, RDF.langString}
_STICKY_CANDIDATES = 3  # columns at the left, of which one stays in view
_BRIEF = 12  # characters of a value that is not broken over lines
_LONG = 30  # characters of a word that is broken where it has to be
_PROSE = 80  # characters of a text that wants a wider column
_YES_OR_NO = {"true": "yes", "1": "yes", "false": "no", "0": "no"}


@dataclass(frozen=True)
class AnswerColumn:
    """A column as a page shows it: its head, what it means, and how its values stand: as numbers, or unbroken.

    `name` is that in the query, `mark` the language or datatype that all its values have.
    """

    HIDDEN: ClassVar = "hidden"
    """The style of a column whose values are drawn, and not shown in the table."""

    name: str
    heading: str
    meaning: str = ""
    mark: str = ""
    style: str = ""


@dataclass(frozen=True)
class RowObjection:
    """An objection to a row: its kind and source; where they are known, its words, and a link to more."""

    kind: str
    source: LinkedText
    text: str = ""
    about: LinkedText | None = None


@dataclass(frozen=True)
class AnswerCell:
    """A value with its mark, a language or a datatype, where those of its column differ.

    `written` is a number or date as people write it, where that is not its value. In the
    place of a value that is a literal of objections (kg.objections) these are shown.
    """

    value: LinkedText
    mark: str = ""
    objections: Sequence[RowObjection] = ()
    written: str = ""


@dataclass(frozen=True)
class AnswerTable:
    """The rows that a page shows, of `count` in all, or more than these if not `counted`.

    In a narrow window the column at the place `sticky_column`, of those that are shown, stays in view.
    """

    names: Sequence[str]
    columns: Sequence[AnswerColumn]
    rows: Sequence[Sequence[AnswerCell]]
    count: int
    counted: bool
    truth: bool | None
    sticky_column: int = 0

    @property
    def is_cut(self) -> bool:
        """True if there are more rows than the page shows."""
        return not self.counted or len(self.rows) < self.count

    @property
    def row_count(self) -> str:
        """The number of rows, and how many of them the page shows."""
        rows = f"{self.count:,} row{'' if self.count == 1 else 's'}"
        if not self.is_cut:
            return rows
        return f"The first {len(self.rows):,} of {'' if self.counted else 'more than '}{rows}"


@dataclass(frozen=True)
class RowSources:
    """The sources that state a row, and the objections to it."""

    sources: Sequence[LinkedText]
    objections: Sequence[RowObjection]


@dataclass(frozen=True)
class AnswerPage:
    """The page of an answer: its title, its columns in words and explained, and remarks.

    `hints` are sentences on what may be amiss, and lead to where it is looked up. A page that shows values as they are
    in the graph `shows_marks` (languages and datatypes) and has all columns; otherwise columns of labels are left out,
    since things are shown by their labels. `units` are those of numbers (kg.queries). In the
    columns `unknown` an empty cell means that a value is not known. With
    `evidence` there is a column more: who says so.
    """

    template: ClassVar = "table.html"
    shows_marks: ClassVar = False
    MOST_BYTES: ClassVar = 30_000
    """Bytes of a page as they travel, packed; rows beyond that are left out."""

    title: str = "Result"
    headings: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    unknown: Collection[str] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    hints: Sequence[LinkedText] = ()
    evidence: Evidence | None = None

    @property
    def gaps(self) -> Sequence[Gap]:
        """Parts of the query that have no evidence."""
        return self.evidence.gaps if self.evidence else ()

    @property
    def without_evidence(self) -> str:
        """The same in one line."""
        return Gap.in_one_line(self.gaps)

    def write(self, found: FirstRows) -> bytes:
        """Return the page of an answer."""
        table = self._table(found)
        page = self._render(found, table)
        if _packed_size(page) <= self.MOST_BYTES:
            return page
        around = _packed_size(self._render(found, replace(table, rows=())))
        while table.rows and (size := _packed_size(page)) > self.MOST_BYTES:
            room = max(self.MOST_BYTES * 95 // 100 - around, 0)
            table = replace(table, rows=table.rows[: len(table.rows) * room // max(size - around, 1)])
            page = self._render(found, table)
        return page

    def _render(self, found: FirstRows, table: AnswerTable) -> bytes:
        beside = self.further_context(found, table.names, [[cell.value for cell in row] for row in table.rows])
        who = (
            None if self.evidence is None else _row_sources(self.evidence.rows[: len(table.rows)], self.evidence.called)
        )
        return render_template(self.template, words=self, table=table, who=who, **beside).encode()

    @staticmethod
    def as_code(address: str, form: Mapping[str, str] | None = None, accept: str = "text/csv") -> dict[str, str]:
        """Return how a program gets an answer, by the name of its language; see server.web.code."""
        return as_code(address, form, accept)

    def further_context(
        self, found: FirstRows, names: Sequence[str], rows: Sequence[Sequence[LinkedText]]
    ) -> dict[str, object]:
        """Return further variables of the template; `rows`, of the columns `names`, are the rows shown."""
        return {}

    def _table(self, found: FirstRows) -> AnswerTable:
        shown = self.shown_columns(self.all_columns(found))
        places = [place for place, name in enumerate(found.names) if name in shown]
        labels = Labels(found.display_names)
        values = {place: [row[place] for row in found.rows] for place in places}
        marks = {place: _common_mark(values[place]) if self.shows_marks else "" for place in places}
        columns = [
            AnswerColumn(
                name := found.names[place],
                self.headings.get(name, name),
                self.columns.get(name, ""),
                marks[place] or "",
                _style(values[place], hides_geometry=not self.shows_marks),
            )
            for place in places
        ]
        missing = {place: AnswerCell(self._missing_value(found.names[place])) for place in places}
        rows = [
            [
                missing[place]
                if row[place] is None
                else self._cell(row[place], labels, marks[place] is None, self._written(found.names, row, place))
                for place in places
            ]
            for row in found.rows
        ]
        names = [found.names[place] for place in places]
        seen = [
            values[place] for place, column in zip(places, columns, strict=True) if column.style != AnswerColumn.HIDDEN
        ]
        stays = 0 if self.shows_marks else identifying_column(seen[:_STICKY_CANDIDATES])
        return AnswerTable(names, columns, rows, found.count, found.is_complete, found.truth, stays)

    def all_columns(self, found: FirstRows) -> Sequence[str]:
        """Return all columns of the answer, also those that are hidden."""
        return found.names

    def shown_columns(self, names: Sequence[str]) -> list[str]:
        """Return the columns that are shown: without those of labels, unless marks are shown."""
        return [name for place, name in enumerate(names) if self.shows_marks or _is_shown(name, place, names)]

    def _missing_value(self, name: str) -> LinkedText:
        """Return what stands where a column has no value."""
        return LinkedText("not known" if name in self.unknown else "")

    def _written(self, names: Sequence[str], row: Row, place: int) -> str:
        """Return a value as people write it, nothing where that is the value; a year is never separated: 2016."""
        term, name = row[place], names[place]
        if not isinstance(term, Literal) or "year" in name.lower():
            return ""
        unit = self.units.get(name, "")
        of_row = row[names.index(unit)] if unit in names else None
        written = as_written(term, of_row.value if isinstance(of_row, Literal) else unit)
        return written if written != term.value else ""

    def _cell(self, term: Term | None, labels: Labels, marked: bool, written: str) -> AnswerCell:
        shown = labels.value(term)
        if not self.shows_marks and isinstance(term, Literal) and term.datatype == XSD.boolean:
            shown = LinkedText(_YES_OR_NO.get(term.value, term.value))
        objections = [RowObjection(kind, labels.value(NamedNode(iri))) for kind, iri in _objections(term)]
        return AnswerCell(shown, _mark(term) if marked else "", objections, written)


def identifying_column(columns: Sequence[Collection[Term | None]]) -> int:
    """Return the index of the column that identifies rows best; columns are given by their values.

    It is the first that has at least a third as many different values as any other that may be it. Such are columns of
    things and, in first place, of names: no numbers or dates, nor what is said of a thing. If none is, it is the first.
    """
    told = {place: len(set(values)) for place, values in enumerate(columns) if _can_identify_rows(values, place)}
    return next((place for place, known in told.items() if 3 * known >= max(told.values())), 0)


def _can_identify_rows(values: Iterable[Term | None], place: int) -> bool:
    return any(
        isinstance(value, NamedNode) or (place == 0 and isinstance(value, Literal) and value.datatype in _TEXTS)
        for value in values
    )


def _packed_size(page: bytes) -> int:
    return len(zlib.compress(page, 6))


def _is_shown(name: str, place: int, names: Sequence[str]) -> bool:
    """Tell a column from one of labels, which stands beside that of the things; `label` names what stands first."""
    if name == "label":
        return place == 0
    return not name.endswith("Label") or name.removesuffix("Label") not in names


def _objections(term: Term | None) -> tuple[tuple[str, str], ...]:
    return parse_objections(term.value) if isinstance(term, Literal) and term.datatype == XSD.string else ()


def _mark(term: Term | None) -> str:
    if not isinstance(term, Literal):
        return ""
    if term.language:
        return f"@{term.language}"
    return "" if term.datatype == XSD.string else ns.compact(term.datatype.value)


def _common_mark(values: Iterable[Term | None]) -> str | None:
    """Return the mark that all values share, None if they differ."""
    marks = {_mark(value) for value in values if value is not None}
    return marks.pop() if len(marks) == 1 else (None if marks else "")


def _style(values: Iterable[Term | None], *, hides_geometry: bool) -> str:
    """Return how the values of a column stand: numbers right, short ones whole, long words broken, texts wide.

    Geometries are drawn where `hides_geometry`, and no text for people.
    """
    bound = [value for value in values if value is not None]
    literals = [value for value in bound if isinstance(value, Literal)]
    if hides_geometry and any(value.datatype == GEO.wktLiteral for value in literals):
        return AnswerColumn.HIDDEN
    if any(len(word) > _LONG for value in literals for word in value.value.split()):
        return "long"
    if not bound or len(literals) < len(bound):
        return ""
    if all(value.datatype in NUMBERS for value in literals):
        return "number"
    if any(len(value.value) > _PROSE for value in literals):
        return "prose"
    return "brief" if all(len(value.value) <= _BRIEF for value in literals) else ""


def _row_sources(evidence: Sequence[RowEvidence], called: Mapping[str, str]) -> list[RowSources]:
    labels = Labels(called)

    def shown(iri: str) -> LinkedText:
        return labels.value(NamedNode(iri))

    def against(one: Objection) -> RowObjection:
        return RowObjection(one.kind, shown(one.passage), one.text, shown(one.about))

    return [RowSources(list(map(shown, row.sources)), list(map(against, row.objections))) for row in evidence]
