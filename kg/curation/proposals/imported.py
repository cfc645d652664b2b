"""What a proposal of an import wants: statements that lie in a file of the data folder, named by their digest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import ClassVar

from kg.errors import DataFolderError
from kg.rdf.change_file import ChangeFile


class ImportedChange:
    """The statements that an import has come to, as a proposal of it names them."""

    MEDIA_TYPE: ClassVar = "application/vnd.citykg.import+json"
    """Of the body of such a proposal, which has the number and the id of the import, and the digest of the file."""
    FILE: ClassVar = "change.gz"

    @classmethod
    def find(cls, data: Path, body: bytes) -> ChangeFile:
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
        return ChangeFile.counted(file)
