"""The Turtle of a document as a page: the same text, each name in it a link, with the line of curl that gets it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask import render_template

from kg.publish.pages import EntityPage
from kg.rdf import namespaces as ns
from server.linked_data.entity_page import Navigation, crumbs, scope_note
from server.web import Document, LinkedText

_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*")|<(?P<iri>[^<>\s]*)>|(?P<name>[A-Za-z][\w-]*:(?:[\w.:%-]|\\.)*[\w\\/-])
    |(?P<keyword>\ba\b(?=\s))|(?P<other>[^"<\w@]+|.)""",
    re.VERBOSE | re.DOTALL,
)
"""Tokens of Turtle and TriG as the engine writes them: strings on one line, IRIs, prefixed names, and the rest."""

_PREFIXES = re.compile(r"(?:@prefix .*\n)*")


def render_turtle(document: Document, about: EntityPage, text: str, curl: str, ways: Navigation) -> bytes:
    """Return the page of a text of Turtle or TriG."""
    prefixes = _PREFIXES.match(text)
    assert prefixes
    page = render_template(
        "turtle.html",
        about=LinkedText.throughout(about),
        document=document,
        prefixes=prefixes[0].splitlines(),
        tokens=list(tokens(text[prefixes.end() :])),
        curl=curl,
        crumbs=crumbs(about),
        scope_note=scope_note(document, ways.iri),
        ways=ways,
    )
    return page.encode()


def tokens(text: str) -> Iterator[tuple[str, str, str | None]]:
    """Yield the parts of a text: each with its kind (string, name, keyword, or empty), and where a name leads."""
    plain = ""
    for found in _TOKEN.finditer(text):
        kind, part = found.lastgroup or "", found[0]
        if kind == "other":
            plain += part
            continue
        if plain:
            yield "", plain, None
            plain = ""
        yield _token(kind, part, found)
    if plain:
        yield "", plain, None


def _token(kind: str, part: str, found: re.Match[str]) -> tuple[str, str, str | None]:
    if kind == "iri":
        return "name", part, LinkedText.of("", found["iri"]).href
    if kind == "name":
        iri = ns.expand(re.sub(r"\\(.)", r"\1", part))
        return "name", part, LinkedText.of("", iri).href if iri else None
    return kind, part, None
