"""Dates, names and numbers of the change beside those of others on the same thing, which no rule compares.

Rules compare the dates of relations, pairs of printed names, and numbers in the same words. A network or an activity
has a begin and an end as well, and how many twins an actor has is one number in whatever words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from pyoxigraph import NamedNode

from kg.curation.effects.lists_and_counts import COUNT, Otherwise, as_of, exact, lands_of, value_of
from kg.curation.effects.result import ChangeResult, LookUp, subjects, text_of, values
from kg.rdf.vocabulary import CD, RDF

_ALIKE = 0.8
"""How much two printed names of one tie have in common that are the same name in two spellings: 1 for all."""
_BOUNDS = ((CD.beginEarliest, CD.beginLatest), (CD.endEarliest, CD.endLatest))


def of_the_same(result: ChangeResult, own: Iterable[NamedNode]) -> Iterator[Otherwise]:
    """Yield what others say otherwise of the same thing than statements of the change."""
    for statement in sorted(own, key=str):
        yield from _dated(result.after, statement)
        yield from _spelt(result.after, statement)
        if any(result.after(statement, RDF.type, CD.Statistic)):
            yield from _counted(result.after, statement)


def _dated(look_up: LookUp, account: NamedNode) -> Iterator[Otherwise]:
    """Yield the accounts of the same thing with another begin or end, or with one within that of this account."""
    for thing in values(look_up, account, CD.accountOf):
        if any(look_up(thing, RDF.type, CD.Relation)):
            return
        for other in sorted(subjects(look_up, CD.accountOf, thing) - {account}, key=str):
            for earliest, latest in _BOUNDS:
                mine = text_of(look_up, account, earliest), text_of(look_up, account, latest)
                theirs = text_of(look_up, other, earliest), text_of(look_up, other, latest)
                if all((*mine, *theirs)) and mine != theirs and _sources_differ(look_up, account, other):
                    yield from (Otherwise(kind, account, other) for kind in _compared(mine, theirs))


def _spelt(look_up: LookUp, account: NamedNode) -> Iterator[Otherwise]:
    """Yield the accounts of the same thing that print a name which resembles one of this account, and is another."""
    mine = _printed(look_up, account)
    for thing in values(look_up, account, CD.accountOf) if mine else ():
        for other in sorted(subjects(look_up, CD.accountOf, thing) - {account}, key=str):
            theirs = _printed(look_up, other)
            if any(get_close_matches(name, theirs - mine, 1, _ALIKE) for name in mine - theirs):
                yield Otherwise("spelt-otherwise", account, other)


def _printed(look_up: LookUp, account: NamedNode) -> set[str]:
    """Return the names that an account prints; capitals make no other name."""
    return {str(getattr(quad.object, "value", "")).casefold() for quad in look_up(account, CD.printedName)}


def _compared(mine: tuple[str, str], theirs: tuple[str, str]) -> Iterator[str]:
    if mine[1] < theirs[0] or theirs[1] < mine[0]:
        yield "denies" if mine[0][:4] != theirs[0][:4] else "in-tension"
    elif (theirs[0] <= mine[0] and mine[1] <= theirs[1]) or (mine[0] <= theirs[0] and theirs[1] <= mine[1]):
        yield "more-exact"


def _counted(look_up: LookUp, number: NamedNode) -> Iterator[Otherwise]:
    """Yield the numbers that count the twins of the same actor in the same countries, and are others."""
    for actor in values(look_up, number, CD.ofPopulation):
        of_actor = exact(look_up, actor, CD.Twinning, COUNT)
        if number in of_actor:
            lands, time = lands_of(look_up, number, actor), as_of(look_up, number, CD.asOfLatest)
            for other in of_actor:
                is_another = value_of(look_up, other) != value_of(look_up, number)
                if is_another and lands is not None and lands_of(look_up, other, actor) == lands:
                    yield Otherwise(_by_time(time, as_of(look_up, other, CD.asOfLatest)), number, other)


def _by_time(time: str, other_time: str) -> str:
    if time and other_time:
        return "counts-otherwise" if time == other_time else "changed-since"
    return "in-tension"


def _sources_differ(look_up: LookUp, one: NamedNode, other: NamedNode) -> bool:
    return values(look_up, one, CD.statedIn).isdisjoint(values(look_up, other, CD.statedIn))
