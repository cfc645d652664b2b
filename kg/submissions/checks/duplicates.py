"""Check whether the graph has what a submission adds already: under another IRI or spelling, or for the same parties.

The same link to Wikidata or GeoNames, the same code of a state, or a twinning of the same two makes a Violation, since
it is the same thing. An equal or similar name, the same position, or a second item of Wikidata makes a Warning, since
it may be chance.

- Addresses that identify a thing are compared in all their spellings, ISO codes as they are. Positions are equal if
  latitude and longitude are, to four decimals (11 metres); SHACL checks that geometries agree with them.
- Names are compared in plain form (kg.names.plain), similar ones by the keys of kg.names.slips. The index of names has
  all that may be similar to a new one, so the time does not depend on how many there are. The one limit is that of
  memory; a warning says how many names are beyond it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from heapq import nsmallest
from typing import Literal as OneOf

from pyoxigraph import Literal, NamedNode, Quad

from kg.findings import Finding
from kg.messages import bilingual
from kg.names import Identifier, SlipFilter, identifier_of, slip_keys, without_idle_words
from kg.rdf import namespaces as ns
from kg.rdf.authorities import LINKS
from kg.rdf.labels import NAMES
from kg.rdf.vocabulary import CD, RDF, SKOS, WGS84
from kg.submissions.checks.graph_after import ChangedQuad, GraphAfterChange, Value

MOST_REPORTED = 3
"""Most things that a statement is reported to repeat: n new copies of one thing would make n * n pairs."""


def first_few(after: GraphAfterChange, things: Iterable[object], count: int) -> list[NamedNode]:
    """Return the first few things, those first that the change says nothing about."""
    named = (thing for thing in things if isinstance(thing, NamedNode))
    return nsmallest(count, named, key=lambda thing: (bool(after.additions_about(thing)), thing.value))


def repetition_finding(
    words: tuple[str, str],
    statement: ChangedQuad,
    candidate: NamedNode,
    hint: str,
    severity: OneOf["Violation", "Warning"] = "Violation",
) -> Finding:
    """Return the finding that a statement repeats a candidate."""
    return Finding(
        "identity",
        severity,
        *words,
        focus=ns.compact(statement.subject.value),
        path=ns.compact(statement.predicate.value),
        value=ns.compact(candidate.value),
        hint=hint,
    )


DECIMALS = 4
"""Decimals of latitudes and longitudes that are compared."""

_CODES = (CD.isoAlpha2, CD.isoAlpha3)
_Position = tuple[float, float]
_Found = Iterator[tuple[Quad, Finding]]


def check_identifiers(after: GraphAfterChange) -> Iterator[tuple[Quad, Finding]]:
    """Yield a finding for each identifier or position of another thing, and each second identifier of an authority."""
    links = [
        statement
        for statement in after.added
        if statement.predicate in LINKS and isinstance(statement.value, NamedNode)
    ]
    if links:
        yield from _links(after, sorted(links, key=lambda statement: str(statement.quad)))
    yield from _codes_of_others(after)
    yield from _positions_of_others(after)


def _links(after: GraphAfterChange, links: Sequence[ChangedQuad]) -> _Found:
    linked = {statement.subject for statement in (*after.added, *after.removed) if statement.predicate in LINKS}
    owners: dict[Identifier, set[NamedNode]] = {
        key: set(map(NamedNode, after.names.with_identifier(key))) - linked
        for key in {identifier_of(statement.value.value) for statement in links}
    }
    after.prefetch((thing, link) for thing in linked for link in LINKS)
    known: dict[NamedNode, set[Identifier]] = defaultdict(set)
    for thing in linked:
        for value in (value for link in LINKS for value in after.objects(thing, link)):
            if isinstance(value, NamedNode):
                key = identifier_of(value.value)
                known[thing].add(key)
                if key in owners:
                    owners[key].add(thing)
    few = {key: first_few(after, things, MOST_REPORTED + 1) for key, things in owners.items()}
    for statement in links:
        address = statement.value.value
        for owner in _others(few[identifier_of(address)], statement.subject):
            other = after.display_name(owner)
            words = bilingual("{other} has the link {link}, too: it is the same thing.", other=other, link=address)
            yield statement.quad, repetition_finding(words, statement, owner, "Use that IRI, or mend the link.")
    yield from _second_identifiers(after, links, known)


def _second_identifiers(
    after: GraphAfterChange, links: Sequence[ChangedQuad], known: Mapping[NamedNode, set[Identifier]]
) -> _Found:
    """Yield a finding for each new identifier of a thing besides another one of that authority."""
    added: dict[NamedNode, dict[Identifier, ChangedQuad]] = defaultdict(dict)
    for statement in links:
        added[statement.subject].setdefault(identifier_of(statement.value.value), statement)
    for thing, new in added.items():
        for key, statement in new.items():
            theirs = (one for one in known[thing] if one.authority == key.authority)
            first = min(theirs, key=lambda one: (one in new, one.name))
            if key.authority is not None and key != first:
                words = bilingual(
                    "{thing} has two identifiers of {authority}: {one} and {other}. Which one is it?",
                    thing=after.display_name(thing),
                    authority=key.authority,
                    one=first.name,
                    other=key.name,
                )
                hint = (
                    f"Leave out the wrong one; if both are of {ns.compact(thing.value)}, say that you have seen this."
                )
                yield statement.quad, repetition_finding(words, statement, NamedNode(first.address), hint, "Warning")


def _codes_of_others(after: GraphAfterChange) -> _Found:
    for statement in after.added:
        if statement.predicate in _CODES:
            for owner in _others(
                first_few(after, after.subjects(statement.predicate, statement.value), MOST_REPORTED + 1),
                statement.subject,
            ):
                code = statement.value.value
                words = bilingual("{other} has the code {code}, too.", other=after.display_name(owner), code=code)
                hint = f"ISO gives a code to one state: use {ns.compact(owner.value)}, or mend the code."
                yield statement.quad, repetition_finding(words, statement, owner, hint)


def _positions_of_others(after: GraphAfterChange) -> _Found:
    places = after.classes_below(CD.Place)
    placed = {
        statement.subject: statement
        for statement in sorted(after.added, key=lambda statement: statement.predicate == WGS84.lat)
        if statement.predicate in (WGS84.lat, WGS84.long) and after.is_instance(statement.subject, places)
    }
    if not placed:
        return
    positions = dict(_positions(after))
    wanted = {positions[thing] for thing in placed if thing in positions}
    found: dict[_Position, set[NamedNode]] = defaultdict(set)
    for thing, position in positions.items():
        if position in wanted and after.is_instance(thing, places):
            found[position].add(thing)
    there = {position: first_few(after, things, MOST_REPORTED + 1) for position, things in found.items()}
    for thing, statement in placed.items():
        if thing in positions:
            for owner in _others(there[positions[thing]], thing):
                words = bilingual("{other} has the same position: is it the same?", other=after.display_name(owner))
                hint = f"If it is, use {ns.compact(owner.value)}; if not, mend it, or say that you have seen this."
                yield statement.quad, repetition_finding(words, statement, owner, hint, "Warning")


def _positions(after: GraphAfterChange) -> Iterator[tuple[NamedNode, _Position]]:
    """Yield all things that have a latitude and a longitude, with both rounded."""
    longitudes = dict(_coordinates(after, WGS84.long))
    for thing, latitude in _coordinates(after, WGS84.lat):
        if thing in longitudes:
            yield thing, (latitude, longitudes[thing])


def _coordinates(after: GraphAfterChange, predicate: NamedNode) -> Iterator[tuple[NamedNode, float]]:
    for thing, value in after.subjects_and_values(predicate):
        if isinstance(value, Literal):
            with suppress(ValueError):  # SHACL reports it
                yield thing, round(float(value.value), DECIMALS)


def _others(owners: Iterable[NamedNode], thing: NamedNode) -> list[NamedNode]:
    return [owner for owner in owners if owner != thing][:MOST_REPORTED]


FAMILIES = (CD.Place, CD.Organization, CD.Person, CD.Source, SKOS.Concept)
"""Classes within which names are compared; concepts only within one scheme."""
MOST_LETTERS = 500_000
"""Most letters of new names, in each family, for which similar names are looked up; the many names that cannot have any
do not count. Each letter takes up to 300 bytes while a submission is checked."""

ThingsByName = dict[str, set[NamedNode]]
"""Things by their names in plain form."""


def check_names(after: GraphAfterChange) -> Iterator[tuple[Quad, Finding]]:
    """Yield findings for each new thing with the same name as another, or a similar one; at most a few for each."""
    classes = [after.classes_below(family) for family in FAMILIES]
    relations = after.classes_below(CD.Relation)
    gained = [
        {thing: typed for thing, typed in family.items() if typed.value not in relations}
        for family in after.new_members(*classes)
    ]
    if any(gained):
        named = _names_to_compare(after, set().union(*gained))
        for of_family, new in zip(classes, gained, strict=True):
            if new:
                yield from _Family(after, named, of_family, new).namesakes()


def _names_to_compare(after: GraphAfterChange, new: set[NamedNode]) -> ThingsByName:
    """Return things by name: the new ones, and those that may have equal or similar names."""
    after.prefetch((thing, predicate) for thing in new for predicate in NAMES)
    asked = {name for thing in new for name in _names(after, thing)}
    found: ThingsByName = defaultdict(set)
    renamed = {statement.subject for statement in (*after.added, *after.removed) if statement.predicate in NAMES}
    for name, things in after.names.possible_slips(asked).items():
        found[name].update(thing for thing in map(NamedNode, things) if thing not in renamed)
    after.prefetch((thing, predicate) for thing in renamed for predicate in NAMES)
    similar = SlipFilter(asked)
    for thing in renamed:
        for name in _names(after, thing):
            if name in asked or similar.may_match(name):
                found[name].add(thing)
    return found


def _names(after: GraphAfterChange, thing: NamedNode) -> set[str]:
    """Return the names of a thing after the change, in plain form; SHACL reports names without text."""
    labels = (label for predicate in NAMES for label in after.objects(thing, predicate))
    return {without_idle_words(label.value) for label in labels if isinstance(label, Literal)}


class _Family:
    """The names of things of one family: the new ones, and those that may have similar names."""

    def __init__(
        self,
        after: GraphAfterChange,
        named: ThingsByName,
        classes: frozenset[NamedNode],
        new: dict[NamedNode, ChangedQuad],
    ) -> None:
        """`new` are the new things, each with the quad that makes it one of the family."""
        self._after = after
        self._new = new
        of_family = (
            (name, {thing for thing in things if after.is_instance(thing, classes)}) for name, things in named.items()
        )
        self._named = {name: things for name, things in of_family if things}
        self._few = {name: first_few(after, things, MOST_REPORTED + 1) for name, things in self._named.items()}
        self._names: dict[NamedNode, list[str]] = {thing: [] for thing in sorted(new)}
        for name in sorted(self._named, key=lambda name: (len(name), name)):
            for thing in self._named[name] & new.keys():
                self._names[thing].append(name)

    def namesakes(self) -> Iterator[tuple[Quad, Finding]]:
        """Yield a finding for each thing with an equal or similar name, with the quad of the name, or of the type."""
        near, left_out = self._by_key()
        for thing, names in self._names.items():
            reported = {thing}
            for name in names:
                yield from self._findings(thing, name, self._few[name], reported)
            for name in names:
                for _, key in slip_keys(name):
                    yield from self._findings(thing, name, near.get(key, ()), reported, nearly=True)
        if left_out:
            yield next(iter(self._new.values())).quad, _comparison_limit_finding(left_out)

    def _by_key(self) -> tuple[dict[str, list[NamedNode]], int]:
        """Return a few things for each slip key that new names look up, and the number of names beyond the limit."""
        similar = SlipFilter({name for names in self._names.values() for name in names})
        for name in self._named:
            similar.may_match(name)
        asked, letters, wanted = sorted(similar.with_candidates(), key=lambda name: (len(name), name)), 0, set[str]()
        for count, name in enumerate(asked):
            letters += len(name)
            if letters > MOST_LETTERS:
                left_out = len(asked) - count
                break
            wanted.update(key for _, key in slip_keys(name))
        else:
            left_out = 0
        found: dict[str, list[NamedNode]] = {}
        crowded: ThingsByName = defaultdict(set)
        for name, few in self._few.items():
            for key, _ in slip_keys(name):
                if key in wanted and found.setdefault(key, few) is not few:
                    crowded[key].update(few)
        for key, things in crowded.items():
            found[key] = first_few(self._after, things.union(found[key]), 2 * MOST_REPORTED)
        return found, left_out

    def _findings(
        self, thing: NamedNode, name: str, others: Iterable[NamedNode], reported: set[NamedNode], nearly: bool = False
    ) -> Iterator[tuple[Quad, Finding]]:
        for other in others:
            if other not in reported and len(reported) <= MOST_REPORTED and _may_be_same(thing, other):
                reported.add(other)
                statement = self._naming_quad(thing, name)
                shown = self._after.display_name(other)
                words = (
                    bilingual("{other} has nearly the same name: is it the same?", other=shown)
                    if nearly
                    else bilingual("{other} has the same name: is it the same?", other=shown)
                )
                hint = f"If it is, use {ns.compact(other.value)}; if not, say that you have seen this."
                yield statement.quad, repetition_finding(words, statement, other, hint, "Warning")

    def _naming_quad(self, thing: NamedNode, name: str) -> ChangedQuad:
        """Return the quad of the change that gives a thing its name; without one, that of its type."""
        about = sorted(self._after.additions_about(thing), key=lambda statement: str(statement.quad))
        naming = (
            statement for statement in about if statement.predicate in NAMES and isinstance(statement.value, Literal)
        )
        return next(
            (statement for statement in naming if without_idle_words(statement.value.value) == name), self._new[thing]
        )


def _may_be_same(thing: NamedNode, other: NamedNode) -> bool:
    """Return True if two things of a family may be the same; concepts of two schemes never are."""
    schemes = [concept.value.rpartition("/")[0] for concept in (thing, other)]
    return schemes[0] == schemes[1] or not schemes[0].startswith(ns.VOCABULARY)


def _comparison_limit_finding(count: int) -> Finding:
    words = bilingual("For {count} of the names only equal names were looked up, not similar ones.", count=count)
    return Finding("identity", "Warning", *words, hint="Submit fewer things at a time, or say that you have seen this.")


_PARTIES: dict[Value, tuple[NamedNode, NamedNode]] = {
    CD.Twinning: (CD.twin, CD.twin),
    CD.Membership: (CD.member, CD.network),
}
_YEAR = re.compile(r"-[0-9]{4}$")


def check_identity(after: GraphAfterChange) -> Iterator[tuple[Quad, Finding]]:
    """Yield a finding for each thing that the graph seems to have already, with a quad that adds it."""
    yield from check_identifiers(after)
    yield from _same_parties(after)
    yield from check_names(after)


def _same_parties(after: GraphAfterChange) -> Iterator[tuple[Quad, Finding]]:
    known: dict[tuple[object, ...], dict[str, NamedNode]] = {}
    for statement in after.added:
        if statement.predicate == RDF.type and (roles := _PARTIES.get(statement.value)) is not None:
            for node in _relations_between(after, statement.subject, roles, known):
                words = bilingual("{other} has the same parties.", other=after.display_name(node))
                hint = "Add your account to it; only a renewed tie has an IRI of its own: that one with its begin year."
                yield statement.quad, repetition_finding(words, statement, node, hint)


def _relations_between(
    after: GraphAfterChange,
    relation: NamedNode,
    roles: tuple[NamedNode, NamedNode],
    known: dict[tuple[object, ...], dict[str, NamedNode]],
) -> list[NamedNode]:
    """Return a few relations of the same parties that are neither this one nor a renewal of it, nor it of them."""
    parties = [after.objects(relation, role) for role in roles]
    if not all(parties):
        return []
    one, other = min(parties[0], key=str), max(parties[1], key=str)
    if one == other or not isinstance(one, NamedNode) or not isinstance(other, NamedNode):
        return []
    if (named := known.get((*roles, one, other))) is None:
        same = after.subjects(roles[0], one) & after.subjects(roles[1], other)
        named = known[*roles, one, other] = _by_name(first_few(after, same, len(same)))
    own = _YEAR.sub("", relation.value)
    return [node for name, node in named.items() if name != own][:MOST_REPORTED]


def _by_name(relations: Iterable[NamedNode]) -> dict[str, NamedNode]:
    """Return a few relations by their names without years, the first for each name."""
    found: dict[str, NamedNode] = {}
    for relation in relations:
        if len(found) <= MOST_REPORTED:
            found.setdefault(_YEAR.sub("", relation.value), relation)
    return found
