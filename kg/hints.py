"""Say what helps with a query that is valid and yet may not do what was meant: it is never refused for that.

Names of ours that the graph does not know match nothing, mostly by a slip of the pen; one form of negation is slow.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from itertools import islice, pairwise

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg import namespaces as ns
from kg.describing import rows
from kg.query_tokens import NOTHING, Prologue, keyword, tokens
from kg.unions import REPORT_UNION

MOST = 3
"""Hints that a query gets at most."""
LONGEST_NAME = 60
"""Characters of a name that are shown."""

_MOST_NAMES = 1_000  # different names of a query that are looked at
_NEIGHBOURS = 500  # names before and behind in the alphabet that are compared
_KNOWN = f"""SELECT DISTINCT ?term {{
  {{ ?term ?p ?o }} UNION {{ GRAPH ?term {{}} }} UNION {{ GRAPH <{ns.SHAPES_GRAPH.value}> {{ ?term ?p ?o }} }}
  FILTER (STRSTARTS(STR(?term), "{ns.BASE}"))
}}"""
_VIRTUAL = (REPORT_UNION, ns.HISTORY.value)  # may be asked for, whether or not anything is in them
_WHAT_IT_IS_NOT = {
    ns.CD: "a term of the ontology",
    ns.SHAPES: "one of the shapes",
    ns.VOCABULARY: "a concept of the vocabularies",
    ns.ID: "a thing that the graph knows",
    ns.GRAPH: "a graph here",
}
_NAMESPACES = tuple(_WHAT_IT_IS_NOT)


@dataclass(frozen=True)
class Hint:
    """A sentence, and the IRI of ours that its reader should look up."""

    sentence: str
    about: str


class KnownTerms:
    """The terms, things and graphs of one snapshot."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def hints(self, text: str) -> list[Hint]:
        """Return a hint for each of the first names of ours in a query that the graph does not know."""
        unknown = (iri for iri in _names_of_ours(text) if not self._is_known(iri))
        return [self._hint(iri) for iri in islice(unknown, MOST)]

    def _is_known(self, iri: str) -> bool:
        if iri in _VIRTUAL:
            return True
        try:
            name = NamedNode(iri)
        except ValueError:
            return False
        graphs = DefaultGraph(), ns.SHAPES_GRAPH
        said = any(next(self._store.quads_for_pattern(name, None, None, g), None) is not None for g in graphs)
        return said or self._store.contains_named_graph(name)

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        """All names by namespace, sorted; read only where one has to be guessed."""
        names: dict[str, list[str]] = {}
        for iri in sorted({*(row["term"].value for row in rows(self._store, _KNOWN)), *_VIRTUAL}):
            namespace, name = _split(iri)
            names.setdefault(namespace, []).append(name)
        return names

    def _hint(self, iri: str) -> Hint:
        what = next(what for namespace, what in _WHAT_IT_IS_NOT.items() if iri.startswith(namespace))
        nearest = self._nearest(*_split(iri))
        guess = f"; did you mean {ns.compact(nearest)}?" if nearest else "."
        return Hint(f"{_shortened(ns.compact(iri))} is not {what}{guess}", nearest or ns.CD.removesuffix("#"))

    def _nearest(self, namespace: str, name: str) -> str | None:
        known = self._names.get(namespace, [])
        place = bisect(known, name)
        compared = known[max(0, place - _NEIGHBOURS) : place + _NEIGHBOURS] if len(name) <= LONGEST_NAME else []
        near = get_close_matches(name, compared, n=1)
        return namespace + near[0] if near else None


def on_slow_negation(text: str) -> str:
    """Return advice for a query that ran out of time, empty where none fits: NOT EXISTS is evaluated for every row."""
    if any((keyword(one), keyword(other)) == ("NOT", "EXISTS") for one, other in pairwise(tokens(text))):
        return (
            "The query holds FILTER NOT EXISTS, which is evaluated again for every row: write MINUS { … }, or "
            "OPTIONAL { … } with FILTER (!BOUND(?x)) behind it."
        )
    return ""


def _names_of_ours(text: str) -> Iterator[str]:
    """Yield the IRIs in our namespaces that a query names, each once; a namespace alone is no name."""
    prologue, seen = Prologue(), set[str]()
    read = [*tokens(text), NOTHING, NOTHING]
    for token, second, third in zip(read, read[1:], read[2:], strict=False):
        prologue.read(token, second, third)
        if token.kind not in ("iri", "name") or token.text in seen:
            continue
        if len(seen) >= _MOST_NAMES:
            return
        iri = prologue.iri(replace(token, text=token.text.rstrip(".")))  # a dot at the end closes the pattern
        if iri is not None and iri not in seen and _is_name_of_ours(iri):
            yield iri
        seen |= {token.text, iri or ""}


def _is_name_of_ours(iri: str) -> bool:
    return iri.startswith(_NAMESPACES) and bool(_split(iri)[1])


def _split(iri: str) -> tuple[str, str]:
    """Return namespace and local name."""
    cut = max(iri.rfind("#"), iri.rfind("/")) + 1
    return iri[:cut], iri[cut:]


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
