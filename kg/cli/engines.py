"""The commands `citykg replicate` and `citykg engine compare`, and how an engine is named on the command line."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kg.cli.options import ENGINE_OPTIONS, data_option, option, report_errors, showing_progress
from kg.messages import quantity
from kg.store import DataFolder
from kg.workers import QueryLimits, QueryPool

if TYPE_CHECKING:
    from kg.engines import Engine

Command = TypeVar("Command", bound=Callable[..., Any])


def engine_options(words: str, *, is_needed: bool = False) -> Callable[[Command], Callable[..., Any]]:
    """Give a command the options of an engine; it receives `engine`, None where none is named."""

    def decorated(command: Command) -> Callable[..., Any]:
        @wraps(command)
        def run(*args: Any, engine: str | None, **kwargs: Any) -> Any:
            rest = {name: kwargs.pop(name) for name in ENGINE_OPTIONS}
            if engine is None:
                return command(*args, engine=None, **kwargs)
            with closing(_engine(engine, **rest)) as made:
                return command(*args, engine=made, **kwargs)

        for name, (metavar, help_text) in ENGINE_OPTIONS.items():
            run = option(name.replace("_", "-"), help_text, metavar=metavar, default="")(run)
        return option("engine", words, metavar="URL", required=is_needed)(run)

    return decorated


def _engine(
    query: str, *, engine_update: str, engine_graph_store: str, engine_user: str, engine_password: str
) -> Engine:
    from kg.engines import Engine  # noqa: PLC0415 – for those who have one

    return Engine(query, engine_update, engine_graph_store, user=engine_user, password=engine_password)


@click.command()
@engine_options("Address at which the engine answers queries.", is_needed=True)
@option("anew", "Load all of it, whatever the engine holds; what is not ours is removed.", is_flag=True)
@data_option
@report_errors
def replicate(engine: Engine, anew: bool, data: Path) -> None:
    """Bring the copy that an engine holds up to the current revision: load it, or send the changes that it lacks.

    Takes no lock: it may be called beside a running server, if that serves no engine itself.
    """
    from kg.engines import Replica  # noqa: PLC0415 – for those who have one

    with showing_progress() as progress:
        held = Replica(DataFolder(data), engine).advance(progress, anew=anew)
    click.echo(f"The engine holds revision {held.revision} with {quantity(held.changes, 'change')}.")


@click.group()
def engine() -> None:
    """Find out what an engine with a copy of the graph can answer."""


@engine.command()
@engine_options("Address at which the engine answers queries.", is_needed=True)
@option(
    "drawn",
    "How many times each question is asked with values drawn, besides those of its example.",
    default=5,
    show_default=True,
    type=click.IntRange(0),
)
@data_option
@report_errors
def compare(engine: Engine, drawn: int, data: Path) -> None:
    """Ask the engine and the graph here each canned question, and let it be asked those with the same rows.

    To be called again after a build, and once the engine is of another version. Takes no lock: it may be called beside
    a running server, while no changes are made to the graph.
    """
    from kg.engines import Comparison  # noqa: PLC0415 – for those who have one

    folder = DataFolder(data)
    with (
        closing(QueryPool(folder.snapshot(folder.require_build()), QueryLimits(workers=1))) as pool,
        showing_progress() as progress,
    ):
        found = Comparison(folder, engine, pool, drawn).make(progress)
    for question, difference in found.items():
        if difference:
            click.echo(f"{question}: {difference}")
    equal = sum(not difference for difference in found.values())
    click.echo(f"The engine will be asked {equal} of {quantity(len(found), 'question')}: those with the same rows.")
