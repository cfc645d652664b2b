"""Mark the functions over an open store that a worker can run.

A function is marked where it is written, so that callers name the function itself: a type checker sees its arguments
and its value, and an editor leads to it. A worker runs those of the packages that kg.programs.reading_table imports.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import IO, Any, Concatenate, Generic, ParamSpec, TypeVar

from pyoxigraph import Store, Triple

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)

READINGS: dict[str, Reading[..., Any] | WrittenReading[...]] = {}
"""All functions that are marked, in the modules that this process has imported, by name."""


class Reading(Generic[P, R_co]):
    """A function that reads a store, called like any other. Its arguments and its value must be JSON-serialisable."""

    def __init__(self, function: Callable[Concatenate[Store, P], R_co]) -> None:
        self.function = function
        self.name = f"{function.__module__}.{function.__qualname__}"
        READINGS[self.name] = self
        update_wrapper(self, function)

    def __call__(self, store: Store, /, *arguments: P.args, **named: P.kwargs) -> R_co:
        """Read a store that is open in this process."""
        return self.function(store, *arguments, **named)


class TriplesReading(Reading[P, list[Triple]]):
    """A function that returns triples of a store. Its arguments must be JSON-serialisable."""


class WrittenReading(Generic[P]):
    """A function that writes bytes read from a store. Its arguments must be JSON-serialisable."""

    def __init__(self, function: Callable[Concatenate[Store, IO[bytes], P], None]) -> None:
        self.function = function
        self.name = f"{function.__module__}.{function.__qualname__}"
        READINGS[self.name] = self
        update_wrapper(self, function)

    def __call__(self, store: Store, output: IO[bytes], /, *arguments: P.args, **named: P.kwargs) -> None:
        """Read a store that is open in this process, and write into an open file."""
        self.function(store, output, *arguments, **named)
