"""Complete what is being written at a place of a query: terms, things, graphs, prefixes, keywords and variables."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal as OneOf
from typing import TypedDict

from pyoxigraph import Literal, NamedNode, Store

from kg.assist.exactness import SECONDS, Question
from kg.assist.offsets import from_editor, to_editor
from kg.assist.places import Place, Role
from kg.assist.terms import Term, TermTable
from kg.names.search import Search
from kg.publish.search import search_of
from kg.rdf import namespaces as ns
from kg.rdf.kinds import kind_of_thing
from kg.rdf.labels import chinese_label, display_names
from kg.rdf.lookup import Term as Node
from kg.readings import Reading
from kg.sparql.hints import usual_words
from kg.sparql.text import Prologue, tokens

ItemKind = OneOf["class", "property", "concept", "thing", "graph", "prefix", "keyword", "variable", "value"]

MOST = 100
"""Items of an answer."""
_LEAST_TYPED = 2
"""Characters of a name by which things are looked up, but for scripts in which one is a word."""
_MOST_THINGS = 40
_LONGEST_VALUE = 80  # characters of a literal that is offered
_BASIC_LATIN = "\u0250"  # and its supplements end here

_KEYWORDS: dict[Role, tuple[str, ...]] = {
    "form": ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "PREFIX", "BASE"),
    "columns": ("DISTINCT", "WHERE", "FROM", "FROM NAMED", "COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "AS"),
    "graph": ("NAMED",),
    "subject": ("OPTIONAL", "FILTER", "GRAPH", "UNION", "MINUS", "BIND", "VALUES", "FILTER NOT EXISTS", "SELECT"),
    "predicate": ("a",),
    "object": ("true", "false"),
    "constraint": ("NOT EXISTS", "EXISTS", "CONTAINS", "REGEX", "STRSTARTS", "LANG", "BOUND"),
    "expression": (
        *("AS", "BOUND", "COALESCE", "CONCAT", "CONTAINS", "COUNT", "DATATYPE", "EXISTS", "IF", "IN", "ISIRI"),
        *("ISLITERAL", "LANG", "LANGMATCHES", "LCASE", "NOT EXISTS", "NOT IN", "REGEX", "REPLACE", "STR", "STRAFTER"),
        *("STRBEFORE", "STRLEN", "STRSTARTS", "STRENDS", "SUBSTR", "UCASE", "YEAR", "DISTINCT"),
    ),
    "modifier": ("GROUP BY", "ORDER BY", "HAVING", "LIMIT", "OFFSET", "VALUES"),
    "key": ("ASC", "DESC", "HAVING", "ORDER BY", "LIMIT", "OFFSET"),
}
_WITHOUT_SPACE = frozenset(
    (
        *("AVG", "BOUND", "COALESCE", "CONCAT", "CONTAINS", "COUNT", "DATATYPE", "IF", "ISIRI", "ISLITERAL", "LANG"),
        *("LANGMATCHES", "LCASE", "MAX", "MIN", "REGEX", "REPLACE", "SAMPLE", "STR", "STRAFTER", "STRBEFORE"),
        *("STRENDS", "STRLEN", "STRSTARTS", "SUBSTR", "SUM", "UCASE", "YEAR", "ASC", "DESC", "true", "false"),
    )
)
"""Keywords behind which a bracket follows, or nothing."""
_IN_ORDER: tuple[ItemKind, ...] = ("keyword", "variable", "prefix")
"""Kinds whose items come in the order in which they are wanted."""
_WITH_VARIABLES = ("columns", "subject", "predicate", "object", "expression", "variable", "key", "graph")


class PrefixDeclaration(TypedDict):
    """A declaration that the query lacks: the prefix without its colon, and its IRI."""

    name: str
    iri: str


class Item(TypedDict):
    """Something that may stand at a place. `insert` is written there in place of what was typed.

    `detail` and `labelZh` are its labels, `info` its definition, `count` how often the graph has it. `need` says of a
    property whether things of the subject's class must or may have it. `exact` is true if the query has rows with it.
    `prefix` is the declaration that the query lacks.
    """

    label: str
    insert: str
    kind: ItemKind
    detail: str
    labelZh: str
    info: str
    count: int | None
    need: OneOf["must", "may"] | None
    exact: bool
    prefix: PrefixDeclaration | None


Completion = TypedDict(
    "Completion", {"items": list[Item], "from": int, "to": int, "exact": bool, "role": Role, "question": str}
)
"""The items at a place, the best first; they replace the text from `from` to `to`, in units of UTF-16.

`exact` is true if the engine was asked and found all terms that give rows: those that are not among them give none.
`question` names what it was asked, or would have been.
"""


@Reading
def complete(
    store: Store, text: str, offset: int, explicit: bool = True, slow: Sequence[str] | None = ()
) -> Completion:
    """Return what may stand at an offset of a query, which need be neither finished nor right.

    Unless it is asked for (`explicit`), nothing is offered where nothing is typed. The engine is not asked questions
    that were `slow` before, and none if these are None.
    """
    place = Place.of(text, from_editor(text, offset))
    is_wanted = explicit or place.typed
    items, is_exact, question = _Completer(store, text, place, slow).items() if is_wanted else ([], False, "")
    return {
        "items": items[:MOST],
        "from": to_editor(text, place.start),
        "to": to_editor(text, place.end),
        "exact": is_exact and len(items) <= MOST,
        "role": place.role,
        "question": question,
    }


@dataclass(frozen=True)
class _Offer:
    """An item with what it is matched and sorted by; `words` are what people call it elsewhere."""

    item: Item
    names: tuple[str, ...]
    words: tuple[str, ...] = ()


class _Completer:
    """Completes one place of one text."""

    def __init__(self, store: Store, text: str, place: Place, slow: Sequence[str] | None) -> None:
        self._store = store
        self._text = text
        self._place = place
        self._slow = slow
        self._prologue = Prologue.from_tokens(tokens(text))
        self._declared = _declared_prefixes(text)
        self._typed = place.typed.lstrip("?$") if place.role != "nothing" else ""

    def items(self) -> tuple[list[Item], bool, str]:
        """Return the items, best first, whether they are exact, and the name of the question to the engine."""
        role = self._place.role
        if role == "nothing":
            return [], False, ""
        if role == "prefix":
            return self._matching(self._declarations()), False, ""
        is_variable = self._place.typed[:1] in ("?", "$")
        offers = [*self._variables()] if role in _WITH_VARIABLES else []
        if is_variable:
            return self._matching(offers), False, ""
        found, is_exact, question = self._of_graph()
        local = "" if ":" in self._typed else self._typed
        plain = [*offers, *self._keywords(), *(self._prefixes() if local and role in _PREFIXED else ())]
        behind = self._matching(plain)
        if not self._typed and not question:
            return [*behind, *found], is_exact, question
        room = max(MOST // 2, MOST - len(behind))
        return [*found[:room], *behind], is_exact and len(found) <= room, question

    # ---- what the graph holds ----

    def _of_graph(self) -> tuple[list[Item], bool, str]:
        if self._place.role not in ("subject", "predicate", "object", "graph", "expression"):
            return [], False, ""
        asked = Question.of(self._text, self._place)
        name = _name_of(asked)
        may_ask = asked is not None and self._slow is not None and name not in self._slow
        of_any = self._place.role in ("predicate", "graph") or self._is_type or not self._typed
        until = time.monotonic() + SECONDS
        found, is_all = asked.ask(self._store, until) if asked and may_ask and of_any else ([], False)
        if is_all and (exact := self._exact(found)):
            return exact, True, name  # the others are known to give no row
        general = self._general()
        if asked and may_ask and not of_any:
            found, is_all = self._ask_among(asked, general, until)
        marked = self._marked(general, found)
        exact = [item for item in marked if item["exact"]]
        return (exact, True, name) if is_all and exact else (marked, False, name)

    def _general(self) -> list[Item]:
        """Return what fits what is typed, whether it gives rows or not."""
        role = self._place.role
        if role == "graph":
            return self._matching(self._graphs())
        things = self._things() if role != "predicate" and not self._is_type else []
        return [*things, *(self._matching(self._terms()) if role != "subject" else ())]

    def _ask_among(self, asked: Question, general: Sequence[Item], until: float) -> tuple[list[Node], bool]:
        """Return which of some items give rows, and the literals that hold what is typed; and whether that is all."""
        iris = [f"<{iri}>" for item in general if (iri := self._iri_of(item))]
        found, is_all = asked.among(iris).ask(self._store, until) if iris else ([], True)
        if self._place.role == "object" and ":" not in self._typed:
            literals, all_literals = asked.holding(self._typed).ask(self._store, until)
            found, is_all = [*found, *literals], is_all and all_literals
        return found, is_all

    def _exact(self, found: Iterable[Node]) -> list[Item]:
        offers = [offer for node in found if (offer := self._offer_of_node(node)) is not None]
        return [{**item, "exact": True} for item in self._matching(offers)]

    def _marked(self, general: Sequence[Item], found: Iterable[Node]) -> list[Item]:
        """Return some items with those marked that give rows, after others that do.

        Those keep their places: how many the engine finds in its time depends on what else the machine does.
        """
        offers = [offer for node in found if (offer := self._offer_of_node(node)) is not None]
        givers, known = {offer.item["insert"] for offer in offers}, {item["insert"] for item in general}
        others = self._matching(offer for offer in offers if offer.item["insert"] not in known)
        return [{**item, "exact": item["insert"] in givers} for item in (*others, *general)]

    def _iri_of(self, item: Item) -> str:
        return self._iris_by_insert.get(item["insert"], "")

    @cached_property
    def _iris_by_insert(self) -> dict[str, str]:
        return {}

    @property
    def _is_type(self) -> bool:
        return self._place.role == "object" and self._place.predicate in ("a", "rdf:type")

    def _terms(self) -> Iterator[_Offer]:
        wanted = "property" if self._place.role == "predicate" else "class" if self._is_type else None
        for term in TermTable.of(self._store).terms.values():
            if term.kind == wanted or (wanted is None and self._typed):
                yield self._offer_of_term(term)

    def _offer_of_term(self, term: Term) -> _Offer:
        insert, prefix = self._written(term.iri)
        need = self._needs.get(term.iri) if term.kind == "property" else None
        item: Item = {
            "label": insert,
            "insert": insert,
            "kind": term.kind,
            "detail": term.label,
            "labelZh": term.label_zh,
            "info": term.definition,
            "count": term.count,
            "need": need,
            "exact": False,
            "prefix": prefix,
        }
        return _Offer(item, (insert, term.local_name, term.label, term.label_zh), _WORDS.get(term.iri, ()))

    @cached_property
    def _needs(self) -> dict[str, OneOf["must", "may"]]:
        stated = self._place.classes.get(self._place.subject, ())
        iris = self._prologue.iris(token for name in stated for token in tokens(name))
        return TermTable.of(self._store).needs_of(iris)

    def _offer_of_node(self, node: Node) -> _Offer | None:
        if isinstance(node, NamedNode):
            term = TermTable.of(self._store).terms.get(node.value)
            return self._offer_of_term(term) if term is not None else self._offer_of_iri(node.value)
        if isinstance(node, Literal) and len(node.value) <= _LONGEST_VALUE and self._place.role != "predicate":
            return _Offer(_item(str(node), "value", "", ""), (node.value, str(node)))
        return None

    def _offer_of_iri(self, iri: str) -> _Offer:
        insert, prefix = self._written(iri)
        kind: ItemKind = "property" if self._place.role == "predicate" else "thing"
        if self._place.role == "graph":
            kind = "graph"
        name = TermTable.of(self._store).graphs.get(iri) if kind == "graph" else None
        name = name or display_names(self._store, [iri])[iri]
        chinese = chinese_label(self._store, NamedNode(iri))
        item = _item(insert, kind, name, ns.kind_of(iri) and kind_of_thing(self._store, iri))
        item["prefix"], item["labelZh"] = prefix, chinese
        return _Offer(item, (insert, insert.partition(":")[2], name, chinese))

    def _things(self) -> list[Item]:
        """Return the things of a name that is being typed, also by names in other languages and by identifiers."""
        prefix, colon, local = self._typed.rpartition(":")
        if len(local) < _LEAST_TYPED and not any(char > _BASIC_LATIN for char in local):
            return []
        namespace = self._prologue.prefixes.get(prefix, "") if colon else ns.ID
        if not namespace.startswith(ns.ID):
            return []
        found = []
        search: Search = search_of(self._store)
        for hit in search.find(local.replace("-", " ")):
            if hit.is_named and hit.thing.iri.startswith(namespace):
                found.append(self._offer_of_iri(hit.thing.iri).item)
                if len(found) == _MOST_THINGS:
                    break
        return found

    def _graphs(self) -> Iterator[_Offer]:
        for iri in TermTable.of(self._store).graphs:
            yield self._offer_of_iri(iri)

    # ---- what SPARQL has ----

    def _keywords(self) -> Iterator[_Offer]:
        if ":" not in self._typed:
            is_dataset = self._place.keyword in ("FROM", "NAMED")
            for word in _KEYWORDS.get(self._place.role, ()) if self._place.role != "graph" or is_dataset else ():
                item = _item(word, "keyword", "", "")
                item["insert"] += self._space if word not in _WITHOUT_SPACE else ""
                yield _Offer(item, (word,))

    @property
    def _space(self) -> str:
        """The space behind a word, unless one follows."""
        return "" if self._text[self._place.end :][:1].isspace() else " "

    def _variables(self) -> Iterator[_Offer]:
        for name in self._place.variables:
            yield _Offer(_item(f"?{name}", "variable", "", ""), (name, f"?{name}"))

    def _prefixes(self) -> Iterator[_Offer]:
        for name, iri in self._prologue.prefixes.items():
            item = _item(f"{name}:", "prefix", iri, "")
            item["prefix"] = None if name in self._declared else {"name": name, "iri": iri}
            yield _Offer(item, (name,))

    def _declarations(self) -> Iterator[_Offer]:
        for name, iri in ns.PREFIXES.items():
            if name not in self._declared:
                item = _item(f"{name}: <{iri}>", "prefix", iri, "")
                item["label"] = f"{name}:"
                yield _Offer(item, (f"{name}:",))

    # ---- choosing ----

    def _matching(self, offers: Iterable[_Offer]) -> list[Item]:
        """Return the offers that fit what is typed, the best first."""
        ranked = [(rank, offer) for offer in offers if (rank := self._rank(offer)) is not None]
        ranked.sort(key=lambda one: one[0])
        return [offer.item for _, offer in ranked]

    def _rank(self, offer: _Offer) -> tuple[bool, int, int, int, str] | None:
        """Return what an offer is sorted by, None if it does not fit; terms that the graph does not use come last.

        Of those that fit alike the more frequent come first, and what the graph has goes by name then.
        """
        typed = self._typed.casefold()
        fit = _fit(typed, [name.casefold() for name in offer.names if name])
        if fit is None:
            by_word = _fit(typed, [word.casefold() for word in offer.words])
            if by_word is None:
                return None
            fit = by_word + 1
        need = {"must": 0, "may": 1, None: 2}[offer.item["need"]]
        name = "" if offer.item["kind"] in _IN_ORDER else offer.item["label"]
        return offer.item["count"] == 0, fit, need, -(offer.item["count"] or 0), name

    def _written(self, iri: str) -> tuple[str, PrefixDeclaration | None]:
        """Return an IRI as the query writes it, and the declaration that it lacks for that."""
        cut = max(iri.rfind("/"), iri.rfind("#")) + 1
        namespace, local = iri[:cut], iri[cut:]
        if local and all(char.isalnum() or char in "-_" for char in local.replace(".", "").replace("-", "")):
            prefix = next((name for name, of in self._declared.items() if of == namespace), None)
            if prefix is None:
                shared = ns.compact(iri)
                prefix = shared.partition(":")[0] if shared != iri and "/" not in shared else None
            if prefix is not None and self._prologue.prefixes.get(prefix) == namespace and not local.endswith("."):
                written = f"{prefix}:{local}"
                self._iris_by_insert[written] = iri
                return written, None if prefix in self._declared else {"name": prefix, "iri": namespace}
        self._iris_by_insert[f"<{iri}>"] = iri
        return f"<{iri}>", None


_WORDS = usual_words()
_PREFIXED: tuple[Role, ...] = ("subject", "predicate", "object", "expression", "graph", "constraint")


def _declared_prefixes(text: str) -> dict[str, str]:
    prologue = Prologue(prefixes={})
    for _ in prologue.follow(tokens(text)):
        pass
    return prologue.prefixes


def _item(text: str, kind: ItemKind, detail: str, info: str) -> Item:
    return {
        "label": text,
        "insert": text,
        "kind": kind,
        "detail": detail,
        "labelZh": "",
        "info": info,
        "count": None,
        "need": None,
        "exact": False,
        "prefix": None,
    }


def _fit(typed: str, names: Sequence[str]) -> int | None:
    """Return how well names fit what is typed: 0 if one begins with it, 1 if a word in one does, 2 if one holds it."""
    if not typed or any(name.startswith(typed) for name in names):
        return 0
    if any(f" {typed}" in name for name in names):
        return 1
    return 2 if any(typed in name for name in names) else None


def _name_of(asked: Question | None) -> str:
    """Return a short name of a question, the same for each letter that is typed at the place; empty for none."""
    return hashlib.sha256(f"{asked.declarations}{asked.pattern}".encode()).hexdigest()[:16] if asked else ""
