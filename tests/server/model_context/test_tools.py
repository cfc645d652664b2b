"""Tools for language models, as the client of the SDK meets them: over HTTP, and over standard input and output."""

from __future__ import annotations

import html
import json
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from kg.rdf import namespaces as ns
from kg.store.data_folder import DataFolder
from server.model_context import http
from tests.support.http import Ask, send
from tests.support.loops import in_own_loop

ROOT = Path(__file__).parents[3]
if TYPE_CHECKING:  # a second to import, in each process that collects the tests
    from mcp.client import Client

pytestmark = pytest.mark.drawn

Task = Callable[["Client"], Awaitable[Any]]


def told(address: str, task: Task) -> Any:
    """Do a task with a client of the tools at an address."""
    from mcp.client import Client

    async def done() -> Any:
        async with Client(f"{address}/mcp") as client:
            return await task(client)

    return in_own_loop(done)


def parts_of(address: str, tool: str, **arguments: Any) -> list[Any]:
    """Call a tool; return whether that was an error, and each text of its answer."""

    async def task(client: Client) -> list[Any]:
        result = await client.call_tool(tool, arguments)
        return [bool(result.is_error), *(part.text for part in result.content if part.type == "text")]

    answer: list[Any] = told(address, task)
    return answer


def called(address: str, tool: str, **arguments: Any) -> tuple[bool, str]:
    """Call a tool; return whether that was an error, and its text."""

    async def task(client: Client) -> tuple[bool, str]:
        result = await client.call_tool(tool, arguments)
        return bool(result.is_error), "".join(part.text for part in result.content if part.type == "text")

    answer: tuple[bool, str] = told(address, task)
    return answer


def test_the_tools_say_what_they_take(address: str) -> None:
    from server.model_context.tools import MOST, ROWS

    async def listed(client: Client) -> Any:
        return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in told(address, listed)}
    guide = (ROOT / "docs" / "operating" / "language-models.md").read_text(encoding="utf-8")
    assert list(tools) == re.findall(r"^\| `(\w+)` \|", guide, re.MULTILINE)
    assert f"{MOST:,} characters" in " ".join(guide.split())
    assert all(tool.annotations.read_only_hint and tool.description for tool in tools.values())
    assert tools["ask"].input_schema["properties"]["limit"]["default"] == ROWS


def test_a_name_leads_to_a_thing_and_its_passages(address: str) -> None:
    wrong, found = called(address, "search", text="Peking", kind="city")
    assert not wrong
    (first,) = json.loads(found)["results"]
    wrong, turtle = called(address, "describe", thing=first["iri"])
    assert not wrong
    assert "passage:table-1" in turtle
    assert called(address, "describe", thing="city:beijing") == (False, turtle)


def test_a_question_in_plain_words_is_answered_in_lines_with_objections(address: str) -> None:
    wrong, said = called(address, "answer", question="Which Chinese city is Birmingham twinned with?")
    assert not wrong
    lines = said.splitlines()
    assert lines[0] == "status: answered"
    assert "Guangzhou is a major twin of Birmingham. [passage:table-2]" in lines
    assert any(line.startswith("  denies: passage:section-3.1-p2: ") for line in lines)
    assert len(said) < 6_000
    _, none = called(address, "answer", question="who is the best twin")
    assert none.startswith("status: not-found\n")
    assert "passage" in none


def test_a_question_is_answered_with_who_says_so(address: str) -> None:
    from server.model_context.tools import MOST

    _, topics = called(address, "questions")
    assert "twins-of-a-city: " in topics
    _, listed = called(address, "questions", topic="twinnings")
    (wanted,) = [one for one in json.loads(listed) if one["name"] == "twins-of-a-city"]
    assert wanted["parameters"][0]["type"] == "iri"
    wrong, rows = called(address, "ask", question="twins-of-a-city", parameters={"thing": "Birmingham"})
    assert not wrong
    head, first, *_ = rows.splitlines()
    assert head.endswith("objections,twinning,evidence,saysOtherwise")
    assert f"denies <{ns.ID}passage/section-3.1-p2> denies <{ns.ID}passage/table-1>" in first
    assert f"{ns.ID}passage/table-2" in first
    assert called(address, "ask", question="all-passages-never")[0]
    wrong, said = called(address, "ask", question="ties", limit=10**6)
    assert wrong
    assert f"at most {MOST:,}" in said


def test_sparql_has_the_limits_of_everybody(address: str) -> None:
    from server.model_context.tools import MOST

    wrong, rows = called(address, "sparql", query="SELECT ?n { city:leeds skos:prefLabel ?n }", evidence=True)
    assert not wrong
    assert rows.splitlines()[0] == "n,evidence,saysOtherwise,objections"
    assert called(address, "sparql", query="ASK { city:leeds a cd:City }")[1].count("true") == 1
    for query, words in (
        ("SELECT * { ?s ?p ?o }", f"at most {MOST:,}"),  # a model would drown in it
        ("ASK {" + "{" * 10_000 + "}" * 10_000 + "}", "limit of"),
        ("SELECT * { SERVICE <http://localhost/> { ?s ?p ?o } }", "SERVICE"),
        ("SELECT nothing", "line 1"),
    ):
        wrong, said = called(address, "sparql", query=query)
        assert wrong, query
        assert words in said, said


def test_what_a_tool_is_refused_is_counted_as_of_any_client(address: str) -> None:
    def refused() -> float:
        numbers = send(address, "/metrics").body.decode()
        return sum(map(float, re.findall(r'refusals_total\{cause="the-query-cannot-be-run"\} (\S+)', numbers)))

    before = refused()
    assert called(address, "sparql", query="SELECT nothing")[0]
    assert refused() == before + 1


COUNTED = "SELECT ?c (COUNT(?t) AS ?n) { ?t a cd:Twinning ; cd:twin ?c } GROUP BY ?c HAVING"
NO_HINTS = ("Corrected query: Run it", "The part before it has matches:")
"""What stands beside the hints of a page."""


def of_page(page: str) -> set[str]:
    """Return the hints of a page of /sparql, and the queries that they offer."""
    notes = re.findall(r'<div class="note"[^>]*>(.*?)</div>', page.partition("</form>")[2], re.DOTALL)
    paragraphs = [re.sub(r"<[^>]+>", "", one) for note in notes for one in re.findall(r"<p>(.*?)</p>", note, re.DOTALL)]
    mended = re.findall(r'<pre class="copied"[^>]*>(.*?)</pre>', page, re.DOTALL)
    said = [
        re.sub(r"^No rows, in (?:less than )?[0-9.]+ s\. | Look it up$", "", html.unescape(one)) for one in paragraphs
    ]
    return {*said, *map(html.unescape, mended)} - {*NO_HINTS}


@pytest.mark.parametrize(
    ("query", "least"),
    [
        ("SELECT * { ?c a cd:City ; cd:twinedWith ?twin }", 2),
        ("SELECT * { ?c a cd:City OPTIONAL { ?c cd:twinedWith ?twin } } LIMIT 2", 1),
        ("SELECT * { ?c skos:prefLabel 'Leeds' }", 2),
        ("SELECT * { GRAPH ?g { ?t cd:twin ?c . ?c skos:prefLabel ?name } }", 2),
        ("SELECT * { city:newcastle cd:within ?x . ?y a cd:Network ; rdfs:label ?z }", 4),
        ("SELECT ?y { VALUES ?y { 1 } FILTER (?y = 1 || <x:f>(?y)) }", 1),
        ("SELECT * { ?t cd:twin ?c FILTER (?c = city:york) }", 1),
        (f"{COUNTED} (?n > 3)", 3),
        (f"SELECT ?x {{ ?x a cd:City OPTIONAL {{ {{ {COUNTED} (?n < 3) }} }} }} LIMIT 1", 2),
        (f"{COUNTED} (SUM(?n) > 3)", 2),
        ("CONSTRUCT WHERE { ?s cd:twinedWith ?t }", 2),
        ("ASK { ?s cd:twinedWith ?t }", 1),
        ("SELECT ?c { ?c a cd:City } LIMIT 1", 0),
    ],
)
def test_a_model_gets_the_hints_of_the_page(address: str, ask: Ask, query: str, least: int) -> None:
    page = ask("-H", "Accept: text/html", "/sparql?" + urlencode({"query": query})).body.decode()
    wrong, *parts = parts_of(address, "sparql", query=query)
    assert not wrong
    said = [*parts, ""][1]
    hints = of_page(page)
    assert len(hints) >= least
    assert {one for one in hints if one not in said} == set()
    assert set(said.splitlines()) - {line for hint in hints for line in hint.splitlines()} <= {"Corrected query:"}


def test_an_empty_answer_to_a_question_and_a_value_that_does_not_fit_are_told_as_on_its_page(address: str) -> None:
    wrong, rows, said = parts_of(address, "ask", question="twins-of-a-city", parameters={"thing": "York"})
    assert (wrong, len(rows.splitlines())) == (False, 1)
    assert said.splitlines()[0] == "The graph has no results for these values."
    wrong, said = parts_of(address, "ask", question="twins-of-a-city", parameters={"thing": "Birmingam"})
    assert wrong
    assert "Suggestions: Birmingham (city:birmingham)" in said


def test_what_could_not_be_added_is_told(address: str) -> None:
    _, said = called(address, "validate", data=f"<{ns.ID}city/leeds> <{ns.CD}twinnedWith> 7 .")
    assert json.loads(said)["conforms"] is False


def test_documents_are_resources(address: str) -> None:
    async def read(client: Client) -> Any:
        templates = (await client.list_resource_templates()).resource_templates
        ontology = await client.read_resource(ns.CD.removesuffix("#"))
        leeds = await client.read_resource(f"{ns.ID}city/leeds")
        return templates, ontology.contents[0], leeds.contents[0]

    templates, ontology, leeds = told(address, read)
    assert templates[0].uri_template == ns.ID + "{kind}/{slug}"
    assert "owl:Ontology" in ontology.text
    assert leeds.mime_type == "text/turtle"
    assert '"Leeds"@en' in leeds.text


def test_an_assistant_starts_the_command(folder: DataFolder) -> None:
    from mcp import StdioServerParameters
    from mcp.client import Client
    from mcp.client.stdio import stdio_client

    program = Path(sys.executable).with_name("citykg")
    started = StdioServerParameters(command=str(program), args=["mcp", "--data", str(folder.path)])

    async def asked() -> Any:
        async with Client(stdio_client(started)) as client:
            found = await client.call_tool("sparql", {"query": "SELECT ?n { city:leeds skos:prefLabel ?n }"})
            return found.content[0]

    assert "Leeds" in in_own_loop(asked).text


def test_without_the_packages_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch, client: FlaskClient) -> None:
    monkeypatch.setitem(sys.modules, "server.model_context.tools", None)
    client.application.extensions.pop(http._EXTENSION, None)
    answer = client.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "ping"})
    assert answer.status_code == 404
    assert answer.json is not None
    assert "[mcp]" in answer.json["hint"]
