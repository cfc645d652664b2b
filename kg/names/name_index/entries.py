"""The names that a store has for each thing, read thing by thing, so that a change makes only some be read again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.rdf import namespaces as ns
from kg.rdf.labels import NAMES
from kg.rdf.lookup import literals_of, match, match_each, nodes_with
from kg.rdf.vocabulary import CD, DCTERMS, OWL, RDFS

_TITLES = (RDFS.label, DCTERMS.title)
_ABOUT_OTHERS = (CD.identifiedAs, CD.accountOf)
"""Properties whose subjects hold a spelling of something else, or what is known of it."""
_FLAGS = (OWL.deprecated, CD.entry)


class NameEntry(NamedTuple):
    """The names of a thing: by properties of names, by those of titles, and as sources print them.

    It is hidden from look-ups if it is withdrawn, or an entry of a data set, whose name is its number.
    """

    names: tuple[Literal, ...] = ()
    titles: tuple[Literal, ...] = ()
    printed: tuple[Literal, ...] = ()
    is_withdrawn: bool = False
    is_of_data_set: bool = False

    @property
    def is_hidden(self) -> bool:
        """True if look-ups by name pass it over."""
        return self.is_withdrawn or self.is_of_data_set


NO_ENTRY = NameEntry()


class ChangedIris(NamedTuple):
    """The IRIs of things and of graphs about which changes add or remove statements."""

    things: set[str]
    graphs: set[str]

    @staticmethod
    def of(quads: Iterable[Quad]) -> ChangedIris:
        """Return the IRIs that some quads are about."""
        found = ChangedIris(set(), set())
        for quad in quads:
            found.add(quad)
        return found

    def add(self, quad: Quad) -> None:
        """Add the IRIs that a quad is about."""
        if isinstance(quad.subject, NamedNode):
            self.things.add(quad.subject.value)
        if quad.predicate in _ABOUT_OTHERS and isinstance(quad.object, NamedNode):
            self.things.add(quad.object.value)
        if quad.predicate == CD.statementGraph and isinstance(quad.object, NamedNode):
            self.graphs.add(quad.object.value)
        if isinstance(quad.graph_name, NamedNode):
            self.graphs.add(quad.graph_name.value)

    def with_described_things(self, store: Store) -> set[str]:
        """Return the things, and those that they describe in a store: a spelling or account is of another thing."""
        about = ((NamedNode(thing), predicate) for thing in self.things for predicate in _ABOUT_OTHERS)
        return self.things | set(_iris(quad.object for quad in _each(store, about)))


def read_entries(store: Store) -> dict[str, NameEntry]:
    """Return the entries of all things of a store, by IRI."""
    names, titles, printed = (defaultdict[str, list[Literal]](list) for _ in range(3))
    for properties, into in ((NAMES, names), (_TITLES, titles)):
        for predicate in properties:
            for thing, texts in _literals_by_subject(store, predicate).items():
                if not _is_account(thing):
                    into[thing] += sorted(texts, key=str)
    spellings = _literals_by_subject(store, CD.spelling)
    for quad in match(store, None, CD.identifiedAs, None, DefaultGraph()):
        if isinstance(quad.object, NamedNode) and isinstance(quad.subject, NamedNode):
            printed[quad.object.value] += spellings.get(quad.subject.value, ())
    withdrawn, of_data_sets = ({node.value for node in nodes_with(store, flag)} for flag in _FLAGS)
    return {
        thing: NameEntry(
            tuple(names.get(thing, ())),
            tuple(titles.get(thing, ())),
            tuple(sorted(printed.get(thing, ()), key=str)),
            thing in withdrawn,
            thing in of_data_sets,
        )
        for thing in {*names, *titles, *printed, *withdrawn, *of_data_sets}
    }


def read_entry(store: Store, iri: str) -> NameEntry:
    """Return the entry of one thing of a store."""
    thing = NamedNode(iri)
    spellings = match(store, None, CD.identifiedAs, thing, DefaultGraph())
    texts = [text for one in spellings for text in _texts(store, one.subject, (CD.spelling,))]
    return NameEntry(
        tuple(_texts(store, thing, NAMES)),
        tuple(_texts(store, thing, () if _is_account(iri) else _TITLES)),
        tuple(sorted(texts, key=str)),
        *(any(match(store, thing, flag, None, DefaultGraph())) for flag in _FLAGS),
    )


def _is_account(iri: str) -> bool:
    """Return True for accounts: a title that one has is that of the publication described, which has it by rule."""
    return ns.kind_of(iri) == "account"


def _literals_by_subject(store: Store, predicate: NamedNode) -> dict[str, list[Literal]]:
    found: dict[str, list[Literal]] = {}
    for quad in match(store, None, predicate, None, DefaultGraph()):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
            found.setdefault(quad.subject.value, []).append(quad.object)
    return found


def _texts(store: Store, thing: object, properties: Iterable[NamedNode]) -> Iterator[Literal]:
    """Yield the literals of some properties, sorted within each: the order of a store depends on how it was filled."""
    if isinstance(thing, NamedNode):
        for predicate in properties:
            yield from sorted(literals_of(store, thing, predicate), key=str)


def _each(store: Store, about: Iterable[tuple[NamedNode, NamedNode]]) -> Iterator[Quad]:
    return match_each(store, ((*one, None, DefaultGraph()) for one in about))


def _iris(terms: Iterable[object]) -> Iterator[str]:
    return (term.value for term in terms if isinstance(term, NamedNode))
