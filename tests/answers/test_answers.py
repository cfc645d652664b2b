"""Every address answers as it did when its answers were recorded: what changes, changes on purpose.

What the service promises has tests of its own; this is a net under them, for CI.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import unified_diff
from pathlib import Path

import pytest

from kg.store import DataFolder
from tests.answers import record
from tests.answers.record import Noted

pytestmark = pytest.mark.slow

RECORDED = record.read()
STEPS = {step["name"]: step for step in record.load()["steps"]}
ON_PURPOSE = "If it is meant to, run `python -m tests.answers.record` and look at `git diff tests/answers`."


@pytest.fixture(scope="module")
def answers(folder: DataFolder, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Noted]:
    """What the service answers now, by the name of the step."""
    return record.replay(folder, tmp_path_factory.mktemp("answers"))


def test_each_address_answers_as_recorded(answers: Mapping[str, Noted]) -> None:
    shown = []
    for name in STEPS:
        recorded, now = [*lines(name, RECORDED[name])], [*lines(name, answers[name])]
        shown += unified_diff(recorded, now, f"{name}, recorded", f"{name}, now", lineterm="", n=0)
    if shown:
        pytest.fail("\n".join([ON_PURPOSE, *shown]), pytrace=False)


def test_each_recorded_answer_is_asked_for() -> None:
    assert list(RECORDED) == list(STEPS)


def test_what_is_written_is_read_again(answers: Mapping[str, Noted], tmp_path: Path) -> None:
    record.write(answers, tmp_path / "recorded.json")
    assert record.read(tmp_path / "recorded.json") == answers


def lines(step: str, answer: Noted) -> Iterator[str]:
    """Return the answer to a step as lines."""
    yield f"status {answer['status']}"
    for name, value in answer["headers"].items():
        yield from (f"{name}: {member}" for member in value.split(", "))
    yield from () if STEPS[step].get("grows") else answer["body"]
