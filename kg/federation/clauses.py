"""Find the SERVICE clauses of a query, and write what stands in for them (SPARQL 1.1 Federated Query, section 4).

A clause is evaluated bottom-up: its solutions depend on nothing around it and are joined with what is around it. So a
block of VALUES with the solutions of the other endpoint can stand in its place, also inside OPTIONAL, UNION, MINUS and
sub-queries. A clause is refused inside EXISTS and LATERAL, whose group depends on the solution outside, and inside
GRAPH, which the engine does not join with VALUES as it should.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import dropwhile

from kg.sparql import RefusedQueryError
from kg.sparql.text import FORMS, NOTHING, Prologue, Token, holds_service, tokens

MOST_CLAUSES = 5

_NOT_A_BREAK = re.compile(r"[^\r\n]")


@dataclass(frozen=True)
class Clause:
    """A SERVICE clause: whom it asks, whether failures count, where it lies (offsets), and the query to send."""

    address: str
    silent: bool
    start: int
    opening: int
    """Offset of the brace that opens its group."""
    end: int
    query: str


@dataclass(frozen=True)
class ServiceQuery:
    """A query and its SERVICE clauses, in the order of the text; they never lie within each other."""

    text: str
    clauses: tuple[Clause, ...] = ()

    @property
    def local_text(self) -> str:
        """The query with each clause as a plain group: the same variables, lines and columns, and no SERVICE."""
        return self._blanked([(clause.start, clause.opening) for clause in self.clauses])

    @property
    def remaining_text(self) -> str:
        """The query without its clauses, which leave spaces, so that offsets stay as they are."""
        return self._blanked([(clause.start, clause.end) for clause in self.clauses])

    def _blanked(self, spans: list[tuple[int, int]]) -> str:
        text = self.text
        for start, end in spans:
            text = text[:start] + _NOT_A_BREAK.sub(" ", text[start:end]) + text[end:]
        return text


@dataclass
class _Group:
    """An open brace: where it is, which of EXISTS, LATERAL and GRAPH it lies in, and the clause that it belongs to."""

    place: int
    within: str
    clause: _Opened | None = None


@dataclass
class _Opened:
    address: str
    silent: bool
    start: int


@dataclass
class _Search:
    """The state of one pass over the tokens of a query."""

    text: str
    read: list[Token]
    prologue: Prologue = field(default_factory=Prologue)
    groups: list[_Group] = field(default_factory=list)
    opened: dict[int, _Opened] = field(default_factory=dict)
    """Clauses whose brace comes next, by the place of that brace among the tokens."""
    clauses: list[Clause] = field(default_factory=list)

    def step(self, place: int) -> None:
        """Take the token at a place."""
        token = self.read[place]
        self.prologue.read(token, self._at(place + 1), self._at(place + 2))
        if token.keyword == "SERVICE":
            self._open_clause(place)
        elif token.text == "{":
            self._open_group(place)
        elif token.text == "}" and self.groups:
            self._close_group(token)

    def _at(self, place: int) -> Token:
        return self.read[place] if 0 <= place < len(self.read) else NOTHING

    def _open_clause(self, place: int) -> None:
        silent = self._at(place + 1).keyword == "SILENT"
        named = place + 1 + silent
        if self._at(named + 1).text != "{":
            raise _unclear()
        if len(self.clauses) == MOST_CLAUSES:
            raise RefusedQueryError(
                f"The query holds more than {MOST_CLAUSES} SERVICE clauses.",
                "Ask the same endpoint in one clause, or in several queries.",
            )
        if any(group.clause for group in self.groups):
            raise RefusedQueryError(
                "A SERVICE clause lies within another. This server does not pass such requests on.",
                "Put the clauses next to each other in one group.",
            )
        if self.groups and self.groups[-1].within:
            raise RefusedQueryError(
                f"A SERVICE clause lies within {self.groups[-1].within}, where this server cannot ask it rightly.",
                "Move it into the group around; instead of EXISTS write MINUS or OPTIONAL.",
            )
        address = self._address(self._at(named))
        self.opened[named + 1] = _Opened(address, silent, self.read[place].start)

    def _address(self, token: Token) -> str:
        if token.kind == "variable":
            raise RefusedQueryError(
                f"SERVICE {token.text}: the address is a variable. This server asks constant addresses only.",
                "Write the address as an IRI; ask several endpoints by UNION.",
            )
        address = self.prologue.iri(token)
        if address is None:
            raise RefusedQueryError(
                f"SERVICE {token.text}: this is not an address that can be understood.",
                "Write the whole address as an IRI in angle brackets, or declare its prefix.",
            )
        return address

    def _open_group(self, place: int) -> None:
        inherited = self.groups[-1].within if self.groups else ""
        within = inherited or _introduced_by(self._at(place - 2), self._at(place - 1))
        self.groups.append(_Group(place, within, self.opened.pop(place, None)))

    def _close_group(self, closing: Token) -> None:
        group = self.groups.pop()
        if group.clause is None:
            return
        opening = self.read[group.place].start
        inside = [token for token in self.read[group.place :] if token.end <= closing.end]
        query = f"{self._declarations(inside)}SELECT * WHERE {self.text[opening : closing.end]}"
        found = group.clause
        self.clauses.append(Clause(found.address, found.silent, found.start, opening, closing.end, query))

    def _declarations(self, inside: list[Token]) -> str:
        """Return BASE and the prefixes that the tokens use, with absolute IRIs."""
        named = dict.fromkeys(token.text.partition(":")[0] for token in inside if token.kind == "name")
        known = self.prologue.prefixes
        lines = [f"PREFIX {prefix}: <{known[prefix]}>\n" for prefix in named if prefix in known]
        return "".join([f"BASE <{self.prologue.base}>\n", *lines])


def _introduced_by(first: Token, second: Token) -> str:
    """Return EXISTS, LATERAL or GRAPH if it introduces a group; the engine also takes NOTEXISTS and GRAPHx:y."""
    for word in ("EXISTS", "LATERAL"):
        if second.keyword.endswith(word):
            return word
    run_together = second.kind == "name" and "GRAPH" in second.text.partition(":")[0].upper()
    return "GRAPH" if first.keyword.endswith("GRAPH") or run_together else ""


def find(text: str, addresses: Sequence[str]) -> ServiceQuery:
    """Return a query with its SERVICE clauses, each for one of the endpoints at these addresses.

    Raises RefusedQueryError for another endpoint, for too many clauses, for one with a variable or unknown address,
    inside another clause, or inside EXISTS, LATERAL or GRAPH, and where the text could also be read in another way.
    """
    if "service" not in text.lower():
        return ServiceQuery(text)
    search = _Search(text, tokens(text))
    for place in range(len(search.read)):
        search.step(place)
    found = ServiceQuery(text, tuple(search.clauses))
    if (found.clauses and _is_doubtful(search.read)) or holds_service(found.local_text):
        raise _unclear()
    for clause in found.clauses:
        if clause.address not in addresses:
            raise RefusedQueryError(
                f"SERVICE <{clause.address}>: this server does not ask that endpoint.",
                f"It asks, with exactly this spelling: {' '.join(addresses)}",
            )
    return found


def _is_doubtful(read: list[Token]) -> bool:
    """Say whether the engine might cut the query in another way; among its declarations there is only one way."""
    after_declarations = dropwhile(lambda token: token.keyword not in FORMS, read)
    return any(len(token.ends) > 1 for token in after_declarations)


def _unclear() -> RefusedQueryError:
    return RefusedQueryError(
        "The query holds SERVICE, and it cannot be seen for certain where that clause begins and ends.",
        "Write SERVICE <address> { … } with spaces around each part, whole IRIs, and no \\u escapes in long strings.",
    )
