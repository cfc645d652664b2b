"""Labels and display names of things, in English where there is a choice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from itertools import islice

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kg.rdf import namespaces as ns
from kg.rdf.authorities import AUTHORITIES, Authority
from kg.rdf.graphs import is_curated
from kg.rdf.lookup import Quads, literals_of, match, nodes_of, nodes_with
from kg.rdf.passages import subject_of_entry
from kg.rdf.snapshots import once_per_snapshot
from kg.rdf.vocabulary import CD, DCTERMS, GEO, RDF, RDFS, SKOS
from kg.readings import Reading

LABELS = (SKOS.prefLabel, RDFS.label)
"""The properties of a label, first the one that counts where there are several."""
NAMES = (SKOS.prefLabel, SKOS.altLabel, CD.nativeName)
"""The properties of all that a thing may be called."""
TIE_LABELS: Mapping[NamedNode, str] = {
    CD.Twinning: "Twinning of {} and {}",
    CD.Membership: "Membership of {} in {}",
    CD.Office: "Office of {} in {}",
    CD.Affiliation: "{} at {}",
}
"""What a tie is called by its parties, where it has no other name."""
_SOURCES = frozenset(("passage", "publication", "source"))
_REMEMBERED = 10_000
"""Labels kept for a store: those on the pages of some hours, in a few megabytes."""

NamesOf = Callable[[Iterable[str]], Mapping[str, str]]
"""A function that returns what people read in place of IRIs."""


def preferred_literal(texts: Iterable[object]) -> Literal | None:
    """Return the English literal, else one of another language; of several, the first by text."""
    literals = (text for text in texts if isinstance(text, Literal))
    return min(literals, key=lambda literal: (literal.language != "en", str(literal)), default=None)


def label(store: Quads, thing: NamedNode) -> Literal | None:
    """Return the label of a thing in any graph, None if it has none."""
    # of all that people see only shapes and changes have theirs elsewhere than in the default graph
    return _label_in(store, thing, DefaultGraph()) or _label_in(store, thing, None)


def _label_in(store: Quads, thing: NamedNode, graph: DefaultGraph | None) -> Literal | None:
    first: Literal | None = None
    for predicate in LABELS:
        found = preferred_literal(quad.object for quad in match(store, thing, predicate, None, graph))
        if found is not None and found.language == "en":
            return found
        first = first or found
    return first


def chinese_label(store: Quads, thing: NamedNode) -> str:
    """Return the label of a thing in Chinese, empty if it has none; of several, the first by text."""
    texts = (text for predicate in LABELS for text in literals_of(store, thing, predicate))
    return min((text.value for text in texts if (text.language or "").startswith("zh")), default="")


def english_label(store: Quads, thing: NamedNode) -> str | None:
    """Return the label of a thing if it has one in English."""
    found = label(store, thing)
    return found.value if found is not None and found.language == "en" else None


def label_lookup(store: Quads) -> Callable[[NamedNode], Literal | None]:
    """Return a function that finds the labels of things in a snapshot, with a cache; in a changed one without."""
    return _remembered_labels(store) if isinstance(store, Store) else partial(label, store)


@once_per_snapshot
def _remembered_labels(snapshot: Store) -> Callable[[NamedNode], Literal | None]:
    return lru_cache(_REMEMBERED)(partial(label, snapshot))


@Reading
def display_names(snapshot: Store, iris: Iterable[str]) -> dict[str, str]:
    """Return by IRI the names that people read, in a snapshot: labels, or descriptions of things without one.

    Accounts and references are described by who says so and of what; positions, the graphs of passages, identifiers of
    authorities such as GeoNames and Wikidata, and twinnings of data sets by what they belong to. Anything else without
    a label has its prefixed name. The label of an entry of a data set, which ends in its identifier, also names the
    subject of the entry: `Wikidata 2016: Venice (Q641)`. A source that curators state is marked, to tell it from the
    passages of works: `List of the council (curated)`; canned queries do the same.
    """
    return {iri: display_name(snapshot, NamedNode(iri)) for iri in iris}


def display_name(store: Quads, thing: NamedNode) -> str:
    """Return the name that people read for a thing, as `display_names` does."""
    if thing == RDF.type:
        return "type"
    found = label_lookup(store)(thing)
    if found is not None:
        name = _with_subject(store, thing, found.value) if _is_of_another_work(thing) else found.value
        return mark_if_curated(store, thing, name)
    for prefix, parts_of in _WITHOUT_LABEL.items():
        if thing.value.startswith(prefix):
            return " ".join(parts_of(store, thing)) or ns.compact(thing.value)
    return ns.compact(thing.value)


def mark_if_curated(store: Quads, thing: NamedNode, name: str) -> str:
    """Return a name as it is shown: with a mark if the thing is a source that curators state."""
    return f"{name} (curated)" if _is_curated(store, thing) else name


def _is_curated(store: Quads, thing: NamedNode) -> bool:
    """Return True if a curated graph states that a thing is a source or a passage, whatever its IRI."""
    if ns.kind_of(thing.value) not in _SOURCES:
        return False
    types = match(store, thing, RDF.type)
    return any(isinstance(quad.graph_name, NamedNode) and is_curated(quad.graph_name.value) for quad in types)


def _is_of_another_work(thing: NamedNode) -> bool:
    """Return True if a thing is a passage of a work other than the report, as entries of data sets are."""
    kind, slash, _ = thing.value.removeprefix(ns.ID).rpartition("/")
    return bool(slash) and kind.startswith("passage/")


def _with_subject(store: Quads, entry: NamedNode, label: str) -> str:
    about = subject_of_entry(store, entry)
    if about is None or not label.endswith(about.identifier):
        return label
    before = label.removesuffix(about.identifier)
    return f"{before}{display_name(store, about.thing)} ({about.identifier})"


def _parts_of_twinning(store: Quads, twinning: NamedNode) -> list[str]:
    """Return the name of a twinning of a data set, which has thousands of them and no label for any."""
    parties = _values(store, twinning, CD.twin)
    return [TIE_LABELS[CD.Twinning].format(*parties)] if len(parties) == 2 else []


def _parts_of_account(store: Quads, account: NamedNode) -> list[str]:
    stated, of = (_values(store, account, predicate) for predicate in (CD.statedIn, CD.accountOf))
    return [f"{who} on: {what}" for who in stated for what in of]


def _parts_of_reference(store: Quads, reference: NamedNode) -> list[str]:
    graphs, subjects = (_values(store, reference, predicate) for predicate in (CD.inGraph, RDF.subject))
    return [f"{who} on: {what}" for who in graphs for what in subjects]


def _parts_of_geometry(store: Quads, geometry: NamedNode) -> list[str]:
    places = nodes_with(store, GEO.hasGeometry, geometry)
    return sorted(f"Position of {display_name(store, place)}" for place in places)


def _parts_of_graph(store: Quads, graph: NamedNode) -> list[str]:
    """Return the name of the passage of a graph; of a data set, that of the work."""
    first = [quad.subject for quad in islice(match(store, None, CD.statementGraph, graph, DefaultGraph()), 2)]
    if len(first) > 1 and isinstance(first[0], NamedNode):
        return _values(store, first[0], DCTERMS.isPartOf)
    return [display_name(store, passage) for passage in first if isinstance(passage, NamedNode)]


def _parts_of_identifier(authority: Authority, _: Quads, address: NamedNode) -> list[str]:
    return [authority.name, authority.identifier_in(address.value) or address.value]


def _values(store: Quads, thing: NamedNode, predicate: NamedNode) -> list[str]:
    return sorted(display_name(store, node) for node in nodes_of(store, thing, predicate))


_WITHOUT_LABEL: Mapping[str, Callable[[Quads, NamedNode], list[str]]] = {
    ns.PREFIXES["account"]: _parts_of_account,
    ns.PREFIXES["reference"]: _parts_of_reference,
    ns.PREFIXES["twinning"]: _parts_of_twinning,
    ns.PREFIXES["geometry"]: _parts_of_geometry,
    ns.REPORT: _parts_of_graph,
    **{authority.namespace: partial(_parts_of_identifier, authority) for authority in AUTHORITIES},
}
"""By the prefix of an IRI, the function that makes its name where it has no label."""


def display_term(term: object) -> str:
    """Return a term as findings show it: a prefixed name, or the text of a literal."""
    return ns.compact(term.value) if isinstance(term, NamedNode) else str(getattr(term, "value", term))
