"""The commands `citykg serve` and `citykg mcp`, registered under the entry point group `citykg.commands`."""

from __future__ import annotations

import errno
import socket
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import click

from kg.cli import build_with_progress, data_option, report_errors, works_options
from kg.errors import CityKgError
from kg.store import DataFolder
from server import settings, workbench
from server.settings import Integer, setting_options
from server.settings_file import settings_file_option


@click.command()
@settings_file_option
@data_option
@click.option("--host", envvar="CITYKG_HOST", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    envvar="CITYKG_PORT",
    default=8000,
    show_default=True,
    type=Integer(0, 65535),
    help="Port to listen on; 0 takes a free one.",
)
@works_options
@setting_options
@report_errors
def serve(data: Path, host: str, port: int, works: tuple[str, ...], **values: Any) -> None:
    """Build if needed, then serve the graph over HTTP.

    Without --with and --facts the works beside both reports stay those of the graph that is there.
    """
    from server import serve as serving  # noqa: PLC0415 – other commands need no web server
    from server import supervisor  # noqa: PLC0415
    from server.starting import refusing_requests  # noqa: PLC0415

    limits, options = settings.split_values(values)
    folder = DataFolder(data, options.kept_snapshots)
    with ExitStack() as taken:
        listening = [taken.enter_context(one) for one in _listen(host, port, options.process_count)]

        def build() -> None:
            with refusing_requests(listening):
                build_with_progress(folder, works or None)

        if len(listening) == 1:
            build()
        elif status := supervisor.run_in_child(report_errors(build)):
            sys.exit(status)
        _print_addresses(host, listening[0].getsockname()[1])
        if fault := workbench.fault():
            click.echo(fault, err=True)
        (serving if len(listening) == 1 else supervisor).run(listening, folder, limits, options)
    click.echo("stopped", err=True)


@click.command()
@data_option
@report_errors
def mcp(data: Path) -> None:
    """Let a language model on this machine ask the graph (Model Context Protocol, over standard input and output).

    An assistant starts this by itself: name `citykg mcp --data DIR` as the command of a server. It changes nothing. A
    running service offers the same at /mcp. Needs further packages: pip install '.[mcp]'.
    """
    from server.app import create_app  # noqa: PLC0415 – other commands need no web server
    from server.model_context import mcp_server  # noqa: PLC0415
    from server.service import Service  # noqa: PLC0415

    folder = DataFolder(data)
    folder.require_build()  # says so at once if nothing is built
    app = create_app(folder)
    try:
        server = mcp_server(app)
        import anyio  # noqa: PLC0415 – an optional package

        anyio.run(server.run_stdio_async)
    finally:
        Service.of(app).close()


def _listen(host: str, port: int, processes: int) -> list[socket.socket]:
    """Take the port before the build, so that a taken one is reported at once; by a socket for each process."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    take = partial(socket.create_server, family=family, backlog=2048)
    try:
        alone = take((host, port))
        if processes == 1:
            return [alone]
        with alone:  # which another server cannot have, while sockets that share a port could be those of two servers
            port = alone.getsockname()[1]
        return [take((host, port), reuse_port=True) for _ in range(processes)]
    except OSError as error:
        raise CityKgError(*_listen_error(error, host, port)) from error


def _listen_error(error: OSError, host: str, port: int) -> tuple[str, str]:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is taken by another program.",
            "Choose another: citykg serve --port 8001",
        )
    return f"Cannot listen on {host}:{port}: {error.strerror or error}.", "Choose another --host or --port."


def _print_addresses(host: str, port: int) -> None:
    root = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    click.echo(f"Serving on {root}/  (Ctrl+C stops). To try:")
    click.echo(f"  curl -L -H 'Accept: application/trig' {root}/id/city/birmingham")
    click.echo(f"  curl {root}/queries/twinnings.csv")
    click.echo(f"  curl -G {root}/sparql --data-urlencode 'query=SELECT * {{ ?twinning cd:twin city:london }}'")
