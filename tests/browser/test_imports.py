"""The pages of imports in a browser: with its scripts and without them, to nobody's exclusion."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page

from kg.accounts.database import Database
from kg.accounts.tokens import Role, Tokens
from kg.store.data_folder import DataFolder
from tests.browser.conftest import Barriers
from tests.support.council_list import MAPPING
from tests.support.serving import served

pytestmark = pytest.mark.slow

TABLE = "city_a,city_b,since\nJinan,York,2019\nAtlantis,York,2001\nLeeds,Oxford,2001\nLeeds,Oxford\n"
BECAME = "h2:has-text('Outcome by row')"

Seen = Callable[..., AbstractContextManager[Page]]


@pytest.fixture(scope="module")
def seen(opened_with: Seen, with_ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """Open the form in a window of its own, as a curator who has signed in."""
    folder = DataFolder(tmp_path_factory.mktemp("imports") / "data")
    shutil.copytree(with_ledger, folder.path)
    token = Tokens(Database(folder.path)).create("Ann", Role.CURATOR)
    with served(folder) as address:
        yield partial(opened_with, token, f"{address}/desk/imports")


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


def test_a_table_is_tried_and_then_imported_without_scripts(seen: Seen, filled: Callable[[Page], None]) -> None:
    with seen(java_script_enabled=False) as page:
        filled(page)
        page.wait_for_selector("button:has-text('Import what is new')")  # the page loads itself anew until then
        assert "Tried" in page.inner_text("[role=status]")
        page.check("input[name=acknowledge]")
        page.click("button:has-text('Import what is new')")
        page.wait_for_selector("[role=status] a[href^='/desk/changes/']")
        page.click("[role=status] a:has-text('undo it')")
        page.wait_for_selector("h1:has-text('Undo change')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out_of_the_form_and_of_what_came_of_it(
    seen: Seen, filled: Callable[[Page], None], barriers: Barriers, scheme: str
) -> None:
    with seen(color_scheme=scheme, bypass_csp=True) as page:
        for then in (lambda: None, lambda: (filled(page), page.wait_for_selector(BECAME))):
            then()
            assert barriers(page) == []


def test_they_fit_a_narrow_window_and_complain_of_nothing(seen: Seen, filled: Callable[[Page], None]) -> None:
    complaints: list[str] = []
    with seen(viewport={"width": 320, "height": 900}) as page:
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        filled(page)
        page.wait_for_selector(BECAME)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert complaints == []
