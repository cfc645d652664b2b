"""What an address says of how a result is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

from kg.errors import BadValueError, shorten
from kg.results import ResultPart, Selection


@dataclass(frozen=True)
class ResultView:
    """Which rows of a result are shown, in which order, from which one on, and the column whose values are counted.

    In an address: `sort=city` or `sort=-city`, `filter.city=birm`, `is.city=city:leeds` (may be repeated),
    `hide=city,twin`, `from=1001`, `facet=city` and, within its values, `values=birm`.
    """

    NAMES: ClassVar = ("sort", "hide", "facet", "values", "from")
    FILTER: ClassVar = "filter."
    VALUE: ClassVar = "is."

    selection: Selection = field(default_factory=Selection)
    start: int = 0
    facet: str = ""
    containing: str = ""

    @classmethod
    def has_parameter(cls, name: str) -> bool:
        """Return True if a parameter says how a result is shown."""
        return name in cls.NAMES or name.startswith((cls.FILTER, cls.VALUE))

    @classmethod
    def require_known(cls, parameters: Iterable[str], known: Collection[str], of: str) -> None:
        """Raise BadValueError for a parameter that neither says how a result is shown nor is among those known."""
        for name in parameters:
            if name not in known and not cls.has_parameter(name):
                raise BadValueError.of_unknown(f"{of} has no parameter {shorten(name)!r}.", name, known)

    @classmethod
    def read(cls, parameters: Mapping[str, Sequence[str]]) -> Self:
        """Return what parameters say; others are ignored, and so are empty ones, but for `is.`, which means no value.

        Raises BadValueError for one that is repeated, and for `from` that is not a number.
        """
        one = {name: _one(name, parameters[name]) for name in parameters if _is_single(name)}
        sort, contains = one.get("sort", ""), {name: text for name, text in one.items() if text}
        selection = Selection(
            sort.removeprefix("-"),
            sort.startswith("-"),
            {name.removeprefix(cls.FILTER): text for name, text in contains.items() if name.startswith(cls.FILTER)},
            {
                name.removeprefix(cls.VALUE): tuple(dict.fromkeys(values))
                for name, values in parameters.items()
                if name.startswith(cls.VALUE)
            },
            tuple(filter(None, one.get("hide", "").split(","))),
        )
        return cls(selection, _start(one.get("from", "")), one.get("facet", ""), one.get("values", ""))

    def check(self, columns: Collection[str]) -> None:
        """Raise BadValueError for a column that a result of some columns has not."""
        self.selection.check(columns)
        Selection(sort=self.facet).check(columns)

    @property
    def is_plain(self) -> bool:
        """True if rows are shown as the query has them, from the first one on."""
        return self == type(self)()

    @property
    def part(self) -> ResultPart:
        """The part of the result that is shown."""
        return ResultPart(self.start, counted=self.facet, containing=self.containing)

    def parameters(self) -> list[tuple[str, str]]:
        """Return the parameters that say the same."""
        chosen = self.selection
        sort = f"{'-' if chosen.descending else ''}{chosen.sort}"
        return [
            *([("sort", sort)] if sort else []),
            *((f"{self.FILTER}{name}", text) for name, text in chosen.contains.items()),
            *((f"{self.VALUE}{name}", key) for name, keys in chosen.values.items() for key in keys),
            *([("hide", ",".join(chosen.hidden))] if chosen.hidden else []),
            *([("facet", self.facet)] if self.facet else []),
            *([("values", self.containing)] if self.containing else []),
            *([("from", str(self.start + 1))] if self.start else []),
        ]

    @classmethod
    def shortened(cls, parameters: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return parameters without those that a form sends empty and that say nothing."""
        return [(name, value) for name, value in parameters if value or not _is_single(name)]

    def of_rows(self) -> Self:
        """Return the same for all rows that match, without what only a page has."""
        return type(self)(self.selection)

    def sorted_by(self, column: str, *, descending: bool) -> Self:
        """Return the same in another order, from the first row on."""
        return replace(self, selection=replace(self.selection, sort=column, descending=descending), start=0)

    def without_filter_of(self, column: str) -> Self:
        """Return the same without the filter of a column."""
        contains = {name: kept for name, kept in self.selection.contains.items() if name != column}
        return replace(self, selection=replace(self.selection, contains=contains), start=0)

    def toggled(self, column: str, key: str) -> Self:
        """Return the same with one value of a column chosen besides others, or without it if it is chosen."""
        chosen = self.selection.values.get(column, ())
        keys = [one for one in chosen if one != key] if key in chosen else [*chosen, key]
        values = {**self.selection.without_values_of(column).values, **({column: keys} if keys else {})}
        return replace(self, selection=replace(self.selection, values=values), start=0)

    def hiding(self, column: str) -> Self:
        """Return the same without a column, or with it if it is hidden."""
        hidden = self.selection.hidden
        changed = [name for name in hidden if name != column] if column in hidden else [*hidden, column]
        return replace(self, selection=replace(self.selection, hidden=changed))

    def counting(self, column: str) -> Self:
        """Return the same with the values of another column counted; empty for none."""
        return replace(self, facet=column, containing="")

    def starting(self, start: int) -> Self:
        """Return the same from another row on."""
        return replace(self, start=start)


def _is_single(name: str) -> bool:
    return name in ResultView.NAMES or name.startswith(ResultView.FILTER)


def _one(name: str, values: Sequence[str]) -> str:
    """Return the one value of a parameter that is not empty; an address and a form may both have it."""
    stated = list(dict.fromkeys(filter(None, values)))
    if len(stated) > 1:
        way_out = f"Write hide={shorten(','.join(stated))}." if name == "hide" else "Give it once."
        raise BadValueError(f"{shorten(name)}= is given {len(stated)} times.", way_out)
    return stated[0] if stated else ""


def _start(stated: str) -> int:
    if not stated:
        return 0
    if not stated.isascii() or not stated.isdigit() or not 0 < len(stated) < 10 or int(stated) == 0:
        raise BadValueError(f"from={shorten(stated)!r} is not the number of a row.", "Give a number from 1 on.")
    return int(stated) - 1
