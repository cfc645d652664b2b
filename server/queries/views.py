"""The answers and texts of the canned queries, at `/queries/<name>`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from kg.errors import BadValueError, shorten
from kg.evidence import COLUMN_MEANINGS
from kg.publish.questions import PreparedQuestion, fitting_values, prepare
from kg.queries import CannedQuery, Question, find_query
from kg.rdf.formats import GRAPH_FORMAT, HTML, RESULT_FORMATS
from kg.results import KeptResult, ResultWriter, Selection, evidence_of
from kg.sparql import Hint
from kg.views import VIEWS, View
from kg.workers import QueryJob, WorkerResult
from server.citation import Citation
from server.figures.views import Figure, ViewSwitch, figure_response
from server.queries import addresses, page
from server.queries.gazetteer import NamedByGazetteer
from server.queries.known import Known
from server.queries.other_works import OtherWorks, fits_all_works
from server.results import CsvMetadata, ResultView
from server.service import service
from server.web import AnswerType, Document, Link, envelope

blueprint = Blueprint("canned_query", __name__)

_SUFFIXES = {*addresses.SUFFIXES, *GRAPH_FORMAT, AnswerType.FIGURE_NAME}
_TABLES = {fmt.suffix: fmt for fmt in RESULT_FORMATS}
_TEXT = "rq"
_NO_PARAMETERS = ("format", "evidence", "at", "min-revision", "view")
"""Parameters of an address that are not parameters of the query."""


@blueprint.get("/queries/<path:name>")
def answer(name: str) -> AnyResponse:
    """Answer a canned query for the given values, in the format of its suffix or of the client's choice.

    The address with the suffix rq gives the text of the query, with its examples for values that it needs and that are
    not given; format=rq keeps to the OpenAPI document, which requires them. With evidence=yes a table has three columns
    more, and the page one. With scope= another part of the graph is asked than the question says. A question that was
    replaced by another leads to this one, which gives the columns of before.
    """
    name, suffix = _split_suffix(name)
    service.revisions.current()  # which the answer names, whatever comes of it
    if replaced := Question.replacement(name, request.args):
        given = replaced.given(request.args.items(multi=True))
        return redirect(f"/queries/{replaced.query}{'.' if suffix else ''}{suffix}?{urlencode(given, safe=',:')}", 301)
    query = find_query(name)
    with service.revisions.in_scope(_scope(query), query.works):
        return _answer_query(query, suffix)


def _split_suffix(name: str) -> tuple[str, str]:
    """Return a name without its suffix, and the name of the format that this means; empty if it has none."""
    stem = name.removesuffix(f".{CsvMetadata.SUFFIX}")
    if stem != name:
        return stem, AnswerType.CSV_METADATA_NAME
    stem, _, suffix = name.rpartition(".")
    return (stem, suffix) if stem and suffix in _SUFFIXES else (name, "")


def _scope(query: CannedQuery) -> str:
    """Return the scope that is asked; that of the query for a name that is none, which `read_question` refuses."""
    try:
        service.revisions.current().require_scope(name := request.args.get("scope", "") or query.scope)
    except BadValueError:
        return query.scope
    return name


def _answer_query(query: CannedQuery, suffix: str) -> Response:
    format_name = suffix or request.args.get("format", "")
    formats = addresses.formats(query)
    if format_name in AnswerType.OF_TABLES:
        formats = {**formats, **AnswerType.OF_TABLES}
    try:
        asked = read_question(query, request.args)
        formats = {**formats, **addresses.formats(asked.query)}  # with columns of geometries there is one more
        chosen = AnswerType.for_table(formats, format_name)
        is_template = suffix == _TEXT
        suffix = next(suffix for suffix in formats if formats[suffix] == chosen.engine_type)
        answer = _answer_question(asked, suffix, is_template)
    except BadValueError as error:
        error.suggestions = [_suggestion_link(query, suggestion) for suggestion in error.suggestions]
        _suggest_all_works(query, error)
        if not AnswerType.is_page_for_table(formats, format_name):
            raise
        return _form_response(query, request.args, error)
    response = answer.response(chosen)
    return answer.document(suffix).add_headers(response, suffix, negotiated=not format_name)


def _answer_question(asked: Question, suffix: str, is_template: bool) -> _Answer:
    """Return the answer to a question, or its text; a value that does not fit is looked up in the gazetteer."""

    def answer(question: Question, named: Sequence[Hint] = ()) -> _Answer:
        if suffix == _TEXT or question.missing_value:
            return _query_text(question, may_lack_values=is_template)
        return _run(question, suffix, named)

    try:
        return answer(asked)
    except BadValueError:
        if (known := NamedByGazetteer.of(asked)) is None:
            raise
    return answer(known.question, known.hints)


@dataclass(frozen=True)
class _Answer:
    """The answer to a question, its values as the choices have them, and the other pages of it by relation."""

    question: Question
    content: bytes | str
    neighbours: Mapping[str, Document] = field(default_factory=dict)
    hints: tuple[Hint, ...] = ()
    figure: Figure | None = None

    def response(self, chosen: AnswerType) -> Response:
        """Return its bytes with the Content-Type that the client knows; the figure, if there is one, as a file."""
        if self.figure is not None:
            citation = Citation.of(addresses.page_address(addresses.document(self.question)))
            return figure_response(self.figure, citation.credits, self.question.query.name)
        response = Response(self.content)
        response.content_type = chosen.content_type  # the client's own name for a format that has two
        return response

    def document(self, suffix: str) -> Document:
        """Return where it is, with links to the other pages in the format of a suffix, and to what hints are about."""
        document = addresses.document(self.question)
        links = [Link(relation, other.at(suffix)) for relation, other in self.neighbours.items()]
        links += [Link.to_help(hint, f"/{hint.about}") for hint in self.hints]
        if suffix != _TEXT and (of_all := OtherWorks.link(self.question, suffix)):
            links.append(of_all)
        first = []  # where readers of CSV on the Web look
        if suffix == "csv":
            first = [CsvMetadata.link(_requested_document(self.question.query).at(CsvMetadata.SUFFIX))]
        return replace(document, links=(*first, *document.links, *links))


def read_question(query: CannedQuery, arguments: MultiDict[str, str]) -> Question:
    """Return what the parameters of an address ask; empty ones, as forms send them, count as not given.

    The values are as they were given. Raises BadValueError for a parameter that is unknown or repeated, for a number of
    rows or a scope that is none, and for a column that the answer lacks, also where a format shows no order or filter.
    """
    known = [*(parameter.name for parameter in query.parameters), *query.RESERVED]
    ResultView.require_known(arguments, known, query.name)
    for name, values in arguments.lists():
        if len(values) > 1 and not ResultView.has_parameter(name):
            given = ", ".join(f"{shorten(value)!r}" for value in values[:3])
            raise BadValueError(f"The parameter {name} is given {len(values)} times: {given}.", "Give it once.")
    asked = Question.parse(query, _stated(arguments), lambda _, value: value)
    service.revisions.current().require_scope(asked.scope)
    ResultView.read(arguments.to_dict(flat=False)).check([*asked.query.columns, *COLUMN_MEANINGS])
    wanted = arguments.getlist("evidence")
    return replace(asked, evidence=QueryJob.wants_evidence(wanted)) if wanted else asked


def _stated(arguments: MultiDict[str, str]) -> dict[str, str]:
    """Return the values of an address for the parameters of the query."""
    return {
        name: value
        for name, value in arguments.items()
        if name not in _NO_PARAMETERS and not ResultView.has_parameter(name)
    }


def _suggestion_link(query: CannedQuery, suggestion: Mapping[str, str]) -> dict[str, str]:
    """Return what may be meant by a value, with the address of the page that has it in the place of what was given."""
    stated = {**_stated(request.args), suggestion["parameter"]: suggestion["value"]}
    asked = Question.parse(query, stated, lambda _, value: value)
    address = addresses.page_address(addresses.document(asked))
    return {"label": suggestion["label"], "value": suggestion["value"], "address": address}


def _suggest_all_works(query: CannedQuery, error: BadValueError) -> None:
    """Let an error suggest to ask all works, if the values fit there: of a city that another work alone names."""
    scope = request.args.get("scope", "")
    try:
        asked = read_question(query, request.args)
    except BadValueError:
        return
    of_all = OtherWorks.of(asked)
    if scope or not of_all or asked.missing_value or not service.workers.read(fitting_values, asked.as_json())["wrong"]:
        return
    if fits_all_works(asked):
        error.hint = "Another work has it: ask all works (scope=all)."
        error.suggestions = [{"label": "the same, asked of all works", "value": "scope=all", "address": of_all.address}]


def _form_response(query: CannedQuery, arguments: MultiDict[str, str], error: BadValueError) -> Response:
    """Return the page that keeps the form where a value is missing or does not fit, and says what may be meant."""
    given = {p.name: arguments[p.name] for p in query.parameters if arguments.get(p.name)}
    found = service.workers.read(fitting_values, Question(query, given).as_json())
    lacking = [p.name for p in query.parameters if p.name in found["wrong"] or (p.is_required and p.name not in given)]
    wrong = lacking[0] if lacking else ""
    other = "" if _scope(query) == query.scope else _scope(query)
    asked = Question(query, found["values"], evidence=bool(arguments.get("evidence")), other_scope=other)
    content = page.page_of_problem(asked, found["called"], {**given, **found["values"]}, wrong, error).without_answer()
    envelope.note_error(error)
    response = Response(content, 400, mimetype=HTML)
    response.vary.add("Accept")
    return response


def _query_text(asked: Question, *, may_lack_values: bool) -> _Answer:
    """Return the text of a question, with examples for values that are missing if it may lack them.

    Raises BadValueError for a value that does not fit, else for one that is missing.
    """
    values = service.workers.read(prepare, asked.rows().as_json())["values"]
    if asked.missing_value and not may_lack_values:
        raise asked.missing_value
    asked = replace(asked, values=values).example()
    return _Answer(asked, asked.text(service.addresses.sparql_endpoint()))


def _run(asked: Question, suffix: str, named: Sequence[Hint]) -> _Answer:
    """Return the answer to a question in the format of a suffix: all that it needs comes at once.

    `named` are hints on the values that the gazetteer has given.
    """
    result_view = ResultView.read(request.args.to_dict(flat=False))
    if suffix in _TABLES and result_view.of_rows() == ResultView():
        return _whole_table(asked, suffix, named)
    kept = _kept_result(asked, result_view)
    prepared = cast(PreparedQuestion, kept.prepared)
    neighbours = addresses.neighbours(replace(asked, values=prepared["values"]), more=prepared["more"])
    selection = _without_labels_of_hidden(asked.query, result_view.selection)
    if suffix in _TABLES:
        content = kept.table(selection, _TABLES[suffix].media_type).read_all()
        AnswerType.hand_over_hints([*named, *kept.hints])
        return _Answer(replace(asked, values=prepared["values"]), content, neighbours, tuple(named))
    if suffix == AnswerType.CSV_METADATA_NAME:
        asked = replace(asked, values=prepared["values"])
        return _Answer(asked, _csv_metadata(asked).as_json(kept.columns(selection)))
    return _page_or_figure(asked, kept, result_view, suffix, named)


def _without_labels_of_hidden(query: CannedQuery, selection: Selection) -> Selection:
    """Return a selection that hides the labels of what is hidden as well: a page shows a thing by its label."""
    labels = [f"{name}Label" for name in selection.hidden if f"{name}Label" in query.columns]
    return replace(selection, hidden=[*selection.hidden, *labels])


def _requested_document(query: CannedQuery) -> Document:
    """Return the addresses of what is requested in other formats, with its parameters as the client wrote them."""
    return Document(addresses.address(query), query=CsvMetadata.requested_query())


def _csv_metadata(asked: Question) -> CsvMetadata:
    """Return what is said of the CSV of a question."""
    query, root = asked.query, service.addresses.root()
    citation = Citation.of(addresses.page_address(addresses.document(asked)))
    return CsvMetadata(
        root + _requested_document(query).at("csv"),
        query.summary,
        query.description,
        asked.text(service.addresses.sparql_endpoint()),
        citation,
        query.headings,
        query.columns,
        query.units,
    )


def _whole_table(asked: Question, suffix: str, named: Sequence[Hint]) -> _Answer:
    """Return all rows of the answer to a question in a format of tables."""
    result = service.questions.ask(asked, _TABLES[suffix].media_type)
    content = result.read_all()
    prepared = cast(PreparedQuestion, result.prepared)
    asked = replace(asked, values=prepared["values"])
    hints = _empty_hints(asked) if _TABLES[suffix].is_without_rows(content) else []
    hints.extend(named)
    AnswerType.hand_over_hints([*hints, *result.hints])
    AnswerType.hand_over_objections(result.objections)
    lasting = tuple(hint for hint in hints if hint.kind in ("known", "gazetteer"))
    return _Answer(asked, content, addresses.neighbours(asked, more=prepared["more"]), lasting)


def _kept_result(asked: Question, result_view: ResultView) -> KeptResult:
    """Return the rows of the answer to a question, kept from before or asked now.

    Where engines answer, a plain page asks them each time, and says so.
    """

    def run() -> tuple[WorkerResult, float]:
        began = time.monotonic()
        return service.questions.ask(asked, ResultWriter.MEDIA_TYPE), time.monotonic() - began

    anew = result_view.is_plain and service.questions.engines is not None
    return service.results.result((asked.as_json(), asked.evidence), run, anew=anew)


def _page_or_figure(
    asked: Question, kept: KeptResult, result_view: ResultView, suffix: str, named: Sequence[Hint]
) -> _Answer:
    """Return the page of the answer to a question, or its figure alone, of the rows that are to be shown."""
    rows = kept.rows(result_view.selection, replace(result_view.part, lists=asked.query.passages))
    found = rows.as_first_rows()
    prepared = cast(PreparedQuestion, kept.prepared)
    asked = replace(asked, values=prepared["values"])
    turned = addresses.neighbours(asked, more=prepared["more"])
    around = replace(
        page.QuestionPage.of(asked, prepared["called"], turned),
        named=[hint.sentence for hint in named],
        known=None if rows.total or asked.evidence else Known.of_empty(asked),
        evidence=evidence_of(rows),
        rows=rows,
        is_kept=kept.is_in_file,
        result_view=result_view,
    )

    def read(wanted: str) -> View:
        """Return all rows that match in a view; the rows at hand decide which views fit."""
        return kept.view(result_view.selection, wanted) if wanted in (*VIEWS, View.ANY) else View.of(found, wanted)

    table = around.viewed(read)
    asked_view = ViewSwitch.read(request.args.getlist(ViewSwitch.PARAMETER))
    if suffix == AnswerType.FIGURE_NAME:
        figure = table.required_figure(asked_view or around.default_view, service.addresses.root())
        return _Answer(asked, b"", turned, figure=figure)
    around = replace(around, views=ViewSwitch.of(table, asked_view, around.default_view, around.view_address))
    of_all = OtherWorks.of(asked)
    if of_all and result_view.is_plain and not request.args.get("scope"):  # who chose the report knows of the others
        of_all = of_all.counted(asked, found)
    around = replace(around, of_all=of_all)
    return _Answer(asked, around.write(found), turned, tuple(named))


def _empty_hints(asked: Question) -> list[Hint]:
    """Return the hints on an answer without rows: that there are none, and what is known of what they would say."""
    known = Known.of_empty(asked)
    empty = Hint(page.no_rows_message(asked.query), addresses.address(asked.query), "empty")
    return [empty, *([known.hint] if known else [])]
