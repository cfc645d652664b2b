"""Tokens: made once, stored hashed, told apart at little cost, revoked at once; and the commands for them."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from kg.authentication import ATTEMPTS_A_MINUTE, Authentication, InvalidTokenError, TooManyAttemptsError
from kg.desk import Desk
from kg.errors import BadValueError, UnknownNameError
from kg.tokens import LONGEST_NAME, Role, Tokens

NOBODYS = "cdk_0123456789ab_" + "x" * 43


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def tokens(desk: Desk) -> Tokens:
    return Tokens(desk)


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The hashes that something was verified against, in order."""
    calls: list[str] = []
    real = PasswordHasher.verify

    def verify(self: PasswordHasher, hashed: str, password: str) -> bool:
        calls.append(hashed)
        return real(self, hashed, password)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    return calls


def test_a_token_is_told_by_its_secret_and_stored_without_it(tokens: Tokens, tmp_path: Path) -> None:
    secret = tokens.create("alice", Role.CURATOR, seconds=30)
    assert len(secret.partition("_")[2].partition("_")[2]) * 6 >= 128
    token = Authentication(tokens).identify(secret, "here")
    assert (token.name, token.role, token.seconds, token.revoked) == ("alice", Role.CURATOR, 30, None)
    assert secret.encode() not in (tmp_path / "desk.sqlite").read_bytes()
    assert secret.rpartition("_")[2].encode() not in (tmp_path / "desk.sqlite").read_bytes()
    assert token.hash.startswith("$argon2id$")
    assert token.hash not in repr(token)


def test_secrets_differ_and_so_do_hashes(tokens: Tokens) -> None:
    assert tokens.create("a", Role.CONTRIBUTOR) != tokens.create("b", Role.CONTRIBUTOR)
    first, second = tokens.all()
    assert first.id != second.id
    assert first.hash != second.hash


def test_verifying_is_done_once(tokens: Tokens, verified: list[str]) -> None:
    secret = tokens.create("alice", Role.CURATOR)
    authentication = Authentication(tokens)
    assert {authentication.identify(secret, "here").name for _ in range(20)} == {"alice"}
    assert len(verified) == 1


def test_one_hash_is_computed_at_a_time_and_one_for_many_requests(
    tokens: Tokens, verified: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = [tokens.create(name, Role.CURATOR) for name in ("a", "b")]
    authentication, at_once, most = Authentication(tokens), [0], [0]
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, hashed: str, password: str) -> bool:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        matches = verify(self, hashed, password)
        at_once[0] -= 1
        return matches

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    threads = [threading.Thread(target=authentication.identify, args=(secret, "here")) for secret in secrets * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, len(verified)) == ([1], 2)


def test_a_token_with_one_character_changed_is_not_taken_for_the_remembered_one(tokens: Tokens) -> None:
    secret = tokens.create("alice", Role.CURATOR)
    authentication = Authentication(tokens)
    authentication.identify(secret, "here")
    forged = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    with pytest.raises(InvalidTokenError) as raised:
        authentication.identify(forged, "here")
    assert forged not in str(raised.value)


@pytest.mark.parametrize("presented", [NOBODYS, "", "cdk_", "x" * 10_000, "cdk_'; DROP TABLE tokens; --"])
def test_for_nobodys_token_a_hash_is_computed_all_the_same(tokens: Tokens, verified: list[str], presented: str) -> None:
    tokens.create("alice", Role.CURATOR)
    with pytest.raises(InvalidTokenError, match="Nobody"):
        Authentication(tokens).identify(presented, "here")
    real = tokens.all()[0].hash
    assert [hashed.rsplit("$", 2)[0] for hashed in verified] == [real.rsplit("$", 2)[0]]  # as dear as a real one
    assert list(map(len, verified)) == [len(real)]
    with pytest.raises(VerifyMismatchError):
        PasswordHasher().verify(verified[0], presented)


def test_revoking_takes_effect_at_once_also_for_what_is_remembered_and_from_outside(
    tokens: Tokens, tmp_path: Path
) -> None:
    secret = tokens.create("alice", Role.CURATOR)
    authentication = Authentication(tokens)
    authentication.identify(secret, "here")
    assert citykg_token("revoke", "alice", data=tmp_path).returncode == 0
    with pytest.raises(InvalidTokenError, match="revoked"):
        authentication.identify(secret, "here")
    with pytest.raises(InvalidTokenError, match="Nobody"):  # who only guesses is not told that there was one
        authentication.identify(secret[:-4] + "xxxx", "here")


def test_a_hash_that_was_replaced_makes_what_is_remembered_useless(tokens: Tokens, desk: Desk) -> None:
    secret = tokens.create("alice", Role.CURATOR)
    authentication = Authentication(tokens)
    authentication.identify(secret, "here")
    with desk.writing() as connection:
        connection.execute("UPDATE tokens SET hash = ?", (PasswordHasher().hash("another"),))
    with pytest.raises(InvalidTokenError):
        authentication.identify(secret, "here")


def test_who_fails_too_often_waits_and_nobody_else_does(tokens: Tokens, verified: list[str]) -> None:
    known, new = tokens.create("known", Role.CURATOR), tokens.create("new", Role.CURATOR)
    authentication = Authentication(tokens)
    authentication.identify(known, "there")
    verified.clear()
    for _ in range(ATTEMPTS_A_MINUTE):
        with pytest.raises(InvalidTokenError):
            authentication.identify(NOBODYS, "there")
    for presented in (NOBODYS, new):
        with pytest.raises(TooManyAttemptsError) as raised:
            authentication.identify(presented, "there")
        assert 1 <= raised.value.retry_after <= 60
    assert len(verified) == ATTEMPTS_A_MINUTE
    assert authentication.identify(known, "there").name == "known"
    assert authentication.identify(new, "elsewhere").name == "new"


def test_a_revoked_token_cannot_be_used_to_keep_the_service_busy(tokens: Tokens, verified: list[str]) -> None:
    secret = tokens.create("alice", Role.CURATOR)
    tokens.revoke("alice")
    authentication = Authentication(tokens)
    for _ in range(ATTEMPTS_A_MINUTE):
        with pytest.raises(InvalidTokenError):
            authentication.identify(secret, "here")
    with pytest.raises(TooManyAttemptsError):
        authentication.identify(secret, "here")
    assert len(verified) == ATTEMPTS_A_MINUTE


def test_the_day_of_last_use_is_noted_and_written_once_a_day(tmp_path: Path) -> None:
    now = [1_000_000_000.0]
    tokens = Tokens(Desk(tmp_path, clock=lambda: now[0]))
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


def citykg_token(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    command = "from kg.token_commands import token; token(prog_name='citykg token')"
    return subprocess.run(
        [sys.executable, "-c", command, *arguments, "--data", str(data)], capture_output=True, text=True, check=False
    )


def test_the_commands_make_show_and_revoke(tmp_path: Path) -> None:
    data = tmp_path / "new"
    made = citykg_token("create", "alice", "--role", "curator", "--seconds", "30", data=data)
    secret = made.stdout.strip()
    assert Authentication(Tokens(Desk(data))).identify(secret, "here").role is Role.CURATOR
    assert "CITYKG_TOKEN" in made.stderr
    assert 'curl -H "Authorization: Bearer $CITYKG_TOKEN"' in made.stderr
    listed = citykg_token("list", data=data).stdout
    assert all(cell in listed for cell in ("alice", "curator", "30"))
    assert secret not in listed
    assert "alice" in citykg_token("revoke", "alice", data=data).stdout
    with pytest.raises(InvalidTokenError):
        Authentication(Tokens(Desk(data))).identify(secret, "here")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("create", "a\nb", "--role", "curator"), "printable"),
        (("create", "alice", "--role", "boss"), "'contributor', 'curator'"),
        (("create", "alice"), "--role"),
        (("create", "alice", "--role", "curator", "--seconds", "nan"), "nan seconds"),
        (("create", "alice", "--role", "curator", "--seconds", "0"), "up to 3600"),
        (("revoke", "alice"), "There is no token in use named 'alice'"),
    ],
)
def test_a_mistake_ends_in_a_sentence_and_a_way_out(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    ran = citykg_token(*arguments, data=tmp_path)
    assert ran.returncode != 0
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_list_without_tokens_says_how_to_make_one(tmp_path: Path) -> None:
    assert "citykg token create" in citykg_token("list", data=tmp_path).stdout
