"""Check the consistency of graphs after random changes that the gate took, with all that follows by rule.

`python -m tests.ontology.random_folders 40` makes forty folders of the report with fifty changes each, and lets HermiT
look at each of them, together with the ontology, its vocabularies and alignments, and the real vocabularies. A clash is
bisected, and the first change with which the graph is inconsistent is printed. One more folder has a change that never
came before the gate: that must be found. `CITYKG_SEED` repeats a run.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pyoxigraph import NamedNode, Quad, Triple

from kg import resources
from kg.building import build, sources
from kg.building.contents import replay
from kg.history import History, Record
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.serialise import lines_of
from kg.rdf.vocabulary import CD, OWL, RDF
from kg.rules import infer
from kg.store import DataFolder, LiveStore
from tests.ontology.reasoner import Case, complaints, of_owl, read, real_vocabularies
from tests.support.random_submissions import GRAPH, Block, Drawer, make_changes, rounds
from tests.support.tiers import fresh_random

CHANGES = 50
AT_ONCE = 7
"""Folders that one process of Java looks at."""
CLASH = NamedNode(ns.ID + "person/clash")


def terms() -> set[Triple]:
    """Return what each folder is looked at with: ontology, alignments, vocabularies, and the real vocabularies."""
    ontology = resources.ONTOLOGY
    of_us = (ontology.glob("*.ttl"), (ontology / "alignments").glob("*.ttl"), (ontology / "vocabularies").glob("*.ttl"))
    return {triple for paths in of_us for triple in read(paths)} | real_vocabularies()


def facts(quads: Iterable[Quad]) -> set[Triple]:
    """Return what is stated of the world, and what follows from it, as far as a reasoner can read it."""
    return set(of_owl(quad for quad in quads if _is_of_facts(quad.graph_name)))


def _is_of_facts(graph: object) -> bool:
    return isinstance(graph, NamedNode) and (graph == graphs.INFERRED or graphs.is_validated(graph))


def is_consistent(quads: Iterable[Quad], together_with: set[Triple]) -> bool:
    """Tell whether HermiT finds a model of what is stated and what follows."""
    return complaints({"facts": _case(quads, together_with)}) == {"facts": []}


def _case(quads: Iterable[Quad], together_with: set[Triple]) -> Case:
    return Case(facts(quads) | together_with, terms=False)


def first_clash(folder: DataFolder, together_with: set[Triple]) -> Record | None:
    """Return the first change of a folder with which the graph is inconsistent; None if it is consistent."""
    if is_consistent(folder.open(), together_with):
        return None
    records, files = [*History(folder.path).records()], sources.load()
    return _bisected(files, records, together_with)


def _bisected(files: list[Quad], records: Sequence[Record], together_with: set[Triple]) -> Record:
    good, bad = 0, len(records)
    while bad - good > 1:
        middle = (good + bad) // 2
        stated = replay(files, records[:middle])
        if is_consistent([*stated, *infer(stated)], together_with):
            good = middle
        else:
            bad = middle
    return records[bad - 1]


def add_unseen(folder: DataFolder, *quads: Quad) -> None:
    """Let the history and the store have a change that the gate has not seen."""
    source, day = "https://example.org/source", "2026-11-27T07:00:00Z"
    history = History(folder.path)
    with folder.lock():
        history.append(Record(0, f"{history.count()}", "submit", "Unseen", source, "ann", day, lines_of(quads), ()))
        LiveStore(folder, history)


def clash() -> tuple[Quad, Quad]:
    """Return statements of which no world can be: a person who is a city."""
    return Quad(CLASH, RDF.type, CD.Person, GRAPH), Quad(CLASH, RDF.type, CD.City, GRAPH)


def used_terms(folder: DataFolder) -> set[str]:
    """Return the terms of ours that the changes of a folder have used, as far as they count."""
    stated = folder.open().quads_for_pattern(None, None, None, GRAPH)
    nodes = {node for quad in stated for node in (quad.predicate, quad.object) if isinstance(node, NamedNode)}
    return {node.value for node in nodes if node.value.startswith(ns.CD)}


def current_terms() -> set[str]:
    """Return the classes and properties that were not replaced."""
    quads = [quad for quad in sources.load() if quad.graph_name == graphs.ONTOLOGY]
    kinds = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty}
    own = {quad.subject for quad in quads if quad.predicate == RDF.type and quad.object in kinds}
    own -= {quad.subject for quad in quads if quad.predicate == OWL.deprecated}
    return {node.value for node in own if isinstance(node, NamedNode) and node.value.startswith(ns.CD)}


def main(folders: int) -> int:
    """Make folders and one with a clash, print what is found, and return 1 if that is missed or there are others."""
    of, together_with, used, fails = fresh_random("random folders"), terms(), set[str](), 0
    drawn_from = rounds(of)
    with tempfile.TemporaryDirectory() as place:
        base = DataFolder(Path(place) / "base")
        build(base)
        for first in range(1, folders + 2, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, folders + 2))
            made = {f"{number}": DataFolder(Path(place) / f"{number}") for number in numbers}
            told = {name: _fill(made[name], base, of, drawn_from, int(name) > folders) for name in made}
            found = complaints({name: _case(folder.open(), together_with) for name, folder in made.items()})
            for name, folder in made.items():
                first_bad = first_clash(folder, together_with) if found[name] else None
                fails += (first_bad is not None) != (int(name) > folders)
                used |= used_terms(folder)
                print(f"{told[name]}, {_said_of(first_bad)}", flush=True)
                shutil.rmtree(folder.path)
    own = current_terms()
    unused = " ".join(sorted(map(ns.compact, own - used)))
    print(f"{len(own & used)} of {len(own)} classes and properties were used, all but: {unused}")
    return int(fails > 0)


def _fill(
    folder: DataFolder, base: DataFolder, of: random.Random, drawn_from: Iterator[Block], is_planted: bool
) -> str:
    """Make changes in a copy of a folder, and tell how many."""
    shutil.copytree(base.path, folder.path)
    drawer = Drawer(base.open(), of, drawn_from)
    refused = make_changes(folder, drawer, of, CHANGES // 2 if is_planted else CHANGES)
    if is_planted:
        add_unseen(folder, *clash())
        refused += make_changes(folder, drawer, of, CHANGES)
    name = "planted" if is_planted else f"folder {folder.path.name}"
    return f"{name}: {History(folder.path).count()} changes, {refused} more refused"


def _said_of(first_bad: Record | None) -> str:
    if first_bad is None:
        return "consistent"
    return "\n  ".join([f"INCONSISTENT from change {first_bad.number} on:", *first_bad.added])


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
