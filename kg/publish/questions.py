"""Canned questions as the service answers them: check their values, and name what their answers contain.

A question is passed as JSON (kg.queries: `Question.as_json`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypedDict

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from kg.errors import BadValueError
from kg.objections import parse_objections
from kg.publish.search import fitting_choices
from kg.publish.work_names import passage_names
from kg.queries import CannedQuery, Parameter, Question, check_value, choices
from kg.rdf import namespaces as ns
from kg.rdf.labels import display_names
from kg.rdf.lookup import Term
from kg.rdf.rows import FirstRows
from kg.rdf.vocabulary import XSD
from kg.readings import Reading
from kg.sparql.evaluation import run, select


class PreparedQuestion(TypedDict):
    """A question whose values fit: its values by parameter, and the names of these and of the examples, by value.

    `more` is true if a question in pages has rows on its next page.
    """

    values: dict[str, str]
    called: dict[str, str]
    more: bool


class FittingValues(TypedDict):
    """The values of a question that fit, by parameter, and the parameters whose values do not.

    `called` are the names of these values and of the examples.
    """

    values: dict[str, str]
    called: dict[str, str]
    wrong: list[str]


@Reading
def prepare(store: Store, described: Mapping[str, Any], names: bool = False) -> PreparedQuestion:
    """Check the values of a question; with `names` add their names.

    Raises BadValueError for the first that does not fit; its suggestions have `parameter`, `value` and `label`.
    """
    question = Question.from_json(described)
    values = {
        name: checked_value(store, question.query.parameter(name), value) for name, value in question.values.items()
    }
    question = Question(question.query, values, question.row_range)
    return PreparedQuestion(
        values=values, called=_names_of_values(store, question) if names else {}, more=_has_more(store, question)
    )


@Reading
def fitting_values(store: Store, described: Mapping[str, Any]) -> FittingValues:
    """Return the values of a question that fit, for the form in which the others can be corrected."""
    question = Question.from_json(described)
    values: dict[str, str] = {}
    wrong = []
    for name, value in question.values.items():
        try:
            values[name] = check_value(store, question.query.parameter(name), value)
        except BadValueError:
            wrong.append(name)
    return FittingValues(values=values, called=_names_of_values(store, Question(question.query, values)), wrong=wrong)


@Reading
def parameter_values(store: Store, parameter: Mapping[str, Any], offered: bool = False) -> dict[str, str]:
    """Return the values of a parameter, given as its `as_json` returns it (see kg.queries.choices)."""
    return choices(store, Parameter.from_json(parameter), offered)


def checked_value(store: Store, parameter: Parameter, value: str) -> str:
    """Return a value as its choices spell it (kg.queries: `check_value`).

    Raises BadValueError, whose suggestions have `parameter`, `value` and `label`.
    """
    try:
        return check_value(store, parameter, value)
    except BadValueError as error:
        meant = {one["value"]: one["label"] for one in error.suggestions} or fitting_choices(store, parameter, value)
        error.suggestions = [{"parameter": parameter.name, "value": v, "label": label} for v, label in meant.items()]
        raise


def _names_of_values(store: Store, question: Question) -> dict[str, str]:
    """Return the names of the things among values and examples, without listing choices."""
    of_things = [parameter for parameter in question.query.parameters if parameter.type == "iri"]
    values = [question.values.get(one.name, one.default or "") for one in of_things]
    examples = [one.example for one in of_things]
    iris = {value: iri for value in (*values, *examples) if (iri := ns.expand(value))}
    names = display_names(store, sorted(set(iris.values())))
    return {value: names[iri] for value, iri in iris.items()}


def _has_more(store: Store, question: Question) -> bool:
    """Return True if a question in pages has rows on its next page."""
    following = question.pages().get("next")
    if following is None or following.missing_value:
        return False
    answer = run(store, following.first_row().runnable_text())
    return isinstance(answer, QuerySolutions) and next(answer, None) is not None


def names_in(store: Store, found: FirstRows, lists: Sequence[str] = (), others: Iterable[str] = ()) -> dict[str, str]:
    """Return the names of all IRIs in rows and of `others`, in a snapshot.

    Objections in cells are included. The columns `lists` list passages by label: for these, names with the work of each
    are included (kg.publish.work_names).
    """
    terms = {term for row in found.rows for term in row if term is not None}
    places = [found.names.index(name) for name in lists if name in found.names]
    labels = {label for row in found.rows for place in places for label in CannedQuery.passage_labels(row[place])}
    return display_names(store, sorted({*_iris(terms), *others})) | (
        passage_names(store, sorted(labels)) if labels else {}
    )


def _iris(terms: Iterable[Term]) -> Iterator[str]:
    for term in terms:
        if isinstance(term, NamedNode):
            yield term.value
        elif isinstance(term, Literal) and term.datatype == XSD.string:
            for _, iri in parse_objections(term.value):
                yield iri


_QUERIES = {
    "twinnings": (
        """SELECT (COUNT(?twinning) AS ?number) {
          SELECT ?twinning {
            ?twinning cd:twin ?body . ?body cd:within? ?state . ?state a cd:State
          } GROUP BY ?twinning HAVING (COUNT(DISTINCT ?body) > 1)
        }""",
        "SELECT (COUNT(DISTINCT ?twinning) AS ?number) { ?twinning cd:twin ?body }",
    ),
    "bodies": (
        """SELECT (COUNT(DISTINCT ?body) AS ?number) {
          ?twinning cd:twin ?body . ?body cd:within? ?state . ?state a cd:State
        }""",
        "SELECT (COUNT(DISTINCT ?body) AS ?number) { ?twinning cd:twin ?body }",
    ),
}
"""Queries that count the things with a country, and all, by CannedQuery.COVERAGES (kg.queries)."""


class Coverage(TypedDict):
    """The number of things, and of those with a known country; for twinnings, with both countries known."""

    known: int
    every: int


@Reading
def coverage(store: Store, of: str) -> Coverage:
    """Count the `twinnings` or twinned `bodies` of a graph, and those with a country; a country is its own."""
    known, every = (int(next(iter(select(store, text)))["number"].value) for text in _QUERIES[of])
    return Coverage(known=known, every=every)
