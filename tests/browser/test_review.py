"""A review in a browser, by keyboard, without scripts: row by row, with a question, to a city's page, and back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Desk, press

pytestmark = pytest.mark.slow

TABLE = "city_a,city_b,since,source,source_title\njinan,york,1998,page-list,Sisters\nhangzhou,york,1999,page-list,"
JINAN = ".review-row:has-text('Jinan and York')"


def write(page: Page, fields: dict[str, str]) -> None:
    for what, text in fields.items():
        page.focus(what)
        page.keyboard.insert_text(text)


def say(page: Page, text: str) -> None:
    """Ask or answer about the first of the rows that are of Jinan, where one goes on."""
    press(page, f"{JINAN} summary:has-text('Ask')")
    write(page, {f"{JINAN} input[name=text]": text})
    press(page, f"{JINAN} button")
    page.wait_for_selector(f"{JINAN} .notes:has-text('{text}')")
    assert "Sent to " in page.inner_text(f"{JINAN} [role=status]")
    assert page.evaluate("0 < document.querySelector('#said').getBoundingClientRect().y < innerHeight / 2")


def test_a_proposal_is_reviewed_by_rows_to_the_page_of_a_city_and_undone(desk: Desk) -> None:
    with desk.window("/desk/text?graph=curated/council", "Carl", java_script_enabled=False) as carl:
        write(carl, {"[name=text]": TABLE, "[name=summary]": "As listed", "[name=source]": "https://example.org/list"})
        press(carl, "button[value=propose]")
        carl.wait_for_url("**/desk/proposals/1")
        proposal = carl.url
        with desk.window("/desk/proposals?state=open", "Ann", java_script_enabled=False) as ann:
            press(ann, ".changes h2 a")
            ann.wait_for_url("**/desk/proposals/1")
            row = ann.inner_text(JINAN)
            assert "Jinan and York became twins in 1998" in row
            assert "Denied by Table 1" in row
            assert ann.locator("main :text('became twins in 1998')").count() == 1
            assert ann.inner_text(".effects").count("Denied by Table 1") == 1
            say(ann, "Since when?")
            press(ann, ".review-row:has-text('Hangzhou') input[name=row]", "Space")
            press(ann, "#rows button:has-text('Accept')")
            ann.wait_for_selector("[role=status] a:has-text('change 1')")
            ann.goto(proposal.replace("desk/proposals/1", "doc/city/york"))
            assert "Hangzhou" in ann.inner_text("main")
            carl.goto(proposal.partition("/desk")[0] + "/desk")
            press(carl, "a:has-text('A question waits for your answer')")
            press(carl, "main a:has-text('As listed')")
            carl.wait_for_url("**/desk/proposals/1")
            say(carl, "Since 1998, says the council.")
            ann.goto(proposal)
            assert "Since 1998, says the council." in ann.inner_text(JINAN)
            press(ann, "button:has-text('Accept as a change')")
            press(ann, "[role=status] a:has-text('change 2')")
            ann.wait_for_url("**/changes/2")
            assert "Carl, reviewed by Ann" in ann.inner_text("main")
            ann.goto(proposal)
            assert ("Accepted by Ann" in ann.inner_text("[role=status]"), ann.locator("text=Accept as").count()) == (
                True,
                0,
            )
            ann.goto(proposal.replace("proposals/1", "changes/1/undo"))
            assert "1 later change builds on it" in ann.inner_text("main"), "it names the source that 1 has stated"
            write(ann, {"input[name=summary]": "The list was wrong"})
            ann.focus("input[name=dependents]")
            ann.keyboard.press("Space")
            press(ann, "button:has-text('Undo')")
            ann.wait_for_url("**/changes/3")
            assert ann.locator("dd:has-text('change 1'), dd:has-text('change 2')").count() == 2
            with ann.expect_navigation():
                press(ann, "a:has-text('before the change')")
            assert "became twins in 199" in ann.inner_text("main"), "as it was"
            ann.goto(proposal.replace("desk/proposals/1", "doc/city/york"))
            assert ("Hangzhou" in ann.inner_text("main"), "Jinan" in ann.inner_text("main")) == (False, False)
        carl.goto(proposal.replace("proposals/1", "text?graph=curated/council"))
        write(carl, {"[name=text]": TABLE, "[name=summary]": "Again", "[name=source]": "https://example.org/list"})
        press(carl, "button[value=propose]")
        carl.wait_for_url("**/desk/proposals/2")


def test_single_rows_are_rejected_for_a_reason_without_a_script_at_any_width(desk: Desk) -> None:
    with desk.window("/desk/text?graph=curated/rejected", "Carl", java_script_enabled=False) as carl:
        rows = TABLE.replace("hangzhou", "wuhan").replace("jinan,york", "jinan,leicester")
        write(
            carl, {"[name=text]": rows, "[name=summary]": "To be sifted", "[name=source]": "https://example.org/list"}
        )
        press(carl, "button[value=propose]")
        carl.wait_for_url("**/desk/proposals/*")
        with desk.window(carl.url.replace(desk.address, ""), "Ann") as ann:
            ann.check("label:has-text('All rows') input")
            boxes = ann.locator(".review-row input[name=row]")
            assert boxes.evaluate_all("(all) => all.every((one) => one.checked)"), "with a script one box ticks all"
        narrow = {"viewport": {"width": 360, "height": 900}, "color_scheme": "dark"}
        with desk.window(carl.url.replace(desk.address, ""), "Ann", java_script_enabled=False, **narrow) as ann:
            before = ann.locator(".review-row").count()
            assert ann.locator("button:visible:has-text('Reject')").all_inner_texts() == ["Reject the ticked rows"]
            press(ann, ".review-row:has-text('Wuhan and York') input[name=row]", "Space")
            press(ann, "#rows button:has-text('Reject the ticked rows')")
            assert ann.evaluate("document.activeElement.name") == "reason", "which is required, and there to be written"
            write(ann, {"#rows input[name=reason]": "York says no"})
            ann.keyboard.press("Enter")  # which rejects, and does not accept
            ann.wait_for_selector("[role=status]:has-text('Ann has rejected a part of it: York says no')")
            assert ann.locator(".review-row:has-text('Wuhan and York')").count() == 0
            assert 0 < ann.locator(".review-row").count() < before
            assert "Waiting for a curator" in ann.inner_text("[role=status]")
            assert ann.evaluate("document.documentElement.scrollWidth") <= 360
