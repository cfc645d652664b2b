"""The house rules that a machine can see: who may import whom, and what may stand where."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted([*ROOT.glob("kg/**/*.py"), *ROOT.glob("server/**/*.py")])
LONGEST_FUNCTION = 60


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_the_library_knows_no_web() -> None:
    for path in ROOT.glob("kg/**/*.py"):
        roots = {module.partition(".")[0] for module in imports(path)}
        assert not roots & {"flask", "werkzeug", "server", "jinja2"}, path


def test_blueprints_do_not_import_each_other() -> None:
    paths = [path for path in ROOT.glob("server/*.py") if "blueprint = Blueprint(" in path.read_text(encoding="utf-8")]
    blueprints = {name(path) for path in paths}
    assert len(blueprints) > 5
    for path in paths:
        assert not (imports(path) & blueprints), path


def test_imports_have_no_cycle() -> None:
    names = {name(path) for path in MODULES}
    graph = {name(path): {m for m in imports(path) if m in names} - {name(path)} for path in MODULES}
    for package in [n for n in names if any(m.startswith(f"{n}.") for m in names)]:
        for module, used in graph.items():
            if module.startswith(f"{package}."):
                used.discard(package)
    while graph:
        free = {module for module, used in graph.items() if not used & graph.keys()}
        assert free, f"a cycle among {sorted(graph)}"
        graph = {module: used for module, used in graph.items() if module not in free}


@pytest.mark.parametrize("folder", ["ontology", "shapes", "queries", "kg/facts"])
def test_data_folders_hold_no_python(folder: str) -> None:
    assert list((ROOT / folder).rglob("*")), folder
    assert not list((ROOT / folder).rglob("*.py"))


def test_functions_can_be_taken_in_at_a_glance() -> None:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, f"{path}: {node.name}"
