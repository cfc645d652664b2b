"""Kill a writer at each step of a large change: the old store or the new one is there, whole, and nothing is left over.

Run by itself, this file is the writers that die.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Quad, RdfFormat, parse, serialize

from kg.building.verification import verify
from kg.curation.draft import Draft
from kg.curation.gate import Gate
from kg.history import History
from kg.jobs import Control
from kg.rdf.change import Change
from kg.rules import infer
from kg.shacl import ChangeValidation
from kg.store.data_folder import DataFolder
from kg.store.staging import StagedBuild
from kg.submissions import Submission
from tests.kg.curation.large.conftest import Here
from tests.support.dying import Dying, fork_for_each
from tests.support.tiers import by_tier, fresh_random
from tests.support.waiting import wait_until

pytestmark = pytest.mark.drawn

Renewed = Callable[[int], Change]

STEPS = ["reading the change", "validating the graph as it would be", "reading its tables for their checksums"]
"""Steps that are told, at which the writer dies, while its process goes on until it notices."""
BEFORE_OR_AFTER: dict[str, tuple[type, str]] = {
    "the copy is linked": (StagedBuild, "link_base"),
    "the copy is written": (StagedBuild, "copy_stores"),
    "the copy has its snapshot": (StagedBuild, "finish"),
    "the file of statements is in its place": (History, "_move_statements"),
    "the record is written": (History, "append"),
    "the copy takes over": (DataFolder, "switch"),
}
POINTS = [*STEPS, *(f"{when} {point}" for point in BEFORE_OR_AFTER for when in ("before", "after"))]


def dies() -> None:
    os.kill(os.getpid(), 9)


@contextmanager
def dying(point: str) -> Iterator[None]:
    """Die before or after a function is called; what is patched stays so, for nobody comes after."""
    when, _, what = point.partition(" ")
    owner, name = BEFORE_OR_AFTER[what]
    whole = getattr(owner, name)

    def patched(*arguments: Any, **named: Any) -> Any:
        if when == "before":
            dies()
        whole(*arguments, **named)
        dies()

    setattr(owner, name, patched)
    yield


@pytest.mark.scaled
def test_the_old_store_or_the_new_one_is_there_after_a_kill(
    small: DataFolder, renewed: Renewed, tmp_path: Path
) -> None:
    change = tmp_path / "change.nq"
    serialize(sorted(renewed(2001).added, key=str), str(change), RdfFormat.N_QUADS)
    points = fresh_random("points of the kills").sample(POINTS, by_tier(2, 3, len(POINTS)))
    with Dying(__file__, small.path, change) as dying:
        for turn, point in enumerate(points):
            before = small.require_build().changes
            assert dying.ends(f"{turn} {point}") == -9, point
            recorded = History(small.path).count()
            assert recorded - before == (point in {"after the record is written", *ENDS}), point
            with Gate(small) as gate:
                assert gate.build.changes == recorded, point
                holds = {quad in gate._open().store for quad in of(change, turn)}
                assert holds == {recorded > before}, point
            wait_until(lambda: not left_over(small))
            records, files = (sorted(small.path.glob(f"history/0*.{kind}")) for kind in ("json", "rdfp.gz"))
            assert len(files) == len(records), point
            assert [check for check in verify(small) if not check.passed] == [], point


def left_over(folder: DataFolder) -> list[Path]:
    """Open the gate, which removes what is left over, and return what is left then.

    The process of the job of a writer that died goes on until it notices, and may have written meanwhile.
    """
    with Gate(folder) as gate:
        gate._open()
    return [*folder.path.glob("builds/unfinished*"), *folder.path.glob("history/draft*")]


ENDS = {"before the copy takes over", "after the copy takes over"}


def of(change: Path, turn: int) -> frozenset[Quad]:
    text = change.read_text(encoding="utf-8").replace("2001", str(2001 + turn))
    return frozenset(parse(text, RdfFormat.N_QUADS))


def main(data: Path, change: Path, order: str) -> None:
    """Make a large change, and die at a point of it."""
    from kg.curation import gate as module

    number, _, point = order.partition(" ")
    turn = int(number)
    History.LARGE = 5
    with Gate(DataFolder(data)) as gate:
        sent = Submission(Change(of(change, turn), frozenset()))
        draft = Draft(f"id-{turn}", "submit", sent, "s", "https://example.org/s", "ann", acknowledged=True)
        if point in STEPS:
            gate.commit(draft, control=Control(lambda step, *_: dies() if step == point else None))
        Here.meanwhile = []
        module.JobProcess = Here  # so that what is done in the other process dies as well
        with dying(point):
            gate.commit(draft)


if __name__ == "__main__":
    ChangeValidation(), infer([])  # what would take each of them longer than all else
    fork_for_each(partial(main, Path(sys.argv[1]), Path(sys.argv[2])))
