"""A table wider than the window or the sheet: which row is which, and which column a number is of, stays to be seen."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open

LEEDS = "/queries/twins-of-a-city?thing=leeds"


@pytest.mark.parametrize(("path", "stays"), [(LEEDS, 0), ("/queries/ties", 1)], ids=["the first", "after the kind"])
@pytest.mark.drawn
def test_in_a_narrow_window_the_column_stays_that_tells_rows_apart_while_others_pass_under_it(
    opened: Open, path: str, stays: int
) -> None:
    with opened(path, width=360) as seen:
        lefts = seen.page.evaluate(
            """() => {
              const table = document.querySelector('.answer');
              table.scrollLeft = table.scrollWidth;
              const left = table.getBoundingClientRect().left;
              const cells = [...table.querySelectorAll('tbody tr:first-child td')].slice(0, 3);
              return cells.map(cell => cell.getBoundingClientRect().left - left);
            }"""
        )
        assert abs(lefts.pop(stays)) <= 1
        assert max(lefts) < 0


@pytest.mark.drawn
def test_on_paper_a_number_stands_off_the_next_column(opened: Open) -> None:
    with opened(LEEDS, width=718) as seen:
        seen.page.emulate_media(media="print")
        gap = seen.page.evaluate(
            "parseFloat(getComputedStyle(document.querySelector('.answer td.number')).paddingRight)"
        )
        assert gap >= 12
