"""The answers and texts of the canned queries, at `/queries/<name>`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from kg.errors import BadValueError, short
from kg.evidence import EvidenceJob
from kg.nearest import nearest
from kg.publish.search import fitting
from kg.queries import CannedQuery, Parameter, Question, checked_value, find_query
from kg.rdf.formats import GRAPH_FORMAT, HTML, RESULT_FORMATS
from kg.rdf.rows import Rows
from kg.rdf.scopes import SCOPES
from kg.sparql import Hint
from server.context import service
from server.queries import addresses, page
from server.web import AnswerType, Document, Link, envelope

blueprint = Blueprint("canned_query", __name__)

_SUFFIXES = {*addresses.SUFFIXES, *GRAPH_FORMAT}
_TABLES = {fmt.suffix: fmt for fmt in RESULT_FORMATS}
_TEXT = "rq"
_NO_PARAMETERS = ("format", "evidence", "at", "min-revision")
"""What an address says besides the parameters of the query."""


@blueprint.get("/queries/<path:name>")
def answer(name: str) -> Response:
    """Answer a canned query for the given values, in the format of its suffix or of the client's choice.

    The address with the suffix rq gives the text of the query, with its examples for values that it needs and that are
    not given; format=rq keeps to the OpenAPI document, which requires them. With evidence=yes a table has three columns
    more, and the page one. With scope= another part of the graph is asked than the question says.
    """
    stem, _, suffix = name.rpartition(".")
    name, suffix = (stem, suffix) if stem and suffix in _SUFFIXES else (name, "")
    service.current()  # which the answer names, whatever comes of it
    query = find_query(name)
    with service.in_scope(_scope(query), query.works):
        return _answered(query, suffix)


def _scope(query: CannedQuery) -> str:
    """Return the scope that is asked; that of the query for a name that is none, which `read` refuses."""
    name = request.args.get("scope", "")
    return query.scope_named(name if name in SCOPES else "")


def _answered(query: CannedQuery, suffix: str) -> Response:
    format_name = suffix or request.args.get("format", "")
    formats = addresses.formats(query)
    try:
        asked = read(query, request.args)
        chosen = AnswerType.among(formats, format_name)
        if asked.missing and suffix != _TEXT:
            raise asked.missing
    except BadValueError as error:
        if not AnswerType.is_page_among(formats, format_name):
            raise
        return _form(query, request.args, error)
    suffix = next(suffix for suffix in formats if formats[suffix] == chosen.engine_type)
    asked = asked.example()
    turned = addresses.turned(asked) if suffix != _TEXT else {}
    document = addresses.document(asked)
    document = replace(document, links=(*document.links, *(Link(r, o.at(suffix)) for r, o in turned.items())))
    response = Response(_content(asked, suffix, turned))
    response.content_type = chosen.content_type  # the client's own name for a format that has two
    return document.complete(response, suffix, negotiated=not format_name)


def read(query: CannedQuery, arguments: MultiDict[str, str]) -> Question:
    """Return what the parameters of an address ask; empty ones, as forms send them, count as not given.

    Raises BadValueError for a parameter that is unknown, repeated, or has a value that does not fit.
    """
    known = [*(parameter.name for parameter in query.parameters), *query.RESERVED]
    for name, values in arguments.lists():
        if name not in known:
            near = nearest(name, known)
            guess = f" Did you mean {near}?" if near else ""
            raise BadValueError(
                f"{query.name} has no parameter {short(name)!r}.{guess}", f"Available: {', '.join(known)}."
            )
        if len(values) > 1:
            given = ", ".join(f"{short(value)!r}" for value in values[:3])
            raise BadValueError(f"The parameter {name} is given {len(values)} times: {given}.", "Give it once.")
    stated = {name: value for name, value in arguments.items() if name not in _NO_PARAMETERS}

    def checked(parameter: Parameter, value: str) -> str:
        try:
            return service.read(checked_value, parameter, value)
        except BadValueError as error:
            borne = {one["value"]: one["label"] for one in error.suggestions}
            error.suggestions = [
                {"label": label, "value": meant, "address": _with(query, stated, parameter, meant)}
                for meant, label in (borne or service.read(fitting, parameter, value)).items()
            ]
            raise

    asked = Question.read(query, stated, checked)
    return replace(asked, evidence=EvidenceJob.is_wanted([arguments.get("evidence", "")]))


def _with(query: CannedQuery, stated: Mapping[str, str], parameter: Parameter, value: str) -> str:
    """Return the address of the page for stated values, of which that of a parameter is another one."""
    asked = Question.read(query, {**stated, parameter.name: value}, lambda _, value: value)
    return addresses.page(addresses.document(asked))


def _form(query: CannedQuery, arguments: MultiDict[str, str], error: BadValueError) -> Response:
    """Return the page that keeps the form where a value is missing or does not fit, and says what may be meant."""
    given = {p.name: arguments[p.name] for p in query.parameters if arguments.get(p.name)}
    fitting: dict[str, str] = {}
    wrong = ""
    for parameter in query.parameters:
        if parameter.name in given:
            try:
                fitting[parameter.name] = service.read(checked_value, parameter, given[parameter.name])
            except BadValueError:
                wrong = wrong or parameter.name
        elif parameter.needed:
            wrong = wrong or parameter.name
    scope = arguments.get("scope", "")
    other = scope if scope in SCOPES and scope != query.scope else ""
    asked = Question(query, fitting, evidence=bool(arguments.get("evidence")), other_scope=other)
    content = page.wrong(asked, {**given, **fitting}, wrong, error).without_answer()
    envelope.note(error)
    response = Response(content, 400, mimetype=HTML)
    response.vary.add("Accept")
    return response


def _content(asked: Question, suffix: str, turned: dict[str, Document]) -> bytes | str:
    """Return the answer in the format of a suffix, or the text of the query."""
    if suffix == _TEXT:
        return asked.text(service.endpoint())
    is_page = suffix not in _TABLES
    if is_page and asked.evidence:
        evidence = service.who_says_so(asked.text(), Rows.MOST)
        found = Rows.of_results(evidence.answer, counted=not evidence.more)
        return replace(page.QuestionPage.of(asked, turned), evidence=evidence).write(found)
    media_type = Rows.MEDIA_TYPE if is_page else _TABLES[suffix].media_type
    result = service.answer(asked.text(), media_type, evidence=asked.evidence)
    read = result.whole()
    if not is_page and _TABLES[suffix].is_without_rows(read):
        AnswerType.leave_hints([Hint(page.nothing(asked.query), addresses.address(asked.query), "empty")])
    AnswerType.leave_hints(result.hints)
    AnswerType.leave_objections(result.objections)
    return page.QuestionPage.of(asked, turned).write(Rows.of_json(read)) if is_page else read
