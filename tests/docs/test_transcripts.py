"""What README and docs show of a shell and of Python is what these print: the blocks of a page are run in order."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from kg.store import DataFolder
from tests.docs import pages
from tests.docs.pages import Block, Command

pytestmark = pytest.mark.drawn

PUBLISHED = "http://127.0.0.1:8000"
AFTER_EACH = "\x1e"
FENCED = {"csv", "json", "mermaid", "python", "rdf-patch", "sparql", "text", "toml", "turtle", "yaml"}
NOT_RUN = 7
SLOW = {
    "docs/curating/README.md": "submits, proposes, undoes by curl, as tests/server/curation/test_curators_day.py",
    "docs/curating/concepts.md": "validates and changes concepts, as tests/kg/submissions and tests/server/curation do",
    "docs/curating/examples.md": "submits a tie of a group and an event, as tests/kg/curation/graphs/right do",
    "docs/curating/imports.md": "imports tables, as tests/kg/import_jobs does",
    "docs/curating/templates.md": "submits tables, as test_csv_templates.py and README do",
    "docs/curating/works.md": "builds the graph twice, with works of its own; test_works.py does so with a small one",
    "docs/operating/keeping.md": "backs up, restores and verifies the whole graph; test_maintenance.py a small one",
}
"""Pages whose commands take more than five seconds of a processor, with what else tries the same."""


def blocks(path: Path) -> list[Block]:
    return list(pages.blocks(path.read_text(encoding="utf-8")))


def to_run(path: Path) -> tuple[list[Command], str]:
    """Return the commands of a page, and its lines of Python."""
    shown = [block for block in blocks(path) if not block.reason]
    return (
        [command for block in shown if block.is_shell for command in pages.commands(block)],
        "".join(block.text for block in shown if block.language == "pycon"),
    )


def run(commands: Sequence[Command], folder: Path, address: str) -> list[str]:
    """Run commands in one shell in a folder, with a server in the place of the one that pages speak of."""
    for name, text in filter(None, (command.gives for command in commands)):
        if not (folder / name).exists():
            (folder / name).write_text(text, encoding="utf-8")
    (folder / ".curlrc").write_text("silent\n", encoding="utf-8")  # its progress is for terminals
    script = "exec 2>&1\n" + "".join(f"{command.text}\nprintf '{AFTER_EACH}'\n" for command in commands)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CITYKG_")}
    ran = subprocess.run(
        ["bash", "-c", script.replace(PUBLISHED, address)],
        cwd=folder,
        env={
            **kept,
            "HOME": str(folder),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    return ran.stdout.replace(address, PUBLISHED).split(AFTER_EACH)[: len(commands)]


@pytest.fixture
def served(
    both_reports: DataFolder, serving_folder: Callable[..., AbstractContextManager[str]], tmp_path: Path
) -> Callable[[bool], AbstractContextManager[str]]:
    """Put the graph of the default build into a folder of its own, and serve it if it is needed."""
    # a server of another test may have long queries in the folder that all share
    shutil.copytree(both_reports.path, tmp_path / "data", ignore=shutil.ignore_patterns("running"))
    return lambda needed: serving_folder(DataFolder(tmp_path / "data")) if needed else nullcontext(PUBLISHED)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=pytest.mark.slow) if str(path.relative_to(pages.ROOT)) in SLOW else path
        for path in pages.PAGES
        if any(block.language in {"", "pycon"} and not block.reason for block in blocks(path))
    ],
    ids=lambda path: str(path.relative_to(pages.ROOT)),
)
def test_a_page_shows_what_is_printed(
    path: Path, served: Callable[[bool], AbstractContextManager[str]], tmp_path: Path
) -> None:
    commands, python = to_run(path)
    with served(PUBLISHED in path.read_text(encoding="utf-8")) as address:
        printed = run(commands, tmp_path, address)
        tried = doctest.DocTestParser().get_doctest(python.replace(PUBLISHED, address), {}, path.name, None, None)
        assert doctest.DocTestRunner().run(tried).failed == 0
    other = [
        f"line {command.line}: {command.text}\n{output}"
        for command, output in zip(commands, printed, strict=True)
        if not command.prints(output)
    ]
    assert not other, "\n".join(["this is printed instead:", *other])


@pytest.mark.lint
def test_a_block_says_what_it_is() -> None:
    for path in pages.PAGES:
        for block in blocks(path):
            assert block.is_shell or block.language in FENCED | {"pycon"}, f"{path}:{block.line}"
            assert block.reason or not block.is_shell or list(pages.commands(block)), f"{path}:{block.line}"


@pytest.mark.lint
def test_few_blocks_are_not_run() -> None:
    reasons = [block.reason for path in pages.PAGES for block in blocks(path) if block.reason]
    marks = sum(path.read_text(encoding="utf-8").count("<!-- not run") for path in pages.PAGES)
    assert len(reasons) == marks <= NOT_RUN


PAGE = """\
Some words.

    $ cat mine.txt
    one
    two
    $ cat mine.txt | tail -1
    two
    $ echo 4e3afdd20b22 \\
        at 2026-01-31T12:00:00Z
    {hash} at {instant}
    $ seq 9
    1
    …
    9

```turtle
[] a [] .
```

<!-- not run: it would never end -->

    $ sleep infinity
"""


@pytest.mark.parametrize(
    ("words", "as_printed"),
    [
        ({"hash": "0123456789ab", "instant": "2027-01-01T00:00:00Z"}, True),
        ({"hash": "0123456789ab", "instant": "yesterday"}, False),
        ({"hash": "4e3afdd", "instant": "2026-01-31T12:00:00Z"}, False),
    ],
)
def test_blocks_are_read_run_and_compared(words: dict[str, str], as_printed: bool, tmp_path: Path) -> None:
    found = list(pages.blocks(PAGE.format(**words)))
    assert [(block.language, block.reason) for block in found] == [("", ""), ("turtle", ""), ("", "it would never end")]
    commands = list(pages.commands(found[0]))
    assert [command.line for command in commands] == [3, 6, 8, 11]
    outputs = run(commands, tmp_path, PUBLISHED)
    assert [command.prints(output) for command, output in zip(commands, outputs, strict=True)] == [
        True,
        True,
        as_printed,
        True,
    ]


def test_a_block_without_a_command_is_seen() -> None:
    (block,) = pages.blocks("\n\n    make serve\n")
    with pytest.raises(ValueError, match="line 3"):
        list(pages.commands(block))


@pytest.mark.lint
def test_no_page_is_left_out() -> None:
    assert {"README.md", "CONTRIBUTING.md"} <= {path.name for path in pages.PAGES}
    assert re.search(r"^    \$ ", (pages.ROOT / "README.md").read_text(encoding="utf-8"), re.M)
