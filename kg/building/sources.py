"""Read the project's own files into quads: the named graph of each file, and the rules for its content.

The report's facts are all of kg/facts except the folders of other works. Such a folder holds a `work.trig`, and is read
by a build that names it; so is a folder from elsewhere that holds a work (docs/curating/works.md).
"""

from __future__ import annotations

import hashlib
import inspect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from kg import resources
from kg.building.completion import complete
from kg.errors import CityKgError
from kg.history import provenance_of
from kg.migrations import migrations
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import Term
from kg.rdf.parse import canonical_triples, read_files
from kg.rdf.positions import PlacedFile, PlacedQuad
from kg.rdf.scopes import EVERYTHING, REPORT, scopes_of_works
from kg.rdf.vocabulary import CD
from kg.store import Build

_TABLE = ".csv"
"""The suffix of a table of a work; other facts are TriG."""


@dataclass(frozen=True)
class SourceFile:
    """A file of the project; `graph` is None if the file names its graphs itself (TriG)."""

    path: Path
    graph: NamedNode | None


@dataclass(frozen=True)
class LoadedFiles:
    """The quads of the files of a build.

    `of_works` has those that the files of works state, each with its file; `places` are the files with facts in which
    a line can be looked up.
    """

    quads: list[Quad]
    of_works: Mapping[Quad, Path]
    places: Sequence[Path | PlacedFile]


def shipped_works() -> dict[str, Path]:
    """Return the folders of the works that come with the project besides the report, by name."""
    return {path.parent.name: path.parent for path in sorted(resources.FACTS.glob("*/work.trig"))}


def work_folders(works: Iterable[str]) -> tuple[Path, ...]:
    """Return the folders of works, given by the names of those that come with the project or by absolute paths.

    Raises CityKgError for an unknown name, for a folder that is missing or holds no facts, and for two that would be
    one scope (kg.rdf.scopes).
    """
    found = tuple(_folder(work) for work in dict.fromkeys(works))
    names = scopes_of_works(map(str, found))
    if len(names) < len(found) or not names.keys().isdisjoint((REPORT, EVERYTHING)):
        raise CityKgError(
            f"Each work has to have a name of its own: {', '.join(folder.name for folder in found)}.",
            f"The name of its folder is that of the work; {REPORT} and {EVERYTHING} are taken. Rename one.",
        )
    return found


def source_files(works: Sequence[Path] = ()) -> list[SourceFile]:
    """Return every file that a build of the report and of other works reads, in a fixed order."""
    facts = sorted(path for path in resources.FACTS.rglob("*.trig") if not _is_of_a_work(path))
    terms = sorted(resources.ONTOLOGY.glob("*.ttl"))
    alignments = sorted((resources.ONTOLOGY / "alignments").glob("*.ttl"))
    profiles = sorted((resources.ONTOLOGY / "profiles").glob("*.ttl"))
    schemes = sorted((resources.ONTOLOGY / "vocabularies").glob("*.ttl"))
    return [
        *(SourceFile(path, None) for path in facts),
        *(SourceFile(path, None) for work in works for path in _facts_of(work)),
        *(SourceFile(path, graphs.ONTOLOGY) for path in terms),
        *(SourceFile(path, NamedNode(graphs.ALIGNMENTS + path.stem)) for path in alignments),
        *(SourceFile(path, NamedNode(graphs.PROFILES + path.stem)) for path in profiles),
        *(SourceFile(path, graphs.scheme_graph(path.stem)) for path in schemes),
        *(SourceFile(path, graphs.SHAPES) for path in sorted(resources.SHAPES.glob("*.ttl"))),
    ]


def fingerprint(works: Sequence[Path] = ()) -> str:
    """Return a hash of all files that a build reads, rules and checks included. If it changes, a build is due.

    The description of changes in graph/history counts as a rule, too, though it is written in Python, and so do what
    works may leave unsaid, and this module, which counts the statements of a passage.
    """
    read = [source.path for source in source_files(works)]
    read += sorted((resources.FACTS / "curated" / "history").glob("*.json"))  # kg.history.fold
    read += sorted((resources.ONTOLOGY / "rules").glob("*.rq")) + sorted((resources.QUERIES / "checks").glob("*.rq"))
    read += migrations().values()
    read += [*(Path(inspect.getfile(written)) for written in (provenance_of, complete)), Path(__file__)]
    digest = hashlib.sha256()
    for path in read:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_up_to_date(build: Build) -> bool:
    """Return True if a build was made from the files as they are now; False if one of its works is missing."""
    try:
        return build.fingerprint == fingerprint(work_folders(build.works))
    except CityKgError:
        return False


def load(works: Sequence[Path] = ()) -> list[Quad]:
    """Return the quads of all source files. Raises as `load_files` does."""
    return load_files(works).quads


def load_files(works: Sequence[Path] = ()) -> LoadedFiles:
    """Read all source files, blank nodes of ontology and shapes under canonical names.

    Works are completed by what follows from what they state: kg.building.completion.

    Raises UnreadableError with every syntax error of every file, RefusedSubmissionError with the cells of tables that
    cannot be read, CityKgError for a fact without a graph or with a blank node, or for a work that states something in
    the graph of another one.
    """
    return _load(source_files(works), works)


def load_without_report(works: Sequence[Path]) -> list[Quad]:
    """Return the quads of works with the terms and the gazetteer, without the report and its profile.

    Raises as `load` does.
    """
    shared = resources.FACTS / "gazetteer.trig"
    all_files = source_files(works)
    return _load(
        [
            source
            for source in all_files
            if source.path.parent.name != "profiles"
            and (source.graph is not None or source.path == shared or any(map(source.path.is_relative_to, works)))
        ],
        works,
    ).quads


def load_work(work: Path, report: Iterable[Quad], works: Sequence[Path] = ()) -> list[Quad]:
    """Return the quads of a work with the terms, and of the names and places of the report those that it speaks of.

    `report` are the quads of the report, `works` all works of the build: a table may name what they have. Where the
    work disagrees with another one is left out, since that is not there. Raises as `load` does.
    """
    stated = _stated_by(work, works)
    passages = {quad.subject for quad in stated if quad.graph_name == graphs.PASSAGES}
    beyond: set[Term] = {q.subject for q in stated if q.predicate == CD.onPassage and q.object not in passages}
    beyond |= {quad.object for quad in stated if quad.subject in beyond and quad.predicate == CD.onStatement}
    own = [quad for quad in stated if quad.subject not in beyond]
    terms: list[Quad] = []
    named: dict[Term, list[Quad]] = defaultdict(list)
    for quad in report:
        if str(getattr(quad.graph_name, "value", "")) in graphs.SHARED:
            named[quad.subject].append(quad)
        elif isinstance(quad.graph_name, NamedNode) and graphs.is_of_terms(quad.graph_name):
            terms.append(quad)
    own += complete(own, chain(terms, *named.values()))
    own += _positions(own)
    return [*terms, *own, *_reached(own, named)]


def _stated_by(work: Path, works: Sequence[Path]) -> list[Quad]:
    """Return what the files of a work state; its tables are read beside the files that they name things of."""
    facts = _facts_of(work)
    if any(path.suffix == _TABLE for path in facts):
        of_works = load_files(works or [work]).of_works
        return [quad for quad, path in of_works.items() if path.is_relative_to(work)]
    return [quad for of_file in read_files(facts).values() for quad in of_file]


def _reached(own: Iterable[Quad], named: Mapping[Term, list[Quad]]) -> Iterator[Quad]:
    """Yield the quads about the things that some quads lead to, directly or by others; `named` are those by subject."""
    left = {term for quad in own for term in (quad.subject, quad.object)} & named.keys()
    reached = set(left)
    while left:
        found = [quad for term in left for quad in named[term]]
        yield from found
        left = ({quad.object for quad in found} & named.keys()) - reached
        reached |= left


def _load(sources: Sequence[SourceFile], works: Sequence[Path]) -> LoadedFiles:
    quads_of = read_files(source.path for source in sources if source.path.suffix != _TABLE)
    quads: list[Quad] = []
    for source in sources:
        if source.path.suffix == _TABLE:
            continue
        if source.graph is None:
            _refuse_loose_facts(source.path, quads_of[source.path])
            quads += quads_of[source.path]
        else:
            canonical = canonical_triples(source.path, quads_of[source.path])
            quads += (Quad(t.subject, t.predicate, t.object, source.graph) for t in canonical)
    placed = _read_tables(works, quads_of, quads)
    quads_of |= {path: [quad for quad, _ in found] for path, found in placed.items()}
    quads += (quad for path in placed for quad in quads_of[path])
    _refuse_mixed_works(works, quads_of)
    for work in works:
        own = [quad for path in _facts_of(work) for quad in quads_of[path]]
        quads += complete(own, quads)
    facts = (source.path for source in sources if source.graph is None)
    places = [PlacedFile.of(path, placed[path]) if path in placed else path for path in facts if path.suffix != ".gz"]
    of_works = {quad: path for work in works for path in _facts_of(work) for quad in quads_of[path]}
    return LoadedFiles([*quads, *_positions(quads)], of_works, places)


def _read_tables(
    works: Sequence[Path], quads_of: Mapping[Path, list[Quad]], others: Sequence[Quad]
) -> dict[Path, list[PlacedQuad]]:
    """Return the quads of the tables of works, which name what other files and works before them have."""
    with_tables = {work: tables for work in works if (tables := [p for p in _facts_of(work) if p.suffix == _TABLE])}
    if not with_tables:
        return {}
    from kg.tables.works import WorkFolder  # noqa: PLC0415 – few builds have tables

    store = Store()
    store.bulk_extend(chain(others, graphs.default_graph_quads(others)))
    placed: dict[Path, list[PlacedQuad]] = {}
    for work, tables in with_tables.items():
        passages = (name for path in _facts_of(work) for name in _passages(quads_of.get(path, ())))
        folder = WorkFolder(tables, next((name.partition("/")[0] for name in passages), ""))
        placed |= folder.read(store)
    return placed


def _positions(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield the position of each statement in its passage: the order of a file is that of the text.

    A position that the files state counts. The entries of a data set, which share a graph, have none.
    """
    by_graph: defaultdict[NamedNode, dict[NamedNode, None]] = defaultdict(dict)
    stated = set()
    for quad in quads:
        if quad.predicate == CD.position:
            stated.add(quad.subject)
        elif quad.predicate == CD.statedIn and (own := _statement_of_passage(quad)):
            graph, statement = own
            by_graph[graph][statement] = None
    for graph, statements in by_graph.items():
        for place, statement in enumerate(statements, 1):
            if statement not in stated:
                yield Quad(statement, CD.position, Literal(place), graph)


def _statement_of_passage(stated_in: Quad) -> tuple[NamedNode, NamedNode] | None:
    """Return the graph and the statement if a passage states it that has this graph alone; None for a group."""
    statement, passage, graph = stated_in.subject, stated_in.object, stated_in.graph_name
    if not (isinstance(statement, NamedNode) and isinstance(passage, NamedNode) and isinstance(graph, NamedNode)):
        return None
    is_own = passage.value.removeprefix(ns.PREFIXES["passage"]) == graph.value.removeprefix(ns.REPORT)
    return (graph, statement) if is_own and ns.kind_of(statement.value) != "group" else None


def _folder(work: str) -> Path:
    shipped = shipped_works()
    folder = shipped.get(work, Path(work))
    if not folder.is_absolute():
        known = ", ".join(shipped) or "none"
        raise CityKgError(
            f"No work named {work!r} comes with the project.",
            f"Those that do: {known}. For a folder from elsewhere: --facts DIR",
        )
    if not folder.is_dir():
        raise CityKgError(
            f"The folder of a work is not there: {folder}",
            "Name it as it is now (--facts DIR), or build the report without it: citykg build",
        )
    if not _facts_of(folder):
        raise CityKgError(
            f"The folder of a work holds no facts: {folder}",
            "Put its passages and what they state into files *.trig or tables there: docs/curating/works.md",
        )
    return folder


def _facts_of(work: Path) -> list[Path]:
    return sorted([*work.rglob("*.trig"), *work.rglob("*.trig.gz"), *work.rglob(f"*{_TABLE}")])


def _is_of_a_work(path: Path) -> bool:
    return (resources.FACTS / path.relative_to(resources.FACTS).parts[0] / "work.trig").exists()


def _refuse_loose_facts(path: Path, quads: list[Quad]) -> None:
    for quad in quads:
        if not isinstance(quad.graph_name, NamedNode):
            raise CityKgError(
                f"{path} states {quad.triple} outside any graph.",
                "Put it into the graph of the passage that states it: report:<passage> { … }",
            )
        if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
            raise CityKgError(f"{path} holds a blank node: {quad.triple}", "Give the node an IRI below id/.")


def _refuse_mixed_works(works: Sequence[Path], quads_of: Mapping[Path, list[Quad]]) -> None:
    """Raise CityKgError for a work with the name of another one or of a passage, or with graphs of another one."""
    files = {path: quads for path, quads in quads_of.items() if not any(path.is_relative_to(work) for work in works)}
    taken = {name: "a passage of the report" for quads in files.values() for name in _passages(quads)}
    for work in works:
        facts = {path: quads_of[path] for path in _facts_of(work)}
        name = _work_name(work, facts)
        if name in taken:
            raise CityKgError(
                f"The work in {work} is called {name!r}, and so is {taken[name]}.",
                "Give its passages another name of their work: passage/<work>/<slug>",
            )
        taken[name] = f"the work in {work}"
        for path, quads in facts.items():
            _refuse_foreign_graphs(path, quads, name)


def _work_name(work: Path, facts: Mapping[Path, list[Quad]]) -> str:
    """Return the part of a work's passage IRIs before the slug."""
    passages = sorted({passage for quads in facts.values() for passage in _passages(quads)})
    if loose := [passage for passage in passages if passage.count("/") != 1]:
        raise CityKgError(
            f"{work} has a passage passage/{loose[0]}, which does not name its work.",
            "Only passages of the report do without. Call it passage/<work>/<slug>.",
        )
    names = sorted({passage.partition("/")[0] for passage in passages})
    if len(names) != 1:
        raise CityKgError(
            f"{work} has passages of {' and '.join(names) or 'no work'}.",
            "A folder holds one work: each of its passages is passage/<work>/<slug>, in graph:passages.",
        )
    return names[0]


def _refuse_foreign_graphs(path: Path, quads: list[Quad], name: str) -> None:
    own, profile = graphs.work_graph(name), graphs.PROFILES + name
    for quad in quads:
        assert isinstance(quad.graph_name, NamedNode)  # else the file was refused
        graph = quad.graph_name.value
        if graph not in graphs.SHARED and graph not in (own, profile) and not graph.startswith(own + "/"):
            raise CityKgError(
                f"{path} states {quad.triple} in the graph {ns.compact(graph)}, which is not of its work.",
                f"What a passage states stands in <{own}/<slug>>; names in graph:register and graph:gazetteer, "
                f"passages in graph:passages, readings in graph:interpretation, notes on terms in <{profile}>.",
            )


def _passages(quads: Iterable[Quad]) -> Iterator[str]:
    """Yield the passages in files, by the part of their IRIs after `id/passage/`."""
    prefix = ns.PREFIXES["passage"]
    for quad in quads:
        thing = quad.subject
        if quad.graph_name == graphs.PASSAGES and isinstance(thing, NamedNode) and thing.value.startswith(prefix):
            yield thing.value.removeprefix(prefix)
