"""Find why a query has no answer: the first part without a match alone, else the first after which nothing is left.

Each question to the engine is an ASK, which ends at the first match; FILTER comes last, as SPARQL has it (SPARQL 1.1,
section 18.2.2).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from pyoxigraph import QueryBoolean

from kg.sparql.evaluation import Answer
from kg.sparql.guard import Query
from kg.sparql.hints.clauses import have_no_value, having_hints
from kg.sparql.hints.known_terms import KnownTerms
from kg.sparql.hints.mismatches import Ask
from kg.sparql.hints.model import GUIDE, Hint, abbreviate
from kg.sparql.hints.used_names import names_to_look_up
from kg.sparql.text.groups import AliasedHaving, Block, ParsedQuery, Pattern, Select, UnexpectedTokenError, parse_query

Part = Pattern | Block

SECONDS = 0.2
"""Seconds for the search. The query that runs when they are over is still waited for."""

_IN_SEVERAL = (
    "No single graph holds all of it, and several together do: names of things stand in graph:register and "
    "graph:gazetteer, what a passage says in the graph of that passage. Ask outside GRAPH for what stands elsewhere."
)
_IN_OTHERS = (
    "Other graphs hold it: names of things stand in graph:register and graph:gazetteer. Ask for it outside GRAPH."
)
_NEVER_EMPTY = ("OPTIONAL", "BIND", "FILTER", "MINUS")
"""Parts that always match alone; MINUS removes nothing where nothing precedes it."""


@dataclass(frozen=True)
class Emptiness:
    """The reason why a query has no answer: the part to blame, as written, and the parts before it that match together.

    Without `before` the part matches nothing alone. Hints are about the names in the part.
    """

    part: str
    before: tuple[str, ...]
    sentence: str
    hints: tuple[Hint, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_json(cls, described: Mapping[str, Any]) -> Emptiness:
        """Return what `as_json` has made."""
        hints = tuple(Hint(**hint) for hint in described["hints"])
        return cls(described["part"], tuple(described["before"]), described["sentence"], hints)

    @classmethod
    def find(cls, text: str, form: str, ask: Ask, known: KnownTerms, seconds: float = SECONDS) -> Emptiness | None:
        """Return why a query has no answer, None if that is not found within `seconds`.

        `ask` runs a text on the data set of the query.
        """
        try:
            query = parse_query(text, form)
        except UnexpectedTokenError:
            return None
        search = _EmptinessSearch(query, text, ask, known, time.monotonic() + seconds)
        try:
            return search.search_select(query.select)
        except TimeoutError:
            return None


class _EmptinessSearch:
    """Searches one query for the part that leaves no row, until a time of time.monotonic."""

    def __init__(self, query: ParsedQuery, text: str, ask: Ask, known: KnownTerms, deadline: float) -> None:
        self._declarations = query.declarations
        self._on_having = tuple(having_hints(text))
        self._ask = ask
        self._known = known
        self._mismatches = known.mismatches(text, query.prologue, self._ask_engine)
        self._deadline = deadline

    def search_select(self, select: Select) -> Emptiness | None:
        """Return what leaves no row in a SELECT. Raises TimeoutError."""
        if select.group.select is not None:
            return self.search_select(select.group.select)
        parts = select.group.parts
        found = self._first_unmatched(parts, "") or self._first_conflict(parts)
        return found or self._emptying_clause(select, " ".join(part.sparql for part in parts))

    def _first_unmatched(self, parts: Iterable[Part], graph: str) -> Emptiness | None:
        """Return the first part without a match alone; for a single group, the first such part in it."""
        for part in parts:
            if isinstance(part, Block) and part.keyword in _NEVER_EMPTY:
                continue
            if self._matches(f"GRAPH {graph} {{ {part.sparql} }}" if graph else part.sparql):
                continue
            if isinstance(part, Block) and len(part.groups) == 1:
                inner = part.groups[0]
                within = part.graph or graph
                found = self.search_select(inner.select) if inner.select else self._first_unmatched(inner.parts, within)
                if found:
                    return found
            return self._unmatched(part, graph)
        return None

    def _elsewhere(self, part: Part, graph: str) -> tuple[Hint, ...]:
        """Return a hint if a part in GRAPH has matches over all graphs together."""
        if isinstance(part, Block) and part.graph and len(part.groups) == 1:
            within = " ".join(inner.sparql for inner in part.groups[0].parts)
            return (Hint(_IN_SEVERAL, GUIDE, "elsewhere"),) if self._matches(within) else ()
        return (Hint(_IN_OTHERS, GUIDE, "elsewhere"),) if graph and self._matches(part.sparql) else ()

    def _first_conflict(self, parts: Sequence[Part]) -> Emptiness | None:
        """Return the first part after which no row is left, in the order of the text, filters last."""
        conditions = [part for part in parts if isinstance(part, Block) and part.keyword == "FILTER"]
        ordered = [*(part for part in parts if part not in conditions), *conditions]
        for count, part in enumerate(ordered[1:], start=2):
            if not self._matches(" ".join(one.sparql for one in ordered[:count])):
                before = tuple(abbreviate(one.text) for one in ordered[: count - 1])
                does = "matches" if isinstance(part, Pattern) else "leaves"
                sentence = f"Together with what precedes it, {abbreviate(part.text)} {does} nothing."
                matching = " ".join(one.sparql for one in ordered[: count - 1])
                hints = self._name_hints(part) or self._misfit(part, matching)
                return Emptiness(abbreviate(part.text), before, sentence, hints)
        if ordered and ordered[0] in conditions and not self._matches(ordered[0].text):
            return Emptiness(abbreviate(ordered[0].text), (), f"{abbreviate(ordered[0].text)} never holds.")
        return None

    def _emptying_clause(self, select: Select, pattern: str) -> Emptiness | None:
        """Return the clause after the pattern that leaves no row."""
        if select.values and not self._matches(f"{pattern} {select.values}"):
            return self._emptied_by(select.values, "matches no row of the pattern.")
        if select.having and (names := AliasedHaving.aliases_in(select)):
            why = f"holds for no group, since {have_no_value(names)} there."
            return self._emptied_by(select.having, why, self._on_having)
        if select.having:
            return self._emptied_by(select.having, "holds for no group.")
        if select.slice:
            return self._emptied_by(select.slice, "leaves out all rows.")
        return None

    def _emptied_by(self, clause: str, why: str, hints: tuple[Hint, ...] = ()) -> Emptiness:
        return Emptiness(abbreviate(clause), (), f"{abbreviate(clause)} {why}", hints)

    def _unmatched(self, part: Part, graph: str) -> Emptiness:
        sentence = f"Nothing matches {abbreviate(part.text)}"
        sentence += f" in the graph {graph}." if graph and not graph.startswith(("?", "$")) else "."
        hints = self._name_hints(part) or self._elsewhere(part, graph) or self._misfit(part)
        return Emptiness(abbreviate(part.text), (), sentence, hints)

    def _name_hints(self, part: Part) -> tuple[Hint, ...]:
        return tuple(self._known.name_hints(names_to_look_up(Query(f"{self._declarations} {part.text}", ""))))

    def _misfit(self, part: Part, matching: str = "") -> tuple[Hint, ...]:
        """Return a hint if a part does not fit what matches before it, or what the graph holds."""
        with suppress(TimeoutError):  # the part that is to blame is known
            if isinstance(part, Pattern):
                return self._mismatches.of_pattern(part, matching)
            if part.keyword == "FILTER":
                return self._mismatches.of_filter(part, matching)
        return ()

    def _matches(self, pattern: str) -> bool:
        answer = self._ask_engine(f"ASK {{ {pattern} }}")
        assert isinstance(answer, QueryBoolean)
        return bool(answer)

    def _ask_engine(self, text: str) -> Answer:
        if time.monotonic() > self._deadline:
            raise TimeoutError
        return self._ask(f"{self._declarations} {text}")


def advice(why: Emptiness | None, hints: Iterable[Hint]) -> list[Hint]:
    """Return the advice on a query, the same through every door: why its answer is empty, and hints, each once."""
    first = [Hint(why.sentence, "sparql", "empty"), *why.hints] if why is not None else []
    found: dict[str, Hint] = {}
    for hint in (*first, *hints):
        if not found.setdefault(hint.sentence, hint).query:
            found[hint.sentence] = hint
    return list(found.values())
