"""Check withdrawals and removals of things: no statements are left about a thing that is gone.

Only a thing that curators stated may be withdrawn, with a reason, and with a successor or expressly without one. Its
mark is owl:deprecated; kg.publish.withdrawn answers for its IRI then. kg.curation requires a second person to agree. A
thing is removed with its last stated type; SHACL does not see dangling references to it, nor the marks that may be left
of it, since shapes go by types.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.findings import Finding
from kg.messages import bilingual
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.lookup import match
from kg.rdf.ontology import TRUE
from kg.rdf.vocabulary import CD, DCTERMS, OWL, RDF, SKOS
from kg.submissions.checks.concepts import is_concept, scheme_of
from kg.submissions.checks.graph_after import ChangedQuad, GraphAfterChange

_OF_SUBJECTS = frozenset(
    (
        *(OWL.deprecated, DCTERMS.isReplacedBy, CD.withoutSuccessor),
        *(NamedNode(f"{scheme}://schema.org/supersededBy") for scheme in ("http", "https")),
        *(NamedNode(f"{ns.PREFIXES['prov']}{name}") for name in ("invalidatedAtTime", "wasInvalidatedBy")),
    )
)
"""Properties which say that their subject is withdrawn or gone, or was replaced."""
MOST_DANGLING = 20
_OF_WITHDRAWALS = (OWL.deprecated, SKOS.changeNote, DCTERMS.isReplacedBy, CD.withoutSuccessor)


def withdraws(change: Change, store: Store) -> bool:
    """Return True if a change of a store withdraws something, which needs a second person's consent."""
    marks = (quad for quad in change.added if quad.predicate == OWL.deprecated and quad.object == TRUE)
    return any(quad not in store for quad in marks)


def leaves_only_marks(after: GraphAfterChange, thing: NamedNode) -> bool:
    """Return True if what a change leaves of a thing that there was is that it is withdrawn, and why."""
    there = any(match(after.store, thing, None, None, DefaultGraph())) or any(
        one.subject == thing for one in after.removed
    )
    added = {statement.predicate for statement in after.additions_about(thing)}
    is_withdrawn = TRUE in after.objects(thing, OWL.deprecated) and not after.objects(thing, RDF.type)
    return is_withdrawn and there and added <= {*_OF_WITHDRAWALS}


def check_withdrawals(after: GraphAfterChange) -> Iterator[tuple[Quad, Finding]]:
    """Yield findings on withdrawals that are not allowed or not complete, with a quad of the change."""
    marked: dict[NamedNode, ChangedQuad] = {}
    for statement in sorted(
        after.added, key=lambda statement: (statement.predicate != OWL.deprecated, str(statement.quad))
    ):
        thing = _withdrawal_target(statement)
        if isinstance(thing, NamedNode) and thing not in marked and after.is_of_files(thing):
            marked[thing] = statement
            yield statement.quad, _files_finding(thing, statement.predicate)
    touched = (statement for statement in (*after.added, *after.removed) if statement.predicate in _OF_WITHDRAWALS)
    things = {
        statement.subject: statement.quad
        for statement in sorted(touched, key=lambda statement: statement.predicate == OWL.deprecated)
    }
    for thing, quad in things.items():
        if thing in marked or TRUE not in after.objects(thing, OWL.deprecated):
            continue
        if after.is_of_files(thing):
            yield quad, _files_finding(thing, OWL.deprecated)
        else:
            yield from ((quad, finding) for finding in _findings(after, thing))


def _withdrawal_target(statement: ChangedQuad) -> object:
    """Return the thing that a statement withdraws, or calls replaced; None for other statements."""
    if statement.predicate == DCTERMS.replaces:
        return statement.value
    return statement.subject if statement.predicate in _OF_SUBJECTS else None


def _findings(after: GraphAfterChange, thing: NamedNode) -> Iterator[Finding]:
    name = ns.compact(thing.value)
    if thing.value.startswith(ns.ID) and after.objects(thing, RDF.type):
        words = bilingual("{name} is withdrawn, but what is stated of it stays on pages and in answers.", name=name)
        hint = f"Remove in the same change all that is stated of it. The desk writes that change: /desk?about={name}"
        yield replace(_finding("evidence", thing, words, hint), severity="Warning")
    if not any(
        isinstance(reason, Literal) and reason.value.strip() for reason in after.objects(thing, SKOS.changeNote)
    ):
        words = bilingual("{name} is withdrawn without a reason.", name=name)
        yield _finding("evidence", thing, words, f'Say why, to those who look for it: {name} skos:changeNote "…"@en .')
    successors, has_none = (
        after.objects(thing, DCTERMS.isReplacedBy),
        TRUE in after.objects(thing, CD.withoutSuccessor),
    )
    if bool(successors) == has_none:
        words = bilingual("{name} is withdrawn, but its successor is not clear.", name=name)
        hint = f"Name it: {name} dcterms:isReplacedBy … ; or, if nothing has: {name} cd:withoutSuccessor true ."
        yield _finding("evidence", thing, words, hint)
    for successor in successors:
        if not _can_succeed(after, thing, successor):
            other = ns.compact(str(getattr(successor, "value", successor)))
            words = bilingual("{other} cannot take the place of {name}.", other=other, name=name)
            hint = "Name a thing that is there, and is not withdrawn itself."
            yield replace(_finding("evidence", thing, words, hint), path=ns.compact(DCTERMS.isReplacedBy.value))


def _files_finding(thing: NamedNode, predicate: NamedNode) -> Finding:
    """Return the finding that things of the files are neither withdrawn nor replaced here, whatever the value."""
    name = ns.compact(thing.value)
    words = bilingual("{name} belongs to the files and can only be withdrawn there.", name=name)
    hint = "Tell the maintainers why it should go."
    return Finding("policy", "Violation", *words, focus=name, path=ns.compact(predicate.value), hint=hint)


def _can_succeed(after: GraphAfterChange, thing: NamedNode, successor: object) -> bool:
    """Return True if a successor is another thing, or concept of the scheme, that exists and is not withdrawn."""
    return (
        isinstance(successor, NamedNode)
        and successor != thing
        and (successor.value.startswith(ns.ID) if thing.value.startswith(ns.ID) else _in_one_scheme(thing, successor))
        and bool(after.objects(successor, RDF.type))
        and TRUE not in after.objects(successor, OWL.deprecated)
    )


def _in_one_scheme(concept: NamedNode, other: NamedNode) -> bool:
    return is_concept(other.value) and scheme_of(concept.value) == scheme_of(other.value)


def _finding(step: str, thing: NamedNode, words: tuple[str, str], hint: str) -> Finding:
    return Finding(step, "Violation", *words, focus=ns.compact(thing.value), path="owl:deprecated", hint=hint)


def check_dangling(after: GraphAfterChange) -> Iterator[tuple[Quad, Finding]]:
    """Yield a finding for each statement about a removed thing, or referring to it, with the quad that removes it."""
    for statement in after.removed:
        if statement.predicate == RDF.type and not after.objects(statement.subject, RDF.type):
            for left in _dangling_statements(after, statement.subject)[:MOST_DANGLING]:
                yield statement.quad, _dangling_finding(statement.subject, left)


def _dangling_statements(after: GraphAfterChange, thing: NamedNode) -> list[Quad]:
    statement = {*match(after.store, thing), *match(after.store, None, None, thing)}
    not_stated = {graphs.HISTORY, *graphs.NOT_STATED}
    return sorted(
        (
            quad
            for quad in statement - after.gone
            if quad.graph_name not in not_stated and not (quad.subject == thing and quad.predicate in _OF_WITHDRAWALS)
        ),
        key=str,
    )


def _dangling_finding(thing: NamedNode, left: Quad) -> Finding:
    name, subject = ns.compact(thing.value), ns.compact(str(getattr(left.subject, "value", left.subject)))
    return Finding(
        "evidence",
        "Violation",
        *bilingual("{name} would be gone, but {subject} still refers to it.", name=name, subject=subject),
        focus=subject,
        path=ns.compact(left.predicate.value),
        value=name,
        hint="Take that back, or change it, first.",
    )
