"""Write the answer of a SELECT as a table in Markdown (GitHub Flavored Markdown, section 4.10), to be put into a text.

A thing is a link with its name, a literal its text. Columns of numbers stand right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import BinaryIO

from pyoxigraph import Literal, NamedNode, QuerySolution

from kg.rdf import namespaces as ns
from kg.rdf.labels import NamesOf
from kg.rdf.literals import NUMBERS
from kg.rdf.lookup import Term

_NAMED_AT_ONCE = 500  # rows
_MARKS = re.compile(r"([\\`*_\[\]<>&|~$])")
_BREAK = re.compile(r"\r\n|[\r\n]")


def prefixed_names(iris: Iterable[str]) -> dict[str, str]:
    """Return IRIs by their prefixed names."""
    return {iri: ns.compact(iri) for iri in iris}


def write_markdown(
    names: Sequence[str], rows: Iterable[QuerySolution], output: BinaryIO, names_of: NamesOf = prefixed_names
) -> None:
    """Write rows with the variables `names` as a table."""
    rows = iter(rows)
    part = list(islice(rows, _NAMED_AT_ONCE))
    alignments = ["---:" if _are_numbers(row[name] for row in part) else "---" for name in names]
    output.write(_line(map(_escape, names)) + _line(alignments))
    while part:
        called = names_of({term.value for row in part for name in names if isinstance(term := row[name], NamedNode)})
        for row in part:
            output.write(_line(_cell(row[name], called) for name in names))
        part = list(islice(rows, _NAMED_AT_ONCE))


def _line(cells: Iterable[str]) -> bytes:
    return f"| {' | '.join(cells)} |\n".encode()


def _are_numbers(terms: Iterable[Term | None]) -> bool:
    bound = [term for term in terms if term is not None]
    return bool(bound) and all(isinstance(term, Literal) and term.datatype in NUMBERS for term in bound)


def _cell(term: Term | None, called: Mapping[str, str]) -> str:
    if isinstance(term, NamedNode):
        target = f"<{term.value}>" if "(" in term.value or ")" in term.value else term.value
        return f"[{_escape(called[term.value])}]({target})"
    if isinstance(term, Literal):
        return _escape(term.value)
    return "" if term is None else _escape(str(term))


def _escape(text: str) -> str:
    return _BREAK.sub("<br>", _MARKS.sub(r"\\\1", text))
