"""Find what a JSON-LD parser drops silently: keys without a meaning, and names that are not IRIs.

JSON-LD 1.1 (W3C, 2020) has processors drop both. Contexts are evaluated for terms, prefixes, @vocab and @base; whatever
else they define changes the form of values, not whether something is stated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pyoxigraph import NamedNode

from kg.errors import shorten
from kg.findings import MOST_FINDINGS, Finding
from kg.messages import bilingual
from kg.rdf.lexers import json_strings, place_at

_KEYWORDS = frozenset(
    "@base @container @context @direction @graph @id @import @included @index @json @language @list @nest @none "
    "@prefix @propagate @protected @reverse @set @type @value @version @vocab".split()
)
_LIKE_KEYWORD = re.compile(r"@[A-Za-z]+")
_TAG = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_OPAQUE = frozenset({"@value", "@context"})
_MAPS = frozenset({"@id", "@type", "@language", "@index"})
_MOST_STEPS = 20  # most steps from a term to the prefix that it is written with, and so on

_KEY, _NAME, _LANGUAGE = "key", "name", "language"
Loss = tuple[str, str]
"""A kind of loss (key, name or language), and the key, the value of @id or @type, or the language tag as written."""


def losses(text: str) -> list[Finding]:
    """Return what the parser drops of a well-formed JSON-LD text: each once, in order, at most MOST_FINDINGS."""
    found: dict[Loss, None] = {}
    for lost in _losses_in_value(json.loads(text, parse_int=float, strict=False), _Context(), None):
        found[lost] = None
        if len(found) == MOST_FINDINGS:
            break
    places = _places(text, {written for _, written in found})
    findings = [_finding(kind, written, places.get(written, (1, 1))) for kind, written in found]
    return sorted(findings, key=lambda finding: (finding.line or 0, finding.column or 0))


@dataclass(frozen=True)
class _Context:
    """A @context with those around it: definitions of terms, and the IRIs that other keys and names begin with."""

    terms: Mapping[str, Any] = field(default_factory=dict)
    vocabulary: str = ""
    base: str = ""

    def extend(self, context: object) -> _Context:
        """Return the context extended by a value of @context."""
        if context is None:
            return _Context()
        if isinstance(context, list):
            known = self
            for part in context:
                known = known.extend(part)
            return known
        if not isinstance(context, dict):
            return self
        terms = {**self.terms, **{term: meant for term, meant in context.items() if not term.startswith("@")}}
        known = replace(self, terms=terms, base=context.get("@base", self.base) or "")
        return replace(known, vocabulary=known.expand(context.get("@vocab", self.vocabulary) or "") or "")

    def definition(self, term: str) -> Mapping[str, Any]:
        """Return the expanded definition of a term."""
        meant = self.terms.get(term)
        return meant if isinstance(meant, dict) else {"@id": meant} if term in self.terms else {}

    def meaning(self, key: str, steps: int = 0) -> str | None:
        """Return the keyword or IRI that a key stands for, "" if it is mapped to null, None if it has no meaning."""
        if _LIKE_KEYWORD.fullmatch(key):
            return key if key in _KEYWORDS else None
        if key not in self.terms or steps > _MOST_STEPS:
            return self.expand(key, steps + 1)
        defined = self.definition(key)
        written = defined.get("@reverse", defined.get("@id", key))
        if written is None:
            return ""
        return self.expand(key, steps + 1) if written == key else self.meaning(str(written), steps + 1)

    def expand(self, name: str, steps: int = 0) -> str | None:
        """Return the IRI of a name in full, with a prefix, or below @vocab, None if it is not an IRI."""
        prefix, colon, rest = name.partition(":")
        if not colon:
            return _iri(self.vocabulary + name) if self.vocabulary else None
        if prefix in self.terms and not rest.startswith("//") and steps <= _MOST_STEPS:
            return _iri((self.meaning(prefix, steps + 1) or "") + rest)
        return name if prefix == "_" else _iri(name)

    def is_name(self, value: str, role: str | None) -> bool:
        """Return True if a value is an IRI: in full, with a prefix, below @base, or as a term if it is a type."""
        if role in ("@type", "@vocab") and self.meaning(value) is not None:
            return True
        return (self.expand(value) if ":" in value else _iri(f"{self.base}/{value}")) is not None


def _losses_in_value(value: object, known: _Context, key: str | None) -> Iterator[Loss]:
    """Yield the losses in the value of a key."""
    if isinstance(value, list):
        for item in value:
            yield from _losses_in_value(item, known, key)
    elif isinstance(value, dict):
        if (role := _map_role(known, key)) is None:
            yield from _losses_in_object(value, known)
        for name, item in value.items() if role is not None else ():
            yield from _losses_in_string(name, known, role) if name != "@none" else ()
            yield from _losses_in_value(item, known, None)
    elif isinstance(value, str) and key:
        yield from _losses_in_string(value, known, known.meaning(key), known.definition(key).get("@type"))


def _map_role(known: _Context, key: str | None) -> str | None:
    """Return the role of the keys in an object that is the value of a key, None if they are properties."""
    containers = known.definition(key).get("@container") if key else None
    listed = containers if isinstance(containers, list) else [containers]
    return next((role for role in listed if role in _MAPS), None)


def _losses_in_object(node: Mapping[str, Any], around: _Context) -> Iterator[Loss]:
    known = around.extend(node["@context"]) if "@context" in node else around
    for key, value in node.items():
        meaning = known.meaning(key)
        if meaning is None:
            yield _KEY, key
        elif meaning and meaning not in _OPAQUE and known.definition(key).get("@type") != "@json":
            yield from _losses_in_value(value, known, key)


def _losses_in_string(value: str, known: _Context, role: str | None, kind: str | None = None) -> Iterator[Loss]:
    """Yield a string if it is lost as the value of a keyword, or of a term with a type."""
    if role == "@language":
        if not _TAG.fullmatch(value):
            yield _LANGUAGE, value
    elif (role in ("@id", "@type") or kind in ("@id", "@vocab")) and not known.is_name(value, kind or role):
        yield _NAME, value


def _iri(text: str) -> str | None:
    try:
        return NamedNode(text).value
    except ValueError:
        return None


def _places(text: str, wanted: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return the first place of each string in the text."""
    missing, found = set(wanted), dict[str, tuple[int, int]]()
    for string, offset in json_strings(text) if missing else ():
        if string in missing:
            missing.remove(string)
            found[string] = place_at(text, offset)
    return found


def _finding(kind: str, written: str, place: tuple[int, int]) -> Finding:
    if kind == _KEY:
        words = bilingual(
            "The key {key!r} is not an IRI and not a term of the @context: what it says would be lost.",
            key=shorten(written),
        )
        hint = "Declare it in the @context, or take it out."
    elif kind == _NAME:
        words = bilingual("{name!r} is not an IRI: what is said of it would be lost.", name=shorten(written))
        hint = "Write the IRI in full, or with a prefix of the @context."
    else:
        words = bilingual("{tag!r} is not a language tag: the text would be lost.", tag=shorten(written))
        hint = 'Write a tag of BCP 47, such as "en" or "zh-Hans".'
    line, column = place
    return Finding("syntax", "Violation", *words, hint=hint, line=line, column=column)
