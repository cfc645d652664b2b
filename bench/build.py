"""What `citykg build` takes: `python -m bench build`, with `--before FOLDER` for a checkout of another commit.

Builds take turns, each in a folder of its own; medians count. Processor time is that of all processes of a build, and
memory the most that one of them had.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from bench import tables
from bench.servers import Checkout, before_option, checkouts


@click.command()
@before_option
@click.option("--with", "works", multiple=True, metavar="WORK", help="Load a work beside the report.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="Builds of each checkout.")
def main(before: Path | None, works: Sequence[str], rounds: int) -> None:
    """Measure the build of each checkout."""
    taken: dict[str, list[tuple[float, ...]]] = {}
    for _ in range(rounds):
        for side in checkouts(before):
            taken.setdefault(side.name, []).append(_built(side, works))
    middle = {name: [statistics.median(values) for values in zip(*of, strict=True)] for name, of in taken.items()}
    base = list(middle.values())[-1]
    rows = (
        (name, *(f"{figure:.1f}" for figure in figures), f"×{figures[1] / base[1]:.2f}")
        for name, figures in middle.items()
    )
    tables.show(("build by", "seconds", "CPU seconds", "MB", "CPU ratio"), rows)


def _built(side: Checkout, works: Sequence[str]) -> tuple[float, float, float]:
    """Return the seconds of a build, its seconds of processor time, and the megabytes of its largest process."""
    with tempfile.TemporaryDirectory(prefix="citykg-bench-") as data:
        command = side.command("build", "--data", f"{data}/data", *(f"--with={work}" for work in works))
        began = time.perf_counter()
        silent = subprocess.DEVNULL
        process = subprocess.Popen(
            command, cwd=side.place.folder, env=side.place.variables, stdout=silent, stderr=silent
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise click.ClickException(f"{side.name}: no build, exit code {process.returncode}")
        return time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
