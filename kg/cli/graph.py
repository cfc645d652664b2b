"""The commands `citykg query | ask | export`."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from pyoxigraph import DefaultGraph, NamedNode, Quad, QueryResultsFormat, Store, parse_query_results

from kg.cli import output
from kg.cli.options import FILE_PATH, data_option, format_option, option, report_errors
from kg.errors import BadValueError, CityKgError, QueryError, UnknownNameError
from kg.gazetteer import FILE as GAZETTEER_FILE
from kg.queries import CannedQuery, Question, canned_queries, check_value, find_query
from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMAT, RESULT_FORMAT, GraphFormat, ResultFormat
from kg.rdf.lookup import match
from kg.rdf.rows import FirstRows
from kg.rdf.scopes import EVERYTHING, REPORT, WORLD
from kg.rdf.serialise import graph_sort_key, to_format
from kg.sparql import Emptiness, Hint, KnownTerms, Query, advice
from kg.sparql.evaluation import Answer, Dataset, Unions, run, serialise
from kg.sparql.text import form_of
from kg.store import DataFolder

if TYPE_CHECKING:
    from kg.ask import AskAnswer


@click.command()
@click.argument("source", metavar="NAME|FILE|-", required=False)
@option("parameter", "Value of a parameter; may be repeated.", "-p", "given", multiple=True, metavar="NAME=VALUE")
@option("evidence", "Add to each row who says so, and who objects in which way.", "with_evidence", is_flag=True)
@format_option("QUERY", ["table", *RESULT_FORMAT, *GRAPH_FORMAT], "Format of the answer.")
@option(
    "scope",
    "Part of the graph that is asked: report, all, or a work.  [default: that of the canned query; else all]",
    metavar="NAME",
)
@option("list", "List the canned queries and stop.", "listing", is_flag=True)
@data_option
@report_errors
def query(
    source: str | None,
    *,
    given: tuple[str, ...],
    with_evidence: bool,
    format_name: str,
    scope: str | None,
    listing: bool,
    data: Path,
) -> None:
    """Run a canned query by its NAME, a query FILE, or a query from standard input (-).

    Most canned queries ask the first report; standard error says what other works would add, which --scope all asks.
    """
    if listing or source is None:
        build = DataFolder(data).current()
        output.print_catalogue(canned_queries(build.works if build else None).values())
        return
    folder = DataFolder(data)
    store, text, canned = _read_query(folder, source, scope, _pairs(given))
    answer = _with_evidence(store, text, format_name) if with_evidence else run(store, text)
    if format_name == "table":
        is_empty = not output.print_answer(answer)
    else:
        fmt: ResultFormat | GraphFormat = RESULT_FORMAT.get(format_name) or GRAPH_FORMAT[format_name]
        written = serialise(answer, fmt)
        is_empty = isinstance(fmt, ResultFormat) and fmt.is_without_rows(written)
        sys.stdout.buffer.write(written)
    _print_help(store, text, is_empty)
    if canned and canned.scope == REPORT and scope is None:
        _print_other_works(folder, store, text)


def _print_other_works(folder: DataFolder, first: Store, text: str) -> None:
    """Say on standard error what works beside the first would add to its answer, and how to ask them."""
    loaded = folder.require_build().works
    if not loaded:
        return
    from kg.publish.work_names import added_by_others, work_names  # noqa: PLC0415 – most answers need no names

    store = folder.scope(EVERYTHING).open()
    names = work_names(store)
    if "" not in names:
        return
    added = ""
    if WORLD not in loaded:  # a question of all its twinnings takes too long to ask it unasked
        own, every = (FirstRows.of(run(one, text)) for one in (first, store))
        if max(own.count, every.count) <= FirstRows.MOST:
            added = f"{added_by_others(names, own.rows, every.rows)} "
    click.echo(f"Asked of {names['']} alone. {added}All works: --scope all", err=True)


def _with_evidence(store: Store, text: str, format_name: str) -> Answer:
    """Return the answer with its evidence; name the parts of the query without any on standard error."""
    from kg.evidence import EvidenceFinder, Gap  # noqa: PLC0415 – it reads the rules, which takes long, and other commands do not

    found, _ = EvidenceFinder(store, Unions(store, 0)).find(text, Dataset.from_query(text), sys.maxsize)
    if found.gaps:
        output.print_help([Hint(Gap.in_one_line(found.gaps), "docs/evidence", "evidence")])
    table = found.with_columns(ns.compact if format_name == "table" else str)
    return parse_query_results(table, QueryResultsFormat.JSON)


def _print_help(store: Store, text: str, is_empty: bool) -> None:
    """Print hints on a query, and why it has no answer, on standard error."""
    known, query = KnownTerms(store), Query(text, form_of(text))
    found = Emptiness.find(text, query.form, partial(run, store), known) if is_empty else None
    output.print_help(advice(found, known.query_hints(query)))


def _read_query(
    folder: DataFolder, source: str, scope: str | None, values: dict[str, str]
) -> tuple[Store, str, CannedQuery | None]:
    """Return the store to query, the text of the query, and the canned query that it is."""
    is_file = source == "-" or (source.endswith((".rq", ".sparql")) and Path(source).exists())
    if not is_file:
        if replaced := Question.replacement(source, values):
            source, values = (
                replaced.query,
                dict(replaced.given((values | ({"scope": scope} if scope else {})).items())),
            )
            scope = values["scope"]
            click.echo(f"This question is called {source} now; it is asked with {_stated(values)}.", err=True)
        query = find_query(source)
        folder.require_build().require_works(query.works)
        store = folder.scope(scope or query.scope).open()
        return store, _read_question(folder, store, query, values).text(), query
    if values:
        raise QueryError("Only canned queries take parameters.", "Write the values into the query.")
    text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    return folder.scope(scope or EVERYTHING).open(), text, None


def _read_question(folder: DataFolder, store: Store, query: CannedQuery, values: dict[str, str]) -> Question:
    """Return a question whose values fit; standard error says which ones the gazetteer has given."""
    check = partial(check_value, store)
    try:
        return Question.parse(query, values, check)
    except BadValueError:
        path = folder.path / GAZETTEER_FILE
        if not path.exists():
            raise
        from kg.publish.gazetteer_names import values_by_gazetteer  # noqa: PLC0415 – most values are in the graph

        asked = Question.parse(query, values, lambda _, value: value)
        named = values_by_gazetteer(store, asked.as_json(), str(path))
        if not named:
            raise
    for one in named.values():
        click.echo(one["ground"], err=True)
    return Question.parse(query, values | {name: one["value"] for name, one in named.items()}, check)


def _stated(values: Mapping[str, str]) -> str:
    """Return values as options of the command."""
    return " ".join(shlex.join(["-p", f"{name}={value}"]) for name, value in values.items())


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    pairs = dict(entry.partition("=")[::2] for entry in given)
    for entry in given:
        if "=" not in entry:
            raise QueryError(f"{entry!r} is not of the form NAME=VALUE.", "For example: -p thing=city:london")
    return pairs


@click.command()
@option("graph", "One graph, such as report/table-1; otherwise all.", "graph_name", metavar="NAME")
@format_option("EXPORT", list(GRAPH_FORMAT), "Format of the file.", default="trig")
@option("output", "File to write; otherwise standard output.", "-o", "target", type=FILE_PATH)
@data_option
@report_errors
def export(graph_name: str | None, format_name: str, target: Path | None, data: Path) -> None:
    """Write the graph, or one named graph of it, as RDF."""
    content = to_format(_exported_quads(data, graph_name), GRAPH_FORMAT[format_name])
    if target is None:
        sys.stdout.buffer.write(content)
        return
    try:
        _write(target, content)
    except OSError as error:
        raise CityKgError(f"{target} cannot be written: {error.strerror}.", "Name another file with -o.") from error


def _write(target: Path, content: bytes) -> None:
    """Write a file that appears once it is whole; a pipe or a device takes the bytes as they come."""
    if target.exists() and not target.is_file():
        target.write_bytes(content)
        return
    place = target.resolve()
    aside = place.with_name(f".{place.name}.part")
    try:
        aside.write_bytes(content)
        aside.replace(place)
    except OSError:
        aside.unlink(missing_ok=True)
        raise


def _exported_quads(data: Path, graph_name: str | None) -> list[Quad]:
    store = DataFolder(data).open()
    if graph_name is None:
        return sorted((quad for quad in store if quad.graph_name != DefaultGraph()), key=graph_sort_key)
    graph = NamedNode(ns.GRAPH + graph_name.removeprefix(ns.GRAPH).removeprefix("graph/"))
    if not store.contains_named_graph(graph):
        known = [g.value.removeprefix(ns.GRAPH) for g in store.named_graphs() if isinstance(g, NamedNode)]
        raise UnknownNameError("graph", graph_name, known)
    return sorted(match(store, graph=graph), key=str)


_IN_WORDS = {
    "denied": "A source says that there is none.",
    "complete": "A source lists all, and this is not among them.",
    "not-said": "Nothing is said of it.",
    "not-found": "No certain answer.",
}


@click.command()
@click.argument("question", nargs=-1, required=True)
@click.option("--json", "as_json", envvar="CITYKG_JSON", is_flag=True, help="Write JSON, as /ask.json has it.")
@data_option
@report_errors
def ask(question: tuple[str, ...], *, as_json: bool, data: Path) -> None:
    """Answer a QUESTION in your own words, in English or Chinese, with the passages that say so."""
    from kg.ask import ask as answer  # noqa: PLC0415 – it reads the canned queries, and other commands do not

    folder = DataFolder(data)
    build = folder.require_build()
    found = answer(folder.scope(EVERYTHING).open(), " ".join(question))
    if as_json:
        click.echo(json.dumps({"revision": build.revision, **found}, ensure_ascii=False, indent=2))
        return
    for note in _notes(found):
        click.echo(note, err=True)
    if found["status"] in _IN_WORDS:
        click.echo(_IN_WORDS[found["status"]])
    if found["notSaidBy"]:
        click.echo(f"Not named in the text that we have: {', '.join(found['notSaidBy'])}.")
    for asked in found["answers"]:
        for sentence in asked["sentences"]:
            sources = ", ".join(found["labels"][iri] for iri in sentence["passages"])
            click.echo(f"{sentence['text']} [{sources}]")
            for one in sentence["objections"]:
                click.echo(f"  {one['text']}")
        if asked["more"]:
            values = (part for item in asked["parameters"].items() for part in ("-p", "=".join(item)))
            whole = shlex.join(("citykg", "query", asked["question"], *values, "--scope", EVERYTHING))
            click.echo(f"{asked['more']} more: {whole}")
    if found["status"] == "not-found" and found["passages"]:
        click.echo("These passages come closest.")
        for passage in found["passages"]:
            click.echo(f"{passage['label']}: {passage['text']}")
            for sentence in passage["sentences"]:
                click.echo(f"  {sentence['text']}")


def _notes(found: AskAnswer) -> Iterator[str]:
    """Yield what was understood of a question and what not, as the page of an answer has it."""
    if found["things"]:
        yield f"Understood: {', '.join(thing['label'] for thing in found['things'])}"
    for spelt in found["readAs"]:
        yield f"“{spelt['text']}” is read as “{spelt['as']}”."
    if found["notUnderstood"]:
        yield f"Not understood, and left out of account: {_quoted(found['notUnderstood'])}"
    if found["notInPassages"] and found["passages"]:
        yield f"None of the passages below speaks of: {_quoted(found['notInPassages'])}"


def _quoted(texts: Iterable[str]) -> str:
    return " ".join(f"“{text}”" for text in texts)
