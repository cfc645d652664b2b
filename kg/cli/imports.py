"""The command `citykg import`: plan what a table would add to the graph, and make it one change.

It takes the data folder's lock, or sends the table to a server with --server, and follows it there; `citykg imports`
lists what was sent there.
"""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import click

from kg.cli import output
from kg.cli.curation import acknowledge_option, backend_options, bytes_of
from kg.cli.options import FILE_PATH, format_option, option, report_errors, server_option, showing_rows
from kg.cli.remote import RemoteError, RemoteGate, RemoteImports
from kg.curation import CurationService, Rationale, RefusedChangeError
from kg.errors import BadValueError
from kg.gazetteer import Gazetteer
from kg.names import Names
from kg.store import DataFolder
from kg.submissions import Submission
from kg.tables import Plan, TableMapping, guess_mapping, plan, read_table, table_file


@click.command("import")
@click.argument("file", type=FILE_PATH)
@option("mapping", f"What the columns are: a YAML file, or one of {', '.join(TableMapping.built_in())}.", default="")
@option(
    "guess",
    "Write a mapping of twin towns, guessed from the headings of FILE, to read and to save; import nothing.",
    is_flag=True,
)
@option(
    "city", "With --guess: whose list it is, such as Birmingham, GB; city:birmingham; geonames:2655603.", default=""
)
@option(
    "source",
    "Who says so: a source of the graph, or the address of the one that the mapping declares.",
    default="",
)
@option("dry-run", "Say what would be done, and do nothing.", is_flag=True)
@option("report", "File for what becomes of each row, .csv or .json.", type=FILE_PATH)
@option(
    "unfit",
    "File for the rows that do not fit, with the reasons, to be mended and imported again.",
    type=FILE_PATH,
)
@option("summary", "Why, in a sentence.", default="")
@acknowledge_option
@format_option("IMPORT", ["table", "csv", "json"], "Format of what is said of the rows.")
@backend_options
@report_errors
def import_(
    file: Path,
    *,
    mapping: str,
    guess: bool,
    city: str,
    source: str,
    dry_run: bool,
    report: Path | None,
    unfit: Path | None,
    summary: str,
    acknowledge: bool,
    format_name: str,
    data: Path,
    person: str | None,
    server: str | None,
) -> None:
    """Add what the rows of FILE say to the graph, as one change.

    Exit 0: all rows fit, 3: some do not, 1: nothing is imported.
    """
    if guess:
        click.echo(_guess(file, city, DataFolder(data)), nl=False)
        click.echo(f"Read it, save it, then: citykg import {file} --mapping FILE.yaml --dry-run", err=True)
        return
    if not mapping:
        hint = f"Name one with --mapping: a YAML file, or one of {', '.join(TableMapping.built_in())}; or see --guess."
        raise BadValueError("There is no mapping.", hint)
    if server is not None:
        yes = {"dry_run": dry_run, "acknowledge": acknowledge}
        words = {"source": source, "summary": summary, **{name: "yes" for name, said in yes.items() if said}}
        remote = _server(server)
        told = _send_and_follow(remote, file, mapping, words)
        _print_import(remote.gate, told, format_name, report, unfit)
        sys.exit(_exit_code(told))
    folder = DataFolder(data)
    planned = _make_plan(file, mapping, source, folder)
    _print_plan(planned, format_name, report, unfit)
    if not dry_run and planned.counts["new"]:
        rationale = Rationale.parse(summary or f"Import of {file.name}", planned.source.address, acknowledge)
        _make_change(planned, folder, rationale, person)
    elif format_name == "table":
        click.echo("A dry run: nothing is changed." if dry_run else "There is nothing new: nothing is changed.")
    sys.exit(3 if planned.counts["ambiguous"] + planned.counts["refused"] else 0)


def _print_plan(planned: Plan, format_name: str, report: Path | None, unfit: Path | None) -> None:
    """Show what becomes of the rows, and write the report and the rows that do not fit to files."""
    if report is not None:
        planned.write_report(report)
    if unfit is not None:
        planned.write_unfit(unfit)
    if format_name == "table":
        output.print_plan(planned)
    else:
        planned.write_report_to(sys.stdout, format_name)


@click.command("imports")
@server_option("The server; with the token in CITYKG_TOKEN.", is_needed=True)
@report_errors
def imports(server: str) -> None:
    """List the latest imports of a server: yours, and for curators all."""
    output.print_imports(_server(server).latest())


def _server(address: str) -> RemoteImports:
    return RemoteImports(RemoteGate(address, os.environ.get("CITYKG_TOKEN", "")))


def _send_and_follow(server: RemoteImports, file: Path, mapping: str, words: dict[str, str]) -> dict[str, Any]:
    """Send a table to a server, wait until its import is over or waits, and return the server's answer."""
    own = mapping if mapping in TableMapping.built_in() else (Path(mapping).name, bytes_of(Path(mapping)))
    sent = server.send(table_file(file), own, words)
    click.echo(f"Import {sent['number']}: {server.gate.address.rstrip('/')}{sent['address']}", err=True)
    with showing_rows() as progress:
        return server.follow(sent["address"], lambda now: progress(now.get("rows", 0), now.get("of")))


def _print_import(
    gate: RemoteGate, told: dict[str, Any], format_name: str, report: Path | None, unfit: Path | None
) -> None:
    """Show what a server made of the rows, and write the report and the rows that do not fit to files."""
    has_report = told["counts"] is not None
    if has_report and report is not None:
        report.write_bytes(gate.file(f"{told['address']}/report{report.suffix}"))
    if has_report and unfit is not None and told["unfit"]:
        unfit.write_bytes(gate.file(told["unfit"]))
    if has_report and format_name != "table":
        sys.stdout.buffer.write(gate.file(f"{told['address']}/report.{format_name}"))
    else:
        output.print_import(told)


def _exit_code(told: dict[str, Any]) -> int:
    """Return the exit code for an import of a server. Raises RemoteError if nothing of it is in the graph."""
    if told["error"]:
        raise RemoteError(told["error"]["detail"], told["error"]["hint"])
    if told["counts"] is None:
        raise RemoteError(f"Import {told['number']} was cancelled.", "Nothing of it is in the graph.")
    return 3 if told["counts"]["ambiguous"] + told["counts"]["refused"] else 0


def _guess(file: Path, city: str, folder: DataFolder) -> str:
    """Return a guessed mapping, whose city is known to the graph, if there is one."""
    table = read_table(file)
    if folder.current() is None:
        return guess_mapping(table, city)
    return guess_mapping(table, city, Names(folder.open()), Gazetteer.open(folder.path))


def _make_plan(file: Path, mapping: str, source: str, folder: DataFolder) -> Plan:
    """Make the plan of an import, showing progress."""
    read = TableMapping.load(mapping)
    table = read_table(file)
    with showing_rows() as progress:
        gazetteer = Gazetteer.open(folder.path)
        return plan(table, read, Names(folder.open()), source, progress, gazetteer=gazetteer)


def _make_change(planned: Plan, folder: DataFolder, rationale: Rationale, person: str | None) -> None:
    """Make the change of an import; show the findings on a refused one."""
    try:
        with CurationService(folder, progress=lambda step: click.echo(f"{step} …", err=True)) as curation:
            change = Submission.of(planned.statements_with_places(), planned.table.file)
            draft = rationale.draft(uuid4().hex, "import", change, person or getpass.getuser())
            output.print_change(curation.change_json(curation.gate.commit(draft)))
    except RefusedChangeError as error:
        click.echo(error.report.as_text(is_grouped=True), nl=False)
        raise
