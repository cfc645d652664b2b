"""What a worker reads of a kept result for the service: a part of its rows with names, or all that match as a table.

A list is made as a result by `write_list`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, Store, parse_query_results

from kg.objections import parse_objections
from kg.publish.lists import KindList, things_of_kind
from kg.publish.questions import names_in
from kg.publish.work_names import named_in_work, work_names
from kg.rdf.formats import RESULT_TYPES
from kg.rdf.labels import display_names
from kg.rdf.lookup import Term
from kg.rdf.rows import FirstRows
from kg.rdf.vocabulary import XSD
from kg.readings import WrittenReading
from kg.results.columns import ColumnType
from kg.results.database import ResultDatabase
from kg.results.order import name_key
from kg.results.rows import ResultRows
from kg.results.selection import ResultPart, Selection
from kg.results.writer import Cell, ResultWriter
from kg.sparql.evaluation import write_rows
from kg.views import View, Voices

if TYPE_CHECKING:
    from kg.evidence import Evidence

THING = "name"
"""The column of the things, which are found and sorted by their names."""
_LISTED_AT_ONCE = 5_000  # each of the columns is a query then, whose rows are in memory
_COLUMNS_OF_IRIS = 2  # of those that evidence adds


def evidence_of(rows: ResultRows) -> Evidence | None:
    """Return the evidence of rows, None if the result has none."""
    if rows.evidence is None or rows.beside is None:
        return None
    from kg.evidence import Evidence, Gap, RowEvidence  # noqa: PLC0415 – most workers never need it

    gaps = tuple(Gap(**gap) for gap in rows.beside["gaps"])
    found = tuple(map(RowEvidence.from_json, rows.evidence))
    named = rows.found.display_names
    return Evidence(rows.as_table(), found, gaps, has_objections=rows.beside["has_objections"], called=named)


@WrittenReading
def read_rows(
    store: Store, output: IO[bytes], place: str, selected: Mapping[str, Any], wanted: Mapping[str, Any]
) -> None:
    """Write a part of the rows that match as ResultRows in JSON, with the names of all that is in them.

    `place` is where the result is (place_of); `selected` and `wanted` are a Selection and a ResultPart. Raises
    BadValueError for a column that there is not, DamagedResultError.
    """
    selection, part = Selection.from_json(selected), ResultPart(**wanted)
    with ResultDatabase.open(place) as result:
        rows = result.rows(selection, part.start, part.most, FirstRows.LONGEST)
        values = result.values(part.counted, selection, part.containing) if part.counted else None
    evidence = evidence_of(rows)
    names = names_in(store, rows.found, part.lists, evidence.iris if evidence else ())
    output.write(rows.with_names(names).with_values(values).as_json())


@WrittenReading
def read_columns(store: Store, output: IO[bytes], place: str, selected: Mapping[str, Any]) -> None:
    """Write the columns that a table of all rows that match has (write_table), each as ColumnType in JSON."""
    with ResultDatabase.open(place) as result:
        types = result.types(Selection.from_json(selected))
    beside = () if result.beside is None else _evidence_columns([one.name for one in types], result.beside)
    output.write(json.dumps([asdict(one) for one in (*types, *beside)], ensure_ascii=False).encode())


def _evidence_columns(names: Sequence[str], beside: Mapping[str, Any]) -> Iterator[ColumnType]:
    """Yield the columns that evidence adds to a table."""
    from kg.evidence import COLUMN_MEANINGS, added_columns  # noqa: PLC0415 – most workers never need it

    added = added_columns(names, has_objections=beside["has_objections"])
    for place, (name, meaning) in enumerate(zip(added, COLUMN_MEANINGS, strict=False)):
        if place < _COLUMNS_OF_IRIS:
            yield ColumnType(name, ColumnType.THING, separator=" ", meaning=meaning)
        else:
            yield ColumnType(name, ColumnType.LITERAL, XSD.string.value, meaning=meaning)


@WrittenReading
def read_view(store: Store, output: IO[bytes], place: str, selected: Mapping[str, Any], wanted: str) -> None:
    """Write all rows that match, drawn in a view, as View in JSON (kg.views), with the names of what is drawn."""
    with ResultDatabase.open(place) as result:
        rows = result.rows(Selection.from_json(selected), most=ResultWriter.MOST_ROWS)
    view = View.of(rows.as_first_rows(), wanted, _voices(rows))
    names = display_names(store, [iri for iri in view.iris if iri not in view.called])
    output.write(replace(view, called={**view.called, **names}).as_json())


def _voices(rows: ResultRows) -> Iterator[Voices]:
    """Yield who speaks of each row, if the result has evidence."""
    for said in rows.evidence or ():
        objections = tuple((one["kind"], one["passage"]) for one in said["objections"])
        yield Voices(objections, tuple(said["sources"]))


@WrittenReading
def write_table(store: Store, output: IO[bytes], place: str, selected: Mapping[str, Any], media_type: str) -> None:
    """Write all rows of a result that match, in a format of tables, with columns for their evidence if there is any."""
    with ResultDatabase.open(place) as result:
        rows = result.rows(Selection.from_json(selected), most=ResultWriter.MOST_ROWS)
    evidence = evidence_of(rows)
    table = evidence.with_columns() if evidence else json.dumps(rows.as_table(), ensure_ascii=False).encode()
    answer = parse_query_results(table, QueryResultsFormat.JSON)
    assert isinstance(answer, QuerySolutions)
    table_format = RESULT_TYPES[media_type]
    if table_format.engine:
        answer.serialize(output, table_format.engine)
    else:
        names = [variable.value for variable in answer.variables]
        write_rows(table_format, names, answer, cast(BinaryIO, output), partial(display_names, store))


@WrittenReading
def write_list(store: Store, output: IO[bytes], kind: str) -> None:
    """Write the list of a kind, in its order, as ResultWriter has it.

    Of an objection its kind counts as the value. Passages are called with their work where there are several.
    """
    of_kind = KindList(kind)
    columns, things = of_kind.headings, things_of_kind(store, kind).split()
    writer = ResultWriter([THING, *columns], columns)
    writer.take(_listed_rows(store, of_kind, things))
    works, found = work_names(store), of_kind.names(store, writer.iris)
    names = {iri: named_in_work(works, iri, name) for iri, name in found.items()}
    output.write(writer.as_bytes(names, sort_key=partial(name_key, names)))


def _listed_rows(store: Store, of_kind: KindList, things: Sequence[str]) -> Iterator[Sequence[Cell | None]]:
    """Yield the rows of a list."""
    for start in range(0, len(things), _LISTED_AT_ONCE):
        some = things[start : start + _LISTED_AT_ONCE]
        for iri, cells in zip(some, of_kind.values(store, some), strict=True):
            # sorted, so that cells of the same values are one
            yield NamedNode(iri), *(tuple(sorted(_terms(values), key=str)) or None for values in cells)


def _terms(values: Sequence[NamedNode | Literal]) -> Iterator[Term]:
    """Yield the values of a cell, each once: an objection for each of its kinds."""
    kinds = set[str]()
    for value in values:
        objections = parse_objections(value.value) if isinstance(value, Literal) else ()
        if not objections:
            yield value
        kinds.update(kind for kind, _ in objections)
    yield from (Literal(kind.replace("-", " ")) for kind in sorted(kinds))
