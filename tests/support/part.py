"""A part of the files, for tests that make, change and verify whole folders: they take as long as there are quads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad

from kg.building import pipeline, sources
from kg.rdf import graphs, scopes
from kg.rdf import namespaces as ns
from kg.rdf.parse import read_file
from kg.rdf.vocabulary import OWL, RDF, RDFS, SKOS

SMALL = ("twinning:beijing-london", "account:table-1--twinning-beijing-london")
"""One twinning, and who says so."""
_ASKED_BY_RULES = {
    *(RDF.type, RDF.first, RDF.rest, RDFS.subClassOf, RDFS.subPropertyOf, SKOS.broader),
    *(OWL.inverseOf, OWL.equivalentClass, OWL.intersectionOf, OWL.unionOf, OWL.onProperty, OWL.hasValue),
}


def part_of_files(*seeds: str) -> list[Quad]:
    """Return some things, by prefixed names, with all that the facts say of them and lead to, concepts included.

    Of the ontology it has what the rules ask, and it has no shapes: validation reads those from their files.
    """
    quads = sources.load()
    leads = defaultdict[object, list[object]](list)
    for quad in filter(_is_fact, quads):
        leads[quad.subject].append(quad.object)
    found: set[object] = set()
    pending: list[object] = [NamedNode(ns.expand(seed) or seed) for seed in seeds]
    while pending:
        node = pending.pop()
        if node not in found:
            found.add(node)
            pending += leads[node]
    return [quad for quad in quads if _is_asked(quad) or (quad.subject in found and quad.graph_name != graphs.SHAPES)]


def _is_fact(quad: Quad) -> bool:
    """Tell whether a quad is a fact, or says in which scheme a concept is."""
    is_of_fact = isinstance(quad.graph_name, NamedNode) and graphs.is_validated(quad.graph_name)
    return is_of_fact or quad.predicate == SKOS.inScheme


def _is_asked(quad: Quad) -> bool:
    return quad.graph_name == graphs.ONTOLOGY and quad.predicate in _ASKED_BY_RULES


def loaded(quads: Iterable[Quad], works: Sequence[Path] = ()) -> sources.LoadedFiles:
    """Return quads in the place of those of all files, beside what the files of works state."""
    paths = [source.path for source in sources.source_files(works) if source.graph is None]
    of_works = {path: read_file(path) for path in paths if any(map(path.is_relative_to, works))}
    stated = {quad: path for path, found in of_works.items() for quad in found}
    return sources.LoadedFiles([*quads], stated, [path for path in paths if path.suffix != ".gz"])


@contextmanager
def only(files: list[Quad]) -> Iterator[None]:
    """Let these be all that the files state, for this process; the check queries count what is in all of them."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sources, "load_files", lambda works=(): loaded(files, works))
        patched.setattr(pipeline, "run_checks", lambda store: [])
        patched.setattr(scopes, "DEFAULT_WORKS", ())  # what they say is about more than these files have
        yield
