"""The command line: `citykg build | query | export`, and the commands that other modules and packages add.

The web server is such a package: it registers `serve` under the entry point group `citykg.commands`, so that the
library does not depend on it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib.metadata import entry_points
from pathlib import Path
from typing import ParamSpec

import click
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store
from rich.console import Console
from rich.progress import Progress

from kg import building, catalogue, choices, entities, parameters, querying, terminal
from kg import namespaces as ns
from kg.errors import CityKgError, QueryError, UnknownNameError, UnreadableError
from kg.formats import GRAPH_FORMAT, RESULT_FORMAT, GraphFormat, ResultFormat
from kg.snapshots import DataFolder

P = ParamSpec("P")

ERRORS = Console(stderr=True, highlight=False, soft_wrap=True)


def main() -> None:
    """Run the command line; every foreseen mistake ends in a sentence and a way out, never in a traceback."""
    for entry in entry_points(group="citykg.commands"):
        cli.add_command(entry.load(), entry.name)
    cli(prog_name="citykg")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Build, query, check and serve the City Diplomacy Knowledge Graph."""


def says_what_is_wrong(command: Callable[P, None]) -> Callable[P, None]:
    """Turn a foreseen error of a command into its message on standard error and exit code 1 (unreadable: 2)."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except CityKgError as error:
            ERRORS.print(str(error), markup=False)
            sys.exit(2 if isinstance(error, UnreadableError) else 1)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    return run


data_option = click.option(
    "--data",
    envvar="CITYKG_DATA",
    default="data",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the built graph.",
)


@contextmanager
def progress_shown(steps: int) -> Iterator[building.Progress]:
    """Show the steps of long work as a progress bar on a terminal, as plain lines elsewhere."""
    if not ERRORS.is_terminal:
        yield lambda step: ERRORS.print(f"{step} …", markup=False)
        return
    with Progress(console=ERRORS, transient=True) as bar:
        task = bar.add_task("starting …", total=steps)
        yield lambda step: bar.update(task, description=f"{step} …", advance=1)


@cli.command()
@data_option
@says_what_is_wrong
def build(data: Path) -> None:
    """Load, validate and infer; write the store and its snapshot."""
    with progress_shown(building.STEPS) as progress:
        summary = building.build(DataFolder(data), progress)
    terminal.print_summary(summary)


@cli.command()
@click.argument("source", metavar="NAME|FILE|-", required=False)
@click.option(
    "-p",
    "--parameter",
    "given",
    envvar="CITYKG_PARAMETER",
    multiple=True,
    metavar="NAME=VALUE",
    help="Value of a parameter; may be repeated.",
)
@click.option(
    "--format",
    "format_name",
    envvar="CITYKG_QUERY_FORMAT",
    default="table",
    show_default=True,
    type=click.Choice(["table", *RESULT_FORMAT, *GRAPH_FORMAT]),
    help="Format of the answer.",
)
@click.option("--list", "listing", envvar="CITYKG_LIST", is_flag=True, help="List the canned queries and stop.")
@data_option
@says_what_is_wrong
def query(source: str | None, given: tuple[str, ...], format_name: str, listing: bool, data: Path) -> None:
    """Run a canned query by its NAME, a query FILE, or a query from standard input (-)."""
    if listing or source is None:
        terminal.print_catalogue(catalogue.canned_queries().values())
        return
    store = DataFolder(data).open()
    answer = querying.run(store, _query_text(store, source, _pairs(given)))
    if format_name == "table":
        terminal.print_answer(answer)
        return
    fmt: ResultFormat | GraphFormat = RESULT_FORMAT.get(format_name) or GRAPH_FORMAT[format_name]
    sys.stdout.buffer.write(querying.serialise(answer, fmt))


def _query_text(store: Store, source: str, values: dict[str, str]) -> str:
    is_file = source == "-" or (source.endswith((".rq", ".sparql")) and Path(source).exists())
    if not is_file:
        canned = catalogue.find(source)
        return parameters.bind(canned, choices.checked(store, canned, values))
    if values:
        raise QueryError("Only canned queries take parameters.", "Write the values into the query.")
    return sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    pairs = dict(entry.partition("=")[::2] for entry in given)
    for entry in given:
        if "=" not in entry:
            raise QueryError(f"{entry!r} is no NAME=VALUE.", "For example: -p city=city:london")
    return pairs


@cli.command()
@click.option(
    "--graph",
    "graph_name",
    envvar="CITYKG_GRAPH",
    metavar="NAME",
    help="One graph, such as report/table-1; otherwise all.",
)
@click.option(
    "--format",
    "format_name",
    envvar="CITYKG_EXPORT_FORMAT",
    default="trig",
    show_default=True,
    type=click.Choice(list(GRAPH_FORMAT)),
    help="Format of the file.",
)
@click.option(
    "-o",
    "--output",
    envvar="CITYKG_OUTPUT",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; otherwise standard output.",
)
@data_option
@says_what_is_wrong
def export(graph_name: str | None, format_name: str, output: Path | None, data: Path) -> None:
    """Write the graph, or one named graph of it, as RDF."""
    content = entities.write(_exported(data, graph_name), GRAPH_FORMAT[format_name])
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise CityKgError(f"{output} cannot be written: {error.strerror}.", "Name another file with -o.") from error


def _exported(data: Path, graph_name: str | None) -> list[Quad]:
    store = DataFolder(data).open()
    if graph_name is None:
        return sorted((quad for quad in store if quad.graph_name != DefaultGraph()), key=entities.by_graph)
    graph = NamedNode(ns.GRAPH + graph_name.removeprefix(ns.GRAPH).removeprefix("graph/"))
    if not store.contains_named_graph(graph):
        known = [g.value.removeprefix(ns.GRAPH) for g in store.named_graphs() if isinstance(g, NamedNode)]
        raise UnknownNameError("graph", graph_name, known)
    return sorted(store.quads_for_pattern(None, None, None, graph), key=str)
