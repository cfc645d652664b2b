"""Engines answer what they answer as the embedded one does; all else stays here, and it is said why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, parse

from kg.curation.gate import Gate
from kg.engines import Engine, Engines, Replica, routing
from kg.engines.client import EngineFailedError
from kg.engines.dialects import DIALECTS, GENERIC, OXIGRAPH, VIRTUOSO, Dialect
from kg.engines.fit import hindrance
from kg.errors import CityKgError
from kg.history.records import Record
from kg.queries import Question, canned_queries
from kg.rdf.formats import GRAPH_FORMAT, RESULT_FORMAT
from kg.sparql import Query, examine
from kg.store import Build
from kg.store.data_folder import DataFolder
from kg.workers import Job, LimitReachedError, Limits, QueryPool, Result
from tests.support.engines import KINDS, RunningEngine, running

JSON = RESULT_FORMAT["json"].media_type


def asked(text: str) -> Query:
    return examine(text, 10_000)


def load(engine: Engine, folder: DataFolder) -> None:
    """Let an engine hold all of a graph."""
    Replica(folder, engine).advance()


@pytest.fixture(scope="module", params=KINDS)
def engine_of(
    request: pytest.FixtureRequest, folder: DataFolder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningEngine]:
    with running(request.param, tmp_path_factory.mktemp("engine")) as found:
        with closing(found.engine()) as engine:
            load(engine, folder)
        yield found


@pytest.fixture(scope="module")
def pool(folder: DataFolder) -> Iterator[QueryPool]:
    pool = QueryPool(folder.snapshot(folder.built()), Limits(workers=1))
    yield pool
    pool.close()


@pytest.fixture
def engines(engine_of: RunningEngine, folder: DataFolder) -> Iterator[Engines]:
    engines = Engines([engine_of.engine()], folder, Limits(workers=1))
    yield engines
    engines.close()


class Asking:
    """Asks engines and pool as one request does, and keeps what was told of who has answered, and of which revision."""

    def __init__(self, engines: Engines, pool: QueryPool, folder: DataFolder, least: str = "") -> None:
        self.why = self.revision = ""
        self._routed = engines.over(pool, folder.built(), self._note, least=least)
        self._folder = folder

    def _note(self, why: str, build: Build) -> None:
        self.why, self.revision = why, build.revision

    def __call__(self, text: str, media_type: str = JSON, **more: Any) -> bytes:
        snapshot = self._folder.snapshot(self._folder.built())
        return self._routed.run(Job(asked(text), media_type, snapshot=snapshot, **more)).whole()


@pytest.fixture
def ask(engines: Engines, pool: QueryPool, folder: DataFolder) -> Asking:
    return Asking(engines, pool, folder)


def rows(answer: bytes) -> Any:
    """Return an answer as what it says, in whatever order, also of what GROUP_CONCAT has put together."""
    said = json.loads(answer)
    if "boolean" in said:
        return said["boolean"]
    return said["head"], Counter("".join(sorted(json.dumps(row))) for row in said["results"]["bindings"])


CANNED = {name: Question(query, query.examples).text() for name, query in canned_queries().items() if not query.works}


def test_canned_queries_go_to_engines_but_those_that_ask_which_graph_says_so_and_to_virtuoso_none() -> None:
    texts = [asked(text) for text in CANNED.values()]
    for dialect in (OXIGRAPH, GENERIC):
        why = [hindrance(text, dialect) for text in texts]
        assert {*why} == {"", "it asks which graph says so"}
        assert why.count("") > 2 * len(texts) / 3
    assert all(hindrance(text, VIRTUOSO) for text in texts)


@pytest.mark.parametrize("engine_of", KINDS[:2], indirect=True)  # the third gets none
def test_each_canned_query_has_the_same_answer(engine_of: RunningEngine, ask: Asking, pool: QueryPool) -> None:
    routed, different = 0, []
    for name, text in CANNED.items():
        there = ask(text)
        assert ask.why == hindrance(asked(text), DIALECTS[engine_of.kind]), name
        if ask.why:
            continue  # the pool has answered
        routed += 1
        different += [name] * (rows(there) != rows(pool.run(Job(asked(text), JSON)).whole()))
    assert different == []
    assert routed > len(CANNED) / 2


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { city:leeds ?p ?o }",
        "SELECT DISTINCT ?c { ?t cd:twin ?c }",
        "SELECT ?c (COUNT(?t) AS ?n) { ?t cd:twin ?c } GROUP BY ?c ORDER BY DESC(?n)",
        "SELECT ?c ?n { { SELECT ?c (COUNT(?t) AS ?n) { ?t cd:twin ?c } GROUP BY ?c } FILTER(?n > 1) } LIMIT 100",
        "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }",
        "SELECT ?n { ?c skos:prefLabel ?n FILTER(?n = 'Leeds'@en || LANG(?n) = 'zh-hans') }",
        "SELECT ?n { ?c skos:prefLabel ?n FILTER(?n NOT IN ('Leeds', 'York'@en)) }",
        "SELECT ?x ?y { ?x a cd:City OPTIONAL { ?x cd:nothing ?y } FILTER(?y = country:china || ?x = city:leeds) }",
        "SELECT ?x ?y { ?x a cd:City OPTIONAL { ?x cd:within ?y } FILTER(!(?y = country:china)) }",
        "SELECT ?x ?n { ?x a cd:City; skos:prefLabel ?n FILTER(LANGMATCHES(LANG(?n), 'zh')) }",
        "SELECT ?x { { ?x a cd:City } UNION { ?x a cd:Network } MINUS { ?x cd:within country:china } }",
        "SELECT ?x { VALUES ?x { city:leeds city:nowhere } ?x a cd:City FILTER EXISTS { ?t cd:twin ?x } }",
        "ASK { city:leeds a cd:City }",
        "ASK { city:leeds a cd:Network }",
        "SELECT ?c { ?c a cd:City MINUS { ?t cd:twin ?c } }",
        "SELECT ?c ?o { ?c a cd:City OPTIONAL { ?c cd:within ?o } }",
    ],
)
def test_an_engine_answers_it(text: str, ask: Asking, pool: QueryPool) -> None:
    there = ask(text)
    assert ask.why == ""
    assert rows(there) == rows(pool.run(Job(asked(text), JSON)).whole())


def test_a_graph_is_written_as_everybody_gets_it(ask: Asking, pool: QueryPool) -> None:
    text, turtle = "CONSTRUCT { ?t cd:twin ?c } WHERE { ?t cd:twin ?c }", GRAPH_FORMAT["ttl"].media_type
    there = {quad.triple for quad in parse(ask(text, turtle), RdfFormat.TURTLE)}
    assert ask.why == ""
    assert there == {quad.triple for quad in parse(pool.run(Job(asked(text), turtle)).whole(), RdfFormat.TURTLE)}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SELECT ?g { GRAPH ?g { ?s ?p ?o } } LIMIT 1", "which graph"),
        ("SELECT * FROM graph:register { ?s ?p ?o } LIMIT 1", "data set"),
        ("DESCRIBE city:leeds", "describe"),
        ("SELECT (RAND() AS ?r) {}", "not the same"),
    ],
)
def test_what_may_differ_is_answered_here(text: str, why: str, ask: Asking) -> None:
    ask(text, GRAPH_FORMAT["nt"].media_type if text.startswith("DESCRIBE") else JSON)
    assert why in ask.why


def test_limits_hold_there_too(folder: DataFolder, engine_of: RunningEngine, pool: QueryPool) -> None:
    few = Engines([engine_of.engine()], folder, Limits(workers=1, rows=5, seconds=5))
    try:
        ask = Asking(few, pool, folder)
        with pytest.raises(LimitReachedError, match="rows"):
            ask("SELECT ?c { ?c a cd:City }")
        with pytest.raises(LimitReachedError, match="seconds"):
            ask("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", seconds=0.5)
        assert rows(ask("ASK {}")) is True
    finally:
        few.close()


def test_an_engine_that_is_gone_or_empty_is_left_out(folder: DataFolder, pool: QueryPool, tmp_path: Path) -> None:
    with running("oxigraph", tmp_path) as found:
        engines = Engines([found.engine()], folder, Limits(workers=1))
        ask = Asking(engines, pool, folder)
        assert rows(ask("ASK { city:leeds a cd:City }")) is True
        assert ask.why == "the engine holds no whole revision yet"
    engines.close()
    engines = Engines([found.engine()], folder, Limits(workers=1))
    try:
        ask = Asking(engines, pool, folder)
        assert rows(ask("ASK { city:leeds a cd:City }")) is True
        assert "cannot be reached" in ask.why
    finally:
        engines.close()


NEWEST = "SELECT ?n { ?t skos:prefLabel ?n FILTER(STRSTARTS(STR(?n), 'Twinning of 2')) } ORDER BY DESC(?n) LIMIT 1"
"""What each of our changes makes another year of."""


@pytest.fixture
def two(small: DataFolder, tmp_path: Path) -> Iterator[list[RunningEngine]]:
    """Two engines that hold a small graph as it is."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with running("oxigraph", tmp_path / "a") as one, running("oxigraph", tmp_path / "b") as other:
        for each in (one, other):
            with closing(each.engine()) as engine:
                load(engine, small)
        yield [one, other]


@pytest.fixture
def of_small(small: DataFolder) -> Iterator[QueryPool]:
    pool = QueryPool(small.snapshot(small.built()), Limits(workers=1))
    yield pool
    pool.close()


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (EngineFailedError("http://127.0.0.1:9/", "answers 502"), "the engine answers 502"),
        (EngineFailedError("http://127.0.0.1:9/", "VOS refuses it"), "the engine VOS refuses it"),
        (CityKgError("another graph is there."), "another graph is there."),
    ],
)
def test_what_an_engine_does_is_read_behind_its_name_however_it_is_worded(
    error: CityKgError, why: str, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(routing, "held_by", failing)
    with closing(Engines([Engine("http://127.0.0.1:9/", dialect=GENERIC)], folder, Limits(workers=1))) as engines:
        assert engines.chosen(asked("ASK {}"), folder.built(), "") == why


def test_two_engines_take_turns_and_the_one_that_lags_is_left_out(
    small: DataFolder, two: list[RunningEngine], of_small: QueryPool, commit: Callable[[Gate, int], Record]
) -> None:
    both = [running.engine() for running in two]
    with closing(Engines(both, small, Limits(workers=1))) as engines:
        assert asked_in_turn(engines, small) == {engine.address for engine in both}
    with Gate(small) as gate:
        commit(gate, 2001)
    load(both[0], small)
    with closing(Engines(both, small, Limits(workers=1))) as engines:
        assert asked_in_turn(engines, small) == {both[0].address}
        ask = Asking(engines, of_small, small)
        assert b"2001" in ask(NEWEST)
        assert (ask.why, ask.revision) == ("", small.built().revision)


def asked_in_turn(engines: Engines, folder: DataFolder) -> set[str]:
    """Return the addresses of the engines that are to answer the next queries on the present graph, or why none is."""
    chosen = [engines.chosen(asked("ASK {}"), folder.built(), "") for _ in range(4)]
    return {one if isinstance(one, str) else one.copy.engine.address for one in chosen}


def test_whoever_says_which_revision_will_do_is_answered_by_an_engine_that_lags(
    small: DataFolder, two: list[RunningEngine], of_small: QueryPool, commit: Callable[[Gate, int], Record]
) -> None:
    before = small.built().revision
    with Gate(small) as gate:
        commit(gate, 2001)
        between = small.built().revision
        with closing(two[0].engine()) as engine:
            load(engine, small)
        commit(gate, 2002)
    now = small.built().revision
    behind = [running.engine() for running in two]
    with closing(Engines(behind, small, Limits(workers=1))) as engines:
        for least, revision, year in ((before, between, b"2001"), (between, between, b"2001"), (now, now, b"2002")):
            ask = Asking(engines, of_small, small, least)
            assert year in ask(NEWEST)  # of the one that lags least
            assert (ask.revision, bool(ask.why)) == (revision, least == now)
        for least in ("", "0" * 12):  # nobody, or a revision of other files, which nothing can be compared with
            ask = Asking(engines, of_small, small, least)
            assert b"2002" in ask(NEWEST)
            assert (ask.revision, ask.why) == (now, "the engine holds another revision")
        choice = engines.chosen(asked(NEWEST), small.built(), between)
        assert not isinstance(choice, str)
        load(choice.copy.engine, small)
        assert engines.answered(Job(asked(NEWEST), JSON), choice) == "the graph has changed meanwhile"


def test_an_answer_counts_if_the_engine_has_not_changed_meanwhile_though_the_data_folder_has(
    small: DataFolder, two: list[RunningEngine], commit: Callable[[Gate, int], Record]
) -> None:
    with closing(Engines([two[0].engine()], small, Limits(workers=1))) as engines:
        build = small.built()
        choice = engines.chosen(asked(NEWEST), build, "")
        assert not isinstance(choice, str)
        with Gate(small) as gate:
            commit(gate, 2001)
        answer = engines.answered(Job(asked(NEWEST), JSON), choice)
        assert isinstance(answer, Result)
        assert b"2001" not in answer.whole()


def test_a_copy_without_the_measures_of_a_revision_does_not_answer_of_it(
    small: DataFolder, two: list[RunningEngine]
) -> None:
    engine = two[0].engine()
    with closing(Engines([engine], small, Limits(workers=1))) as engines:
        choice = engines.chosen(asked(NEWEST), small.built(), "")
        assert not isinstance(choice, str)
        with Gate(small) as gate:
            gate.measure()
        assert engines.chosen(asked(NEWEST), small.built(), "") == "the engine holds another revision"
        load(engine, small)
        assert engines.answered(Job(asked(NEWEST), JSON), choice) == "the graph has changed meanwhile"
    with closing(Engines([engine], small, Limits(workers=1))) as engines:
        assert asked_in_turn(engines, small) == {engine.address}
        assert Replica(small, engine).compared().differing == ()


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (1/3 AS ?x) {}",
        "SELECT ?x { ?x cd:order ?n FILTER(?n / 2 > 3) }",
        "SELECT (?a = ?b AS ?same) { ?a cd:twin ?b }",
        "SELECT (AVG(?n) AS ?m) { ?x cd:order ?n }",
        "SELECT ?x { ?x ?p ?o FILTER(BOUND(?o)) }",
        "SELECT ?x { ?x geo:asWKT ?o }",
        "SELECT ?x { ?x skos:broader* ?o }",
        "SELECT ?x { VALUES ?x { UNDEF } ?x a cd:City }",
        "SELECT (GROUP_CONCAT(?o) AS ?all) { ?x ?p ?o }",
        "SELECT (MIN(?n) AS ?least) { city:leeds skos:prefLabel ?n }",
        "SELECT ?p (MAX(?n) AS ?most) { ?x ?p ?n } GROUP BY ?p",
        "SELECT ?x { ?x ?p 1 }",
        "SELECT ?x { ?x cd:order 5.0 }",
        "SELECT ?x { ?x cd:order '5'^^xsd:integer }",
        "SELECT ?x ?n { ?x cd:order ?n FILTER(?n = 5.0) }",
        "SELECT ?x { ?x skos:prefLabel ?n FILTER(?n < 'C') }",
        "SELECT ?t { ?t cd:twin ?a , ?b FILTER(?a <= ?b) }",
        "SELECT ?x { ?x ?p ?n FILTER(?n > 5) }",
        "SELECT ?x { ?x a cd:City FILTER('a'@en = 'a') }",
        "SELECT ?x { ?x skos:prefLabel ?n FILTER(?n) }",
        "SELECT ?x { ?x skos:prefLabel ?n FILTER(?x = city:leeds || !?n) }",
        "SELECT ?x ?n { ?x skos:prefLabel ?n } ORDER BY ?n",
        "SELECT ?x ?n { ?x a cd:City OPTIONAL { ?x skos:altLabel ?n } } ORDER BY DESC(?n) LIMIT 40",
    ],
)
def test_what_virtuoso_means_otherwise_is_not_sent_there(text: str) -> None:
    assert hindrance(asked(text), VIRTUOSO)
    assert not hindrance(asked(text), OXIGRAPH)


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_no_engine_is_asked_to_ask_another_endpoint(dialect: Dialect) -> None:
    """Whoever lists an endpoint for us has not listed it for the engine."""
    asks_another = Query("SELECT ?x { SERVICE <http://localhost/> { ?x a ?class } }", "SELECT")
    assert hindrance(asks_another, dialect) == "it asks another endpoint"
