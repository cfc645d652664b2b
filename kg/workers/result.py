"""The answer of a query on its way to the client: in memory while it is small, in a temporary file once it is not."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from kg.sparql import Hint

IN_MEMORY = 1 << 20
"""Bytes of an answer up to which it stays in memory."""


@dataclass(frozen=True)
class WorkerResult:
    """A whole answer: its bytes, or an open file at its start, which the receiver closes.

    The file has no name: it is gone once it is closed, also by the death of this process.
    """

    body: bytes | None
    file: BinaryIO | None
    hints: tuple[Hint, ...] = ()
    """What may be amiss with the query, though it is valid."""
    objections: tuple[dict[str, str], ...] = ()
    """Those to its rows, where the workers look for them (kg.evidence)."""
    prepared: Mapping[str, Any] | None = None
    """Of a canned question, what has become of its values (kg.publish.questions: Prepared)."""

    def read_all(self) -> bytes:
        """Return the bytes of the answer, and close it."""
        with self.as_file() as content:
            return content.read()

    def as_file(self) -> BinaryIO:
        """Return the answer as a file."""
        return self.file or io.BytesIO(self.body or b"")


def collect(parts: Iterable[bytes]) -> WorkerResult:
    """Return the parts as one answer. If taking the next part raises, no file stays."""
    kept: list[bytes] = []
    size = 0
    parts = iter(parts)
    for part in parts:
        kept.append(part)
        size += len(part)
        if size > IN_MEMORY:
            return WorkerResult(None, _spool(kept, parts))
    return WorkerResult(b"".join(kept), None)


def _spool(kept: list[bytes], parts: Iterator[bytes]) -> BinaryIO:
    with ExitStack() as unfinished:
        file = cast(BinaryIO, unfinished.enter_context(tempfile.TemporaryFile()))
        file.writelines(kept)
        kept.clear()
        file.writelines(parts)
        unfinished.pop_all()
    file.seek(0)
    return file
