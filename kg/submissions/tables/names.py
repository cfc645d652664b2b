"""Find what a cell of a table names: by the name in the IRI, or by a label, another name or an identifier."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from pyoxigraph import NamedNode, Store

from kg.messages import bilingual
from kg.names import Names
from kg.rdf import namespaces as ns

_MOST_LISTED = 5  # things of one name in a message


class UnclearNameError(Exception):
    """A cell does not name one thing: what is wrong, in both languages, and the way out."""

    def __init__(self, words: tuple[str, str], hint: str) -> None:
        super().__init__(words[0])
        self.words = words
        self.hint = hint


class NamesInCells:
    """What names in the cells of a table stand for."""

    def __init__(self, store: Store | None) -> None:
        """Take the store that knows labels and identifiers; without one, a thing goes by the name in its IRI."""
        self._store = store

    def thing(self, text: str, types: Sequence[str]) -> NamedNode:
        """Return what a text names that is of one of the types, first that of a bare name.

        The name in an IRI (`leeds`), the same with its type (`city:leeds`), and the IRI stand for themselves, whether
        the thing is known or not: the same submission may state it. All else is looked up in the store. Raises
        UnclearNameError for what names nothing there, or several things.
        """
        path = text.removeprefix(ns.ID).replace(":", "/", 1)
        type_name, _, slug = path.rpartition("/")
        if type_name == "passage" and type_name not in types:
            words = bilingual("What {name} says comes from files alone.", name=text)
            raise UnclearNameError(words, "Name a source of your own, such as source:…; it stands beside the report.")
        if type_name in ns.ENTITY_TYPES and type_name not in types:
            hint = f"Write the name with one of these types: {', '.join(f'{name}:…' for name in types)}."
            raise UnclearNameError(bilingual("{name!r} is none of what can stand here.", name=text), hint)
        if type_name in types:
            types = (type_name,)
        elif type_name:
            slug = text
        written = NamedNode(f"{ns.ID}{types[0]}/{slug}") if ns.SLUG.fullmatch(slug) else None
        if written is not None and not (slug.isdecimal() and not (self._names and self._names.knows(written))):
            return written
        return self._named(slug, types, written)

    def _named(self, text: str, types: Sequence[str], written: NamedNode | None) -> NamedNode:
        if (names := self._names) is not None:
            found = names.resolve(text, lambda thing: ns.kind_of(thing.value) in types)
            of_first = found.preferring(lambda one: ns.kind_of(one.thing.value) == types[0])
            if thing := of_first.decided or found.decided:
                return thing
            if things := found.things:
                listed = "; ".join(map(names.shown, things[:_MOST_LISTED]))
                more = f"; and {len(things) - _MOST_LISTED} more" if len(things) > _MOST_LISTED else ""
                words = bilingual("{name!r} names {count} things.", name=text, count=len(things))
                raise UnclearNameError(words, f"Write which one: {listed}{more}.")
        if written is not None:
            return written
        hint = f"If it is new, state it in the same change, and name it here as in its IRI: {types[0]}:…"
        if names is not None and (near := names.near(text, types).things):
            hint = f"Did you mean {names.shown(near[0])}? {hint}"
        words = bilingual("{name!r} is not the name of a {type} that the graph knows.", name=text, type=types[0])
        raise UnclearNameError(words, hint)

    @cached_property
    def _names(self) -> Names | None:
        return Names(self._store) if self._store is not None else None
