"""The command called in this process: a process of its own takes longer to start than all that most of them do."""

from __future__ import annotations

import gc
import subprocess

from click.testing import CliRunner

from kg.cli.main import cli

Called = subprocess.CompletedProcess[str]


def called(*arguments: str, stdin: str = "", **environment: str) -> Called:
    """Call `citykg` with arguments, and return what a process would have.

    The frames of what an earlier one raised are in a circle, and keep the store open until it is collected.
    """
    gc.collect()
    result = CliRunner().invoke(cli, arguments, input=stdin, env=environment)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Called(arguments, result.exit_code, result.stdout, result.stderr)
