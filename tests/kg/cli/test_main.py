"""The commands as people run them, over the real graph: in real processes where that makes a difference."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from pyoxigraph import RdfFormat, parse

from kg.cli.graph import export
from kg.cli.main import cli
from kg.store.data_folder import DataFolder
from tests.support.called import Called, called

pytestmark = pytest.mark.drawn

CITYKG = Path(sys.executable).parent / "citykg"


def citykg(*arguments: str, folder: DataFolder | None = None, stdin: str = "", **environment: str) -> Called:
    known = {"CITYKG_DATA": str(folder.path)} if folder else {}
    return subprocess.run(
        [str(CITYKG), *arguments],
        capture_output=True,
        text=True,
        input=stdin,
        env={**os.environ, **known, **environment},
        check=False,
    )


def here(*arguments: str, folder: DataFolder, stdin: str = "") -> Called:
    """Call the command in this process."""
    return called(*arguments, stdin=stdin, CITYKG_DATA=str(folder.path))


def test_a_canned_query_as_a_table_and_as_csv(folder: DataFolder) -> None:
    table = citykg("query", "twins-of-a-city", "-p", "thing=city:london", folder=folder)
    assert table.returncode == 0
    assert "city:beijing" in table.stdout
    assert "\x1b[" not in table.stdout
    as_csv = here("query", "twins-of-a-city", "-p", "thing=london", "--format", "csv", folder=folder)
    twins = {row["twin"].rpartition("/")[2] for row in csv.DictReader(io.StringIO(as_csv.stdout))}
    assert twins == {"beijing", "shanghai"}


def test_a_query_is_asked_of_a_scope(with_world: DataFolder, folder: DataFolder) -> None:
    def twins(of: DataFolder, *options: str) -> Called:
        return here("query", "twins-of-a-city", "-p", "thing=london", "--format", "csv", *options, folder=of)

    assert twins(with_world).stdout == twins(folder).stdout
    assert "Moscow" in twins(with_world, "--scope", "world").stdout
    refused = twins(folder, "--scope", "world")
    assert refused.returncode == 1
    assert "citykg build --with world" in refused.stderr


def test_an_answer_has_the_notes_of_its_page_and_the_command_for_what_is_left(both_reports: DataFolder) -> None:
    slip = here("ask", "Is Brimingham twinned, zorgle?", folder=both_reports)
    assert slip.stderr.splitlines() == [
        "Understood: twinning, Birmingham",
        "“Brimingham” is read as “Birmingham”.",
        "Not understood, and left out of account: “zorgle”",
    ]
    none = here("ask", "Was any councillor arrested for spying for China?", folder=both_reports)
    assert none.stderr.splitlines()[-1] == "None of the passages below speaks of: “spying”"
    nothing = here("ask", "zorgle", folder=both_reports)
    assert nothing.stdout.splitlines() == ["No certain answer."]
    listed = here("ask", "Twins of Shanghai", folder=both_reports)
    (left,) = (line for line in listed.stdout.splitlines() if " more: " in line)
    assert left == "4 more: citykg query twins-of-a-city -p thing=city:shanghai --scope all"
    assert here(*left.split()[3:], folder=both_reports).returncode == 0


def test_a_query_from_standard_input_and_from_a_file(folder: DataFolder, tmp_path: Path) -> None:
    asked = "SELECT (COUNT(*) AS ?n) WHERE { ?t a cd:Twinning }"
    piped = citykg("query", "-", "--format", "json", folder=folder, stdin=asked)
    path = tmp_path / "own.rq"
    path.write_text(asked)
    filed = here("query", str(path), "--format", "json", folder=folder)
    assert piped.stdout == filed.stdout
    assert int(json.loads(piped.stdout)["results"]["bindings"][0]["n"]["value"]) > 26


def test_an_empty_table_is_explained_beside_it(folder: DataFolder) -> None:
    ran = here("query", "-", folder=folder, stdin="SELECT * { ?c a cd:City ; cd:twinedWith ?twin }")
    assert (ran.returncode, "0 rows" in ran.stdout) == (0, True)
    assert ran.stderr.splitlines() == [
        "Nothing matches ?c cd:twinedWith ?twin.",
        "cd:twinedWith is not a term of the ontology; did you mean cd:twinnedWith?",
        "Corrected query:",
        "SELECT * { ?c a cd:City ; cd:twinnedWith ?twin }",
    ]


def test_having_that_names_a_column_is_explained_and_the_query_mended_runs(folder: DataFolder) -> None:
    asked = "SELECT ?c (COUNT(?t) AS ?n)\n{ ?t a cd:Twinning ; cd:twin ?c }\nGROUP BY ?c HAVING (?n > 3)\n"
    ran = here("query", "-", folder=folder, stdin=asked)
    why, hint, mark, *mended = ran.stderr.splitlines()
    assert why == "HAVING (?n > 3) holds for no group, since ?n has no value there."
    assert hint.endswith("Write HAVING (COUNT(?t) > 3).")
    assert mark == "Corrected query:"
    again = here("query", "-", "--format", "csv", folder=folder, stdin="\n".join(mended))
    assert (again.stderr, "city/shanghai" in again.stdout) == ("", True)


def test_rows_come_with_who_says_so(folder: DataFolder) -> None:
    asked = "SELECT ?twin { city:birmingham cd:twinnedWith ?twin MINUS { ?twin a cd:State } }"
    table = here("query", "-", "--evidence", folder=folder, stdin=asked)
    assert "passage:section-3.1-p2 passage:table-1" in table.stdout
    assert table.stderr == "No evidence for MINUS { ?twin a cd:State }: what is not there has no evidence.\n"
    as_csv = here("query", "-", "--evidence", "--format", "csv", folder=folder, stdin=asked)
    (row,) = csv.DictReader(io.StringIO(as_csv.stdout))
    assert row["evidence"] == "https://w3id.org/city-diplomacy/id/passage/table-2"


def test_many_parts_without_evidence_are_one_short_line(folder: DataFolder) -> None:
    ran = here("query", "who-states-each-twinning", "--evidence", "--format", "csv", folder=folder)
    assert ran.stderr == "No evidence for 4 parts of the query: EXISTS, paths of any length or negated.\n"


def test_the_list_shows_every_question(folder: DataFolder) -> None:
    listed = here("query", "--list", folder=folder)
    assert "twins-of-a-city" in listed.stdout
    assert listed.stdout.count("?") >= 40


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("query", "twins-of-a-ctiy"), "Did you mean 'twins-of-a-city'"),
        (("query", "twins-of-a-city", "-p", "town=x"), "Available: thing"),
        (("query", "twins-of-a-city", "-p", "thing"), "not of the form NAME=VALUE"),
        (("query", "numbers", "--format", "ttl"), "Ask for one of: json xml csv tsv"),
        (("export", "--graph", "report/table-9"), "There is no graph named 'report/table-9'"),
        (("build", "--data", "/proc/none"), "Name another folder"),
    ],
)
def test_a_mistake_ends_in_a_sentence_and_a_way_out(folder: DataFolder, arguments: tuple[str, ...], said: str) -> None:
    ran = here(*arguments, folder=folder)
    assert ran.returncode == 1
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_mistake_ends_a_process_so_as_well(folder: DataFolder) -> None:
    ran = citykg("query", "twins-of-a-ctiy", folder=folder)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("There is no canned query named 'twins-of-a-ctiy'"), ran.stderr


def test_a_query_without_a_built_graph_says_how_to_build(tmp_path: Path) -> None:
    ran = here("query", "numbers", folder=DataFolder(tmp_path))
    assert (ran.returncode, "citykg build" in ran.stderr) == (1, True)


def test_a_query_that_is_not_sparql_shows_the_place(folder: DataFolder) -> None:
    ran = here("query", "-", folder=folder, stdin="SELECT * WHERE { ?s ctiy:x ?o }")
    assert "line 1, column 2" in ran.stderr
    assert "Did you mean city:" in ran.stderr


def test_export_of_one_graph_and_of_all(folder: DataFolder, tmp_path: Path) -> None:
    one = here("export", "--graph", "report/table-1", "--format", "nq", folder=folder)
    quads = list(parse(one.stdout, RdfFormat.N_QUADS))
    assert quads
    assert {str(quad.graph_name) for quad in quads} == {"<https://w3id.org/city-diplomacy/graph/report/table-1>"}
    out = tmp_path / "all.trig"
    assert here("export", "-o", str(out), folder=folder).returncode == 0
    current = folder.current()
    assert current is not None
    assert len(list(parse(path=out))) == current.quads


def test_an_export_without_room_leaves_the_file_as_it_was(
    folder: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    out = tmp_path / "all.trig"
    out.write_text("as it was")
    for target in (out, tmp_path / "new.trig"):
        ran = CliRunner().invoke(export, ["-o", str(target), "--data", str(folder.path)])
        assert (ran.exit_code, f"{target} cannot be written: No space left" in ran.stderr) == (1, True)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("all.trig", "as it was")]


def test_an_export_goes_through_a_link_and_into_a_pipe(folder: DataFolder, tmp_path: Path) -> None:
    out, link = tmp_path / "all.trig", tmp_path / "link"
    link.symlink_to(out)
    assert here("export", "-o", str(link), folder=folder).returncode == 0
    assert link.is_symlink()
    assert citykg("export", "-o", "/dev/stdout", folder=folder).stdout == out.read_text()


def test_what_other_works_add_to_an_answer_of_the_first_report_is_said_beside_it(
    both_reports: DataFolder, folder: DataFolder
) -> None:
    question = ("query", "twins-of-a-city", "-p", "thing=birmingham", "--format", "csv")
    first = here(*question, folder=both_reports)
    assert first.stdout == here(*question, folder=folder).stdout
    assert re.fullmatch(r"Asked of .+ alone\. RUSI 2025 adds 1 row\. All works: --scope all\n", first.stderr)
    every = here(*question, "--scope", "all", folder=both_reports)
    assert len(every.stdout.splitlines()) == len(first.stdout.splitlines()) + 1
    assert every.stderr == here(*question, folder=folder).stderr == ""
    assert here("query", "works-side-by-side", "--format", "csv", folder=both_reports).stderr == ""


@pytest.mark.parametrize("stop", [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGTERM])
def test_serve_prints_addresses_that_answer_and_stops_in_order(both_reports: DataFolder, stop: signal.Signals) -> None:
    process = subprocess.Popen(
        [str(CITYKG), "serve", "--port", "0", "--data", str(both_reports.path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    printed = "".join(process.stdout.readline() for _ in range(4))
    for address in re.findall(r"http://[^\s/]+/(?:id|queries)\S+", printed):
        ran = subprocess.run(["curl", "-sfL", address], capture_output=True, check=False)
        assert ran.returncode == 0, address
    process.send_signal(stop)
    _, errors = process.communicate(timeout=20)
    assert "Traceback" not in errors
    assert process.returncode == 0


def test_a_taken_port_is_told_before_anything_is_built(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = citykg("serve", "--port", port, folder=DataFolder(tmp_path / "new"))
    assert ran.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken" in ran.stderr
    assert not (tmp_path / "new").exists()


def test_the_list_of_commands_is_what_click_would_print_and_imports_none() -> None:
    context, read, imported = click.Context(cli), click.HelpFormatter(width=80), click.HelpFormatter(width=80)
    cli.format_commands(context, read)
    click.Group.format_commands(cli, context, imported)
    assert read.getvalue() == imported.getvalue()
    assert "withdraw" in read.getvalue()
    code = "import sys, kg.cli.main as m; m.cli(['--help'], standalone_mode=False); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "kg.cli.options" in loaded
    assert not {"rdflib", "pyshacl", "flask"} & set(loaded.split())


def test_it_says_its_version() -> None:
    assert citykg("--version").stdout == f"citykg {version('city-diplomacy-kg')}\n"


def test_measures_are_computed_and_asked_for(small: DataFolder) -> None:
    assert here("measure", folder=small).stdout == f"The measures are of revision {small.require_build().revision}.\n"
    text = "SELECT ?revision { graph:measures cd:revision ?revision . ?city cd:degree ?twins } LIMIT 1"
    asked = here("query", "-", "--format", "csv", folder=small, stdin=text)
    assert asked.stdout.split() == ["revision", small.require_build().revision]


def test_measures_that_cannot_be_computed_are_told_before_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "igraph", None)
    said = here("build", "--measures", folder=DataFolder(tmp_path))
    assert said.returncode == 1
    assert "pip install" in said.stderr
    assert "reading the files" not in said.stderr
