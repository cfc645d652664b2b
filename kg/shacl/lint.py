"""Lint of shapes: all that validation could not trace is refused.

Checking a change needs to know which triples a verdict can depend on. That holds for SHACL core, and for SPARQL
constraints whose patterns are all joined to `$this` by fixed predicates. Engines pass over terms that they do not
know without a word, so the terms of SHACL are a closed list here. shapes/README.md says it for
writers of shapes, with what else ours must have, which `tests/shapes/lint.py` looks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from rdflib import OWL, RDF, RDFS, SH, BNode, Graph, URIRef
from rdflib.term import Node

from kg.errors import CityKgError
from kg.findings import Finding
from kg.rdf import namespaces as ns
from kg.shacl.constraint_reads import query_findings
from kg.shacl.shapes_graph import TARGETS, prefixes_of, referenced_shapes, referring_shapes

_TERMS = frozenset(
    """
    Shape NodeShape PropertyShape PropertyGroup PrefixDeclaration SPARQLConstraint
    BlankNode IRI Literal BlankNodeOrIRI BlankNodeOrLiteral IRIOrLiteral Info Warning Violation
    targetClass targetNode targetObjectsOf targetSubjectsOf
    path inversePath alternativePath zeroOrMorePath oneOrMorePath zeroOrOnePath
    class datatype nodeKind minCount maxCount minExclusive minInclusive maxExclusive maxInclusive
    minLength maxLength pattern flags languageIn uniqueLang equals disjoint lessThan lessThanOrEquals
    not and or xone node property qualifiedValueShape qualifiedValueShapesDisjoint qualifiedMinCount qualifiedMaxCount
    closed ignoredProperties hasValue in name description order group defaultValue message severity deactivated
    sparql select prefixes declare prefix namespace
    """.split()
)

_REFUSED = {
    "sparql-target": "target Target TargetType SPARQLTarget SPARQLTargetType targetShape where",
    "rule": "rule Rule SPARQLRule TripleRule construct condition entailment subject predicate object",
    "expression": "expression ExpressionConstraintComponent values nodes filterShape intersection union",
    "component": """ConstraintComponent Parameter parameter Parameterizable validator nodeValidator propertyValidator
        Validator SPARQLAskValidator SPARQLSelectValidator ask labelTemplate optional Function SPARQLFunction returnType
        js JSConstraint""",
}
_RULE_OF = {term: rule for rule, terms in _REFUSED.items() for term in terms.split()}

_WHY = {
    "sparql-target": "Use sh:targetClass or sh:targetSubjectsOf: the focus nodes of a query cannot be traced.",
    "rule": "Write inference in ontology/rules/: shapes judge facts and add none.",
    "expression": "Use SHACL core: node expressions cannot be traced.",
    "component": "Use the constraints of SHACL core, or sh:sparql: other components cannot be traced.",
    "unknown-term": "Check its spelling: engines pass over terms that are not SHACL 1.0 without a word.",
}


def untraceable_findings(graph: Graph) -> list[Finding]:
    """Return findings on shapes whose verdicts could not be traced to triples, or told apart."""
    checks = (_terms, _recursion, _nested_properties, _paths, _targets, _prefixes, _queries)
    return sort_findings(_run_checks(graph, checks))


def require_traceable(graph: Graph) -> None:
    """Raise CityKgError for shapes whose verdicts could not be traced."""
    if findings := untraceable_findings(graph):
        raise CityKgError("\n".join(map(str, findings)), "See shapes/README.md, Limits.")


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Return each finding once, sorted by shape, rule and message."""
    return sorted(set(findings), key=lambda finding: (finding.focus or "", finding.component, finding.message))


def _run_checks(graph: Graph, checks: Iterable[Callable[[Graph], Iterator[Finding]]]) -> Iterator[Finding]:
    for check in checks:
        yield from check(graph)


def _terms(graph: Graph) -> Iterator[Finding]:
    for triple in graph:
        for term in triple:
            if isinstance(term, URIRef) and str(term).startswith(str(SH)) and (name := _local(term)) not in _TERMS:
                rule = _RULE_OF.get(name, "unknown-term")
                yield finding_at(graph, triple[0], rule, f"sh:{name} is not allowed. {_WHY[rule]}")


def _recursion(graph: Graph) -> Iterator[Finding]:
    edges = {shape: sorted(referenced_shapes(graph, shape), key=str) for shape in referring_shapes(graph)}
    for shape in edges:
        if shape in _reachable(edges, shape):
            yield finding_at(graph, shape, "recursion", "A shape may not refer to itself, not even by way of others.")


def _nested_properties(graph: Graph) -> Iterator[Finding]:
    for shape in set(graph.subjects(SH.path, None)) & set(graph.subjects(SH.property, None)):
        yield finding_at(
            graph, shape, "nested-property", "A property shape may not hold sh:property: put it behind sh:node."
        )


def _paths(graph: Graph) -> Iterator[Finding]:
    """Engines do not agree on the inverse of a sequence."""
    for holder, path in graph.subject_objects(SH.inversePath):
        if not isinstance(path, URIRef):
            yield finding_at(
                graph, holder, "inverse-path", "Put sh:inversePath around single predicates only, in reverse order."
            )


def _targets(graph: Graph) -> Iterator[Finding]:
    """Findings are kept by target shape and focus node, so the one needs a name, and says how to find the other."""
    for shape in {shape for target in TARGETS for shape in graph.subjects(target, None)}:
        if isinstance(shape, BNode):
            yield finding_at(graph, shape, "unnamed", "Give this shape an IRI such as shape:Twinning.")
    for shape in {*graph.subjects(RDF.type, RDFS.Class), *graph.subjects(RDF.type, OWL.Class)}:
        yield finding_at(graph, shape, "implicit-target", "Write sh:targetClass instead of making the shape a class.")


def _queries(graph: Graph) -> Iterator[Finding]:
    for constraint, text in graph.subject_objects(SH.select):
        for finding in query_findings(str(text), prefixes_of(graph, constraint)):
            yield replace(finding, focus=_name(graph, constraint))


def _prefixes(graph: Graph) -> Iterator[Finding]:
    """Engines gather the prefixes of a query from more than the place that it names."""
    for declaration, prefix in graph.subject_objects(SH.prefix):
        others = {value for other in graph.subjects(SH.prefix, prefix) for value in graph.objects(other, SH.namespace)}
        if len({str(other) for other in others}) > 1:
            yield finding_at(graph, declaration, "prefix", f"Declare {prefix}: for one namespace only.")


def _reachable(edges: dict[Node, list[Node]], start: Node) -> set[Node]:
    reached: set[Node] = set()
    ahead = list(edges[start])
    while ahead:
        node = ahead.pop()
        if node not in reached:
            reached.add(node)
            ahead += edges.get(node, ())
    return reached


def finding_at(graph: Graph, node: Node, rule: str, message: str) -> Finding:
    """Return a finding on a node; its focus is the node, or the named shape that holds it."""
    return Finding("lint", "Violation", message, focus=_name(graph, node), component=rule)


def _name(graph: Graph, node: Node) -> str:
    """Return the name of a node, or of the named one that holds it."""
    seen: set[Node] = set()
    while isinstance(node, BNode) and node not in seen:
        seen.add(node)
        node = min(graph.subjects(None, node), key=str, default=node)
    iri = str(node)
    return "shape:" + iri.removeprefix(ns.SHAPES) if iri.startswith(ns.SHAPES) else ns.compact(iri)


def _local(term: URIRef) -> str:
    return str(term).removeprefix(str(SH))
