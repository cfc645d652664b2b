"""Exemptions: changes that stand although they no longer conform, by an operator's decision.

    <data>/history/exempt/00000003.json    the exemption of change 3: by whom, when, why, and what was wrong with it

It is beside the records, so that it is backed up with them; it contains the hash of the record, and its own.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from kg.building.conformance.broken import BrokenChange
from kg.errors import BadValueError, DataFolderError
from kg.history import Record
from kg.shortage import write_synced

_MEND = "Restore the folder history from a backup, or remove that file and say it again: citykg exempt"


@dataclass(frozen=True)
class Exemption:
    """The exemption of a change. `change` is the hash of its record, `findings` says what was wrong with it."""

    number: int
    change: str
    by: str
    at: str
    reason: str
    findings: tuple[str, ...]
    hash: str = ""

    def with_hash(self) -> Exemption:
        """Return the exemption with the hash of its other fields."""
        stated = json.dumps(asdict(replace(self, hash="")), ensure_ascii=False, sort_keys=True)
        return replace(self, hash=hashlib.sha256(stated.encode()).hexdigest())


class Exemptions:
    """The exemptions of a data folder. Each is written atomically, and needs no lock."""

    def __init__(self, data: Path) -> None:
        self._folder = data / "history" / "exempt"

    def paths(self) -> list[Path]:
        """Return the paths of the files, in the order of the changes."""
        return sorted(self._folder.glob("*.json"))

    def all(self) -> dict[int, Exemption]:
        """Return all exemptions by the numbers of their changes. Raises DataFolderError for a damaged one."""
        return {int(path.stem): self._read(path) for path in self.paths()}

    def has_exemption(self, record: Record) -> bool:
        """Return True if a change is exempt. Raises DataFolderError as `all` does."""
        path = self._path(record.number)
        return path.exists() and self._read(path).change == record.hash

    def exempt_numbers(self, records: Iterable[Record]) -> frozenset[int]:
        """Return the numbers of the exempt ones among the changes. Raises DataFolderError as `all` does."""
        return frozenset(record.number for record in records if self.has_exemption(record))

    def add(self, broken: BrokenChange, by: str, reason: str) -> Exemption:
        """Exempt a change. Raises BadValueError without a reason."""
        reason = " ".join(reason.split())
        if not reason:
            raise BadValueError("An exemption needs a reason.", "Say in a sentence why the change may stand.")
        record, now = broken.record, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        made = Exemption(record.number, record.hash, by, now, reason, tuple(broken.reasons())).with_hash()
        self._folder.mkdir(exist_ok=True)
        write_synced(self._path(record.number), json.dumps(asdict(made), ensure_ascii=False, indent=1))
        return made

    def _read(self, path: Path) -> Exemption:
        try:
            stated = json.loads(path.read_text(encoding="utf-8"))
            found = Exemption(**{**stated, "findings": tuple(stated["findings"])})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise DataFolderError("{place} cannot be read: {cause}", _MEND, place=path, cause=error) from error
        if found != found.with_hash() or found.number != int(path.stem):
            raise DataFolderError("{place} is not what was written.", _MEND, place=path)
        return found

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:08d}.json"
