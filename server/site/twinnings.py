"""The twinnings of the graph with who states and who denies them, as the drawings of pages take them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolution, QuerySolutions, parse_query_results

from kg.queries import Question, find_query
from kg.rdf import namespaces as ns
from kg.rdf.formats import RESULT_FORMAT
from server.figures import Twinning, TwinningSource, TwinPlace
from server.service import service
from server.web import LinkedText

QUERY = "who-states-each-twinning"
"""The canned query that the drawings are made of."""


def query_rows(name: str) -> Iterator[QuerySolution]:
    """Return the rows of a canned query, asked without values."""
    return rows_of(Question(find_query(name)).text())


def rows_of(text: str) -> Iterator[QuerySolution]:
    """Return the rows of a query of ours."""
    answer = service.questions.run(text, RESULT_FORMAT["json"].media_type).read_all()
    solutions = parse_query_results(answer, QueryResultsFormat.JSON)
    assert isinstance(solutions, QuerySolutions)
    return solutions


def twinnings() -> list[Twinning]:
    """Return all twinnings of the graph that the request reads, by name."""
    told = [(_value(row, "twinning"), row) for row in query_rows(QUERY)]
    return [_twinning(iri, [row for _, row in rows]) for iri, rows in groupby(told, key=lambda pair: pair[0])]


def _twinning(iri: str, rows: list[QuerySolution]) -> Twinning:
    said: dict[str, set[TwinningSource]] = {"stated": set(), "denied": set(), "implied": set()}
    for row in rows:
        is_denied, is_implied = (_value(row, name) == "true" for name in ("denied", "implied"))
        source = _source(row, only=_value(row, "standing") if is_denied else "")
        said["denied" if is_denied else "implied" if is_implied else "stated"].add(source)
    stated, denied, implied = (tuple(sorted(sources, key=attrgetter("place"))) for sources in said.values())
    status = sorted({_status(row) for row in rows} - {""})
    one, other = (_place(rows[0], party) for party in ("one", "other"))
    return Twinning(iri, _href(iri), one, other, stated, denied, implied, ", ".join(status))


def _status(row: QuerySolution) -> str:
    """Return what a source says of the status, unless that it is current, and of several works which one says so."""
    status, work = _value(row, "status"), LinkedText.work_name(_value(row, "source"))
    return "" if status in ("", "current") else f"{status}: {work}" if work else status


def _source(row: QuerySolution, only: str) -> TwinningSource:
    """Return who says it; with the standing of a twinning where no other is denied."""
    iri, order = _value(row, "source"), _value(row, "order")
    name = LinkedText.text_in_work(_value(row, "sourceLabel"), iri) + (f": no {only} one" if only else "")
    kind = ns.compact(_value(row, "sourceKind")).rpartition(":")[2]
    return TwinningSource(iri, name, _href(iri), kind, int(order) if order else None, LinkedText.work_name(iri))


def _place(row: QuerySolution, which: str) -> TwinPlace:
    iri, latitude, longitude = (_value(row, f"{which}{part}") for part in ("", "Lat", "Long"))
    return TwinPlace(
        iri=iri,
        name=_value(row, f"{which}Label"),
        href=_href(iri),
        state=_value(row, f"{which}State"),
        state_name=_value(row, f"{which}StateLabel"),
        position=(float(longitude), float(latitude)) if latitude and longitude else None,
    )


def _value(row: QuerySolution, name: str) -> str:
    term = row[name]
    return term.value if isinstance(term, NamedNode | Literal) else ""


def _href(iri: str) -> str:
    return f"/doc/{iri.removeprefix(ns.ID)}"
