"""Measures of the network of twinnings, computed by igraph: degree, betweenness and communities.

They are statements of graph/measures, with the revision, the time and the method of their computation. They come from
no source, nothing follows from them, and changes do not update them: they stay until they are computed again.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from kg.errors import CityKgError
from kg.rdf import graphs
from kg.rdf.change import canonicalise
from kg.rdf.vocabulary import CD, DCTERMS, XSD

_MOST_STARTS = 4_000
"""The most vertices from which shortest paths are followed; in a larger graph they are a sample."""
_ROUNDS = 10
_SEED = 2016
_DIGITS = 9


def measures(quads: Iterable[Quad], revision: str) -> list[Quad]:
    """Return graph/measures for quads (with inferred ones) at a revision; empty if there are no twinnings.

    The same quads give the same measures. Raises CityKgError if igraph is not installed.
    """
    pairs = sorted({_pair(quad) for quad in quads if quad.predicate == CD.twinnedWith})
    if not pairs:
        return []
    graph = require_igraph().Graph.TupleList(pairs)
    starts, shares = _betweenness(graph)
    degrees, communities = graph.degree(), _communities(graph)
    stated = [*_description(revision, graph, starts)]
    for at, name in enumerate(graph.vs["name"]):
        body = NamedNode(name)
        stated.append(_quad(body, CD.degree, Literal(degrees[at])))
        stated.append(_quad(body, CD.betweenness, Literal(f"{shares[at]:.{_DIGITS}f}", datatype=XSD.decimal)))
        stated.append(_quad(body, CD.community, Literal(communities[at])))
    return canonicalise(stated)


def require_igraph() -> Any:
    """Return igraph with a fixed random seed. Raises CityKgError if it is not installed."""
    try:
        import igraph  # noqa: PLC0415 – it is an extra
    except ImportError as error:
        raise CityKgError(
            "Measures are computed by igraph, which is not installed.",
            "Install it: pip install 'city-diplomacy-kg[analysis]', in a copy of the project pip install '.[analysis]'",
        ) from error
    igraph.set_random_number_generator(random.Random(_SEED))
    return igraph


def _pair(quad: Quad) -> tuple[str, str]:
    one, other = sorted(str(getattr(term, "value", term)) for term in (quad.subject, quad.object))
    return one, other


def _betweenness(graph: Any) -> tuple[int, list[float]]:
    """Return the number of vertices from which paths were followed, and the betweenness of each vertex from 0 to 1."""
    count = graph.vcount()
    if count <= _MOST_STARTS:
        starts, found = count, graph.betweenness(directed=False)
    else:
        starts = _MOST_STARTS
        sample = sorted(random.Random(_SEED).sample(range(count), starts))
        found = [ways * count / starts for ways in graph.betweenness(directed=False, sources=sample)]
    others = max(1, (count - 1) * (count - 2) / 2)
    return starts, [ways / others for ways in found]


def _communities(graph: Any) -> Sequence[int]:
    """Return the community of each vertex, numbered from 1 by size; those of the same size by their first names."""
    drawn = graph.community_leiden(objective_function="modularity", n_iterations=_ROUNDS).membership
    sizes, first = Counter(drawn), dict[int, int]()
    for at in sorted(range(graph.vcount()), key=graph.vs["name"].__getitem__):
        first.setdefault(drawn[at], len(first))
    ordered = sorted(sizes, key=lambda one: (-sizes[one], first[one]))
    number = {one: at for at, one in enumerate(ordered, start=1)}
    return [number[one] for one in drawn]


def _description(revision: str, graph: Any, starts: int) -> Iterator[Quad]:
    method = (
        f"Of {graph.vcount()} bodies and {graph.ecount()} pairs of cd:twinnedWith, by igraph: degree; betweenness by "
        f"Brandes' algorithm from {'all' if starts == graph.vcount() else f'a sample of {starts}'} bodies, as a share "
        "of the pairs of others; communities by the Leiden algorithm for modularity."
    )
    yield _quad(graphs.MEASURES, CD.revision, Literal(revision))
    yield _quad(graphs.MEASURES, DCTERMS.description, Literal(method, language="en"))
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    yield _quad(graphs.MEASURES, DCTERMS.created, Literal(now, datatype=XSD.dateTime))


def _quad(subject: NamedNode, predicate: NamedNode, value: NamedNode | Literal) -> Quad:
    return Quad(subject, predicate, value, graphs.MEASURES)
