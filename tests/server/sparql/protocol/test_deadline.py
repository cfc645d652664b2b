"""The deadline that a client sets."""

from __future__ import annotations

import json

import pytest

from tests.support.protocol import (
    ASK,
    HEAVY,
    WAYS,
    get,
    sent,
)

pytestmark = pytest.mark.drawn


@pytest.mark.parametrize("way", WAYS)
def test_a_client_may_lower_the_deadline_and_gets_a_503_that_names_it(address: str, way: str) -> None:
    problem = sent(way, address, HEAVY, ("timeout", "0.3")).problem
    assert problem["status"] == 503
    assert "limit" in problem


@pytest.mark.parametrize("seconds", ["1", "5", "0.5", "1000000"])
def test_a_quick_query_is_answered_whatever_the_deadline(address: str, seconds: str) -> None:
    assert get(address, ASK, ("timeout", seconds)).boolean is True


@pytest.mark.parametrize("seconds", ["soon", "-1", "nan", ""])
def test_a_deadline_that_is_none_is_a_400_that_names_the_parameter(address: str, seconds: str) -> None:
    problem = get(address, ASK, ("timeout", seconds)).problem
    assert problem["status"] == 400
    assert "timeout" in json.dumps(problem)
