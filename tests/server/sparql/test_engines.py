"""A service with an engine behind it: who has answered is said, and nobody is worse off when the engine is gone."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from kg.store.data_folder import DataFolder
from tests.support.command import Eventually, Running
from tests.support.engines import running as engine_running
from tests.support.http import send

SELECT = quote("SELECT ?n { city:leeds skos:prefLabel ?n }")
IN_GRAPHS = quote("SELECT ?g { GRAPH ?g { city:leeds a ?c } }")


def test_an_engine_answers_and_may_die(
    folder: DataFolder, running: Running, tmp_path: Path, eventually: Eventually
) -> None:
    with engine_running("oxigraph", tmp_path) as engine:
        at = f"http://127.0.0.1:{engine.port}"
        places = {"engine": f"{at}/query", "engine_update": f"{at}/update", "engine_graph_store": f"{at}/store"}
        with running(**places, ready_bytes=0) as command:

            def ask(path: str) -> tuple[int, str, str]:
                answer = send(command.address, path)
                assert answer.status == 200, answer.body
                assert answer.headers["x-revision"] == folder.built().revision
                return len(answer.body), answer.headers["x-answered-by"], answer.headers.get("x-engine-fallback", "")

            eventually(lambda: ask(f"/sparql?query={SELECT}")[1:], ("engine", ""))  # once it is loaded
            size, *_ = ask(f"/sparql?query={SELECT}")
            assert ask(f"/sparql?query={IN_GRAPHS}")[1:] == ("embedded", "it asks which graph says so")
            rows, _, _ = ask("/queries/twins-of-a-city.csv?city=leeds")
            ready = send(command.address, "/readyz").members
            assert ready["engines"] == [{"revision": folder.built().revision, "behind": 0}]
            assert b'citykg_engine_changes_behind{engine="1"} 0.0' in send(command.address, "/metrics").body
            engine.kill()
            assert ask(f"/sparql?query={SELECT}") == (
                size,
                "embedded",
                "the engine cannot be reached (Connection refused)",
            )
            assert ask("/queries/twins-of-a-city.csv?city=leeds")[:2] == (rows, "embedded")
            assert send(command.address, "/readyz").members["engines"][0]["trouble"]
            engine.start()
            eventually(lambda: ask(f"/sparql?query={SELECT}")[1], "engine")
