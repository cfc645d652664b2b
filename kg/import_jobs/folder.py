"""The folders of imports: a table was sent for each, which becomes one change (kg.jobs.folder).

    <data>/imports/<number>/
        import.json, state.json     the request, and who sent it; the status
        table/…, mapping.yaml       the table under the name of its file, and its mapping, as sent
        plan/                       the outcome of each row: report.csv, report.json, unfit, and change.gz; and the
                                    mapping, if it was guessed

The report of a finished import stays; its table and its statements are removed after a while.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any

from kg.accounts import Role
from kg.curation.proposals import ImportedChange
from kg.errors import CityKgError, DataFolderError
from kg.import_jobs.job import Import, ImportRequest, ImportState, ImportStatus
from kg.jobs import JobFolder

KEPT_DAYS = 30.0
"""Days for which the table and the statements of a finished import are kept."""

_AGAIN = "Import the table again."


class NoSuchImportError(CityKgError):
    """There is no import with that number, or it belongs to another account."""

    title = "There is no such thing"

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no import {number}, or it is not yours to see.", "The list of imports shows yours.")


class ImportFolder(JobFolder):
    """The imports of a data folder; one process at a time may write them."""

    def __init__(self, data: Path) -> None:
        super().__init__(data / "imports", "import")

    def receive(
        self, name: str, request: ImportRequest, mapping: bytes, table: IO[bytes], standing: ImportStatus
    ) -> Import:
        """Store a table that was sent, under an id.

        Raises NoSpaceError, and then nothing is stored.
        """

        def fill(place: Path) -> dict[str, Any]:
            (place / "table").mkdir()
            size = _copy(table, place / "table" / request.file)
            (place / "mapping.yaml").write_bytes(mapping)
            return {"id": name, "request": asdict(request), "submitted": self.now(), "size": size}

        return self.get(self.add(fill, asdict(standing)))

    def get(self, number: int) -> Import:
        """Return an import.

        Raises NoSuchImportError, and DataFolderError if its folder cannot be read.
        """
        path = self.path / str(number)
        try:
            values, standing = self.read(number)
            request = values.pop("request")
            values.pop("digest", None)  # of the table, which older versions stored separately
            return Import(
                path=path,
                number=number,
                request=ImportRequest(**request | {"role": Role(request["role"])}),
                status=ImportStatus(**standing | {"state": ImportState(standing["state"])}),
                **values,
            )
        except FileNotFoundError:
            raise NoSuchImportError(number) from None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise DataFolderError("{place} cannot be read: {cause}", _AGAIN, place=path, cause=error) from error

    def of_proposal(self, body: bytes) -> Import:
        """Return the import that a proposal refers to in its body.

        Raises NoSuchImportError, DataFolderError.
        """
        reference = json.loads(body)
        one = self.get(reference["import"])
        if (one.id, one.status.digest) != (reference["id"], reference["digest"]):
            raise NoSuchImportError(one.number)  # the folder was created anew, and the number used again
        return one

    def read_all(self) -> Iterator[Import]:
        """Yield all imports that can be read, latest first."""
        for number in self.numbers():
            with suppress(NoSuchImportError, DataFolderError):
                yield self.get(number)

    def save_status(self, one: Import, standing: ImportStatus) -> Import:
        """Store the status of an import, and return the import with it.

        Raises NoSpaceError.
        """
        self.write_state(one.number, asdict(standing))
        return replace(one, status=standing)

    @staticmethod
    def now(ago: float = 0) -> str:
        """Return the time `ago` seconds ago in UTC as an xsd:dateTime; such texts sort as times do."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - ago))

    def drop_unfinished(self) -> None:
        """Remove what killed processes left unfinished, and the tables and statements of imports finished long ago."""
        super().drop_unfinished()
        for one in self.read_all():
            if one.status.state.is_over and one.status.at < self.now(ago=KEPT_DAYS * 24 * 60 * 60):
                for path in (one.table, one.plan / ImportedChange.FILE):
                    path.unlink(missing_ok=True)


def _copy(source: IO[bytes], target: Path) -> int:
    """Copy a file to disk, synced, and return its size in bytes."""
    with target.open("wb") as file:
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())
        return file.tell()
