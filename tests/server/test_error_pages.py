"""The type of every problem leads to a page that explains it."""

from __future__ import annotations

import ast
import json
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from werkzeug.exceptions import default_exceptions

from server import problems

STATUSES = range(400, 600)


def status(url: str) -> int:
    ran = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", url], capture_output=True, check=True)
    return int(ran.stdout)


def titles_in_problems() -> set[str]:
    """Return each text that stands right after a status in server/problems.py, and each name of an HTTP error."""
    found = {error.name for error in (kind() for kind in default_exceptions.values())}
    for node in ast.walk(ast.parse(Path(problems.__file__).read_text(encoding="utf-8"))):
        entries = node.elts if isinstance(node, ast.Tuple) else node.args if isinstance(node, ast.Call) else []
        values = [entry.value if isinstance(entry, ast.Constant) else None for entry in entries]
        for before, after in pairwise(values):
            if before in STATUSES and isinstance(after, str):
                found.add(after)
    return found


def test_every_title_has_its_page(address: str) -> None:
    titles = titles_in_problems()
    assert {"There is no such thing", "Not acceptable", "Method Not Allowed"} <= titles
    for title in titles:
        assert status(f"{address}/docs/errors/{title.lower().replace(' ', '-').replace(chr(39), '%27')}") == 200, title


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/doc/city/nowhere",
        "/queries/twins-of-a-city?town=x",
        "/queries/twins-of-a-city?city=%3Cx%3E",
        "/sparql?query=nonsense",
        "/sparql?query=ASK%7B%7D&format=csv",
        "/docs/errors/nothing",
    ],
)
def test_the_type_of_a_problem_leads_to_a_page_with_its_title_and_status(address: str, path: str) -> None:
    problem = json.loads(subprocess.run(["curl", "-s", f"{address}{path}"], capture_output=True, check=True).stdout)
    page = subprocess.run(
        ["curl", "-s", f"{address}{problem['type']}"], capture_output=True, check=True
    ).stdout.decode()
    assert f"<h1>{problem['title']}</h1>" in page
    assert f"<td>{problem['status']}</td>" in page
