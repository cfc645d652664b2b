"""Measure and print: `python -m bench --help` lists what there is to measure."""

from __future__ import annotations

import click

from bench import (
    analysis,
    ask,
    assist,
    build,
    endpoint,
    fairness,
    gate,
    gazetteer,
    house,
    matching,
    memory,
    pages,
    results,
    walk,
)


@click.group()
def main() -> None:
    """Measure the service, beside others and beside the build of before, and the house that it lives in."""


for command in (
    analysis,
    ask,
    assist,
    build,
    endpoint,
    fairness,
    gate,
    gazetteer,
    house,
    matching,
    memory,
    pages,
    results,
    walk,
):
    main.add_command(command.main, command.__name__.rpartition(".")[2])

if __name__ == "__main__":
    main(prog_name="python -m bench")
