"""The relations of a thing, each with who says so and in which words, and with the absences that say otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, NamedNode, Quad

from kg.objections import objections_of
from kg.publish.pages.words import Against, Part, Said, Word, Words
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD


@dataclass(frozen=True)
class Tie:
    """What a party of a kind of relation reads of it: the section, the name of the row, and the other party.

    `kind` is the relation's in IRIs; `begins` and `leads` are the properties to this party and to the other one;
    without the latter, or where the relation names no other, the relation itself is shown.
    """

    kind: str
    begins: NamedNode
    leads: NamedNode | None
    section: str
    label: str


TIES = (
    Tie("twinning", CD.twin, CD.twin, "twinnings", "twinned with"),
    Tie("membership", CD.member, CD.network, "networks", "belongs to"),
    Tie("membership", CD.network, CD.member, "members", "members"),
    Tie("office", CD.operator, CD.hostPlace, "offices", "office abroad in"),
    Tie("office", CD.hostPlace, CD.operator, "offices", "office here of"),
    Tie("team", CD.unitOf, None, "offices", "team"),
    Tie("office", CD.body, CD.operator, "offices", "office of"),
    Tie("team", CD.body, CD.unitOf, "offices", "team of"),
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
_PLANNED = NamedNode(f"{ns.VOCABULARY}tie-status/planned")
_OF_NO_MEMBER = {CD.member: "other tie with", CD.network: "other ties"}
"""The names of the rows of memberships in which nobody is a member, by the party that reads them."""
RELATIONS = frozenset(tie.kind for tie in TIES)
IN_A_LINE = frozenset({"twinning", "membership", "agreement", "affiliation", "strategy"})
"""The relations whose parties need no roles beside them; those of others stand in rows (kg.publish.pages.stated)."""


def kind_of(thing: NamedNode) -> str:
    """Return the kind that the IRI of a thing names, empty for any other IRI."""
    return ns.kind_of(thing.value)


def said_of(words: Words, tie: Tie, relation: NamedNode, thing: NamedNode) -> Iterator[Said]:
    """Yield the other parties of a relation, with its accounts and the sources that deny it."""
    parties = [] if tie.leads is None else [p for p in words.nodes(relation, tie.leads) if p != thing]
    if not parties and any(words.nodes(relation, other) for other in _elsewhere(tie)):
        return
    against = objecting(words, relation)
    for party in parties or [relation]:
        yield Said(value=words.of(party), parts=accounts_of(words, relation, party != relation), against=against)


def _elsewhere(tie: Tie) -> list[NamedNode]:
    """Return what else leads from the same party to others, in a row that tells of the relation already."""
    of_party = (other for other in TIES if (other.kind, other.begins) == (tie.kind, tie.begins) and other != tie)
    return [other.leads for other in of_party if other.leads]


def accounts_of(words: Words, thing: NamedNode, linked: bool) -> list[Part]:
    """Return what sources say of a thing: those together that say the same, then the functions that it performs.

    With `linked` the first words lead to it.
    """
    alike: dict[tuple[str, ...], tuple[list[Word], list[Word]]] = {}
    for account in words.accounts(thing):
        details = words.details(account)
        key = tuple(word["text"] for word in details)
        alike.setdefault(key, (details, []))[1].extend(words.stated_in(account))
    if not alike:
        alike[()] = ([], words.stated_in(thing))
    parts = [Part(words=details, sources=words.ordered(sources)) for details, sources in alike.values()]
    if linked:
        first = parts[0]["words"]
        name = Word(text=kind_of(thing), iri=thing.value, lang="en")
        parts[0] = Part(words=[name, *first], sources=parts[0]["sources"])
    return parts + functions_of(words, thing)


def functions_of(words: Words, thing: NamedNode) -> list[Part]:
    """Return the functions of diplomacy that a thing performs in one part; each leads to its assignment."""
    found: list[Word] = []
    for assignment in words.pointing(CD.performedBy, thing):
        doubts = "".join(f" ({doubt['text']})" for doubt in doubts_of(words, assignment))
        found += [{**word, "text": word["text"] + doubts} for word in assigned(words, assignment)]
    return [Part(words=found, sources=[words.passage(graphs.INTERPRETATION)])] if found else []


def assigned(words: Words, assignment: NamedNode) -> list[Word]:
    """Return the functions that an assignment names, each leading to it."""
    return [{**words.of(function), "iri": assignment.value} for function in words.nodes(assignment, CD.function)]


def doubts_of(words: Words, assignment: NamedNode) -> list[Word]:
    """Return what marks an assignment that another reader may refuse; nothing marks a clear one."""
    return [words.of(strength) for strength in words.nodes(assignment, CD.strength) if strength != _CLEAR]


def denials(words: Words, relation: NamedNode) -> list[NamedNode]:
    """Return the absences that rule a relation out, in the order of their passages."""
    return words.pointing(CD.rulesOut, relation)


def objecting(words: Words, relation: NamedNode) -> list[Against]:
    """Return who objects to a relation, and how, the gravest first."""
    deny = {word["iri"]: word for absence in denials(words, relation) for word in denied_in(words, absence)}
    found = objections_of(words.store).to([relation.value])
    return [Against(kind=one.kind, source=deny.get(one.passage) or words.of(NamedNode(one.passage))) for one in found]


def objections(words: Words, relation: NamedNode) -> Iterator[Said]:
    """Yield what those say who object to a relation, first the absences that it falls under."""
    by = {one["source"]["iri"]: one for one in objecting(words, relation)}
    told: set[str | None] = set()
    for absence in denials(words, relation):
        sources = denied_in(words, absence)
        against = [Against(kind=by[source["iri"]]["kind"], source=source) for source in sources if source["iri"] in by]
        told.update(source["iri"] for source in sources)
        yield Said(value=words.said(absence)[0], parts=[], against=against)
    for one in objections_of(words.store).to([relation.value]):
        if one.passage not in told:
            yield Said(value=Word(text=one.text, iri=one.about, lang="en"), parts=[], against=[by[one.passage]])


def denied_in(words: Words, absence: NamedNode) -> list[Word]:
    """Return who says that there is none, with the standing of a tie where only such a one is denied."""
    only = "".join(f": no {words.of(standing)['text']} one" for standing in words.nodes(absence, CD.standing))
    return [{**source, "text": source["text"] + only} for source in words.stated_in(absence)]


def label_of(words: Words, tie: Tie, relation: NamedNode) -> str:
    """Return the name of the row of a relation.

    Apart stand those that sources only imply, money that was only applied for, and participants, founders, hosts and
    others in networks, of whom no source says that they are members by themselves.
    """
    if tie.kind == "membership" and not _is_member(words, relation):
        return _OF_NO_MEMBER[tie.begins]
    accounts = words.accounts(relation)
    if accounts and all(words.values(account, CD.implied) for account in accounts):
        return f"{tie.label} (implied)"
    if tie.kind == "funding" and any(_PLANNED in words.nodes(account, CD.status) for account in accounts):
        return f"{tie.label} (planned or applied for)"
    return tie.label


def _is_member(words: Words, relation: NamedNode) -> bool:
    """Return whether membership follows from a relation, by the rule of cd:memberOf."""
    networks = words.nodes(relation, CD.network)
    members = words.nodes(relation, CD.member)
    return any(Quad(one, CD.memberOf, of, DefaultGraph()) in words.store for one in members for of in networks)


def relations_of(words: Words, thing: NamedNode) -> Iterator[tuple[Tie, NamedNode]]:
    """Yield the relations of which a thing is a party, by what it reads of them."""
    for tie in TIES:
        for relation in words.pointing(tie.begins, thing, tie.kind):
            yield tie, relation


def parties_of(words: Words, relation: NamedNode) -> list[Word]:
    """Return the parties of a relation as it names them, in order."""
    named = dict.fromkeys(tie.begins for tie in TIES if tie.kind == kind_of(relation))
    return [
        words.value(quad.object)
        for predicate in named
        for quad in sorted(match(words.store, relation, predicate, None, DefaultGraph()), key=str)
    ]
