"""The text of a canned query as it runs, here and elsewhere: values bound, prefixes declared, a header for grlc."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import yaml

from kg import catalogue, parameters
from kg import namespaces as ns
from kg.catalogue import CannedQuery
from kg.describing import SPARQL
from kg.paging import Window

_PREFIX = re.compile(rf"{parameters.SKIPPED}|(?<![?$\w-])([A-Za-z][\w-]*):")


def write(query: CannedQuery, values: Mapping[str, str], window: Window) -> str:
    """Return a query that any SPARQL 1.1 engine reads, with the given values and the rows that are wanted.

    Its header has what grlc takes from it (summary, endpoint, method, tags). Raises what kg.parameters.bind raises.
    """
    bound = parameters.bind(replace(query, text=catalogue.body(query)), values)
    return f"{_header(query)}{_prefixes(bound)}{bound.rstrip()}\n{window.clauses()}"


def _header(query: CannedQuery) -> str:
    stated = {"summary": query.summary, "endpoint": SPARQL.value, "method": "GET", "tags": list(query.tags)}
    written = yaml.safe_dump(stated, default_flow_style=None, sort_keys=False, allow_unicode=True, width=1000)
    return "".join(f"#+ {line}\n" for line in written.splitlines())


def _prefixes(text: str) -> str:
    """Declare those of our prefixes that a text uses."""
    used = {match[1] for match in _PREFIX.finditer(text)}
    return "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in ns.PREFIXES.items() if prefix in used)
