"""docs/processes.md lists each kind of process, each thread that lives on, and each queue that the code has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.docs.pages import ROOT

pytestmark = pytest.mark.lint

PAGE = ROOT / "docs" / "processes.md"
MODULES = sorted([*ROOT.glob("kg/**/*.py"), *ROOT.glob("server/**/*.py")])
STARTS_A_PROCESS = re.compile(
    r"subprocess\.\w+|os\.(fork|forkpty|posix_spawnp?|spawn\w+|exec\w+|system|popen)|multiprocessing\.\w+"
    r"|concurrent\.futures\.ProcessPoolExecutor|asyncio\.create_subprocess_\w+"
)
STARTS_A_THREAD = re.compile(
    r"threading\.(Thread|Timer)|concurrent\.futures\.ThreadPoolExecutor|asyncio\.to_thread|\?\.run_in_executor"
)
IS_A_QUEUE = re.compile(
    r"(queue|asyncio)\.\w*Queue|(threading|asyncio)\.(Condition|(Bounded)?Semaphore)|heapq\.heappush|\?\.create_future"
)


def calls(source: str) -> Iterator[str]:
    """Yield the dotted names of all that a module calls, as imported; `?.name` for the method of something else."""
    tree = ast.parse(source)
    imported = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            roots = {alias.name.partition(".")[0] for alias in node.names}
            imported |= {root: root for root in roots} | {a.asname: a.name for a in node.names if a.asname}
        elif isinstance(node, ast.ImportFrom):
            imported |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func.value if isinstance(node.func, ast.Subscript) else node.func
        root, dot, rest = ast.unparse(function).partition(".")
        if root in imported and "(" not in rest:
            yield imported[root] + dot + rest
        elif isinstance(function, ast.Attribute):
            yield f"?.{function.attr}"


@cache
def places(pattern: re.Pattern[str]) -> set[str]:
    """Return the modules that call what a pattern finds."""
    return {
        str(path.relative_to(ROOT))
        for path in MODULES
        if any(pattern.fullmatch(name) for name in calls(path.read_text(encoding="utf-8")))
    }


def programs() -> set[str]:
    """Return the modules that are run as programs, by which the code names them: each is a kind of process."""
    texts = {path: path.read_text(encoding="utf-8") for path in MODULES}
    names = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path, text in texts.items()
        if 'if __name__ == "__main__"' in text
    }
    return {name for name in names if any(f'"{name}"' in text for text in texts.values())}


def section(heading: str) -> str:
    """Return what stands below a heading."""
    return PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def column(heading: str, title: str) -> list[str]:
    """Return what stands between backquotes in a column of the table below a heading."""
    rows = [line.strip("|").split("|") for line in section(heading).splitlines() if line.startswith("|")]
    place = [cell.strip() for cell in rows[0]].index(title)
    return [name for row in rows[2:] for name in re.findall(r"`([^`]+)`", row[place])]


def test_every_kind_of_process_is_listed() -> None:
    assert programs()
    assert sorted(column("Kinds of process", "program")) == sorted(programs())
    assert {*column("Kinds of process", "started in")} == places(STARTS_A_PROCESS)


def test_every_thread_is_listed() -> None:
    assert {*column("Threads", "started in")} == places(STARTS_A_THREAD)


def test_every_queue_is_listed_or_said_to_be_none() -> None:
    assert places(IS_A_QUEUE) <= {*re.findall(r"`([^`]+)`", section("Queues"))}
    assert all((ROOT / place).is_file() for place in column("Queues", "in"))


STARTING = [
    ("import subprocess\nsubprocess.Popen(['ls'])", STARTS_A_PROCESS),
    ("from subprocess import Popen as P\nP(['ls'])", STARTS_A_PROCESS),
    ("import os\nif os.fork() == 0: ...", STARTS_A_PROCESS),
    ("import multiprocessing as m\nm.Process()", STARTS_A_PROCESS),
    ("from threading import Thread\nThread()", STARTS_A_THREAD),
    ("import concurrent.futures\nconcurrent.futures.ThreadPoolExecutor(1)", STARTS_A_THREAD),
    ("async def f(loop): await loop.run_in_executor(None, f)", STARTS_A_THREAD),
    ("import asyncio\nasync def f(): await asyncio.get_running_loop().run_in_executor(None, f)", STARTS_A_THREAD),
    ("import queue\nanswers: queue.Queue[int] = queue.Queue()", IS_A_QUEUE),
    ("import queue\nqueue.Queue[int]()", IS_A_QUEUE),
    ("from threading import Condition\nCondition()", IS_A_QUEUE),
]


def test_what_starts_one_is_seen() -> None:
    for source, pattern in STARTING:
        assert any(pattern.fullmatch(name) for name in calls(source)), source
