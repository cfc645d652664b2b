"""Select the changes of a list: those that a request asks for, newest first, in pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import urlencode

from kg.errors import BadValueError, UnknownNameError, shorten
from kg.history import History, Record
from kg.rdf import namespaces as ns

PAGE = 50
"""Changes, or proposals, a page."""
FILTERS = ("agent", "source", "graph", "about", "since", "after")


@dataclass(frozen=True)
class ChangeListRequest:
    """A request for a list: its non-empty filters by name, the page (from 1), and the revision or ""."""

    filters: Mapping[str, str]
    page: int = 1
    revision: str = ""

    def query_string(self, page: int) -> str:
        """Return what follows the question mark in the address of a page of the list."""
        more = {"page": page if page > 1 else None, "at": self.revision or None}
        return urlencode({**self.filters, **{name: value for name, value in more.items() if value is not None}})

    def page_address(self, address: str, page: int) -> str:
        """Return the address of a page of the list."""
        query = self.query_string(page)
        return f"{address}?{query}" if query else address


@dataclass(frozen=True)
class ChangeListPage:
    """A page of changes, and whether another one follows."""

    request: ChangeListRequest
    records: tuple[Record, ...]
    has_more: bool

    def neighbours(self, address: str) -> dict[str, str]:
        """Return the addresses of the pages before and behind, by relation (RFC 8288)."""
        page = self.request.page
        before = {"prev": self.request.page_address(address, page - 1)} if page > 1 else {}
        return before | ({"next": self.request.page_address(address, page + 1)} if self.has_more else {})


def read_request(parameters: Mapping[str, str]) -> ChangeListRequest:
    """Return what a request asks for. Raises UnknownNameError for another parameter, BadValueError for a value."""
    for name in parameters:
        if name not in (*FILTERS, "page", "at"):
            raise UnknownNameError("parameter", name, [*FILTERS, "page", "at"])
    page = page_number(parameters)
    filters = {name: parameters[name] for name in FILTERS if parameters.get(name)}
    if "about" in filters:
        History.thing_iri(filters["about"])
    if "since" in filters:
        _moment(filters["since"])
    if "after" in filters:
        _number(filters["after"])
    return ChangeListRequest(filters, page, parameters.get("at", ""))


def page_number(parameters: Mapping[str, str]) -> int:
    """Return the page that a request asks for, from 1. Raises BadValueError."""
    page = parameters.get("page") or "1"
    if not page.isascii() or not page.isdigit() or len(page) > 6 or int(page) < 1:
        raise BadValueError(f"page={shorten(page)!r} is not the number of a page.", "For example: page=2")
    return int(page)


def find_page(history: History, last: int, wanted: ChangeListRequest) -> ChangeListPage:
    """Return a page of the changes up to number `last`, newest first."""
    start = (wanted.page - 1) * PAGE
    found = tuple(islice(_matching_records(history, last, wanted.filters), start, start + PAGE + 1))
    return ChangeListPage(wanted, found[:PAGE], len(found) > PAGE)


def _matching_records(history: History, last: int, filters: Mapping[str, str]) -> Iterator[Record]:
    since = _moment(filters["since"]) if "since" in filters else ""
    about = History.thing_iri(filters["about"]) if "about" in filters else ""
    graph = _graph(filters["graph"]) if "graph" in filters else ""
    for number in history.numbers_about([about], last) if about else range(last, 0, -1):
        if number <= _number(filters.get("after", "0")):
            return
        record = history.get(number)
        if record is None:
            return
        if record.at < since:  # older ones may be newer by a clock that was set back
            continue
        if about and not record.mentions(about):
            continue
        if _is_by(record, filters) and (not graph or graph in record.graphs()):
            yield record


def _is_by(record: Record, filters: Mapping[str, str]) -> bool:
    agents = (record.agent, record.reviewer)
    return filters.get("agent", record.agent) in agents and filters.get("source", record.source) == record.source


def _graph(name: str) -> str:
    return name if "://" in name else ns.GRAPH + name


def _number(text: str) -> int:
    """Return the number of a change, or 0. Raises BadValueError."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadValueError(f"after={text!r} is not the number of a change.", "For example: after=7")
    return int(text)


def _moment(text: str) -> str:
    """Return a date or a date with a time as UTC, in the form that records have. Raises BadValueError."""
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))  # a plus sign in an address reads as a space
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadValueError(f"since={text!r} is not a valid date.", "For example: since=2026-11-25T12:00:00Z") from None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
