"""The data folder: immutable builds, the current one, its snapshots, the lock, and the writable store."""

from kg.store.builds import Build, RevisionGoneError, Snapshot
from kg.store.checksums import sha256
from kg.store.data_folder import DataFolder, LockedError
from kg.store.live import LiveStore
from kg.store.reader import FolderReader
