"""Names that a query uses and the graph does not know: they match nothing, mostly by a slip of the pen."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.errors import shorten
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import RDFS
from kg.sparql.guard import Query
from kg.sparql.hints.clauses import clause_hints
from kg.sparql.hints.meanings import Meanings
from kg.sparql.hints.mismatches import Ask, Mismatches
from kg.sparql.hints.model import GUIDE, MOST, Hint
from kg.sparql.hints.used_names import UsedName, names_to_look_up, redefined_prefixes
from kg.sparql.text import Prologue

_WHAT_IT_IS_NOT = {
    ns.CD: "a term of the ontology",
    ns.SHAPES: "one of the shapes",
    ns.VOCABULARY: "a concept of the vocabularies",
    ns.ID: "a thing that the graph knows",
    ns.GRAPH: "a graph here",
}
_LABELS = "Only terms of the ontology have rdfs:label; the names of things are skos:prefLabel, with their language."


class KnownTerms:
    """The terms, things and graphs of one snapshot."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._meanings = Meanings(store)

    @staticmethod
    def unknown_function_hints(functions: Iterable[str]) -> list[Hint]:
        """Return a hint for each of the first functions that the engine does not know."""
        about = ns.BASE + "sparql"
        return [
            Hint(f"The function {shorten(iri)} is not known here: each call of it is an error.", about, "function")
            for iri in islice(functions, MOST)
        ]

    def query_hints(self, query: Query, *, names: bool = True) -> list[Hint]:
        """Return hints on a query: on its clauses and, with `names`, on unknown names."""
        return [
            *clause_hints(query.original_text or query.text),
            *(self._redefined_prefixes(query) if names else ()),
            *(self.name_hints(names_to_look_up(query)) if names else ()),
        ]

    def _redefined_prefixes(self, query: Query) -> list[Hint]:
        """Return a hint on each prefix of ours that a query declares otherwise, if the graph has no such name."""
        text, hints = query.original_text or query.text, []
        for declaration in redefined_prefixes(query):
            if not any(self._is_in_store(iri) for iri in declaration.used):
                prefix, iri = declaration.prefix, ns.PREFIXES[declaration.prefix]
                start, end = declaration.at
                sentence = (
                    f"{prefix}: is declared as <{shorten(declaration.iri)}>; here it is <{iri}>. Leave the line out."
                )
                hints.append(Hint(sentence, GUIDE, "prefix", f"{text[:start]}<{iri}>{text[end:]}"))
        return hints[:MOST]

    def mismatches(self, prologue: Prologue, ask: Ask) -> Mismatches:
        """Return what finds why parts of a query match nothing; `ask` runs a text on the data set of the query."""
        return Mismatches(self._store, prologue, ask)

    def name_hints(self, names: Iterable[UsedName]) -> list[Hint]:
        """Return a hint for each of the first unknown names among those of `names_to_look_up`."""
        hints = (self._hint(name) for name in names if name.iri == RDFS.label.value or not self._is_known(name))
        return list(islice((hint for hint in hints if hint is not None), MOST))

    def _is_known(self, name: UsedName) -> bool:
        if not name.is_ours:
            return self._is_in_store(name.iri)
        node = _node(name.iri)
        if node is None:
            return False
        if name.iri in self._meanings.graphs_beside:
            return True
        subjects = (next(match(self._store, node, None, None, g), None) for g in (DefaultGraph(), graphs.SHAPES))
        return any(quad is not None for quad in subjects) or self._store.contains_named_graph(node)

    def _is_in_store(self, iri: str) -> bool:
        node = _node(iri)
        places = ((None, node, None), (None, None, node), (node, None, None)) if node else ()
        return any(next(match(self._store, *place), None) is not None for place in places)

    def _hint(self, name: UsedName) -> Hint | None:
        """Return a hint on an unknown name; None on one of another vocabulary for which there is nothing here."""
        if name.iri == RDFS.label.value:
            return Hint(_LABELS, GUIDE, "name")
        meant = self._meanings.of(name)
        guess = f"; did you mean {ns.compact(meant)}?" if meant else "."
        if not name.is_ours:
            sentence = f"The graph has no {shorten(ns.compact(name.iri))}{guess}"
            return Hint(sentence, meant, "name") if meant else None
        what = next(what for namespace, what in _WHAT_IT_IS_NOT.items() if name.iri.startswith(namespace))
        sentence = f"{shorten(ns.compact(name.iri))} is not {what}{guess}"
        return Hint(sentence, meant or ns.CD.removesuffix("#"), "name")


def _node(iri: str) -> NamedNode | None:
    try:
        return NamedNode(iri)
    except ValueError:
        return None
