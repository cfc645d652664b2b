"""Mappings: a small YAML file says what the columns of a table mean; mapping.schema.json is its schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from typing import Literal as OneOf

import yaml

from kg.errors import CityKgError, UnknownNameError, shorten
from kg.findings import MOST_FINDINGS, Finding, RefusedSubmissionError
from kg.nearest import suggest
from kg.reconciliation import Reason, finding, reason, table_refusal
from kg.tables.templates import ORGANISATIONS, POLITIES, RELATIONS

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

SCHEMA = Path(__file__).with_name("mapping.schema.json")
MOST_BYTES = 100_000

_BUILT_IN = Path(__file__).with_name("mappings")
_KINDS: Mapping[str, Mapping[str, Sequence[str]]] = {
    **{rows: {party.column: party.types for party in template.parties} for rows, template in RELATIONS.items()},
    "places": {"place": POLITIES},
    "organisations": {"organisation": ORGANISATIONS},
}
"""The kinds that a thing of a row may be, by the subject of the rows and the name of the thing in the mapping."""
_DESCRIBED_BY = ("country", "latitude", "longitude", "homepage", "defined_by")
_ACCOUNT_FIELDS = ("kind", "since", "until", "status", "character", "role", "note")

DayOrder = OneOf["", "day-first", "month-first"]
"""Which of two numbers is the day in 03/04/2006; empty if the table does not say."""

_Path = tuple[str | int, ...]
_mapping_refusal = partial(table_refusal, of="mapping")


class UnfitCellError(Exception):
    """The text of a cell does not fit its column."""

    def __init__(self, why: Reason) -> None:
        super().__init__(why.message)
        self.why = why


@dataclass(frozen=True)
class CellMapping:
    """The source of a value: a column, or a constant in the mapping.

    `values` translates words of the table, `precision` says how much of a date counts, `line` is that of the mapping.
    """

    column: str = ""
    constant: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    precision: str = ""
    line: int = 0


@dataclass(frozen=True)
class ThingMapping:
    """The way to find a thing of a row, and the kind that a new one gets ("" if it may not be new)."""

    identifiers: Mapping[str, CellMapping]
    names: Mapping[str, CellMapping]
    kinds: tuple[str, ...]
    new: str
    country: CellMapping | None = None
    latitude: CellMapping | None = None
    longitude: CellMapping | None = None
    homepage: CellMapping | None = None
    defined_by: CellMapping | None = None

    def fields(self) -> Iterator[tuple[str, CellMapping]]:
        """Yield all cells that describe the thing, each with the name of its field."""
        yield from ((f"identifiers.{name}", cell) for name, cell in self.identifiers.items())
        yield from (("name" if len(self.names) == 1 else f"name.{name}", cell) for name, cell in self.names.items())
        for name in _DESCRIBED_BY:
            if (cell := getattr(self, name)) is not None:
                yield name, cell

    @property
    def is_constant(self) -> bool:
        """True if all rows say the same of it."""
        return not any(cell.column for _, cell in self.fields())


@dataclass(frozen=True)
class SourceDeclaration:
    """The source that a mapping declares."""

    name: str
    title: str = ""
    url: str = ""
    licence: str = ""
    line: int = 0


@dataclass(frozen=True)
class TableMapping:
    """The subject of the rows of a table, and the cells of their things and accounts."""

    file: str
    rows: str
    things: Mapping[str, ThingMapping]
    account_cells: Mapping[str, CellMapping]
    source: SourceDeclaration | None
    decisions: Mapping[str, str]
    dates: DayOrder = ""

    @staticmethod
    def built_in() -> dict[str, Path]:
        """Return the paths of the mappings that come with the package, by name."""
        return {path.stem: path for path in sorted(_BUILT_IN.glob("*.yaml"))}

    @classmethod
    def load(cls, name: str) -> TableMapping:
        """Return a mapping of the package by its name, or one from a file.

        Raises UnknownNameError, CityKgError for a file that cannot be read, and what `read` raises.
        """
        path = cls.built_in().get(name, Path(name))
        try:
            return cls.read(path.read_bytes(), name)
        except FileNotFoundError:
            raise UnknownNameError("mapping", name, list(cls.built_in())) from None
        except OSError as error:
            raise CityKgError(f"{name} cannot be read: {error.strerror}.", "Name a file that you may read.") from error

    @staticmethod
    def read(body: bytes, file: str = "mapping") -> TableMapping:
        """Parse a mapping.

        Raises RefusedSubmissionError with the lines that are wrong, each with a hint.
        """
        root = _parse_yaml(body, file)
        data = _plain(root)
        lines = dict(_lines(root))
        errors: list[Any] = sorted(_validator().iter_errors(data), key=lambda error: _line(error, lines))
        if errors:
            found = {_line(error, lines): error for error in reversed(errors)}  # one error a line
            faults = [finding(_explanation(error), file, line) for line, error in sorted(found.items())]
            raise RefusedSubmissionError(faults[:MOST_FINDINGS], "mapping")
        return _build_mapping(data, lines, file)

    @staticmethod
    def add_decisions(body: bytes, decisions: Mapping[str, str]) -> bytes:
        """Return a mapping that has further decisions; its other lines and their comments stay as they are.

        Raises RefusedSubmissionError if it is not YAML.
        """
        if not body.strip():
            return yaml.safe_dump({"decisions": {**decisions}}, allow_unicode=True, sort_keys=False).encode()
        root, text = _parse_yaml(body, "mapping"), body.decode("utf-8-sig")
        if root.flow_style:
            text = yaml.safe_dump(_plain(root), allow_unicode=True, sort_keys=False)
            root = _parse_yaml(text.encode(), "mapping")
        known = _plain(root).get("decisions") or {}
        said = yaml.safe_dump({"decisions": {**known, **decisions}}, allow_unicode=True, sort_keys=False)
        return f"{_without_block(root, text, 'decisions').rstrip()}\n{said}".encode()

    @staticmethod
    def without_source(body: bytes) -> bytes:
        """Return a mapping that declares no source; its other lines and their comments stay as they are.

        Raises RefusedSubmissionError if it is not YAML.
        """
        if not body.strip():
            return body
        return _without_block(_parse_yaml(body, "mapping"), body.decode("utf-8-sig"), "source").encode()

    @staticmethod
    def keep_declared(body: bytes) -> bytes:
        """Return the source and the decisions of a mapping alone, from which its columns can be guessed anew.

        Raises RefusedSubmissionError if it is not YAML.
        """
        said = _plain(_parse_yaml(body, "mapping")) if body.strip() else {}
        kept = {name: said[name] for name in ("source", "decisions") if said.get(name)}
        return yaml.safe_dump(kept, allow_unicode=True, sort_keys=False).encode() if kept else b""

    def fields(self) -> Iterator[tuple[str, CellMapping]]:
        """Yield all cells that are read from a row, each with the path of its field, such as city_b.country."""
        for name, thing in self.things.items():
            yield from ((f"{name}.{field}", cell) for field, cell in thing.fields())
        yield from self.account_cells.items()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads, each once, in the order of the mapping."""
        return tuple(dict.fromkeys(cell.column for _, cell in self.fields() if cell.column))

    def refuse_unknown_columns(self, columns: Sequence[str]) -> None:
        """Raise RefusedSubmissionError if a table lacks columns of the mapping."""
        wrong = [cell for _, cell in self.fields() if cell.column and cell.column not in columns]
        if wrong:
            raise RefusedSubmissionError([self._unknown(cell, columns) for cell in wrong[:MOST_FINDINGS]], "mapping")

    def _unknown(self, cell: CellMapping, columns: Sequence[str]) -> Finding:
        why = reason(
            "The table has no column {name!r}.",
            f"{_suggestion(cell.column, columns, 'The columns are')} Add it, with empty cells where nothing is known, "
            "or leave it out of the mapping.",
            name=cell.column,
        )
        return finding(why, self.file, cell.line)


def _without_block(root: yaml.MappingNode, text: str, name: str) -> str:
    """Return the text of a mapping without a key and the block that it has."""
    for key, value in root.value:
        if key.value == name and isinstance(value, yaml.MappingNode):
            # the mark of a block is where the next one begins, behind its comments
            last = value if value.flow_style else value.value[-1][1]
            text = text[: key.start_mark.index] + text[last.end_mark.index :]
    return text


def _parse_yaml(body: bytes, file: str) -> yaml.MappingNode:
    """Parse the YAML of a mapping into nodes with lines.

    Raises RefusedSubmissionError, also for aliases and duplicate keys.
    """
    if len(body) > MOST_BYTES:
        raise _mapping_refusal(
            reason("The mapping has more than {most:,} bytes.", "Name the columns alone.", most=MOST_BYTES), file
        )
    try:
        root = yaml.compose(body.decode("utf-8-sig"), Loader=yaml.BaseLoader)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise _mapping_refusal(reason("The mapping is not UTF-8.", "Save it as UTF-8."), file, line) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = reason("This is not YAML: {problem}.", problem=getattr(error, "problem", None) or "a bad character")
        raise _mapping_refusal(why, file, mark.line + 1 if mark else 1) from None
    except RecursionError:
        raise _mapping_refusal(
            reason("The mapping is nested too deep.", "See docs/curating/imports.md."), file
        ) from None
    if not isinstance(root, yaml.MappingNode):
        raise _mapping_refusal(
            reason("A mapping begins with what its rows are.", "For example: rows: twinnings"), file, 1
        )
    _refuse_doubles(root, file, set())
    return root


def _refuse_doubles(node: yaml.Node, file: str, seen: set[int]) -> None:
    if id(node) in seen:
        why = reason("YAML aliases are not accepted here.", "Write the part out again.")
        raise _mapping_refusal(why, file, node.start_mark.line + 1)
    seen.add(id(node))
    keys = set[str]()
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value in keys or not isinstance(key, yaml.ScalarNode):
            why = reason("{name!r} is there twice.", "Leave out one.", name=str(key.value))
            raise _mapping_refusal(why, file, key.start_mark.line + 1)
        keys.add(key.value)
        _refuse_doubles(value, file, seen)
    for value in node.value if isinstance(node, yaml.SequenceNode) else ():
        _refuse_doubles(value, file, seen)


def _plain(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _plain(value) for key, value in node.value}
    return [_plain(value) for value in node.value] if isinstance(node, yaml.SequenceNode) else node.value


def _lines(node: yaml.Node, path: _Path = ()) -> Iterator[tuple[_Path, int]]:
    """Yield the path and the line of each part of a mapping; the line of a field is that of its key."""
    parts: list[tuple[str | int, yaml.Node, yaml.Node]] = []
    if isinstance(node, yaml.MappingNode):
        parts = [(key.value, key, value) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        parts = [(at, value, value) for at, value in enumerate(node.value)]
    for name, where, value in parts:
        yield (*path, name), where.start_mark.line + 1
        yield from _lines(value, (*path, name))


@cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 – it takes 0.1 s to load

    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


# The errors of jsonschema are not typed, so the functions below take them as Any.


def _line(error: Any, lines: Mapping[_Path, int]) -> int:
    """Return the line of an error; for a field that should not be there, the line of that field."""
    path = tuple(error.absolute_path)
    return lines.get((*path, _name(error)), lines.get(path, 1))


def _name(error: Any) -> str:
    """Return the field whose name is the error, empty for other errors."""
    if error.validator == "additionalProperties":
        return str(min(set(error.instance) - set(error.schema["properties"])))
    return str(error.instance) if "propertyNames" in error.absolute_schema_path else ""


def _explanation(error: Any) -> Reason:
    """Explain an error in the words of the mapping's author."""
    at, name = ".".join(map(str, error.absolute_path)), _name(error)
    if error.validator in ("required", "dependentRequired"):
        wanted = error.validator_value
        names = wanted if isinstance(wanted, list) else [one for name in error.instance for one in wanted.get(name, ())]
        missing = next(one for one in names if one not in error.instance)
        return reason("The field {name!r} is missing.", "See docs/curating/imports.md.", name=missing)
    if name:
        known = error.schema["properties"] if error.validator == "additionalProperties" else error.validator_value
        hint = _suggestion(name, [*known], "Available:") if not isinstance(known, str) else _description(error)
        return reason("There is no field {name!r} here.", hint, name=name)
    if error.validator == "enum":
        value = shorten(str(error.instance))
        return reason("{value!r} is not allowed here.", _suggestion(value, error.validator_value), value=value)
    return reason("The value at {place} is not valid.", _description(error), place=at or "the top")


def _description(error: Any) -> str:
    return str(error.schema.get("description", "See docs/curating/imports.md."))


def _suggestion(name: str, known: Sequence[str], words: str = "One of:") -> str:
    return suggest(name, known, f"{words} {', '.join(known)}.")


def _build_mapping(data: Mapping[str, Any], lines: Mapping[_Path, int], file: str) -> TableMapping:
    def cell(*path: str) -> CellMapping | None:
        value: Any = data
        for part in path:
            if part not in value:
                return None
            value = value[part]
        return CellMapping(**({"column": value} if isinstance(value, str) else value), line=lines[path])

    def cells(*path: str) -> dict[str, CellMapping]:
        value: Any = data
        for part in path:
            value = value.get(part, {})
        return {name: found for name in value if (found := cell(*path, name)) is not None}

    def thing(name: str, can_stand: Sequence[str]) -> ThingMapping:
        stated = data[name]
        named = stated.get("name", {})
        is_one = isinstance(named, str) or not named.keys().isdisjoint(("column", "constant"))
        one = cell(name, "name") if is_one else None
        kinds = stated.get("kind", can_stand)
        return ThingMapping(
            identifiers=cells(name, "identifiers"),
            names={stated.get("language", "en"): one} if one is not None else cells(name, "name"),
            kinds=(kinds,) if isinstance(kinds, str) else tuple(kinds),
            new="" if stated.get("new", "no") == "no" else stated["new"],
            **{field: cell(name, field) for field in _DESCRIBED_BY},
        )

    return TableMapping(
        file=file,
        rows=data["rows"],
        things={name: thing(name, kinds) for name, kinds in _KINDS[data["rows"]].items()},
        account_cells={name: found for name in _ACCOUNT_FIELDS if (found := cell(name)) is not None},
        source=SourceDeclaration(**data["source"], line=lines[("source",)]) if "source" in data else None,
        decisions=dict(data.get("decisions", {})),
        dates=data.get("dates", ""),
    )
