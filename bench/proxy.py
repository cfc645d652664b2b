"""nginx in front of a server, with the configuration that docs/operating ships."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.processes import Server, free_port, running

SHIPPED = Path(__file__).parent.parent / "docs" / "operating" / "nginx.conf"

_MAIN = """
daemon off;
{user}
worker_processes auto;
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/citykg.conf;
}}
"""


def installed() -> str | None:
    """Return the path of nginx, None if it is not there; Debian keeps it out of the path of users."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def in_front_of(port: int, folder: Path) -> Iterator[Server]:
    """Run nginx before the server on a loopback port; an empty folder takes its cache and its other files.

    Raises LookupError if nginx is not installed or the shipped file lacks a line that has to be changed for this.
    """
    nginx = installed()
    if nginx is None:
        raise LookupError("nginx is not installed: apt-get install nginx-light")
    listening = free_port()
    (folder / "citykg.conf").write_text(_adapted(port, listening, folder / "cache"), encoding="utf-8")
    user = "user root;" if os.getuid() == 0 else ""  # otherwise its workers could not read a private folder
    (folder / "nginx.conf").write_text(_MAIN.format(folder=folder, user=user), encoding="utf-8")
    command = [nginx, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    with running("nginx", command, listening, "/healthz") as server:
        yield server


def _adapted(port: int, listening: int, cache: Path) -> str:
    text = SHIPPED.read_text(encoding="utf-8")
    for shipped, ours in (
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{port};"),
        ("listen 80;", f"listen 127.0.0.1:{listening};"),
        ("/var/cache/nginx/citykg ", f"{cache} "),
    ):
        if text.count(shipped) != 1:
            raise LookupError(f"{SHIPPED} should hold `{shipped}` once.")
        text = text.replace(shipped, ours)
    return text
