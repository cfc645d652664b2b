"""The editor of queries in a browser: under the policy of the pages, by keyboard, offline, and without script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from kg.workers import QueryLimits
from tests.browser.conftest import Barriers, Open, OpenAt, Seen
from tests.support.serving import Serving

pytestmark = pytest.mark.slow

_TWINS = "SELECT ?twin WHERE { city:leeds cd:twinnedWith ?twin }"

_COMPLETED = {
    "SEL": "SELECT",
    "* { ?c a cd:Cit": "cd:City",
    " ; cd:twinnedW": "cd:twinnedWith",
    " Birm": "city:birmingham",
    " ; geo:has": "geo:hasGeometry",
    " ?g . ?g geo:as": "geo:asWKT",
}
"""What is typed, and what is chosen of what is offered then."""
_BUSY = re.compile(r"status of (429|503)")
"""What the service answers when it is busy; the editor asks again."""
_SLOW = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER (?a != ?i) }"


@pytest.fixture
def workbench(opened: Open) -> Iterator[Seen]:
    """The page of SPARQL with its editor, which asks no other host and breaks no policy."""
    with opened("/sparql") as seen:
        expect(editor(seen.page)).to_be_visible()
        yield seen
        assert [text for text in seen.complaints if not _BUSY.search(text)] == []
        assert seen.elsewhere == []


def editor(page: Page) -> Locator:
    return page.locator(".editor .cm-content")


def write(page: Page, text: str) -> None:
    """Type over what is in the editor; brackets close by themselves, so the text is given at once."""
    editor(page).focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(text)


def written(page: Page) -> str:
    return str(page.locator("textarea[name=query]").evaluate("field => field.value"))


def test_a_query_is_written_and_run_by_keyboard(workbench: Seen) -> None:
    page = workbench.page
    write(page, _TWINS)
    page.keyboard.press("Control+/")
    assert written(page).startswith("# SELECT")
    page.keyboard.press("Control+/")
    assert written(page) == _TWINS
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("cell", name="Hangzhou").first).to_be_visible()
    assert written(page) == _TWINS


def test_escape_and_then_tab_leaves_the_editor_and_tab_alone_indents(workbench: Seen) -> None:
    page = workbench.page
    write(page, "")
    page.keyboard.press("Tab")
    assert written(page) == "  "
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Run")).to_be_focused()
    expect(page.locator("#keys")).to_contain_text("Escape, then Tab")


def test_an_empty_editor_becomes_a_map_by_completion(workbench: Seen) -> None:
    page = workbench.page
    write(page, "")
    for typed, chosen in _COMPLETED.items():
        page.keyboard.type(typed, delay=20)
        page.get_by_role("option").filter(has_text=chosen).first.click()
    page.keyboard.type(" ?place")
    pattern = "?c a cd:City ; cd:twinnedWith city:birmingham ; geo:hasGeometry ?g . ?g geo:asWKT ?place"
    assert re.sub(r"PREFIX .*\n", "", written(page)) == f"SELECT * {{ {pattern}}}"
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("cell", name="Guangzhou").first).to_be_visible()
    page.get_by_role("link", name="Map", exact=True).last.click()
    expect(page.locator("main figure svg").first).to_contain_text("Guangzhou")


def test_completion_says_what_a_term_is_in_both_languages(workbench: Seen) -> None:
    page = workbench.page
    write(page, "SELECT * { ?x a cd:Cit")
    page.keyboard.press("Control+Space")
    city = page.get_by_role("option").filter(has_text=re.compile(r"cd:City\s*city · 城市\s*\d{2}"))  # wherever it comes
    expect(city).to_be_visible()
    while city.get_attribute("aria-selected") != "true":  # on a busy machine those come first that were found in time
        page.keyboard.press("ArrowDown")
    expect(page.locator(".cm-completionInfo")).to_contain_text("urban polity")
    page.wait_for_timeout(200)  # a key right after a list opens is not meant for it, and the list is left
    page.keyboard.press("Enter")
    assert written(page).endswith("SELECT * { ?x a cd:City")


def test_a_misspelt_term_is_marked_and_mended_by_key(workbench: Seen) -> None:
    page = workbench.page
    write(page, "SELECT * { ?x a cd:Citty }")
    expect(page.locator(".cm-lintRange-warning")).to_have_text("cd:Citty")
    page.keyboard.press("F8")
    expect(page.get_by_text("did you mean cd:City?").first).to_be_visible()
    page.keyboard.press("Alt+Enter")
    expect(page.locator(".cm-lintRange-warning")).to_have_count(0)
    assert written(page) == "SELECT * { ?x a cd:City }"
    write(page, "SELECT * { ?x a cd:City")
    expect(page.locator(".cm-lintPoint-error")).to_have_count(1)
    page.keyboard.press("F8")  # the finding is where the cursor stands
    expect(page.locator(".cm-diagnostic-error")).to_be_visible()


def test_a_query_as_it_was_run_is_judged_when_findings_are_asked_for(opened: Open) -> None:
    with opened("/sparql?query=" + quote("SELECT * { ?x a cd:Citty }\n")) as seen:
        page = seen.page
        editor(page).focus()
        page.keyboard.press("Control+End")
        page.keyboard.press("F8")
        expect(page.locator(".cm-diagnostic")).to_contain_text("did you mean cd:City?")
        page.keyboard.press("Alt+Enter")
        assert written(page) == "SELECT * { ?x a cd:City }\n"


def test_a_broken_query_is_marked_at_its_place_and_a_whole_one_formatted(workbench: Seen) -> None:
    page = workbench.page
    write(page, "select * { ?x a cd:City ")
    expect(page.locator(".cm-lintRange-error, .cm-lintPoint-error")).to_have_count(1)
    page.keyboard.insert_text("}")
    expect(page.locator(".cm-lintRange-error, .cm-lintPoint-error")).to_have_count(0)
    page.keyboard.press("Shift+Alt+F")
    expect(editor(page)).to_contain_text("SELECT")
    assert written(page) == "SELECT * {\n  ?x a cd:City\n}"


def test_a_term_under_the_pointer_is_explained(workbench: Seen) -> None:
    page = workbench.page
    write(page, "SELECT * { ?x a cd:City }")
    page.get_by_text("cd:City", exact=True).hover()
    card = page.locator(".cm-tooltip-hover")
    expect(card).to_contain_text("urban polity")
    expect(card.get_by_role("link")).to_have_attribute("href", "/ontology#City")


def test_typing_over_a_selection_breaks_no_policy_and_brackets_close(workbench: Seen) -> None:
    page = workbench.page
    editor(page).focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("ASK { ?x a cd:City")
    assert written(page) == "ASK { ?x a cd:City}"


def test_a_question_is_found_opened_and_inserted(workbench: Seen) -> None:
    page = workbench.page
    page.get_by_role("button", name="Questions").click()
    page.get_by_label("Filter").fill("twinned city")
    page.get_by_role("button", name=re.compile("^Open: With which cities is a city twinned")).click()
    expect(editor(page)).to_contain_text("SELECT ?twin ?label")
    write(page, "SELECT * {  }")
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name=re.compile("^Insert: With which cities is a city twinned")).click()
    expect(editor(page)).to_contain_text("cd:accountOf")
    assert written(page).startswith("SELECT * { {")


def test_the_history_has_the_last_twenty_and_forgets_them(workbench: Seen) -> None:
    page = workbench.page
    texts = [f"ASK {{ ?x cd:year {number} }}" for number in range(20)]
    page.evaluate(
        "texts => localStorage.setItem('citykg.history', JSON.stringify(texts.map(text => ({text, at: 0}))))", texts
    )
    write(page, f"#+ summary: Twins\n\nPREFIX c: <http://c/>\n{_TWINS}")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Result")).to_be_visible()
    page.get_by_role("button", name="History").click()
    items = page.locator(".drawer li")
    expect(items).to_have_count(20)
    expect(items.first.locator("code")).to_have_text(_TWINS)
    expect(items.first.locator("time")).to_contain_text(re.compile(r"\d \w+ \d{4}"))
    page.keyboard.press("Escape")
    expect(items).to_have_count(0)
    expect(page.get_by_role("button", name="History")).to_be_focused()
    page.keyboard.press("Enter")
    items.nth(1).get_by_role("button", name=re.compile("Open")).click()
    assert written(page) == texts[0]
    items.first.get_by_role("button", name=re.compile("Delete")).click()
    expect(items).to_have_count(19)
    page.get_by_role("button", name="Delete all").click()
    expect(items).to_have_count(0)
    assert page.evaluate("localStorage.getItem('citykg.history')") == "[]"


def test_a_short_link_shares_the_page_and_of_a_changed_query_what_the_form_asks(opened: Open) -> None:
    asked = f"/sparql?query={quote(_TWINS)}&evidence=yes&sort=-twin&hide=twin&view=table&filter.twin=%E6%9D%AD"
    with opened(asked, permissions=["clipboard-read", "clipboard-write"]) as seen:
        page, start = seen.page, seen.page.url

        def copied() -> str:
            page.get_by_role("button", name="Copy link").click()
            expect(page.get_by_text("The link is copied.")).to_be_visible()
            assert "#q=" not in page.url
            return str(page.evaluate("navigator.clipboard.readText()"))

        expect(editor(page)).to_be_visible()
        link = copied()
        assert page.url == start
        page.goto("about:blank")
        page.goto(link)
        page.wait_for_url("**/sparql?*")
        assert parse_qs(urlsplit(page.url).query) == parse_qs(urlsplit(start).query)
        expect(editor(page)).to_contain_text("city:leeds")
        write(page, "ASK { ?x a cd:City }")
        page.goto(copied())
        page.wait_for_url("**/sparql?query=ASK*")
        assert parse_qs(urlsplit(page.url).query) == {"query": ["ASK { ?x a cd:City }"], "evidence": ["yes"]}
        page.goto(page.url.split("?")[0] + "#q=%00nothing")
        expect(editor(page)).to_be_visible()


def test_what_changes_a_result_leads_to_the_result(opened: Open) -> None:
    with opened(f"/sparql?query={quote(_TWINS)}", java_script_enabled=False) as seen:
        page = seen.page
        expect(page.get_by_text("Ctrl+Enter")).to_be_hidden()
        page.get_by_role("columnheader").get_by_role("link").click()
        expect(page.get_by_role("table")).to_be_in_viewport()
        page.get_by_text("Columns and filters").click()
        page.get_by_role("link", name="Values of twin").click()
        values = page.locator(".values li a")
        expect(values.first).to_be_in_viewport()
        boxes = [box for box in map(Locator.bounding_box, values.all()) if box]
        assert min(box["height"] for box in boxes) >= 24
        assert all(b["y"] - a["y"] >= 24 for a, b in pairwise(boxes) if a["x"] == b["x"])
        page.get_by_label("twin contains").fill("xyzzy")
        page.get_by_role("button", name="Filter", exact=True).click()
        expect(page.get_by_text("No row matches")).to_be_in_viewport()
        expect(page.get_by_label("twin contains")).to_be_visible()


def test_what_changes_a_result_takes_its_place_without_a_new_page(opened: Open) -> None:
    with opened(f"/sparql?query={quote(_TWINS)}") as seen:
        page, table = seen.page, seen.page.get_by_role("table")
        page.evaluate("window.isSamePage = true")
        write(page, f"{_TWINS} # not run")
        cells = table.get_by_role("cell").all_text_contents()
        heading = page.get_by_role("columnheader").get_by_role("link")
        heading.click()
        expect(page.get_by_role("columnheader")).to_have_attribute("aria-sort", "ascending")
        expect(heading).to_be_focused()
        heading.press("Enter")
        expect(page.get_by_role("columnheader")).to_have_attribute("aria-sort", "descending")
        sorted_cells = table.get_by_role("cell").all_text_contents()
        page.get_by_text("Columns and filters").click()
        page.get_by_label("twin contains").fill("ang")
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="twin contains “ang”")).to_be_visible()
        expect(page.get_by_label("twin contains")).to_be_focused()
        assert parse_qs(urlsplit(page.url).query)["filter.twin"] == ["ang"]
        caption = page.locator("caption").inner_text()
        expect(page.locator("main > [role=status].unseen")).to_have_text(caption)
        page.get_by_role("link", name="Values of twin").click()
        expect(page.get_by_role("heading", name="Values of twin")).to_be_in_viewport()
        page.get_by_role("link", name="Show all rows").click()
        expect(page.locator(".answer")).to_be_focused()
        assert table.get_by_role("cell").all_text_contents() == cells
        for _ in range(3):
            page.go_back()
        expect(page.get_by_role("columnheader")).to_have_attribute("aria-sort", "descending")
        expect(page.get_by_label("twin contains")).to_have_value("")
        assert table.get_by_role("cell").all_text_contents() == sorted_cells
        assert written(page) == f"{_TWINS} # not run"
        assert page.evaluate("window.isSamePage")
        page.get_by_text("Copy and API").click()
        expect(page.get_by_role("button", name="Copy TSV")).to_be_visible()
        page.reload()
        assert table.get_by_role("cell").all_text_contents() == sorted_cells
        page.route("**/sparql?*", lambda route: route.fulfill(status=503, body="busy"), times=1)
        with page.expect_navigation():  # what cannot be put in place is a page again
            heading.click()
        assert seen.elsewhere == []
        assert [text for text in seen.complaints if not _BUSY.search(text)] == []


def test_a_query_that_runs_is_cancelled(opened_at: OpenAt, serving: Serving) -> None:
    with serving(QueryLimits(seconds=30, workers=1)) as address, opened_at(address)("/sparql") as seen:
        page = seen.page
        write(page, _SLOW)
        with page.expect_request("**/sparql?query=*"):
            page.keyboard.press("Control+Enter")
        page.keyboard.press("Space")  # on Cancel, which has the focus
        expect(page.get_by_text("Cancelled.")).to_be_visible()
        assert written(page) == _SLOW
        expect(editor(page)).to_be_focused()


def test_the_result_stands_beside_the_query_where_that_was_chosen(opened: Open) -> None:
    with opened(f"/sparql?query={quote(_TWINS)}") as seen:
        page = seen.page
        page.get_by_role("button", name="Result beside").click()
        page.reload()
        expect(page.get_by_role("button", name="Result below")).to_be_visible()
        table, field = page.get_by_role("table").first.bounding_box(), editor(page).bounding_box()
        assert table is not None
        assert field is not None
        assert table["x"] > field["x"] + field["width"]
        page.get_by_role("button", name="Result below").click()


def test_the_query_of_a_question_gets_an_editor_when_it_is_opened(opened: Open) -> None:
    with opened("/queries/twins-of-a-city.html?thing=city:beijing") as seen:
        page = seen.page
        assert not page.evaluate("performance.getEntriesByType('resource').some(one => one.name.includes('editor.js'))")
        page.get_by_text("The query", exact=True).click()
        expect(editor(page)).to_contain_text("city/beijing")
        assert seen.complaints == []


def test_offline_the_editor_goes_on_and_says_so(opened: Open) -> None:
    with opened("/sparql") as seen:
        page = seen.page
        expect(editor(page)).to_be_visible()
        page.context.set_offline(True)
        write(page, _TWINS)
        expect(page.get_by_text("Offline: no completion")).to_be_visible()
        assert written(page) == _TWINS
        page.context.set_offline(False)
        expect(page.get_by_text("Offline: no completion")).to_have_count(0)


def test_without_script_a_plain_field_runs_a_query(opened: Open) -> None:
    with opened("/sparql", java_script_enabled=False) as seen:
        page = seen.page
        assert page.locator(".editor").count() == 0
        page.get_by_label("Query, in SPARQL").fill(_TWINS)
        page.get_by_role("button", name="Run").click()
        expect(page.get_by_role("cell", name="Hangzhou").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_each_state(opened: Open, barriers: Barriers, scheme: str) -> None:
    with opened("/sparql", width=360, color_scheme=scheme, bypass_csp=True) as seen:
        page = seen.page
        write(page, "SELECT * { ?x a cd:Citty ; a cd:Ci")
        page.keyboard.press("Control+Space")
        expect(page.get_by_role("option").first).to_be_visible()
        assert barriers(page) == []
        page.keyboard.press("Escape")
        page.keyboard.press("Home")
        expect(page.locator(".cm-lintRange-error, .cm-lintPoint-error")).to_have_count(1)
        page.keyboard.press("F8")
        expect(page.locator(".cm-diagnostic").first).to_be_visible()
        assert barriers(page) == []
        for name in ("Questions", "History"):
            page.get_by_role("button", name=name).click()
            assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
