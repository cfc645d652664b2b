"""The page about an entity: what it is about in words, who says so and who says otherwise; or its statements.

That of a passage has what it states in sentences, in its place in the work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Any
from urllib.parse import quote, urlencode

from flask import render_template
from markupsafe import Markup
from pyoxigraph import NamedNode, Quad

from kg.publish.pages import EntityPage, matching_patterns
from kg.publish.search import naming_works
from kg.publish.work_names import named_in_work
from kg.publish.works import work_passage
from kg.queries import Parameter, Question
from kg.rdf import namespaces as ns
from kg.rdf.scopes import EVERYTHING, REPORT
from kg.rdf.vocabulary import CD, RDF, SKOS
from kg.wording import IriText
from server import addresses, scopes
from server.figures import Route, Spot, locator
from server.linked_data.schema_org import as_schema_org
from server.service import service
from server.web import Document, Labels, LinkedText

_HIDDEN = {SKOS.prefLabel, CD.statedIn, CD.accountOf}
_LONGEST_DESCRIPTION = 250
_MOST_ON_MAP = 60
_MOST_ASKED = 5
_TOPICS = ("twinnings", "memberships", "networks", "disagreements", "evidence", "activities-and-functions")
"""Topics of questions that come first."""
_NO_WORK, _OBJECTIONS = "Other sources", "Objections"


@dataclass(frozen=True)
class StatementRow:
    """One statement of a page, with the graphs that say so."""

    predicate: LinkedText
    value: LinkedText
    sources: tuple[LinkedText, ...]


@dataclass(frozen=True)
class NodeSection:
    """The statements about one node."""

    title: LinkedText
    kind: str
    rows: tuple[StatementRow, ...]


@dataclass(frozen=True)
class ScopeNote:
    """What a page says of the scope that its address asks for.

    That is its name, whether the page is of it alone, which it is not of a thing that the scope has not, the names of
    the other works that name the thing, and the address of what all say.
    """

    title: str
    is_followed: bool
    others: tuple[str, ...]
    href: str


@dataclass(frozen=True)
class Navigation:
    """The links of a page about the thing of an IRI.

    That is to the pages before and behind it by relation; to the page that people read and to its data; to the ways to
    read the data by their names, of which `view` is one; to where it is found by all; to the changes that have changed
    the thing last. `page` is its number of `count`; `is_overview`: it begins with what people read.
    """

    iri: str
    neighbours: Mapping[str, str]
    views: Mapping[str, str]
    data: Mapping[str, str]
    view: str
    is_overview: bool
    canonical: str
    page: int
    count: int
    changes: list[int]

    @property
    def kind(self) -> str:
        """The kind of the thing, as its IRI names it."""
        return ns.kind_of(self.iri)

    @property
    def history_address(self) -> str:
        """The list of the changes of the thing."""
        return f"/changes?{urlencode({'about': self.iri})}"

    @property
    def edit_address(self) -> str:
        """The page of the desk at which the thing is changed."""
        return f"/desk?{urlencode({'about': ns.compact(self.iri)})}"

    @property
    def places_query(self) -> str:
        """The query for all places within the thing: their statements do not stand with its own."""
        thing = ns.compact(self.iri)
        query = f"SELECT ?place ?name {{\n  ?place cd:within {thing} ; skos:prefLabel ?name\n}} ORDER BY ?name ?place"
        return f"/sparql?{urlencode({'query': query})}"


def render_entity(document: Document, about: EntityPage, quads: list[Quad], ways: Navigation) -> str:
    """Return the page about an entity: what it is about, or the statements of a page of its description."""
    iri = NamedNode(ways.iri)
    stated: dict[NamedNode, list[Quad]] = {}
    for quad in quads:
        if (
            isinstance(quad.graph_name, NamedNode)  # all is there without a graph, too
            and isinstance(quad.subject, NamedNode)
            and quad.subject.value.startswith(ns.ID)
            and quad.predicate not in _HIDDEN
        ):
            stated.setdefault(quad.subject, []).append(quad)
    told = [quad for of in stated.values() for quad in of]
    graphs = {quad.graph_name for quad in told if isinstance(quad.graph_name, NamedNode)}
    labels = Labels.of([*stated, *(term for quad in told for term in (quad.predicate, quad.object))], graphs)
    nodes = sorted(stated, key=lambda node: (node != iri, node.value))
    return render_template(
        "entity.html",
        **_overview_words(document, about, ways),
        sections=[_section(labels, node, stated[node]) for node in nodes],
    )


def _overview_words(document: Document, about: EntityPage, ways: Navigation) -> dict[str, Any]:
    """Return what the template of an overview takes: the thing in words, and what stands beside."""
    description = _description(about)
    return {
        "about": LinkedText.throughout(about),
        "document": document,
        "description": description,
        "linked": as_schema_org(about, description),
        "crumbs": crumbs(about),
        "scope_note": scope_note(document, ways.iri),
        "questions": _questions(about),
        "place": _map(about),
        "plural": plural,
        "reader": _work_address(about),
        "by_work": _group_by_work,
        "ways": ways,
    }


def crumbs(about: EntityPage) -> list[tuple[str, str]]:
    """Return the way down to the page of a thing."""
    if about["kind"] == "disagreement":
        return [("Disagreements", "/disagreements")]
    return [("Lists", "/doc"), (plural(about["kind"]).capitalize(), f"/doc/{about['kind']}")]


def plural(kind: str) -> str:
    """Return the name of a kind of thing for several of them."""
    if kind.endswith("ness"):
        return f"{kind} statements"
    return f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"


def scope_note(document: Document, iri: str) -> ScopeNote | None:
    """Return what the page about a thing says of the scope that its address asks for; None where that is all works."""
    asked = scopes.chosen_scope()
    if asked == EVERYTHING or not service.revisions.current().works:
        return None
    own = scopes.work_of_scope(asked)
    with service.revisions.in_scope(EVERYTHING):
        naming, names = service.workers.read(naming_works, iri), Labels.of_works(data_sets=True)
    others = tuple(names.get(work, work) for work in naming if work != own)
    is_followed = service.revisions.scope() == asked
    return ScopeNote(scopes.scope_titles()[asked], is_followed, others, f"{document.address}?scope={EVERYTHING}")


def _group_by_work(said: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Return what is said by the work that says it, each with its name; in one group without a name where it is one.

    Those who object to the thing itself, and not to what one source says of it, come last.
    """
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for one in said:
        sources = (source.href or "" for part in one["parts"] for source in part["sources"])
        passage = next((f"{ns.ID}{href.removeprefix('/doc/')}" for href in sources if "/passage/" in href), "")
        by_source = LinkedText.work_name(passage) if passage else _NO_WORK
        groups.setdefault(_OBJECTIONS if one["against"] and not one["parts"] else by_source, []).append(one)
    return [("", list(said))] if len(groups.keys() - {_NO_WORK, _OBJECTIONS}) < 2 else list(groups.items())


def _description(about: EntityPage) -> str:
    """Return the page in a sentence: what the thing says itself, else what it is and its first ties."""
    lead = about["lead"][0]["value"]["text"] if about["lead"] else ""
    if about["dispute"] and about["dispute"]["explanation"]:
        lead = about["dispute"]["explanation"][0]["text"]
    kinds = ", ".join(kind["text"] for kind in about["kinds"])
    within = f" in {about['within'][0]['text']}" if about["within"] else ""
    ties = [
        f"{row['label']['text']} {', '.join(said['value']['text'] for said in row['values'][:3])}"
        for row in (*about["first"], *(row for section in about["sections"] for row in section["rows"]))
    ]
    text = lead or f"{about['name']['text']}, {kinds}{within}{': ' if ties else ''}{'; '.join(ties[:3])}"
    return text if len(text) <= _LONGEST_DESCRIPTION else f"{text[:_LONGEST_DESCRIPTION].rsplit(' ', 1)[0]} …"


def _map(about: EntityPage) -> Markup | None:
    """Return a small map of the ties of a thing to places, or of where it lies; None for what has no position."""
    if about["point"] is None:
        return None
    here = _spot(about["name"], about["point"])
    return locator(here, [_route(here, tie) for tie in about["on_map"][:_MOST_ON_MAP]])


def _spot(named: IriText, point: Sequence[str]) -> Spot:
    latitude, longitude = map(float, point)
    return Spot(named["text"], LinkedText.of("", named["iri"] or "").href or "", (longitude, latitude))


def _route(here: Spot, tie: Mapping[str, Any]) -> Route:
    there, against = _spot(tie["place"], tie["point"]), [one["text"] for one in tie["denied_by"]]
    denied = f"; denied by {', '.join(against)}" if against else ""
    title, css = f"{tie['kind']}: {here.name} – {there.name}{denied}", "alone of-denies" if against else "alone"
    return Route(title, LinkedText.of("", tie["relation"]).href or "", here, there, css, "denies" if against else "")


def _work_address(about: EntityPage) -> str | None:
    """Return where a work of which passages are known is read in order; None for any other thing."""
    kind, _, slug = (about["name"]["iri"] or "").removeprefix(ns.ID).partition("/")
    rows = [row["label"]["text"] for section in about["sections"] for row in section["rows"]]
    return f"/works/{slug}" if kind in ("publication", "source") and "passages" in rows else None


def _questions(about: EntityPage) -> list[LinkedText]:
    """Return the canned questions about a thing that find something: a few, of different topics, with its name in them.

    They need no other value. They ask the works that the page shows, also where without `scope=` they would ask the
    report alone.
    """
    found: dict[str, list[LinkedText]] = {}
    for topic, question in _askable(about):
        found.setdefault(topic, []).append(question)
    by_interest = sorted(found, key=lambda topic: (*_TOPICS, topic).index(topic))
    turns = chain.from_iterable(zip_longest(*(found[topic] for topic in by_interest)))
    return [question for question in turns if question][:_MOST_ASKED]


def _askable(about: EntityPage) -> Iterator[tuple[str, LinkedText]]:
    """Yield the canned questions that need no other value than this thing, each with its topic."""
    iri = about["name"]["iri"] or ""
    has_others, shown = bool(service.revisions.current().works), service.revisions.scope()
    has_disputes = any(section["disputes"] for section in about["sections"])
    queries = [query for query in service.questions.answerable() if has_disputes or query.topic != "disagreements"]
    queries.sort(key=lambda query: not query.summary_of("one"))  # those on a city, say, before those on any thing
    silent = _patterns_without_rows(iri, about, [parameter for query in queries for parameter in query.parameters])
    for query in queries:
        for parameter in query.parameters:
            named = query.named_with(parameter, about["name"]["text"])
            is_matched = parameter.offered and "SELECT" not in parameter.offered
            has_rows = (parameter.of_class and parameter.is_required) or is_matched or "profile" in query.tags
            fits = parameter.takes(about["classes"]) and has_rows and parameter.offered not in silent
            if fits and named and not Question(query, {parameter.name: ns.compact(iri)}).missing_value:
                scope = {"scope": shown} if query.scope == REPORT and has_others else {}
                values = urlencode({parameter.name: ns.compact(iri), **scope})
                yield query.topic, LinkedText(named, f"/queries/{quote(query.name)}?{values}")
                break


def _patterns_without_rows(iri: str, about: EntityPage, parameters: Iterable[Parameter]) -> set[str]:
    """Return of the patterns of values for which there are rows those that have not this thing among them.

    Of a pattern that is not bound by its value, as a subquery is not, it would take long to know.
    """
    fitting = (one.offered for one in parameters if one.offered and one.takes(about["classes"]))
    patterns = {one for one in fitting if "SELECT" not in one}
    return patterns.difference(service.workers.read(matching_patterns, iri, sorted(patterns)) if patterns else ())


def _section(labels: Labels, node: NamedNode, quads: list[Quad]) -> NodeSection:
    sources: dict[tuple[NamedNode, str], list[LinkedText]] = {}
    values = {}
    for quad in quads:
        key = (quad.predicate, str(quad.object))
        values[key] = quad.object
        sources.setdefault(key, []).append(_graph_label(labels, quad))
    rows = tuple(
        StatementRow(labels.value(predicate), labels.value(values[predicate, text]), tuple(said))
        for (predicate, text), said in sorted(sources.items(), key=lambda item: _row_order(*item[0]))
    )
    return NodeSection(labels.value(node), ns.kind_of(node.value), rows)


def _row_order(predicate: NamedNode, value: str) -> tuple[bool, str, str]:
    """Order rows: the type first, then by property and value."""
    return predicate != RDF.type, predicate.value, value


def _graph_label(labels: Labels, quad: Quad) -> LinkedText:
    graph = quad.graph_name
    assert isinstance(graph, NamedNode)
    return labels.graph(graph)


def render_passage(document: Document, about: EntityPage, ways: Navigation) -> str:
    """Return the page of a passage; it names all that disagrees with it, whichever scope is asked for."""
    work, _, name = ways.iri.removeprefix(f"{ns.ID}passage/").rpartition("/")
    with service.revisions.in_scope(EVERYTHING):
        read = service.workers.read(work_passage, work, name)
    beside = {relation: one for relation, one in (("prev", read["prev"]), ("next", read["next"])) if one}
    return render_template(
        "passage.html",
        **_overview_words(document, about, ways),
        addresses=addresses,
        read=read,
        title=named_in_work(Labels.of_works(), ways.iri, about["name"]["text"]),
        turned={relation: addresses.reading_address(one["iri"]) for relation, one in beside.items()},
        words={relation: one["label"]["text"] for relation, one in beside.items()},
        as_json=addresses.document(work, name).at("json"),
    )
