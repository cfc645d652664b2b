"""Find the SERVICE clauses of a query, with each token as long as possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile

from kg.sparql.text.forms import FORMS
from kg.sparql.text.scanner import Scanner, UnexpectedTokenError
from kg.sparql.text.spans.operations import UnclearError
from kg.sparql.text.tokenizer import NOTHING, Prologue, Token, tokens


@dataclass(frozen=True)
class ServiceClause:
    """A SERVICE clause: its endpoint, whether it is SILENT, the group around it, and the query to send.

    `named` is the address as it is written, `address` the IRI that it means, empty where it means none. `within` is the
    outermost of EXISTS, LATERAL and GRAPH around it, or SERVICE if one is around it. `start`, `opening` (of the brace
    of its group) and `end` are offsets in the text.
    """

    address_token: Token
    address: str
    is_silent: bool
    within: str
    start: int
    opening: int
    end: int
    query: str


def service_clauses(text: str) -> Iterator[ServiceClause]:
    """Yield the clauses of a query, an outer one before those in it.

    Raises UnclearError at once where one has no group; after all of them if one does not end, or if the engine might
    cut the query in another way.
    """
    read, prologue = tokens(text), Prologue()
    around: list[str] = []  # what each open brace belongs to
    opening, is_found, is_unclear = -1, False, False
    for place, (token, second, _) in enumerate(prologue.follow(read)):
        if token.text == "{":
            around.append("SERVICE" if place == opening else _group_keyword(read[max(place - 2, 0) : place]))
        elif token.text == "}":
            del around[-1:]
        elif token.keyword == "SERVICE":
            is_silent = second.keyword == "SILENT"
            opening = place + 2 + is_silent
            if opening >= len(read) or read[opening].text != "{":
                raise UnclearError
            try:
                start, end = Scanner(text, read[opening].start).take_group()
            except UnexpectedTokenError:
                start, end, is_unclear = read[opening].start, len(text), True
            named, is_found = read[opening - 1], True
            within = "SERVICE" if "SERVICE" in around else next(filter(None, around), "")
            declared = _declarations(prologue, [inner for inner in read[opening:] if inner.end <= end])
            query = f"{declared}SELECT * WHERE {text[start:end]}"
            yield ServiceClause(named, prologue.iri(named) or "", is_silent, within, token.start, start, end, query)
    if is_found and (is_unclear or _is_doubtful(read)):
        raise UnclearError


def _group_keyword(before: Sequence[Token]) -> str:
    """Return EXISTS, LATERAL or GRAPH if two tokens introduce a group; the engine also takes NOTEXISTS and GRAPHx:y."""
    first, second = [NOTHING, NOTHING, *before][-2:]
    for word in ("EXISTS", "LATERAL"):
        if second.keyword.endswith(word):
            return word
    run_together = second.kind == "name" and "GRAPH" in second.text.partition(":")[0].upper()
    return "GRAPH" if first.keyword.endswith("GRAPH") or run_together else ""


def _declarations(prologue: Prologue, inside: Sequence[Token]) -> str:
    """Return BASE and the prefixes that the tokens use, with absolute IRIs."""
    named = dict.fromkeys(token.text.partition(":")[0] for token in inside if token.kind == "name")
    known = prologue.prefixes
    lines = [f"PREFIX {prefix}: <{known[prefix]}>\n" for prefix in named if prefix in known]
    return "".join([f"BASE <{prologue.base}>\n", *lines])


def _is_doubtful(read: Sequence[Token]) -> bool:
    """Return True if the engine might split the query into other tokens; its declarations are unambiguous."""
    after_declarations = dropwhile(lambda token: token.keyword not in FORMS, read)
    return any(len(token.ends) > 1 for token in after_declarations)
