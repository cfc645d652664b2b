"""Large proposals that are being accepted: that takes longer than a request should, so each has a thread of its own.

How far one has come is known as long as the process lives. If that ends before the change is made, the proposal is
open as before.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kg.curation.advance import Advance, Cancelled
from kg.errors import CityKgError
from kg.history import Record

Accept = Callable[[Advance, Cancelled], Record]
"""Makes the change of a proposal, and notes it; tells its steps, and asks whether it is still wanted."""


@dataclass(frozen=True)
class Acceptance:
    """How far the acceptance of a proposal has come: which step, of how many; or why there is no change."""

    reviewer: str
    step: str = "waiting for its turn"
    done: int = 0
    of: int = 0
    error: CityKgError | None = None

    def as_dict(self, data: Path) -> dict[str, Any]:
        """Return it for JSON; `data` is the data folder, which is not told."""
        if self.error is None:
            return {"reviewer": self.reviewer, "step": self.step, "done": self.done, "of": self.of}
        said = {"title": self.error.title, "detail": self.error.told(data), "hint": self.error.hint}
        return {"reviewer": self.reviewer, "error": said | self.error.details()}


class Acceptances:
    """Those of one process, by the number of the proposal. Safe for use by many threads; to be closed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[int, Acceptance] = {}
        self._threads: dict[int, threading.Thread] = {}
        self._closing = threading.Event()

    def of(self, number: int | None) -> Acceptance | None:
        """Return that of a proposal; None if nobody has begun to accept it, or it is accepted."""
        return None if number is None else self._known.get(number)

    def begin(self, number: int, reviewer: str, accept: Accept) -> Acceptance:
        """Begin to accept a proposal, unless somebody is at it; return how far that has come."""
        with self._lock:
            if number not in self._threads:
                self._known[number] = Acceptance(reviewer)
                self._threads[number] = threading.Thread(target=self._work, args=(number, accept), daemon=True)
                self._threads[number].start()
            return self._known[number]

    def close(self) -> None:
        """Break off what is not made yet."""
        self._closing.set()
        for thread in [*self._threads.values()]:
            thread.join()

    def _work(self, number: int, accept: Accept) -> None:
        def tell(step: str, done: int, of: int) -> None:
            self._known[number] = replace(self._known[number], step=step, done=done, of=of)

        wrong = None
        try:
            accept(tell, self._closing.is_set)
        except CityKgError as error:
            wrong = error
        except Exception:
            traceback.print_exc()
            wrong = CityKgError("It broke off by a fault of the service.", "The operator finds it in the log.")
        with self._lock:
            del self._threads[number]
            known = self._known.pop(number)
            if wrong is not None:
                self._known[number] = replace(known, error=wrong)
