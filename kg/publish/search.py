"""Search the names in the graph and the canned queries: pages of results, and suggestions for a misspelt name.

Each result has what a reader needs to choose: what it is, and where.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice
from types import MappingProxyType
from typing import TypedDict

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kg.errors import BadValueError, shorten
from kg.names import names_of
from kg.names.search import DESCRIPTIONS, KINDS, LONGEST_QUERY, Extra, Hit, Search
from kg.publish.paging import count_pages, parse_page_number, rows_on_page
from kg.publish.work_names import named_in_work, work_names
from kg.queries import Parameter, canned_queries, choices
from kg.rdf import namespaces as ns
from kg.rdf.labels import label, mark_if_curated, preferred_literal
from kg.rdf.lookup import match
from kg.rdf.passages import reading_order
from kg.rdf.vocabulary import CD, SKOS
from kg.readings import Reading
from kg.sentences import sentences
from kg.wording import Wording, texts

PAGE_SIZE = 20
_LONGEST_SHOWN = 220


class Excerpt(TypedDict):
    """A text, maybe cut, and its language, None if it has none."""

    text: str
    lang: str | None


class SearchResult(TypedDict):
    """A result of a search.

    `name` is the other name by which it was found, if any; `is_called_so` is true if the text is one of its names or
    identifiers; `within` is where it lies or the vocabulary that it belongs to; `twins` are some of its twins, if that
    distinguishes it from others of its name; `about` describes it, maybe cut; `passages` is how many passages name it,
    and `works` how many of each work, by the short name of that.
    """

    iri: str
    kind: str
    label: Excerpt
    name: Excerpt | None
    is_called_so: bool
    within: list[Excerpt]
    twins: list[str]
    about: Excerpt | None
    passages: int
    works: dict[str, int]


class SearchPage(TypedDict):
    """A page of the results for a text, of one kind or of all.

    `kinds` counts the results of each kind, whichever is asked for; `near`, if no name contains the text, are things
    with similar names, or with one of its words as name.
    """

    query: str
    kind: str | None
    total: int
    page: int
    pages: int
    kinds: dict[str, int]
    results: list[SearchResult]
    near: list[SearchResult]


class SearchExtras(TypedDict):
    """The pages that a service adds to the search, and the results that it leaves out.

    `guides` are pages of its own, each with IRI, title and description; `left_out` are IRIs to leave out, such as
    questions without an answer here.
    """

    guides: Sequence[Sequence[str]]
    left_out: Sequence[str]


NO_EXTRAS = SearchExtras(guides=(), left_out=())


@Reading
def search(store: Store, text: str, kind: str, page: str, beside: SearchExtras = NO_EXTRAS) -> SearchPage:
    """Return a page of the results for a text (kg.names.search), of one kind or, if that is empty, of all.

    An empty text finds nothing. Raises BadValueError for a text that is too long and for an unknown kind,
    PageNumberError for a page.
    """
    wanted = one_line(text)
    if len(text) > LONGEST_QUERY:
        raise BadValueError(
            f"The parameter q cannot be {shorten(wanted)!r}: at most {LONGEST_QUERY} characters are looked up.",
            "Search for a name, a number such as Q956, or a few words.",
        )
    if kind and kind not in KINDS:
        raise BadValueError.of_unknown(f"The parameter kind cannot be {shorten(kind)!r}.", kind, KINDS)
    guides, left_out = beside["guides"], beside["left_out"]
    names = search_of(store).with_extras(Extra(iri, (Literal(title, language="en"),), of) for iri, title, of in guides)
    every = _without(left_out, names.find(wanted))
    hits = [hit for hit in every if kind in ("", hit.thing.kind)]
    pages = count_pages(len(hits), PAGE_SIZE)
    number = parse_page_number(page, pages, "this search")
    counted = Counter(hit.thing.kind for hit in every)
    about = {iri: of for iri, _, of in guides}
    return SearchPage(
        query=wanted,
        kind=kind or None,
        total=len(hits),
        page=number,
        pages=pages,
        kinds={each: counted[each] for each in KINDS if each in counted},
        results=[describe_hit(store, hit, about) for hit in rows_on_page(hits, number, PAGE_SIZE)],
        near=[]
        if any(hit.is_named for hit in every)
        else [describe_hit(store, hit, about) for hit in _without(left_out, _near(names, wanted))],
    )


@Reading
def naming_works(store: Store, iri: str) -> list[str]:
    """Return the works that name a thing, by their names in the IRIs of passages."""
    return [work for work, _ in search_of(store).passages(iri)]


def search_of(snapshot: Store) -> Search:
    """Return the search over a snapshot and the canned queries."""
    return Search(names_of(snapshot)).with_extras(_query_entries())


def one_line(text: str) -> str:
    """Return a text in one line, with a space for each character that cannot be printed."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def describe_hit(store: Store, hit: Hit, about: Mapping[str, str] = MappingProxyType({})) -> SearchResult:
    """Return a hit as a result, described by the graph or, by its IRI, in `about`."""
    thing = hit.thing
    shown = _excerpt(thing.label)
    return SearchResult(
        iri=thing.iri,
        kind=thing.kind,
        label=Excerpt(text=mark_if_curated(store, NamedNode(thing.iri), shown["text"]), lang=shown["lang"]),
        name=_excerpt(hit.name) if hit.name is not None and hit.name.value != thing.label.value else None,
        is_called_so=hit.is_exact,
        within=_within(store, NamedNode(thing.iri)),
        twins=names_of(store).distinguishing_twins(NamedNode(thing.iri)),
        about=_excerpt(Literal(about[thing.iri], language="en")) if thing.iri in about else _about(store, thing.iri),
        passages=sum(number for _, number in thing.passages),
        works={work_names(store, True).get(work, work): number for work, number in thing.passages},
    )


def description(store: Store, iri: str) -> str:
    """Return words that describe a thing, maybe cut; empty where the graph has none."""
    found = _about(store, iri)
    return found["text"] if found is not None else ""


def _without(left_out: Sequence[str], hits: list[Hit]) -> list[Hit]:
    return [hit for hit in hits if hit.thing.iri not in left_out]


def _near(names: Search, text: str) -> list[Hit]:
    of_words = (hit for word in text.split() for hit in names.find(word)[:1] if hit.is_exact)
    return names.nearest(text) or list({hit.thing.iri: hit for hit in of_words}.values())


@lru_cache(maxsize=1)
def _query_entries() -> tuple[Extra, ...]:
    return tuple(
        Extra(
            ns.QUERIES + query.name,
            (Literal(query.summary, language="en"),),
            f"{query.topic.replace('-', ' ')} {query.description} {' '.join(query.tags)}",
        )
        for query in canned_queries().values()
    )


def _within(store: Store, thing: NamedNode) -> list[Excerpt]:
    wholes = {
        quad.object
        for predicate in (CD.within, SKOS.inScheme)
        for quad in match(store, thing, predicate, None, DefaultGraph())
        if isinstance(quad.object, NamedNode)
    }
    labels = (label(store, whole) for whole in sorted(wholes, key=str))
    return [_excerpt(literal) for literal in labels if literal is not None]


def _about(store: Store, iri: str) -> Excerpt | None:
    query = canned_queries().get(iri.removeprefix(ns.QUERIES))
    if query is not None:
        return _excerpt(Literal(query.description.partition("\n\n")[0], language="en"))
    thing = NamedNode(iri)
    if any(match(store, thing, CD.counts, None, DefaultGraph())):
        said = sentences(Wording(store), thing, DefaultGraph())
        return _excerpt(Literal(" ".join(sentence["text"] for sentence in said), language="en"))
    for predicate in DESCRIPTIONS:
        stated = preferred_literal(quad.object for quad in match(store, thing, predicate, None, DefaultGraph()))
        if stated is not None:
            return _excerpt(stated)
    return _account_notes(store, thing)


def _account_notes(store: Store, thing: NamedNode) -> Excerpt | None:
    """Return the times and notes in the accounts of a thing, each with its source, as a text."""
    wording, order, names = Wording(store), reading_order(store), work_names(store)
    notes_by_place: list[tuple[int, str]] = []
    for account in match(store, None, CD.accountOf, thing, DefaultGraph()):
        facts = wording.facts(account.subject, DefaultGraph()) if isinstance(account.subject, NamedNode) else {}
        notes = [
            wording.property_text(time, facts[time])["text"] for time in (CD.begin, CD.end, CD.atTime) if time in facts
        ]
        notes += [note["text"] for note in texts(facts, CD.note)]
        for source in facts.get(CD.statedIn, []):
            if notes and isinstance(source, NamedNode):
                place = order.get(source.value, len(order))
                named = named_in_work(names, source.value, wording.name_of(source)["text"])
                notes_by_place.append((place, f"{named}: {'; '.join(notes)}"))
    return (
        _excerpt(Literal(" · ".join(text for _, text in sorted(notes_by_place)), language="en"))
        if notes_by_place
        else None
    )


def _excerpt(literal: Literal) -> Excerpt:
    """Return a text in one line, cut between words if it is long."""
    text = " ".join(literal.value.split())
    if len(text) > _LONGEST_SHOWN:
        text = re.sub(r"\s+\S*$", "", text[:_LONGEST_SHOWN]) + " …"
    return Excerpt(text=text, lang=literal.language)


_MOST = 5


@Reading
def suggestions(store: Store, text: str, kinds: list[str], left_out: Sequence[str] = ()) -> list[SearchResult]:
    """Return the things that a text may mean: by the same name, by a similar one, or by a part of a name.

    Things of `kinds` come first; IRIs in `left_out` are skipped. Only the beginning of a long text is used.
    """
    ranked = [hit for hit in _rank(store, text) if hit.thing.iri not in left_out]
    ranked.sort(key=lambda hit: hit.thing.kind not in kinds)
    return [describe_hit(store, hit) for hit in ranked[:_MOST]]


def fitting_choices(store: Store, parameter: Parameter, text: str) -> dict[str, str]:
    """Return the choices that a parameter may mean by a text, with their labels, the best first.

    If any thing is allowed, any may be suggested; if choices are neither things nor concepts, none is.
    """
    known = choices(store, parameter)
    if not known and parameter.type != "iri":
        return {}
    things = (hit.thing for hit in _rank(store, text.rpartition(":")[2] or text))
    named = ((ns.compact(thing.iri), thing.label.value) for thing in things if known or thing.iri.startswith(ns.ID))
    return dict(islice(((name, known.get(name, label)) for name, label in named if not known or name in known), _MOST))


def _rank(store: Store, text: str) -> list[Hit]:
    wanted = one_line(text[:LONGEST_QUERY])
    hits = [hit for hit in search_of(store).find(wanted) if hit.is_named]
    likest: dict[str, Hit] = {}
    for hit in (*(hit for hit in hits if hit.is_exact), *search_of(store).nearest(wanted), *hits):
        likest.setdefault(hit.thing.iri, hit)
    return list(likest.values())
