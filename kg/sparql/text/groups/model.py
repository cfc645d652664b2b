"""The parts of a SELECT query: groups of patterns, each with its text (SPARQL 1.1, sections 5 to 13)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kg.sparql.text.tokenizer import Prologue


@dataclass(frozen=True)
class Pattern:
    """One triple pattern, its terms as they are written; a blank node is a variable of its own.

    `is_path` if the predicate is a path that no triples stand for one by one: `*`, `+`, `?` or `!`.
    """

    text: str
    subject: str
    predicate: str
    value: str
    is_path: bool = False

    @property
    def sparql(self) -> str:
        """The pattern in SPARQL."""
        return f"{self.subject} {self.predicate} {self.value} ."


@dataclass(frozen=True)
class GroupPattern:
    """The text between two braces and its parts; `select` if it is a subquery."""

    text: str
    parts: tuple[Part, ...] = ()
    select: Select | None = None


@dataclass(frozen=True)
class Block:
    """A part that begins with a keyword: UNION, OPTIONAL, MINUS and GRAPH have groups, others text alone.

    A group within a group is a UNION of one. `graph` is that of GRAPH, an IRI or a variable as it is written.
    """

    keyword: str
    text: str
    groups: tuple[GroupPattern, ...] = ()
    graph: str = ""
    has_exists: bool = False

    @property
    def sparql(self) -> str:
        """The block in SPARQL; one that stands for a path has no braces in the text."""
        if self.keyword != "UNION" or self.text.startswith("{"):
            return self.text
        return " UNION ".join(f"{{ {' '.join(part.sparql for part in group.parts)} }}" for group in self.groups)


Part = Pattern | Block


@dataclass(frozen=True)
class SelectedVariable:
    """A variable that is selected, with its expression if it has one."""

    name: str
    expression: str = ""


@dataclass(frozen=True)
class Select:
    """A SELECT. `columns` are None for `*`, `keys` None where no rows are grouped; `slice` holds LIMIT and OFFSET.

    `values` is a block of VALUES behind it all. `having_at` says where the condition of HAVING stands in the text.
    """

    columns: tuple[SelectedVariable, ...] | None
    group: GroupPattern
    keys: tuple[SelectedVariable, ...] | None = None
    values: str = ""
    having: str = ""
    slice: str = ""
    having_at: tuple[int, int] = (0, 0)

    def groups(self) -> Iterator[GroupPattern]:
        """Yield its groups, with those of its blocks and subqueries."""
        pending = [self.group]
        while pending:
            group = pending.pop()
            yield group
            if group.select is not None:
                pending.append(group.select.group)
            pending += [inner for part in group.parts if isinstance(part, Block) for inner in part.groups]

    def selects(self) -> Iterator[Select]:
        """Yield it and its subqueries."""
        yield self
        yield from (group.select for group in self.groups() if group.select is not None)


@dataclass(frozen=True)
class ParsedQuery:
    """A query: its declarations, their meaning, its SELECT, and the prefix of the names of its blank nodes.

    `template` is what stands in braces behind CONSTRUCT.
    """

    declarations: str
    prologue: Prologue
    select: Select
    prefix: str
    template: GroupPattern | None = None
