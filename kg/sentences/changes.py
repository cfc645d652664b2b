"""What a change says of things, and what it no longer says: the sentences that it adds and removes, thing by thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TypedDict

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.changed_store import ChangedStore
from kg.rdf.lookup import Term, match
from kg.rdf.sources import has_chinese
from kg.rdf.vocabulary import CD, DCTERMS, GEO, OWL, RDF, SKOS
from kg.sentences.draft import Draft
from kg.sentences.phrases import Phrase, Sentence, closed, fill, listed, text_part, with_article
from kg.sentences.statements import has_template, in_print, sentences
from kg.sentences.ties import PARTIES, TIES
from kg.wording import Facts, NamedThing, Wording, texts, thing_of_account

_MOST_ACCOUNTS = 100
"""Accounts of a thing that are read anew if the thing itself changes, such as a tie that gets another party."""
_PLUMBING = frozenset({"reference", "geometry"})
"""Kinds of nodes that say nothing by themselves."""
_TOLD_OTHERWISE = frozenset(
    {RDF.type, CD.accountOf, CD.statedIn, DCTERMS.source, GEO.hasGeometry, SKOS.topConceptOf}
    | {OWL.deprecated, SKOS.changeNote, DCTERMS.isReplacedBy, CD.withoutSuccessor}
    | {CD.beginEarliest, CD.beginLatest, CD.endEarliest, CD.endLatest, CD.atTimeEarliest, CD.atTimeLatest}
)
"""Properties of a thing that its name, its sources and the words of its times stand for."""
_TOLD_BY_ACCOUNTS = _TOLD_OTHERWISE | {*PARTIES, CD.officeKind}
"""Those of which the sentences of the accounts of a thing tell, too."""
_DEFAULT = DefaultGraph()


class ChangedSentence(Sentence):
    """A sentence that a change adds or removes, the IRI of the statement or thing that says it, and who states it."""

    statement: str
    sources: list[NamedThing]


class ChangedThing(TypedDict):
    """A thing with the sentences about it that a change adds and removes; one that is put otherwise has both."""

    thing: NamedThing
    added: list[ChangedSentence]
    removed: list[ChangedSentence]


def changed_sentences(store: Store, change: Change) -> list[ChangedThing]:
    """Return what a change adds to things and removes from them in sentences, the ties first, then by name.

    `store` may be as it is before the change or after it, or later: what it has beside the change tells the rest. What
    follows from the change by rule has no sentence. Of statements that the graph has already, say by
    `Change.remaining_in` that they are not added.
    """
    undone = Change(change.removed, change.added - change.removed)
    before, after = _Telling(store, undone, change), _Telling(store, change, undone)
    told: dict[str, ChangedThing] = {}
    for subject in sorted({quad.subject for quad in change.added | change.removed}, key=str):
        if isinstance(subject, NamedNode) and ns.kind_of(subject.value) not in _PLUMBING:
            was, now = before.sentences(subject), after.sentences(subject)
            thing = after.thing(subject) if now else before.thing(subject)
            found = told.setdefault(thing["iri"], ChangedThing(thing=thing, added=[], removed=[]))
            _add_new(found["added"], now, was)
            _add_new(found["removed"], was, now)
    by_name = sorted(told.values(), key=lambda one: (not _is_tie(one["thing"]["iri"]), one["thing"]["text"]))
    return [one for one in by_name if one["added"] or one["removed"]]


def _add_new(
    found: list[ChangedSentence], now: Mapping[str, ChangedSentence], was: Mapping[str, ChangedSentence]
) -> None:
    """Add to what is found the sentences that are new, each once."""
    known = {one["statement"] + one["text"] for one in found}
    found += [one for key, one in now.items() if key not in was and key not in known]


def _is_tie(iri: str) -> bool:
    return ns.kind_of(iri) in TIES


class _Telling:
    """Tells what a store says of things in one of the two states of a change: as it has been, or is, made."""

    def __init__(self, store: Store, change: Change, other: Change) -> None:
        """Tell of the state that `change` makes. What is withdrawn has its name in the one that `other` makes."""
        self._wording = Wording(ChangedStore(store, change))
        self._other_wording = Wording(ChangedStore(store, other))
        self._own: dict[object, dict[NamedNode, list[Term]]] = {}
        for quad in sorted(change.added, key=str):
            self._own.setdefault(quad.subject, {}).setdefault(quad.predicate, []).append(quad.object)

    def thing(self, subject: NamedNode) -> NamedThing:
        """Return what a statement is about: of an account its thing, else itself."""
        facts = self._facts(subject)
        return self._wording_of(facts).name_of(thing_of_account(facts) or subject)

    def sentences(self, subject: NamedNode) -> dict[str, ChangedSentence]:
        """Return what is said of a thing, or by a statement, by what tells sentences apart."""
        nodes = [subject, *self._accounts(subject)]
        return {node.value + one["text"]: one for node in nodes for one in self._told(node)}

    def _wording_of(self, facts: Facts) -> Wording:
        """Return what names a thing: a withdrawn one may have left its name behind."""
        return self._other_wording if _is_withdrawn(facts) and SKOS.prefLabel not in facts else self._wording

    def _facts(self, node: NamedNode) -> Facts:
        return self._wording.facts(node, _DEFAULT)

    def _accounts(self, thing: NamedNode) -> list[NamedNode]:
        """Return the accounts of a thing, none if it is withdrawn."""
        if _is_withdrawn(self._facts(thing)):
            return []
        found = islice(match(self._wording.store, None, CD.accountOf, thing, _DEFAULT), _MOST_ACCOUNTS)
        return sorted((quad.subject for quad in found if isinstance(quad.subject, NamedNode)), key=str)

    def _stated(self, sentence: Sentence, node: NamedNode, facts: Facts) -> ChangedSentence:
        sources = facts.get(CD.statedIn) or facts.get(DCTERMS.source, [])
        named = [self._wording.name_of(one) for one in sources if isinstance(one, NamedNode)]
        return ChangedSentence(**sentence, statement=node.value, sources=named)

    def _told(self, node: NamedNode) -> Iterator[ChangedSentence]:
        """Yield what a node says by a template, and what the change has of it that none is for."""
        facts, own = self._facts(node), self._own.get(node, {})
        if _is_withdrawn(facts):
            found = _withdrawal(Draft(self._wording_of(facts), node, facts))
        elif has_template(facts):
            printed = in_print(self._wording, node, _DEFAULT)
            found = [*sentences(self._wording, node, _DEFAULT), *([printed] if printed else [])]
        else:
            found = []
        yield from (self._stated(one, node, facts) for one in found)
        if (_is_withdrawn(facts) or not has_template(facts)) and (clause := self._properties(node, own)):
            yield self._stated(closed(clause), node, own)

    def _properties(self, thing: NamedNode, facts: Facts) -> Phrase:
        """Return in a clause what a change has of a thing: Graz is a city; within: Austria."""
        draft = Draft(self._wording, thing, facts)
        name = draft.label(thing).removesuffix(" (curated)")
        has_accounts = bool(self._accounts(thing))
        kinds = [] if has_accounts else [with_article(draft.label(kind).lower()) for kind in facts.get(RDF.type, [])]
        found = [text_part(f"is {' and '.join(kinds)}")] if kinds else []
        for predicate, values in facts.items():
            told = name if RDF.type in facts else None  # the name of what is new stands before all else
            said = {text: value for value in values if (text := getattr(value, "value", "")) != told}
            if said and predicate not in (_TOLD_BY_ACCOUNTS if has_accounts else _TOLD_OTHERWISE):
                is_chinese = predicate == SKOS.prefLabel and all(has_chinese(text) for text in said)
                by = text_part("in Chinese") if is_chinese else draft.value(predicate)
                found.append(fill("{by}: {said}", by=by, said=draft.names([*said.values()])))
        return draft.name() + text_part(" " if kinds else ": ") + listed(found, "; ", "; ") if found else []


def _withdrawal(draft: Draft) -> list[Sentence]:
    """Return that a thing is withdrawn, what takes its place, if anything does, and why."""
    successors = draft.named(DCTERMS.isReplacedBy)
    template = "{name} is withdrawn" + (", and replaced by {successors}" if successors else "")
    template += ", and nothing takes its place" if CD.withoutSuccessor in draft.facts else ""
    notes = [closed(text_part(text["text"], text["lang"])) for text in texts(draft.facts, SKOS.changeNote)]
    return [closed(fill(template, name=draft.name(), successors=successors)), *notes]


def _is_withdrawn(facts: Facts) -> bool:
    return any(getattr(one, "value", "") == "true" for one in facts.get(OWL.deprecated, []))
