"""A file of settings: the command line goes before variables, these before the file, and the file before defaults."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from kg.cli import data_option
from server.settings import setting_options, split_values
from server.settings_file import settings_file_option

GUIDE = Path(__file__).parent.parent.parent / "docs" / "operating" / "README.md"
ENGINE = """
seconds = 20
log = "json"
service = ["https://one.example/sparql", "https://two.example/sparql"]
[engine]
url = "http://engine.example:8890/sparql"
graph-store = ["http://engine.example:8890/crud"]
user = "dba"
"""


@click.command()
@settings_file_option
@data_option
@click.option("--port", envvar="CITYKG_PORT", default=8000, type=click.IntRange(0, 65535))
@setting_options
def command(**values: Any) -> None:
    """Show what has come of the settings."""
    taken.update(values)


taken: dict[str, Any] = {}


def run(tmp_path: Path, text: str, *arguments: str, **variables: str) -> str:
    """Run the command with a file; return what it says."""
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(command, ["--settings", str(path), *arguments], env=variables)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return re.sub(r"\s+", " ", result.output)


def test_what_a_file_says_is_taken(tmp_path: Path) -> None:
    assert run(tmp_path, ENGINE + "update = 'http://engine.example:8890/auth'\n") == ""
    limits, options = split_values(taken)
    assert (limits.seconds, options.log, taken["port"], taken["data"]) == (20.0, "json", 8000, Path("data"))
    assert options.services == ("https://one.example/sparql", "https://two.example/sparql")
    assert options.engine == ("http://engine.example:8890/sparql",)
    assert options.engine_update == ("http://engine.example:8890/auth",)
    assert options.engine_graph_store == ("http://engine.example:8890/crud",)
    assert options.engine_user == ("dba",)


def test_each_engine_has_a_name_and_a_password_of_its_own(tmp_path: Path) -> None:
    addresses = "url = ['http://one.example/', 'http://two.example/', 'http://three.example/']"
    said = run(tmp_path, f"[engine]\n{addresses}\nuser = ['ann', 'bob']", CITYKG_ENGINE_PASSWORD="of ann\nof bob")
    assert said == ""
    _, options = split_values(taken)
    assert options.engine_password == ("of ann", "of bob")
    named = [(address, user, password) for address, _, _, user, password in options.engines]
    assert named == [
        ("http://one.example/", "ann", "of ann"),
        ("http://two.example/", "bob", "of bob"),
        ("http://three.example/", "", ""),
    ]


def test_who_goes_before_whom(tmp_path: Path) -> None:
    assert run(tmp_path, "port = 1\nrows = 2\nqueue = 3\n", "--port", "11", CITYKG_PORT="12", CITYKG_ROWS="13") == ""
    assert (taken["port"], taken["rows"], taken["queue"], taken["workers"]) == (
        11,
        13,
        3,
        split_values(taken)[0].workers,
    )


def test_the_variable_names_the_file_as_well(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("port = 4321\n", encoding="utf-8")
    assert CliRunner().invoke(command, [], env={"CITYKG_SETTINGS": str(tmp_path / "mine.toml")}).exit_code == 0
    assert taken["port"] == 4321


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sekonds = 5", "sekonds: There is no such setting. Did you mean 'seconds'?"),
        ("engine-update = 'http://a.example/'", "no such setting. Did you mean 'engine.update'?"),
        ("engine = 'http://a.example/'", "engine: There is no such setting."),
        ("[engine]\nuri = 'http://a.example/'", "engine.uri: There is no such setting. Did you mean 'engine.url'?"),
        ("[engine]\npassword = 'secret'", "put it in CITYKG_ENGINE_PASSWORD"),
        ("[server]\nport = 1", "server: There is no such setting."),
        ("settings = 'other.toml'", "settings: There is no such setting."),
        ("help = 1", "help: There is no such setting."),
        ("port = 70000", "port: 70000 is not in the range 0<=x<=65535"),
        ("port = 1.5", "port: '1.5' is not a valid integer"),
        ('rows = "many"', "rows: 'many' is not a valid integer."),
        ('seconds = "long"', "seconds: 'long' is not a valid number."),
        ("port = [1]", "port: [1] is not a number or a text"),
        ("port = true", "port: True is not a number or a text"),
        ("service = [[1]]", "service: [[1]] is not a list of texts"),
        ("service = 'ftp://a.example/'", "service: "),
        ("log = 'loud'", "log: 'loud' is not one of"),
        ("port = ", "settings.toml cannot be read"),
    ],
)
def test_what_does_not_belong_there_is_told_with_its_place(text: str, words: str, tmp_path: Path) -> None:
    said = run(tmp_path, text)
    assert words in said
    assert "settings.toml" in said
    assert "secret" not in said


def test_a_file_that_is_not_there_is_told() -> None:
    assert "does not exist" in CliRunner().invoke(command, ["--settings", "none.toml"]).output


def test_the_file_that_the_guide_shows_is_one(tmp_path: Path) -> None:
    shown = re.findall(r"```toml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert shown
    for text in shown:
        assert run(tmp_path, text) == ""
