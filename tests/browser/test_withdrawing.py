"""Withdrawing as a whole in a browser: the thing goes from all pages that tell of it, and undo brings it back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Desk, press
from tests.support.curl import asker

pytestmark = pytest.mark.slow

ROW = "city_a,city_b,since,source,source_title,source_licence\nleeds,macao,2011,page-list,Twins of Leeds,CC0\n"
WORDS = "summary=As+listed&source=https://example.org/list&graph=curated/council&acknowledge=yes"
PLACES = {
    "/doc/city/macao": "Leeds",
    "/": "Macao",
    "/map": "Macao",
    "/ask?q=With+which+cities+is+Macao+twinned": "Leeds",
}
"""Pages that tell of the twinning, with a word that stands on none of them without it."""


def told_at(desk: Desk, page: Page) -> dict[str, bool]:
    found = {}
    for path, word in PLACES.items():
        page.goto(desk.address + path)
        found[path] = word in page.inner_html("main")
    return found


def test_a_twinning_is_withdrawn_as_a_whole_and_undone(desk: Desk) -> None:
    nowhere, everywhere = dict.fromkeys(PLACES, False), dict.fromkeys(PLACES, True)
    with desk.window("/desk", "Ann") as ann, desk.window("/desk", "Carl") as carl:
        assert told_at(desk, ann) == nowhere
        sent = ("-H", f"Authorization: Bearer {desk.token['Ann']}", "-H", "Content-Type: text/csv")
        assert asker(desk.address)(*sent, "--data-binary", ROW, f"/changes?{WORDS}").status == 201
        assert told_at(desk, ann) == everywhere
        carl.goto(f"{desk.address}/desk?about=twinning:leeds-macao")
        press(carl, "summary:has-text('Withdraw it')")
        press(carl, "label:has-text('as a whole') input", "Space")
        carl.fill("main form[action='/desk/text'] [name=summary]", "It was misread")
        press(carl, "main form[action='/desk/text'] button")
        carl.wait_for_selector("text=Another curator has to accept it")
        press(carl, "button[value=propose]")
        carl.wait_for_url("**/desk/proposals/1")
        ann.goto(carl.url)
        press(ann, "button:has-text('Accept as a change')")
        ann.wait_for_selector("[role=status]:has-text('Accepted by Ann')")
        assert told_at(desk, ann) == nowhere
        ann.goto(carl.url)
        press(ann, "[role=status] a:has-text('undo it')")
        ann.wait_for_selector("h2:has-text('What this changes')")
        assert "+ added Leeds and Macao became twins in 2011" in ann.inner_text("main")
        ann.fill("input[name=summary]", "It is there")
        press(ann, "button:has-text('Undo')")
        ann.wait_for_url("**/desk/changes/*")
        assert told_at(desk, ann) == everywhere
