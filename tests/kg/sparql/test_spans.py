"""Where the parts of a text stand; what comes of them is tested in tests/kg/updates and tests/kg/federation."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.sparql.text import tokens
from kg.sparql.text.spans import (
    GraphOperation,
    Modification,
    UnclearError,
    parse_operation,
    service_clauses,
    split_operations,
)
from tests.support.tiers import MANY

PIECES = (
    "INSERT DATA {|DELETE WHERE {|WITH c:x|USING NAMED c:y|WHERE {|CLEAR|DROP GRAPH c:x|COPY|TO|{|}|{|}|(|)|;|;|.|,|#|"
    "\n|PREFIX|PREFIX z: <http://z/>|BASE|VERSION '1.2'|ex:a.|<http://x/#a>|<|1<2#>|'x;'|'''|\"|?s ?p ?o"
).split("|")


def test_an_operation_consists_of_spans() -> None:
    text = (
        "WITH <g:a> DELETE { ?s ?p '}' } INSERT { ?s ?p ?o } USING <g:b> USING NAMED <g:c> WHERE { { ?s ?p ?o } # }\n}"
    )
    [piece] = split_operations(text)
    operation = parse_operation(piece)
    assert isinstance(operation, Modification)
    assert piece.at(operation.removed) == "{ ?s ?p '}' }"
    assert piece.at(operation.added) == "{ ?s ?p ?o }"
    assert piece.at(operation.where) == "{ { ?s ?p ?o } # }\n}"
    assert (operation.graph, operation.using) == ("g:a", (("g:b",), ("g:c",)))


@pytest.mark.parametrize(
    ("text", "operation"),
    [
        ("CLEAR SILENT DEFAULT", GraphOperation("CLEAR", True, ("DEFAULT",))),
        ("DROP GRAPH <g:a>", GraphOperation("DROP", False, ("g:a",))),
        ("move graph <g:a> to default", GraphOperation("MOVE", False, ("g:a", "DEFAULT"))),
        ("PREFIX g: <g:> COPY g:a TO g:b", GraphOperation("COPY", False, ("g:a", "g:b"))),
        ("LOAD <g:a>", GraphOperation("LOAD")),
        ("", None),
    ],
)
def test_operations_on_graphs(text: str, operation: GraphOperation | None) -> None:
    assert [parse_operation(piece) for piece in split_operations(text)] == [operation]


@pytest.mark.parametrize("text", ["INSERTDATA { }", "DROP nowhere:a", "INSERT { } WHERE { FILTER(1<2#>\n) }"])
def test_what_is_unclear_is_not_guessed(text: str) -> None:
    [piece] = split_operations(text)
    with pytest.raises(UnclearError):
        parse_operation(piece)


@settings(max_examples=MANY)
@given(st.lists(st.sampled_from(PIECES)).map(" ".join) | st.lists(st.sampled_from(PIECES)).map("".join))
def test_every_token_is_in_one_operation_or_declaration(text: str) -> None:
    found = list(split_operations(text))
    spans = [*found[-1].declared, *((piece.start, piece.end) for piece in found)]
    assert all(sum(start <= token.start < end for start, end in spans) == 1 for token in tokens(text))


def test_a_service_clause_says_what_it_lies_in() -> None:
    text = "SELECT * { SERVICE <s:a> { SERVICE ?b { } } FILTER NOT EXISTS { GRAPH ?g { SERVICE SILENT <s:c> { } } } }"
    found = list(service_clauses(text))
    assert [(one.address, one.is_silent, one.within) for one in found] == [
        ("s:a", False, ""),
        ("", False, "SERVICE"),
        ("s:c", True, "EXISTS"),
    ]
    assert text[found[0].opening : found[0].end] == "{ SERVICE ?b { } }"


@pytest.mark.parametrize("clause", ["SERVICE <s:a>", "SERVICE <s:a> { ", "SERVICE <s:a> { } FILTER(1<2#>\n)"])
def test_a_clause_that_is_unclear_is_not_guessed(clause: str) -> None:
    with pytest.raises(UnclearError):
        list(service_clauses(f"SELECT * {{ {clause}"))
