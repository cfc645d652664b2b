"""Search the names in the graph and of the canned queries, for a text that may be misspelt.

Each result has what a reader needs to choose: what it is, and where.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice
from types import MappingProxyType
from typing import TypedDict

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kg.names import names_of
from kg.names.search import DESCRIPTIONS, LONGEST_QUERY, Extra, Hit, Search
from kg.publish.work_names import named_in_work, work_names
from kg.queries import Parameter, canned_queries, choices
from kg.rdf import namespaces as ns
from kg.rdf.labels import label, mark_if_curated, preferred_literal
from kg.rdf.lookup import match, nodes_of
from kg.rdf.passages import reading_order
from kg.rdf.vocabulary import CD, SKOS
from kg.readings import Reading
from kg.sentences import sentences
from kg.wording import Wording, texts

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
    described = _excerpt(Literal(about[thing.iri], language="en")) if thing.iri in about else _about(store, thing.iri)
    if described and shown["text"].startswith(described["text"].rstrip("…. ")):
        described = None  # a statement whose text is its label
    return SearchResult(
        iri=thing.iri,
        kind=thing.kind,
        label=Excerpt(text=mark_if_curated(store, NamedNode(thing.iri), shown["text"]), lang=shown["lang"]),
        name=_excerpt(hit.name) if hit.name is not None and hit.name.value != thing.label.value else None,
        is_called_so=hit.is_exact,
        within=_within(store, NamedNode(thing.iri)),
        twins=names_of(store).distinguishing_twins(NamedNode(thing.iri)),
        about=described,
        passages=sum(number for _, number in thing.passages),
        works={work_names(store, True).get(work, work): number for work, number in thing.passages},
    )


def description(store: Store, iri: str) -> str:
    """Return words that describe a thing, maybe cut; empty where the graph has none."""
    found = _about(store, iri)
    return found["text"] if found is not None else ""


@lru_cache(maxsize=1)
def _query_entries() -> tuple[Extra, ...]:
    return tuple(
        Extra(ns.QUERIES + query.name, (Literal(query.summary, language="en"),)) for query in canned_queries().values()
    )


def _within(store: Store, thing: NamedNode) -> list[Excerpt]:
    wholes = {whole for predicate in (CD.within, SKOS.inScheme) for whole in nodes_of(store, thing, predicate)}
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
    """Return the times and notes in the accounts of a thing, or if these have none their sentences, with sources."""
    wording, order, names = Wording(store), reading_order(store), work_names(store)
    notes_by_place: list[tuple[int, str]] = []
    said_by_place: list[tuple[int, str]] = []
    for account in match(store, None, CD.accountOf, thing, DefaultGraph()):
        facts = wording.facts(account.subject, DefaultGraph()) if isinstance(account.subject, NamedNode) else {}
        notes = [
            wording.property_text(time, facts[time])["text"] for time in (CD.begin, CD.end, CD.atTime) if time in facts
        ]
        notes += [note["text"] for note in texts(facts, CD.note)]
        said = [own["text"] for own in texts(facts, CD.says)]
        for source in facts.get(CD.statedIn, []):
            if (notes or said) and isinstance(source, NamedNode):
                place = order.get(source.value, len(order))
                named = named_in_work(names, source.value, wording.name_of(source)["text"])
                told = notes_by_place if notes else said_by_place
                told.append((place, f"{named}: {'; '.join(notes or said)}"))
    told = sorted(notes_by_place or said_by_place)
    return _excerpt(Literal(" · ".join(text for _, text in told), language="en")) if told else None


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
