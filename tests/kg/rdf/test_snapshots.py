"""What functions remember of snapshots is given up together."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from pyoxigraph import Store

import kg
from kg.rdf.snapshots import clear_snapshot_caches, once_per_snapshot

PACKAGE = Path(kg.__file__).parent


def test_what_is_remembered_of_a_snapshot_is_found_once_and_again_after_it_was_given_up() -> None:
    asked: list[Store] = []

    @once_per_snapshot
    def size(snapshot: Store) -> int:
        asked.append(snapshot)
        return len(snapshot)

    one, other = Store(), Store()
    assert [size(one), size(one), size(other)] == [0, 0, 0]
    assert len(asked) == 2
    clear_snapshot_caches()
    size(one)
    assert len(asked) == 3


@pytest.mark.drawn
def test_no_function_remembers_snapshots_on_its_own() -> None:
    on_their_own = [
        f"{path.relative_to(PACKAGE)}: {function.name}"
        for path in PACKAGE.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        and any("cache" in ast.unparse(decorator) for decorator in function.decorator_list)
        and any(argument.annotation and ast.unparse(argument.annotation) == "Store" for argument in function.args.args)
    ]
    assert on_their_own == []
