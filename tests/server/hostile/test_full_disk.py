"""A small disk that fills up under a service, or cannot be written, and then can: a file system in a namespace."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from kg import shortage
from kg.accounts.database import Database
from kg.accounts.tokens import Role, Tokens
from kg.building.verification import verify
from kg.store.data_folder import DataFolder
from tests.support.http import Answer, send
from tests.support.part import SMALL, only, part_of_files
from tests.support.serving import served
from tests.support.tiers import by_tier

pytestmark = pytest.mark.drawn

ROOT = Path(__file__).parents[3]
LONDON = "<https://w3id.org/city-diplomacy/id/city/london>"
ALT_LABEL = "<http://www.w3.org/2004/02/skos/core#altLabel>"
FREE = by_tier([90_000], [0, 40_000, 200_000], [0, *range(20_000, 400_000, 20_000)])
"""Bytes that are left when changes are sent."""

Told = dict[str, Any]


class SmallDisk:
    """A folder on a file system of its own, which can be filled."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    def free(self) -> int:
        """Return the bytes that are left."""
        stated = os.statvfs(self.path)
        return stated.f_bavail * stated.f_frsize

    def fill(self, left: int) -> None:
        """Leave so many bytes."""
        with self._filler.open("ab", buffering=0) as file:
            while self.free() > left:
                file.write(bytes(min(1 << 16, self.free() - left)))

    def empty(self) -> None:
        """Give all room back."""
        self._filler.unlink()


def told(answer: Answer) -> Told:
    """Return what a test looks at."""
    said = json.loads(answer.body) if answer.body else {}
    names = ("number", "title", "detail", "hint", "change", "proposer")
    revision = answer.headers.get("x-revision", "")
    return {"status": answer.status, "revision": revision, **{name: said[name] for name in names if name in said}}


def scenario(disk: SmallDisk, data: Path) -> list[Told]:
    """Send changes with all but so many bytes free, ask for the state, make room, and send the same again."""
    ann = Tokens(Database(data)).create("Ann", Role.CURATOR)
    rounds = []
    with served(DataFolder(data)) as address:

        def change(name: str, size: int, path: str = "/changes") -> Told:
            body = "".join(f'{LONDON} {ALT_LABEL} "Londinium {name} {n}"@en .\n' for n in range(size))
            headers = {"Authorization": f"Bearer {ann}", "Content-Type": "text/turtle", "Idempotency-Key": name}
            where = f"{path}?summary=Named+{name}&source=https://example.org/s&graph=curated/test"
            return told(send(address, where, method="POST", body=body, headers=headers))

        def state() -> Told:
            asked = {path: send(address, path) for path in ("/healthz", "/readyz", "/sparql?query=ASK%7B%7D")}
            with_token = send(address, "/sparql?query=ASK%7B%7D", headers={"Authorization": f"Bearer {ann}"})
            listed = json.loads(send(address, "/changes").body)["changes"]
            return {
                **{path.partition("?")[0]: told(answer) for path, answer in asked.items()},
                "with a token": with_token.status,
                "changes": {one["summary"]: one["number"] for one in listed},
            }

        for left in FREE:
            disk.fill(left)
            names = [f"{left}-{number}" for number in range(3)]
            sizes = dict(zip(names, (1, 1, 300), strict=True))
            full = {name: change(name, size) for name, size in sizes.items()}
            proposed = change(f"{left}-proposed", 1, "/proposals")
            during = state()
            disk.empty()
            again = {name: change(name, size) for name, size in sizes.items()}
            next_one, proposed_again = change(f"{left}-next", 1), change(f"{left}-proposed", 1, "/proposals")
            rounds.append(
                {"left": left, "full": full, "during": during, "again": again, "next": next_one, "after": state()}
                | {"proposed": [proposed, proposed_again]}
            )
    checks = [check.found for check in verify(DataFolder(data)) if not check.passed]
    leftovers = [str(path) for path in data.rglob("*") if "draft" in path.name or path.name.startswith("unfinished")]
    return [*rounds, {"checks": checks, "leftovers": leftovers}]


def commands(disk: SmallDisk, data: Path) -> list[Told]:
    """Run commands with next to nothing free."""
    turtle = disk.path / "a.ttl"
    turtle.write_text(f'{LONDON} {ALT_LABEL} "Londinium"@en .\n', encoding="utf-8")
    rationale = ("--summary", "Named", "--source", "https://example.org/s")
    Tokens(Database(data)).create("Ann", Role.CURATOR)
    ran = []
    all_of_them = [
        ("submit", str(turtle), *rationale),
        ("backup", str(disk.path / "backup.tar.gz")),
        ("build",),
        ("build", "--data", str(disk.path / "other")),
        ("propose", str(turtle), *rationale),
        ("token", "create", "Bob", "--role", "curator"),
        ("export", "-o", str(disk.path / "all.trig")),
        ("verify",),
        ("backup", str(data.parent.parent / "elsewhere.tar.gz")),
    ]
    for arguments in by_tier([*all_of_them[:2], all_of_them[-1]], all_of_them, all_of_them):
        disk.fill(0)
        where = {**os.environ, "CITYKG_DATA": str(data)}
        command = [sys.executable, "-c", "from kg.cli.main import main; main()", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=where, cwd=ROOT, check=False)
        disk.empty()
        left = [path.name for path in disk.path.rglob("*") if path.name.startswith(("unfinished", ".backup"))]
        left += [path.name for path in disk.path.rglob("*draft*")]
        ran.append({"command": " ".join(arguments[:2]), "code": done.returncode, "said": done.stderr, "left": left})
    return ran


@contextmanager
def read_only(place: Path) -> Iterator[None]:
    """Let a folder, or a file, be mounted read-only; what is open stays so."""
    for arguments in (["mount", "--bind"], ["mount", "-o", "remount,bind,ro"]):
        subprocess.run([*arguments, str(place), *([str(place)] if "--bind" in arguments else [])], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def unwritable(disk: SmallDisk, data: Path) -> list[Told]:
    """Send a change and a proposal while a part of the folder is mounted read-only, and once it is not any more."""
    ann = {"Authorization": f"Bearer {Tokens(Database(data)).create('Ann', Role.CURATOR)}"}
    where = "?summary=Named&source=https://example.org/s&graph=curated/test"
    rounds = []
    with served(DataFolder(data)) as address:

        def sent(path: str, name: str) -> Told:
            body = f'{LONDON} {ALT_LABEL} "Londinium {name}"@en .\n'
            return told(
                send(address, path + where, method="POST", body=body, headers={**ann, "Content-Type": "text/turtle"})
            )

        def asked(path: str) -> Told:
            return told(send(address, path))

        def read() -> list[int]:
            paths = ("/doc/city/london.ttl", "/sparql?query=ASK%7B%7D")
            return [send(address, path, headers=ann).status for path in paths]

        sent("/changes", "at first")
        for place in (data, data / "history", data / "desk.sqlite"):
            with read_only(place):
                tried = [sent(path, f"during {place.name}") for path in ("/changes", "/proposals")]
                during = [asked(path) for path in ("/readyz", "/healthz", "/sparql?query=ASK%7B%7D")]
                with_token = read()
            rounds.append({"place": place.name, "tried": tried, "during": during, "after": asked("/readyz")})
            rounds[-1]["with a token"] = with_token
            rounds[-1]["again"] = [sent(path, f"after {place.name}") for path in ("/changes", "/proposals")]
    return rounds


PAGES = (
    "/sparql?query=SELECT+*+%7B%3Fs+cd%3Atwin+%3Fo%7D&sort=-o&evidence=yes",
    "/queries/terms?kind=class&columns=term,label,definition,instances&filter.term=o&sort=-label",
    "/queries/terms.svg?kind=class&columns=term,label,definition,instances&filter.term=o&sort=-label",
    "/queries/terms.csv?kind=class&columns=term,label,definition,instances&filter.term=o&sort=-label",
)
"""Addresses that are answered from kept results."""


def pages(disk: SmallDisk, data: Path) -> list[Any]:
    """Ask for what is made of kept results: with room, on a full disk, and while the folder cannot be written."""

    def asked() -> list[tuple[int, bool, str]]:
        answers = (send(address, path, headers={"Accept": "text/html"}) for path in PAGES)
        return [
            (
                answer.status,
                b"these rows are not stored" in answer.body,
                answer.body.decode().partition("<tbody>")[2].partition("</tbody>")[0] or answer.body.decode(),
            )
            for answer in answers
        ]

    with served(DataFolder(data)) as address:
        disk.fill(0)
        full = asked()
        disk.empty()
        with read_only(data):
            during = asked()
        return [asked(), full, during]


def inside(play: str, mounted: str) -> None:
    """Play a scene on a disk that is mounted already; less room than a change takes is asked for before it."""
    shortage.ROOM_BYTES = 1
    disk = SmallDisk(Path(mounted))
    scene: Callable[[SmallDisk, Path], list[Any]] = globals()[play]
    with only(part_of_files(*SMALL)) if play != "commands" else nullcontext():  # the files of its folder
        told_of = scene(disk, disk.path / "data")
    print(json.dumps(told_of))


def played(play: str, folder: Path, tmp_path: Path) -> list[Any]:
    """Return what happens on a disk of 64 MB that has a copy of a data folder."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    script = (
        f"mount -t tmpfs -o size=64m tmpfs {mounted} && cp -a {folder} {mounted}/data && "
        f"exec {sys.executable} -c 'from tests.server.hostile.test_full_disk import inside; "
        f'inside("{play}", "{mounted}")\''
    )
    ran = subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    return list(json.loads(ran.stdout))


def may_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode == 0


needs_mount = pytest.mark.skipif(not may_mount(), reason="this user may not mount a file system in a namespace")


@needs_mount
def test_what_was_told_on_a_full_disk_is_so_and_with_room_all_is_made_once(small_built: Path, tmp_path: Path) -> None:
    *rounds, end = played("scenario", small_built, tmp_path)
    numbers: list[int] = []
    for one in rounds:
        full, during, again = one["full"], one["during"], one["again"]
        assert {answer["status"] for answer in full.values()} <= {201, 507}
        if one["left"] < 100_000:  # with more, what was refused before may have left room
            assert full[f"{one['left']}-2"]["status"] == 507
        for name, answer in full.items():
            seen, recorded = f"Named {name}" in during["changes"], answer.get("change")
            assert seen if answer["status"] == 201 else recorded or not seen  # what is recorded is written once it fits
            assert (again[name]["status"], again[name]["number"]) == (201, one["after"]["changes"][f"Named {name}"])
            assert recorded is None or "Nothing was changed" not in answer["detail"]
            assert recorded in (None, f"/changes/{again[name]['number']}")
            assert "data" not in answer.get("detail", "").replace("The data folder", "")
        assert (during["/healthz"]["status"], during["/sparql"]["status"], during["with a token"]) == (200, 200, 200)
        if one["left"] == 0:
            assert (during["/readyz"]["status"], during["/readyz"]["title"]) == (503, "Changes cannot be made")
        assert (one["next"]["status"], one["after"]["/readyz"]["status"]) == (201, 200)
        proposed, later = one["proposed"]
        assert proposed["status"] in ((201, 507) if one["left"] else (507,))
        assert (later["status"], later["number"]) == (201, proposed.get("number", later["number"]))
        numbers += [*(answer["number"] for answer in again.values()), one["next"]["number"]]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert end == {"checks": [], "leftovers": []}


@needs_mount
def test_commands_on_a_full_disk_say_so_and_leave_nothing(with_ledger: Path, tmp_path: Path) -> None:
    *others, elsewhere = played("commands", with_ledger, tmp_path)
    assert elsewhere["code"] == 0, elsewhere
    for one in others:
        assert "Traceback" not in one["said"]
        reads = one["command"].startswith("verify")
        assert (one["code"], one["left"]) == (0 if reads else 1, []), one
        assert reads or "No space left on device" in one["said"]


@pytest.mark.slow
@needs_mount
def test_a_service_that_cannot_write_is_not_ready_until_it_can(small_built: Path, tmp_path: Path) -> None:
    for one in played("unwritable", small_built, tmp_path):
        ready, health, query = one["during"]
        assert 503 in [answer["status"] for answer in one["tried"]]
        assert (ready["status"], ready.get("title")) == (503, "Changes cannot be made"), one
        assert ("Read-only file system" in ready["detail"]) == (one["place"] != "desk.sqlite")
        assert (health["status"], query["status"], one["after"]["status"]) == (200, 200, 200)
        assert one["with a token"] == [200, 200], one
        assert [answer["status"] for answer in one["again"]] == [201, 201]


@needs_mount
def test_results_are_sorted_and_filtered_where_they_cannot_be_kept(small_built: Path, tmp_path: Path) -> None:
    usual, *others = played("pages", small_built, tmp_path)
    assert [(status, says) for status, says, _ in usual] == [(200, False)] * len(PAGES)
    assert all(rows for _, _, rows in usual)
    for one in others:
        assert [rows for *_, rows in one] == [rows for *_, rows in usual]
        assert [(status, says) for status, says, _ in one] == [(200, True), (200, True), (200, False), (200, False)]
