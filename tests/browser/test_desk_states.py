"""Each kind of state of the desk: nobody is kept out of it, it fits a narrow window and keeps to itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Barriers, Desk, sign_in
from tests.support.forms import FORMS

pytestmark = pytest.mark.slow

NARROW: dict[str, Any] = {"viewport": {"width": 320, "height": 900}}
_OF_COLOURS = ("color-contrast", "link-in-text-block")
_TIE = "/desk/add/twinning?source=source:geonames&begin=2001&status=status:current&twin-1=city:york&twin-2="
_FAULTS = "PREFIX cd: <https://w3id.org/city-diplomacy/ontology#>\ncity:york cd:withn status:curent .\n"
_ROWS = (
    "city_a,city_b,since,source,source_title\njinan,york,1998,page-list,Sister cities\nhangzhou,york,1999,page-list,\n"
)
_CELLS = (
    "Twin town\tCountry\tSince\nKiel\tGermany\t1947\nFrankfurt\tGermany\t\nQuark\tFrance\t2001\nJinan\tChina\t1998\n"
)


def states(desk: Desk, ann: Page, carl: Page) -> Iterator[tuple[str, Page]]:
    """Lead two windows in which nobody has signed in from state to state, and yield the name of each and its window."""

    yield "sign in", ann
    sign_in(ann, "cdk_wrong")
    ann.wait_for_selector("[role=alert]")
    yield "a wrong token", ann
    for page, name in ((ann, "Ann"), (carl, "Carl")):
        sign_in(page, desk.token[name])
        page.wait_for_selector("text=Sign out")
    yield from _of_forms(desk, ann)
    yield from _of_review(desk, ann, carl)
    yield from _of_texts(desk, ann, carl)
    yield from _of_tables(desk, ann)
    yield "what is not there", _go(desk, ann, "/desk/proposals/999")
    _go(desk, carl, "/desk/text").fill("[name=text]", _FAULTS)
    carl.context.clear_cookies()
    carl.click("button[value=keep]")
    carl.wait_for_selector("text=You are not signed in any more")
    yield "signed out in a form", carl
    sign_in(carl, desk.token["Carl"])
    carl.wait_for_selector("button:has-text('Send again')")
    yield "a form to be sent again", carl


def _of_forms(desk: Desk, ann: Page) -> Iterator[tuple[str, Page]]:
    yield "desk", ann
    yield "a thing at the desk", _go(desk, ann, "/desk?about=city:york")
    for form in FORMS:
        yield f"{form}, empty", _go(desk, ann, f"/desk/add/{form}?source=")
        ann.click("button[value=look]")
        ann.wait_for_selector("[role=alert]")
        yield f"{form}, refused", ann
    _go(desk, ann, f"{_TIE}Cornwall").click("button[value=look]")
    ann.wait_for_selector(".candidates")
    yield "an ambiguous name", ann
    _go(desk, ann, f"{_TIE}city:xian").click("button[value=look]")
    ann.wait_for_selector("text=What this would change")
    yield "looked at", ann
    ann.click("button[value=keep]")
    ann.wait_for_url("**?draft=*")
    yield "a draft", ann


def _of_review(desk: Desk, ann: Page, carl: Page) -> Iterator[tuple[str, Page]]:
    _go(desk, carl, f"{_TIE}city:xian").click("button[value=propose]")
    carl.wait_for_url("**/desk/proposals/*")
    yield "a proposal of one's own", carl
    yield "a proposal to review", _go(desk, ann, carl.url)
    ann.click("button:has-text('Accept as a change')")
    ann.wait_for_selector("text=Accepted by Ann")
    yield "an accepted proposal", ann
    _go(desk, carl, "/desk?about=twinning:xian-york").click("main li a:text-is('Edit')")
    carl.fill("#begin-1", "2002")
    carl.click("button[value=propose]")
    carl.wait_for_url("**/desk/proposals/*")
    ann.click("[role=status] a:has-text('change')")
    yield "a change", ann
    ann.click("a:has-text('Undo this change')")
    yield "an undo", ann
    ann.fill("input[name=summary]", "A trial")
    ann.click("main button:has-text('Undo')")
    ann.wait_for_selector("dt:has-text('Undoes')")
    yield "undone", ann
    yield "a proposal without its ground", _go(desk, ann, carl.url)


def _of_texts(desk: Desk, ann: Page, carl: Page) -> Iterator[tuple[str, Page]]:
    yield "a text, empty", _go(desk, ann, "/desk/text")
    ann.fill("[name=text]", _FAULTS)
    ann.click("button:text-is('Check')")
    ann.wait_for_selector("h2:has-text('Findings')")
    yield "a text with faults", ann
    _go(desk, carl, "/desk/text?graph=curated/council").fill("[name=text]", _ROWS)
    carl.fill("[name=summary]", "As listed")
    carl.fill("[name=source]", "https://example.org/list")
    carl.click("button[value=propose]")
    carl.wait_for_url("**/desk/proposals/*")
    yield "a proposal of rows", _go(desk, ann, carl.url)
    yield "the queue", _go(desk, ann, "/desk/proposals?state=open&order=oldest")
    for page in (ann, carl):
        yield "one's own work", _go(desk, page, "/desk/mine")


def _of_tables(desk: Desk, ann: Page) -> Iterator[tuple[str, Page]]:
    for cells, became in ((_CELLS.replace("Twin town", "Ort da draussen"), "Failed"), (_CELLS, "Tried")):
        _go(desk, ann, "/desk/imports").fill("[name=cells]", cells)
        ann.fill("[name=city]", "Birmingham, GB")
        ann.click("summary:has-text('New source')")
        ann.fill("[name=source_title]", "Twin towns of Birmingham")
        ann.click("button[name=dry_run]")
        ann.wait_for_selector(f"[role=status]:has-text('{became}')")
        yield f"an import: {became}", ann
    yield "imports", _go(desk, ann, "/desk/imports")


def _go(desk: Desk, page: Page, path: str) -> Page:
    page.goto(desk.address + path.removeprefix(desk.address))
    return page


def test_each_state_fits_a_narrow_window_and_keeps_to_itself(desk: Desk) -> None:
    with desk.window("/desk", **NARROW) as ann, desk.window("/desk", **NARROW) as carl:
        wide = {
            name: page.evaluate("document.documentElement.scrollWidth")
            for name, page in states(desk, ann, carl)
            if page.evaluate(
                "document.documentElement.scrollWidth > 320 || [...document.querySelectorAll('main .table')]"
                ".some(one => one.scrollWidth > one.clientWidth)"
            )
        }
    assert wide == {}


def test_nobody_is_kept_out_of_any_state(desk: Desk, barriers: Barriers) -> None:
    found = {}
    with desk.window("/desk", bypass_csp=True) as ann, desk.window("/desk", bypass_csp=True) as carl:
        for name, page in states(desk, ann, carl):
            page.emulate_media(color_scheme="light", reduced_motion="reduce")  # so that colours change at once
            found[name] = barriers(page)
            page.emulate_media(color_scheme="dark")
            found[name] += barriers(page, *_OF_COLOURS)
    assert {name: one for name, one in found.items() if one} == {}
