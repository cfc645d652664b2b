"""Split an update into its operations, and parse each (SPARQL 1.1 Update, section 3 and grammar).

The reading takes a text that the engine has found well-formed, and decides only what an operation is taken to mean: its
parts are parsed again where they are evaluated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.sparql.text.scanner import Scanner, Span, UnexpectedTokenError, depth_of
from kg.sparql.text.tokenizer import NOTHING, Prologue, Token

_ON_GRAPHS = ("LOAD", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD")
_SEVERAL = ("ALL", "DEFAULT", "NAMED")
_BEFORE_OPERANDS = frozenset("(,=<>|&+-*/!")


class UnclearError(Exception):
    """The parts of a text are ambiguous; the message is the text there."""


@dataclass(frozen=True)
class OperationText:
    """The text of one operation, with the declarations before it and before the earlier ones, which hold for it too.

    `tokens` are without the semicolon behind, `end` is behind it. Offsets are those of the whole text.
    """

    text: str
    declared: tuple[Span, ...]
    prologue: Prologue
    tokens: tuple[Token, ...]
    start: int
    end: int

    @property
    def declarations(self) -> str:
        """The declarations as text, each on a line of its own."""
        return "".join(f"{self.text[start:end]}\n" for start, end in self.declared)

    def at(self, span: Span | None) -> str:
        """Return the text of a span, empty for None."""
        return self.text[span[0] : span[1]] if span else ""


@dataclass(frozen=True)
class GraphOperation:
    """An operation on whole graphs, named by its `word`.

    `graphs` are IRIs in the order of the text, or one of ALL, DEFAULT and NAMED; of LOAD they are not read.
    """

    word: str
    is_silent: bool = False
    graphs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Modification:
    """Statements to remove and to add for each solution of a WHERE; DATA has none.

    `removed` and `added` are templates and `where` a group, in braces. `graph` is that of WITH, `using` are the default
    graphs and the named graphs of USING.
    """

    piece: OperationText
    removed: Span | None = None
    added: Span | None = None
    where: Span | None = None
    graph: str | None = None
    using: tuple[tuple[str, ...], tuple[str, ...]] | None = None

    def in_graph(self, graph: str) -> str:
        """Return the operation with GRAPH around those statements of its templates that have none."""
        place, parts = self.piece.start, []
        for template in filter(None, (self.removed, self.added)):
            parts += [self.piece.text[place : template[0]], _in_graph(self.piece.at(template), graph)]
            place = template[1]
        return "".join([*parts, self.piece.text[place : self.piece.tokens[-1].end]])


def split_operations(text: str) -> Iterator[OperationText]:
    """Yield the operations of an update, which need not be well-formed; the last may be empty."""
    scan, prologue = Scanner(text), Prologue()
    declared: tuple[Span, ...] = ()
    while True:
        declared += scan.take_declarations(prologue)
        start, depth = scan.peek().start, 0
        read = []
        while (token := scan.peek()).kind != "end" and (depth > 0 or token.text != ";"):
            read.append(scan.take())
            depth = max(0, depth + depth_of(token))
        known = Prologue(prologue.base, dict(prologue.prefixes))
        if token.kind == "end":
            yield OperationText(text, declared, known, tuple(read), start, scan.at)
            return
        yield OperationText(text, declared, known, tuple(read), start, scan.take().end)


def parse_operation(piece: OperationText) -> GraphOperation | Modification | None:
    """Parse an operation; return None if it is empty. Raises UnclearError."""
    if not piece.tokens:
        return None
    scan = Scanner(piece.text, piece.start)
    try:
        operation = _on_graphs(scan, piece.prologue) or _on_statements(scan, piece)
        if scan.at != piece.tokens[-1].end and operation != GraphOperation("LOAD"):
            raise UnexpectedTokenError("the end")
    except UnexpectedTokenError:
        near = scan.peek() if scan.at < piece.tokens[-1].end else NOTHING
        raise UnclearError(near.text or piece.text[piece.start : piece.start + 30]) from None
    return operation


def _on_graphs(scan: Scanner, prologue: Prologue) -> GraphOperation | None:
    """Read an operation on whole graphs, if it is one."""
    word = scan.take_if(*_ON_GRAPHS)
    if word in ("", "LOAD"):
        return GraphOperation(word) if word else None
    is_silent = bool(scan.take_if("SILENT"))
    graphs = [_graph_or_keyword(scan, prologue)]
    if word in ("COPY", "MOVE", "ADD"):
        scan.take_if("TO")
        graphs.append(_graph_or_keyword(scan, prologue))
    return GraphOperation(word, is_silent, tuple(graphs))


def _graph_or_keyword(scan: Scanner, prologue: Prologue) -> str:
    several = scan.take_if(*_SEVERAL)
    if several:
        return several
    scan.take_if("GRAPH")
    return scan.take_iri(prologue)


def _on_statements(scan: Scanner, piece: OperationText) -> Modification:
    if any(token.kind == "string" and len(token.ends) > 1 for token in piece.tokens):
        raise UnexpectedTokenError("strings that end at one place")
    graph = scan.take_iri(piece.prologue) if scan.take_if("WITH") else None
    removed = added = None
    if scan.take_if("DELETE"):
        form = scan.take_if("DATA", "WHERE")
        removed = scan.take_group()
        if form:
            return Modification(piece, removed, where=removed if form == "WHERE" else None)
    if scan.take_if("INSERT"):
        form = scan.take_if("DATA")
        added = scan.take_group()
        if form:
            return Modification(piece, added=added)
    using = _using(scan, piece.prologue)
    if not scan.take_if("WHERE"):
        raise UnexpectedTokenError("WHERE")
    where = scan.take_group()
    _refuse_doubtful_comparisons([token for token in piece.tokens if token.start >= where[0]])
    return Modification(piece, removed, added, where, graph, using)


def _using(scan: Scanner, prologue: Prologue) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    default_graphs: list[str] = []
    named_graphs: list[str] = []
    while scan.take_if("USING"):
        graphs = named_graphs if scan.take_if("NAMED") else default_graphs
        graphs.append(scan.take_iri(prologue))
    return (tuple(default_graphs), tuple(named_graphs)) if default_graphs or named_graphs else None


def _refuse_doubtful_comparisons(where: Sequence[Token]) -> None:
    """Raise UnexpectedTokenError for `<` and `#` in parentheses and behind an operand, where a comparison can stand."""
    depth, before = 0, NOTHING
    for token in where:
        depth += (token.text == "(") - (token.text == ")")
        if depth > 0 and token.kind == "iri" and len(token.ends) > 1 and before.text not in _BEFORE_OPERANDS:
            raise UnexpectedTokenError("comparisons that can be told from IRIs")
        before = token


def _in_graph(template: str, graph: str) -> str:
    """Return a template with the statements that lie outside GRAPH put into a graph."""
    scan = Scanner(template)
    scan.expect("{")
    parts: list[str] = []
    statements: list[Token] = []  # those since the last block
    while scan.peek().start < len(template) - 1:
        token = scan.take()
        if token.keyword == "GRAPH":
            scan.take()
            parts += [_wrap_in_graph(template, statements, graph), template[token.start : scan.take_group()[1]]]
            statements = []
        elif statements or token.text != ".":  # a dot may follow a block
            statements.append(token)
    return " ".join(filter(None, ["{", *parts, _wrap_in_graph(template, statements, graph), "}"]))


def _wrap_in_graph(template: str, statements: Sequence[Token], graph: str) -> str:
    return f"GRAPH <{graph}> {{ {template[statements[0].start : statements[-1].end]} }}" if statements else ""
