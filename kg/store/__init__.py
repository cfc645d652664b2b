"""The data folder: immutable built stores, the one that is current, the lock, and the store that is written."""

from kg.store.builds import Build, RevisionGoneError, Snapshot
from kg.store.checksums import sha256
from kg.store.data_folder import DataFolder
from kg.store.live import LiveStore
from kg.store.lock import LockedError
from kg.store.reader import FolderReader

__all__ = [
    "Build",
    "DataFolder",
    "FolderReader",
    "LiveStore",
    "LockedError",
    "RevisionGoneError",
    "Snapshot",
    "sha256",
]
