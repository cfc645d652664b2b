"""The error of a query that the engine cannot read: what is wrong, where, and the corrected query if one is sure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from pyoxigraph import Store

from kg.nearest import did_you_mean, nearest
from kg.rdf import namespaces as ns
from kg.rdf.lexers import place_at
from kg.sparql.text import Prologue, QuerySyntaxError, Token, form_of, tokens
from kg.sparql.text.groups import Select, UnexpectedTokenError, parse_query

_PLACE = re.compile(r"error at (\d+):(\d+)")
_ONE_EXPECTED = re.compile(r"expected (?!one of)(\S+)$")
_CLOSING = {"{": "}", "(": ")", "[": "]"}
_NOT_GROUPED = "The SELECT contains a variable that is unbound"
"""What the engine says of a variable beside an aggregate that GROUP BY does not name."""
_MOST_PLACES = 8  # before a mistake at which a sign is tried
_LONGEST_TRIED = 20_000  # characters of a query in which that is done
_TERMS = ("iri", "name", "variable", "string")
_SIGNS = {".": "A dot", ";": "A semicolon"}
_USUAL_PREFIXES = {"dct": "dcterms", "dc": "dcterms", "sdo": "schema", "pos": "wgs84", "geopos": "wgs84"}
"""The prefix here, by another one that is usual for the same names."""
_OF_OTHERS = {
    "wd": "http://www.wikidata.org/entity/",
    "wdt": "http://www.wikidata.org/prop/direct/",
    "dbr": "http://dbpedia.org/resource/",
    "dbo": "http://dbpedia.org/ontology/",
    "org": "http://www.w3.org/ns/org#",
}
"""Prefixes of other data sets that queries name without declaring them."""


def syntax_error(text: str, message: str, prefixes: Mapping[str, str]) -> QuerySyntaxError:
    """Return the error of a query from the engine's message; `prefixes` need no declaration."""
    found = _PLACE.search(message)
    line, column = (int(found[1]), int(found[2])) if found else (1, 1)
    if _NOT_GROUPED in message and (ungrouped := next(_find_ungrouped(text), None)):
        return ungrouped
    open_one = _find_unclosed(text)
    wrong_prefix, mended, prefix_start = _unknown_prefix(text)
    if wrong_prefix and not open_one:  # the engine may read on behind it before it says so
        line, column = min((line, column), place_at(text, prefix_start))
    if not open_one and not wrong_prefix and (missing := _missing_sign(text, (line, column), prefixes)):
        return missing
    hint = wrong_prefix or _expectation(message) or "Compare with a query that runs: /queries lists many."
    lines = text.split("\n")
    shown = lines[line - 1][max(0, column - 30) : column + 30].strip() if line <= len(lines) else ""
    reason = "" if shown else ", the query ends too early"
    if open_one:
        shown, reason, hint = "", f": {open_one}", wrong_prefix or "Close it where it ends."
    brief = f"The query is not SPARQL at line {line}, column {column}{reason}"
    return QuerySyntaxError(brief, shown, line, column, hint, query="" if open_one else mended)


def _find_ungrouped(text: str) -> Iterator[QuerySyntaxError]:
    """Yield an error for each SELECT with a variable that is neither aggregated nor named by GROUP BY."""
    try:
        query = parse_query(text, form_of(text))
    except (UnexpectedTokenError, QuerySyntaxError):
        return
    for select in query.select.selects():
        keys = {key.name for key in select.keys or ()}
        names = [one.name for one in select.columns or () if not one.expression and one.name not in keys]
        if select.keys is None or not names:
            continue
        listed = " ".join(f"?{name}" for name in names)
        place = next((token.start for token in tokens(text) if token.text[1:] == names[0]), 0)
        line, column = place_at(text, place)
        if keys:
            brief, hint = f"{listed} is not in GROUP BY", f"Add {listed} to GROUP BY, or take it out of SELECT."
        else:
            brief = f"{listed} stands beside an aggregate, and no GROUP BY says which rows go together"
            hint = f"Add GROUP BY {listed} behind the closing brace."
        yield QuerySyntaxError(
            f"The query is not SPARQL at line {line}, column {column}: {brief}",
            "",
            line,
            column,
            hint,
            query=_with_group(text, select, listed),
        )


def _with_group(text: str, select: Select, listed: str) -> str:
    """Return a query with GROUP BY behind the pattern of a SELECT; empty if it has one, or its pattern occurs twice."""
    if select.keys or text.count(select.group.text) != 1:
        return ""
    end = text.index(select.group.text) + len(select.group.text)
    return f"{text[:end]} GROUP BY {listed}{text[end:]}"


def _missing_sign(text: str, place: tuple[int, int], prefixes: Mapping[str, str]) -> QuerySyntaxError | None:
    """Return an error if a dot or semicolon before the place of a mistake mends the query, at least up to there."""
    if len(text) > _LONGEST_TRIED:
        return None
    tries = [(sign, *pair) for pair in _borders(text, place) for sign in _SIGNS]
    texts = [f"{text[: before.end]} {sign}{text[before.end :]}" for sign, before, _ in tries]
    mistakes = [_mistake(tried, prefixes) for tried in texts]
    further = (place[0], place[1] + len(" ."))
    best = next((n for n, now in enumerate(mistakes) if now is None), None)
    if best is None:
        best = next((n for n, now in enumerate(mistakes) if now is not None and now > further), None)
    if best is None:
        return None
    sign, _, token = tries[best]
    line, column = place_at(text, token.start)
    rule = "each pattern ends with one" if sign == "." else "another property of the same subject follows one"
    brief = f"{_SIGNS[sign].lower()} is missing before {token.text}"
    return QuerySyntaxError(
        f"The query is not SPARQL at line {line}, column {column}: {brief}",
        "",
        line,
        column,
        f"{_SIGNS[sign]} goes before {token.text}: {rule}.",
        query=texts[best] if mistakes[best] is None else "",
    )


def _borders(text: str, place: tuple[int, int]) -> Iterator[tuple[Token, Token]]:
    """Yield the last pairs of terms beside each other before a place, from there backwards."""
    read = [token for token in tokens(text) if place_at(text, token.start) <= place]
    pairs = zip(reversed(read[:-1]), reversed(read[1:]), strict=True)
    terms = ((one, other) for one, other in pairs if one.kind in _TERMS and other.kind in (*_TERMS, "word"))
    return islice(terms, _MOST_PLACES)


def _mistake(text: str, prefixes: Mapping[str, str]) -> tuple[int, int] | None:
    """Return the place at which the engine stops reading a query; None if it reads all of it."""
    try:
        Store().query(text, base_iri=ns.BASE, prefixes=dict(prefixes))
    except SyntaxError as error:
        found = _PLACE.search(str(error))
        return (int(found[1]), int(found[2])) if found else (1, 1)
    except RuntimeError:
        return None
    return None


def _find_unclosed(text: str) -> str:
    """Return a phrase on the first unbalanced group, bracket or string of a query; empty if there is none."""
    opened: list[tuple[str, int]] = []
    for token in tokens(text):
        if token.kind == "other" and token.text in "\"'":  # what follows may be of the string or not
            return f"the string opened at {_place(text, token.start)} is not closed"
        if token.text in _CLOSING:
            opened.append((token.text, token.start))
        elif token.text in _CLOSING.values():
            if not opened:
                return f"the {token.text} at {_place(text, token.start)} closes nothing"
            if _CLOSING[opened[-1][0]] != token.text:
                return f"{_unclosed_message(text, *opened[-1])} is not closed before the {token.text} behind it"
            opened.pop()
    return f"{_unclosed_message(text, *opened[-1])} is not closed" if opened else ""


def _unclosed_message(text: str, bracket: str, start: int) -> str:
    name = "the group" if bracket == "{" else f"the bracket {bracket}"
    return f"{name} opened at {_place(text, start)}"


def _place(text: str, start: int) -> str:
    line, column = place_at(text, start)
    return f"line {line}, column {column}"


def _unknown_prefix(text: str) -> tuple[str, str, int]:
    """Name the first prefix that is neither declared nor one of ours, and what it may mean.

    With that goes the query mended, and where the prefix stands.
    """
    prologue, read = Prologue(), tokens(text)
    for token, _, _ in prologue.follow(read):
        prefix = token.text.partition(":")[0]
        if token.kind != "name" or prefix in ("_", *prologue.prefixes):
            continue
        sentence = f"The prefix {prefix}: is not declared."
        if prefix in _OF_OTHERS:
            line = f"PREFIX {prefix}: <{_OF_OTHERS[prefix]}>"
            return f"{sentence} Write {line} before the query.", f"{line} {text}", token.start
        near = _prefix_meant(prefix, prologue.prefixes)
        if not near:
            return sentence, "", token.start
        asked = did_you_mean(f"{near}: ", message=sentence)
        return asked, _with_prefix(text, read, prefix, near), token.start
    return "", "", 0


def _prefix_meant(prefix: str, known: Mapping[str, str]) -> str:
    """Return the prefix that an undeclared one may mean; the name of a vocabulary comes before what is alike."""
    of_vocabulary = {iri.rstrip("#/").rpartition("/")[2]: one for one, iri in known.items()}
    return _USUAL_PREFIXES.get(prefix) or of_vocabulary.get(prefix) or nearest(prefix, known) or ""


def _with_prefix(text: str, read: Sequence[Token], prefix: str, instead: str) -> str:
    for token in reversed(read):
        if token.kind == "name" and token.text.startswith(f"{prefix}:"):
            text = text[: token.start] + instead + text[token.start + len(prefix) :]
    return text


def _expectation(message: str) -> str:
    """Return a sentence on what the engine expected, where that is one thing; lists of several mislead."""
    found = _ONE_EXPECTED.search(message)
    return f"At this place SPARQL has {found[1]}." if found else ""
