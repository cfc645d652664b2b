"""A service that starts loads what reading needs; what validates and builds is loaded where that begins."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kg.store.data_folder import DataFolder

_NOT_FOR_READING = {
    "rdflib",
    "pyshacl",
    "pyparsing",
    "jsonschema",
    "rich",
    "igraph",
    "numpy",
    "pandas",
    "httpx",
    "limits",
}
_READS = (
    "/healthz",
    "/readyz",
    "/",
    "/queries/twins-of-a-city.csv?thing=birmingham",
    "/queries/twins-of-a-city.html?thing=birmingham",
    "/sparql?query=SELECT+*+%7B+%3Fs+%3Fp+%3Fo+%7D+LIMIT+1",
    "/doc/city/birmingham.ttl",
    "/doc/city/birmingham.html",
    "/search?q=london",
    "/changes",
)
_PROGRAM = """
import pathlib, sys, urllib.request
import server.command, server.serve
from kg.building import build_if_needed
from kg.store import DataFolder
from tests.support.serving import served

folder = DataFolder(pathlib.Path(sys.argv[1]))
assert build_if_needed(folder) is None
with served(folder) as address:
    for read in sys.argv[2].split():
        urllib.request.urlopen(address + read).read()
    print(*sorted(sys.modules))
    body = b"<https://w3id.org/city-diplomacy/id/city/york> a <https://w3id.org/city-diplomacy/ontology#City> ."
    post = urllib.request.Request(address + "/validate", body, {"Content-Type": "text/turtle"})
    urllib.request.urlopen(post).read()
    print(*sorted(sys.modules))
"""


@pytest.mark.drawn
def test_reading_loads_nothing_that_validates(folder: DataFolder) -> None:
    run = subprocess.run(
        [sys.executable, "-c", _PROGRAM, folder.path, " ".join(_READS)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    after_reading, after_validating = (set(line.split()) for line in run.stdout.splitlines())
    assert after_reading & _NOT_FOR_READING == set()
    assert after_validating >= {"rdflib", "pyshacl"}
