"""From files to a store: load, replay the history, check, infer, validate, write; verify, back up and restore.

A name of this door is imported when it is first used, since most need rdflib and pyshacl, which readers do without.

See docs/decisions/builds.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg.building.backup import back_up, restore
    from kg.building.ledger_file import LedgerFile
    from kg.building.needed import build_if_needed
    from kg.building.pipeline import BuildSummary, build, check_build
    from kg.building.verification import verify

__all__ = [
    "BuildSummary",
    "LedgerFile",
    "back_up",
    "build",
    "build_if_needed",
    "check_build",
    "restore",
    "verify",
]

_MODULES = {
    "LedgerFile": "ledger_file",
    "BuildSummary": "pipeline",
    "back_up": "backup",
    "build": "pipeline",
    "build_if_needed": "needed",
    "restore": "backup",
    "check_build": "pipeline",
    "verify": "verification",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
