"""Many writers and readers at once, and a server that is killed while it commits: nothing lost, nothing half done."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest

from kg.accounts.database import Database
from kg.accounts.tokens import Role, Tokens
from kg.building.verification import verify
from kg.curation.gate import Gate
from kg.findings import Check
from kg.history.chain import History
from kg.store.data_folder import DataFolder
from tests.support.command import Start
from tests.support.serving import Serving
from tests.support.tiers import by_tier, fresh_random

pytestmark = pytest.mark.drawn

CHANGES = by_tier(1, 3, 100)
"""How many each writer makes."""
KILLS = by_tier(1, 3, 50)
WRITERS = by_tier(8, 12, 20)
READERS = by_tier(4, 12, 20)

B = "https://w3id.org/city-diplomacy/"
WORDS = urlencode({"summary": "One more source", "source": "https://example.org/list", "graph": "curated/many"})
# Each change brings one source with three statements, so that whoever sees other numbers has seen half a change.
SEEN = f"""SELECT (COUNT(DISTINCT ?source) AS ?sources) (COUNT(?statement) AS ?statements) ?changes {{
    {{ SELECT (COUNT(?change) AS ?changes) {{ GRAPH graph:history {{ ?change a prov:Activity }} }} }}
    OPTIONAL {{ GRAPH <{B}graph/curated/many> {{ ?source ?statement ?value }} }}
}} GROUP BY ?changes"""


def source(name: str) -> bytes:
    iri = f"<{B}id/source/{name}>"
    said = {
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#type": f"<{B}ontology#Source>",
        "http://www.w3.org/2004/02/skos/core#prefLabel": f'"Source {name}"@en',
        "http://purl.org/dc/terms/title": f'"Title {name}"@en',
        "http://purl.org/dc/terms/rights": '"not known"@en',
    }
    return "".join(f"{iri} <{predicate}> {value} .\n" for predicate, value in said.items()).encode()


@dataclass
class Client:
    """A connection that is kept, as programs keep it."""

    address: str
    token: str = ""

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=60)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
        headers = {"Content-Type": "application/n-triples", "Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def make(self, name: str) -> int:
        """Make a change and return its number."""
        status, _, body = self.ask("POST", f"/changes?{WORDS}&acknowledge=yes", source(name))
        assert status == 201, body
        return int(json.loads(body)["number"])

    def see(self) -> tuple[int, int, int, int]:
        """Return how many changes the revision's name counts, and what of them is seen."""
        status, headers, body = self.ask("GET", f"/sparql?query={quote(SEEN)}")
        assert status == 200, body
        row = json.loads(body)["results"]["bindings"][0]
        seen = [int(row[name]["value"]) for name in ("changes", "sources", "statements")]
        return int(headers["x-revision"].partition(".")[2] or 0), seen[0], seen[1], seen[2]


@dataclass
class Crowd:
    """Threads that do something so many times, and others until those have done; what one of them raises is kept."""

    times: int
    errors: list[BaseException] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def run(self, counted: list[Callable[[], object]], meanwhile: list[Callable[[], object]]) -> None:
        working = [threading.Thread(target=self._kept, args=(one, range(self.times))) for one in counted]
        others = [threading.Thread(target=self._kept, args=(one, self._until_over())) for one in meanwhile]
        for thread in (*others, *working):
            thread.start()
        for thread in working:
            thread.join()
        self._over.set()
        for thread in others:
            thread.join()

    def _until_over(self) -> Iterator[int]:
        return itertools.takewhile(lambda _: not self._over.is_set(), itertools.count())

    def _kept(self, work: Callable[[], object], times: Iterable[int]) -> None:
        try:
            for _ in times:
                work()
        except BaseException as error:
            self.errors.append(error)


@pytest.fixture
def own(small: DataFolder) -> tuple[DataFolder, str]:
    """A data folder for one test, and a curator's token."""
    return small, Tokens(Database(small.path)).create("Ann", Role.CURATOR)


def faults(folder: DataFolder) -> list[Check]:
    return [check for check in verify(folder) if not check.passed]


@pytest.mark.scaled
def test_many_writers_and_readers_see_whole_revisions_only(
    own: tuple[DataFolder, str], serving_folder: Serving
) -> None:
    folder, token = own
    acknowledged: list[int] = []
    seen: list[tuple[int, int, int, int]] = []
    names = itertools.count()

    def writer(client: Client) -> Callable[[], object]:
        return lambda: acknowledged.append(client.make(f"s{next(names)}"))

    def reader(client: Client) -> Callable[[], object]:
        return lambda: seen.append(client.see())

    with serving_folder(folder) as address, ExitStack() as clients:
        writing = [clients.enter_context(Client(address, token)) for _ in range(WRITERS)]
        reading = [clients.enter_context(Client(address)) for _ in range(READERS)]
        writing[0].make("first")  # opens the gate
        crowd = Crowd(CHANGES)
        crowd.run([*map(writer, writing)], [*map(reader, reading)])
    assert crowd.errors == []
    assert len(acknowledged) == WRITERS * CHANGES
    assert sorted(acknowledged) == list(range(2, len(acknowledged) + 2))
    assert History(folder.path).count() == len(acknowledged) + 1
    halves = [row for row in seen if not row[0] == row[1] == row[2] == row[3] / 4]
    assert halves == []
    assert len({row[0] for row in seen}) > WRITERS / 4
    assert faults(folder) == []


@pytest.mark.scaled
def test_a_server_killed_while_it_commits_loses_nothing(
    own: tuple[DataFolder, str], start: Start, tmp_path: Path
) -> None:
    folder, token = own
    moments = fresh_random("moments of the kills")
    acknowledged: dict[str, int] = {}
    names = (f"k{number}" for number in itertools.count())
    for turn in range(KILLS):
        command = start(tmp_path, data=folder.path)
        try:
            command.wait()
            with Client(command.address, token) as client:
                name = next(names)
                acknowledged[name] = client.make(name)
                killer = threading.Timer(moments.uniform(0, 0.5), command.process.kill)
                killer.start()
                with suppress(OSError, http.client.HTTPException):
                    while True:
                        name = next(names)
                        acknowledged[name] = client.make(name)
                killer.join()
        finally:
            command.kill()
        assert faults(folder) == [], turn
    records = {record.number: record for record in History(folder.path).records()}
    for name, number in acknowledged.items():
        assert f"source/{name}>" in records[number].added[0]
    assert len(records) - len(acknowledged) <= KILLS  # one in each turn may have been made and not acknowledged
    with Gate(folder) as gate:
        assert gate.build.changes == len(records)
    assert faults(folder) == []
