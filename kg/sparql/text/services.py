"""Find out whether a text holds SERVICE by any reading.

The engine reads SPARQL by what may stand at a place, so one text can be cut into tokens in two ways: `1<2#>` may begin
with a comparison and a comment or hold an IRI, and `SERVICE:x {` may be a clause or a name. Where that is so, both
readings are followed.
"""

from __future__ import annotations

import re

from kg.sparql.text.tokenizer import GAP, IRI, NAME, Token, token_at

_MOST_DOUBTS = 1_000  # places with two readings; each costs up to one pass over the text
_BEFORE_GRAPH_NAMES = frozenset({"GRAPH", "FROM", "NAMED"})

_CLAUSE = re.compile(
    rf"{GAP}*+(?:SILENT{GAP}*+)?(?:{IRI}|[?$]\w++|{NAME})?{GAP}*+\{{(?!\|)",
    re.VERBOSE | re.IGNORECASE,
)


def holds_service(text: str) -> bool:
    """Return True if a SERVICE clause can be read anywhere, by any way to split the text into tokens.

    A text with very many doubtful places counts as holding one: following them all would take too long.
    """
    pending, seen, doubts = [(0, False)], {(0, False)}, 0
    while pending:
        start, after_graph = pending.pop()
        token = token_at(text, start)
        if token is None:
            continue
        if _is_service(text, token, after_graph):
            return True
        after = after_graph if token.kind == "gap" else token.keyword in _BEFORE_GRAPH_NAMES
        places = token.ends
        doubts += len(places) - 1
        if doubts > _MOST_DOUBTS:
            return True
        for end in places:
            if (end, after) not in seen:
                seen.add((end, after))
                pending.append((end, after))
    return False


def _is_service(text: str, token: Token, after_graph: bool) -> bool:
    """Return True if a word or name is the keyword, or may be run together with it: `1SERVICEex:x {`."""
    if token.kind not in ("word", "name") or "service" not in token.text.partition(":")[0].lower():
        return False
    if token.kind == "word" and token.text.lower() == "service":
        return True
    is_graph_name = token.kind == "name" and after_graph
    return not is_graph_name and _CLAUSE.match(text, token.end) is not None
