"""Jobs: what takes longer than a request, with its progress, its process, its queue, and its folder to resume it by."""

from kg.jobs.child import Child
from kg.jobs.control import Advance, CancelledError, Control
from kg.jobs.folder import JobFolder
from kg.jobs.jobs import JobProgress, Jobs
from kg.jobs.turn import Turn

__all__ = ["Advance", "CancelledError", "Child", "Control", "JobFolder", "JobProgress", "Jobs", "Turn"]
