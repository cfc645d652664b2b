"""The command line: `citykg`. A command is imported when it is used; for the list of all it is read and not imported.

The web server adds `serve` under the entry point group `citykg.commands`, so that the library does not depend on it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

_MODULES = {
    "kg.cli.build": ("build",),
    "kg.cli.graph": ("query", "ask", "export"),
    "kg.cli.curation": (
        *("validate", "submit", "propose", "proposals", "accept", "refuse", "withdraw", "revert"),
        "measure",
    ),
    "kg.cli.imports": ("import_", "imports"),
    "kg.cli.engines": ("replicate", "engine"),
    "kg.cli.maintenance": ("verify", "exempt", "backup", "restore", "history"),
    "kg.cli.gazetteer": ("gazetteer",),
    "kg.cli.queries": ("queries",),
    "kg.cli.tokens": ("token",),
    "kg.cli.works": ("work",),
}
"""Our own commands by module; each is the function of its name, with an underscore after a Python keyword."""


_OWN = {name.rstrip("_"): (module, name) for module, names in _MODULES.items() for name in names}


class _Commands(click.Group):
    """Our own commands, and those that other packages add."""

    @cached_property
    def _places(self) -> Mapping[str, tuple[str, str]]:
        """By command its module and function."""
        from importlib.metadata import entry_points  # noqa: PLC0415 – it takes 25 ms, and our own commands need it not

        return {entry.name: (entry.module, entry.attr) for entry in entry_points(group="citykg.commands")} | _OWN

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = _OWN.get(cmd_name) or self._places.get(cmd_name)
        if place is None:
            return None
        module, function = place
        command: click.Command = getattr(import_module(module), function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        limit = formatter.width - 6 - max(len(name) for name in self._places)
        read = [click.Command(name, help=_docstring(*place)) for name, place in sorted(self._places.items())]
        with formatter.section("Commands"):
            formatter.write_dl([(command.name or "", command.get_short_help_str(limit)) for command in read])


def _docstring(module: str, function: str) -> str:
    """Return the docstring of a function in the source of a module, which is not imported."""
    found = find_spec(module)
    assert found is not None
    assert found.origin is not None
    tree = ast.parse(Path(found.origin).read_bytes())
    named = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function)
    return next((ast.get_docstring(node) or "" for node in named), "")


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="city-diplomacy-kg", message="%(prog)s %(version)s")
def cli() -> None:
    """Build, query, check and serve the City Diplomacy Knowledge Graph."""


def main() -> None:
    """Run the command line; every foreseen mistake ends in a message with advice, never in a traceback."""
    cli(prog_name="citykg")
