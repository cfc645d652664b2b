"""What whoever runs the service may set: one table, from which the command line and its help come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import click

from kg.query_workers import Limits

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Setting:
    """A limit on queries: the field of Limits that it sets, its lowest value, and what it means with its unit."""

    field: str
    lowest: float
    help: str


LIMIT_SETTINGS = (
    Setting("seconds", 0.1, "Seconds that a query may take; a client may ask for less (timeout=)."),
    Setting("rows", 1, "Rows of a table, or triples of a graph, in one answer."),
    Setting("result_bytes", 1024, "Bytes of one answer."),
    Setting("query_length", 100, "Characters of a query."),
    Setting("memory_bytes", 64 << 20, "Bytes of memory that a query may take."),
    Setting("workers", 1, "Worker processes: queries that run at the same time."),
    Setting("queue", 0, "Queries that wait for a worker; more get 503."),
)


def limit_options(command: Command) -> Command:
    """Give a command an option for each limit; it receives them as keyword arguments named like the fields."""
    defaults = Limits()
    kinds = {field.name: field.type for field in fields(Limits)}
    for setting in reversed(LIMIT_SETTINGS):
        is_whole = kinds[setting.field] == "int"
        value_range = click.IntRange(min=int(setting.lowest)) if is_whole else click.FloatRange(min=setting.lowest)
        command = click.option(
            f"--{setting.field.replace('_', '-')}",
            envvar=f"CITYKG_{setting.field.upper()}",
            default=getattr(defaults, setting.field),
            show_default=True,
            type=value_range,
            help=setting.help,
        )(command)
    return command
