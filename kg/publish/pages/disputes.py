"""Disputes on a page: the sides of a disagreement in their own words, and ties beside absences that deny them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from pyoxigraph import NamedNode

from kg.objections import KINDS, kind_properties
from kg.publish.pages.ties import TIES, kind_of
from kg.publish.pages.words import Words
from kg.publish.works import disagreement
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD
from kg.wording import IriText

_SECTION = {tie.kind: tie.section for tie in reversed(TIES)} | {  # of several for a kind, the first
    "statistic": "numbers",
    "activity": "activities",
    "citation": "literature",
    "publication": "literature",
}
_OF_TIE = {"network-membership": "networks", "twinning": "twinnings"}


class DisputeSide(TypedDict):
    """The statement of one source, in sentences."""

    words: list[IriText]
    source: IriText


class Dispute(TypedDict):
    """A disagreement of sources: its kind, its sides, and what the editors make of it.

    `section` is the one of a page to which it belongs; the more it matters the lower is `rank`;
    `statements` are the IRIs of what it is between.
    """

    title: IriText
    kind: IriText
    sides: list[DisputeSide]
    explanation: list[IriText]
    section: str
    rank: int
    statements: list[str]


def dispute_of(words: Words, node: NamedNode) -> Dispute | None:
    """Return a disagreement with its sides, each in its own words; None if it has no sides."""
    read = disagreement(words.store, node.value)
    if read is None:
        return None
    subjects = [NamedNode(subject) for side in read["sides"] for subject in side["statements"]]
    kind = read["kind"]
    return Dispute(
        title={**read["title"], "iri": node.value},
        kind=words.name_of(NamedNode(kind["iri"])) if kind else IriText(text="disagreement", iri=None, lang="en"),
        sides=[
            DisputeSide(
                words=[IriText(text=text["text"], lang=text["lang"], iri=None) for text in side["words"]],
                source=words.name_of(NamedNode(side["source"]["iri"]))
                if side["source"]
                else words.source_of_graph(NamedNode(side["graph"])),
            )
            for side in read["sides"]
        ],
        explanation=[IriText(**text, iri=None) for text in (read["explanation"], read["reason"]) if text is not None],
        section=_section_of(words, subjects),
        rank=read["rank"],
        statements=_with_relations(words, subjects),
    )


def denial(words: Words, relation: NamedNode, absence: NamedNode) -> Dispute:
    """Return a relation and an absence that rules it out as two sides, each in its own words, and how one objects."""
    ends, store = [relation, *words.accounts(relation)], words.store
    either = [pair for end in ends for pair in ((end, absence), (absence, end))]
    drawn = {kind for by, kind in kind_properties(store).items() for a, b in either if any(match(store, a, by, b))}
    kind = min(drawn, key=KINDS.index, default=KINDS[0])
    states = [
        DisputeSide(words=words.sentences(a), source=s) for a in words.accounts(relation) for s in words.sources_of(a)
    ]
    denies = [DisputeSide(words=words.sentences(absence), source=source) for source in words.sources_of(absence)]
    return Dispute(
        title=words.name_of(absence),
        kind=words.name_of(NamedNode(f"{ns.VOCABULARY}disagreement-kind/{kind}")),
        sides=[*denies, *states],
        explanation=[],
        section=_section_of(words, [relation]),
        rank=KINDS.index(kind),
        statements=[relation.value, absence.value],
    )


def _with_relations(words: Words, subjects: list[NamedNode]) -> list[str]:
    """Return the subjects of statements, and the relations of those that are accounts."""
    return sorted({s.value for s in subjects} | {t.value for s in subjects for t in words.nodes(s, CD.accountOf)})


def _section_of(words: Words, subjects: Iterable[NamedNode]) -> str:
    """Return the section of the first statement whose kind has a section of its own."""
    for subject in subjects:
        for thing in (*words.nodes(subject, CD.accountOf), subject):
            if kind_of(thing) in _SECTION:
                return _SECTION[kind_of(thing)]
            for tie in words.nodes(subject, CD.tieKind):
                return _OF_TIE.get(tie.value.rpartition("/")[2], "offices")
    return "disputes"
