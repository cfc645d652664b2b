"""Statements of a graph in words: the sentence of the graph itself, or one built from labels."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypedDict

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.labels import display_names, label_lookup
from kg.rdf.lookup import Term, match
from kg.rdf.passages import named_sources, passages_of
from kg.rdf.vocabulary import CD, DCTERMS, RDF, XSD

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
_MARK_PREDICATES = (CD.hedge, CD.extent, CD.frequency, CD.causality)
"""Properties that qualify a sentence or a number as a whole; those of an account are among ACCOUNT_PREDICATES."""
_CLAIMED = NamedNode(f"{ns.VOCABULARY}causality/claimed-cause")
"""The default for an effect, which is not marked."""
_ONE = NamedNode(f"{ns.VOCABULARY}unit/one")
"""The unit of things that are counted, such as inhabitants; `unit:percent` and others measure."""
_RANK = NamedNode(f"{ns.VOCABULARY}measure/rank")
"""The measure of a number that orders things and counts none."""
_TIMES = {CD.begin: "since ", CD.end: "until "}
_DECADE = re.compile(r"^\d{3}0s\b")


class TaggedText(TypedDict):
    """A text with its language tag ("" if it has none)."""

    text: str
    lang: str


class NamedThing(TaggedText):
    """A thing with its name."""

    iri: str


class Wording:
    """Words for the statements of a store; each node and label is looked up once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names: dict[str, NamedThing] = {}
        self._facts: dict[tuple[NamedNode, NamedNode | DefaultGraph], Facts] = {}
        self._sources: dict[NamedNode, NamedThing | None] = {}

    def name_of(self, thing: NamedNode) -> NamedThing:
        """Return the name of a thing, in English if there is a choice (see kg.rdf.labels)."""
        if thing.value not in self._names:
            found = label_lookup(self._store)(thing)
            text, lang = display_names(self._store, [thing.value])[thing.value], (found.language or "") if found else ""
            self._names[thing.value] = NamedThing(iri=thing.value, text=text, lang=lang)
        return self._names[thing.value]

    def facts(self, node: NamedNode, graph: NamedNode | DefaultGraph) -> Facts:
        """Return the statements of a graph about a node: sorted values by predicate."""
        if (node, graph) not in self._facts:
            found: defaultdict[NamedNode, list[Term]] = defaultdict(list)
            for quad in match(self._store, node, None, None, graph):
                found[quad.predicate].append(quad.object)
            for values in found.values():
                if len(values) > 1:
                    values.sort(key=str)
            self._facts[node, graph] = dict(found)
        return self._facts[node, graph]

    def source(self, graph: NamedNode) -> NamedThing | None:
        """Return the passage whose statements a graph holds, or the one source that a curated graph names."""
        if graph not in self._sources:
            self._sources[graph] = self._source(graph)
        return self._sources[graph]

    def sentences(self, node: NamedNode, graph: NamedNode | DefaultGraph) -> list[TaggedText]:
        """Return the statements of a graph about a node in sentences, paragraph by paragraph.

        These are its own sentences (`cd:says`); for an account the relation with what the passage adds to it; for a
        number what is counted, of which population; for a relation the sentences of its account in this graph. Anything
        else is only named.
        """
        facts = self.facts(node, graph)
        if CD.says in facts:
            return [*texts(facts, CD.says), *(_beside_sentence(facts) if CD.accountOf in facts else ())]
        if thing := thing_of_account(facts):
            return self._account_sentences(thing, facts)
        if CD.counts in facts:
            number = texts(facts, CD.printedValue) or [
                literal_text(value) for value in facts.get(CD.value, []) if isinstance(value, Literal)
            ]
            things = texts(facts, CD.counts)
            # What is counted is in the plural: neither "one Chinese sister cities" nor "46% surveyed cities" would do.
            is_count = (
                _ONE in facts.get(CD.unit, [])
                and _RANK not in facts.get(CD.measure, [])
                and not any(isinstance(value, Literal) and value.value == "1" for value in facts.get(CD.value, []))
            )
            counted = _join([*number[:1], *things], " ") if is_count else _join([*things, *number[:1]], ": ")
            whose = [_text(self.name_of(of)) for of in facts.get(CD.ofPopulation, []) if isinstance(of, NamedNode)]
            whose = [of for of in whose if of["text"] not in counted["text"]]
            return [_join([_join(whose, ", "), counted], ": ")] if whose else [counted]
        for quad in match(self._store, None, CD.accountOf, node, graph):
            if isinstance(quad.subject, NamedNode):
                return self._account_sentences(node, self.facts(quad.subject, graph))
        return [_text(self.name_of(node)), *texts(facts, CD.note)]

    def account_paragraphs(self, account: Facts) -> list[TaggedText]:
        """Return what an account adds to its relation: its sentence, its values in a line, printed names, and notes."""
        parts = [
            self.property_text(predicate, values)
            for predicate in ACCOUNT_PREDICATES
            if (values := _values_once(account, predicate))
        ]
        return [*texts(account, CD.says), *([_join(parts, "; ")] if parts else []), *_beside_sentence(account)]

    def marks(self, facts: Facts) -> list[NamedThing]:
        """Return the concepts that mark a sentence or number as hedged, limited, observed or denied."""
        if CD.accountOf in facts:
            return []
        found = (value for predicate in _MARK_PREDICATES for value in facts.get(predicate, []) if value != _CLAIMED)
        return [self.name_of(value) for value in found if isinstance(value, NamedNode)]

    def triple_sentences(
        self, subject: NamedNode, predicate: NamedNode, objects: Iterable[Term], graph: NamedNode
    ) -> list[TaggedText]:
        """Return triples with one subject and predicate in sentences, paragraph by paragraph.

        These are the sentences about the subject, unless the predicate holds a sentence itself; values that are missing
        in them are added: `as printed: “ANSHANG”`, `group member: Leeds, York`.
        """
        values = sorted(objects, key=str)
        own = self.sentences(subject, graph)
        if predicate == CD.printedName:
            return [text for text in own if not text["text"].startswith("as printed")] + [printed_names(values)]
        sentences = [TaggedText(text=v.value, lang=v.language) for v in values if isinstance(v, Literal) and v.language]
        if sentences and predicate in (CD.says, CD.note):
            return own if all(text in own for text in sentences) else [*own, *sentences]
        return (
            own if self._sentences_cover(subject, predicate, graph) else [*own, self.property_text(predicate, values)]
        )

    def property_text(self, predicate: NamedNode, values: Iterable[Term]) -> TaggedText:
        """Return a predicate with its values: `role: member, funder`, `since 1990`."""
        if predicate == CD.implied:  # a word by itself: an account has it where it is true, and only there
            return TaggedText(text=self.name_of(predicate)["text"], lang="en")
        if predicate == CD.amount:  # the figure as printed: the statistic is only a name
            values = [one for value in values for one in self._figures(value)]
        shown = (self.name_of(v)["text"] if isinstance(v, NamedNode) else str(getattr(v, "value", v)) for v in values)
        if predicate in _TIMES:
            return TaggedText(
                text=_TIMES[predicate] + ", ".join(_DECADE.sub(r"the \g<0>", one) for one in shown), lang="en"
            )
        return TaggedText(text=f"{self.name_of(predicate)['text']}: " + ", ".join(shown), lang="en")

    def _figures(self, statistic: Term) -> list[Term]:
        facts = self.facts(statistic, DefaultGraph()) if isinstance(statistic, NamedNode) else {}
        return facts.get(CD.printedValue) or facts.get(CD.value) or [statistic]

    def _source(self, graph: NamedNode) -> NamedThing | None:
        for passage in passages_of(self._store, [graph.value]).values():
            return self.name_of(NamedNode(passage))
        if not graphs.is_curated(graph.value):
            return None
        named = named_sources(self._store, graph)
        return self.name_of(NamedNode(*named)) if len(named) == 1 else None

    def _sentences_cover(self, subject: NamedNode, predicate: NamedNode, graph: NamedNode) -> bool:
        """Return True if the sentences about a subject include the values of a predicate."""
        facts = self.facts(subject, graph)
        if CD.says in facts:
            return True
        if CD.accountOf in facts:
            return predicate in (*ACCOUNT_PREDICATES, CD.accountOf)
        if CD.counts in facts:
            return predicate not in (CD.about, CD.attributedTo, CD.ofPopulation)
        return any(match(self._store, subject, RDF.type, CD.Relation)) or predicate == CD.cites

    def _account_sentences(self, thing: NamedNode, account: Facts) -> list[TaggedText]:
        head, added = _text(self.name_of(thing)), self.account_paragraphs(account)
        if not any(predicate in account for predicate in ACCOUNT_PREDICATES):
            return [head, *added]
        return [TaggedText(text=f"{head['text']} – {added[0]['text']}", lang="en"), *added[1:]]


def texts(facts: Facts, predicate: NamedNode) -> list[TaggedText]:
    """Return the literals of a predicate."""
    values = facts.get(predicate, [])
    return [TaggedText(text=value.value, lang=value.language or "") for value in values if isinstance(value, Literal)]


def _values_once(account: Facts, predicate: NamedNode) -> list[Term]:
    """Return the values of a property, without participants of whom the account says which part they take."""
    values = account.get(predicate, [])
    if predicate != CD.participant:
        return values
    shown = {value for narrower in PARTS_TAKEN for value in account.get(narrower, [])}
    return [value for value in values if value not in shown]


def _beside_sentence(account: Facts) -> list[TaggedText]:
    """Return the printed names and the notes of an account."""
    printed = [printed_names(account[CD.printedName])] if CD.printedName in account else []
    return [*printed, *texts(account, CD.note)]


def literal_text(literal: Literal) -> TaggedText:
    """Return a literal for readers: an integer with separators between its thousands."""
    value = literal.value
    is_long = literal.datatype == XSD.integer and value.isdigit() and len(value) > 4
    return TaggedText(text=f"{int(value):,}" if is_long else value, lang=literal.language or "")


def thing_of_account(facts: Facts) -> NamedNode | None:
    """Return the thing that an account is about; None for anything but an account."""
    return next((value for value in facts.get(CD.accountOf, []) if isinstance(value, NamedNode)), None)


def printed_names(values: Iterable[Term]) -> TaggedText:
    """Return names in the spelling of a passage."""
    names = ", ".join(f"“{value.value}”" for value in values if isinstance(value, Literal))
    return TaggedText(text=f"as printed: {names}", lang="en")


def _text(named: NamedThing) -> TaggedText:
    return TaggedText(text=named["text"], lang=named["lang"])


def _join(several: list[TaggedText], between: str) -> TaggedText:
    return TaggedText(text=between.join(text["text"] for text in several), lang=several[-1]["lang"])
