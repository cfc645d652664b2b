"""The program that evaluates the operations of one update: `python -m kg.update_worker SNAPSHOT MEMORY_BYTES SECONDS`.

It opens a read-only snapshot, gives up sockets, writing and memory beyond its share, and answers requests from standard
input on standard output (kg.query_frames) until its input ends. An update is never run on the snapshot: a request is
answered with the quads that an operation would remove and add.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, QuerySolutions, RdfFormat, Store, serialize

from kg import namespaces as ns
from kg import query_frames, query_sandbox
from kg.errors import CityKgError
from kg.query_guard import Dataset
from kg.unions import Unions, needs_union
from kg.update_templates import Template

GRACE = 1.0
"""Seconds after the deadline at which the process ends itself, should the one that asks be gone."""

_NOWHERE = "urn:uuid:1ad5e9a6-5a1c-4d3b-9c36-0d7a1f0e7f55"
FAILING = f"DROP GRAPH <{_NOWHERE}> ;"
"""Goes before an operation of which only the syntax is wanted: the engine parses all before it runs the first."""

Frame = tuple[dict[str, Any], bytes]


class _LimitError(Exception):
    pass


def main() -> int:
    """Answer requests until standard input ends."""
    snapshot, memory_bytes, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    signal.setitimer(signal.ITIMER_REAL, seconds + GRACE)
    store = Store.read_only(snapshot)
    query_sandbox.enter(memory_bytes)
    while True:
        try:
            request, text = query_frames.unpack(_read)
        except EOFError:
            return 0
        _send(answer(store, request, text.decode()))


def answer(store: Store, request: dict[str, Any], text: str) -> Frame:
    """Return the frame that answers a request.

    `check` wants to know whether a text is an update: fine, or syntax with the engine's words. `evaluate` wants the
    quads of an operation: quads, with those to remove in the first `removed` bytes; or limit, or refused.
    """
    try:
        return _checked(text) if request["kind"] == "check" else _evaluated(store, request)
    except CityKgError as error:
        return {"kind": "refused", "message": error.message, "hint": error.hint}, b""
    except _LimitError:
        return {"kind": "limit", "limit": "rows", "reached": f"more than {request['rows']:,} rows"}, b""
    except MemoryError:
        return {"kind": "limit", "limit": "memory", "reached": ""}, b""
    except (SyntaxError, OSError, ValueError, RuntimeError):
        return {"kind": "refused", "message": "The engine could not evaluate the update.", "hint": ""}, b""


def _checked(text: str) -> Frame:
    try:
        Store().update(text, base_iri=ns.BASE, prefixes=ns.PREFIXES)
    except SyntaxError as error:
        return {"kind": "syntax", "message": str(error)}, b""
    except RuntimeError as error:
        if _NOWHERE not in str(error):
            raise
    return {"kind": "fine"}, b""


def _evaluated(store: Store, request: dict[str, Any]) -> Frame:
    removing, adding = (
        Template(request["declarations"], request["graph"], request[name]) for name in ("removed", "added")
    )
    summary = {
        "graphs": sorted(removing.graphs | adding.graphs),
        "default_graph": removing.writes_default_graph or adding.writes_default_graph,
    }
    removed: set[Quad] = set()
    added: set[Quad] = set()
    for count, solution in enumerate(_solutions(store, request, removing, adding), start=1):
        removed.update(removing.filled(solution))
        added.update(adding.filled(solution))
        if max(count, len(removed) + len(added)) > request["rows"]:
            raise _LimitError
    first, second = _canonical(removed), _canonical(added)
    return {"kind": "quads", "removed": len(first), **summary}, first + second


def _solutions(store: Store, request: dict[str, Any], removing: Template, adding: Template) -> QuerySolutions:
    """Return the solutions of the WHERE, each once where one more would change nothing."""
    names = sorted({*removing.variables, *adding.variables}) or ["nothing"]
    distinct = "" if adding.has_blank_nodes else "DISTINCT"
    projected = " ".join(f"?{name}" for name in names)
    query = (
        f"{request['declarations']}SELECT {distinct} {projected} WHERE {request['where']} LIMIT {request['rows'] + 1}"
    )
    found = _queried(store, query, request)
    assert isinstance(found, QuerySolutions)
    return found


def _queried(store: Store, query: str, request: dict[str, Any]) -> object:
    """Run a query on the data set of the request, else with WITH's graph as default graph, else on the store."""
    default: list[NamedNode | BlankNode | DefaultGraph] = [
        NamedNode(request["graph"]) if request["graph"] else DefaultGraph()
    ]
    named: list[NamedNode | BlankNode] | None = None
    if request["dataset"] is not None:
        dataset = Dataset(*map(tuple, request["dataset"]))
        named = [NamedNode(iri) for iri in dataset.named_graphs]
        default = [NamedNode(iri) for iri in dataset.default_graphs]
        if needs_union(dataset):
            store, default = Unions(store, 0).of(dataset), [DefaultGraph()]
    return store.query(query, base_iri=ns.BASE, prefixes=ns.PREFIXES, default_graph=default, named_graphs=named)


def _canonical(quads: Iterable[Quad]) -> bytes:
    """Return quads as N-Quads in the form in which the engine stores them."""
    scratch = Store()
    scratch.extend(quads)
    return serialize(scratch, format=RdfFormat.N_QUADS) or b""


def _read(size: int) -> bytes:
    """Return exactly `size` bytes of standard input. Raises EOFError when it ends before."""
    data = sys.stdin.buffer.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _send(frame: Frame) -> None:
    rest = memoryview(query_frames.pack(*frame))
    while rest:
        rest = rest[os.write(1, rest) :]


if __name__ == "__main__":
    sys.exit(main())
