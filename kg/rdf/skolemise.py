"""Give the blank nodes of a submission IRIs, numbered in the order of RDFC-1.0 (W3C, 2024).

RDFC-1.0 takes exponential time on connected blank nodes that look alike. So large groups of them are refused
beforehand: the algorithm never looks further than from one such node to the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, NamedNode, Quad, Triple

from kg.rdf import namespaces as ns

GENID = ns.BASE + ".well-known/genid/"
MOST_BLANK_NODES = 1_000
MOST_ALIKE = 4
"""Connected blank nodes that look alike, at most; with 12 links, 250 such groups take a third of a second."""
MOST_LINKS = 12

Signatures = Mapping[BlankNode, tuple[str, ...]]


def has_blank_node(quad: Quad | Triple) -> bool:
    """Return True if the subject or object is a blank node."""
    return isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode)


def indistinguishable_nodes(quads: Iterable[Quad]) -> list[BlankNode]:
    """Return a group of connected blank nodes that look alike if it is too large, else nothing."""
    quads = [quad for quad in quads if has_blank_node(quad)]
    alike = _alike(_signatures(quads))
    links = [quad for quad in quads if quad.subject in alike and quad.object in alike]
    neighbours: dict[BlankNode, set[BlankNode]] = defaultdict(set)
    count: dict[BlankNode, int] = defaultdict(int)
    for quad in links:
        assert isinstance(quad.subject, BlankNode)
        assert isinstance(quad.object, BlankNode)
        neighbours[quad.subject].add(quad.object)
        neighbours[quad.object].add(quad.subject)
        count[quad.subject] += 1
    for component in _components(neighbours):
        if len(component) > MOST_ALIKE or sum(count[node] for node in component) > MOST_LINKS:
            return component
    return []


def skolemise(quads: Iterable[Quad], name: str) -> list[tuple[Quad, Quad]]:
    """Return quads with IRIs for their blank nodes, each with the quad that it was made from.

    `name` stands for the submission in the IRIs. Among blank nodes that look alike, which came from which is a guess.
    """
    dataset = Dataset(quads)
    originals = _signatures(dataset)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    origin = _pairs(_signatures(dataset), originals)
    iris = {node: NamedNode(f"{GENID}{name}-{node.value.removeprefix('c14n')}") for node in origin}
    return [(_rename(quad, iris), _rename(quad, origin)) for quad in dataset]


def _signatures(quads: Iterable[Quad]) -> Signatures:
    """Return by blank node its statements, without the names of blank nodes (RDFC-1.0, 4.6)."""
    said: dict[BlankNode, list[str]] = defaultdict(list)
    for quad in quads:
        for node in {quad.subject, quad.object}:
            if isinstance(node, BlankNode):
                said[node].append(" ".join(_role_of(node, term) for term in quad))
    return {node: tuple(sorted(lines)) for node, lines in said.items()}


def _role_of(node: BlankNode, term: object) -> str:
    return str(term) if not isinstance(term, BlankNode) else "_:this" if term == node else "_:other"


def _alike(signatures: Signatures) -> set[BlankNode]:
    nodes: dict[tuple[str, ...], list[BlankNode]] = defaultdict(list)
    for node, signature in signatures.items():
        nodes[signature].append(node)
    return {node for group in nodes.values() if len(group) > 1 for node in group}


def _components(neighbours: Mapping[BlankNode, set[BlankNode]]) -> Iterable[list[BlankNode]]:
    seen: set[BlankNode] = set()
    for start in neighbours:
        component, pending = [], [start]
        while pending:
            if (node := pending.pop()) not in seen:
                seen.add(node)
                component.append(node)
                pending += neighbours[node]
        if component:
            yield component


def _pairs(canonical: Signatures, original: Signatures) -> dict[BlankNode, BlankNode]:
    """Return by canonical blank node an original one with the same signature."""
    in_order = sorted(canonical, key=lambda node: (canonical[node], node.value))
    return dict(zip(in_order, sorted(original, key=lambda node: (original[node], node.value)), strict=True))


def _rename(quad: Quad, names: Mapping[BlankNode, NamedNode] | Mapping[BlankNode, BlankNode]) -> Quad:
    subject = names.get(quad.subject, quad.subject) if isinstance(quad.subject, BlankNode) else quad.subject
    value = names.get(quad.object, quad.object) if isinstance(quad.object, BlankNode) else quad.object
    return Quad(subject, quad.predicate, value, quad.graph_name)
