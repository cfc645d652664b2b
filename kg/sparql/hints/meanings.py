"""What an unknown name may mean: a term by what others call it, a thing by the resolver of the canned questions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from pyoxigraph import NamedNode, Store

from kg.names import Names, names_of, plain
from kg.nearest import nearest
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import literals_of, match
from kg.rdf.ontology import is_deprecated
from kg.rdf.passages import virtual_graphs
from kg.rdf.vocabulary import OWL, RDF, RDFS, SKOS
from kg.sparql.evaluation import select
from kg.sparql.hints.used_names import LONGEST_NAME, UsedName, split_iri
from kg.sparql.hints.usual_terms import INSTEAD

_ALIKE = 0.75
"""Least ratio of difflib of two names that are alike. Newcastle and Doncaster have 0.78, so things with names are never
taken by it."""
_SLIP = 0.85
"""From this ratio on a name is another one with a slip, before any that only contains its words."""
_KNOWN = f"""SELECT DISTINCT ?term {{
  {{ ?term ?p ?o }} UNION {{ GRAPH ?term {{}} }} UNION {{ GRAPH <{graphs.SHAPES.value}> {{ ?term ?p ?o }} }}
  FILTER (STRSTARTS(STR(?term), "{ns.BASE}"))
}}"""
_INSTEAD = {ns.expand(name): ns.expand(term) for name, term in INSTEAD.items()}
_BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[-_.]")


class Meanings:
    """The terms, things and graphs of a snapshot, by what an unknown name may mean."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, name: UsedName) -> str | None:
        """Return the IRI that a name which the graph does not know most likely means; None if that is not clear."""
        if (instead := _INSTEAD.get(name.iri)) is not None:
            return instead
        namespace, local = split_iri(name.iri)
        if len(local) > LONGEST_NAME:
            return None
        if not name.is_ours:
            return self._terms.of_this_name(local, name.is_class)
        if namespace == ns.CD:
            return self._terms.meant_by(local, name.is_class)
        if namespace.startswith(ns.ID) and (thing := self._thing(namespace, local)):
            return thing
        return self._spelt_alike(namespace, local)

    @cached_property
    def _terms(self) -> _Terms:
        return _Terms(self._store)

    def _thing(self, namespace: str, local: str) -> str | None:
        """Return the thing with the name, or a similar one, of the kind of the namespace, else one of another kind."""
        names, words = names_of(self._store), _BORDER.sub(" ", local)

        def fits(thing: NamedNode) -> bool:
            return thing.value.startswith(namespace) and not names.is_withdrawn(thing.value)

        def has_name(thing: NamedNode) -> bool:
            return thing.value.startswith(ns.ID) and not names.is_withdrawn(thing.value)

        found = (
            names.resolve(words, fits).things
            or names.near(plain(words), fits=fits).things
            or names.resolve(words, has_name).things
        )
        return found[0].value if found else None

    def _spelt_alike(self, namespace: str, local: str) -> str | None:
        """Return the name of the namespace that is spelt alike; things with names are found by those alone."""
        if namespace.startswith(ns.ID) and Names.finds_kind_of(namespace + local):
            return None
        near = nearest(local, self._names.get(namespace, ()), _ALIKE)
        return namespace + near if near else None

    @cached_property
    def graphs_beside(self) -> set[str]:
        """Graphs that may be queried although the store does not hold them."""
        return {*virtual_graphs(self._store), graphs.HISTORY.value}

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        """All names by namespace, sorted; read only where nothing else finds what is meant."""
        names: dict[str, list[str]] = {}
        for iri in sorted({*(row["term"].value for row in select(self._store, _KNOWN)), *self.graphs_beside}):
            namespace, name = split_iri(iri)
            names.setdefault(namespace, []).append(name)
        return names


class _Terms:
    """The terms of the ontology, with what they are called."""

    def __init__(self, store: Store) -> None:
        self._called: dict[str, set[str]] = {}
        self._classes: set[str] = set()
        for quad in match(store, None, RDFS.label, None, graphs.ONTOLOGY):
            term = quad.subject
            if isinstance(term, NamedNode) and not is_deprecated(store, term):
                self._called.setdefault(term.value, {_plain(split_iri(term.value)[1])})
                if any(match(store, term, RDF.type, OWL.Class, graphs.ONTOLOGY)):
                    self._classes.add(term.value)
        for iri, names in self._called.items():
            for predicate in (RDFS.label, SKOS.altLabel):
                labels = literals_of(store, NamedNode(iri), predicate, graphs.ONTOLOGY)
                names.update(_plain(label.value) for label in labels)

    def of_this_name(self, local: str, is_class: bool) -> str | None:
        """Return the one term whose local name is that of a name of another vocabulary."""
        found = [iri for iri in self._of_kind(is_class or local[:1].isupper()) if split_iri(iri)[1] == local]
        return found[0] if len(found) == 1 else None

    def meant_by(self, local: str, is_class: bool) -> str | None:
        """Return the term that a name means: a class where a class stands, which begins with a capital, too."""
        return next(self._candidates(local, _plain(local), is_class or local[:1].isupper()), None)

    def _candidates(self, local: str, wanted: str, as_class: bool) -> Iterator[str]:
        """Yield the terms that a name may mean, the likeliest first."""
        kind = list(self._of_kind(as_class))
        so_called = (iri for iri in kind if wanted in self._called[iri])
        yield from sorted(so_called, key=lambda iri: (_plain(split_iri(iri)[1]) != wanted, iri))
        if not as_class:
            yield from (iri for iri in self._of_kind(True) if _plain(split_iri(iri)[1]) == wanted)
        spelt = {split_iri(iri)[1]: iri for iri in kind if iri.startswith(ns.CD)}
        yield from _nearest(local, spelt, _SLIP)
        yield from _only(iri for iri in kind if _ends_with(self._called[iri], wanted))
        yield from _nearest(local, spelt, _ALIKE)
        yield from _begun_by(local, spelt)

    def _of_kind(self, classes: bool) -> Iterator[str]:
        return (iri for iri in self._called if (iri in self._classes) is classes)


def _plain(name: str) -> str:
    return plain(_BORDER.sub(" ", name))


def _ends_with(names: Iterable[str], wanted: str) -> bool:
    return len(wanted) > 3 and any(name.endswith(wanted) for name in names)


def _only(found: Iterable[str]) -> list[str]:
    """Return what is found if it is one, else nothing."""
    several = list(found)
    return several if len(several) == 1 else []


def _nearest(local: str, spelt: dict[str, str], alike: float) -> list[str]:
    near = nearest(local, spelt, alike)
    return [spelt[near]] if near else []


def _begun_by(local: str, spelt: dict[str, str]) -> list[str]:
    """Return the longest name with which a given one begins, such as twin for twining."""
    found = [name for name in spelt if len(name) > 3 and local.startswith(name)]
    return [spelt[name] for name in sorted(found, key=len)[-1:]]
