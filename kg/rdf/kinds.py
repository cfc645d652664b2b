"""The kinds of things: what their IRIs say, and of a polity what sources state that it is.

The IRI of a thing stays when more becomes known of it, so a body that was made as `polity/…` may be a city by now.
"""

from __future__ import annotations

from pyoxigraph import NamedNode, Store

from kg.rdf import namespaces as ns
from kg.rdf.lookup import nodes_of, nodes_with
from kg.rdf.vocabulary import CD, RDF

RELATIONS = frozenset(
    ("affiliation", "agreement", "funding", "mediation", "membership", "office", "strategy", "team", "twinning")
)
"""The kinds of ties between parties."""
STATEMENTS = frozenset(
    ("absence", "account", "activity", "completeness", "definition", "finding", "recommendation", "statistic")
)
"""The kinds of things that a value states, where others name a group or a thing."""
POLITY_CLASSES = {
    "city": CD.City,
    "district": CD.CityDistrict,
    "region": CD.Region,
    "nation": CD.ConstituentNation,
}
"""The classes of polities that are kinds of their own."""


def kind_of_thing(store: Store, iri: str) -> str:
    """Return the kind of a thing: that of its IRI, or of a polity the one that a source states."""
    kind = ns.kind_of(iri)
    if kind != "polity":
        return kind
    stated = nodes_of(store, NamedNode(iri), RDF.type)
    return next((narrower for narrower, of_class in POLITY_CLASSES.items() if of_class in stated), kind)


def kinds_of_polities(store: Store) -> dict[str, str]:
    """Return the kinds of all polities of which a source states one, by IRI, as `kind_of_thing` does."""
    return {
        node.value: kind
        for kind, of_class in reversed(POLITY_CLASSES.items())
        for node in nodes_with(store, RDF.type, of_class)
        if ns.kind_of(node.value) == "polity"
    }
