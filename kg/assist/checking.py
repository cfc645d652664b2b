"""Check a query while it is being written: whether it is SPARQL, and what the hints on it say, each at its place.

The engine parses it over an empty graph, and so does this only in a worker.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypedDict

from pyoxigraph import Store

from kg.assist.lexemes import lexemes
from kg.assist.offsets import to_editor
from kg.errors import QueryError
from kg.nearest import nearest
from kg.rdf import namespaces as ns
from kg.rdf.lexers import place_at
from kg.rdf.snapshots import once_per_snapshot
from kg.readings import Reading
from kg.sparql import Hint, KnownTerms, Query, examine, names_to_look_up
from kg.sparql.evaluation import evaluate
from kg.sparql.text import Prologue, QuerySyntaxError, Token

Span = tuple[int, int]
"""Where something begins in a text, and behind its end, in characters."""

Severity = Literal["error", "warning", "info"]

_MOST = 20  # names that are looked up
_LONGEST = 200_000  # characters; the limit of a query is that of the service
_known_terms = once_per_snapshot(KnownTerms)


Mend = TypedDict("Mend", {"from": int, "to": int, "text": str, "title": str})
"""A change of the text that mends it: what stands from `from` to `to` becomes `text`."""

CheckFinding = TypedDict(
    "CheckFinding",
    {
        "from": int,
        "to": int,
        "line": int,
        "column": int,
        "severity": Severity,
        "message": str,
        "hint": str,
        "mend": Mend | None,
    },
)
"""Something that is wrong, or worth a look. Offsets are in units of UTF-16; lines and columns in characters, from 1."""


class CheckedQuery(TypedDict):
    """The findings on a query, in the order of the text."""

    findings: list[CheckFinding]


@Reading
def check(store: Store, text: str) -> CheckedQuery:
    """Return the findings on a query. A text without any token has none."""
    found = list(_Check(store, text).findings()) if next(lexemes(text), None) is not None else []
    return {"findings": sorted(found, key=lambda finding: finding["from"])}


@dataclass(frozen=True)
class _Check:
    store: Store
    text: str

    def findings(self) -> Iterator[CheckFinding]:
        try:
            query = examine(self.text, _LONGEST)
            _, undefined = evaluate(Store(), self.text)
        except QuerySyntaxError as error:
            yield self._of_syntax(error)
            return
        except QueryError as error:
            yield self._finding((0, len(self.text)), "error", error.message, error.hint)
            return
        known = _known_terms(self.store)
        yield from self._of_names(query, known)
        for hint in [*known.query_hints(query, names=False), *KnownTerms.unknown_function_hints(undefined)]:
            yield self._of_hint(hint)

    def _of_syntax(self, error: QuerySyntaxError) -> CheckFinding:
        lines = self.text.split("\n")
        start = sum(len(line) + 1 for line in lines[: error.line - 1]) + error.column - 1
        start = max(0, min(start, len(self.text)))
        token = next((one for one in lexemes(self.text) if one.end > start), None)
        prologue = Prologue()
        unknown = self._unknown_prefix(prologue)
        mend = None
        if unknown is not None:
            token, prefix = unknown, unknown.text.partition(":")[0]
            near = nearest(prefix, prologue.prefixes)
            mend = self._mend(unknown.start, unknown.start + len(prefix), near, f"Write {near}:") if near else None
        span = (token.start, token.end) if token is not None else (start, len(self.text))
        return self._finding(span, "error", error.brief, error.hint, mend)

    def _unknown_prefix(self, prologue: Prologue) -> Token | None:
        """Return the first name whose prefix is not known; the declarations before it are added to the prologue."""
        for token, _, _ in prologue.follow(lexemes(self.text)):
            if token.kind == "name" and token.text.partition(":")[0] not in ("_", *prologue.prefixes):
                return token
        return None

    def _of_names(self, query: Query, known: KnownTerms) -> Iterator[CheckFinding]:
        """Yield a finding for each place of the first names that the graph does not know."""
        prologue = Prologue()
        hints: dict[str, Hint | None] = {}
        wanted = {name.iri: name for name in names_to_look_up(query)}
        for token, _, _ in prologue.follow(lexemes(self.text)):
            iri = prologue.iri(token) if token.kind in ("iri", "name") else None
            if iri is None or iri not in wanted:
                continue
            if iri not in hints:
                if len(hints) == _MOST:
                    return
                hints[iri] = next(iter(known.name_hints([wanted[iri]])), None)
            hint = hints[iri]
            if hint is not None:
                mend = self._mend_of_name(token, hint, prologue)
                yield self._finding((token.start, token.end), "warning", hint.sentence, "", mend)

    def _mend_of_name(self, token: Token, hint: Hint, prologue: Prologue) -> Mend | None:
        namespace = hint.about[: max(hint.about.rfind("/"), hint.about.rfind("#")) + 1]
        if ns.compact(hint.about) == hint.about:
            return None  # it is a page to look things up
        prefix = next((name for name, iri in reversed(prologue.prefixes.items()) if iri == namespace), None)
        text = f"{prefix}:{hint.about.removeprefix(namespace)}" if prefix is not None else f"<{hint.about}>"
        return self._mend(token.start, token.end, text, f"Write {text}")

    def _of_hint(self, hint: Hint) -> CheckFinding:
        mend = self._mend(0, len(self.text), hint.query, "Write the query as corrected") if hint.query else None
        return self._finding(self._span_of(hint), "info", hint.sentence, "", mend)

    def _span_of(self, hint: Hint) -> Span:
        """Return the span of the first token that a hint begins to change, or of the first one of the query."""
        changed = 0
        if hint.query:
            same = zip(self.text, hint.query, strict=False)
            changed = next((place for place, (one, other) in enumerate(same) if one != other), 0)
        token = next(one for one in lexemes(self.text) if one.end > changed)
        return token.start, token.end

    def _mend(self, start: int, end: int, text: str, title: str) -> Mend:
        return {"from": to_editor(self.text, start), "to": to_editor(self.text, end), "text": text, "title": title}

    def _finding(
        self, span: Span, severity: Severity, message: str, hint: str, mend: Mend | None = None
    ) -> CheckFinding:
        start, end = span
        line, column = place_at(self.text, start)
        return {
            "from": to_editor(self.text, start),
            "to": to_editor(self.text, end),
            "line": line,
            "column": column,
            "severity": severity,
            "message": message,
            "hint": hint,
            "mend": mend,
        }
