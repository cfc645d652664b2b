"""Check whether what a submission brings is there already: under another IRI or spelling, or for the same parties.

The same link to Wikidata or GeoNames, or a twinning of the same two, is the same thing: a Violation. The same or nearly
the same name may be chance: a Warning.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from itertools import islice

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from kg import namespaces as ns
from kg.after_change import AfterChange, Value, subject_of, term, value_of
from kg.faults import Fault

NEAR = 0.9
"""How alike names are that count as nearly the same (difflib's ratio); Nanjing and Nanning have 0.86."""
FAMILIES = ("Polity", "Organization", "Person", "Source")
"""Classes within which names are compared."""
MOST_COMPARED = 10_000
"""Things of a family whose names are compared; what is beyond is found by the very same label only."""
MOST_NEW = 50
"""New things of a submission whose names are compared."""

_NAMES = (term("skos:prefLabel"), term("skos:altLabel"), term("cd:nativeName"))
_LINKS = (term("schema:sameAs"), NamedNode("http://schema.org/sameAs"), term("owl:sameAs"), term("skos:exactMatch"))
_PARTIES: dict[Value, tuple[NamedNode, NamedNode]] = {
    term("cd:Twinning"): (term("cd:twin"), term("cd:twin")),
    term("cd:Membership"): (term("cd:member"), term("cd:network")),
}
_WIKIDATA = re.compile(r"https?://(?:www\.|m\.)?wikidata\.org/(?:entity|wiki)/(Q[0-9]+)/?", re.IGNORECASE)
_GEONAMES = re.compile(r"https?://(?:sws\.|www\.)?geonames\.org/([0-9]+)(?:/.*)?", re.IGNORECASE)
_IDLE_WORDS = re.compile(r"\b(?:the|city of|municipality of|city)\b")
_YEAR = re.compile(r"-[0-9]{4}$")


def check_identity(after: AfterChange) -> Iterator[tuple[Quad, Fault]]:
    """Yield a fault for what seems to be there already, with a quad that brings it."""
    yield from _same_links(after)
    yield from _same_parties(after)
    yield from _same_names(after)


def _same_links(after: AfterChange) -> Iterator[tuple[Quad, Fault]]:
    for quad in after.change.added:
        if quad.predicate in _LINKS and isinstance(quad.object, NamedNode):
            variants = _variants(quad.object.value)
            owners = {
                owner
                for link in variants
                for predicate in _LINKS
                for owner in after.subjects(predicate, NamedNode(link))
            }
            for owner in sorted(owners - {quad.subject}, key=str):
                link = quad.object.value
                message = f"{_named(after, owner)} has the link {link}, too: it is the same thing."
                zh = f"{_named(after, owner)} 已有链接 {link}，应为同一事物。"
                yield quad, _fault(message, zh, quad, owner, "Use that IRI, or mend the link.")


def _variants(link: str) -> set[str]:
    """Return an address as it may have been written elsewhere, first of all as the gazetteer writes it."""
    if found := _WIKIDATA.fullmatch(link):
        return {link, f"http://www.wikidata.org/entity/{found[1].upper()}"}
    if found := _GEONAMES.fullmatch(link):
        return {link, f"https://sws.geonames.org/{found[1]}/"}
    rest = link.partition("://")[2].rstrip("/")
    return {link, *(f"{scheme}://{rest}{end}" for scheme in ("http", "https") for end in ("", "/"))}


def _same_parties(after: AfterChange) -> Iterator[tuple[Quad, Fault]]:
    for quad in after.change.added:
        if quad.predicate == ns.RDF_TYPE and (roles := _PARTIES.get(value_of(quad))) is not None:
            for other in sorted(_of_same_parties(after, subject_of(quad), roles)):
                node = NamedNode(other)
                message = f"{_named(after, node)} has the same parties."
                zh = f"{_named(after, node)} 的当事方相同。"
                hint = "Add your account to it; only a renewed tie has an IRI of its own: that one with its begin year."
                yield quad, _fault(message, zh, quad, node, hint)


def _of_same_parties(after: AfterChange, relation: NamedNode, roles: tuple[NamedNode, NamedNode]) -> set[str]:
    """Return the relations of the same parties that are neither this one nor renewals of it, nor it of them."""
    parties = [sorted(after.objects(relation, role), key=str) for role in roles]
    if not all(parties):
        return set()
    one, other = parties[0][0], parties[1][-1]
    if one == other or not isinstance(one, NamedNode) or not isinstance(other, NamedNode):
        return set()
    same = after.subjects(roles[0], one) & after.subjects(roles[1], other)
    names = {node.value for node in same if isinstance(node, NamedNode)}
    return {name for name in names if _YEAR.sub("", name) != _YEAR.sub("", relation.value)}


def _same_names(after: AfterChange) -> Iterator[tuple[Quad, Fault]]:
    relations = after.classes_below("cd:Relation")
    new = {thing: types for thing, types in after.new_types.items() if not types & relations}
    for family in FAMILIES:
        classes = after.classes_below(f"cd:{family}")
        things = sorted((thing for thing, types in new.items() if types & classes), key=str)[:MOST_NEW]
        known = _known_names(after, family) if things else {}
        for thing in things:
            yield from _alike(after, thing, known, classes)


def _known_names(after: AfterChange, family: str) -> Mapping[str, set[NamedNode]]:
    """Return what things of a family are called, in plain form."""
    found: dict[str, set[NamedNode]] = defaultdict(set)
    typed = after.store.quads_for_pattern(None, ns.RDF_TYPE, term(f"cd:{family}"), DefaultGraph())
    for quad in islice(typed, MOST_COMPARED):
        for predicate in _NAMES:
            for said in after.store.quads_for_pattern(quad.subject, predicate, None, DefaultGraph()):
                if isinstance(said.object, Literal) and isinstance(said.subject, NamedNode):
                    found[_plain(said.object.value)].add(said.subject)
    return found


def _alike(
    after: AfterChange, thing: NamedNode, known: Mapping[str, set[NamedNode]], classes: frozenset[NamedNode]
) -> Iterator[tuple[Quad, Fault]]:
    told = set[NamedNode]()
    for quad in sorted((q for q in after.change.added if q.subject == thing and q.predicate in _NAMES), key=str):
        if not isinstance(quad.object, Literal):
            continue  # SHACL says it
        for name, candidate in _candidates(after, quad.object, known, classes):
            if candidate not in (thing, *told) and after.objects(candidate, ns.RDF_TYPE):
                told.add(candidate)
                how = "has the same name" if name == _plain(quad.object.value) else "has nearly the same name"
                message = f"{_named(after, candidate)} {how}: is it the same?"
                zh = f"{_named(after, candidate)} 名称相同或相近，是否为同一事物？"
                hint = f"If it is, use {ns.compact(candidate.value)}; if not, say that you have seen this."
                yield quad, replace(_fault(message, zh, quad, candidate, hint), severity="Warning")


def _candidates(
    after: AfterChange, label: Literal, known: Mapping[str, set[NamedNode]], classes: frozenset[NamedNode]
) -> Iterator[tuple[str, NamedNode]]:
    plain = _plain(label.value)
    for name in get_close_matches(plain, known, n=3, cutoff=NEAR):
        yield from ((name, thing) for thing in sorted(known[name], key=str))
    for predicate in _NAMES:
        for quad in islice(after.store.quads_for_pattern(None, predicate, label, DefaultGraph()), 10):
            if isinstance(quad.subject, NamedNode) and after.objects(quad.subject, ns.RDF_TYPE) & classes:
                yield plain, quad.subject


def _plain(name: str) -> str:
    """Return a name without case, accents, punctuation, and words such as "city of"."""
    if not name.isascii():
        name = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    words = " ".join(re.sub(r"[\W_]+", " ", name.casefold()).split())
    return " ".join(_IDLE_WORDS.sub(" ", words).split()) or words


def _named(after: AfterChange, thing: object) -> str:
    assert isinstance(thing, NamedNode)
    labels = sorted(
        after.objects(thing, _NAMES[0]), key=lambda label: (getattr(label, "language", "") != "en", str(label))
    )
    label = next((label.value for label in labels if isinstance(label, Literal)), "")
    return f"{ns.compact(thing.value)} “{label}”" if label else ns.compact(thing.value)


def _fault(message: str, message_zh: str, quad: Quad, candidate: object, hint: str) -> Fault:
    assert isinstance(candidate, NamedNode)
    return Fault(
        "identity",
        "Violation",
        message,
        message_zh,
        focus=ns.compact(subject_of(quad).value),
        path=ns.compact(quad.predicate.value),
        value=ns.compact(candidate.value),
        hint=hint,
    )
