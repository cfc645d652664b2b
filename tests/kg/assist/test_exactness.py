"""What is offered as exact gives rows: canned queries are cut anywhere, completed, and run by the engine."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from pyoxigraph import QuerySolutions, Store

from kg.assist import complete, completing
from kg.queries import CannedQuery, Question, canned_queries
from kg.sparql.evaluation import run
from tests.support.tiers import by_tier, fresh_random

CUTS = by_tier(25, 200, 2_000)
TRIED = 5  # offers of each cut that are run
CLOSING = {"{": "}", "(": ")", "[": "]"}
_SELECT = re.compile(r"\bSELECT\b[^{}]*?(?=\{)|[{}()\[\]]|<[^<>\s]*>|\"[^\"\n]*\"|#[^\n]*")


def finished(before: str, filler: str) -> str:
    """A text with all that is open in it closed, SELECT * in place of what is selected around, and a column ?here.

    That is bound in the rows in which the group of the last term has a match.
    """
    opened: list[tuple[str, int]] = []
    select, selects = -1, []
    for found in _SELECT.finditer(before):
        sign = found[0]
        if sign.startswith("SELECT"):
            select = found.start()
        elif sign in CLOSING:
            opened.append((sign, select if sign == "{" else -1))
            select = -1
        elif sign in CLOSING.values():
            opened.pop()
    selects = [start for _, start in opened if start >= 0]
    text = before + filler
    while opened[-1][0] != "{":
        text += f" {CLOSING[opened.pop()[0]]}"
    text += " BIND (1 AS ?here)" + " }" * len(opened)
    for start in reversed(selects):
        text = text[:start] + "SELECT * " + text[text.index("{", start) :]
    return text


def gives_rows(store: Store, text: str) -> bool:
    answer = run(store, text)
    assert isinstance(answer, QuerySolutions)
    return any(row["here"] is not None for row in answer)


@pytest.mark.scaled
@pytest.mark.drawn
def test_each_exact_offer_gives_rows(
    store_for: Callable[[CannedQuery], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completing, "SECONDS", 1.0)
    random = fresh_random("exact offers")
    queries = [query for query in canned_queries().values() if not query.works]
    tried = 0
    for _ in range(CUTS):
        query = random.choice(queries)
        text = Question(query, query.examples).text()
        cut = random.randrange(text.index("{") + 1, len(text))
        before = text[:cut]
        if before.rpartition("\n")[2].count("#"):
            continue
        store = store_for(query)
        found = complete(store, before, len(before.encode("utf-16-le")) // 2)
        exact = [item for item in found["items"] if item["exact"]]
        for item in random.sample(exact, min(TRIED, len(exact))):
            start = len(before.encode("utf-16-le")[: 2 * found["from"]].decode("utf-16-le"))
            filler = {"subject": " ?anyP ?anyO .", "predicate": " ?anyO"}.get(found["role"], "")
            completed = finished(before[:start] + f" {item['insert']}", filler)
            assert gives_rows(store, completed), f"{completed}\n\n{item}\n\n{before}"
            tried += 1
    assert tried > CUTS / 10
