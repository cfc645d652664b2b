"""The commands `citykg verify | exempt | backup | restore | history`."""

from __future__ import annotations

import getpass
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.building import back_up
from kg.building import restore as put_back
from kg.building import verify as look_over
from kg.building.conformance import Exemptions, all_broken_changes
from kg.cli import output
from kg.cli.engines import engine_options
from kg.cli.options import FILE_PATH, data_option, format_option, option, report_errors, server_option, showing_progress
from kg.cli.remote import RemoteGate, RemoteHistory
from kg.errors import BadValueError, CityKgError
from kg.findings import Check
from kg.history import FoldedHistory, History, Record, serialise_record
from kg.messages import quantity
from kg.store import DataFolder

if TYPE_CHECKING:
    from kg.engines import Engine

RDF_PATCH = "application/rdf-patch"


@click.command()
@format_option("VERIFY", ["text", "json"], "Format of the list of checks.")
@engine_options(
    "Compare with the copy that this engine holds, by counts and digests of each graph, and do nothing else."
)
@data_option
@report_errors
def verify(format_name: str, engine: Engine | None, data: Path) -> None:
    """Make the graph again from the files and the history, and compare. Exit 0: all is well, 1: it is not.

    Takes no lock: it may be asked beside a running server.
    """
    with showing_progress() as progress:
        checks = look_over(DataFolder(data), progress) if engine is None else _compare_engine(DataFolder(data), engine)
    passed = all(check.passed for check in checks)
    if format_name == "json":
        _print_json({"passed": passed, "checks": [asdict(check) for check in checks]})
    else:
        output.print_checks(checks)
    sys.exit(0 if passed else 1)


def _compare_engine(folder: DataFolder, engine: Engine) -> list[Check]:
    from kg.engines import Replica  # noqa: PLC0415 – for those who have one

    compared = Replica(folder, engine).compare()
    behind = f", {quantity(compared.behind, 'change')} behind" if compared.behind else ""
    revision = Check("revision", True, f"{compared.revision}{behind}")
    if not compared.differing:
        return [revision, Check("graphs", True, f"{compared.graphs} graphs, {compared.triples:,} triples, as here")]
    names = ", ".join(compared.differing)
    hint = "Load it again: citykg replicate --anew"
    return [revision, Check("graphs", False, f"{len(compared.differing)} differ: {names}", hint)]


@click.command()
@click.argument("number", type=click.IntRange(1))
@option("reason", "Why it may stand, in a sentence.", required=True)
@option("as", "Your name in the record; else the one of your login.", "person")
@data_option
@report_errors
def exempt(number: int, reason: str, person: str | None, data: Path) -> None:
    """Let change NUMBER stand, which no longer conforms: from the next build on it counts, and is no longer named.

    Takes no lock: it may be called beside a running server.
    """
    folder = DataFolder(data)
    record = LocalHistory(History(data)).get(number)
    broken = {one.record.number: one for one in all_broken_changes(folder)}
    if number not in broken:
        raise CityKgError(f"Change {number} conforms: there is nothing to exempt.", "See: citykg verify")
    made = Exemptions(data).add(broken[number], person or getpass.getuser(), reason)
    click.echo(f"Change {number}, {record.summary!r}, stands: {made.reason} ({made.by}, {made.at})")
    if number in folder.require_build().withheld_numbers:
        click.echo("The graph is made with it by the next build: citykg build")


@click.command()
@click.argument("file", type=FILE_PATH)
@data_option
@report_errors
def backup(file: Path, data: Path) -> None:
    """Write the data folder into one FILE (tar.gz), also while a server writes."""
    made = back_up(DataFolder(data), file)
    click.echo(f"Backed up revision {made.revision} with {quantity(made.changes, 'change')} into {file}.")
    click.echo("It holds proposals and hashed tokens: keep it where only you can read it.", err=True)


@click.command()
@click.argument("file", type=FILE_PATH)
@option("force", "Also into a folder that is in use; that is moved aside.", is_flag=True)
@data_option
@report_errors
def restore(file: Path, force: bool, data: Path) -> None:
    """Put a backup FILE into the data folder, whole or not at all."""
    restored, replaced = put_back(DataFolder(data), file, force)
    changes = quantity(restored.changes, "change")
    click.echo(f"Restored revision {restored.revision} with {changes} into {data}, as of {restored.taken}.")
    if replaced is not None:
        click.echo(f"What was there is in {replaced}; remove it once you do not need it.")


@click.command()
@click.argument("number", metavar="[N]", required=False, type=click.IntRange(1))
@format_option(
    "HISTORY", ["text", "json", "patch"], "Format of the list or the change; patch is RDF Patch, oldest first."
)
@option(
    "export",
    "Directory to write what the changes made into, as files to fold into kg/facts/curated.",
    "directory",
    envvar="CITYKG_HISTORY_EXPORT",
    type=click.Path(file_okay=False, path_type=Path),
)
@option(
    "about",
    "Only changes with this thing in a statement, by IRI or prefixed name such as city:york.",
    envvar="CITYKG_HISTORY_ABOUT",
    metavar="NAME",
)
@server_option("Ask this server for its changes, in place of the data folder.")
@data_option
@report_errors
def history(
    number: int | None, format_name: str, *, directory: Path | None, about: str | None, server: str | None, data: Path
) -> None:
    """List the changes, newest first, show change N with its statements, or export them as files."""
    if about is not None and (number is not None or directory is not None):
        raise BadValueError("--about is for lists of changes.", "Leave out the number and --export.")
    thing = None if about is None else History.thing_iri(about)
    of = LocalHistory(History(data), thing) if server is None else RemoteHistory(RemoteGate(server), thing)
    if directory is not None:
        _export(DataFolder(data), number, directory, server)
    elif number is not None:
        _show(of.get(number), format_name)
    elif format_name == "patch":
        click.echo(b"".join(serialise_record(record, RDF_PATCH) for record in of.records()), nl=False)
    elif format_name == "json":
        _print_json(of.summaries())
    else:
        output.print_history(of.summaries())


@dataclass(frozen=True)
class LocalHistory:
    """The changes of a data folder, as RemoteHistory has those of a server."""

    history: History
    about: str | None = None
    """The IRI of a thing, for changes with it in a statement; None for all changes."""

    def summaries(self) -> list[dict[str, Any]]:
        """Return a summary of each change, newest first. Raises DataFolderError."""
        return [record.as_dict() for record in reversed(self.records())]

    def records(self) -> list[Record]:
        """Return the changes, in order. Raises DataFolderError where the chain is broken."""
        about = self.about
        return [record for record in self.history.records() if about is None or record.mentions(about)]

    def get(self, number: int) -> Record:
        """Return a change. Raises CityKgError if there is none of that number."""
        record = self.history.get(number)
        if record is None:
            last = self.history.count()
            raise CityKgError(f"There is no change {number}.", f"The last one is {last}: citykg history")
        return record


def _export(folder: DataFolder, number: int | None, directory: Path, server: str | None) -> None:
    if server is not None:
        raise BadValueError("A server does not export files.", "Export from the data folder, without --server.")
    if number is not None:
        raise BadValueError("One change alone cannot be exported.", "Leave out its number: later ones rest on it.")
    snapshot = folder.current_snapshot()
    records = list(History(folder.path).records())[: snapshot.build.changes]
    folded = FoldedHistory(directory).write(snapshot.store, records)
    output.print_exported_files(folded.files, folded.statements, folded.changes)


def _show(record: Record, format_name: str) -> None:
    if format_name == "json":
        _print_json(record.as_full_dict())
    elif format_name == "patch":
        click.echo(serialise_record(record, RDF_PATCH), nl=False)
    else:
        output.print_record(record)


def _print_json(stated: Any) -> None:
    click.echo(json.dumps(stated, ensure_ascii=False, indent=2))
