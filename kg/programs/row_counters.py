"""Count the rows of a table while it is written, from the bytes of the engine's four result formats.

The engine serialises a whole table in one call and returns no count. In each format there is one mark that a row has
exactly once and that no value can contain unescaped.
"""

from __future__ import annotations

from collections.abc import Callable

Counter = Callable[[bytes], int]

_JSON_MARKS = b'"{}'
_NOT_JSON_MARKS = bytes(set(range(256)) - set(_JSON_MARKS))
_ROW_DEPTH = 2  # a row opens inside {"results": {"bindings": [
_ROW = b"<result>"


def counter(media_type: str) -> Counter:
    """Return a function that takes the next bytes of a table and returns the number of rows so far.

    Raises KeyError for a media type that is not a table.
    """
    return _COUNTERS[media_type]()


def _tsv_counter() -> Counter:
    """Count line breaks, which TSV escapes in values; the first line is the header."""
    rows = -1

    def count(chunk: bytes) -> int:
        nonlocal rows
        rows += chunk.count(b"\n")
        return max(rows, 0)

    return count


def _csv_counter() -> Counter:
    """Count line breaks outside quoted values; a doubled quote closes and opens, which changes nothing."""
    rows, quoted = -1, False

    def count(chunk: bytes) -> int:
        nonlocal rows, quoted
        parts = chunk.split(b'"')
        rows += sum(part.count(b"\n") for part in parts[int(quoted) :: 2])
        quoted ^= len(parts) % 2 == 0
        return max(rows, 0)

    return count


def _xml_counter() -> Counter:
    """Count the elements of rows: XML escapes `<` in values."""
    rows, rest = 0, b""

    def count(chunk: bytes) -> int:
        nonlocal rows, rest
        joined = rest + chunk
        rows += joined.count(_ROW)
        rest = joined[-(len(_ROW) - 1) :]
        return rows

    return count


def _json_counter() -> Counter:
    """Count the braces outside strings that open an object at the depth of a row."""
    rows, depth, quoted, rest = 0, 0, False, b""

    def count(chunk: bytes) -> int:
        nonlocal rows, depth, quoted, rest
        joined = rest + chunk
        whole = joined.rstrip(b"\\")
        rest = joined[len(whole) :]
        marks = whole.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _NOT_JSON_MARKS)
        parts = marks.split(b'"')
        for part in filter(None, parts[int(quoted) :: 2]):
            for mark in part:
                rows += mark == ord("{") and depth == _ROW_DEPTH
                depth += 1 if mark == ord("{") else -1
        quoted ^= len(parts) % 2 == 0
        return rows

    return count


_COUNTERS: dict[str, Callable[[], Counter]] = {
    "application/sparql-results+json": _json_counter,
    "application/sparql-results+xml": _xml_counter,
    "text/csv": _csv_counter,
    "text/tab-separated-values": _tsv_counter,
}
