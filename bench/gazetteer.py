"""The gazetteer: making its file, and looking up places that are drawn from it: `python -m bench gazetteer`."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import click

from bench import tables
from kg.gazetteer import FILE, Gazetteer, Place

_NEAR_KM = 20.0


@click.command()
@click.option("--places", "count", default=22_000, show_default=True, help="Places drawn.")
@click.option("--seed", default=29, show_default=True, help="Of the drawing.")
def main(count: int, seed: int) -> None:
    """Measure making the file, what it takes at rest, and looking up places by name, country and position."""
    with tempfile.TemporaryDirectory(prefix="citykg-bench-") as made:
        data = Path(made)
        subprocess.run(
            [Path(sys.executable).with_name("citykg"), "gazetteer", "--data", str(data)],
            check=True,
            capture_output=True,
        )
        used, size = getrusage(RUSAGE_CHILDREN), (data / FILE).stat().st_size
        making = (f"{size / 1e6:.0f}", f"{used.ru_utime + used.ru_stime:.1f}", f"{used.ru_maxrss / 1024:.0f}")
        tables.show(("file, MB", "making it, s of processor", "MB at most"), [making])
        drawn = _draw(data / FILE, count, seed)
        before = _megabytes()
        with Gazetteer(data / FILE) as gazetteer:
            opened = _megabytes() - before
            rows = [
                ("by own name", *_time(lambda one: gazetteer.named(one.name), drawn)),
                ("by name and country", *_time(lambda one: gazetteer.named(one.name, one.country), drawn)),
                (
                    f"within {_NEAR_KM:.0f} km",
                    *_time(lambda one: gazetteer.near(one.latitude, one.longitude, _NEAR_KM), drawn),
                ),
                ("by identifier", *_time(lambda one: gazetteer.place(one.geonames), drawn)),
            ]
            rows.append(("open and close", *_time(lambda _: Gazetteer(data / FILE).close(), drawn[:1000])))
            used_by_all = _megabytes() - before
    tables.show((f"{count:,} places drawn", "median, µs", "99 % below, µs"), rows)
    click.echo(f"Memory: {opened:.1f} MB when opened, {used_by_all:.1f} MB after these look-ups.")


def _draw(path: Path, count: int, seed: int) -> list[Place]:
    with closing(sqlite3.connect(path)) as file, Gazetteer(path) as gazetteer:
        numbers = [number for (number,) in file.execute("SELECT geonames FROM places ORDER BY geonames")]
        chosen = random.Random(seed).sample(numbers, min(count, len(numbers)))
        return [place for place in map(gazetteer.place, chosen) if place is not None]


def _time(look_up: Callable[[Place], object], places: Sequence[Place]) -> tuple[str, str]:
    """Return the median and the 99th percentile of the microseconds of processor of a look-up."""
    taken = sorted(_each(look_up, places))
    return f"{taken[len(taken) // 2]:.0f}", f"{taken[len(taken) * 99 // 100]:.0f}"


def _each(look_up: Callable[[Place], object], places: Iterable[Place]) -> Iterable[float]:
    for place in places:
        began = time.process_time_ns()
        look_up(place)
        yield (time.process_time_ns() - began) / 1_000


def _megabytes() -> float:
    """Return the memory of this process that no other shares, in MB."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return (int(pages[1]) - int(pages[2])) * os.sysconf("SC_PAGE_SIZE") / 1e6
