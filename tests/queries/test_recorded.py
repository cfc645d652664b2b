"""Old addresses of canned questions answer as before, through the questions that took their place."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pyoxigraph import Store

from kg.queries import CannedQuery, Question, find_query
from kg.queries.catalogue import find_replacement, queries_by_path
from tests.queries.recorded import RECORD, answer

ANSWERS = json.loads(RECORD.read_text(encoding="utf-8"))["answers"]


def asked_now(name: str, values: dict[str, str], scope: str) -> Question:
    """Return what an old address asks today."""
    if replaced := find_replacement(name, values):
        name, values = replaced.query, dict(replaced.given(values.items()))
        assert values["scope"] == scope
    return Question.parse(find_query(name), values, lambda _, value: value)


def test_no_question_of_before_is_lost() -> None:
    assert {one["name"] for one in ANSWERS if not find_replacement(one["name"], ())} <= queries_by_path().keys()


@pytest.mark.drawn
@pytest.mark.parametrize("was", ANSWERS, ids=lambda one: f"{one['name']}-{len(one['values'])}")
def test_an_old_address_has_its_columns_and_rows(
    was: dict[str, Any], store_for: Callable[[CannedQuery], Store]
) -> None:
    asked = asked_now(was["name"], was["values"], was["scope"])
    found = answer(store_for(replace(asked.query, scope=was["scope"])), asked)
    assert found == {name: was[name] for name in found}
