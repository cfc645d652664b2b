"""The canned queries: files with a `#+` header (YAML) that says what a query asks, takes and answers.

A file is valid SPARQL as it stands: each parameter is a `VALUES ?name { … }` block that holds its example.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kg import resources
from kg.errors import CityKgError, UnknownNameError

TYPES = ("iri", "string", "integer", "date", "choice")
RESERVED = ("format", "limit", "offset", "at")
"""Names that no parameter can have, since every address of a query takes them."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a canned query.

    `type` is one of TYPES. `of_class` (a prefixed name) says of which class an iri is; `choices` are the values of a
    choice: the name of a SKOS scheme, or a list. `example` stands in the file; `default` is taken where nothing is
    given; `optional` parameters without a default then match everything.
    """

    name: str
    type: str
    label: str
    example: str
    default: str | None
    optional: bool
    of_class: str | None
    language: str | None
    choices: str | tuple[str, ...] | None


@dataclass(frozen=True)
class CannedQuery:
    """A described query. `columns` explains each result column; `view` suggests how to show the result."""

    name: str
    topic: str
    summary: str
    description: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    columns: dict[str, str]
    view: str
    text: str

    def parameter(self, name: str) -> Parameter:
        """Return a parameter by its name. Raises UnknownNameError."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise UnknownNameError(f"parameter of {self.name}", name, [p.name for p in self.parameters])


@cache
def canned_queries() -> dict[str, CannedQuery]:
    """Return the canned queries by name, in the order of topics and names; checks are not among them."""
    found = [read_query(path) for path in sorted(resources.QUERIES.glob("*/*.rq")) if path.parent.name != "checks"]
    return {query.name: query for query in found}


@cache
def check_queries() -> dict[str, CannedQuery]:
    """Return the check queries by name; each row of one is a defect of the graph."""
    found = [read_query(path) for path in sorted((resources.QUERIES / "checks").glob("*.rq"))]
    return {query.name: query for query in found}


def find(name: str) -> CannedQuery:
    """Return a canned query or a check by its name. Raises UnknownNameError with the nearest one."""
    known = canned_queries() | {f"checks/{check}": query for check, query in check_queries().items()}
    try:
        return known[name]
    except KeyError:
        raise UnknownNameError("canned query", name, list(known)) from None


def read_query(path: Path) -> CannedQuery:
    """Read one file. Raises CityKgError when its header lacks something or cannot be read."""
    text = path.read_text(encoding="utf-8")
    header = "\n".join(line[2:].removeprefix(" ") for line in text.splitlines() if line.startswith("#+"))
    try:
        stated: dict[str, Any] = yaml.safe_load(header) or {}
        return CannedQuery(
            name=path.stem,
            topic=path.parent.name,
            summary=stated["summary"],
            description=stated["description"],
            tags=tuple(stated["tags"]),
            parameters=tuple(_parameter(entry) for entry in stated.get("parameters") or []),
            columns=stated.get("columns") or {},
            view=stated.get("view", "table"),
            text=text,
        )
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise CityKgError(f"The header of {path} is not complete: {error}", "See queries/README.md.") from error


def _parameter(entry: dict[str, Any]) -> Parameter:
    if entry["type"] not in TYPES:
        raise KeyError(f"type of parameter {entry['name']}: one of {', '.join(TYPES)}")
    if entry["name"] in RESERVED:
        raise KeyError(f"another name for the parameter {entry['name']}, which is reserved")
    choices = entry.get("choices")
    return Parameter(
        name=entry["name"],
        type=entry["type"],
        label=entry["label"],
        example=_text(entry["example"]),
        default=_text(entry["default"]) if "default" in entry else None,
        optional=bool(entry.get("optional", False)),
        of_class=entry.get("class"),
        language=entry.get("language"),
        choices=tuple(map(_text, choices)) if isinstance(choices, list) else choices,
    )


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def body(query: CannedQuery) -> str:
    """Return the query text without its header."""
    return re.sub(r"(?m)^#\+.*\n", "", query.text).lstrip("\n")
