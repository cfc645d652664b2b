"""What the service adds to an engine that answers for it: `python -m bench.engines` (needs Debian's Virtuoso).

Each engine holds a copy of the report's graph. The same query, with another number in a comment each time so that no
answer is ready, goes to the engine itself and through the service, in turn, over one connection each.
"""

from __future__ import annotations

import http.client
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from rich.console import Console
from rich.table import Table

from bench import peers
from bench.ours import CITYKG, serving
from bench.processes import Server
from kg.engines import DIALECTS
from kg.rdf import namespaces as ns
from tests.support.engines import PASSWORD, PLACES, USER

QUERY = f"""PREFIX cd: <{ns.CD}> PREFIX skos: <{ns.PREFIXES["skos"]}>
SELECT ?twin ?label {{ ?t cd:twin <{ns.ID}city/birmingham> , ?twin . ?twin skos:prefLabel ?label }}"""
ROUNDS = 500
AT_ONCE = 25
"""Queries in a row, so that it is not measured how long processes take to wake that had nothing to do meanwhile."""


class Asked:
    """Asks one address the query over one connection, and keeps how many milliseconds each answer took."""

    def __init__(self, port: int, path: str, before: str = "") -> None:
        self.taken: list[float] = []
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._path, self._before = path, before

    def ask(self, number: int) -> str:
        """Ask once more; return who has answered."""
        form = urlencode({"query": f"{self._before}{QUERY}\n# {number}"})
        headers = {
            "Accept": "application/sparql-results+json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        began = time.perf_counter()
        self._connection.request("POST", self._path, form, headers)
        answer = self._connection.getresponse()
        body = answer.read()
        self.taken.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200, body
        return answer.headers.get("X-Answered-By", "")


def _named(engine: Server) -> list[str]:
    options = ("--engine", "--engine-update", "--engine-graph-store")
    places = zip(options, PLACES[engine.name], strict=True)
    return [part for option, path in places for part in (option, engine.address + path)] + ["--engine-user", USER]


def _with(engine: Server, data: Path) -> dict[str, list[float]]:
    """Return the milliseconds of an engine itself, through the service, and of the service without it."""
    subprocess.run([CITYKG, "replicate", "--data", str(data), *_named(engine)], check=True, capture_output=True)
    pragma, _ = DIALECTS[engine.name].asked("", (), ())
    options = ("--ahead-bytes", "0")
    with serving(data, *options, *_named(engine)) as through, serving(data, *options) as alone:
        asked = {
            "itself": Asked(engine.port, PLACES[engine.name][0], pragma),
            "through the service": Asked(through.port, "/sparql"),
            "the service alone": Asked(alone.port, "/sparql"),
        }
        while asked["through the service"].ask(-1) != "engine":
            time.sleep(0.1)  # until the service has seen what the engine holds
        for one in asked.values():
            one.taken.clear()
        for start in range(0, ROUNDS, AT_ONCE):
            for name, one in asked.items():
                for number in range(start, start + AT_ONCE):
                    by = one.ask(number)
                    if name == "through the service" and by != "engine":
                        one.taken.pop()  # Virtuoso now and then fails with a sound query
    return {name: one.taken for name, one in asked.items()}


def main() -> None:
    """Print a table of the medians, and what the service adds."""
    os.environ["CITYKG_ENGINE_PASSWORD"] = PASSWORD
    peers.install()
    table = Table(
        "engine",
        "itself, ms",
        "through the service, ms",
        "added, ms",
        "the service alone, ms",
        f"answered, of {ROUNDS}",
    )
    with tempfile.TemporaryDirectory(prefix="citykg-bench-") as made:
        scratch = Path(made)
        subprocess.run([CITYKG, "build", "--data", str(scratch / "data")], check=True, capture_output=True)
        (scratch / "nothing").mkdir()
        (scratch / "nothing" / "empty.nt").touch()
        engines = [peers.oxigraph(scratch / "store", "/query?query=ASK%7B%7D")]
        if peers.has_virtuoso():
            engines.append(peers.virtuoso(scratch / "nothing" / "empty.nt", ns.GRAPH + "none", scratch))
        for starting in engines:
            with starting as engine:
                taken = _with(engine, scratch / "data")
                itself, through, alone = map(statistics.median, taken.values())
                answered = str(len(taken["through the service"]))
                shown = (f"{ms:.2f}" for ms in (itself, through, through - itself, alone))
                table.add_row(engine.name, *shown, answered)
    Console().print(table)


if __name__ == "__main__":
    main()
