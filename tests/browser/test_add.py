"""Adding and correcting by a form in a browser: by keyboard alone, and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, press, sign_in
from tests.support.curl import asker
from tests.support.forms import FORMS, SOURCE

pytestmark = pytest.mark.slow


def test_a_twinning_is_added_by_keyboard_alone_and_its_sentence_is_seen_before(desk: Desk) -> None:
    with desk.window("/desk/add/twinning?city_a=city:leeds", "Ann") as page:
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
        page.wait_for_selector("h2:has-text('What this would change')")
        expect(page.locator("#preview")).to_contain_text("2011")
        press(page, "button[value=submit]")
        page.wait_for_url("**/desk/changes/*")
        page.goto(f"{desk.address}/desk/add/twinning")
        expect(page.locator("input[name=source]")).to_have_value("source:geonames")  # it is remembered
        expect(page.locator("input[name=source]")).to_be_hidden()  # in a line, to be kept or changed


def test_a_twinning_is_corrected_by_keyboard_alone_from_the_page_of_the_tie(desk: Desk) -> None:
    table = "city_a,city_b,since,source,source_title\nxian,york,2011,page-list,Sister cities of York\n"
    sent = ("--data-binary", table, "-H", "Content-Type: text/csv", "-H", f"Authorization: Bearer {desk.token['Ann']}")
    said = "summary=As+listed&source=https://example.org/list&graph=curated/council&acknowledge=yes"
    assert asker(desk.address)(*sent, f"/changes?{said}").status == 201
    with desk.window("/doc/twinning/xian-york") as page:
        walk_to(page, "a:text-is('Edit')")
        page.keyboard.press("Enter")
        sign_in(page, desk.token["Ann"])
        page.wait_for_selector("text=Sign out")
        walk_to(page, "main li a:text-is('Edit')")
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/add/twinning?edits=**")
        walk_to(page, "#begin-1")
        page.keyboard.press("Control+a")
        page.keyboard.type("since 2012")
        expect(page.locator("#preview")).to_contain_text("2012")
        walk_to(page, "[name=summary]")
        page.keyboard.type("A slip")
        walk_to(page, "button[value=submit]")
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/changes/*")
        told = page.inner_text("main")
        for said in ("− removed Xi'an and York became twins in 2011", "+ added Xi'an and York became twins in 2012"):
            assert said in told
        page.goto(f"{desk.address}/doc/city/york")
        assert "became twins in 2012" in page.inner_text("main")


def walk_to(page: Page, what: str) -> None:
    """Press the tabulator key until an element has the focus, as who has no pointer does."""
    wanted = page.locator(what).first
    for _ in range(150):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"The tabulator key does not lead to {what}.")


def test_a_place_that_is_chosen_stays_so_when_it_is_looked_at_first(desk: Desk) -> None:
    at = "/desk/add/twinning?source=source:geonames&twin-1=city:york&twin-2=Cornwall"
    with desk.window(at, "Carl", java_script_enabled=False) as page:
        for _ in range(2):
            with page.expect_navigation():
                press(page, "button[value=look]")
            if page.locator(".candidates [type=radio]").count():
                press(page, ".candidates [type=radio] >> nth=0", "Space")
        page.wait_for_selector("text=New here, by GeoNames: Cornwall")
        press(page, "button[value=propose]")
        page.wait_for_url("**/desk/proposals/*")


def test_an_ambiguous_name_is_chosen_and_a_fault_is_mended_without_scripts(desk: Desk) -> None:
    at = "/desk/add/membership?city=city:york&source=source:geonames"
    with desk.window(at, "Ann", java_script_enabled=False) as page:
        page.click("text=More fields")
        page.fill("#note-1", "As its page says")
        page.fill("#network-1", "No such network")
        page.click("summary:has-text('GeoNames')")
        page.fill("input[name=source]", "geonames")
        page.click("button[value=submit]")
        page.wait_for_selector("[role=alert]")
        expect(page.locator("#network-1")).to_be_focused()  # the first that is to be mended
        expect(page.locator("#network-1")).to_have_value("No such network")
        expect(page.locator("#network-1")).to_have_attribute("aria-invalid", "true")
        expect(page.locator("#note-1")).to_be_visible()  # as it was filled in
        page.fill("#network-1", "UCLG")
        page.check("input[name=role][value='role:member']")
        page.click("button[value=propose]")
        page.wait_for_url("**/desk/proposals/*")


@pytest.mark.parametrize("has_script", [True, False])
def test_each_form_is_proposed_by_keyboard_alone_and_without_scripts(desk: Desk, has_script: bool) -> None:
    with desk.window("/desk", "Ann", java_script_enabled=has_script) as page:
        for form, fields in FORMS.items():
            page.goto(f"{desk.address}/desk/add/{form}?source=&source_title=Of+{form}+{has_script}")  # none remembered
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
            press(page, "button[value=propose]")
            page.wait_for_url("**/desk/proposals/*")


def test_a_statement_is_chosen_and_withdrawn_by_keyboard_alone(desk: Desk) -> None:
    at = "/desk/add/twinning?source=&city_a=city:york&city_b=city:macao&note=Misread"
    with desk.window(at, "Ann", java_script_enabled=False) as page:
        page.click("summary:has-text('New source')")
        for name, text in SOURCE.items():
            page.fill(f"[name={name}]", text)
        page.focus("button[value=submit]")
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/changes/*")
        page.goto(f"{desk.address}/desk?about=twinning:macao-york")
        for summary in ("Withdraw it", "Single statements"):
            page.focus(f"summary:has-text('{summary}')")
            page.keyboard.press("Enter")
        page.focus("label:has-text('Misread') input")
        page.keyboard.press("Space")
        page.focus("[name=summary]")
        page.keyboard.type("It is not in the list")
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=status]:has-text('1 statement goes.')")
        page.focus("button[value=submit]")
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/changes/*")
        assert "Misread" in page.inner_text("main li:has-text('removed')")
        page.goto(f"{desk.address}/desk?about=twinning:macao-york")
        page.focus("summary:has-text('Withdraw it')")
        page.keyboard.press("Enter")
        page.focus("label:has-text('as a whole') input")
        page.keyboard.press("Space")
        page.focus("[name=summary]")
        page.keyboard.type("It is not in the list")
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=status]:has-text('Another curator has to accept it')")
        expect(page.locator(".sayings")).to_contain_text("withdrawn, and nothing takes its place")
        page.focus("button[value=propose]")
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/proposals/*")
