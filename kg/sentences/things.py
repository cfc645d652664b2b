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
    (CD.organizationKind, "{be} called {kinds}"),
    (CD.scope, "{be} {scope}"),
    (CD.roleTitle, "{be} {labels}"),
    (DCTERMS.title, "{have} the title {quoted}"),
    (DCTERMS.creator, "{be} by {labels}"),
    (CD.editor, "{be} edited by {labels}"),
    (CD.commissionedBy, "{be} commissioned by {labels}"),
    (DCTERMS.issued, "appeared {dates}"),
    (DCTERMS.publisher, "{be} published by {labels}"),
    (DCTERMS.isPartOf, "{be} in {quoted}"),
    (DCTERMS.bibliographicCitation, "{be} cited as {quoted}"),
    (DCTERMS.identifier, "{have} the identifier {quoted}"),
    (DCTERMS.language, "{be} in the language {quoted}"),
    (CD.leader, "{have} {labels} as leader"),
    (CD.host, "{have} {labels} as host"),
    (CD.organizer, "{have} {labels} as organiser"),
    (CD.payer, "{have} {labels} as payer"),
    (CD.participant, "{have} {labels} as participant"),
    (CD.partOf, "{be} part of {labels}"),
    (CD.location, "{be} in {labels}"),
    (CD.organisingStructure, "{have} {structures}"),
    (CD.method, "{have} {labels} as method"),
    (CD.uses, "{have} {labels} as a source or means"),
)
"""What an account says of a thing, as predicates of it, in reading order."""
_STRUCTURES = {
    "centralised": "international work centralised",
    "no-central-office": "no central office for international work",
    "split": "international work split between teams",
    "within-department": "international work within a department",
}
"""What a city has by structures for international work whose labels do not take an article."""
_SINGULAR = {"be": text_part("is"), "have": text_part("has"), "deal": text_part("deals")}
_PLURAL = {"be": text_part("are"), "have": text_part("have"), "deal": text_part("deal")}


def thing(draft: Draft) -> Phrase:
    """Return the clause of a thing: Key Cities is of national scope and began in 2013; none if nothing is said."""
    verbs = _PLURAL if draft.is_several([draft.thing]) else _SINGULAR
    found = [*_predicates(draft, verbs, ""), *_duration(draft, verbs)]
    if not found:
        found = _topics(draft, verbs)
    tails = draft.tails()
    if not found and not tails:
        return []
    return draft.name() + text_part(" ") + (listed(found) or verbs["be"] + text_part(" mentioned")) + tails


def _topics(draft: Draft, verbs: dict[str, Phrase]) -> list[Phrase]:
    """Take the topics of an account that says nothing else of its thing, and return them as a predicate."""
    topics = [*draft.take(CD.about), *draft.take(CD.theme)]
    has_subject = ns.kind_of(draft.thing.value) in ("publication", "activity")
    template = "{deal} with {names}" if has_subject else "{be} mentioned in connection with {names}"
    return [fill(template, **verbs, names=draft.names(topics))] if topics else []


def activity(draft: Draft, says: str) -> Phrase:
    """Return what an account adds to its sentence on an activity: it began in 2024; none if the sentence has all."""
    found = [*_predicates(draft, _SINGULAR, says), *_duration(draft, _SINGULAR)]
    for topic in (CD.about, CD.theme):  # they index the sentence, and say nothing beside it
        draft.take(topic)
    return text_part("it ") + listed(found) if found else []


def _predicates(draft: Draft, verbs: dict[str, Phrase], says: str) -> list[Phrase]:
    found = []
    for predicate, template in _PREDICATES:
        values = _without_parts_taken(draft, predicate, draft.take(predicate))
        if values and not (says and all(draft.has_name_in(value, says) for value in values)):
            found.append(fill(template, **verbs, **_forms(draft, values)))
    return found


def _without_parts_taken(draft: Draft, predicate: NamedNode, values: Sequence[Term]) -> Sequence[Term]:
    """Return values without participants of whom the account says which part they take."""
    taken = {value for part in PARTS_TAKEN for value in draft.facts.get(part, [])}
    return [value for value in values if value not in taken] if predicate == CD.participant else values


def _forms(draft: Draft, values: Sequence[Term]) -> dict[str, Phrase]:
    kinds = [text_part(with_article(draft.label(value))) for value in values]
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


def _duration(draft: Draft, verbs: dict[str, Phrase]) -> list[Phrase]:
    """Take begin and end of a thing, and return them as predicates."""
    begins, ends = draft.take(CD.begin), draft.take(CD.end)
    found = []
    if ns.kind_of(draft.thing.value) == "publication":
        spans = [one.value for one in (*begins, *ends) if isinstance(one, Literal)]
        return [fill("{have} the period {span}", **verbs, span=text_part(" to ".join(spans)))] if spans else []
    if begins:
        found.append(text_part(f"began {times_text(begins)}"))
    if ends:
        found.append(text_part(f"ended {times_text(ends)}"))
    return found
