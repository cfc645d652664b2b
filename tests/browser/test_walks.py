"""The site as its users walk it, from the start page, in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open

pytestmark = pytest.mark.slow

_TWINS = "SELECT ?city ?twin WHERE { ?city cd:twinnedWith ?twin } ORDER BY ?city"
_NOTHING = "SELECT ?t WHERE { ?t a cd:Twinning ; cd:twin city:birmingham , city:jinan }"


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def home(opened: Open, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The start page, in a browser that runs our script, and in one that does not."""
    with opened("/", java_script_enabled=request.param) as seen:
        yield seen.page
        assert seen.elsewhere == []


def sought(page: Page, name: str) -> None:
    page.get_by_label("Ask a question").fill(name)
    page.get_by_label("Ask a question").press("Enter")


@pytest.mark.parametrize(
    ("name", "leads_to"), [("Macau", "Macao"), ("北京", "北京"), ("Anshang", "Anshan"), ("Q956", "Beijing")]
)
def test_a_name_as_people_have_it_leads_to_the_city(home: Page, name: str, leads_to: str) -> None:
    sought(home, name)
    home.get_by_role("main").get_by_role("link", name=leads_to, exact=True).first.click()
    expect(home.get_by_role("heading", level=1)).to_have_text(re.sub("北京", "Beijing", leads_to))


def test_a_line_of_the_diagram_leads_to_both_tables(home: Page) -> None:
    home.locator("figure a[href='/doc/twinning/liverpool-shanghai']").first.dispatch_event("click")
    expect(home).to_have_url(re.compile("/doc/twinning/liverpool-shanghai$"))
    for number in (1, 2):
        table = home.get_by_role("main").get_by_role("link", name=f"Table {number}", exact=True).first
        assert table.get_attribute("href") == f"/doc/passage/table-{number}"
    home.get_by_role("main").get_by_role("link", name="Table 1", exact=True).first.click()
    expect(home.get_by_role("heading", level=1)).to_contain_text("Table 1")


def test_the_two_sides_of_birmingham_stand_beside_each_other(home: Page) -> None:
    sought(home, "Birmingham")
    home.get_by_role("main").get_by_role("link", name="Birmingham", exact=True).first.click()
    sides = home.locator(".two-sides").first.locator(".side")
    expect(sides).to_have_count(2)
    left, right = sides.nth(0), sides.nth(1)
    expect(left).to_contain_text("n.a.")
    expect(left.get_by_role("link", name="Table 1")).to_be_visible()
    expect(right.get_by_role("link", name="Table 2")).to_be_visible()
    assert left.bounding_box()["y"] == right.bounding_box()["y"]  # type: ignore[index]


def test_a_question_is_asked_by_name(home: Page) -> None:
    home.get_by_role("link", name="Questions", exact=True).click()
    home.get_by_role("link", name="With which cities is a city twinned?").first.click()
    field = home.locator("main input[name=thing]:not([type=hidden])")
    field.fill("Peking")
    field.press("Enter")
    expect(home.get_by_role("main")).to_contain_text("Copenhagen")


def test_each_row_of_an_answer_says_who_says_so(opened: Open) -> None:
    with opened(f"/sparql?query={quote(_TWINS)}&evidence=yes") as seen:
        city = seen.page.get_by_role("link", name="Birmingham", exact=True)  # others speak of it in their objections
        row = seen.page.get_by_role("row").filter(has=city).first
        expect(row.get_by_role("link", name="Table 2").first).to_be_visible()
        expect(row.locator(".against", has_text="Table 1").first).to_be_visible()


def test_an_empty_answer_is_explained_and_the_query_is_still_there(opened: Open) -> None:
    with opened(f"/sparql?query={quote(_NOTHING)}") as seen:
        expect(seen.page.locator("textarea")).to_have_value(re.compile("city:jinan"))
        expect(seen.page.get_by_role("main")).to_contain_text("city:jinan")
        expect(seen.page.locator(".note").first).to_be_visible()


def test_a_broken_query_keeps_its_text_and_points_at_the_place(opened: Open) -> None:
    with opened(f"/sparql?query={quote('SELECT ?x WHERE { ?x a cd:City')}", status=400) as seen:
        expect(seen.page.locator("textarea")).to_have_value(re.compile("cd:City"))
        expect(seen.page.get_by_role("main")).to_contain_text("the group opened at line 1, column 17 is not closed.")


def test_ctrl_enter_runs_the_query_of_a_field_that_got_no_editor(opened: Open) -> None:
    with opened("/sparql") as seen:
        seen.page.route("**/assets/editor.js*", lambda route: route.abort())
        seen.page.reload()
        seen.page.locator("textarea").fill("SELECT ?c WHERE { ?c a cd:CityNetwork }")
        seen.page.locator("textarea").press("Control+Enter")
        expect(seen.page.get_by_role("main")).to_contain_text("C40")


def test_every_name_of_the_turtle_tab_is_a_link(home: Page) -> None:
    sought(home, "Birmingham")
    home.get_by_role("main").get_by_role("link", name="Birmingham", exact=True).first.click()
    home.get_by_role("navigation", name="Views of this page").get_by_role("link", name="Data").click()
    home.get_by_role("navigation", name="Ways to read the data").get_by_role("link", name="Turtle").click()
    home.get_by_role("main").get_by_role("link", name="twinning:birmingham-guangzhou").first.click()
    expect(home.get_by_role("heading", level=1)).to_contain_text("Guangzhou")


def test_a_table_sorts_by_a_column(opened: Open) -> None:
    with opened("/vocabulary") as seen:
        rows = seen.page.locator("tbody tr")
        button = seen.page.get_by_role("button", name="concepts")
        arrow = "button => getComputedStyle(button, '::after').content"
        arrows = [button.evaluate(arrow)]
        for _ in range(2):
            button.click()
            arrows.append(button.evaluate(arrow))
        assert arrows == ['" ↕"', '" ↑"', '" ↓"']
        numbers = [int(text) for text in rows.locator("td:last-child").all_inner_texts()]
        assert numbers == sorted(numbers, reverse=True)


def test_numbers_and_shares_are_written_as_people_do_and_sorted_by_value(opened: Open) -> None:
    with opened("/queries/numbers.html") as seen:
        cells = seen.page.locator("td:nth-child(1)")
        expect(cells.filter(has_text="2.8 billion")).to_have_count(1)
        expect(cells.filter(has_text=re.compile(r"^\s*67 %"))).to_have_count(1)
        seen.page.get_by_role("columnheader").nth(0).get_by_role("link").click()
        expect(seen.page.get_by_role("columnheader").nth(0)).to_have_attribute("aria-sort", "ascending")
        values = [float(cell.get_attribute("value") or 0) for cell in cells.locator("data").all()]
        assert values == sorted(values)
        assert cells.filter(has_text="2.8 billion").evaluate("cell => getComputedStyle(cell).textAlign") == "right"


@pytest.mark.parametrize("colours", [{}, {"color_scheme": "dark"}, {"forced_colors": "active"}], ids=str)
def test_a_table_shows_at_its_edge_that_there_is_more(opened: Open, colours: dict[str, str]) -> None:
    with opened("/doc/city", width=390, bypass_csp=True, **colours) as seen:
        seen.page.add_style_tag(content="table { visibility: hidden }")  # the edge alone
        table = seen.page.locator(".table")
        box = table.bounding_box()
        assert box is not None

        def edge(place: float) -> bytes:
            return seen.page.screenshot(clip={"x": place, "y": box["y"] + 20, "width": 6, "height": 20})

        left, right = box["x"], box["x"] + box["width"] - 6
        plain = edge(left)
        assert edge(right) != plain
        table.evaluate("table => table.scrollTo(table.scrollWidth, 0)")
        assert edge(right) == plain
        assert edge(left) != plain


def test_a_table_that_fits_shows_no_edge(opened: Open) -> None:
    with opened("/queries/twins-of-a-city.html?thing=city:leeds", bypass_csp=True) as seen:
        seen.page.add_style_tag(content="table { visibility: hidden } .table { height: 200px }")  # whole pixels
        shown = seen.page.locator(".table").first.screenshot()
        seen.page.add_style_tag(content=".table { background-image: none !important }")
        assert seen.page.locator(".table").first.screenshot() == shown


def test_the_printed_page_of_a_city_is_short_and_has_what_matters(opened: Open, tmp_path: Path) -> None:
    with opened("/doc/city/birmingham") as seen:
        seen.page.emulate_media(media="print")
        expect(seen.page.get_by_label("Ask a question")).to_be_hidden()
        expect(seen.page.locator(".two-sides").first).to_be_visible()
        paper = seen.page.pdf(format="A4")
        assert 1 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 4


@pytest.mark.parametrize("city", ["birmingham", "beijing", "london"])
def test_what_a_city_is_about_fits_on_five_screens(opened: Open, city: str) -> None:
    with opened(f"/doc/city/{city}") as seen:
        foot = seen.page.locator(".site-foot").bounding_box()
        assert foot is not None
        assert foot["y"] <= 5 * 900


@pytest.mark.parametrize("path", ["/map", "/queries/places.html"])
@pytest.mark.parametrize("width", [320, 390, 700, 1280])
def test_names_on_a_map_can_be_read_in_every_window_without_scrolling(opened: Open, path: str, width: int) -> None:
    with opened(path, width=width) as seen:
        drawing = seen.page.locator(".drawing").first
        assert drawing.evaluate("e => e.scrollWidth <= e.clientWidth")
        names = drawing.locator("svg").first.locator("text:visible").all()
        boxes = [box for name in names if (box := name.bounding_box())]
        assert len(boxes) > 4
        assert min(box["height"] for box in boxes) >= 10
        frame = drawing.bounding_box()
        assert frame
        assert all(frame["x"] <= box["x"] and box["x"] + box["width"] <= frame["x"] + width for box in boxes)


def test_the_keyboard_reaches_the_content_at_once(opened: Open) -> None:
    with opened("/doc/city/leeds") as seen:
        seen.page.keyboard.press("Tab")
        expect(seen.page.get_by_text("Skip to the content")).to_be_focused()
        seen.page.keyboard.press("Enter")
        assert seen.page.url.endswith("#content")
