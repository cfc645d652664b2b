"""Hints about a query as a Link header: `rel="help"` (RFC 8288), to where the reader finds what was meant."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from kg import namespaces as ns
from kg.hints import Hint

_SAFE_IN_TARGET = "/#?:@!$&'()*+,;=%"  # what an IRI reference may hold as it is, besides letters and digits


def header(hints: Iterable[Hint]) -> str:
    """Return the value of the header, with one link for each hint.

    A sentence may quote the query, hence any character: what does not fit a quoted string of plain text goes as
    `title*` (RFC 8187). Hints are few and short (kg.hints).
    """
    return ", ".join(f'<{_target(hint.about)}>; rel="help"; {_title(hint.sentence)}' for hint in hints)


def _target(iri: str) -> str:
    return "/" + quote(iri.removeprefix(ns.BASE), safe=_SAFE_IN_TARGET)


def _title(sentence: str) -> str:
    if sentence.isascii() and sentence.isprintable() and not {'"', "\\"} & set(sentence):
        return f'title="{sentence}"'
    return f"title*=UTF-8''{quote(sentence, safe='')}"
