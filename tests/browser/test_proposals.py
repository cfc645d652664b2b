"""The pages of proposals in a browser: a curator reviews one by keyboard, without scripts, to nobody's exclusion."""

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
from tests.support.curl import asker
from tests.support.serving import served

pytestmark = pytest.mark.slow

WORDS = "summary=As+the+council+lists+it&source=https://example.org/list&graph=curated/council"
TABLE = "city_a,city_b,since,source,source_title\njinan,york,1998,page-list,Sister cities of York\n"

Seen = Callable[..., AbstractContextManager[Page]]


@pytest.fixture(scope="module")
def seen(opened_with: Seen, with_ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """Open the list in a window of its own, as a curator who has signed in."""
    folder = DataFolder(tmp_path_factory.mktemp("proposals") / "data")
    shutil.copytree(with_ledger, folder.path)
    tokens = Tokens(Database(folder.path))
    ann, carl = tokens.create("Ann", Role.CURATOR), tokens.create("Carl", Role.CONTRIBUTOR)
    with served(folder) as address:
        sent = ("--data-binary", TABLE, "-H", "Content-Type: text/csv", "-H", f"Authorization: Bearer {carl}")
        assert asker(address)(*sent, f"/proposals?{WORDS}").status == 201
        yield partial(opened_with, ann, f"{address}/desk/proposals")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(seen: Seen, barriers: Barriers, scheme: str) -> None:
    with seen(color_scheme=scheme, bypass_csp=True, viewport={"width": 320, "height": 900}) as page:
        for then in (lambda: None, lambda: page.click("tbody a")):
            then()
            page.wait_for_load_state()  # without its style sheet, links of the head are too low
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            assert barriers(page) == []


def test_a_proposal_is_accepted_by_keyboard_and_not_twice(seen: Seen) -> None:
    with seen(java_script_enabled=False) as page:
        page.click("tbody a")
        address = page.url
        page.focus("main input[name=acknowledge]")  # the source has no licence: a warning
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/changes/1")
        assert "Carl, reviewed by Ann" in page.inner_text("main")
        page.go_back()
        page.goto(address)
        assert "Accepted by Ann" in page.inner_text("[role=status]")
        assert page.locator("button:has-text('Accept')").count() == 0
