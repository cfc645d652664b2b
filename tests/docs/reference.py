"""Makes the pages of `docs/reference` from commands and addresses, the picture of the layers from their contract, and
the table of replaced terms from the ontology.

`python -m tests.docs.reference` prints how the pages differ from what they should be, and ends with 1 if they do;
with `--write` it writes them. A test compares them as well.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from difflib import unified_diff
from pathlib import Path
from typing import Any

import click

from kg.building import build
from kg.cli import main
from kg.queries import canned_queries
from kg.rdf.formats import GRAPH_FORMATS
from kg.store import DataFolder
from tests.docs import architecture, replaced_terms
from tests.support.serving import client as client_of

PAGES = Path(__file__).parent.parent.parent / "docs" / "reference"
METHODS = ("get", "post", "put", "delete")
_RDF = {fmt.media_type for fmt in GRAPH_FORMATS}
_SHORT = {
    "text/html": "HTML",
    "application/json": "JSON",
    "application/linkset+json": "link set (JSON)",
    "application/sparql-results+json": "JSON",
    "application/sparql-results+xml": "XML",
    "application/geo+json": "GeoJSON",
    "application/atom+xml": "Atom",
    "application/gzip": "gzip",
    "application/n-quads": "N-Quads",
    "application/sparql-query": "SPARQL",
    "application/x-suggestions+json": "OpenSearch Suggestions",
    "application/opensearchdescription+xml": "OpenSearch",
    "application/rdf-patch": "RDF Patch",
    "text/csv": "CSV",
    "text/tab-separated-values": "TSV",
    "text/turtle": "Turtle",
    "text/plain": "text",
}

COMMANDS_INTRODUCTION = """\
# Commands

`citykg COMMAND --help` says the same. Each option can be given as an environment variable instead.
`citykg --version` says which version is installed; `/openapi.json` of a service says which one answers.
"""
ADDRESSES_INTRODUCTION = f"""\
# Addresses

`/openapi.json` of a running server says the same for programs, and lists each canned query with its parameters.

- **Formats.** Where several are listed, `Accept` decides, or a suffix where there is an address with one. *RDF* means
  {", ".join(f"`.{fmt.suffix}` ({fmt.media_type})" for fmt in GRAPH_FORMATS)}.
- **Revisions.** Every answer names the revision of the graph in `X-Revision`. With `?at=<revision>` a query or document
  is answered as it was then, for the revisions that are kept. With `?min-revision=<revision>` the answer holds that
  revision or a later one, and is 412 where the graph has not come so far; then an engine that lags may answer, too.
- **Errors** are `application/problem+json` (RFC 9457), or a page for browsers. The `type` leads to a page below
  `/docs/errors/`, which says what the error means and what to do.
- **HEAD and OPTIONS** are answered everywhere, QUERY at `/sparql`.
"""


def commands() -> dict[str, click.Command]:
    """Return all commands by name, those of a group with its name before theirs."""
    context = click.Context(main.cli)
    found: dict[str, click.Command] = {}
    for name in main.cli.list_commands(context):
        command = main.cli.get_command(context, name)
        assert command is not None
        below = command.commands if isinstance(command, click.Group) else {}
        found |= {f"{name} {other}": one for other, one in below.items()} if below else {name: command}
    return dict(sorted(found.items()))


def commands_page() -> str:
    """Return the page of all commands with their options."""
    return COMMANDS_INTRODUCTION + "".join(
        f"\n{part}" for name, one in commands().items() for part in _command(name, one)
    )


def _command(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=f"citykg {name}")
    yield f"## {name}\n"
    yield f"`{' '.join(['citykg', name, *command.collect_usage_pieces(context)])}`\n"
    yield f"{_unwrapped(command.help or '')}\n"
    yield _table(("option", "variable", "default", "what"), map(_option, options(command)))


def _unwrapped(text: str) -> str:
    """Return the help of a command as paragraphs of one line, without the marks that click reads."""
    paragraphs = (" ".join(part.split()) for part in text.replace("\b", "").split("\n\n"))
    return "\n\n".join(part for part in paragraphs if part)


def options(command: click.Command) -> list[click.Option]:
    """Return the options of a command in the order of its help."""
    return [parameter for parameter in command.params if isinstance(parameter, click.Option)]


def _option(option: click.Option) -> tuple[str, ...]:
    flags = ", ".join(f"`{flag}`" for flag in option.opts)
    stated = isinstance(option.default, str | int | float) and option.default != "" and not option.is_flag
    choices = option.type.choices if isinstance(option.type, click.Choice) else ()
    one_of = f" One of {', '.join(f'`{choice}`' for choice in choices)}." if choices else ""
    return (
        flags,
        f"`{option.envvar}`" if option.envvar else "",
        f"`{option.default}`" if stated else "",
        f"{option.help}{one_of}",
    )


def addresses_page(openapi: Mapping[str, Any]) -> str:
    """Return the page of all addresses, by the subjects that the OpenAPI document sorts them into.

    The canned queries are one row.
    """
    canned = {query.topic for query in canned_queries().values()}
    rows: dict[str, list[tuple[str, ...]]] = {tag["name"]: [] for tag in openapi["tags"] if tag["name"] not in canned}
    for path, operations in openapi["paths"].items():
        for method in METHODS:
            operation = operations.get(method, {})
            for tag in set(operation.get("tags", ())) & rows.keys():
                rows[tag].append(_address(path, method, operation))
    rows["questions"].append(_canned(openapi, canned))
    return ADDRESSES_INTRODUCTION + "".join(_subject(*subject) for subject in rows.items())


def _subject(tag: str, rows: Iterable[tuple[str, ...]]) -> str:
    heading = tag if tag.isupper() else tag.capitalize()
    return f"\n## {heading}\n\n" + _table(("", "address", "what", "takes", "answers with"), rows)


def _address(path: str, method: str, operation: Mapping[str, Any]) -> tuple[str, ...]:
    taken = [f"`{p['name']}`" for p in operation.get("parameters", ()) if p["in"] != "path"]
    return method.upper(), f"`{_written(path)}`", operation["summary"], ", ".join(taken), _formats(operation)


def _canned(openapi: Mapping[str, Any], topics: set[str]) -> tuple[str, ...]:
    """Return the row that stands for all canned queries: the formats are those of any, the parameters common to all."""
    queries = [
        operations["get"]
        for operations in openapi["paths"].values()
        if topics & set(operations.get("get", {}).get("tags", ()))
    ]
    common = set.intersection(*({p["name"] for p in query["parameters"]} for query in queries))
    content = {name: {} for query in queries for name in query["responses"]["200"]["content"]}
    return (
        "GET",
        "`/queries/<name>`",
        "Answer one of the canned queries; a suffix such as `.csv` decides the format, "
        "`.rq` gives the text with its values.",
        ", ".join(["the query's own parameters", *(f"`{name}`" for name in sorted(common))]),
        _formats({"responses": {"200": {"content": content}}}),
    )


def _formats(operation: Mapping[str, Any]) -> str:
    """Return the formats of the answer in short; its statuses where it has no content, such as a redirection."""
    responses = {status: one for status, one in operation["responses"].items() if status[0] in "23"}
    types = [name for one in responses.values() for name in one.get("content", {})]
    if not types:
        return " or ".join(sorted(responses))
    if any_rdf := set(types) >= _RDF:
        types = [name for name in types if name not in _RDF]
    return ", ".join(dict.fromkeys([*(["RDF"] if any_rdf else []), *(_SHORT.get(name, name) for name in types)]))


def _written(path: str) -> str:
    return re.sub(r"{(\w+)}", r"<\1>", path)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *(tuple(cell.replace("|", r"\|") for cell in row) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def openapi(folder: DataFolder) -> dict[str, Any]:
    """Return the OpenAPI document of a service over a built graph."""
    with client_of(folder) as client:
        stated: dict[str, Any] = json.loads(client.get("/openapi.json").text)
    return stated


def pages(folder: DataFolder) -> dict[Path, str]:
    """Return the text of each page by its path; addresses need a built graph, since parameters have its choices."""
    return {
        PAGES / "commands.md": commands_page(),
        PAGES / "addresses.md": addresses_page(openapi(folder)),
        architecture.PAGE: architecture.page(),
        replaced_terms.PAGE: replaced_terms.page(),
    }


def _differences(wanted: Mapping[Path, str]) -> str:
    return "".join(
        line
        for path, text in wanted.items()
        for line in unified_diff(
            path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else [],
            text.splitlines(keepends=True),
            str(path),
            "as it should be",
        )
    )


@click.command()
@click.option("--write", is_flag=True, help="Write the pages.")
def run(write: bool) -> None:
    """Compare or write what is generated in docs."""
    with tempfile.TemporaryDirectory() as place:
        folder = DataFolder(Path(place))
        build(folder)
        wanted = pages(folder)
    if write:
        for path, text in wanted.items():
            path.write_text(text, encoding="utf-8")
        return
    click.echo(differences := _differences(wanted), nl=False)
    sys.exit(bool(differences))


if __name__ == "__main__":
    run()
