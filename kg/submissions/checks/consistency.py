"""Check that a submission agrees with the axioms of the ontology, so that no reasoner finds the graph inconsistent.

Nothing is in two disjoint classes, no place, group or concept is above itself, and the members of a group are of its
kinds. The domains of properties are checked in `policy`; ranges, and the parties of one relation, by shapes.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import NamedNode, Quad

from kg.findings import Finding
from kg.messages import bilingual
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.ontology import Disjointness, acyclic_properties, value_classes
from kg.rdf.vocabulary import CD, OWL, RDF, SKOS
from kg.submissions.checks.graph_after import ChangedQuad, GraphAfterChange

_OF_GROUPS = {CD.groupMember, CD.subgroupOf, CD.groupOf}
_KINDS_OF = {
    f"{ns.VOCABULARY}activity-kind": CD.Activity,
    f"{ns.VOCABULARY}organization-kind": CD.Organization,
    f"{ns.VOCABULARY}place-kind": CD.Place,
}
"""The schemes of kinds, each with the class of what has them: members of a group of companies are organisations."""


def check_disjoint(after: GraphAfterChange) -> Iterator[tuple[Quad, Finding]]:
    """Yield a finding for each thing that gets a type disjoint with another type of it, with the quad.

    The finding is about the thing as a whole: until it is resolved, nothing else about the thing can be checked. That a
    concept has no other type is checked in `concepts` and `policy`.
    """
    kinds = _Kinds(after)
    axioms = None
    reported = set[NamedNode]()
    for statement in sorted((s for s in after.added if kinds.are_changed_by(s)), key=lambda s: str(s.quad)):
        classes = kinds.classes_of(statement.subject)
        if len(classes) < 2 or SKOS.Concept in classes or statement.subject in reported:
            continue
        axioms = axioms or Disjointness(after.store)
        own = [kind for kind, name in classes.items() if name == statement.value]
        pairs = ((one, axioms.first_disjoint(one, classes)) for one in own)
        if (pair := next(((one, other) for one, other in pairs if other is not None), None)) is not None:
            reported.add(statement.subject)
            one, other = (classes[kind] for kind in pair)
            yield statement.quad, _disjoint_finding(statement.subject, one, other)


def check_circles(after: GraphAfterChange) -> Iterator[tuple[Quad, Finding]]:
    """Yield a finding for each circle that a change closes in a property without circles, with a quad of the circle.

    A shape reports a state that lies within anything; `concepts` reports a concept that is broader than itself.
    """
    known = acyclic_properties(after.store)
    steps = sorted(
        (statement for statement in after.added if statement.predicate in known),
        key=lambda statement: str(statement.quad),
    )
    after.prefetch(
        (statement.value, statement.predicate) for statement in steps if isinstance(statement.value, NamedNode)
    )
    reported: set[tuple[NamedNode, NamedNode]] = set()
    for statement in steps:
        if (statement.predicate, statement.subject) not in reported and (circle := _circle(after, statement)):
            reported |= {(statement.predicate, node) for node in circle}
            if not _is_reported_elsewhere(after, statement, circle):
                yield statement.quad, _circle_finding(statement, circle)


def check_groups(after: GraphAfterChange) -> Iterator[tuple[Quad, Finding]]:
    """Yield a finding for each member or subgroup that is not of the kinds of its group, with a quad of the change.

    A member of a class above that of the group may be of the lower class, too, and so fits. Where a group is of a kind,
    the class of what has such kinds counts; any other concept says nothing about classes, and is not checked.
    """
    touched = [statement for statement in after.added if statement.predicate in _OF_GROUPS]
    groups = _Groups(after) if touched else None
    reported = set[tuple[object, object]]()
    for statement in sorted(touched, key=lambda statement: str(statement.quad)):
        assert groups is not None
        for smaller, larger in groups.pairs(statement):
            if (smaller, larger) not in reported and (finding := groups.misfit(smaller, larger)) is not None:
                reported.add((smaller, larger))
                yield statement.quad, finding


class _Kinds:
    """The classes of things: those that are stated, and those that a value of a property makes them members of."""

    def __init__(self, after: GraphAfterChange) -> None:
        self._after = after
        self._by_value = value_classes(after.store)
        self._properties = {predicate for predicate, _ in self._by_value if isinstance(predicate, NamedNode)}

    def are_changed_by(self, statement: ChangedQuad) -> bool:
        """Return True if a statement makes its subject a member of a class."""
        return statement.predicate == RDF.type or (statement.predicate, statement.value) in self._by_value

    def classes_of(self, thing: NamedNode) -> dict[NamedNode, NamedNode]:
        """Return the classes of a thing, each with the class or value that is stated of it."""
        stated = {kind: kind for kind in self._after.objects(thing, RDF.type) if isinstance(kind, NamedNode)}
        return stated | {
            defined.name: value
            for predicate in self._properties
            for value in self._after.objects(thing, predicate)
            if isinstance(value, NamedNode)
            for defined in self._by_value.get((predicate, value), ())
            if defined.among is None or not stated.keys().isdisjoint(self._after.classes_below(defined.among))
        }


class _Groups:
    """The kinds of groups, and whether their members and subgroups fit them."""

    def __init__(self, after: GraphAfterChange) -> None:
        self._after = after
        self._groups = after.classes_below(CD.Group)

    def pairs(self, statement: ChangedQuad) -> Iterator[tuple[NamedNode, NamedNode]]:
        """Yield pairs of a member or subgroup and a group that a statement affects."""
        if statement.predicate == CD.groupOf:
            group, after = statement.subject, self._after
            yield from ((one, group) for one in after.objects(group, CD.groupMember) if isinstance(one, NamedNode))
            yield from ((one, group) for one in after.subjects(CD.subgroupOf, group) if isinstance(one, NamedNode))
            yield from ((group, one) for one in after.objects(group, CD.subgroupOf) if isinstance(one, NamedNode))
        elif isinstance(statement.value, NamedNode):
            smaller, larger = statement.subject, statement.value
            yield (smaller, larger) if statement.predicate == CD.subgroupOf else (larger, smaller)

    def misfit(self, smaller: NamedNode, larger: NamedNode) -> Finding | None:
        """Return the finding that none of the kinds of a member or subgroup fits a group."""
        is_group = self._after.is_instance(smaller, self._groups)
        kinds = self._classes(smaller, CD.groupOf if is_group else RDF.type)
        wanted = self._classes(larger, CD.groupOf)
        if not kinds or not wanted or any(self._fits(kind, one) for kind in kinds for one in wanted):
            return None
        stated = sorted(self._after.objects(larger, CD.groupOf), key=str)
        names = ", ".join(ns.compact(one.value) for one in stated if isinstance(one, NamedNode))
        name, group = ns.compact(smaller.value), ns.compact(larger.value)
        words = bilingual("{name} does not belong to {group}, a group of {kinds}.", name=name, group=group, kinds=names)
        hint = "Take it out, or say what else the group has: cd:groupOf once for each kind of its members."
        path = "cd:subgroupOf" if is_group else "cd:groupMember"
        focus, value = (name, group) if is_group else (group, name)
        return Finding("policy", "Violation", *words, focus=focus, path=path, value=value, hint=hint)

    def _classes(self, thing: NamedNode, predicate: NamedNode) -> list[NamedNode]:
        """Return the classes that are values of a property; none if any value is not a class."""
        values = [
            _KINDS_OF.get(kind.value.rpartition("/")[0], kind)
            for kind in sorted(self._after.objects(thing, predicate), key=str)
            if isinstance(kind, NamedNode)
        ]
        classes = [kind for kind in values if self._is_class(kind)]
        return classes if len(classes) == len(values) else []

    def _is_class(self, kind: NamedNode) -> bool:
        return any(match(self._after.store, kind, RDF.type, OWL.Class, graphs.ONTOLOGY))

    def _fits(self, kind: NamedNode, wanted: NamedNode) -> bool:
        return kind in self._after.classes_below(wanted) or wanted in self._after.classes_below(kind)


def _circle(after: GraphAfterChange, statement: ChangedQuad) -> tuple[NamedNode, ...]:
    """Return the path of a property from a subject, through a statement, back to it; empty without one."""
    pending: list[tuple[NamedNode, ...]] = [(statement.value,)] if isinstance(statement.value, NamedNode) else []
    seen = set[NamedNode]()
    while pending:
        way = pending.pop(0)
        if way[-1] == statement.subject:
            return (statement.subject, *way[:-1])
        if way[-1] not in seen:
            seen.add(way[-1])
            ahead = after.objects(way[-1], statement.predicate)
            pending += [(*way, one) for one in sorted(ahead, key=str) if isinstance(one, NamedNode)]
    return ()


def _is_reported_elsewhere(after: GraphAfterChange, statement: ChangedQuad, circle: tuple[NamedNode, ...]) -> bool:
    if statement.predicate == SKOS.broader:
        return len(circle) == 1
    return any(CD.State in after.objects(node, RDF.type) for node in circle)


def _disjoint_finding(thing: NamedNode, one: NamedNode, other: NamedNode) -> Finding:
    name, first, second = (ns.compact(term.value) for term in (thing, one, other))
    words = bilingual(
        "{name} cannot be both {one} and {other}: these classes are disjoint.", name=name, one=first, other=second
    )
    hint = "Keep the type that is right; give the other thing that is meant an IRI of its own."
    return Finding("policy", "Violation", *words, focus=name, hint=hint)


def _circle_finding(statement: ChangedQuad, circle: tuple[NamedNode, ...]) -> Finding:
    path, names = ns.compact(statement.predicate.value), [ns.compact(node.value) for node in (*circle, circle[0])]
    words = bilingual("{path} leads from {name} back to it: {way}.", path=path, name=names[0], way=" → ".join(names))
    value = ns.compact(statement.value.value)
    hint = f"Take out the {path} that is wrong."
    return Finding("policy", "Violation", *words, focus=names[0], path=path, value=value, hint=hint)
