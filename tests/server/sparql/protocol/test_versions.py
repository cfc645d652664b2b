"""What SPARQL 1.2 adds: the version."""

from __future__ import annotations

import json

import pytest

from tests.support.protocol import (
    ASK,
    CONSTRUCT,
    DIRECT,
    JSON,
    SELECT,
    TURTLE,
    WAYS,
    accept,
    ask,
    content,
    get,
    sent,
    url,
)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.2-basic"])
def test_a_known_version_is_accepted(address: str, way: str, version: str) -> None:
    assert sent(way, address, ASK, ("version", version)).boolean is True


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("version", ["0.9", "2.0", "latest", ""])
def test_an_unknown_version_is_a_400_that_names_the_known_ones(address: str, way: str, version: str) -> None:
    problem = sent(way, address, ASK, ("version", version)).problem
    assert problem["status"] == 400
    assert "1.1" in json.dumps(problem)


@pytest.mark.parametrize("method", ["POST", "QUERY"])
def test_a_version_may_come_with_the_content_type(address: str, method: str) -> None:
    sends = ("-X", method, "--data-binary", ASK)
    assert ask(*sends, *content(f"{DIRECT}; version=1.2"), url(address)).boolean is True
    assert ask(*sends, *content(f"{DIRECT}; version=9.9"), url(address)).status == 400


def test_two_versions_are_a_400(address: str) -> None:
    assert get(address, ASK, ("version", "1.1"), ("version", "1.2")).status == 400


@pytest.mark.parametrize(
    ("query", "wish", "told"), [(SELECT, f"{JSON};version=1.2", JSON), (CONSTRUCT, f"{TURTLE};version=1.2", TURTLE)]
)
def test_a_wish_may_name_a_version(address: str, query: str, wish: str, told: str) -> None:
    assert get(address, query, options=accept(wish)).type == told
