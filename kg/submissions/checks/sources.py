"""Check that every statement has a source, and that a source has one account of a thing.

Both additions and removals are checked. A relation needs an account with cd:statedIn; a statement needs cd:statedIn
itself; a place, organisation, person, group or concept needs an account, cd:statedIn or dcterms:source. What a source
says of a relation, actor or group belongs on its account (docs/decisions/accounts.md); of activities, publications and
zones the shapes say so, and that they need one.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import NamedNode, Quad

from kg.findings import Finding
from kg.messages import bilingual
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD, DCTERMS, RDF, SKOS
from kg.submissions.checks.graph_after import GraphAfterChange

_SOURCE_PROPERTIES = (CD.statedIn, DCTERMS.source)
ON_ACCOUNTS = {
    *(
        CD.character,
        CD.status,
        CD.implied,
        CD.standing,
        CD.basis,
        CD.role,
        CD.roleTitle,
        CD.scope,
    ),
    *(CD.begin, CD.beginEarliest, CD.beginLatest, CD.end, CD.endEarliest, CD.endLatest),
    *(CD.atTime, CD.atTimeEarliest, CD.atTimeLatest, CD.note, CD.printedName),
    *(CD.underAgreement, CD.amount),
    *(CD.theme, CD.partOf, CD.purpose, CD.location, CD.hedge, CD.extent, CD.frequency, CD.says, CD.about),
}
"""Properties for what a source says of a relation, actor or group, which belong on its account."""


def check_evidence(after: GraphAfterChange) -> Iterator[tuple[Quad, Finding]]:
    """Yield a finding for each thing without a source, and each detail outside an account, with its quad."""
    classes = _Classes(after)
    for thing, quad in _things_to_check(after, classes).items():
        if (finding := classes.without_source(thing)) is not None:
            yield quad, finding
    for statement in after.added:
        if statement.predicate in ON_ACCOUNTS and classes.is_described_by_accounts(statement.subject):
            name, described = ns.compact(statement.predicate.value), ns.compact(statement.subject.value)
            words = bilingual(
                "{name} belongs on an account of {thing}, not on {thing} itself.", name=name, thing=described
            )
            hint = (
                f"State it on the account of the source: account:… a cd:Account ; cd:accountOf {described} ; "
                f"cd:statedIn source:… ; {name} … ."
            )
            yield statement.quad, _finding(statement.subject, words, hint, name)


def check_accounts(after: GraphAfterChange) -> Iterator[tuple[Quad, Finding]]:
    """Yield a finding for each second account of one thing by one source, with a quad of the change.

    SHACL could check this by a query, which would read all accounts again with each change of one
    (kg.shacl.incremental).
    """
    brought = {
        statement.subject: statement for statement in after.added if statement.predicate in (CD.accountOf, CD.statedIn)
    }
    after.prefetch((account, predicate) for account in brought for predicate in (CD.accountOf, CD.statedIn))
    for account, statement in brought.items():
        if (finding := _second_account(after, account)) is not None:
            yield statement.quad, finding


def _things_to_check(after: GraphAfterChange, classes: _Classes) -> dict[NamedNode, Quad]:
    """Return the things that now need a source, or lose one, each with the quad that causes that."""
    found: dict[NamedNode, Quad] = {}
    for gained in after.new_members(*classes.families):
        found |= {thing: statement.quad for thing, statement in gained.items()}
    for statement in after.removed:
        if statement.predicate in (*_SOURCE_PROPERTIES, CD.accountOf):
            found.setdefault(statement.subject, statement.quad)
        if statement.predicate == CD.accountOf and isinstance(statement.value, NamedNode):
            found.setdefault(statement.value, statement.quad)
    return found


class _Classes:
    """The classes whose things need a source."""

    def __init__(self, after: GraphAfterChange) -> None:
        self._after = after
        self._relations = after.classes_below(CD.Relation)
        self._activities = after.classes_below(CD.Activity)
        self._statements = after.classes_below(CD.Statement)
        self._things = after.classes_below(CD.Actor, CD.Group, CD.Place) | {SKOS.Concept}

    @property
    def families(self) -> tuple[frozenset[NamedNode], ...]:
        """The sets of classes whose things need a source in the same way."""
        return self._statements, self._relations, self._things

    def is_described_by_accounts(self, thing: NamedNode) -> bool:
        """Return True for relations, actors and groups; of activities, publications and zones the shapes say it."""
        types = self._after.objects(thing, RDF.type)
        return (
            bool(types & (self._relations | self._things))
            and SKOS.Concept not in types
            and not types & self._activities
        )

    def without_source(self, thing: NamedNode) -> Finding | None:
        """Return the finding that a thing lacks the source that it needs."""
        types = self._after.objects(thing, RDF.type)
        name = ns.compact(thing.value)
        if types & self._statements and not self._after.objects(thing, CD.statedIn):
            words = bilingual("{name} does not say where it is stated.", name=name)
            return _finding(thing, words, "Name the passage or source: cd:statedIn source:….", "cd:statedIn")
        if types & self._relations and not types & self._activities and not self._has_account(thing):
            words = bilingual("No source states {name}: it has no account.", name=name)
            hint = f"Add one: account:… a cd:Account ; cd:accountOf {name} ; cd:statedIn source:… ."
            return _finding(thing, words, hint)
        is_asked = types & self._things and not types & self._relations
        if is_asked and not self._has_source(thing) and not self._is_concept_of_files(thing):
            words = bilingual("{name} has no source.", name=name)
            hint = "Name the cd:Source that it is taken from: dcterms:source source:…."
            return _finding(thing, words, hint, "dcterms:source")
        return None

    def _is_concept_of_files(self, thing: NamedNode) -> bool:
        found = match(self._after.store, thing, RDF.type, SKOS.Concept)
        return any(graphs.is_from_files(quad.graph_name) for quad in found)

    def _has_account(self, thing: NamedNode) -> bool:
        accounts = self._after.subjects(CD.accountOf, thing)
        return any(isinstance(a, NamedNode) and self._after.objects(a, CD.statedIn) for a in accounts)

    def _has_source(self, thing: NamedNode) -> bool:
        return any(self._after.objects(thing, predicate) for predicate in _SOURCE_PROPERTIES) or self._has_account(
            thing
        )


def _finding(thing: NamedNode, words: tuple[str, str], hint: str, path: str | None = None) -> Finding:
    return Finding("evidence", "Violation", *words, focus=ns.compact(thing.value), path=path, hint=hint)


def _second_account(after: GraphAfterChange, account: NamedNode) -> Finding | None:
    for thing in _sorted_nodes(after.objects(account, CD.accountOf)):
        others = _sorted_nodes(after.subjects(CD.accountOf, thing) - {account})
        for source in _sorted_nodes(after.objects(account, CD.statedIn)):
            if after.is_of_files(source, DCTERMS.isPartOf):
                continue  # a passage of theirs: check_files_only reports it
            same = next((other for other in others if source in after.objects(other, CD.statedIn)), None)
            if same is not None:
                other, its = ns.compact(same.value), ns.compact(source.value)
                words = bilingual(
                    "{source} has an account of {thing} already.", source=its, thing=ns.compact(thing.value)
                )
                hint = f"Say all that it says of it on one account, {other}; or name another source."
                return Finding("evidence", "Violation", *words, focus=ns.compact(account.value), value=other, hint=hint)
    return None


def _sorted_nodes(terms: set[object]) -> list[NamedNode]:
    return sorted((term for term in terms if isinstance(term, NamedNode)), key=str)
