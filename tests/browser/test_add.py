"""Adding by a form in a browser: by keyboard alone, without scripts, and for everybody."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from kg.accounts.database import Database
from kg.accounts.tokens import Role, Tokens
from kg.store.data_folder import DataFolder
from tests.browser.conftest import Barriers
from tests.support.forms import FORMS, SOURCE
from tests.support.serving import served

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def desk(with_ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a service, and the token of a curator."""
    folder = DataFolder(tmp_path_factory.mktemp("add") / "data")
    shutil.copytree(with_ledger, folder.path)
    token = Tokens(Database(folder.path)).create("Ann", Role.CURATOR)
    with served(folder) as address:
        yield address, token


def sign_in(page: Page, address: str, token: str, path: str) -> None:
    page.goto(address + path)
    page.focus("input[name=token]")
    page.keyboard.type(token)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Sign out")


def test_a_twinning_is_added_by_keyboard_alone_and_its_sentence_is_seen_before(
    browser: Browser, desk: tuple[str, str]
) -> None:
    with browser.new_context() as window:
        page = window.new_page()
        wrong: list[str] = []
        page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
        sign_in(page, *desk, "/desk/add/twinning?city_a=city:leeds")
        button = page.locator("button[value=propose]").bounding_box()
        assert button is not None
        assert button["y"] < 1000  # the whole form is seen at a glance
        expect(page.locator("#note-1")).to_be_hidden()
        page.focus("#twin-2")
        page.keyboard.type("Maca")
        page.wait_for_selector("li[role=option]:has-text('Macao')")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("#twin-2")).to_have_value("Macao")
        expect(page.locator("[name='twin-2.is']")).to_have_value("city:macao")  # it is not asked again
        page.focus("#begin-1")
        page.keyboard.type("since 2011")
        page.focus("input[name=source]")
        page.keyboard.type("GeoN")
        page.wait_for_selector("li[role=option]:has-text('GeoNames')")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("input[name=source]")).to_have_value("source:geonames")
        expect(page.locator("#preview")).to_contain_text("Leeds")
        expect(page.locator("#preview")).to_contain_text("2011")
        page.keyboard.press("Enter")  # the first button looks at it
        page.wait_for_selector("h2:has-text('Twinning of Leeds and Macao')")
        expect(page.locator("#preview")).to_contain_text("2011")
        page.focus("button[value=submit]")
        page.keyboard.press("Enter")
        page.wait_for_url("**/changes/1")
        assert wrong == []
        page.goto(f"{desk[0]}/desk/add/twinning")
        expect(page.locator("input[name=source]")).to_have_value("source:geonames")  # it is remembered
        expect(page.locator("input[name=source]")).to_be_hidden()  # in a line, to be kept or changed


def test_an_ambiguous_name_is_chosen_and_a_fault_is_mended_without_scripts(
    browser: Browser, desk: tuple[str, str]
) -> None:
    with browser.new_context(java_script_enabled=False) as window:
        page = window.new_page()
        sign_in(page, *desk, "/desk/add/membership?city=city:york&source=source:geonames")
        page.click("text=More fields")
        page.fill("#note-1", "As its page says")
        page.fill("#network-1", "No such network")
        page.click("summary:has-text('GeoNames')")
        page.fill("input[name=source]", "geonames")
        page.click("button[value=submit]")
        page.wait_for_selector("[role=alert]")
        expect(page.locator("#network-1")).to_have_value("No such network")
        expect(page.locator("#network-1")).to_have_attribute("aria-invalid", "true")
        expect(page.locator("#note-1")).to_be_visible()  # as it was filled in
        page.fill("#network-1", "UCLG")
        page.check("input[name=role][value='role:member']")
        page.click("button[value=propose]")
        page.wait_for_url("**/desk/proposals/*")


@pytest.mark.parametrize("has_script", [True, False])
def test_each_form_is_proposed_by_keyboard_alone_and_without_scripts(
    browser: Browser, desk: tuple[str, str], has_script: bool
) -> None:
    with browser.new_context(java_script_enabled=has_script) as window:
        page = window.new_page()
        sign_in(page, *desk, "/desk")
        for form, fields in FORMS.items():
            page.goto(f"{desk[0]}/desk/add/{form}?source=&source_title=Of+{form}+{has_script}")  # none remembered
            for name, text in ({**SOURCE, "source_title": ""} | fields).items():
                field = page.locator(f"[name='{name}']")
                field = field if field.count() == 1 else page.locator(f"[name='{name}'][value='{text}']")
                if not field.is_visible() or not text:
                    continue
                field.focus()
                is_choice = field.evaluate("one => one.localName == 'select'")
                if field.get_attribute("type") == "checkbox":
                    if not field.is_checked():
                        page.keyboard.press("Space")
                elif is_choice and not has_script:
                    field.select_option(text)
                else:
                    page.keyboard.press("Control+a")
                    page.keyboard.type(field.locator(f"[value='{text}']").inner_text() if is_choice else text)
            page.locator("button[value=propose]").focus()
            page.keyboard.press("Enter")
            page.wait_for_url("**/desk/proposals/*")


def test_a_statement_is_chosen_and_withdrawn_by_keyboard_alone(browser: Browser, desk: tuple[str, str]) -> None:
    with browser.new_context(java_script_enabled=False) as window:
        page = window.new_page()
        sign_in(page, *desk, "/desk/add/twinning?source=&city_a=city:york&city_b=city:macao&note=Misread")
        page.click("summary:has-text('New source')")
        for name, text in SOURCE.items():
            page.fill(f"[name={name}]", text)
        page.focus("button[value=submit]")
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/changes/*")
        page.goto(f"{desk[0]}/desk?about=twinning:macao-york")
        page.focus("summary:has-text('Withdraw statements')")
        page.keyboard.press("Enter")
        page.focus("label:has-text('Misread') input")
        page.keyboard.press("Space")
        page.focus("[name=summary]")
        page.keyboard.type("It is not in the list")
        page.keyboard.press("Enter")
        page.wait_for_selector("strong:has-text('It conforms.')")
        page.focus("button[value=submit]")
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/changes/*")
        assert "Misread" in page.inner_text("main li:has-text('removed')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out_of_the_forms(
    browser: Browser, desk: tuple[str, str], barriers: Barriers, scheme: str
) -> None:
    narrow = {"width": 320, "height": 900}
    with browser.new_context(color_scheme=scheme, bypass_csp=True, viewport=narrow) as window:  # type: ignore[arg-type]
        page = window.new_page()
        sign_in(page, *desk, "/desk/add/twinning")
        page.fill("#twin-1", "Atlantis")
        page.click("button[value=propose]")
        page.wait_for_selector("[role=alert]")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert barriers(page) == []
