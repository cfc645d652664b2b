"""What the page of an answer names: the things in its rows, and the entries of data sets that it lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import Literal, NamedNode, Store

from kg.objections import parse_objections
from kg.queries import CannedQuery
from kg.rdf.labels import display_names, entry_names
from kg.rdf.lookup import Term
from kg.rdf.rows import FirstRows
from kg.rdf.vocabulary import XSD


def names_in(store: Store, found: FirstRows, lists: Sequence[str] = (), others: Iterable[str] = ()) -> dict[str, str]:
    """Return what people read in place of each IRI in rows and of `others`, in a store that never changes.

    Objections in a cell are named as well. The columns `lists` list passages by their labels: with these, those of
    entries of data sets are named.
    """
    terms = {term for row in found.rows for term in row if term is not None}
    places = [found.names.index(name) for name in lists if name in found.names]
    labels = {label for row in found.rows for place in places for label in CannedQuery.passage_labels(row[place])}
    return display_names(store, sorted({*_iris(terms), *others})) | (
        entry_names(store, sorted(labels)) if labels else {}
    )


def _iris(terms: Iterable[Term]) -> Iterator[str]:
    for term in terms:
        if isinstance(term, NamedNode):
            yield term.value
        elif isinstance(term, Literal) and term.datatype == XSD.string:
            for _, iri in parse_objections(term.value):
                yield iri
