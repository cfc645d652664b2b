"""Who a client is: the holder of a token that is known to be valid, else an address or a network."""

from __future__ import annotations

import pytest

from server.turns.clients import TokenHolders, client_of_address
from tests.support.loops import in_own_loop

FIELD = "Bearer abc"


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_an_ipv6_network_of_64_bits_is_one_client(address: str, client: str) -> None:
    assert client_of_address(address) == client


async def asked(holders: TokenHolders, field: str | None, address: str = "192.0.2.7") -> str:
    return await holders.client(None if field is None else field.encode(), address)


def test_a_token_is_a_client_of_its_own_and_looked_up_once() -> None:
    looked_up: list[str] = []

    def find(field: str) -> str | None:
        looked_up.append(field)
        return "token 17" if field == FIELD else None

    async def main() -> None:
        holders = TokenHolders(find)
        for address in ("192.0.2.7", "192.0.2.8"):
            assert await asked(holders, FIELD, address) == "token 17"
        for field in ("Bearer abd", "Bearer abd", None):
            assert await asked(holders, field) == "192.0.2.7"

    in_own_loop(main)
    assert looked_up == [FIELD, "Bearer abd", "Bearer abd"]


def test_of_many_tokens_the_latest_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.turns.clients._MOST_HOLDERS", 2)
    looked_up: list[str] = []

    async def main() -> None:
        holders = TokenHolders(lambda field: looked_up.append(field) or field)  # type: ignore[func-returns-value]
        for number in (0, 1, 2, 2, 1, 0):
            assert await asked(holders, f"Bearer {number}") == f"Bearer {number}"

    in_own_loop(main)
    assert looked_up == [f"Bearer {number}" for number in (0, 1, 2, 0)]
