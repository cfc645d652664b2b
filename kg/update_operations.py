"""Read what an operation of an update is to do (SPARQL 1.1 Update, section 3); what is never done here is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kg import namespaces as ns
from kg.query_guard import Dataset
from kg.query_tokens import NOTHING, Token, ends, keyword
from kg.update_cutting import Piece, Span, depth_of
from kg.update_errors import RefusedUpdateError, UpdateError
from kg.update_rewriting import DRAFT, in_graph

_BEFORE_OPERANDS = frozenset("(,=<>|&+-*/!")


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

    def rewritten(self) -> str:
        """Return the operation with GRAPH around the statements that are outside any; only described if it is long."""
        return in_graph(self.text, self.templates)


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
        if any(keyword(self._next(ahead)) != word for ahead, word in enumerate(words)):
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
        if any(token.kind == "string" and len(ends(token)) > 1 for token in self.piece.tokens):
            raise self._unclear()

    def _refuse_doubtful_comparisons(self, where: Sequence[Token]) -> None:
        """Comparisons stand in parentheses only, and behind an operand."""
        depth, before = 0, NOTHING
        for token in where:
            depth += (token.text == "(") - (token.text == ")")
            if depth > 0 and token.kind == "iri" and len(ends(token)) > 1 and before.text not in _BEFORE_OPERANDS:
                raise self._unclear()
            before = token

    def _unclear(self) -> UpdateError:
        return UpdateError(
            "It cannot be seen for certain what the parts of the update are, "
            f"near: {self._next().text or self.piece.text[self.piece.start : self.piece.start + 30]}",
            "Put spaces around each keyword, write whole IRIs, and no \\u escapes in long strings.",
        )
