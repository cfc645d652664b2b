"""Search by names first, then by texts: a page of the results for a text, by kind, and completions as one types.

See docs/decisions/search.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypedDict

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kg.ask.ranking import rank_definitions, rank_passages, rank_questions
from kg.ask.texts import Texts
from kg.ask.understanding import Reader, Term
from kg.errors import BadValueError, shorten
from kg.names import names_of
from kg.names.search import KINDS, LONGEST_QUERY, PLACES, Extra, Hit, Search
from kg.publish.paging import count_pages, parse_page_number, rows_on_page
from kg.publish.search import SearchResult, describe_hit, one_line, search_of
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD
from kg.readings import Reading

PAGE_SIZE = 20
_LEAST_SHARE = 0.5
"""The least share of what is looked for that a text must have to be listed."""
_MOST_NAMES, _MOST_QUESTIONS = 6, 4
"""Completions of each sort."""
_MOST_QUERIES, _MOST_DEFINITIONS = 10, 20
"""Results of each sort that are found by their texts."""
_MOST_LAST_WORDS = 4
_NAMED = (*PLACES, "nation", "country", "network", "organisation", "person")
"""The kinds of things whose names complete a question."""


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

    `guides` are pages of its own, each with IRI, title and headings, which are names for it; `left_out` are IRIs to
    leave out, such as questions without an answer here.
    """

    guides: Sequence[tuple[str, str, Sequence[str]]]
    left_out: Sequence[str]


NO_EXTRAS = SearchExtras(guides=(), left_out=())


class TextCompletion(TypedDict):
    """What a text may become: a thing of that name or a canned query (`about`), or a question that names the thing."""

    text: str
    about: SearchResult
    is_question: bool


@Reading
def search(store: Store, text: str, kind: str, page: str, beside: SearchExtras = NO_EXTRAS) -> SearchPage:
    """Return a page of the results for a text, of one kind or, if that is empty, of all: names first, then texts.

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
    names = _search_with(store, beside)
    named = names.find(wanted)
    known = {hit.thing.iri for hit in named}.union(beside["left_out"])
    by_text = names.found_by_text(iri for iri in _found_by_text(store, wanted) if iri not in known)
    if any(hit.is_exact for hit in named):
        by_text = [hit for hit in by_text if hit.thing.kind not in _NAMED]  # which have another name
    every = [*_without(beside["left_out"], named), *by_text]
    hits = [hit for hit in every if kind in ("", hit.thing.kind)]
    pages = count_pages(len(hits), PAGE_SIZE)
    number = parse_page_number(page, pages, "this search")
    counted = Counter(hit.thing.kind for hit in every)
    near = [] if named else _without(beside["left_out"], _near(names, wanted))
    about = {iri: " · ".join(headings) for iri, _, headings in beside["guides"]}
    return SearchPage(
        query=wanted,
        kind=kind or None,
        total=len(hits),
        page=number,
        pages=pages,
        kinds={each: counted[each] for each in KINDS if each in counted},
        results=[describe_hit(store, hit, about) for hit in rows_on_page(hits, number, PAGE_SIZE)],
        near=[describe_hit(store, hit, about) for hit in near],
    )


@Reading
def completions(store: Store, typed: str, beside: SearchExtras = NO_EXTRAS) -> list[TextCompletion]:
    """Return what a text that is being typed may become: names, questions that end in a name, and canned queries."""
    wanted = one_line(typed)[:LONGEST_QUERY]
    names = _search_with(store, beside)
    start, hits = _last_named(names, wanted)
    found = [
        TextCompletion(
            text=f"{start}{(hit.name or hit.thing.label).value if start else hit.thing.label.value}",
            about=describe_hit(store, hit),
            is_question=bool(start),
        )
        for hit in islice(_without(beside["left_out"], hits), _MOST_NAMES)
    ]
    asked = (iri for iri in _queries_found(store, wanted) if iri not in beside["left_out"])
    queries = names.found_by_text(iri for iri in asked if all(one["about"]["iri"] != iri for one in found))
    return found + [
        TextCompletion(text=hit.thing.label.value, about=describe_hit(store, hit), is_question=False)
        for hit in queries[:_MOST_QUESTIONS]
    ]


def _search_with(store: Store, beside: SearchExtras) -> Search:
    return search_of(store).with_extras(
        Extra(iri, tuple(Literal(name, language="en") for name in (title, *headings)))
        for iri, title, headings in beside["guides"]
    )


def _last_named(names: Search, text: str) -> tuple[str, list[Hit]]:
    """Return the things that a text, its last words or a similar text may name, and what stands before these words."""
    words = text.split()
    for count in (len(words), *range(min(_MOST_LAST_WORDS, len(words) - 1), 0, -1)):
        last = " ".join(words[len(words) - count :])
        is_whole = count == len(words)
        found = [hit for hit in names.find(last) if is_whole or hit.thing.kind in _NAMED]
        if found:
            return ("" if is_whole else f"{' '.join(words[:-count])} "), found
    return "", names.nearest(text)


def _without(left_out: Sequence[str], hits: list[Hit]) -> list[Hit]:
    return [hit for hit in hits if hit.thing.iri not in left_out]


def _near(names: Search, text: str) -> list[Hit]:
    of_words = (hit for word in text.split() for hit in names.find(word)[:1] if hit.is_exact)
    return names.nearest(text) or list({hit.thing.iri: hit for hit in of_words}.values())


def _queries_found(store: Store, text: str) -> list[str]:
    with names_of(store).index() as index:
        texts = index.part(Texts, store)
        words = [term for term in _terms(Reader(names_of(store), texts), text)[0] if not term.is_proper]
        return [ns.QUERIES + name for name, share in rank_questions(texts, words) if share >= _LEAST_SHARE]


def _found_by_text(store: Store, text: str) -> list[str]:
    """Return the IRIs of what texts say that have enough of a text, the best first."""
    with names_of(store).index() as index:
        texts = index.part(Texts, store)
        terms, unknown = _terms(Reader(names_of(store), texts), text)
        words = [term for term in terms if not term.is_proper and not unknown]
        shares = [(ns.QUERIES + name, share) for name, share in rank_questions(texts, words)[:_MOST_QUERIES]]
        for passage in rank_passages(texts, terms, unknown):
            shares.append((passage.iri, passage.share))
            shares += ((thing, one.share) for one in passage.statements for thing in _said_of(store, one.iri))
        shares += rank_definitions(texts, words)[:_MOST_DEFINITIONS]
    return [iri for iri, share in sorted(shares, key=lambda one: -round(one[1], 1)) if share >= _LEAST_SHARE]


def _terms(reader: Reader, text: str) -> tuple[list[Term], int]:
    """Return the terms of a text, and how many of its words nothing has; a name with a slip is one of these."""
    read = reader.read(text)
    slips = {part.text for part in read.named if part.is_near}
    return [term for term in read.terms if term.text not in slips], len(read.unknown) + len(slips)


def _said_of(store: Store, statement: str) -> Iterator[str]:
    """Yield the IRI of the tie or thing that a statement describes, or else its own."""
    described = match(store, NamedNode(statement), CD.accountOf, None, DefaultGraph())
    ties = [quad.object.value for quad in described if isinstance(quad.object, NamedNode)]
    yield from ties or [statement]
