"""A table with a mapping of one's own, imported in a browser without scripts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Desk
from tests.support.council_list import MAPPING

pytestmark = pytest.mark.slow

TABLE = "city_a,city_b,since\nJinan,York,2019\nAtlantis,York,2001\nLeeds,Oxford,2001\nLeeds,Oxford\n"


@pytest.fixture
def filled(tmp_path: Path) -> Callable[[Page], None]:
    """Fill the form in, and send it."""
    (tmp_path / "twins.csv").write_text(TABLE)
    (tmp_path / "mine.yaml").write_text(MAPPING)

    def fill(page: Page) -> None:
        page.set_input_files("input[name=file]", tmp_path / "twins.csv")
        page.set_input_files("input[name=mapping]", tmp_path / "mine.yaml")
        page.click("form.import button")

    return fill


def test_a_table_is_tried_and_then_imported_without_scripts(desk: Desk, filled: Callable[[Page], None]) -> None:
    with desk.window("/desk/imports", "Ann", java_script_enabled=False) as page:
        filled(page)
        page.wait_for_selector("button:has-text('Import what is new')")  # the page loads itself anew until then
        assert "Tried" in page.inner_text("[role=status]")
        page.click("button:has-text('Import what is new')")
        page.wait_for_selector("[role=status] a[href^='/desk/changes/']")
        page.click("[role=status] a:has-text('undo it')")
        page.wait_for_selector("h1:has-text('Undo change')")
