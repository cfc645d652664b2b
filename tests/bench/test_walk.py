"""`python -m bench walk` on a package whose calls are known. It is run as a command, since no test imports bench."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.drawn

ROOT = Path(__file__).parent.parent.parent
TOY = {
    "__init__": """
def __getattr__(name):
    import toy.stock
    return getattr(toy.stock, name)
""",
    "shop": """
import threading
from contextlib import ExitStack

import toy
from toy import stock, till

opened = []

def sell():
    if not opened:
        opened.append(till.ring())
    class Bag:
        size = till.ring()
    names = [name for name in stock.names()]
    prices = [stock.price(name) for name in names]
    sorted(names, key=till.order)
    with ExitStack() as stack:
        stack.callback(till.ring)
    toy.price("door")
    thread = threading.Thread(target=till.ring)
    thread.start()
    thread.join()
    return own()

def own():
    return 1
""",
    "stock": """
def names():
    yield "a"
    yield from ["b", "c"]

def price(name):
    return cheap(name)

def cheap(name):
    return len(name)
""",
    "till": """
def ring():
    return 1

order = lambda name: name
""",
}


@pytest.fixture
def toy(tmp_path: Path) -> dict[str, str]:
    """The variables of a process that finds the package."""
    (tmp_path / "toy").mkdir()
    for name, text in TOY.items():
        (tmp_path / "toy" / f"{name}.py").write_text(text, encoding="utf-8")
    return {**os.environ, "PYTHONPATH": str(tmp_path)}


def walk(variables: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "bench", "walk", *arguments]
    return subprocess.run(command, cwd=ROOT, env=variables, check=True, capture_output=True, text=True).stdout


def test_each_call_of_the_second_time_counts_once(toy: dict[str, str]) -> None:
    found: dict[str, Any] = json.loads(walk(toy, "--rooms", "toy.shop:sell", "--json"))["toy.shop:sell"]
    assert found == {
        "modules": 3,
        # shop, till (Bag), stock, till (order, on leaving), stock (by the door), till (thread), shop
        "moves": 6,
        # sell, own; names, price and cheap 4 times each; ring in the class, on leaving, in the thread; order thrice
        "calls": 2 + 9 + 6,
        "rooms": {"toy.stock": 9, "toy.till": 6, "toy.shop": 2},
    }


def test_rooms_are_listed_by_count(toy: dict[str, str]) -> None:
    printed = walk(toy, "--rooms", "toy.shop:sell")
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in printed.splitlines() if "toy." in line]
    assert rows == [
        ["toy.shop:sell", "", "3", "6", "17"],
        ["toy.stock", "9"],
        ["toy.till", "6"],
        ["toy.shop", "2"],
    ]
