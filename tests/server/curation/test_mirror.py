"""A mirror that follows the changes by RDF Patch, with what followed from them, has what the service has."""

from __future__ import annotations

import gzip

import pytest
from pyoxigraph import Quad, RdfFormat, Store, parse

from tests.server.curation.test_curators_day import SOURCE, WORDS, twinning
from tests.support.curated import Curated
from tests.support.http import Answer, send
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

CORRECTION = """
TX .
D {account} {status} <https://w3id.org/city-diplomacy/vocabulary/tie-status/current> {graph} .
A {account} {status} <https://w3id.org/city-diplomacy/vocabulary/tie-status/former> {graph} .
TC .
""".format(
    account="<https://w3id.org/city-diplomacy/id/account/council-list--twinning-jinan-york>",
    status="<https://w3id.org/city-diplomacy/ontology#status>",
    graph="<https://w3id.org/city-diplomacy/graph/curated/council>",
)


def dump(curated: Curated) -> set[Quad]:
    packed = send(curated.address, "/dumps/all.nq.gz").body
    return set(parse(gzip.decompress(packed), RdfFormat.N_QUADS))


def change(curated: Curated, path: str, body: str = "", media_type: str = "text/turtle") -> int:
    headers = {"Content-Type": media_type, "Authorization": f"Bearer {curated.tokens['Ann']}"}
    made = send(curated.address, path, method="POST", body=body, headers=headers)
    assert made.status == 201, made.body
    return int(made.members["number"])


def patch(curated: Curated, number: int) -> Answer:
    return send(curated.address, f"/changes/{number}.rdfp?inferred=yes")


def follow(mirror: Store, text: str) -> None:
    """Apply a patch as a client does that knows the format and nothing of us."""
    for line in text.splitlines():
        code, _, rest = line.partition(" ")
        if code in ("A", "D"):
            (quad,) = parse(rest, RdfFormat.N_QUADS)
            mirror.add(quad) if code == "A" else mirror.remove(quad)


def test_a_mirror_is_equal_to_the_dump_through_additions_corrections_and_undos(curated: Curated) -> None:
    mirror, late = Store(), Store()
    for store in mirror, late:
        store.extend(dump(curated))
    numbers = []
    for path, body, media_type in (
        (f"/changes?{WORDS}", PREFIXES + SOURCE + twinning("jinan", "york"), "text/turtle"),
        (f"/changes?{WORDS}", CORRECTION, "application/rdf-patch"),
        ("/changes/{}/revert", "", "text/turtle"),
        ("/changes/{}/revert", "", "text/turtle"),
    ):
        undone = numbers[1] if len(numbers) == 2 else numbers[0] if numbers else 0
        numbers.append(change(curated, path.format(undone), body, media_type))
        answer = patch(curated, numbers[-1])
        assert (answer.status, answer.type) == (200, "application/rdf-patch")
        follow(mirror, answer.body.decode())
        assert set(mirror) == dump(curated), numbers
    assert b"graph/inferred" in patch(curated, numbers[0]).body
    for number in numbers:  # asked late, when others have come upon them
        follow(late, patch(curated, number).body.decode())
    assert set(late) == set(mirror)


def test_what_followed_is_said_in_a_patch_only(curated: Curated) -> None:
    change(curated, f"/changes?{WORDS}", PREFIXES + SOURCE + twinning("jinan", "york"))
    assert send(curated.address, "/changes/1.ttl?inferred=yes").status == 404
    refused = send(curated.address, "/changes/1.rdfp?inferred=all")
    assert (refused.status, b"inferred=yes" in refused.body) == (400, True)
    assert b"graph/inferred" not in send(curated.address, "/changes/1.rdfp").body
