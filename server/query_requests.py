"""Read a request for the answer of a canned query: its values, its format, and which rows are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from pyoxigraph import Store
from werkzeug.datastructures import MultiDict

from kg import catalogue, choices, paging
from kg.catalogue import CannedQuery
from kg.errors import BadValueError
from kg.paging import Window
from kg.parameters import shown


@dataclass(frozen=True)
class CannedRequest:
    """What a request asks of a canned query. `values` are checked; `format_name` is empty if Accept decides."""

    query: CannedQuery
    values: Mapping[str, str]
    window: Window
    format_name: str


def read(store: Store, query: CannedQuery, arguments: MultiDict[str, str]) -> CannedRequest:
    """Return what the parameters of an address ask; empty ones, as forms send them, count as not given.

    A query that needs values and is given none is asked for its examples. Raises BadValueError for a parameter that is
    unknown, repeated, or has a value that does not fit.
    """
    _refuse_unknown(query, arguments)
    _refuse_repeated(arguments)
    given = {name: value for name, value in arguments.items() if value}
    values = choices.checked(store, query, {k: v for k, v in given.items() if k not in catalogue.RESERVED})
    return CannedRequest(query, values or _examples(query), _window(query, given), given.get("format", ""))


def _refuse_unknown(query: CannedQuery, arguments: MultiDict[str, str]) -> None:
    known = [*(parameter.name for parameter in query.parameters), *catalogue.RESERVED]
    for name in arguments:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            guess = f" Did you mean {near[0]}?" if near else ""
            raise BadValueError(
                f"{query.name} has no parameter {shown(name)}.{guess}", f"There are: {', '.join(known)}."
            )


def _refuse_repeated(arguments: MultiDict[str, str]) -> None:
    for name, values in arguments.lists():
        if len(values) > 1:
            given = ", ".join(map(shown, values[:3]))
            raise BadValueError(f"The parameter {name} is given {len(values)} times: {given}.", "Give it once.")


def _examples(query: CannedQuery) -> dict[str, str]:
    return {p.name: p.example for p in query.parameters if p.default is None and not p.optional}


def _window(query: CannedQuery, given: Mapping[str, str]) -> Window:
    wanted = {name: paging.row_count(name, given[name]) for name in ("limit", "offset") if name in given}
    hindrance = paging.hindrance(query.text)
    if wanted and hindrance:
        raise BadValueError(
            f"{query.name} cannot be asked for in pages, since {hindrance}.", "Leave out limit and offset."
        )
    return Window(wanted.get("limit"), wanted.get("offset", 0))
