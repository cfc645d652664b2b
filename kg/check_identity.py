"""Check whether what a submission brings is there already: under another IRI or spelling, or for the same parties.

The same link to Wikidata or GeoNames, or a twinning of the same two, is the same thing: a Violation. The same or nearly
the same name may be chance: a Warning.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from heapq import nsmallest
from itertools import count, islice

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
"""New things of a submission whose names are compared, in each family."""
MOST_NAMES = 100
"""Names of a submission that are compared with similar ones; each takes a look at all that are known."""
MOST_TOLD = 3
"""Things that a statement is said to repeat, at the most: n statements of one thing would have n * n such pairs."""

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
    owners = _Owners(after)
    for quad in after.change.added:
        if quad.predicate in _LINKS and isinstance(quad.object, NamedNode):
            link = quad.object.value
            for owner in owners.others(subject_of(quad), link):
                message = f"{after.shown(owner)} has the link {link}, too: it is the same thing."
                zh = f"{after.shown(owner)} 已有链接 {link}，应为同一事物。"
                yield quad, _fault(message, zh, quad, owner, "Use that IRI, or mend the link.")


class _Owners:
    """What has a link; of much that has the same one, a few."""

    def __init__(self, after: AfterChange) -> None:
        self._after = after
        self._by_link: dict[str, list[NamedNode]] = {}

    def others(self, thing: NamedNode, link: str) -> list[NamedNode]:
        """Return what else has a link, in any of its spellings."""
        found = {owner for variant in _variants(link) for owner in self._of(variant)}
        return _first(self._after, found - {thing}, MOST_TOLD)

    def _of(self, link: str) -> list[NamedNode]:
        if (found := self._by_link.get(link)) is None:
            owners = {owner for predicate in _LINKS for owner in self._after.subjects(predicate, NamedNode(link))}
            found = self._by_link[link] = _first(self._after, owners, MOST_TOLD + 1)
        return found


def _first(after: AfterChange, things: Iterable[object], count: int) -> list[NamedNode]:
    """Return a few of the things, those first that the change says nothing of."""
    named = (thing for thing in things if isinstance(thing, NamedNode))
    return nsmallest(count, named, key=lambda thing: (bool(after.added_about(thing)), thing.value))


def _variants(link: str) -> set[str]:
    """Return an address as it may have been written elsewhere, first of all as the gazetteer writes it."""
    if found := _WIKIDATA.fullmatch(link):
        return {link, f"http://www.wikidata.org/entity/{found[1].upper()}"}
    if found := _GEONAMES.fullmatch(link):
        return {link, f"https://sws.geonames.org/{found[1]}/"}
    rest = link.partition("://")[2].rstrip("/")
    return {link, *(f"{scheme}://{rest}{end}" for scheme in ("http", "https") for end in ("", "/"))}


def _same_parties(after: AfterChange) -> Iterator[tuple[Quad, Fault]]:
    known: dict[tuple[object, ...], dict[str, NamedNode]] = {}
    for quad in after.change.added:
        if quad.predicate == ns.RDF_TYPE and (roles := _PARTIES.get(value_of(quad))) is not None:
            for node in _of_same_parties(after, subject_of(quad), roles, known):
                message = f"{after.shown(node)} has the same parties."
                zh = f"{after.shown(node)} 的当事方相同。"
                hint = "Add your account to it; only a renewed tie has an IRI of its own: that one with its begin year."
                yield quad, _fault(message, zh, quad, node, hint)


def _of_same_parties(
    after: AfterChange,
    relation: NamedNode,
    roles: tuple[NamedNode, NamedNode],
    known: dict[tuple[object, ...], dict[str, NamedNode]],
) -> list[NamedNode]:
    """Return relations of the same parties that are neither this one nor renewals of it, nor it of them; a few."""
    parties = [after.objects(relation, role) for role in roles]
    if not all(parties):
        return []
    one, other = min(parties[0], key=str), max(parties[1], key=str)
    if one == other or not isinstance(one, NamedNode) or not isinstance(other, NamedNode):
        return []
    if (named := known.get((*roles, one, other))) is None:
        same = after.subjects(roles[0], one) & after.subjects(roles[1], other)
        named = known[*roles, one, other] = _by_name(_first(after, same, len(same)))
    own = _YEAR.sub("", relation.value)
    return [node for name, node in named.items() if name != own][:MOST_TOLD]


def _by_name(relations: Iterable[NamedNode]) -> dict[str, NamedNode]:
    """Return the relations by their names without years, the first of each; a few."""
    found: dict[str, NamedNode] = {}
    for relation in relations:
        if len(found) <= MOST_TOLD:
            found.setdefault(_YEAR.sub("", relation.value), relation)
    return found


def _same_names(after: AfterChange) -> Iterator[tuple[Quad, Fault]]:
    relations = after.classes_below("cd:Relation")
    names_left = count(MOST_NAMES, -1)
    for family in FAMILIES:
        classes = after.classes_below(f"cd:{family}")
        new = {thing: quad for thing, quad in after.gained(classes).items() if quad.object not in relations}
        known = _known_names(after, family) if new else {}
        for thing in sorted(new, key=str)[:MOST_NEW]:
            yield from _alike(after, new[thing], _Namesakes(after, known, classes, names_left))


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


def _alike(after: AfterChange, typed: Quad, namesakes: _Namesakes) -> Iterator[tuple[Quad, Fault]]:
    """Yield the namesakes of a thing, with the quad that names it, or the one that makes it such a thing."""
    thing, told = subject_of(typed), set[NamedNode]()
    naming = {(quad.predicate, quad.object): quad for quad in after.added_about(thing)}
    labels = {(predicate, label) for predicate in _NAMES for label in after.objects(thing, predicate)}
    for predicate, label in sorted(labels, key=str):
        if not isinstance(label, Literal):
            continue  # SHACL says it
        quad = naming.get((predicate, label), typed)
        for name, candidate in namesakes.of(label):
            if candidate not in (thing, *told) and after.objects(candidate, ns.RDF_TYPE):
                told.add(candidate)
                how = "has the same name" if name == _plain(label.value) else "has nearly the same name"
                message = f"{after.shown(candidate)} {how}: is it the same?"
                zh = f"{after.shown(candidate)} 名称相同或相近，是否为同一事物？"
                hint = f"If it is, use {ns.compact(candidate.value)}; if not, say that you have seen this."
                yield quad, replace(_fault(message, zh, quad, candidate, hint), severity="Warning")


class _Namesakes:
    """Things of a family by their names."""

    def __init__(
        self,
        after: AfterChange,
        known: Mapping[str, set[NamedNode]],
        classes: frozenset[NamedNode],
        names_left: Iterator[int],
    ) -> None:
        """`names_left` counts down how many names are still compared with similar ones."""
        self._after = after
        self._known = known
        self._classes = classes
        self._names_left = names_left

    def of(self, label: Literal) -> Iterator[tuple[str, NamedNode]]:
        """Yield what has the same name or nearly the same one, with that name in plain form."""
        plain = _plain(label.value)
        near = get_close_matches(plain, self._known, n=3, cutoff=NEAR) if next(self._names_left) > 0 else [plain]
        for name in near:
            yield from ((name, thing) for thing in sorted(self._known.get(name, ()), key=str))
        for predicate in _NAMES:
            for quad in islice(self._after.store.quads_for_pattern(None, predicate, label, DefaultGraph()), 10):
                thing = quad.subject
                if isinstance(thing, NamedNode) and self._after.objects(thing, ns.RDF_TYPE) & self._classes:
                    yield plain, thing


def _plain(name: str) -> str:
    """Return a name without case, accents, punctuation, and words such as "city of"."""
    if not name.isascii():
        name = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    words = " ".join(re.sub(r"[\W_]+", " ", name.casefold()).split())
    return " ".join(_IDLE_WORDS.sub(" ", words).split()) or words


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
