"""How long others wait while a large change is made: `python -m bench.imports [PAIRS]`.

The report's graph gets so many twinnings of made-up cities in one change (17,401 of them are some 250,000 statements),
which is then taken back. Four curators make small changes and eight readers ask meanwhile, all in this process; the
same is measured before, when they are alone.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from bench.validation import at
from kg.building import build
from kg.curation import Curation, Rationale
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.change_file import ChangeFile
from kg.store import DataFolder, Reader
from kg.submissions import Submission
from tests.support.turtle import node

CITIES = 2360
CURATORS, READERS = 4, 8
SECONDS_BEFORE = 20.0
PAUSE = 0.5
"""Seconds that a curator takes between two changes."""
QUESTION = "SELECT ?network (COUNT(?tie) AS ?ties) { ?tie <" + ns.CD + "network> ?network } GROUP BY ?network LIMIT 10"
WHY = Rationale("Measured", "https://example.org/list", acknowledged=True)

Times = dict[str, list[float]]


def imported(pairs: int) -> Iterator[Quad]:
    """Yield an import: two sources, the cities, and pairs of them with an account by each source."""
    sources = [f"source:bench-list-{number}" for number in (1, 2)]
    for source in sources:
        for name in ("skos:prefLabel", "dcterms:title"):
            yield _quad(source, name, Literal(f"List {source[-1]}", language="en"))
        yield _quad(source, "rdf:type", node("cd:Source"))
        yield _quad(source, "dcterms:bibliographicCitation", Literal("A list", language="en"))
    for number in range(CITIES):
        city = f"city:bench-{number:05d}"
        yield _quad(city, "rdf:type", node("cd:City"))
        yield _quad(city, "skos:prefLabel", Literal(f"Bench {number * 7919:x}ville", language="en"))
        yield _quad(city, "cd:within", node("country:china" if number % 2 else "country:united-kingdom"))
        yield _quad(city, "dcterms:source", node(sources[0]))
    steps = ((first, first + step) for step in itertools.count(1) for first in range(CITIES - step))
    for pair in itertools.islice(steps, pairs):
        one, other = (f"bench-{number:05d}" for number in pair)
        yield from _twinning(f"{one}-{other}", one, other, sources)


def _twinning(name: str, one: str, other: str, sources: list[str]) -> Iterator[Quad]:
    yield _quad(f"twinning:{name}", "rdf:type", node("cd:Twinning"))
    yield _quad(f"twinning:{name}", "skos:prefLabel", Literal(f"{one} and {other}", language="en"))
    for city in (one, other):
        yield _quad(f"twinning:{name}", "cd:twin", node(f"city:{city}"))
    for source in sources:
        account = f"account:{source.removeprefix('source:')}--twinning-{name}"
        yield _quad(account, "rdf:type", node("cd:Account"))
        yield _quad(account, "cd:accountOf", node(f"twinning:{name}"))
        yield _quad(account, "cd:statedIn", node(source))
        for text in ("As listed.", "Listed."):
            yield _quad(account, "cd:note", Literal(text, language="en"))


def _quad(subject: str, predicate: str, value: NamedNode | Literal, graph: str = "bench") -> Quad:
    return Quad(node(subject), node(predicate), value, NamedNode(f"{ns.GRAPH}curated/{graph}"))


@contextmanager
def beside(curation: Curation, reader: Reader) -> Iterator[Times]:
    """Let curators and readers go on until the block ends, and keep how long each of their turns took."""
    times: Times = {"change": [], "answer": []}
    ended = threading.Event()

    def change(who: int) -> None:
        for number in itertools.count():
            note = _quad(
                "city:leeds", "skos:editorialNote", Literal(f"{who} {number} {time.time()}", language="en"), f"c{who}"
            )
            draft = WHY.draft(
                f"{who}-{number}-{time.time()}", "submit", Submission(Change.of([note])), f"curator {who}"
            )
            _clocked(lambda draft=draft: curation.make(draft), times["change"])  # type: ignore[misc]
            if ended.wait(PAUSE):
                return

    def ask(_: int) -> None:
        while not ended.is_set():
            _clocked(lambda: list(reader.current().store.query(QUESTION)), times["answer"])  # type: ignore[arg-type]

    threads = [threading.Thread(target=change, args=(who,)) for who in range(CURATORS)]
    threads += [threading.Thread(target=ask, args=(who,)) for who in range(READERS)]
    for thread in threads:
        thread.start()
    try:
        yield times
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def _clocked(task: Callable[[], object], into: list[float]) -> float:
    began = time.perf_counter()
    task()
    into.append(time.perf_counter() - began)
    return into[-1]


def tell(what: str, seconds: float, times: Times) -> None:
    """Print how long something took, and the turns of the others meanwhile."""
    print(f"{what}: {seconds:.1f} s")
    for kind, taken in times.items():
        taken.sort()
        rate = len(taken) / seconds
        print(f"  {kind}: {rate:.1f}/s, p50 {at(taken, 0.5) * 1000:.0f} ms, longest {taken[-1] * 1000:.0f} ms")


def main() -> None:
    """Measure, and print."""
    pairs = int(sys.argv[1]) if sys.argv[1:] else 17_401
    with tempfile.TemporaryDirectory() as path:
        folder = DataFolder(Path(path) / "data")
        build(folder)
        file = ChangeFile.write(Path(path) / "change", Change.of(imported(pairs)))
        with Curation(folder) as curation:
            with beside(curation, Reader(folder)) as times:
                time.sleep(SECONDS_BEFORE)
            tell("alone", SECONDS_BEFORE, times)
            draft, taken = WHY.draft("large", "import", file, "bench"), list[float]()
            with beside(curation, Reader(folder)) as times:
                seconds = _clocked(lambda: curation.make(draft), taken)
            tell(f"beside a change of {file.size:,} statements", seconds, times)
            number = next(record.number for record in curation.history.records() if record.id == "large")
            with beside(curation, Reader(folder)) as times:
                undo = {"agent": "bench", "summary": "Undo", "acknowledged": True}
                seconds = _clocked(lambda: curation.undo(number, "undo", **undo), taken)  # type: ignore[arg-type]
            tell("beside its undo", seconds, times)


if __name__ == "__main__":
    main()
