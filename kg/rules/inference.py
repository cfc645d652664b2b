"""Infer triples by the rules in `ontology/rules/`, each a SPARQL CONSTRUCT, until there are no new ones."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import DefaultGraph, NamedNode, Quad, QueryTriples, Store, Triple

from kg import resources
from kg.errors import CityKgError
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.graphs import in_default_graph
from kg.rdf.vocabulary import RDF


def rules() -> dict[str, str]:
    """Return the rules by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted((resources.ONTOLOGY / "rules").glob("*.rq"))}


def infer(quads: Iterable[Quad], rule_texts: Iterable[str] | None = None) -> list[Quad]:
    """Return the inferences from the default graph of `quads` that are not in it, as sorted quads of graph/inferred.

    `rule_texts` stands for the project's own rules where it is given. Raises CityKgError when a rule is not a
    CONSTRUCT.
    """
    from kg.rules.reading import terms_of_rule  # noqa: PLC0415 – rdflib

    reads = {text: terms_of_rule(text) for text in (rules().values() if rule_texts is None else rule_texts)}
    store = Store()
    store.bulk_extend(_canonical_statement(quad) for quad in quads if _counts(quad))
    ready = set(reads)
    inferred: set[Triple] = set()
    while ready:
        now = {text for text in ready if reads[text] is not None} or ready  # those that may read any term take longest
        drawn = {triple for text in now for triple in _run_rule(store, text)} - inferred
        new = [triple for triple in drawn if _canonical_statement(triple) not in store]
        inferred.update(new)
        store.extend(map(_canonical_statement, new))
        met = {triple.object if triple.predicate == RDF.type else triple.predicate for triple in new}
        drawing = {text for text, read in reads.items() if new and (read is None or not read.isdisjoint(met))}
        ready = (ready - now) | drawing
    return sorted((Quad(t.subject, t.predicate, t.object, graphs.INFERRED) for t in inferred), key=str)


def _counts(quad: Quad) -> bool:
    return isinstance(quad.graph_name, NamedNode) and in_default_graph(quad.graph_name)


def _canonical_statement(statement: Quad | Triple) -> Quad:
    return Quad(statement.subject, statement.predicate, statement.object, DefaultGraph())


def _run_rule(store: Store, rule: str) -> QueryTriples:
    result = store.query(rule, prefixes=ns.PREFIXES)
    if not isinstance(result, QueryTriples):
        raise CityKgError("An inference rule is not a CONSTRUCT query.", "See ontology/rules/ for the form.")
    return result
