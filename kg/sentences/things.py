"""Templates of things: what an account says of a city, body, network, group, person, publication, activity or zone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pyoxigraph import Literal, NamedNode

from kg.rdf import namespaces as ns
from kg.rdf.lookup import Term
from kg.rdf.vocabulary import CD, DCTERMS
from kg.sentences.draft import Draft, repeats, times_text
from kg.sentences.phrases import WORDS, Phrase, fill, listed, quoted, text_part, with_article
from kg.wording import PARTS_TAKEN, date_text

_PREDICATES = (
    (CD.status, "{be} {labels}"),
    (CD.organizationKind, "{be} {kinds}"),
    (CD.scope, "{be} {scope}"),
    (CD.roleTitle, "{be} {labels}"),
    (DCTERMS.identifier, "{have} the identifier {quoted}"),
    (DCTERMS.language, "{be} in {languages}"),
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
_OF_WORKS = (
    (DCTERMS.issued, " of {dated}"),
    (DCTERMS.title, " entitled {quoted}"),
    (DCTERMS.creator, " by {labels}"),
    (CD.editor, ", edited by {labels}"),
    (CD.commissionedBy, ", made for {labels}"),
    (DCTERMS.publisher, ", published by {labels}"),
    (CD.partOf, ", in {labels}"),
    (DCTERMS.isPartOf, ", in {labels}"),
)
"""What an account says of a work after what it is, in reading order."""
_FOOTNOTE = re.compile(r" of footnote \d+$")
"""The end of the name of a page that has no name but its place, which is the subject of its sentence."""
_STRUCTURES = {
    "no-central-office": "no central office for international work",
    "dedicated-team": "a dedicated team",
    "split": "international work that is split between teams",
    "centralised": "centralised international work",
    "within-department": "international work within a department",
}
"""What a city has by structures for international work that read otherwise than by their labels."""


def thing(draft: Draft) -> Phrase:
    """Return the clause of a thing: Key Cities is of national scope and began in 2013; none if nothing is said."""
    verbs = draft.verbs([draft.thing])
    if _is_somewhere_by_name(draft):
        return fill("there {be} {name}", name=draft.name(), **verbs)
    if address := _address(draft):
        return address
    found = _publication(draft) if ns.kind_of(draft.thing.value) == "publication" else []
    found += [*_predicates(draft, verbs, ""), *_duration(draft)]
    fields = draft.take(CD.theme) if found and ns.kind_of(draft.thing.value) in ("organisation", "network") else []
    if fields:
        in_field = "{work} in the field of {names}" if len(fields) == 1 else "{work} in the fields of {names}"
        found.append(fill(in_field, names=draft.names(fields), **verbs))
    return fill("{name} {found}", name=_name_within(draft), found=listed(found)) if found else []


def _is_somewhere_by_name(draft: Draft) -> bool:
    """Return True if an account says of what has no name but where it is, which stands in the words for it."""
    words = draft.label(draft.thing)
    places = draft.facts.get(CD.location, [])
    return bool(places) and words.startswith(("A ", "An ")) and all(draft.has_name_in(one, words) for one in places)


def _name_within(draft: Draft) -> Phrase:
    """Return the name of a thing without the brackets that name what it is said to be part of."""
    wholes = [f" ({draft.label(one)})" for one in draft.facts.get(CD.partOf, [])]
    *before, last = draft.name()
    return [*before, {**last, "text": last["text"].removesuffix(wholes[0])}] if wholes else [*before, last]


def mention(draft: Draft) -> Phrase:
    """Return that a passage speaks of a thing, of which its account says no more."""
    return fill("{places} {speak} of {name}", name=draft.name(), **draft.places())


def _address(draft: Draft) -> Phrase:
    """Return the clause of a work of which an account gives the address: Footnote 23 gives … as the address of it."""
    addresses = [one for one in draft.facts.get(DCTERMS.identifier, []) if getattr(one, "value", "").startswith("http")]
    if not addresses:
        return []
    draft.take(DCTERMS.identifier), draft.take(CD.publicationKind)
    *before, last = draft.name()
    name: Phrase = [*before, {**last, "text": _FOOTNOTE.sub("", last["text"])}]
    clause = "{places} gives the web address of {name}: {addresses}"
    return fill(
        clause, addresses=draft.names(addresses), name=name, places=draft.names(draft.facts.get(CD.statedIn, []))
    )


def _publication(draft: Draft) -> list[Phrase]:
    """Take what a work is, by whom and in what, and return it as a predicate: is a book by Lee."""
    kinds = [text_part(with_article(draft.label(one))) for one in draft.take(CD.publicationKind)]
    label, found = draft.label(draft.thing), Phrase()
    for predicate, template in _OF_WORKS:
        values = draft.take(predicate)
        if predicate in (DCTERMS.title, DCTERMS.issued):
            values = [one for one in values if getattr(one, "value", "") not in label]
        if predicate == DCTERMS.creator:
            values = sorted(values, key=lambda one: _place(draft, one))
        if predicate == DCTERMS.publisher and (imprint := _imprint(draft, values)):
            found += text_part(f" ({imprint})")
        elif values:
            is_second = predicate == DCTERMS.isPartOf and CD.partOf in draft.facts
            found += fill(template.replace(" in", "") if is_second else template, **_forms(draft, values))
        if predicate == DCTERMS.creator and values and " et al." in label:
            found += text_part(" and others")
    if kinds or found:
        return [fill("is {kinds}{found}", kinds=listed(kinds) or text_part("a work"), found=found)]
    return []


def _imprint(draft: Draft, publishers: Sequence[Term]) -> str:
    """Return the place and name of a publisher as the work is cited, "" if there is none with a place."""
    cited = " ".join(getattr(one, "value", "") for one in draft.facts.get(DCTERMS.bibliographicCitation, []))
    found = [re.search(rf"[^:;(]*: {re.escape(getattr(one, 'value', ''))}", cited) for one in publishers]
    return next((one[0].strip() for one in found if one), "")


def activity(draft: Draft, says: str) -> Phrase:
    """Return what an account adds to its sentence on an activity: it began in 2024; none if the sentence has all."""
    found = _predicates(draft, draft.verbs([]), says)
    for topic in (CD.about, CD.theme):  # they index the sentence, and say nothing beside it
        draft.take(topic)
    return text_part("this ") + listed(found) if found else []


def _predicates(draft: Draft, verbs: dict[str, Phrase], says: str) -> list[Phrase]:
    found = []
    for predicate, template in _PREDICATES:
        values = _without_parts_taken(draft, predicate, draft.take(predicate))
        if values := [one for one in values if not (says and _is_in(draft, one, says))]:
            found.append(fill(template, **verbs, **_forms(draft, values)))
    return found


def _is_in(draft: Draft, value: Term, says: str) -> bool:
    """Return True if a text names a thing, or a group by the head of its name: athletes from Sheffield."""
    head = draft.label(value).partition(" of ")[0].partition(" from ")[0].partition(" with ")[0]
    is_group = isinstance(value, NamedNode) and ns.kind_of(value.value) == "group"
    return draft.has_name_in(value, says) or (is_group and repeats(says, head))


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
    return {
        "labels": draft.names(values),
        "quoted": quoted(values),
        "languages": listed(
            [text_part(WORDS["languages"].get(one.value, one.value)) for one in values if isinstance(one, Literal)]
        ),
        "dated": listed([text_part(date_text(one)) for one in values if isinstance(one, Literal)]),
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
