"""Check whether something new has the name, or nearly the name, of something of its kind that is there or new as well.

Names are compared in plain form (kg.names.plain), nearly the same ones by the keys of kg.names.slips: the index of
names (kg.names.called) has all that may be like a new one, so that nothing depends on how many there are. The one bound
is that of memory; a warning says how many names are beyond it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Quad

from kg.findings import Finding
from kg.messages import bilingual
from kg.names import SlipFilter, slip_keys, without_idle_words
from kg.rdf import namespaces as ns
from kg.rdf.labels import NAMES
from kg.rdf.vocabulary import CD, SKOS
from kg.submissions.checks.candidates import MOST_REPORTED, first_few, repetition_finding
from kg.submissions.checks.graph_after import ChangedQuad, GraphAfter

FAMILIES = (CD.Polity, CD.Organization, CD.Person, CD.Source, SKOS.Concept)
"""Classes within which names are compared; of concepts, those of one scheme."""
MOST_LETTERS = 500_000
"""Letters of new names that are compared with nearly the same ones, in each family; most names are like none and do
not count. Each takes up to 300 bytes while a submission is checked."""

ThingsByName = dict[str, set[NamedNode]]
"""Things by their names in plain form."""


def check_names(after: GraphAfter) -> Iterator[tuple[Quad, Finding]]:
    """Yield a finding for each new thing that has the name of another, or nearly; of many such others, for a few."""
    classes = [after.classes_below(family) for family in FAMILIES]
    relations = after.classes_below(CD.Relation)
    gained = [
        {thing: typed for thing, typed in family.items() if typed.value not in relations}
        for family in after.new_members(*classes)
    ]
    if any(gained):
        named = _names_to_compare(after, set().union(*gained))
        for of_family, new in zip(classes, gained, strict=True):
            if new:
                yield from _Family(after, named, of_family, new).namesakes()


def _names_to_compare(after: GraphAfter, new: set[NamedNode]) -> ThingsByName:
    """Return new things by their names, and with them what may have the same or nearly the same ones."""
    after.prefetch((thing, predicate) for thing in new for predicate in NAMES)
    asked = {name for thing in new for name in _names(after, thing)}
    found: ThingsByName = defaultdict(set)
    renamed = {said.subject for said in (*after.added, *after.removed) if said.predicate in NAMES}
    for name, things in after.names.possible_slips(asked).items():
        found[name].update(thing for thing in map(NamedNode, things) if thing not in renamed)
    after.prefetch((thing, predicate) for thing in renamed for predicate in NAMES)
    similar = SlipFilter(asked)
    for thing in renamed:
        for name in _names(after, thing):
            if name in asked or similar.may_match(name):
                found[name].add(thing)
    return found


def _names(after: GraphAfter, thing: NamedNode) -> set[str]:
    """Return what a thing is called after the change, in plain form; SHACL reports what has no text."""
    labels = (label for predicate in NAMES for label in after.objects(thing, predicate))
    return {without_idle_words(label.value) for label in labels if isinstance(label, Literal)}


class _Family:
    """What things of a family are called, the new ones and those that may have names like theirs."""

    def __init__(
        self, after: GraphAfter, named: ThingsByName, classes: frozenset[NamedNode], new: dict[NamedNode, ChangedQuad]
    ) -> None:
        """`new` are the new things, each with what makes it one of the family."""
        self._after = after
        self._new = new
        of_family = (
            (name, {thing for thing in things if after.is_instance(thing, classes)}) for name, things in named.items()
        )
        self._named = {name: things for name, things in of_family if things}
        self._few = {name: first_few(after, things, MOST_REPORTED + 1) for name, things in self._named.items()}
        self._names: dict[NamedNode, list[str]] = {thing: [] for thing in sorted(new)}
        for name in sorted(self._named, key=lambda name: (len(name), name)):
            for thing in self._named[name] & new.keys():
                self._names[thing].append(name)

    def namesakes(self) -> Iterator[tuple[Quad, Finding]]:
        """Yield what has the name of a new thing, or nearly, with the quad that names it, or makes it a thing."""
        near, left_out = self._by_key()
        for thing, names in self._names.items():
            told = {thing}
            for name in names:
                yield from self._findings(thing, name, self._few[name], told)
            for name in names:
                for _, key in slip_keys(name):
                    yield from self._findings(thing, name, near.get(key, ()), told, nearly=True)
        if left_out:
            yield next(iter(self._new.values())).quad, _comparison_limit_finding(left_out)

    def _by_key(self) -> tuple[dict[str, list[NamedNode]], int]:
        """Return a few things by each key of their names that a new one looks for, and how many names do not look."""
        similar = SlipFilter({name for names in self._names.values() for name in names})
        for name in self._named:
            similar.may_match(name)
        asked, letters, wanted = sorted(similar.with_candidates(), key=lambda name: (len(name), name)), 0, set[str]()
        for count, name in enumerate(asked):
            letters += len(name)
            if letters > MOST_LETTERS:
                left_out = len(asked) - count
                break
            wanted.update(key for _, key in slip_keys(name))
        else:
            left_out = 0
        found: dict[str, list[NamedNode]] = {}
        crowded: ThingsByName = defaultdict(set)
        for name, few in self._few.items():
            for key, _ in slip_keys(name):
                if key in wanted and found.setdefault(key, few) is not few:
                    crowded[key].update(few)
        for key, things in crowded.items():
            found[key] = first_few(self._after, things.union(found[key]), 2 * MOST_REPORTED)
        return found, left_out

    def _findings(
        self, thing: NamedNode, name: str, others: Iterable[NamedNode], told: set[NamedNode], nearly: bool = False
    ) -> Iterator[tuple[Quad, Finding]]:
        for other in others:
            if other not in told and len(told) <= MOST_REPORTED and _may_be_same(thing, other):
                told.add(other)
                said = self._naming_quad(thing, name)
                shown = self._after.display_name(other)
                words = (
                    bilingual("{other} has nearly the same name: is it the same?", other=shown)
                    if nearly
                    else bilingual("{other} has the same name: is it the same?", other=shown)
                )
                hint = f"If it is, use {ns.compact(other.value)}; if not, say that you have seen this."
                yield said.quad, repetition_finding(words, said, other, hint, "Warning")

    def _naming_quad(self, thing: NamedNode, name: str) -> ChangedQuad:
        """Return what of the change names a thing so; if nothing does, what makes it one of the family."""
        about = sorted(self._after.additions_about(thing), key=lambda said: str(said.quad))
        naming = (said for said in about if said.predicate in NAMES and isinstance(said.value, Literal))
        return next((said for said in naming if without_idle_words(said.value.value) == name), self._new[thing])


def _may_be_same(thing: NamedNode, other: NamedNode) -> bool:
    """Tell whether two things of a family may be the same; a theme is never a unit, whatever they are called."""
    schemes = [concept.value.rpartition("/")[0] for concept in (thing, other)]
    return schemes[0] == schemes[1] or not schemes[0].startswith(ns.VOCABULARY)


def _comparison_limit_finding(count: int) -> Finding:
    words = bilingual("Of {count} of the names only the very same were looked for, not similar ones.", count=count)
    return Finding("identity", "Warning", *words, hint="Submit fewer things at a time, or say that you have seen this.")
