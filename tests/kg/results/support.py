"""A result in a file that is gone after the block."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kg.rdf.rows import Row
from kg.results import ResultWriter
from kg.results.database import ResultDatabase


@contextmanager
def database_of(
    columns: Sequence[str], rows: Sequence[Row], names: Mapping[str, str] = MappingProxyType({}), **evidence: Any
) -> Iterator[ResultDatabase]:
    """Write rows as a result, and open it."""
    writer = ResultWriter(columns)
    writer.take(rows)
    with tempfile.NamedTemporaryFile() as file:
        file.write(writer.as_bytes(names, **evidence))
        file.flush()
        with ResultDatabase.open(Path(file.name)) as result:
            yield result
