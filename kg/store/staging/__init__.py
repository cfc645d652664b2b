"""Builds staged beside the current one for a large change, the writer of changes into a store, and changed copies."""

from kg.store.staging.build import StagedBuild
from kg.store.staging.copy import changed_copy
from kg.store.staging.writer import StoreWriter
