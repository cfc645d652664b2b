"""Which rooms of the house a task walks through: a room is a module, a move a call into another than the call before.

Calls are counted among the functions of some packages only. To take up a generator again is no call, and a
comprehension is part of the function that it stands in.
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
    """The calls of a task into each room, and its moves."""

    rooms: Counter[str]
    moves: int

    @property
    def calls(self) -> int:
        """All calls."""
        return self.rooms.total()


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
    return Walk(Counter(house.noted), moves=sum(one != other for one, other in pairwise(house.noted)))


class _House:
    def __init__(self, packages: Sequence[Path]) -> None:
        self._packages = tuple(package.resolve() for package in packages)
        self.noted: list[str] = []
        self._room = cache(self._room_of)

    def note(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and (room := self._room(code)) and _is_function(code) and frame.f_lasti <= _start(code):
            self.noted.append(room)

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
