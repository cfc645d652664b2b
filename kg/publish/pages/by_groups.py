"""Ties to networks that follow for a thing from what a source says of a group, within one source, marked as such.

The question memberships answers in the same way, of a network and of a thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import DefaultGraph, NamedNode, Quad

from kg.publish.pages.words import PropertyRow, SourcedValue, SourcedWords, Words
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD
from kg.wording import IriText

_ALL = {NamedNode(f"{ns.VOCABULARY}quantifier/{word}") for word in ("all", "all-except")}
_BY_GROUP, _BY_READING = "as part of a group", "as part of a group, as the editors understand its name"
_OF_SOME, _OF_SEVERAL = "some members of a group to which it belongs", "in this network or another of a list"
_ORDER = (_BY_GROUP, _BY_READING, _OF_SOME, _OF_SEVERAL)
_ONE_OF = IriText(text="in at least one of these networks", iri=None, lang="en")


def networks_by_group(words: Words, thing: NamedNode) -> list[PropertyRow]:
    """Return the networks in which a thing is as one of a group, or in which some of a group are that lists it."""
    return _rows(
        (by, SourcedValue(value=words.name_of(network), parts=[_said_of(words, group, account, network)], against=[]))
        for group in words.subjects(CD.groupMember, thing, "group")
        for membership, account in _memberships(words, CD.member, group)
        for network in words.nodes(membership, CD.network)
        if not _is_stated(words, thing, network)
        for by in [_way(words, group, account, thing)]
        if by
    )


def members_by_group(words: Words, network: NamedNode) -> list[PropertyRow]:
    """Return the members of a network as those of a group, and those that are in it or in another of several."""
    led = (
        (by, SourcedValue(value=words.name_of(one), parts=[_said_of(words, group, account, network)], against=[]))
        for membership, account in _memberships(words, CD.network, network)
        for group in words.nodes(membership, CD.member)
        for one in words.nodes(group, CD.groupMember)
        if not _is_stated(words, one, network)
        for by in [_way(words, group, account, one)]
        if by in (_BY_GROUP, _BY_READING)
    )
    in_one = (
        (_OF_SEVERAL, _of_several(words, membership, account, several))
        for several in words.subjects(CD.groupMember, network, "group")
        for membership, account in _memberships(words, CD.network, several)
        if _lists(words, account, several, network)
    )
    return _rows(led) + _rows(in_one)


def _memberships(words: Words, party: NamedNode, thing: NamedNode) -> Iterator[tuple[NamedNode, NamedNode]]:
    """Yield the memberships of which a thing is a party, with each account."""
    for membership in words.subjects(party, thing, "membership"):
        for account in words.accounts(membership):
            yield membership, account


def _way(words: Words, group: NamedNode, account: NamedNode, thing: NamedNode) -> str:
    """Return how an account of a group is one of a thing, empty if it is not."""
    if thing in words.nodes(account, CD.exception):
        return ""
    of_all = not _ALL.isdisjoint(words.nodes(account, CD.quantifier))
    if _lists(words, account, group, thing):
        return _BY_GROUP if of_all else _OF_SOME
    is_read = Quad(group, CD.groupMember, thing, graphs.INTERPRETATION) in words.store
    if not (of_all and is_read):
        return ""
    of_same = (other for membership in words.nodes(account, CD.accountOf) for other in words.accounts(membership))
    return "" if any(_lists(words, other, group, thing) for other in of_same) else _BY_READING


def _lists(words: Words, account: NamedNode, group: NamedNode, thing: NamedNode) -> bool:
    """Return True if the source of an account lists a thing as a member of a group."""
    return any(
        Quad(group, CD.groupMember, thing, quad.graph_name) in words.store
        for quad in match(words.store, account, CD.accountOf)
        if quad.graph_name != DefaultGraph()
    )


def _is_stated(words: Words, thing: NamedNode, network: NamedNode) -> bool:
    """Return True if some source states a tie of a thing itself to a network."""
    return any(network in words.nodes(own, CD.network) for own in words.subjects(CD.member, thing, "membership"))


def _said_of(words: Words, group: NamedNode, account: NamedNode, network: NamedNode) -> SourcedWords:
    """Return the group, with of how many of it an account says so, and who says it."""
    several = [_ONE_OF] if ns.kind_of(network.value) == "group" else []
    said = [words.name_of(group), *_quantifiers(words, account), *several]
    return SourcedWords(words=said, sources=words.sources_of(account))


def _quantifiers(words: Words, account: NamedNode) -> Iterator[IriText]:
    """Yield of how many of a group an account says so, with those who are excepted: all except Sheffield."""
    excepted = ", ".join(words.name_of(one)["text"] for one in words.nodes(account, CD.exception))
    for quantifier in map(words.name_of, words.nodes(account, CD.quantifier)):
        yield {**quantifier, "text": f"{quantifier['text']} {excepted}".rstrip()}


def _of_several(words: Words, membership: NamedNode, account: NamedNode, several: NamedNode) -> SourcedValue:
    """Return a member of one of several networks, with these and who says it."""
    said = [words.name_of(several), *_quantifiers(words, account)]
    (member,) = words.nodes(membership, CD.member)
    part = SourcedWords(words=said, sources=words.sources_of(account))
    return SourcedValue(value=words.name_of(member), parts=[part], against=[])


def _rows(found: Iterable[tuple[str, SourcedValue]]) -> list[PropertyRow]:
    """Return rows by their labels; what several sources say of one thing and group is one value."""
    rows: dict[str, dict[tuple[str, ...], SourcedValue]] = {}
    for label, value in found:
        (part,) = value["parts"]
        key = (str(value["value"]["iri"]), *(word["text"] for word in part["words"]))
        same = rows.setdefault(label, {}).setdefault(key, value)
        if same is not value:
            (first,) = same["parts"]
            first["sources"].extend(one for one in part["sources"] if one not in first["sources"])
    return [
        PropertyRow(label=IriText(text=label, iri=None, lang="en"), values=list(rows[label].values()))
        for label in _ORDER
        if label in rows
    ]
