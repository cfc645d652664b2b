"""The revision of the graph that a request reads, and the part of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar

from flask import copy_current_request_context, g, request

from kg.curation import CurationService
from kg.rdf.scopes import EVERYTHING
from kg.store import Build, DataFolder, Snapshot

P = ParamSpec("P")
R = TypeVar("R")


class Revisions:
    """The revisions that requests read: the present one, or that of the past or of the future that one names."""

    def __init__(self, folder: DataFolder, curation: CurationService) -> None:
        self._folder = folder
        self._reader = curation.reader

    def current(self) -> Build:
        """Return which graph the current request reads: the current one, or that of the revision `at`.

        Raises DataFolderError if nothing is built; BadValueError and RevisionGoneError for a revision, and
        RevisionAheadError for one that has changes which the graph has not.
        """
        build: Build | None = g.get("build")
        if build is None:
            wanted, least = self.requested(), self.least_requested()
            build = self._folder.find(wanted) if wanted else self.newest_build()
            if least:
                build.require_revision(least)
            g.build = build
        return build

    def newest_build(self) -> Build:
        """Return the current build, maybe newer than what the request began with. Raises DataFolderError."""
        return self._reader.build()

    def select(self, revision: str, least: str) -> None:
        """Let the current request read revisions that it names elsewhere than in its address; empty for none."""
        g.revision_asked, g.least_asked = revision, least

    def requested(self) -> str:
        """Return the revision that the current request asks for, empty for the present one."""
        stated: str | None = g.get("revision_asked")
        return request.args.get("at", "") if stated is None else stated

    def least_requested(self) -> str:
        """Return the revision that the answer to the current request has to hold, or a later one; empty if none."""
        stated: str | None = g.get("least_asked")
        return request.args.get("min-revision", "") if stated is None else stated

    def newest_snapshot(self) -> Snapshot:
        """Return the current snapshot, open in this process: for the gate, which reads what changes rest upon.

        It may be newer than what the request began with. Raises DataFolderError if nothing is built.
        """
        return self._reader.current()

    def once(self, key: Hashable, size: int, find: Callable[[Snapshot], R]) -> R:
        """Return what is found in the newest snapshot, cached until there is a newer one (`FolderReader.once`)."""
        return self._reader.once(key, size, find)

    def snapshot_path(self) -> Path:
        """Return where the snapshot is that the current request reads."""
        return self._reader.snapshot_in(self.scope(), self.current())

    @staticmethod
    def scope() -> str:
        """Return the scope of the graph that the current request reads."""
        scope: str = g.get("scope", EVERYTHING)
        return scope

    @contextmanager
    def in_scope(self, scope: str, works: Iterable[str] = ()) -> Iterator[None]:
        """Let the current request read a scope of the graph (kg.rdf.scopes) until the block ends.

        Raises WorkNotLoadedError for works that the graph lacks, BadValueError for a name that no scope has.
        """
        build = self.current()
        build.require_works(works)
        build.require_scope(scope)
        before, g.scope = g.get("scope", EVERYTHING), scope
        try:
            yield
        finally:
            g.scope = before

    def bound(self, function: Callable[P, R]) -> Callable[P, R]:
        """Return a function that reads what the current request reads: in any thread, also once that is answered."""
        build, scope = self.current(), self.scope()

        @copy_current_request_context
        def call(*arguments: P.args, **named: P.kwargs) -> R:
            g.build = build
            with self.in_scope(scope):
                return function(*arguments, **named)

        return call

    def snapshot_bytes(self) -> int:
        """Return the bytes of the current snapshot on disk."""
        snapshot = self._folder.snapshot(self.newest_build())
        return sum(path.stat().st_size for path in snapshot.rglob("*") if path.is_file())
