"""The commands `citykg verify | backup | restore | history`, registered as entry points (`citykg.commands`)."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from kg import backups, folding, terminal_keeping, verification
from kg.change_documents import rdf_patch, summary, whole
from kg.cli import data_option, progress_shown, says_what_is_wrong
from kg.errors import BadValueError, CityKgError
from kg.history import History, Record
from kg.snapshots import DataFolder


@click.command()
@click.option(
    "--format",
    "format_name",
    envvar="CITYKG_VERIFY_FORMAT",
    default="text",
    show_default=True,
    type=click.Choice(["text", "json"]),
    help="Format of the list of checks.",
)
@data_option
@says_what_is_wrong
def verify(format_name: str, data: Path) -> None:
    """Make the graph again from the files and the history, and compare. Exit 0: all is well, 1: it is not.

    Takes no lock: it may be asked beside a running server.
    """
    with progress_shown(verification.STEPS) as progress:
        checks = verification.verify(DataFolder(data), progress)
    passed = all(check.passed for check in checks)
    if format_name == "json":
        _print_json({"passed": passed, "checks": [asdict(check) for check in checks]})
    else:
        terminal_keeping.print_checks(checks)
    sys.exit(0 if passed else 1)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@data_option
@says_what_is_wrong
def backup(file: Path, data: Path) -> None:
    """Write the data folder into one FILE (tar.gz), also while a server writes."""
    made = backups.back_up(DataFolder(data), file)
    click.echo(f"Backed up revision {made.revision} with {made.changes} changes into {file}.")
    click.echo("It holds proposals and hashed tokens: keep it where only you can read it.", err=True)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--force", envvar="CITYKG_FORCE", is_flag=True, help="Also into a folder that is in use; that is moved aside."
)
@data_option
@says_what_is_wrong
def restore(file: Path, force: bool, data: Path) -> None:
    """Put a backup FILE into the data folder, whole or not at all."""
    restored, replaced = backups.restore(DataFolder(data), file, force)
    click.echo(
        f"Restored revision {restored.revision} with {restored.changes} changes into {data}, as of {restored.taken}."
    )
    if replaced is not None:
        click.echo(f"What was there is in {replaced}; remove it once you do not need it.")


@click.command()
@click.argument("number", metavar="[N]", required=False, type=click.IntRange(1))
@click.option(
    "--format",
    "format_name",
    envvar="CITYKG_HISTORY_FORMAT",
    default="text",
    show_default=True,
    type=click.Choice(["text", "json", "patch"]),
    help="Format of the list or the change; patch is RDF Patch, oldest first.",
)
@click.option(
    "--export",
    "directory",
    envvar="CITYKG_HISTORY_EXPORT",
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory to write what the changes made into, as files to fold into kg/facts/curated.",
)
@data_option
@says_what_is_wrong
def history(number: int | None, format_name: str, directory: Path | None, data: Path) -> None:
    """List the changes, newest first, show change N with its statements, or export them as files."""
    if directory is not None:
        _export(DataFolder(data), number, directory)
    elif number is not None:
        _show(_found(History(data), number), format_name)
    else:
        _list(list(History(data).records()), format_name)


def _export(folder: DataFolder, number: int | None, directory: Path) -> None:
    if number is not None:
        raise BadValueError("One change alone cannot be exported.", "Leave out its number: later ones rest on it.")
    build, store = folder.current_store()
    records = list(History(folder.path).records())[: build.changes]
    terminal_keeping.print_folded(folding.fold(store, records, directory))


def _found(changes: History, number: int) -> Record:
    record = changes.get(number)
    if record is None:
        raise CityKgError(f"There is no change {number}.", f"The last one is {changes.count()}: citykg history")
    return record


def _show(record: Record, format_name: str) -> None:
    if format_name == "json":
        _print_json(whole(record))
    elif format_name == "patch":
        click.echo(rdf_patch(record), nl=False)
    else:
        terminal_keeping.print_change(record)


def _list(records: list[Record], format_name: str) -> None:
    if format_name == "json":
        _print_json([summary(record) for record in reversed(records)])
    elif format_name == "patch":
        click.echo(b"".join(map(rdf_patch, records)), nl=False)
    else:
        terminal_keeping.print_history(records[::-1])


def _print_json(stated: Any) -> None:
    click.echo(json.dumps(stated, ensure_ascii=False, indent=2))
