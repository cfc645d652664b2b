"""What the page of an answer shows: the cells of its table, and where its headings lead."""

from __future__ import annotations

import html
import re

from tests.support.http import Answer


def rows(answer: Answer) -> list[list[str]]:
    """Return the cells of the table as people read them."""
    body = re.search(r"<tbody>(.*)</tbody>", answer.body.decode(), re.S)
    assert body, answer.body
    cells = (re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in body[1].split("</tr>")[:-1])
    return [[html.unescape(re.sub("<[^>]*>", "", cell)).strip() for cell in row] for row in cells]


def heading(answer: Answer, column: int) -> str:
    """Return where the heading of a column leads."""
    return html.unescape(re.findall(r'<a class="sort" href="([^"]*)"', answer.body.decode())[column])
