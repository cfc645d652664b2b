"""Each shape with a graph that obeys it and graphs that break it: which shape fired, and by which constraint.

A case is a file below cases/<shape>/, read together with cases/background.ttl. Its comment lines `# expect:` name
every property shape (or node shape, or SPARQL constraint) that must fire, each with the constraint component; nothing
else may.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pyshacl
import pytest
from pyoxigraph import NamedNode, Quad
from rdflib import OWL, RDF, RDFS, SH, SKOS, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from kg import resources
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.parse import read_file
from kg.shacl.data_graph import merge_into_store
from kg.shacl.full import as_graph, data_quads, project_judge, project_shapes
from tests.support.tiers import by_tier, fresh_random

FOLDER = Path(__file__).parent / "cases"
CASES = sorted(FOLDER.glob("*/*.ttl"))
EXPECT = "# expect:"

COMPONENTS = {
    SH[parameter]: f"{parameter[0].upper()}{parameter[1:]}ConstraintComponent"
    for parameter in (
        "class datatype nodeKind minCount maxCount minInclusive maxInclusive pattern languageIn uniqueLang disjoint "
        "lessThanOrEquals not or node in hasValue qualifiedMinCount"
    ).split()
}
OTHER_TERMS = {SH[name] for name in "path severity name description group order message property".split()}
INSIDE = NamedNode(str(SKOS.inScheme))
OTHER_TERMS |= {SH[name] for name in "targetClass targetSubjectsOf qualifiedValueShape".split()}


@cache
def subclasses() -> tuple[Quad, ...]:
    """Only the subclass triples of the ontology are part of what is validated."""
    quads = [quad for path in sorted(resources.ONTOLOGY.glob("*.ttl")) for quad in read_file(path)]
    in_graph = (Quad(quad.subject, quad.predicate, quad.object, graphs.ONTOLOGY) for quad in quads)
    return tuple(data_quads(in_graph))


@cache
def vocabularies() -> tuple[Quad, ...]:
    """What is part of what is validated of the concepts of the files, and of their schemes."""
    paths = sorted((resources.ONTOLOGY / "vocabularies").glob("*.ttl"))
    in_graphs = (Quad(*quad.triple, graphs.scheme_graph(path.stem)) for path in paths for quad in read_file(path))
    return tuple(data_quads(in_graphs))


def concepts_of(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield what is said of the concepts that some quads use, and of the schemes of those."""
    used = {quad.object for quad in quads}
    used |= {quad.object for quad in vocabularies() if quad.subject in used and quad.predicate == INSIDE}
    return (quad for quad in vocabularies() if quad.subject in used)


@cache
def background() -> tuple[Quad, ...]:
    return tuple(read_file(FOLDER / "background.ttl"))


def quads_of(path: Path) -> list[Quad]:
    quads = [*background(), *read_file(path)]
    return [*subclasses(), *quads, *concepts_of(quads)]


def case(path: Path) -> Graph:
    return as_graph(quads_of(path))


def fired(path: Path) -> set[str]:
    """Return the shapes that fire on a case, each with its constraint component."""
    found = project_judge().judge_all(merge_into_store(quads_of(path)))
    return {f"{named(URIRef(result.source))} {result.component}" for result in found}


def fired_in_pyshacl(path: Path) -> set[str]:
    """Return the same as plain pyshacl sees it."""
    _, report, _ = pyshacl.validate(case(path), shacl_graph=project_shapes(), inference="none", advanced=False)
    assert isinstance(report, Graph)
    return {fired_by(report, result) for result in report.objects(None, SH.result)}


def fired_by(report: Graph, result: Node) -> str:
    shape = report.value(result, SH.sourceConstraint) or report.value(result, SH.sourceShape)
    component = report.value(result, SH.sourceConstraintComponent)
    return f"{named(shape)} {str(component).removeprefix(str(SH))}"


def named(shape: Node | None) -> str:
    return "shape:" + str(shape).removeprefix(ns.SHAPES)


def expected(path: Path) -> set[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line.removeprefix(EXPECT).strip() for line in lines if line.startswith(EXPECT)}


def speaking_shapes(shapes: Graph) -> set[URIRef]:
    """Return the shapes with an IRI that report: property shapes, and node shapes with a target."""
    targeted = {*shapes.subjects(SH.targetClass, None), *shapes.subjects(SH.targetSubjectsOf, None)}
    return {shape for shape in targeted | set(shapes.subjects(SH.path, None)) if isinstance(shape, URIRef)}


def constraints() -> set[str]:
    """Return each constraint of each speaking shape, as the cases name them."""
    shapes = project_shapes()
    found = set()
    for shape in speaking_shapes(shapes):
        for predicate, value in shapes.predicate_objects(shape):
            if predicate == SH.sparql:
                found.add(f"{named(value)} SPARQLConstraintComponent")
            elif str(predicate).startswith(str(SH)) and predicate not in OTHER_TERMS:
                found.add(f"{named(shape)} {COMPONENTS[URIRef(str(predicate))]}")
    return found


def test_background_conforms() -> None:
    assert fired(FOLDER / "background.ttl") == set()


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
@pytest.mark.drawn
def test_case(path: Path) -> None:
    assert path.stem == "pass" or expected(path), f"{path} says nothing about what it expects"
    assert fired(path) == expected(path)


@pytest.mark.scaled
@pytest.mark.parametrize("path", CASES[:: by_tier(24, 8, 1)], ids=lambda path: f"{path.parent.name}/{path.stem}")
@pytest.mark.drawn
def test_case_in_plain_pyshacl(path: Path) -> None:
    assert fired_in_pyshacl(path) == expected(path)


def test_every_constraint_has_a_failing_case() -> None:
    covered = set().union(*map(expected, CASES))
    assert constraints() - covered == set()


def test_every_node_shape_has_a_passing_and_a_failing_case() -> None:
    shapes = project_shapes()
    nodes = {shape for shape in speaking_shapes(shapes) if (shape, SH.path, None) not in shapes}
    names = {str(shape).removeprefix(ns.SHAPES) for shape in nodes}
    assert names == {path.parent.name for path in CASES}
    for name in names:
        stems = {path.stem for path in CASES if path.parent.name == name}
        assert "pass" in stems
        assert len(stems) > 1, f"{name} has no failing case"


def test_every_value_shape_is_used() -> None:
    shapes = project_shapes()
    used = set(shapes.objects(None, SH.node)) | set(shapes.objects(None, SH.qualifiedValueShape))
    assert set(shapes.subjects(RDF.type, SH.NodeShape)) == used | {
        shape for shape in speaking_shapes(shapes) if (shape, SH.path, None) not in shapes
    }


def test_every_class_of_the_ontology_has_a_shape() -> None:
    """A class is looked after by a shape of its own, or by one of a class above it."""
    ontology = as_graph(quad for path in sorted(resources.ONTOLOGY.glob("*.ttl")) for quad in read_file(path))
    targeted = set(project_shapes().objects(None, SH.targetClass))
    classes = {name for name in ontology.subjects(RDF.type, OWL.Class) if str(name).startswith(ns.CD)}
    assert classes
    assert {name for name in classes if not targeted & set(ontology.transitive_objects(name, RDFS.subClassOf))} == set()


def test_severity_is_a_matter_of_the_file() -> None:
    """Musts are violations; recommended.ttl alone holds warnings and hints, and nothing that refuses a fact."""
    for path in sorted(resources.SHAPES.glob("*.ttl")):
        if path.stem == "ontology-style":
            continue
        shapes = as_graph(read_file(path))
        severities = {shape: shapes.value(shape, SH.severity) for shape in speaking_shapes(shapes)}
        mild = {shape for shape, severity in severities.items() if severity in {SH.Warning, SH.Info}}
        if path.stem == "recommended":
            constrained = {shape for shape in severities if set(shapes.predicates(shape)) & set(COMPONENTS)}
            assert constrained <= mild
        else:
            assert mild == set()


def test_each_scheme_is_either_open_or_listed_whole() -> None:
    """The sh:in list of each value shape holds exactly the concepts of one closed scheme that were not replaced."""
    shapes = project_shapes()
    lists = {
        frozenset(str(item) for item in Collection(shapes, members))
        for shape, members in shapes.subject_objects(SH["in"])
        if isinstance(shape, URIRef)
    }
    asking = shapes.subjects(SH.path, SKOS.inScheme)
    opened = {
        str(scheme).removeprefix(ns.VOCABULARY) for shape in asking for scheme in shapes.objects(shape, SH.hasValue)
    }
    schemes = {path.stem: concepts(path) for path in sorted((resources.ONTOLOGY / "vocabularies").glob("*.ttl"))}
    assert lists == {members for name, members in schemes.items() if members and name not in opened}
    assert opened == {name for name in schemes if says_open(name)}


def says_open(scheme: str) -> bool:
    graph = as_graph(read_file(resources.ONTOLOGY / "vocabularies" / f"{scheme}.ttl"))
    return any(note.startswith("Open: ") for note in graph.objects(URIRef(ns.VOCABULARY + scheme), SKOS.scopeNote))


def concepts(path: Path) -> frozenset[str]:
    """Return the concepts of a scheme that were not replaced."""
    graph = as_graph(read_file(path))
    return frozenset(map(str, {*graph.subjects(RDF.type, SKOS.Concept)} - {*graph.subjects(OWL.deprecated)}))


@pytest.mark.scaled
def test_shapes_are_well_formed() -> None:
    """The shapes of shapes that the W3C publishes have nothing to say."""
    others = [path for path in sorted(resources.SHAPES.glob("*.ttl")) if path.stem not in ("shared", "ontology-style")]
    shapes = as_graph(read_file(resources.SHAPES / "shared.ttl"))
    for path in fresh_random("files of shapes").sample(others, by_tier(1, len(others), len(others))):
        shapes += as_graph(read_file(path))
    conforms, _, text = pyshacl.validate(Graph(), shacl_graph=shapes, inference="none", advanced=False, meta_shacl=True)
    assert conforms, text
