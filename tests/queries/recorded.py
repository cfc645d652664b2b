"""Records what the canned questions of a commit answer, so that their old addresses can be held to it.

`python -m tests.queries.recorded COMMIT` asks the graph of today the questions as the commit has them (git keeps their
texts; where they read a note that is now what an account says as a whole, they read that too), and writes
`recorded.json`. To be run again where the facts change, with the commit that the file names.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pyoxigraph import QueryResultsFormat, QuerySolutions, Store

from kg.building import build
from kg.queries import CannedQuery, Question
from kg.queries.catalogue import read_query
from kg.rdf.scopes import DEFAULT_WORKS, WORLD
from kg.sparql.evaluation import execute
from kg.store import DataFolder
from tests.support import small_world

RECORD = Path(__file__).with_suffix(".json")


def answer(store: Store, question: Question) -> dict[str, Any]:
    """Return the columns of an answer, the number of its rows, and the hash of these as CSV, sorted."""
    found = execute.run(store, question.text_with_values())
    assert isinstance(found, QuerySolutions)
    header, *rows = csv.reader(io.StringIO((found.serialize(format=QueryResultsFormat.CSV) or b"").decode()))
    hashed = hashlib.sha256(json.dumps(sorted(rows), ensure_ascii=False).encode()).hexdigest()
    return {"columns": " ".join(header), "rows": len(rows), "sha256": hashed}


def examples(query: CannedQuery) -> Iterator[dict[str, str]]:
    """Yield the examples of all parameters of a question, and those of the required ones where there are others."""
    every = {one.name: one.example for one in query.parameters}
    yield every
    if query.examples != every:
        yield query.examples


def questions_of(commit: str) -> dict[str, CannedQuery]:
    """Return the canned questions of a commit by name."""
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(["git", "archive", commit, "queries"], check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", folder], check=True, input=packed)
        files = sorted(Path(folder).glob("queries/*/*.rq"))
        for path in files:
            path.write_text(_with_says(path.read_text(encoding="utf-8")), encoding="utf-8")
        return {path.stem: read_query(path) for path in files if path.parent.name != "checks"}


def _with_says(text: str) -> str:
    """Let a question read what accounts say as a whole where it reads their notes, which many of these were."""
    if "cd:says ?words" in text:
        return text
    text = re.sub(r"(\?(?:account|statement) |cd:accountOf \?network ; )cd:note (?=\?)", r"\1cd:note|cd:says ", text)
    return text.replace("cd:location cd:note }", "cd:location cd:note cd:says }")


def record(questions: Mapping[str, CannedQuery], store_for: Callable[[CannedQuery], Store]) -> list[dict[str, Any]]:
    """Return what questions answer for their examples, each with its scope."""
    return [
        {"name": name, "scope": query.scope, "values": values} | answer(store_for(query), Question(query, values))
        for name, query in questions.items()
        for values in examples(query)
    ]


def main(commit: str) -> None:
    """Write the record of a commit."""
    with tempfile.TemporaryDirectory() as temporary:
        both, world = DataFolder(Path(temporary, "both")), DataFolder(Path(temporary, "world"))
        build(both, works=DEFAULT_WORKS)
        with small_world.shipped(small_world.write(Path(temporary, "work"))):
            small_world.build(world)

        def store_for(query: CannedQuery) -> Store:
            folder = world if WORLD in query.works else both
            return Store.read_only(str(folder.snapshot_in(query.scope, folder.require_build())))

        found = record(questions_of(commit), store_for)
    lines = ",\n".join(f"  {json.dumps(one, ensure_ascii=False)}" for one in found)
    RECORD.write_text(f'{{"commit": "{commit}", "answers": [\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
