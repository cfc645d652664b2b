"""Infer triples by the rules in `ontology/rules/`, each a SPARQL CONSTRUCT, until there are no new ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from pyoxigraph import NamedNode, Quad, QueryTriples, Store, Triple

from kg import resources
from kg.errors import CityKgError
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.graphs import in_default_graph
from kg.rdf.vocabulary import RDF
from kg.sparql.text import Prologue, Token, tokens


def rules() -> dict[str, str]:
    """Return the rules by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted((resources.ONTOLOGY / "rules").glob("*.rq"))}


def infer(quads: Iterable[Quad], rule_texts: Iterable[str] | None = None) -> list[Quad]:
    """Return the inferences from the default graph of `quads` that are not in it, as sorted quads of graph/inferred.

    `rule_texts` stands for the project's own rules where it is given. Raises CityKgError when a rule is not a
    CONSTRUCT.
    """
    reads = {text: _terms_read(text) for text in (rules().values() if rule_texts is None else rule_texts)}
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
        met = {str((triple.object if triple.predicate == RDF.type else triple.predicate).value) for triple in new}
        drawing = {text for text, read in reads.items() if new and (read is None or not read.isdisjoint(met))}
        ready = (ready - now) | drawing
    return sorted((Quad(t.subject, t.predicate, t.object, graphs.INFERRED) for t in inferred), key=str)


_TERMS = ("variable", "iri", "name", "string")


@lru_cache(64)
def _terms_read(rule: str) -> frozenset[str] | None:
    """Return the IRIs that the pattern of a rule names, None if it may read any predicate or class.

    Only new triples with one of these as predicate or class can make it draw more. A variable in the place of a
    predicate, or of a class, is any, unless VALUES names what it stands for. Tokens are enough for that, and to parse a
    rule takes longer than to run it.
    """
    read = tokens(rule)
    prologue = Prologue.from_tokens(read)
    pattern = read[next((at for at, token in enumerate(read) if token.keyword == "WHERE"), -1) + 1 :]
    named = _named_by_values(pattern)
    for before, token, after in zip(pattern, pattern[1:], pattern[2:], strict=False):
        if token.kind == "variable" and token.text not in named:
            is_class = before.text in ("a", "rdf:type")
            follows = before.kind in _TERMS or before.text in (";", "[", "]")
            if is_class or (follows and (after.kind in _TERMS or _begins_object(after))):
                return None
    terms = [prologue.iri(token) for token in pattern if token.kind in ("iri", "name")]
    if None in terms:
        return None  # the engine says what is wrong
    return frozenset(term for term in terms if term is not None)


def _begins_object(token: Token) -> bool:
    """Return True if a token begins an object of another kind: a node, a list, a number, a truth value."""
    return token.text[:1] in "[(+-0123456789" or token.keyword in ("TRUE", "FALSE")


def _named_by_values(pattern: Sequence[Token]) -> set[str]:
    """Return the variables that a VALUES clause of the pattern gives values to."""
    named: set[str] = set()
    is_declaring = False
    for token in pattern:
        is_declaring = token.keyword == "VALUES" or (is_declaring and token.text != "{")
        if is_declaring and token.kind == "variable":
            named.add(token.text)
    return named


def _counts(quad: Quad) -> bool:
    return isinstance(quad.graph_name, NamedNode) and in_default_graph(quad.graph_name)


def _canonical_statement(statement: Quad | Triple) -> Quad:
    return Quad(statement.subject, statement.predicate, statement.object)  # in the default graph: named, twice as long


def _run_rule(store: Store, rule: str) -> QueryTriples:
    result = store.query(rule, prefixes=ns.PREFIXES)
    if not isinstance(result, QueryTriples):
        raise CityKgError("An inference rule is not a CONSTRUCT query.", "See ontology/rules/ for the form.")
    return result
