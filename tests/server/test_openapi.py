"""The OpenAPI document: valid, complete, and true to a running server."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from pyoxigraph import Store

from kg import catalogue, choices
from kg.snapshots import DataFolder
from server import openapi_changes, query_catalogue
from server.app import create_app

QUERIES = catalogue.canned_queries()

# A text may be no query, graph= and default exclude each other, two values are needed or none: nothing that a schema
# of single parameters can say, so that a request may fit the schema and still be refused.
SAY_MORE_THAN_A_SCHEMA = [
    "/sparql",
    "/graphs",
    *{path for path, _ in openapi_changes.OPERATIONS},  # what is sent must conform, and most needs a token
    "/changes/{number}",  # there is none yet
    "/changes/{number}.{suffix}",
    *(f"/queries/{q.name}" for q in QUERIES.values() if sum(not p.optional for p in q.parameters) > 1),
]


@pytest.fixture(scope="session")
def document(ask: Callable[..., Any]) -> dict[str, Any]:
    answer = ask("/openapi.json")
    assert (answer.status, answer.type) == (200, "application/json")
    stated: dict[str, Any] = json.loads(answer.body)
    return stated


def test_it_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_it_has_every_address_with_its_methods(document: dict[str, Any], folder: DataFolder) -> None:
    wanted = {(f"/queries/{name}", "get") for name in QUERIES}
    for rule in create_app(folder).url_map.iter_rules():
        path = re.sub(r"<(?:path:|int:)?(\w+)>", r"{\1}", rule.rule)
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS", "QUERY"}  # OpenAPI 3.1 knows no QUERY
        wanted |= {(path, method.lower()) for method in methods}
    wanted -= {("/queries/", "get"), ("/queries/{name}", "get")}  # a redirection, and what stands there query by query
    assert {(path, method) for path, operations in document["paths"].items() for method in operations} == wanted
    for path, operations in document["paths"].items():
        for operation in operations.values():
            in_path = [p["name"] for p in operation.get("parameters", []) if p["in"] == "path"]
            assert sorted(in_path) == sorted(re.findall(r"{(\w+)}", path))
            assert operation["summary"]


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_query_has_its_parameters_with_their_choices(
    document: dict[str, Any], store: Store, query: catalogue.CannedQuery
) -> None:
    operation = document["paths"][f"/queries/{query.name}"]["get"]
    stated = {p["name"]: p for p in operation["parameters"]}
    assert list(stated) == [*(p.name for p in query.parameters), "limit", "offset", "format"]
    for parameter in query.parameters:
        schema = stated[parameter.name]["schema"]
        reference = schema.get("$ref", "")
        resolved = document["components"]["schemas"][reference.rpartition("/")[2]] if reference else schema
        assert resolved.get("enum", []) == [choice.value for choice in choices.of(store, parameter)]
        assert schema.get("default") == parameter.default
        assert stated[parameter.name]["example"] == parameter.example
    assert list(operation["responses"]["200"]["content"]) == list(query_catalogue.formats(query).values())
    assert operation["summary"] == query.summary
    assert all(column in operation["description"] for column in query.columns)


def test_errors_are_problem_details(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for status in ("4XX", "5XX"):
                assert operation["responses"][status] == {"$ref": "#/components/responses/Problem"}, path
    assert "application/problem+json" in document["components"]["responses"]["Problem"]["content"]


def test_a_running_server_keeps_to_it(address: str, tmp_path: Path) -> None:
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(
        f"[[operations]]\ninclude-path = {json.dumps(SAY_MORE_THAN_A_SCHEMA)}\n"
        "checks.positive_data_acceptance.enabled = false\n"
    )
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run", f"{address}/openapi.json"),
        *("--phases", "examples,fuzzing", "--max-examples", "2", "--generation-deterministic", "--no-shrink"),
        *("--max-redirects", "0", "--request-timeout", "60", "--no-color", "--continue-on-failure"),
    ]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    tested = re.search(r"(\d+) generated, (\d+) passed", ran.stdout)
    assert tested
    assert int(tested[1]) == int(tested[2]) > 200
