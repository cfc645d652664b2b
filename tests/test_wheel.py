"""The wheel, which is on no index: what `pip install .` puts in place works by itself, away from the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kg.store import DataFolder
from tests.docs.pages import ROOT

PROGRAM = """
import sys
from pathlib import Path
import kg
import server
from kg.building.sources import work_folders
from kg.rdf.scopes import DEFAULT_WORKS
from kg.store import DataFolder
from server.app import create_app
from server.service import Service

print(kg.__file__, server.__file__)
print(*work_folders(DEFAULT_WORKS))
print(*kg.open(sys.argv[1]).ask("twins-of-a-city", thing="city:leeds")["label"])
app = create_app(DataFolder(Path(sys.argv[1])))
for path in ("/", "/ontology.ttl", "/shapes.ttl", "/queries.json", "/openapi.json", "/docs/researchers", "/reconcile"):
    print(path, app.test_client().get(path).status_code)
print("editor", app.test_client().get("/assets/editor.js").status_code)
Service.of(app).close()
"""


BUNDLED = ("ontology", "shapes", "queries")


def lacking(installed: Path) -> list[Path]:
    """Return the files of the checkout that an unpacked wheel does not have."""
    places = {ROOT / name: installed / name for name in ("kg", "server")}
    places |= {ROOT / name: installed / "kg" / "_bundle" / name for name in BUNDLED}
    return [
        path
        for folder, place in places.items()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".pyc" and not (place / path.relative_to(folder)).is_file()
    ]


@pytest.mark.slow
def test_the_wheel_has_all_that_a_notebook_and_a_service_need(folder: DataFolder, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    shutil.unpack_archive(wheel, installed, "zip")
    assert lacking(installed) == []
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, folder.path],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    place, works, twins, *answers = ran.stdout.splitlines()
    assert place.split() == [str(installed / package / "__init__.py") for package in ("kg", "server")]
    assert works == str(installed / "kg" / "facts" / "rusi-2025")
    assert "Hangzhou" in twins
    assert [answer.rpartition(" ")[2] for answer in answers] == ["200"] * 8, answers
