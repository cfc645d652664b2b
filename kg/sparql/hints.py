"""Hints on queries that are valid and yet may not do what was meant: none is refused for that.

Names of ours that the graph does not know match nothing, mostly by a slip of the pen.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import islice
from typing import Any, Literal

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.errors import shorten
from kg.nearest import nearest
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.passages import virtual_graphs
from kg.rdf.vocabulary import RDFS, SKOS
from kg.sparql.evaluation import select
from kg.sparql.guard import Query
from kg.sparql.text import Prologue
from kg.sparql.text.groups import AliasedHaving

MOST = 3
"""Hints that a query gets at most."""
LONGEST_NAME = 60
"""Characters of the longest name for which a similar one is searched."""

_MOST_NAMES = 1_000  # different names of a query that are looked at
_LONGEST_CONDITION = 200  # characters of one that a hint repeats
_NEIGHBOURS = 500  # names before and behind in the alphabet that are compared
_KNOWN = f"""SELECT DISTINCT ?term {{
  {{ ?term ?p ?o }} UNION {{ GRAPH ?term {{}} }} UNION {{ GRAPH <{graphs.SHAPES.value}> {{ ?term ?p ?o }} }}
  FILTER (STRSTARTS(STR(?term), "{ns.BASE}"))
}}"""
_WHAT_IT_IS_NOT = {
    ns.CD: "a term of the ontology",
    ns.SHAPES: "one of the shapes",
    ns.VOCABULARY: "a concept of the vocabularies",
    ns.ID: "a thing that the graph knows",
    ns.GRAPH: "a graph here",
}
_NAMESPACES = tuple(_WHAT_IT_IS_NOT)
_OF_TERMS = tuple(ns.PREFIXES[prefix] for prefix in ("owl", "rdfs", "sh"))
_LABELS = "Only terms of the ontology have rdfs:label; the names of things are skos:prefLabel, with their language."


HintKind = Literal["name", "function", "alias", "empty", "elsewhere", "evidence", "known", "gazetteer"]
"""The subject of a hint: an unknown name or function, an alias of SELECT in HAVING, why there is no row, where the
graph holds something, parts of the query without evidence, what is known of ties where there is no row, or a value that
the gazetteer has given. Code goes by this, never by the words."""


@dataclass(frozen=True)
class Hint:
    """A sentence, the IRI or page to look up, and its kind; `query` is the corrected query, if any."""

    sentence: str
    about: str
    kind: HintKind
    query: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return its fields as a JSON object, by which it can be made again."""
        return asdict(self)


class KnownTerms:
    """The terms, things and graphs of one snapshot."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @staticmethod
    def unknown_function_hints(functions: Iterable[str]) -> list[Hint]:
        """Return a hint for each of the first functions that the engine does not know."""
        about = ns.BASE + "sparql"
        return [
            Hint(f"The function {shorten(iri)} is not known here: each call of it is an error.", about, "function")
            for iri in islice(functions, MOST)
        ]

    def query_hints(self, query: Query, *, names: bool = True) -> list[Hint]:
        """Return hints on a query: on columns in HAVING and, with `names`, on unknown names."""
        return [
            *having_hints(query.original_text or query.text),
            *(self.name_hints(names_to_look_up(query)) if names else ()),
        ]

    def name_hints(self, names: Iterable[str]) -> list[Hint]:
        """Return a hint for each of the first unknown names among those of `names_to_look_up`."""
        unknown = (iri for iri in names if not self._is_known(iri))
        return [self._hint(iri) for iri in islice(unknown, MOST)]

    def _is_known(self, iri: str) -> bool:
        if iri in self._graphs_beside:
            return True
        try:
            name = NamedNode(iri)
        except ValueError:
            return False
        places = DefaultGraph(), graphs.SHAPES
        said = any(next(match(self._store, name, None, None, g), None) is not None for g in places)
        return said or self._store.contains_named_graph(name)

    @property
    def _graphs_beside(self) -> set[str]:
        """Graphs that may be queried although the store does not hold them."""
        return {*virtual_graphs(self._store), graphs.HISTORY.value}

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        """All names by namespace, sorted; read only to suggest one."""
        names: dict[str, list[str]] = {}
        for iri in sorted({*(row["term"].value for row in select(self._store, _KNOWN)), *self._graphs_beside}):
            namespace, name = _split(iri)
            names.setdefault(namespace, []).append(name)
        return names

    def _hint(self, iri: str) -> Hint:
        if iri == RDFS.label.value:
            return Hint(_LABELS, "docs/researchers", "name")
        what = next(what for namespace, what in _WHAT_IT_IS_NOT.items() if iri.startswith(namespace))
        nearest = self._nearest(*_split(iri))
        guess = f"; did you mean {ns.compact(nearest)}?" if nearest else "."
        return Hint(f"{shorten(ns.compact(iri))} is not {what}{guess}", nearest or ns.CD.removesuffix("#"), "name")

    def _nearest(self, namespace: str, name: str) -> str | None:
        known = self._names.get(namespace, [])
        place = bisect(known, name)
        compared = known[max(0, place - _NEIGHBOURS) : place + _NEIGHBOURS] if len(name) <= LONGEST_NAME else []
        alike = [one for one in known if one.casefold() == name.casefold()]
        if namespace == ns.CD and not alike:  # a class begins with a capital, and a property with a small letter
            compared = [one for one in compared if one[:1].isupper() == name[:1].isupper()] or compared
        near = nearest(name, alike or compared)
        return namespace + near if near else None


def having_hints(text: str) -> list[Hint]:
    """Return a hint if HAVING names columns of SELECT, with the query corrected where possible."""
    found = next(AliasedHaving.find_all(text), None)
    if found is None:
        return []
    start, end = found.at
    one = len(found.names) == 1
    sentence = (
        f"In HAVING {_abbreviate(text[start:end])} the variable{'' if one else 's'} {have_no_value(found.names)}: "
        "SPARQL 1.1 chooses the groups before SELECT names its columns. A comparison with "
        f"{'it' if one else 'them'} is an error, which leaves the group out."
    )
    sentence += f" Write HAVING {_abbreviate(found.rewritten)}." if found.rewritten else ""
    return [Hint(sentence, "docs/researchers", "alias", AliasedHaving.rewrite(text))]


def have_no_value(names: Sequence[str]) -> str:
    """Return a clause such as "?a and ?b have no value"."""
    listed = " and ".join(f"?{name}" for name in names)
    return f"{listed} {'has' if len(names) == 1 else 'have'} no value"


def names_to_look_up(query: Query) -> list[str]:
    """Return the first IRIs in our namespaces that a query names, each once, without bare namespaces.

    rdfs:label comes with them where nothing else shows that its writer knows that terms alone have one.
    """
    read = query.tokens
    named = {token.text.rstrip("."): token for token in read if token.kind in ("iri", "name")}
    first = (token._replace(text=text) for text, token in islice(named.items(), _MOST_NAMES))  # a dot closes a pattern
    iris = list(Prologue.from_tokens(read).iris(first))
    others = (iri for iri in iris if iri != RDFS.label.value)
    may_be_meant = any(iri.startswith(_OF_TERMS) or iri == SKOS.prefLabel.value for iri in others)
    return [iri for iri in iris if _is_name_of_ours(iri) or (iri == RDFS.label.value and not may_be_meant)]


def _abbreviate(condition: str) -> str:
    text = " ".join(condition.split())
    return text if len(text) <= _LONGEST_CONDITION else f"{text[:_LONGEST_CONDITION]}…"


def _is_name_of_ours(iri: str) -> bool:
    return iri.startswith(_NAMESPACES) and bool(_split(iri)[1])


def _split(iri: str) -> tuple[str, str]:
    """Return namespace and local name."""
    cut = max(iri.rfind("#"), iri.rfind("/")) + 1
    return iri[:cut], iri[cut:]
