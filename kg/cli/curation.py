"""The commands of curators: validate, submit, propose, proposals, accept, refuse, withdraw, revert, measure.

They take the data folder's lock, or act through a running server with --server and the token in CITYKG_TOKEN.
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import click

from kg.cli import output
from kg.cli.options import (
    FILE_PATH,
    Command,
    data_option,
    format_option,
    option,
    report_errors,
    server_option,
    showing_progress,
)
from kg.cli.remote import RemoteGate, report_of
from kg.curation import CurationService, ProposalState, Rationale, RefusedChangeError, SubmissionReport
from kg.errors import BadValueError, CityKgError
from kg.findings import RefusedSubmissionError
from kg.jobs import Control
from kg.rdf import graphs
from kg.store import DataFolder
from kg.submissions import SubmittedText, UnsupportedTypeError, media_type_of, read
from kg.submissions.checks import withdraws

Texts = Sequence[SubmittedText]
Answer = dict[str, Any]
"""The answer on a change or a proposal, as over HTTP."""


@dataclass(frozen=True)
class LocalBackend:
    """A data folder, changed by a named person."""

    folder: DataFolder
    curation: CurationService
    person: str

    def report(self, texts: Texts, graph: str) -> SubmissionReport:
        """Return the report on a change that adds and removes the statements of texts."""
        submission = read(texts, graphs.writable_graph(graph), store=self.folder.open())
        if any(map(graphs.is_of_a_work, submission.change.added)):
            raise CityKgError(
                "These are files of a work beside the report, and no change of a curator.",
                "Try them: citykg build --check --facts DIR (docs/curating/works.md).",
            )
        return self.curation.validation.report(submission)

    def submit(self, texts: Texts, graph: str, rationale: Rationale) -> Answer:
        """Make a change; return the proposal that it becomes instead if it withdraws something."""
        iri, store = graphs.writable_graph(graph), self.folder.open()
        submission = read(texts, iri, store=store)
        if withdraws(submission.change, store):
            report = self.curation.validation.report(submission)
            return self.curation.propose_instead(texts, iri, rationale, self.person, report).as_dict()
        draft = rationale.draft(uuid4().hex, "submit", submission, self.person)
        return self.curation.change_json(self.curation.gate.commit(draft))

    def propose(self, texts: Texts, graph: str, rationale: Rationale) -> Answer:
        iri = graphs.writable_graph(graph)
        report = self.curation.validation.report(read(texts, iri, store=self.folder.open()))
        made = self.curation.propose(texts, iri, rationale, self.person, report)
        return made.as_dict() | {"findings": made.findings}

    def proposals(self, state: str) -> list[Answer]:
        """Return the latest proposals, those in one state or, for "", all."""
        page = self.curation.proposals.page(ProposalState(state) if state else None)
        return [proposal.as_dict() for proposal in page.proposals]

    def accept(self, number: int, acknowledged: bool) -> Answer:
        return self.curation.change_json(self.curation.accept(number, self.person, acknowledged))

    def refuse(self, number: int, reason: str) -> Answer:
        return self.curation.refuse(number, self.person, reason).as_dict()

    def withdraw(self, number: int, reason: str) -> Answer:
        return self.curation.withdraw(number, self.person, reason).as_dict()

    def revert(self, number: int, summary: str, acknowledged: bool, dependents: bool) -> Answer:
        made = self.curation.undo(
            *(number, uuid4().hex),
            agent=self.person,
            summary=summary,
            acknowledged=acknowledged,
            with_dependents=dependents,
        )
        return self.curation.change_json(made)


@dataclass(frozen=True)
class RemoteBackend:
    """A running server, changed by the holder of the token."""

    gate: RemoteGate

    def report(self, texts: Texts, graph: str) -> SubmissionReport:
        return report_of(self.gate.post("/validate", {"graph": graph}, texts))

    def submit(self, texts: Texts, graph: str, rationale: Rationale) -> Answer:
        return self.gate.post("/changes", _parameters(rationale, graph), texts)

    def propose(self, texts: Texts, graph: str, rationale: Rationale) -> Answer:
        return self.gate.post("/proposals", _parameters(rationale, graph), texts)

    def proposals(self, state: str) -> list[Answer]:
        return list(self.gate.get("/proposals", {"state": state})["proposals"])

    def accept(self, number: int, acknowledged: bool) -> Answer:
        return self.gate.accept(number, _acknowledgement(acknowledged))

    def refuse(self, number: int, reason: str) -> Answer:
        return self.gate.post(f"/proposals/{number}/refuse", {"reason": reason})

    def withdraw(self, number: int, reason: str) -> Answer:
        return self.gate.post(f"/proposals/{number}/withdraw", {"reason": reason})

    def revert(self, number: int, summary: str, acknowledged: bool, dependents: bool) -> Answer:
        words = {"summary": summary} | _acknowledgement(acknowledged) | ({"dependents": "yes"} if dependents else {})
        return self.gate.post(f"/changes/{number}/revert", words)


Backend = LocalBackend | RemoteBackend
"""The place where a command acts."""


def _parameters(rationale: Rationale, graph: str) -> dict[str, str]:
    said = {"summary": rationale.summary, "source": rationale.source, "graph": graph}
    return said | _acknowledgement(rationale.acknowledged)


def _acknowledgement(seen: bool) -> dict[str, str]:
    return {"acknowledge": "yes"} if seen else {}


graph_option = option(
    "graph",
    "The graph that triples are for.",
    envvar="CITYKG_CURATED_GRAPH",
    default=graphs.DRAFT,
    show_default=True,
)
removed_option = option("removed", "File with what is to be removed.", type=FILE_PATH)
acknowledge_option = option("acknowledge", "Say that you have seen the warnings.", is_flag=True)


def backend_options(command: Command) -> Command:
    """Give a command the options that say where it acts, and by whom; it receives them for `_backend`."""
    command = server_option("Act through this server, with the token in CITYKG_TOKEN.")(command)
    words = "Your name in the history; else the one of your login. A server goes by the token."
    return option("as", words, "person")(data_option(command))


def change_options(command: Command) -> Command:
    """Give a command the options that say what a change is, and why; it receives `texts`, `graph` and `rationale`."""

    @wraps(command)
    def run(
        files: tuple[Path, ...], removed: Path | None, summary: str, source: str, acknowledge: bool, **others: Any
    ) -> Any:
        rationale = Rationale.parse(summary, source, acknowledge)
        return command(texts=_some_texts(files, removed), rationale=rationale, **others)

    for given in (
        acknowledge_option,
        graph_option,
        option("source", "IRI of the source.", required=True),
        option("summary", "Why, in a sentence.", required=True),
        removed_option,
        click.argument("files", nargs=-1, type=FILE_PATH),
    ):
        run = given(run)
    return cast(Command, run)


@click.command()
@click.argument("files", nargs=-1, type=FILE_PATH)
@removed_option
@graph_option
@format_option("VALIDATE", ["text", "json", "ttl"], "Format of the report.")
@backend_options
@report_errors
def validate(files: tuple[Path, ...], removed: Path | None, graph: str, format_name: str, **where: Any) -> None:
    """Say what FILES together would do to the graph. Exit 0: conforms, 1: does not, 2: unreadable."""
    try:
        with _backend(**where) as backend:
            report = backend.report(_texts(files, removed), graph)
    except (RefusedSubmissionError, UnsupportedTypeError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    written = {"text": lambda: report.as_text().encode(), "json": report.as_json, "ttl": report.as_turtle}
    sys.stdout.buffer.write(written[format_name]())
    sys.exit(0 if report.conforms else 1)


@click.command()
@report_errors
@change_options
@backend_options
def submit(texts: Texts, graph: str, rationale: Rationale, **where: Any) -> None:
    """Make a change: add what FILES say, and take away what --removed says."""
    with _backend(**where) as backend:
        told = backend.submit(texts, graph, rationale)
        if "state" in told:
            output.print_proposal(told)
            click.echo(f"{CurationService.TAKES_TWO} citykg accept {told['number']}")
        else:
            output.print_change(told)


@click.command()
@report_errors
@change_options
@backend_options
def propose(texts: Texts, graph: str, rationale: Rationale, **where: Any) -> None:
    """Propose a change, for a curator to accept or refuse."""
    with _backend(**where) as backend:
        output.print_proposal(backend.propose(texts, graph, rationale))


@click.command()
@option("state", "Only those in this state.", type=click.Choice([str(state) for state in ProposalState]))
@backend_options
@report_errors
def proposals(state: str | None, **where: Any) -> None:
    """List the latest proposals."""
    with _backend(**where) as backend:
        output.print_proposals(backend.proposals(state or ""))


@click.command()
@click.argument("number", type=int)
@acknowledge_option
@backend_options
@report_errors
def accept(number: int, acknowledge: bool, **where: Any) -> None:
    """Make the change that proposal NUMBER wants, if it still conforms."""
    with _backend(**where) as backend:
        output.print_change(backend.accept(number, acknowledge))


@click.command()
@click.argument("number", type=int)
@option("reason", "What the proposer should know.", required=True)
@backend_options
@report_errors
def refuse(number: int, reason: str, **where: Any) -> None:
    """Refuse proposal NUMBER."""
    with _backend(**where) as backend:
        output.print_proposal(backend.refuse(number, reason))


@click.command()
@click.argument("number", type=int)
@option("reason", "What reviewers should know.", default="")
@backend_options
@report_errors
def withdraw(number: int, reason: str, **where: Any) -> None:
    """Withdraw proposal NUMBER, which is your own."""
    with _backend(**where) as backend:
        output.print_proposal(backend.withdraw(number, reason))


@click.command()
@click.argument("number", type=int)
@option("summary", "Why, in a sentence.", default="")
@option("dependents", "Undo the later changes that build on it, too: all of them, or none.", is_flag=True)
@acknowledge_option
@backend_options
@report_errors
def revert(number: int, summary: str, dependents: bool, acknowledge: bool, **where: Any) -> None:
    """Take change NUMBER back by another one."""
    with _backend(**where) as backend:
        output.print_change(backend.revert(number, summary or f"Undo change {number}", acknowledge, dependents))


@click.command()
@data_option
@server_option("Have this server compute them, with the token in CITYKG_TOKEN.")
@report_errors
def measure(data: Path, server: str | None) -> None:
    """Compute how central each twinned body is, and the clusters, of the current revision.

    They are kept as statements of graph/measures until they are computed again. Needs the extra `analysis`.
    """
    with showing_progress() as progress:
        if server is not None:
            measured = RemoteGate(server, os.environ.get("CITYKG_TOKEN", "")).measure(progress)
        else:
            with CurationService(DataFolder(data), progress=_say) as curation:
                measured = curation.gate.measure(Control(lambda step, done, of: progress(step, of))).measured
    click.echo(f"The measures are of revision {measured}.")


@contextmanager
def _backend(person: str | None, server: str | None, data: Path) -> Iterator[Backend]:
    """Yield the place where a command acts; show the findings on a refused change."""
    try:
        if server is not None:
            yield RemoteBackend(RemoteGate(server, os.environ.get("CITYKG_TOKEN", "")))
        else:
            folder = DataFolder(data)
            with CurationService(folder, progress=_say) as curation:
                yield LocalBackend(folder, curation, person or getpass.getuser())
    except RefusedChangeError as error:
        click.echo(error.report.as_text(), nl=False)
        raise


def _say(step: str) -> None:
    click.echo(f"{step} …", err=True)


def _some_texts(files: Sequence[Path], removed: Path | None) -> list[SubmittedText]:
    """Return texts to submit; several go with the names of their files. Raises BadValueError if there is none."""
    texts = _texts(files, removed)
    if not texts:
        raise BadValueError("There is nothing to change.", "Name a FILE, or a file with --removed.")
    return [replace(text, file=Path(text.file).name if len(texts) > 1 else "") for text in texts]


def _texts(files: Sequence[Path], removed: Path | None) -> list[SubmittedText]:
    named = [(path, "added") for path in files] + ([(removed, "removed")] if removed is not None else [])
    return [SubmittedText(bytes_of(path), media_type_of(path), part, str(path)) for path, part in named]


def bytes_of(path: Path) -> bytes:
    """Return the bytes of a file. Raises CityKgError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CityKgError(f"{path} cannot be read: {error.strerror}.", "Name a file that you may read.") from error
