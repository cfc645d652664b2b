"""Write the pictures of the README anew, from the pages of the default build: `make screenshots`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from kg.building import pipeline
from kg.rdf.scopes import DEFAULT_WORKS
from kg.store import DataFolder
from tests.support.serving import served

FOLDER = Path(__file__).parents[2] / "docs/pictures"
PICTURES = {"home": "/", "city": "/doc/city/birmingham", "report": "/doc/passage/table-1"}


def main() -> None:
    """Build, serve and photograph. Needs the Debian packages chromium and fonts-wqy-microhei."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        folder = DataFolder(Path(made) / "data")
        pipeline.build(folder, works=DEFAULT_WORKS)
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with served(folder) as address:
            for name, path in PICTURES.items():
                page = chromium.new_page(viewport={"width": 1280, "height": 900})
                page.goto(address + path)
                page.screenshot(path=FOLDER / f"{name}.png")
                print(FOLDER / f"{name}.png")
        chromium.close()


if __name__ == "__main__":
    main()
