"""Templates of ties: what an account says of a twinning, membership, mediation, office, agreement, funding or post."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode

from kg.rdf.lookup import Term
from kg.rdf.vocabulary import CD
from kg.sentences.draft import Draft, times_text
from kg.sentences.phrases import Phrase, fill, listed, text_part, with_article
from kg.wording import IriText

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
_OFFERED = {"refused": "{noun} was {often}offered and refused"}
"""Clauses of funding in the states that mean something else of an offer."""
_IN = frozenset({"participant", "direct-participant", "leading-role", "representative", "coordinator", "intermediary"})
"""The roles in a network that take "in" and not "of"."""
_CHARACTERS = {"specific-interest": "based on a specific interest"}
_VERBS = {"be": ("is", "are"), "have": ("has", "have"), "act": ("acts", "act")}
_FORMERLY = {"be": ("was formerly", "were formerly"), "have": ("formerly had",) * 2, "act": ("formerly acted",) * 2}
"""Verbs in the singular and in the plural."""


class Clauses(NamedTuple):
    """The templates of a tie: if it is current, if no status is stated, and the noun that other states take."""

    current: str
    named: str
    noun: str


def _slug(concept: Term) -> str:
    return concept.value.rpartition("/")[2] if isinstance(concept, NamedNode) else ""


def _state(draft: Draft, clauses: Clauses, fields: Mapping[str, Phrase]) -> Phrase:
    """Return the clause of a tie in its state: current, none stated, implied, or another with its word."""
    status = next(map(_slug, draft.take(CD.status)), "")
    implied = bool(draft.take(CD.implied))
    if status == "former" and not implied:
        return fill(clauses.current, **fields)
    if status in _STATES:
        template = _STATES[status] + (", as is implied" if implied else "")
    elif implied:
        template = "{noun} is implied" + (" to be current" if status else "")
    else:
        return fill(clauses.current if status else clauses.named, **fields)
    return fill(template, noun=fill(clauses.noun, **fields))


def _verbs(draft: Draft, subjects: Sequence[Term]) -> dict[str, Phrase]:
    """Return the forms of verbs that agree with their subjects."""
    several = draft.is_several(subjects)
    is_former = "former" in map(_slug, draft.facts.get(CD.status, []))
    return {verb: text_part(forms[several]) for verb, forms in (_FORMERLY if is_former else _VERBS).items()}


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
    fields["noun"] = text_part(f"{standing} twinning".lstrip())
    fields["source"], fields["since"] = source, text_part(times_text(begins))
    noun = "the {noun} of {one} and {other}"
    if standing and source and "former" not in map(_slug, draft.facts.get(CD.status, [])):
        listing = "{source} lists {other} as {twin} of {one}"
        return _state(draft, Clauses(listing, listing, noun), fields)
    if standing:
        return _state(
            draft, Clauses("{other} {be} {twin} of {one}", "{other} {be} named as {twin} of {one}", noun), fields
        )
    named = "{one} and {other} became twins {since}" if begins else "{one} and {other} {be} named as twins"
    if not {CD.status, CD.implied} & draft.facts.keys():
        draft.take(CD.begin)
    return _state(draft, Clauses("{one} and {other} {be} twinned", named, noun), fields)


def membership(draft: Draft, _: Phrase) -> Phrase:
    """Return the clause of a membership: Hong Kong is a steering committee member of C40."""
    members = draft.tie.get(CD.member, [])
    several = draft.is_several(members)
    fields = _verbs(draft, members)
    fields["member"] = draft.names(members) + _quantity(draft)
    fields["network"] = draft.names(draft.tie.get(CD.network, []))
    fields["roles"] = text_part(_roles_in_network(draft, several))
    current, named = "{member} {be} {roles} {network}", "{member} {be} named as {roles} {network}"
    return _state(draft, Clauses(current, named, "the part of {member} as {roles} {network}"), fields)


def _roles_in_network(draft: Draft, several: bool) -> str:
    """Take the roles of a member, and return them with their prepositions: a founder and a member of."""
    found: dict[str, list[str]] = {}
    for role in draft.take(CD.role):
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


def _quantity(draft: Draft) -> Phrase:
    """Return of how many of a group a membership holds, in brackets: (all except Macao)."""
    quantifiers, exceptions = draft.take(CD.quantifier), draft.take(CD.exception)
    words = draft.names(quantifiers)
    if exceptions:
        words = fill("{of} {them}" if words else "except {them}", of=words, them=draft.names(exceptions))
    return fill(" ({words})", words=words) if words else []


def mediation(draft: Draft, _: Phrase) -> Phrase:
    """Return the clause of a mediation: the CPAFFC is named as a broker for Chinese cities."""
    mediators = draft.tie.get(CD.mediator, [])
    fields = _verbs(draft, mediators)
    fields["mediator"] = draft.names(mediators)
    fields["role"] = listed([text_part(_role(draft, role, mediators)) for role in draft.take(CD.role)])
    fields["for"] = draft.names(draft.tie.get(CD.mediatedFor, []))
    fields["towards"] = draft.names(draft.tie.get(CD.mediatedWith, []))
    whom = (" for {for}" if fields["for"] else "") + (" in dealings with {towards}" if fields["towards"] else "")
    current, named = "{mediator} {act} as {role}" + whom, "{mediator} {be} named as {role}" + whom
    return _state(draft, Clauses(current, named, "the part of {mediator} as {role}" + whom), fields)


def _role(draft: Draft, role: Term, subjects: Sequence[Term]) -> str:
    """Return a role between others: an intermediary, or intermediaries if several have it."""
    label = draft.label(role)
    return re.sub("y$", "ie", label) + "s" if draft.is_several(subjects) else with_article(label)


def office(draft: Draft, _: Phrase) -> Phrase:
    """Return the clause of an office or team: Bristol has an office abroad in Brussels."""
    operators = draft.tie.get(CD.operator, [])
    kinds = [one for one in map(draft.label, draft.tie.get(CD.officeKind, [])) if one] or ["office"]
    fields = _verbs(draft, operators)
    fields["operator"], fields["place"] = draft.names(operators), draft.names(draft.tie.get(CD.hostPlace, []))
    fields["kind"] = [_linked(kinds[0], draft)]
    fields["article"] = text_part(with_article(kinds[0]).removesuffix(kinds[0]))
    where = " in {place}" if fields["place"] else ""
    current, named = "{operator} {have} {article}{kind}", "{operator} {be} named as having {article}{kind}"
    return _state(draft, Clauses(current + where, named + where, "the {kind} of {operator}" + where), fields)


def _linked(text: str, draft: Draft) -> IriText:
    """Return a noun that leads to the tie."""
    return IriText(text=text, iri=draft.thing.value, lang="en")


def strategy(draft: Draft, _: Phrase) -> Phrase:
    """Return the clause of a strategy: Chongqing has an official strategy."""
    owners, standing = draft.tie.get(CD.strategyOf, []), _standing(draft)
    fields = _verbs(draft, owners)
    fields["owner"], fields["name"] = draft.names(owners), draft.name()
    fields["strategy"] = text_part(with_article(f"{standing} strategy".lstrip()))
    fields["noun"] = text_part(f"{standing} strategy".lstrip())
    current, named = "{owner} {have} {strategy}: {name}", "{owner} {be} named as having {strategy}: {name}"
    return _state(draft, Clauses(current, named, "the {noun} of {owner}, {name},"), fields)


def agreement(draft: Draft, _: Phrase) -> Phrase:
    """Return the clause of an agreement: Edinburgh and Kaohsiung have a declaration of friendship."""
    parties = draft.tie.get(CD.signatory, [])
    bases = [*map(draft.label, draft.take(CD.basis))] or ["agreement"]
    fields = _verbs(draft, parties)
    fields["parties"] = draft.names(parties)
    fields["kind"] = [_linked(" and ".join(bases), draft)]
    fields["article"] = text_part(with_article(bases[0]).removesuffix(bases[0]))
    current, named = "{parties} {have} {article}{kind}", "{parties} {be} named as having {article}{kind}"
    return _state(draft, Clauses(current, named, "the {kind} of {parties}"), fields)


def funding(draft: Draft, _: Phrase) -> Phrase:
    """Return the clause of funding: the European Union funds Leeds."""
    funders, recipients = draft.tie.get(CD.funder, []), draft.tie.get(CD.recipient, [])
    fields = {"funder": draft.names(funders), "recipient": draft.names(recipients)}
    fields |= _verbs(draft, funders or recipients)
    noun = "the funding" + (" of {recipient}" if recipients else "") + (" by {funder}" if funders else "")
    current = "{funder} {be} a funder" + (" of {recipient}" if recipients else "")
    if draft.is_several(funders):
        current = current.replace("a funder", "funders")
    named = current.replace("{be}", "{be} named as")
    if not funders:
        current, named = "{recipient} {have} funding", "{recipient} {be} named as having funding"
    status = next(map(_slug, draft.facts.get(CD.status, [])), "")
    if status in _OFFERED:
        draft.take(CD.status)
        often = text_part("".join(f"{draft.label(one)} " for one in draft.take(CD.frequency)))
        clause = fill(_OFFERED[status], noun=fill(noun, **fields), often=often)
    else:
        clause = _state(draft, Clauses(current, named, noun), fields)
    return clause + _amount(draft)


def _amount(draft: Draft) -> Phrase:
    """Return the amounts of funding as they are printed, each leading to its statistic."""
    amounts = [one for one in draft.take(CD.amount) if isinstance(one, NamedNode)]
    printed = [(one, figure) for one in amounts for figure in draft.wording.figures(one)]
    figures = [[IriText(text=str(getattr(figure, "value", "")), iri=one.value, lang="en")] for one, figure in printed]
    return fill(", amounting to {figures}", figures=listed(figures)) if figures else []


def affiliation(draft: Draft, _: Phrase) -> Phrase:
    """Return the clause of a post: Jiang Weixin is head at the China Association of Mayors."""
    people, bodies = draft.tie.get(CD.person, []), draft.tie.get(CD.organization, [])
    titles = " and ".join(one.value for one in draft.take(CD.roleTitle) if isinstance(one, Literal))
    fields = _verbs(draft, people)
    fields["person"], fields["body"], fields["title"] = draft.names(people), draft.names(bodies), text_part(titles)
    if titles:
        current, named = "{person} {be} {title} at {body}", "{person} {be} named as {title} at {body}"
        return _state(draft, Clauses(current, named, "the post of {person} as {title} at {body}"), fields)
    current, named = "{person} {be} at {body}", "{person} {be} named as being at {body}"
    return _state(draft, Clauses(current, named, "the post of {person} at {body}"), fields)


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
