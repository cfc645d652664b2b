"""The content of a proposal from an import: statements in a file of the data folder, identified by its digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from kg.errors import DataFolderError
from kg.rdf.change import ChangeFile
from kg.submissions import Submission


@dataclass(frozen=True)
class ImportedChange:
    """The statements of an import, as the content of a draft; they are read when the change is made.

    What they say of the subjects `taken` has been decided on already.
    """

    MEDIA_TYPE: ClassVar = "application/vnd.citykg.import+json"
    """The type of the body of such a proposal: JSON with the number and id of the import, and the file's digest."""
    FILE: ClassVar = "change.gz"

    file: ChangeFile
    taken: Collection[str] = ()

    @classmethod
    def find(cls, data: Path, body: bytes, taken: Collection[str] = ()) -> ImportedChange:
        """Return the statements that a body refers to. Raises DataFolderError if the file has changed."""
        said = json.loads(body)
        file = data / "imports" / str(said["import"]) / "plan" / cls.FILE
        again = "Import the table again."
        try:
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
        except OSError as error:
            raise DataFolderError("{place} cannot be read: {cause}.", again, place=file, cause=error) from error
        if digest != said["digest"]:
            raise DataFolderError("{place} is not as it was written.", again, place=file)
        return cls(ChangeFile.from_file(file), taken)

    @property
    def size(self) -> int:
        """The number of statements."""
        return self.file.size

    def on_snapshot(self, snapshot: object, seconds: float | None = None) -> Submission:
        """Return the statements, which are the same for any graph."""
        change = self.file.read()
        return Submission(change.without(self.taken) if self.taken else change)
