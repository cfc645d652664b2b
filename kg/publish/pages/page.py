"""The page about a thing, as a value: what people read first of it, before all that is stated."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import TypedDict

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.publish.pages.disputes import Dispute, dispute_of
from kg.publish.pages.sections import PageSection, defining_accounts, sections_of, stated
from kg.publish.pages.ties import IN_A_LINE, TIES, TieOnMap, kind_of, position_of, ties_on_map
from kg.publish.pages.words import PropertyRow, SourcedValue, SourcedWords, Words
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.kinds import kind_of_thing
from kg.rdf.labels import NAMES, mark_if_curated, preferred_literal
from kg.rdf.lookup import match, nodes_of
from kg.rdf.passages import subject_of_entry
from kg.rdf.vocabulary import CD, DCTERMS, GEO, OWL, RDF, SH, SKOS, WGS84
from kg.readings import Reading
from kg.sparql.evaluation import select
from kg.wording import IriText


class EntityPage(TypedDict):
    """The beginning of the page about a thing.

    `name` is the title of a work, else the label of the thing; `kind` is that of the list that has it;
    `kinds` are its classes in words, the stated ones, and `classes` the prefixed names of all of them; `lead` is what
    it says itself; `point` latitude and longitude, and `on_map` the ties from there to other places.
    """

    name: IriText
    kind: str
    kinds: list[IriText]
    classes: list[str]
    names: list[IriText]
    within: list[IriText]
    lead: list[SourcedValue]
    dispute: Dispute | None
    first: list[PropertyRow]
    sections: list[PageSection]
    last: list[PropertyRow]
    point: list[str] | None
    on_map: list[TieOnMap]
    linked: dict[str, int]


_CLASS_WITH_KINDS = {CD.activityKind: CD.Activity, CD.organizationKind: CD.Organization, CD.placeKind: CD.Place}


@Reading
def entity_page(store: Store, iri: str, has_sections: bool = True) -> EntityPage:
    """Return the page about a thing: its lead, the statements about it, and the things that refer to it, in words.

    Without sections it only has the numbers of things of each kind that refer to it.
    """
    words, thing = Words(store), NamedNode(iri)
    kind = kind_of(thing)
    stated = property_rows(words, thing, kind)
    everything = {kind.value for kind in nodes_of(store, thing, RDF.type, None)}
    point = position_of(words, thing)
    return EntityPage(
        name=_heading(words, thing),
        kind=kind_of_thing(store, iri),
        kinds=kinds_in_words(words, thing),
        classes=sorted(map(ns.compact, everything)),
        names=names_of(words, thing),
        within=[words.name_of(place) for place in _enclosing_places(words, thing)],
        lead=_lead(words, thing),
        dispute=dispute_of(words, thing) if kind == "disagreement" else None,
        first=[*_entry_rows(words, thing), *stated["first"]],
        sections=sections_of(words, thing) if has_sections else [],
        last=stated["last"],
        point=point,
        on_map=ties_on_map(words, thing) if point else [],
        linked=_count_referrers(words, thing),
    )


def _heading(words: Words, thing: NamedNode) -> IriText:
    """Return the title of a publication with passages in the graph, for any other thing its name.

    The label of such a publication is how passages refer to it.
    """
    named = words.name_of(thing)
    title = preferred_literal(q.object for q in match(words.store, thing, DCTERMS.title, None, DefaultGraph()))
    if title is None or kind_of(thing) != "publication" or not any(match(words.store, None, DCTERMS.isPartOf, thing)):
        return named
    return IriText(text=mark_if_curated(words.store, thing, title.value), iri=named["iri"], lang=named["lang"])


def _is_stated(graph: object) -> bool:
    return graph not in graphs.NOT_STATED


def kinds_in_words(words: Words, thing: NamedNode) -> list[IriText]:
    """Return the stated classes of a thing among ours, and its kinds in the place of the class that has such kinds.

    For a thing without such a class it is the kind in its IRI.
    """
    kinds = {of: words.nodes(thing, predicate) for predicate, of in _CLASS_WITH_KINDS.items()}
    classes = [of for of in words.nodes(thing, RDF.type) if of.value.startswith(ns.CD) and not kinds.get(of)]
    found = [*classes, *(kind for of_class in kinds.values() for kind in of_class)]
    return [words.name_of(of) for of in found] or [IriText(text=kind_of(thing), iri=None, lang="en")]


def names_of(words: Words, thing: NamedNode) -> list[IriText]:
    """Return the other names of a thing, each once."""
    heading, label = _heading(words, thing)["text"], words.literal(thing, SKOS.prefLabel)
    shown = {heading, *([label.value] if label and heading == words.name_of(thing)["text"] else [])}
    found = [v for predicate in NAMES for v in words.values(thing, predicate) if isinstance(v, Literal)]
    return list({text.value: words.text(text) for text in found if text.value not in shown}.values())


def _enclosing_places(words: Words, thing: NamedNode) -> list[NamedNode]:
    """Return the places in which a place lies, the nearest first."""
    near, seen = list(words.nodes(thing, CD.within)), [thing]
    while near:
        place = near.pop(0)
        if place not in seen:
            seen.append(place)
            near += words.nodes(place, CD.within)
    return seen[1:]


def _lead(words: Words, thing: NamedNode) -> list[SourcedValue]:
    """Return the sentences by which a thing describes itself, each with its source.

    For an interpretation this is its reason, for a network what accounts say that it is; a disagreement has its reason
    below its sides.
    """
    by_kind = {"citation": [CD.note], "disagreement": []}
    own = [CD.says, CD.paraphrase, *by_kind.get(kind_of(thing), [CD.reason])]
    defined = defining_accounts(words, thing)
    return [stated(words, one, words.stated_by(one), words.sources_of(one)) for one in defined] + [
        SourcedValue(value=words.text(quad.object), parts=[_source_part(words, quad.graph_name)], against=[])
        for predicate in own
        for quad in sorted(words.quads_about(thing), key=str)
        if quad.predicate == predicate and _is_stated(quad.graph_name) and isinstance(quad.object, Literal)
    ]


@Reading
def matching_patterns(store: Store, thing: str, patterns: Iterable[str]) -> list[str]:
    """Return the patterns, among those that questions offer values by, whose values include a thing."""
    one = f"SELECT ?value {{ VALUES ?value {{ {NamedNode(thing)} }} %s }} LIMIT 1"
    return [pattern for pattern in patterns if next(iter(select(store, one % pattern)), None) is not None]


def _source_part(words: Words, graph: object) -> SourcedWords:
    sources = [words.source_of_graph(graph)] if isinstance(graph, NamedNode) and graph != graphs.PASSAGES else []
    return SourcedWords(words=[], sources=sources)


def _entry_rows(words: Words, thing: NamedNode) -> list[PropertyRow]:
    """Return the subject of an entry of a data set, and the item in the data set; no rows for any other thing."""
    about = subject_of_entry(words.store, thing)
    if about is None:
        return []
    values = [SourcedValue(value=words.name_of(node), parts=[], against=[]) for node in (about.thing, about.item)]
    return [PropertyRow(label=IriText(text="about", iri=None, lang="en"), values=values)]


def _count_referrers(words: Words, thing: NamedNode) -> dict[str, int]:
    """Return how many things of each kind refer to a thing."""
    return {kind: len(nodes) for kind, nodes in sorted(words.referrers_by_kind(thing).items()) if kind}


_AT_THE_END = {"NameGroup", "PlaceGroup", "LinkGroup", "EvidenceGroup"}
"""The groups whose rows are at the end of the page."""
_TECHNICAL = {
    *(RDF.type, GEO.hasGeometry, WGS84.lat, WGS84.long, OWL.deprecated, *(tie.own_property for tie in TIES)),
    *(SKOS.prefLabel, CD.statedIn, CD.onStatement, CD.statementGraph, CD.order, CD.position, CD.says),
    *(CD.earliest, CD.beginEarliest, CD.endEarliest, CD.atTimeEarliest),
    *(CD.latest, CD.beginLatest, CD.endLatest, CD.atTimeLatest),
    *(CD.paraphrase, CD.explanation, CD.reason, CD.accountOf, DCTERMS.isPartOf),
    *_CLASS_WITH_KINDS,
}
"""Properties that are elsewhere on the page, or only under "All statements"."""
_HIDDEN_BY_KIND = {"disagreement": {CD.disagreementKind, CD.onPassage, DCTERMS.creator, DCTERMS.created}}
"""Properties that the sides of a disagreement have already, or of which only data need to know."""
_SHOWN_BY_KIND = {
    "account": {CD.accountOf, CD.statedIn, CD.organizationKind},
    "citation": {CD.statedIn},
    "publication": {CD.statedIn, DCTERMS.isPartOf},
    "statistic": {CD.statedIn},
}
"""Properties among these that have a row for some kinds of things."""


_UNNAMED_GRAPHS = {
    NamedNode(ns.GRAPH + name) for name in ("passages", "register", "gazetteer", "found-by-name", "share-alike")
}
"""Graphs of ours that a row does not name as source: it names their sources, or none is needed."""


class PageRows(TypedDict):
    """The rows at the beginning of a page, and those at its end: names, place and links."""

    first: list[PropertyRow]
    last: list[PropertyRow]


def property_rows(words: Words, thing: NamedNode, kind: str) -> PageRows:
    """Return the rows for the statements about a thing."""
    hidden = (_TECHNICAL | _HIDDEN_BY_KIND.get(kind, set())) - _SHOWN_BY_KIND.get(kind, set())
    roles = {tie.own_property for tie in TIES if tie.kind == kind and kind not in IN_A_LINE}
    hidden -= roles
    by_predicate: dict[NamedNode, list[Quad]] = {}
    for quad in words.quads_about(thing):
        by_predicate.setdefault(quad.predicate, []).append(quad)
    classes = {quad.object for quad in match(words.store, thing, RDF.type)}
    found = [
        (*_field(words, predicate, classes), predicate, quads)
        for predicate, quads in by_predicate.items()
        if predicate not in hidden
    ]
    found.sort(key=lambda field: (field[0], field[2].value))
    stated = PageRows(first=[], last=[])
    named_graphs = {quad.graph_name for *_, quads in found for quad in quads} - _UNNAMED_GRAPHS
    for (_, group, _), label, predicate, quads in found:
        side = stated["last"] if group in _AT_THE_END else stated["first"]
        is_named = (
            len(named_graphs) > 1 and predicate not in roles
        )  # sources of the parties are below, with their statements
        side.append(PropertyRow(label=label, values=_sourced_values(words, quads, is_named=is_named)))
    return stated


def _sourced_values(words: Words, quads: Iterable[Quad], is_named: bool) -> list[SourcedValue]:
    """Return values with their sources; if a thing has one source only, that is named elsewhere on the page."""
    by_value: dict[str, list[Quad]] = {}
    for quad in sorted(quads, key=str):
        by_value.setdefault(str(quad.object), []).append(quad)
    return [
        SourcedValue(value=words.value(of[0].object), parts=[_part(words, of)] if is_named else [], against=[])
        for of in by_value.values()
    ]


def _part(words: Words, quads: Iterable[Quad]) -> SourcedWords:
    named = [quad for quad in quads if quad.graph_name not in _UNNAMED_GRAPHS]
    passages = [quad for quad in named if quad.graph_name != graphs.INTERPRETATION]
    return SourcedWords(
        words=[], sources=words.sources_of_quads(passages or named)
    )  # the editors only where no passage says so


def _field(words: Words, predicate: NamedNode, classes: Set[object]) -> tuple[tuple[float, str, float], IriText]:
    """Return the position of a property (order of its group, name of the group, order in it) and its label."""
    shapes = [quad.subject for quad in match(words.store, None, SH.path, predicate, graphs.SHAPES)]
    named = [shape for shape in shapes if isinstance(shape, NamedNode)]
    named.sort(key=lambda shape: (not _is_of(words, shape, classes), shape.value))
    for shape in named:
        group = next((g.object for g in match(words.store, shape, SH.group, None, graphs.SHAPES)), None)
        name = preferred_literal(quad.object for quad in match(words.store, shape, SH.name, None, graphs.SHAPES))
        if isinstance(group, NamedNode) and name is not None:
            place = (_number(words, group), group.value.rpartition("#")[2], _number(words, shape))
            return place, IriText(text=name.value, iri=predicate.value, lang=name.language or "")
    called = words.name_of(predicate)
    return (99, "", 0), IriText(text=called["text"].rpartition(":")[2], iri=predicate.value, lang="en")


def _is_of(words: Words, shape: NamedNode, classes: Set[object]) -> bool:
    """Return True if a property shape belongs to a node shape of one of some classes."""
    holders = (quad.subject for quad in match(words.store, None, SH.property, shape, graphs.SHAPES))
    targets = (q.object for holder in holders for q in match(words.store, holder, SH.targetClass, None, graphs.SHAPES))
    return any(target in classes for target in targets)


def _number(words: Words, shape: NamedNode) -> float:
    found = (quad.object for quad in match(words.store, shape, SH.order, None, graphs.SHAPES))
    return next((float(number.value) for number in found if isinstance(number, Literal)), 99)
