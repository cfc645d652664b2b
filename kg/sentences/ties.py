"""Templates of ties: what an account says of a twinning, membership, mediation, office, agreement, funding or post."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode

from kg.rdf import namespaces as ns
from kg.rdf.lookup import Term
from kg.rdf.vocabulary import CD
from kg.sentences.draft import Draft, times_text
from kg.sentences.phrases import Phrase, fill, linked, listed, text_part, with_article

_STATES = {
    "planned": "{noun} is planned",
    "impossible": "{noun} is said to be impossible",
    "refused": "{noun} was refused",
    "declining": "{noun} is declining",
    "suspended": "{noun} is suspended",
    "renewed": "{noun} has been renewed",
    "unclear": "{noun} is said to be unclear",
}
"""Clauses for states other than current and former, by the name of the concept."""
_OFFERED = {
    "refused": "{noun} was {often}offered and refused",
    "planned": "{recipient} {often}applied for funding from {funder}",
}
"""Clauses of funding in the states that mean something else of money: what was offered, and what was applied for."""
_IN = frozenset({"participant", "direct-participant", "representative", "coordinator", "intermediary"})
"""The roles in a network that take "in" and not "of"."""
_ACTING = {
    "participant": ("takes part in", "take part in"),
    "direct-participant": ("takes part directly in", "take part directly in"),
    "leading-role": ("plays a leading role in", "play a leading role in"),
    "founder": ("founded", "founded"),
    "funder": ("funds", "fund"),
    "host": ("hosts", "host"),
    "regional-office-host": ("hosts a regional office of", "host a regional office of"),
    "steering-committee-member": ("sits on the steering committee of", "sit on the steering committee of"),
}
"""What a member does by a role that is a verb in sentences, in the singular and in the plural."""
_MEDIATING = {
    "representative": ("represents", "represent"),
    "facilitator": ("helps", "help"),
    "assistant": ("assists", "assist"),
    "promoter": ("promotes", "promote"),
    "agent": ("acts for", "act for"),
    "controller": ("has control over", "have control over"),
}
"""What a mediator does to those for whom it mediates, by its role; others act as what their role says."""
_OF = frozenset({"head", "President", "Minister"})
"""Posts of a body, and not at it."""
_CHARACTERS = {"specific-interest": "based on a specific interest"}


class Clauses(NamedTuple):
    """The templates of a tie: its clause, the noun that other states take, and its clause if no status is stated."""

    current: str
    noun: str
    named: str = ""
    """If that is put otherwise."""


def _slug(concept: Term) -> str:
    return concept.value.rpartition("/")[2] if isinstance(concept, NamedNode) else ""


def _state(draft: Draft, clauses: Clauses, fields: Mapping[str, Phrase]) -> Phrase:
    """Return the clause of a tie in its state: current, none stated, implied, or another with its word."""
    status = next(map(_slug, draft.take(CD.status)), "")
    implied = bool(draft.take(CD.implied))
    if status == "former" and not implied:
        return fill(clauses.current, **fields)
    times = [one for one in draft.facts.get(CD.atTime, []) if getattr(one, "value", "")[:4].isdecimal()]
    if status == "planned" and times and not implied:
        when = text_part(times_text(draft.take(CD.atTime)))
        return fill("{noun} was planned {when}", noun=fill(clauses.noun, **fields), when=when)
    if status == "planned" and _can(draft):
        template = "{noun} is possible"
    elif status in _STATES:
        template = _STATES[status] + (", as is implied" if implied else "")
    elif implied:
        clause = fill(clauses.current + (" at present" if status else ""), **fields)
        return fill("{places} {imply} that {clause}", clause=clause, **draft.places())
    else:
        return fill((clauses.named if not status else "") or clauses.current, **fields)
    return fill(template, noun=fill(clauses.noun, **fields))


def _verbs(draft: Draft, subjects: Sequence[Term]) -> dict[str, Phrase]:
    return draft.verbs(subjects, former=_is_former(draft))


def _is_former(draft: Draft) -> bool:
    return "former" in map(_slug, draft.facts.get(CD.status, []))


def _is_planned(draft: Draft) -> bool:
    return "planned" in map(_slug, draft.facts.get(CD.status, []))


def _one(draft: Draft, noun: str) -> Phrase:
    """Return a noun with its article: "a twinning" of one that is planned."""
    return text_part(with_article(noun) if _is_planned(draft) else f"the {noun}")


def _standing(draft: Draft) -> str:
    return " and ".join(map(draft.label, draft.take(CD.standing)))


def twinning(draft: Draft, source: Phrase) -> Phrase:
    """Return the clause of a twinning: Guangzhou is a major twin of Birmingham."""
    standing, begins = _standing(draft), draft.facts.get(CD.begin, [])
    twins = draft.tie.get(CD.twin, [])
    if draft.subject:  # a standing has the other twin as subject
        twins = sorted(twins, key=lambda twin: (twin == draft.subject) == bool(standing))
    fields = _verbs(draft, twins[: 1 if standing else 2])
    fields |= zip(("one", "other"), map(draft.value, [*twins, draft.thing]), strict=False)
    fields["twin"] = text_part(with_article(f"{standing} twin"))
    fields["noun"] = _one(draft, f"{standing} twinning".lstrip())
    fields["source"], fields["since"] = source, text_part(times_text(begins))
    noun = "{noun} of {one} and {other}"
    if standing and source and not _is_former(draft):
        listing = "{source} lists {other} as {twin} of {one}"
        return _state(draft, Clauses(listing, noun), fields)
    if standing:
        return _state(
            draft, Clauses("{other} {be} {twin} of {one}", noun, "{other} {be} named as {twin} of {one}"), fields
        )
    named = "{one} and {other} became twins {since}" if begins else "{one} and {other} {be} named as twins"
    if not {CD.status, CD.implied} & draft.facts.keys():
        draft.take(CD.begin)
    return _state(draft, Clauses("{one} and {other} {be} twinned", noun, named), fields)


def membership(draft: Draft, _: Phrase) -> Phrase:
    """Return the clause of a membership: Hong Kong is a steering committee member of C40."""
    members, networks = draft.tie.get(CD.member, []), draft.tie.get(CD.network, [])
    several, roles = draft.is_several(members), draft.take(CD.role)
    fields = _verbs(draft, members) | {"network": draft.names(networks)}
    if _are_its_members(draft, members, networks):
        draft.take(CD.status)
        fields["its"] = [linked("all the members" if draft.take(CD.quantifier) else "the members", members[0])]
        return fill("{places} {speak} of {its} of {network}", **(fields | draft.places()))
    fields["member"] = _counted(draft, members)
    fields["roles"] = text_part(_roles_in_network(draft, roles, several))
    is_founder = [*map(_slug, roles)] == ["founder"] and CD.status not in draft.facts
    fields["when"] = text_part(f" {times_text(draft.take(CD.begin))}" if is_founder and CD.begin in draft.facts else "")
    clause = "{member} " + _in_network(draft, roles, several) + "{when}"
    return _state(draft, Clauses(clause, "the part of {member} as {roles} {network}"), fields)


def _are_its_members(draft: Draft, members: Sequence[Term], networks: Sequence[Term]) -> bool:
    """Return True if the member of a network is the group of its members, all of them."""
    names = {f"Members of {the}{draft.label(one)}" for one in networks for the in ("", "the ")}
    is_now = {*map(_slug, draft.facts.get(CD.status, []))} <= {"current"}
    is_all = is_now and all(map(_is_all, draft.facts.get(CD.quantifier, []))) and CD.exception not in draft.facts
    return is_all and len(members) == 1 and any(name.startswith(draft.label(members[0])) for name in names)


def _is_all(quantifier: Term) -> bool:
    return _slug(quantifier) == "all"


def _in_network(draft: Draft, roles: Sequence[Term], several: bool) -> str:
    """Return what a member is in a network and does there: is a member of C40 and hosts a regional office of it."""
    acting = [role for role in roles if not _is_former(draft) and _slug(role) in _ACTING]
    nouns = [role for role in roles if role not in acting]
    found = [f"{{be}} {_roles_in_network(draft, nouns, several)}"] if nouns else []
    found += [_ACTING[_slug(role)][several] for role in acting]
    said = " and ".join(f"{one} {'it' if place else '{network}'}" for place, one in enumerate(found))
    return said.replace("the steering committee of it", "its steering committee")


def _roles_in_network(draft: Draft, roles: Sequence[Term], several: bool) -> str:
    """Return roles of a member with their prepositions: a founder and a member of."""
    found: dict[str, list[str]] = {}
    for role in roles:
        preposition = "in" if _slug(role) in _IN else "of"
        found.setdefault(preposition, []).append(_role_in_network(draft, role, several))
    return " and ".join(f"{' and '.join(roles)} {preposition}" for preposition, roles in found.items())


def _role_in_network(draft: Draft, role: Term, several: bool) -> str:
    """Return a role in a network with its article, or in the plural: hosts of a regional office."""
    label = draft.label(role)
    if _slug(role) == "leading-role":
        return f"{'members' if several else 'a member'} with a {label}"
    head, of, rest = label.partition(" of ")
    return f"{head}s{of}{rest}" if several else with_article(label)


def _counted(draft: Draft, members: Sequence[Term]) -> Phrase:
    """Return members after how many of them a membership holds for: all the eleven cities except Macao."""
    quantifiers, exceptions = draft.take(CD.quantifier), draft.take(CD.exception)
    words = " and ".join(draft.label(one) for one in quantifiers).removesuffix(" except")
    counted = draft.names(members)
    if words and counted:
        counted = [*counted[:-1], {**counted[-1], "text": counted[-1]["text"].removesuffix(" in general")}]
    counted = text_part(f"{words} ") + counted if words else counted
    return counted + fill(" except {them}", them=draft.names(exceptions)) if exceptions else counted


def mediation(draft: Draft, _: Phrase) -> Phrase:
    """Return the clause of a mediation: the CPAFFC is named as a broker for Chinese cities."""
    mediators = draft.tie.get(CD.mediator, [])
    fields = _verbs(draft, mediators)
    fields["mediator"] = draft.names(mediators)
    roles = draft.take(CD.role)
    fields["role"] = listed([text_part(_role(draft, role, mediators)) for role in roles])
    fields["for"] = draft.names(draft.tie.get(CD.mediatedFor, []))
    fields["towards"] = draft.names(draft.tie.get(CD.mediatedWith, []))
    whom = (" for {for}" if fields["for"] else "") + (" in dealings with {towards}" if fields["towards"] else "")
    clause = "{mediator} {act} as {role}" + whom
    if not _is_former(draft):
        clause = "{mediator} " + (_mediating(draft, roles, mediators, fields) or "{act} as {role}" + whom)
    return _state(draft, Clauses(clause, "the part of {mediator} as {role}" + whom), fields)


def _mediating(
    draft: Draft, roles: Sequence[Term], mediators: Sequence[Term], fields: Mapping[str, Phrase]
) -> str | None:
    """Return what a mediator does by its roles: represents {for}; None where it only acts as what they say."""
    several, slugs = draft.is_several(mediators), [*map(_slug, roles)]
    is_between = bool(fields["for"] and fields["towards"])
    if is_between and slugs == ["intermediary"]:
        return "{act} as {role} between {for} and {towards}"
    if not slugs or not all(slug in _MEDIATING for slug in slugs) or not (fields["for"] or slugs == ["facilitator"]):
        return None
    potential = _can(draft) and slugs != ["controller"]
    verbs = [_MEDIATING[slug][several or potential] for slug in slugs]
    whom = (" {for}" if fields["for"] else "") + (" in dealings with {towards}" if fields["towards"] else "")
    return ("can " if potential else "") + " and ".join(verbs) + whom


def _can(draft: Draft) -> bool:
    """Take the hedge that something can be so, and return True if there is one."""
    found = [one for one in draft.facts.get(CD.hedge, []) if _slug(one) == "potential"]
    return any(draft.take_one(CD.hedge, one) for one in found)


def _role(draft: Draft, role: Term, subjects: Sequence[Term]) -> str:
    """Return a role between others: an intermediary, or intermediaries if several have it."""
    label = draft.label(role)
    return _plural(label) if draft.is_several(subjects) else with_article(label)


def office(draft: Draft, _: Phrase) -> Phrase:
    """Return the clause of an office or team: Bristol has an office abroad in Brussels."""
    operators = draft.tie.get(CD.operator, [])
    kinds = [one for one in map(draft.label, draft.tie.get(CD.officeKind, [])) if one] or ["office"]
    is_team = any(_slug(one) == "international-team" for one in draft.tie.get(CD.officeKind, []))
    kind, places = "team" if is_team else kinds[0], draft.tie.get(CD.hostPlace, [])
    is_somewhere = any(isinstance(one, NamedNode) and ns.kind_of(one.value) != "country" for one in places)
    are_several = draft.is_several(draft.tie.get(CD.body, [])) and not is_somewhere
    fields = _verbs(draft, operators)
    fields["operator"], fields["place"] = draft.names(operators), draft.names(places)
    fields["kind"] = [linked(_plural(kind) if are_several else kind, draft.thing)]
    fields["article"] = text_part("" if are_several else with_article(kind).removesuffix(kind))
    fields["the"] = fields["article"] if _is_planned(draft) else text_part("the ")
    fields["purpose"] = draft.named(CD.purpose) if is_team and _is_doing(draft) else []
    where = (" in {place}" if fields["place"] else "") + (" for {purpose}" if fields["purpose"] else "")
    clause = "{operator} {have} {article}{kind}" + where
    return _state(draft, Clauses(clause, "{the}{kind} of {operator}" + where), fields)


def _is_doing(draft: Draft) -> bool:
    """Return True if the one purpose of a tie is something done: managing funds."""
    purposes = [one.value for one in draft.facts.get(CD.purpose, []) if isinstance(one, Literal)]
    return len(purposes) == 1 and purposes[0].partition(" ")[0].endswith("ing")


def _plural(kind: str) -> str:
    """Return a noun in the plural: offices abroad, embassies."""
    head, space, rest = kind.partition(" abroad")
    return re.sub("y$", "ie", head) + "s" + space + rest


def strategy(draft: Draft, _: Phrase) -> Phrase:
    """Return the clause of a strategy: Chongqing has an official strategy."""
    owners, standing = draft.tie.get(CD.strategyOf, []), _standing(draft)
    fields = _verbs(draft, owners)
    fields["owner"], fields["name"] = draft.names(owners), draft.name()
    fields["strategy"] = text_part(with_article(f"{standing} strategy".lstrip()))
    fields["noun"] = text_part(f"{standing} strategy".lstrip())
    clause = "{owner} {have} {strategy}: {name}"
    return _state(draft, Clauses(clause, "the {noun} of {owner}, {name},"), fields)


def agreement(draft: Draft, _: Phrase) -> Phrase:
    """Return the clause of an agreement: Edinburgh and Kaohsiung have a declaration of friendship."""
    parties = draft.tie.get(CD.signatory, [])
    bases = [*map(draft.label, draft.take(CD.basis))] or ["agreement"]
    fields = _verbs(draft, parties)
    fields["parties"] = draft.names(parties)
    fields["kind"] = [linked(" and ".join(bases), draft.thing)]
    fields["article"] = text_part(with_article(bases[0]).removesuffix(bases[0]))
    fields["the"] = fields["article"] if _is_planned(draft) else text_part("the ")
    clause = "{parties} {have} {article}{kind}"
    return _state(draft, Clauses(clause, "{the}{kind} between {parties}"), fields)


def funding(draft: Draft, _: Phrase) -> Phrase:
    """Return the clause of funding: the European Union funds Leeds."""
    funders, recipients = draft.tie.get(CD.funder, []), draft.tie.get(CD.recipient, [])
    fields = {"funder": draft.names(funders), "recipient": draft.names(recipients)}
    fields |= _verbs(draft, funders or recipients)
    noun = "the funding" + (" of {recipient}" if recipients else "") + (" by {funder}" if funders else "")
    status = next(map(_slug, draft.facts.get(CD.status, [])), "")
    verb = "formerly funded" if status == "former" else "fund" if draft.is_several(funders) else "funds"
    clause = "{funder} " + verb + (" {recipient}" if recipients else "") if funders else "{recipient} {have} funding"
    if status in _OFFERED and funders and recipients:
        draft.take(CD.status)
        often = text_part("".join(f"{draft.label(one)} " for one in draft.take(CD.frequency)))
        said = fill(_OFFERED[status], noun=fill(noun, **fields), often=often, **fields)
    else:
        said = _state(draft, Clauses(clause, noun), fields)
    return said + _amount(draft)


def _amount(draft: Draft) -> Phrase:
    """Return the amounts of funding as they are printed, each leading to its statistic."""
    amounts = [one for one in draft.take(CD.amount) if isinstance(one, NamedNode)]
    printed = [(one, figure) for one in amounts for figure in draft.wording.figures(one)]
    figures = [[linked(str(getattr(figure, "value", "")), one)] for one, figure in printed]
    return fill(", amounting to {figures}", figures=listed(figures)) if figures else []


def affiliation(draft: Draft, _: Phrase) -> Phrase:
    """Return the clause of a post: Jiang Weixin is head at the China Association of Mayors."""
    people, bodies = draft.tie.get(CD.person, []), draft.tie.get(CD.organization, [])
    titles = " and ".join(one.value for one in draft.take(CD.roleTitle) if isinstance(one, Literal))
    fields = _verbs(draft, people)
    at = " of " if titles in _OF else " at "
    fields["person"], fields["body"] = draft.names(people), draft.names(bodies)
    fields["title"] = text_part(with_article(titles) if titles.islower() and titles not in _OF else titles)
    if titles:
        clause = "{person} {be} {title}" + at + "{body}"
        return _state(draft, Clauses(clause, "the post of {person} as {title}" + at + "{body}"), fields)
    return _state(draft, Clauses("{person} {be} at {body}", "the post of {person} at {body}"), fields)


TIES: Mapping[str, Callable[[Draft, Phrase], Phrase]] = {
    "twinning": twinning,
    "membership": membership,
    "mediation": mediation,
    "office": office,
    "team": office,
    "strategy": strategy,
    "agreement": agreement,
    "funding": funding,
    "affiliation": affiliation,
}
"""The template of each kind of tie, by the kind in its IRI. The phrase is the source, if a sentence names it."""
PARTIES = (
    *(CD.twin, CD.member, CD.network, CD.mediator, CD.mediatedFor, CD.mediatedWith, CD.operator, CD.hostPlace),
    *(CD.strategyOf, CD.signatory, CD.funder, CD.recipient, CD.person, CD.organization),
)
"""The properties that lead from a tie to its parties."""


def parties(draft: Draft) -> list[Term]:
    """Return the parties of the tie of an account."""
    return [party for predicate in PARTIES for party in draft.tie.get(predicate, [])]


def character(draft: Draft) -> Phrase:
    """Take the character of a tie and return it as a clause: the tie is actively managed."""
    values = draft.take(CD.character)
    several = [text_part(_CHARACTERS.get(_slug(one), draft.label(one))) for one in values]
    return fill("the tie is {several}", several=listed(several)) if values else []
