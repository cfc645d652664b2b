"""Numbers beside the ties that are named and beside numbers in other words: what the rules cannot say.

A rule follows a change statement by statement: it neither counts ties nor splits a text (docs/decisions/effects.md).
What a source says already against a tie that the change states again follows from nothing new, and is looked up.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import chain, permutations
from math import inf
from typing import NamedTuple

from pyoxigraph import NamedNode, Quad

from kg.curation.effects.result import ChangeResult
from kg.objections import NOT_THERE, kind_properties
from kg.rdf import namespaces as ns
from kg.rdf.lookup import LookUp, subjects, text_of, values
from kg.rdf.vocabulary import CD, DCTERMS, RDF, SKOS

_VOCABULARY = ns.VOCABULARY
_ALL_TIES, _TWINNING = (NamedNode(f"{_VOCABULARY}{name}") for name in ("list-kind/ties", "tie-kind/twinning"))
_COUNT, _OF_EACH, _AVERAGE = (f"{_VOCABULARY}measure/{name}" for name in ("count", "count-of-each", "average"))
_EXACT = ("", f"{_VOCABULARY}qualifier/exact")
_LANDS = ("country", "nation", "place", "region")
_BESIDE, _TERMS = ("passage", "finding", "publication"), (ns.PREFIXES["term"], ns.PREFIXES["character"])
"""What a number may be about and still count all ties of a kind."""
_PRESENT = (CD.currentlyTwinnedWith, CD.memberOf)
"""The properties that follow from a present tie."""
_AGAINST = ("denies", "in-tension", "counts-otherwise")
_CLAUSE = re.compile(r",|\b(?:of which|which|who|identifying)\b")
"""Where words begin that tell more of what is counted, as in “institutes of which a government is the funder”."""
_JOINING = frozenset("a abroad across all an and are around at in is of that the which world worldwide".split())
_ALL_MEMBERS = frozenset(("city", "citie", "member"))
"""The words for all members of a network, of whatever kind."""
_RANGES = {
    "about": (0.9, 1.1),
    "almost": (0.9, 1.0),
    "at-least": (1.0, inf),
    "over": (1.0, inf),
    "up-to": (0.0, 1.0),
}
"""What an inexact number may stand for, by its qualifier: from how many times its value to how many."""


_Kind = tuple[str, bool]
"""How two statements stand to each other, "" for neither way, and if it is the first that objects."""


class Otherwise(NamedTuple):
    """A statement that says otherwise than one of the change, or the same, how, and if the change is who objects."""

    kind: str
    statement: NamedNode
    other: NamedNode
    objects: bool = False


def otherwise(result: ChangeResult, own: Iterable[NamedNode]) -> Iterator[Otherwise]:
    """Yield what says otherwise than the statements of the change, `own`, and no rule draws."""
    for quads, look_up in ((result.come, result.after), (result.gone, result.before)):
        for quad in sorted(quads, key=str):
            if quad.predicate in _PRESENT and isinstance(quad.object, NamedNode):
                yield from _counting(result, quad, look_up)
    kinds = kind_properties(result.store)
    for statement in sorted(own, key=str):
        if any(result.after(statement, RDF.type, CD.Statistic)):
            yield from _compared(result.after, statement)
        elif not any(result.before(statement, CD.accountOf)):
            yield from chain(_known(result.after, kinds, statement), _same_absences(result.after, statement))


def _same_absences(look_up: LookUp, absence: NamedNode) -> Iterator[Otherwise]:
    """Yield the absences by other sources of the same ties, of which no other standing is given."""
    for whom in values(look_up, absence, CD.absentFor):
        for other in subjects(look_up, CD.absentFor, whom) - {absence}:
            standings = values(look_up, absence, CD.standing) | values(look_up, other, CD.standing)
            if _ruled_out(look_up, absence) == _ruled_out(look_up, other) and len(standings) < 2:
                yield Otherwise("confirms", absence, other)


def _ruled_out(look_up: LookUp, absence: NamedNode) -> tuple[set[NamedNode], ...]:
    """Return the kind of ties of an absence, how a team is organised, and the counterparts that are not just anyone."""
    of_some = (CD.inPlace, CD.groupMember, CD.subgroupOf)
    kind, structure, whom = (
        values(look_up, absence, one) for one in (CD.tieKind, CD.organisingStructure, CD.counterpart)
    )
    named = (one for one in whom if ns.kind_of(one.value) != "group" or any(any(look_up(one, by)) for by in of_some))
    return kind, structure, {*named}


def _known(look_up: LookUp, kinds: Mapping[NamedNode, str], account: NamedNode) -> Iterator[Otherwise]:
    """Yield the findings and numbers that object to the tie already, or of which the editors judge the same begin.

    One that says nothing of when the tie began repeats what they object to.
    """
    begin = text_of(look_up, account, CD.beginEarliest)
    for tie in values(look_up, account, CD.accountOf) if begin and not _is_gone(look_up, account) else ():
        others = subjects(look_up, CD.accountOf, tie) - {account}
        alike = {
            one
            for one in others
            if text_of(look_up, one, CD.beginEarliest) <= begin <= text_of(look_up, one, CD.beginLatest)
            and any(CD.begin in values(look_up, side, RDF.predicate) for side in subjects(look_up, RDF.subject, one))
        }
        for property_, kind in kinds.items():
            if others and kind in _AGAINST:
                found = {one for thing in (tie, *alike) for one in subjects(look_up, property_, thing)}
                found |= {one for other in alike for one in values(look_up, other, property_)}
                for one in sorted(found, key=str):
                    of_then, kind_of = _as_of(look_up, one, CD.asOfLatest), ns.kind_of(one.value)
                    if kind_of in ("finding", "statistic") and not (of_then and begin > of_then):
                        yield Otherwise("denies" if kind_of == "statistic" else kind, account, one)


def _tie_between(look_up: LookUp, quad: Quad) -> NamedNode | None:
    """Return the tie from which it follows that two are twins, or one is a member of the other."""
    one, other = (CD.twin, CD.twin) if quad.predicate == CD.currentlyTwinnedWith else (CD.member, CD.network)
    of_both = subjects(look_up, one, quad.subject) & subjects(look_up, other, quad.object)
    return min(of_both, key=str, default=None)


def _as_of(look_up: LookUp, statement: NamedNode, bound: NamedNode) -> str:
    """Return a bound of the time at which a statement holds: its own, else that of its source; "" for neither."""
    sources = sorted(values(look_up, statement, CD.statedIn), key=str)
    works = [work for source in sources for work in sorted(values(look_up, source, DCTERMS.isPartOf), key=str)]
    return next((text for one in (statement, *sources, *works) if (text := text_of(look_up, one, bound))), "")


def _is_gone(look_up: LookUp, account: NamedNode) -> bool:
    """Return True for an account of what is not there: it has ended, or has never been."""
    return bool(NOT_THERE & values(look_up, account, CD.status)) or any(look_up(account, CD.end))


def _counting(result: ChangeResult, quad: Quad, look_up: LookUp) -> Iterator[Otherwise]:
    """Yield the numbers with which the ties that are named agree no longer, or even less."""
    tie = _tie_between(look_up, quad)
    if tie is not None:
        changed = result.change.added | result.change.removed
        accounts = (one.subject for one in changed if one.predicate == CD.accountOf and one.object == tie)
        statement = min((one for one in accounts if isinstance(one, NamedNode)), key=str, default=tie)
        for number, count in _numbers(look_up, quad):
            said, was, now = _value(look_up, number), count(result.before), count(result.after)
            if max(said, was) < now or (result.change.removed and now < said == was):
                of_then, begin = _as_of(look_up, number, CD.asOfLatest), text_of(look_up, statement, CD.beginEarliest)
                first = begin or _as_of(look_up, statement, CD.asOfEarliest)
                later = "changed-since" if begin else "in-tension"
                yield Otherwise(later if of_then and first > of_then else "denies", statement, number)


def _numbers(look_up: LookUp, quad: Quad) -> Iterator[tuple[NamedNode, partial[int]]]:
    """Yield the exact numbers that count a tie, each with the count of those that are named."""
    assert isinstance(quad.subject, NamedNode)
    assert isinstance(quad.object, NamedNode)
    if quad.predicate == CD.memberOf:
        yield from _numbers_of_members(look_up, quad.object)
        return
    for number, lands in _numbers_of_twins(look_up, quad.subject):
        if not lands or lands & values(look_up, quad.object, CD.within):
            yield number, partial(_twins, actor=quad.subject, lands=lands)


def _numbers_of_twins(look_up: LookUp, actor: NamedNode) -> Iterator[tuple[NamedNode, set[NamedNode]]]:
    """Yield the exact numbers of all twins of an actor, or of each in a group, with the countries that they are of."""
    for population in (actor, *sorted(subjects(look_up, CD.groupMember, actor), key=str)):
        for number in _exact(look_up, population, CD.Twinning, _COUNT if population == actor else _OF_EACH):
            if (lands := _lands_of(look_up, number, actor)) is not None:
                yield number, lands
    for group in subjects(look_up, CD.inPlace, actor):
        if _is_of_all_ties(look_up, group):
            lands = values(look_up, group, CD.inPlace) - {actor}
            yield from ((number, lands) for number in _exact(look_up, group, CD.Twinning, _COUNT))


def _numbers_of_members(look_up: LookUp, network: NamedNode) -> Iterator[tuple[NamedNode, partial[int]]]:
    """Yield the numbers of the members of a network; one below those that are named counts some of a sort."""
    count = partial(_members, network=network)
    named = count(look_up)
    for group in sorted(_groups_in(look_up, network), key=str):
        numbers = _exact(look_up, group, CD.City, _COUNT)
        yield from ((one, count) for one in numbers if _value(look_up, one) >= named - 1)


def _groups_in(look_up: LookUp, network: NamedNode) -> set[NamedNode]:
    return {one for one in subjects(look_up, CD.memberOf, network) if ns.kind_of(one.value) == "group"}


def _members(look_up: LookUp, network: NamedNode) -> int:
    """Return how many cities are named as members of a network, by themselves or in a group."""
    in_groups = {one for group in _groups_in(look_up, network) for one in values(look_up, group, CD.groupMember)}
    members = subjects(look_up, CD.memberOf, network) | in_groups
    return sum(CD.City in values(look_up, one, RDF.type) for one in members)


def _twins(look_up: LookUp, actor: NamedNode, lands: set[NamedNode]) -> int:
    """Return how many twins of an actor are named, in some countries or, without these, anywhere."""
    twins = values(look_up, actor, CD.currentlyTwinnedWith)
    return sum(not lands or bool(lands & values(look_up, one, CD.within)) for one in twins)


def _exact(look_up: LookUp, population: NamedNode, counted: NamedNode, measure: str) -> list[NamedNode]:
    """Return the numbers that count all that a population has of a class, exactly."""
    return [
        number
        for number in sorted(subjects(look_up, CD.ofPopulation, population), key=str)
        if counted in values(look_up, number, CD.counted)
        and text_of(look_up, number, CD.measure) == measure
        and _is_exact(look_up, number)
        and _value(look_up, number) >= 0
    ]


def _is_exact(look_up: LookUp, number: NamedNode) -> bool:
    """Return True for one number that claims to be exact, or claims nothing."""
    return text_of(look_up, number, CD.qualifier) in _EXACT and not text_of(look_up, number, CD.upperValue)


def _value(look_up: LookUp, number: NamedNode) -> int:
    """Return the value of a whole number, -1 of any other."""
    said = text_of(look_up, number, CD.value)
    return int(said) if said.isdigit() else -1


def _lands_of(look_up: LookUp, number: NamedNode, actor: NamedNode) -> set[NamedNode] | None:
    """Return the countries of the twins that a number counts, none for anywhere; None if it leaves some of them out."""
    own = {*values(look_up, actor, CD.within), *subjects(look_up, CD.groupMember, actor)}
    lands = set()
    for about in values(look_up, number, CD.about) - own:
        kind = ns.kind_of(about.value)
        if kind in _LANDS:
            lands.add(about)
        elif _is_of_all_ties(look_up, about):
            lands |= values(look_up, about, CD.inPlace) - own - {actor}
        elif actor in values(look_up, about, CD.exception) or not (kind in _BESIDE or about.value.startswith(_TERMS)):
            return None
    return lands


def _is_of_all_ties(look_up: LookUp, about: NamedNode) -> bool:
    """Return True for the group of all twinnings between some places, which is part of no other of some places."""
    places, wider = (values(look_up, about, one) for one in (CD.inPlace, CD.subgroupOf))
    is_part = any(values(look_up, one, CD.inPlace) for one in wider)
    return CD.Twinning in values(look_up, about, CD.groupOf) and bool(places) and not is_part


def _compared(look_up: LookUp, number: NamedNode) -> Iterator[Otherwise]:
    """Yield numbers and lists that count the same otherwise."""
    measure = text_of(look_up, number, CD.measure)
    if _value(look_up, number) < 0 or measure not in (_COUNT, _AVERAGE):
        return
    for population in sorted(values(look_up, number, CD.ofPopulation), key=str):
        if measure == _AVERAGE:
            averages = _exact(look_up, population, CD.Twinning, measure) if _counts_twins(look_up, number) else ()
            yield from _differing(look_up, number, averages, {})
            continue
        lands = _lands_of(look_up, number, population) if _counts_twins(look_up, number) else None
        others = chain(
            (one for one, of in _numbers_of_twins(look_up, population) if of == lands),
            *(
                _numbers_of_like_members(look_up, number, network)
                for network in (population, *sorted(values(look_up, population, CD.memberOf), key=str))
            ),
            _numbers_in_like_words(look_up, number, population),
        )
        yield from _differing(
            look_up, number, others, {} if lands is None else _lists(look_up, population, lands, number)
        )


def _differing(
    look_up: LookUp, number: NamedNode, others: Iterable[NamedNode], lists: dict[NamedNode, _Kind]
) -> Iterator[Otherwise]:
    """Yield the numbers of other sources that are not the same, and lists; one of another time has changed since.

    Of a source that gives the number of two times nothing is said of one between them, if it is between these, too.
    """
    said, time = _value(look_up, number), _as_of(look_up, number, CD.asOfLatest)
    own_time = {text_of(look_up, number, CD.atTime)} - {""}
    sources = values(look_up, number, CD.statedIn)
    kinds = {other: _compared_numbers(look_up, number, other) for other in {*others} - {number}} | lists
    series: dict[NamedNode, list[tuple[str, int]]] = defaultdict(list)
    for other in kinds:
        for source in values(look_up, other, CD.statedIn) - sources:
            series[source].append((_as_of(look_up, other, CD.asOfLatest), _value(look_up, other)))
    for other, (kind, objects) in sorted(kinds.items(), key=str):
        of_then = _as_of(look_up, other, CD.asOfLatest)
        is_undated = not of_then and any(look_up(other, CD.atTimeEarliest))
        is_of_another = time and (is_undated or of_then not in ("", time))
        is_later = kind == "counts-otherwise" and is_of_another and text_of(look_up, other, CD.atTime) not in own_time
        told = ("changed-since", time > of_then) if is_later else (kind, objects)
        for source in values(look_up, other, CD.statedIn) - sources if kind else ():
            between = [
                low <= said <= high
                for (first, low), (last, high) in permutations(series[source], 2)
                if "" < first < time < last and low <= high
            ]
            if not is_later or not between:
                yield Otherwise(told[0], number, other, told[1])
            elif not any(between):
                yield Otherwise("in-tension", number, other)


def _counts_twins(look_up: LookUp, number: NamedNode) -> bool:
    return CD.Twinning in values(look_up, number, CD.counted)


def _lists(look_up: LookUp, actor: NamedNode, lands: set[NamedNode], number: NamedNode) -> dict[NamedNode, _Kind]:
    """Return the lists of all twins of an actor in these countries that have fewer or more."""
    found, (least, most) = {}, _range(look_up, number)
    for one in subjects(look_up, CD.appliesTo, actor):
        is_of_all = {_ALL_TIES, _TWINNING} <= {*values(look_up, one, CD.listsAll), *values(look_up, one, CD.tieKind)}
        if is_of_all and values(look_up, one, CD.counterpart) == lands:
            places = values(look_up, one, CD.statedIn)
            ties = subjects(look_up, CD.twin, actor)
            accounts = ((tie, of) for tie in ties for of in subjects(look_up, CD.accountOf, tie))
            listed = {tie for tie, of in accounts if places & values(look_up, of, CD.statedIn)}
            if not least <= len(listed) <= most:
                found[one] = ("counts-otherwise", False)
    return found


def _numbers_of_like_members(look_up: LookUp, number: NamedNode, network: NamedNode) -> Iterator[NamedNode]:
    """Yield the numbers of the cities in the groups that are the members of the same network."""
    is_of_all = (
        _words(look_up, number, network) <= _ALL_MEMBERS or _value(look_up, number) >= _members(look_up, network) - 1
    )
    if CD.City in values(look_up, number, CD.counted) and is_of_all:
        yield from (other for other, _ in _numbers_of_members(look_up, network))


def _numbers_in_like_words(look_up: LookUp, number: NamedNode, population: NamedNode) -> Iterator[NamedNode]:
    """Return the numbers that a text prints of people, or bodies, of the same population, in words that add nothing.

    Those of a text may add to those of the change where texts print no second number of such things of the population.
    """
    counted = values(look_up, number, CD.counted)
    mine = _words(look_up, number, population)
    others = {
        other: _words(look_up, other, population)
        for other in subjects(look_up, CD.ofPopulation, population) - {number}
        if set() != counted == values(look_up, other, CD.counted) != {CD.Twinning}
        and any(look_up(other, CD.printedValue))
        and text_of(look_up, other, CD.measure) == _COUNT
    }
    return (one for one, words in others.items() if mine == words or (mine < words and len(others) == 1))


def _words(look_up: LookUp, number: NamedNode, population: NamedNode) -> set[str]:
    """Return the words of what a number counts, without plurals, the names of its population and what joins."""
    names = (quad.object for one in (SKOS.prefLabel, SKOS.altLabel) for quad in look_up(population, one))
    left_out = set().union(*(_split(str(getattr(name, "value", ""))) for name in names))
    return _split(_CLAUSE.split(text_of(look_up, number, CD.counts))[0]) - left_out


def _split(text: str) -> set[str]:
    return {word.removesuffix("s") for word in re.findall(r"\w+", text.casefold()) if word not in _JOINING}


def _range(look_up: LookUp, number: NamedNode, *, is_rounded: bool = False) -> tuple[float, float]:
    """Return the least and the most that a number may stand for, where whole thousands may be rounded."""
    value, upper = _value(look_up, number), text_of(look_up, number, CD.upperValue)
    qualifier = text_of(look_up, number, CD.qualifier).rpartition("/")[2]
    if _is_exact(look_up, number):
        unit = 10 ** (len(str(value)) - len(str(value).rstrip("0"))) if is_rounded and value % 1000 == 0 < value else 1
        return value - max(unit // 2 - 1, 0), value + unit - 1
    least, most = _RANGES.get(qualifier, (1.0, 1.0) if upper.isdigit() else (0, inf))
    return value * least + (qualifier == "over"), int(upper) if upper.isdigit() else value * most


def _compared_numbers(look_up: LookUp, number: NamedNode, other: NamedNode) -> _Kind:
    """Return how two numbers of the same stand to each other."""
    if _value(look_up, other) < 0:
        return "", False
    (least, most), (low, high) = (_range(look_up, one) for one in (number, other))
    if (least, most) == (low, high):
        return "confirms", False
    from_, to = _range(look_up, other, is_rounded=True)
    if (is_within := from_ <= least and most <= to) or (least <= low and high <= most):
        return "more-exact", is_within
    return "counts-otherwise" if most < low or high < least else "", False
