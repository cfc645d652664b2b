"""Names that a query uses and the graph does not know: they match nothing, mostly by a slip of the pen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from pyoxigraph import DefaultGraph, Store

from kg.errors import shorten
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match, parse_iri
from kg.rdf.vocabulary import RDF, RDFS, SKOS
from kg.sparql.guard import Query
from kg.sparql.hints.clauses import clause_hints
from kg.sparql.hints.meanings import Meanings
from kg.sparql.hints.mismatches import Ask, Mismatches
from kg.sparql.hints.model import GUIDE, MOST, Hint
from kg.sparql.hints.used_names import UsedName, names_to_look_up, redefined_prefixes, with_names
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
            *(self._name_hints_with_query(query) if names else ()),
        ]

    def _name_hints_with_query(self, query: Query) -> list[Hint]:
        """Return the hints on names, the first of them with the query in which all names are those that are meant."""
        found = list(self._unknown(names_to_look_up(query)))
        hints = [hint for hint, _, _ in found]
        meant = {iri: instead for _, iri, instead in found if instead}
        return [replace(hints[0], query=with_names(query, meant)), *hints[1:]] if meant else hints

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

    def mismatches(self, text: str, prologue: Prologue, ask: Ask) -> Mismatches:
        """Return what finds why parts of a query match nothing; `ask` runs a text on the data set of the query."""
        return Mismatches(self._store, text, prologue, ask)

    def name_hints(self, names: Iterable[UsedName]) -> list[Hint]:
        """Return a hint for each of the first unknown names among those of `names_to_look_up`."""
        return [hint for hint, _, _ in self._unknown(names)]

    def _unknown(self, names: Iterable[UsedName]) -> Iterator[tuple[Hint, str, str | None]]:
        """Yield a hint on each of the first unknown names, with its IRI and the one that is meant."""
        found = 0
        for name in names:
            if found == MOST:
                return
            if name.iri == RDFS.label.value:
                found += 1
                yield Hint(_LABELS, GUIDE, "name"), name.iri, SKOS.prefLabel.value
            elif not self._is_known(name):
                meant = self._meanings.of(name)
                if name.is_ours or meant:
                    found += 1
                    yield _hint(name, meant), name.iri, meant

    def _is_known(self, name: UsedName) -> bool:
        if not name.is_ours:
            return self._is_in_store(name.iri, name.is_class)
        node = parse_iri(name.iri)
        if node is None:
            return False
        if name.iri in self._meanings.graphs_beside:
            return True
        subjects = (next(match(self._store, node, None, None, g), None) for g in (DefaultGraph(), graphs.SHAPES))
        return any(quad is not None for quad in subjects) or self._store.contains_named_graph(node)

    def _is_in_store(self, iri: str, as_class: bool = False) -> bool:
        """Return True if any graph has a statement with the name; of a class, if something is of it."""
        node = parse_iri(iri)
        if node is None:
            return False
        places = [(None, RDF.type, node)] if as_class else [(None, node, None), (None, None, node), (node, None, None)]
        return any(next(match(self._store, *place), None) is not None for place in places)


def _hint(name: UsedName, meant: str | None) -> Hint:
    """Return a hint on an unknown name."""
    guess = f"; did you mean {ns.compact(meant)}?" if meant else "."
    called, about = shorten(ns.compact(name.iri)), meant or ns.CD.removesuffix("#")
    if not name.is_ours:
        return Hint(f"The graph has no {called}{guess}", about, "name")
    what = next(what for namespace, what in _WHAT_IT_IS_NOT.items() if name.iri.startswith(namespace))
    return Hint(f"{called} is not {what}{guess}", about, "name")
