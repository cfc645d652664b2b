"""The desk in a browser, over the real server: each page that a test comes to keeps to itself (`Desk.window`).

What is to be seen in a browser, and where it is tried:

| what | tests |
|---|---|
| signing in, idle time, signing out, a revoked token | here |
| a table of twenty, three of them ambiguous and two objecting, from cells to the page of a city | here |
| each form by keyboard and without script, a correction, a withdrawal | `test_add` |
| Turtle with faults, mended one by one | `test_check` |
| a proposal, row by row, with a question, accepted, on the page of a city, undone | `test_review` |
| axe in light and dark, no other host, no break of the policy, in each kind of state | `test_desk_states` |
"""

from __future__ import annotations

import pytest

from kg.accounts import Database, Role
from kg.accounts.sessions import IDLE_MINUTES
from tests.browser.conftest import Desk, press, sign_in
from tests.support.curl import asker

pytestmark = pytest.mark.slow

WORDS = "summary=As+listed&source=https://example.org/list&graph=curated/council&acknowledge=yes"
TABLE = "city_a,city_b,since,source,source_title\njinan,york,1998,page-list,Sister cities of York\n"


@pytest.fixture(scope="module", autouse=True)
def work(desk: Desk) -> None:
    """Let there be a proposal and a change."""
    for path, by, since in (("/proposals", "Carl", "1998"), ("/changes", "Ann", "1999")):
        table, token = TABLE.replace("1998", since), desk.token[by]
        sent = ("--data-binary", table, "-H", "Content-Type: text/csv", "-H", f"Authorization: Bearer {token}")
        assert asker(desk.address)(*sent, f"{path}?{WORDS}").status == 201


def test_somebody_signs_in_undoes_a_change_and_signs_out_by_keyboard_without_scripts(desk: Desk) -> None:
    with desk.window("/changes/1", java_script_enabled=False) as page:
        page.click("a:has-text('Undo this change')")
        sign_in(page, "cdk_wrong")
        page.wait_for_selector("[role=alert]:has-text('does not exist')")
        sign_in(page, desk.token["Ann"])
        page.wait_for_url("**/desk/changes/1/undo")
        (cookie,) = page.context.cookies()
        assert (cookie["path"], cookie["httpOnly"], cookie["sameSite"]) == ("/desk", True, "Strict")
        page.focus("input[name=summary]")
        page.keyboard.type("A mistake")
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/changes/2")
        assert page.inner_text("h1") == "Undo change 1: A mistake"
        page.goto(f"{desk.address}/changes/2")
        assert page.locator("text=Sign out").count() == 0  # a public page knows nobody
        page.goto(f"{desk.address}/desk")
        press(page, "button:has-text('Sign out')")
        page.wait_for_url("**/desk/sign-in")
        assert page.context.cookies() == []


def end_by_disuse(desk: Desk) -> None:
    """Let half an hour pass since the sessions of the desk were used last."""
    database = Database(desk.folder.path)
    with database.writing() as connection:
        connection.execute("UPDATE sessions SET used = ?", (database.now(ago=IDLE_MINUTES * 60 + 1),))


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_a_session_that_was_not_used_ends_in_the_middle_of_a_form_and_loses_no_text(
    desk: Desk, has_script: bool
) -> None:
    with desk.window("/desk/proposals/1", "Ann", java_script_enabled=has_script) as page:
        summary = "summary:has-text('about the proposal')"
        press(page, summary)
        page.focus("details:has([name=thing][value='']) input[name=text]")
        page.keyboard.type("Which page?")
        end_by_disuse(desk)
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=alert]:has-text('You are not signed in any more')")
        assert page.locator("input[value='Which page?']").count() == 1
        sign_in(page, desk.token["Ann"])
        page.wait_for_selector("text=Nothing has been done yet")
        press(page, "button:has-text('Send again')")
        page.wait_for_selector(".notes:has-text('Which page?')")
        end_by_disuse(desk)
        page.goto(f"{desk.address}/desk/mine")
        page.wait_for_url("**/desk/sign-in?to=*")


def test_a_token_that_is_revoked_in_the_middle_of_a_form_loses_no_text(desk: Desk) -> None:
    rita = desk.tokens.create("Rita", Role.CURATOR)
    with desk.window("/desk/proposals/1") as page:
        sign_in(page, rita)
        page.fill("input[name=reason]", "The list is of 1990")
        desk.tokens.revoke("Rita")
        page.click("button:has-text('Reject')")
        page.wait_for_selector("input[value='The list is of 1990']")
        sign_in(page, rita)
        page.wait_for_selector("[role=alert]:has-text('was revoked')")
        sign_in(page, desk.token["Ann"])
        page.click("button:has-text('Send')")
        page.wait_for_selector("[role=status]:has-text('Rejected by Ann. The list is of 1990')")


CELLS = "Town abroad\tLand\tYear of it\nGuangzhou\tChina\t2006\nJinna\tChina\t1951\nOslo\tNorway\t1950\n"


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_a_pasted_list_goes_in_as_far_as_it_is_right_and_the_rest_is_mended(desk: Desk, has_script: bool) -> None:
    with desk.window("/desk/imports", "Ann", java_script_enabled=has_script) as page:
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
        objecting = page.locator("tr", has=page.locator("span.mark", has_text="objecting"))
        assert [*map(str.strip, objecting.locator("th").all_inner_texts())] == ["line 2"]
        assert "Core City without a sister city in China" in objecting.inner_text()
        page.click("button:has-text('Import what is new')")
        page.wait_for_selector("#rest")
        page.fill("input[name='cell:1:Town abroad']", "Jinan")
        page.check("input[name=without][value='2']")
        page.click("p > button[form=again]")
        page.wait_for_selector("[role=status]:has-text('Tried')")
        page.click("button:has-text('Import what is new')")
        page.wait_for_selector("[role=status]:has-text('Imported')")
        assert page.locator("#rest").count() == 0


TWENTY = {
    "Birmingham, UK": "Lyon,France,1951;Frankfurt,Germany,1966;Milan,Italy,1974;Leipzig,Germany,1992;Chicago,USA,1993;"
    "Johannesburg,South Africa,1997;Guangzhou,China,2006",
    "Coventry, UK": "Volgograd,Russia,1944;Kiel,Germany,1947;Belgrade,Serbia,1957;Sarajevo,Bosnia,1957;"
    "Warsaw,Poland,1957;Graz,Austria,1957;Arnhem,Netherlands,1958;Dresden,Germany,1959;Kecskemét,Hungary,1962;Cornwall,Canada,1972",
    "York, UK": "Dijon,France,1953;Münster,Germany,1957;Nanjing,China,2016",
}
"""Twin towns by city, as these cities tell them: two of them the report denies, three have namesakes in their land."""


def test_twenty_twin_towns_go_from_pasted_cells_to_the_page_of_their_city_by_keyboard(desk: Desk) -> None:
    rows = [f"{city}\t" + row.replace(",", "\t") for city in TWENTY for row in TWENTY[city].split(";")]
    assert len(rows) == 20

    with desk.window("/desk/imports", "Carl") as page:
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
        assert "Coventry and Kiel became twins in 1947." in kiel.inner_text()
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
        press(page, "button:has-text('Propose what is new')")
        page.wait_for_selector("[role=status]:has-text('Waiting for a curator')")
        waiting = page.url.removeprefix(desk.address)
    with desk.window(waiting, "Ann") as page:
        press(page, "button:has-text('Accept as one change')")
        page.wait_for_selector("[role=status]:has-text('Accepted by Ann; it is in the graph')")
        page.goto(f"{desk.address}/doc/city/coventry")
        for town in ("Kiel", "Cornwall", "Kecskemét"):
            assert page.locator(f"main a:has-text('{town}')").count(), town
        assert not page.locator("main a:has-text('Graz')").count()
