"""Sections of a page: the statements of other things about a thing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import TypedDict

from pyoxigraph import DefaultGraph, Literal, NamedNode

from kg.publish.pages.by_groups import members_by_group, networks_by_group
from kg.publish.pages.disputes import Dispute, denial, dispute_of
from kg.publish.pages.ties import (
    OF_NO_MEMBER,
    TIES,
    accounts_of,
    assigned_functions,
    denying_absences,
    doubts_of,
    functions_of,
    kind_of,
    objection_values,
    objections_to_account,
    relations_of,
    row_label,
    tie_values,
)
from kg.publish.pages.words import (
    DESCRIBED_BY_ROWS,
    MOST_REFERRERS,
    ObjectingSource,
    PropertyRow,
    SourcedValue,
    SourcedWords,
    Words,
)
from kg.rdf import graphs
from kg.rdf.kinds import RELATIONS
from kg.rdf.lookup import match, nodes_of
from kg.rdf.vocabulary import CD, DCTERMS, RDF
from kg.sentences import Sentence
from kg.wording import PARTS_TAKEN, IriText

MOST_PER_SECTION = 200
"""Things in a section, at most: all of them are under "All statements", in pages."""
MOST_SAYINGS = 100
"""Sentences in a section, at most; each work that has some gets a share of these."""

TITLES = {
    "accounts": "Who says so",
    "twinnings": "Twinnings",
    "networks": "Networks",
    "members": "Members",
    "places": "Places",
    "between": "Intermediary roles",
    "offices": "Offices, teams and posts",
    "agreements": "Agreements and funding",
    "functions": "Functions of diplomacy",
    "activities": "Activities",
    "numbers": "Numbers",
    "claims": "Attributed statements",
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
    "completeness": "sayings",
    "definition": "sayings",
    "recommendation": "sayings",
    "account": "sayings",
    "statistic": "numbers",
    "citation": "literature",
    "support": "evidence",
    "reading": "evidence",
}
"""The section of sentences and activities, by their kind."""
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
    ("spelling", CD.onPassage, "lists", "spellings"),
    *((kind, CD.duplicateOf, "lists", "also entered as") for kind in ("city", "polity")),
    *((kind, CD.within, "places", "within it") for kind in ("nation", "city", "polity", "district", "region", "place")),
)
"""The rows of names: kind of the referring thing, property, section, and name of the row."""


class PageSection(TypedDict):
    """A section of a page: rows, sentences, disputes, and the number of things that it leaves out."""

    key: str
    title: str
    rows: list[PropertyRow]
    sayings: list[SourcedValue]
    disputes: list[Dispute]
    left_out: int


def sections_of(words: Words, thing: NamedNode) -> list[PageSection]:
    """Return the things that refer to a thing, in the sections that are not empty."""
    found = {
        key: PageSection(key=key, title=title, rows=[], sayings=[], disputes=[], left_out=0)
        for key, title in TITLES.items()
    }
    if kind_of(thing) == "source":
        found["literature"]["title"] = "Passages"
    _add_ties(words, thing, found)
    found["functions"]["sayings"] = list(_functions(words, thing))
    _add_statements(words, thing, found)
    _add_rows(words, thing, found)
    _add_left_out(words, thing, found)
    if kind_of(thing) != "passage":
        _add_disputes(words, thing, found)
    for section in found.values():
        section["left_out"] += len(section["sayings"][MOST_PER_SECTION:])
        del section["sayings"][MOST_PER_SECTION:]
    return [section for section in found.values() if section["rows"] or section["sayings"] or section["disputes"]]


def _add_statements(words: Words, thing: NamedNode, found: dict[str, PageSection]) -> None:
    if kind_of(thing) in RELATIONS:
        found["accounts"]["sayings"] = list(said_of_relation(words, thing))
    linking = set(
        chain.from_iterable(nodes for kind, nodes in words.referrers_by_kind(thing).items() if kind in _SECTION_OF)
    ).difference(defining_accounts(words, thing))
    pointing: dict[NamedNode, list[NamedNode]] = {}
    for node in linking:
        is_creator = kind_of(node) == "account" and _points_by_only(words, node, thing, DCTERMS.creator)
        if not is_creator and (of := _in_words_of(words, node, thing)) is not None:
            pointing.setdefault(of, []).append(node)
    for node in list(pointing)[MOST_REFERRERS:]:
        found[_SECTION_OF[kind_of(node)]]["left_out"] += 1
    by_section: dict[str, list[NamedNode]] = {}
    first = {of: min(map(words.place, nodes)) for of, nodes in islice(pointing.items(), MOST_REFERRERS)}
    for node in sorted(first, key=first.__getitem__):
        kind = kind_of(node)
        section = _SECTION_OF[kind]
        if kind_of(thing) == "passage":
            if thing in _stating(words, node):
                continue  # the page of a passage has what it states, sentence by sentence (kg.publish.works)
            section = section if kind in ("support", "reading") else "elsewhere"
        elif _points_by_only(words, node, thing, CD.attributedTo):
            section = "claims"
        if kind != "account" or not found["accounts"]["sayings"]:
            by_section.setdefault(section, []).append(node)
    for section, nodes in by_section.items():
        shown = _shares(words, nodes)
        found[section]["left_out"] += len(nodes) - len(shown)
        as_values = (_activity if kind_of(node) == "activity" else _sentence for node in shown)
        found[section]["sayings"] += [
            as_value(words, node, thing) for as_value, node in zip(as_values, shown, strict=True)
        ]


def _shares(words: Words, nodes: list[NamedNode]) -> list[NamedNode]:
    """Return as many statements as a section shows, in their order: of each work a share, or all if there are fewer."""
    if len(nodes) <= MOST_SAYINGS:
        return nodes
    by_work: dict[str, list[NamedNode]] = {}
    for node in nodes:
        by_work.setdefault(words.work_of(node), []).append(node)
    left, shown = MOST_SAYINGS, set[NamedNode]()
    for rest, of_work in zip(range(len(by_work), 0, -1), sorted(by_work.values(), key=len), strict=True):
        shown.update(of_work[: left // rest])
        left -= len(of_work[: left // rest])
    return [node for node in nodes if node in shown]


def _in_words_of(words: Words, node: NamedNode, thing: NamedNode) -> NamedNode | None:
    """Return what a page shows for a thing that refers to its own: the activity for an account of it, else the thing.

    None for accounts of publications, which have rows of their own, and for those of the page's thing if it has its
    values in rows. What an account only attributes to the page's thing is not an activity of that.
    """
    described = words.nodes(node, CD.accountOf) if kind_of(node) == "account" else []
    if not described or kind_of(described[0]) not in DESCRIBED_BY_ROWS:
        return node
    if described[0] == thing or kind_of(described[0]) == "publication":
        return None
    is_attributed = _points_by_only(words, node, thing, CD.attributedTo)
    return described[0] if kind_of(described[0]) == "activity" and not is_attributed else node


def _stating(words: Words, node: NamedNode) -> list[NamedNode]:
    """Return the passages and sources that state a thing, or give an account of it."""
    return [source for one in (node, *words.accounts(node)) for source in words.nodes(one, CD.statedIn)]


def _add_ties(words: Words, thing: NamedNode, found: dict[str, PageSection]) -> None:
    rows: dict[tuple[str, str], PropertyRow] = {}
    for tie, relation in relations_of(words, thing):
        values = list(tie_values(words, tie, relation, thing))
        if not values:
            continue
        key = (tie.section, row_label(words, tie, relation))
        if key not in rows:
            rows[key] = PropertyRow(label=IriText(text=key[1], iri=None, lang="en"), values=[])
            found[tie.section]["rows"].append(rows[key])
        shown = rows[key]["values"]
        found[tie.section]["left_out"] += len(values[max(0, MOST_PER_SECTION - len(shown)) :])
        shown.extend(values[: max(0, MOST_PER_SECTION - len(shown))])
    for section in ("networks", "members"):
        found[section]["rows"].sort(key=lambda row: row["label"]["text"] in OF_NO_MEMBER.values())
    found["networks"]["rows"] += networks_by_group(words, thing)
    found["members"]["rows"] += members_by_group(words, thing)
    for section, predicate, kind in dict.fromkeys((tie.section, tie.own_property, tie.kind) for tie in TIES):
        named = words.subjects(predicate, thing, kind)
        found[section]["left_out"] += words.count_beyond(named, predicate, thing, kind)


def _add_rows(words: Words, thing: NamedNode, found: dict[str, PageSection]) -> None:
    rows: dict[tuple[str, str], PropertyRow] = {}
    for kind, predicate, section, label in _ROWS:
        if kind_of(thing) == "passage" and predicate == CD.statedIn:
            continue
        named = words.subjects(predicate, thing, kind)
        found[section]["left_out"] += words.count_beyond(named, predicate, thing, kind)
        if predicate == CD.within:
            named = [node for node in named if _has_stated_place(words, node)]
        found[section]["left_out"] += len(named[MOST_PER_SECTION:])
        for node in named[:MOST_PER_SECTION]:
            row = rows.setdefault(
                (section, label), PropertyRow(label=IriText(text=label, iri=None, lang="en"), values=[])
            )
            sources = [word for word in _sources(words, node, predicate, thing) if word["iri"] != thing.value]
            parts = [SourcedWords(words=[], sources=sources)] if sources else []
            row["values"].append(SourcedValue(value=words.name_of(node), parts=parts, against=[]))
    for (section, _), row in rows.items():
        found[section]["rows"].append(row)


def _add_left_out(words: Words, thing: NamedNode, found: dict[str, PageSection]) -> None:
    """Add the ties that another source names and a list leaves out, which says that it is all."""
    ties = sorted({*nodes_of(words.store, thing, CD.inTension)}, key=lambda tie: tie.value)
    if kind_of(thing) == "completeness" and ties:
        label = IriText(text="leaves out", iri=None, lang="en")
        values = [
            SourcedValue(value=words.name_of(tie), parts=accounts_of(words, tie, linked=False), against=[])
            for tie in ties[:MOST_PER_SECTION]
        ]
        found["disputes"]["rows"].append(PropertyRow(label=label, values=values))
        found["disputes"]["left_out"] += len(ties[MOST_PER_SECTION:])


def _has_stated_place(words: Words, node: NamedNode) -> bool:
    """Return True if some source states in what a place lies; for most places this is inferred."""
    return any(quad.graph_name not in graphs.NOT_STATED for quad in match(words.store, node, CD.within))


def _add_disputes(words: Words, thing: NamedNode, found: dict[str, PageSection]) -> None:
    references = [thing, *words.subjects(RDF.subject, thing)]
    about = {*words.subjects(CD.about, thing), *words.subjects(CD.onPassage, thing)}
    about |= {disagreement for reference in references for disagreement in words.subjects(CD.onStatement, reference)}
    disagreements = sorted((node for node in about if kind_of(node) == "disagreement"), key=lambda node: node.value)
    found["disputes"]["left_out"] += len(disagreements[MOST_PER_SECTION:])
    disputes = [read for node in disagreements[:MOST_PER_SECTION] if (read := dispute_of(words, node))]
    covered = [set(dispute["statements"]) for dispute in disputes]
    ties = [thing] if kind_of(thing) in RELATIONS else [relation for _, relation in relations_of(words, thing)]
    for relation in ties:
        for absence in denying_absences(words, relation):
            if not any({relation.value, absence.value} <= subjects for subjects in covered):
                disputes.append(denial(words, relation, absence))
    for dispute in sorted(disputes, key=lambda dispute: dispute["rank"]):
        if kind_of(thing) in RELATIONS:
            section = "accounts"
        else:
            there = found[dispute["section"]]
            section = dispute["section"] if there["rows"] or there["sayings"] else "disputes"
        found[section]["disputes"].append(dispute)


def defining_accounts(words: Words, thing: NamedNode) -> list[NamedNode]:
    """Return the accounts that say what a network is, at most two: for what, on what, and of which scope."""
    own = words.accounts(thing) if kind_of(thing) == "network" else []
    ranked = [
        (rank, account)
        for account in own
        for rank, predicate in enumerate((CD.purpose, CD.theme, CD.scope))
        if words.values(account, predicate)
    ]
    return list(dict.fromkeys(account for _, account in sorted(ranked, key=lambda one: (one[0], words.place(one[1])))))[
        :2
    ]


def _points_by_only(words: Words, node: NamedNode, thing: NamedNode, predicate: NamedNode) -> bool:
    """Return True if a node refers to a thing by one property alone."""
    return all(quad.predicate == predicate for quad in match(words.store, node, None, thing, DefaultGraph()))


def _sentence(words: Words, node: NamedNode, thing: NamedNode) -> SourcedValue:
    if kind_of(node) in ("support", "reading"):
        reason = words.literal(node, CD.reason)
        sources = [*words.nodes(node, CD.onPassage), *words.nodes(node, CD.supports)]
        because: IriText = {**(words.text(reason) if reason else words.name_of(node)), "iri": node.value}
        return SourcedValue(
            value=because,
            parts=[SourcedWords(words=[], sources=[words.name_of(s) for s in sources if s != thing])],
            against=[],
        )
    if kind_of(node) == "citation":
        value: IriText = {**words.sentences(node)[-1], "iri": node.value}  # its note, or its name
        cited = [words.name_of(publication) for publication in words.nodes(node, CD.cites) if publication != thing]
        return SourcedValue(
            value=value, parts=[SourcedWords(words=cited, sources=_others(words, node, thing))], against=[]
        )
    if words.nodes(node, CD.accountOf):
        return stated(words, node, words.stated_by(node), _others(words, node, thing))
    first, *more = words.sentences(node)
    part = SourcedWords(words=more, sources=_others(words, node, thing))
    return SourcedValue(value=first, marks=words.marks(node), parts=[part], against=[])


def stated(words: Words, account: NamedNode, said: list[Sentence], sources: list[IriText]) -> SourcedValue:
    """Return what an account says, with its names as links, and its sources."""
    first, *more = said
    beside = [IriText(text=one["text"], lang=one["lang"], iri=None) for one in more]
    return SourcedValue(
        value=IriText(text=first["text"], lang=first["lang"], iri=account.value),
        linked=first["parts"],
        parts=[SourcedWords(words=beside, sources=sources)] if beside or sources else [],
        against=[],
    )


def _activity(words: Words, node: NamedNode, thing: NamedNode) -> SourcedValue:
    parts = [
        SourcedWords(
            words=[words.text(text)], sources=[word for word in words.sources_of(account) if word["iri"] != thing.value]
        )
        for account in words.accounts(node)
        for text in words.values(account, CD.says)
        if isinstance(text, Literal)
    ]
    parts.sort(key=str)
    taken = [part for part in PARTS_TAKEN if any(thing in words.nodes(one, part) for one in words.accounts(node))]
    marks = [words.name_of(part) for part in taken]
    return SourcedValue(value=words.name_of(node), marks=marks, parts=parts + functions_of(words, node), against=[])


def said_of_relation(
    words: Words,
    relation: NamedNode,
    accounts: Sequence[NamedNode] | None = None,
    subject: NamedNode | None = None,
) -> Iterator[SourcedValue]:
    """Yield the accounts of a relation, each with those who object to it, then the objections to the relation.

    With `accounts` only these are read. Sentences with a given `subject` do not name their source.
    """
    beside: list[ObjectingSource] = []
    for account in words.accounts(relation) if accounts is None else accounts:
        against = objections_to_account(words, account)
        beside += against
        sources = words.sources_of(account)
        named = sources[0] if len(sources) == 1 and subject is None else None
        said = words.stated_by(account, named, subject)
        yield {**stated(words, account, said, [] if named else sources), "against": against}
    yield from objection_values(words, relation, beside)


def _functions(words: Words, thing: NamedNode) -> Iterator[SourcedValue]:
    """Yield the functions that a thing performs, or that rest on a passage, with reason and passages."""
    resting = [node for node in words.subjects(CD.onPassage, thing) if kind_of(node) == "assignment"]
    for assignment in [*words.subjects(CD.performedBy, thing), *resting]:
        reason = words.literal(assignment, CD.reason)
        passages = words.in_reading_order(map(words.name_of, words.nodes(assignment, CD.onPassage)))
        others = [passage for passage in passages if passage["iri"] != thing.value]
        parts = [SourcedWords(words=[words.text(reason)], sources=others)] if reason else []
        for named in [words.name_of(assignment)] if assignment in resting else assigned_functions(words, assignment):
            yield SourcedValue(value=named, marks=doubts_of(words, assignment), parts=parts, against=[])


def _sources(words: Words, node: NamedNode, predicate: NamedNode, thing: NamedNode) -> list[IriText]:
    """Return the sources of a row: of a group those that list the thing, of a spelling the passages that print it."""
    if kind_of(node) == "spelling":
        return words.in_reading_order(map(words.name_of, words.nodes(node, CD.onPassage)))
    if predicate == CD.groupMember:
        return words.sources_of_quads(match(words.store, node, predicate, thing))
    return words.sources_of(node) if kind_of(node) == "group" else []


def _others(words: Words, node: NamedNode, thing: NamedNode) -> list[IriText]:
    """Return the sources of a statement, except for the thing that the page is about."""
    return [word for word in words.sources_of(node) if word["iri"] != thing.value]
