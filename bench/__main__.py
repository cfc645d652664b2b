"""Measure and print: `python -m bench --help` lists what there is to measure."""

from __future__ import annotations

from importlib import import_module

import click

_MEASUREMENTS = (
    *("analysis", "ask", "assist", "build", "endpoint", "fairness"),
    *("gate", "house", "memory", "pages", "results", "walk"),
)


@click.group()
def main() -> None:
    """Measure the service, beside others and beside the build of before, and the house that it lives in."""


for name in _MEASUREMENTS:
    main.add_command(import_module(f"bench.{name}").main, name)

if __name__ == "__main__":
    main(prog_name="python -m bench")
