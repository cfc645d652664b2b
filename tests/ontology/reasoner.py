"""Check the ontology as OWL: the OWL 2 DL profile, consistency, unsatisfiable classes.

Run as a command (it needs Java): exit code 1 if anything is found, or if a planted fault is not found. HermiT and the
OWL API come with owlready2. HermiT stops at datatypes that OWL 2 does not know, so literals of these are left out, as
are the three RDF reification properties, which OWL 2 DL reserves.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import owlready2
import rdflib
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from kg import resources
from kg.rdf import namespaces as ns
from kg.rdf import vocabulary
from kg.rdf.serialise import to_bytes

HERE = Path(__file__).resolve().parent
JAR = Path(owlready2.__file__).parent / "hermit" / "HermiT.jar"
XSD, RDF, OWL = ns.PREFIXES["xsd"], ns.PREFIXES["rdf"], ns.PREFIXES["owl"]
BEYOND_OWL = {XSD + name for name in ("date", "gYear", "gYearMonth")} | {ns.PREFIXES["geo"] + "wktLiteral"}
ALIGNMENTS = ns.BASE + "ontology/alignments/"
RESERVED = {RDF + name for name in ("subject", "predicate", "object")}


def read(paths: Iterable[Path]) -> Iterator[Triple]:
    """Yield the triples of files, without graph names, blank nodes kept apart by file.

    The headers of alignments are left out: they import the core from the web, and here it is merged with them.
    """
    for path in sorted(paths):
        fmt = RdfFormat.TRIG if path.suffix == ".trig" else RdfFormat.TURTLE
        for quad in parse(path.read_text(encoding="utf-8"), fmt, rename_blank_nodes=True):
            if quad.predicate.value in RESERVED or _is_beyond_owl(quad.object):
                continue
            if not str(quad.subject).startswith(f"<{ALIGNMENTS}"):
                yield quad.triple


def _is_beyond_owl(term: object) -> bool:
    return isinstance(term, Literal) and term.datatype.value in BEYOND_OWL


def cases() -> dict[str, tuple[list[Triple], bool]]:
    """Return what is checked, by name, with whether the profile is checked too."""
    ontology = resources.ONTOLOGY
    core = list(read(ontology.glob("*.ttl")))
    aligned = [*core, *read((ontology / "alignments").glob("*.ttl"))]
    described = [*core, *read((ontology / "vocabularies").glob("*.ttl"))]
    examples = list(read((ontology / "examples").rglob("*.ttl")))
    facts = list(read(resources.FACTS.rglob("*.trig")))
    return {
        "the ontology alone": (core, True),
        "with alignments": (aligned, True),
        "with vocabularies and examples": ([*described, *examples], True),
        "with all facts": ([*aligned, *described, *facts], False),
    }


def planted() -> dict[str, list[Triple]]:
    """Return faults that the checks must find, each added to the ontology."""
    core = list(read(resources.ONTOLOGY.glob("*.ttl")))
    thing, other = NamedNode(ns.ID + "x/1"), NamedNode(ns.ID + "x/2")
    bad = NamedNode(ns.CD + "Bad")
    below = [Triple(bad, vocabulary.RDFS.subClassOf, NamedNode(ns.CD + name)) for name in ("Person", "City")]
    return {
        "an unsatisfiable class": [*core, Triple(bad, vocabulary.RDF.type, NamedNode(OWL + "Class")), *below],
        "an inconsistent fact": [
            *core,
            Triple(thing, vocabulary.RDF.type, NamedNode(ns.CD + "Passage")),
            Triple(thing, NamedNode(ns.CD + "twin"), other),
        ],
        "an undeclared property": [*core, Triple(thing, NamedNode(ns.CD + "nonsense"), other)],
    }


def complaints(triples: list[Triple], folder: Path, *, with_profile: bool) -> list[str]:
    """Return what is wrong with an ontology: profile violations, inconsistency, unsatisfiable classes."""
    path = folder / "merged.owl"
    graph = rdflib.Graph().parse(data=to_bytes(set(triples), RdfFormat.N_TRIPLES), format="nt")
    graph.serialize(path, format="xml", encoding="utf-8")
    return [*(_profile(path, folder) if with_profile else []), *_reason(path)]


def _profile(path: Path, classes: Path) -> list[str]:
    command = ["java", "-cp", f"{JAR}:{classes}", "ProfileCheck", str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return [] if ran.returncode == 0 else (ran.stdout or ran.stderr).splitlines()


def _reason(path: Path) -> list[str]:
    world = owlready2.World()
    world.get_ontology(path.as_uri()).load()
    try:
        owlready2.sync_reasoner_hermit(world, debug=0)
    except owlready2.OwlReadyInconsistentOntologyError:
        return ["inconsistent"]
    found = (entity.iri for entity in world.inconsistent_classes() if entity is not owlready2.Nothing)
    return sorted(f"unsatisfiable: {iri}" for iri in found)


def main() -> int:
    """Run all checks and print what they find."""
    failed = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(["javac", "-cp", str(JAR), "-d", name, str(HERE / "ProfileCheck.java")], check=True)
        for title, (triples, with_profile) in cases().items():
            found = complaints(triples, folder, with_profile=with_profile)
            failed = failed or bool(found)
            kinds = ("OWL 2 DL, " if with_profile else "") + "consistent, no unsatisfiable class"
            print(f"{title} ({len(set(triples))} triples): {'; '.join(found) or kinds}")
        for title, triples in planted().items():
            found = complaints(triples, folder, with_profile=True)
            failed = failed or not found
            print(f"planted {title}: {'found' if found else 'NOT FOUND'}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
