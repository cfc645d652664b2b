"""The relations of rows, which the graph may have already, and the accounts of them by a source."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.names import Names
from kg.rdf import namespaces as ns
from kg.rdf.labels import display_term, english_label
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD
from kg.reconciliation import Reason, reason
from kg.tables.table import Row
from kg.tables.templates import PropertyValue, RelationTemplate, Value

TWINNING_KIND = NamedNode(f"{ns.VOCABULARY}tie-kind/twinning")
_YEAR = re.compile(r"-([0-9]{4})$")


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation of parties, of the kind of its template; `is_new` if the graph does not have it."""

    iri: str
    parties: tuple[str, ...]
    is_new: bool
    template: RelationTemplate


class Relations:
    """The relations of one kind in the graph and in an import."""

    def __init__(self, template: RelationTemplate, names: Names, source: str) -> None:
        self.template = template
        self._names = names
        self._store = names.store
        self._source = NamedNode(source)
        self._by_parties: dict[tuple[str, ...], list[str]] = defaultdict(list)
        self._new: dict[str, tuple[str, ...]] = {}
        self._accounts: dict[str, tuple[Row, frozenset[PropertyValue]]] = {}
        self._of_kind: dict[NamedNode, Relations] = {}
        for iri, parties in _known_relations(self._store, template).items():
            if not names.is_withdrawn(iri):
                self._by_parties[parties].append(iri)

    def of_kind(self, concept: NamedNode | None) -> Relations:
        """Return the relations of a kind of tie: these, or those of two parties that do something together."""
        if concept is None or concept == TWINNING_KIND:
            return self
        if concept not in self._of_kind:
            name = english_label(self._store, concept) or concept.value.rpartition("/")[2]
            self._of_kind[concept] = Relations(self.template.of_kind(concept, name), self._names, self._source.value)
        return self._of_kind[concept]

    def between(self, things: Sequence[str], year: str) -> Relation | Reason:
        """Return the relation of its parties, by its begin year if there are several; or why it is not clear."""
        parties = self._key(*things)
        known = sorted(self._by_parties.get(parties, ()))
        if not known:
            iri = self._iri_of(parties)
            self._by_parties[parties].append(iri)
            self._new[iri] = parties
            return Relation(iri, parties, True, self.template)
        of_year = [iri for iri in known if year and iri.endswith(f"-{year}")]
        first = [iri for iri in known if not _YEAR.search(iri)]
        chosen = of_year or (known if len(known) == 1 else first)
        if len(chosen) != 1:
            listed = ", ".join(map(ns.compact, known))
            hint = "Give the year in which it begins, or write it in Turtle."
            return reason("Several relations join the two: {relations}.", hint, relations=listed)
        return Relation(chosen[0], parties, chosen[0] in self._new, self.template)

    def known_pairs(self, some: Collection[str], others: Collection[str]) -> list[tuple[str, str]]:
        """Return the pairs of one of some things and one of others that the graph joins."""
        pairs = ((one, other) for one in some for other in others if one != other)
        return [
            pair for pair in pairs if any(iri not in self._new for iri in self._by_parties.get(self._key(*pair), ()))
        ]

    def compare(self, relation: Relation, values: Iterable[PropertyValue], row: Row) -> AccountComparison:
        """Compare an account with the one in the graph or an earlier row; a new account is remembered."""
        now = frozenset(values)
        if (earlier := self._accounts.get(relation.iri)) is not None:
            return AccountComparison(now <= earlier[1], earlier[0].place, _additions(now, earlier[1]))
        if not relation.is_new and (there := self._account_in_graph(relation)) is not None:
            return AccountComparison(now <= there, "", _additions(now, there))
        self._accounts[relation.iri] = row, now
        return AccountComparison(is_new=True)

    def _account_in_graph(self, relation: Relation) -> frozenset[PropertyValue] | None:
        """Return the values of the source's account of a relation in the graph, None without one."""
        for account in match(self._store, None, CD.accountOf, NamedNode(relation.iri), DefaultGraph()):
            quads = match(self._store, account.subject, None, None, DefaultGraph())
            there = {(quad.predicate, quad.object) for quad in quads if isinstance(quad.object, Value)}
            if (CD.statedIn, self._source) in there:
                return frozenset(there)
        return None

    def _key(self, *parties: str) -> tuple[str, ...]:
        return tuple(sorted(parties)) if self.template.alphabetical else parties

    def _iri_of(self, parties: tuple[str, ...]) -> str:
        """Return a free IRI for a new relation: of the names of its parties; with their kinds if that one is taken."""
        slugs = [iri.rpartition("/")[2] for iri in parties]
        in_full = [iri.removeprefix(ns.ID).replace("/", "-") for iri in parties]
        for names in (slugs, in_full):
            iri = self.template.iri(names)
            if iri not in self._new and not any(match(self._store, NamedNode(iri), None, None, DefaultGraph())):
                return iri
        raise AssertionError(f"no IRI is free for {parties}")


@dataclass(frozen=True, slots=True)
class AccountComparison:
    """An account compared with what is known: what it adds, and the row it is known from (empty: the graph)."""

    is_known: bool = False
    place: str = ""
    additions: tuple[PropertyValue, ...] = ()
    is_new: bool = False
    """True if the source has no account of the relation yet."""

    def __str__(self) -> str:
        return ", ".join(f"{ns.compact(predicate.value)} {display_term(value)}" for predicate, value in self.additions)


def _additions(now: Iterable[PropertyValue], there: Iterable[PropertyValue]) -> tuple[PropertyValue, ...]:
    return tuple(sorted(set(now) - set(there), key=str))


def _known_relations(store: Store, template: RelationTemplate) -> dict[str, tuple[str, ...]]:
    """Return the relations of a kind in a store, each with its parties."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for place, predicate in enumerate(dict.fromkeys(party.predicate for party in template.parties)):
        for quad in match(store, None, predicate, None, DefaultGraph()):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
                found[quad.subject.value].append((place, quad.object.value))
    return {
        iri: tuple(thing for _, thing in sorted(parties))
        for iri, parties in found.items()
        if len(parties) == len(template.parties) and _is_of_kind(store, iri, template)
    }


def _is_of_kind(store: Store, iri: str, template: RelationTemplate) -> bool:
    kind = template.activity_kind
    if len(template.parties) == 1:
        return ns.kind_of(iri) == template.kind  # ties of two parties have that property as well
    return kind is None or any(match(store, NamedNode(iri), CD.activityKind, kind, DefaultGraph()))
