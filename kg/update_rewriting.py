"""Write an operation anew so that its statements outside any graph stand in one: what a hint shows."""

from __future__ import annotations

from collections.abc import Sequence

from kg import namespaces as ns
from kg.query_tokens import Token, keyword, tokens
from kg.update_cutting import Span, depth_of

DRAFT = ns.GRAPH + "curated/draft"
"""The graph that hints name."""

_LONGEST_SHOWN = 2_000  # characters of a rewritten operation


def in_graph(text: str, templates: Sequence[Span]) -> str:
    """Return an operation with GRAPH around the statements of its templates that are outside any.

    `templates` are the places of the templates, in their order. A long operation is only described.
    """
    for start, end in reversed(templates):
        text = text[:start] + _in_graph(text[start:end]) + text[end:]
    return text if len(text) <= _LONGEST_SHOWN else f"… {{ GRAPH <{DRAFT}> {{ … }} }} …"


def _in_graph(template: str) -> str:
    """Return a template with the statements that lie outside GRAPH put into that of the draft."""
    found = list(tokens(template))[1:-1]
    rewritten, statements, place = [], [], 0
    while place < len(found):
        if keyword(found[place]) != "GRAPH":
            statements.append(found[place])
            place += 1
            continue
        rewritten += [_wrapped(template, statements), template[found[place].start : (end := _block_end(found, place))]]
        statements = []
        place = next((at for at, token in enumerate(found) if token.start >= end), len(found))
        place += place < len(found) and found[place].text == "."
    return " ".join(filter(None, ["{", *rewritten, _wrapped(template, statements), "}"]))


def _block_end(found: Sequence[Token], place: int) -> int:
    depth = 0
    for token in found[place:]:
        depth += depth_of(token)
        if token.text == "}" and depth == 0:
            return token.end
    return found[-1].end


def _wrapped(template: str, statements: Sequence[Token]) -> str:
    return f"GRAPH <{DRAFT}> {{ {template[statements[0].start : statements[-1].end]} }}" if statements else ""
