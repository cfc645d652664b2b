"""The derivations of a triple: the premises from which a rule infers it, one step at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pyoxigraph import Store, Triple, Variable

from kg.rules import inference
from kg.rules.clauses import (
    Atom,
    RuleClause,
    TriplesBefore,
    heads,
    is_permitted,
    match_atom,
    order_atoms,
    variables,
)
from kg.rules.expressions import Binding
from kg.rules.reading import clauses_of


class Derivations:
    """The rules, over the default graph of an unchanging store."""

    def __init__(self, store: Store) -> None:
        self._graph = TriplesBefore(store)
        self._drawing: dict[object, list[tuple[RuleClause, tuple[Atom, ...]]]] = defaultdict(list)
        for clause in clauses_of(inference.rules(), store):
            body = order_atoms(clause.body, variables([clause.head]))
            self._drawing[clause.head.predicate].append((clause, body))

    def of(self, triple: Triple) -> Iterator[tuple[Triple, ...]]:
        """Yield the premises of each derivation of a triple by one rule."""
        for clause, body in self._drawing.get(triple.predicate, ()):
            known = match_atom(clause.head, triple, {})
            if known is None:
                continue
            for _, binding in heads(clause, body, known, self._graph):
                if is_permitted(clause, binding, self._graph):
                    yield tuple(_instantiate(atom, binding) for atom in clause.body)


def _instantiate(atom: Atom, binding: Binding) -> Triple:
    subject, value = (binding[term] if isinstance(term, Variable) else term for term in (atom.subject, atom.object))
    return Triple(subject, atom.predicate, value)  # type: ignore[arg-type]
