"""What stores are written of: the hash of their files; and for scopes (kg.rdf.scopes) their files, their changes, and
what follows from these alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from pyoxigraph import Quad, Store

from kg.building import sources
from kg.building.replay import replayed
from kg.history import FoldedHistory, Record, provenance_of
from kg.measures import measures
from kg.migrations import in_terms_of_today
from kg.rdf import graphs
from kg.rdf.scopes import REPORT, WORLD, Part
from kg.rules import infer

_FOLLOWING = (graphs.INFERRED, graphs.MEASURES, graphs.HISTORY)


def content_hash(quads: Iterable[Quad]) -> str:
    """Return the SHA-256 over the sorted N-Quads of all graphs that files and changes state, as hexadecimal digits.

    The quads go through a scratch store first, because the engine rewrites some literals when it stores them.
    """
    store = Store()
    store.bulk_extend(quad for quad in quads if quad.graph_name not in _FOLLOWING)
    lines = sorted(f"{quad} .\n" for quad in store)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def parts(works: Sequence[str], records: Sequence[Record], measured: str = "") -> Iterator[Part]:
    """Yield what is to be written for each scope of a build with works beside the report, and all changes so far.

    No change comes to the world: what curators add belongs to the report. `measured` is the revision of which each has
    measures of its own, "" where they are not wanted. Raises what kg.building.sources.load raises.
    """
    if not works:
        return
    files = sources.load()
    changes = FoldedHistory().not_in(in_terms_of_today(records))
    yield _part(REPORT, files, replayed(files, changes) if changes else files, records, measured)
    if WORLD in works:
        files = sources.load_apart(sources.folders([WORLD]))
        yield _part(WORLD, files, files, (), measured)


def _part(scope: str, files: list[Quad], stated: list[Quad], records: Sequence[Record], measured: str) -> Part:
    inferred = infer(stated)
    everything = [*stated, *inferred, *(quad for record in records for quad in provenance_of(record))]
    everything += measures([*stated, *inferred], measured) if measured else []
    counts = len(set(everything)), len(inferred)
    return Part(scope, chain(everything, graphs.in_union(everything)), content_hash(files), counts, len(records))


def held(part: Part) -> frozenset[Quad]:
    """Return the quads that the store of a part holds, in the engine's form."""
    store = Store()
    store.bulk_extend(part.quads)
    return frozenset(store)
