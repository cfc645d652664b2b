"""The service as Comunica meets it, from JavaScript: the endpoint, and documents as sources.

In CI alone: npm takes longer to install it than all clients in Python (test_clients.py) take to ask.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import npm

BASE = "https://w3id.org/city-diplomacy/"
TWINNING = f"{BASE}id/twinning/birmingham-guangzhou"
TWIN = f"{BASE}ontology#twin"
LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"
TWINS = [f"{BASE}id/city/birmingham", f"{BASE}id/city/guangzhou"]
SELECT = f"SELECT ?twin WHERE {{ <{TWINNING}> <{TWIN}> ?twin }} ORDER BY ?twin"
PASSAGES = f"SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ <{TWINNING}> <{TWIN}> ?twin }} }} ORDER BY ?g"

pytestmark = pytest.mark.slow

Comunica = Callable[[str, str, str], object]


@pytest.fixture(scope="module")
def comunica() -> Comunica:
    """Run a query over a source of a type, as comunica/comunica.mjs says; Comunica is installed if need be."""
    folder = Path(__file__).parent / "comunica"
    npm.installed(folder)

    def ask(source_type: str, source: str, query: str) -> object:
        command = ["node", "comunica.mjs", source_type, source, query]
        ran = subprocess.run(command, cwd=folder, capture_output=True, check=False, text=True, timeout=60)
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    return ask


@pytest.mark.parametrize("source_type", ["sparql", "auto"])
def test_comunica_queries_the_endpoint(comunica: Comunica, address: str, source_type: str) -> None:
    assert comunica(source_type, f"{address}/sparql", SELECT) == [{"twin": twin} for twin in TWINS]


def test_comunica_asks_and_constructs(comunica: Comunica, address: str) -> None:
    pattern = f"{{ <{TWINNING}> <{TWIN}> ?twin }}"
    assert comunica("sparql", f"{address}/sparql", f"ASK {pattern}") is True
    constructed = comunica("sparql", f"{address}/sparql", f"CONSTRUCT WHERE {pattern}")
    assert constructed == [[TWINNING, TWIN, twin] for twin in TWINS]


def test_comunica_finds_in_the_document_about_a_thing_who_says_what(comunica: Comunica, address: str) -> None:
    rows = comunica("auto", f"{address}/id/twinning/birmingham-guangzhou", PASSAGES)
    assert {"g": f"{BASE}graph/report/table-2"} in rows  # type: ignore[operator]


def test_comunica_follows_links_from_thing_to_thing(comunica: Comunica, address: str) -> None:
    """As a reader of linked data does: from the twinning to its cities, each asked at the address that names it."""
    twins = comunica("auto", f"{address}/id/twinning/birmingham-guangzhou", SELECT)
    assert twins == [{"twin": twin} for twin in TWINS]
    for row in twins:  # type: ignore[attr-defined]
        label = f"SELECT ?name WHERE {{ <{row['twin']}> <{LABEL}> ?name FILTER (LANG(?name) = 'en') }}"
        names = comunica("auto", row["twin"].replace(BASE, f"{address}/"), label)
        assert names == [{"name": row["twin"].rpartition("/")[2].title()}]


@pytest.mark.parametrize(
    "path", ["/doc/twinning/birmingham-guangzhou.ttl", "/doc/twinning/birmingham-guangzhou.jsonld", "/graphs?default"]
)
def test_comunica_queries_a_document_that_merges_what_passages_say(comunica: Comunica, address: str, path: str) -> None:
    assert comunica("auto", address + path, SELECT) == [{"twin": twin} for twin in TWINS]
