"""A graph as it would be after a change, without a copy: what a store states, less some triples, and some more.

rdflib and pyshacl read it like any graph.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Set
from typing import Any

from rdflib.namespace import NamespaceManager
from rdflib.store import Store as RdflibStore
from rdflib.term import Node

from kg.validation.conversion import Triple
from kg.validation.parsed_once import ParsedOnceGraph
from kg.validation.stated import Pattern, Stated

NOTHING: frozenset[Triple] = frozenset()


class Overlay(ParsedOnceGraph):
    """The triples of `stated` but `removed`, and those of `added`. Read only."""

    def __init__(self, stated: Stated, added: Set[Triple] = NOTHING, removed: Set[Triple] = NOTHING) -> None:
        super().__init__(_OverlayStore(stated, added, removed), bind_namespaces="none")
        self.namespace_manager = PlainNames(self, bind_namespaces="none")


class PlainNames(NamespaceManager):
    """No prefixes: pyshacl writes a text about every result that nobody reads, and shortening its names takes long."""

    def bind(self, *args: Any, **kwargs: Any) -> None:
        """Pass over the prefix."""

    def normalizeUri(self, rdfTerm: str) -> str:  # noqa: N802, N803
        """Return the IRI in angle brackets."""
        return f"<{rdfTerm}>"


class _OverlayStore(RdflibStore):
    def __init__(self, stated: Stated, added: Set[Triple], removed: Set[Triple]) -> None:
        super().__init__()
        self._stated = stated
        self._added = _Indexed(added)
        self._removed = removed

    def triples(self, triple_pattern: Pattern, context: Any = None) -> Iterator[tuple[Triple, Any]]:
        for triple in self._stated.match(triple_pattern):
            if triple not in self._removed:
                yield triple, _NO_CONTEXT
        for triple in self._added.match(triple_pattern):
            yield triple, _NO_CONTEXT

    def __len__(self, context: Any = None) -> int:
        """Return 1: pyshacl and rdflib ask at every turn whether a graph is there at all, never how large it is."""
        return 1

    def namespaces(self) -> Iterator[tuple[str, Any]]:
        return iter(())


_NO_CONTEXT: tuple[()] = ()


class _Indexed:
    """A few triples by subject and by object; an rdflib graph would take as long for "none here" as for an answer."""

    def __init__(self, triples: Set[Triple]) -> None:
        self._all = list(triples)
        self._by_subject: dict[Node, list[Triple]] = defaultdict(list)
        self._by_object: dict[Node, list[Triple]] = defaultdict(list)
        for triple in triples:
            self._by_subject[triple[0]].append(triple)
            self._by_object[triple[2]].append(triple)

    def match(self, pattern: Pattern) -> Iterator[Triple]:
        subject, predicate, value = pattern
        found = self._all
        if subject is not None:
            found = self._by_subject.get(subject, [])
        elif value is not None:
            found = self._by_object.get(value, [])
        for triple in found:
            if (predicate is None or triple[1] == predicate) and (value is None or triple[2] == value):
                yield triple
