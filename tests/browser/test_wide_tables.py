"""A table wider than the window or the sheet: which row is which, and which column a number is of, stays to be seen."""

from __future__ import annotations

from tests.browser.conftest import Open

LEEDS = "/queries/twins-of-a-city?city=leeds"


def test_in_a_narrow_window_the_first_column_stays_while_others_pass_under_it(opened: Open) -> None:
    with opened(LEEDS, width=360) as seen:
        lefts = seen.page.evaluate(
            """() => {
              const table = document.querySelector('.answer');
              table.scrollLeft = table.scrollWidth;
              const [first, second] = table.querySelectorAll('tbody tr:first-child td');
              const left = table.getBoundingClientRect().left;
              return [first, second].map(cell => cell.getBoundingClientRect().left - left);
            }"""
        )
        assert abs(lefts[0]) <= 1
        assert lefts[1] < 0


def test_on_paper_a_number_stands_off_the_next_column(opened: Open) -> None:
    with opened(LEEDS, width=718) as seen:
        seen.page.emulate_media(media="print")
        gap = seen.page.evaluate(
            "parseFloat(getComputedStyle(document.querySelector('.answer td.number')).paddingRight)"
        )
        assert gap >= 12
