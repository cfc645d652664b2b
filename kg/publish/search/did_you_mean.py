"""What somebody may have meant who asked for what is not there: under a wrong name, or a wrong kind."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from pyoxigraph import Store

from kg.names.search import LONGEST_QUERY, Hit
from kg.publish.search.found import SearchResult, describe_hit, one_line, search_of
from kg.queries import Parameter, choices
from kg.rdf import namespaces as ns
from kg.readings import Reading

_MOST = 5


@Reading
def did_you_mean(store: Store, text: str, kinds: list[str], left_out: Sequence[str] = ()) -> list[SearchResult]:
    """Return what a text may mean: what is called so, what nearly so, and what has it in a name.

    Of each first what is of one of the kinds; nothing that is `left_out`, by its IRI. Of a long text the beginning
    counts.
    """
    ranked = [hit for hit in _rank(store, text) if hit.thing.iri not in left_out]
    ranked.sort(key=lambda hit: hit.thing.kind not in kinds)
    return [describe_hit(store, hit) for hit in ranked[:_MOST]]


def fitting_choices(store: Store, parameter: Parameter, text: str) -> dict[str, str]:
    """Return which of its choices a parameter may mean by a text, with their labels, the likeliest first.

    Where any thing will do, it may be any; where there are others than things and concepts, nothing is meant.
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
