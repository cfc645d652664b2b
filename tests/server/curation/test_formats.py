"""The formats of a judgement and of a change: by Accept, and a change by suffix as well."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from kg.rdf import namespaces as ns
from tests.server.curation.test_curators_day import SOURCE, WORDS, twinning
from tests.support.curated import Curated
from tests.support.http import Answer, send
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

RIGHT = PREFIXES + SOURCE + twinning("jinan", "york")
WRONG = RIGHT.replace("status:current", "status:curent")
SH = "http://www.w3.org/ns/shacl#"


SAYS = "Jinan and York are twinned."


def text_of(page: Answer) -> str:
    """The text of a page, without its tags."""
    return " ".join(re.sub(r"<[^>]*>", "", page.body.decode()).split())


def judged(curated: Curated, text: str, accept: str) -> Answer:
    headers = {"Content-Type": "text/turtle", "Accept": accept}
    return send(curated.address, "/validate?graph=curated/council", method="POST", body=text, headers=headers)


@pytest.mark.parametrize(("text", "conforms"), [(RIGHT, "true"), (WRONG, "false")])
def test_a_judgement_in_turtle_is_a_report_of_shacl(curated: Curated, text: str, conforms: str) -> None:
    answer = judged(curated, text, "text/turtle")
    assert (answer.status, answer.type) == (200, "text/turtle")
    quads = [*parse(answer.body, RdfFormat.TURTLE)]
    assert [quad.object.value for quad in quads if quad.predicate.value == f"{SH}conforms"] == [conforms]
    results = {quad.object for quad in quads if quad.predicate.value == f"{SH}result"}
    values = {quad.object for quad in quads if quad.predicate.value == f"{SH}value" and quad.subject in results}
    assert values == ({NamedNode(f"{ns.VOCABULARY}tie-status/curent")} if conforms == "false" else set())


def test_a_judgement_in_words_begins_each_finding_with_its_place(curated: Curated) -> None:
    right, wrong = judged(curated, RIGHT, "text/plain"), judged(curated, WRONG, "text/plain")
    assert (right.status, wrong.status, wrong.type) == (200, 200, "text/plain")
    assert ": Violation: " not in right.body.decode()
    assert wrong.body.decode().count(": Violation: ") == 1
    assert judged(curated, RIGHT, "application/json").members["conforms"] is True


def test_a_change_comes_in_each_format(curated: Curated) -> None:
    headers = {"Content-Type": "text/turtle", "Authorization": f"Bearer {curated.tokens['Ann']}"}
    made = send(curated.address, f"/changes?{WORDS}", method="POST", body=RIGHT, headers=headers)
    assert made.status == 201, made.body
    change, added = made.headers["location"], made.members["added"]
    holds: dict[str, tuple[str, Callable[[Answer], bool]]] = {
        "ttl": ("text/turtle", lambda answer: b"prov:endedAtTime" in answer.body),
        "json": ("application/json", lambda answer: len(answer.members["added"]) == added),
        "nq": ("application/n-quads", lambda answer: answer.body.count(b"/graph/curated/council> .\n") == added),
        "rdfp": ("application/rdf-patch", lambda answer: answer.body.count(b"\nA ") == added),
        "html": (
            "text/html",
            lambda answer: text_of(answer).count(f"+ added {SAYS} List of the council (curated)") == 1,
        ),
    }
    for suffix, (media_type, is_whole) in holds.items():
        by_suffix = send(curated.address, f"{change}.{suffix}")
        chosen = send(curated.address, change, headers={"Accept": media_type})
        assert (by_suffix.status, by_suffix.type, is_whole(by_suffix)) == (200, media_type, True), suffix
        assert (chosen.type, chosen.headers["content-location"]) == (media_type, f"{change}.{suffix}")
        assert chosen.body == by_suffix.body
    assert send(curated.address, change).type == "text/turtle"
    assert f"+ added {SAYS} List of the council" in text_of(send(curated.address, "/changes.html"))
    assert f"\n+ {SAYS}\n" in send(curated.address, "/changes.atom").body.decode().replace("content>", "\n")
    unknown = send(curated.address, f"{change}.docx")
    assert (unknown.status, unknown.members["type"]) == (404, "/docs/errors/there-is-no-such-thing")
