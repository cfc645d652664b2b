"""Read the patterns of a query, with property paths, from its text (SPARQL 1.1, sections 9 and 19.8).

Expressions stay as they are written. It accepts more texts as queries than the engine does; a text that it does not
understand it refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from kg.sparql.text.groups.model import Block, GroupPattern, ParsedQuery, Part, Pattern, Select, SelectedVariable
from kg.sparql.text.scanner import Scanner, UnexpectedTokenError
from kg.sparql.text.tokenizer import Prologue, Token, each_token

_REPEATED = ("*", "+", "?")


@dataclass(frozen=True)
class Path:
    """A path: `kind` is step, reverse, sequence, alternative, or other for what no single triples stand for."""

    kind: str
    text: str
    parts: tuple[Path, ...] = ()

    @classmethod
    def read(cls, scan: Scanner) -> Path:
        """Read a predicate: a variable or a path. Raises UnexpectedTokenError."""
        if scan.peek().kind == "variable":
            return cls("step", scan.take().text)
        return cls._several(scan, "|", "alternative", lambda scan: cls._several(scan, "/", "sequence", cls._element))

    @classmethod
    def _several(cls, scan: Scanner, sign: str, kind: str, read: Callable[[Scanner], Path]) -> Path:
        begin = scan.peek().start
        parts = [read(scan)]
        while scan.peek().text == sign:
            scan.take()
            parts.append(read(scan))
        return parts[0] if len(parts) == 1 else cls(kind, scan.text[begin : scan.at], tuple(parts))

    @classmethod
    def _element(cls, scan: Scanner) -> Path:
        begin = scan.peek().start
        reverse = scan.peek().text == "^"
        if reverse:
            scan.take()
        inner_begin = scan.peek().start
        inner = cls._primary(scan)
        if scan.peek().text in _REPEATED:
            scan.take()
            inner = cls("other", scan.text[inner_begin : scan.at])
        return cls("reverse", scan.text[begin : scan.at], (inner,)) if reverse else inner

    @classmethod
    def _primary(cls, scan: Scanner) -> Path:
        token = scan.take()
        if token.kind in ("iri", "name") or token.text == "a":
            return cls("step", token.text)
        if token.text == "(":
            inner = cls.read(scan)
            end = scan.expect(")").end
            return cls(inner.kind, scan.text[token.start : end], inner.parts) if inner.parts else inner
        if token.text == "!":
            scan.take_balanced() if scan.peek().text != "^" else (scan.take(), scan.take())
            return cls("other", scan.text[token.start : scan.at])
        raise UnexpectedTokenError("a path")


_AGGREGATES = frozenset("COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT".split())
_BEHIND = frozenset("GROUP HAVING ORDER LIMIT OFFSET VALUES".split())
_MOST_LEVELS = 50
_EXISTS = re.compile(r"\bEXISTS\s*\{", re.IGNORECASE)
_LAST_AS = re.compile(r"(?is)^(.*)\bAS\b\s*[?$](\w+)\s*$")


def parse_query(text: str, form: str = "SELECT") -> ParsedQuery:
    """Parse a query; one of another form than SELECT counts as SELECT * of its pattern.

    Raises UnexpectedTokenError.
    """
    scan, prefix, prologue = Scanner(text), _free_prefix(text), Prologue()
    scan.take_declarations(prologue)
    declarations = text[: scan.at]
    reader = _PatternReader(scan, prefix)
    if scan.peek().keyword != form:
        raise UnexpectedTokenError(form)
    try:
        select = reader.select() if form == "SELECT" else reader.pattern_of(form)
    except RecursionError:
        raise UnexpectedTokenError("fewer brackets within each other") from None
    if scan.peek().kind != "end":
        raise UnexpectedTokenError("the end")
    return ParsedQuery(declarations, prologue, select, prefix, reader.template)


def find_selects(text: str, most: int) -> Iterator[Select]:
    """Yield the first SELECTs of a query, outer before inner, also in EXISTS and MINUS.

    What is not understood is left out.
    """
    prefix = _free_prefix(text)
    found = (token for token in each_token(text) if token.keyword == "SELECT")
    for token in islice(found, most):
        with suppress(UnexpectedTokenError, RecursionError):
            yield _PatternReader(Scanner(text, token.start), prefix).select()


def _free_prefix(text: str) -> str:
    """Return a prefix that no variable of a query has."""
    prefix = "w"
    while re.search(rf"[?$]{prefix}", text):
        prefix += "w"
    return prefix


class _PatternReader:
    """Reads the patterns of one query, from front to back."""

    def __init__(self, scan: Scanner, prefix: str) -> None:
        self._scan = scan
        self._prefix = prefix
        self._blanks: dict[str, str] = {}
        self._made = 0
        self._level = 0
        self.template: GroupPattern | None = None

    def _new_node(self) -> str:
        self._made += 1
        return f"?{self._prefix}{self._made}"

    def select(self) -> Select:
        """Read a SELECT up to the closing brace or the end."""
        scan = self._scan
        scan.expect("SELECT")
        scan.take_if("DISTINCT", "REDUCED")
        columns, selected = self._columns()
        while scan.take_if("FROM"):
            scan.take_if("NAMED")
            scan.take()
        return self._select_body(columns, selected)

    def pattern_of(self, form: str) -> Select:
        """Read the pattern of a query of another form."""
        scan = self._scan
        scan.expect(form)
        if form == "CONSTRUCT" and scan.peek().text == "{":
            self.template = self._group()
        while scan.peek().text != "{" and scan.peek().kind != "end":
            scan.take()
        return self._select_body(None, "")

    def _select_body(self, columns: tuple[SelectedVariable, ...] | None, selected: str) -> Select:
        """Read the pattern and the clauses after it."""
        scan = self._scan
        scan.take_if("WHERE")
        group = self._group()
        keys: list[SelectedVariable] | None = None
        clauses = dict.fromkeys(("HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"), "")
        having_at = (0, 0)
        while keyword := scan.take_if(*_BEHIND):
            if keyword == "GROUP":
                scan.expect("BY")
                keys = self._keys()
                continue
            begin = scan.at
            while scan.peek(expression=True).keyword not in _BEHIND - {"VALUES"} and not scan.is_over(keyword):
                scan.take_balanced(expression=True)
            clauses[keyword] = f"{keyword} {scan.text[begin : scan.at].strip()}"
            having_at = (begin, scan.at) if keyword == "HAVING" else having_at
        is_aggregate = _has_aggregate(selected) or _has_aggregate(clauses["HAVING"] + clauses["ORDER"])
        if keys is None and is_aggregate:
            keys = []
        return Select(
            columns,
            group,
            None if keys is None else tuple(keys),
            clauses["VALUES"],
            clauses["HAVING"],
            f"{clauses['LIMIT']} {clauses['OFFSET']}".strip(),
            having_at,
        )

    def _columns(self) -> tuple[tuple[SelectedVariable, ...] | None, str]:
        scan, begin = self._scan, self._scan.at
        if scan.peek().text == "*":
            scan.take()
            return None, ""
        columns = []
        while (token := scan.peek()).kind == "variable" or token.text == "(":
            columns.append(self._column())
        return tuple(columns), scan.text[begin : scan.at]

    def _column(self) -> SelectedVariable:
        token = self._scan.peek()
        if token.kind == "variable":
            return SelectedVariable(self._scan.take().text[1:])
        inside = self._scan.take_balanced()[1:-1]
        found = _LAST_AS.search(inside)
        return SelectedVariable(found[2], found[1]) if found else SelectedVariable("", inside)

    def _keys(self) -> list[SelectedVariable]:
        """Read the keys of GROUP BY; an expression without an alias has an empty name."""
        scan, keys = self._scan, []
        while scan.peek().keyword not in _BEHIND and not scan.is_over("GROUP"):
            if scan.peek().kind == "variable" or scan.peek().text == "(":
                keys.append(self._column())
            else:
                self._constraint()
                keys.append(SelectedVariable(""))
        return keys

    def _group(self) -> GroupPattern:
        scan, begin = self._scan, self._scan.peek().start
        self._level += 1
        if self._level > _MOST_LEVELS:
            raise UnexpectedTokenError("fewer groups within each other")
        scan.expect("{")
        select = None
        parts: list[Part] = []
        if scan.peek().keyword == "SELECT":
            select = self.select()
        while scan.peek().text != "}":
            if scan.peek().text == ".":
                scan.take()
            else:
                parts += self._part()
        end = scan.expect("}").end
        self._level -= 1
        return GroupPattern(scan.text[begin:end], tuple(parts), select)

    def _part(self) -> list[Part]:
        scan, token = self._scan, self._scan.peek()
        begin = token.start
        keyword = token.keyword
        if token.text == "{":
            groups = [self._group()]
            while scan.take_if("UNION"):
                groups.append(self._group())
            return [Block("UNION", scan.text[begin : scan.at], tuple(groups))]
        if scan.take_if("OPTIONAL", "MINUS"):
            group = self._group()
            return [Block(keyword, scan.text[begin : scan.at], (group,))]
        if scan.take_if("GRAPH"):
            name = scan.take()
            group = self._group()
            return [Block("GRAPH", scan.text[begin : scan.at], (group,), name.text)]
        if keyword in ("FILTER", "BIND", "VALUES"):
            return [self._keyword_part(scan.take())]
        if token.kind == "word" and keyword not in ("A", "TRUE", "FALSE"):
            raise UnexpectedTokenError(f"no {keyword}")
        return self._triples()

    def _keyword_part(self, first: Token) -> Block:
        scan, keyword = self._scan, first.keyword
        if keyword == "VALUES":
            scan.take_balanced(expression=True)
            scan.take_balanced()
        else:
            self._constraint()
        text = scan.text[first.start : scan.at]
        has_exists = keyword in ("FILTER", "BIND") and bool(_EXISTS.search(text))
        return Block(keyword, text, has_exists=has_exists)

    def _constraint(self) -> None:
        """Skip what follows FILTER or BIND: an expression in parentheses, a call, or EXISTS with a group."""
        scan = self._scan
        if scan.peek().text == "(":
            scan.take_balanced()
            return
        while scan.peek().kind in ("word", "name", "iri"):
            scan.take()
        if scan.peek().text not in ("(", "{"):
            raise UnexpectedTokenError("a condition")
        scan.take_balanced()

    def _triples(self) -> list[Part]:
        """Read a subject with its properties, including those of blank nodes in it."""
        found: list[Part] = []
        begin = self._scan.peek().start
        opens_node = self._scan.peek().text in ("[", "(")
        subject = self._node(found)
        shown = self._scan.text[begin : self._scan.at]
        if not opens_node or self._is_at_verb():
            self._properties(subject, shown, found)
        return found

    def _properties(self, subject: str, shown: str, found: list[Part]) -> None:
        scan = self._scan
        while True:
            begin = scan.peek().start
            path = Path.read(scan)
            verb = scan.text[begin : scan.at]
            while True:
                begin = scan.peek().start
                value = self._node(found)
                text = f"{shown} {verb} {scan.text[begin : scan.at]}"
                found += self._path_patterns(subject, path, value, text)
                if scan.peek().text != ",":
                    break
                scan.take()
            if scan.peek().text != ";":
                return
            while scan.peek().text == ";":
                scan.take()
            if not self._is_at_verb():
                return

    def _is_at_verb(self) -> bool:
        token = self._scan.peek()
        return token.kind in ("variable", "iri", "name") or token.text in ("a", "^", "!", "(")

    def _path_patterns(self, subject: str, path: Path, value: str, text: str) -> list[Part]:
        """Return the patterns of a path: a sequence over new variables, an alternative as a union."""
        if path.kind == "reverse":
            return self._path_patterns(value, path.parts[0], subject, text)
        if path.kind == "sequence":
            nodes = [subject, *(self._new_node() for _ in path.parts[1:]), value]
            steps = zip(nodes, path.parts, nodes[1:], strict=False)
            return [pattern for start, part, end in steps for pattern in self._path_patterns(start, part, end, text)]
        if path.kind == "alternative":
            ways = (GroupPattern(text, tuple(self._path_patterns(subject, part, value, text))) for part in path.parts)
            return [Block("UNION", text, tuple(ways))]
        return [Pattern(text, subject, path.text, value, is_path=path.kind == "other")]

    def _node(self, found: list[Part]) -> str:
        """Read a term; a blank node becomes a new variable, and its properties are added to `found`."""
        scan = self._scan
        token = scan.peek()
        if token.text == "[":
            scan.take()
            node = self._new_node()
            if scan.peek().text != "]":
                self._properties(node, "[]", found)
            scan.expect("]")
            return node
        if token.text == "(":
            return self._collection(found)
        if token.kind == "name" and token.text.startswith("_:"):
            return self._blanks.setdefault(scan.take().text, self._new_node())
        return scan.take_term()

    def _collection(self, found: list[Part]) -> str:
        self._scan.take()
        items = []
        while self._scan.peek().text != ")":
            items.append(self._node(found))
        self._scan.take()
        rest = "rdf:nil"
        for item in reversed(items):
            node = self._new_node()
            found.append(Pattern("( … )", node, "rdf:first", item))
            found.append(Pattern("( … )", node, "rdf:rest", rest))
            rest = node
        return rest


def _has_aggregate(text: str) -> bool:
    return any(re.search(rf"\b{name}\b\s*\(", text, re.IGNORECASE) for name in _AGGREGATES)
