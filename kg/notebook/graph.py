"""A built graph at one revision, to be queried from Python."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, Store, Triple, parse_query_results

from kg.notebook.drawings import draw
from kg.notebook.frames import frame_of, import_extra
from kg.queries import Parameter, Question, canned_queries, check_value, find_query
from kg.rdf import namespaces as ns
from kg.rdf.scopes import EVERYTHING
from kg.sparql import Emptiness, KnownTerms, Query, advice
from kg.sparql.evaluation import Answer, Dataset, Unions, run
from kg.sparql.text import form_of
from kg.store import DataFolder

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame


class Graph:
    """A built graph as it was when it was opened; later changes are seen by opening it again."""

    def __init__(self, data: Path | str | None = None) -> None:
        """Open a data folder; without one that of the variable CITYKG_DATA, else `data` below the current folder.

        Raises DataFolderError if nothing is built there, CityKgError where pandas is not installed.
        """
        import_extra("pandas")
        self._folder = DataFolder(Path(data or os.environ.get("CITYKG_DATA") or "data"))
        self._build = self._folder.require_build()
        self._store = cache(self._open_store)

    def __repr__(self) -> str:
        return f"<the graph at revision {self.revision}>"

    @property
    def revision(self) -> str:
        """The revision of the graph: at one revision the same questions always have the same answers."""
        return self._build.revision

    def questions(self) -> DataFrame:
        """Return the canned queries for this graph: names, topics, parameters with examples, and views."""
        rows = [
            (query.name, query.topic, query.summary, ", ".join(map(_parameter_text, query.parameters)), query.view)
            for query in canned_queries(self._build.works).values()
        ]
        frame: DataFrame = import_extra("pandas").DataFrame(
            rows, columns=["name", "topic", "question", "parameters", "view"], dtype="string"
        )
        return frame.set_index("name")

    def ask(self, question: str, /, *, evidence: bool = False, **values: Any) -> DataFrame:
        """Return the answer to a canned query; parameters take a label, an identifier, or a name such as city:leeds.

        `limit`, `offset` and `scope` are parameters, too. With `evidence`, more columns list the sources of each row,
        and the objections to it. `attrs` of the frame holds the question, the view and the revision. Raises
        UnknownNameError for an unknown query or parameter, BadValueError for a value, and WorkNotLoadedError.
        """
        given = {name: str(value) for name, value in values.items() if value is not None}
        if replaced := Question.replacement(question, given):
            question, given = replaced.query, dict(replaced.given(given.items()))
            warnings.warn(f"This question is called {question} now; it is asked with {given}.", stacklevel=2)
        query = find_query(question)
        self._build.require_works(query.works)
        store = self._store(given.get("scope") or query.scope)
        read = Question.parse(query, given, partial(check_value, store))
        frame = cast("DataFrame", _answer(store, read.text(), evidence))
        frame.attrs.update(query=query.name, question=query.summary, view=read.query.view, revision=self.revision)
        return frame

    def sparql(self, query: str, *, evidence: bool = False, scope: str = EVERYTHING) -> DataFrame | bool | list[Triple]:
        """Return a frame for SELECT, a truth value for ASK, triples for CONSTRUCT and DESCRIBE.

        Our prefixes need no declaration. `scope` is the part of the graph that is asked. Raises QuerySyntaxError.
        """
        return _answer(self._store(scope), query, evidence)

    def draw(self, frame: DataFrame, view: str = "") -> Axes | DataFrame:
        """Draw an answer, or some of its rows, in the view of its canned query, or in another one.

        Views are bars, timeline and map, which are drawn by matplotlib and can be altered; any other is the frame with
        headings in words. Raises QueryError where the frame has nothing that such a view shows.
        """
        return draw(frame, view or frame.attrs.get("view", "table"))

    def _open_store(self, scope: str) -> Store:
        return Store.read_only(str(self._folder.snapshot_in(scope, self._build)))


def _answer(store: Store, text: str, evidence: bool) -> DataFrame | bool | list[Triple]:
    answer = (
        _answer_with_evidence(store, text) if evidence else Unions(store, 0).evaluate(text, Dataset.from_query(text))[0]
    )
    if isinstance(answer, QuerySolutions):
        return _with_advice(frame_of(answer), store, text)
    return bool(answer) if isinstance(answer, QueryBoolean) else list(answer)


def _answer_with_evidence(store: Store, text: str) -> Answer:
    from kg.evidence import EvidenceFinder, Gap  # noqa: PLC0415 – it reads the rules, which takes long, and not everybody asks

    found, _ = EvidenceFinder(store, Unions(store, 0)).find(text, Dataset.from_query(text), sys.maxsize)
    _warn([Gap.in_one_line(found.gaps)] if found.gaps else [])
    return parse_query_results(found.with_columns(ns.compact), QueryResultsFormat.JSON)


def _with_advice(frame: DataFrame, store: Store, text: str) -> DataFrame:
    """Return the frame, and warn of likely mistakes in the query; of an empty frame explain why it has no rows."""
    known, query = KnownTerms(store), Query(text, form_of(text))
    why = Emptiness.find(text, query.form, partial(run, store), known) if frame.empty else None
    hints = advice(why, known.query_hints(query, names=frame.empty))
    _warn(f"{one.sentence}\nCorrected query:\n{one.query.strip()}" if one.query else one.sentence for one in hints)
    return frame


def _warn(sentences: Iterable[str]) -> None:
    for sentence in dict.fromkeys(sentences):
        warnings.warn(sentence, stacklevel=5)


def _parameter_text(parameter: Parameter) -> str:
    optional = "" if parameter.is_required else " (optional)"
    return f"{parameter.name}={parameter.example}{optional}"
