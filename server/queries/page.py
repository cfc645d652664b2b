"""The page of a canned query: its form, its answer, and the text of the query."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar
from urllib.parse import urlencode

from flask import render_template
from pyoxigraph import Literal

from kg.errors import AmbiguousValueError, BadValueError, shorten
from kg.publish.questions import coverage, parameter_values
from kg.queries import CannedQuery, Parameter, Question, find_query
from kg.rdf.lookup import Term
from kg.rdf.rows import FirstRows
from kg.rdf.scopes import EVERYTHING, REPORT
from kg.results import ResultRows
from kg.views import View
from server.citation import Citation
from server.figures.views import ViewedTable, ViewSwitch
from server.queries import addresses
from server.queries.known import Known
from server.queries.other_works import OtherWorks, first_work
from server.results import CsvMetadata, ResultControls, ResultView
from server.scopes import scope_titles
from server.service import service
from server.web import AnswerPage, AnswerType, Document, LinkedText
from server.workbench import QueryForm

_NAME = re.compile(r"[a-z]+(?:-[a-z]+)+|(?<=\bthe query )[a-z]+")
_ROWS_A_PAGE = 50  # rows of a page, if the answer is asked for in pages


@dataclass(frozen=True)
class FormField:
    """A field of the form: a list to choose from where `is_choice`, else a text with suggestions.

    `choices` are labels by value: of all that a list can have; of a text, of `value` and `example`, which are shown by
    label. `offered` are the values that have rows.
    """

    name: str
    label: str
    value: str
    example: str
    is_required: bool
    is_choice: bool
    choices: Mapping[str, str]
    offered: Mapping[str, str]
    is_wrong: bool = False

    def display(self, value: str) -> str:
        """Return a value as the field shows it: by its label, but for a list, which has labels itself."""
        return value if self.is_choice else self.choices.get(value, value)


@dataclass(frozen=True)
class FieldProblem:
    """A problem with a value: its message, and links (label, address) to what may be meant."""

    message: str
    suggestions: Sequence[tuple[str, str]] = ()
    example: tuple[str, str] | None = None


@dataclass(frozen=True)
class QuestionPage(AnswerPage):
    """The page of a canned query, around its answer.

    `question` has an example where a value is missing; `neighbours` are the other pages; `named` says which values the
    gazetteer has given, `known` what is known where there are no rows, `of_all` what the works add that are not asked,
    `rows` are those that `result_view` selects, of a result that `is_kept`.
    """

    template: ClassVar = "question.html"

    question: Question = field(kw_only=True)
    fields: tuple[FormField, ...] = ()
    neighbours: Mapping[str, Document] = field(default_factory=dict)
    problem: FieldProblem | None = None
    known: Known | None = None
    named: Sequence[str] = ()
    of_all: OtherWorks | None = None
    views: ViewSwitch = field(default_factory=ViewSwitch)
    rows: ResultRows | None = None
    is_kept: bool = True
    result_view: ResultView = field(default_factory=ResultView)

    @property
    def instead(self) -> tuple[str, str] | None:
        """What to ask in place of a question that is in no list, as a label and an address; None where it is in one."""
        see = self.question.query.see
        if see and not see.startswith("/"):
            return find_query(see.partition("?")[0]).summary, f"/queries/{see}"
        return (see, see) if see else None

    @classmethod
    def of(
        cls, asked: Question, called: Mapping[str, str], turned: Mapping[str, Document] | None = None
    ) -> QuestionPage:
        """Return what stands around the answer to a question, of which `turned` are the other pages.

        `called` are the things by name that are values or examples.
        """
        query = asked.query
        fields = tuple(_field(p, asked.values.get(p.name, p.default or ""), called) for p in query.parameters)
        given = [f.choices.get(f.value, f.value) for f in fields if f.value and f.name in asked.values]
        return cls(
            query.title_with([*map(shorten, given)]),
            query.headings,
            {name: meaning.replace("true if", "yes if") for name, meaning in query.columns.items()},
            query.unknown,
            query.units,
            question=asked.example(),
            fields=fields,
            neighbours=turned or {},
        )

    def write(self, found: FirstRows) -> bytes:
        """Return the page of an answer, with passages named with their works where there are several."""
        places = [found.names.index(name) for name in self.question.query.passages if name in found.names]
        return super().write(_name_passages(found, places) if places else found)

    def without_answer(self) -> bytes:
        """Return the page without an answer: the form, and the problem."""
        return render_template(self.template, words=self, problem=self.problem).encode()

    def further_context(
        self, found: FirstRows, names: Sequence[str], rows: Sequence[Sequence[LinkedText]]
    ) -> dict[str, object]:
        """Return the drawing, what the columns mean, and the ways to other rows."""
        controls = self._controls(len(rows))
        explained = [(self.headings[name], self.columns[name]) for name in found.names if _is_explained(name)]
        return {
            "explained": () if controls else explained,
            "controls": controls,
            "pages_of": self._page_links(controls),
            "paged": self._paging(found, len(rows)),
            "coverage": service.workers.read_once(coverage, of) if (of := self.question.query.coverage) else None,
        }

    def _controls(self, shown: int) -> ResultControls | None:
        """Return the controls of the answer, of which the page shows so many rows; None where they are of no use."""
        if self.rows is None:
            return None
        columns = self.rows.columns
        seen = self.shown_columns(columns)
        controls = ResultControls(
            self.result_view,
            self.rows,
            shown,
            self.address,
            list(addresses.parameters(self.question).items()),
            self.headings,
            self.columns,
            {name: f"{name}Label" for name in seen if f"{name}Label" in columns},
            [name for name in columns if name not in seen or name == CannedQuery.GEOMETRY],
            self.is_kept,
        )
        return controls if controls.is_offered else None

    def all_columns(self, found: FirstRows) -> Sequence[str]:
        """Return all columns of the answer, also those that are hidden."""
        return found.names if self.rows is None else self.rows.columns

    @property
    def _document(self) -> Document:
        """The addresses of the rows that are shown."""
        document = addresses.document(self.question)
        selected = urlencode(self.result_view.of_rows().parameters())
        return replace(document, query="&".join(filter(None, (document.query, selected))))

    @property
    def default_view(self) -> str:
        """The view that the header of the query names: a graph is drawn as pairs."""
        view = self.question.query.view
        return {"graph": "pairs", "table": ""}.get(view, view)

    def viewed(self, read: Callable[[str], View]) -> ViewedTable:
        """Return the answer as a table that can be drawn; `read` returns its rows in a view."""
        return ViewedTable(read, self.title, self.headings)

    def view_address(self, view: str, is_file: bool) -> str:
        """Return the address of this answer in a view, as a page or as a file."""
        document = self._document
        query = "&".join([*([document.query] if document.query else []), f"{ViewSwitch.PARAMETER}={view}"])
        seen = replace(document, query=query)
        return seen.at(AnswerType.FIGURE_NAME) if is_file else addresses.page_address(seen)

    @property
    def scopes(self) -> dict[str, str]:
        """The parts of the graph that may be asked, in words; none where there is but one."""
        titles = scope_titles()
        named = {REPORT: f"{first_work()}, and what was added to it", EVERYTHING: "all that is loaded"}
        return {scope: named.get(scope, title) for scope, title in titles.items()}

    @property
    def no_rows_message(self) -> str:
        """The message for an answer without rows."""
        return no_rows_message(self.question.query)

    @property
    def topic_title(self) -> str:
        """The topic in words; empty for a check, which has none."""
        return CannedQuery.TOPICS.get(self.question.query.topic, "")

    @property
    def description(self) -> list[LinkedText]:
        """The description of the query, with links to the queries that it names."""
        return list(_link_queries(self.question.query.description))

    @property
    def address(self) -> str:
        """The address of the page, whatever the values."""
        return addresses.address(self.question.query)

    @property
    def api(self) -> str:
        """The whole address of the answer as CSV."""
        return service.addresses.root() + self._document.at("csv")

    @property
    def columns_href(self) -> str:
        """The address of what is said of the columns of the CSV."""
        return self._document.at(CsvMetadata.SUFFIX)

    @property
    def evidence_toggle(self) -> str:
        """The address of the page that says of each row who says so, or of this one without."""
        return addresses.page_address(addresses.document(replace(self.question, evidence=not self.question.evidence)))

    @property
    def code(self) -> dict[str, str]:
        """The ways in which programs get the answer."""
        return self.as_code(self.api)

    @property
    def formats(self) -> dict[str, str]:
        """The addresses of the answer and the query, by suffix."""
        whole, shown = addresses.document(self.question), self._document
        suffixes = [suffix for suffix in addresses.formats(self.question.query) if suffix != "html"]
        return {addresses.TITLES[s]: (whole if s == "rq" else shown).at(s) for s in suffixes}

    @property
    def editor(self) -> QueryForm:
        """The form of the query as it runs."""
        return QueryForm(self.question.text(service.addresses.sparql_endpoint()))

    @property
    def citation(self) -> str:
        """How to cite the answer."""
        return Citation.of(addresses.page_address(addresses.document(self.question))).txt

    def _page_links(self, controls: ResultControls | None) -> dict[str, str]:
        """Return the other pages: of the rows, if there are more than fit on one, else of the answer."""
        turned = controls.pages if controls else {}
        return turned or {relation: addresses.page_address(one) for relation, one in self.neighbours.items()}

    def _paging(self, found: FirstRows, shown: int) -> tuple[str, str, str] | None:
        """Return a remark on paging and a link: to all rows, or for a long answer to pages of it."""
        whole = self.question.rows()
        if self.question != whole:
            return f"{shown:,} rows on this page", addresses.page_address(addresses.document(whole)), "all rows"
        if found.count <= _ROWS_A_PAGE or self.question.query.why_not_pageable:
            return None
        return (
            "A long list",
            addresses.page_address(addresses.document(self.question.rows(_ROWS_A_PAGE))),
            f"{_ROWS_A_PAGE} rows a page",
        )


def no_rows_message(query: CannedQuery) -> str:
    """Return the message for an answer without rows."""
    return f"The graph has no results{' for these values' if query.parameters else ''}."


def page_of_problem(
    asked: Question, called: Mapping[str, str], given: Mapping[str, str], name: str, error: BadValueError
) -> QuestionPage:
    """Return the page of a question with the values as `given`, where that of the parameter `name` does not fit."""
    page = QuestionPage.of(asked, called)
    kept = {name: value[: Parameter.LONGEST] for name, value in given.items()}
    fields = tuple(replace(f, value=f.display(kept.get(f.name, "")), is_wrong=f.name == name) for f in page.fields)
    field = next((field for field in fields if field.name == name), None)
    return replace(page, fields=fields, problem=_problem(asked, field, error))


def _problem(asked: Question, field: FormField | None, error: BadValueError) -> FieldProblem:
    """Return the problem with a field's value; for another parameter, such as `limit`, the error's message."""
    if field is None:
        return FieldProblem(f"{error.message} {error.hint}")
    if isinstance(error, AmbiguousValueError):
        said = f"“{shorten(field.value)}” has several meanings: choose one."
    elif field.value:
        said = f"“{shorten(field.value)}” is not known as a value of the field “{field.label}”."
    else:
        said = f"The field “{field.label}” is required."
    meant = [(one["label"], one["address"]) for one in error.suggestions]
    example = replace(asked, values={**asked.values, field.name: asked.query.parameter(field.name).example}).example()
    return FieldProblem(
        said, meant, None if meant else (field.example, addresses.page_address(addresses.document(example)))
    )


def _field(parameter: Parameter, value: str, called: Mapping[str, str]) -> FormField:
    is_choice = parameter.type == "choice"
    offered = service.workers.read_once(parameter_values, parameter.as_json(), True)
    if not is_choice:
        values = (value, parameter.example) if parameter.type == "iri" else ()
        known = {one: called[one] for one in values if one in called}
    else:
        known = dict(service.workers.read_once(parameter_values, parameter.as_json()) if parameter.offered else offered)
    return FormField(
        name=parameter.name,
        label=parameter.label,
        value=value if is_choice else known.get(value, value),
        example=known.get(parameter.example, parameter.example),
        is_required=parameter.is_required,
        is_choice=is_choice,
        choices=known,
        offered=offered,
    )


def _name_passages(found: FirstRows, places: Sequence[int]) -> FirstRows:
    """Return rows whose cells at some places list passages by their display names."""

    def named(value: Term | None) -> Term | None:
        if not isinstance(value, Literal):
            return value
        names = (found.display_names.get(label, label) for label in CannedQuery.passage_labels(value))
        return Literal(CannedQuery.BETWEEN_PASSAGES.join(names), language=value.language)

    rows = (tuple(named(value) if at in places else value for at, value in enumerate(row)) for row in found.rows)
    return replace(found, rows=tuple(rows))


def _link_queries(text: str) -> Iterator[LinkedText]:
    """Yield a description in parts, of which the names of other queries that the graph can answer are links to them."""
    place, answerable = 0, {query.name: query for query in service.questions.answerable()}
    for match in _NAME.finditer(text):
        if other := answerable.get(match[0]):
            yield LinkedText(text[place : match.start()])
            yield LinkedText(f"“{other.summary}”", addresses.page_address(addresses.example_document(other)))
            place = match.end()
    yield LinkedText(text[place:])


def _is_explained(name: str) -> bool:
    return not name.endswith("Label") and name != "label"
