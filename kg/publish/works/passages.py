"""A passage as data: its statements as sentences, its twinnings as a table, and which passages disagree with it."""

from __future__ import annotations

from typing import TypedDict

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.errors import UnknownNameError
from kg.publish.paging import numbered, pages_of, window
from kg.publish.wording import Facts, Named, Text, Wording, thing_of
from kg.publish.works.contents import Entry, Ordered, Work, entry, ordered, parts_of
from kg.publish.works.sides import Brief, Disagreement, Disagreements, graveness
from kg.publish.works.tables import Table, table
from kg.rdf.lookup import match
from kg.rdf.passages import subject_of_entry
from kg.rdf.vocabulary import CD, RDF
from kg.readings import Reading

SECTION_PAGE = 8

_SORTS = (
    ("tie", (CD.Account,)),
    ("number", (CD.Statistic,)),
    ("source", (CD.Citation, CD.Publication)),
    ("group", (CD.Group,)),
)
"""Sorts of statements by their classes; any other, such as a finding, is a sentence."""
_ORDER = ("sentence", "number", "tie", "group", "source")


class Statement(TypedDict):
    """A statement of a passage in words.

    `thing` is what `words` add to: of an account the relation, of a group, publication or citation itself. `marks` are
    the concepts that qualify the sentence, such as a hedge. `against` are the disagreements in which it takes part, and
    `sort` is `sentence`, `number`, `tie`, `group` or `source`.
    """

    iri: str
    sort: str
    kind: Named | None
    thing: Named | None
    words: list[Text]
    marks: list[Named]
    against: list[Brief]


class Passage(TypedDict):
    """A passage with all that it states; what stands in its `table` is not among its `statements`."""

    entry: Entry
    graph: str
    table: Table | None
    statements: list[Statement]


class PassagePage(TypedDict):
    """A passage of a work, the disagreements that concern it with their sides, and the passages beside it."""

    work: Work
    section: tuple[str, str]
    """The key and the title of the section that it is in."""
    passage: Passage
    about: list[Named]
    """Of an entry what it is about, and that in its data set: Venice, and Q641 of Wikidata; of other passages none."""
    disagreements: list[Disagreement]
    notes: list[Entry]
    """Footnotes to it, or the passage that it is a note to."""
    prev: Entry | None
    next: Entry | None


class SectionPage(TypedDict):
    """A page of a section: its passages with all that they state, and the sections beside it as key and title."""

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
    found = ordered(store, work)
    by_name = {node.value.rpartition("/")[2]: place for place, node in enumerate(found.passages)}
    if name not in by_name:
        raise UnknownNameError("passage", name, list(by_name))
    place = by_name[name]
    node = found.passages[place]
    wording = Wording(store)
    reading = Disagreements(store, wording)
    concerned = [quad.subject for quad in match(store, None, CD.concerns, node, DefaultGraph())]
    disagreements = [reading.read(one) for one in concerned if isinstance(one, NamedNode)]
    beside = [
        entry(store, wording, found.passages[i]) if 0 <= i < len(by_name) else None for i in (place - 1, place + 1)
    ]
    read = _read(store, wording, reading, node)
    part = next(part for part in parts_of(store, found.passages) if node in part.passages)
    return PassagePage(
        work=found.work,
        section=part[:2],
        passage=read,
        about=_about(store, wording, node),
        disagreements=sorted(disagreements, key=graveness),
        notes=_notes(store, wording, found, place, read["entry"]),
        prev=beside[0],
        next=beside[1],
    )


@Reading
def work_section(store: Store, work: str, key: str, page: str) -> SectionPage:
    """Return a page of a section of a work by their names, `SECTION_PAGE` passages of it.

    Raises UnknownNameError for either, PageNumberError for a page.
    """
    found = ordered(store, work)
    wording = Wording(store)
    parts = parts_of(store, found.passages)
    keys = [part.key for part in parts]
    if key not in keys:
        raise UnknownNameError("section", key, keys)
    place = keys.index(key)
    inside = parts[place].passages
    pages = pages_of(len(inside), SECTION_PAGE)
    number = numbered(page, pages)
    reading = Disagreements(store, wording)
    return SectionPage(
        work=found.work,
        key=key,
        title=parts[place].title,
        page=number,
        pages=pages,
        passages=[_read(store, wording, reading, node) for node in window(inside, number, SECTION_PAGE)],
        prev=parts[place - 1][:2] if place else None,
        next=parts[place + 1][:2] if place + 1 < len(parts) else None,
    )


def _about(store: Store, wording: Wording, node: NamedNode) -> list[Named]:
    about = subject_of_entry(store, node)
    return [wording.named(about.thing), wording.named(about.item)] if about else []


def _read(store: Store, wording: Wording, reading: Disagreements, node: NamedNode) -> Passage:
    graph = next(iter(wording.facts(node, DefaultGraph()).get(CD.statementGraph, [])), None)
    if not isinstance(graph, NamedNode):
        return Passage(entry=entry(store, wording, node), graph="", table=None, statements=[])
    against = _against(store, reading, node, graph)
    subjects = {quad.subject for quad in match(store, None, CD.statedIn, node, graph)}
    stated = {one: wording.facts(one, graph) for one in subjects if isinstance(one, NamedNode)}
    statements = [_statement(wording, one, facts, graph, against) for one, facts in stated.items()]
    as_table = table(wording, node, graph, stated, against)
    in_table = {row["statement"] for row in as_table["rows"]} if as_table else set()
    return Passage(
        entry=entry(store, wording, node),
        graph=graph.value,
        table=as_table,
        statements=sorted(
            (one for one in statements if one["iri"] not in in_table),
            key=lambda one: (_ORDER.index(one["sort"]), one["iri"]),
        ),
    )


def _statement(
    wording: Wording, node: NamedNode, facts: Facts, graph: NamedNode, against: dict[str, list[Brief]]
) -> Statement:
    types = [value for value in facts.get(RDF.type, []) if isinstance(value, NamedNode)]
    sort = next((name for name, classes in _SORTS if set(classes) & set(types)), "sentence")
    thing = thing_of(facts)
    words = wording.added(facts) if thing else wording.said(node, graph)
    if sort in ("group", "source"):
        members = [wording.pair(CD.groupMember, facts[CD.groupMember])] if CD.groupMember in facts else []
        thing, words = node, [*members, *words[1:]]
    return Statement(
        iri=node.value,
        sort=sort,
        kind=wording.named(types[0]) if types else None,
        thing=wording.named(thing) if thing else None,
        words=words,
        marks=wording.marks(facts),
        against=sorted(
            (one for iri in {node.value, thing.value if thing else ""} for one in against.get(iri, [])), key=graveness
        ),
    )


def _against(store: Store, reading: Disagreements, node: NamedNode, graph: NamedNode) -> dict[str, list[Brief]]:
    """Return the disagreements by which statement of a passage takes part in them."""
    found: dict[str, list[Brief]] = {}
    concerned = {quad.subject for quad in match(store, None, CD.concerns, node, DefaultGraph())}
    for one in sorted((one for one in concerned if isinstance(one, NamedNode)), key=str):
        for of_graph, subject in reading.subjects(one):
            if of_graph == graph.value:
                found.setdefault(subject, []).append(reading.brief(one))
    return found


def _notes(store: Store, wording: Wording, found: Ordered, place: int, read: Entry) -> list[Entry]:
    """Return the notes of a passage, which follow it, or the passage that a note is to (said by its locator)."""
    label = read["label"]["text"]
    notes = []
    for node in found.passages[place + 1 : place + 15]:
        one = entry(store, wording, node)
        if one["locator"].lower() == f"note to {label}".lower():
            notes.append(one)
    if not read["locator"].startswith("Note to "):
        return notes
    for node in reversed(found.passages[max(0, place - 15) : place]):
        one = entry(store, wording, node)
        if read["locator"].lower() == f"note to {one['label']['text']}".lower():
            return [one]
    return []
