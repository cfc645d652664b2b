"""What a query is told while it is written."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

from kg.assist import check


def mended(store: Store, text: str) -> str:
    """The text with the first mend of each finding made, last first."""
    for finding in reversed(check(store, text)["findings"]):
        mend = finding["mend"]
        if mend is not None:
            units = text.encode("utf-16-le")
            before, behind = units[: 2 * mend["from"]], units[2 * mend["to"] :]
            text = (before + mend["text"].encode("utf-16-le") + behind).decode("utf-16-le")
    return text


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("SELECT * { ?x cd:twinedWith city:londn }", "SELECT * { ?x cd:twinnedWith city:london }"),
        ("SELECT * { # 𝄞\n ?x a cd:Citi }", "SELECT * { # 𝄞\n ?x a cd:City }"),
        ("SELECT * { ?x dcterm:source ?y }", "SELECT * { ?x dcterms:source ?y }"),
        (
            "PREFIX o: <https://w3id.org/city-diplomacy/ontology#> SELECT * { ?x a o:Citi }",
            "PREFIX o: <https://w3id.org/city-diplomacy/ontology#> SELECT * { ?x a o:City }",
        ),
        (
            "SELECT ?x (COUNT(*) AS ?n) { ?x a cd:City } GROUP BY ?x HAVING (?n > 1)",
            "SELECT ?x (COUNT(*) AS ?n) { ?x a cd:City } GROUP BY ?x HAVING (COUNT(*) > 1)",
        ),
    ],
)
def test_a_slip_is_mended_by_the_finding(store: Store, text: str, right: str) -> None:
    assert mended(store, text) == right
    assert check(store, right)["findings"] == []


@pytest.mark.parametrize(
    ("text", "place"),
    [("SELECT * {", (1, 11)), ("SELECT *\n{ ?x a a a }", (2, 12)), ("SELCT * {}", (1, 1)), ("INSERT DATA {}", (1, 1))],
)
def test_what_is_not_a_query_is_an_error_at_its_place(store: Store, text: str, place: tuple[int, int]) -> None:
    (finding,) = check(store, text)["findings"]
    assert finding["severity"] == "error"
    assert (finding["line"], finding["column"]) == place


@pytest.mark.parametrize("text", ["", " \n", "# nothing yet"])
def test_an_empty_text_has_no_findings(store: Store, text: str) -> None:
    assert check(store, text) == {"findings": []}
