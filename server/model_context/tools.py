"""The tools and resources for language models, by the official SDK, which send requests to the service itself.

So its limits and its error messages are the same here. Answers are text that a model reads: CSV and Turtle, with
the passages that say so, and no more of it than fits a conversation.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated, Any, Literal
from urllib.parse import quote

from flask import Flask
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp_types import ToolAnnotations
from pydantic import Field
from werkzeug.test import Client

from kg.lanes import ClientGoneError, Lane, OtherLaneError
from kg.rdf import namespaces as ns
from kg.sparql import Hint
from server.front import Request
from server.web import AnswerType

MOST = 60_000
"""Characters of an answer, which a model can read without losing sight of the rest."""
_LONGEST = 600
"""Characters of a sentence or a passage in an answer to a question in plain words."""
_CATALOGUE = 10_000_000
ROWS = 100
"""Rows of a question that is asked without a limit."""


@dataclass
class ToolRequest:
    """On whose behalf a request is made: an address, by which the share of the workers' time is counted, and a lane.

    `is_gone` is that of a turn (kg.lanes). `interrupt` is set where the query of a tool belongs into another lane or
    its client is gone, `cause` where it is refused.
    """

    address: str = "127.0.0.1"
    lane: Lane | None = None
    is_gone: Callable[[], bool] = lambda: False
    interrupt: OtherLaneError | ClientGoneError | None = None
    cause: str = ""


current_request: ContextVar[ToolRequest] = ContextVar("asking")

_INSTRUCTIONS = f"""\
A knowledge graph of what reports on city diplomacy say: twinnings, networks of cities, how cities organise their
foreign affairs, and Hedley Bull's functions of diplomacy. Each fact names the passages that state it; passages may
contradict each other, and the graph keeps both. Begin with `answer`; `search` finds a thing, `questions` what is
asked often, `sparql` answers all else. Say which passage says so (evidence, statedIn) when you report a fact, and who
objects to it (objections: pairs of a kind and a passage). `denies`: it says that it is not so. `counts-otherwise`:
another number for the same count. `changed-since`: a later source dates a change. `in-tension`: both may be true, they
point different ways. `more-exact`: the same with more precision. `spelt-otherwise`: another name. Call nothing a denial
but `denies`. Without an objection, most passages are silent. IRIs of things begin with {ns.ID}; `city:london` is short
for {ns.ID}city/london.
"""
_READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)


def create_server(app: Flask) -> MCPServer[Any]:
    """Return the server of a service; it listens nowhere by itself."""
    server: MCPServer[Any] = MCPServer(
        "city-diplomacy",
        title="City Diplomacy Knowledge Graph",
        instructions=_INSTRUCTIONS,
        version=version("city-diplomacy-kg"),
        log_level="WARNING",
    )
    _add_answer(server, _ServiceClient(app))
    _add_tools(server, _ServiceClient(app))
    _add_resources(server, _ServiceClient(app))
    return server


class _ServiceClient:
    """A client of the service, within its process."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def with_hints(self, path: str, accept: str, **more: Any) -> list[str]:
        """Return an answer as text and, behind it, the objections to its rows and all hints that its page has, if any.

        Raises as `text`.
        """
        hints: list[Hint] = []
        objections: list[dict[str, str]] = []
        left = {AnswerType.HINTS: hints, AnswerType.OBJECTIONS: objections}
        text = self.text(path, accept, left=left, **more)
        in_json = json.dumps({"objections": objections}, ensure_ascii=False) if objections else ""
        return [text, *filter(None, (in_json, "\n".join(map(_hint_text, hints))))]

    def text(self, path: str, accept: str, most: int = MOST, left: Mapping[str, Any] = {}, **more: Any) -> str:
        """Return an answer as text; `left` has the lists that the service leaves what stands beside an answer in.

        Raises ToolError with the words of the service, and for an answer that is too long.
        """
        asked = current_request.get(ToolRequest())
        environ = {"REMOTE_ADDR": asked.address, Request.LANE: asked.lane, Request.IS_GONE: asked.is_gone, **left}
        client = Client(self._app)
        try:
            with client.open(
                path, headers={"Accept": accept}, environ_overrides=environ, follow_redirects=True, **more
            ) as response:
                text = response.get_data(as_text=True)
        except (OtherLaneError, ClientGoneError) as error:  # which the SDK need not know
            asked.interrupt = error
            raise ToolError("The query is asked anew in another lane, or not at all.") from None
        if response.status_code >= 400:
            asked.cause = _cause(text)
            raise ToolError(_problem_text(text))
        if len(text) > most:
            raise ToolError(
                f"The answer has {len(text):,} characters; at most {most:,} are given to a model. Ask for less: with "
                "LIMIT, a limit, fewer columns, or a count."
            )
        return text


def _hint_text(hint: Hint) -> str:
    """Return a hint as a model reads it, with the query mended if there is one."""
    return f"{hint.sentence}\nCorrected query:\n{hint.query.strip()}" if hint.query else hint.sentence


def _cause(text: str) -> str:
    """Return the kind of an error (server.errors.slug) by its problem details, nothing if it has none."""
    try:
        return str(json.loads(text)["type"]).rpartition("/")[2]
    except (ValueError, KeyError, TypeError):
        return ""


def _problem_text(text: str) -> str:
    try:
        problem = json.loads(text)
        findings = [found["message"] for found in problem.get("findings", ()) if "message" in found]
        meant = [f"{one['label']} ({one['value']})" for one in problem.get("suggestions") or () if "value" in one]
        guess = f"Suggestions: {', '.join(meant)}." if meant else ""
        return " ".join(filter(None, [problem["detail"], guess, problem.get("hint"), *findings[:5]]))
    except (ValueError, KeyError, TypeError):
        return text[:MOST]


def _add_answer(server: MCPServer[Any], service: _ServiceClient) -> None:
    @server.tool(annotations=_READS, structured_output=False)
    def answer(
        question: Annotated[str, Field(description="A question in plain words, in English or Chinese.")],
    ) -> str:
        """Answer a question in sentences, each with its passages and who objects; or say which works do not say it.

        The first line is the status: `answered`; `denied`, a source says that there is none; `complete`, a source lists
        all and this is not among them; `not-said`, the text that we have says nothing of it; `not-found`, the passages
        listed only come closest. Each line below is a sentence and its sources, objections to it are indented.
        """
        return _answer_text(json.loads(service.text("/ask.json", "application/json", query_string={"q": question})))


def _add_tools(server: MCPServer[Any], service: _ServiceClient) -> None:
    @server.tool(annotations=_READS, structured_output=False)
    def search(
        text: Annotated[str, Field(description="A name or a part of it, in any language; or a number such as Q84.")],
        kind: Annotated[str, Field(description="A kind of things, such as city or network; empty for all.")] = "",
    ) -> str:
        """Find things, terms, passages and questions by name."""
        return service.text("/search.json", "application/json", query_string={"q": text, "kind": kind})

    @server.tool(annotations=_READS, structured_output=False)
    def describe(
        thing: Annotated[str, Field(description="An IRI or its short form, such as city:london.")],
    ) -> str:
        """Return all that the graph says of a thing, and which passages say it, as Turtle."""
        iri = ns.expand(thing.strip()) or ""
        if not iri.startswith(ns.ID):
            raise ToolError(f"{thing!r} is not a thing of this graph. The tool search finds names such as city:london.")
        return service.text(f"/id/{quote(iri.removeprefix(ns.ID))}", "text/turtle")

    @server.tool(annotations=_READS, structured_output=False)
    def questions(
        topic: Annotated[str, Field(description="A topic of the list, to get its questions with parameters.")] = "",
    ) -> str:
        """List the questions that can be asked, by topic; for one topic also what their parameters take."""
        found = json.loads(service.text("/queries.json", "application/json", most=_CATALOGUE))
        return _question_list(found, topic)

    @server.tool(annotations=_READS, structured_output=False)
    def ask(
        question: Annotated[str, Field(description="Its name, such as twins-of-a-city.")],
        parameters: Annotated[dict[str, str], Field(description="Values by name; a name, an IRI or city:leeds.")] = {},  # noqa: B006 – never changed
        limit: Annotated[int, Field(ge=1, description="Rows at most.")] = ROWS,
        offset: Annotated[int, Field(ge=0, description="Rows to leave out.")] = 0,
    ) -> list[str]:
        """Answer a question as CSV, whose last columns say which passages say so, and which object in which way.

        Behind it, where there are any, the objections in JSON, with what the passages say.
        """
        given = {**parameters, "limit": limit, "offset": offset, "evidence": "yes"}
        return service.with_hints(f"/queries/{quote(question, safe='')}.csv", "text/csv", query_string=given)

    @server.tool(annotations=_READS, structured_output=False)
    def sparql(
        query: Annotated[str, Field(description="A SPARQL query; prefixes such as cd: and city: are declared.")],
        evidence: Annotated[bool, Field(description="Whether each row of a SELECT is to say who says so.")] = False,
    ) -> list[str]:
        """Answer a SPARQL query: SELECT as CSV, CONSTRUCT and DESCRIBE as Turtle, ASK as JSON; then hints, if any."""
        accept = "text/csv, text/turtle, application/sparql-results+json;q=0.5"
        form = {"query": query, **({"evidence": "yes"} if evidence else {})}
        return service.with_hints("/sparql", accept, method="POST", data=form)

    @server.tool(annotations=_READS, structured_output=False)
    def validate(
        data: Annotated[str, Field(description="Statements to be validated before they are added to the graph.")],
        media_type: Annotated[
            Literal["text/turtle", "application/trig", "application/ld+json"], Field()
        ] = "text/turtle",
    ) -> str:
        """Say whether statements could be added to the graph, and what speaks against it; nothing is stored."""
        return service.text("/validate", "application/json", method="POST", data=data.encode(), content_type=media_type)


def _add_resources(server: MCPServer[Any], service: _ServiceClient) -> None:
    def document(path: str) -> str:
        try:
            return service.text(path, "text/turtle")
        except ToolError as error:
            raise ResourceNotFoundError(str(error)) from None

    @server.resource(ns.ID + "{kind}/{slug}", name="thing", mime_type="text/turtle")
    def thing(kind: str, slug: str) -> str:
        """Return what the graph says of a thing, with its passages."""
        return document(f"/id/{quote(kind)}/{quote(slug)}")

    @server.resource(ns.CD.removesuffix("#"), name="ontology", mime_type="text/turtle")
    def ontology() -> str:
        """Return the terms of the graph, with their definitions."""
        return service.text("/ontology.ttl", "text/turtle", most=_CATALOGUE)


def _answer_text(found: dict[str, Any]) -> str:
    """Return an answer of /ask.json in lines, some thousand characters at most."""
    lines = [f"status: {found['status']}"]
    if found["notSaidBy"]:
        lines.append(f"named by none of the text that we have of: {', '.join(found['notSaidBy'])}")
    lines += [f"read as: {one['text']} as {one['as']}" for one in found["readAs"]]
    if found["notUnderstood"]:
        lines.append(f"not understood: {', '.join(found['notUnderstood'])}")
    if found["notInPassages"]:
        lines.append(f"in none of these passages: {', '.join(found['notInPassages'])}")
    for one in found["answers"]:
        values = ", ".join(f"{name}={value}" for name, value in one["parameters"].items())
        more = f", {one['more']} more sentences" if one["more"] else ""
        lines.append(f"# {one['question']} ({values}), {one['rows']} rows{more}; `ask` has them all")
        for sentence in one["sentences"]:
            lines.append(f"{sentence['text'][:_LONGEST]} [{' '.join(map(ns.compact, sentence['passages']))}]")
            objections = ((by["kind"], ns.compact(by["passage"]), by["text"]) for by in sentence["objections"])
            lines += [f"  {kind}: {passage}: {text[:_LONGEST]}" for kind, passage, text in objections]
    if not found["answers"]:
        for one in found["passages"]:
            lines.append(f"{ns.compact(one['iri'])}: {one['text'][:_LONGEST]}")
            lines += [f"  {sentence['text'][:_LONGEST]}" for sentence in one["sentences"]]
    return "\n".join(lines)


def _question_list(found: list[dict[str, Any]], topic: str) -> str:
    topics = dict.fromkeys(one["topic"] for one in found)
    if topic and topic not in topics:
        raise ToolError(f"There is no topic {topic!r}. Topics: {', '.join(topics)}.")
    if topic:
        wanted = ("name", "summary", "description", "parameters", "columns")
        return json.dumps(
            [{key: one[key] for key in wanted} for one in found if one["topic"] == topic], ensure_ascii=False
        )
    lines = []
    for name in topics:
        lines += [f"# {name}", *(f"{one['name']}: {one['summary']}" for one in found if one["topic"] == name)]
    return "\n".join(lines)
