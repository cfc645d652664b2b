"""Engines answer the canned questions that they were found to answer as we do; of all others it is said why not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from kg.curation.gate import Gate
from kg.engines import Comparison, Engine, Engines, Replica, answering
from kg.engines.client import EngineFailedError
from kg.engines.comparing import TrustedQueries
from kg.engines.dialects import GENERIC
from kg.errors import CityKgError
from kg.history.chain import Record
from kg.queries import Question, canned_queries, find_query
from kg.rdf.formats import RESULT_FORMAT
from kg.rdf.rows import FirstRows
from kg.rdf.scopes import SCOPES
from kg.sparql import Query
from kg.store.data_folder import DataFolder
from kg.workers import QueryJob, QueryLimits, QueryPool, WorkerResult
from tests.kg.curation.large.conftest import Here
from tests.support.engines import NEEDS_VIRTUOSO, RunningEngine, running
from tests.support.waiting import wait_until

pytestmark = pytest.mark.drawn

JSON = RESULT_FORMAT["json"].media_type
NOT_EQUAL = "the engine was not found to answer this question as it is answered here"
TWINS = Question(find_query("twins-of-a-city"), {"thing": "city:london"})


def trusted(folder: DataFolder, engine: Engine, *questions: Question) -> Engine:
    """Load an engine, and let it be asked questions that nobody has compared."""
    Replica(folder, engine).advance()
    TrustedQueries(folder).replace(
        engine, folder.require_build().name, [question.query for question in questions or (TWINS,)]
    )
    return engine


def pool_over(folder: DataFolder) -> QueryPool:
    return QueryPool(folder.snapshot(folder.require_build()), QueryLimits(seconds=300, workers=1))


def engines_of(folder: DataFolder, *engines: Engine) -> closing[Engines]:
    return closing(Engines(engines, folder, QueryLimits(seconds=300, workers=1)))


def ask(engines: Engines, folder: DataFolder, pool: QueryPool, media_type: str = JSON) -> bytes:
    """Return the answer to the question that is trusted, which an engine gives."""
    choice = engines.choose(TWINS, folder.require_build(), "")
    assert not isinstance(choice, str), choice
    answer = engines.answer(choice, TWINS, QueryJob(Query("", "SELECT"), media_type, canned=True), pool)
    assert isinstance(answer, WorkerResult), answer
    return answer.read_all()


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEngine]:
    with running("oxigraph", tmp_path_factory.mktemp("engine")) as found:
        yield found


@pytest.mark.parametrize(
    ("kind", "graph"),
    [
        ("oxigraph", "small"),
        pytest.param("oxigraph", "with_world", marks=pytest.mark.slow),
        pytest.param("virtuoso", "with_world", marks=[pytest.mark.slow, NEEDS_VIRTUOSO]),
    ],
)
def test_an_engine_is_asked_what_it_was_found_to_answer_as_we_do(
    kind: str, graph: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    folder: DataFolder = request.getfixturevalue(graph)
    build = folder.require_build()
    with running(kind, tmp_path) as server, closing(server.engine()) as engine, closing(pool_over(folder)) as pool:
        Replica(folder, engine).advance()
        found = Comparison(folder, engine, pool, 1).make()
        assert {*found} == {query.path for query in canned_queries().values() if not query.missing_works(build.works)}
        equal = [find_query(name) for name, how in found.items() if not how]
        print(f"{kind}, {graph}: {len(equal)} of {len(found)}")
        assert len(equal) > (3 * len(found) / 5 if kind == "oxigraph" else 0)
        if graph == "with_world":
            assert "asks which graphs" in found["twins-of-a-city"]
            assert "asks which graphs" in found["numbers"]  # though the rows would be the same today
        with engines_of(folder, engine) as engines:
            for name, how in found.items():
                query = find_query(name)
                choice = engines.choose(Question(query, query.examples), build, "")
                assert isinstance(choice, str) == bool(how), name


def test_a_page_and_a_table_are_written_of_its_rows(small: DataFolder, oxigraph: RunningEngine) -> None:
    query = Query(TWINS.text(), "SELECT")
    with engines_of(small, trusted(small, oxigraph.engine())) as engines, closing(pool_over(small)) as pool:
        for media_type in (JSON, FirstRows.MEDIA_TYPE):
            ours = json.loads(pool.run(QueryJob(query, media_type, canned=True)).read_all())
            assert "beijing" in str(ours)
            assert json.loads(ask(engines, small, pool, media_type)) == ours


def test_a_scope_is_a_data_set_of_the_copy(both: DataFolder, oxigraph: RunningEngine) -> None:
    build, text = both.require_build(), "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?things) { ?s ?p ?o }"
    seen = []
    with closing(oxigraph.engine()) as engine, closing(pool_over(both)) as pool:
        Replica(both, engine).advance(anew=True)
        for scope in SCOPES:
            there = json.loads(engine.answer(text, engine.dialect.data_set_parameters(scope), seconds=10))
            job = QueryJob(Query(text, "SELECT"), JSON, snapshot=both.snapshot_in(scope, build))
            assert there == json.loads(pool.run(job).read_all())
            seen.append(str(there))
    assert len({*seen}) == len(SCOPES)


def test_an_engine_is_asked_in_the_state_and_the_scope_in_which_it_was_compared(small: DataFolder) -> None:
    equal = TrustedQueries(small)
    engine, other = Engine("http://127.0.0.1:9/"), Engine("http://127.0.0.1:10/")
    engine.version = other.version = "Oxigraph/0.5.1"
    equal.replace(engine, "build", [TWINS.query])
    assert equal.has(engine, "build", TWINS)
    assert equal.has(engine, "build", replace(TWINS, values={"thing": "city:york"}))
    assert not equal.has(other, "build", TWINS)
    assert not equal.has(engine, "another build", TWINS)
    assert not equal.has(engine, "build", replace(TWINS, other_scope="all"))
    assert not equal.has(engine, "build", replace(TWINS, query=find_query("absences")))
    assert not equal.has(engine, "build", replace(TWINS, query=replace(TWINS.query, text=f"{TWINS.query.text}# more")))
    engine.version = "Oxigraph/0.5.2"
    assert not equal.has(engine, "build", TWINS)
    engine.version = "Oxigraph/0.5.1"
    equal.drop(engine, "build", TWINS)
    assert not equal.has(engine, "build", TWINS)


def test_an_answer_that_differs_takes_the_question_from_the_engine(
    small: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "COMPARED", 3)
    lines: list[str] = []
    with running("oxigraph", tmp_path) as server, closing(pool_over(small)) as pool:
        engine = trusted(small, server.engine())
        with engines_of(small, engine) as engines:
            engines.start(lines.append, follow=False)
            for _ in range(6):
                ask(engines, small, pool)
            wait_until(lambda: not engines._comparing.locked())
            assert lines == []
            engine.update("CLEAR DEFAULT", seconds=10)
            for _ in range(4):
                choice = engines.choose(TWINS, small.require_build(), "")
                if not isinstance(choice, str):  # else an answer before it has been compared
                    engines.answer(choice, TWINS, QueryJob(Query("", "SELECT"), JSON, canned=True), pool)
            wait_until(lambda: bool(lines))
            assert engines.choose(TWINS, small.require_build(), "") == NOT_EQUAL
    (line,) = lines
    assert "has answered queries/twins-of-a-city?thing=city%3Alondon" in line
    assert "0 rows, here 1." in line


def test_an_engine_that_is_gone_or_empty_or_not_compared_is_left_out(small: DataFolder, tmp_path: Path) -> None:
    build = small.require_build()
    with running("oxigraph", tmp_path) as found:
        with engines_of(small, found.engine()) as engines:
            assert engines.choose(TWINS, build, "") == "the engine holds no whole revision yet"
        engine = found.engine()
        with engines_of(small, engine) as engines:
            Replica(small, engine).advance()
            assert engines.choose(TWINS, build, "") == NOT_EQUAL
            trusted(small, engine)
    with engines_of(small, engine) as engines:
        assert "cannot be reached" in str(engines.choose(TWINS, build, ""))


def test_an_engine_without_our_default_graph_gets_no_questions(small: DataFolder, tmp_path: Path) -> None:
    with running("generic", tmp_path) as found, closing(found.engine()) as engine, closing(pool_over(small)) as pool:
        Replica(small, engine).advance()
        assert Replica(small, engine).compare().differing == ()
        with pytest.raises(CityKgError, match="gets no questions"):
            Comparison(small, engine, pool, 1).make()
        with engines_of(small, engine) as engines:
            assert engines.choose(TWINS, small.require_build(), "") == NOT_EQUAL


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (EngineFailedError("http://127.0.0.1:9/", "answers 502"), "the engine answers 502"),
        (EngineFailedError("http://127.0.0.1:9/", "VOS refuses it"), "the engine VOS refuses it"),
        (CityKgError("another graph is there."), "another graph is there."),
    ],
)
def test_what_an_engine_does_is_read_behind_its_name_however_it_is_worded(
    error: CityKgError, why: str, small: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(answering, "read_copy_state", failing)
    with engines_of(small, Engine("http://127.0.0.1:9/", dialect=GENERIC)) as engines:
        assert engines.choose(TWINS, small.require_build(), "") == why


@pytest.fixture
def one(small: DataFolder, tmp_path: Path) -> Iterator[RunningEngine]:
    """An engine that holds a small graph as it is."""
    with holding(small, tmp_path / "a") as engine:
        yield engine


@pytest.fixture
def two(small: DataFolder, tmp_path: Path, one: RunningEngine) -> Iterator[list[RunningEngine]]:
    """Two of them."""
    with holding(small, tmp_path / "b") as other:
        yield [one, other]


@contextmanager
def holding(graph: DataFolder, path: Path) -> Iterator[RunningEngine]:
    path.mkdir()
    with running("oxigraph", path) as found:
        with closing(found.engine()) as engine:
            trusted(graph, engine)
        yield found


def asked_in_turn(engines: Engines, folder: DataFolder) -> set[str]:
    """Return the addresses of the engines that are to answer the next questions, or why none is."""
    chosen = [engines.choose(TWINS, folder.require_build(), "") for _ in range(4)]
    return {one if isinstance(one, str) else one.copy.engine.address for one in chosen}


def test_two_engines_take_turns_and_the_one_that_lags_is_left_out(
    small: DataFolder, two: list[RunningEngine], commit: Callable[[Gate, int], Record]
) -> None:
    both = [running.engine() for running in two]
    with engines_of(small, *both) as engines:
        assert asked_in_turn(engines, small) == {engine.address for engine in both}
    with Gate(small) as gate:
        commit(gate, 2001)
    Replica(small, both[0]).advance()
    with engines_of(small, *both) as engines, closing(pool_over(small)) as pool:
        assert asked_in_turn(engines, small) == {both[0].address}
        assert b"london-2001" in ask(engines, small, pool)


def test_whoever_says_which_revision_will_do_is_answered_by_an_engine_that_lags(
    small: DataFolder, two: list[RunningEngine], commit: Callable[[Gate, int], Record]
) -> None:
    before = small.require_build().revision
    behind = [running.engine() for running in two]
    with Gate(small) as gate:
        commit(gate, 2001)
        between = small.require_build().revision
        Replica(small, behind[0]).advance()
        commit(gate, 2002)
    now = small.require_build().revision
    job = QueryJob(Query("", "SELECT"), JSON, canned=True)
    with engines_of(small, *behind) as engines, closing(pool_over(small)) as pool:
        for least in ("", now, "0" * 12):  # the last is of other files, which nothing can be compared with
            assert engines.choose(TWINS, small.require_build(), least) == "the engine holds another revision"
        assert not isinstance(engines.choose(TWINS, small.require_build(), before), str)
        choice = engines.choose(TWINS, small.require_build(), between)
        assert not isinstance(choice, str)
        assert choice.build.revision == between  # of the one that lags least
        answer = engines.answer(choice, TWINS, job, pool)
        assert isinstance(answer, WorkerResult)
        assert b"london-2001" in (said := answer.read_all())
        assert b"london-2002" not in said
        Replica(small, behind[0]).advance()
        assert engines.answer(choice, TWINS, job, pool) == "the engine has changed meanwhile"


def test_an_answer_counts_if_the_engine_has_not_changed_meanwhile_though_the_data_folder_has(
    small: DataFolder, one: RunningEngine, commit: Callable[[Gate, int], Record]
) -> None:
    with engines_of(small, one.engine()) as engines, closing(pool_over(small)) as pool:
        choice = engines.choose(TWINS, small.require_build(), "")
        assert not isinstance(choice, str)
        with Gate(small) as gate:
            commit(gate, 2001)
        answer = engines.answer(choice, TWINS, QueryJob(Query("", "SELECT"), JSON, canned=True), pool)
        assert isinstance(answer, WorkerResult)
        assert b"london-2001" not in answer.read_all()


def test_a_copy_without_the_measures_of_a_revision_does_not_answer_of_it(
    small: DataFolder, one: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.curation.gate.JobProcess", Here)
    engine = one.engine()
    with engines_of(small, engine) as engines, closing(pool_over(small)) as pool:
        choice = engines.choose(TWINS, small.require_build(), "")
        assert not isinstance(choice, str)
        with Gate(small) as gate:
            gate.measure()
        assert engines.choose(TWINS, small.require_build(), "") == "the engine holds another revision"
        trusted(small, engine)
        answer = engines.answer(choice, TWINS, QueryJob(Query("", "SELECT"), JSON, canned=True), pool)
        assert answer == "the engine has changed meanwhile"
    with engines_of(small, engine) as engines:
        assert asked_in_turn(engines, small) == {engine.address}
        assert Replica(small, engine).compare().differing == ()
