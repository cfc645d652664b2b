"""What a page shows around the rows of a result: links that sort, filter, count, hide and turn, each an address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import urlencode

from kg.results import ResultRows, ResultWriter
from server.results.view import ResultView


@dataclass(frozen=True)
class Change:
    """A change of what is shown: in words, and the address that makes it."""

    text: str
    href: str


@dataclass(frozen=True)
class ColumnControl:
    """A column: its name, heading and meaning, what it is filtered by, and the addresses of what can be done with it.

    `sort_state` is as in aria-sort, empty if the rows are in another order; `hide_href` is empty for one that stays.
    """

    name: str
    heading: str
    meaning: str
    containing: str
    is_hidden: bool
    sort_href: str
    sort_state: str
    hide_href: str
    values_href: str


@dataclass(frozen=True)
class Facet:
    """The values of a column: each with the number of rows, the address that chooses it, and whether it is chosen.

    `rest` is the number of values that are not shown, `containing` what those shown have within them.
    """

    heading: str
    values: Sequence[tuple[Change, int, bool]]
    rest: int
    containing: str
    fields: Sequence[tuple[str, str]]
    close_href: str


@dataclass(frozen=True)
class ResultControls:
    """The controls of a page that shows `shown` of the rows that were selected.

    `path` and `base` make the address of the page as the query has the rows; `headings` and `meanings` are those of
    columns by name. Rows are sorted by the column `order_of` where that is another one, such as the label of a thing.
    If not `is_kept`, each link runs the query again. The columns `always` cannot be hidden.
    """

    LONGEST: ClassVar = 8_000
    """Characters of an address up to which a page has controls: each link repeats it."""
    NO_VALUE: ClassVar = "no value"
    TABLE: ClassVar = "answer"
    """The place on the page to which links lead that change the rows."""
    VALUES: ClassVar = "values-of"
    """The place of the values of a column."""

    view: ResultView
    rows: ResultRows
    shown: int
    path: str
    base: Sequence[tuple[str, str]]
    headings: Mapping[str, str] = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)
    order_of: Mapping[str, str] = field(default_factory=dict)
    left_out: Sequence[str] = ()
    """Columns that the page never shows."""
    is_kept: bool = True
    always: Sequence[str] = ()

    @property
    def is_offered(self) -> bool:
        """True if there is anything to sort or to count, and the address is not too long to be repeated."""
        return self.rows.total > 1 and len(self.address(ResultView())) <= self.LONGEST

    @property
    def row_count(self) -> str:
        """The number of rows: those on the page, those that match, and all."""
        matching, total = self.rows.found.count, self.rows.total
        whole = f"{total:,}" if self.rows.is_whole else f"the first {total:,}"
        rows = f"{whole} row{'' if total == 1 and self.rows.is_whole else 's'}"
        if self.view.selection.is_filtered:
            rows = f"{matching:,} of {rows}"
        if not self.view.start and self.shown == matching:
            return rows[0].upper() + rows[1:]
        return f"Rows {self.view.start + 1:,}–{self.view.start + self.shown:,} of {rows}"

    @property
    def part_message(self) -> str:
        """Why these are not all rows of the query, what goes by them alone, and the way out; empty if they are all."""
        if self.rows.is_whole:
            return ""
        return (
            f"The query has more rows than the first {self.rows.total:,}. A result is kept up to"
            f" {ResultWriter.MOST_ROWS:,} rows, up to {ResultWriter.MOST_BYTES >> 20} MiB, and for a share of the"
            " seconds that a query has. Only the rows kept are sorted, filtered and counted. Ask for fewer rows or"
            " columns, or take the CSV of the query as it is, without sorting or filters."
        )

    @property
    def without_size(self) -> Mapping[str, int]:
        """The numbers of rows that comparisons leave out since their values have no size, by heading."""
        return {self._heading(name): count for name, count in self.rows.without_size.items()}

    @property
    def columns(self) -> list[ColumnControl]:
        """The columns of the result, also those that are hidden."""
        return [self.column(name) for name in self.rows.columns if name not in self.left_out]

    def column(self, name: str) -> ColumnControl:
        """Return a column by its name."""
        chosen, order = self.view.selection, self.order_of.get(name, name)
        is_sorted = chosen.sort == order
        return ColumnControl(
            name,
            self._heading(name),
            self.meanings.get(name, ""),
            chosen.contains.get(name, ""),
            name in chosen.hidden,
            self.address(self.view.sorted_by(order, descending=is_sorted and not chosen.descending)),
            ("descending" if chosen.descending else "ascending") if is_sorted else "",
            "" if name in self.always else self.address(self.view.hiding(name)),
            self.address(self.view.counting(name), self.VALUES),
        )

    @property
    def sized_columns(self) -> list[str]:
        """The headings of the columns that are filtered by size as well."""
        shown = [name for name in self.rows.sized if name not in (*self.left_out, *self.view.selection.hidden)]
        return list(map(self._heading, shown))

    @property
    def chips(self) -> list[Change]:
        """What is applied, each with the address without it."""
        return list(self._applied())

    @property
    def facet(self) -> Facet | None:
        """The values of the column that is counted, if any."""
        counted = self.rows.values
        if counted is None:
            return None
        column, chosen = counted.column, self.view.selection.values.get(counted.column, ())
        values = [
            (
                Change(one.text or self.NO_VALUE, self.address(self.view.toggled(column, one.key))),
                one.count,
                one.key in chosen,
            )
            for one in counted.values
        ]
        fields = [pair for pair in self.fields() if pair[0] != "values"]
        rest = counted.distinct - len(values)
        close = self.address(self.view.counting(""))
        return Facet(self._heading(column), values, rest, self.view.containing, fields, close)

    @property
    def pages(self) -> dict[str, str]:
        """The addresses of other pages, by relation."""
        start, beyond = self.view.start, self.view.start + self.shown
        pages = {"first": 0, "prev": max(0, start - max(self.shown, 1))} if start else {}
        pages |= {"next": beyond} if self.shown > 0 and beyond < self.rows.found.count else {}
        return {relation: self.address(self.view.starting(at)) for relation, at in pages.items()}

    @property
    def whole_href(self) -> str:
        """The address of all rows, as the query has them."""
        return self.address(ResultView())

    @property
    def filter_fields(self) -> list[tuple[str, str]]:
        """What a form says besides the filters."""
        return [pair for pair in self.fields() if not pair[0].startswith(ResultView.FILTER)]

    def fields(self) -> list[tuple[str, str]]:
        """Return all that a form says to show the same from the first row on."""
        return [*self.base, *self.view.starting(0).parameters()]

    @property
    def has_open_columns(self) -> bool:
        """True if something is applied that is chosen among the columns."""
        chosen = self.view.selection
        return bool(chosen.is_filtered or chosen.hidden or self.view.facet)

    def address(self, view: ResultView, place: str = TABLE) -> str:
        """Return the address of the page in another view, at the place where it differs."""
        query = urlencode([*self.base, *view.parameters()])
        return f"{self.path}{'?' if query else ''}{query}#{place}"

    def _applied(self) -> Iterator[Change]:
        chosen = self.view.selection
        if chosen.sort:
            column = next((name for name, order in self.order_of.items() if order == chosen.sort), chosen.sort)
            words = "descending" if chosen.descending else "ascending"
            yield Change(
                f"sorted by {self._heading(column)}, {words}",
                self.address(self.view.sorted_by("", descending=False)),
            )
        for name, text in chosen.contains.items():
            how = text if self.rows.is_comparison(name, text) else f"contains “{text}”"
            yield Change(f"{self._heading(name)} {how}", self.address(self.view.without_filter_of(name)))
        for name, keys in chosen.values.items():
            for key in keys:
                text = self._value_text(name, key) or self.NO_VALUE
                yield Change(f"{self._heading(name)}: {text}", self.address(self.view.toggled(name, key)))
        for name in chosen.hidden:
            yield Change(f"{self._heading(name)} hidden", self.address(self.view.hiding(name)))

    def _value_text(self, column: str, key: str) -> str:
        """Return what people read for a value that is chosen: as its values were counted, else its key."""
        counted = self.rows.values
        known = counted.values if counted and counted.column == column else ()
        return next((one.text for one in known if one.key == key), self.rows.chosen.get(column, {}).get(key, key))

    def _heading(self, name: str) -> str:
        return self.headings.get(name, name)
