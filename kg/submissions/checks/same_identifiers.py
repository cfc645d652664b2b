"""Check whether what a submission brings has an identifier or a position that something else has, or two of one kind.

An address that identifies a thing is compared in all its spellings; the ISO code of a state as it is. Positions are the
same if latitude and longitude are, to four decimals: 11 metres. SHACL holds that geometries agree with them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from pyoxigraph import Literal, NamedNode, Quad

from kg.findings import Finding
from kg.messages import bilingual
from kg.names import LINKS, Identifier, identifier_of
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, WGS84
from kg.submissions.checks.candidates import MOST_REPORTED, first_few, repetition_finding
from kg.submissions.checks.graph_after import ChangedQuad, GraphAfter

DECIMALS = 4
"""Of a latitude and a longitude, those that are compared."""

_CODES = (CD.isoAlpha2, CD.isoAlpha3)
_Position = tuple[float, float]
_Found = Iterator[tuple[Quad, Finding]]


def check_identifiers(after: GraphAfter) -> Iterator[tuple[Quad, Finding]]:
    """Yield a finding for each identifier or position that is another's, and for a second one of an authority."""
    links = [said for said in after.added if said.predicate in LINKS and isinstance(said.value, NamedNode)]
    if links:
        yield from _links(after, sorted(links, key=lambda said: str(said.quad)))
    yield from _codes_of_others(after)
    yield from _positions_of_others(after)


def _links(after: GraphAfter, links: Sequence[ChangedQuad]) -> _Found:
    linked = {said.subject for said in (*after.added, *after.removed) if said.predicate in LINKS}
    owners: dict[Identifier, set[NamedNode]] = {
        key: set(map(NamedNode, after.names.with_identifier(key))) - linked
        for key in {identifier_of(said.value.value) for said in links}
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
    for said in links:
        address = said.value.value
        for owner in _others(few[identifier_of(address)], said.subject):
            other = after.display_name(owner)
            words = bilingual("{other} has the link {link}, too: it is the same thing.", other=other, link=address)
            yield said.quad, repetition_finding(words, said, owner, "Use that IRI, or mend the link.")
    yield from _second_identifiers(after, links, known)


def _second_identifiers(
    after: GraphAfter, links: Sequence[ChangedQuad], known: Mapping[NamedNode, set[Identifier]]
) -> _Found:
    """Yield each new identifier of a thing that has another one of that authority; where all are new, but one."""
    added: dict[NamedNode, dict[Identifier, ChangedQuad]] = defaultdict(dict)
    for said in links:
        added[said.subject].setdefault(identifier_of(said.value.value), said)
    for thing, new in added.items():
        for key, said in new.items():
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
                yield said.quad, repetition_finding(words, said, NamedNode(first.address), hint, "Warning")


def _codes_of_others(after: GraphAfter) -> _Found:
    for said in after.added:
        if said.predicate in _CODES:
            for owner in _others(
                first_few(after, after.subjects(said.predicate, said.value), MOST_REPORTED + 1), said.subject
            ):
                code = said.value.value
                words = bilingual("{other} has the code {code}, too.", other=after.display_name(owner), code=code)
                hint = f"ISO gives a code to one state: use {ns.compact(owner.value)}, or mend the code."
                yield said.quad, repetition_finding(words, said, owner, hint)


def _positions_of_others(after: GraphAfter) -> _Found:
    polities = after.classes_below(CD.Polity)
    placed = {
        said.subject: said
        for said in sorted(after.added, key=lambda said: said.predicate == WGS84.lat)
        if said.predicate in (WGS84.lat, WGS84.long) and after.is_instance(said.subject, polities)
    }
    if not placed:
        return
    positions = dict(_positions(after))
    wanted = {positions[thing] for thing in placed if thing in positions}
    found: dict[_Position, set[NamedNode]] = defaultdict(set)
    for thing, position in positions.items():
        if position in wanted and after.is_instance(thing, polities):
            found[position].add(thing)
    there = {position: first_few(after, things, MOST_REPORTED + 1) for position, things in found.items()}
    for thing, said in placed.items():
        if thing in positions:
            for owner in _others(there[positions[thing]], thing):
                words = bilingual(
                    "{other} lies at the very same position: is it the same?", other=after.display_name(owner)
                )
                hint = f"If it is, use {ns.compact(owner.value)}; if not, mend it, or say that you have seen this."
                yield said.quad, repetition_finding(words, said, owner, hint, "Warning")


def _positions(after: GraphAfter) -> Iterator[tuple[NamedNode, _Position]]:
    """Yield all that have a latitude and a longitude, with both to so many decimals."""
    longitudes = dict(_coordinates(after, WGS84.long))
    for thing, latitude in _coordinates(after, WGS84.lat):
        if thing in longitudes:
            yield thing, (latitude, longitudes[thing])


def _coordinates(after: GraphAfter, predicate: NamedNode) -> Iterator[tuple[NamedNode, float]]:
    for thing, value in after.subjects_and_values(predicate):
        if isinstance(value, Literal):
            with suppress(ValueError):  # SHACL says it
                yield thing, round(float(value.value), DECIMALS)


def _others(owners: Iterable[NamedNode], thing: NamedNode) -> list[NamedNode]:
    return [owner for owner in owners if owner != thing][:MOST_REPORTED]
