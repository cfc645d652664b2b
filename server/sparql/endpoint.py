"""The SPARQL endpoint: protocol, negotiation, guard, execution and writing, each in its own place.

A stranger's query never runs in this process: a worker process that can be killed parses and evaluates it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BufferedReader
from typing import TYPE_CHECKING, cast
from xml.parsers import expat

from flask import Blueprint, Response, current_app, request
from werkzeug.wsgi import wrap_file

from kg.errors import CityKgError, QueryError
from kg.greenlets import leave_loop, run_outside_loop
from kg.lanes import Lane
from kg.publish.dataset import service_description
from kg.rdf import triples
from kg.rdf.formats import GRAPH_FORMAT, HTML, RESULT_FORMAT, RESULT_TYPES
from kg.rdf.rows import FirstRows
from kg.results import KeptResult, ResultWriter, evidence_of
from kg.sparql import Emptiness, Hint, Query, advice
from kg.views import VIEWS
from kg.workers import QueryJob, QueryPool, WorkerResult
from server.citation import Citation
from server.figures.views import ViewedTable, ViewSwitch, figure_response
from server.results import CsvMetadata, ResultView
from server.service import Service, optional_principal, service
from server.sparql import page, protocol
from server.sparql.protocol import QueryRequest
from server.web import AnswerType, Document, Link, LinkedText

if TYPE_CHECKING:
    from kg.federation import FederatedPool

blueprint = Blueprint("sparql", __name__)

RDF_XML = GRAPH_FORMAT["rdf"].media_type

_MOST_HINTS, _LONGEST_HEADER = 3, 3_500  # of a header, in characters: some proxies take 4,096 for all headers


@blueprint.route("/sparql", methods=["GET", "POST", "QUERY"])
def endpoint() -> Response:
    """Answer a query; GET without one gives the service description, or the form for a browser."""
    asked = protocol.read(request)
    service.revisions.select(asked.revision, asked.least_revision)
    if asked.query is None:
        return _description(asked.format_names)
    try:
        return _answer_query(asked, asked.query)
    except CityKgError as error:
        if not AnswerType.prefers_page():
            raise
        response = page.error_response(asked, error)
        AnswerType.vary_by_accept(response)
        return response


@dataclass(frozen=True)
class _Run:
    """A query as it is answered: the request, the type of the answer, the workers, their job, and their seconds."""

    asked: QueryRequest
    chosen: AnswerType
    pool: QueryPool | FederatedPool
    job: QueryJob
    taken: list[float]

    def kept_result(self) -> KeptResult:
        """Return the rows of a SELECT, kept from before or run now."""
        asked, job = self.asked, replace(self.job, media_type=ResultWriter.MEDIA_TYPE)

        def run() -> tuple[WorkerResult, float]:
            return self.pool.run(job), sum(self.taken)

        decisive = (asked.query, asked.default_graphs, asked.named_graphs, asked.seconds, asked.evidence)
        return service.results.result(decisive, run, anew=not job.query.is_deterministic and asked.result_view.is_plain)


def _answer_query(asked: QueryRequest, text: str) -> Response:
    if "service" in text.lower():
        leave_loop()  # all its readings are followed, or other endpoints asked
    run = _prepare(asked, text)
    if request.method == "HEAD":
        return _head_response(run)
    if run.chosen.is_page:
        return _page_response(run)
    if run.chosen.is_figure:
        return _figure_response(run)
    if run.chosen.is_csv_metadata:
        return _metadata_response(run)
    return _data_response(run)


def _prepare(asked: QueryRequest, text: str) -> _Run:
    """Choose the workers, the type of the answer and its job, before anything is evaluated."""
    ours = Service.of(current_app)
    pool = ours.workers.pool() if asked.evidence else _pool(ours, text)
    query = pool.examine(text)
    chosen = AnswerType.choose(query.form, asked.format_names)
    if chosen.is_page and query.form != "SELECT":
        # the box may still be ticked from the query before
        asked, pool = replace(asked, evidence=False), _pool(ours, text)
    taken: list[float] = []
    return _Run(asked, chosen, pool, _job(ours, asked, query, chosen, taken), taken)


def _head_response(run: _Run) -> Response:
    result = run.pool.check(run.job)
    result.as_file().close()
    response = Response(content_type=run.chosen.content_type)
    response.automatically_set_content_length = False  # the length of what GET would send is not known
    return _with_headers(response, run, result, advice(None, result.hints))


def _data_response(run: _Run) -> Response:
    """Return the answer for a program, with hints where it is empty."""
    asked, chosen = run.asked, run.chosen
    if run.job.query.form == "SELECT" and asked.result_view.of_rows() != ResultView():
        result = run.kept_result().table(asked.result_view.selection, chosen.engine_type)
    else:
        result = run.pool.run(run.job)
    response = _response(result, chosen)
    why = _why_empty(result, run.job)
    return _with_headers(response, run, result, advice(why, result.hints))


def _with_headers(response: Response, run: _Run, result: WorkerResult, hints: Sequence[Hint]) -> Response:
    """Return an answer for a program with its links and what caches go by."""
    chosen = run.chosen
    _add_hints(response, run.asked, hints)
    if chosen.media_type == RESULT_FORMAT["csv"].media_type:
        _link_metadata(response)
    AnswerType.hand_over_objections(result.objections)
    return _add_caching(response, result, run.job, chosen.media_type.replace("/", "-"))


def _why_empty(result: WorkerResult, job: QueryJob) -> Emptiness | None:
    """Return why an answer for a program has no row or triple, as a page would say it, None if it has one."""
    if job.query.form == "ASK" or job.query.is_remote or result.body is None:
        return None
    table = RESULT_TYPES.get(job.media_type)
    is_empty = not result.body.strip() if table is None else table.is_without_rows(result.body)
    return service.workers.pool().explain(job) if is_empty else None


def _add_hints(response: Response, asked: QueryRequest, hints: Sequence[Hint]) -> None:
    """Say what may be amiss: the first hints in a header; all of them to a caller within this process."""
    AnswerType.vary_by_accept(response)
    if hints and (header := _hint_links(asked, hints)):
        response.headers["Link"] = header
    AnswerType.hand_over_hints(hints)


def _link_metadata(response: Response) -> None:
    """Lead from a CSV to what is said of its columns, if there is room in the header: the link repeats the query."""
    link = CsvMetadata.link(f"/sparql?{CsvMetadata.requested_query(AnswerType.CSV_METADATA_NAME)}")
    links = ", ".join([str(link), *response.headers.getlist("Link")])
    if request.method in ("GET", "HEAD") and len(links) <= _LONGEST_HEADER:
        response.headers["Link"] = links


def _hint_links(asked: QueryRequest, hints: Sequence[Hint]) -> str:
    """Return the links of the first hints: to the query mended where there is room, else to where it is looked up.

    That of a name leads to what it may mean, which programs can use.
    """
    links: list[Link] = []
    for hint in hints[:_MOST_HINTS]:
        mended = page.correction_address(asked, hint) if hint.kind != "name" else ""
        ways = (Link.to_help(hint, address) for address in (mended, ""))
        links += next(([link] for link in ways if len(Link.header([*links, link])) <= _LONGEST_HEADER), [])
    return Link.header(links)


def _add_caching(response: Response, result: WorkerResult | None, job: QueryJob, representation: str) -> Response:
    """Return an answer as caches may have it: one that lasts has validators, one with words of others is not kept."""
    if job.query.is_remote:
        response.headers["Cache-Control"] = "no-store"  # the answer also depends on what others say at the moment
    if request.method == "GET" and job.query.is_deterministic:
        return _add_validators(response, result, representation)
    return response


def _add_validators(response: Response, result: WorkerResult | None, representation: str) -> Response:
    """Give an answer that lasts as long as its revision what caches go by; the strong ETag is the hash of its bytes."""
    if result is None:
        return Document.add_validators(response, representation)
    if result.file is None:
        response.set_etag(Document.entity_tag(result.body or b"", representation))
        return Document.add_validators(response)
    digest = run_outside_loop(hashlib.file_digest, cast(BufferedReader, result.file), "sha256").hexdigest()
    result.file.seek(0)
    response.set_etag(f"{digest[:32]}-{representation}")
    return Document.add_validators(response)


def _pool(ours: Service, text: str) -> QueryPool | FederatedPool:
    """Return the workers for a query: those that ask other endpoints only where they may and its text names SERVICE."""
    if "service" not in text.lower() or ours.endpoints is None:
        return ours.workers.pool()
    from kg.federation import FederatedPool  # noqa: PLC0415 – an optional package

    return FederatedPool(ours.workers.pool(), ours.endpoints)


def _job(ours: Service, asked: QueryRequest, query: Query, chosen: AnswerType, taken: list[float]) -> QueryJob:
    """Return what a worker is to do; `taken` gets the seconds for which it has it."""
    who = optional_principal()
    ours.clients.check_share()
    turn = ours.clients.turn(Lane.ASIDE if asked.evidence or query.is_remote else Lane.FAST)
    charge = ours.clients.charge_function()

    def spent(seconds: float) -> None:
        taken.append(seconds)
        charge(seconds)

    return QueryJob(
        query,
        chosen.worker_type,
        asked.default_graphs,
        asked.named_graphs,
        asked.seconds,
        report_seconds=spent,
        allowed_seconds=who.seconds if who is not None else None,
        snapshot=ours.revisions.snapshot_path(),
        hints="always" if chosen.is_page or asked.evidence or AnswerType.HINTS in request.environ else "if empty",
        turn=turn,
        evidence=asked.evidence,
    )


def _response(result: WorkerResult, chosen: AnswerType) -> Response:
    content_type = chosen.content_type
    if chosen.media_type == RDF_XML:
        _refuse_broken_xml(result)
    if result.file is None:
        return Response(result.body, content_type=content_type)
    file = wrap_file(request.environ, result.file)
    response = Response(file, content_type=content_type, direct_passthrough=True)
    response.content_length = os.fstat(result.file.fileno()).st_size
    return response


def _refuse_broken_xml(result: WorkerResult) -> None:
    """Raise QueryError where the engine wrote a property whose IRI is not an XML name (RDF/XML, section 5.1)."""
    content = result.as_file()
    try:
        run_outside_loop(expat.ParserCreate(namespace_separator=" ").ParseFile, content)
    except expat.ExpatError:
        content.close()
        raise QueryError("The graph cannot be written as RDF/XML.", "Ask for Turtle or another format.") from None
    content.seek(0)


def _figure_response(run: _Run) -> Response:
    """Return the answer drawn in the view that is asked for, or in the first that fits."""
    figure = _viewed(run.kept_result(), run.asked).required_figure(run.asked.view, service.addresses.root())
    response = figure_response(figure, Citation.of(page.path_without_view(run.asked)).credits, "answer")
    AnswerType.vary_by_accept(response)
    return _add_caching(response, None, run.job, "image-svg-xml")


def _metadata_response(run: _Run) -> Response:
    """Return what is said of the CSV of a SELECT and its columns."""
    columns = run.kept_result().columns(run.asked.result_view.selection)
    response = Response(page.csv_metadata(run.asked).as_json(columns), content_type=AnswerType.CSV_METADATA)
    AnswerType.vary_by_accept(response)
    return _add_caching(response, None, run.job, AnswerType.CSV_METADATA_NAME)


def _page_response(run: _Run) -> Response:
    asked, job = run.asked, run.job
    if job.query.form == "SELECT":
        kept = run.kept_result()
        shown, found, hints = *_selected_page(asked, kept), kept.hints
    else:
        result = run.pool.run(job)
        found, hints = FirstRows.from_json(result.read_all()), result.hints
        shown = page.ResultPage(request=asked, form=job.query.form, seconds=sum(run.taken))
    is_empty = not found.count and found.truth is None and not asked.result_view.selection.is_filtered
    if is_empty and not job.query.is_remote:
        shown = replace(shown, emptiness=service.workers.pool().explain(job))
    told = advice(shown.emptiness, hints)
    mended = next((LinkedText(one.query, page.correction_address(asked, one)) for one in told if one.query), None)
    shown = replace(shown, hints=page.hint_links(told), correction=mended)
    response = Response(shown.write(found), mimetype=HTML)
    _add_hints(response, asked, told)
    return _add_caching(response, None, job, "text-html")


def _selected_page(asked: QueryRequest, kept: KeptResult) -> tuple[page.ResultPage, FirstRows]:
    """Return the page of a SELECT without hints, and the rows that it shows."""
    rows = kept.rows(asked.result_view.selection, asked.result_view.part)
    found = rows.as_first_rows()
    shown = page.ResultPage(
        request=asked, evidence=evidence_of(rows), seconds=kept.seconds, rows=rows, is_kept=kept.is_in_file
    )
    # the rows that are here say which views fit; a worker draws all rows
    table = _viewed(kept, asked) if asked.view in VIEWS else ViewedTable.of(found)
    return replace(shown, views=ViewSwitch.of(table, asked.view, "", shown.view_address)), found


def _viewed(kept: KeptResult, asked: QueryRequest) -> ViewedTable:
    """Return the rows that match as they can be drawn: all of them, not those of a page."""
    return ViewedTable(lambda wanted: kept.view(asked.result_view.selection, wanted))


def _description(format_names: tuple[str, ...]) -> Response:
    chosen = AnswerType.choose("CONSTRUCT", format_names)
    if chosen.is_page:
        response = Response(page.form_page(), mimetype=HTML)
    else:
        described = service.workers.triples_once(service_description, service.addresses.sparql_endpoint())
        content = triples.write(described, chosen.graph_format)
        response = Response(content, content_type=chosen.content_type)
    AnswerType.vary_by_accept(response)
    return response
