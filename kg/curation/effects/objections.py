"""What a change would contradict and confirm of what the graph has, and what would contradict it no longer.

The rules of `ontology/rules/` are run on the result of the change (`kg.rules`); nothing is judged here but what
`counting` adds. A statement of another work that is parallel to one of the change (`cd:parallelTo`) confirms it where
its passage does not object and it is of the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, NamedNode, Quad

from kg.curation.effects.counting import otherwise
from kg.curation.effects.result import ChangeResult
from kg.messages import bilingual
from kg.objections import CONTRADICTING_KINDS, KINDS, kind_properties, objection_sentence
from kg.rdf import namespaces as ns
from kg.rdf.lookup import LookUp, subjects, text_of, values
from kg.rdf.vocabulary import CD, RDF
from kg.sentences import sentences
from kg.wording import NamedThing, Wording

COMPLETE = "complete"
"""The kind of what a list has left out that is all."""
EFFECT_KINDS = (*KINDS, COMPLETE)
"""The kinds of objections to a change, the gravest first."""
_CONFIRMS = "confirms"
_ORDER = (*EFFECT_KINDS, _CONFIRMS)
_THERE = frozenset(NamedNode(f"{ns.VOCABULARY}tie-status/{slug}") for slug in ("current", "declining", "renewed"))
"""The statuses of a tie that is there, as one is of which no status is given."""
_FORM = frozenset((RDF.type, CD.accountOf, CD.statedIn, CD.printedName))
"""The properties that say nothing of a thing on which two sources could agree."""
_OBJECTING: Mapping[str, Callable[[str, str], tuple[str, str]]] = {
    "denies": lambda to, text: bilingual("Denied by the change, against {to}: {text}", to=to, text=text),
    "changed-since": lambda to, text: bilingual(
        "Changed since {to}, according to the change: {text}", to=to, text=text
    ),
    "more-exact": lambda to, text: bilingual(
        "Stated more exactly by the change than by {to}: {text}", to=to, text=text
    ),
}
"""The kinds that say something else of the one that objects than of the other, as a change objects."""
_KNOWN = {"absence": "denied", "completeness": COMPLETE}
"""What is known of a tie to which a finding of a kind objects."""


@dataclass(frozen=True)
class Difference:
    """An objection between a statement of the change and one of the graph, or that the one confirms the other.

    `kind` is one of EFFECT_KINDS, or `confirms`; `statement` is that of the change, `other` what the graph has, both by
    IRI, `text` its words, and `sources` who states it. `objects` is True if it is the change that objects.
    """

    kind: str
    statement: str
    other: str
    text: str
    sources: tuple[NamedThing, ...]
    objects: bool

    @property
    def known(self) -> str:
        """What the graph knows of the tie by it: denied, complete, or "" for what states one, or counts."""
        return _KNOWN.get(ns.kind_of(self.other), "")

    def sentence(self) -> tuple[str, str]:
        """Return it in English and in Chinese."""
        by = ", ".join(source["text"] for source in self.sources)
        if self.objects and self.kind in _OBJECTING:
            return _OBJECTING[self.kind](by, self.text)
        if self.kind == _CONFIRMS:
            return bilingual("Confirmed by {by}: {text}", by=by, text=self.text)
        if self.known == COMPLETE:
            return bilingual("Left out by {by}, which lists all: {text}", by=by, text=self.text)
        return objection_sentence(self.kind, by, self.text)

    def as_difference(self) -> dict[str, object]:
        """Return it for JSON in the form of 0.6.0."""
        return {
            "kind": self.kind,
            "statement": self.statement,
            "other": self.other,
            "text": self.text,
            "passages": [source["iri"] for source in self.sources],
            "objects": "the change" if self.objects else "the graph",
        }

    def as_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        message, chinese = self.sentence()
        return {
            **{key: value for key, value in self.as_difference().items() if key != "passages"},
            "sources": list(self.sources),
            **({"known": self.known} if self.known else {}),
            "message": message,
            "message_zh": chinese,
        }


@dataclass(frozen=True)
class Objections:
    """The objections that a change raises and those that end with it, the gravest first.

    `confirmed` are the statements of the change that another work has as well, with what has them, and
    `confirmed_no_longer` those that will not have been.
    """

    raised: Sequence[Difference] = ()
    ended: Sequence[Difference] = ()
    confirmed: Sequence[Difference] = ()
    confirmed_no_longer: Sequence[Difference] = ()

    @property
    def confirming(self) -> list[str]:
        """The IRIs of the statements of the change that another work confirms."""
        return sorted({one.statement for one in self.confirmed})

    @property
    def counts(self) -> dict[str, int]:
        """The number of statements of the change with each kind, the gravest of each, in the order of the kinds."""
        gravest: dict[str, str] = {}
        for one in self.raised:
            gravest.setdefault(one.statement, one.kind)
        counted = Counter(gravest.values())
        return {kind: counted[kind] for kind in EFFECT_KINDS if kind in counted}

    def as_differences(self) -> dict[str, object]:
        """Return for JSON what `differences` of a report has had since 0.6.0, until 2.0: the six kinds alone."""
        told = [one for one in self.raised if one.kind in KINDS]
        return {
            "contradicts": self.contradicted,
            "confirms": len(self.confirming),
            "kinds": {kind: number for kind, number in self.counts.items() if kind in KINDS},
            "differences": [one.as_difference() for one in told],
        }

    @property
    def contradicted(self) -> int:
        """The number of statements of the change that another contradicts."""
        return sum(number for kind, number in self.counts.items() if kind in CONTRADICTING_KINDS)


def objections(result: ChangeResult) -> Objections:
    """Return what a change would contradict and confirm, and what it would no longer."""
    told = (
        _Reading(result, result.after, Wording(result.store_after)).differences(result.inferred),
        _Reading(result, result.before, Wording(result.store)).differences(result.no_longer_inferred),
    )
    return Objections(
        *([one for one in state if one.kind != _CONFIRMS] for state in told),
        *([one for one in state if one.kind == _CONFIRMS] for state in told),
    )


def _own(result: ChangeResult) -> set[NamedNode]:
    """Return the statements that the change brings, changes or takes away: what a source states."""
    changed = {quad.subject for quad in result.change.added | result.change.removed}
    return {
        one
        for one in changed
        if isinstance(one, NamedNode) and (any(result.after(one, CD.statedIn)) or any(result.before(one, CD.statedIn)))
    }


def _gravest_first(pair: tuple[str, NamedNode, NamedNode, bool]) -> tuple[int, bool, str]:
    kind, _, other, objects = pair
    return _ORDER.index(kind), objects, other.value


class _Reading:
    """Reads who says what, in one state of the graph."""

    def __init__(self, result: ChangeResult, look_up: LookUp, wording: Wording) -> None:
        self._result, self._look_up, self._wording = result, look_up, wording
        self._own = _own(result)
        self._kinds = kind_properties(result.store)

    def differences(self, inferred: Iterable[Quad]) -> tuple[Difference, ...]:
        """Return the differences that inferred objections are, what lists and numbers say otherwise, and what confirms.

        Those of a source to one statement are of the gravest kind that holds, as everywhere; beside it stands one name.
        """
        pairs = [pair for quad in inferred for pair in self._pairs(quad)]
        if self._look_up == self._result.after:
            known = {pair[1:3] for pair in pairs if pair[0] not in (_CONFIRMS, "spelt-otherwise")}
            pairs += [one for one in otherwise(self._result, self._own) if one[1:3] not in known]
        told: dict[tuple[bool, NamedNode, NamedNode], tuple[str, bool]] = {}
        first: dict[tuple[bool, NamedNode, NamedNode], str | NamedNode] = {}
        for kind, statement, other, objects in sorted(pairs, key=_gravest_first):
            by, is_name = values(self._look_up, other, CD.statedIn), kind == "spelt-otherwise"
            counts = other if is_name else kind
            is_first = all(first.setdefault((is_name, statement, source), counts) == counts for source in by)
            if is_first and not self._is_of_account(kind, statement, other, pairs):
                told.setdefault((is_name, statement, other), (kind, objects))
        found = [self._difference(kind, *pair, objects=objects) for (_, *pair), (kind, objects) in told.items()]
        return tuple(sorted(found, key=lambda one: (_ORDER.index(one.kind), one.statement, one.other)))

    def _pairs(self, objection: Quad) -> Iterator[tuple[str, NamedNode, NamedNode, bool]]:
        """Yield the kind, statement and other side of an inferred objection, and if it is the change that objects."""
        kind, by, to = self._kinds.get(objection.predicate, ""), objection.subject, objection.object
        if not isinstance(by, NamedNode) or not isinstance(to, NamedNode):
            return
        if objection.predicate == CD.parallelTo and by in self._own and to not in self._own and self._agree(by, to):
            yield _CONFIRMS, by, to, False
        elif kind in KINDS:
            if by in self._own:
                yield self._known(kind, to), by, to, True
            else:
                accounts = subjects(self._look_up, CD.accountOf, to) & self._own
                for one in {to} & self._own or accounts or {to}:
                    yield self._known(kind, by), one, by, False

    def _agree(self, one: NamedNode, other: NamedNode) -> bool:
        """Return True if two parallel statements have the same number or tie, or state anything alike of one thing."""
        look_up = self._look_up
        mine, theirs = (
            (text_of(look_up, each, CD.value), values(look_up, each, CD.status) - _THERE, any(look_up(each, CD.end)))
            for each in (one, other)
        )
        things, change = values(look_up, one, CD.accountOf), self._result.change
        is_tie = any(CD.Relation in values(look_up, thing, RDF.type) for thing in things)
        stated = [quad for quad in change.added | change.removed if quad.subject == one and quad.predicate not in _FORM]
        is_alike = any(any(look_up(other, quad.predicate, quad.object)) for quad in stated)
        return mine == theirs and (is_tie or is_alike)

    def _known(self, kind: str, other: NamedNode) -> str:
        """Return COMPLETE for a list of all that leaves out a tie, else the kind."""
        return COMPLETE if kind == "in-tension" and ns.kind_of(other.value) == "completeness" else kind

    def _is_of_account(
        self, kind: str, statement: NamedNode, other: NamedNode, pairs: Iterable[tuple[str, NamedNode, NamedNode, bool]]
    ) -> bool:
        """Return True for an objection to a tie that is one to an account of it as well."""
        accounts = subjects(self._look_up, CD.accountOf, other)
        return bool(accounts) and any(one[:2] == (kind, statement) and one[2] in accounts for one in pairs)

    def _difference(self, kind: str, statement: NamedNode, other: NamedNode, *, objects: bool) -> Difference:
        words = " ".join(text["text"] for text in sentences(self._wording, other, DefaultGraph()))
        by = sorted(values(self._look_up, other, CD.statedIn), key=str) or [other]
        sources = tuple(map(self._wording.name_of, by))
        return Difference(kind, statement.value, other.value, words, sources, objects)
