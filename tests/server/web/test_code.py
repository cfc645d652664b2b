"""The texts to be copied run as they stand: by curl and by Python, against a running server."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.web import AnswerPage
from tests.support.http import Ask

UTF_8 = {"LC_ALL": "C.UTF-8"}
QUERIES = [
    "SELECT ?city { ?city a cd:City } ORDER BY ?city LIMIT 3",
    'SELECT ?x {\n  # "a" \'b\' $c \\\\ `d` !e\n  VALUES ?x { "a\\tb" \'it\\\'s\' "北京" """c"d""" }\n}',
    "SELECT ?x { VALUES ?x { 1 2 3 } }\r\nLIMIT 2",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_comes_to_the_same_by_each_way(address: str, ask: Ask, query: str) -> None:
    wanted = ask("-G", "-H", "Accept: text/csv", "--data-urlencode", f"query={query}", "/sparql").body
    code = AnswerPage.as_code(f"{address}/sparql", {"query": query})
    assert subprocess.run(["bash", "-c", code["curl"]], capture_output=True, check=True).stdout == wanted
    ran = subprocess.run([sys.executable, "-c", code["Python"]], capture_output=True, check=True)
    rows = list(csv.DictReader(io.StringIO(wanted.decode(), newline="")))
    assert ran.stdout.decode().strip() == str(rows[:3])
    assert code["R"].startswith('query <- "')


@pytest.mark.drawn
def test_an_address_is_enough_where_it_says_all(address: str, ask: Ask) -> None:
    path = "/queries/twins-of-a-city.csv?thing=city%3Aleeds"
    code = AnswerPage.as_code(address + path)
    assert subprocess.run(["bash", "-c", code["curl"]], capture_output=True, check=True).stdout == ask(path).body
    assert b"Brno" in subprocess.run([sys.executable, "-c", code["Python"]], capture_output=True, check=True).stdout
    assert code["R"] == f'rows <- read.csv("{address}{path}")'


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("Rscript"), reason="R is not installed")
@pytest.mark.parametrize("query", QUERIES)
def test_a_query_comes_to_the_same_in_r(address: str, ask: Ask, query: str) -> None:
    wanted = ask("-G", "-H", "Accept: text/csv", "--data-urlencode", f"query={query}", "/sparql").body.decode()
    code = AnswerPage.as_code(f"{address}/sparql", {"query": query})["R"]
    written = f'{code}\nwrite.table(rows, sep = "\\x1f", eol = "\\x1e", quote = FALSE, row.names = FALSE)'
    ran = subprocess.run(["Rscript", "-e", written], capture_output=True, check=True, env=os.environ | UTF_8)
    rows = [line.split("\x1f") for line in ran.stdout.decode().split("\x1e")[:-1]]
    assert rows == list(csv.reader(io.StringIO(wanted, newline="")))


def test_a_graph_comes_as_text(address: str) -> None:
    query = "CONSTRUCT { <x:a> <x:b> 1 } {}"
    code = AnswerPage.as_code(f"{address}/sparql", {"query": query}, "text/turtle")
    for command in (["bash", "-c", code["curl"]], [sys.executable, "-c", code["Python"]]):
        assert b"<x:a> <x:b> 1" in subprocess.run(command, capture_output=True, check=True).stdout
    assert "format=text%2Fturtle" in code["R"]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_means_itself_in_python(value: str) -> None:
    code = AnswerPage.as_code("http://a/", {"query": value})["Python"]
    assigned = next(line for line in code.split("import urllib.request\n\n")[1:])
    names: dict[str, str] = {}
    exec(assigned.partition("\nform = ")[0], names)
    assert names["query"] == value.replace("\r\n", "\n")
