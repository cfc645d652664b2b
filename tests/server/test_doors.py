"""Every door says the same of who objects to a tie, and how: here to the twinning of Birmingham and Guangzhou."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import warnings
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import unquote, urlencode

import pytest

import kg
from kg.objections import as_literal, objections_of, parse_objections, shorten
from kg.rdf import namespaces as ns
from kg.store.data_folder import DataFolder
from tests.support.called import called
from tests.support.http import Ask
from tests.support.loops import in_own_loop

TIE = f"{ns.ID}twinning/birmingham-guangzhou"
PAIRS = (("denies", f"{ns.ID}passage/section-3.1-p2"), ("denies", f"{ns.ID}passage/table-1"))
QUESTION = "/queries/twins-of-a-city"
WHO = f"SELECT ?t {{ VALUES ?t {{ <{TIE}> }} ?t cd:twin city:birmingham }}"


def cells(table: str) -> list[str]:
    return [row["objections"] for row in csv.DictReader(io.StringIO(table))]


def told_to_a_model(address: str, tool: str, **arguments: object) -> list[str]:
    """Return the texts that a tool answers by the Model Context Protocol."""
    from mcp.client import Client  # takes a second of a processor, which only these tests have to spend

    async def asked() -> list[str]:
        async with Client(f"{address}/mcp") as client:
            said = await client.call_tool(tool, arguments)
            return [part.text for part in said.content if part.type == "text"]

    return in_own_loop(asked)


@pytest.fixture(scope="module")
def literal(folder: DataFolder) -> str:
    """Return what tables are to have, of which the other doors are other forms."""
    found = as_literal(objections_of(folder.open()).to([TIE]))
    assert parse_objections(found) == PAIRS
    return found


@pytest.mark.parametrize(
    "asked", [f"{QUESTION}.{{}}?thing=birmingham", f"{QUESTION}.{{}}?thing=birmingham&evidence=yes"]
)
@pytest.mark.drawn
def test_formats_of_tables(ask: Ask, literal: str, asked: str) -> None:
    assert cells(ask(asked.format("csv")).body.decode()) == [literal]
    (row,) = json.loads(ask(asked.format("json")).body)["results"]["bindings"]
    assert row["objections"] == {"type": "literal", "value": literal}
    assert f'"{literal}"' in ask(asked.format("tsv")).body.decode()
    (binding,) = ET.fromstring(ask(asked.format("xml")).body).iterfind(".//{*}binding[@name='objections']")
    assert "".join(binding.itertext()).strip() == literal


def test_sparql_and_lists(ask: Ask, literal: str) -> None:
    posted = ask("--data-urlencode", f"query={WHO}", "-d", "evidence=yes", "-d", "format=csv", "/sparql")
    assert cells(posted.body.decode()) == [literal]
    listed = csv.DictReader(io.StringIO(ask("/doc/twinning.csv").body.decode()))
    assert [row["objections"] for row in listed if row["iri"] == TIE] == [literal]


@pytest.mark.parametrize("path", [f"{QUESTION}?thing=birmingham", "/doc/twinning"])
def test_pages_say_it_in_words_and_in_colour(ask: Ask, path: str) -> None:
    page = ask("-H", "Accept: text/html", path).body.decode()
    (row,) = [row for row in page.split("<tr>") if 'href="/doc/twinning/birmingham-guangzhou"' in row]
    shown = re.findall(
        r'<span class="mark against of-(\w+)">Denied by</span> <a class="chip against of-(\w+)" href="([^"]+)"', row
    )
    assert [(kind, f"{ns.ID}{path.removeprefix('/doc/')}") for kind, *_, path in shown] == list(PAIRS)
    assert {name for *names, _ in shown for name in names} == {"denies"}


@pytest.mark.drawn
def test_the_command_the_notebook_and_the_tools_for_models(folder: DataFolder, address: str, literal: str) -> None:
    question, here = ("query", "twins-of-a-city", "-p", "thing=birmingham"), {"CITYKG_DATA": str(folder.path)}
    assert cells(called(*question, "--format", "csv", **here).stdout) == [literal]
    table = called(*question, **here).stdout
    assert all(pair in table for pair in shorten(literal, "\n").splitlines())
    frame = kg.open(folder.path).ask("twins-of-a-city", thing="birmingham")
    assert frame.objections.tolist() == [shorten(literal)]

    values = {"thing": "birmingham"}
    table, in_json, *_ = told_to_a_model(address, "ask", question="twins-of-a-city", parameters=values)
    assert cells(table) == [literal]
    told = json.loads(in_json)["objections"]
    assert [(one["kind"], one["passage"]) for one in told] == list(PAIRS)
    assert told[0]["text"] == (
        "Denied by Section 3.1, paragraph 2: Birmingham is the only Core City without a sister city in China."
    )


DOUBTFUL = {
    "SELECT * { ?t cd:twin city:newcastle }": "did you mean city:newcastle-upon-tyne?",
    "SELECT (COUNT(?t) AS ?n) { GRAPH ?g { ?t a cd:Twinning } }": "COUNT(?t) counts ?t once for each graph ?g",
    "SELECT * { ?a cd:begin ?d FILTER(?d > 2010) }": "Compare YEAR(?d) with 2010.",
}
"""Queries that are valid and not what was meant, with what each door says of them."""


@pytest.mark.parametrize("query", DOUBTFUL)
@pytest.mark.drawn
def test_each_door_gives_the_same_hint(folder: DataFolder, address: str, ask: Ask, tmp_path: Path, query: str) -> None:
    asked, hint = "/sparql?" + urlencode({"query": query}), DOUBTFUL[query]
    assert hint in html.unescape(ask("-H", "Accept: text/html", asked).body.decode())
    for form in ("csv", "json", "tsv", "xml"):
        header = ask(f"{asked}&format={form}").headers["link"]
        assert hint in unquote(header.replace("\\", "")), form
    file = tmp_path / "asked.rq"
    file.write_text(query)
    assert hint in " ".join(called("query", str(file), "--format", "csv", CITYKG_DATA=str(folder.path)).stderr.split())
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        kg.open(folder.path).sparql(query)
    assert [one for one in warned if hint in str(one.message)]

    assert hint in "\n".join(told_to_a_model(address, "sparql", query=query))
