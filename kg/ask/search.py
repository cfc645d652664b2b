"""Search by names first, then by texts: a page of the results for a text, by kind, and completions as one types.

See docs/decisions/search.md.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple, TypedDict

from pyoxigraph import Literal, NamedNode, Store

from kg.ask.ranking import rank_named, rank_passages
from kg.ask.texts import Texts
from kg.ask.understanding import Reader, Term, Understanding
from kg.errors import BadValueError, shorten
from kg.names import names_of, plain
from kg.names.search import KINDS, LONGEST_QUERY, PLACES, Extra, Hit, Search
from kg.publish.paging import count_pages, parse_page_number, rows_on_page
from kg.publish.search import SearchResult, describe_hit, one_line, search_of
from kg.rdf import namespaces as ns
from kg.rdf.lookup import nodes_of
from kg.rdf.vocabulary import CD
from kg.readings import Reading

PAGE_SIZE = 20
_LEAST_SHARE, _LEAST_OF_ALL = 0.5, 0.3
"""The least share of what is looked for that a text must have to be listed, and that of the best if none has it."""
_SAYING = ("passage", "source")
"""The kinds of what makes statements."""
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
    spelt = _spelt(names, wanted)
    found = _found_in_texts(store, spelt)
    named = _without(beside["left_out"], _named(names, spelt, found.called))
    known = {hit.thing.iri for hit in named}.union(beside["left_out"])
    kinds = names.kinds_of(iri for iri in found.said if iri not in known)
    if any(hit.is_exact for hit in named):
        kinds = {iri: of for iri, of in kinds.items() if of not in _NAMED}  # which have another name
    hits = [hit for hit in named if kind in ("", hit.thing.kind)]
    by_text = [iri for iri, of in kinds.items() if kind in ("", of)]
    total = len(hits) + len(by_text)
    pages = count_pages(total, PAGE_SIZE)
    number = parse_page_number(page, pages, "this search")
    counted = Counter([*(hit.thing.kind for hit in named), *kinds.values()])
    near = [] if named else _without(beside["left_out"], names.nearest(wanted) or names.found_by_text(found.parts))
    listed: list[Hit | str] = [*hits, *by_text]
    shown = [
        one if isinstance(one, Hit) else names.found_by_text([one])[0]
        for one in rows_on_page(listed, number, PAGE_SIZE)
    ]
    about = {iri: " · ".join(headings) for iri, _, headings in beside["guides"]}
    return SearchPage(
        query=wanted,
        kind=kind or None,
        total=total,
        page=number,
        pages=pages,
        kinds={each: counted[each] for each in KINDS if each in counted},
        results=[describe_hit(store, hit, about) for hit in shown],
        near=[describe_hit(store, hit, about) for hit in near],
    )


@Reading
def completions(
    store: Store, typed: str, beside: SearchExtras = NO_EXTRAS, kinds: Sequence[str] = ()
) -> list[TextCompletion]:
    """Return what a text that is being typed may become: names, questions that end in a name, and canned queries.

    With `kinds` it is the names of things of these kinds.
    """
    wanted = one_line(typed)[:LONGEST_QUERY]
    names = _search_with(store, beside)
    if kinds:
        start, hits = "", [hit for hit in names.find(wanted) if hit.thing.kind in kinds]
    else:
        start, hits = _last_named(names, wanted)
    found = [
        TextCompletion(
            text=f"{start}{(hit.name or hit.thing.label).value if start else hit.thing.label.value}",
            about=describe_hit(store, hit),
            is_question=bool(start),
        )
        for hit in islice(_without(beside["left_out"], hits), _MOST_NAMES)
    ]
    asked = (iri for iri in _queries_found(store, "" if kinds else wanted) if iri not in beside["left_out"])
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


def _spelt(names: Search, text: str) -> str:
    """Return a text as the name that it is has it: "Hong Kong" for "hongkong", "Core Cities" for "core-cities"."""
    called = [hit.name.value for hit in names.find(text) if hit.is_exact and hit.name is not None]
    same = [name for name in called if plain(name) == plain(text)]
    return next((name for name in same if name.casefold() == text.casefold()), same[0] if same else text)


def _named(names: Search, text: str, called: Sequence[str]) -> list[Hit]:
    """Return the things with a text in a name; one word that is a name in full is not found in the middle of others.

    What the text means by the wordings of people comes first if nothing has it as a name.
    """
    hits = names.find(text)
    if not any(hit.is_exact for hit in hits):
        alike = names.found_by_text((iri for iri in called if ns.kind_of(iri) in _NAMED), is_exact=True)
        return [*alike, *(hit for hit in hits if hit.thing.iri not in called)]
    word = plain(text)
    if " " in text or not word.isascii():
        return hits
    return [hit for hit in hits if hit.is_exact or hit.name is None or _has_word(hit.name.value, word)]


def _has_word(name: str, beginning: str) -> bool:
    return any(plain(word).startswith(beginning) for word in re.split(r"[^\w'’.&]+", name))


def _queries_found(store: Store, text: str) -> list[str]:
    with names_of(store).index() as index:
        texts = index.part(Texts, store)
        words = [term for term in _terms(Reader(names_of(store), texts).read(text))[0] if not term.is_proper]
        return [ns.QUERIES + name for name, share in rank_named(texts, words) if share >= _LEAST_SHARE]


class _FoundInTexts(NamedTuple):
    """What a text is `called` as a whole, and each of its `parts`; and what texts say (`said`) of it, best first."""

    called: tuple[str, ...]
    parts: list[str]
    said: list[str]


def _found_in_texts(store: Store, text: str) -> _FoundInTexts:
    """Return the IRIs of what a text names, and of texts that have enough of it."""
    with names_of(store).index() as index:
        texts = index.part(Texts, store)
        read = Reader(names_of(store), texts).read(text)
        terms, unknown = _terms(read)
        words = [term for term in terms if not term.is_proper and not unknown]
        passages = rank_passages(texts, terms, unknown, _SAYING)
        questions = rank_named(texts, words)[:_MOST_QUERIES]
        definitions = rank_named(texts, words, "defined")[:_MOST_DEFINITIONS]
    shares = (share for one in passages for share in (one.share, *(stated.share for stated in one.statements)))
    best = max(shares, default=0.0)
    least = _LEAST_SHARE if best >= _LEAST_SHARE else max(best, _LEAST_OF_ALL)
    found = [(ns.QUERIES + name, share, 0.0) for name, share in questions if share >= least]
    for passage in passages:
        stated = [one for one in passage.statements if one.share >= least]
        if passage.share >= least and ns.kind_of(passage.iri) == "passage":
            found.append((passage.iri, passage.share, max((one.score for one in stated), default=0.0)))
        found += ((thing, one.share, one.score) for one in stated for thing in _said_of(store, one.iri))
    found += ((iri, share, 0.0) for iri, share in definitions if share >= least)
    found.sort(key=lambda one: (-round(one[1], 1), -one[2]))
    named = [part for part in read.named if not part.is_near]
    called = next((part.things for part in named if part.text.casefold() == text.casefold()), ())
    return _FoundInTexts(called, [part.things[0] for part in named], [iri for iri, *_ in found])


def _terms(read: Understanding) -> tuple[list[Term], int]:
    """Return the terms of a text, and how many of its words nothing has; a name with a slip is one of these."""
    slips = {part.text for part in read.named if part.is_near}
    return [term for term in read.terms if term.text not in slips], len(read.unknown) + len(slips)


def _said_of(store: Store, statement: str) -> list[str]:
    """Return the IRI of the tie or thing that a statement describes, or else its own."""
    return [one.value for one in nodes_of(store, NamedNode(statement), CD.accountOf)] or [statement]
