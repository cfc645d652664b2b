"""Check that each statement about the world has a source, after the change as well as by it.

A relation has an account with cd:statedIn; a statement or activity has cd:statedIn itself; a place, organisation,
person or group has an account, cd:statedIn, prov:wasDerivedFrom or dcterms:source. What a source says of a relation
sits on its account (contract: How a source's words are held).
"""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import NamedNode, Quad

from kg import namespaces as ns
from kg.after_change import AfterChange, subject_of, term
from kg.faults import Fault

_STATED_IN, _ACCOUNT_OF = term("cd:statedIn"), term("cd:accountOf")
_TAKEN_FROM = (_STATED_IN, term("prov:wasDerivedFrom"), term("dcterms:source"))
_ON_ACCOUNTS = {
    term(f"cd:{name}")
    for name in (
        "character status basis role roleTitle through strategyKind scope begin end earliest latest note printedName"
    ).split()
}


def check_evidence(after: AfterChange) -> Iterator[tuple[Quad, Fault]]:
    """Yield a fault for each thing without a source, and for what belongs on an account, with a quad of the change."""
    classes = _Classes(after)
    for thing, quad in _in_question(after, classes).items():
        if (fault := classes.without_source(thing)) is not None:
            yield quad, fault
    for quad in after.change.added:
        if quad.predicate in _ON_ACCOUNTS and classes.is_relation_only(subject_of(quad)):
            message = f"{ns.compact(quad.predicate.value)} is what a source says of the relation."
            zh = f"{ns.compact(quad.predicate.value)} 是来源对该关系的记述。"
            hint = "State it on the cd:Account of the source, which has cd:accountOf the relation."
            yield quad, _fault(subject_of(quad), message, zh, hint, ns.compact(quad.predicate.value))


def _in_question(after: AfterChange, classes: _Classes) -> dict[NamedNode, Quad]:
    """Return the things that come to need a source, or lose one, each with a quad that brings that about."""
    found: dict[NamedNode, Quad] = {}
    for family in classes.families:
        found |= after.gained(family)
    for quad in sorted(after.change.removed, key=str):
        if quad.predicate in (*_TAKEN_FROM, _ACCOUNT_OF):
            found.setdefault(subject_of(quad), quad)
        if quad.predicate == _ACCOUNT_OF and isinstance(quad.object, NamedNode):
            found.setdefault(quad.object, quad)
    return found


class _Classes:
    """What has to have a source, by class."""

    def __init__(self, after: AfterChange) -> None:
        self._after = after
        self._relations = after.classes_below("cd:Relation")
        self._activities = after.classes_below("cd:Activity")
        self._statements = after.classes_below("cd:Statement") | self._activities
        self._things = after.classes_below("cd:Actor") | after.classes_below("cd:Group")

    @property
    def families(self) -> tuple[frozenset[NamedNode], ...]:
        """The classes whose things need a source in the same way."""
        return self._statements, self._relations, self._things

    def is_relation_only(self, thing: NamedNode) -> bool:
        """Tell whether a thing is a relation, and no activity, which says what it is itself."""
        types = self._after.objects(thing, ns.RDF_TYPE)
        return bool(types & self._relations) and not types & self._activities

    def without_source(self, thing: NamedNode) -> Fault | None:
        """Return that a thing has no source, if it needs one."""
        types = self._after.objects(thing, ns.RDF_TYPE)
        name = ns.compact(thing.value)
        if types & self._statements and not self._after.objects(thing, _STATED_IN):
            message, zh = f"{name} does not say where it is stated.", f"{name} 未注明出处。"
            return _fault(thing, message, zh, "Name the passage or source: cd:statedIn source:….", "cd:statedIn")
        if types & self._relations and not self._has_account(thing):
            message, zh = f"No source states {name}: it has no account.", f"{name} 没有任何来源的记述。"
            hint = f"Add one: account:… a cd:Account ; cd:accountOf {name} ; cd:statedIn source:… ."
            return _fault(thing, message, zh, hint)
        if types & self._things and not types & self._relations and not self._is_taken_from(thing):
            message, zh = f"{name} has no source.", f"{name} 没有来源。"
            hint = "Name the cd:Source that it is taken from: prov:wasDerivedFrom source:…."
            return _fault(thing, message, zh, hint, "prov:wasDerivedFrom")
        return None

    def _has_account(self, thing: NamedNode) -> bool:
        accounts = self._after.subjects(_ACCOUNT_OF, thing)
        return any(isinstance(a, NamedNode) and self._after.objects(a, _STATED_IN) for a in accounts)

    def _is_taken_from(self, thing: NamedNode) -> bool:
        return any(self._after.objects(thing, predicate) for predicate in _TAKEN_FROM) or self._has_account(thing)


def _fault(thing: NamedNode, message: str, message_zh: str, hint: str, path: str | None = None) -> Fault:
    return Fault("evidence", "Violation", message, message_zh, focus=ns.compact(thing.value), path=path, hint=hint)
