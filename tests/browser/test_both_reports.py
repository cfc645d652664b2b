"""Pages over both reports, as people see them: wide and narrow, light and dark, with scripts and without."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Barriers, Open
from tests.browser.kinds import OF_BOTH_REPORTS

pytestmark = pytest.mark.slow

_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("path", OF_BOTH_REPORTS.values())
def test_nothing_keeps_anybody_out(opened_both: Open, barriers: Barriers, path: str) -> None:
    with opened_both(path, color_scheme="light", bypass_csp=True) as seen:
        assert barriers(seen.page) == []
        seen.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert barriers(seen.page, "color-contrast", "link-in-text-block") == []


@pytest.mark.parametrize("path", OF_BOTH_REPORTS.values())
def test_a_page_fits_a_narrow_window(opened_both: Open, path: str) -> None:
    with opened_both(path, width=360) as seen:
        assert seen.page.evaluate(_OVERFLOW) == 0
        assert seen.elsewhere == seen.complaints == []


@pytest.mark.parametrize("scripts", [True, False])
def test_the_diagram_is_that_of_the_works_that_the_switch_chooses(opened_both: Open, scripts: bool) -> None:
    ties = ("/doc/twinning/birmingham-guangzhou", "/doc/twinning/birmingham-changchun")
    with opened_both("/", java_script_enabled=scripts) as seen:
        lines = seen.page.locator(".pairs svg a:not(.denied)")
        drawn = [lines.evaluate_all("all => all.map(one => one.getAttribute('href'))")]
        seen.page.get_by_role("navigation", name="Works shown").get_by_text("RUSI 2025").click()
        assert seen.page.locator("nav[aria-label='Works shown'] [aria-current]").inner_text() == "RUSI 2025"
        drawn.append(lines.evaluate_all("all => all.map(one => one.getAttribute('href').split('?')[0])"))
        assert [[tie in of for tie in ties] for of in drawn] == [[True, True], [False, True]]
        seen.page.get_by_role("navigation", name="Main").get_by_text("Map").click()
        assert seen.page.locator("nav[aria-label='Works shown'] [aria-current]").inner_text() == "RUSI 2025"


@pytest.mark.parametrize("scripts", [True, False])
def test_the_map_has_a_line_of_its_own_for_the_second(opened_both: Open, scripts: bool) -> None:
    with opened_both("/map", java_script_enabled=scripts) as seen:
        legend = seen.page.locator(".legend li")
        assert "RUSI 2025" in [text.strip() for text in legend.all_inner_texts()]
        style = "one => getComputedStyle(one).strokeDasharray + getComputedStyle(one).stroke"
        looks = seen.page.locator(".legend .line").evaluate_all(f"all => all.map({style})")
        assert len(set(looks)) == len(looks)
        colours = "all => all.map(one => getComputedStyle(one).stroke)"
        drawn, explained = (seen.page.locator(f"{at} .line").evaluate_all(colours) for at in (".chart", ".legend"))
        assert set(drawn) == set(explained)
        assert len(set(drawn)) > 1
