"""What an engine says of the copy that it holds, in graph/replica, and the updates that change it.

    <B> dcterms:identifier "…"       which data folder it is a copy of
    <B> dcterms:source "…"           the build, as long as nothing is loaded anew
    <B> cd:revision "…"              the revision that it holds, whole
    <B> dcterms:hasPart "…"          the hash of the last change in it, or in the one that it is on its way to
    <B> dcterms:isReplacedBy "…"     in its place while several requests lead to another revision,
    <B> dcterms:replaces "…"         and which revision they go on from; nothing where all is loaded

An update compares what it finds before it changes anything, so that it may be sent again, or arrive late.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.engines.client import Engine
from kg.engines.dialects import REPLICA, UNION, Dialect
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, DCTERMS
from kg.store import Build

_DATA_SET = NamedNode(ns.BASE)
_NAMES = {
    DCTERMS.identifier: "identifier",
    DCTERMS.source: "build",
    CD.revision: "revision",
    DCTERMS.hasPart: "change",
    DCTERMS.isReplacedBy: "becoming",
    DCTERMS.replaces: "leaving",
}


@dataclass(frozen=True)
class Held:
    """What is said of a copy; empty where it is not said."""

    identifier: str
    build: str = ""
    revision: str = ""
    """The revision that is held, empty while what is held is of none."""
    change: str = ""
    """The hash of the last change of the revision, or of the one on its way."""
    becoming: str = ""
    """The revision to which the copy is on its way."""
    leaving: str = ""
    """The revision from which it is on its way."""

    @property
    def changes(self) -> int:
        """How many changes the revision has, or the one on its way. Raises BadValueError for what is not a revision."""
        return changes_of(self.revision or self.becoming)

    def triples(self) -> list[Triple]:
        """Return what states it."""
        values = {name: getattr(self, name) for name in _NAMES.values()}
        return [Triple(_DATA_SET, term, Literal(values[name])) for term, name in _NAMES.items() if values[name]]


def changes_of(revision: str) -> int:
    """Return how many changes a revision has, 0 for an empty name. Raises BadValueError for other texts."""
    return Build.changes_of(revision) if revision else 0


def held_by(engine: Engine, *, seconds: float) -> Held | None:
    """Return what an engine says of the copy that it holds, None if it says nothing. Raises as Engine.rows."""
    text = f"SELECT ?p ?o WHERE {{ GRAPH {REPLICA} {{ {_DATA_SET} ?p ?o }} }}"
    said = {row["p"]: row["o"] for row in engine.rows(text, seconds=seconds)}
    values = {name: said[term].value for term, name in _NAMES.items() if isinstance(said.get(term), Literal)}
    return Held(**values) if "identifier" in values else None


def replacing(dialect: Dialect, before: Held, after: Held, come: Iterable[Quad] = (), gone: Iterable[Quad] = ()) -> str:
    """Return the update that makes a change, and says so, where what is said of the copy is as `before`."""
    was, will_be = before.triples(), after.triples()
    where = _in_graphs(dialect, _quads(was))  # what stays is not removed and added: Virtuoso would only remove it
    removed = _in_graphs(dialect, [*_quads(one for one in was if one not in will_be), *gone])
    added = _in_graphs(dialect, [*_quads(one for one in will_be if one not in was), *come])
    return f"DELETE {{\n{removed}}}\nINSERT {{\n{added}}}\nWHERE {{\n{where}}}"


def _quads(triples: Iterable[Triple]) -> Iterator[Quad]:
    return (Quad(triple.subject, triple.predicate, triple.object, REPLICA) for triple in triples)


def _in_graphs(dialect: Dialect, quads: Iterable[Quad]) -> str:
    """Return quads as templates of an update have them; the default graph where the dialect has it."""
    by_graph: dict[NamedNode | None, list[str]] = defaultdict(list)
    for quad in quads:
        graph = quad.graph_name
        name = graph if isinstance(graph, NamedNode) else None if dialect.own_default_graph else UNION
        by_graph[name].append(f"{dialect.written(quad.triple)} .\n")
    named = (f"GRAPH {name} {{\n{''.join(lines)}}}\n" for name, lines in by_graph.items() if name is not None)
    return "".join(by_graph.get(None, ())) + "".join(named)


def parts(quads: Sequence[Quad], size: int) -> list[Sequence[Quad]]:
    """Return quads in parts of so many at most; one that is empty where there are none."""
    return [quads[start : start + size] for start in range(0, max(len(quads), 1), size)]
