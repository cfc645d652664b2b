"""The canned queries that an engine answers as we do: found by comparison, and kept in the data folder.

    <data>/engines/<engine>/<question>    is there for each of them, and names it

The names are hashes: of the address of the engine; and of its version, the build, and the text of the question. So an
engine is not trusted with a question any more once one of these is another.
"""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from pyoxigraph import NamedNode, Store

from kg.engines.client import MOST_BYTES, Engine, EngineFailedError
from kg.engines.copies import read_copy_state
from kg.engines.dialects import Words
from kg.engines.replicate import SECONDS, Replica
from kg.errors import CityKgError, DataFolderError
from kg.queries import CannedQuery, Parameter, Question, canned_queries, choices
from kg.rdf import namespaces as ns
from kg.rdf.formats import RESULT_FORMAT
from kg.rdf.lookup import nodes_with
from kg.rdf.scopes import EVERYTHING
from kg.rdf.vocabulary import RDF
from kg.sparql import Query
from kg.store import Build, DataFolder
from kg.workers import QueryJob, QueryLimits, QueryPool

_TSV = RESULT_FORMAT["tsv"].media_type
"""A row is a line, and terms are written in full."""
_LONGER = 8
"""The factor by which an answer in JSON may exceed the limit: it repeats the names of columns in each row."""


class TrustedQueries:
    """The queries that engines were found to answer as we do."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder.path / "engines"

    def has(self, engine: Engine, build: str, question: Question) -> bool:
        """Return True if an engine was found to answer a question so, in the scope that it is compared in."""
        return not question.other_scope and self._file(engine, build, question.query).exists()

    def drop(self, engine: Engine, build: str, question: Question) -> None:
        """Trust an engine with a question no more."""
        self._file(engine, build, question.query).unlink(missing_ok=True)

    def replace(self, engine: Engine, build: str, queries: Iterable[CannedQuery]) -> None:
        """Trust an engine with these questions and no others. Raises DataFolderError."""
        place = self._place(engine)
        try:
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
            for query in queries:
                self._file(engine, build, query).write_text(f"{query.path}\n", encoding="utf-8")
        except OSError as error:
            raise DataFolderError("{place} cannot be written: {cause}", place=place, cause=error) from error

    def _file(self, engine: Engine, build: str, query: CannedQuery) -> Path:
        text = Question(query, query.examples).text()
        return self._place(engine) / _hash(engine.version, build, query.path, text)

    def _place(self, engine: Engine) -> Path:
        return self._folder / _hash(engine.address)


def _hash(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:32]


def rows_of(engine: Engine, question: Question, folder: DataFolder, build: Build, limits: QueryLimits) -> str:
    """Return the answer of an engine that holds a build to a question, as SPARQL results in JSON.

    Raises as Engine.answer.
    """
    data_set = _data_set(engine, question.query, folder, build)
    most = min(limits.result_bytes * _LONGER, MOST_BYTES)  # they are in the memory of the service
    return engine.answer(question.text(), data_set, seconds=limits.seconds, most_bytes=most)


def _data_set(engine: Engine, query: CannedQuery, folder: DataFolder, build: Build) -> Words:
    return engine.dialect.data_set_parameters(query.scope if query.scope in folder.scopes(build) else EVERYTHING)


def difference(pool: QueryPool, question: Question, rows: str, snapshot: Path) -> str:
    """Return how the rows of an engine differ from ours, empty if they do not.

    Their order counts where the question can be asked in pages. Raises what QueryPool.run raises.
    """
    job = QueryJob(Query(question.text(), "SELECT"), _TSV, snapshot=snapshot, canned=True)
    ours, theirs = (pool.run(replace(job, given_rows=given)).read_all().splitlines() for given in (None, rows))
    if ours == theirs or (
        question.query.why_not_pageable and sorted(ours[1:]) == sorted(theirs[1:]) and ours[0] == theirs[0]
    ):
        return ""
    if ours[:1] != theirs[:1]:
        return "other columns"
    if len(ours) != len(theirs):
        return f"{len(theirs) - 1} rows, here {len(ours) - 1}"
    return "another order of rows" if sorted(ours) == sorted(theirs) else "other values"


class Comparison:
    """Runs each canned query on an engine and here, with the values of its example and random ones."""

    def __init__(self, folder: DataFolder, engine: Engine, pool: QueryPool, drawn: int) -> None:
        """Take what is to be compared; each question is asked with values drawn so many times."""
        self._folder = folder
        self._engine = engine
        self._pool = pool
        self._drawn = drawn
        self._random = random.Random()

    def make(self, progress: Callable[[str, int], object] = lambda step, steps: None) -> Mapping[str, str]:
        """Let the engine be trusted with those questions that it answers as we do.

        Return for each question how its answers differ, empty if they do not. Raises EngineFailedError if the engine
        cannot be reached, CityKgError if it holds no copy, gets no questions, or if the graph has changed meanwhile.
        """
        held, build = Replica(self._folder, self._engine).comparable_state()
        if not self._engine.dialect.can_answer:
            raise CityKgError(
                f"The engine {self._engine.address} gets no questions: its default graph may not be ours alone.",
                "It can hold a copy, and be queried at its own address: docs/operating/engines.md",
            )
        queries = list(canned_queries(build.works).values())
        found = {}
        for query in queries:
            progress(f"comparing {query.path}", len(queries))
            found[query.path] = self._why_not(query, build)
        if read_copy_state(self._engine, seconds=SECONDS) != held or self._folder.require_build().name != build.name:
            raise CityKgError("The graph has changed meanwhile.", "Compare again while no changes are made.")
        TrustedQueries(self._folder).replace(self._engine, build.name, [one for one in queries if not found[one.path]])
        return found

    def _why_not(self, query: CannedQuery, build: Build) -> str:
        """Return how answers differ, or could differ after changes; empty if they do not."""
        asks_graphs = any(token.keyword == "GRAPH" for token in Query(query.body, "SELECT").tokens)
        if asks_graphs and _data_set(self._engine, query, self._folder, build):
            return "it asks which graphs say so, and the data set has none with names"
        snapshot = self._folder.snapshot_in(query.scope, build)
        for question in self._questions(query, snapshot):
            try:
                rows = rows_of(self._engine, question, self._folder, build, self._pool.limits)
                how = difference(self._pool, question, rows, snapshot)
            except EngineFailedError as error:
                read_copy_state(self._engine, seconds=SECONDS)  # which raises an error as well if the engine is gone
                how = error.reason
            except CityKgError as error:
                how = error.message
            if how:
                return how
        return ""

    def _questions(self, query: CannedQuery, snapshot: Path) -> Iterator[Question]:
        yield Question(query, query.examples)
        store = Store.read_only(str(snapshot))
        values = {parameter.name: _values(store, parameter) for parameter in query.parameters}
        for _ in range(self._drawn if any(values.values()) else 0):
            drawn = {name: self._random.choice(some) for name, some in values.items() if some}
            left_out = {one.name for one in query.parameters if not one.is_required and self._random.random() < 0.5}
            kept = {name: value for name, value in drawn.items() if name not in left_out}
            yield Question(query, {**query.examples, **kept})


def _values(store: Store, parameter: Parameter) -> list[str]:
    """Return the values that a parameter can take and for which its query may have rows; none if any will do."""
    known = choices(store, parameter, offered=True)
    if known or parameter.of_class is None:
        return [*known]
    kind = NamedNode(ns.expand(parameter.of_class) or "")  # it has more things than are listed
    return sorted(ns.compact(thing.value) for thing in nodes_with(store, RDF.type, kind))
