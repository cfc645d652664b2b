"""Changes in words, for pages and feeds."""

from __future__ import annotations

from collections.abc import Sequence

from pyoxigraph import Store

from kg.rdf.change import Change
from kg.rdf.serialise import quads_of
from kg.readings import Reading
from kg.sentences import ChangedThing, changed_sentences


@Reading
def changes_in_words(store: Store, changes: Sequence[tuple[Sequence[str], Sequence[str]]]) -> list[list[ChangedThing]]:
    """Return what each of some changes adds and removes in sentences, by thing.

    A change is the quads that it adds and those that it removes, as lines of N-Quads (`Record.of_whole_things`).
    """
    return [changed_sentences(store, Change(quads_of(added), quads_of(removed))) for added, removed in changes]
