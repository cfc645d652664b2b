"""What other things say of a thing, in the sections of its page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TypedDict

from pyoxigraph import DefaultGraph, Literal, NamedNode

from kg.publish.pages.disputes import Dispute, denial, dispute_of
from kg.publish.pages.stated import Row
from kg.publish.pages.ties import (
    RELATIONS,
    TIES,
    assigned,
    denials,
    doubts_of,
    functions_of,
    kind_of,
    label_of,
    objections,
    relations_of,
    said_of,
)
from kg.publish.pages.words import LOOKED_AT, Part, Said, Word, Words
from kg.rdf import graphs
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD, DCTERMS, RDF

MOST = 200
"""Things of a section, at most: all of them are under "All statements", in pages."""

_TITLES = {
    "accounts": "Who says so",
    "twinnings": "Twinnings",
    "networks": "Networks",
    "members": "Members",
    "between": "Between others: brokers, coordinators, agents",
    "places": "Places",
    "offices": "Offices, teams and posts",
    "agreements": "Agreements and funding",
    "functions": "Functions of diplomacy",
    "activities": "Activities",
    "numbers": "Numbers",
    "sayings": "What passages say",
    "elsewhere": "What others say of it",
    "disputes": "Where passages disagree",
    "evidence": "Evidence",
    "literature": "Literature",
    "lists": "Lists and spellings",
}
"""The sections in their order."""
_SECTION_OF = {
    "activity": "activities",
    "finding": "sayings",
    "absence": "sayings",
    "definition": "sayings",
    "recommendation": "sayings",
    "account": "sayings",
    "statistic": "numbers",
    "citation": "literature",
    "support": "evidence",
    "reading": "evidence",
}
"""The section of what stands in a sentence, or is an activity, by its kind."""
_ROWS = (
    ("publication", DCTERMS.creator, "literature", "wrote"),
    ("publication", CD.editor, "literature", "edited"),
    ("publication", CD.partOf, "literature", "chapters"),
    ("publication", DCTERMS.publisher, "literature", "published"),
    ("publication", DCTERMS.isPartOf, "literature", "holds"),
    ("publication", CD.statedIn, "literature", "names"),
    ("passage", DCTERMS.isPartOf, "literature", "passages"),
    ("group", CD.groupMember, "lists", "listed in"),
    ("group", CD.statedIn, "lists", "lists"),
    ("passage", CD.mentions, "lists", "named in"),
    ("spelling", CD.identifiedAs, "lists", "spelled in print"),
    ("spelling", CD.inPassage, "lists", "spellings"),
    *((kind, CD.within, "places", "within it") for kind in ("nation", "city", "polity", "district", "region")),
)
"""What is named in a row: the kind of the thing that points, by which property, the section, and the row's name."""


class Section(TypedDict):
    """A part of a page: rows, sentences, where sources say otherwise, and how many more there are than it shows."""

    key: str
    title: str
    rows: list[Row]
    sayings: list[Said]
    disputes: list[Dispute]
    left_out: int


def sections_of(words: Words, thing: NamedNode) -> list[Section]:
    """Return what points at a thing, told in the sections that have something to tell."""
    found = {
        key: Section(key=key, title=title, rows=[], sayings=[], disputes=[], left_out=0)
        for key, title in _TITLES.items()
    }
    if kind_of(thing) == "passage":
        found["sayings"]["title"] = "What it states"
    if kind_of(thing) == "source":
        found["literature"]["title"] = "Passages"
    _add_ties(words, thing, found)
    found["functions"]["sayings"] = list(_functions(words, thing))
    _add_statements(words, thing, found)
    _add_rows(words, thing, found)
    _add_disputes(words, thing, found)
    for section in found.values():
        section["left_out"] += len(section["sayings"][MOST:])
        del section["sayings"][MOST:]
    return [section for section in found.values() if section["rows"] or section["sayings"] or section["disputes"]]


def _add_statements(words: Words, thing: NamedNode, found: dict[str, Section]) -> None:
    if kind_of(thing) in RELATIONS:
        found["accounts"]["sayings"] = list(_accounts(words, thing))
    linking = chain.from_iterable(nodes for kind, nodes in words.linking(thing).items() if kind in _SECTION_OF)
    pointing = [node for node in linking if not _is_by(words, node, thing)]
    for node in pointing[LOOKED_AT:]:
        found[_SECTION_OF[kind_of(node)]]["left_out"] += 1
    for node in sorted(pointing[:LOOKED_AT], key=words.place):
        kind = kind_of(node)
        section = _SECTION_OF[kind]
        if kind_of(thing) == "passage" and thing not in words.nodes(node, CD.statedIn):
            section = section if kind in ("support", "reading", "citation") else "elsewhere"
        if kind != "account" or not found["accounts"]["sayings"]:
            told = _activity if kind == "activity" else _sentence
            found[section]["sayings"].append(told(words, node, thing))


def _add_ties(words: Words, thing: NamedNode, found: dict[str, Section]) -> None:
    rows: dict[tuple[str, str], Row] = {}
    for tie, relation in relations_of(words, thing):
        told = list(said_of(words, tie, relation, thing))
        if not told:
            continue
        key = (tie.section, label_of(words, tie, relation))
        if key not in rows:
            rows[key] = Row(label=Word(text=key[1], iri=None, lang="en"), values=[])
            found[tie.section]["rows"].append(rows[key])
        shown = rows[key]["values"]
        found[tie.section]["left_out"] += len(told[max(0, MOST - len(shown)) :])
        shown.extend(told[: max(0, MOST - len(shown))])
    for section, predicate, kind in dict.fromkeys((tie.section, tie.begins, tie.kind) for tie in TIES):
        named = words.pointing(predicate, thing, kind)
        found[section]["left_out"] += words.beyond(named, predicate, thing, kind)


def _add_rows(words: Words, thing: NamedNode, found: dict[str, Section]) -> None:
    rows: dict[tuple[str, str], Row] = {}
    for kind, predicate, section, label in _ROWS:
        named = words.pointing(predicate, thing, kind)
        found[section]["left_out"] += words.beyond(named, predicate, thing, kind)
        if predicate == CD.within:
            named = [node for node in named if _is_placed(words, node)]
        found[section]["left_out"] += len(named[MOST:])
        for node in named[:MOST]:
            row = rows.setdefault((section, label), Row(label=Word(text=label, iri=None, lang="en"), values=[]))
            sources = [word for word in _sources(words, node, kind) if word["iri"] != thing.value]
            parts = [Part(words=[], sources=sources)] if sources else []
            row["values"].append(Said(value=words.of(node), parts=parts, against=[]))
    for (section, _), row in rows.items():
        found[section]["rows"].append(row)


def _is_placed(words: Words, node: NamedNode) -> bool:
    """Tell whether somebody states what a place lies in: of all that lies in a state most follows."""
    return any(quad.graph_name not in graphs.NOT_STATED for quad in match(words.store, node, CD.within))


def _add_disputes(words: Words, thing: NamedNode, found: dict[str, Section]) -> None:
    references = [thing, *words.pointing(RDF.subject, thing)]
    about = {*words.pointing(CD.about, thing), *words.pointing(CD.onPassage, thing)}
    about |= {disagreement for reference in references for disagreement in words.pointing(CD.onStatement, reference)}
    disagreements = sorted((node for node in about if kind_of(node) == "disagreement"), key=lambda node: node.value)
    found["disputes"]["left_out"] += len(disagreements[MOST:])
    disputes = [told for node in disagreements[:MOST] if (told := dispute_of(words, node))]
    covered = [set(dispute["statements"]) for dispute in disputes]
    ties = [thing] if kind_of(thing) in RELATIONS else [relation for _, relation in relations_of(words, thing)]
    for relation in ties:
        for absence in denials(words, relation):
            if not any({relation.value, absence.value} <= subjects for subjects in covered):
                disputes.append(denial(words, relation, absence))
    for dispute in sorted(disputes, key=lambda dispute: dispute["rank"]):
        if kind_of(thing) in RELATIONS:
            section = "accounts"
        else:
            there = found[dispute["section"]]
            section = dispute["section"] if there["rows"] or there["sayings"] else "disputes"
        found["disputes" if kind_of(thing) == "passage" else section]["disputes"].append(dispute)


def _is_by(words: Words, node: NamedNode, thing: NamedNode) -> bool:
    """Tell whether something points at a thing as at its creator alone."""
    return all(quad.predicate == DCTERMS.creator for quad in match(words.store, node, None, thing, DefaultGraph()))


def _sentence(words: Words, node: NamedNode, thing: NamedNode) -> Said:
    if kind_of(node) in ("support", "reading"):
        reason = words.literal(node, CD.reason)
        sources = [*words.nodes(node, CD.supportedByPassage), *words.nodes(node, CD.supports)]
        because: Word = {**(words.text(reason) if reason else words.of(node)), "iri": node.value}
        return Said(
            value=because, parts=[Part(words=[], sources=[words.of(s) for s in sources if s != thing])], against=[]
        )
    if kind_of(node) == "citation":
        value: Word = {**words.said(node)[-1], "iri": node.value}  # its note, or its name
        cited = [words.of(publication) for publication in words.nodes(node, CD.cites) if publication != thing]
        return Said(value=value, parts=[Part(words=cited, sources=_others(words, node, thing))], against=[])
    is_of_it = thing in words.nodes(node, CD.accountOf)
    first, *more = words.added(node, "names it") if is_of_it else words.said(node)
    part = Part(words=more, sources=_others(words, node, thing))
    return Said(value=first, marks=words.marks(node), parts=[part], against=[])


def _activity(words: Words, node: NamedNode, thing: NamedNode) -> Said:
    told = [
        Part(words=[words.text(text)], sources=[word for word in words.sources([quad]) if word["iri"] != thing.value])
        for quad in match(words.store, node, CD.says)
        if quad.graph_name != DefaultGraph() and isinstance(text := quad.object, Literal)
    ]
    told.sort(key=str)
    return Said(value=words.of(node), parts=told + functions_of(words, node), against=[])


def _accounts(words: Words, relation: NamedNode) -> Iterator[Said]:
    """Yield the accounts of a relation, then what is said against it."""
    for account in words.accounts(relation):
        first, *more = words.added(account, "states it")
        yield Said(value=first, parts=[Part(words=more, sources=words.stated_in(account))], against=[])
    yield from objections(words, relation)


def _functions(words: Words, thing: NamedNode) -> Iterator[Said]:
    """Yield the functions that a thing performs, of a passage those that rest on it, each with reason and passages."""
    resting = [node for node in words.pointing(CD.onPassage, thing) if kind_of(node) == "assignment"]
    for assignment in [*words.pointing(CD.performedBy, thing), *resting]:
        reason = words.literal(assignment, CD.reason)
        passages = words.ordered(map(words.of, words.nodes(assignment, CD.onPassage)))
        others = [passage for passage in passages if passage["iri"] != thing.value]
        parts = [Part(words=[words.text(reason)], sources=others)] if reason else []
        for named in [words.of(assignment)] if assignment in resting else assigned(words, assignment):
            yield Said(value=named, marks=doubts_of(words, assignment), parts=parts, against=[])


def _sources(words: Words, node: NamedNode, kind: str) -> list[Word]:
    """Return who says that a thing is what its row says; of a spelling where it is printed."""
    if kind == "spelling":
        return words.ordered(map(words.of, words.nodes(node, CD.inPassage)))
    return words.stated_in(node) if kind == "group" else []


def _others(words: Words, node: NamedNode, thing: NamedNode) -> list[Word]:
    """Return the sources of a statement but for the thing that the page is about."""
    return [word for word in words.stated_in(node) if word["iri"] != thing.value]
