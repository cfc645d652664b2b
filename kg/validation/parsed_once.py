"""A graph that parses the text of a query only the first time.

pyshacl sends the same text for every focus node, and reading it takes rdflib longer than answering it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rdflib import Graph
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result


class ParsedOnceGraph(Graph):
    """An rdflib graph whose queries are kept prepared, for all graphs of this class together."""

    def query(self, query_object: str | Query, *args: Any, **kwargs: Any) -> Result:
        """Evaluate a query with rdflib."""
        prepared = _prepared(query_object) if isinstance(query_object, str) else query_object
        return super().query(prepared, *args, **kwargs)


@lru_cache(256)
def _prepared(text: str) -> Query:
    return prepareQuery(text)
