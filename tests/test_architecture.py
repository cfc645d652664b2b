"""The house rules that a machine can see: who may import whom, and what may stand where."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.lint

ROOT = Path(__file__).parent.parent
MODULES = sorted([*ROOT.glob("kg/**/*.py"), *ROOT.glob("server/**/*.py")])
MEASUREMENTS = sorted(ROOT.glob("bench/**/*.py"))
LONGEST_FUNCTION = 60
MOST_EXPORTS = 8
MOST_MODULES = 14
MODULES_ARE_THE_DOOR = {"kg.rdf", "kg.publish"}
WORKER_PROGRAMS = ["kg.programs.query", "kg.programs.fetch"]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
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
    paths = [
        path for path in ROOT.glob("server/**/*.py") if "blueprint = Blueprint(" in path.read_text(encoding="utf-8")
    ]
    blueprints = {name(path) for path in paths}
    assert len(blueprints) > 5
    for path in paths:
        assert not (imports(path) & blueprints), path


def test_measurements_are_imported_by_nothing_but_each_other() -> None:
    others = [*MODULES, *ROOT.glob("tests/**/*.py")]
    assert len(MEASUREMENTS) > 5
    assert Path(__file__) in others
    for path in others:
        assert "bench" not in {module.partition(".")[0] for module in imports(path)}, path


def test_imports_have_no_cycle() -> None:
    paths = [*MODULES, *MEASUREMENTS]
    names = {name(path) for path in paths}
    graph = {name(path): {m for m in imports(path) if m in names} - {name(path)} for path in paths}
    for package in [n for n in names if any(m.startswith(f"{n}.") for m in names)]:
        for module, used in graph.items():
            if module.startswith(f"{package}."):
                used.discard(package)
    while graph:
        free = {module for module, used in graph.items() if not used & graph.keys()}
        assert free, f"a cycle among {sorted(graph)}"
        graph = {module: used for module, used in graph.items() if module not in free}


def test_data_folders_hold_no_python() -> None:
    for folder in ("ontology", "shapes", "queries", "kg/facts"):
        assert list((ROOT / folder).rglob("*")), folder
        assert not list((ROOT / folder).rglob("*.py"))


def test_functions_can_be_taken_in_at_a_glance() -> None:
    for path in MODULES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, f"{path}: {node.name}"


def test_the_engine_is_asked_for_quads_in_two_places() -> None:
    """Its answers have to be compared with what was asked for: kg/rdf/lookup.py says why.

    The data graph of validation is asked so often, by pyshacl, that it compares them in the loop that it has anyway.
    """
    asking = [path for path in MODULES if ".quads_for_pattern(" in path.read_text(encoding="utf-8")]
    assert asking == [ROOT / "kg" / "rdf" / "lookup.py", ROOT / "kg" / "shacl" / "data_graph.py"]


@cache
def packages() -> dict[str, Path]:
    """Return the packages below kg and server, by name."""
    return {name(path): path for path in MODULES if path.name == "__init__.py" and "." in name(path)}


@cache
def package_of(module: str) -> str:
    """Return the innermost package of which a module, or a name in one, is part; nothing for what stands at the top."""
    within = [package for package in packages() if module == package or module.startswith(f"{package}.")]
    return max(within, key=len, default="")


@cache
def defined(path: Path) -> set[str]:
    """Return the names that a module gives to something of its own, at the top."""
    found: set[str] = set()
    for node in parsed(path).body:
        for part in ast.walk(node) if isinstance(node, ast.If | ast.Try) else [node]:
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.add(part.name)
            elif isinstance(part, ast.Assign | ast.AnnAssign):
                targets = part.targets if isinstance(part, ast.Assign) else [part.target]
                found |= {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}
    return found


@cache
def exports(door: Path) -> set[str]:
    """Return the names that a package exports: those in `__all__` of its `__init__`, or all that it imports."""
    listed: set[str] = set()
    imported: set[str] = set()
    for node in parsed(door).body:
        if isinstance(node, ast.ImportFrom):
            imported |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__":
            listed = set(ast.literal_eval(node.value))
    return listed or imported


def too_big(package: str) -> Iterator[str]:
    door = packages()[package]
    if not ast.get_docstring(parsed(door)):
        yield f"{package} has no docstring"
    if len(exports(door)) > MOST_EXPORTS:
        yield f"{package} exports more than {MOST_EXPORTS} names"
    modules = [path for path in door.parent.glob("*.py") if path != door]
    if len(modules) > MOST_MODULES and package not in MODULES_ARE_THE_DOOR:
        yield f"{package} has more than {MOST_MODULES} modules"


def test_a_package_names_its_door_and_is_no_bigger_than_a_subject() -> None:
    assert [fault for package in packages() for fault in too_big(package)] == []


def past_the_door(path: Path) -> Iterator[str]:
    home = package_of(name(path))
    for node in ast.walk(parsed(path)):
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        package = package_of(node.module)
        if not package or home == package or home.startswith(f"{package}."):
            continue
        if package in MODULES_ARE_THE_DOOR:
            continue
        if node.module != package:
            yield f"{name(path)}: {node.module} lies behind the door of {package}"
        for alias in node.names:
            if node.module == package and alias.name not in {*exports(packages()[package]), *packages()}:
                yield f"{name(path)}: {package} does not export {alias.name}"


def second_hand(path: Path) -> Iterator[str]:
    """Yield what a module imports from one that has only imported it."""
    by_name = {name(module): module for module in MODULES if module.name != "__init__.py"}
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.module in by_name:
            for alias in node.names:
                if alias.name not in defined(by_name[node.module]):
                    yield f"{name(path)}: {alias.name} is not defined in {node.module}"


def test_a_name_is_imported_from_where_it_is_defined() -> None:
    assert [fault for path in MODULES for fault in second_hand(path)] == []


def test_neighbours_come_in_by_the_door() -> None:
    assert [fault for path in MODULES for fault in past_the_door(path)] == []


@pytest.mark.parametrize("program", WORKER_PROGRAMS)
def test_worker_programs_carry_nothing_heavy(program: str) -> None:
    look = f"import sys, {program}; print(*(sys.modules.keys() & {{'rdflib', 'pyshacl', 'flask', 'click', 'rich'}}))"
    ran = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout.strip() == ""
