"""From the start page by typing to an answer and who denies it: by keys alone, and without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Barriers, Open
from tests.browser.test_every_kind import beyond_paper

pytestmark = pytest.mark.slow

_ENGLISH_IN_CHINESE = """() => {
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT), found = [];
  while (texts.nextNode()) {
    const within = texts.currentNode.parentElement.closest("[lang]"), words = texts.currentNode.data.trim();
    const isChinese = /[\\u3400-\\u9fff]/.test(words);
    if (/[A-Za-z]{3}/.test(words) && !isChinese && within.lang !== "en") found.push(words);
    if (isChinese && within.lang !== "zh-Hans") found.push(words);
  }
  return found.filter(words => !/^(CLI 2016|RUSI 2025|API:|JSON)$/.test(words));
}"""
"""The texts of the main part that are marked as of another language, beside names of works and formats."""


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(
    ("question", "twin", "denied"),
    [
        ("Which Chinese city is Birmingham twinned with?", "Guangzhou is a major twin of Birmingham.", "Denied by"),
        ("伯明翰有哪些友好城市？", "广州是伯明翰的主要友好城市。", "予以否认"),
    ],
)
def test_a_question_is_answered_with_the_denial(
    opened_both: Open, question: str, twin: str, denied: str, scripts: bool
) -> None:
    with opened_both("/", java_script_enabled=scripts) as seen:
        field = seen.page.get_by_label("Ask a question")
        field.fill(question)
        field.press("Enter")
        expect(seen.page.get_by_role("heading", level=1)).to_have_text(question)
        answer = seen.page.get_by_role("listitem").filter(has_text=twin).first
        expect(answer.get_by_text(denied).first).to_be_visible()
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_list_of_suggestions_keeps_nobody_out_and_fits_320_px(
    opened_both: Open, barriers: Barriers, scheme: str
) -> None:
    with opened_both("/ask", width=320, color_scheme=scheme, bypass_csp=True) as seen:
        field = seen.page.locator("main").get_by_role("combobox")
        field.press_sequentially("which city is twinned with birm")
        expect(seen.page.get_by_role("option").first).to_contain_text("Birmingham")
        field.press("ArrowDown")
        expect(seen.page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
        assert barriers(seen.page) == []
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_printed_answer_has_who_says_so_and_who_denies_it_and_no_ways_on(opened_both: Open) -> None:
    with opened_both("/ask?q=Which+Chinese+city+is+Birmingham+twinned+with%3F") as seen:
        main = seen.page.locator("main")
        expect(main.get_by_text("Related questions")).to_be_visible()
        assert beyond_paper(seen.page) == []
        answer = main.get_by_role("listitem").filter(has_text="Guangzhou is a major twin of Birmingham.").first
        for words in ("CLI 2016, Table 2", "Denied by", "CLI 2016, Table 1"):
            expect(answer.get_by_text(words).first).to_be_visible()
        for words in ("Related questions", "All works", "JSON"):
            expect(main.get_by_text(words)).to_be_hidden()
        assert len(re.findall(rb"/Type\s*/Page\b", seen.page.pdf(format="A4"))) <= 3


def test_a_question_in_chinese_has_a_chinese_page_each_text_in_its_language(opened_both: Open) -> None:
    with opened_both("/ask?q=伯明翰有哪些友好城市？") as seen:
        english = seen.page.evaluate(_ENGLISH_IN_CHINESE)
        assert english == []
        said = seen.page.get_by_role("listitem").filter(has_text="广州是伯明翰的主要友好城市").first
        expect(said.get_by_text("予以否认").first).to_be_visible()
        expect(seen.page.get_by_text("Birmingham is the only Core City").first).to_be_visible()


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
