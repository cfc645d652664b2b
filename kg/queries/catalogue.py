"""The canned queries: files with a `#+` header (YAML) that describes the query, its parameters and its columns.

A file is valid SPARQL as it is: each parameter is a `VALUES ?name { … }` block that holds its example.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar

import yaml
from pyoxigraph import Literal

from kg import resources
from kg.errors import BadValueError, PlaceError, UnknownNameError, shorten
from kg.queries import paging
from kg.queries.blocks import Columns, gathered, names_of_blocks
from kg.rdf.formats import RESULT_FORMATS, ResultFormat
from kg.rdf.scopes import REPORT, SCOPES, missing_works

TYPES = ("iri", "string", "integer", "date", "choice")

_LONGEST_HEAD = 28  # characters of an explanation that can stand over a column
_COLUMN = re.compile("[A-Za-z][A-Za-z0-9_]{0,39}")
_ANY_THING = re.compile(
    r"\ban? (?:certain |single )?(?:network or organisation|city|network|entity|passage|country|group|disagreement)"
    r"(?: of the world| of any kind)?\b(?! of| or|, network)"
)
_ASIDE = re.compile(r"[;:]| \((?=or other)|, (?=as |in |by |or other |with |where |if any|the later )")


@dataclass(frozen=True)
class Parameter:
    """A parameter of a canned query.

    `type` is one of TYPES. `of_class` (a prefixed name) is the class of an iri; `choices` are the values of a choice:
    the name of a SKOS scheme, or a list. `offered` is a pattern that binds ?value to the values that have rows, if not
    all have. `example` is the value in the file; `default` is used if no value is given; an `optional` parameter
    without a default then matches everything.
    """

    LONGEST: ClassVar = 2_000
    """Characters of the longest value."""

    name: str
    type: str
    label: str
    example: str
    default: str | None
    optional: bool
    of_class: str | None
    language: str | None
    choices: str | tuple[str, ...] | None
    offered: str | None = None

    @classmethod
    def from_json(cls, described: Mapping[str, Any]) -> Parameter:
        """Return the parameter that `as_json` described."""
        choices = described["choices"]
        return cls(**{**described, "choices": tuple(choices) if isinstance(choices, list) else choices})

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON-serialisable values."""
        return asdict(self)

    @property
    def is_required(self) -> bool:
        """True if a value must be given."""
        return self.default is None and not self.optional

    def takes(self, classes: Collection[str]) -> bool:
        """Return True if a thing of some classes, as prefixed names, may be its value: one of them, or any thing."""
        is_any = self.name == "thing" and self.of_class is None and self.type == "iri"
        return is_any or self.of_class in classes


@dataclass(frozen=True)
class GateCheck:
    """The way in which the gate runs a check: the column of the things that it concerns, and the severity of a row.

    `zh` is the summary in Chinese, `hint` what to do.
    """

    of: str
    severity: str
    zh: str
    hint: str


@dataclass(frozen=True)
class Replacement:
    """The question that took the place of one of before, whose addresses go on until 2.0.

    `values` are what it has to be asked with, `parameters` its parameters by the names of before, `columns` those of
    before (CannedQuery.choose), `scope` the part of the graph that was asked. A question that replaces itself has other
    names of parameters.
    """

    query: str
    scope: str
    values: Mapping[str, str]
    parameters: Mapping[str, str]
    columns: str

    def given(self, values: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return what to ask in place of the values of before; those of no parameter, such as `limit`, stay."""
        renamed = [(self.parameters.get(name, name), value) for name, value in values if value]
        stated = {**self.values, "scope": self.scope, **({"columns": self.columns} if self.columns else {})}
        return [*((name, value) for name, value in stated.items() if name not in dict(renamed)), *renamed]


@dataclass(frozen=True)
class CannedQuery:
    """A canned query with its description. `columns` explains each column; `view` suggests how to show the answer.

    `more` are the columns that an answer has only if they are asked for. Those that are asked for are `chosen`, and
    then `columns` are these. `replaces` are questions of before, by name, in whose place it is asked.

    A check that the gate runs as well has a `gate`. `scope` is the part of the graph that is queried unless another one
    is asked for (kg.rdf.scopes); `works` are the works besides the report without which it has no rows. If it goes by
    countries, `coverage` is one of COVERAGES. In the columns `unknown` an empty cell means that a value is not known;
    the columns `passages` list passages by their labels, separated by BETWEEN_PASSAGES. `units` are, by column, the
    unit of its numbers, or the column that has the unit of each row. `known` says which ties are
    missing where there are no rows: their `kind` and, each by the parameter that has it, `actor` and `counterpart`.
    One that `needs_value` is asked with one of its parameters at least: it could list more than anybody reads.
    `zh` is the summary in Chinese, which each one in a list has.
    One of before that is in no list, whose address goes on until 2.0, has in `see` the question or page to ask instead.
    """

    RESERVED: ClassVar = (
        *("format", "limit", "offset", "evidence", "at", "min-revision", "scope", "view", "columns"),
        *("sort", "filter.", "is.", "facet", "values", "hide", "from"),
    )
    """Names that no parameter can have, since every address of a query takes them; two go before that of a column."""
    GEOMETRY: ClassVar = "wkt"
    """The column of geometries, without which there is nothing for a format of maps to show."""
    BETWEEN_PASSAGES: ClassVar = "; "
    COVERAGES: ClassVar = ("twinnings", "bodies")
    """The kinds of things that a query by countries can list, if the country is known (kg.publish.questions)."""
    TOPICS: ClassVar = {
        "twinnings": "Twinnings",
        "networks": "Networks of cities",
        "memberships": "Who belongs to which network",
        "disagreements": "Where passages disagree",
        "evidence": "Who says what",
        "activities-and-functions": "What cities do, and what for",
        "offices-and-teams": "Offices abroad and international teams",
        "places": "Places",
        "statistics": "Numbers",
        "absences": "What there is not",
        "literature": "Literature and persons",
        "works-compared": "Works side by side",
        "world": "The twinnings of the world",
        "analysis": "The twinnings of the world as a network",
        "ontology": "Terms of this graph",
    }
    """The topics in words, by the name of their folder, in the order in which people are likely to be interested."""

    name: str
    topic: str
    summary: str
    description: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    columns: dict[str, str]
    view: str
    text: str
    gate: GateCheck | None = None
    scope: str = REPORT
    works: tuple[str, ...] = ()
    coverage: str = ""
    unknown: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)
    replaces: Mapping[str, Replacement] = field(default_factory=dict)
    chosen: Columns = ()
    see: str = ""
    needs_value: bool = False
    zh: str = ""

    @property
    def all_columns(self) -> dict[str, str]:
        """Explanations of all columns of its text, also of those that come only if they are asked for."""
        return {**self.columns, **self.more}

    def choose(self, columns: str) -> CannedQuery:
        """Return the query with some columns: `city,twinLabel:label` stands for `city`, and `twinLabel` as `label`.

        With `twin.count:twins` each row of the others comes once, with the number of different twins that it has, with
        `twinLabel.list:twins` with their names.
        Raises BadValueError for a column that it has not, and for one of a name that cannot be, or that comes twice.
        """
        if not columns:
            return self
        chosen: list[tuple[str, str]] = []
        for one in dict.fromkeys(columns.split(",")):
            name, _, shown = one.partition(":")
            of = gathered(name) or name
            shown = shown or (name if of == name else of + name.rpartition(".")[2].capitalize())
            if of not in self.all_columns:
                message = f"{self.name} has no column {shorten(of)!r}."
                raise BadValueError.of_unknown(message, of, [*self.all_columns])
            if not _COLUMN.fullmatch(shown) or shown in (taken for _, taken in chosen):
                message = f"{shorten(shown)!r} cannot be the name of a column, or is that of two."
                raise BadValueError(message, f"For example: columns={name}:other")
            chosen.append((name, shown))
        names = dict(chosen)
        return replace(
            self,
            columns={shown: self._explain(name) for name, shown in chosen},
            more=self.all_columns,
            unknown=tuple(shown for name, shown in chosen if name in self.unknown),
            passages=tuple(shown for name, shown in chosen if name in self.passages),
            units={shown: names.get(unit, unit) for name, shown in chosen if (unit := self.units.get(name))},
            chosen=tuple(chosen),
            view="map" if self.GEOMETRY in names else self.view,
        )

    def _explain(self, name: str) -> str:
        of = gathered(name)
        values = "number of different" if name.endswith(".count") else "different"
        return f"{values} values of {of} ({self.all_columns[of]})" if of else self.all_columns[name]

    @cached_property
    def block_names(self) -> set[str]:
        """The names of the optional parameters and columns for which its text has blocks."""
        return names_of_blocks(self.text)

    @property
    def chosen_columns(self) -> str:
        """The columns that are chosen, as `choose` takes them."""
        return ",".join(name if name == shown else f"{name}:{shown}" for name, shown in self.chosen)

    @property
    def path(self) -> str:
        """The name that `find_query` takes."""
        return f"{self.topic}/{self.name}" if self.topic == "checks" else self.name

    @property
    def examples(self) -> dict[str, str]:
        """The examples of the parameters that are required, or of the first one where one of all is."""
        required = self.parameters[:1] if self.needs_value else [one for one in self.parameters if one.is_required]
        return {parameter.name: parameter.example for parameter in required}

    @property
    def formats(self) -> tuple[ResultFormat, ...]:
        """The formats in which its rows can be written."""
        return tuple(fmt for fmt in RESULT_FORMATS if not fmt.needs_geometry or self.GEOMETRY in self.columns)

    @cached_property
    def headings(self) -> dict[str, str]:
        """The headings of the columns: the start of the explanation if short, else the name of the column."""
        stated = {name: _heading(name, meaning) for name, meaning in self.columns.items()}
        counts = Counter(stated.values())
        return {name: head if counts[head] == 1 else _in_words(name) for name, head in stated.items()}

    @cached_property
    def body(self) -> str:
        """The text without its header."""
        return re.sub(r"(?m)^#\+.*\n", "", self.text).lstrip("\n")

    @cached_property
    def why_not_pageable(self) -> str | None:
        """The reason why the answer cannot be paged, None if it can: only a SELECT that ends with its ORDER BY can."""
        return paging.why_not_pageable(self.text)

    @classmethod
    def passage_labels(cls, value: object) -> list[str]:
        """Return the labels in a cell of a column that lists passages."""
        return value.value.split(cls.BETWEEN_PASSAGES) if isinstance(value, Literal) else []

    def missing_works(self, loaded: Collection[str]) -> tuple[str, ...]:
        """Return the works that are not loaded and without which it has no rows."""
        return missing_works(self.works, loaded)

    def summary_of(self, name: str) -> str:
        """Return the summary with the name of a thing in place of “a city” and the like; empty if it says no such."""
        named, count = _ANY_THING.subn(lambda _: name, self.summary)
        return named if count == 1 else ""

    def title_with(self, names: Sequence[str]) -> str:
        """Return the summary with the names of its values: of the first in place of “a city” and the like."""
        named = self.summary_of(names[0]) if names else ""
        beside = ", ".join(names[1:] if named else names)
        return f"{named or self.summary} ({beside})" if beside else named or self.summary

    def named_with(self, parameter: Parameter, name: str) -> str:
        """Return the summary for a value of a parameter by its name; empty if it would not say what it stands for."""
        return self.title_with([name]) if parameter.name in ("thing", "country") or self.summary_of(name) else ""

    def parameter(self, name: str) -> Parameter:
        """Return a parameter by its name. Raises UnknownNameError."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise UnknownNameError(f"parameter of {self.name}", name, [p.name for p in self.parameters])


def _heading(name: str, meaning: str) -> str:
    start = _ASIDE.split(meaning)[0]
    is_head = (
        0 < len(start) <= _LONGEST_HEAD and "," not in start and not start.startswith(("if ", "true ", "whether "))
    )
    return _capitalise(re.sub("^(the|an?|its) ", "", start)) if is_head else _in_words(name)


def _in_words(name: str) -> str:
    words = re.sub("(?<=[a-z])(?=[A-Z0-9])", " ", name.removesuffix("Label")).lower()
    return {"wkt": "WKT"}.get(words, _capitalise(words))


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def canned_queries(loaded: Collection[str] | None = None) -> dict[str, CannedQuery]:
    """Return the canned queries that lists have by name, in the order of topics and names; without checks.

    Where works are `loaded`, without those that lack one.
    """
    listed = _listed_queries()
    return listed if loaded is None else {name: one for name, one in listed.items() if not one.missing_works(loaded)}


@cache
def _listed_queries() -> dict[str, CannedQuery]:
    return {name: query for name, query in queries_by_path().items() if not query.see and query.topic != "checks"}


@cache
def check_queries() -> dict[str, CannedQuery]:
    """Return the check queries by name; each row of their answers is a defect of the graph."""
    return {query.name: query for query in queries_by_path().values() if query.topic == "checks"}


def find_query(name: str) -> CannedQuery:
    """Return a canned query or a check by its name. Raises UnknownNameError with the nearest name."""
    known = queries_by_path()
    try:
        return known[name]
    except KeyError:
        offered = known if name.startswith("checks/") else canned_queries()  # checks are for maintainers
        raise UnknownNameError("canned query", name, list(offered)) from None


def find_replacement(name: str, given: Iterable[str]) -> Replacement | None:
    """Return what took the place of a question of before, or of a question as it was with given parameters.

    None where the name and the parameters are those of today, or of no question at all.
    """
    replaced = _replacements().get(name)
    is_of_today = replaced is None or (replaced.query == name and not {*given} & replaced.parameters.keys())
    return None if is_of_today else replaced


@cache
def _replacements() -> dict[str, Replacement]:
    return {old: replaced for query in canned_queries().values() for old, replaced in query.replaces.items()}


@cache
def queries_by_path() -> dict[str, CannedQuery]:
    """Return all that `find_query` finds: also checks, and what no list has."""
    return {query.path: query for query in map(read_query, sorted(resources.QUERIES.glob("*/*.rq")))}


def read_query(path: Path) -> CannedQuery:
    """Read one file. Raises PlaceError if its header is incomplete or cannot be read."""
    text = path.read_text(encoding="utf-8")
    header = "\n".join(line[2:].removeprefix(" ") for line in text.splitlines() if line.startswith("#+"))
    try:
        stated: dict[str, Any] = resources.load_yaml(header) or {}
        columns, parameters = stated.get("columns") or {}, stated.get("parameters") or []
        in_blocks = names_of_blocks(text) - {one["name"] for one in parameters}
        return CannedQuery(
            name=path.stem,
            topic=path.parent.name,
            summary=stated["summary"],
            description=stated["description"],
            tags=tuple(stated["tags"]),
            parameters=tuple(map(_parameter, parameters)),
            columns={name: meaning for name, meaning in columns.items() if name not in in_blocks},
            more={name: meaning for name, meaning in columns.items() if name in in_blocks},
            replaces={one["name"]: _replacement(path.stem, one) for one in stated.get("replaces") or []},
            view=stated.get("view", "table"),
            text=text,
            gate=GateCheck(**stated["gate"]) if "gate" in stated else None,
            scope=_scope(stated.get("scope", REPORT)),
            works=tuple(stated.get("works") or ()),
            coverage=_coverage(stated.get("coverage", "")),
            units=_units(stated.get("units") or {}, columns),
            known=_known(stated.get("known") or {}, [entry["name"] for entry in parameters]),
            unknown=_columns(stated.get("unknown") or [], columns),
            passages=_columns(stated.get("passages") or [], columns),
            see=_see(stated.get("unlisted"), stated.get("see", "")),
            needs_value=stated.get("needs_value", False),
            zh=stated.get("zh", ""),
        )
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise PlaceError(
            "The header of {place} is not complete: {cause}", "See queries/README.md.", place=path, cause=error
        ) from error


def _replacement(query: str, stated: Mapping[str, Any]) -> Replacement:
    columns = stated.get("columns") or {}
    return Replacement(
        query,
        _scope(stated.get("scope", REPORT)),
        {name: _text(value) for name, value in (stated.get("values") or {}).items()},
        stated.get("parameters") or {},
        ",".join(old if old == new else f"{new}:{old}" for old, new in columns.items()),
    )


def _see(unlisted: str | None, see: str) -> str:
    if unlisted not in (None, "until 2.0") or bool(unlisted) != bool(see):
        raise KeyError("unlisted: until 2.0, with the question or page to see")
    return see


def _scope(name: str) -> str:
    if name not in SCOPES:
        raise KeyError(f"scope: one of {', '.join(SCOPES)}")
    return name


def _coverage(of: str) -> str:
    if of and of not in CannedQuery.COVERAGES:
        raise KeyError(f"coverage: one of {', '.join(CannedQuery.COVERAGES)}")
    return of


def _known(parts: Mapping[str, str], parameters: Collection[str]) -> Mapping[str, str]:
    named = {part: name for part, name in parts.items() if part in ("actor", "other", "counterpart")}
    if parts and ({*parts} - {*named} != {"kind"} or "actor" not in named or {*named.values()} - {*parameters}):
        raise KeyError("known: a kind of tie, and parameters as actor and, where there are any, other and counterpart")
    return parts


def _columns(names: Sequence[str], explained: Collection[str]) -> tuple[str, ...]:
    if others := [name for name in names if name not in explained]:
        raise KeyError(f"{', '.join(others)} among the columns")
    return tuple(names)


def _units(units: Mapping[str, str], explained: Collection[str]) -> Mapping[str, str]:
    _columns(list(units), explained)
    return units


def _parameter(entry: dict[str, Any]) -> Parameter:
    if entry["type"] not in TYPES:
        raise KeyError(f"type of parameter {entry['name']}: one of {', '.join(TYPES)}")
    if entry["name"] in CannedQuery.RESERVED:
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
        offered=entry.get("offered"),
    )


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
