"""Freeze a version of the ontology: write the ontology as it is now into `ontology/releases`, under a number.

`python -m tests.ontology.release 0.3.0` writes the file and prints its hash, which goes into test_releases.py. The same
ontology gives the same bytes, so that whoever doubts a hash can make it again.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple

from kg import resources
from kg.building import sources
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.ontology import under_one_header
from kg.rdf.serialise import to_bytes
from kg.rdf.vocabulary import DCTERMS, OWL

ONTOLOGY = NamedNode(ns.CD.removesuffix("#"))
FOLDER = resources.ONTOLOGY / "releases"


def precedence(version: str) -> tuple[tuple[int, ...], bool, str]:
    """Return what versions are sorted by: a release candidate comes before its release (semver.org, section 11)."""
    number, _, candidate = version.partition("-")
    return tuple(map(int, number.split("."))), not candidate, candidate


def released(version: str) -> bytes:
    """Return the ontology as Turtle, with the header of a version: its number, its IRI and the version before it."""
    earlier = [path.stem for path in FOLDER.glob("*.ttl") if precedence(path.stem) < precedence(version)]
    header = {
        OWL.versionInfo: Literal(version),
        OWL.versionIRI: NamedNode(f"{ONTOLOGY.value}/{version}"),
        OWL.priorVersion: NamedNode(f"{ONTOLOGY.value}/{max(earlier, key=precedence)}"),
    }
    core = under_one_header(quad.triple for quad in sources.load() if quad.graph_name == graphs.ONTOLOGY)
    replaced = {*header, DCTERMS.hasPart}  # a release is one document: modules are of the head
    kept = (triple for triple in core if not (triple.subject == ONTOLOGY and triple.predicate in replaced))
    stated = sorted([*kept, *(Triple(ONTOLOGY, *said) for said in header.items())], key=str)
    lines = to_bytes(stated, RdfFormat.TURTLE).decode().splitlines(keepends=True)
    lines.sort(key=lambda line: line if line.startswith("@prefix") else "~")  # the engine writes them in any order
    return "".join(lines).encode()


def write(version: str) -> tuple[Path, str]:
    """Write a version; return the file and its hash."""
    path, content = FOLDER / f"{version}.ttl", released(version)
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    file, digest = write(sys.argv[1])
    print(f'{file}\n    "{sys.argv[1]}": "{digest}",')
