"""What rdflib's parser leaves behind keeps nothing that its callers hold."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import pytest
from rdflib.plugins.sparql import prepareQuery

from kg.rdf.rdflib_bridge import prepare_query

QUERY = "SELECT ?s { ?s ?p ?o FILTER(IF(?o > 1, ?p, ?s) != ?s) }"


class Held:
    """Stands for a store."""


def is_gone_after(parse: Callable[[], object]) -> bool:
    """Return True if what a caller of a function holds goes without a collection of garbage."""

    def call(held: Held) -> None:
        parse()

    held = Held()
    gone = weakref.ref(held)
    call(held)
    del held
    return gone() is None


def test_what_the_caller_of_the_parser_holds_goes_without_a_collection() -> None:
    gc.collect()
    gc.disable()
    try:
        assert is_gone_after(lambda: prepare_query(QUERY, {}))
        assert not is_gone_after(lambda: prepareQuery(QUERY))  # or else there is nothing to keep out
    finally:
        gc.enable()


def test_errors_of_the_parser_are_raised() -> None:
    with pytest.raises(Exception, match="Expected"):
        prepare_query("SELECT {", {})
