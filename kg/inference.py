"""Draw what follows by the rules in `ontology/rules/`, each a SPARQL CONSTRUCT, until nothing new follows."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import DefaultGraph, Quad, QueryTriples, Store, Triple

from kg import namespaces as ns
from kg import resources
from kg.errors import CityKgError
from kg.loading import set_union


def rules() -> dict[str, str]:
    """Return the rules by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted((resources.ONTOLOGY / "rules").glob("*.rq"))}


def infer(quads: Iterable[Quad], rule_texts: Iterable[str] | None = None) -> list[Quad]:
    """Return what follows from the default graph of `quads` and is not in it, as quads of graph/inferred, sorted.

    `rule_texts` stands for the project's own rules where it is given. Raises CityKgError when a rule is no CONSTRUCT.
    """
    texts = list(rules().values() if rule_texts is None else rule_texts)
    store = Store()
    store.bulk_extend(set_union(quads))
    inferred: set[Triple] = set()
    while new := {triple for text in texts for triple in _unknown(store, text)}:
        inferred |= new
        store.extend(Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in new)
    return sorted((Quad(t.subject, t.predicate, t.object, ns.INFERRED) for t in inferred), key=str)


def _unknown(store: Store, rule: str) -> list[Triple]:
    result = store.query(rule, prefixes=ns.PREFIXES)
    if not isinstance(result, QueryTriples):
        raise CityKgError("An inference rule is no CONSTRUCT query.", "See ontology/rules/ for the form.")
    known = DefaultGraph()
    return [t for t in result if Quad(t.subject, t.predicate, t.object, known) not in store]
