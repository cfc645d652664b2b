"""Lists that claim to be all and leave out a tie of the change, and numbers that agree no longer with the ties named.

No rule draws these: a number is compared with how many ties are named, and a list of ties of a standing says of a tie
without one only that it does not name it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from functools import partial
from typing import NamedTuple

from pyoxigraph import NamedNode, Quad

from kg.curation.effects.result import ChangeResult
from kg.rdf import namespaces as ns
from kg.rdf.lookup import LookUp, subjects, text_of, values
from kg.rdf.vocabulary import CD, DCTERMS, RDF

COMPLETE = "complete"
"""The kind of what a list has left out that is all."""
_VOCABULARY = ns.VOCABULARY
_ALL_TIES = NamedNode(f"{_VOCABULARY}list-kind/ties")
_KINDS = {
    CD.currentlyTwinnedWith: NamedNode(f"{_VOCABULARY}tie-kind/twinning"),
    CD.memberOf: NamedNode(f"{_VOCABULARY}tie-kind/network-membership"),
}
"""The kinds of ties that are there, by the property that follows from a present one."""
_MAJOR = NamedNode(f"{_VOCABULARY}tie-standing/major")
COUNT, _OF_EACH = (f"{_VOCABULARY}measure/{name}" for name in ("count", "count-of-each"))
_EXACT = ("", f"{_VOCABULARY}qualifier/exact")
_GONE = {f"{_VOCABULARY}tie-status/{name}" for name in ("former", "impossible", "planned", "refused", "suspended")}
_LANDS = ("country", "nation", "place", "region")
_BESIDE, _TERM = ("passage", "finding", "publication"), ns.PREFIXES["term"]
"""What a number may be about and still count all ties of a kind."""
_Count = Callable[[LookUp], int]


class Otherwise(NamedTuple):
    """A list or number that says otherwise than a tie of the change: its kind, and the account of the tie."""

    kind: str
    statement: NamedNode
    other: NamedNode


def otherwise(result: ChangeResult) -> Iterator[Otherwise]:
    """Yield what says otherwise than the ties that come and go."""
    for quad in sorted(result.come, key=str):
        if quad.predicate in _KINDS and isinstance(quad.object, NamedNode):
            yield from _left_out(result, quad)
            yield from _counted(result, quad, result.after)
    for quad in sorted(result.gone, key=str):
        if quad.predicate in _KINDS and isinstance(quad.object, NamedNode):
            yield from _counted(result, quad, result.before)


def tie_between(look_up: LookUp, quad: Quad) -> NamedNode | None:
    """Return the tie from which it follows that two are twins, or one is a member of the other."""
    one, other = (CD.twin, CD.twin) if quad.predicate == CD.currentlyTwinnedWith else (CD.member, CD.network)
    of_both = subjects(look_up, one, quad.subject) & subjects(look_up, other, quad.object)
    return min(of_both, key=str, default=None)


def _statement(result: ChangeResult, tie: NamedNode) -> NamedNode:
    """Return the account of a tie that the change brings or takes away, the tie itself if there is none."""
    changed = result.change.added | result.change.removed
    accounts = (one.subject for one in changed if one.predicate == CD.accountOf and one.object == tie)
    return min((one for one in accounts if isinstance(one, NamedNode)), key=str, default=tie)


def _left_out(result: ChangeResult, quad: Quad) -> Iterator[Otherwise]:
    after, actor, partner = result.after, quad.subject, quad.object
    tie = tie_between(after, quad)
    if tie is None or not isinstance(actor, NamedNode) or not isinstance(partner, NamedNode):
        return
    statement = _statement(result, tie)
    sources = {source for one in subjects(after, CD.accountOf, tie) for source in values(after, one, CD.statedIn)}
    for whose, other in ((actor, partner), (partner, actor)):
        for one in sorted(subjects(after, CD.appliesTo, whose), key=str):
            is_named = values(after, one, CD.statedIn) & sources or tie in values(after, one, CD.inTension)
            is_of_then = _kind(after, statement, one) != "changed-since"
            if _is_whole(after, one, quad.predicate) and _covers(after, one, other) and is_of_then and not is_named:
                yield Otherwise(COMPLETE, statement, one)


def _is_whole(look_up: LookUp, one: NamedNode, predicate: NamedNode) -> bool:
    """Return True for a list of all ties of a kind, or of all official ones; one of major ones tells of these."""
    return (
        _ALL_TIES in values(look_up, one, CD.listsAll)
        and _KINDS[predicate] in values(look_up, one, CD.tieKind)
        and _MAJOR not in values(look_up, one, CD.standing)
    )


def _covers(look_up: LookUp, one: NamedNode, partner: NamedNode) -> bool:
    """Return True if a list is of ties with a partner: by name, as in a group or place, or as with any at all."""
    counterparts = values(look_up, one, CD.counterpart)
    if partner in values(look_up, one, CD.appliesWith) or counterparts & values(look_up, partner, CD.within):
        return True
    return any(_is_anybody(look_up, group) for group in counterparts)


def _is_anybody(look_up: LookUp, group: NamedNode) -> bool:
    narrower = (CD.inPlace, CD.subgroupOf, CD.groupMember)
    return bool(values(look_up, group, CD.groupOf)) and not any(values(look_up, group, one) for one in narrower)


def _kind(look_up: LookUp, statement: NamedNode, said: NamedNode) -> str:
    """Return how a number or list stands to a tie of which it was of the same time, or of an earlier one."""
    of_then, seen = as_of(look_up, said, CD.asOfLatest), as_of(look_up, statement, CD.asOfEarliest)
    begin = text_of(look_up, statement, CD.beginEarliest)
    if of_then and begin:
        return "changed-since" if begin > of_then else "counts-otherwise"
    return "in-tension" if of_then and seen > of_then else "counts-otherwise"


def as_of(look_up: LookUp, statement: NamedNode, bound: NamedNode) -> str:
    """Return a bound of the time at which a statement holds: its own, else that of its source; "" for neither."""
    sources = sorted(values(look_up, statement, CD.statedIn), key=str)
    works = [work for source in sources for work in sorted(values(look_up, source, DCTERMS.isPartOf), key=str)]
    return next((text for one in (statement, *sources, *works) if (text := text_of(look_up, one, bound))), "")


def is_gone(look_up: LookUp, account: NamedNode) -> bool:
    """Return True for an account of what is not there: it has ended, or has never been."""
    return text_of(look_up, account, CD.status) in _GONE or bool(text_of(look_up, account, CD.end))


def _counted(result: ChangeResult, quad: Quad, look_up: LookUp) -> Iterator[Otherwise]:
    """Yield the numbers with which the ties that are named agree no longer, or even less."""
    tie = tie_between(look_up, quad)
    if tie is not None:
        for number, count in _numbers(look_up, quad):
            said, was, now = value_of(look_up, number), count(result.before), count(result.after)
            is_less = bool(result.change.removed) and now < said == was
            if max(said, was) < now or is_less:
                statement = _statement(result, tie)
                yield Otherwise(_kind(look_up, statement, number), statement, number)


def _numbers(look_up: LookUp, quad: Quad) -> Iterator[tuple[NamedNode, _Count]]:
    """Yield the exact numbers that count a tie, each with the count of those that are named."""
    assert isinstance(quad.subject, NamedNode)
    assert isinstance(quad.object, NamedNode)
    if quad.predicate == CD.memberOf:
        yield from numbers_of_members(look_up, quad.object)
        return
    for population in (quad.subject, *sorted(subjects(look_up, CD.groupMember, quad.subject), key=str)):
        measure = COUNT if population == quad.subject else _OF_EACH
        for number in exact(look_up, population, CD.Twinning, measure):
            lands = lands_of(look_up, number, quad.subject)
            if lands is not None and (not lands or lands & values(look_up, quad.object, CD.within)):
                yield number, partial(_twins, actor=quad.subject, lands=lands)


def numbers_of_members(look_up: LookUp, network: NamedNode) -> Iterator[tuple[NamedNode, _Count]]:
    """Yield the numbers of the members of a network; one below those that are named counts some of a sort."""
    count = partial(members, network=network)
    named = count(look_up)
    for group in sorted(_groups_in(look_up, network), key=str):
        yield from (
            (one, count) for one in exact(look_up, group, CD.City, COUNT) if value_of(look_up, one) >= named - 1
        )


def _groups_in(look_up: LookUp, network: NamedNode) -> set[NamedNode]:
    return {one for one in subjects(look_up, CD.memberOf, network) if ns.kind_of(one.value) == "group"}


def members(look_up: LookUp, network: NamedNode) -> int:
    """Return how many cities are named as members of a network, by themselves or in a group."""
    in_groups = {one for group in _groups_in(look_up, network) for one in values(look_up, group, CD.groupMember)}
    members = subjects(look_up, CD.memberOf, network) | in_groups
    return sum(CD.City in values(look_up, one, RDF.type) for one in members)


def _twins(look_up: LookUp, actor: NamedNode, lands: Set[NamedNode]) -> int:
    """Return how many twins of an actor are named, in some countries or, without these, anywhere."""
    twins = values(look_up, actor, CD.currentlyTwinnedWith)
    return sum(not lands or bool(lands & values(look_up, one, CD.within)) for one in twins)


def exact(look_up: LookUp, population: NamedNode, counted: NamedNode, measure: str) -> list[NamedNode]:
    """Return the numbers that count all that a population has of a class, exactly."""
    return [
        number
        for number in sorted(subjects(look_up, CD.ofPopulation, population), key=str)
        if counted in values(look_up, number, CD.counted)
        and text_of(look_up, number, CD.measure) == measure
        and is_exact(look_up, number)
        and value_of(look_up, number) >= 0
    ]


def is_exact(look_up: LookUp, number: NamedNode) -> bool:
    """Return True for one number that claims to be exact, or claims nothing."""
    return text_of(look_up, number, CD.qualifier) in _EXACT and not text_of(look_up, number, CD.upperValue)


def value_of(look_up: LookUp, number: NamedNode) -> int:
    """Return the value of a whole number, -1 of any other."""
    said = text_of(look_up, number, CD.value)
    return int(said) if said.isdigit() else -1


def lands_of(look_up: LookUp, number: NamedNode, actor: NamedNode) -> set[NamedNode] | None:
    """Return the countries of the twins that a number counts, none for anywhere; None if it leaves some of them out."""
    own = {*values(look_up, actor, CD.within), *subjects(look_up, CD.groupMember, actor)}
    lands = set()
    for about in values(look_up, number, CD.about) - own:
        kind = ns.kind_of(about.value)
        if kind in _LANDS:
            lands.add(about)
        elif _is_of_all_ties(look_up, about):
            lands |= values(look_up, about, CD.inPlace) - own - {actor}
        elif actor in values(look_up, about, CD.exception) or not (kind in _BESIDE or about.value.startswith(_TERM)):
            return None
    return lands


def _is_of_all_ties(look_up: LookUp, about: NamedNode) -> bool:
    """Return True for the group of all twinnings between some places, which is part of no other."""
    places, wider = (values(look_up, about, one) for one in (CD.inPlace, CD.subgroupOf))
    return CD.Twinning in values(look_up, about, CD.groupOf) and bool(places) and not wider
