"""Look up the names in cells that name things as the graph does: by IRI, by the name in it, or as people call them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from pyoxigraph import NamedNode, Store

from kg.names import Names
from kg.nearest import did_you_mean
from kg.rdf import namespaces as ns
from kg.reconciliation import reason
from kg.tables.mapping import UnfitCellError


class NamesInCells:
    """Looks up the names in the cells of a table."""

    def __init__(self, store: Store, hint_of_new: str = "") -> None:
        """Use a store with labels and identifiers.

        With a hint of how something new is stated, only what the store knows is found: nothing else may state it.
        """
        self._store = store
        self._hint_of_new = hint_of_new

    def find(self, text: str, types: Sequence[str]) -> NamedNode:
        """Return the thing of one of some types that a text names; the first type is that of a bare name.

        The name in an IRI (`leeds`), the same with its type (`city:leeds`), and the IRI are taken as they are, whether
        the graph has the thing or not: the same submission may state it. Anything else is looked up in the store.
        Raises UnfitCellError for a text that names nothing there, or several things.
        """
        path = text.removeprefix(ns.ID).replace(":", "/", 1)
        type_name, _, slug = path.rpartition("/")
        if type_name == "passage" and type_name not in types:
            hint = "Name a source of your own, such as source:…; it stands beside the report."
            raise UnfitCellError(reason("Only the files can state what {name} says.", hint, name=text))
        if type_name in ns.ENTITY_TYPES and type_name not in types:
            hint = f"Write the name with one of these types: {', '.join(f'{name}:…' for name in types)}."
            raise UnfitCellError(reason("{name!r} is not allowed here.", hint, name=text))
        if type_name in types:
            types = (type_name,)
        elif type_name:
            slug = text
        written = NamedNode(f"{ns.ID}{types[0]}/{slug}") if ns.SLUG.fullmatch(slug) else None
        may_be_new = not self._hint_of_new and not slug.isdecimal()
        if written is not None and (may_be_new or self.names.knows(written)):
            return written
        return self._look_up(slug, types, None if self._hint_of_new else written)

    def _look_up(self, text: str, types: Sequence[str], written: NamedNode | None) -> NamedNode:
        names = self.names
        found = names.resolve(text, lambda thing: ns.kind_of(thing.value) in types)
        of_first = found.prefer(lambda one: ns.kind_of(one.thing.value) == types[0])
        if thing := of_first.only_match or found.only_match:
            return thing
        if things := found.things:
            hint = f"Write which one: {names.in_words(things)}."
            raise UnfitCellError(reason("{name!r} names {count} things.", hint, name=text, count=len(things)))
        if written is not None:
            return written
        hint = f"If it is new, state it in the same change, and name it here as in its IRI: {types[0]}:…"
        hint = self._hint_of_new or hint
        if near := names.near(text, types).things:
            hint = did_you_mean(names.display_name(near[0]), hint)
        why = reason("{name!r} is not the name of a {type} that the graph knows.", hint, name=text, type=types[0])
        raise UnfitCellError(why)

    @cached_property
    def names(self) -> Names:
        """The names of the graph, read on first use: a cell that is written as in an IRI does not need them."""
        return Names(self._store)
