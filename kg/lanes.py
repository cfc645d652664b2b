"""The lanes of a pool: which tasks have a worker and which wait, so that long ones never hold up short ones.

Each kind of task has slots of its own (Slots), and queries of clients two lanes: those in the slow one may have all
slots of its kind but one. A query begins in the fast lane; after FAST_SECONDS it goes on in the slow one if there is
room, else it is stopped as soon as another waits for the fast lane, to begin anew in the slow one. See
docs/decisions/query-workers.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

FAST_SECONDS = 0.2
"""Seconds of work on a query in the fast lane, while another waits for it."""


class Lane(StrEnum):
    """The lane in which a request waits; it decides what may run beside it."""

    FAST = "fast"
    SLOW = "slow"
    ASIDE = "aside"
    """For work that needs no worker for queries, or not all the time, such as the validation of submissions."""
    OWN = "own"
    """For pages, documents, and whatever else is not a query."""
    ASSIST = "assist"
    """For help to an editor of queries: it is short, and of no use if it comes late."""


class Slots(StrEnum):
    """The kinds of slots of a pool. There are as many of each kind, and a task takes only slots of its own kind."""

    QUERIES = "queries"
    """For the queries of clients, and for our own tasks that read the whole graph."""
    OWN = "own"
    """For our other functions, and for canned queries."""
    EVIDENCE = "evidence"
    """For queries whose rows say who says so."""
    ASSIST = "assist"
    """For completion, checks and the like, so that nothing else delays them, and they delay nothing else."""


class OtherLaneError(BaseException):
    """A query is to be asked anew in another lane. Not an Exception, which handlers would answer."""

    def __init__(self, lane: Lane) -> None:
        super().__init__(lane)
        self.lane = lane


class ClientGoneError(BaseException):
    """The client has closed the connection, so no one waits. Not an Exception, which handlers would answer."""


@dataclass(frozen=True)
class ClientTurn:
    """The turn of a client in a lane, for one query.

    `mark` notes that the query takes long, so that the next ones of the client begin in the slow lane for a while;
    `is_marked` says whether they do, and `is_gone` whether the client has closed the connection.
    """

    client: str
    lane: Lane
    mark: Callable[[], object] = lambda: None
    is_marked: Callable[[], bool] = lambda: False
    is_gone: Callable[[], bool] = lambda: False
