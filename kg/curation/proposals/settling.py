"""Settle proposals whose change was made without noting the acceptance: the writer died, or had no room."""

from __future__ import annotations

import threading
from contextlib import suppress

from kg.accounts import Database
from kg.curation.proposals.kept import AlreadyDecidedError, Proposals
from kg.errors import DataFolderError
from kg.history import History, Record


class Settling:
    """Notes such acceptances once, and again after one could not be noted. Safe for use by many threads."""

    def __init__(self, database: Database, history: History) -> None:
        self._database = database
        self._proposals = Proposals(database)
        self._history = history
        self._lock = threading.Lock()
        self._is_done = False
        self._settled: dict[int, Record] = {}

    def accepted_change(self, number: int, reviewer: str) -> Record | None:
        """Return the change of a settled proposal for its reviewer, who tries again after getting no answer."""
        self.settle()
        record = self._settled.get(number)
        return record if record is not None and record.reviewer == reviewer else None

    def begin_again(self) -> None:
        """Settle again the next time, since an acceptance could not be noted."""
        self._is_done = False

    def settle(self) -> None:
        """Note which open proposals have become changes; do nothing if the database cannot be read or written."""
        if self._is_done:
            return
        with self._lock, suppress(DataFolderError):
            if self._database.exists():
                self._note_made()
            self._is_done = True

    def _note_made(self) -> None:
        """Look for the changes of open proposals, from the last change back to the first of their submissions."""
        pending = {proposal.change_id: proposal for proposal in self._proposals.all_open()}
        since = min((proposal.submitted for proposal in pending.values()), default="")
        for number in range(self._history.count() if pending else 0, 0, -1):
            record = self._history.get(number)
            if record is None or record.at < since or not pending:
                return
            proposal = pending.pop(record.id, None)
            if proposal is not None:
                self._settled[proposal.number] = record
                with suppress(AlreadyDecidedError):  # another process has settled it already
                    self._proposals.accept(proposal.number, record.reviewer or record.agent, record.number)
