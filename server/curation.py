"""What the service needs for changing the graph, opened when first needed: the gate, validation, the desk, the history.

The first change takes the folder's lock, which the service then keeps until it stops. Validating needs no lock.
"""

from __future__ import annotations

import threading

from kg.desk import Desk
from kg.errors import CityKgError
from kg.gate import Gate
from kg.history import History
from kg.snapshots import DataFolder, LockedError
from kg.standing import CurrentValidation


class WrittenElsewhereError(CityKgError):
    """Another process holds the data folder's lock, or the folder cannot be written."""


class PreconditionFailedError(CityKgError):
    """A request is for a graph that is there, or for one that is not, and it is the other way round."""


class OvertakenError(CityKgError):
    """Others have changed the graph each time that an update was evaluated; `retry_after` is in seconds."""

    retry_after = 1


class Curation:
    """How a data folder is changed. Safe for use by many threads; to be closed."""

    def __init__(self, folder: DataFolder, address: str = "") -> None:
        """Take a folder; `address` is told to whoever finds it locked."""
        self._folder = folder
        self._address = address
        self._lock = threading.Lock()
        self._gate: Gate | None = None
        self._validation: CurrentValidation | None = None
        self.desk = Desk(folder.path)
        self.history = History(folder.path)

    def gate(self) -> Gate:
        """Return the writer of the folder. Raises WrittenElsewhereError."""
        with self._lock:
            if self._gate is None:
                try:
                    self._gate = Gate(self._folder, self._address)
                except LockedError as error:
                    raise WrittenElsewhereError(error.message, error.hint) from error
            return self._gate

    def validation(self) -> CurrentValidation:
        """Return what validates changes against the current snapshot."""
        with self._lock:
            if self._validation is None:
                self._validation = CurrentValidation(self._folder)
            return self._validation

    def close(self) -> None:
        """Give up the folder's lock."""
        with self._lock:
            if self._gate is not None:
                self._gate.close()
                self._gate = None
