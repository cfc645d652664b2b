"""From files to a store: load, replay the history, check, infer, validate, write; verify, back up and restore."""

from kg.building.backup import back_up, restore
from kg.building.ledger_file import LedgerFile
from kg.building.pipeline import Summary, build, build_if_needed
from kg.building.verification import Check, verify

__all__ = ["Check", "LedgerFile", "Summary", "back_up", "build", "build_if_needed", "restore", "verify"]
