"""Rewrite a query so that each of its solutions shows which triples it rests on.

Each pattern becomes a probe. An optional part is marked: it ends with a BIND to a variable of its own, so that a
solution shows whether the part is in it. Nothing else of the query changes, so that the solutions stay the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kg.errors import shorten
from kg.sparql.text.groups import Block, GroupPattern, ParsedQuery, Pattern, Select

_WHY = {
    "path": "a path of any length, or a negated one, has no evidence of its own",
    "MINUS": "what is not there has no evidence",
    "EXISTS": "a condition has no evidence",
    "SERVICE": "the answer of another endpoint has no evidence here",
    "GRAPH": "a subselect within GRAPH has no evidence",
}

_KIND_NAMES = {"path": "paths of any length or negated", "GRAPH": "subselects within GRAPH"}


@dataclass(frozen=True)
class Gap:
    """A part of the query, as written, that has no evidence, the reason, and the name of this kind of part."""

    part: str
    why: str
    kind: str = ""

    @staticmethod
    def in_one_line(gaps: Sequence[Gap]) -> str:
        """Say in one line that parts of a query have no evidence; empty where there are none."""
        if len(gaps) == 1:
            return f"No evidence for {shorten(gaps[0].part)}: {gaps[0].why}."
        kinds = ", ".join(dict.fromkeys(gap.kind or gap.part for gap in gaps))
        return f"No evidence for {len(gaps)} parts of the query: {kinds}." if gaps else ""


@dataclass(frozen=True)
class Probe:
    """A pattern of which a solution rests on a triple if it binds all `marks`; `graph` is that of GRAPH around it."""

    pattern: Pattern
    marks: tuple[str, ...]
    graph: str


@dataclass(frozen=True)
class Inner:
    """A SELECT within the query; its rows have evidence of their own."""

    select: Select
    marks: tuple[str, ...]


@dataclass
class ProbedQuery:
    """The probes of one SELECT, and the query that they are for."""

    query: str = ""
    probes: list[Probe] = field(default_factory=list)
    inner: list[Inner] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


def probe_query(read: ParsedQuery, select: Select) -> ProbedQuery:
    """Return a SELECT of a query, its own or one within it, with the text that asks for all its solutions."""
    writer = _ProbeWriter(read.prefix)
    group = writer.group(select.group, (), "")
    named = (select.columns or ()) if select.keys is None else select.keys
    bindings = [f"BIND({c.expression} AS ?{c.name})" for c in named if c.name and c.expression]
    values = select.values if select.keys is None else ""
    writer.result.query = f"{read.declarations} SELECT * WHERE {{ {group} {values} {' '.join(bindings)} }}"
    return writer.result


def key_columns(select: Select, columns: list[str]) -> list[str]:
    """Return which columns of the rows of a SELECT tell them apart by their solutions: of grouped ones, the keys."""
    if select.keys is None:
        return columns
    keys = {column.name for column in select.keys}
    return [name for name in columns if name in keys]


class _ProbeWriter:
    """Writes groups with marks, and collects probes, inner SELECTs and gaps."""

    def __init__(self, prefix: str) -> None:
        self.result = ProbedQuery()
        self._prefix = f"{prefix}m"
        self._marks = 0

    def group(self, group: GroupPattern, marks: tuple[str, ...], graph: str, mark: str = "") -> str:
        """Write a group that is part of a solution if that binds all marks; `mark` is bound by the group itself."""
        if group.select is not None:
            if graph:
                self._gap(group.text, "GRAPH")
            else:
                self.result.inner.append(Inner(group.select, marks))
            parts = [group.text]
        else:
            parts = [self._part(part, marks, graph) for part in group.parts]
        binding = f"BIND(1 AS {mark})" if mark else ""
        return f"{{ {' '.join(parts)} {binding} }}"

    def _part(self, part: Pattern | Block, marks: tuple[str, ...], graph: str) -> str:
        if isinstance(part, Pattern):
            if part.is_path:
                self._gap(part.text, "path")
            else:
                self.result.probes.append(Probe(part, marks, graph))
            return part.sparql
        if part.keyword == "OPTIONAL":
            return f"OPTIONAL {self._group_with_mark(part.groups[0], marks, graph)}"
        if part.keyword == "UNION":
            if len(part.groups) == 1:
                return self.group(part.groups[0], marks, graph)
            return " UNION ".join(self._group_with_mark(group, marks, graph) for group in part.groups)
        if part.keyword == "GRAPH":
            return f"GRAPH {part.graph} {self.group(part.groups[0], marks, part.graph)}"
        if part.keyword == "MINUS" or part.has_exists:
            self._gap(part.text, "MINUS" if part.keyword == "MINUS" else "EXISTS")
        return part.text

    def _group_with_mark(self, group: GroupPattern, marks: tuple[str, ...], graph: str) -> str:
        self._marks += 1
        mark = f"?{self._prefix}{self._marks}"
        return self.group(group, (*marks, mark), graph, mark)

    def _gap(self, text: str, why: str) -> None:
        gap = Gap(" ".join(text.split()), _WHY[why], _KIND_NAMES.get(why, why))
        if gap not in self.result.gaps:
            self.result.gaps.append(gap)
