"""Find what a cell of a table names: by the name in the IRI, or by a label, another name or an identifier."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from pyoxigraph import NamedNode, Store

from kg.names import Names
from kg.rdf import namespaces as ns
from kg.reconciliation import reason
from kg.tables.cells import UnfitCellError

_MOST_LISTED = 5  # things of one name in a message


class NamesInCells:
    """What names in the cells of a table stand for."""

    def __init__(self, store: Store) -> None:
        """Take the store that knows labels and identifiers."""
        self._store = store

    def find(self, text: str, types: Sequence[str]) -> NamedNode:
        """Return what a text names that is of one of the types, first that of a bare name.

        The name in an IRI (`leeds`), the same with its type (`city:leeds`), and the IRI stand for themselves, whether
        the thing is known or not: the same submission may state it. All else is looked up in the store. Raises
        UnfitCellError for what names nothing there, or several things.
        """
        path = text.removeprefix(ns.ID).replace(":", "/", 1)
        type_name, _, slug = path.rpartition("/")
        if type_name == "passage" and type_name not in types:
            hint = "Name a source of your own, such as source:…; it stands beside the report."
            raise UnfitCellError(reason("What {name} says comes from files alone.", hint, name=text))
        if type_name in ns.ENTITY_TYPES and type_name not in types:
            hint = f"Write the name with one of these types: {', '.join(f'{name}:…' for name in types)}."
            raise UnfitCellError(reason("{name!r} is none of what can stand here.", hint, name=text))
        if type_name in types:
            types = (type_name,)
        elif type_name:
            slug = text
        written = NamedNode(f"{ns.ID}{types[0]}/{slug}") if ns.SLUG.fullmatch(slug) else None
        if written is not None and (not slug.isdecimal() or self._names.knows(written)):
            return written
        return self._look_up(slug, types, written)

    def _look_up(self, text: str, types: Sequence[str], written: NamedNode | None) -> NamedNode:
        names = self._names
        found = names.resolve(text, lambda thing: ns.kind_of(thing.value) in types)
        of_first = found.prefer(lambda one: ns.kind_of(one.thing.value) == types[0])
        if thing := of_first.only_match or found.only_match:
            return thing
        if things := found.things:
            listed = "; ".join(map(names.display_name, things[:_MOST_LISTED]))
            more = f"; and {len(things) - _MOST_LISTED} more" if len(things) > _MOST_LISTED else ""
            hint = f"Write which one: {listed}{more}."
            raise UnfitCellError(reason("{name!r} names {count} things.", hint, name=text, count=len(things)))
        if written is not None:
            return written
        hint = f"If it is new, state it in the same change, and name it here as in its IRI: {types[0]}:…"
        if near := names.near(text, types).things:
            hint = f"Did you mean {names.display_name(near[0])}? {hint}"
        why = reason("{name!r} is not the name of a {type} that the graph knows.", hint, name=text, type=types[0])
        raise UnfitCellError(why)

    @cached_property
    def _names(self) -> Names:
        """What things are called, which is read once a cell asks for it: what is written as in an IRI does not."""
        return Names(self._store)
