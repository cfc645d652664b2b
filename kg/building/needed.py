"""Build if needed. A service that starts on a current build does not load the modules that build one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kg.building import sources
from kg.history import History
from kg.store import Build, DataFolder, LiveStore

if TYPE_CHECKING:
    from kg.building.pipeline import BuildSummary, Progress


def build_if_needed(
    folder: DataFolder, progress: Progress = lambda step, steps: None, works: Sequence[str] | None = None
) -> BuildSummary | None:
    """Build unless the current build was made from the present files, is intact, and lacks no exempted change.

    If it is current, finish the work of a writer that died. `works` are those besides the report; None keeps those of
    the current build.

    Returns None if nothing was built. Raises as `build` does.
    """
    current = folder.current()
    wanted = works if works is not None else current.works if current else ()
    if (
        current is None
        or current.works != tuple(wanted)
        or not sources.is_up_to_date(current)
        or folder.integrity.compare(current)
        or _lacks_exempt_change(folder, current)
    ):
        from kg.building.pipeline import build  # noqa: PLC0415 – rdflib and pyshacl

        return build(folder, progress, wanted, measured=bool(current and current.measured))
    LiveStore.finish_interrupted_write(folder, current)
    return None


def _lacks_exempt_change(folder: DataFolder, current: Build) -> bool:
    """Return True if a change that the build withholds was exempted after the build."""
    if not current.withheld_numbers:
        return False
    from kg.building.conformance import Exemptions  # noqa: PLC0415 – pyshacl

    history, exemptions = History(folder.path), Exemptions(folder.path)
    withheld = (history.get(number) for number in current.withheld_numbers)
    return any(record is not None and exemptions.has_exemption(record) for record in withheld)
