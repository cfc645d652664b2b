"""Check statements about concepts: a submission may add concepts to open schemes, but not change those of the files.

The shapes say which schemes are open: a value need only be in an open scheme, while the values of a closed scheme are
listed (shapes/values.ttl). Rules and pages name concepts of some open schemes; how they treat a new one is reported
here once, as a warning (docs/curating/concepts.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyoxigraph import NamedNode, Quad, Store

from kg.findings import Finding
from kg.messages import bilingual
from kg.nearest import suggest
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD, DCTERMS, OWL, RDF, SH, SKOS
from kg.submissions.checks.graph_after import ChangedQuad, GraphAfterChange

LONGEST_NAME = 100

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PROPERTIES = {
    *(RDF.type, SKOS.inScheme, SKOS.topConceptOf, SKOS.broader, SKOS.prefLabel, SKOS.altLabel, SKOS.definition),
    *(SKOS.scopeNote, SKOS.example, SKOS.exactMatch, SKOS.closeMatch, DCTERMS.source),
    *(OWL.deprecated, SKOS.changeNote, DCTERMS.isReplacedBy, CD.withoutSuccessor),
}
"""The properties that a concept may have; the last line is for a withdrawn one."""
_FIXED_HIERARCHIES = frozenset({"membership-role"})
"""Schemes whose hierarchy the rules use, so that only the files may state skos:broader there."""

_NOT_CURRENT = tuple(f"status:{name}" for name in "planned refused impossible suspended former".split())


def is_concept(iri: str) -> bool:
    """Return True if an IRI is that of a concept of ours, whether the concept exists or not."""
    return iri.startswith(ns.VOCABULARY) and "/" in iri.removeprefix(ns.VOCABULARY)


def scheme_of(iri: str) -> str:
    """Return the name of the scheme in the IRI of a concept."""
    return iri.removeprefix(ns.VOCABULARY).partition("/")[0]


def open_schemes(store: Store) -> list[str]:
    """Return the names of the schemes to which curators may add concepts, sorted."""
    asking = match(store, None, SH.path, SKOS.inScheme, graphs.SHAPES)
    values = (quad.object for one in asking for quad in match(store, one.subject, SH.hasValue, None, graphs.SHAPES))
    return sorted({value.value.removeprefix(ns.VOCABULARY) for value in values if isinstance(value, NamedNode)})


def check_concepts(after: GraphAfterChange) -> Iterator[tuple[Quad, Finding]]:
    """Yield findings on statements about concepts: forbidden ones, and new concepts that the rules treat specially."""
    about = [statement for statement in after.added if is_concept(statement.subject.value)]
    if about:
        concepts = _Concepts(after)
        for statement in about:
            if (
                finding := concepts.subject_finding(statement.subject) or concepts.statement_finding(statement)
            ) is not None:
                yield statement.quad, finding
        for concept, statement in after.new_members(frozenset({SKOS.Concept}))[0].items():
            if (finding := _effect_on_rules(concept)) is not None:
                yield statement.quad, finding


class _Concepts:
    """Checks the statements of a change about concepts."""

    def __init__(self, after: GraphAfterChange) -> None:
        self._after = after
        self._open = open_schemes(after.store)
        self._subject_findings: dict[NamedNode, Finding | None] = {}

    def subject_finding(self, concept: NamedNode) -> Finding | None:
        """Return the finding that a concept may have no statements; the same for each of its statements."""
        if concept not in self._subject_findings:
            self._subject_findings[concept] = self._new_concept_finding(concept)
        return self._subject_findings[concept]

    def statement_finding(self, statement: ChangedQuad) -> Finding | None:
        """Return the finding on one statement about a concept that may have statements."""
        if statement.predicate not in _PROPERTIES:
            words = bilingual("A concept cannot have the property {name}.", name=ns.compact(statement.predicate.value))
            known = "skos:prefLabel, skos:altLabel, skos:definition, skos:scopeNote, skos:broader and dcterms:source"
            return _finding(statement.subject, words, f"Say of it {known}.", statement)
        return self._type_finding(statement) or self._scheme_finding(statement)

    def _new_concept_finding(self, concept: NamedNode) -> Finding | None:
        name, scheme = ns.compact(concept.value), scheme_of(concept.value)
        if self._after.is_of_files(concept):
            words = bilingual("{name} belongs to the files and can only be changed there.", name=name)
            return _finding(
                concept, words, "Propose the change to the maintainers, or a concept of your own beside it."
            )
        if scheme not in self._open:
            return self._closed_scheme_finding(concept, scheme)
        local = concept.value.removeprefix(f"{ns.VOCABULARY}{scheme}/")
        if not _NAME.fullmatch(local) or len(local) > LONGEST_NAME:
            words = bilingual("{name!r} is not a valid name in the IRI of a concept.", name=local)
            return _finding(concept, words, "Names are small letters, digits and hyphens, such as theme:night-life.")
        if SKOS.Concept not in self._after.objects(concept, RDF.type):
            words = bilingual("{name} would not be a concept.", name=name)
            return _finding(concept, words, how_to_state(name, scheme))
        return None

    def _closed_scheme_finding(self, concept: NamedNode, scheme: str) -> Finding:
        if any(match(self._after.store, NamedNode(ns.VOCABULARY + scheme), RDF.type, SKOS.ConceptScheme)):
            words = bilingual("The vocabulary {scheme} is closed: shapes and rules name its concepts.", scheme=scheme)
            hint = "Choose one of its concepts, or propose a new one to the maintainers."
        else:
            words = bilingual("There is no vocabulary {scheme!r}.", scheme=scheme)
            hint = suggest(scheme, self._open)
        return _finding(concept, words, f"{hint} Open are {', '.join(self._open)}.".strip())

    def _type_finding(self, statement: ChangedQuad) -> Finding | None:
        if statement.predicate != RDF.type or statement.value == SKOS.Concept:
            return None
        words = bilingual("A concept can have no type but skos:Concept.")
        return _finding(
            statement.subject, words, "Take out the other type; a thing of the world has an IRI below id/.", statement
        )

    def _scheme_finding(self, statement: ChangedQuad) -> Finding | None:
        """Return the finding that a concept, or a broader one, is in another scheme than its IRI says."""
        scheme = scheme_of(statement.subject.value)
        if (
            statement.predicate in (SKOS.inScheme, SKOS.topConceptOf)
            and statement.value.value != ns.VOCABULARY + scheme
        ):
            words = bilingual("By its IRI the concept belongs to the vocabulary {scheme}.", scheme=scheme)
            return _finding(
                statement.subject,
                words,
                f"{ns.compact(statement.predicate.value)} <{ns.VOCABULARY}{scheme}>",
                statement,
            )
        if statement.predicate != SKOS.broader:
            return None
        if scheme in _FIXED_HIERARCHIES:
            words = bilingual("Only the files can say which roles are narrower than others: rules depend on it.")
            return _finding(
                statement.subject, words, "Leave skos:broader out; an account can have both roles.", statement
            )
        if scheme_of(statement.value.value) != scheme or statement.value == statement.subject:
            words = bilingual("A broader concept must be another concept of {scheme}.", scheme=scheme)
            return _finding(statement.subject, words, "Name such a concept, or leave skos:broader out.", statement)
        return None


def how_to_state(name: str, scheme: str) -> str:
    """Return a hint with the statements of a new concept, given its short IRI."""
    return (
        f"State it in the same submission: {name} a skos:Concept ; skos:inScheme <{ns.VOCABULARY}{scheme}> ; "
        'skos:prefLabel "…"@en , "…"@zh-Hans ; skos:definition "…"@en , "…"@zh-Hans ; dcterms:source source:… .'
    )


def _effect_on_rules(concept: NamedNode) -> Finding | None:
    """Return the warning how the rules treat a new concept, if they name concepts of its scheme."""
    scheme = scheme_of(concept.value)
    if scheme == "tie-status":
        words = bilingual("A tie with a new status counts as a current one.")
        hint = f"If it is not, choose {', '.join(_NOT_CURRENT[:-1])} or {_NOT_CURRENT[-1]}."
    elif scheme == "membership-role":
        words = bilingual("A new role does not make its holder a member.")
        hint = "If who has it is a member, state role:member on the account as well."
    else:
        return None
    name = ns.compact(concept.value)
    return Finding(
        "policy", "Warning", *words, focus=name, hint=f"{hint} If all is well so, say that you have seen this."
    )


def _finding(concept: NamedNode, words: tuple[str, str], hint: str, statement: ChangedQuad | None = None) -> Finding:
    path, value = (
        (ns.compact(statement.predicate.value), ns.compact(statement.value.value)) if statement else (None, None)
    )
    name = ns.compact(concept.value)
    return Finding("policy", "Violation", *words, focus=name, path=path, value=value, hint=hint)
