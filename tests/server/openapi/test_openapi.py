"""The OpenAPI document: valid, complete, and true to a running server."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyoxigraph import Store

from kg.curation.draft import LONGEST_SUMMARY
from kg.curation.proposals import ProposalState
from kg.names.search import KINDS, LONGEST_QUERY
from kg.publish import Profile
from kg.queries import Parameter, catalogue, choices
from kg.queries.paging import RowRange
from kg.rdf.formats import GRAPH_FORMATS, HTML, RESULT_FORMATS, SPARQL_QUERY
from kg.rdf.namespaces import ENTITY_TYPES
from kg.rdf.scopes import EVERYTHING, REPORT
from kg.store.data_folder import DataFolder
from kg.submissions.submission import MEDIA_TYPES
from server import errors
from server.app import create_app
from server.change_requests import ChangeRequest
from server.curation.imports import TABLE_TYPES
from server.curation.validate import REPORT_TYPES
from server.openapi import questions
from server.queries import addresses
from server.sparql import protocol
from server.web import AnswerType, Document
from tests.support.serving import client as client_of
from tests.support.tiers import SEED, by_tier, fresh_random

pytestmark = pytest.mark.drawn

ASKED = {name: query for name, query in catalogue.canned_queries().items() if not query.works}
"""Those that need no work beside the report."""
GRAPH_TYPES = {fmt.media_type for fmt in GRAPH_FORMATS}
RESULT_TYPES = {fmt.media_type for fmt in RESULT_FORMATS}


@pytest.fixture(scope="session")
def document(ask: Callable[..., Any]) -> dict[str, Any]:
    answer = ask("/openapi.json")
    assert (answer.status, answer.type) == (200, "application/json")
    stated: dict[str, Any] = json.loads(answer.body)
    return stated


def faults(document: dict[str, Any]) -> list[Any]:
    from openapi_spec_validator import OpenAPIV31SpecValidator

    return list(OpenAPIV31SpecValidator(document).iter_errors())


def test_it_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert faults(document) == []


def test_it_is_valid_with_whole_numbers_as_values(with_world: DataFolder) -> None:
    with client_of(with_world) as client:
        document = json.loads(client.get("/openapi.json").data)
    path = "/queries/map-of-countries"
    parameters = document["paths"][path]["get"]["parameters"]
    (least,) = (parameter for parameter in parameters if parameter["name"] == "least")
    assert (least["schema"]["type"], least["schema"]["default"], least["example"]) == ("integer", 8, 1)
    document["paths"] = {path: document["paths"][path]}  # the rest is as in the document above
    assert faults(document) == []


def test_it_has_every_address_with_its_methods(document: dict[str, Any], folder: DataFolder) -> None:
    wanted = {(f"/queries/{name}", "get") for name in ASKED}
    for rule in create_app(folder).url_map.iter_rules():
        path = re.sub(r"<(?:path:|int:)?(\w+)>", r"{\1}", rule.rule)
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS", "QUERY"}  # OpenAPI 3.1 knows no QUERY
        wanted |= {(path, method.lower()) for method in methods}
    wanted -= {("/queries/{name}", "get")}  # what stands there query by query
    assert {(path, method) for path, operations in document["paths"].items() for method in operations} == wanted
    for path, operations in document["paths"].items():
        for operation in operations.values():
            in_path = [p["name"] for p in operation.get("parameters", []) if p["in"] == "path"]
            assert sorted(in_path) == sorted(re.findall(r"{(\w+)}", path))
            assert operation["summary"]


@pytest.mark.parametrize("query", ASKED.values(), ids=ASKED)
def test_a_query_has_its_parameters_with_their_choices(
    document: dict[str, Any], store: Store, query: catalogue.CannedQuery
) -> None:
    operation = document["paths"][f"/queries/{query.name}"]["get"]
    stated = {p["name"]: p for p in operation["parameters"]}
    assert list(stated) == [
        *(p.name for p in query.parameters),
        "limit",
        "offset",
        "scope",
        "view",
        *("sort", "columns", "filters", "hide", "facet", "values", "from"),
        "evidence",
        "format",
    ]
    for parameter in query.parameters:
        schema = stated[parameter.name]["schema"]
        reference = schema.get("$ref", "")
        resolved = document["components"]["schemas"][reference.rpartition("/")[2]] if reference else schema
        assert resolved.get("enum", []) == list(choices(store, parameter))
        default, example = schema.get("default"), stated[parameter.name]["example"]
        assert (None if default is None else str(default)) == parameter.default
        assert str(example) == parameter.example
        assert stated[parameter.name].get("required", False) == parameter.is_required
    assert list(operation["responses"]["200"]["content"]) == [
        *addresses.formats(query).values(),
        *AnswerType.OF_TABLES.values(),
    ]
    assert stated["scope"]["schema"] == {"enum": [REPORT, EVERYTHING], "default": query.scope}
    assert stated["format"]["schema"]["enum"] == [*addresses.formats(query), *AnswerType.OF_TABLES]
    assert operation["summary"] == query.summary
    assert all(column in operation["description"] for column in query.columns)


def test_media_types_are_those_of_the_code(document: dict[str, Any]) -> None:
    def answers(path: str, method: str = "get") -> set[str]:
        return set(document["paths"][path][method]["responses"]["200"]["content"])

    def bodies(path: str, method: str = "post") -> set[str]:
        return set(document["paths"][path][method]["requestBody"]["content"])

    assert (
        answers("/sparql")
        == answers("/sparql", "post")
        == RESULT_TYPES | GRAPH_TYPES | {HTML, *AnswerType.OF_TABLES.values()}
    )
    assert answers("/doc/{kind}/{slug}") == GRAPH_TYPES | {HTML, "application/json"}
    assert answers("/dumps/{file}") == GRAPH_TYPES | {"application/gzip"}
    assert answers("/linkset/{kind}/{slug}") == {Document.LINKSET}
    assert answers("/queries") == set(addresses.LISTINGS.values())
    assert answers("/validate", "post") == {*REPORT_TYPES.values(), HTML}
    assert bodies("/sparql") == {SPARQL_QUERY, protocol.FORM}
    assert bodies("/update") == {protocol.UPDATE, protocol.FORM}
    assert bodies("/changes") == bodies("/proposals") == bodies("/validate") == {*MEDIA_TYPES, ChangeRequest.FORM}
    assert bodies("/imports") == {*TABLE_TYPES, ChangeRequest.FORM}
    assert bodies("/graphs") == bodies("/graphs", "put") == bodies("/graph/{name}", "put") == set(MEDIA_TYPES)
    assert set(document["components"]["responses"]["Problem"]["content"]) == {errors.MEDIA_TYPE, HTML}


def test_choices_and_limits_are_those_of_the_code(document: dict[str, Any]) -> None:
    def schema(path: str, name: str, method: str = "get") -> dict[str, Any]:
        parameters = document["paths"][path][method]["parameters"]
        found: dict[str, Any] = next(p["schema"] for p in parameters if p["name"] == name)
        return found

    assert schema("/doc/{kind}/{slug}", "kind")["enum"] == list(ENTITY_TYPES)
    assert schema("/doc/{kind}/{slug}", "profile")["enum"] == [profile.token for profile in Profile]
    assert schema("/dataset.{suffix}", "suffix")["enum"] == list(Document("/dataset").media_types)
    assert schema("/queries.{suffix}", "suffix")["enum"] == list(addresses.LISTINGS)
    assert schema("/search", "kind")["enum"] == list(KINDS)
    assert schema("/search", "q")["maxLength"] == LONGEST_QUERY
    assert schema("/proposals", "state")["enum"] == list(ProposalState)
    assert schema("/changes", "summary", "post")["maxLength"] == LONGEST_SUMMARY
    name = next(iter(ASKED))
    for window in ("limit", "offset"):
        assert schema(f"/queries/{name}", window)["maximum"] == RowRange.MOST
    stated = yaml.safe_load(Path(questions.__file__).with_name("openapi.yaml").read_text(encoding="utf-8"))
    by_type = stated["x-canned-query"]["schemas"]
    assert by_type.keys() | {"choice"} == set(catalogue.TYPES)
    assert by_type["string"]["maxLength"] == Parameter.LONGEST


@pytest.mark.parametrize(
    "path", ["/queries", "/search", "/changes", "/dataset", "/ontology", "/shapes", "/doc/city/birmingham"]
)
def test_an_address_answers_in_the_formats_that_it_names(
    document: dict[str, Any], ask: Callable[..., Any], path: str
) -> None:
    named = document["paths"][path.replace("city/birmingham", "{kind}/{slug}")]["get"]["responses"]["200"]["content"]
    answers = {media_type: ask("-H", f"Accept: {media_type}", path) for media_type in named}
    assert {media_type: (answer.status, answer.type) for media_type, answer in answers.items()} == {
        media_type: (200, media_type) for media_type in named
    }
    assert ask("-H", "Accept: image/png", path).status == 406


def test_the_version_is_that_of_the_package(document: dict[str, Any]) -> None:
    (stated,) = document["paths"]["/ontology/{name}"]["get"]["parameters"]
    assert document["info"]["version"] == stated["example"] == version("city-diplomacy-kg")
    assert "@" not in document["info"]["version"]
    assert not [member for member in document if member.startswith("x-")]


def test_errors_are_problem_details(document: dict[str, Any]) -> None:
    others = {"/mcp"}  # whose protocol has errors of its own
    for path, operations in document["paths"].items():
        for operation in operations.values() if path not in others else ():
            for status in {f"{kind.status // 100}XX" for kind in errors.KINDS.values()}:
                assert operation["responses"][status] == {"$ref": "#/components/responses/Problem"}, path


def _takes_any_thing(operations: dict[str, Any]) -> bool:
    """Say whether a canned question has a parameter whose values are things of no certain class, and so not listed."""
    stated = operations.get("get", {}).get("parameters", ())
    return any(str(p.get("schema", {}).get("pattern", "")).startswith("^(?:") for p in stated)


@pytest.mark.slow
def test_a_running_server_keeps_to_it(document: dict[str, Any], address: str, tmp_path: Path) -> None:
    # A text may be no query, graph= and default exclude each other, what is sent must conform, most changes need a
    # token: nothing that a schema of single parameters can say, so that a request may fit it and still be refused.
    say_more_than_a_schema = [
        *(path for path, operations in document["paths"].items() if operations.keys() != {"get"}),
        *(path for path, operations in document["paths"].items() if "security" in operations.get("get", {})),
        *("/changes/{number}", "/changes/{number}.{suffix}"),  # there is none yet
        *("/docs/cite", "/docs/cite.{suffix}"),  # of= is an address of ours
        *(path for path, operations in document["paths"].items() if _takes_any_thing(operations)),  # it must be known
    ]
    canned = [path for path in document["paths"] if path.startswith("/queries/")]
    asked = min(len(canned), by_tier(10, 20, len(canned)))
    left_out = fresh_random("canned queries left out").sample(canned, len(canned) - asked)
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(
        f"[[operations]]\ninclude-path = {json.dumps(say_more_than_a_schema)}\n"
        "checks.positive_data_acceptance.enabled = false\n"
        # who has not signed in is led to do so, whatever else is sent
        '[[operations]]\ninclude-path-regex = "^/desk"\nchecks.negative_data_rejection.enabled = false\n'
        # an order and a filter are of columns that are there
        '[[operations]]\ninclude-path-regex = "^/queries/"\nparameters = {"query.columns" = ""}\n'
    )
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run", f"{address}/openapi.json"),
        *("--phases", "examples,fuzzing", "--max-examples", str(by_tier(1, 2, 100))),
        *(word for path in left_out for word in ("--exclude-path", path)),
        *("--seed", str(SEED), "--no-shrink", "--continue-on-failure"),
        *("--max-redirects", "0", "--request-timeout", "60", "--no-color"),
    ]
    operations = sum(len(operations) for operations in document["paths"].values())
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    tested = re.search(r"(\d+) generated, (\d+) passed", ran.stdout)
    assert tested
    assert int(tested[1]) == int(tested[2]) > operations - len(left_out)
