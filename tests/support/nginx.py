"""A real nginx in front of a server, with the configuration that docs/operating ships."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

SHIPPED = Path(__file__).parent.parent.parent / "docs" / "operating" / "nginx.conf"
START_SECONDS = 60.0
MAIN = """
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


def command(program: str, port: int, listening: int, folder: Path) -> list[str]:
    """Write the shipped configuration for a server on a port, into an empty folder, and return what runs nginx with it.

    Raises LookupError if the shipped file lacks a line that has to be changed for this.
    """
    text = SHIPPED.read_text(encoding="utf-8")
    for shipped, here in (
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{port};"),
        ("listen 80;", f"listen 127.0.0.1:{listening};"),
        ("/var/cache/nginx/citykg ", f"{folder}/cache "),
    ):
        if text.count(shipped) != 1:
            raise LookupError(f"{SHIPPED} should hold `{shipped}` once.")
        text = text.replace(shipped, here)
    (folder / "citykg.conf").write_text(text, encoding="utf-8")
    user = "user root;" if os.getuid() == 0 else ""  # otherwise its workers could not read a private folder
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user), encoding="utf-8")
    return [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]


@contextmanager
def in_front_of(port: int, folder: Path) -> Iterator[int]:
    """Run nginx before the server on a loopback port, and give its own; an empty folder takes its files."""
    program = installed()
    assert program is not None
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listening: int = taken.getsockname()[1]
    process = subprocess.Popen(command(program, port, listening, folder))
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _is_up(listening):
            assert process.poll() is None, (folder / "error.log").read_text(encoding="utf-8")
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield listening
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)


def _is_up(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)) as connection:
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
