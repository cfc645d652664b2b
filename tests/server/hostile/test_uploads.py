"""What strangers and holders of tokens may send to hurt: each gets a clear refusal, and the server goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.history.chain import History
from tests.support.canary import Canary
from tests.support.curated import Curated
from tests.support.http import Answer

pytestmark = pytest.mark.drawn

B = "https://w3id.org/city-diplomacy/"
ID = f"{B}id/source/x"
LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"
WORDS = "summary=Hostile&source=https://example.org/&graph=curated/hostile"
TURTLE, XML, JSONLD, NT = "text/turtle", "application/rdf+xml", "application/ld+json", "application/n-triples"

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {c} "{f"&{chr(ord(c) - 1)};" * 10}">' for c in "bcdefghij")
    + ']><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:s="http://s/">'
    + f'<rdf:Description rdf:about="{ID}"><s:p>&j;</s:p></rdf:Description></rdf:RDF>'
)


def million_triples() -> str:
    return "".join(f"<{ID}> <{LABEL}> '{number}' .\n" for number in range(1_000_000)).replace("'", '"')


def entity(address: str) -> str:
    return f'<?xml version="1.0"?><!DOCTYPE x SYSTEM "{address}"><rdf:RDF xmlns:rdf="http://x/"/>'


UPLOADS: dict[str, tuple[str, str, Callable[[str], str], set[int]]] = {
    "billion laughs": (XML, "DOCTYPE", lambda address: LAUGHS, {400}),
    "laughs in UTF-16": (XML, "", lambda address: LAUGHS, {400, 415}),
    "external DTD": (XML, "DOCTYPE", entity, {400}),
    "external entity": (
        XML,
        "DOCTYPE",
        lambda address: f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "{address}">]><x>&e;</x>',
        {400},
    ),
    "remote context": (JSONLD, "", lambda address: json.dumps({"@context": address, "@id": ID, "p": 1}), {400}),
    "duplicate keys": (JSONLD, "", lambda address: f'{{"@id": "{ID}", "{LABEL}": "a", "{LABEL}": "b"}}', {400}),
    "a hundred megabytes": (TURTLE, "", lambda address: "#" * 100_000_000, {413}),
    "a million triples": (NT, "", lambda address: million_triples(), {400, 413}),
    "ten megabytes in a literal": (TURTLE, "", lambda address: f'<{ID}> <{LABEL}> "{"x" * 10_000_000}" .', {400}),
    "deep blank nodes": (TURTLE, "", lambda address: f"<{ID}> <{LABEL}> " + "[ <http://p> " * 50_000, {400}),
    "deep JSON": (JSONLD, "", lambda address: '{"a":' * 50_000, {400}),
    "deep XML": (XML, "", lambda address: "<a>" * 50_000, {400}),
    "a triple term": (TURTLE, "", lambda address: f"<{ID}> <{LABEL}> <<( <{ID}> <{LABEL}> <{ID}> )>> .", {400, 422}),
    "NUL": (TURTLE, "", lambda address: f'<{ID}> <{LABEL}> "a\0b" .', {400}),
    "file IRI": (TURTLE, "policy", lambda address: f"<{ID}> <{LABEL}> <file:///etc/passwd> .", {422}),
    "script IRI": (TURTLE, "policy", lambda address: f"<{ID}> <{LABEL}> <javascript:alert(1)> .", {422}),
    "foreign subject": (TURTLE, "policy", lambda address: f'<https://example.org/x> <{LABEL}> "x"@en .', {422}),
    "the history": (TURTLE, "policy", lambda address: f'<{B}changes/1> <{LABEL}> "forged"@en .', {422}),
    "into the history": (
        "application/n-quads",
        "policy",
        lambda address: f'<{B}changes/1> <{LABEL}> "forged"@en <{B}graph/history> .',
        {422},
    ),
    "into the report": (
        "application/n-quads",
        "policy",
        lambda address: f'<{ID}> <{LABEL}> "forged"@en <{B}graph/report/table-1> .',
        {422},
    ),
    "what follows by rules": (
        TURTLE,
        "policy",
        lambda address: f"<{B}id/city/york> <{B}ontology#twinnedWith> <{B}id/city/jinan> .",
        {422},
    ),
    "a term": (TURTLE, "policy", lambda address: f'<{B}ontology#City> <{LABEL}> "x"@en .', {422}),
}


def upload(curated: Curated, content: bytes, media_type: str, path: str, folder: Path) -> Answer:
    (folder / "body").write_bytes(content)
    body = ("--data-binary", f"@{folder / 'body'}", "-H", f"Content-Type: {media_type}", "-m", "60")
    return curated.ask(*body, path, by="Ann")


@pytest.mark.parametrize("name", UPLOADS)
@pytest.mark.parametrize("path", [f"/changes?{WORDS}", "/validate"], ids=["changes", "validate"])
def test_hostile_uploads_are_refused(curated: Curated, canary: Canary, tmp_path: Path, name: str, path: str) -> None:
    media_type, told, made, statuses = UPLOADS[name]
    encoding = "utf-16" if "UTF-16" in name else "utf-8"
    answer = upload(curated, made(f"{canary.address}x").encode(encoding), media_type, path, tmp_path)
    assert not canary.was_called()
    if path == "/validate" and 422 in statuses and answer.status == 200:
        found = json.loads(answer.body)
        assert not found["conforms"]
        assert not told or any(finding["step"] == told for finding in found["findings"])
    else:
        assert answer.status in statuses, answer.body[:500]
        assert answer.type == "application/problem+json"
        assert told in answer.body.decode()
        assert json.loads(answer.body)["detail"]
    assert len(answer.body) < 20_000 + 100_000 * (answer.status == 200)
    plain = curated.ask(
        "-m", "60", "-H", "Accept: application/json", "/sparql?query=ASK%20%7B%20city:york%20a%20cd:City%20%7D"
    )
    assert (plain.status, json.loads(plain.body)["boolean"]) == (200, True)
    assert History(curated.folder.path).count() == 0


def test_a_stranger_does_not_take_the_service_up_with_validation(curated: Curated, tmp_path: Path) -> None:
    pair = f"<{B}ontology#twin> <{B}id/city/york> , <{B}id/city/jinan>"
    same = "".join(f"<{B}id/twinning/jinan-york-x{n}> a <{B}ontology#Twinning> ; {pair} .\n" for n in range(150))
    answer = upload(curated, same.encode(), TURTLE, "/validate", tmp_path)
    found = json.loads(answer.body)
    assert (answer.status, found["conforms"]) == (200, False)
    assert len(answer.body) < 100_000
    assert any("not asked" in finding["message"] for finding in found["findings"])
    many = "".join(f'<{B}id/source/s{n}> <{LABEL}> "{n}"@en .\n' for n in range(2_001))
    body = ("--data-binary", f"@{tmp_path / 'many.nt'}", "-H", f"Content-Type: {NT}")
    (tmp_path / "many.nt").write_text(many, encoding="utf-8")
    assert curated.ask(*body, "/validate").status == 413
    assert curated.ask(*body, "/validate", by="Carl").status == 200
