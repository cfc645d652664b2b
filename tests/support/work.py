"""Work for the process of a job: by the numbers, and in all the ways in which it may go wrong."""

from __future__ import annotations

import os
import sys
import time

from kg.errors import BadValueError
from kg.jobs import Advance


class Work:
    """Does what a test has it do; `number` is what it was made of."""

    def __init__(self, number: int, advance: Advance) -> None:
        self._number = number
        self._advance = advance

    def add(self, other: int) -> int:
        """Tell a step, and return a sum."""
        self._advance("adding", 1, 2)
        return self._number + other

    def niceness(self) -> int:
        """Return by how much it gives way."""
        return os.nice(0)

    def wait(self) -> None:
        """Tell that it is at it, and come to no end."""
        self._advance("waiting", os.getpid(), 0)
        time.sleep(3600)

    def refuse(self) -> None:
        """End in an error that its reader can mend."""
        raise BadValueError("No.", "Ask for less.")

    def break_off(self) -> None:
        """End in an error that nobody foresaw."""
        raise EOFError

    def take(self, size: int) -> int:
        """Take so many bytes of memory."""
        return len(bytearray(size))

    def write(self, size: int) -> int:
        """Write so many bytes to standard error, which is more than a pipe holds."""
        return sys.stderr.write("x" * size)

    def end(self) -> None:
        """End the process."""
        os._exit(7)
