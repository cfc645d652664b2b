"""What holds for every kind of page: nobody is kept out, nothing is cut off, nothing is fetched from elsewhere."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Barriers, Open
from tests.browser.kinds import ERRORS, PAGES
from tests.support import npm
from tests.support.curl import asker

pytestmark = pytest.mark.slow

KINDS = {name: (path, 200) for name, path in PAGES.items()} | ERRORS
_MOST_STOPS = 15
_OF_COLOURS = ("color-contrast", "link-in-text-block")
"""The rules whose outcome a dark scheme can change: it has other colours, and nothing else."""

_CUT_WORDS = """() => {
  const labels = document.querySelectorAll("th, dt, button, nav a, .chip, label, h1, h2, h3");
  const range = document.createRange(), cut = [];
  for (const label of labels) {
    const texts = document.createTreeWalker(label, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      if (texts.currentNode.parentElement.closest("code")) continue;  // a name for programs may break anywhere
      for (const word of texts.currentNode.data.matchAll(/[\\p{L}]{2,}/gu)) {
        if (/[\\u3000-\\u9fff]/.test(word[0]) || word[0].length > 16) continue;  // a name of code
        range.setStart(texts.currentNode, word.index);
        range.setEnd(texts.currentNode, word.index + word[0].length);
        const tops = new Set([...range.getClientRects()].filter(r => r.width).map(r => Math.round(r.top / 4)));
        if (tops.size > 1) cut.push(word[0]);
      }
    }
  }
  return cut;
}"""
_STOPS_BEFORE_CONTENT = """() => {
  const content = document.getElementById("content");
  const stops = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
  return stops.filter(s => s.checkVisibility() && !content.contains(s)
    && (content.compareDocumentPosition(s) & Node.DOCUMENT_POSITION_PRECEDING)).length;
}"""


@pytest.mark.parametrize("name", KINDS)
def test_axe_finds_nothing(opened: Open, barriers: Barriers, name: str) -> None:
    path, status = KINDS[name]
    with opened(path, status=status, color_scheme="light", bypass_csp=True) as seen:
        assert barriers(seen.page) == []
        seen.page.emulate_media(color_scheme="dark", reduced_motion="reduce")  # so that colours change at once
        assert barriers(seen.page, *_OF_COLOURS) == []


@pytest.mark.parametrize("name", KINDS)
def test_a_page_keeps_to_itself_and_fits_a_narrow_window_and_paper(opened: Open, name: str) -> None:
    path, status = KINDS[name]
    with opened(path, width=320, status=status) as seen:
        page = seen.page
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.evaluate(_CUT_WORDS) == []
        assert page.evaluate(_STOPS_BEFORE_CONTENT) <= _MOST_STOPS
        # the style sheet and the script are there, or all of this would say nothing
        assert page.evaluate("document.styleSheets[0].cssRules.length") > 50
        assert page.evaluate("[...document.scripts].some(s => s.src.includes('/assets/site.js'))")
        assert seen.elsewhere == []
        own = [text for text in seen.complaints if f"status of {status}" not in text or status == 200]
        assert own == []
        assert beyond_paper(page) == []


def beyond_paper(page: Page) -> list[str]:
    """Return what of a page is cut off on paper."""
    page.emulate_media(media="print")
    is_printed_across = page.locator(".answer.wide").count()
    page.set_viewport_size({"width": 1047 if is_printed_across else 718, "height": 900})  # A4 less margins, 96 dpi
    shown = "[...document.querySelectorAll('main *')].filter(e => e.checkVisibility() && !e.closest('svg'))"
    return list(
        page.evaluate(
            f"{shown}.filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))"
        )
    )


def test_html_is_valid(address: str, tmp_path: Path) -> None:
    validator = npm.installed(Path(__file__).parent) / "vnu-jar/build/dist/vnu.jar"
    for name, (path, _) in KINDS.items():
        (tmp_path / f"{name}.html").write_bytes(asker(address)("-H", "Accept: text/html", "-L", path).body)
    command = ["java", "-jar", str(validator), "--errors-only", "--format", "gnu", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, check=False, text=True)
    assert ran.stderr.splitlines() == []
