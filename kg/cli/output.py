"""The output of commands for people: tables on a terminal, the same without colour elsewhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pyoxigraph import NamedNode, Quad, QueryBoolean, QuerySolutions
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kg import resources
from kg.findings import Check, Finding, FindingGroup
from kg.messages import quantity
from kg.objections import shorten
from kg.queries import CannedQuery
from kg.rdf import namespaces as ns
from kg.running import RunningQuery
from kg.sparql import Hint
from kg.sparql.evaluation import Answer

if TYPE_CHECKING:
    from rich.console import JustifyMethod

    from kg.accounts import AccessToken
    from kg.building import BuildSummary
    from kg.history import Record
    from kg.shacl import Report
    from kg.tables import Plan

PLAIN_WIDTH = 400
_PLACES = 3
"""Places that are shown of a text that stands in several rows."""


def _console() -> Console:
    """Return a console that fits the terminal; a file or a pipe gets wide lines that nothing cuts."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)


def _table(title: str, names: Sequence[str], numbers: Sequence[str] = (), fixed: Sequence[str] = ()) -> Table:
    """Return a table with columns of these names: `numbers` stand right, and `fixed` ones are never broken."""
    table = Table(title=title, title_justify="left")
    for name in names:
        justify: JustifyMethod = "right" if name in numbers else "left"
        table.add_column(name, overflow="fold", no_wrap=name in fixed, justify=justify)
    return table


def print_remarks(report: Report) -> None:
    """Print warnings, and hints on files from elsewhere; what is said of our own is known (shapes/README.md)."""
    for result in report.results:
        is_ours = bool(result.file) and Path(result.file).is_relative_to(resources.FACTS)
        if not is_ours and (result.severity == "Warning" or (result.severity == "Info" and result.file)):
            _console().print(str(result), markup=False, soft_wrap=True)


def print_summary(summary: BuildSummary) -> None:
    """Print the summary of a build."""
    table = _table("Built", ("graphs", "quads"), numbers=("quads",))
    for family, count in summary.quads_by_family.items():
        table.add_row(family, str(count))
    console = _console()
    console.print(table)
    works = _table("Works", ("work", "passages", "statements"), numbers=("passages", "statements"))
    for work in summary.works:
        works.add_row(work.label, str(work.passages), str(work.statements))
    console.print(works)
    bodies, *unknown = summary.twinned
    if any(unknown):
        country, position, kind = (f"{number:,}" for number in unknown)
        console.print(
            f"Of {bodies:,} twinned bodies {country} have no country, {position} no position, {kind} no class.",
            soft_wrap=True,
        )
    print_remarks(summary.report)
    if summary.migrated:
        numbers = ", ".join(map(str, summary.migrated))
        which = "Change" if len(summary.migrated) == 1 else "Changes"
        console.print(f"{which} {numbers}: read in today's terms, which have replaced older ones.", soft_wrap=True)
    for concept in summary.same_names:
        console.print(concept.line(), markup=False, soft_wrap=True)
    for change in summary.withheld:
        console.print("\n".join(change.lines(withheld=True)), markup=False, soft_wrap=True)
    for change in summary.broken:
        console.print("\n".join(change.lines()), markup=False, soft_wrap=True)
    build = summary.build
    if build.works:
        console.print(f"Works beside the report: {', '.join(build.works)}.", markup=False, soft_wrap=True)
    console.print(
        f"{_verdict(summary)} {build.quads} quads, {build.inferred} of them inferred. Content {build.content_hash}",
        soft_wrap=True,
    )


def _verdict(summary: BuildSummary) -> str:
    count = len(summary.withheld) + len(summary.broken)
    if not count:
        return "The facts conform."
    withheld = ""
    if summary.withheld:
        numbers = ", ".join(str(change.record.number) for change in summary.withheld)
        withheld = f" Not in the graph: {numbers}."
    does = "change of the history no longer does" if count == 1 else "changes of the history no longer do"
    return f"The facts of the files conform; {count} {does}.{withheld}"


def print_catalogue(queries: Iterable[CannedQuery]) -> None:
    """Print the canned queries by topic."""
    table = _table("Canned queries", ("topic", "name", "question", "parameters"), fixed=("name",))
    for query in queries:
        taken = ", ".join(f"{p.name}={p.example}" for p in query.parameters)
        table.add_row(query.topic, query.name, query.summary, taken)
    _console().print(table)


def print_answer(answer: Answer) -> bool:
    """Print an answer: a table for SELECT, a word for ASK, N-Triples for a graph. Return False if it is empty."""
    if isinstance(answer, QueryBoolean):
        click.echo("true" if answer else "false")
        return bool(answer)
    if isinstance(answer, QuerySolutions):
        return _print_rows(answer) > 0
    triples = list(answer)
    for triple in triples:
        click.echo(f"{triple} .")
    return bool(triples)


def print_help(hints: Iterable[Hint]) -> None:
    """Print hints on standard error, each with the corrected query if there is one."""
    for hint in hints:
        click.echo(hint.sentence, err=True)
        if hint.query:
            click.echo(f"Corrected query:\n{hint.query.strip()}", err=True)


def _print_rows(solutions: QuerySolutions) -> int:
    names = [variable.value for variable in solutions.variables]
    table = Table()
    for name in names:
        table.add_column(name, overflow="fold")
    for row in solutions:
        table.add_row(*(_cell(row[name]) for name in names))
    console = _console()
    console.print(table)
    console.print(quantity(table.row_count, "row"))
    return table.row_count


def _cell(term: object) -> Text:
    if isinstance(term, NamedNode):
        return Text(ns.compact(term.value))
    return Text("" if term is None else shorten(str(getattr(term, "value", term)), "\n"))


def print_tokens(tokens: Iterable[AccessToken], now: str) -> None:
    """Print tokens as a table, with those that have expired."""
    table = _table("Tokens", ("name", "role", "query seconds", "created", "last used", "valid until", "revoked"))
    for token in tokens:
        seconds = "" if token.seconds is None else f"{token.seconds:g}"
        until = f"{token.expires} (ended)" if token.has_expired(now) else token.expires or "no end"
        used = token.last_used or "never"
        cells = (token.name, token.role, seconds, token.created, used, until, token.revoked or "")
        table.add_row(*map(Text, cells))
    _console().print(table)


def print_running(queries: Iterable[RunningQuery]) -> None:
    """Print running queries, and for how long they have run."""
    table = _table("Running queries", ("ID", "seconds", "client", "query"), numbers=("seconds",))
    for query in queries:
        text = "".join(letter if letter.isprintable() else " " for letter in " ".join(query.text.split()))
        table.add_row(*map(Text, (query.id, f"{query.seconds():,.0f}", query.client or "ours", text)))
    _console().print(table)


def print_use_of_token(days: int | None) -> None:
    """Print on standard error how to use a token that was just printed, and how long it is valid."""
    valid = "" if days is None else f" It is valid for {days} {'day' if days == 1 else 'days'}."
    click.echo(
        f"This is the token. Keep it now: it is not shown again.{valid} To use it:\n"
        "  read -rs CITYKG_TOKEN && export CITYKG_TOKEN    # paste it; nothing is shown\n"
        '  curl -H "Authorization: Bearer $CITYKG_TOKEN" http://127.0.0.1:8000/proposals',
        err=True,
    )


def print_change(told: dict[str, Any]) -> None:
    """Print the summary of a change, and the statements that an undo skipped."""
    click.echo(
        f"Change {told['number']}: {told['summary']} ({told['added']} added, {told['removed']} removed). "
        f"The graph is at revision {told['revision']}."
    )
    if told.get("revertsToo"):
        click.echo(f"Undone with it: changes {', '.join(map(str, told['revertsToo']))}, which build on it.")
    for skipped in told.get("skipped", ()):
        statements = skipped["statements"]
        click.echo(f"Skipped {len(statements)} statement{'' if len(statements) == 1 else 's'}: {skipped['why']}")


def print_proposal(told: dict[str, Any]) -> None:
    """Print the state of a proposal, and its findings."""
    click.echo(f"Proposal {told['number']} ({told['state']}): {told['summary']}")
    for finding in told.get("findings", ()):
        click.echo(f"  {Finding(**finding)}")


def print_proposals(proposals: list[dict[str, Any]]) -> None:
    """Print a list of proposals."""
    names = ("number", "state", "submitted", "proposer", "summary", "reviewer", "reason", "change")
    _print_each("Proposals", proposals, names)


def _print_each(title: str, listed: Sequence[dict[str, Any]], names: Sequence[str]) -> None:
    """Print a table of items with the given members."""
    if not listed:
        click.echo("There are none.")
        return
    table = _table(title, names)
    for told in listed:
        table.add_row(*(Text(str(told.get(name) or "")) for name in names))
    _console().print(table)


def print_checks(checks: Sequence[Check]) -> None:
    """Print checks as a table, advice on failed ones, and the verdict."""
    table = _table("Verified", ("check", "verdict", "found"))
    for check in checks:
        verdict = Text("good", "green") if check.passed else Text("WRONG", "bold red")
        table.add_row(Text(check.name), verdict, Text(check.found))
    _console().print(table)
    failed = [check for check in checks if not check.passed]
    for hint in dict.fromkeys(check.hint for check in failed):
        click.echo(hint)
    click.echo(f"{len(failed)} of {len(checks)} checks failed." if failed else "All is as it should be.")


def print_plan(plan: Plan) -> None:
    """Print a plan: the number of rows by outcome and reason, with the first rows of each reason."""
    console = _console()
    _print_rows_by_reason(plan.table.file, plan.counts, plan.summary()["reasons"])
    _print_undecided(plan.undecided)
    _print_grouped(plan.findings)
    things, statements = plan.counts["things"], plan.counts["statements"]
    made = f"{quantity(things, 'new thing')}, {quantity(statements, 'statement')}"
    console.print(f"{made} for {plan.source.graph.value.removeprefix(ns.BASE)}.")


def print_import(told: dict[str, Any]) -> None:
    """Print the state of an import on a server, its rows by outcome and reason, and its findings."""
    if told["counts"] is not None:
        _print_rows_by_reason(told["file"], told["counts"], told["reasons"])
    _print_undecided(told.get("undecided", ()))  # which older servers do not send
    _print_grouped(Finding(**finding) for finding in told["findings"])
    click.echo(_outcome(told))


def _print_rows_by_reason(file: str, counts: Mapping[str, int], reasons: Iterable[Mapping[str, Any]]) -> None:
    """Print the number of rows by outcome and reason, with the first rows of each reason."""
    names = ("outcome", "rows", "why (of the first row)", "where")
    table = _table(f"{file}: {counts['rows']} rows", names, numbers=("rows",))
    for outcome in ("new", "known", "ambiguous", "refused"):
        table.add_row(outcome, str(counts[outcome]), "", "")
        for told in reasons:
            if told["outcome"] == outcome:
                more = ["…"] if told["rows"] > len(told["places"]) else []
                why = Text(f"{told['message']} {told['hint']}".strip())
                table.add_row("", str(told["rows"]), why, ", ".join([*told["places"], *more]))
    _console().print(table)


def _print_undecided(texts: Sequence[Mapping[str, Any]]) -> None:
    """Print what each text that is not clear may mean, a candidate in each row."""
    texts = [one for one in texts if one["choices"]]
    if not texts:
        return
    names = ("text", "where", "may be", "kind", "country", "position", "km", "twins", "decision")
    table = _table("What may be meant", names, numbers=("km", "twins"), fixed=("decision",))
    for one in texts:
        where = ", ".join(one["places"][:_PLACES]) + (", …" if one["places"][_PLACES:] else "")
        for at, choice in enumerate(one["choices"]):
            begin = ("", "") if at else (one["text"], where)
            position = f"{choice['latitude']:.2f}, {choice['longitude']:.2f}" if "latitude" in choice else ""
            more = (str(choice.get(name, "")) for name in ("kilometres", "twins"))
            row = (*begin, choice["label"], choice["kind"], choice["country"], position, *more, choice["name"])
            table.add_row(*map(Text, row))
    _console().print(table)
    example = f"{{{json.dumps(texts[0]['text'], ensure_ascii=False)}: {texts[0]['choices'][0]['name']}}}"
    click.echo(f"Decide in the mapping, such as: decisions: {example}")


def _print_grouped(findings: Iterable[Finding]) -> None:
    """Print findings, those with one message once, with their number and the first places."""
    for group in FindingGroup.group(findings):
        click.echo("\n".join(group.lines()))


def _outcome(told: dict[str, Any]) -> str:
    """Return the outcome of an import as a sentence."""
    number = told["number"]
    if told["proposal"] and not told["change"]:
        return f"Import {number} is proposal {told['proposal'].rpartition('/')[2]}, which waits for a curator."
    if told["change"]:
        return f"Import {number} is change {told['change'].rpartition('/')[2]}."
    if told["state"] == "done":
        return f"Import {number}: " + ("a dry run, nothing is changed." if told["dryRun"] else "nothing of it is new.")
    return f"Import {number} is {told['state']}; nothing of it is in the graph."


def print_imports(imports: Sequence[dict[str, Any]]) -> None:
    """Print a list of imports."""
    names = ("number", "state", "submitted", "agent", "file", "mapping", "summary", "proposal", "change", "undoneBy")
    _print_each("Imports", imports, names)


def print_history(changes: Sequence[dict[str, Any]]) -> None:
    """Print summaries of changes as a table, in their order."""
    if not changes:
        click.echo("There are no changes.")
        return
    names = ("number", "at", "by", "what", "summary", "added", "removed")
    table = _table("Changes", names, numbers=("number", "added", "removed"))
    for change in changes:
        by = change["agent"] + (f", accepted by {change['reviewer']}" if change["reviewer"] else "")
        kind = change["kind"] + (f" of {change['reverts']}" if change["reverts"] else "")
        cells = (change["number"], change["at"], by, kind, *(change[name] for name in ("summary", "added", "removed")))
        table.add_row(*(Text(str(cell)) for cell in cells))
    _console().print(table)


def print_record(record: Record) -> None:
    """Print one change: its metadata, and each statement added or removed, with its graph."""
    console = _console()
    said = {
        "by": record.agent,
        "accepted by": record.reviewer,
        "at": record.at,
        "kind": record.kind,
        "takes back": ", ".join(map(str, record.undoes)) or None,
        "source": record.source,
        "hash": record.hash,
    }
    console.print(Text(f"Change {record.number}: {record.summary}", "bold"), soft_wrap=True)
    for name, value in said.items():
        if value is not None:
            console.print(Text(f"  {name}: {value}"), soft_wrap=True)
    for warning in record.acknowledged:
        console.print(Text(f"  acknowledged: {warning}", "yellow"), soft_wrap=True)
    for sign, colour, quads in (("-", "red", record.removed_quads()), ("+", "green", record.added_quads())):
        for quad in sorted(quads, key=lambda quad: (str(quad.graph_name), str(quad))):
            console.print(Text(f"{sign} {_in_words(quad)}", colour), soft_wrap=True)


def print_exported_files(files: Iterable[Path], statements: int, changes: int) -> None:
    """Print the files that were written, and how to use them."""
    for file in files:
        click.echo(str(file))
    click.echo(
        f"{statements} statements, up to change {changes}. To make them part of the files: put all of "
        "the directory into kg/facts/curated, and build."
    )


def _in_words(quad: Quad) -> str:
    terms = (quad.subject, quad.predicate, quad.object)
    triple = " ".join(ns.compact(term.value) if isinstance(term, NamedNode) else str(term) for term in terms)
    graph = quad.graph_name
    return f"{triple}  ({graph.value.removeprefix(ns.BASE) if isinstance(graph, NamedNode) else graph})"
