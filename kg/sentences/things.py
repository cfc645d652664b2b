"""Templates of things: what an account says of a city, body, network, group, person, publication, activity or zone."""

from __future__ import annotations

from collections.abc import Sequence

from pyoxigraph import Literal, NamedNode

from kg.rdf import namespaces as ns
from kg.rdf.lookup import Term
from kg.rdf.vocabulary import CD, DCTERMS
from kg.sentences.draft import Draft, times_text
from kg.sentences.phrases import Phrase, fill, listed, quoted, text_part, with_article
from kg.wording import PARTS_TAKEN

_PREDICATES = (
    (CD.status, "{be} {labels}"),
    (CD.publicationKind, "{be} {kinds}"),
    (CD.organizationKind, "{be} {kinds}"),
    (CD.scope, "{be} {scope}"),
    (CD.roleTitle, "{be} {labels}"),
    (DCTERMS.title, "{have} the title {quoted}"),
    (DCTERMS.creator, "{be} by {labels}"),
    (CD.editor, "{be} edited by {labels}"),
    (CD.commissionedBy, "{be} commissioned by {labels}"),
    (DCTERMS.issued, "appeared {dates}"),
    (DCTERMS.publisher, "{be} published by {labels}"),
    (DCTERMS.isPartOf, "{be} in {quoted}"),
    (DCTERMS.identifier, "{have} the identifier {quoted}"),
    (DCTERMS.language, "{be} in the language {quoted}"),
    (CD.leader, "{be} led by {labels}"),
    (CD.host, "{be} hosted by {labels}"),
    (CD.organizer, "{be} organised by {labels}"),
    (CD.payer, "{be} paid for by {labels}"),
    (CD.participant, "{involve} {labels}"),
    (CD.partOf, "{be} part of {labels}"),
    (CD.location, "{be} in {labels}"),
    (CD.organisingStructure, "{have} {structures}"),
    (CD.method, "{proceed} by {labels}"),
    (CD.uses, "{rest} on {labels}"),
)
"""What an account says of a thing, as predicates of it, in reading order."""
_STRUCTURES = {"no-central-office": "no central office for international work"}
"""What a city has by structures for international work whose labels do not take an article."""
_VERBS = ("deal", "involve", "proceed", "rest")
_SINGULAR = {"be": text_part("is"), "have": text_part("has")} | {verb: text_part(f"{verb}s") for verb in _VERBS}
_PLURAL = {"be": text_part("are"), "have": text_part("have")} | {verb: text_part(verb) for verb in _VERBS}
_WITHIN = {
    "split": "is split between teams",
    "centralised": "is centralised",
    "within-department": "lies within a department",
}
"""What international work is in a city, by structures that a city has not but its work has."""


def thing(draft: Draft) -> Phrase:
    """Return the clause of a thing: Key Cities is of national scope and began in 2013; none if nothing is said."""
    verbs = _PLURAL if draft.is_several([draft.thing]) else _SINGULAR
    if work := _work(draft):
        at = fill("in {name} international work{partly} {work}", name=draft.name(), partly=_partly(draft), work=work)
        return at + draft.tails()
    found = [*_predicates(draft, verbs, ""), *_duration(draft)]
    if not found:
        found = _topics(draft, verbs)
    tails = draft.tails()
    if not found and not tails:
        return []
    return draft.name() + text_part(" ") + (listed(found) or verbs["be"] + text_part(" mentioned")) + tails


def _work(draft: Draft) -> Phrase:
    """Take the structure of a city if it is one of its international work, and return what that work is by it."""
    structures = draft.facts.get(CD.organisingStructure, [])
    known = [_WITHIN.get(one.value.rpartition("/")[2], "") for one in structures if isinstance(one, NamedNode)]
    if not known or not all(known):
        return []
    draft.take(CD.organisingStructure)
    return listed([text_part(one) for one in known])


def _partly(draft: Draft) -> Phrase:
    """Take the extent of an account, and return it as it stands before the verb to which it belongs."""
    extent = draft.take(CD.extent)
    return fill(", {extent},", extent=draft.names(extent)) if extent else []


def _topics(draft: Draft, verbs: dict[str, Phrase]) -> list[Phrase]:
    """Take the topics of an account that says nothing else of its thing, and return them as a predicate."""
    topics = [*draft.take(CD.about), *draft.take(CD.theme)]
    has_subject = ns.kind_of(draft.thing.value) in ("publication", "activity")
    template = "{deal} with {names}" if has_subject else "{be} mentioned in connection with {names}"
    return [fill(template, **verbs, names=draft.names(topics))] if topics else []


def activity(draft: Draft, says: str) -> Phrase:
    """Return what an account adds to its sentence on an activity: it began in 2024; none if the sentence has all."""
    found = _predicates(draft, _SINGULAR, says)
    for topic in (CD.about, CD.theme):  # they index the sentence, and say nothing beside it
        draft.take(topic)
    return text_part("it ") + listed(found) if found else []


def _predicates(draft: Draft, verbs: dict[str, Phrase], says: str) -> list[Phrase]:
    found = []
    for predicate, template in _PREDICATES:
        values = _without_parts_taken(draft, predicate, draft.take(predicate))
        if predicate == DCTERMS.creator:
            values = sorted(values, key=lambda one: _place(draft, one))
        if values and not (says and all(draft.has_name_in(value, says) for value in values)):
            is_address = any(isinstance(one, Literal) and one.value.startswith("http") for one in values)
            found.append(fill("{be} at {quoted}" if is_address else template, **verbs, **_forms(draft, values)))
    return found


def _place(draft: Draft, author: Term) -> int:
    """Return the place of an author in the name of a work, which has its authors in their order."""
    return (
        draft.label(draft.thing).find(draft.label(author).rpartition(" ")[2]) if isinstance(author, NamedNode) else -1
    )


def _without_parts_taken(draft: Draft, predicate: NamedNode, values: Sequence[Term]) -> Sequence[Term]:
    """Return values without participants of whom the account says which part they take."""
    taken = {value for part in PARTS_TAKEN for value in draft.facts.get(part, [])}
    return [value for value in values if value not in taken] if predicate == CD.participant else values


def _forms(draft: Draft, values: Sequence[Term]) -> dict[str, Phrase]:
    kinds = [text_part(with_article(draft.label(value))) for value in values]
    if any(isinstance(one, Literal) and one.value.startswith("http") for one in values):
        return {"quoted": listed([text_part(one.value) for one in values if isinstance(one, Literal)])}
    return {
        "labels": draft.names(values),
        "quoted": quoted(values),
        "dates": text_part(times_text(values)),
        "kinds": listed(kinds),
        "scope": listed([text_part(_scope(draft.label(value))) for value in values]),
        "structures": listed([text_part(_structure(draft, value)) for value in values]),
    }


def _scope(label: str) -> str:
    """Return a scope as a predicate: of national scope, a network of networks."""
    return with_article(label) if " of " in label else f"of {label} scope"


def _structure(draft: Draft, structure: Term) -> str:
    """Return what a city has by a structure: a dedicated team for international work, no central office for it."""
    slug = structure.value.rpartition("/")[2] if isinstance(structure, NamedNode) else ""
    return _STRUCTURES.get(slug) or f"{with_article(draft.label(structure))} for international work"


def _duration(draft: Draft) -> list[Phrase]:
    """Take begin and end of a thing, and return them as predicates."""
    begins, ends = draft.take(CD.begin), draft.take(CD.end)
    found = []
    if ns.kind_of(draft.thing.value) == "publication":
        spans = [one.value for one in (*begins, *ends) if isinstance(one, Literal)]
        return [text_part(f"covers the period {' to '.join(spans)}")] if spans else []
    if begins:
        found.append(text_part(f"began {times_text(begins)}"))
    if ends:
        found.append(text_part(f"ended {times_text(ends)}"))
    return found
