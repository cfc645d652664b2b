"""A service with an engine behind it: who has answered is said, and nobody is worse off when the engine is gone."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from kg.engines import Engine, Replica
from kg.engines.comparing import TrustedQueries
from kg.queries import find_query
from kg.store.data_folder import DataFolder
from tests.support.command import Eventually, Running
from tests.support.engines import running as engine_running
from tests.support.http import send

TWINS, ABSENCES = "/queries/twins-of-a-city", "/queries/absences.csv"
NOT_COMPARED = "the engine was not found to answer this question as it is answered here"


@pytest.mark.slow
def test_an_engine_answers_and_may_die(
    folder: DataFolder, running: Running, tmp_path: Path, eventually: Eventually
) -> None:
    with engine_running("oxigraph", tmp_path) as engine:
        at = f"http://127.0.0.1:{engine.port}"
        places = {"engine": f"{at}/query", "engine_update": f"{at}/update", "engine_graph_store": f"{at}/store"}
        with closing(Engine(*places.values())) as loaded:
            Replica(folder, loaded).advance()
            TrustedQueries(folder).replace(loaded, folder.require_build().name, [find_query("twins-of-a-city")])
        with running(**places, ready_bytes=0) as command:

            def ask(path: str) -> tuple[str, str, str]:
                answer = send(command.address, path)
                assert answer.status == 200, answer.body
                assert answer.headers["x-revision"] == folder.require_build().revision
                said = answer.headers["x-answered-by"], answer.headers.get("x-engine-fallback", "")
                return (answer.body.decode(), *said)

            asked = [f"{TWINS}.{suffix}?thing=leeds" for suffix in ("csv", "json", "html")]
            eventually(lambda: ask(asked[0])[1:], ("engine", ""))
            by_the_engine = [ask(path) for path in asked]
            assert {answer[1:] for answer in by_the_engine} == {("engine", "")}
            assert ask(f"{asked[0]}&scope=all")[1:] == ("embedded", NOT_COMPARED)
            assert ask(ABSENCES)[1:] == ("embedded", NOT_COMPARED)
            assert "x-answered-by" not in send(command.address, "/sparql?query=ASK%20%7B%7D").headers
            ready = send(command.address, "/readyz").members
            assert ready["engines"] == [{"revision": folder.require_build().revision, "behind": 0}]
            assert b'citykg_engine_changes_behind{engine="1"} 0.0' in send(command.address, "/metrics").body
            engine.kill()
            gone = "the engine cannot be reached (Connection refused)"
            for path, (body, _, _) in zip(asked, by_the_engine, strict=True):
                assert ask(path) == (body, "embedded", gone)
            assert send(command.address, "/readyz").members["engines"][0]["trouble"]
            engine.start()
            eventually(lambda: ask(asked[0])[1], "engine")
