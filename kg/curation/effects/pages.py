"""What shows elsewhere once a change is made: what follows from it by rule, and the things whose pages it changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad

from kg.curation.effects.result import ChangeResult
from kg.rdf import namespaces as ns
from kg.rdf.lookup import values
from kg.rdf.vocabulary import CD
from kg.wording import NamedThing, Wording

MOST_SHOWN = 50
"""The most facts, and things, that are shown of a change."""
_TOLD_ELSEWHERE = frozenset(
    ("absence", "account", "citation", "completeness", "disagreement", "finding", "geometry", "reference", "statistic")
)
"""Kinds of nodes that the pages of others show."""


@dataclass(frozen=True)
class Listed:
    """The first of many, as JSON, and how many there are."""

    first: Sequence[object]
    count: int

    def as_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        return {"count": self.count, "first": list(self.first)}


def facts(quads: Iterable[Quad], wording: Wording) -> Listed:
    """Return in words what follows of things by rule; what serves other rules, such as bounds, is left out."""
    found = sorted(filter(_is_of_things, quads), key=str)
    told = []
    for quad in found[:MOST_SHOWN]:
        assert isinstance(quad.subject, NamedNode)
        name, said = wording.name_of(quad.subject)["text"], wording.property_text(quad.predicate, [quad.object])["text"]
        told.append(NamedThing(text=f"{name}, {said}", iri=quad.subject.value, lang="en"))
    return Listed(told, len(found))


def _is_of_things(quad: Quad) -> bool:
    """Return True for what leads from a thing with a page of its own to another; a tie leads to its parties anyway."""
    is_told = quad.predicate != CD.party
    return is_told and all(isinstance(one, NamedNode) and _has_page(one) for one in (quad.subject, quad.object))


def _has_page(node: NamedNode) -> bool:
    return node.value.startswith(ns.ID) and ns.kind_of(node.value) not in _TOLD_ELSEWHERE


def things_shown(result: ChangeResult) -> list[NamedNode]:
    """Return the things on whose pages a change shows: those that it is of, and those to which they lead."""
    changed = [quad for quads in (result.come, result.gone) for quad in quads]
    terms = {term for quad in changed for term in (quad.subject, quad.object) if isinstance(term, NamedNode)}
    shown = {thing for one in terms if one.value.startswith(ns.ID) for thing in _shown_on(result, one)}
    return sorted(shown, key=str)


def pages(things: Sequence[NamedNode], wording: Wording) -> Listed:
    """Return the names of things, as links to their pages."""
    return Listed([wording.name_of(one) for one in things[:MOST_SHOWN]], len(things))


def _shown_on(result: ChangeResult, node: NamedNode) -> Iterator[NamedNode]:
    """Yield a thing itself or what an account is of, and its parties if it is a tie."""
    for look_up in (result.before, result.after):
        for thing in values(look_up, node, CD.accountOf) or {node}:
            if _has_page(thing):
                yield thing
                yield from filter(_has_page, values(look_up, thing, CD.party))
