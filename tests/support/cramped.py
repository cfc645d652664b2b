"""What decides on the rows of an import, on a disk that is full after a page of each file."""

from __future__ import annotations

import resource
from typing import Any

from kg.import_jobs.planning_job import Planning


class Cramped(Planning):
    """Has no room for a plan."""

    def plan(self) -> dict[str, Any]:
        """Decide where files may have four kilobytes."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        return super().plan()
