"""Tokens: made once, stored hashed, told apart at little cost, revoked at once; and the commands for them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kg.accounts.database import Database
from kg.accounts.tokens import (
    ATTEMPTS_A_MINUTE,
    LONGEST_NAME,
    Authentication,
    InvalidTokenError,
    Role,
    Tokens,
    TooManyAttemptsError,
)
from kg.errors import BadValueError, UnknownNameError

pytestmark = pytest.mark.drawn

NOBODYS = "cdk_0123456789ab_" + "x" * 43


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path)


@pytest.fixture
def tokens(database: Database) -> Tokens:
    return Tokens(database)


def test_a_token_is_told_by_its_secret_and_stored_without_it(tokens: Tokens, tmp_path: Path) -> None:
    secret = tokens.create("alice", Role.CURATOR, seconds=30)
    assert len(secret.partition("_")[2].partition("_")[2]) * 6 >= 128
    token = Authentication(tokens).identify(secret, "here")
    assert (token.name, token.role, token.seconds, token.revoked) == ("alice", Role.CURATOR, 30, None)
    assert secret.encode() not in (tmp_path / "desk.sqlite").read_bytes()
    assert secret.partition("_")[2].partition("_")[2].encode() not in (tmp_path / "desk.sqlite").read_bytes()
    assert token.hash.startswith("sha256$")
    assert token.hash not in repr(token)


def test_secrets_differ_and_so_do_hashes(tokens: Tokens) -> None:
    assert tokens.create("a", Role.CONTRIBUTOR) != tokens.create("b", Role.CONTRIBUTOR)
    first, second = tokens.all()
    assert first.id != second.id
    assert first.hash != second.hash


@pytest.mark.parametrize("presented", [NOBODYS, "", "cdk_", "x" * 10_000, "cdk_'; DROP TABLE tokens; --"])
def test_what_was_never_made_is_nobodys(tokens: Tokens, presented: str) -> None:
    tokens.create("alice", Role.CURATOR)
    with pytest.raises(InvalidTokenError, match="does not exist"):
        Authentication(tokens).identify(presented, "here")


def test_revoking_takes_effect_at_once_also_from_outside(tokens: Tokens, tmp_path: Path) -> None:
    secret = tokens.create("alice", Role.CURATOR)
    authentication = Authentication(tokens)
    authentication.identify(secret, "here")
    assert citykg_token("revoke", "alice", data=tmp_path).returncode == 0
    with pytest.raises(InvalidTokenError, match="revoked"):
        authentication.identify(secret, "here")
    with pytest.raises(InvalidTokenError, match="does not exist"):  # who only guesses is not told that there was one
        authentication.identify(secret[:-4] + "xxxx", "here")


def test_a_hash_that_was_replaced_makes_the_token_useless(tokens: Tokens, database: Database) -> None:
    secret = tokens.create("alice", Role.CURATOR)
    authentication = Authentication(tokens)
    authentication.identify(secret, "here")
    with database.writing() as connection:
        connection.execute("UPDATE tokens SET hash = ?", ("sha256$" + "0" * 64,))
    with pytest.raises(InvalidTokenError):
        authentication.identify(secret, "here")


def test_who_fails_too_often_waits_and_nobody_with_a_right_token_does(tokens: Tokens) -> None:
    right = tokens.create("alice", Role.CURATOR)
    authentication = Authentication(tokens)
    for _ in range(ATTEMPTS_A_MINUTE):
        with pytest.raises(InvalidTokenError):
            authentication.identify(NOBODYS, "there")
    for presented in (NOBODYS, right[:-1]):
        with pytest.raises(TooManyAttemptsError) as raised:
            authentication.identify(presented, "there")
        assert 1 <= raised.value.retry_after <= 60
    assert authentication.identify(right, "there").name == "alice"
    with pytest.raises(InvalidTokenError):
        authentication.identify(NOBODYS, "elsewhere")


def test_a_revoked_token_counts_as_a_wrong_one(tokens: Tokens) -> None:
    secret = tokens.create("alice", Role.CURATOR)
    tokens.revoke("alice")
    authentication = Authentication(tokens)
    for _ in range(ATTEMPTS_A_MINUTE):
        with pytest.raises(InvalidTokenError):
            authentication.identify(secret, "here")
    with pytest.raises(TooManyAttemptsError):
        authentication.identify(secret, "here")


def test_the_day_of_last_use_is_noted_and_written_once_a_day(tmp_path: Path) -> None:
    now = [1_000_000_000.0]
    tokens = Tokens(Database(tmp_path, clock=lambda: now[0]))
    secret = tokens.create("alice", Role.CURATOR)
    authentication = Authentication(tokens)
    assert tokens.all()[0].last_used is None
    authentication.identify(secret, "here")
    assert tokens.all()[0].last_used == "2001-09-09"
    written = (tmp_path / "desk.sqlite").stat().st_mtime_ns
    authentication.identify(secret, "here")
    assert (tmp_path / "desk.sqlite").stat().st_mtime_ns == written
    now[0] += 86_400
    authentication.identify(secret, "here")
    assert tokens.all()[0].last_used == "2001-09-10"


def test_a_token_ends_after_its_days_and_says_so(tmp_path: Path) -> None:
    now = [1_000_000_000.0]
    tokens = Tokens(Database(tmp_path, clock=lambda: now[0]))
    ending, lasting = tokens.create("alice", Role.CURATOR, days=30), tokens.create("bob", Role.CONTRIBUTOR)
    assert [token.expires for token in tokens.all()] == ["2001-10-09T01:46:40Z", None]
    authentication = Authentication(tokens)
    now[0] += 30 * 86_400 - 1
    assert authentication.identify(ending, "here").name == "alice"
    now[0] += 1
    with pytest.raises(InvalidTokenError, match=r"ended at 2001-10-09T01:46:40Z(.|\n)*citykg token create") as refused:
        authentication.identify(ending, "here")
    assert "alice" not in str(refused.value)
    assert authentication.identify(lasting, "here").name == "bob"
    for _ in range(ATTEMPTS_A_MINUTE - 1):
        with pytest.raises(InvalidTokenError):
            authentication.identify(ending, "here")
    with pytest.raises(TooManyAttemptsError):
        authentication.identify(ending, "here")


def test_the_name_of_a_token_that_has_ended_can_be_given_again(tmp_path: Path) -> None:
    now = [1_000_000_000.0]
    tokens = Tokens(Database(tmp_path, clock=lambda: now[0]))
    tokens.create("alice", Role.CURATOR, days=1)
    with pytest.raises(BadValueError, match="revoke"):
        tokens.create("Alice", Role.CURATOR)
    now[0] += 86_400
    again = tokens.create("Alice", Role.CURATOR, days=1)
    assert Authentication(tokens).identify(again, "here").name == "Alice"
    assert [(token.name, token.revoked is None) for token in tokens.all()] == [("alice", False), ("Alice", True)]


@pytest.mark.parametrize(
    "name", ["", " ", " alice", "a\nb", "a\x1b[31m", "a\u202eb", "x" * (LONGEST_NAME + 1), "\udcff"]
)
def test_names_that_would_spoil_a_line_are_refused(tokens: Tokens, name: str) -> None:
    with pytest.raises(BadValueError, match="printable"):
        tokens.create(name, Role.CURATOR)
    assert tokens.all() == []


@pytest.mark.parametrize("other", ["alice", "ALICE", "ａlice"])
def test_a_name_is_given_once_while_it_is_in_use(tokens: Tokens, other: str) -> None:
    tokens.create("alice", Role.CURATOR)
    with pytest.raises(BadValueError, match="revoke"):
        tokens.create(other, Role.CURATOR)
    tokens.revoke(other)
    tokens.create(other, Role.CONTRIBUTOR)
    assert [(token.name, token.revoked is None) for token in tokens.all()] == [("alice", False), (other, True)]


def test_names_of_any_script_are_welcome(tokens: Tokens) -> None:
    tokens.create("杭州市外办 王小明", Role.CONTRIBUTOR)
    assert tokens.revoke("杭州市外办 王小明").name == "杭州市外办 王小明"


def test_revoking_an_unknown_name_says_which_there_are(tokens: Tokens) -> None:
    tokens.create("alice", Role.CURATOR)
    with pytest.raises(UnknownNameError, match="Did you mean 'alice'"):
        tokens.revoke("alcie")
    tokens.revoke("alice")
    with pytest.raises(UnknownNameError, match="none"):
        tokens.revoke("alice")


def test_roles_cover_each_other_as_they_should() -> None:
    covered = {(role, needed) for role in Role for needed in Role if role.covers(needed)}
    assert covered == {
        (Role.CONTRIBUTOR, Role.CONTRIBUTOR),
        (Role.CURATOR, Role.CONTRIBUTOR),
        (Role.CURATOR, Role.CURATOR),
    }


def today() -> str:
    return Database(Path()).now()[:10]


def citykg_token(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    command = "from kg.cli.tokens import token; token(prog_name='citykg token')"
    return subprocess.run(
        [sys.executable, "-c", command, *arguments, "--data", str(data)], capture_output=True, text=True, check=False
    )


def test_the_commands_make_show_and_revoke(tmp_path: Path) -> None:
    data = tmp_path / "new"
    made = citykg_token("create", "alice", "--role", "curator", "--seconds", "30", data=data)
    secret = made.stdout.strip()
    assert Authentication(Tokens(Database(data))).identify(secret, "here").role is Role.CURATOR
    assert "CITYKG_TOKEN" in made.stderr
    assert 'curl -H "Authorization: Bearer $CITYKG_TOKEN"' in made.stderr
    listed = citykg_token("list", data=data).stdout
    assert all(cell in listed for cell in ("alice", "curator", "30"))
    assert today() in listed  # the last use
    assert secret not in listed
    assert "alice" in citykg_token("revoke", "alice", data=data).stdout
    with pytest.raises(InvalidTokenError):
        Authentication(Tokens(Database(data))).identify(secret, "here")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("create", "a\nb", "--role", "curator"), "printable"),
        (("create", "alice", "--role", "boss"), "'contributor', 'curator'"),
        (("create", "alice"), "--role"),
        (("create", "alice", "--role", "curator", "--seconds", "nan"), "nan seconds"),
        (("create", "alice", "--role", "curator", "--seconds", "0"), "up to 3600"),
        (("create", "alice", "--role", "curator", "--days", "0"), "up to 3650"),
        (("revoke", "alice"), "There is no token in use named 'alice'"),
    ],
)
def test_a_mistake_ends_in_a_sentence_and_a_way_out(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    ran = citykg_token(*arguments, data=tmp_path)
    assert ran.returncode != 0
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_list_has_the_end_and_the_last_use_of_each_token(tmp_path: Path) -> None:
    made = citykg_token("create", "alice", "--role", "curator", "--days", "30", data=tmp_path)
    assert "valid for 30 days" in made.stderr
    long_ago = Tokens(Database(tmp_path, clock=lambda: 1_000_000_000))
    Authentication(long_ago).identify(long_ago.create("bob", Role.CURATOR, days=1), "here")
    listed = citykg_token("list", data=tmp_path).stdout
    assert all(cell in listed for cell in ("last used", "valid until", "2001-09-09", "2001-09-10", "ended", "never"))
    alice, _ = Tokens(Database(tmp_path)).all()[::-1][:2]
    assert (alice.expires or "")[:10] in listed


def test_a_list_without_tokens_says_how_to_make_one(tmp_path: Path) -> None:
    assert "citykg token create" in citykg_token("list", data=tmp_path).stdout
