"""Sentences in Chinese: what an account says of a twinning or of a membership in a network."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pyoxigraph import DefaultGraph, Literal, NamedNode

from kg.messages import chinese
from kg.rdf import namespaces as ns
from kg.rdf.lookup import Term
from kg.rdf.vocabulary import CD, RDFS, SKOS
from kg.sentences.draft import Draft
from kg.wording import ACCOUNT_PREDICATES, Wording, thing_of_account

_LANGUAGE = "zh-hans"
_TIME = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_DECADE = re.compile(r"(\d\d)(\d0)s")
_SLUG = f"{ns.VOCABULARY}tie-status/"
_FOUNDER = NamedNode(f"{ns.VOCABULARY}membership-role/founder")
"""The role that lasts: who founded a network is its founder ever after."""


def chinese_sentence(wording: Wording, account: NamedNode) -> str:
    """Return what an account says of a twinning or membership in Chinese; empty for anything else."""
    facts = wording.facts(account, DefaultGraph())
    tie = thing_of_account(facts)
    template = {"twinning": _twinning, "membership": _membership}.get(ns.kind_of(tie.value) if tie else "")
    if tie is None or template is None:
        return ""
    draft = Draft(wording, tie, facts)
    clause = template(draft)
    return f"{clause}{_remarks(draft)}。{_beside(draft)}" if clause else ""


def _twinning(draft: Draft) -> str:
    twins = draft.tie.get(CD.twin, [])
    if len(twins) != 2:
        return ""
    one, other = (_name(draft, twin) for twin in twins)
    standing = _names(draft, draft.take(CD.standing))
    status, implied = _state(draft)
    if implied:
        return chinese(
            "It is implied that {one} and {other} are {standing}twins", one=one, other=other, standing=standing
        )
    if status == "current":
        return _current(one, other, standing)
    if not status:
        return _without_status(draft, one, other, standing)
    if status == "former":
        return chinese("{one} and {other} were formerly {standing}twins", one=one, other=other, standing=standing)
    return chinese(
        "the {standing}twinning of {one} and {other}: {status}", one=one, other=other, standing=standing, status=status
    )


def _current(one: str, other: str, standing: str) -> str:
    if standing:
        return chinese("{other} is a {standing} twin of {one}", one=one, other=other, standing=standing)
    return chinese("{one} and {other} are twins", one=one, other=other)


def _without_status(draft: Draft, one: str, other: str, standing: str) -> str:
    if begin := _times(draft.take(CD.begin)):
        return chinese(
            "{one} and {other} became {standing}twins in {begin}", one=one, other=other, standing=standing, begin=begin
        )
    return chinese("{one} and {other} are named as {standing}twins", one=one, other=other, standing=standing)


def _membership(draft: Draft) -> str:
    member = _names(draft, draft.tie.get(CD.member, [])) + _quantity(draft)
    network = _names(draft, draft.tie.get(CD.network, []))
    parts = draft.take(CD.role)
    roles = _names(draft, parts)
    status, implied = _state(draft)
    if not (member and network and roles):
        return ""
    if implied:
        return chinese(
            "It is implied that {member} is {roles} of {network}", member=member, roles=roles, network=network
        )
    if status == "former":
        return chinese("{member} was formerly {roles} of {network}", member=member, roles=roles, network=network)
    if status == "current" or (not status and _FOUNDER in parts):
        return chinese("{member} is {roles} of {network}", member=member, roles=roles, network=network)
    if not status:
        return chinese("{member} is named as {roles} of {network}", member=member, roles=roles, network=network)
    return chinese(
        "the part of {member} as {roles} of {network}: {status}",
        member=member,
        roles=roles,
        network=network,
        status=status,
    )


def _state(draft: Draft) -> tuple[str, bool]:
    """Take the status, and whether it is implied; of a status that no template has, return the label."""
    status = next(iter(draft.take(CD.status)), None)
    implied = bool(draft.take(CD.implied))
    slug = status.value.removeprefix(_SLUG) if isinstance(status, NamedNode) else ""
    return slug if status is None or slug in ("current", "former") else _name(draft, status), implied


def _quantity(draft: Draft) -> str:
    """Take of how many of a group a membership holds: （全部，澳门除外）."""
    of = _names(draft, draft.take(CD.quantifier)).removeprefix("除……外")  # what is left out follows
    them = _names(draft, draft.take(CD.exception))
    without = chinese("except {them}", them=them) if them else ""
    return f"（{'，'.join(filter(None, (of, without)))}）" if of or without else ""


def _remarks(draft: Draft) -> str:
    """Take times and doubts, in brackets: （始于1983年；有时）."""
    begin, end, at = (_times(draft.take(one)) for one in (CD.begin, CD.end, CD.atTime))
    found = [chinese("since {time}", time=begin)] if begin else []
    found += [chinese("until {time}", time=end)] if end else []
    found += [at] if at else []
    found += [_names(draft, values) for by in (CD.hedge, CD.extent, CD.frequency) if (values := draft.take(by))]
    return f"（{'；'.join(found)}）" if found else ""


def _beside(draft: Draft) -> str:
    """Take what else an account says: each property with its values, and the notes that are in Chinese."""
    left = [
        f"{_name(draft, by)}：{_names(draft, values).removesuffix('.')}。"
        for by, values in draft.left([*ACCOUNT_PREDICATES, CD.character])
    ]
    notes = "".join(_in_chinese(draft.take(by)) for by in (CD.note, CD.reason))
    return "".join([*left, chinese("Note: {notes}", notes=notes) if notes else ""])


def _times(values: Sequence[Term]) -> str:
    return "、".join(_time(value) for value in values if isinstance(value, Literal))


def _time(literal: Literal) -> str:
    """Return a time as Chinese writes it: 1983年, 2014年12月, 20世纪80年代; words as they are."""
    if decade := _DECADE.fullmatch(literal.value):
        return f"{int(decade[1]) + 1}世纪{decade[2]}年代"
    found = _TIME.fullmatch(literal.value)
    return (
        "".join(f"{int(part)}{unit}" for part, unit in zip(found.groups(), "年月日", strict=True) if part)
        if found
        else literal.value
    )


def _names(draft: Draft, values: Sequence[Term]) -> str:
    return "、".join(_name(draft, value) for value in values)


def _name(draft: Draft, value: Term) -> str:
    """Return the Chinese name of a thing, the English one if it has none; of a literal the text."""
    if not isinstance(value, NamedNode):
        return value.value if isinstance(value, Literal) else ""
    facts = draft.wording.facts(value, DefaultGraph())
    labels = (_in_chinese(facts.get(by, [])) for by in (SKOS.prefLabel, RDFS.label))
    return next(filter(None, labels), draft.label(value))


def _in_chinese(values: Sequence[Term]) -> str:
    """Return the texts in Chinese: an English one would break off the sentence."""
    return "".join(text.value for text in values if isinstance(text, Literal) and text.language == _LANGUAGE)
