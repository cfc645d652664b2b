"""Names and numbers of the change beside those of others on the same thing, which no rule can compare.

Rules compare pairs of printed names that are alike or not, and numbers in the same words. Here two spellings resemble
each other, words are compared one by one, and how many twins an actor has is one number in whatever words: a rule
neither measures how much two texts have in common nor counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import chain
from math import inf
from re import findall

from pyoxigraph import NamedNode

from kg.curation.effects.lists_and_counts import (
    COUNT,
    Otherwise,
    as_of,
    exact,
    is_exact,
    is_gone,
    lands_of,
    members,
    numbers_of_members,
    tie_between,
    value_of,
)
from kg.curation.effects.result import ChangeResult
from kg.rdf.lookup import LookUp, subjects, text_of, values
from kg.rdf.vocabulary import CD, RDF, SKOS

_ALIKE = 0.8
"""How much two printed names of one tie have in common that are the same name in two spellings: 1 for all."""
_JOINING = frozenset(("a", "an", "are", "at", "in", "is", "of", "that", "the", "which"))
_RANGES = {
    "about": (0.8, 1.2),
    "almost": (0.8, 1.0),
    "at-least": (1.0, inf),
    "over": (1.0, inf),
    "up-to": (0.0, 1.0),
}
"""What an inexact number may stand for, by its qualifier: from how many times its value to how many."""


def of_the_same(result: ChangeResult, own: Iterable[NamedNode]) -> Iterator[Otherwise]:
    """Yield what others say otherwise of the same thing than statements of the change."""
    for statement in sorted(own, key=str):
        yield from _spelt(result.after, statement)
        if any(result.after(statement, RDF.type, CD.Statistic)):
            yield from _counted(result.after, statement)


def _spelt(look_up: LookUp, account: NamedNode) -> Iterator[Otherwise]:
    """Yield the accounts of the same thing that print a name which resembles one of this account, and is another.

    An account that prints none has the names of the parties.
    """
    for thing in values(look_up, account, CD.accountOf):
        names = {name for party in values(look_up, thing, CD.party) for name in _names(look_up, party)}
        mine = _printed(look_up, account) or names
        for other in sorted(subjects(look_up, CD.accountOf, thing) - {account}, key=str):
            theirs = _printed(look_up, other)
            if any(get_close_matches(name, theirs - mine, 1, _ALIKE) for name in mine - theirs):
                yield Otherwise("spelt-otherwise", account, other)


def _printed(look_up: LookUp, account: NamedNode) -> set[str]:
    """Return the names that an account prints; capitals make no other name."""
    return {_plain(quad.object) for quad in look_up(account, CD.printedName)}


def _names(look_up: LookUp, thing: NamedNode) -> set[str]:
    return {_plain(quad.object) for one in (SKOS.prefLabel, SKOS.altLabel) for quad in look_up(thing, one)}


def _plain(name: object) -> str:
    return str(getattr(name, "value", "")).casefold().replace("’", "'")


def _counted(look_up: LookUp, number: NamedNode) -> Iterator[Otherwise]:
    """Yield the numbers that count the same, and are others, and the accounts of more ties than the number."""
    said = value_of(look_up, number)
    if said < 0 or not is_exact(look_up, number) or text_of(look_up, number, CD.measure) != COUNT:
        return
    time = as_of(look_up, number, CD.asOfLatest)
    for population in sorted(values(look_up, number, CD.ofPopulation), key=str):
        others = chain(
            _numbers_of_twins(look_up, number, population),
            _numbers_of_members(look_up, number, population),
            _numbers_in_like_words(look_up, number, population),
        )
        for other in sorted(set(others) - {number}, key=str):
            kind = _compared_numbers(look_up, said, other)
            if kind and _sources_differ(look_up, number, other):
                of_then = as_of(look_up, other, CD.asOfLatest)
                yield Otherwise(_by_time(time, of_then) if kind == "counts-otherwise" else kind, number, other)
        yield from _more_named(look_up, number, population, said)


def _numbers_of_twins(look_up: LookUp, number: NamedNode, actor: NamedNode) -> Iterator[NamedNode]:
    """Yield the numbers of the twins of the same actor, in the same countries."""
    of_actor = exact(look_up, actor, CD.Twinning, COUNT)
    if number in of_actor and (lands := lands_of(look_up, number, actor)) is not None:
        yield from (other for other in of_actor if lands_of(look_up, other, actor) == lands)


def _numbers_of_members(look_up: LookUp, number: NamedNode, network: NamedNode) -> Iterator[NamedNode]:
    """Yield the numbers of the cities in the groups that are the members of the same network."""
    if CD.City in values(look_up, number, CD.counted) and value_of(look_up, number) >= members(look_up, network) - 1:
        yield from (other for other, _ in numbers_of_members(look_up, network))


def _numbers_in_like_words(look_up: LookUp, number: NamedNode, population: NamedNode) -> Iterator[NamedNode]:
    """Yield the numbers that a text prints of people, or bodies, of the same population, in words that add nothing."""
    counted = values(look_up, number, CD.counted) - {CD.Twinning}
    mine = _words(look_up, number, population)
    for other in subjects(look_up, CD.ofPopulation, population) if counted else ():
        is_printed = any(look_up(other, CD.printedValue)) and not text_of(look_up, other, CD.upperValue)
        is_alike = counted == values(look_up, other, CD.counted) and mine == _words(look_up, other, population)
        if is_printed and is_alike and text_of(look_up, other, CD.measure) == COUNT:
            yield other


def _words(look_up: LookUp, number: NamedNode, population: NamedNode) -> set[str]:
    """Return the words of what a number counts, without plurals, the names of its population and what joins them."""
    left_out = _JOINING.union(*map(_split, _names(look_up, population)))
    return _split(text_of(look_up, number, CD.counts)) - left_out


def _split(text: str) -> set[str]:
    return {word.removesuffix("s") for word in findall(r"\w+", text.casefold())}


def _compared_numbers(look_up: LookUp, said: int, other: NamedNode) -> str:
    """Return how a number stands to one that may be inexact: "" if they are the same."""
    value = value_of(look_up, other)
    if is_exact(look_up, other):
        return "counts-otherwise" if 0 <= value != said else ""
    qualifier = text_of(look_up, other, CD.qualifier).rpartition("/")[2]
    least, most = _RANGES.get(qualifier, (0, inf))
    fits = value * least <= said <= value * most and (qualifier != "over" or said > value)
    return "" if value < 0 else "more-exact" if fits else "counts-otherwise"


def _more_named(look_up: LookUp, number: NamedNode, actor: NamedNode, said: int) -> Iterator[Otherwise]:
    """Yield the accounts of one passage that names more twins than the number, or of all if only all together do."""
    lands = lands_of(look_up, number, actor)
    if lands is None or CD.Twinning not in values(look_up, number, CD.counted):
        return
    named: dict[NamedNode, dict[NamedNode, NamedNode]] = defaultdict(dict)
    for quad in look_up(actor, CD.currentlyTwinnedWith):
        tie, within = tie_between(look_up, quad), values(look_up, quad.object, CD.within)
        if tie is None or (lands and not lands & within):
            continue
        for account in subjects(look_up, CD.accountOf, tie):
            for source in () if is_gone(look_up, account) else values(look_up, account, CD.statedIn):
                named[source][tie] = account
    more = [accounts for accounts in named.values() if len(accounts) > said]
    if more or len({tie for accounts in named.values() for tie in accounts}) > said:
        for account in {one for accounts in more or named.values() for one in accounts.values()}:
            yield Otherwise("counts-otherwise" if more else "in-tension", number, account)


def _by_time(time: str, other_time: str) -> str:
    return "changed-since" if time and other_time and time != other_time else "counts-otherwise"


def _sources_differ(look_up: LookUp, one: NamedNode, other: NamedNode) -> bool:
    return values(look_up, one, CD.statedIn).isdisjoint(values(look_up, other, CD.statedIn))
