"""Update inferences after a change: those that hold no longer, and new ones.

Delete and rederive (Gupta, Mumick and Subrahmanian, Maintaining views incrementally, SIGMOD 1993):

1. *Doubt* every triple that some way of drawing it leads to from what went, or to which something came that should be
   absent, on the graph before. Doubted triples are taken out, so that none holds itself up by a circle.
2. Put back whatever is drawn from what is left, and draw what follows from what came, each triple once, until nothing
   new follows.

What the rules want absent is never drawn by them (`kg.rules.clauses` refuses it), so that it is known beforehand which
of it went and came, and one pass is enough: the result is the one least fixpoint, the same that `infer`
reaches from nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import NamedNode, Triple, Variable

from kg.rules.clauses import (
    Atom,
    RuleClause,
    Triples,
    TriplesAfter,
    TriplesBefore,
    bindings,
    heads,
    is_permitted,
    match_atom,
    order_atoms,
    variables,
)
from kg.rules.expressions import Binding, VarOrTerm

_Key = tuple[NamedNode, object]


@dataclass(frozen=True)
class _Lead:
    """A lead from a triple that matches `atom` to the head of its clause, in whose body or absent block it stands.

    `others` are the other atoms there. They are ordered when the lead is first followed, which few of thousands are.
    """

    clause: RuleClause
    atom: Atom
    others: tuple[Atom, ...]

    @cached_property
    def rest(self) -> tuple[Atom, ...]:
        """The other atoms in the order to match them."""
        return order_atoms(self.others, variables([self.atom]))

    @cached_property
    def shared(self) -> set[VarOrTerm]:
        """The variables of the body that an absent block binds as well; the block may match in other ways, too."""
        return variables([self.atom, *self.others]) & variables(self.clause.body)

    @cached_property
    def body(self) -> tuple[Atom, ...]:
        """The whole body in the order to match it, for an atom of an absent block."""
        return order_atoms(self.clause.body, self.shared)


class InferenceChanges:
    """The clauses, indexed by their leads."""

    def __init__(self, clauses: Iterable[RuleClause]) -> None:
        self._from: dict[_Key, list[_Lead]] = defaultdict(list)
        self._against: dict[_Key, list[_Lead]] = defaultdict(list)
        self._drawing: dict[_Key, list[_Lead]] = defaultdict(list)
        for clause in clauses:
            self._enter(clause)

    def _enter(self, clause: RuleClause) -> None:
        self._drawing[_key(clause.head)].append(_Lead(clause, clause.head, clause.body))
        for atom, others in _each_with_rest(clause.body):
            self._from[_key(atom)].append(_Lead(clause, atom, others))
        for block in clause.absent:
            for atom, others in _each_with_rest(block):
                self._against[_key(atom)].append(_Lead(clause, atom, others))

    def apply(self, before: TriplesBefore, after: TriplesAfter, is_stated: Callable[[Triple], bool]) -> None:
        """Update the inferences in `after` for the triples that were added and removed.

        `before` is the graph with all its inferences; `after` is the same without the statements removed and with those
        added. `is_stated` returns True if a triple is stated now; such a triple needs no rule.
        """
        came, went = tuple(after.come), tuple(after.gone)
        self._doubt(before, after, came, went, is_stated)
        doubted = tuple(after.gone)
        pending = [head for triple in came for head in self._derive_from(triple, after)]
        pending += [head for triple in went for head in self._conclusions_without(triple, before, after)]
        pending += [triple for triple in doubted if self._is_derivable(triple, after)]
        while pending:
            triple = pending.pop()
            if triple not in after:
                after.add(triple)
                pending += self._derive_from(triple, after)

    def _doubt(
        self,
        before: TriplesBefore,
        after: TriplesAfter,
        came: Iterable[Triple],
        went: Iterable[Triple],
        is_stated: Callable[[Triple], bool],
    ) -> None:
        pending = [head for triple in went for head in self._conclusions_of(triple, before)]
        pending += [head for triple in came for head in self._conclusions_against(triple, before, after)]
        while pending:
            triple = pending.pop()
            if triple not in after.gone and triple in before and not is_stated(triple):
                after.gone.add(triple)
                pending += self._conclusions_of(triple, before)

    def _conclusions_of(self, triple: Triple, before: TriplesBefore) -> Iterator[Triple]:
        for lead, known in _leads(self._from, triple):
            for head, _ in heads(lead.clause, lead.rest, known, before):
                yield head

    def _conclusions_against(self, triple: Triple, before: TriplesBefore, after: TriplesAfter) -> Iterator[Triple]:
        for lead, known in _leads(self._against, triple):
            if not all(map(before.has, _body_binding(lead, known).values())):
                continue  # nothing was concluded of what is new; its block may match all that came with it
            for met in bindings(lead.rest, known, after):
                for head, _ in heads(lead.clause, lead.body, _body_binding(lead, met), before):
                    yield head

    def _conclusions_without(self, triple: Triple, before: TriplesBefore, after: TriplesAfter) -> Iterator[Triple]:
        for lead, known in _leads(self._against, triple):
            for met in bindings(lead.rest, known, before):
                yield from _derive(lead.clause, lead.body, _body_binding(lead, met), after)

    def _derive_from(self, triple: Triple, after: TriplesAfter) -> Iterator[Triple]:
        for lead, known in _leads(self._from, triple):
            yield from _derive(lead.clause, lead.rest, known, after)

    def _is_derivable(self, triple: Triple, after: TriplesAfter) -> bool:
        leads = _leads(self._drawing, triple)
        return any(True for lead, known in leads for _ in _derive(lead.clause, lead.rest, known, after))


def _derive(clause: RuleClause, body: tuple[Atom, ...], known: Binding, triples: Triples) -> Iterator[Triple]:
    for head, binding in heads(clause, body, known, triples):
        if is_permitted(clause, binding, triples):
            yield head


def _body_binding(lead: _Lead, met: Binding) -> Binding:
    """Return the part of a binding of an absent block that the body shares."""
    return {variable: term for variable, term in met.items() if variable in lead.shared}


def _each_with_rest(atoms: tuple[Atom, ...]) -> Iterator[tuple[Atom, tuple[Atom, ...]]]:
    for number, atom in enumerate(atoms):
        yield atom, atoms[:number] + atoms[number + 1 :]


def _leads(leads: Mapping[_Key, list[_Lead]], triple: Triple) -> Iterator[tuple[_Lead, Binding]]:
    for key in ((triple.predicate, triple.object), (triple.predicate, None)):
        for lead in leads.get(key, ()):
            known = match_atom(lead.atom, triple, {})
            if known is not None:
                yield lead, known


def _key(atom: Atom) -> _Key:
    """Return the key of an atom: its predicate and, where it is fixed, its object, such as a class or a status."""
    return atom.predicate, None if isinstance(atom.object, Variable) else atom.object
