"""Bind the parameters of a canned query: each value is checked by its type and put into its VALUES block as a term.

A value is never spliced into the text: it becomes an engine term first, whose serialisation escapes what must be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from pyoxigraph import Literal, NamedNode

from kg import namespaces as ns
from kg.catalogue import CannedQuery, Parameter
from kg.errors import BadValueError, CityKgError

SKIPPED = r"""\#[^\n]*|<[^<>\s]*>|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'"""
"""What holds no syntax in the text of a canned query: comments, IRIs, strings (a pattern of `re`)."""

LONGEST = 2_000
"""Characters of the longest value."""

_XSD = ns.PREFIXES["xsd"]
_SHOWN = 80


def bind(query: CannedQuery, values: Mapping[str, str]) -> str:
    """Return the text of the query with the given values in place of its examples.

    A parameter that is not given takes its default; an optional one without a default matches everything. Raises
    UnknownNameError for a parameter that the query does not have, BadValueError for a value that does not fit, or
    one that is missing.
    """
    for name in values:
        query.parameter(name)
    text = query.text
    for parameter in query.parameters:
        text = _replace(text, parameter, _term(query, parameter, values.get(parameter.name)))
    return text


def as_term(parameter: Parameter, value: str) -> NamedNode | Literal:
    """Return the RDF term of a value. Raises BadValueError that says what was given and what would do."""
    try:
        if len(value) > LONGEST:
            raise ValueError(f"at most {LONGEST} characters are read")
        return _READERS[parameter.type](parameter, value)
    except ValueError as error:
        raise BadValueError(
            f"The parameter {parameter.name} cannot be {shown(value)}: {error}",
            f"For example: {parameter.example}",
        ) from None


def shown(value: str) -> str:
    """Return a value as a message quotes it: escaped, and cut if it is long."""
    return repr(value) if len(value) <= _SHOWN else f"{value[:_SHOWN]!r}…"


def _term(query: CannedQuery, parameter: Parameter, value: str | None) -> str:
    given = value if value not in (None, "") else parameter.default
    if given is not None:
        return str(as_term(parameter, given))
    if parameter.optional:
        return "UNDEF"
    raise BadValueError(
        f"{query.name} needs the parameter {parameter.name} ({parameter.label}).",
        f"For example: {parameter.example}",
    )


def _replace(text: str, parameter: Parameter, term: str) -> str:
    """Put the term into the parameter's block; strings, IRIs and comments are passed over."""
    name = re.escape(parameter.name)
    pattern = re.compile(
        rf"(?P<skipped>{SKIPPED})|(?P<head>\bVALUES\s+\?{name}\s*\{{)(?:{SKIPPED}|[^}}])*\}}", re.IGNORECASE
    )
    replaced = 0

    def put(match: re.Match[str]) -> str:
        nonlocal replaced
        if match["skipped"] is not None:
            return match[0]
        replaced += 1
        return f"{match['head']} {term} }}"

    result = pattern.sub(put, text)
    if replaced == 0:
        raise CityKgError(f"The query has no block VALUES ?{parameter.name} {{ … }}.", "See queries/README.md.")
    return result


def _iri(parameter: Parameter, value: str) -> NamedNode:
    iri = ns.expand(value) or _below_class(parameter, value)
    if iri is None:
        raise ValueError("an IRI or a prefixed name is needed")
    return NamedNode(iri)


def _below_class(parameter: Parameter, value: str) -> str | None:
    """Take a bare slug as an entity of the parameter's class: `london` for a city."""
    kind = (parameter.of_class or "").rpartition(":")[2].lower()
    is_slug = re.fullmatch(r"[a-z0-9][a-z0-9.-]*", value)
    return f"{ns.ID}{kind}/{value}" if is_slug and kind in ns.ENTITY_TYPES else None


def _choice(parameter: Parameter, value: str) -> NamedNode | Literal:
    if isinstance(parameter.choices, tuple):
        if value not in parameter.choices:
            raise ValueError(f"one of {', '.join(parameter.choices)} is needed")
        return _iri(parameter, value) if ":" in value else Literal(value)
    iri = ns.expand(value) or f"{ns.VOCABULARY}{parameter.choices}/{value}"
    if not iri.startswith(f"{ns.VOCABULARY}{parameter.choices}/"):
        raise ValueError(f"a concept of the scheme {parameter.choices} is needed")
    return NamedNode(iri)


def _string(parameter: Parameter, value: str) -> Literal:
    return Literal(value, language=parameter.language) if parameter.language else Literal(value)


def _integer(parameter: Parameter, value: str) -> Literal:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", value):
        raise ValueError("a whole number is needed")
    return Literal(str(int(value)), datatype=NamedNode(_XSD + "integer"))


def _date(parameter: Parameter, value: str) -> Literal:
    return Literal(date.fromisoformat(value).isoformat(), datatype=NamedNode(_XSD + "date"))


_READERS = {"iri": _iri, "choice": _choice, "string": _string, "integer": _integer, "date": _date}
