"""Check that a submission states only what may pass the gate.

It writes curated graphs, about things of ours, in safe text, and uses each property in its domain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from pyoxigraph import Literal, NamedNode, Quad

from kg.errors import shorten
from kg.findings import Finding
from kg.messages import bilingual
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lexers import BAD_IN_IRI, BAD_IN_TEXT
from kg.rdf.ontology import domain_of
from kg.rdf.skolemise import GENID
from kg.rdf.vocabulary import CD, OWL, RDF, RDFS, SKOS
from kg.submissions.checks.concepts import is_concept
from kg.submissions.checks.graph_after import ChangedQuad, GraphAfterChange
from kg.submissions.checks.sources import ON_ACCOUNTS

FOLLOWS_BY_RULE = {
    "party": "the way of taking part, such as cd:twin, cd:member or cd:participant",
    "twinnedWith": "a cd:Twinning with two cd:twin, and its cd:Account",
    "currentlyTwinnedWith": "a cd:Twinning with two cd:twin, and its cd:Account with a cd:status",
    "twinnedByImplication": "a cd:Twinning with two cd:twin, and its cd:Account with cd:implied true",
    "memberOf": "a cd:Membership with cd:member and cd:network, and its cd:Account with a cd:role",
    "hasMember": "a cd:Membership with cd:member and cd:network, and its cd:Account with a cd:role",
    **dict.fromkeys(
        ("appliesTo", "appliesWith", "rulesOut", "denies"),
        "a cd:AbsenceFinding with cd:absentFor, cd:tieKind and cd:counterpart",
    ),
    **dict.fromkeys(
        ("parallelTo", "answers", "countsOtherwise", "changedSince", "inTension", "moreExact", "speltOtherwise"),
        "what the source says, with cd:statedIn; the maintainers set it against others by a cd:Disagreement",
    ),
    **dict.fromkeys(("asOfEarliest", "asOfLatest"), "the cd:asOf of the source, or the cd:atTime of the statement"),
    "repeats": "the cd:twin of each twinning; the maintainers say of which polity another one is a duplicate",
    "ActualMembership": "a cd:Membership with cd:member and cd:network, and its cd:Account with a cd:role",
}
"""Properties and a class that rules infer, each with what to state instead."""
MEASURES = ("degree", "betweenness", "community")
"""Properties that a program computes from all twinnings at once (kg.measures)."""
_COMPUTED = {ns.CD + name for name in (*FOLLOWS_BY_RULE, *MEASURES)}

_SCHEMES = re.compile(r"(?:https?://[^/]|urn:[a-z0-9]|mailto:[^/])", re.IGNORECASE)
_OF_SCHEMAS = (ns.PREFIXES["owl"], ns.PREFIXES["sh"])
_SCHEMA_CLASSES = (*_OF_SCHEMAS, ns.PREFIXES["rdfs"], SKOS.Concept.value)
_OF_TERMS = {
    *(RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, RDFS.isDefinedBy),
    *(CD.objectionKind, CD.inferredOn),
    *(SKOS.broader, SKOS.narrower, SKOS.broaderTransitive, SKOS.narrowerTransitive),
    *(SKOS.inScheme, SKOS.topConceptOf, SKOS.hasTopConcept, SKOS.member),
}


def check_policy(after: GraphAfterChange) -> Iterator[tuple[Quad, Finding]]:
    """Yield a finding for each quad that may not be added to or removed from its graph, with the quad."""
    written = {statement.graph for statement in (*after.added, *after.removed)}
    curated = {graph for graph in written if graphs.is_curated(graph.value)}
    for statement in after.removed:
        if statement.graph not in curated:
            words = bilingual("The files state this, so it cannot be removed here.")
            hint = "Report an error instead; what curators have added in graph/curated/… can be removed."
            yield statement.quad, _finding(statement, words, hint)
    for statement in after.added:
        finding = _statement_finding(statement) if statement.graph in curated else _graph_finding(statement)
        if finding is not None:
            yield statement.quad, finding


def check_statements(after: GraphAfterChange) -> Iterator[tuple[Quad, Finding]]:
    """Yield a finding for each added quad that only the maintainers may state, or in unsafe text, with the quad.

    Graphs are not checked here: which ones the files of a work may write is checked where they are read.
    """
    for statement in after.added:
        if (finding := _statement_finding(statement)) is not None:
            yield statement.quad, finding


def check_domains(after: GraphAfterChange) -> Iterator[tuple[Quad, Finding]]:
    """Yield a finding for each property of ours on a thing outside its domain, with the quad.

    Shapes check the properties of each class, and ignore those of others. Yet rules go by the statements: anything that
    is `cd:accountOf` a twinning with `status:former` ends it. And to a reasoner a city with a paraphrase would be a
    passage, which no city is: the whole graph would be inconsistent.

    Left to other checks, whose findings are clearer: things without a type, or with an unknown one (vocabulary),
    properties that belong on the account of a relation (evidence), and parties of a relation on an actor
    (`shape:TieParty`).
    """
    actors, relations = map(after.classes_below, (CD.Actor, CD.Relation))

    @cache
    def with_all_below(predicate: NamedNode) -> tuple[tuple[NamedNode, ...], frozenset[NamedNode]]:
        named = domain_of(after.store, predicate)
        return named, after.classes_below(*named)

    @cache
    def is_class(kind: NamedNode) -> bool:
        return Quad(kind, RDF.type, OWL.Class, graphs.ONTOLOGY) in after.store

    def is_told_elsewhere(thing: NamedNode, predicate: NamedNode, domain: frozenset[NamedNode]) -> bool:
        types = after.objects(thing, RDF.type)
        ours = [kind for kind in types if isinstance(kind, NamedNode) and kind.value.startswith(ns.CD)]
        if not ours or not all(map(is_class, ours)):
            return True
        if after.is_instance(thing, relations):
            return predicate in ON_ACCOUNTS
        return domain <= relations and after.is_instance(thing, actors)

    for statement in after.added:
        if not statement.predicate.value.startswith(ns.CD) or statement.predicate.value in _COMPUTED:
            continue
        named, domain = with_all_below(statement.predicate)
        if not named or after.is_instance(statement.subject, domain):
            continue
        if not is_told_elsewhere(statement.subject, statement.predicate, domain):
            yield statement.quad, _domain_finding(after, statement.quad, statement.subject, named)


def _domain_finding(after: GraphAfterChange, quad: Quad, thing: NamedNode, domain: tuple[NamedNode, ...]) -> Finding:
    name, path = ns.compact(thing.value), ns.compact(quad.predicate.value)
    kinds = ", ".join(ns.compact(kind.value) for kind in domain)
    words = bilingual(
        "{path} is a property of {kinds} only, and {thing} is not one.", path=path, kinds=kinds, thing=name
    )
    hint = f"Say it of the {kinds} that is meant, or look up which property {name} has for it."
    if CD.Account in domain and not after.is_instance(thing, after.classes_below(CD.Statement)):
        hint = f"What a source says of it stands on an account: a cd:Account with cd:accountOf {name} and cd:statedIn."
    value = ns.compact(getattr(quad.object, "value", ""))
    return Finding("policy", "Violation", *words, focus=name, path=path, value=value, hint=hint)


def _graph_finding(statement: ChangedQuad) -> Finding:
    name = _printable(statement.graph.value)
    words = bilingual("{graph} cannot be written: all graphs but the curated ones come from files.", graph=name)
    hint = "Write to graph/curated/<source>, such as graph/curated/leeds-city-council."
    if graphs.is_of_a_work(statement.quad):
        hint += " Files of a work beside the report are tried by a build: citykg build --check --facts DIR"
    return Finding("policy", "Violation", *words, value=name, hint=hint)


def _statement_finding(statement: ChangedQuad) -> Finding | None:
    checks = (_subject_finding, _predicate_finding, _schema_finding, _iri_finding, _text_finding)
    return next((finding for check in checks if (finding := check(statement)) is not None), None)


def _subject_finding(statement: ChangedQuad) -> Finding | None:
    iri = statement.subject.value
    if iri.startswith((ns.ID, GENID)) or is_concept(iri):
        return None  # statements about concepts are checked in kg.submissions.checks.concepts
    if iri.startswith((ns.BASE + "changes", graphs.HISTORY.value)):
        words = bilingual("Only the gate writes the history.")
        return _finding_on_subject(statement, words, "Say why in the summary of your change.")
    if iri.startswith(ns.BASE):
        words = bilingual("Terms, vocabularies, shapes, queries and graphs can only be changed in the files.")
        return _finding_on_subject(
            statement, words, "Propose the change to the maintainers; state facts of things below id/."
        )
    hint = f"Give the thing an IRI such as {ns.ID}city/…, and link to the other by schema:sameAs."
    return _finding_on_subject(statement, bilingual("The subject is not an IRI of this graph."), hint)


def _predicate_finding(statement: ChangedQuad) -> Finding | None:
    term = statement.value.value if statement.predicate == RDF.type else statement.predicate.value
    local = term.removeprefix(ns.CD)
    if term.startswith(ns.CD) and local in FOLLOWS_BY_RULE:
        words = bilingual("cd:{name} is inferred by a rule and cannot be stated.", name=local)
        return _finding(statement, words, f"State {FOLLOWS_BY_RULE[local]}.")
    if term.startswith(ns.CD) and local in MEASURES:
        words = bilingual("cd:{name} is computed from all twinnings and cannot be stated.", name=local)
        hint = "State a cd:Twinning with two cd:twin, and its cd:Account; the operator has the measures computed anew."
        return _finding(statement, words, hint)
    if statement.predicate == OWL.sameAs:
        words = bilingual("owl:sameAs would make two things one.")
        return _finding(statement, words, "Link to the same thing elsewhere by schema:sameAs.")
    return None


def _schema_finding(statement: ChangedQuad) -> Finding | None:
    predicate = statement.predicate
    kind = statement.value.value if predicate == RDF.type and isinstance(statement.value, NamedNode) else ""
    defines = predicate.value.startswith(_OF_SCHEMAS) and predicate != OWL.deprecated
    if is_concept(statement.subject.value) or not (
        defines or predicate in _OF_TERMS or kind.startswith(_SCHEMA_CLASSES)
    ):
        return None
    words = bilingual("This defines a term; terms can only be changed in the files.")
    return _finding(statement, words, "State facts of things below id/ with the terms that are there.")


def _iri_finding(statement: ChangedQuad) -> Finding | None:
    value = statement.value.datatype if isinstance(statement.value, Literal) else statement.value
    for term in (statement.subject, statement.predicate, value):
        if not _SCHEMES.match(term.value):
            words = bilingual("{iri} is not an address that can be looked up.", iri=_printable(term.value))
            return _finding(statement, words, "IRIs begin with https://, http://, urn: or mailto:.")
        if BAD_IN_IRI.search(term.value):
            return _finding(
                statement, bilingual("An IRI holds invisible or private characters."), "Write it anew by hand."
            )
    return None


def _text_finding(statement: ChangedQuad) -> Finding | None:
    if not isinstance(statement.value, Literal) or not (found := BAD_IN_TEXT.search(statement.value.value)):
        return None
    code = f"U+{ord(found[0]):04X}"
    words = bilingual("The text holds {code}, a control, private or direction-changing character.", code=code)
    return _finding(statement, words, "Take it out, or write the text anew.")


def _finding_on_subject(statement: ChangedQuad, words: tuple[str, str], hint: str) -> Finding:
    """Return a finding that is the same for all statements about a subject."""
    return Finding("policy", "Violation", *words, focus=_printable(statement.subject.value), hint=hint)


def _finding(statement: ChangedQuad, words: tuple[str, str], hint: str) -> Finding:
    value = _printable(statement.value.value)
    literal = statement.value if isinstance(statement.value, Literal) and value == statement.value.value else None
    return Finding(
        "policy",
        "Violation",
        *words,
        focus=_printable(statement.subject.value),
        path=_printable(statement.predicate.value),
        value=value,
        datatype=ns.compact(literal.datatype.value) if literal else "",
        language=(literal.language or "") if literal else "",
        hint=hint,
    )


def _printable(iri: str) -> str:
    """Return an IRI or text for a message: shortened, with unprintable characters escaped."""
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in shorten(ns.compact(iri)))
