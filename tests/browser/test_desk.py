"""Signing in and out in a browser: by keyboard, without scripts, and what ends a session in the middle of a form."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from kg.accounts.database import Database
from kg.accounts.tokens import Role, Tokens
from kg.store.data_folder import DataFolder
from tests.browser.conftest import Barriers
from tests.support.curl import asker
from tests.support.serving import served

pytestmark = pytest.mark.slow

WORDS = "summary=As+listed&source=https://example.org/list&graph=curated/council&acknowledge=yes"
TABLE = "city_a,city_b,since,source,source_title\njinan,york,1998,page-list,Sister cities of York\n"


@dataclass(frozen=True)
class Desk:
    """A service with one change and one proposal, and the token of a curator."""

    address: str
    tokens: Tokens
    token: str


@pytest.fixture(scope="module")
def desk(with_ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = DataFolder(tmp_path_factory.mktemp("desk") / "data")
    shutil.copytree(with_ledger, folder.path)
    tokens = Tokens(Database(folder.path))
    ann, carl = tokens.create("Ann", Role.CURATOR), tokens.create("Carl", Role.CONTRIBUTOR)
    with served(folder) as address:
        for path, token, since in (("/proposals", carl, "1998"), ("/changes", ann, "1999")):
            table = TABLE.replace("1998", since)
            sent = ("--data-binary", table, "-H", "Content-Type: text/csv", "-H", f"Authorization: Bearer {token}")
            assert asker(address)(*sent, f"{path}?{WORDS}").status == 201
        yield Desk(address, tokens, ann)


def sign_in(page: Page, token: str) -> None:
    page.focus("input[name=token]")
    page.keyboard.type(token)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def test_somebody_signs_in_undoes_a_change_and_signs_out_by_keyboard_without_scripts(
    browser: Browser, desk: Desk
) -> None:
    with browser.new_context(java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"{desk.address}/changes/1")
        page.click("summary:has-text('Undo')")
        page.click("a:has-text('Undo it at the desk')")
        sign_in(page, "cdk_wrong")
        page.wait_for_selector("[role=alert]:has-text('does not exist')")
        sign_in(page, desk.token)
        page.wait_for_url("**/desk/changes/1/undo")
        (cookie,) = window.cookies()
        assert (cookie["path"], cookie["httpOnly"], cookie["sameSite"]) == ("/desk", True, "Strict")
        page.focus("input[name=summary]")
        page.keyboard.type("A mistake")
        page.keyboard.press("Enter")
        page.wait_for_url("**/changes/2")
        assert page.inner_text("h1") == "A mistake"
        assert page.locator("text=Sign out").count() == 0  # a public page knows nobody
        page.goto(f"{desk.address}/desk")
        page.focus("button:has-text('Sign out')")
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/sign-in")
        assert window.cookies() == []


def test_a_token_that_is_revoked_in_the_middle_of_a_form_loses_no_text(browser: Browser, desk: Desk) -> None:
    rita = desk.tokens.create("Rita", Role.CURATOR)
    with browser.new_context() as window:
        page = window.new_page()
        page.goto(f"{desk.address}/desk/proposals/1")
        sign_in(page, rita)
        page.fill("input[name=reason]", "The list is of 1990")
        desk.tokens.revoke("Rita")
        page.click("button:has-text('Reject')")
        page.wait_for_selector("dd:has-text('The list is of 1990')")
        sign_in(page, rita)
        page.wait_for_selector("[role=alert]:has-text('was revoked')")
        sign_in(page, desk.token)
        page.click("button:has-text('Send')")
        page.wait_for_selector("[role=status]:has-text('Rejected by Ann. The list is of 1990')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out_of_the_desk(browser: Browser, desk: Desk, barriers: Barriers, scheme: str) -> None:
    narrow = {"width": 320, "height": 900}
    with browser.new_context(color_scheme=scheme, bypass_csp=True, viewport=narrow) as window:  # type: ignore[arg-type]
        page = window.new_page()
        for path in ("/desk?about=city:york", "/desk/changes/1/undo", "/desk/proposals/99"):
            page.goto(desk.address + path)
            if page.locator("input[name=token]").count():
                sign_in(page, desk.token)
                page.wait_for_selector("text=Sign out")
            page.wait_for_load_state()
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            assert barriers(page) == []


CELLS = "Town abroad\tLand\tYear of it\nGuangzhou\tChina\t2006\nJinna\tChina\t1951\nOslo\tNorway\t1950\n"


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_a_pasted_list_goes_in_as_far_as_it_is_right_and_the_rest_is_mended(
    browser: Browser, desk: Desk, barriers: Barriers, has_script: bool
) -> None:
    narrow = {"width": 320, "height": 900}
    with browser.new_context(java_script_enabled=has_script, bypass_csp=True, viewport=narrow) as window:  # type: ignore[arg-type]
        page = window.new_page()
        page.goto(f"{desk.address}/desk/imports")
        sign_in(page, desk.token)
        page.fill("textarea[name=cells]", CELLS)
        page.fill("input[name=city]", "Birmingham, GB")
        page.click("summary:has-text('New source')")
        page.fill("input[name=source_title]", f"Twins of Birmingham, {'with' if has_script else 'without'} script")
        page.fill("input[name=source_licence]", "not known")
        page.click("button:has-text('Import')")
        page.wait_for_selector("[role=status]:has-text('Failed')")
        for heading, field in {"Town abroad": "partner", "Land": "country", "Year of it": "since"}.items():
            page.select_option(f"select[name='column:{heading}']", field)
        page.click("#again button:has-text('Update plan') >> nth=0")
        page.wait_for_selector("[role=status]:has-text('Tried')")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert not has_script or barriers(page) == []
        objecting = page.locator("tr", has=page.locator("span.mark", has_text="objecting"))
        assert [*map(str.strip, objecting.locator("th").all_inner_texts())] == ["line 2"]
        assert "the one Core City without a sister city in China" in objecting.inner_text()
        page.click("button:has-text('Import what is new')")
        page.wait_for_selector("#rest")
        page.fill("input[name='cell:1:Town abroad']", "Jinan")
        page.check("input[name=without][value='2']")
        page.click("p > button[form=again]")
        page.wait_for_selector("[role=status]:has-text('Tried')")
        page.click("button:has-text('Import what is new')")
        page.wait_for_selector("[role=status]:has-text('Imported')")
        assert page.locator("#rest").count() == 0
