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
from tests.support.gazetteer import small_gazetteer
from tests.support.serving import served

pytestmark = pytest.mark.slow

WORDS = "summary=As+listed&source=https://example.org/list&graph=curated/council&acknowledge=yes"
TABLE = "city_a,city_b,since,source,source_title\njinan,york,1998,page-list,Sister cities of York\n"


@dataclass(frozen=True)
class Desk:
    """A service with one change and one proposal, and the tokens of a curator and of a contributor."""

    address: str
    tokens: Tokens
    token: str
    contributor: str


@pytest.fixture(scope="module")
def desk(with_ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = DataFolder(tmp_path_factory.mktemp("desk") / "data")
    shutil.copytree(with_ledger, folder.path)
    small_gazetteer(folder.path, PLACES).close()
    tokens = Tokens(Database(folder.path))
    ann, carl = tokens.create("Ann", Role.CURATOR), tokens.create("Carl", Role.CONTRIBUTOR)
    with served(folder) as address:
        for path, token, since in (("/proposals", carl, "1998"), ("/changes", ann, "1999")):
            table = TABLE.replace("1998", since)
            sent = ("--data-binary", table, "-H", "Content-Type: text/csv", "-H", f"Authorization: Bearer {token}")
            assert asker(address)(*sent, f"{path}?{WORDS}").status == 201
        yield Desk(address, tokens, ann, carl)


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
        page.click("a:has-text('Undo this change')")
        sign_in(page, "cdk_wrong")
        page.wait_for_selector("[role=alert]:has-text('does not exist')")
        sign_in(page, desk.token)
        page.wait_for_url("**/desk/changes/1/undo")
        (cookie,) = window.cookies()
        assert (cookie["path"], cookie["httpOnly"], cookie["sameSite"]) == ("/desk", True, "Strict")
        page.focus("input[name=summary]")
        page.keyboard.type("A mistake")
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/changes/2")
        assert page.inner_text("h1") == "Undo change 1: A mistake"
        page.goto(f"{desk.address}/changes/2")
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
        page.wait_for_selector("input[value='The list is of 1990']")
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


PLACES = """
2925533 Frankfurt%am%Main DE 05 50.11552 8.68417 650000 Frankfurt
2925535 Frankfurt%(Oder) DE 11 52.34714 14.55062 57107 Frankfurt
2867543 Münster DE 07 51.96236 7.62571 308258 Munster
2867542 Munster DE 06 52.98538 10.08993 17746
5928065 Cornwall CA 08 45.01809 -74.72815 48821
5928063 Cornwall CA 09 46.22652 -63.21809 6574
2996944 Lyon FR 84 45.74906 4.84789 520774
3173435 Milan IT 09 45.46427 9.18951 1371498
2879139 Leipzig DE 13 51.33962 12.37129 504971
4887398 Chicago US IL 41.85003 -87.65005 2664452
993800 Johannesburg ZA 06 -26.20227 28.04363 9418183
472757 Volgograd RU 84 48.71378 44.4976 1013533
2891122 Kiel DE 10 54.32133 10.13489 252668
792680 Belgrade RS SE 44.80401 20.46513 1273651
3191281 Sarajevo BA 01 43.84864 18.35644 696731
756135 Warsaw PL 78 52.22977 21.01178 1702139
2778067 Graz AT 06 47.06733 15.44197 303270
2935022 Dresden DE 13 51.05089 13.73832 564904
3050434 Kecskemét HU 01 46.90618 19.69128 109847
2759661 Arnhem NL 03 51.98 5.91111 162424
3021372 Dijon FR 27 47.31344 5.01391 159941
1799962 Nanjing CN 04 32.06167 118.77778 9314685
2652221 Coventry GB ENG 52.40656 -1.51217 345324
5221637 Coventry US RI 41.7001 -71.68284 35525
"""
"""The towns of the list and their namesakes, as GeoNames has them (CC BY 4.0)."""
TWENTY = {
    "Birmingham, UK": "Lyon,France,1951;Frankfurt,Germany,1966;Milan,Italy,1974;Leipzig,Germany,1992;Chicago,USA,1993;"
    "Johannesburg,South Africa,1997;Guangzhou,China,2006",
    "Coventry, UK": "Volgograd,Russia,1944;Kiel,Germany,1947;Belgrade,Serbia,1957;Sarajevo,Bosnia,1957;"
    "Warsaw,Poland,1957;Graz,Austria,1957;Arnhem,Netherlands,1958;Dresden,Germany,1959;Kecskemét,Hungary,1962;Cornwall,Canada,1972",
    "York, UK": "Dijon,France,1953;Münster,Germany,1957;Nanjing,China,2016",
}
"""Twin towns by city, as these cities tell them: two of them the report denies, three have namesakes in their land."""


def test_twenty_twin_towns_go_from_pasted_cells_to_the_page_of_their_city_by_keyboard(
    browser: Browser, desk: Desk
) -> None:
    rows = [f"{city}\t" + row.replace(",", "\t") for city in TWENTY for row in TWENTY[city].split(";")]
    assert len(rows) == 20

    def press(page: Page, at: str, key: str = "Enter") -> None:
        page.focus(at)
        page.keyboard.press(key)

    with browser.new_context() as window:
        page = window.new_page()
        page.set_default_timeout(120_000)
        page.goto(f"{desk.address}/desk/imports")
        sign_in(page, desk.contributor)
        page.focus("textarea[name=cells]")
        page.keyboard.insert_text("\n".join(["City\tTwin town\tCountry\tSince", *rows]))
        press(page, "summary:has-text('New source')")
        page.focus("input[name=source_title]")
        page.keyboard.type("Twin towns of three English cities")
        page.focus("input[name=source_licence]")
        page.keyboard.type("not known")
        press(page, "button:has-text('Import')")
        page.wait_for_selector("[role=status]:has-text('Tried')")
        open_rows = page.locator("fieldset:has(.mark)")
        assert [one.split(" line")[0] for one in open_rows.locator("legend").all_inner_texts()] == [
            "Frankfurt, Germany",
            "Cornwall, Canada",
            "Münster, Germany",
        ]
        objecting = page.locator("tr", has=page.locator("span.mark", has_text="objecting"))
        assert {*map(str.strip, objecting.locator("th").all_inner_texts())} == {"line 8", "line 21"}
        kiel = page.locator("tr:has(strong:has-text('Kiel'))")  # a new thing is seen before it is made
        assert "Kiel (Germany)" in kiel.inner_text()
        assert "252,668 people" in kiel.inner_text()
        assert kiel.locator("svg[aria-label='Map: where Kiel lies']").count() == 1
        press(page, "tr:has(strong:has-text('Dijon')) summary")  # a row that goes in is mended as those that do not
        page.focus("input[name='cell:18:Since']")
        page.keyboard.press("End")
        page.keyboard.type("-09")
        press(page, "tr:has(strong:has-text('Graz')) input[name=without]", "Space")
        for town in ("Frankfurt am Main", "Cornwall", "Münster"):
            press(page, f"fieldset:has(.mark) label:has-text('{town} (') >> nth=0 >> input", "Space")
        press(page, "#decisions ~ p button >> nth=0")
        page.wait_for_selector("[role=status]:has-text('Tried')")
        page.wait_for_selector("#decisions", state="detached")
        assert page.locator("input[name='cell:17:Since']").get_attribute("value") == "1953-09"
        press(page, "button:has-text('Import what is new')")
        page.wait_for_selector("[role=status]:has-text('Waiting for a curator')")
        waiting = page.url
    with browser.new_context() as window:
        page = window.new_page()
        page.goto(waiting)
        sign_in(page, desk.token)
        press(page, "button:has-text('Accept as one change')")
        page.wait_for_selector("[role=status]:has-text('Imported')")
        page.goto(f"{desk.address}/doc/city/coventry")
        for town in ("Kiel", "Cornwall", "Kecskemét"):
            assert page.locator(f"main a:has-text('{town}')").count(), town
        assert not page.locator("main a:has-text('Graz')").count()
