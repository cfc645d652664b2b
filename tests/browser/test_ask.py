"""From the start page by typing to an answer and who denies it: by keys alone, and without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Barriers, Open

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("question", ["Which Chinese city is Birmingham twinned with?", "伯明翰有哪些友好城市？"])
def test_a_question_is_answered_with_the_denial(opened_both: Open, question: str, scripts: bool) -> None:
    with opened_both("/", java_script_enabled=scripts) as seen:
        field = seen.page.get_by_label("Ask a question")
        field.fill(question)
        field.press("Enter")
        expect(seen.page.get_by_role("heading", level=1)).to_have_text(question)
        answer = seen.page.get_by_role("listitem").filter(has_text="Guangzhou is a major twin of Birmingham.").first
        expect(answer.get_by_text("Denied by").first).to_be_visible()
        assert seen.elsewhere == seen.complaints == []


def test_the_arrow_keys_choose_a_suggestion_and_escape_leaves_it(opened_both: Open) -> None:
    with opened_both("/") as seen:
        field = seen.page.get_by_role("combobox")
        field.press_sequentially("which city is twinned with birm")
        options = seen.page.get_by_role("option")
        expect(options.first).to_contain_text("which city is twinned with Birmingham")
        field.press("ArrowUp")
        expect(options.last).to_have_attribute("aria-selected", "true")
        field.press("Escape")
        expect(field).to_have_attribute("aria-expanded", "false")
        expect(options).to_have_count(0)
        field.press("ArrowDown")
        expect(options.first).to_be_visible()
        field.press("ArrowDown")
        expect(field).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "none")
        field.press("Enter")
        expect(seen.page).to_have_url(re.compile(r"/ask\?q=which\+city\+is\+twinned\+with\+Birmingham"))
        assert seen.elsewhere == seen.complaints == []


def test_the_fields_of_a_comparison_complete_names_with_the_list_open_at_320_px(
    opened_both: Open, barriers: Barriers
) -> None:
    with opened_both("/compare", width=320, bypass_csp=True) as seen:
        field = seen.page.get_by_label("Name A")
        field.press_sequentially("sheff")
        option = seen.page.get_by_role("option").first
        expect(option).to_contain_text("Sheffield")
        assert barriers(seen.page) == []
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 320
        option.click()
        expect(field).to_have_value("Sheffield")
        seen.page.get_by_label("Name B").fill("York")
        seen.page.get_by_label("Name B").press("Enter")  # where the list is open by now, it covers the button
        expect(seen.page.get_by_role("heading", level=1)).to_have_text("Sheffield and York")
