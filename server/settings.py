"""The settings of the server: one table, from which the command line and its help are made."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeVar

import click

from kg.cli import ENGINE_OPTIONS
from kg.errors import BadValueError
from kg.http_client import check_address
from kg.import_jobs import ImportLimits
from kg.store import DataFolder
from kg.workers import QueryLimits
from server.front import AccessLog

_CORES_FOR_SEVERAL = 4
_MOST_PROCESSES = 8
_SEVERAL_ENGINES = "For several engines: one each. In the variable: each on a line."
_QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""The file in which Linux tells a container what it may use: microseconds of processors, in so many (cgroup v2)."""

Command = TypeVar("Command", bound=Callable[..., Any])


class Integer(click.IntRange):
    """An integer within bounds, by the name that people know: help and messages of click say "integer range"."""

    name = "integer"


class _Number(click.FloatRange):
    name = "number"


class _TextOnLine(click.types.StringParamType):
    """A text that may have spaces: a variable has each on a line of its own."""

    envvar_list_splitter = "\n"


@dataclass(frozen=True)
class ServerOptions:
    """The options of the service; SETTINGS has what each of them means."""

    client_seconds: float = 60.0
    connections: int = 2_500
    body_bytes: int = 16 << 20
    body_seconds: float = 30.0
    curator_import_bytes: int = ImportLimits.curator_import_bytes
    curator_import_rows: int = ImportLimits.curator_import_rows
    contributor_import_bytes: int = ImportLimits.contributor_import_bytes
    contributor_import_rows: int = ImportLimits.contributor_import_rows
    ready_bytes: int = 64 << 20
    ahead_bytes: int = 24 << 20
    stop_seconds: int = 20
    processes: int = 0
    kept_snapshots: int = DataFolder.KEPT_SNAPSHOTS
    log: str = "auto"
    services: tuple[str, ...] = ()
    """Addresses of the endpoints that SERVICE may ask; an option of its own, since it may be repeated."""
    engine: tuple[str, ...] = ()
    """Addresses at which engines with a copy of the graph take queries, likewise."""
    engine_update: tuple[str, ...] = ()
    engine_graph_store: tuple[str, ...] = ()
    """The addresses at which each takes updates, and graphs (Graph Store Protocol), in the same order."""
    engine_user: tuple[str, ...] = ()
    engine_password: tuple[str, ...] = ()
    """Name and password for each, likewise."""
    public_url: str = ""
    """The address at which clients reach the service: a root without a slash at its end; empty if unknown."""

    @property
    def process_count(self) -> int:
        """The number of processes that answer: as many as were asked for, or as fit the cores of the machine."""
        return self.processes or processes_for(cores())

    @property
    def engines(self) -> list[tuple[str, str, str, str, str]]:
        """Of each engine where it takes queries, updates and graphs, a name and a password; "" for what it lacks."""
        of_each = (self.engine_update, self.engine_graph_store, self.engine_user, self.engine_password)
        return list(zip_longest(self.engine, *of_each, fillvalue=""))

    @property
    def imports(self) -> ImportLimits:
        """The limits on what may be imported at a time."""
        return ImportLimits(**_select_fields(ImportLimits, asdict(self)))


@dataclass(frozen=True)
class Setting:
    """A setting: the field of Limits or ServerOptions that it sets, what it means with its unit, and what it may be."""

    name: str
    help: str
    lowest: float = 0
    choices: tuple[str, ...] = ()


SETTINGS = (
    Setting("seconds", "Seconds that a query may take; a client may ask for less (timeout=).", 0.1),
    Setting("assist_seconds", "Seconds that one completion or check of an editor may take.", 0.05),
    Setting("rows", "Rows of a table, or triples of a graph, in one answer.", 1),
    Setting("result_bytes", "Bytes of one answer.", 1024),
    Setting("query_length", "Characters of a query.", 100),
    Setting("memory_bytes", "Bytes of memory that a query may take.", 64 << 20),
    Setting(
        "workers",
        "Queries that run at the same time, each in a process; as many more for pages and data, and for evidence.",
        1,
    ),
    Setting("queue", "Queries that wait for a worker, at most 10 seconds each, four of a client; more get 503."),
    Setting(
        "client_seconds",
        "Seconds of queries that one client (address, IPv6 /64, token) may have a minute, then 429; 0 sets no limit.",
    ),
    Setting("connections", "Connections at the same time; more get 503.", 1),
    Setting("body_bytes", "Bytes of the body of a request; more get 413.", 1024),
    Setting("body_seconds", "Seconds that a client may take to send a body, then 408.", 1),
    Setting("curator_import_bytes", "Bytes of a table that a curator may import at a time; more get 413.", 1024),
    Setting("curator_import_rows", "Rows of such a table.", 1),
    Setting("contributor_import_bytes", "Bytes of a table that a contributor may import; more get 413.", 1024),
    Setting("contributor_import_rows", "Rows of such a table.", 1),
    Setting("ready_bytes", "Bytes of answers kept ready for those who ask the same again; 0 keeps none."),
    Setting("ahead_bytes", "Bytes on disk of documents made before anybody asks; 0 makes none."),
    Setting(
        "processes",
        "Processes that answer, one of which writes; 0: half as many as cores, up to 8.",
    ),
    Setting("stop_seconds", "Seconds that a stopping server gives to requests it has begun.", 1),
    Setting("kept_snapshots", "Revisions that ?at= can ask, besides the last one of each day.", 1),
    Setting("log", "Lines about requests; auto is text on a terminal, else json.", choices=AccessLog.FORMATS),
)

_DEFAULTS = {**asdict(QueryLimits()), **asdict(ServerOptions())}


def setting_options(command: Command) -> Command:
    """Give a command an option for each setting; it receives them as keyword arguments of the same names."""
    for setting in reversed(SETTINGS):
        command = click.option(
            f"--{setting.name.replace('_', '-')}",
            envvar=f"CITYKG_{setting.name.upper()}",
            default=_DEFAULTS[setting.name],
            show_default=True,
            type=_type(setting),
            help=setting.help,
        )(command)
    return _address_options(command)


def _address_options(command: Command) -> Command:
    command = click.option(
        "--public-url",
        envvar="CITYKG_PUBLIC_URL",
        default=ServerOptions.public_url,
        callback=_check_root,
        help="Where clients reach the service, such as https://kg.example.org; needed behind a proxy.",
    )(command)
    command = _engine_options(command)
    return click.option(
        "--service",
        "services",
        envvar="CITYKG_SERVICE",
        multiple=True,
        callback=_check_addresses,
        help="Endpoint that SERVICE may ask; may be repeated. In the variable: with spaces between.",
    )(command)


def _engine_options(command: Command) -> Command:
    """Add the options by which engines are named: each may be repeated, in the same order."""
    asked = {"engine": ("URL", "Address at which an engine with a copy of the graph answers queries; may be repeated.")}
    for name, (metavar, help_text) in {**ENGINE_OPTIONS, **asked}.items():
        option, variable = f"--{name.replace('_', '-')}", f"CITYKG_{name.upper()}"
        kept: dict[str, Any] = {"envvar": variable, "metavar": metavar, "help": help_text, "multiple": True}
        kept |= (
            {"callback": _check_addresses}
            if metavar == "URL"
            else {"type": _TextOnLine(), "help": f"{help_text} {_SEVERAL_ENGINES}"}
        )
        command = click.option(option, **kept)(command)
    return command


def _check_addresses(context: click.Context, parameter: click.Parameter, addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Check the addresses of endpoints while the command line is parsed."""
    for address in addresses:
        try:
            check_address(address)
        except BadValueError as error:
            raise click.BadParameter(str(error), context, parameter) from error
    return addresses


def _check_root(context: click.Context, parameter: click.Parameter, url: str) -> str:
    """Check that a URL is a root, which a slash may end."""
    if url and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?/?|https?://\[[0-9a-fA-F:.]+\](:\d{1,5})?/?", url):
        raise click.BadParameter(
            f"{url!r} is not the root of a web site, such as https://kg.example.org", context, parameter
        )
    return url.rstrip("/")


def split_values(values: Mapping[str, Any]) -> tuple[QueryLimits, ServerOptions]:
    """Return the values of all settings, as a command receives them, by what they set."""
    return QueryLimits(**_select_fields(QueryLimits, values)), ServerOptions(**_select_fields(ServerOptions, values))


def cores(quota: Path = _QUOTA) -> int:
    """Return how many cores this process may use: of those of the machine, as many as its container may."""
    seen = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        most, period = quota.read_text(encoding="ascii").split()
        return max(1, min(seen, int(most) // int(period)))
    except (OSError, ValueError):  # there is no such file, or no bound in it
        return seen


def processes_for(cores: int) -> int:
    """Return how many processes answer on a machine with so many cores, unless the operator says."""
    return 1 if cores < _CORES_FOR_SEVERAL else min(cores // 2, _MOST_PROCESSES)


def _select_fields(
    kind: type[QueryLimits] | type[ServerOptions] | type[ImportLimits], values: Mapping[str, Any]
) -> dict[str, Any]:
    return {field.name: values[field.name] for field in fields(kind)}


def _type(setting: Setting) -> click.ParamType[Any]:
    if setting.choices:
        return click.Choice(setting.choices)
    if isinstance(_DEFAULTS[setting.name], int):
        return Integer(min=int(setting.lowest))
    return _Number(min=setting.lowest)
