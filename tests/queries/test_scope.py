"""Who speaks in an answer: the report alone, or everybody with a source, as the question says.

Everything that the report states is stated once more from a source of a curator's: of the same things, of other
relations and organisations, and of other places. A question that asks what the report or its passages say must answer
as before; any other must count what has come.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.building import sources
from kg.queries.blocks import with_blocks
from kg.queries.catalogue import CannedQuery, canned_queries
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, RDF, SKOS
from kg.rules import infer
from tests.support.answers import Answers

Rows = Callable[[Store, CannedQuery], Counter[str]]

THE_REPORT = re.compile(r"\b(report|passages?|tables)\b", re.IGNORECASE)
RELATIONS = ("twinning", "membership", "office", "team", "strategy", "affiliation", "mediation")
COPIED = {
    "same-things": (),
    "other-organisations": (*RELATIONS, "network", "organisation", "person", "publication", "group"),
    "other-places": (*RELATIONS, "city", "district", "region"),
}
"""Beside accounts and statements: the types of the things that each copy has of its own."""


def speaks_of_the_report_alone(query: CannedQuery) -> bool:
    return bool(THE_REPORT.search(query.summary)) and "source" not in query.summary


QUERIES = [query for query in canned_queries().values() if query.topic != "ontology" and not query.works]
OF_THE_REPORT = [query for query in QUERIES if speaks_of_the_report_alone(query)]
OF_ALL = [query for query in QUERIES if query not in OF_THE_REPORT]


def copied(files: Sequence[Quad], name: str, types: Sequence[str]) -> Iterator[Quad]:
    """Yield what the report states as a curated graph would, things of these types under IRIs of its own."""
    report = {quad for quad in files if in_family(quad, "report/")}
    own = {quad.subject for quad in report if quad.predicate == CD.statedIn and kind_of(quad) != "group"}
    own |= {quad.subject for quad in files if kind_of(quad) in types}

    def moved(term: object) -> object:
        return NamedNode(f"{term.value}-{name}") if term in own and isinstance(term, NamedNode) else term

    source, graph = NamedNode(f"{ns.ID}source/{name}"), NamedNode(f"{ns.GRAPH}curated/{name}")
    yield Quad(source, RDF.type, CD.Source, graph)
    yield Quad(source, SKOS.prefLabel, Literal(name, language="en"), graph)
    for quad in files:
        if quad in report or (quad.subject in own and in_family(quad, "register", "gazetteer")):
            value = source if quad.predicate == CD.statedIn else moved(quad.object)
            yield Quad(moved(quad.subject), quad.predicate, value, graph)  # type: ignore[arg-type]


def kind_of(quad: Quad) -> str:
    return ns.compact(str(quad.subject)[1:-1]).partition(":")[0]


def in_family(quad: Quad, *families: str) -> bool:
    return isinstance(quad.graph_name, NamedNode) and quad.graph_name.value.removeprefix(ns.GRAPH).startswith(families)


@pytest.fixture(scope="module")
def enriched() -> Store:
    files = sources.load()
    stated = [*files, *chain.from_iterable(copied(files, name, types) for name, types in COPIED.items())]
    inferred = infer(stated)
    store = Store()
    store.bulk_extend(chain(stated, inferred, graphs.default_graph_once([*stated, *inferred])))
    return store


@pytest.fixture(scope="module")
def rows(answers: Answers) -> Rows:
    """The rows of a query over a store with all its filters, with each of them, and with none, in whatever order."""

    def found(store: Store, query: CannedQuery) -> Counter[str]:
        alone = [one.name for one in query.parameters if one.name in query.block_names]
        texts = {query.text, *(with_blocks(query.text, given) for given in ([], *([name] for name in alone)))}
        return Counter(str(row) for text in texts for row in answers.over(store, text)[1])

    return found


@pytest.mark.slow
def test_what_the_report_says_is_said_by_the_report(store: Store, enriched: Store, rows: Rows) -> None:
    other = [query.name for query in OF_THE_REPORT if rows(enriched, query) != rows(store, query)]
    assert other == []


@pytest.mark.slow
def test_what_everybody_says_counts_curated_data(store: Store, enriched: Store, rows: Rows) -> None:
    without = [query.name for query in OF_ALL if not rows(enriched, query) - rows(store, query)]
    assert without == []
