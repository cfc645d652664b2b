"""What a change would contradict and confirm of what the graph has: the objections that follow from it by rule.

The rules of `ontology/rules/` are run on the result of the change (`kg.rules`); nothing is judged here. A statement of
the change that is parallel to one of another work (`cd:parallelTo`) confirms it where neither objects to the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kg.findings import MOST_FINDINGS, Finding
from kg.messages import bilingual
from kg.objections import CONTRADICTING_KINDS, KINDS, kind_properties, objection_sentence
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD
from kg.rules import UnionChanges
from kg.sentences import sentences
from kg.wording import Wording

DIFFERENCES = "differences"
"""The step of the findings that tell of differences: the change is not at fault."""
_ONE_WAY = frozenset({"denies", "changed-since", "more-exact"})
"""The kinds that say something else of the one that objects than of the other."""


@dataclass(frozen=True)
class Difference:
    """An objection between a statement of the change and one of the graph, or a tie.

    `kind` is one of `kg.objections.KINDS`; `statement` is that of the change, `other` what the graph has, `text` its
    words, and `sources` who states it, all by IRI; `by` has the names of these. `objects` is True if it is the change
    that objects.
    """

    kind: str
    statement: str
    other: str
    text: str
    sources: tuple[str, ...]
    by: str
    objects: bool

    def sentence(self) -> tuple[str, str]:
        """Return it in English and in Chinese."""
        if self.objects and self.kind in _ONE_WAY:
            return bilingual("The change objects ({kind}) to {by}: {text}", kind=self.kind, by=self.by, text=self.text)
        return objection_sentence(self.kind, self.by, self.text)

    def as_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        return {
            "kind": self.kind,
            "statement": self.statement,
            "other": self.other,
            "text": self.text,
            "passages": list(self.sources),
            "objects": "the change" if self.objects else "the graph",
        }


@dataclass(frozen=True)
class Differences:
    """The differences of a change, the gravest first, and the statements of it that confirm one of another work."""

    found: tuple[Difference, ...] = ()
    confirming: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """The number of statements of the change with each kind, the gravest of each, in the order of the kinds."""
        gravest: dict[str, str] = {}
        for one in self.found:
            gravest.setdefault(one.statement, one.kind)
        counted = Counter(gravest.values())
        return {kind: counted[kind] for kind in KINDS if kind in counted}

    def as_dict(self) -> dict[str, object]:
        """Return the counts and all differences for JSON."""
        counts = self.counts
        return {
            "contradicts": sum(number for kind, number in counts.items() if kind in CONTRADICTING_KINDS),
            "confirms": len(self.confirming),
            "kinds": counts,
            "differences": [one.as_dict() for one in self.found],
        }

    def findings(self) -> Iterator[Finding]:
        """Yield them as findings that pass: how many there are, and the gravest, each with who says otherwise."""
        counts = self.counts
        contradicting = sum(number for kind, number in counts.items() if kind in CONTRADICTING_KINDS)
        if self.found or self.confirming:
            kinds = ", ".join(f"{kind} {number}" for kind, number in counts.items())
            message, chinese = bilingual(
                "Statements of the change that other sources confirm: {confirming}; on which they differ: "
                "{differing}{kinds}; of these contradicted: {contradicting}.",
                confirming=len(self.confirming),
                differing=sum(counts.values()),
                kinds=f" ({kinds})" if kinds else "",
                contradicting=contradicting,
            )
            yield Finding(DIFFERENCES, "Info", message, chinese, component="sources-that-differ")
        once = {(one.kind, one.statement, one.other): one for one in self.found}  # two may object to each other
        for one in list(once.values())[:MOST_FINDINGS]:
            message, chinese = one.sentence()
            yield Finding(
                *(DIFFERENCES, "Info", message, chinese),
                focus=ns.compact(one.statement),
                value=ns.compact(one.other),
                component="sources-that-differ",
            )


def differences(store: Store, change: Change) -> Differences:
    """Return what a change would contradict and confirm of what an unchanging store has."""
    inferred = [
        quad
        for quad in UnionChanges(store).of(store, set(change.added), set(change.removed)).added
        if quad.graph_name == graphs.INFERRED
    ]
    stated = (quad.subject for quad in change.added if quad.predicate == CD.statedIn)
    own = {subject for subject in stated if isinstance(subject, NamedNode)}
    reading = _Reading(store, change)
    found = [one for quad in inferred for one in reading.differences(quad, own)]
    differing = {one.statement for one in found}
    parallel = {q.subject for q in inferred if q.predicate == CD.parallelTo}
    return Differences(
        tuple(sorted(found, key=lambda one: (KINDS.index(one.kind), one.statement, one.other, one.objects))),
        tuple(sorted(one.value for one in own if one in parallel and one.value not in differing)),
    )


class _Reading:
    """Reads who says what, from a store and from a change to it."""

    def __init__(self, store: Store, change: Change) -> None:
        self._store, self._change = store, change
        self._kinds = kind_properties(store)
        self._wording = Wording(store)

    def differences(self, objection: Quad, own: set[NamedNode]) -> Iterator[Difference]:
        """Yield the difference that an inferred objection is, if one side is of the change and the other is not."""
        kind = self._kinds.get(objection.predicate, "")
        by, to = objection.subject, objection.object
        if kind in KINDS and isinstance(by, NamedNode) and isinstance(to, NamedNode):
            if by in own and to not in own:
                yield self._difference(kind, by, to, objects=True)
            elif by not in own:
                for statement in {to} & own or self._accounts(to):
                    yield self._difference(kind, statement, by, objects=False)

    def _accounts(self, tie: NamedNode) -> list[NamedNode]:
        """Return the accounts of a tie that the change brings."""
        return [
            quad.subject
            for quad in self._change.added
            if quad.predicate == CD.accountOf and quad.object == tie and isinstance(quad.subject, NamedNode)
        ]

    def _difference(self, kind: str, statement: NamedNode, other: NamedNode, *, objects: bool) -> Difference:
        words = " ".join(text["text"] for text in sentences(self._wording, other, DefaultGraph()))
        sources = sorted(self._sources(other), key=str)
        by = ", ".join(self._wording.name_of(one)["text"] for one in sources or [other])
        return Difference(kind, statement.value, other.value, words, tuple(one.value for one in sources), by, objects)

    def _sources(self, statement: NamedNode) -> Iterable[NamedNode]:
        found = match(self._store, statement, CD.statedIn, None, DefaultGraph())
        return {quad.object for quad in found if isinstance(quad.object, NamedNode)}
