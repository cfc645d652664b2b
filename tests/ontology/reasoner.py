"""Check the ontology as OWL: the OWL 2 DL profile, consistency, unsatisfiable classes; by itself, and together with the
real vocabularies that it stands on, and with all facts and what follows from them by the rules.

Run as a command (it needs Java, and npm for the real vocabularies): exit code 1 if anything is found, or if a planted
fault is not found. HermiT and the OWL API come with owlready2. HermiT stops at datatypes that OWL 2 does not know, such
as xsd:date and geo:wktLiteral: our literals of these are left out, and OwlCheck passes by axioms of others that name
such a datatype. The three RDF reification properties, which OWL 2 DL reserves, are left out too.

The real vocabularies are no OWL 2 DL by themselves (PROV-O leaves inverses undeclared). So what they have without us is
no fault of ours; whatever comes with us is, a declaration of ours that clashes with theirs as well. A property of which
they do not tell the kind, such as all of DCMI's, counts as an annotation. What they import is not loaded: it is there
already, or says more than we use.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import owlready2
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from kg import resources
from kg.building import sources
from kg.rdf import namespaces as ns
from kg.rdf import vocabulary
from kg.rdf.serialise import to_bytes
from kg.rules import infer
from tests.support import npm

HERE = Path(__file__).resolve().parent
JAR = Path(owlready2.__file__).parent / "hermit" / "HermiT.jar"
XSD, RDF, OWL, PROV = ns.PREFIXES["xsd"], ns.PREFIXES["rdf"], ns.PREFIXES["owl"], ns.PREFIXES["prov"]
BEYOND_OWL = {XSD + name for name in ("date", "gYear", "gYearMonth")} | {ns.PREFIXES["geo"] + "wktLiteral"}
ORG = "http://www.w3.org/ns/org#"
BELOW_THE_WHOLE = f"<{ns.BASE}ontology/"
"""Modules and alignments, each with a header that imports others from the web; here they are merged."""
RESERVED = {RDF + name for name in ("subject", "predicate", "object")}
REAL = ("prov", "org", "skos", "foaf", "geo", "dcterms", "time", "qb")


class Case(NamedTuple):
    """Triples to look at: those of terms in every respect, those of facts for consistency only, which is faster."""

    triples: set[Triple]
    terms: bool = True
    real: bool = False


def read(paths: Iterable[Path]) -> Iterator[Triple]:
    """Yield the triples of files, without graph names and headers of parts, blank nodes kept apart by file."""
    for path in sorted(paths):
        fmt = RdfFormat.TRIG if path.suffix == ".trig" else RdfFormat.TURTLE
        yield from of_owl(parse(path.read_text(encoding="utf-8"), fmt, rename_blank_nodes=True))


def of_owl(quads: Iterable[Quad]) -> Iterator[Triple]:
    """Yield the triples of what a reasoner can read, without graph names and headers of parts."""
    for quad in quads:
        if quad.predicate.value in RESERVED or _is_beyond_owl(quad.object):
            continue
        if not str(quad.subject).startswith(BELOW_THE_WHOLE):
            yield quad.triple


def _is_beyond_owl(term: object) -> bool:
    return isinstance(term, Literal) and term.datatype.value in BEYOND_OWL


def modules() -> dict[str, list[Path]]:
    """Return the file of each module with those that it imports, which is all that a reasoner may need of others."""
    paths = {path.stem: path for path in sorted(resources.ONTOLOGY.glob("*.ttl")) if path.stem != "diplomacy"}
    imports: dict[str, set[str]] = {name: set() for name in paths}
    for name, path in paths.items():
        for quad in parse(path.read_text(encoding="utf-8"), RdfFormat.TURTLE):
            if quad.predicate.value == OWL + "imports":
                imports[name].add(str(quad.object).strip("<>").rpartition("/")[2])

    def needed(name: str) -> set[str]:
        return {name}.union(*map(needed, imports[name]))

    return {name: [paths[one] for one in sorted(needed(name))] for name in paths}


def inferred() -> set[Triple]:
    """Return what follows from the facts by the rules of the project, as a build draws it.

    It is what makes our terms those of others: no fact is a cd:ActualMembership, which is an org:Membership.
    """
    return {quad.triple for quad in infer(sources.load()) if not _is_beyond_owl(quad.object)}


def real_vocabularies() -> set[Triple]:
    """Return the vocabularies that ours stands on, as npm's packages hold them, without what they import."""
    folder = npm.installed(HERE) / "@vocabulary"
    texts = [(folder / name / f"{name}.nq").read_text(encoding="utf-8") for name in REAL]
    quads = (quad for text in texts for quad in parse(text, RdfFormat.N_QUADS, rename_blank_nodes=True))
    triples = {quad.triple for quad in quads if quad.predicate.value != OWL + "imports"}
    kinds = {NamedNode(f"{OWL}{kind}Property") for kind in ("Object", "Datatype", "Annotation")}
    told = {triple.subject for triple in triples if triple.predicate == vocabulary.RDF.type and triple.object in kinds}
    untold = {triple.subject for triple in triples if triple.object == vocabulary.RDF.Property} - told
    return triples | {Triple(name, vocabulary.RDF.type, NamedNode(OWL + "AnnotationProperty")) for name in untold}


def cases(real: set[Triple], drawn: set[Triple]) -> dict[str, Case]:
    """Return what is checked, by name; `drawn` is what follows from all facts."""
    ontology = resources.ONTOLOGY
    core = set(read(ontology.glob("*.ttl")))
    aligned = core | set(read((ontology / "alignments").glob("*.ttl")))
    described = core | set(read((ontology / "vocabularies").glob("*.ttl")))
    examples = set(read((ontology / "examples").rglob("*.ttl")))
    facts = aligned | described | set(read(resources.FACTS.rglob("*.trig"))) | drawn
    return {
        **{f"the module {name}": Case(set(read(paths))) for name, paths in modules().items()},
        "the ontology alone": Case(core),
        "with alignments": Case(aligned),
        "with vocabularies and examples": Case(described | examples),
        "with the real vocabularies": Case(aligned | described | examples | real, real=True),
        "with all facts": Case(facts, terms=False),
        "with all facts and the real vocabularies": Case(facts | real, terms=False, real=True),
    }


def planted(real: set[Triple], drawn: set[Triple]) -> dict[str, Case]:
    """Return faults that the checks must find, each added to the ontology, or to what follows from all facts."""
    core = set(read(resources.ONTOLOGY.glob("*.ttl")))
    aligned = core | set(read((resources.ONTOLOGY / "alignments").glob("*.ttl")))
    thing, other, bad = NamedNode(ns.ID + "x/1"), NamedNode(ns.ID + "x/2"), NamedNode(ns.CD + "Bad")
    a, of_class = vocabulary.RDF.type, vocabulary.RDFS.subClassOf
    unsatisfiable = {Triple(bad, a, NamedNode(OWL + "Class"))} | {
        Triple(bad, of_class, NamedNode(ns.CD + name)) for name in ("Person", "City")
    }
    wrong_twin = {Triple(thing, a, NamedNode(ns.CD + "Passage")), Triple(thing, NamedNode(ns.CD + "twin"), other)}
    derived = {
        Triple(thing, a, NamedNode(PROV + "Activity")),
        Triple(thing, NamedNode(PROV + "wasDerivedFrom"), other),
    }
    membership = NamedNode(ns.ID + "membership/guangzhou-uclg")
    organization = {Triple(membership, a, NamedNode(ORG + "Organization"))}
    clashing = {Triple(NamedNode(ns.PREFIXES["skos"] + "notation"), a, NamedNode(OWL + "AnnotationProperty"))}
    apart = set(read([resources.ONTOLOGY / "practice.ttl"]))
    return {
        "a module without what it imports": Case(apart),
        "an unsatisfiable class": Case(core | unsatisfiable),
        "an inconsistent fact": Case(core | wrong_twin),
        "an undeclared property": Case(core | {Triple(thing, NamedNode(ns.CD + "nonsense"), other)}),
        "an activity derived from something": Case(aligned | derived | real, terms=False, real=True),
        "a declaration that clashes with SKOS": Case(core | clashing | real, real=True),
        "a membership that is an organisation, by what follows": Case(
            aligned | drawn | organization | real, terms=False, real=True
        ),
    }


def complaints(found_in: dict[str, Case]) -> dict[str, list[str]]:
    """Return what is wrong with each case: profile violations, inconsistency, unsatisfiable classes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(["javac", "-cp", str(JAR), "-d", name, str(HERE / "OwlCheck.java")], check=True)
        arguments = []
        for title, case in found_in.items():
            path = folder / title
            path.write_bytes(to_bytes(case.triples, RdfFormat.RDF_XML))
            arguments += ["terms" if case.terms else "facts", str(path)]
        command = ["java", "-cp", f"{JAR}:{folder}", "OwlCheck", *arguments]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    found: dict[str, list[str]] = {title: [] for title in found_in}
    for line in lines:
        title, complaint = line.split("\t", 1)
        found[title].append(complaint)
    return found


def _of(complaint: str) -> str:
    """Return what is wrong with which term: the axiom that is named after it is one of several, and varies."""
    return complaint.split(">", maxsplit=1)[0]


def main() -> int:
    """Run all checks and print what they find."""
    real, drawn = real_vocabularies(), inferred()
    right, wrong, alone = cases(real, drawn), planted(real, drawn), "the real vocabularies alone"
    found = complaints({alone: Case(real), **right, **wrong})
    theirs = {_of(line) for line in found[alone]}
    ours = {
        title: [line for line in found[title] if not (case.real and _of(line) in theirs)]
        for title, case in (right | wrong).items()
    }
    for title, case in right.items():
        kinds = "OWL 2 DL, consistent, no unsatisfiable class" if case.terms else "consistent"
        print(f"{title} ({len(case.triples)} triples): {'; '.join(ours[title]) or kinds}")
    for title in wrong:
        print(f"planted {title}: {'found' if ours[title] else 'NOT FOUND'}")
    return int(any(ours[title] for title in right) or not all(ours[title] for title in wrong))


if __name__ == "__main__":
    sys.exit(main())
