"""What objects already to ties and accounts that a statement of the change repeats.

The rules draw what follows anew. An account of a tie that the graph has already meets what objects to that tie, if it
says when it began: it is not of a later time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode

from kg.curation.effects.lists_and_counts import COMPLETE, Otherwise, as_of, is_gone
from kg.curation.effects.result import ChangeResult
from kg.objections import kind_properties
from kg.rdf import namespaces as ns
from kg.rdf.lookup import LookUp, subjects, text_of, values
from kg.rdf.vocabulary import CD

_AGAINST = ("denies", "in-tension", "counts-otherwise")
_FINDINGS = ("absence", "completeness", "finding", "statistic")
"""Kinds of nodes that object to a tie; another tie's account does so on its own behalf."""


def of_known_ties(result: ChangeResult, own: Iterable[NamedNode]) -> Iterator[Otherwise]:
    """Yield what objects to ties, and accounts, that accounts of the change repeat, and what they date more exactly."""
    kinds = kind_properties(result.store)
    for account in sorted(own, key=str):
        for tie in values(result.after, account, CD.accountOf):
            others = subjects(result.before, CD.accountOf, tie) - {account}
            if others and not any(result.before(account, CD.accountOf)) and not is_gone(result.after, account):
                yield from _objecting(result.after, kinds, account, tie, others)
                yield from _more_exact(result.after, kinds, account, tie, others)


def _objecting(
    look_up: LookUp, kinds: dict[NamedNode, str], account: NamedNode, tie: NamedNode, others: set[NamedNode]
) -> Iterator[Otherwise]:
    """Yield the findings that object to the tie, or to an account with the same begin."""
    begin = _begin(look_up, account)
    if not all(begin):
        return
    alike = {other for other in others if _begin(look_up, other) == begin}
    for property_, kind in kinds.items():
        if kind in _AGAINST:
            found = {one for thing in (tie, *alike) for one in subjects(look_up, property_, thing)}
            found |= {one for other in alike for one in values(look_up, other, property_)}
            for one in sorted(found, key=str):
                of_then = as_of(look_up, one, CD.asOfLatest)
                if ns.kind_of(one.value) in _FINDINGS and not (of_then and begin[0] > of_then):
                    is_left_out = ns.kind_of(one.value) == "completeness" and not any(look_up(account, CD.standing))
                    yield Otherwise(COMPLETE if is_left_out else kind, account, one)


def _more_exact(
    look_up: LookUp, kinds: dict[NamedNode, str], account: NamedNode, tie: NamedNode, others: set[NamedNode]
) -> Iterator[Otherwise]:
    """Yield what is said less exactly than by other accounts of the tie, such as a twin of the whole, not the part."""
    for property_, kind in kinds.items():
        if kind == "more-exact":
            found = {one for other in others for one in values(look_up, other, property_)} - others - {account, tie}
            for one in found:
                yield from (Otherwise(kind, account, said) for said in subjects(look_up, CD.accountOf, one) or {one})


def _begin(look_up: LookUp, account: NamedNode) -> tuple[str, str]:
    return text_of(look_up, account, CD.beginEarliest), text_of(look_up, account, CD.beginLatest)
