"""What README says in numbers and names, compared with what is there. Its blocks and links are tested in tests/docs."""

from __future__ import annotations

from pathlib import Path

from kg.queries import catalogue

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
LONGEST = 120


def test_the_number_of_questions_is_right() -> None:
    assert "more than sixty canned questions" in README
    assert len(catalogue.canned_queries()) > 60


def test_it_can_be_read_at_one_sitting() -> None:
    assert len(README.splitlines()) <= LONGEST


def test_every_folder_is_explained() -> None:
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split()}
    folders = [path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
    for name in set(folders) - ignored:
        assert f"| {name}/ |" in README or f"| [{name}/](" in README, name
