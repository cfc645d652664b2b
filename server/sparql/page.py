"""The pages of /sparql: the form, the answer, and errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar
from urllib.parse import urlencode

from flask import Response, render_template, request
from pyoxigraph import Literal

from kg.errors import CityKgError
from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMAT, HTML, RESULT_FORMAT
from kg.rdf.rows import FirstRows
from kg.rdf.vocabulary import GEO
from kg.results import ResultRows
from kg.sparql import Emptiness, Hint
from kg.sparql.text import QuerySyntaxError
from kg.workers import LimitReachedError
from server.citation import Citation
from server.errors import kind_of
from server.figures.views import ViewSwitch
from server.results import CsvMetadata, ResultControls, ResultView
from server.service import service
from server.sparql.protocol import QueryRequest
from server.web import AnswerPage, AnswerType, Link, LinkedText, envelope
from server.workbench import QueryForm

_AROUND = 2  # lines before and behind the place of a mistake
_WIDTH = 100  # characters of such a line
_SHOWN_ELSEWHERE = ("empty", "evidence")
_INSTANT = 0.1  # seconds below which the time that a query took says nothing
_MEDIA_TYPE_FOR_CODE = {"SELECT": "text/csv", "ASK": "application/sparql-results+json"}

EXAMPLES = {
    "The twins of London, and the passages that name them": """SELECT ?twin ?passage WHERE {
  ?twinning cd:twin city:london , ?twin .
  ?account cd:accountOf ?twinning ; cd:statedIn ?passage .
  FILTER (?twin != city:london)
}""",
    "Cities by number of twins": """SELECT ?city (COUNT(DISTINCT ?twin) AS ?twins) WHERE {
  ?city a cd:City ; cd:twinnedWith ?twin .
}
GROUP BY ?city
ORDER BY DESC(?twins)""",
    "Which networks a city belongs to": """SELECT ?network WHERE {
  city:beijing cd:memberOf ?network .
}""",
    "What passages say against each other": """SELECT ?disagreement ?explanation WHERE {
  ?disagreement a cd:Disagreement ; cd:explanation ?explanation .
}""",
    "Everything that one passage states": """SELECT * WHERE {
  passage:table-2 cd:statementGraph ?graph .
  GRAPH ?graph { ?subject ?property ?value }
}""",
    "A city as a graph": "DESCRIBE city:birmingham",
}
"""Queries to begin with, by what they ask."""


@dataclass(frozen=True)
class ResultPage(AnswerPage):
    """The answer to a query, below the form that holds it; a program's `form` of a query is SELECT, ASK and so on.

    `rows` are those of a SELECT, which `is_kept` for other pages of it, `seconds` how long a worker had it. `emptiness`
    says why there are no rows; `correction` is the query that a hint offers in its place.
    """

    template: ClassVar = "result.html"
    shows_marks: ClassVar = True

    request: QueryRequest = field(kw_only=True)
    form: str = "SELECT"
    rows: ResultRows | None = None
    is_kept: bool = True
    seconds: float = 0.0
    emptiness: Emptiness | None = None
    correction: LinkedText | None = None
    views: ViewSwitch = field(default_factory=ViewSwitch)

    def further_context(
        self, found: FirstRows, names: Sequence[str], rows: Sequence[Sequence[LinkedText]]
    ) -> dict[str, object]:
        """Return the formats that can carry the answer, and the controls of a table."""
        has_places = any(isinstance(t, Literal) and t.datatype == GEO.wktLiteral for row in found.rows for t in row)
        formats = {
            name: href for name, href in self.formats.items() if has_places or name != RESULT_FORMAT["geojson"].title
        }
        return {"formats": formats, "controls": self._controls(len(rows))}

    def _controls(self, shown: int) -> ResultControls | None:
        """Return the controls of a result of which the page shows so many rows, None for what has none."""
        if self.rows is None:
            return None
        base = [*_pairs(self.request), *_view(self.request)]
        controls = ResultControls(self.request.result_view, self.rows, shown, "/sparql", base, is_kept=self.is_kept)
        return controls if controls.is_offered else None

    def view_address(self, view: str, is_file: bool) -> str:
        """Return the address of this answer in a view, as a page or as a file."""
        asked = replace(self._all_rows if is_file else self.request, view=view)
        return _address(asked, format_name=AnswerType.FIGURE_NAME if is_file else "")

    @property
    def _all_rows(self) -> QueryRequest:
        """The request for all rows that match, without what only a page has."""
        return replace(self.request, result_view=self.request.result_view.of_rows())

    @property
    def editor(self) -> QueryForm:
        """The form, with the query."""
        return _query_form(self.request, self.form)

    @property
    def time(self) -> str:
        """The time that it took, in words."""
        return f"in {self.seconds:.1f} s" if self.seconds >= _INSTANT else f"in less than {_INSTANT} s"

    @property
    def formats(self) -> dict[str, str]:
        """The address of the answer in each format."""
        return {fmt.title: _address(self._all_rows, format_name=fmt.name) for fmt in AnswerType.formats(self.form)}

    @property
    def columns_href(self) -> str:
        """The address of what is said of the columns of the CSV; empty where there are no columns."""
        return _address(self._all_rows, format_name=AnswerType.CSV_METADATA_NAME) if self.form == "SELECT" else ""

    @property
    def all_rows(self) -> tuple[str, str]:
        """The name of the format that has all rows, and where they are."""
        fmt = RESULT_FORMAT["csv"] if self.form == "SELECT" else GRAPH_FORMAT["ttl"]
        return fmt.title, _address(self.request, format_name=fmt.name)

    @property
    def permalink(self) -> str:
        """The address of this page at this revision."""
        return _address(self.request, service.revisions.current().revision)

    @property
    def code(self) -> dict[str, str]:
        """The ways in which programs get the answer."""
        pairs = [*_pairs(self.request)[1:], *self._all_rows.result_view.parameters()]
        address = service.addresses.sparql_endpoint() + (f"?{urlencode(pairs)}" if pairs else "")
        return self.as_code(
            address, {"query": self.request.query or ""}, _MEDIA_TYPE_FOR_CODE.get(self.form, "text/turtle")
        )

    @property
    def citation(self) -> str:
        """How to cite the answer."""
        return Citation.of(_address(replace(self.request, revision=""))).txt


@dataclass(frozen=True)
class QueryLine:
    """A line of a query; `mark` is what stands below it where a mistake is in it."""

    number: int
    text: str
    mark: str = ""


def _query_form(asked: QueryRequest, form: str = "SELECT") -> QueryForm:
    """Return the form for a request, but for how its answer was shown: that may not fit the answer to another query."""
    query = asked.query or ""
    hidden = [pair for pair in _other_parameters(asked) if pair[0] != "evidence"]
    hidden += [("at", asked.revision)] if asked.revision else []
    kept = query if len(query) <= QueryForm.MOST_REPEATED else ""
    return QueryForm(kept, len(query), asked.evidence, form == "SELECT", hidden)


def _other_parameters(asked: QueryRequest) -> list[tuple[str, str]]:
    """Return what a request says besides the query, but for the revision and the format."""
    graphs = {"default-graph-uri": asked.default_graphs, "named-graph-uri": asked.named_graphs}
    given = [(name, iri) for name, iris in graphs.items() for iri in iris]
    return [*given, *([("evidence", "yes")] if asked.evidence else [])]


def _view(asked: QueryRequest) -> list[tuple[str, str]]:
    return [(ViewSwitch.PARAMETER, asked.view)] if asked.view else []


def _address(asked: QueryRequest, revision: str = "", format_name: str = "") -> str:
    """Return the address of the answer to a request, at its own revision or another one."""
    view = _view(asked) if format_name in ("", AnswerType.FIGURE_NAME) else []
    more = [*view, *asked.result_view.parameters(), *([("format", format_name)] if format_name else [])]
    return "/sparql?" + urlencode([*_pairs(asked, revision), *more])


def _pairs(asked: QueryRequest, revision: str = "") -> list[tuple[str, str]]:
    """Return what a request asks, at its own revision or another one, but for how it is shown."""
    at = revision or asked.revision
    return [("query", asked.query or ""), *_other_parameters(asked), *([("at", at)] if at else [])]


def path_without_view(asked: QueryRequest) -> str:
    """Return the address of the answer to a request, at no revision and in no view."""
    return _address(replace(asked, revision="", view=""))


def csv_metadata(asked: QueryRequest) -> CsvMetadata:
    """Return what is said of the CSV of a request, which has its own address also where a form was sent."""
    csv = RESULT_FORMAT["csv"].name
    is_form = request.method != "GET"
    address = _address(asked, format_name=csv) if is_form else f"/sparql?{CsvMetadata.requested_query(csv)}"
    url, citation = service.addresses.root() + address, Citation.of(path_without_view(asked))
    return CsvMetadata(url, "Answer to a query in SPARQL", "", asked.query or "", citation)


def hint_links(hints: Sequence[Hint]) -> list[LinkedText]:
    """Return hints as sentences that lead to where their reader finds what was meant.

    Those are left out for which the page has a place of its own.
    """
    leads = {hint.sentence: Link.to_help(hint).target for hint in hints if hint.kind not in _SHOWN_ELSEWHERE}
    return [LinkedText(sentence, None if target == "/sparql" else target) for sentence, target in leads.items()]


def correction_address(asked: QueryRequest, hint: Hint) -> str:
    """Return the address of the answer to the query of a hint, asked as the request was; empty if it has none."""
    return _address(replace(asked, query=hint.query, result_view=ResultView())) if hint.query else ""


def form_page() -> str:
    """Return the page that asks for a query, with what its writer needs to know."""
    first = next(iter(EXAMPLES.values()))
    return render_template(
        "sparql.html",
        editor=QueryForm(first),
        examples={title: "/sparql?" + urlencode({"query": query}) for title, query in EXAMPLES.items()},
        prefixes=ns.PREFIXES,
        limits=service.limits,
        shown=FirstRows.MOST,
        endpoint=service.addresses.sparql_endpoint(),
    )


def error_response(asked: QueryRequest, error: CityKgError) -> Response:
    """Return the page of a query that failed, with the query, the error and its position."""
    kind = kind_of(error)
    page = render_template(
        "query_failed.html",
        editor=_query_form(asked),
        title=kind.title,
        status=kind.status,
        said=_error_message(error),
        hint=error.hint,
        words={"hints": (), "correction": _correction(asked, error)},
        places=lines_around(asked.query or "", error.line, error.column) if isinstance(error, QuerySyntaxError) else (),
    )
    envelope.note_error(error)
    return Response(page, kind.status, mimetype=HTML)


def _correction(asked: QueryRequest, error: CityKgError) -> LinkedText | None:
    """Return the corrected query of an error with a link to its answer, None if it has none."""
    query = error.query if isinstance(error, QuerySyntaxError) else ""
    return LinkedText(query, _address(replace(asked, query=query))) if query else None


def lines_around(query: str, line: int, column: int) -> list[QueryLine]:
    """Return the line of a mistake with a mark below it, and those around it, each cut around the column."""
    lines = query.replace("\r\n", "\n").split("\n")
    start = max(0, column - 1 - _WIDTH // 2)
    shown = []
    for number in range(max(1, line - _AROUND), min(len(lines), line + _AROUND) + 1):
        text = lines[number - 1][start : start + _WIDTH]
        tabs = "".join("\t" if char == "\t" else " " for char in text[: column - 1 - start])
        shown.append(QueryLine(number, text, tabs.ljust(column - 1 - start) + "^" if number == line else ""))
    return shown


def _error_message(error: CityKgError) -> str:
    if isinstance(error, LimitReachedError) and error.limit == "seconds":
        return f"The query had no answer after {error.reached}, and was stopped."
    if isinstance(error, QuerySyntaxError):
        return error.brief  # the place is shown below
    return error.public_message(service.folder.path)
