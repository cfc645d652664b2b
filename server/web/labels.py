"""Labels of IRIs for people, linked to their pages below our own root."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from flask import request
from pyoxigraph import Literal, NamedNode

from kg.publish.search import SearchResult
from kg.publish.work_names import named_in_work, work_names
from kg.queries import canned_queries
from kg.rdf import namespaces as ns
from kg.rdf.labels import display_names
from kg.rdf.lookup import Term
from kg.rdf.passages import passages_of, work_of_passage
from server.service import service

# What we answer below our own root, besides documents about things.
_PAGES = ("ontology", "shapes", "dataset")
_PASSAGE = ns.PREFIXES["passage"]
_PASSAGE_ADDRESS = re.compile(r"/doc/passage/(?P<name>[^#?]+)")
_MANY = 6
"""Values of which those that have the usual sources are listed without them."""
_TERMS = ("ontology#", "ontology/", "shapes#", "vocabulary/", "queries/", "graph/", "docs/")


@dataclass(frozen=True)
class LinkedText:
    """A term as a page shows it: its text, where it leads, and the language of the text."""

    text: str
    href: str | None = None
    lang: str | None = None

    @classmethod
    def of(cls, text: str, iri: str, lang: str | None = None) -> LinkedText:
        """Return a thing by its IRI, linked to its page; without a link where it has none."""
        return cls(text, local_address(iri), lang)

    @classmethod
    def throughout(cls, value: Any, without: Collection[str] = ()) -> Any:
        """Return a value of kg.publish with its words as a page shows them: each leads somewhere below our root.

        The IRIs `without` lead nowhere, such as those of things that the graph does not have yet.
        """
        if isinstance(value, dict):
            if value.keys() == {"text", "iri", "lang"}:
                lang = value["lang"] if value["lang"] not in ("", "en") else None  # English goes without saying
                leads = value["iri"] and value["iri"] not in without
                return cls.of(value["text"], value["iri"], lang) if leads else cls(value["text"], None, lang)
            return {name: cls.throughout(item, without) for name, item in value.items()}
        return [cls.throughout(item, without) for item in value] if isinstance(value, list) else value

    @classmethod
    def of_search_result(cls, found: SearchResult) -> LinkedText:
        """Return a search result, linked to its page; for a question with the values of its example."""
        label = found["label"]
        query = canned_queries().get(found["iri"].removeprefix(ns.QUERIES))
        if query is None:
            return cls.of(label["text"], found["iri"], label["lang"])
        examples = urlencode(query.examples)
        return cls(label["text"], f"/queries/{query.name}" + (f"?{examples}" if examples else ""), label["lang"])

    @staticmethod
    def iri_at(address: str) -> str | None:
        """Return the IRI of ours that leads to an address of ours, as `of` links it; None if none does."""
        if address.startswith("/doc/"):
            return ns.ID + address.removeprefix("/doc/")
        local = address.removeprefix("/")
        return ns.BASE + local if local.startswith(_TERMS) else None

    @staticmethod
    def work_name(passage: str) -> str:
        """Return the short name of the work of a passage, by its IRI, if the graph has several works, else nothing."""
        names = Labels.of_works()
        return names.get(work_of_passage(passage), "") if len(names) > 1 else ""

    @staticmethod
    def text_in_work(text: str, iri: str) -> str:
        """Return the text of a thing; that of a passage with its work in front, where a page may show several works.

        On the pages of a work its own passages go without.
        """
        if not iri.startswith(_PASSAGE):
            return text
        names = Labels.of_works()
        own = next((work for work in names if _is_below(request.path, f"/works/{work}" if work else "/report")), None)
        if request.path.startswith("/doc/passage/"):
            own = work_of_passage(ns.ID + request.path.removeprefix("/doc/"))
        return text if work_of_passage(iri) == own else named_in_work(names, iri, text)


@dataclass(frozen=True)
class DataSetEntries:
    """Entries of a data set as one source: its name with their number, and the entries."""

    text: str
    entries: tuple[LinkedText, ...]


def usual_sources(values: Iterable[Mapping[str, Any]]) -> list[LinkedText]:
    """Return the sources that most of many values on a page have, empty if there are none, or a value has none."""
    counted = Counter(tuple(part["sources"]) for one in values for part in one["parts"])
    usual, count = max(counted.items(), key=itemgetter(1), default=((), 0))
    is_usual = counted.total() >= _MANY and () not in counted and count * 2 > counted.total()
    return [*usual] if is_usual else []


def fold_entries(sources: Iterable[LinkedText]) -> list[LinkedText | DataSetEntries]:
    """Return sources with several entries of a data set as one, where the first of them stands."""
    found: dict[str, list[LinkedText]] = {}
    for source in sources:
        place = _PASSAGE_ADDRESS.match(source.href or "") if isinstance(source, LinkedText) else None
        work = place["name"].rpartition("/")[0] if place else ""
        is_entry = work and work in Labels.of_works(data_sets=True) and work not in Labels.of_works()
        found.setdefault(work if is_entry else f"{len(found)} {source}", []).append(source)
    return [
        of[0] if len(of) == 1 else DataSetEntries(f"{of[0].text.partition(':')[0]}, {len(of)} entries", tuple(of))
        for of in found.values()
    ]


class Labels:
    """The labels of the terms of a page, in English where there is a choice."""

    def __init__(self, called: Mapping[str, str], passages: Mapping[str, str] = MappingProxyType({})) -> None:
        """Take what people read in place of each IRI that the page shows, and the passage of each graph."""
        self._called = called
        self._passages = passages

    @classmethod
    def of(cls, terms: Iterable[Term | None], graphs: Iterable[NamedNode] = ()) -> Labels:
        """Return the labels of terms and graphs, looked up at once in the graph that the current request reads."""
        named = sorted(graph.value for graph in graphs)
        passages = service.workers.read(passages_of, named) if named else {}
        iris = sorted({*(term.value for term in terms if isinstance(term, NamedNode)), *passages.values()})
        return cls(service.workers.read(display_names, iris) if iris else {}, passages)

    @staticmethod
    def of_works(data_sets: bool = False) -> Mapping[str, str]:
        """Return the short names of the works in what the request reads (kg.publish.work_names)."""
        return service.workers.read_once(work_names, data_sets)

    def value(self, term: Term | None) -> LinkedText:
        """Return a term as a page shows it."""
        if isinstance(term, NamedNode):
            return LinkedText(self._called[term.value], local_address(term.value), "en")
        if isinstance(term, Literal):
            return LinkedText(term.value, None, term.language)
        return LinkedText("" if term is None else str(term))

    def graph(self, graph: NamedNode) -> LinkedText:
        """Return a named graph as a page shows it: as the one passage whose statements it holds, or by its name."""
        passage = self._passages.get(graph.value)
        if passage:
            return self.value(NamedNode(passage))
        return LinkedText(graph.value.removeprefix(ns.GRAPH), local_address(graph.value))


def shown_text(value: LinkedText | Mapping[str, str]) -> str:
    """Return the text of what a template shows, as `LinkedText.text_in_work` does by where it leads."""
    text, href = (value.text, value.href) if isinstance(value, LinkedText) else (value["text"], value["href"])
    passage = _PASSAGE_ADDRESS.match(href or "")
    return LinkedText.text_in_work(text, _PASSAGE + passage["name"]) if passage else text


def _is_below(path: str, root: str) -> bool:
    return path.removesuffix(".html") == root or path.startswith(f"{root}/")


def local_address(iri: str) -> str | None:
    """Return where an IRI leads: below our own root for ours, itself for another http address."""
    if iri.startswith(ns.ID):
        return f"/doc/{iri.removeprefix(ns.ID)}"
    if iri.startswith(ns.BASE):
        local = iri.removeprefix(ns.BASE)
        return f"/{local}" if local in _PAGES or local.startswith(_TERMS) else None
    return iri if iri.startswith(("http://", "https://")) else None
