"""The Reconciliation Service API 0.2 (W3C Entity Reconciliation Community Group) at `/reconcile`.

An identifier is the IRI of a thing without the identifier space, such as `city/london`. Flyouts,
which the specification means to drop, and JSONP are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, render_template, request

from kg.errors import BadValueError, CityKgError, UnknownNameError, shorten
from kg.publish.reconciliation_api import PROPERTIES, TYPES, candidates, extend, find_candidate, suggest
from kg.rdf import namespaces as ns
from kg.rdf.formats import HTML
from server.errors import kind_of, problem
from server.service import service
from server.web import Document

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

blueprint = Blueprint("reconciliation", __name__, url_prefix="/reconcile")

BATCH = 100
"""Queries of a batch, or things to which columns are added, at a time."""
_MOST_SUGGESTIONS = 50
_PREVIEW = {"width": 420, "height": 140}  # pixels
_EMBEDDABLE_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors *"


class BatchTooLargeError(CityKgError):
    """A request asks for too many things at a time."""

    title = "The batch is too large"

    def __init__(self, count: int) -> None:
        super().__init__(
            f"The batch asks for {count:,} things; at most {BATCH} are looked up at a time.",
            f"Send it in parts of {BATCH}. OpenRefine does so, by the batchSize of the manifest.",
        )


@blueprint.route("", methods=["GET", "POST"])
def endpoint() -> Response:
    """Return the manifest; or match a batch of queries with things, or extend things by properties."""
    request.max_form_memory_size = None  # the front bounds bodies, and says so in words
    asked = [name for name in ("queries", "extend") if name in request.values]
    if not asked and request.method == "GET":
        return _respond(_manifest())
    if len(asked) != 1:
        held = "both queries= and" if asked else "neither queries= nor"
        raise BadValueError(f"The request holds {held} extend=.", "Send one of them, in a form or in the address.")
    given = _parse_parameter(asked[0], request.values[asked[0]])
    service.clients.check_share()
    return _respond(_match(given) if asked == ["queries"] else _extend(given))


@blueprint.get("/suggest/entity")
def suggest_entity() -> Response:
    """Complete the name of a thing."""
    found = service.workers.read(suggest, request.args.get("prefix", ""), _cursor())
    items = [
        {"id": one["id"], "name": one["name"], "description": one["description"], "notable": one["type"]}
        for one in found
    ]
    return _respond({"result": items})


@blueprint.get("/suggest/type")
def suggest_type() -> Response:
    """Complete the name of a type."""
    return _respond({"result": _complete(TYPES.items())})


@blueprint.get("/suggest/property")
def suggest_property() -> Response:
    """Complete the name of a property that a query may name."""
    return _respond({"result": _complete((name, one.name) for name, one in PROPERTIES.items() if one.is_queryable)})


@blueprint.get("/properties")
def properties() -> Response:
    """Propose the properties by which columns can be added to a table: the same for things of each type."""
    wanted = request.args.get("type", "")
    _check_known("type", filter(None, [wanted]), TYPES)
    proposed = [{"id": name, "name": one.name} for name, one in PROPERTIES.items()]
    limit = _number("limit")
    return _respond({"type": wanted, "properties": proposed[:limit]})


@blueprint.get("/preview")
def preview() -> Response:
    """Show a thing in a small frame on the page of another site."""
    identifier = request.args.get("id", "")
    found = service.workers.read(find_candidate, identifier)
    if found is None:
        raise UnknownNameError("thing", identifier, [])
    page = render_template("reconcile_preview.html", found=found, root=service.addresses.root())
    response = Document.add_validators(Response(page, mimetype=HTML), "html")
    response.headers["Content-Security-Policy"] = _EMBEDDABLE_POLICY
    return response


def _manifest() -> dict[str, Any]:
    root = service.addresses.root()

    def at(path: str) -> dict[str, str]:
        return {"service_url": root, "service_path": f"/reconcile/{path}"}

    return {
        "versions": ["0.2"],
        "name": "City Diplomacy Knowledge Graph",
        "identifierSpace": ns.ID,
        "schemaSpace": ns.CD.removesuffix("#"),
        "documentation": f"{root}/docs/reconcile",
        "serviceVersion": version("city-diplomacy-kg"),
        "defaultTypes": [{"id": kind, "name": name} for kind, name in TYPES.items()],
        "view": {"url": f"{root}/id/{{{{id}}}}"},
        "preview": {"url": f"{root}/reconcile/preview?id={{{{id}}}}", **_PREVIEW},
        "suggest": {kind: at(f"suggest/{kind}") for kind in ("entity", "type", "property")},
        "extend": {"propose_properties": at("properties"), "property_settings": []},
        "batchSize": BATCH,
    }


def _match(queries: Mapping[str, Any]) -> dict[str, Any]:
    """Return the candidates of each query; one that names an unknown type or property fails alone, and says why.

    The specification requires a result, and leaves room for more.
    """
    failed = {name: problem for name, query in queries.items() if (problem := _problem_of(query))}
    fitting = {name: query for name, query in queries.items() if name not in failed}
    found = service.workers.read(candidates, fitting, service.gazetteer_path()) if fitting else {}
    return {
        name: {"result": [], "error": failed[name]} if name in failed else {"result": found[name]} for name in queries
    }


def _problem_of(query: Mapping[str, Any]) -> dict[str, object]:
    """Return what is wrong with a query of a batch as problem details (RFC 9457), empty if nothing is."""
    types = query.get("type", ())
    try:
        _check_known("type", [types] if isinstance(types, str) else types, TYPES)
        _check_known("property", (each["pid"] for each in query.get("properties", ())), PROPERTIES)
    except UnknownNameError as error:
        kind = kind_of(error)
        return problem(kind.title, kind.status, error.message, hint=error.hint)
    return {}


def _extend(asked: Mapping[str, Any]) -> dict[str, Any]:
    names = [wanted["id"] for wanted in asked["properties"]]
    _check_known("property", names, PROPERTIES)
    columns = [{"id": name, "name": PROPERTIES[name].name} for name in names]
    return {"meta": columns, "rows": service.workers.read(extend, asked["ids"], names)}


def _parse_parameter(name: str, text: str) -> dict[str, Any]:
    """Parse and validate a parameter. Raises BadValueError for content of another form, BatchTooLargeError."""
    try:
        given = json.loads(text)
        json.dumps(given, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # by an escape, which JSON allows; no answer could name it
        words = f"{name}= holds half of a surrogate pair, which is not a character."
        raise BadValueError(words, "Send UTF-8.") from None
    except (ValueError, RecursionError) as error:
        raise BadValueError(f"{name}= is not JSON: {shorten(str(error))}") from None
    things = given.get("ids") if isinstance(given, dict) and name == "extend" else given
    if isinstance(things, (dict, list)) and len(things) > BATCH:  # before its form is checked, which takes longer
        raise BatchTooLargeError(len(things))
    from jsonschema.exceptions import best_match  # noqa: PLC0415 – as below

    wrong = best_match(_validators()[name].iter_errors(given))
    if wrong is not None:
        where = "".join(f" {shorten(str(part))} /" for part in wrong.absolute_path).removesuffix(" /")
        raise BadValueError(
            f"{name}= does not fit{' at' * bool(where)}{where}: {shorten(wrong.message)}.",
            "Its form is that of the Reconciliation Service API 0.2.",
        )
    return dict(given)


def _check_known(kind: str, names: Iterable[str], known: Collection[str]) -> None:
    """Raise UnknownNameError for the first name that is not among those which are known."""
    for name in names:
        if name not in known:
            raise UnknownNameError(kind, name, list(known))


@cache
def _validators() -> dict[str, Draft202012Validator]:
    """Return the JSON schemas of the parameters, by name."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 – it takes 0.1 s to load

    forms = json.loads(Path(__file__).with_name("requests.schema.json").read_text(encoding="utf-8"))
    return {name: Draft202012Validator({**forms, "$ref": f"#/$defs/{name}"}) for name in ("queries", "extend")}


def _complete(things: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Return the things whose identifier, or a word of whose name, begins with the prefix of the request."""
    prefix = request.args.get("prefix", "").strip().lower()
    found = [
        {"id": one, "name": name}
        for one, name in things
        if one.startswith(prefix) or any(word.startswith(prefix) for word in name.lower().split())
    ]
    return found[_cursor() :][:_MOST_SUGGESTIONS]


def _cursor() -> int:
    return _number("cursor") or 0


def _number(name: str) -> int | None:
    """Return a number of the address, None where it is not given. Raises BadValueError."""
    given = request.args.get(name, "")
    if given and not re.fullmatch("[0-9]{1,9}", given):
        raise BadValueError(f"The parameter {name} cannot be {shorten(given)!r}.", "Give a number such as 10.")
    return int(given) if given else None


def _respond(members: Mapping[str, Any]) -> Response:
    response = jsonify(members)
    return Document.add_validators(response, "json") if request.method == "GET" else response
