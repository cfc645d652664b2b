"""Imports: tables that somebody sent, each to become one change; as jobs with a folder each (kg.jobs.folder).

    <data>/imports/<number>/
        import.json, state.json     what was asked for, and by whom; how far it has come
        table/…, mapping.yaml       the table under the name of its file, and its mapping, as sent
        plan/                       what becomes of each row: report.csv, report.json, unfit, and change.gz

Of an import that is over, the report stays; what it takes to make it goes after a while.
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
"""Days for which the table and the statements of an import that is over are kept."""

_AGAIN = "Import the table again."


class NoSuchImportError(CityKgError):
    """There is no import with that number, or it is somebody else's."""

    title = "There is no such thing"

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no import {number}, or it is not yours to see.", "The list of imports shows yours.")


class ImportFolder(JobFolder):
    """The imports of a data folder. Of those who write, one at a time does."""

    def __init__(self, data: Path) -> None:
        super().__init__(data / "imports", "import")

    def receive(
        self, name: str, request: ImportRequest, mapping: bytes, table: IO[bytes], standing: ImportStatus
    ) -> Import:
        """Keep what was sent under an id, with how far it has come. Raises NoSpaceError, and then nothing is kept."""

        def fill(place: Path) -> dict[str, Any]:
            (place / "table").mkdir()
            size = _copy(table, place / "table" / request.file)
            (place / "mapping.yaml").write_bytes(mapping)
            return {"id": name, "request": asdict(request), "submitted": self.now(), "size": size}

        return self.get(self.add(fill, asdict(standing)))

    def get(self, number: int) -> Import:
        """Return an import. Raises NoSuchImportError, DataFolderError if what is there of it cannot be read."""
        path = self.path / str(number)
        try:
            stated, standing = self.read(number)
            request = stated.pop("request")
            stated.pop("digest", None)  # of the table, which older versions say apart
            return Import(
                path=path,
                number=number,
                request=ImportRequest(**request | {"role": Role(request["role"])}),
                status=ImportStatus(**standing | {"state": ImportState(standing["state"])}),
                **stated,
            )
        except FileNotFoundError:
            raise NoSuchImportError(number) from None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise DataFolderError("{place} cannot be read: {cause}", _AGAIN, place=path, cause=error) from error

    def of_proposal(self, body: bytes) -> Import:
        """Return the import that a proposal is of, by its body. Raises NoSuchImportError, DataFolderError."""
        said = json.loads(body)
        one = self.get(said["import"])
        if (one.id, one.status.digest) != (said["id"], said["digest"]):
            raise NoSuchImportError(one.number)  # the folder was begun anew, and the number given again
        return one

    def read_all(self) -> Iterator[Import]:
        """Yield all imports, the latest first, without those that cannot be read."""
        for number in self.numbers():
            with suppress(NoSuchImportError, DataFolderError):
                yield self.get(number)

    def save_status(self, one: Import, standing: ImportStatus) -> Import:
        """Note how far an import has come, and return it so. Raises NoSpaceError."""
        self.note(one.number, asdict(standing))
        return replace(one, status=standing)

    @staticmethod
    def now(ago: float = 0) -> str:
        """Return the time in UTC as an xsd:dateTime, or what it was some seconds ago; such texts sort as times do."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - ago))

    def tidy(self) -> None:
        """Remove what was left unfinished by who died, and what it took to make imports that are long over."""
        super().tidy()
        for one in self.read_all():
            if one.status.state.is_over and one.status.at < self.now(ago=KEPT_DAYS * 24 * 60 * 60):
                for path in (one.table, one.plan / ImportedChange.FILE):
                    path.unlink(missing_ok=True)


def _copy(source: IO[bytes], target: Path) -> int:
    """Copy a file, and return its size."""
    with target.open("wb") as file:
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())
        return file.tell()
