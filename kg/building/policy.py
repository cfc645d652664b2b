"""The policy for works: the rules of the gate for curators, applied to files, which do not pass the gate.

A work states what its passages say about the world. Terms, and the concepts that shapes, rules and pages use, belong to
the project; a concept that a work adds to an open scheme is stated in graph:register, and how it uses a term in its
profile (docs/curating/works.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store, Triple

from kg.building.sources import LoadedFiles
from kg.findings import Finding
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.lookup import match
from kg.rdf.positions import PlacedFile, Positions
from kg.rdf.vocabulary import RDF, SKOS
from kg.submissions.checks import violations_of_files


def policy_violations(loaded: LoadedFiles) -> list[Finding]:
    """Return findings for statements that works may not make, in the order of their files.

    Each finding has its file, and its line if that is not compressed.
    """
    stated = loaded.of_works
    if not stated:
        return []
    store = Store()
    others = [quad for quad in loaded.quads if quad not in stated]
    store.bulk_extend(chain(others, graphs.default_graph_quads(others)))
    facts = {quad: path for quad, path in stated.items() if not graphs.is_profile(quad.graph_name)}
    found = [*violations_of_files(Change.of(facts), store), *_misplaced_concepts(facts)]
    found += _more_than_notes(stated.keys() - facts.keys(), store)
    wrong = {stated[quad] for quad, _ in found}
    positions = Positions(one for one in loaded.places if (one.path if isinstance(one, PlacedFile) else one) in wrong)
    placed = {_with_place(quad, finding, stated[quad], positions) for quad, finding in found}
    return sorted(placed, key=lambda finding: (finding.file, finding.line or 0, finding.message))


def _more_than_notes(profiles: Iterable[Quad], store: Store) -> Iterator[tuple[Quad, Finding]]:
    """Yield what profiles say besides what they are themselves, and notes on terms and concepts that `store` has."""
    for quad in profiles:
        assert isinstance(quad.graph_name, NamedNode)
        own = NamedNode(f"{ns.CD.removesuffix('#')}/profiles/{quad.graph_name.value.removeprefix(graphs.PROFILES)}")
        is_note = quad.predicate == SKOS.scopeNote and _is_term(quad.subject, store)
        if quad.subject != own and not is_note:
            words = "A profile says what it is itself, and notes (skos:scopeNote) on our terms and concepts."
            yield quad, Finding("policy", "Violation", words, focus=ns.compact(str(quad.subject).strip("<>")))


def _is_term(node: NamedNode | BlankNode | Triple, store: Store) -> bool:
    is_ours = isinstance(node, NamedNode) and node.value.startswith((ns.CD, ns.VOCABULARY))
    return is_ours and any(match(store, node, RDF.type, None, DefaultGraph()))


def _misplaced_concepts(stated: Mapping[Quad, Path]) -> Iterator[tuple[Quad, Finding]]:
    for quad in stated:
        name = quad.subject.value if isinstance(quad.subject, NamedNode) else ""
        if name.startswith(ns.VOCABULARY) and quad.graph_name != graphs.REGISTER:
            words = "The statements of a work about its own concepts belong in graph:register."
            yield quad, Finding("policy", "Violation", words, focus=ns.compact(name))


def _with_place(quad: Quad, finding: Finding, path: Path, positions: Positions) -> Finding:
    terms = [str(getattr(term, "value", term)) for term in quad.triple]
    file, line = positions.find(*terms) or (str(path), None)
    return replace(finding, file=file, line=line)
