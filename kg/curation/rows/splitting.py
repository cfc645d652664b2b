"""The rows of a proposal, to be decided apart: what it says of one thing, with its accounts and what only these need.

Each subject is in one row, so the parts of a proposal can be made in any order, and make together what it makes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad, Store

from kg.history import ConflictError
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD, RDF

_ATTACHED = frozenset({"source", "reference", "citation", "geometry"})
"""Kinds of things that stand in the row that mentions them, if it is one row and they are new."""


@dataclass(frozen=True)
class ProposalRow:
    """What a change does to a thing, by its IRI, and the things of other rows without which it cannot be made."""

    thing: str
    subjects: frozenset[str]
    change: Change
    needs: frozenset[str] = frozenset()


def rows_of(store: Store, change: Change) -> list[ProposalRow]:
    """Return the rows of a change to a store, by their things."""
    by_subject: dict[str, list[Quad]] = {}
    for quad in change.added | change.removed:
        by_subject.setdefault(_iri(quad), []).append(quad)
    new = change.new_in(store)
    homes = _homes(store, change, by_subject, new)
    subjects: dict[str, set[str]] = {}
    for subject, thing in homes.items():
        subjects.setdefault(thing, set()).add(subject)
    needs = _needs(change, homes, new)
    return [
        ProposalRow(thing, frozenset(of), change.about(of), frozenset(needs.get(thing, ())))
        for thing, of in sorted(subjects.items())
    ]


def with_needed(rows: Sequence[ProposalRow], things: Collection[str]) -> list[ProposalRow]:
    """Return the rows on some things with all that these need. Raises ConflictError for a thing without a row."""
    _refuse_unknown(rows, things)
    return _reached(rows, things, {row.thing: row.needs for row in rows})


def with_needing(rows: Sequence[ProposalRow], things: Collection[str]) -> list[ProposalRow]:
    """Return the rows on some things with all that need these, and what only they need. Raises as `with_needed`."""
    _refuse_unknown(rows, things)
    gone = [row.thing for row in _reached(rows, things, _needing(rows))]
    along = {row.thing for row in with_needed(rows, gone)}
    kept = {row.thing for row in with_needed(rows, [row.thing for row in rows if row.thing not in along])}
    return [row for row in rows if row.thing not in kept]


def under_heads(rows: Iterable[ProposalRow], lines: Mapping[str, int]) -> list[tuple[ProposalRow, list[ProposalRow]]]:
    """Return what a reviewer decides on: rows that no other needs, each with those that it is the first to need.

    They are in the order of their lines in what was sent, by subject; what has none comes last. Of rows that need each
    other one is the head.
    """
    needing = _needing(rows := [*rows])
    last = max(lines.values(), default=0) + 1
    order = {row.thing: min((lines.get(one, last) for one in row.subjects), default=last) for row in rows}
    placed: set[str] = set()
    found = []
    for head in sorted(rows, key=lambda row: (row.thing in needing, order[row.thing], row.thing)):
        if head.thing not in placed:
            under = [row for row in with_needed(rows, [head.thing]) if row.thing not in {head.thing, *placed}]
            placed |= {head.thing, *(row.thing for row in under)}
            found.append((head, under))
    return found


def _needing(rows: Iterable[ProposalRow]) -> dict[str, set[str]]:
    """Return by the things that rows need the things of the rows that need them."""
    found: dict[str, set[str]] = {}
    for row in rows:
        for needed in row.needs:
            found.setdefault(needed, set()).add(row.thing)
    return found


def _refuse_unknown(rows: Sequence[ProposalRow], things: Collection[str]) -> None:
    if unknown := sorted(set(things) - {row.thing for row in rows}):
        raise ConflictError(
            f"The proposal has nothing to decide on {unknown[0]}, or it was decided meanwhile, so nothing was done.",
            "Read the proposal again.",
        )


def _reached(
    rows: Sequence[ProposalRow], things: Collection[str], following: Mapping[str, Collection[str]]
) -> list[ProposalRow]:
    """Return the rows on some things and on those that follow from them."""
    found: set[str] = set()
    waiting = [*things]
    while waiting:
        thing = waiting.pop()
        if thing not in found:
            found.add(thing)
            waiting += following.get(thing, ())
    return [row for row in rows if row.thing in found]


def whole_change(rows: Iterable[ProposalRow]) -> Change:
    """Return what rows do together."""
    changes = [row.change for row in rows]
    return Change(
        frozenset[Quad]().union(*(one.added for one in changes)),
        frozenset[Quad]().union(*(one.removed for one in changes)),
    )


def _homes(
    store: Store, change: Change, by_subject: Mapping[str, Sequence[Quad]], new: Collection[str]
) -> dict[str, str]:
    """Return by subject the thing of its row: of an account what it is of, of what one row alone mentions its thing."""
    homes = {subject: _thing_of(store, subject, quads) for subject, quads in by_subject.items()}
    mentions: dict[str, set[str]] = {}
    for quad in change.added:
        if isinstance(quad.object, NamedNode) and quad.object.value != _iri(quad):
            mentions.setdefault(quad.object.value, set()).add(homes[_iri(quad)])
    for subject in sorted(new):
        users = mentions.get(subject, set())
        if ns.kind_of(subject) in _ATTACHED and homes[subject] == subject and len(users) == 1:
            (homes[subject],) = users
    return {subject: _end(homes, subject) for subject in homes}


def _end(homes: Mapping[str, str], subject: str) -> str:
    """Follow what is attached to what; of things that are attached to each other the least has the row."""
    seen = [subject]
    while (thing := homes.get(seen[-1], seen[-1])) not in seen:
        seen.append(thing)
    return min(seen[seen.index(thing) :])


def _thing_of(store: Store, subject: str, quads: Iterable[Quad]) -> str:
    stated = [quad for quad in quads if quad.predicate == CD.accountOf]
    stated = stated or [*match(store, NamedNode(subject), CD.accountOf)]
    things = sorted(quad.object.value for quad in stated if isinstance(quad.object, NamedNode))
    return things[0] if things else subject


def _needs(change: Change, homes: Mapping[str, str], new: Collection[str]) -> dict[str, set[str]]:
    """Return by thing the things that it needs: new ones that it mentions, and what has to let go of one that goes."""
    gone = {_iri(quad) for quad in change.removed - change.added if quad.predicate == RDF.type}
    found: dict[str, set[str]] = {}
    for quads, ends, is_of_subject in ((change.added, new, True), (change.removed, gone, False)):
        for quad in quads:
            if isinstance(quad.object, NamedNode) and quad.object.value in ends:
                pair = homes[_iri(quad)], homes[quad.object.value]
                row, needed = pair if is_of_subject else pair[::-1]
                if row != needed:
                    found.setdefault(row, set()).add(needed)
    return found


def _iri(quad: Quad) -> str:
    assert isinstance(quad.subject, NamedNode)  # the gate takes nothing else
    return quad.subject.value
