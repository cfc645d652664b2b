"""Objections to ties and statements: disagreements found by the editors, absences that deny ties, works that differ.

An objection leads from a statement of a passage or source to a tie or another statement. Who objects to whom follows by
rule (`cd:denies` and the other properties with a `cd:objectionKind`): from what works say of one tie or number, from
absences and complete lists, and from what the editors state of the sides of a disagreement (`cd:objectsTo`). What
objects to an account objects to its tie as well, as that account has it. Gaps are left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store, Triple

from kg.messages import bilingual
from kg.rdf import namespaces as ns
from kg.rdf.lookup import Term, match, nodes_of, nodes_with, parse_iri
from kg.rdf.snapshots import once_per_snapshot
from kg.rdf.vocabulary import CD, RDF
from kg.sentences import in_print, sentences
from kg.sparql.evaluation import select
from kg.wording import Wording

KINDS = ("denies", "counts-otherwise", "changed-since", "in-tension", "more-exact", "spelt-otherwise")
"""The kinds of objections, from the scheme disagreement-kind, the most serious first."""
CONTRADICTING_KINDS = frozenset(KINDS[:2])
"""The kinds that contradict a row, for the column saysOtherwise."""
_SENTENCES: Mapping[str, Callable[[str, str], tuple[str, str]]] = {
    "denies": lambda by, text: bilingual("Denied by {by}: {text}", by=by, text=text),
    "counts-otherwise": lambda by, text: bilingual("Counted otherwise by {by}: {text}", by=by, text=text),
    "changed-since": lambda by, text: bilingual("Changed since, according to {by}: {text}", by=by, text=text),
    "in-tension": lambda by, text: bilingual("In tension with {by}: {text}", by=by, text=text),
    "more-exact": lambda by, text: bilingual("Stated more exactly by {by}: {text}", by=by, text=text),
    "spelt-otherwise": lambda by, text: bilingual("Spelt otherwise by {by}: {text}", by=by, text=text),
}
"""The template of each kind, in English and in Chinese."""
NOT_THERE = frozenset(NamedNode(f"{ns.VOCABULARY}tie-status/{slug}") for slug in ("former", "refused", "impossible"))
"""The statuses of a tie that is not there: it has ended, or has never been."""
_DISAGREEMENT = f"{ns.ID}disagreement/"
_PAIR = re.compile(r"([a-z-]+) <([^<>\s]+)>")

_STATED = """SELECT ?disagreement ?kind ?stated ?graph ?target ?subject ?predicate ?object ?other {
  ?disagreement cd:disagreementKind ?kind ; cd:onStatement ?side .
  ?side cd:objectsTo ?target ; rdf:subject ?stated ; cd:inGraph ?graph .
  OPTIONAL { ?target rdf:subject ?subject ; rdf:predicate ?predicate ; rdf:object ?object ; cd:inGraph ?other }
}
ORDER BY ?disagreement ?stated ?target"""
"""Who objects to whom by the editors, with the triple of the side that is objected to."""


def objection_sentence(kind: str, source: str, says: str) -> tuple[str, str]:
    """Return the objection of a source in English and in Chinese: Denied by Table 1: York has no official twin."""
    return _SENTENCES[kind](source, says)


@dataclass(frozen=True)
class Objection:
    """An objection by a passage or source: its kind, who objects, what it is about, and what the source says.

    `about` is the IRI of the disagreement that the editors recorded; without one that of the statement that objects.
    """

    kind: str
    passage: str
    about: str
    source: str
    """The name of the passage or source."""
    says: str
    statement: str = field(compare=False)
    """The IRI of the statement that objects."""
    is_of_detail: bool = False
    """True if who denies what another says of a tie has it as there, and differs on it, such as since when."""

    @property
    def text(self) -> str:
        """The objection as a sentence: Denied by Table 1: York has no official twin."""
        return objection_sentence(self.kind, self.source, self.says)[0]

    def as_json(self) -> dict[str, str]:
        """Return it as JSON can hold it."""
        return {"kind": self.kind, "passage": self.passage, "text": self.text}


@dataclass(frozen=True)
class _RaisedObjection:
    """An objection without its words: its target, the tie or statement that raises it, and who states that."""

    against: str | Triple
    by: str
    kind: str
    passage: str
    about: str
    statement: NamedNode
    is_of_tie: bool = False
    """True if a tie objects to an absence that rules it out."""
    of_account: str = ""
    """The account to which it objects, where it objects to a tie as one account has it."""


class Objections:
    """The objections to the ties and statements of a snapshot."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._wording = Wording(store)
        self._stated = _stated(store)
        self._raised: dict[str | Triple, list[_RaisedObjection]] = defaultdict(list)
        for statement, kind, target in _objecting_statements(store):
            for raised in self._raise(statement, kind, target):
                self._raised[raised.against].append(raised)

    def to(self, things: Iterable[str], triples: Collection[Triple] = ()) -> tuple[Objection, ...]:
        """Return the objections to ties and statements, by IRI, and to single triples; the most serious of each source.

        A statement that is listed beside the one to which it objects, as in a table of disagreements, is left out. If
        an absence is listed beside the tie that it denies, other ties do not object to it: they say nothing about this
        tie.
        """
        named: set[str | Triple] = {*things, *triples}
        found: dict[str, _RaisedObjection] = {}
        for raised in chain.from_iterable(self._against(one, named) for one in named):
            if (raised.by not in named or raised.by == raised.against) and self._is_meant(raised, named):
                found[raised.passage] = min(found.get(raised.passage, raised), raised, key=_severity_key)
        return tuple(map(self._in_words, sorted(found.values(), key=_severity_key)))

    def _in_words(self, raised: _RaisedObjection) -> Objection:
        source = self._wording.name_of(NamedNode(raised.passage))["text"]
        said = sentences(self._wording, raised.statement, DefaultGraph())
        if raised.kind == "spelt-otherwise" and (printed := in_print(self._wording, raised.statement, DefaultGraph())):
            said.append(printed)  # sentences have the usual names
        says = " ".join(one["text"] for one in said)
        said_by = raised.statement.value
        return Objection(raised.kind, raised.passage, raised.about, source, says, said_by, self._is_of_detail(raised))

    def _is_of_detail(self, raised: _RaisedObjection) -> bool:
        """Return True for an account that denies another one of the same tie, and does not say that it is over."""
        account, target = raised.statement, raised.against
        if (
            raised.kind != "denies"
            or isinstance(target, Triple)
            or _of_account(self._store, NamedNode(target)).value != raised.by
        ):
            return False
        said = {*nodes_of(self._store, account, CD.status)}
        return account.value != raised.by and not said & NOT_THERE and not any(match(self._store, account, CD.end))

    def _against(self, one: str | Triple, beside: Collection[str | Triple]) -> list[_RaisedObjection]:
        """Return the objections to one target; to an absence listed beside its tie, none that other ties raise."""
        raised = self._raised.get(one, [])
        if any(each.is_of_tie and each.by in beside for each in raised):
            return [each for each in raised if not each.is_of_tie]
        return raised

    def _is_meant(self, raised: _RaisedObjection, named: Collection[str | Triple]) -> bool:
        """Return False for an objection to the tie of one account where others of its accounts are named without it."""
        if not raised.of_account or raised.of_account in named:
            return True
        tie = NamedNode(str(raised.against))
        return not any(account.value in named for account in nodes_with(self._store, CD.accountOf, tie))

    def _raise(self, statement: NamedNode, kind: str, target: NamedNode) -> Iterator[_RaisedObjection]:
        """Yield the objections of a statement to a tie or statement, or to an account and what it is an account of.

        Where the editors state them, these are about their disagreement, and some of them to a single triple.
        """
        by, of = _of_account(self._store, statement), _of_account(self._store, target)
        stated = self._stated.get((statement, kind, target), [(statement.value, None)])
        is_of_tie = Quad(target, CD.rulesOut, by, DefaultGraph()) in self._store
        for source in nodes_of(self._store, statement, CD.statedIn):
            for about, triple in stated:
                objection = (by.value, kind, source.value, about, statement)
                yield _RaisedObjection(triple or target.value, *objection, is_of_tie)
                if of != target and triple is None:
                    yield _RaisedObjection(of.value, *objection, of_account=target.value)


@once_per_snapshot
def objections_of(snapshot: Store) -> Objections:
    """Return the objections of a store that never changes."""
    return Objections(snapshot)


def as_literal(objections: Iterable[Objection]) -> str:
    """Return objections as a table has them: pairs of kind and IRI, sorted, separated by spaces."""
    return " ".join(sorted(f"{one.kind} <{one.passage}>" for one in objections))


def parse_objections(text: str) -> tuple[tuple[str, str], ...]:
    """Return the kinds and IRIs in a literal written by `as_literal`; an empty tuple for any other text."""
    pairs = tuple(_PAIR.findall(text))
    is_one = " ".join(f"{kind} <{iri}>" for kind, iri in pairs) == text
    return pairs if is_one and all(kind in KINDS and parse_iri(iri) for kind, iri in pairs) else ()


def shorten(text: str, between: str = " ") -> str:
    """Return such a literal with prefixed names and `between` as separator; any other text unchanged."""
    return between.join(f"{kind} {ns.compact(iri)}" for kind, iri in parse_objections(text)) or text


def _name(kind: Term) -> str:
    return kind.value.removeprefix(f"{ns.VOCABULARY}disagreement-kind/") if isinstance(kind, NamedNode) else ""


def kind_properties(store: Store) -> dict[NamedNode, str]:
    """Return the properties by which statements object, each with its kind."""
    found = match(store, None, CD.objectionKind, None, DefaultGraph())
    return {quad.subject: _name(quad.object) for quad in found if isinstance(quad.subject, NamedNode)}


def _objecting_statements(store: Store) -> Iterator[tuple[NamedNode, str, NamedNode]]:
    """Yield which statements object to which ties, accounts and numbers, and how."""
    for property_, kind in kind_properties(store).items():
        for quad in match(store, None, property_, None, DefaultGraph()):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
                yield quad.subject, kind, quad.object


def _severity_key(objection: _RaisedObjection) -> tuple[int, str, bool, str]:
    """Return a sort key: the gravest first; of one kind and passage, what the editors explain."""
    is_drawn = not objection.about.startswith(_DISAGREEMENT)
    return KINDS.index(objection.kind), objection.passage, is_drawn, objection.about


def _stated(store: Store) -> dict[tuple[NamedNode, str, NamedNode], list[tuple[str, Triple | None]]]:
    """Return what the editors state: by the statement that objects, the kind, and the statement or tie objected to.

    Each has the disagreement and, if the objection is to the spelling of a sentence, or to what an account says of
    something other than a tie, the triple that is meant.
    """
    found: dict[tuple[NamedNode, str, NamedNode], list[tuple[str, Triple | None]]] = defaultdict(list)
    for row in select(store, _STATED):
        kind, subject = _name(row["kind"]), row["subject"]
        triple, targets = None, [row["target"]]
        if subject is not None:
            targets = _statements(store, subject, row["other"])
            if not _is_whole(store, subject, kind):
                triple = Triple(subject, row["predicate"], row["object"])
        for by in _statements(store, row["stated"], row["graph"]):
            for target in targets:
                found[by, kind, target].append((row["disagreement"].value, triple))
    return found


def _statements(store: Store, subject: NamedNode, graph: NamedNode) -> list[NamedNode]:
    """Return a statement itself; of a relation its accounts by the passage of a graph, as `objects.rq` takes them."""
    if nodes_of(store, subject, CD.statedIn):
        return [subject]
    return [
        account
        for account in nodes_with(store, CD.accountOf, subject)
        if any(graph in nodes_of(store, place, CD.statementGraph) for place in nodes_of(store, account, CD.statedIn))
    ]


def _is_whole(store: Store, subject: NamedNode, kind: str) -> bool:
    """Return True if an objection is to all that a side of a disagreement states, not to a triple of it."""
    of = _of_account(store, subject)
    if of != subject:
        return Quad(of, RDF.type, CD.Relation, DefaultGraph()) in store
    return kind != KINDS[-1]


def _of_account(store: Store, subject: NamedNode) -> NamedNode:
    return next(iter(nodes_of(store, subject, CD.accountOf)), subject)


def objection_frame(kind: str, language: str = "en") -> tuple[str, str]:
    """Return the words before and after the name of the source that objects: "Denied by ", ": "."""
    english, chinese = objection_sentence(kind, "{by}", "")
    before, _, after = (english if language == "en" else chinese).partition("{by}")
    return before, after
