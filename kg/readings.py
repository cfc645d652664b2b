"""Functions of ours over an open store that a worker can be given to do.

Each is marked where it is written, so that a caller names the function itself: a checker of types sees its
arguments and its value, and an editor leads to it. Which of them a worker does stands in kg.programs.readings.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import IO, Concatenate, Generic, ParamSpec, TypeVar

from pyoxigraph import Store, Triple

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)


class Reading(Generic[P, R_co]):
    """A function that reads a store, called as any other. Its arguments and its value are what JSON can hold."""

    def __init__(self, function: Callable[Concatenate[Store, P], R_co]) -> None:
        self.function = function
        self.name = f"{function.__module__}.{function.__qualname__}"
        update_wrapper(self, function)

    def __call__(self, store: Store, /, *arguments: P.args, **named: P.kwargs) -> R_co:
        """Read a store that is open in this process."""
        return self.function(store, *arguments, **named)


class TriplesReading(Reading[P, list[Triple]]):
    """A function that returns triples of a store. Its arguments are what JSON can hold."""


class WrittenReading(Generic[P]):
    """A function that writes what it reads of a store, as bytes. Its arguments are what JSON can hold."""

    def __init__(self, function: Callable[Concatenate[Store, IO[bytes], P], None]) -> None:
        self.function = function
        self.name = f"{function.__module__}.{function.__qualname__}"
        update_wrapper(self, function)

    def __call__(self, store: Store, output: IO[bytes], /, *arguments: P.args, **named: P.kwargs) -> None:
        """Read a store that is open in this process, and write into an open file."""
        self.function(store, output, *arguments, **named)
