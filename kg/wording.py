"""Words for the statements of a graph: names, values, sources; sentences are made of them by kg.sentences."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypedDict

from pyoxigraph import DefaultGraph, Literal, NamedNode

from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.labels import display_name, label_lookup
from kg.rdf.lookup import Quads, Term, match
from kg.rdf.passages import named_sources, passage_of
from kg.rdf.vocabulary import CD, DCTERMS, XSD

Facts = Mapping[NamedNode, list[Term]]

PARTS_TAKEN = (CD.leader, CD.host, CD.organizer, CD.payer)
"""The properties below `cd:participant`, of which it follows."""
ACCOUNT_PREDICATES = (
    *(CD.implied, CD.status, CD.atTime, CD.standing, CD.begin, CD.end, CD.role, CD.roleTitle, CD.character, CD.basis),
    *(CD.quantifier, CD.exception, CD.scope),
    CD.theme,
    *(*PARTS_TAKEN, CD.participant, CD.method, CD.uses),
    *(DCTERMS.title, DCTERMS.creator, CD.editor, DCTERMS.issued, DCTERMS.publisher, DCTERMS.isPartOf),
    *(CD.commissionedBy, CD.publicationKind, DCTERMS.bibliographicCitation, DCTERMS.identifier),
    *(CD.underAgreement, CD.amount),
    *(CD.partOf, CD.location, CD.organisingStructure, CD.purpose),
    *(CD.hedge, CD.extent, CD.frequency, CD.about),
)
"""The properties that an account may add to its relation, in reading order, without notes and printed names."""
MARKS = (CD.hedge, CD.extent, CD.frequency, CD.causality)
"""The properties that qualify a sentence or a number as a whole; those of an account stand in its sentence."""
_CLAIMED = NamedNode(f"{ns.VOCABULARY}causality/claimed-cause")
"""The default for an effect, which is not marked."""
_TIMES = {CD.begin: "since ", CD.end: "until "}
_DECADE = re.compile(r"^(early |mid-|late )?\d{3}0s\b|^\d+th century|^(last|past|recent|first|time)\b")
_WITHOUT_ARTICLE = re.compile(r"^(recent|past years)\b")
_PERIOD = re.compile(r"^(since|after|before|during|until)(?! the\b)(?=.* period$)")
"""The beginning of a period that lacks its article: since Cold War period."""
_DAY = re.compile(r"[12]\d{3}-\d\d-\d\d")
"""A day without a time zone; others stay as they are."""


class TaggedText(TypedDict):
    """A text with its language tag ("" if it has none)."""

    text: str
    lang: str


class NamedThing(TaggedText):
    """A thing with its name."""

    iri: str


class IriText(TaggedText):
    """A text with the IRI that it links to, if any."""

    iri: str | None


class Wording:
    """Words for the statements of a store; each node and label is looked up once."""

    def __init__(self, store: Quads) -> None:
        self.store = store
        self._names: dict[str, NamedThing] = {}
        self._facts: dict[tuple[NamedNode, NamedNode | DefaultGraph], Facts] = {}
        self._sources: dict[NamedNode, NamedThing | None] = {}

    def name_of(self, thing: NamedNode) -> NamedThing:
        """Return the name of a thing, in English if there is a choice (see kg.rdf.labels)."""
        if thing.value not in self._names:
            found = label_lookup(self.store)(thing)
            lang = (found.language or "") if found else ""
            self._names[thing.value] = NamedThing(iri=thing.value, text=display_name(self.store, thing), lang=lang)
        return self._names[thing.value]

    def facts(self, node: NamedNode, graph: NamedNode | DefaultGraph) -> Facts:
        """Return the statements of a graph about a node: sorted values by predicate."""
        if (node, graph) not in self._facts:
            found: defaultdict[NamedNode, list[Term]] = defaultdict(list)
            for quad in match(self.store, node, None, None, graph):
                found[quad.predicate].append(quad.object)
            for values in found.values():
                if len(values) > 1:
                    values.sort(key=str)
            self._facts[node, graph] = dict(found)
        return self._facts[node, graph]

    def marks(self, facts: Facts) -> list[NamedThing]:
        """Return the concepts that mark a sentence or number as hedged, limited, observed or denied."""
        values = [value for by in MARKS for value in facts.get(by, []) if CD.accountOf not in facts]
        return [self.name_of(one) for one in values if isinstance(one, NamedNode) and one != _CLAIMED]

    def source(self, graph: NamedNode) -> NamedThing | None:
        """Return the passage whose statements a graph holds, or the one source that a curated graph names."""
        if graph not in self._sources:
            self._sources[graph] = self._source(graph)
        return self._sources[graph]

    def property_text(self, predicate: NamedNode, values: Iterable[Term]) -> TaggedText:
        """Return a predicate with its values: `role: member, funder`, `since 1990`."""
        if predicate == CD.implied:  # a word by itself: an account has it where it is true, and only there
            return TaggedText(text=self.name_of(predicate)["text"], lang="en")
        if predicate == CD.amount:  # the figure as printed: the statistic is only a name
            values = [one for value in values for one in self.figures(value)]
        if predicate in _TIMES:
            times = ", ".join(date_text(one) for one in values if isinstance(one, Literal))
            return TaggedText(text=_TIMES[predicate] + times, lang="en")
        shown = (self.name_of(v)["text"] if isinstance(v, NamedNode) else str(getattr(v, "value", v)) for v in values)
        return TaggedText(text=f"{self.name_of(predicate)['text']}: " + ", ".join(shown), lang="en")

    def figures(self, statistic: Term) -> list[Term]:
        """Return the figure of a statistic, as it is printed if it is."""
        facts = self.facts(statistic, DefaultGraph()) if isinstance(statistic, NamedNode) else {}
        return facts.get(CD.printedValue) or facts.get(CD.value) or [statistic]

    def _source(self, graph: NamedNode) -> NamedThing | None:
        if (passage := passage_of(self.store, graph)) is not None:
            return self.name_of(passage)
        if not graphs.is_curated(graph.value):
            return None
        named = named_sources(self.store, graph)
        return self.name_of(NamedNode(*named)) if len(named) == 1 else None


def date_text(literal: Literal) -> str:
    """Return a date or a time in words: 7 July 2000, December 2014, the early 1980s."""
    value = literal.value
    if literal.datatype == XSD.date and _DAY.fullmatch(value):
        return day_text(value)
    if literal.datatype == XSD.gYearMonth and _DAY.fullmatch(f"{value}-01"):
        return f"{date.fromisoformat(f'{value}-01'):%B %Y}"
    value = _PERIOD.sub(r"\1 the", value)
    return f"the {value}" if _DECADE.match(value) and not _WITHOUT_ARTICLE.match(value) else value


def day_text(day: str) -> str:
    """Return the day of a date or moment in ISO 8601 as people write it: 29 November 2026."""
    found = date.fromisoformat(day[:10])
    return f"{found.day} {found:%B %Y}"


def texts(facts: Facts, predicate: NamedNode) -> list[TaggedText]:
    """Return the literals of a predicate."""
    values = facts.get(predicate, [])
    return [TaggedText(text=value.value, lang=value.language or "") for value in values if isinstance(value, Literal)]


def literal_text(literal: Literal) -> TaggedText:
    """Return a literal for readers: an integer with separators between its thousands."""
    value = literal.value
    is_long = literal.datatype == XSD.integer and value.isdigit() and len(value) > 4
    return TaggedText(text=f"{int(value):,}" if is_long else value, lang=literal.language or "")


def thing_of_account(facts: Facts) -> NamedNode | None:
    """Return the thing that an account is about; None for anything but an account."""
    return next((value for value in facts.get(CD.accountOf, []) if isinstance(value, NamedNode)), None)
