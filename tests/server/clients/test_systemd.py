"""The shipped unit of systemd (docs/operating/citykg.service): systemd understands it, and it fits the command."""

from __future__ import annotations

import configparser
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from server.command import serve
from server.settings import ServerOptions

SHIPPED = Path(__file__).parents[3] / "docs" / "operating" / "citykg.service"


def service() -> configparser.SectionProxy:
    read = configparser.ConfigParser(interpolation=None, delimiters=("=",), strict=False)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(SHIPPED.read_text(encoding="utf-8"))
    return read["Service"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_finds_nothing_to_say(tmp_path: Path) -> None:
    unit = tmp_path / "citykg.service"
    here = Path(sys.executable).parent / "citykg"
    text = SHIPPED.read_text(encoding="utf-8").replace("/opt/citykg/.venv/bin/citykg", str(here))
    for written, said in ((text, False), (text.replace("KillMode", "KillMod"), True)):
        unit.write_text(written, encoding="utf-8")
        found = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
        assert ("citykg.service" in found.stderr) is said, found.stderr


def test_it_starts_the_command_with_options_that_there_are() -> None:
    _, name, *arguments = shlex.split(service()["ExecStart"])
    assert name == serve.name
    assert {one for one in arguments if one.startswith("--")} <= {flag for one in serve.params for flag in one.opts}


def test_it_lets_all_that_has_begun_be_finished() -> None:
    assert service()["KillMode"] == "mixed"  # or else workers end with the queries that they have
    assert int(service()["TimeoutStopSec"]) > 2 * ServerOptions.stop_seconds
