"""How large the house is: `python -m bench house`, and beside it `--at COMMIT` or `--folder FOLDER`.

Lines, modules, packages, classes and functions are those of `kg` and `server`. A function is named by a participle if
its first word is one (`asked`, `_kept_rows`). Kinds of process and queues are the rows of the tables in
docs/processes.md. Requests are measured by the `python -m bench walk` of each checkout, tests counted as pytest
collects them, and minutes are those of the last `make test` there, which leaves them in .pytest_cache.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from xml.etree import ElementTree

import click

from bench import tables

ROOT = Path(__file__).parent.parent
REQUESTS = {
    "sparql": "/sparql as CSV",
    "canned": "canned query as CSV",
    "id": "/id",
    "doc": "/doc",
    "validate": "/validate a source",
    "changes": "/changes a source",
}
BEFORE = {"kinds of process": 11, "threads": 12, "queues": 5}
"""Of commits that have no docs/processes.md, as counted by hand in the last of them."""
PARTICIPLES = frozenset(
    "begun born bought bound broken brought built caught chosen done drawn driven fallen felt forgotten found"
    " given gone grown heard held hidden kept known laid led left lost made meant met paid said seen sent shown"
    " sold spelt spent spoken stood struck swept taken taught thought told torn understood won written".split()
)
"""Those that do not end in -ed."""
NO_PARTICIPLES = frozenset("need feed embed seed speed exceed proceed".split())
_PROCESSES = Path("docs/processes.md")
_RECORDED = Path(".pytest_cache/test.xml")


@click.command()
@click.option("--at", "commits", multiple=True, metavar="COMMIT", help="Measure a commit too; may be repeated.")
@click.option(
    "--folder",
    "folders",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Measure another checkout too; may be repeated.",
)
@click.option("--only", is_flag=True, help="Leave this checkout out.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def main(commits: Sequence[str], folders: Sequence[Path], only: bool, as_json: bool) -> None:
    """Print the size of kg and server, their processes, queues and tests, and the modules that requests cross."""
    with ExitStack() as stack:
        places = {commit: stack.enter_context(_checkout(commit)) for commit in commits}
        places |= {folder.resolve().name: folder for folder in folders} | ({} if only else {"here": ROOT})
        found = {name: _measured(name, place.resolve()) for name, place in places.items()}
    if as_json:
        click.echo(json.dumps(found, indent=1))
        return
    rows = dict.fromkeys(row for figures in found.values() for row in figures)
    tables.show(("", *found), ((row, *(figures.get(row, "–") for figures in found.values())) for row in rows))


@contextmanager
def _checkout(commit: str) -> Iterator[Path]:
    git = ["git", "-C", str(ROOT), "worktree"]
    with tempfile.TemporaryDirectory(prefix="citykg-bench-") as scratch:
        place = Path(scratch) / "checkout"
        subprocess.run([*git, "add", "--quiet", "--detach", str(place), commit], check=True)
        try:
            yield place
        finally:
            subprocess.run([*git, "remove", "--force", str(place)], check=True)


def _measured(name: str, place: Path) -> dict[str, str | int]:
    click.echo(f"measuring {name}", err=True)
    modules = _modules(place, "kg", "server")
    classes, functions = _names(modules)
    return {
        "lines of kg and server": _lines(modules),
        "modules": len(modules),
        "packages": sum(path.name == "__init__.py" for path in modules),
        "classes": classes.total(),
        "names that several classes have": sum(count > 1 for count in classes.values()),
        "functions": functions.total(),
        "functions named by a participle": sum(n for name, n in functions.items() if _is_participle(name)),
        **_processes(place),
        **_walks(place),
        "lines of tests": _lines(_modules(place, "tests")),
        "lines of bench": _lines(_modules(place, "bench")),
        "tests": _tests(place),
        "minutes of make test": _minutes(place),
    }


def _modules(place: Path, *folders: str) -> list[Path]:
    return [path for folder in folders for path in (place / folder).rglob("*.py")]


def _lines(modules: Sequence[Path]) -> int:
    return sum(path.read_bytes().count(b"\n") for path in modules)


def _names(modules: Sequence[Path]) -> tuple[Counter[str], Counter[str]]:
    """Count the classes and the functions of each name."""
    classes: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for module in modules:
        for node in ast.walk(ast.parse(module.read_bytes())):
            if isinstance(node, ast.ClassDef):
                classes[node.name] += 1
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                functions[node.name] += 1
    return classes, functions


def _is_participle(name: str) -> bool:
    """Return True if the first word of the name of a function is a past participle."""
    first = name.strip("_").partition("_")[0]
    return first in PARTICIPLES or (first.endswith("ed") and len(first) > 3 and first not in NO_PARTICIPLES)


def _processes(place: Path) -> Mapping[str, int]:
    """Count the rows of the tables, each below a heading."""
    if not (place / _PROCESSES).is_file():
        return BEFORE
    counts: dict[str, int] = {}
    heading = ""
    for line in (place / _PROCESSES).read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ").lower()
            counts[heading] = -2  # the line of titles, and that below it
        elif line.startswith("|"):
            counts[heading] += 1
    return {heading: count for heading, count in counts.items() if count > 0}


def _walks(place: Path) -> Mapping[str, str]:
    figures = json.loads(_output(place, "bench", "walk", "--json"))
    return {
        f"{title}: modules / moves": f"{figures[name]['modules']} / {figures[name]['moves']}"
        for name, title in REQUESTS.items()
    }


def _tests(place: Path) -> int:
    """Count the cases, which pytest prints by file as `path: number` where it is twice to be quiet."""
    quiet = ("--override-ini", "addopts=-qq --import-mode=importlib -p no:schemathesis")
    printed = _output(place, "pytest", "--collect-only", *quiet, "-p", "no:cacheprovider", "-n", "0", "-m", "")
    return sum(int(line.rpartition(": ")[2]) for line in printed.splitlines() if line.startswith("tests/"))


def _minutes(place: Path) -> str:
    if not (place / _RECORDED).is_file():
        return "–"
    suite = ElementTree.parse(place / _RECORDED).getroot().find("testsuite")
    assert suite is not None
    return f"{float(suite.get('time', 0)) / 60:.1f}"


def _output(place: Path, *module: str) -> str:
    """Run a module by the code of a checkout, and return what it prints, whatever options others give pytest."""
    variables = {**os.environ, "PYTHONPATH": str(place), "PYTEST_ADDOPTS": ""}
    command = [sys.executable, "-m", *module]
    return subprocess.run(command, cwd=place, env=variables, stdout=subprocess.PIPE, check=True, text=True).stdout
