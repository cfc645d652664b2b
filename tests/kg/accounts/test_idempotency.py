"""Idempotency keys: the same request again has the same outcome, another one with the same key is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.accounts.database import Database
from kg.accounts.idempotency import IdempotencyKeys, KeyReusedError
from kg.errors import BadValueError

PARTS = st.lists(st.binary(max_size=3), max_size=4)
SAME, OTHER = (IdempotencyKeys.digest(b"/changes", body) for body in (b"<a> <b> <c> .", b"<a> <b> <d> ."))


@pytest.fixture
def keys(tmp_path: Path) -> IdempotencyKeys:
    return IdempotencyKeys(Database(tmp_path))


def test_an_outcome_is_recalled_for_the_same_request_of_the_same_token(keys: IdempotencyKeys) -> None:
    assert keys.recall("alice", "k", SAME) is None
    keys.remember("alice", "k", SAME, "change 4f2a")
    assert keys.recall("alice", "k", SAME) == "change 4f2a"
    assert keys.recall("bob", "k", SAME) is None
    assert keys.recall("bob", "k", OTHER) is None
    assert keys.recall("alice", "K", SAME) is None


def test_a_key_with_another_request_is_refused_and_changes_nothing(keys: IdempotencyKeys) -> None:
    keys.remember("alice", "k", SAME, "first")
    with pytest.raises(KeyReusedError):
        keys.recall("alice", "k", OTHER)
    with pytest.raises(KeyReusedError):
        keys.remember("alice", "k", OTHER, "second")
    assert keys.recall("alice", "k", SAME) == "first"


def test_an_outcome_that_did_not_come_to_be_can_be_replaced(keys: IdempotencyKeys) -> None:
    keys.remember("alice", "k", SAME, "planned")
    keys.remember("alice", "k", SAME, "planned again")
    assert keys.recall("alice", "k", SAME) == "planned again"


def test_a_key_of_which_nothing_came_is_free_for_another_request(keys: IdempotencyKeys) -> None:
    keys.remember("alice", "k", SAME, "refused")
    keys.free("alice", "k", OTHER, {"made"}.__contains__)
    keys.remember("alice", "k", OTHER, "made")
    keys.free("alice", "k", SAME, {"made"}.__contains__)
    with pytest.raises(KeyReusedError):
        keys.recall("alice", "k", SAME)


def test_old_ones_are_forgotten_and_dropped(tmp_path: Path) -> None:
    now = [1_000_000_000.0]
    database = Database(tmp_path, clock=lambda: now[0])
    keys = IdempotencyKeys(database, days=2)
    keys.remember("alice", "old", SAME, "x")
    now[0] += 2 * 86_400
    assert keys.recall("alice", "old", SAME) == "x"
    now[0] += 1
    assert keys.recall("alice", "old", OTHER) is None
    keys.remember("alice", "new", SAME, "y")
    with database.reading() as connection:
        assert [row["key"] for row in connection.execute("SELECT key FROM idempotency_keys")] == ["new"]


@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 256, "a\n"])
def test_what_is_no_key_is_refused(keys: IdempotencyKeys, key: str) -> None:
    with pytest.raises(BadValueError, match="ASCII"):
        keys.recall("alice", key, SAME)
    with pytest.raises(BadValueError, match="ASCII"):
        keys.remember("alice", key, SAME, "x")


@given(PARTS, PARTS)
def test_a_digest_tells_requests_apart_wherever_their_parts_end(one: list[bytes], other: list[bytes]) -> None:
    assert (IdempotencyKeys.digest(*one) == IdempotencyKeys.digest(*other)) == (one == other)
