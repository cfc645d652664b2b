"""A result that is open for a block."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from kg.rdf.rows import Row
from kg.results import ResultWriter
from kg.results.database import ResultDatabase, place_of


@contextmanager
def database_of(
    columns: Sequence[str], rows: Sequence[Row], names: Mapping[str, str] = MappingProxyType({}), **evidence: Any
) -> Iterator[ResultDatabase]:
    """Write rows as a result, and open it."""
    writer = ResultWriter(columns)
    writer.take(rows)
    with ResultDatabase.open(place_of(writer.as_bytes(names, **evidence))) as result:
        yield result
