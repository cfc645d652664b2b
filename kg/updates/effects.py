"""What the operations of an update do to the graph: the quads that each takes away and adds, upon those before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Protocol

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from kg.history import ConflictError
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.sparql.evaluation import Dataset
from kg.sparql.text import Token, tokens
from kg.updates.errors import DefaultGraphUpdateError, RefusedUpdateError
from kg.updates.parser import DRAFT, Creation, Modification, Operation, Removal, Span, Transfer, depth_of
from kg.workers import LimitReachedError

MOST_QUADS = 100_000
"""Solutions of one WHERE; quads that an operation may take away and add, and the whole update in the end."""

_LONGEST_SHOWN = 2_000  # characters of a rewritten operation

Effect = tuple[list[Quad], list[Quad]]
"""Quads to take away, and to add after that."""


class State:
    """Named graphs with a change that grows; the store is only read. Quads are in the engine's canonical form.

    None of `added` is in the store, all of `removed` are.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.added: set[Quad] = set()
        self.removed: set[Quad] = set()

    def change(self, removed: Iterable[Quad], added: Iterable[Quad]) -> None:
        """Take quads away, then add others, wherever that changes something."""
        for quad in removed:
            self.added.discard(quad)
            if quad in self.store:
                self.removed.add(quad)
        for quad in added:
            self.removed.discard(quad)
            if quad not in self.store:
                self.added.add(quad)

    def quads(self, graph: str) -> Iterator[Quad]:
        """Yield the quads of a named graph."""
        name = NamedNode(graph)
        yield from (quad for quad in self.added if quad.graph_name == name)
        yield from (quad for quad in match(self.store, graph=name) if quad not in self.removed)


class Evaluates(Protocol):
    """What evaluates the operations of one update; see kg.updates.evaluator."""

    def check(self, declarations: str, text: str) -> dict[str, Any]:
        """Return what the engine says of the syntax of an operation (`check` of kg.programs.update)."""

    def evaluate(self, request: dict[str, Any], state: State | None) -> tuple[dict[str, Any], bytes]:
        """Return what an operation would do to the graph in a state, None where it does not read it."""


def effect_of(operation: Operation, state: State, evaluator: Evaluates, using: Dataset | None) -> Effect:
    """Return what an operation does; `using` is the data set of a WHERE that says none.

    Raises RefusedUpdateError for graphs that are not curated, DefaultGraphUpdateError, ConflictError, and what
    `evaluator` raises.
    """
    if isinstance(operation, Modification):
        return _of_modification(operation, state, evaluator, using)
    if isinstance(operation, Removal):
        return _of_removal(operation, state)
    if isinstance(operation, Creation):
        return _of_creation(operation, state)
    return _of_transfer(operation, state, evaluator)


def too_many() -> LimitReachedError:
    """Return the error of more than MOST_QUADS quads."""
    return LimitReachedError("rows", f"more than {MOST_QUADS:,} statements change", "Send several updates.")


def _of_modification(
    operation: Modification, state: State, evaluator: Evaluates, using: Dataset | None = None
) -> Effect:
    dataset = operation.dataset or using
    request = {
        "declarations": operation.declarations,
        "graph": operation.graph,
        "removed": operation.removed,
        "added": operation.added,
        "where": operation.where,
        "dataset": dataset and [dataset.default_graphs, dataset.named_graphs],
        "rows": MOST_QUADS,
    }
    said, body = evaluator.evaluate(request, state if operation.reads else None)
    if said["default_graph"]:
        raise DefaultGraphUpdateError(
            "The update writes to the default graph, which follows from the named ones.",
            f"Say which graph states it, for example: {in_graph(operation.text, operation.templates)}",
        )
    removed, added = _quads(body[: said["removed"]]), _quads(body[said["removed"] :])
    _refuse_unwritable({*said["graphs"], *_graphs(removed), *_graphs(added)})
    return removed, added


def _of_removal(operation: Removal, state: State) -> Effect:
    _refuse_unwritable([operation.graph])
    removed = _content(operation.graph, state)
    if not removed and not operation.silent:
        raise _missing(operation.graph)
    return removed, []


def _of_creation(operation: Creation, state: State) -> Effect:
    _refuse_unwritable([operation.graph])
    if not operation.silent and any(True for _ in state.quads(operation.graph)):
        raise ConflictError(f"There is a graph <{operation.graph}> already.", "Leave CREATE out, or say CREATE SILENT.")
    return [], []


def _of_transfer(operation: Transfer, state: State, evaluator: Evaluates) -> Effect:
    """ADD adds; COPY empties its target before; MOVE empties its source as well (SPARQL 1.1 Update, section 3.2)."""
    source, target = operation.source, operation.target
    moved_from = [source] if operation.word == "MOVE" and source is not None else []
    _refuse_unwritable([target, *moved_from])
    if source is not None and not any(True for _ in state.quads(source)):
        if operation.silent:
            return [], []
        raise _missing(source)
    if source == target:
        return [], []
    read = "{ ?s ?p ?o }" if source is None else f"{{ GRAPH <{source}> {{ ?s ?p ?o }} }}"
    _, added = _of_modification(Modification.copy(read, target), state, evaluator)
    emptied = moved_from if operation.word == "ADD" else [*moved_from, target]
    return [quad for graph in emptied for quad in _content(graph, state)], added


def _content(graph: str, state: State) -> list[Quad]:
    found = list(islice(state.quads(graph), MOST_QUADS + 1))
    if len(found) > MOST_QUADS:
        raise too_many()
    return found


def _quads(lines: bytes) -> list[Quad]:
    return list(parse(lines, RdfFormat.N_QUADS))


def _graphs(quads: Iterable[Quad]) -> set[str]:
    return {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, NamedNode)}


def _refuse_unwritable(written: Iterable[str]) -> None:
    for graph in sorted(written):
        if not graphs.is_curated(graph):
            raise RefusedUpdateError(
                f"The update writes to <{graph}>, which is not written through this address.",
                f"Only <{ns.GRAPH}curated/…> is, a name in small letters, digits, dots and hyphens. If GRAPH ?g stands "
                f'in the template, add FILTER(STRSTARTS(STR(?g), "{ns.GRAPH}curated/")).',
            )


def _missing(graph: str) -> ConflictError:
    return ConflictError(f"There is no graph <{graph}>.", "Say SILENT if that is as good.")


def in_graph(text: str, templates: Sequence[Span]) -> str:
    """Return an operation with GRAPH around the statements of its templates that are outside any.

    `templates` are the places of the templates, in their order. A long operation is only described.
    """
    for start, end in reversed(templates):
        text = text[:start] + _in_graph(text[start:end]) + text[end:]
    return text if len(text) <= _LONGEST_SHOWN else f"… {{ GRAPH <{DRAFT}> {{ … }} }} …"


def _in_graph(template: str) -> str:
    """Return a template with the statements that lie outside GRAPH put into that of the draft."""
    parts: list[str] = []
    statements: list[Token] = []  # those since the last block
    block: Token | None = None  # the GRAPH of the block that is open
    depth = 0
    for token in list(tokens(template))[1:-1]:
        if block is not None:
            depth += depth_of(token)
            if token.text == "}" and depth == 0:
                parts.append(template[block.start : token.end])
                block = None
        elif token.keyword == "GRAPH":
            parts.append(_wrapped(template, statements))
            statements, block = [], token
        elif statements or token.text != ".":  # a dot may follow a block
            statements.append(token)
    return " ".join(filter(None, ["{", *parts, _wrapped(template, statements), "}"]))


def _wrapped(template: str, statements: Sequence[Token]) -> str:
    return f"GRAPH <{DRAFT}> {{ {template[statements[0].start : statements[-1].end]} }}" if statements else ""
