"""Rows of a SELECT as a pandas frame: a column for each variable, typed by its literals.

pandas and matplotlib belong to the extra `notebook`, and are imported when they are needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode, QuerySolutions

from kg.errors import CityKgError
from kg.objections import shorten
from kg.rdf import namespaces as ns
from kg.rdf.lookup import Term
from kg.rdf.vocabulary import XSD

if TYPE_CHECKING:
    from pandas import DataFrame, Series

Value = str | int | float | bool | date | None

_DTYPES: dict[frozenset[type], str] = {
    frozenset({int}): "Int64",
    frozenset({float}): "Float64",
    frozenset({int, float}): "Float64",
    frozenset({bool}): "boolean",
    frozenset({date}): "datetime64[s]",  # in nanoseconds, years before 1678 have no place
}
_READERS: dict[NamedNode, Callable[[str], Value]] = {
    XSD.integer: int,
    XSD.decimal: float,
    XSD.double: float,
    XSD.float: float,
    XSD.boolean: lambda text: {"true": True, "1": True, "false": False, "0": False}[text],
    XSD.date: date.fromisoformat,
}


def frame_of(solutions: QuerySolutions) -> DataFrame:
    """Return the rows as a frame; IRIs in their short form if there is one, such as city:leeds.

    Numbers, truth values and dates have nullable types of pandas; everything else is text. Raises CityKgError if pandas
    is not installed.
    """
    names = [variable.value for variable in solutions.variables]
    rows = list(solutions)
    columns = {name: _column([_value(row[name]) for row in rows]) for name in names}
    frame: DataFrame = import_extra("pandas").DataFrame(columns, index=range(len(rows)))
    return frame


def _column(values: Sequence[Value]) -> Series:
    pandas = import_extra("pandas")
    kinds = frozenset(type(value) for value in values if value is not None)
    try:
        return pandas.Series(values, dtype=_DTYPES.get(kinds, "string" if kinds <= {str} else "object"))
    except OverflowError:  # integers have any length
        return pandas.Series(values, dtype="object")


def _value(term: Term | None) -> Value:
    """Return a term as a Python value, IRIs in short form; a literal that its datatype does not allow as its text."""
    if term is None:
        return None
    if not isinstance(term, Literal):
        return ns.compact(term.value) if isinstance(term, NamedNode) else str(term)
    try:
        value = _READERS.get(term.datatype, str)(term.value)
    except (ValueError, KeyError):
        return term.value
    if isinstance(value, str):
        return shorten(value)
    return None if isinstance(value, float) and math.isnan(value) else value


def import_extra(module: str) -> Any:
    """Return a module of pandas or matplotlib. Raises CityKgError if it is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        raise CityKgError(
            f"Notebooks need {module.partition('.')[0]}, which is not installed.",
            "Install it: pip install 'city-diplomacy-kg[notebook]', in a copy of the project pip install '.[notebook]'",
        ) from error
