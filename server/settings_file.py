"""The option --settings: a file in TOML with what the options of a command say, below those and their variables.

A key is the name of an option; those of engines are in the table `engine`, where `--engine` itself is `url`. An option
that may be repeated takes a list.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from kg.nearest import suggest
from server.settings import Command

_ENGINE = "engine"
_SECRET = "engine.password"


def settings_file_option(command: Command) -> Command:
    """Give a command the option --settings, whose file has the defaults of the others."""
    return click.option(
        "--settings",
        envvar="CITYKG_SETTINGS",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        callback=_read,
        is_eager=True,
        expose_value=False,
        help="File (TOML) with values of these options; the command line and variables take precedence over it.",
    )(command)


def _read(context: click.Context, parameter: click.Parameter, path: Path | None) -> None:
    """Make what a file says the defaults of a command. Raises UsageError for what does not belong there."""
    if path is None:
        return
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{path} cannot be read: {error}", context) from error
    options = {_option_key(flag): one for one in context.command.params if one is not parameter for flag in one.opts}
    options.pop(_option_key("--help"), None)
    defaults: dict[str, Any] = {}
    for key, value in _flatten(stated):
        try:
            option = _find_option(key, options)
            defaults[option.name or ""] = said = _as_text(value, several=option.multiple)
            option.process_value(context, said)  # so that a mistake is named with its place
        except click.UsageError as error:
            raise click.UsageError(f"{path}, {key}: {error.message}", context) from error
    context.default_map = defaults


def _option_key(flag: str) -> str:
    name = flag.lstrip("-")
    if name == _ENGINE:
        return f"{_ENGINE}.url"
    return f"{_ENGINE}.{name.removeprefix(_ENGINE + '-')}" if name.startswith(f"{_ENGINE}-") else name


def _flatten(stated: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in stated.items():
        if key == _ENGINE and isinstance(value, dict):
            yield from ((f"{key}.{name}", one) for name, one in value.items())
        else:
            yield key, value


def _find_option(key: str, options: Mapping[str, click.Parameter]) -> click.Option:
    if key == _SECRET:
        raise click.UsageError("A password is not read from a file; put it in CITYKG_ENGINE_PASSWORD.")
    option = options.get(key)
    if isinstance(option, click.Option):
        return option
    known = [name for name in options if name != _SECRET]
    raise click.UsageError(suggest(key, known, message="There is no such setting."))


def _as_text(value: Any, *, several: bool) -> str | list[str]:
    """Return a value as text, as on a command line, so that the option validates it."""
    values = value if several and isinstance(value, list) else [value]
    if any(isinstance(one, bool) or not isinstance(one, str | int | float) for one in values):
        raise click.UsageError(f"{value!r} is not {'a list of texts' if several else 'a number or a text'}.")
    texts = [str(one) for one in values]
    return texts if several else texts[0]
