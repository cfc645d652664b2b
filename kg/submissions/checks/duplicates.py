"""Check whether what a submission brings is there already: under another IRI or spelling, or for the same parties.

The same link to Wikidata or GeoNames, the code of a state, or a twinning of the same two, is the same thing: a
Violation. The same or nearly the same name, the same position, or a second item of Wikidata may be chance: a Warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode, Quad

from kg.findings import Finding
from kg.messages import bilingual
from kg.rdf.vocabulary import CD, RDF
from kg.submissions.checks.candidates import MOST_REPORTED, first_few, repetition_finding
from kg.submissions.checks.graph_after import GraphAfter, Value
from kg.submissions.checks.same_identifiers import check_identifiers
from kg.submissions.checks.same_names import check_names

_PARTIES: dict[Value, tuple[NamedNode, NamedNode]] = {
    CD.Twinning: (CD.twin, CD.twin),
    CD.Membership: (CD.member, CD.network),
}
_YEAR = re.compile(r"-[0-9]{4}$")


def check_identity(after: GraphAfter) -> Iterator[tuple[Quad, Finding]]:
    """Yield a finding for what seems to be there already, with a quad that brings it."""
    yield from check_identifiers(after)
    yield from _same_parties(after)
    yield from check_names(after)


def _same_parties(after: GraphAfter) -> Iterator[tuple[Quad, Finding]]:
    known: dict[tuple[object, ...], dict[str, NamedNode]] = {}
    for said in after.added:
        if said.predicate == RDF.type and (roles := _PARTIES.get(said.value)) is not None:
            for node in _relations_between(after, said.subject, roles, known):
                words = bilingual("{other} has the same parties.", other=after.display_name(node))
                hint = "Add your account to it; only a renewed tie has an IRI of its own: that one with its begin year."
                yield said.quad, repetition_finding(words, said, node, hint)


def _relations_between(
    after: GraphAfter,
    relation: NamedNode,
    roles: tuple[NamedNode, NamedNode],
    known: dict[tuple[object, ...], dict[str, NamedNode]],
) -> list[NamedNode]:
    """Return relations of the same parties that are neither this one nor renewals of it, nor it of them; a few."""
    parties = [after.objects(relation, role) for role in roles]
    if not all(parties):
        return []
    one, other = min(parties[0], key=str), max(parties[1], key=str)
    if one == other or not isinstance(one, NamedNode) or not isinstance(other, NamedNode):
        return []
    if (named := known.get((*roles, one, other))) is None:
        same = after.subjects(roles[0], one) & after.subjects(roles[1], other)
        named = known[*roles, one, other] = _by_name(first_few(after, same, len(same)))
    own = _YEAR.sub("", relation.value)
    return [node for name, node in named.items() if name != own][:MOST_REPORTED]


def _by_name(relations: Iterable[NamedNode]) -> dict[str, NamedNode]:
    """Return the relations by their names without years, the first of each; a few."""
    found: dict[str, NamedNode] = {}
    for relation in relations:
        if len(found) <= MOST_REPORTED:
            found.setdefault(_YEAR.sub("", relation.value), relation)
    return found
