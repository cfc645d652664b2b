"""Works and their contents: sections, and passages in reading order.

A passage is `id/passage/<slug>` in the first work, `id/passage/<work>/<slug>` in any other (contract: Names). Which
section it belongs to is said by its locator alone ("Section 3.1 City Diplomacy in the UK, first paragraph").
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypedDict

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kg.errors import UnknownNameError
from kg.publish.paging import count_pages, parse_page_number, rows_on_page
from kg.publish.works.sides import disagreements_on
from kg.rdf import namespaces as ns
from kg.rdf.labels import NAMES, label, label_lookup, preferred_literal
from kg.rdf.lookup import literals_of, match, nodes_of, nodes_with
from kg.rdf.passages import reading_order
from kg.rdf.snapshots import once_per_snapshot
from kg.rdf.vocabulary import CD, DCTERMS, RDF, SKOS
from kg.readings import Reading
from kg.sentences import Sentence, sentences
from kg.sparql.evaluation import select
from kg.wording import Facts, NamedThing, TaggedText, Wording, texts

PAGE_SIZE = 200

OTHERS = "others"
"""The key of passages that are in no section."""

_PASSAGE = f"{ns.ID}passage/"
_FINDING = f"{ns.ID}finding/"
_SECTION = re.compile(r"(?:Section|Notes? (?:to|of) section) (?P<number>\d+(?:\.\d+)*)(?: (?P<title>[^,]+))?")
_SECTION_IN_LABEL = re.compile(r"section (?P<number>\d+(?:\.\d+)*), ")
_UNNUMBERED = re.compile(r"(?:Section|Chapter) [IVXL]+(?:,? (?P<title>[A-Z][^,]+|on [^,]+))?,")
"""A locator that names a section as a work without numbers has it: "Chapter I, Overall Objectives, first paragraph"."""


class Work(TypedDict):
    """A work with passages in the graph; `name` is its name in the addresses of passages, "" for the first."""

    iri: str
    name: str
    label: str
    """Its short name, such as `RUSI 2025` (kg.publish.work_names)."""
    title: TaggedText
    note: TaggedText | None
    """Of a data set what it has, as its bibliographic note says."""
    passages: int
    is_data_set: bool
    """True if its passages are entries, which have no order."""
    publication: Publication | None
    """The publication as other sources describe it; None for a data set, and if title or authors are not known."""


class PassageEntry(TypedDict):
    """A passage in a list: its kind, locator, paraphrase, and the number of disagreements about it."""

    iri: str
    name: str
    label: TaggedText
    kind: NamedThing | None
    availability: NamedThing | None
    """Only if our copy lacks the passage or a part of it."""
    locator: str
    section: str
    paraphrase: TaggedText | None
    disagreements: int


class WorkSection(TypedDict):
    """A section: its key in addresses, its heading, and its passages on this page of the contents."""

    key: str
    title: str
    passages: list[PassageEntry]


class MakersStatement(TypedDict):
    """The statement of a passage about its own work."""

    words: list[Sentence]
    passage: NamedThing


class Contents(TypedDict):
    """A page of the contents of a work; all fields but `sections` are those of the whole work."""

    work: Work
    page: int
    pages: int
    sections: list[WorkSection]
    makers: list[MakersStatement]
    """The sentences in which the work names the organisations that commissioned and made it."""
    gaps: list[PassageEntry]


class SectionPassages(NamedTuple):
    """A section with all its passages."""

    key: str
    title: str
    passages: list[NamedNode]


class OrderedWork(NamedTuple):
    """A work with its passages in reading order."""

    work: Work
    passages: list[NamedNode]


@Reading
def works(store: Store) -> list[Work]:
    """Return the works with passages in the graph, the first one first."""
    found = passages_by_work(store)
    return [_work(store, name, passages) for name, passages in sorted(found.items())]


@Reading
def work_contents(store: Store, work: str, page: str) -> Contents:
    """Return a page of the contents of a work by its name, `PAGE_SIZE` passages of it.

    Raises UnknownNameError for a work, PageNumberError for a page.
    """
    found, passages = work_in_order(store, work)
    pages = count_pages(len(passages), PAGE_SIZE)
    number = parse_page_number(page, pages)
    wording = Wording(store)
    shown = set(rows_on_page(passages, number, PAGE_SIZE))
    sections = [
        WorkSection(
            key=key, title=title, passages=[passage_entry(store, wording, one) for one in inside if one in shown]
        )
        for key, title, inside in split_into_sections(store, passages)
        if not shown.isdisjoint(inside)
    ]
    lacking = (quad.subject for quad in match(store, None, CD.textAvailability, None, DefaultGraph()))
    in_work = set(lacking) & set(passages)
    gaps = [
        passage_entry(store, wording, passage)
        for passage in passages
        if passage in in_work and _availability(wording, passage)
    ]
    return Contents(
        work=found,
        page=number,
        pages=pages,
        sections=sections,
        makers=_makers(store, wording, found, passages),
        gaps=gaps,
    )


def work_in_order(store: Store, work: str) -> OrderedWork:
    """Return a work by its name with its passages in reading order. Raises UnknownNameError."""
    found = passages_by_work(store)
    if work not in found:
        raise UnknownNameError("work", work, [name for name in found if name])
    order = reading_order(store)
    passages = sorted(found[work], key=lambda passage: (order.get(passage.value, 0), len(passage.value), passage.value))
    return OrderedWork(_work(store, work, passages), passages)


def split_into_sections(store: Store, passages: list[NamedNode]) -> list[SectionPassages]:
    """Return the sections of a work, given its passages in reading order.

    Passages whose locators name no section are together in one of the key `OTHERS`.
    """
    stated = match(store, None, CD.locator, None, DefaultGraph())
    locators = {quad.subject: quad.object.value for quad in stated if isinstance(quad.object, Literal)}
    called = label_lookup(store)
    found: dict[str, list[NamedNode]] = {}
    titles: dict[str, str] = {}
    for passage in passages:
        name = called(passage)
        key, title = _section_of(locators.get(passage, ""), name.value if name else "")
        found.setdefault(key, []).append(passage)
        titles[key] = max(titles.get(key, ""), title, key=len)  # a note names the section by its number alone
    if OTHERS in found and any(match(store, found[OTHERS][0], CD.entry, None, DefaultGraph())):
        titles[OTHERS] = "Entries"
    elif len(found.get(OTHERS, ())) == 1:
        titles[OTHERS] = Wording(store).name_of(found[OTHERS][0])["text"]
    return [SectionPassages(key, titles[key], inside) for key, inside in found.items()]


def _section_of(locator: str, label: str) -> tuple[str, str]:
    """Return the key of the section that a locator names, and its heading; a note names the key alone.

    Of a work that does not number its sections the label of the passage has the number.
    """
    found = _SECTION.match(locator)
    if not found and (labelled := _SECTION_IN_LABEL.search(label)):
        titled = _UNNUMBERED.match(locator)
        title = titled["title"] if titled else None
        return labelled["number"], f"{labelled['number']} {title[:1].upper()}{title[1:]}" if title else labelled[
            "number"
        ]
    if not found:
        return OTHERS, "Outside the numbered sections"
    number, title = found["number"], found["title"]
    return number, f"{number} {title}" if title and locator.startswith("Section") else number


def passage_entry(store: Store, wording: Wording, passage: NamedNode) -> PassageEntry:
    """Return a passage as an entry of a list."""
    facts = wording.facts(passage, DefaultGraph())
    named = wording.name_of(passage)
    locator = next((text["text"] for text in texts(facts, CD.locator)), "")
    kinds = [kind for kind in facts.get(CD.passageKind, []) if isinstance(kind, NamedNode)]
    return PassageEntry(
        iri=passage.value,
        name=passage.value.removeprefix(_PASSAGE).rpartition("/")[2],
        label=TaggedText(text=named["text"], lang=named["lang"]),
        kind=wording.name_of(kinds[0]) if kinds else None,
        availability=_availability(wording, passage),
        locator=locator,
        section=_section_of(locator, named["text"])[0],
        paraphrase=paraphrase(wording, passage),
        disagreements=len(disagreements_on(store, CD.onPassage, passage)),
    )


def paraphrase(wording: Wording, passage: NamedNode) -> TaggedText | None:
    """Return the paraphrase of a passage, in our words."""
    found = preferred_literal(wording.facts(passage, DefaultGraph()).get(CD.paraphrase, []))
    return TaggedText(text=found.value, lang=found.language or "") if found else None


@once_per_snapshot
def passages_by_work(store: Store) -> Mapping[str, Sequence[NamedNode]]:
    """Return the passages of a snapshot by the name of their work, which is part of their IRIs."""
    found: dict[str, list[NamedNode]] = {}
    for row in select(store, "SELECT ?passage { ?passage a cd:Passage }"):  # thousands of a data set
        if isinstance(passage := row["passage"], NamedNode) and passage.value.startswith(_PASSAGE):
            found.setdefault(passage.value.removeprefix(_PASSAGE).rpartition("/")[0], []).append(passage)
    return found


def _short_name(store: Store, name: str, passages: Sequence[NamedNode]) -> str:
    """Return the short name of a work.

    The first is "The report" only where it stands alone: beside others it goes by its other name, CLI 2016.
    """
    work = _work_of(store, passages)
    named = (None if name else preferred_literal(literals_of(store, work, SKOS.altLabel))) or label(store, work)
    return named.value if named else name


def _is_data_set(store: Store, passages: Sequence[NamedNode]) -> bool:
    """Return True if the passages of a work are the entries of a data set."""
    return any(match(store, passages[0], CD.entry, None, DefaultGraph()))


def _work_of(store: Store, passages: Sequence[NamedNode]) -> NamedNode:
    return next(iter(nodes_of(store, passages[0], DCTERMS.isPartOf)), passages[0])


def _work(store: Store, name: str, passages: Sequence[NamedNode]) -> Work:
    work = _work_of(store, passages)
    titles, labels = (literals_of(store, work, named) for named in (DCTERMS.title, SKOS.prefLabel))
    of_entries = _is_data_set(store, passages)
    # "Wikidata" alone does not say which: the label of a data set has its date
    title = preferred_literal(labels if of_entries else titles) or preferred_literal([*titles, *labels])
    note = preferred_literal(literals_of(store, work, DCTERMS.bibliographicCitation)) if of_entries else None
    return Work(
        iri=work.value,
        name=name,
        label=_short_name(store, name, passages),
        title=_tagged_text(title) or TaggedText(text=name, lang=""),
        note=_tagged_text(note),
        passages=len(passages),
        is_data_set=of_entries,
        publication=None if of_entries else publication(store, work),
    )


def _tagged_text(literal: Literal | None) -> TaggedText | None:
    return None if literal is None else TaggedText(text=literal.value, lang=literal.language or "")


def _availability(wording: Wording, passage: NamedNode) -> NamedThing | None:
    stated = wording.facts(passage, DefaultGraph()).get(CD.textAvailability, [])
    lacking = (value for value in stated if isinstance(value, NamedNode) and not value.value.endswith("/present"))
    return next((wording.name_of(value) for value in lacking), None)


def _makers(store: Store, wording: Wording, work: Work, passages: list[NamedNode]) -> list[MakersStatement]:
    """Return the statements of the first passage that says how the work was made.

    These are the statements about the work and an organisation, but not about a country, too, which would be its
    subject.
    """
    of_work = {*nodes_with(store, CD.about, NamedNode(work["iri"]))}
    for passage in passages[:3]:
        stated = of_work.intersection(nodes_with(store, CD.statedIn, passage))
        graph = next((g for g in wording.facts(passage, DefaultGraph()).get(CD.statementGraph, [])), None)
        about = [node for node in stated if _is_of_making(store, wording, node)]
        if about and isinstance(graph, NamedNode):
            statements = [
                sentences(wording, node, graph)
                for node in sorted(about, key=lambda node: (not node.value.startswith(_FINDING), node.value))
            ]
            return [MakersStatement(words=words, passage=wording.name_of(passage)) for words in statements]
    return []


def _is_of_making(store: Store, wording: Wording, node: NamedNode) -> bool:
    if ns.kind_of(node.value) == "activity":
        return False  # its account says the same
    about = wording.facts(node, DefaultGraph()).get(CD.about, [])
    types = {quad.object for value in about for quad in match(store, value, RDF.type, None, DefaultGraph())}
    return CD.Organization in types and CD.Polity not in types


class Publication(TypedDict):
    """A work as bibliographies list it; fields that no source states are empty."""

    iri: str
    title: str
    authors: list[str]
    """As the citation names them, in its order."""
    issued: str
    """A year, a month or a day, as in XML Schema: 2016-01."""
    published: str
    """The same as people read it: January 2016."""
    as_of: str
    """The time of which it speaks, if it says so, in the same form as `issued`."""
    publisher: str
    series: str
    citation: str
    sources: list[NamedThing]
    notes: list[TaggedText]
    missing: list[TaggedText]
    """The parts of all this that our copy of the work lacks."""


def publication(store: Store, work: NamedNode) -> Publication | None:
    """Return a work as a publication; None if no source states its title and authors."""
    wording = Wording(store)
    facts = wording.facts(work, DefaultGraph())

    def first(predicate: NamedNode) -> str:
        return next((text["text"] for text in texts(facts, predicate)), "")

    authors = _authors(wording, facts, first(DCTERMS.bibliographicCitation))
    if not first(DCTERMS.title) or not authors:
        return None
    sources = [value for value in facts.get(DCTERMS.source, []) if isinstance(value, NamedNode)]
    return Publication(
        iri=work.value,
        title=first(DCTERMS.title),
        authors=authors,
        issued=first(DCTERMS.issued),
        published=_readable_date(first(DCTERMS.issued)),
        as_of=first(CD.asOf),
        publisher=first(DCTERMS.publisher),
        series=first(DCTERMS.isPartOf),
        citation=first(DCTERMS.bibliographicCitation),
        sources=[wording.name_of(source) for source in sources],
        notes=texts(facts, SKOS.editorialNote),
        missing=texts(facts, CD.missing),
    )


def _authors(wording: Wording, facts: Facts, citation: str) -> list[str]:
    """Return the creators by the names that a citation has for them, in its order; without a citation by their labels.

    RDF keeps no order of values, and a passage may count a body as the maker that the title page does not name.
    """
    creators = [value for value in facts.get(DCTERMS.creator, []) if isinstance(value, NamedNode)]
    if not citation:
        return [wording.name_of(one)["text"] for one in creators]
    places: dict[int, str] = {}
    for one in creators:
        named = wording.facts(one, DefaultGraph())
        names = [text["text"] for predicate in NAMES for text in texts(named, predicate)]
        for name in sorted(names, key=len):
            if name in citation:
                places[citation.index(name)] = name
                break
    return [places[place] for place in sorted(places)]


def _readable_date(issued: str) -> str:
    year, _, rest = issued.partition("-")
    month, _, day = rest.partition("-")
    return " ".join(part for part in (day.lstrip("0"), calendar.month_name[int(month or 0)], year) if part)
