"""Jobs: what takes longer than a request, with its progress, its process, its queue, and its folder to resume it by.

`Jobs` begins a job once at a time and says how far it is, `Turn` is the queue of those that are done one after the
other, `Child` is the process of a job, whose methods are called over the frames of workers, within bounds, until it is
done or given up, and `JobFolder` keeps those that are resumed after a kill. A kind of job is a class of its own subject
(`Preparation`, `Measuring`, `Planning`).
"""

from kg.jobs.child import JobProcess
from kg.jobs.control import Advance, CancelledError, Control
from kg.jobs.folder import JobFolder
from kg.jobs.jobs import JobProgress, Jobs
from kg.jobs.turn import JobQueue

__all__ = ["Advance", "CancelledError", "Control", "JobFolder", "JobProcess", "JobProgress", "JobQueue", "Jobs"]
