"""Backups: a data folder in one file, taken while a server writes, and restored as a whole or not at all.

    desk.sqlite                 tokens and proposals, if there are any
    imports/1/…                 tables that were sent to be imported, and the outcome for each row
    current.json, builds/…      the current build: its snapshot as the store, with checksums, and its ledger; the same
                                for its scopes
    history/00000001.json …     every change, and the exemptions
    backup.json                 the description of the backup; a truncated file has none

They are copied in this order. So the history has at least the changes of the store, and the next writer applies those
that the store lacks; and no proposal is accepted without the change that it became.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import time
import zlib
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pyoxigraph import Store

from kg import garbage
from kg.accounts import Database, Sessions
from kg.building.conformance import Exemptions
from kg.building.ledger_file import LedgerFile, ledger_json
from kg.building.verification import check_desk
from kg.errors import CityKgError, DataFolderError
from kg.history import History
from kg.messages import quantity
from kg.rdf.scopes import REPORT
from kg.shortage import NoSpaceError, is_shortage, no_space_error, write_error
from kg.store import Build, DataFolder, LiveStore

FORMAT = 1

_PARTS = ("desk.sqlite", "imports", "builds", "history", "current.json")
"""The parts that a restore moves into place; `current.json`, which makes them current, is the last."""


@dataclass(frozen=True)
class Backup:
    """The description of a backup: the revision after a restore, its number of changes, and the time of the backup."""

    revision: str
    changes: int
    taken: str


class NotABackupError(CityKgError):
    """A file is not a backup, or a damaged one; nothing was changed."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(
            f"{file} is not a backup that can be restored: {why}", "Name a file that `citykg backup` wrote."
        )


def back_up(folder: DataFolder, file: Path) -> Backup:
    """Write a backup (tar, gzip), which replaces `file` once it is whole.

    It holds hashed tokens and proposals that are not public, and is readable by its owner only. Raises DataFolderError
    if nothing is built or the history is not whole, CityKgError if the file cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=f".{file.name}-", dir=file.absolute().parent) as scratch:
            written = Path(scratch) / "backup"
            backup = _write(folder, written, Path(scratch))
            written.replace(file)
    except OSError as error:
        why = error.strerror or error
        raise CityKgError(f"{file} cannot be written: {why}.", "Name another file, or make room.") from error
    return backup


def restore(folder: DataFolder, file: Path, force: bool = False) -> tuple[Backup, Path | None]:
    """Restore a backup into a folder; return its description, and where the former content of the folder is now.

    The folder is left alone until the backup has been unpacked, its chain of hashes checked, and its store brought up
    to its history. Raises NotABackupError, and DataFolderError if the folder is locked, or not empty without `force`.
    """
    if _parts_present(folder) and not force:
        raise DataFolderError(
            "{place} is in use: it holds {parts}.",
            "Name another folder with --data, or add --force: what is there is moved aside, not deleted.",
            place=folder.path,
            parts=", ".join(_parts_present(folder)),
        )
    with folder.lock():
        aside = folder.path / "restored"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        try:
            _unpack(file, aside)
            backup = _check_unpacked(file, aside)
            os.sync()  # it must be on disk before it replaces the former content
            return backup, _switch(folder, aside)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _write(folder: DataFolder, written: Path, scratch: Path) -> Backup:
    written.touch(mode=0o600)
    with written.open("wb") as raw:
        with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as tar:
            for desk in _copy_desk(folder, scratch):
                tar.add(desk, desk.name)
            _add_imports(tar, folder)
            build, copies = _copy_stores(folder, scratch)
            for copy in copies:
                tar.add(copy.store, f"{copy.of}builds/{copy.build.name}/store")
                tar.add(copy.store.with_suffix(".sha256"), f"{copy.of}builds/{copy.build.name}/store.sha256")
                _add(tar, f"{copy.of}current.json", json.dumps(asdict(copy.build), indent=2))
            if (ledger := LedgerFile(folder).read(build)) is not None:
                _add(tar, f"builds/{build.name}/ledger.json", ledger_json(build, ledger))
            changes = _add_history(tar, folder)
            backup = Backup(build.revision_of(changes), changes, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
            _add(tar, "backup.json", json.dumps({"format": FORMAT, **asdict(backup)}, indent=2))
        raw.flush()
        os.fsync(raw.fileno())
    return backup


def _copy_desk(folder: DataFolder, scratch: Path) -> list[Path]:
    """Copy the database, but no session, by SQLite's own backup; return the path of the copy.

    Return nothing if there is no database.
    """
    path, copy = folder.path / "desk.sqlite", scratch / "desk.sqlite"
    if not path.exists():
        return []
    copy.touch(mode=0o600)
    try:
        with Database(folder.path).reading() as desk, closing(sqlite3.connect(copy)) as target:
            desk.backup(target)
            Sessions.remove_all(target)
    except NoSpaceError as error:  # there is no room for the copy
        raise no_space_error(copy) from error
    return [copy]


@dataclass(frozen=True)
class _StoreCopy:
    """A copy of a snapshot, to be restored as a store; `of` is the path of its data folder within the backup."""

    build: Build
    store: Path
    of: str = ""


def _copy_stores(folder: DataFolder, scratch: Path) -> tuple[Build, list[_StoreCopy]]:
    """Copy the current snapshot and those of its scopes.

    Their files never change, but a server may replace and remove them meanwhile. A scope may have one change more,
    which the history has, too.
    """
    copies = scratch / "stores"
    while True:
        build = folder.require_build()
        try:
            folder.integrity.refuse_damaged(build)
            made = [_copy_snapshot(folder, build, copies / "all" / "store")]
            for name, scope in folder.scopes(build).items():
                below = f"builds/{build.name}/scopes/{name}/"
                made.append(replace(_copy_snapshot(scope, scope.require_build(), copies / name / "store"), of=below))
            return build, made
        except OSError:
            shutil.rmtree(copies, ignore_errors=True)
            if folder.current() == build:
                raise


def _copy_snapshot(folder: DataFolder, build: Build, copy: Path) -> _StoreCopy:
    shutil.copytree(folder.snapshot(build), copy, copy_function=_link)
    folder.integrity.seal(copy)
    return _StoreCopy(build, copy)


def _link(source: str, target: str) -> None:
    """Link a file if possible, which takes no space; else copy it."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _add_imports(tar: tarfile.TarFile, folder: DataFolder) -> None:
    """Add the complete files of imports; an import in progress is resumed from its state after a restore."""
    for path in sorted(folder.path.glob("imports/*/**/*")):
        parts = path.relative_to(folder.path).parts
        if parts[1].isdigit() and path.suffix != ".draft" and not parts[2].startswith("unfinished-"):
            with suppress(FileNotFoundError):  # it was replaced or removed meanwhile
                tar.add(path, "/".join(parts), recursive=False)


def _add_history(tar: tarfile.TarFile, folder: DataFolder) -> int:
    last = 0
    for record in History(folder.path).records():  # which checks the chain
        name = f"history/{record.number:08d}.json"
        tar.add(folder.path / name, name)
        if record.file is not None:
            tar.add(record.file.path, f"history/{record.file.path.name}")
        last = record.number
    for path in Exemptions(folder.path).paths():
        tar.add(path, f"history/exempt/{path.name}")
    return last


def _add(tar: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode()
    member = tarfile.TarInfo(name)
    member.size, member.mtime = len(content), int(time.time())
    tar.addfile(member, io.BytesIO(content))


def _unpack(file: Path, aside: Path) -> None:
    """Unpack the files of a backup. Raises NotABackupError for anything that is not part of one."""
    try:
        with tarfile.open(file, "r:gz") as tar:
            for member in tar:
                if not (member.isreg() or member.isdir()) or member.name.split("/")[0] not in (*_PARTS, "backup.json"):
                    raise NotABackupError(file, f"{member.name!r} is not part of a backup.")
                tar.extract(member, aside, filter="data")  # which refuses names that lead out of the folder
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise NotABackupError(file, f"{error}.") from error
    except OSError as error:
        raise CityKgError(
            f"{file} cannot be unpacked: {error}", "See that it is there, and that the data folder has room for it."
        ) from error


def _check_unpacked(file: Path, aside: Path) -> Backup:
    """Check an unpacked backup, apply changes that its store lacks, and return its description."""
    try:
        stated = json.loads((aside / "backup.json").read_text(encoding="utf-8"))
        if stated.pop("format") != FORMAT:
            raise NotABackupError(file, "a newer version of citykg wrote it.")
        backup = Backup(**stated)
        history = History(aside)
        if sum(1 for _ in history.records()) != backup.changes:
            raise NotABackupError(file, f"it says that it holds {quantity(backup.changes, 'change')}, but it does not.")
        _refuse_damaged(file, DataFolder(aside))
        _catch_up(DataFolder(aside), history)
        # older backups name the revision of the store when it was copied, which may lack changes of the history
        backup = replace(backup, revision=DataFolder(aside).require_build().revision)
    except (OSError, ValueError, KeyError, TypeError, DataFolderError) as error:
        if is_shortage(error):
            raise write_error(aside, error) from error
        raise NotABackupError(file, f"{error}.") from error
    desk = check_desk(DataFolder(aside))
    if not desk.passed:
        raise NotABackupError(file, f"its database of tokens is damaged: {desk.found}.")
    return backup


def _refuse_damaged(file: Path, restored: DataFolder) -> None:
    """Raise NotABackupError if a file of a store does not match its checksum."""
    build = restored.current()
    if build is None:
        raise NotABackupError(file, "it names no build that this version can read.")
    for of, scope in (
        (build, restored),
        *((scope.require_build(), scope) for scope in restored.scopes(build).values()),
    ):
        store = scope.live_store_path(of)
        with suppress(FileNotFoundError):  # backups of before 26 November 2026 have no checksums
            if damaged := scope.integrity.compare_copy(store):
                raise NotABackupError(file, f"{damaged[0].name} is not as it was when the backup was taken.")
        store.with_suffix(".sha256").unlink(missing_ok=True)  # from now on the store changes


def _catch_up(restored: DataFolder, history: History) -> None:
    """Make the snapshots of the stores, and apply the changes that were recorded after they were copied."""
    for name, scope in restored.scopes(restored.require_build()).items():
        if name != REPORT:  # to other works no change comes
            build = scope.require_build()
            scope.publish_snapshot(Store(str(scope.live_store_path(build))), build)
    LiveStore(restored, history)
    garbage.collect()  # the store has to be closed before it is moved


def _parts_present(folder: DataFolder) -> list[str]:
    return [part for part in _PARTS if (folder.path / part).exists() and not _is_empty(folder.path / part)]


def _is_empty(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _switch(folder: DataFolder, aside: Path) -> Path | None:
    """Move the former content aside and the restored one in; return where the former is now.

    A process that dies half way leaves a marker file, so that the folder does not count as empty
    (`DataFolder.current`).
    """
    replaced = None
    if _parts_present(folder):
        prefix = time.strftime("replaced-%Y%m%dT%H%M%SZ-", time.gmtime())
        replaced = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.path))
    folder.switching.touch()
    if replaced is not None:
        for old in (*reversed(_PARTS), "desk.sqlite-wal", "desk.sqlite-shm"):
            with suppress(FileNotFoundError):
                (folder.path / old).rename(replaced / old)
    for part in _PARTS:
        if (aside / part).exists():
            (aside / part).rename(folder.path / part)
    folder.switching.unlink()
    return replaced
