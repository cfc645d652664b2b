"""A formatted query is the same query."""

from __future__ import annotations

import pytest
from pyoxigraph import Store
from rdflib.plugins.sparql.parser import parseQuery

from kg.assist import format_query
from kg.queries import canned_queries
from kg.rdf import namespaces as ns
from tests.support.tiers import by_tier, fresh_random

pytestmark = pytest.mark.drawn


def formatted(text: str) -> str:
    return format_query(Store(), text)["text"]


def test_there_is_one_triple_a_line_in_its_group() -> None:
    text = """prefix x: <http://x/> # known
# the rows
select ?x where { ?x a cd:City;cd:twinnedWith ?y, ?z.filter(?x != ?y) optional{?y x:b "a  b # c"@en} # none
 { ?a cd:b 1.5 } union {?d cd:e ?f. values ?x { city:a city:b } } } group by ?x order by desc(?x) limit 10"""
    assert (
        formatted(text)
        == """PREFIX x: <http://x/> # known
# the rows
SELECT ?x WHERE {
  ?x a cd:City ;
    cd:twinnedWith ?y, ?z .
  FILTER(?x != ?y)
  OPTIONAL {
    ?y x:b "a  b # c"@en
  } # none
  {
    ?a cd:b 1.5
  } UNION {
    ?d cd:e ?f .
    VALUES ?x { city:a city:b }
  }
}
GROUP BY ?x
ORDER BY DESC(?x)
LIMIT 10"""
    )


def test_a_text_that_is_no_query_keeps_its_tokens() -> None:
    for text in ("", "SELECT * { ?x ?y }", 'SELECT * { ?x ?y "', "} {", "SELECT * { ?x <a#b> ?y }", "ſelect"):
        assert formatted(text).split() == text.split()


@pytest.mark.scaled
def test_a_canned_query_means_the_same_when_formatted() -> None:
    changed = []
    queries = list(canned_queries().items())
    for name, query in fresh_random("formatted").sample(queries, by_tier(4, len(queries), len(queries))):
        in_one_line = " ".join(line for line in query.text.split("\n") if "#" not in line)
        for written in (query.text, in_one_line):
            once = formatted(written)
            if formatted(once) != once or parsed(once) != parsed(written):
                changed.append((name, written is in_one_line))
    assert not changed


def parsed(text: str) -> str:
    declared = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in ns.PREFIXES.items())
    return str(parseQuery(declared + text))
