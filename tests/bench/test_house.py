"""`python -m bench house` on a checkout whose size is known. It is run as a command, since no test imports bench."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.drawn

ROOT = Path(__file__).parent.parent.parent
WALKS = """
import json

walks = ("sparql", "canned", "id", "doc", "validate", "changes")
print(json.dumps({name: {"modules": len(name), "moves": 40} for name in walks}))
"""
FILES = {
    "kg/__init__.py": "",
    "kg/one.py": """class A:
    class B:
        def _told_again(self) -> None: ...

class B:
    def need(self) -> None: ...
""",
    "server/__init__.py": '"""A server."""\n',
    "bench/__init__.py": "",
    "bench/__main__.py": WALKS,
    "tests/test_two.py": """
import pytest

@pytest.mark.slow
def test_one() -> None: ...

@pytest.mark.parametrize("number", [1, 2])
def test_two(number: int) -> None: ...
""",
    "docs/processes.md": """
## Kinds of process

| kind | limits |
|---|---|
| web process | none |
| worker | 2 GB |

## Queues

| queue | bound |
|---|---|
| turns | 64 |
""",
    "pyproject.toml": '[tool.pytest.ini_options]\nmarkers = ["slow: slow"]\n',
    ".pytest_cache/test.xml": '<testsuites><testsuite tests="3" time="90.0" /></testsuites>',
}


def test_what_a_checkout_holds_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "-v -p plugin_of_others")
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "bench", "house", "--only", "--json", "--folder", str(tmp_path)]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert json.loads(printed)[tmp_path.name] == {
        "lines of kg and server": 7,
        "modules": 3,
        "packages": 2,
        "classes": 3,
        "names that several classes have": 1,
        "functions": 2,
        "functions named by a participle": 1,
        "kinds of process": 2,
        "queues": 1,
        "/sparql as CSV: modules / moves": "6 / 40",
        "canned query as CSV: modules / moves": "6 / 40",
        "/id: modules / moves": "2 / 40",
        "/doc: modules / moves": "3 / 40",
        "/validate a source: modules / moves": "8 / 40",
        "/changes a source: modules / moves": "7 / 40",
        "lines of tests": 8,
        "lines of bench": 5,
        "tests": 3,
        "minutes of make test": "1.5",
    }
