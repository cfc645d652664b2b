"""Statements that declare a new source, and notes of a source; for templates and imports."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode

from kg.rdf.vocabulary import CD, DCTERMS, RDF, SKOS

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`]+")


def source_declaration(title: str, url: str, licence: str) -> Iterator[tuple[str, NamedNode, NamedNode | Literal]]:
    """Yield the predicates and objects that declare a source, each with the field that it comes from.

    The fields are title, url and licence; the latter two may be empty.
    """
    yield "title", RDF.type, CD.Source
    for predicate in (SKOS.prefLabel, DCTERMS.title):
        yield "title", predicate, Literal(title, language="en")
    if url:
        yield "url", DCTERMS.identifier, Literal(url)
    if is_address(licence):
        yield "licence", DCTERMS.license, NamedNode(licence)
    elif licence:
        yield "licence", DCTERMS.rights, Literal(licence, language="en")


def note_literal(text: str) -> Literal:
    """Return a note, in Chinese if it has a Chinese character, else in English."""
    return Literal(text, language="zh-Hans" if has_chinese(text) else "en")


def has_chinese(text: str) -> bool:
    """Return True if a text has a Chinese character."""
    return _CHINESE.search(text) is not None


def is_address(text: str) -> bool:
    """Return True if a text is a web address and nothing else."""
    return _ADDRESS.fullmatch(text) is not None
