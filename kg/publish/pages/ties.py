"""The relations of a thing, each with its sources and their words, and with the absences that deny it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TypedDict

from pyoxigraph import DefaultGraph, NamedNode, Quad

from kg.objections import Objection, objections_of
from kg.publish.pages.words import ObjectingSource, SourcedValue, SourcedWords, Words
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match, nodes_of
from kg.rdf.vocabulary import CD, WGS84
from kg.wording import IriText


@dataclass(frozen=True)
class Tie:
    """A relation as the page of one party shows it: the section, the name of the row, and the other party.

    `kind` is the relation's in IRIs; `own_property` and `other_property` lead to this party and to the other;
    without the latter, or where the relation names no other, the relation itself is shown.
    """

    kind: str
    own_property: NamedNode
    other_property: NamedNode | None
    section: str
    label: str


TIES = (
    Tie("twinning", CD.twin, CD.twin, "twinnings", "twinned with"),
    Tie("membership", CD.member, CD.network, "networks", "belongs to"),
    Tie("membership", CD.network, CD.member, "members", "members"),
    Tie("office", CD.operator, CD.hostPlace, "offices", "office abroad in"),
    Tie("office", CD.hostPlace, CD.operator, "offices", "office here of"),
    Tie("team", CD.operator, None, "offices", "team"),
    Tie("office", CD.body, CD.operator, "offices", "office of"),
    Tie("team", CD.body, CD.operator, "offices", "team of"),
    Tie("strategy", CD.strategyOf, None, "offices", "strategy"),
    Tie("mediation", CD.mediator, CD.mediatedFor, "between", "acts for"),
    Tie("mediation", CD.mediator, CD.mediatedWith, "between", "acts towards"),
    Tie("mediation", CD.mediatedFor, CD.mediator, "between", "mediator for it"),
    Tie("mediation", CD.mediatedWith, CD.mediator, "between", "mediator towards it"),
    Tie("agreement", CD.signatory, CD.signatory, "agreements", "agreement with"),
    Tie("funding", CD.funder, CD.recipient, "agreements", "money for"),
    Tie("funding", CD.recipient, CD.funder, "agreements", "money from"),
    Tie("affiliation", CD.person, CD.organization, "offices", "post at"),
    Tie("affiliation", CD.organization, CD.person, "offices", "post held by"),
)
_CLEAR = NamedNode(f"{ns.VOCABULARY}strength/clear")
_MEMBER = f"{ns.VOCABULARY}membership-role/member"
_PLANNED = NamedNode(f"{ns.VOCABULARY}tie-status/planned")
OF_NO_MEMBER = {CD.member: "other tie with", CD.network: "other ties"}
"""Row names of memberships without a member, by the property of the party on whose page they are."""
IN_A_LINE = frozenset({"twinning", "membership", "agreement", "affiliation", "strategy"})
"""The relations whose parties need no roles beside them; those of others are in rows (kg.publish.pages.page)."""


def kind_of(thing: NamedNode) -> str:
    """Return the kind in the IRI of a thing, empty for any other IRI."""
    return ns.kind_of(thing.value)


def tie_values(words: Words, tie: Tie, relation: NamedNode, thing: NamedNode) -> Iterator[SourcedValue]:
    """Yield the other parties of a relation, with its accounts and the sources that deny it.

    The relation may be that of a duplicate of the thing. A duplicate has the name of what stands for it.
    """
    named = [] if tie.other_property is None else words.nodes(relation, tie.other_property)
    parties = [p for p in named if thing not in (p, _standing(words, p))]
    if not parties and any(words.nodes(relation, other) for other in _other_properties(tie)):
        return
    against = objecting_sources(words, relation)
    for party in parties or [relation]:
        yield SourcedValue(
            value=words.name_of(_standing(words, party)),
            parts=accounts_of(words, relation, party != relation),
            against=against,
        )


class TieOnMap(TypedDict):
    """A tie of a thing to a place: the place, its latitude and longitude, the tie, and the sources that deny it."""

    place: IriText
    point: list[str]
    relation: str
    kind: str
    denied_by: list[IriText]


def ties_on_map(words: Words, thing: NamedNode) -> list[TieOnMap]:
    """Return the ties of a thing to places whose position is known, each once."""
    found: dict[tuple[str, str], TieOnMap] = {}
    for tie, relation in relations_of(words, thing):
        for party in words.nodes(relation, tie.other_property) if tie.other_property else []:
            place = _standing(words, party)
            if place != thing and (point := position_of(words, place)):
                found[place.value, relation.value] = TieOnMap(
                    place=words.name_of(place),
                    point=point,
                    relation=relation.value,
                    kind=tie.kind,
                    denied_by=[
                        one["source"]
                        for one in objecting_sources(words, relation)
                        if one["kind"] == "denies" and not one["otherwise"]
                    ],
                )
    return list(found.values())


def position_of(words: Words, thing: NamedNode) -> list[str] | None:
    """Return latitude and longitude of a place, None for what has none."""
    position = [words.literal(thing, predicate) for predicate in (WGS84.lat, WGS84.long)]
    return [number.value for number in position if number] if all(position) else None


def _standing(words: Words, thing: NamedNode) -> NamedNode:
    """Return the polity that stands for a duplicate, for any other thing itself."""
    return next(iter(nodes_of(words.store, thing, CD.duplicateOf)), thing)


def _other_properties(tie: Tie) -> list[NamedNode]:
    """Return the other properties from the same party, which have rows for the relation already."""
    of_party = (
        other for other in TIES if (other.kind, other.own_property) == (tie.kind, tie.own_property) and other != tie
    )
    return [other.other_property for other in of_party if other.other_property]


def accounts_of(words: Words, thing: NamedNode, linked: bool) -> list[SourcedWords]:
    """Return the accounts of a thing, grouped by equal words, then the functions that it performs.

    With `linked` the first words link to the thing, and the row says that a member is one.
    """
    alike: dict[tuple[str, ...], tuple[list[IriText], list[IriText]]] = {}
    for account in words.accounts(thing):
        details = [word for word in words.account_values(account) if not (linked and word["iri"] == _MEMBER)]
        key = tuple(word["text"] for word in details)
        alike.setdefault(key, (details, []))[1].extend(words.sources_of(account))
    if not alike:
        alike[()] = ([], words.sources_of(thing))
    parts = [
        SourcedWords(words=details, sources=words.in_reading_order(sources)) for details, sources in alike.values()
    ]
    if linked:
        first = parts[0]["words"]
        name = IriText(text=kind_of(thing), iri=thing.value, lang="en")
        parts[0] = SourcedWords(words=[name, *first], sources=parts[0]["sources"])
    return parts + functions_of(words, thing)


def functions_of(words: Words, thing: NamedNode) -> list[SourcedWords]:
    """Return the functions of diplomacy that a thing performs as one part; each links to its assignment."""
    found: list[IriText] = []
    for assignment in words.subjects(CD.performedBy, thing):
        doubts = "".join(f" ({doubt['text']})" for doubt in doubts_of(words, assignment))
        found += [{**word, "text": word["text"] + doubts} for word in assigned_functions(words, assignment)]
    return [SourcedWords(words=found, sources=[words.source_of_graph(graphs.INTERPRETATION)])] if found else []


def assigned_functions(words: Words, assignment: NamedNode) -> list[IriText]:
    """Return the functions in an assignment, each linking to it."""
    return [{**words.name_of(function), "iri": assignment.value} for function in words.nodes(assignment, CD.function)]


def doubts_of(words: Words, assignment: NamedNode) -> list[IriText]:
    """Return the strength of an assignment that another reader may reject; nothing for a clear one."""
    return [words.name_of(strength) for strength in words.nodes(assignment, CD.strength) if strength != _CLEAR]


def denying_absences(words: Words, relation: NamedNode) -> list[NamedNode]:
    """Return the absences that rule a relation out, in the order of their passages."""
    return words.subjects(CD.rulesOut, relation)


def objecting_sources(words: Words, relation: NamedNode) -> list[ObjectingSource]:
    """Return the sources that object to a relation, and how, the most serious first."""
    deny = {
        word["iri"]: word for absence in denying_absences(words, relation) for word in denying_sources(words, absence)
    }
    found = objections_of(words.store).to([relation.value])
    return [_objecting_source(words, one, deny.get(one.passage)) for one in found]


def objections_to_account(words: Words, account: NamedNode) -> list[ObjectingSource]:
    """Return the sources that object to what one account says of a relation, and how."""
    found = objections_of(words.store).to([account.value])
    return [_objecting_source(words, one) for one in found]


def _objecting_source(words: Words, one: Objection, named: IriText | None = None) -> ObjectingSource:
    source = named or words.name_of(NamedNode(one.passage))
    return ObjectingSource(kind=one.kind, source=source, otherwise=one.says if one.is_of_detail else "")


def objection_values(
    words: Words, relation: NamedNode, beside_accounts: Collection[ObjectingSource]
) -> Iterator[SourcedValue]:
    """Yield the words of those that object to a relation, first of the absences that deny it.

    Objections that stand beside one of its accounts are left out.
    """
    by = {one["source"]["iri"]: one for one in objecting_sources(words, relation)}
    shown: set[str | None] = set()
    for absence in denying_absences(words, relation):
        sources = denying_sources(words, absence)
        against = [
            ObjectingSource(kind=by[source["iri"]]["kind"], source=source, otherwise="")
            for source in sources
            if source["iri"] in by
        ]
        shown.update(source["iri"] for source in sources)
        others = [source for source in sources if source["iri"] not in by]  # to whom the tie objects, not they to it
        parts = [SourcedWords(words=[], sources=others)] if others else []
        yield SourcedValue(value=words.sentences(absence)[0], parts=parts, against=against)
    for one in objections_of(words.store).to([relation.value]):
        if one.passage not in shown and by[one.passage] not in beside_accounts:
            yield SourcedValue(
                value=IriText(text=one.says, iri=one.about, lang="en"), parts=[], against=[by[one.passage]]
            )


def denying_sources(words: Words, absence: NamedNode) -> list[IriText]:
    """Return the sources of an absence, with the standing of a tie if only ties of this standing are denied."""
    only = "".join(f": no {words.name_of(standing)['text']} one" for standing in words.nodes(absence, CD.standing))
    return [{**source, "text": source["text"] + only} for source in words.sources_of(absence)]


def row_label(words: Words, tie: Tie, relation: NamedNode) -> str:
    """Return the name of the row of a relation.

    Apart stand those that sources only imply, money that was only applied for, and participants, founders, hosts and
    others in networks, of whom no source says that they are members by themselves.
    """
    if tie.kind == "membership" and not _is_member(words, relation):
        return OF_NO_MEMBER[tie.own_property]
    accounts = words.accounts(relation)
    if accounts and all(words.values(account, CD.implied) for account in accounts):
        return f"{tie.label} (implied)"
    if tie.kind == "funding" and any(_PLANNED in words.nodes(account, CD.status) for account in accounts):
        return f"{tie.label} (planned or applied for)"
    return tie.label


def _is_member(words: Words, relation: NamedNode) -> bool:
    """Return True if membership follows from a relation, by the rule of cd:memberOf."""
    networks = words.nodes(relation, CD.network)
    members = words.nodes(relation, CD.member)
    return any(Quad(one, CD.memberOf, of, DefaultGraph()) in words.store for one in members for of in networks)


def relations_of(words: Words, thing: NamedNode) -> Iterator[tuple[Tie, NamedNode]]:
    """Yield the relations of a thing and of its duplicates, by the role that it has in them.

    A relation that repeats another stands on pages of duplicates alone.
    """
    is_duplicate = _standing(words, thing) != thing
    for tie in TIES:
        for party in (thing, *words.subjects(CD.duplicateOf, thing)):
            for relation in words.subjects(tie.own_property, party, tie.kind):
                if is_duplicate or not any(match(words.store, relation, CD.repeats, None, DefaultGraph())):
                    yield tie, relation
