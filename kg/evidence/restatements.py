"""Sources of a solution without those that only restate what it is about.

Each passage that speaks of a relation states its type and its parties again. Beside a statement that one of them makes
alone, such as a year, these make all others look like sources of the year.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from pyoxigraph import Triple

from kg.evidence.triple_sources import Basis
from kg.rdf.vocabulary import CD, RDF

Statement = tuple[Triple, Basis]
"""A triple of a solution, and what it rests on."""


def attesting_sources(solution: Sequence[Statement]) -> Iterator[frozenset[str]]:
    """Yield the sources of each triple of a solution that count for it.

    Of a thing of which the solution has an account, what the source of the account states counts from there alone. So
    does what follows from that account alone, as a pair of twins from the account of a tie. The type of a thing counts
    from the sources of the rest that is said of it. A triple that none of these state keeps all its sources, so that
    each stays attested.
    """
    things = {triple.subject: triple.object for triple, _ in solution if triple.predicate == CD.accountOf}
    by_accounts: dict[object, set[str]] = defaultdict(set)
    for triple, basis in solution:
        if triple.subject in things:
            by_accounts[things[triple.subject]] |= basis.sources
    narrowed = []
    for triple, basis in solution:
        sources = _narrow(basis.sources, by_accounts.get(triple.subject))
        sufficient = (account.sources for stated, account in solution if stated in basis.accounts)
        narrowed.append((triple, _narrow(sources, set().union(*sufficient))))
    by_rest: dict[object, set[str]] = defaultdict(set)
    for triple, sources in narrowed:
        if triple.predicate != RDF.type:
            by_rest[triple.subject] |= sources
    for triple, sources in narrowed:
        yield _narrow(sources, by_rest.get(triple.subject)) if triple.predicate == RDF.type else sources


def _narrow(sources: frozenset[str], to: set[str] | None) -> frozenset[str]:
    return (sources & to or sources) if to else sources
