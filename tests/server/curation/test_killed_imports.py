"""A server that is killed while it imports: the next one goes on, and makes one change of it."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from kg.accounts.database import Database
from kg.accounts.tokens import Role, Tokens
from kg.building.verification import verify
from kg.history.chain import History
from kg.store.data_folder import DataFolder
from tests.support.command import Command, Eventually, Start
from tests.support.council_list import MAPPING
from tests.support.curl import asker
from tests.support.http import Answer
from tests.support.tiers import by_tier, fresh_random

KILLS = by_tier(2, 3, 20)
TABLE = "city_a,city_b,since\n" + "".join(
    f"{one},{other},2019\n" for one in ("Jinan", "Qingdao", "Dalian") for other in ("York", "Oxford", "Atlantis")
)


@pytest.mark.slow
def test_kills_of_the_server_lose_no_import(
    with_ledger: Path, start: Start, eventually: Eventually, tmp_path: Path
) -> None:
    own = DataFolder(tmp_path / "data")
    shutil.copytree(with_ledger, own.path)
    token = Tokens(Database(own.path)).create("Ann", Role.CURATOR)
    (tmp_path / "twins.csv").write_text(TABLE)
    (tmp_path / "mine.yaml").write_text(MAPPING)
    moments = fresh_random("moments of the kills")

    def ask(command: Command, *arguments: str) -> Answer:
        return asker(command.address)("-H", f"Authorization: Bearer {token}", *arguments)

    form = ("-F", f"file=@{tmp_path / 'twins.csv'}", "-F", f"mapping=@{tmp_path / 'mine.yaml'}")
    key = ("-H", "Idempotency-Key: killed")
    command = start(tmp_path, data=own.path)
    command.wait()
    sent = ask(command, *form, *key, "/imports")
    assert sent.status == 202
    for _ in range(KILLS):
        time.sleep(moments.uniform(0, 2))
        command.kill()
        assert History(own.path).count() <= 1
        command = start(tmp_path, data=own.path)
        command.wait()
        again = ask(command, *form, *key, "/imports")
        assert again.headers["location"] == sent.headers["location"]
    try:
        eventually(lambda: ask(command, sent.headers["location"]).members["state"], "done")
        told = ask(command, sent.headers["location"]).members
        assert (told["change"], told["counts"]["refused"]) == ("/changes/1", 3)
        assert ask(command, "-X", "POST", "/changes/1/revert").status == 201
    finally:
        command.stop()
    assert History(own.path).count() == 2
    assert [check for check in verify(own) if not check.passed] == []
