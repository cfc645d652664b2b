"""The answer of a task: in memory if it is small, else in a temporary file."""

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
    """Hints on the query."""
    objections: tuple[dict[str, str], ...] = ()
    """Objections to its rows, where the worker looks for them (kg.evidence)."""
    prepared: Mapping[str, Any] | None = None
    """The checked values of a canned question (kg.publish.questions: Prepared)."""

    def read_all(self) -> bytes:
        """Return the bytes of the answer, and close its file."""
        with self.as_file() as content:
            return content.read()

    def as_file(self) -> BinaryIO:
        """Return the answer as a file."""
        return self.file or io.BytesIO(self.body or b"")


def collect(parts: Iterable[bytes]) -> WorkerResult:
    """Join the parts to one answer. If a part raises, no file is left."""
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
