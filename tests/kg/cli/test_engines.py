"""`citykg replicate`, `citykg verify` of a copy in an engine, and `citykg engine compare`."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from pyoxigraph import Literal, NamedNode, Triple

from kg.cli import engines, maintenance
from kg.curation.gate import Gate
from kg.engines import Replica
from kg.engines.comparing import TrustedQueries
from kg.history.chain import Record
from kg.queries import Question, find_query
from kg.store.data_folder import DataFolder
from tests.support.engines import running

pytestmark = pytest.mark.drawn

NAMED = ("absences", "places")


def run(command: click.Command, *arguments: str, data: DataFolder) -> Result:
    result = CliRunner().invoke(command, [*arguments, "--data", str(data.path)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_copy_is_made_compared_and_mended(
    small: DataFolder, commit: Callable[[Gate, int], Record], tmp_path: Path
) -> None:
    with running("oxigraph", tmp_path) as one, closing(one.engine()) as engine:
        at = f"http://127.0.0.1:{one.port}"
        named = ["--engine", f"{at}/query", "--engine-update", f"{at}/update", "--engine-graph-store", f"{at}/store"]
        none = run(maintenance.verify, *named[:2], data=small)
        assert (none.exit_code, "holds no complete copy" in none.stderr) == (1, True)
        assert "with 0 changes." in run(engines.replicate, *named, data=small).stdout
        with Gate(small) as gate:
            commit(gate, 2001)
        assert "1 change behind" in run(maintenance.verify, *named[:2], data=small).stdout
        assert "with 1 change." in run(engines.replicate, *named, data=small).stdout
        good = run(maintenance.verify, *named[:2], data=small)
        assert (good.exit_code, "All is as it should be." in good.stdout) == (0, True)
        engine.add(None, [Triple(NamedNode("urn:s"), NamedNode("urn:p"), Literal("theirs"))], seconds=10)
        bad = run(maintenance.verify, *named[:2], data=small)
        assert (bad.exit_code, "the default graph" in bad.stdout) == (1, True)
        assert "with 1 change." in run(engines.replicate, *named, "--anew", data=small).stdout
        assert run(maintenance.verify, *named[:2], data=small).exit_code == 0


def test_questions_are_compared_and_those_with_the_same_rows_are_kept(small: DataFolder, tmp_path: Path) -> None:
    with running("oxigraph", tmp_path) as one, closing(one.engine()) as engine:
        named = ["--engine", engine.address, "--drawn", "0"]
        none = run(engines.compare, *named, data=small)
        assert (none.exit_code, "holds no complete copy" in none.stderr) == (1, True)
        Replica(small, engine).advance()
        engine.update("DELETE WHERE { ?city <https://w3id.org/city-diplomacy/ontology#within> ?place }", seconds=10)
        result = run(engines.compare, *named, data=small)
        assert result.exit_code == 0, result.stderr
        assert re.search(r"^places: \d+ rows, here \d+$", result.stdout, re.MULTILINE), result.stdout
        assert re.search(r"The engine will be asked \d+ of \d+ questions: those with the same rows\.", result.stdout)
        answered = [
            TrustedQueries(small).has(engine, small.require_build().name, Question(find_query(name))) for name in NAMED
        ]
        assert answered == [True, False]


def test_an_engine_that_is_not_there_is_told(small: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYKG_ENGINE_PASSWORD", "secret")
    result = run(engines.replicate, "--engine", "http://127.0.0.1:9/query", data=small)
    assert (result.exit_code, "cannot be reached" in result.stderr) == (1, True)
    assert "secret" not in result.output
