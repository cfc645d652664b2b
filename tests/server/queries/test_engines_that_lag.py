"""`min-revision=`: who says which revision will do is answered by an engine that lags, and told of which revision."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, Quad
from werkzeug.test import TestResponse

from kg.curation.draft import Draft
from kg.curation.gate import Gate
from kg.engines import Engines, Replica
from kg.engines.comparing import TrustedQueries
from kg.queries import find_query
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.store.data_folder import DataFolder
from kg.submissions import Submission
from kg.workers import QueryLimits
from server.service import Service
from tests.support.engines import running
from tests.support.part import only
from tests.support.serving import client as client_of

NAMES, COLUMNS = "/queries/places", "place,wikidata"
SELECT = "SELECT ?link { city:london schema:sameAs ?link }"
SAME_AS = NamedNode(ns.PREFIXES["schema"] + "sameAs")
LINK = NamedNode("http://www.wikidata.org/entity/Q99999999")


class Lagging(NamedTuple):
    """A client of a service whose engine lacks the last change, and the revisions of the two."""

    client: FlaskClient
    before: str
    now: str

    def ask(self, **parameters: str) -> TestResponse:
        return self.client.get(f"{NAMES}.csv", query_string={"columns": COLUMNS, **parameters})


@pytest.fixture(scope="module")
def lagging(small_built: Path, few_files: list[Quad], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lagging]:
    folder = DataFolder(tmp_path_factory.mktemp("lagging") / "data")
    shutil.copytree(small_built, folder.path)
    before = folder.require_build().revision
    where = tmp_path_factory.mktemp("engine")
    with only(few_files), running("oxigraph", where) as one, closing(one.engine()) as engine:
        Replica(folder, engine).advance()
        TrustedQueries(folder).replace(engine, folder.require_build().name, [find_query("places").choose(COLUMNS)])
        change = Change.of([Quad(NamedNode(f"{ns.ID}city/london"), SAME_AS, LINK, NamedNode(f"{ns.GRAPH}curated/a"))])
        with Gate(folder) as gate:
            draft = Draft("a", "submission", Submission(change), "a test", "http://example.org/", "tester")
            gate.commit(replace(draft, acknowledged=True))
        with client_of(folder) as client:
            service = Service.of(client.application)
            service.questions.engines = Engines([one.engine()], folder, QueryLimits(seconds=300, workers=1))
            yield Lagging(client, before, folder.require_build().revision)


@pytest.mark.drawn
def test_an_engine_that_lags_answers_whom_it_is_recent_enough_for(lagging: Lagging) -> None:
    answer = lagging.ask(**{"min-revision": lagging.before})
    assert answer.status_code == 200, answer.text
    assert (answer.headers["X-Answered-By"], answer.headers["X-Revision"]) == ("engine", lagging.before)
    assert LINK.value not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


@pytest.mark.parametrize("least", ["", "now"])
def test_nobody_else_is(lagging: Lagging, least: str) -> None:
    answer = lagging.ask(**{"min-revision": least and lagging.now})
    assert (answer.headers["X-Answered-By"], answer.headers["X-Revision"]) == ("embedded", lagging.now)
    assert answer.headers["X-Engine-Fallback"] == "the engine holds another revision"
    assert LINK.value in answer.text
    assert "ETag" in answer.headers


def test_the_past_is_asked_here_though_an_engine_holds_it(lagging: Lagging) -> None:
    answer = lagging.ask(at=lagging.before)
    assert (answer.headers["X-Answered-By"], answer.headers["X-Revision"]) == ("embedded", lagging.before)
    assert answer.headers["X-Engine-Fallback"] == "it asks the past"
    assert LINK.value not in answer.text


@pytest.mark.drawn
def test_a_page_says_so_as_well_and_a_query_of_somebody_is_answered_here(lagging: Lagging) -> None:
    page = lagging.client.get(f"{NAMES}.html?columns={COLUMNS}&min-revision={lagging.before}")
    assert (page.status_code, page.headers["X-Revision"]) == (200, lagging.before)
    form = {"query": SELECT, "min-revision": lagging.before}
    for answer in (lagging.client.post("/sparql", data=form), lagging.client.get("/sparql", query_string=form)):
        assert (answer.status_code, answer.headers["X-Revision"]) == (200, lagging.now)
        assert LINK.value in answer.text


def test_a_revision_that_has_not_come_is_refused_everywhere(lagging: Lagging) -> None:
    later = f"{lagging.now.partition('.')[0]}.99"
    for path in (f"/sparql?query={SELECT}", "/doc/city/london.ttl?", "/queries/twins-of-a-city.csv?thing=london"):
        answer = lagging.client.get(f"{path}&min-revision={later}")
        assert answer.status_code == 412, path
        assert answer.json is not None
        assert answer.json["type"] == "/docs/errors/the-graph-has-not-come-so-far"
        assert later in answer.json["detail"]
        assert lagging.client.get(f"{path}&min-revision={lagging.now}").status_code == 200


def test_what_is_no_revision_is_refused(lagging: Lagging) -> None:
    assert lagging.ask(**{"min-revision": "yesterday"}).status_code == 400
    twice = [("query", SELECT), ("min-revision", lagging.before), ("min-revision", lagging.now)]
    assert lagging.client.post("/sparql", data=dict(twice), query_string=twice[1:2]).status_code == 400
