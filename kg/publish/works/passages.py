"""Passages as data: statements as sentences, twinnings as a table, and disagreements with other passages.

A table of the report becomes a table again: who, with whom, as printed, and where "n.a." is printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kg.errors import UnknownNameError
from kg.nearest import nearest
from kg.publish.paging import count_pages, parse_page_number, rows_on_page
from kg.publish.works.contents import OrderedWork, PassageEntry, Work, passage_entry, split_into_sections, work_in_order
from kg.publish.works.sides import Disagreement, DisagreementBrief, DisagreementReader, disagreements_on, severity_key
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.passages import subject_of_entry
from kg.rdf.vocabulary import CD, RDF
from kg.readings import Reading
from kg.sentences import Sentence, in_print, sentences
from kg.wording import Facts, NamedThing, TaggedText, Wording, texts, thing_of_account

SECTION_PAGE = 8

_SORTS = (
    ("tie", (CD.Account,)),
    ("number", (CD.Statistic,)),
    ("source", (CD.Citation,)),
    ("group", (CD.Group,)),
)
"""Sorts of statements by their classes; any other, such as a finding, is a sentence."""
_SORTS_OF_ACCOUNTS = {"activity": "sentence", "publication": "source"}
"""Sorts of accounts by the kind of thing that they describe; that of any other is a tie."""
_ORDER = ("sentence", "number", "tie", "group", "source")


class PassageStatement(TypedDict):
    """A statement of a passage in words.

    `marks` are the concepts that qualify the sentence, such as a hedge. `against` are the disagreements in which it
    takes part, `in_print` has names and citations as the passage prints them, and `sort` is `sentence`, `number`,
    `tie`, `group` or `source`.
    """

    iri: str
    sort: str
    kind: NamedThing | None
    words: list[Sentence]
    in_print: Sentence | None
    marks: list[NamedThing]
    against: list[DisagreementBrief]


class Passage(TypedDict):
    """A passage with all of its statements, by sort in the order of the text; those in its `table` are not repeated."""

    entry: PassageEntry
    graph: str
    table: PassageTable | None
    statements: list[PassageStatement]


class PassagePage(TypedDict):
    """A passage of a work, the disagreements that concern it with their sides, and the passages beside it."""

    work: Work
    section: tuple[str, str]
    """The key and the title of the section that it is in."""
    passage: Passage
    about: list[NamedThing]
    """Of an entry what it is about, and that in its data set: Venice, and Q641 of Wikidata; of other passages none."""
    disagreements: list[Disagreement]
    notes: list[PassageEntry]
    """Footnotes to it, or the passage that it is a note to."""
    prev: PassageEntry | None
    next: PassageEntry | None


class SectionPage(TypedDict):
    """A page of a section: its passages with their statements, and the neighbouring sections as key and title."""

    work: Work
    key: str
    title: str
    page: int
    pages: int
    passages: list[Passage]
    prev: tuple[str, str] | None
    next: tuple[str, str] | None


@Reading
def work_passage(store: Store, work: str, name: str) -> PassagePage:
    """Return a passage of a work by their names. Raises UnknownNameError."""
    found = work_in_order(store, work)
    by_name = {node.value.rpartition("/")[2]: place for place, node in enumerate(found.passages)}
    if name not in by_name:
        raise UnknownNameError("passage", name, list(by_name))
    place = by_name[name]
    node = found.passages[place]
    wording = Wording(store)
    reading = DisagreementReader(store, wording)
    disagreements = [reading.read(one) for one in disagreements_on(store, CD.onPassage, node)]
    beside = [
        passage_entry(store, wording, found.passages[i]) if 0 <= i < len(by_name) else None
        for i in (place - 1, place + 1)
    ]
    read = _read_passage(store, wording, reading, node)
    part = next(part for part in split_into_sections(store, found.passages) if node in part.passages)
    return PassagePage(
        work=found.work,
        section=part[:2],
        passage=read,
        about=_about(store, wording, node),
        disagreements=sorted(disagreements, key=severity_key),
        notes=_notes(store, wording, found, place, read["entry"]),
        prev=beside[0],
        next=beside[1],
    )


@Reading
def work_section(store: Store, work: str, key: str, page: str) -> SectionPage:
    """Return a page of a section of a work by their names, `SECTION_PAGE` passages of it.

    Raises UnknownNameError for either, PageNumberError for a page.
    """
    found = work_in_order(store, work)
    wording = Wording(store)
    parts = split_into_sections(store, found.passages)
    keys = [part.key for part in parts]
    if key not in keys:
        raise UnknownNameError("section", key, keys)
    place = keys.index(key)
    inside = parts[place].passages
    pages = count_pages(len(inside), SECTION_PAGE)
    number = parse_page_number(page, pages)
    reading = DisagreementReader(store, wording)
    return SectionPage(
        work=found.work,
        key=key,
        title=parts[place].title,
        page=number,
        pages=pages,
        passages=[_read_passage(store, wording, reading, node) for node in rows_on_page(inside, number, SECTION_PAGE)],
        prev=parts[place - 1][:2] if place else None,
        next=parts[place + 1][:2] if place + 1 < len(parts) else None,
    )


def _about(store: Store, wording: Wording, node: NamedNode) -> list[NamedThing]:
    about = subject_of_entry(store, node)
    return [wording.name_of(about.thing), wording.name_of(about.item)] if about else []


def _read_passage(store: Store, wording: Wording, reading: DisagreementReader, node: NamedNode) -> Passage:
    graph = next(iter(wording.facts(node, DefaultGraph()).get(CD.statementGraph, [])), None)
    if not isinstance(graph, NamedNode):
        return Passage(entry=passage_entry(store, wording, node), graph="", table=None, statements=[])
    against = _disagreements_by_statement(store, reading, node, graph)
    subjects = {quad.subject for quad in match(store, None, CD.statedIn, node, graph)}
    stated = {one: wording.facts(one, graph) for one in subjects if isinstance(one, NamedNode)}
    statements = [_statement(wording, one, facts, graph, against) for one, facts in stated.items()]
    as_table = twinning_table(wording, node, graph, stated, against)
    in_table = {row["statement"] for row in as_table["rows"]} if as_table else set()
    return Passage(
        entry=passage_entry(store, wording, node),
        graph=graph.value,
        table=as_table,
        statements=sorted(
            (one for one in statements if one["iri"] not in in_table),
            key=lambda one: (_ORDER.index(one["sort"]), _position(stated[NamedNode(one["iri"])]), one["iri"]),
        ),
    )


def _position(facts: Facts) -> int:
    """Return the place of a statement in the text of its passage, 0 for a group, which has none."""
    return min((int(place.value) for place in facts.get(CD.position, []) if isinstance(place, Literal)), default=0)


def _statement(
    wording: Wording, node: NamedNode, facts: Facts, graph: NamedNode, against: dict[str, list[DisagreementBrief]]
) -> PassageStatement:
    types = [value for value in facts.get(RDF.type, []) if isinstance(value, NamedNode)]
    sort = next((name for name, classes in _SORTS if set(classes) & set(types)), "sentence")
    described = thing_of_account(facts)
    if described:
        sort = _SORTS_OF_ACCOUNTS.get(ns.kind_of(described.value), sort)
    return PassageStatement(
        iri=node.value,
        sort=sort,
        kind=wording.name_of(types[0]) if types else None,
        words=sentences(wording, node, graph),
        in_print=in_print(wording, node, graph),
        marks=wording.marks(facts),
        against=sorted(
            (one for iri in {node.value, described.value if described else ""} for one in against.get(iri, [])),
            key=severity_key,
        ),
    )


def _disagreements_by_statement(
    store: Store, reading: DisagreementReader, node: NamedNode, graph: NamedNode
) -> dict[str, list[DisagreementBrief]]:
    """Return the disagreements about a passage, by the statement of it that takes part."""
    found: dict[str, list[DisagreementBrief]] = {}
    for one in sorted(disagreements_on(store, CD.onPassage, node), key=str):
        for of_graph, subject in reading.subjects(one):
            if of_graph == graph.value:
                found.setdefault(subject, []).append(reading.brief(one))
    return found


def _notes(store: Store, wording: Wording, found: OrderedWork, place: int, read: PassageEntry) -> list[PassageEntry]:
    """Return the notes that follow a passage, or the passage that a note belongs to, according to its locator."""
    label = read["label"]["text"]
    notes = []
    for node in found.passages[place + 1 : place + 15]:
        one = passage_entry(store, wording, node)
        if one["locator"].lower() == f"note to {label}".lower():
            notes.append(one)
    if not read["locator"].startswith("Note to "):
        return notes
    for node in reversed(found.passages[max(0, place - 15) : place]):
        one = passage_entry(store, wording, node)
        if read["locator"].lower() == f"note to {one['label']['text']}".lower():
            return [one]
    return []


TWINNING = NamedNode(f"{ns.VOCABULARY}tie-kind/twinning")


class PassageRow(TypedDict):
    """A row: two cities and their twinning, or a city with the absence of any (`other` and `tie` are None then)."""

    statement: str
    city: NamedThing
    other: NamedThing | None
    tie: NamedThing | None
    mark: str
    """Of an absence: how the table marks it."""
    printed: list[str]
    notes: list[TaggedText]
    against: list[DisagreementBrief]


class PassageTable(TypedDict):
    """Rows by the name of the first city. `country` is that of the second column, `standing` that of all twins."""

    country: NamedThing | None
    standing: NamedThing | None
    rows: list[PassageRow]


def twinning_table(
    wording: Wording,
    passage: NamedNode,
    graph: NamedNode,
    stated: Mapping[NamedNode, Facts],
    against: Mapping[str, list[DisagreementBrief]],
) -> PassageTable | None:
    """Return the twinnings and absences of twins that a passage states as a table, None if it is not a table."""
    kinds = wording.facts(passage, DefaultGraph()).get(CD.passageKind, [])
    if not any(str(kind).endswith("/table>") for kind in kinds):
        return None
    absences = {
        node: facts for node, facts in stated.items() if CD.absentFor in facts and TWINNING in facts.get(CD.tieKind, [])
    }
    country = next((c for facts in absences.values() for c in nodes(facts.get(CD.counterpart, []))), None)
    rows = [_absence_row(wording, node, facts) for node, facts in absences.items()]
    for node, facts in stated.items():
        thing = thing_of_account(facts)
        if thing and CD.Twinning in wording.facts(thing, graph).get(RDF.type, []):
            twins = nodes(wording.facts(thing, graph).get(CD.twin, []))
            rows.append(_twinning_row(wording, node, facts, thing, _order_twins(wording, twins, country)))
    if not rows:
        return None
    for row in rows:
        takes_part = (row["tie"]["iri"] if row["tie"] else "", row["statement"])
        row["against"] = sorted((one for iri in takes_part for one in against.get(iri, [])), key=severity_key)
    counted = {standing for facts in stated.values() for standing in nodes(facts.get(CD.standing, []))}
    rows.sort(key=lambda row: (row["city"]["text"], row["other"]["text"] if row["other"] else ""))
    return PassageTable(
        country=wording.name_of(country) if country else None,
        standing=wording.name_of(*counted) if len(counted) == 1 else None,
        rows=rows,
    )


def nodes(values: Iterable[object]) -> list[NamedNode]:
    """Return the values that are things."""
    return [value for value in values if isinstance(value, NamedNode)]


def _order_twins(wording: Wording, twins: list[NamedNode], country: NamedNode | None) -> list[NamedNode]:
    """Return two twins, the one in the country of the second column last."""
    return sorted(
        twins, key=lambda twin: (country in wording.facts(twin, DefaultGraph()).get(CD.within, []), str(twin))
    )


def _twinning_row(
    wording: Wording, node: NamedNode, facts: Facts, thing: NamedNode, twins: list[NamedNode]
) -> PassageRow:
    city, other = (wording.name_of(twin) for twin in twins)
    names = [value.value for value in facts.get(CD.printedName, []) if isinstance(value, Literal)]
    first = nearest(city["text"].upper(), [name.upper() for name in names], cutoff=0)
    return PassageRow(
        statement=node.value,
        city=city,
        other=other,
        tie=wording.name_of(thing),
        mark="",
        printed=sorted(names, key=lambda name: name.upper() != first),
        notes=texts(facts, CD.note),
        against=[],
    )


def _absence_row(wording: Wording, node: NamedNode, facts: Facts) -> PassageRow:
    (city, *_), basis = nodes(facts[CD.absentFor]), nodes(facts.get(CD.absenceBasis, []))
    return PassageRow(
        statement=node.value,
        city=wording.name_of(city),
        other=None,
        tie=None,
        mark=wording.name_of(basis[0])["text"] if basis else "",
        printed=[value.value for value in facts.get(CD.printedName, []) if isinstance(value, Literal)],
        notes=texts(facts, CD.says),
        against=[],
    )
