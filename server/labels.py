"""What people read in place of an IRI: its preferred label, linked to its page below our own root."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Store, Triple

from kg import namespaces as ns

_ACCOUNT_OF, _STATED_IN = NamedNode(ns.CD + "accountOf"), NamedNode(ns.CD + "statedIn")
_NAMES = (NamedNode(ns.PREFIXES["skos"] + "prefLabel"), NamedNode(ns.PREFIXES["rdfs"] + "label"))

# What we answer below our own root, besides documents about things.
_PAGES = ("ontology", "shapes", "dataset")
_TERMS = ("ontology#", "ontology/", "shapes#", "vocabulary/", "queries/")


@dataclass(frozen=True)
class Shown:
    """A term as a page shows it: its text, where it leads, and the language of the text."""

    text: str
    href: str | None = None
    lang: str | None = None


class Labels:
    """Labels of the terms of a store, in English where there is a choice."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def value(self, term: NamedNode | Literal | BlankNode | Triple | None) -> Shown:
        """Return a term as a page shows it."""
        if isinstance(term, NamedNode):
            return Shown(self.of(term), local_address(term.value), "en")
        if isinstance(term, Literal):
            return Shown(term.value, None, term.language)
        return Shown("" if term is None else str(term))

    def text(self, text: str) -> Shown:
        """Return plain text as a page shows it."""
        return Shown(text)

    def of(self, iri: NamedNode) -> str:
        """Return the label of an IRI; an account is called by what it is about and who says so.

        What has no label goes by its prefixed name.
        """
        if iri == ns.RDF_TYPE:
            return "type"
        if iri.value.startswith(ns.PREFIXES["account"]):
            return self._of_account(iri)
        found = {
            quad.object.language or "": quad.object.value
            for name in _NAMES
            for quad in self._store.quads_for_pattern(iri, name, None, None)
            if isinstance(quad.object, Literal)
        }
        return found.get("en") or next(iter(found.values()), ns.compact(iri.value))

    def _of_account(self, account: NamedNode) -> str:
        parts = [
            self.of(quad.object)
            for predicate in (_STATED_IN, _ACCOUNT_OF)
            for quad in self._store.quads_for_pattern(account, predicate, None, DefaultGraph())
            if isinstance(quad.object, NamedNode)
        ]
        return " on: ".join(parts) or ns.compact(account.value)


def local_address(iri: str) -> str | None:
    """Return where an IRI leads: below our own root for ours, itself for another http address."""
    if iri.startswith(ns.ID):
        return f"/doc/{iri.removeprefix(ns.ID)}"
    if iri.startswith(ns.BASE):
        local = iri.removeprefix(ns.BASE)
        return f"/{local}" if local in _PAGES or local.startswith(_TERMS) else None
    return iri if iri.startswith(("http://", "https://")) else None
