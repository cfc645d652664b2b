"""The world of a few dozen bodies: statements of Wikidata as kg/facts/world has them, and a build with them.

It is small enough to say by hand what is asked of it, and has a case of each kind: twinnings that the report has as
well and that it has not, stated by both sides and by one, three bodies each twinned with the others, and one that a
passage of the report denies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import pytest

from kg.building import contents, sources
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.scopes import WORLD
from kg.rules import infer
from kg.store.data_folder import DataFolder
from tests.support.turtle import PREFIXES

KNOWN = {
    **{"leeds": 39121, "sheffield": 42448, "brno": 14960, "beijing": 956, "seoul": 8684, "london": 84, "moscow": 649},
    **{"tianjin": 11736, "kobe": 48320, "ulaanbaatar": 23430, "new-york-city": 60, "barcelona": 1492, "boston": 100},
    **{"shanghai": 8686, "chengdu": 30002, "anshan": 74957, "birmingham": 2256, "xian": 5826, "guangzhou": 16572},
}
"""The cities that the gazetteer has, by slug, with their numbers in Wikidata."""
OTHERS = {
    **{3167: "Siegen", 648: "Lille", 1295: "Dortmund", 35381: "Colombo", 82174: "Kronstadt", 2103: "Bochum"},
    **{164234: "Kawasaki", 1342: "Pittsburgh", 43070: "Donezk", 580: "Łódź", 16556: "Phoenix"},
}
"""Those that it has not, by number, with their labels."""
WITHIN = {3167: "germany", 1295: "germany", 2103: "germany", 580: "poland"}
"""Those of which the country is known; all lie in one place here."""

CITIES = (3167,)
"""Those of which it is known that they are cities."""

BOTH_SIDES = (
    "leeds:3167 leeds:648 leeds:1295 leeds:brno leeds:35381 leeds:82174 sheffield:43070 sheffield:164234 "
    "sheffield:1342 sheffield:2103 43070:2103 beijing:seoul beijing:london beijing:moscow london:moscow moscow:seoul "
    "seoul:ulaanbaatar tianjin:ulaanbaatar kobe:tianjin barcelona:kobe barcelona:shanghai barcelona:boston "
    "london:shanghai london:new-york-city beijing:new-york-city birmingham:guangzhou birmingham:xian chengdu:16556"
)
ONE_SIDE = "sheffield:chengdu sheffield:anshan seoul:new-york-city tianjin:580"
"""The first states it, the second does not."""

_WORK = "wikidata-2016"
_HEAD = f"""
graph:gazetteer {{
  source:{_WORK} a cd:Source ; skos:prefLabel "Wikidata, September 2016"@en .
  country:poland a cd:State ; skos:prefLabel "Poland"@en , "波兰"@zh-Hans ; cd:isoAlpha2 "PL" ; cd:isoAlpha3 "POL" .
}}
"""


def write(folder: Path) -> Path:
    """Write the work into a folder, and return it."""
    folder.mkdir(parents=True)
    (folder / "work.trig").write_text(PREFIXES + _HEAD + "".join(_bodies()) + "".join(_twinnings()), encoding="utf-8")
    return folder


@contextmanager
def shipped(folder: Path) -> Iterator[None]:
    """Let the work in a folder be the world that comes with the project, for this process."""
    with pytest.MonkeyPatch.context() as patched:
        others = sources.shipped_works()
        patched.setattr(sources, "shipped_works", lambda: others | {WORLD: folder})
        yield


def build(folder: DataFolder, works: Sequence[str] = (WORLD,)) -> None:
    """Write the report with works that come with the project, as a build does that has nothing to say against them.

    All are what `sources` has, where a test has put others in their places.
    """
    with folder.lock():
        files = sources.load(sources.work_folders(works))
        inferred = infer(files)
        counts = len({*files, *inferred}), len(inferred)
        quads = chain(files, inferred, graphs.default_graph_once([*files, *inferred]))
        hashed, parts = contents.content_hash(files), contents.scope_parts(works, ())
        fingerprint = sources.fingerprint(sources.work_folders(works))
        folder.write(quads, hashed, fingerprint, counts, works=works, parts=parts)


def _bodies() -> Iterator[str]:
    stating = [*re.split("[ :]", BOTH_SIDES), *(pair.partition(":")[0] for pair in ONE_SIDE.split())]
    for number in sorted({int(KNOWN.get(party, party)) for party in stating}):
        yield (
            f"graph:passages {{ <{ns.ID}passage/{_WORK}/q{number}> a cd:Passage ; "
            f"dcterms:isPartOf source:{_WORK} ; cd:statementGraph <{ns.GRAPH}report/{_WORK}> ; "
            f'cd:entry "Q{number}" ; skos:prefLabel "Wikidata 2016: Q{number}"@en . }}\n'
        )
    for number, name in OTHERS.items():
        within = f"cd:within country:{WITHIN[number]} ; wgs84:lat 51.5 ; wgs84:long 9.5 ; " if number in WITHIN else ""
        of = "cd:City" if number in CITIES else "cd:Polity"
        yield (
            f'graph:gazetteer {{ {_body(str(number))} a {of} ; skos:prefLabel "{name}"@und ; {within}'
            f"schema:sameAs <http://www.wikidata.org/entity/Q{number}> . }}\n"
        )


def _twinnings() -> Iterator[str]:
    for text, sides in ((BOTH_SIDES, 2), (ONE_SIDE, 1)):
        for pair in text.split():
            parties = pair.split(":")
            slug = "-".join(sorted(_slug(party) for party in parties))
            bodies = " , ".join(map(_body, parties))
            yield f"<{ns.GRAPH}report/{_WORK}> {{\n  twinning:{slug} a cd:Twinning ; cd:twin {bodies} .\n"
            for party in parties[:sides]:
                item = f"q{KNOWN.get(party, party)}"
                yield (
                    f"  <{ns.ID}account/{_WORK}-{item}--twinning-{slug}> a cd:Account ; "
                    f"cd:accountOf twinning:{slug} ; cd:statedIn <{ns.ID}passage/{_WORK}/{item}> .\n"
                )
            yield "}\n"


def _slug(party: str) -> str:
    return party if party in KNOWN else f"q{party}"


def _body(party: str) -> str:
    return f"city:{party}" if party in KNOWN else f"<{ns.ID}polity/q{party}>"
