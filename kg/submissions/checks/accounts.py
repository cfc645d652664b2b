"""Check that one passage or source has one account of a thing (docs/decisions/accounts.md).

SHACL could say it by a query, which would look at all accounts anew with each change of one (kg.shacl.incremental).
"""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import NamedNode, Quad

from kg.findings import Finding
from kg.messages import bilingual
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD, DCTERMS
from kg.submissions.checks.graph_after import AfterChange


def check_accounts(after: AfterChange) -> Iterator[tuple[Quad, Finding]]:
    """Yield a finding for each account of what its source has an account of already, with a quad that makes it so."""
    brought = {said.subject: said for said in after.added if said.predicate in (CD.accountOf, CD.statedIn)}
    after.look_up((account, predicate) for account in brought for predicate in (CD.accountOf, CD.statedIn))
    for account, said in brought.items():
        if (finding := _finding(after, account)) is not None:
            yield said.quad, finding


def _finding(after: AfterChange, account: NamedNode) -> Finding | None:
    for thing in _named(after.objects(account, CD.accountOf)):
        others = _named(after.subjects(CD.accountOf, thing) - {account})
        for source in _named(after.objects(account, CD.statedIn)):
            if _is_of_files(after, source):
                continue  # check_files_alone says so
            same = next((other for other in others if source in after.objects(other, CD.statedIn)), None)
            if same is not None:
                other, its = ns.compact(same.value), ns.compact(source.value)
                words = bilingual(
                    "{source} has an account of {thing} already.", source=its, thing=ns.compact(thing.value)
                )
                hint = f"Say all that it says of it on one account, {other}; or name another source."
                return Finding("evidence", "Violation", *words, focus=ns.compact(account.value), value=other, hint=hint)
    return None


def _is_of_files(after: AfterChange, source: NamedNode) -> bool:
    """Tell whether a source is a passage that the files state."""
    return any(graphs.is_of_files(part.graph_name) for part in match(after.store, source, DCTERMS.isPartOf))


def _named(terms: set[object]) -> list[NamedNode]:
    return sorted((term for term in terms if isinstance(term, NamedNode)), key=str)
