"""What a result is copied as: with a script by a button, without one by the link beside it."""

from __future__ import annotations

import csv
import io
from urllib.parse import urlencode

import pytest

from tests.browser.conftest import Open
from tests.support.curl import asker

QUERY = "SELECT ?city ?twin { ?city cd:twinnedWith ?twin } ORDER BY ?city ?twin"
PATHS = (
    "/sparql?" + urlencode({"query": QUERY, "filter.city": "birm", "hide": "twin"}),
    "/queries/twinnings?country=united-kingdom&other=country:china&columns=one,oneLabel,twin&filter.one=birm&sort=-one",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.drawn
def test_the_rows_that_are_shown_are_copied(opened: Open, address: str, path: str) -> None:
    with opened(path, permissions=["clipboard-read", "clipboard-write"]) as seen:
        seen.page.click("summary:has-text('Copy and API')")
        for name in ("TSV", "Markdown"):
            link = seen.page.locator(f"a[data-copied={name}]")
            seen.page.click(f"button:has-text('Copy {name}')")
            seen.page.wait_for_selector("button:has-text('Copied') >> nth=" + str(("TSV", "Markdown").index(name)))
            copied = seen.page.evaluate("navigator.clipboard.readText()")
            assert copied.replace("\r\n", "\n") == asker(address)(str(link.get_attribute("href"))).body.decode()
            assert "irmingham" in copied
        assert not seen.complaints
        assert not seen.elsewhere


@pytest.mark.drawn
def test_a_table_that_is_not_answered_is_not_said_to_be_copied(opened: Open) -> None:
    with opened(PATHS[1], permissions=["clipboard-read", "clipboard-write"]) as seen:
        seen.page.click("summary:has-text('Copy and API')")
        seen.page.evaluate("document.querySelector('a[data-copied=TSV]').href = '/queries/none.tsv'")
        seen.page.click("button:has-text('Copy TSV')")
        seen.page.wait_for_selector("button:has-text('Not copied')")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.drawn
def test_without_a_script_there_are_links(opened: Open, address: str, path: str) -> None:
    with opened(path, java_script_enabled=False) as seen:
        seen.page.click("summary:has-text('Copy and API')")
        links = seen.page.locator("a[data-copied]")
        assert [links.nth(place).is_visible() for place in range(links.count())] == [True, True]
        table = asker(address)(str(links.first.get_attribute("href"))).body.decode()
        assert all("irmingham" in row[0] for row in list(csv.reader(io.StringIO(table), delimiter="\t"))[1:])
        assert seen.page.locator("button.copy").count() == 0
        href = seen.page.get_by_text("What the columns of the CSV hold").get_attribute("href")
        assert asker(address)(str(href)).type == "application/csvm+json"
