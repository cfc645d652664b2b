"""Cards of links: by pointer and by keyboard, under the policy of the pages, and gone when they are not wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Barriers, Open, Seen

pytestmark = pytest.mark.slow

_QUERY = (
    "SELECT ?city ?status { VALUES (?city ?status) { (city:birmingham status:current) (city:leeds status:current) } }"
)
_RESULT = f"/sparql?query={quote(_QUERY)}"


def asked(page: Page) -> list[str]:
    """Return what pages ask of cards from now on, as it comes."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url) if "/card?" in request.url else None)
    return found


@pytest.fixture
def result(opened: Open) -> Iterator[Seen]:
    """The page of a result, once its editor has come: that moves the table away from under a pointer."""
    with opened(_RESULT) as seen:
        expect(seen.page.locator(".editor .cm-content")).to_be_visible()
        yield seen


def test_a_link_shows_its_card_by_pointer_and_each_thing_is_asked_for_once(result: Seen) -> None:
    page, requests = result.page, asked(result.page)
    card, link = page.locator(".link-card"), page.get_by_role("cell", name="Birmingham").get_by_role("link")
    link.hover()
    expect(card).to_contain_text("Birmingham 伯明翰")
    expect(card).to_contain_text("city · named in ")
    expect(link).to_have_attribute("aria-describedby", "link-card")
    card.hover()  # on the way there it stays
    page.wait_for_timeout(400)
    expect(card).to_be_visible()
    page.locator("h1").hover()
    expect(card).to_be_hidden()
    link.hover()
    expect(card).to_be_visible()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(link).not_to_have_attribute("aria-describedby", "link-card")
    assert len(requests) == 1
    link.click()
    expect(page).to_have_url(re.compile("/doc/city/birmingham$"))
    assert (result.complaints, result.elsewhere) == ([], [])


def test_focus_by_key_shows_the_card_of_a_statement_until_it_moves_on(opened: Open, barriers: Barriers) -> None:
    with opened("/doc/city/birmingham", bypass_csp=True) as seen:
        page, card = seen.page, seen.page.locator(".link-card")
        link = page.locator(".statements a:not(.chip)[href^='/doc/'], .statements a[href^='/ontology#']").first
        link.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        expect(link).to_be_focused()
        expect(card).to_be_visible()
        assert barriers(page) == []
        page.locator("h1").hover()
        page.wait_for_timeout(400)
        expect(card).to_be_visible()
        page.keyboard.press("Escape")
        expect(card).to_be_hidden()
        expect(link).to_be_focused()


def test_a_card_that_is_left_before_it_is_there_is_not_waited_for(result: Seen) -> None:
    page, failed = result.page, []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.route("**/card?*", lambda route: None)  # it is never answered
    with page.expect_request("**/card?*"):
        page.get_by_role("cell", name="Leeds").get_by_role("link").hover()
    with page.expect_event("requestfailed"):
        page.locator("h1").hover()
    assert len(failed) == 1
    expect(page.locator(".link-card")).to_be_hidden()
    assert result.complaints == []
