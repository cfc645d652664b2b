"""Count the terms of the ontology, and name those that nothing uses.

`python -m tests.ontology.counts` prints a table; with the folder of another checkout, that of its ontology. A term is
in use if a rule, a question or check, a shape, code or a page names it, or a fact of any work has it; so is a concept
above one in use, what has taken the place of a published term, and a property that `rules/objects.rq` draws by its
`cd:objectionKind`. Whatever else the ontology says of a term is no use of it, nor is what a shape for terms says.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import BlankNode, NamedNode, Quad

from kg.rdf import namespaces as ns
from kg.rdf.parse import read_file
from kg.rdf.vocabulary import CD, DCTERMS, OWL, RDF, SKOS

PROPERTIES = {OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty}
_NAMED = re.compile(r"\b(?:cd:|CD\.)(\w+)")
_CONCEPT = re.compile(r"\b([a-z][\w-]*):([a-z0-9][\w-]*)")


def files_by_user(root: Path) -> dict[str, list[Path]]:
    """Return the files in which a term may be used, by what they are."""
    code = [path for folder in ("kg", "server") for path in (root / folder).rglob("*.py")]
    return {
        "rules": list((root / "ontology" / "rules").glob("*.rq")),
        "questions": [
            *(root / "queries").rglob("*.rq"),
            *(root / "kg").rglob("*.rq"),
            *(root / "server").rglob("*.rq"),
        ],
        "shapes": [path for path in (root / "shapes").glob("*.ttl") if path.stem != "ontology-style"],
        "code": [path for path in code if path.name != "vocabulary.py"],  # which lists what others name
        "pages": list((root / "server").rglob("*.html")),
        "facts": [*(root / "kg" / "facts").rglob("*.trig"), *(root / "kg" / "facts").rglob("*.trig.gz")],
    }


def named_in(kind: str, paths: Iterable[Path], prefixes: dict[str, str]) -> set[str]:
    """Return the IRIs of our terms and concepts that files of a kind use."""
    found: set[str] = set()
    for path in paths:
        if kind == "facts":
            found |= _used_by(read_file(path))
            continue
        text = path.read_text(encoding="utf-8")
        found |= {ns.CD + name for name in _NAMED.findall(text)}
        found |= {prefixes[one] + name for one, name in _CONCEPT.findall(text) if one in prefixes}
        found |= {ns.BASE + path for path in re.findall(r"\bvocabulary/[a-z-]+/[\w-]+", text)}
    return found


def _used_by(quads: Iterable[Quad]) -> set[str]:
    nodes = {node for quad in quads for node in (quad.predicate, quad.object) if isinstance(node, NamedNode)}
    return {node.value for node in nodes if node.value.startswith((ns.CD, ns.VOCABULARY))}


def terms_of(root: Path) -> list[Quad]:
    """Return what the ontology and its vocabularies say of their terms."""
    ontology = root / "ontology"
    paths = [*ontology.glob("*.ttl"), *(ontology / "vocabularies").glob("*.ttl")]
    return [quad for path in sorted(paths) for quad in read_file(path) if not isinstance(quad.subject, BlankNode)]


def used_by_others(quads: Iterable[Quad], used: set[str]) -> set[str]:
    """Return the terms that other terms use: those above concepts in use, successors, and what is an objection."""
    above = {(str(q.subject)[1:-1], str(q.object)[1:-1]) for q in quads if q.predicate == SKOS.broader}
    found = {str(q.object)[1:-1] for q in quads if q.predicate == DCTERMS.isReplacedBy}
    found |= {str(q.subject)[1:-1] for q in quads if q.predicate == CD.objectionKind}
    while more := {wide for narrow, wide in above if narrow in found | used} - found:
        found |= more
    return found


def rows(quads: Iterable[Quad]) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield for each sort of term its name, the terms that are in use or not, and those that were replaced."""
    replaced = {quad.subject for quad in quads if quad.predicate == OWL.deprecated}
    sorts = {
        "classes": {OWL.Class},
        "properties": PROPERTIES,
        "schemes": {SKOS.ConceptScheme},
        "concepts": {SKOS.Concept},
    }
    for sort, kinds in sorts.items():
        own = {quad.subject for quad in quads if quad.predicate == RDF.type and quad.object in kinds}
        of_us = {node for node in own if str(node).startswith((f"<{ns.CD}", f"<{ns.VOCABULARY}"))}
        yield sort, sorted(node.value for node in of_us - replaced), sorted(node.value for node in of_us & replaced)  # type: ignore[union-attr]


def table(root: Path) -> str:
    """Return what is counted as a table, and below it the terms without use."""
    prefixes = {name: iri for name, iri in ns.PREFIXES.items() if iri.startswith(ns.VOCABULARY)}
    used = {kind: named_in(kind, paths, prefixes) for kind, paths in files_by_user(root).items()}
    terms = terms_of(root)
    anywhere = set[str]().union(*used.values())
    anywhere |= used_by_others(terms, anywhere)
    by_programs = set[str]().union(*(used[kind] for kind in used if kind not in ("facts", "shapes")))
    lines, idle = [f"{'':12}{'in use':>8}{'idle':>8}{'current':>9}{'replaced':>10}"], []
    for sort, current, replaced in rows(terms):
        unused = [iri for iri in current if iri not in anywhere and sort != "schemes"]
        lines.append(f"{sort:12}{len(current) - len(unused):>8}{len(unused):>8}{len(current):>9}{len(replaced):>10}")
        if unused:
            idle.append(f"{sort} that nothing uses: {' '.join(map(ns.compact, unused))}")
        if sort == "classes" and (unnamed := [ns.compact(iri) for iri in current if iri not in by_programs]):
            idle.append(f"classes that no rule, question, code or page names: {' '.join(unnamed)}")
    return "\n".join([*lines, *idle])


if __name__ == "__main__":
    print(table(Path(sys.argv[1] if sys.argv[1:] else ".").resolve()))
