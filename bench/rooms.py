"""Which rooms of the house a task walks through: a room is a module, a change of room a call from one into another.

Calls are counted among the functions of some packages only. A call that goes through a library, such as Flask, comes
from the nearest function of theirs below it. To take up a generator again is no call, and a comprehension is part of
the function that it stands in.

A move is counted besides: a call into another room than the call before it, whoever made either. It tells of going back
and forth (a function that calls a helper next door a hundred times changes rooms a hundred times, and moves once), and
of what a library calls in turn, which no room calls.
"""

from __future__ import annotations

import dis
import inspect
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import CodeType, FrameType

_COMPREHENSIONS = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}


@dataclass(frozen=True)
class Walk:
    """The calls of a task, by the room that they come from and the room that they go into.

    What a library calls with no room below it, or a new thread begins with, comes from "".
    """

    between: Counter[tuple[str, str]]
    functions: int
    moves: int

    @property
    def calls(self) -> int:
        """All calls."""
        return self.between.total()

    @property
    def rooms(self) -> Counter[str]:
        """The calls into each room."""
        rooms: Counter[str] = Counter()
        for (_, into), count in self.between.items():
            rooms[into] += count
        return rooms

    @property
    def changes(self) -> Counter[tuple[str, str]]:
        """The calls from one room into another."""
        return Counter({(come, into): n for (come, into), n in self.between.items() if come not in ("", into)})


def walked(task: Callable[[], object], packages: Sequence[Path]) -> Walk:
    """Do a task and return where it walked in packages, given by their folders; threads that it starts count too."""
    house = _House(packages)
    threading.setprofile(house.note)
    sys.setprofile(house.note)
    try:
        task()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return Walk(
        Counter((come, into) for come, into, _ in house.noted),
        functions=len({code for *_, code in house.noted}),
        moves=sum(one != other for (_, one, _), (_, other, _) in pairwise(house.noted)),
    )


class _House:
    def __init__(self, packages: Sequence[Path]) -> None:
        self._packages = tuple(package.resolve() for package in packages)
        self.noted: list[tuple[str, str, CodeType]] = []
        self._room = cache(self._room_of)

    def note(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and (into := self._room(code)) and _is_function(code) and frame.f_lasti <= _start(code):
            self.noted.append((self._below(frame), into, code))

    def _below(self, frame: FrameType) -> str:
        below = frame.f_back
        while below is not None:
            if room := self._room(below.f_code):
                return room
            below = below.f_back
        return ""

    def _room_of(self, code: CodeType) -> str:
        """Return the name of the module that code stands in; "" for code of others, templates, and a door.

        The door of a package may look up late what it hands on (PEP 562); that is no room.
        """
        path = Path(code.co_filename)
        is_door = path.name == "__init__.py" and code.co_qualname == "__getattr__"
        package = next((package for package in self._packages if path.is_relative_to(package)), None)
        if package is None or path.suffix != ".py" or is_door:
            return ""
        return ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__")


@cache
def _is_function(code: CodeType) -> bool:
    """Return whether code is the body of a function, not of a comprehension, a class or a module."""
    return bool(code.co_flags & inspect.CO_OPTIMIZED) and code.co_name not in _COMPREHENSIONS


@cache
def _start(code: CodeType) -> int:
    """Return the place in the bytecode where a call begins; a generator is taken up again behind it."""
    return next(step.offset for step in dis.get_instructions(code) if step.opname == "RESUME")
