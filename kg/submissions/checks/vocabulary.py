"""Check that the IRIs of ours in a submission exist and are not deprecated: terms, concepts, things, graphs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from kg.findings import Finding
from kg.messages import bilingual
from kg.nearest import did_you_mean, nearest, nearest_of_many
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import literals_of, match, nodes_with
from kg.rdf.namespaces import LONGEST_SLUG
from kg.rdf.ontology import TRUE
from kg.rdf.shape_fields import fields_of
from kg.rdf.skolemise import GENID
from kg.rdf.vocabulary import DCTERMS, GEO, OWL, RDF, SKOS
from kg.submissions.checks.concepts import how_to_state, is_concept, open_schemes, scheme_of
from kg.submissions.checks.graph_after import ChangedQuad, GraphAfterChange
from kg.submissions.checks.withdrawals import leaves_only_marks

PROPERTY, CLASS, VALUE, SUBJECT = "property", "class", "value", "subject"

_MOST_GUESSES = 3  # of names of things; each scans all of them
_MOST_TERM_GUESSES = 100  # of terms and concepts
_MOST_COMPARED_BY_PLACE = 5  # properties of similar names
_MOST_READ = 100_000
_MOST_COMPARED = 10_000
_PROPERTIES = {OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty}
_KINDS_OF_CONCEPTS = {SKOS.Concept, SKOS.ConceptScheme}
_GEOMETRY = GEO.Geometry  # the one class of another ontology that is enough for a thing of ours
_UNCHECKED = (ns.QUERIES, ns.BASE + "changes/", ns.BASE + "ontology/", ns.BASE + "doc/")
_INSECURE = "http" + ns.BASE.removeprefix("https")
_IN_FILES = "are changed as files, so propose a new one to the maintainers"
_CLASSES = {
    "absence": "cd:AbsenceFinding",
    "assignment": "cd:FunctionAssignment",
    "completeness": "cd:CompletenessStatement",
    "country": "cd:State",
    "district": "cd:CityDistrict",
    "geometry": "geo:Geometry",
    "nation": "cd:ConstituentNation",
    "network": "cd:CityNetwork",
    "organisation": "cd:Organization",
    "reading": "cd:GroupReading",
    "reference": "cd:StatementReference",
    "spelling": "cd:SpellingVariant",
    "team": "cd:Office",
}
"""The usual class of the things of a type, if its name is not that of the type."""


def check_vocabulary(after: GraphAfterChange) -> Iterator[tuple[Quad, Finding]]:
    """Yield a finding for each use of an IRI of ours that does not exist, with the quad."""
    uses = _uses(after.added)
    names = _UsedNames(after, uses)
    for (iri, role), quads in uses.items():
        if (finding := names.finding(iri, role, quads[0])) is not None:
            yield from ((quad, finding) for quad in quads)


def _uses(added: Iterable[ChangedQuad]) -> dict[tuple[str, str], list[Quad]]:
    """Return the added quads by the IRIs of ours that they use and their roles.

    Subjects outside id/ are left to the checks of policy and of concepts.
    """
    found: dict[tuple[str, str], list[Quad]] = defaultdict(list)
    for statement in added:
        role = CLASS if statement.predicate == RDF.type else VALUE
        for term, its_role in ((statement.subject, SUBJECT), (statement.predicate, PROPERTY), (statement.value, role)):
            iri = (term.datatype if isinstance(term, Literal) else term).value
            if iri.startswith((ns.ID, GENID, _INSECURE) if its_role == SUBJECT else (ns.BASE, _INSECURE)):
                found[iri, its_role].append(statement.quad)
    return found


class _UsedNames:
    """Looks up the IRIs that a submission uses."""

    def __init__(self, after: GraphAfterChange, uses: Collection[tuple[str, str]]) -> None:
        """Look up all IRIs, each with its role in `uses`."""
        self._after = after
        self._store = after.store
        self._guesses = self._term_guesses = 0
        names = dict.fromkeys(iri for iri, _ in uses)
        self._kinds = {
            iri: {quad.object for quad in match(self._store, NamedNode(iri), RDF.type, None, graphs.ONTOLOGY)}
            for iri in names
            if iri.startswith(ns.CD)
        }
        self._concepts = {iri for iri in names if iri.startswith(ns.VOCABULARY) and self._is_typed(iri)}
        pointed_at = (iri for iri, role in uses if role != SUBJECT and iri.startswith((ns.ID, GENID)))
        self._things = after.existing(map(NamedNode, dict.fromkeys(pointed_at)))

    def finding(self, iri: str, role: str, use: Quad) -> Finding | None:
        """Return the finding on an IRI in its role in a quad, None if it is all right."""
        if iri.startswith(ns.CD):
            return self._term_finding(iri, role, use)
        if iri.startswith(ns.VOCABULARY):
            return self._concept_finding(iri)
        if iri.startswith(ns.ID):
            return self._thing_finding(iri, role)
        if iri.startswith(GENID):
            known = role == SUBJECT or NamedNode(iri) in self._things
            return None if known else _unknown_thing(iri)
        return self._other_finding(iri)

    def _term_finding(self, iri: str, role: str, use: Quad) -> Finding | None:
        kinds, name = self._kinds[iri], ns.compact(iri)
        if not kinds:
            words = bilingual("{name} is not a term of the ontology.", name=name)
        elif role == PROPERTY and not kinds & _PROPERTIES:
            words = bilingual("{name} is not a property.", name=name)
        elif role == CLASS and OWL.Class not in kinds:
            words = bilingual("{name} is not a class.", name=name)
        else:
            return self._replacement_finding(iri, graphs.ONTOLOGY)
        return _unknown(name, words, self._nearest_term(iri, role, use), f"Look it up; terms {_IN_FILES}.")

    def _nearest_term(self, iri: str, role: str, use: Quad) -> str | None:
        """Return the term that is most like what is written: of properties, first among those that fit the place."""
        self._term_guesses += 1
        if self._term_guesses > _MOST_TERM_GUESSES:
            return None
        kinds = _PROPERTIES if role == PROPERTY else {OWL.Class} if role == CLASS else _PROPERTIES | {OWL.Class}
        known = {
            term.value
            for kind in kinds
            for term in nodes_with(self._store, RDF.type, kind, graphs.ONTOLOGY)
            if term.value.startswith(ns.CD)
        }
        near = [ns.CD + name for name in _near(iri, ns.CD, known, _MOST_COMPARED_BY_PLACE)]
        if role == PROPERTY:
            near.sort(key=lambda one: self._fit(one, use), reverse=True)
        return next(iter(near), None)

    def _fit(self, iri: str, use: Quad) -> tuple[bool, bool]:
        """Return whether by the shapes the subject of a quad may have a property, with its value, and with any."""
        types = self._after.objects(use.subject, RDF.type) if isinstance(use.subject, NamedNode) else ()
        shapes = fields_of(self._store)
        fields = [one for kind in types if isinstance(kind, NamedNode) for one in shapes.of_class(kind)]
        allowed = [one for one in fields if one.predicate.value == iri]
        return any(one.may_have(use.object) for one in allowed), bool(allowed)

    def _is_typed(self, iri: str) -> bool:
        """Return True if an IRI below vocabulary/ is a scheme or a concept, after the change."""
        return not _KINDS_OF_CONCEPTS.isdisjoint(self._after.objects(NamedNode(iri), RDF.type))

    def _concept_finding(self, iri: str) -> Finding | None:
        if iri in self._concepts:
            return self._replacement_finding(iri, DefaultGraph())
        name, known = ns.compact(iri), self._concepts_beside(iri)
        words = bilingual("{name} is not a concept of the vocabularies.", name=name)
        choice = f"Choose one of {', '.join(map(ns.compact, sorted(known)))}" if known else "Look it up"
        near = _nearest(iri, f"{ns.VOCABULARY}{scheme_of(iri)}/", known)
        if is_concept(iri) and scheme_of(iri) in open_schemes(self._store):
            return _unknown(name, words, near, f"{choice}. Or: {how_to_state(name, scheme_of(iri))}")
        return _unknown(name, words, near, f"{choice}; concepts of this vocabulary {_IN_FILES}.")

    def _replacement_finding(self, iri: str, graph: NamedNode | DefaultGraph) -> Finding | None:
        """Return the finding that a term or concept was replaced, with its successors; `graph` declares it."""
        if Quad(NamedNode(iri), OWL.deprecated, TRUE, graph) not in self._store:
            return None
        name = ns.compact(iri)
        by = [quad.object for quad in match(self._store, NamedNode(iri), DCTERMS.isReplacedBy, None, graph)]
        successors = sorted(ns.compact(term.value) for term in by if isinstance(term, NamedNode))
        words = bilingual("{name} was replaced by {successors}.", name=name, successors=", ".join(successors))
        notes = literals_of(self._store, NamedNode(iri), SKOS.changeNote, graph)
        english = (note.value for note in notes if note.language == "en")
        meant = successors[0] if len(successors) == 1 else ""
        return Finding("vocabulary", "Violation", *words, value=name, hint=next(english, ""), meant=meant)

    def _concepts_beside(self, iri: str) -> set[str]:
        """Return the concepts of the scheme in an IRI; none after the limit of such look-ups."""
        self._term_guesses += 1
        if self._term_guesses > _MOST_TERM_GUESSES:
            return set()
        namespace = f"{ns.VOCABULARY}{scheme_of(iri)}/"
        there = nodes_with(self._store, SKOS.inScheme, NamedNode(namespace.rstrip("/")))
        return {concept.value for concept in there if concept.value.startswith(namespace)}

    def _thing_finding(self, iri: str, role: str) -> Finding | None:
        type_name, _, slug = iri.removeprefix(ns.ID).partition("/")
        if type_name not in ns.ENTITY_TYPES:
            near = nearest(type_name, ns.ENTITY_TYPES)
            words = bilingual("{type!r} is not a type of thing.", type=type_name)
            hint = f"The types are {', '.join(ns.ENTITY_TYPES)}."
            return _unknown(iri, words, f"{ns.ID}{near}/{slug}" if near else None, hint)
        if not ns.SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
            words = bilingual("{name!r} is not a valid name in an IRI.", name=slug)
            hint = "Names are small letters, digits and hyphens, such as city:brighton-and-hove."
            return Finding("vocabulary", "Violation", *words, value=iri, hint=hint)
        if role == SUBJECT:
            return self._missing_type_finding(iri, _CLASSES.get(type_name, f"cd:{type_name.capitalize()}"))
        if NamedNode(iri) in self._things:
            return None
        return _unknown_thing(iri, self._nearest_thing(iri, f"{ns.ID}{type_name}/"))

    def _missing_type_finding(self, iri: str, example: str) -> Finding | None:
        """Return the finding that a thing would have no type for shapes to check; `example` is a likely type."""
        types = self._after.objects(NamedNode(iri), RDF.type)
        if any(isinstance(kind, NamedNode) and (kind.value.startswith(ns.CD) or kind == _GEOMETRY) for kind in types):
            return None
        if leaves_only_marks(self._after, NamedNode(iri)):
            return None
        name = ns.compact(iri)
        words = bilingual("{name} would have no type of the ontology.", name=name)
        hint = f"Give it a type, as in {name} a {example}; or mend the name if you mean a thing that is there."
        return Finding("vocabulary", "Violation", *words, focus=name, hint=hint)

    def _nearest_thing(self, iri: str, namespace: str) -> str | None:
        self._guesses += 1
        if self._guesses > _MOST_GUESSES:
            return None
        if called := self._nearest_by_name(iri.removeprefix(namespace), namespace):
            return called
        typed = islice(match(self._store, None, RDF.type, None, DefaultGraph()), _MOST_READ)
        named = (quad.subject.value for quad in typed if isinstance(quad.subject, NamedNode))
        return _nearest(
            iri, namespace, set(islice((name for name in named if name.startswith(namespace)), _MOST_COMPARED))
        )

    def _nearest_by_name(self, name: str, namespace: str) -> str | None:
        """Return the one thing with a name, or the one with the most similar name: city:beijing for peking."""
        kind = ns.kind_of(namespace)
        found = self._after.names.resolve(name, lambda thing: ns.kind_of(thing.value) == kind).only_match
        near = [found] if found else self._after.names.near(name, (kind,)).things
        return near[0].value if near else None

    def _other_finding(self, iri: str) -> Finding | None:
        if iri.startswith(_UNCHECKED) or iri in (ns.BASE, ns.CD[:-1], ns.SHAPES[:-1]):
            return None
        name = ns.compact(iri)
        if iri.startswith(ns.SHAPES):
            known = any(match(self._store, NamedNode(iri), None, None, graphs.SHAPES))
            return None if known else _unknown(name, bilingual("{name} is not one of the shapes.", name=name))
        if iri.startswith(ns.GRAPH):
            known = self._store.contains_named_graph(NamedNode(iri)) or iri.startswith(ns.GRAPH + "curated/")
            return None if known else _unknown(name, bilingual("{name} is not a graph here.", name=name))
        secure = ns.BASE + iri.removeprefix(_INSECURE) if iri.startswith(_INSECURE) else None
        return _unknown(name, bilingual("{name} is not an address of this graph.", name=name), secure)


def _unknown_thing(iri: str, near: str | None = None) -> Finding:
    name = ns.compact(iri)
    words = bilingual("{name} is not a thing that the graph knows.", name=name)
    return _unknown(name, words, near, "Look it up, or state it in the same submission.")


def _unknown(name: str, words: tuple[str, str], near: str | None = None, hint: str = "Look it up.") -> Finding:
    meant = ns.compact(near) if near else ""
    hint = did_you_mean(meant) or hint
    return Finding("vocabulary", "Violation", *words, value=name, hint=hint, meant=meant)


def _nearest(iri: str, namespace: str, known: set[str]) -> str | None:
    return next((namespace + name for name in _near(iri, namespace, known, 1)), None)


def _near(iri: str, namespace: str, known: set[str], most: int) -> list[str]:
    names = [name.removeprefix(namespace) for name in sorted(known)]
    return nearest_of_many(iri.removeprefix(namespace), names, most, 0.6)
