"""The file of a table as it lies on a disk: plain, or packed by gzip."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

from kg.errors import CityKgError
from kg.reconciliation import reason, table_refusal
from kg.tables.table import LIMITS, Table, TableLimits, parse_table, too_large

_GZIP_SUFFIX = ".gz"


def table_file(path: Path, limits: TableLimits = LIMITS) -> tuple[str, bytes]:
    """Return the name and the bytes of a table, unpacked if the file is called `.gz`: no more than `limits` has.

    Raises CityKgError for a file that cannot be read, RefusedSubmissionError for one that is too large or broken.
    """
    try:
        if path.stat().st_size > limits.bytes:
            raise too_large(path.name, limits)
        body = path.read_bytes()
    except OSError as error:
        raise CityKgError(f"{path} cannot be read: {error.strerror}.", "Name a file that you may read.") from error
    return (
        (path.stem, _decompress(body, path.name, limits)) if path.suffix.lower() == _GZIP_SUFFIX else (path.name, body)
    )


def read_table(path: Path, limits: TableLimits = LIMITS) -> Table:
    """Return the table that a file holds. Raises what `table_file` raises, and RefusedSubmissionError for no table."""
    name, body = table_file(path, limits)
    return parse_table(body, name, limits)


def _decompress(body: bytes, file: str, limits: TableLimits) -> bytes:
    """Return what is packed, of which no more is read than a table may have."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
            found = packed.read(limits.bytes + 1)
    except (OSError, EOFError, zlib.error):
        hint = "Pack it again, or unpack it and name the table itself."
        raise table_refusal(
            reason("{file} is not what gzip has packed, or not whole.", hint, file=file), file
        ) from None
    if len(found) > limits.bytes:
        raise too_large(file, limits)
    return found
