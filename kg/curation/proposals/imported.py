"""What a proposal of an import wants: statements that lie in a file of the data folder, named by their digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from kg.errors import DataFolderError
from kg.rdf.change import ChangeFile
from kg.submissions import Submission


@dataclass(frozen=True)
class ImportedChange:
    """The statements that an import has come to, as the content of a draft; they are read when it is made."""

    MEDIA_TYPE: ClassVar = "application/vnd.citykg.import+json"
    """Of the body of such a proposal, which has the number and the id of the import, and the digest of the file."""
    FILE: ClassVar = "change.gz"

    file: ChangeFile

    @classmethod
    def find(cls, data: Path, body: bytes) -> ImportedChange:
        """Return the statements that a body names. Raises DataFolderError if they are not those that were shown."""
        said = json.loads(body)
        file = data / "imports" / str(said["import"]) / "plan" / cls.FILE
        again = "Import the table again."
        try:
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
        except OSError as error:
            raise DataFolderError("{place} cannot be read: {cause}.", again, place=file, cause=error) from error
        if digest != said["digest"]:
            raise DataFolderError("{place} is not as it was written.", again, place=file)
        return cls(ChangeFile.from_file(file))

    @property
    def size(self) -> int:
        """How many there are."""
        return self.file.size

    def on_snapshot(self, snapshot: object, seconds: float | None = None) -> Submission:
        """Return them: they are the same upon any graph."""
        return Submission(self.file.read())
