"""Statements as the engine writes them (N-Quads), in bytes: compared, sorted and hashed without an object for each.

In bytes of UTF-8 they have the order that they have as texts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse, serialize

from kg.rdf import namespaces as ns
from kg.rdf.formats import GraphFormat
from kg.rdf.serialise import namespaces_in, prefixes_for

_OURS = f"<{ns.BASE}".encode()
_AFTER_ANY = b"\xff"
"""Sorts after every continuation of a line: it does not occur in UTF-8."""


Line = tuple[bytes, bytes, bytes, bytes]
"""A quad as terms of N-Quads: subject, predicate, value, graph."""


def line_of(quad: Quad) -> Line:
    """Return a quad of a named graph as a line."""
    subject, predicate, value = (str(term).encode() for term in quad.triple)
    return subject, predicate, value, str(quad.graph_name).encode()


def term_of(node: NamedNode) -> bytes:
    """Return a node as a term of a line."""
    return str(node).encode()


def node_of(term: bytes) -> NamedNode:
    """Return the node of a term of a line for which `is_node` is True."""
    return NamedNode(term[1:-1].decode())


def is_node(term: bytes) -> bool:
    """Return True if a term is an IRI, not a literal, a blank node or a triple (`<<( … )>>`)."""
    return term.startswith(b"<") and not term.startswith(b"<<")


def statement_of(triple: Triple) -> bytes:
    """Return a triple as a statement: a line of N-Triples without the full stop."""
    return str(triple).encode()


def statements_in(lines: Iterable[Line]) -> set[bytes]:
    """Return the statements of lines, each once, whichever graphs state it."""
    return {b" ".join(line[:3]) for line in lines}


def to_sorted_nquads(lines: Iterable[Line]) -> bytes:
    """Return lines as N-Quads, sorted, without a line feed at the end."""
    return b" .\n".join(sorted(map(b" ".join, lines))) + b" ."


def sort_by_graph(lines: Iterable[Line]) -> list[bytes]:
    """Return statements with their graphs, sorted, those of a graph together."""
    return [b" ".join((*said, graph)) for graph, *said in sorted([(line[3], *line[:3]) for line in lines])]


def sort_subject_first(statements: Iterable[bytes], node: NamedNode) -> list[bytes]:
    """Return statements sorted: first those about a node, then those about our terms, then all others.

    A reader of Turtle sees the subject of the document first, and labels of foreign terms last.
    """
    whole = sorted(statements)
    ours, about = _with_prefix(whole, _OURS), _with_prefix(whole, term_of(node) + b" ")
    others = *whole[ours.start : about.start], *whole[about.stop : ours.stop]
    return [*whole[about], *others, *whole[: ours.start], *whole[ours.stop :]]


def _with_prefix(whole: Sequence[bytes], begin: bytes) -> slice:
    """Return the slice of sorted statements that have a prefix."""
    return slice(bisect_left(whole, begin), bisect_left(whole, begin + _AFTER_ANY))


def quads_of(statements: Iterable[bytes]) -> Iterator[Quad]:
    """Yield statements, with their graphs where they have them, in their order."""
    return parse(_to_nquads(statements), RdfFormat.N_QUADS)


def serialise(
    statements: Iterable[bytes], terms: Iterable[bytes], fmt: GraphFormat, prefixes: Mapping[str, str]
) -> bytes:
    """Return statements, in their order, in a format; only the prefixes that occur in `terms` are declared."""
    if fmt.engine in (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS):
        return _to_nquads(statements)
    used = prefixes_for(set().union(*map(_namespaces, terms)), prefixes)
    return serialize(quads_of(statements), format=fmt.engine, prefixes=used) or b""


@lru_cache(5_000)  # documents name the same terms again and again
def _namespaces(term: bytes) -> set[str]:
    return namespaces_in(term.decode())


def _to_nquads(statements: Iterable[bytes]) -> bytes:
    return b"".join([b"%b .\n" % statement for statement in statements])
