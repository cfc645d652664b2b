"""Jobs: work that takes longer than a request, with its progress, its process, its queue, and a folder to resume it.

`Jobs` runs each job once at a time and knows its progress, `JobQueue` lets jobs run one after the other, `JobProcess`
is the process of a job, whose methods are called over the frames of workers, within limits, until it is done or
cancelled, and `JobFolder` keeps those that are resumed after a kill. A kind of job is a class of its own subject
(`LargeChangeJob`, `MeasuresJob`, `Planning`).
"""

from kg.jobs.child import JobProcess
from kg.jobs.folder import JobFolder
from kg.jobs.jobs import Advance, CancelledError, Control, JobProgress, JobQueue, Jobs
