"""Cut an update into its operations and read what each is to do (SPARQL 1.1 Update, section 3 and grammar).

An operation goes with the declarations that hold for it. The reading decides only what an operation is taken to mean:
its parts are parsed again where they are evaluated, and nothing here is run. What is never done here is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kg.rdf import namespaces as ns
from kg.sparql.evaluation import Dataset
from kg.sparql.text import NOTHING, Prologue, Token, holds_service, tokens
from kg.updates.errors import RefusedUpdateError, UpdateError

MOST_OPERATIONS = 1_000
DRAFT = ns.GRAPH + "curated/draft"
"""The graph that hints name."""

Span = tuple[int, int]
"""Offsets in a text: where something begins, and behind its end."""

_DECLARATIONS = {"BASE": 2, "PREFIX": 3, "VERSION": 2}  # tokens of each
_BEFORE_OPERANDS = frozenset("(,=<>|&+-*/!")


@dataclass(frozen=True)
class Piece:
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


def cut(text: str) -> list[Piece]:
    """Return the operations of an update, which need not be well-formed; the last may be empty.

    Raises UpdateError for too many.
    """
    prologue = Prologue()
    declared: tuple[Span, ...] = ()
    found: list[Piece] = []
    for part in _parts(text):
        declarations, rest = _without_declarations(part, prologue)
        declared += declarations
        semicolon = bool(rest) and rest[-1].text == ";"
        start, end = (rest[0].start, rest[-1].end) if rest else (len(text), len(text))
        known = Prologue(prologue.base, dict(prologue.prefixes))
        found.append(Piece(text, declared, known, tuple(rest[:-1] if semicolon else rest), start, end))
        if len(found) > MOST_OPERATIONS + 1:
            raise UpdateError(
                f"The update has more than {MOST_OPERATIONS:,} operations.",
                "Write many statements into one INSERT DATA, or send several updates.",
            )
    return found


def refuse_service(text: str) -> None:
    """Raise RefusedUpdateError if SERVICE can be read in an update, by any reading (kg.sparql.text.services)."""
    if "service" in text.lower() and holds_service(text):
        raise RefusedUpdateError(
            "The update holds SERVICE. This server asks no other endpoint for an update.",
            "Ask it yourself and put its answer into VALUES. A name that begins with service: needs a dot before the "
            "brace that follows it.",
        )


def _parts(text: str) -> Iterator[list[Token]]:
    """Yield the tokens between the semicolons outside braces, each with the semicolon that ends it."""
    part: list[Token] = []
    depth = 0
    for token in tokens(text):
        part.append(token)
        depth = max(0, depth + depth_of(token))
        if token.text == ";" and depth == 0:
            yield part
            part = []
    yield part


def depth_of(token: Token) -> int:
    """Return by how much a token leads deeper into braces."""
    return (token.text == "{") - (token.text == "}")


def _without_declarations(part: list[Token], prologue: Prologue) -> tuple[tuple[Span, ...], list[Token]]:
    """Return the spans of the declarations at the beginning, of which the prologue takes note, and what is left."""
    spans, place = [], 0
    while (length := _DECLARATIONS.get(part[place].keyword if place < len(part) else "")) is not None:
        declaration = [*part[place : place + length], NOTHING, NOTHING]
        prologue.read(*declaration[:3])
        place += length
        spans.append((declaration[0].start, part[min(place, len(part)) - 1].end))
    return tuple(spans), part[place:]


@dataclass(frozen=True)
class Modification:
    """Statements to remove and to add for each solution of a WHERE; for DATA, that of an empty group.

    `removed` and `added` are templates and `where` a group, in braces, "" if there is none. `graph` is that of WITH,
    `dataset` what USING says. `text` is the whole operation, `templates` are the places of its templates in it.
    """

    declarations: str
    text: str
    templates: tuple[Span, ...]
    removed: str
    added: str
    where: str
    graph: str | None = None
    dataset: Dataset | None = None

    @classmethod
    def copy(cls, where: str, target: str) -> Modification:
        """Return the operation that adds each triple ?s ?p ?o of a group to a graph."""
        return cls("", "", (), "", f"{{ GRAPH <{target}> {{ ?s ?p ?o }} }}", where)

    @property
    def reads(self) -> bool:
        """Whether it reads the graph."""
        return self.where != "{}"


@dataclass(frozen=True)
class Removal:
    """CLEAR or DROP of a graph: the same thing here, since there are no empty graphs."""

    graph: str
    silent: bool


@dataclass(frozen=True)
class Creation:
    """CREATE of a graph, which will be there once something is in it."""

    graph: str
    silent: bool


@dataclass(frozen=True)
class Transfer:
    """COPY, MOVE or ADD of a graph, None being the default graph."""

    word: str
    source: str | None
    target: str
    silent: bool


Operation = Modification | Removal | Creation | Transfer


def read(piece: Piece) -> Operation | None:
    """Return what an operation is to do, None if it is empty.

    Raises RefusedUpdateError for LOAD, and for what would write many graphs or the default graph as a whole;
    UpdateError where it cannot be seen for certain.
    """
    if not piece.tokens:
        return None
    reader = _Reader(piece)
    operation = reader.management() or reader.modification()
    reader.expect_end()
    return operation


@dataclass
class _Reader:
    """A place among the tokens of an operation."""

    piece: Piece
    place: int = field(default=0)

    def management(self) -> Operation | None:
        """Read an operation on whole graphs, if it is one."""
        if self._takes("LOAD"):
            raise RefusedUpdateError(
                "The update holds LOAD. This server fetches nothing.", "Send the statements themselves: INSERT DATA."
            )
        for word in ("CLEAR", "DROP"):
            if self._takes(word):
                return self._removal(word)
        for word in ("COPY", "MOVE", "ADD"):
            if self._takes(word):
                return self._transfer(word)
        if self._takes("CREATE"):
            silent, _ = self._takes("SILENT"), self._takes("GRAPH")
            return Creation(self._iri(), silent)
        return None

    def _removal(self, word: str) -> Removal:
        silent = self._takes("SILENT")
        for which in ("ALL", "DEFAULT", "NAMED"):
            if self._takes(which):
                raise RefusedUpdateError(
                    f"{word} {which} would empty graphs that files and rules write.",
                    f"Name one graph that you may write: {word} GRAPH <{ns.GRAPH}curated/…>",
                )
        self._takes("GRAPH")
        return Removal(self._iri(), silent)

    def _transfer(self, word: str) -> Transfer:
        silent = self._takes("SILENT")
        source = self._graph_or_default()
        self._takes("TO")
        target = self._graph_or_default()
        if target is None or (word == "MOVE" and source is None):
            raise RefusedUpdateError(
                f"{word} would write the default graph, which follows from the named ones.",
                f"Name a graph that you may write: {word} … TO GRAPH <{DRAFT}>",
            )
        return Transfer(word, source, target, silent)

    def modification(self) -> Modification:
        """Read an operation on statements."""
        self._refuse_doubtful_strings()
        if self._takes("INSERT", "DATA"):
            return self._made(added=self._group())
        if self._takes("DELETE", "DATA"):
            return self._made(removed=self._group())
        if self._takes("DELETE", "WHERE"):
            pattern = self._group()
            return self._made(removed=pattern, where=pattern)
        graph = self._iri() if self._takes("WITH") else None
        removed = self._group() if self._takes("DELETE") else None
        added = self._group() if self._takes("INSERT") else None
        dataset = self._dataset()
        if not self._takes("WHERE"):
            raise self._unclear()
        before = self.place
        where = self._group()
        self._refuse_doubtful_comparisons(self.piece.tokens[before : self.place])
        return self._made(removed, added, where, graph, dataset)

    def _made(
        self,
        removed: Span | None = None,
        added: Span | None = None,
        where: Span | None = None,
        graph: str | None = None,
        dataset: Dataset | None = None,
    ) -> Modification:
        def text(span: Span | None, otherwise: str) -> str:
            return self.piece.text[span[0] : span[1]] if span else otherwise

        start = self.piece.start
        return Modification(
            declarations=self.piece.declarations,
            text=text((start, self.piece.tokens[-1].end), ""),
            templates=tuple((first - start, last - start) for first, last in filter(None, (removed, added))),
            removed=text(removed, ""),
            added=text(added, ""),
            where=text(where, "{}"),
            graph=graph,
            dataset=dataset,
        )

    def _dataset(self) -> Dataset | None:
        default_graphs: list[str] = []
        named_graphs: list[str] = []
        while self._takes("USING"):
            graphs = named_graphs if self._takes("NAMED") else default_graphs
            graphs.append(self._iri())
        return Dataset(tuple(default_graphs), tuple(named_graphs)) if default_graphs or named_graphs else None

    def expect_end(self) -> None:
        """Raise UpdateError if something is left."""
        if self.place != len(self.piece.tokens):
            raise self._unclear()

    def _takes(self, *words: str) -> bool:
        """Go past the words, if they come next."""
        if any(self._next(ahead).keyword != word for ahead, word in enumerate(words)):
            return False
        self.place += len(words)
        return True

    def _next(self, ahead: int = 0) -> Token:
        place = self.place + ahead
        return self.piece.tokens[place] if place < len(self.piece.tokens) else NOTHING

    def _iri(self) -> str:
        iri = self.piece.prologue.iri(self._next())
        if iri is None:
            raise self._unclear()
        self.place += 1
        return iri

    def _graph_or_default(self) -> str | None:
        if self._takes("DEFAULT"):
            return None
        self._takes("GRAPH")
        return self._iri()

    def _group(self) -> Span:
        """Go past a group in braces; return its offsets."""
        if self._next().text != "{":
            raise self._unclear()
        start, depth = self._next().start, 0
        for token in self.piece.tokens[self.place :]:
            self.place += 1
            depth += depth_of(token)
            if depth == 0:
                return start, token.end
        raise self._unclear()

    def _refuse_doubtful_strings(self) -> None:
        if any(token.kind == "string" and len(token.ends) > 1 for token in self.piece.tokens):
            raise self._unclear()

    def _refuse_doubtful_comparisons(self, where: Sequence[Token]) -> None:
        """Comparisons stand in parentheses only, and behind an operand."""
        depth, before = 0, NOTHING
        for token in where:
            depth += (token.text == "(") - (token.text == ")")
            if depth > 0 and token.kind == "iri" and len(token.ends) > 1 and before.text not in _BEFORE_OPERANDS:
                raise self._unclear()
            before = token

    def _unclear(self) -> UpdateError:
        return UpdateError(
            "It cannot be seen for certain what the parts of the update are, "
            f"near: {self._next().text or self.piece.text[self.piece.start : self.piece.start + 30]}",
            "Put spaces around each keyword, write whole IRIs, and no \\u escapes in long strings.",
        )
