"""Processes that die at an order: one that has imported everything, and has no threads, forks each of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable


class Dying:
    """A program that calls `fork_for_each`; as a block, it ends with it."""

    def __init__(self, program: str, *arguments: object) -> None:
        command = [sys.executable, program, *map(str, arguments)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Dying:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def ends(self, order: str) -> int:
        """Return how a process ends that carries out an order: by which signal, as its negative number."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{order}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def fork_for_each(do: Callable[[str], None]) -> None:
    """Fork a process for each line of standard input, one after the other, and print how it has ended."""
    for order in sys.stdin:
        forked = os.fork()
        if forked == 0:
            do(order.removesuffix("\n"))
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]), flush=True)
