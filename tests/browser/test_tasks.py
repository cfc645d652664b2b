"""Ten tasks of people, each from the start page by clicks, without knowing an address."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open

pytestmark = pytest.mark.slow

_MOST_CLICKS = 5
_TASKS = {
    "who denies that Birmingham has a Chinese twin": (
        ["link Birmingham"],
        "Denied by CLI 2016, Table 1",
    ),
    "compare two cities": (
        ["link Birmingham", "field With Sheffield", "button Compare"],
        "Sheffield is an official twin of Anshan.",
    ),
    "the passage of a table": (
        ["link Disagreements", "link Chinese twin of Birmingham: Table 1 against Table 2", "link CLI 2016, Table 2"],
        "by city; its own order is not kept",
    ),
    "the members of a network, from a city": (["link Beijing", "link C40"], "Hong Kong"),
    "a table as CSV": (["link Lists", "link Cities", "download CSV"], ".csv"),
    "the query behind an answer": (
        ["link Questions", "link What happened in twinning, and when?", "text The query"],
        "Query, in SPARQL",
    ),
    "the disagreement of a pair": (
        ["link Disagreements", "link Chinese twin of Birmingham: Table 1 against Table 2"],
        "prints n.a. for Birmingham",
    ),
    "what is open on a city": (
        ["link Birmingham", "field With York", "button Compare"],
        "No source says that there are no others",
    ),
    "the twinnings in time": (
        ["link Questions", "link What happened in twinning, and when?", "link Timeline"],
        "Copenhagen",
    ),
    "the definition of a term": (["link Ontology", "link twinning"], "Definition"),
}


@pytest.mark.parametrize("task", _TASKS)
def test_a_task_takes_a_few_clicks(opened_both: Open, task: str) -> None:
    steps, found = _TASKS[task]
    with opened_both("/") as seen:
        reached = [_step(seen.page, *step.split(" ", 1)) for step in steps]
        if name := reached[-1]:
            assert name.endswith(found)
        else:
            expect(seen.page.get_by_role("main")).to_contain_text(found)
        assert seen.elsewhere == []
    assert sum(not step.startswith("field") for step in steps) <= _MOST_CLICKS


def _step(page: Page, kind: str, name: str) -> str:
    """Click what people see of a name, or fill a field; return the name of a file that is downloaded."""
    main = page.get_by_role("main")
    if kind == "field":
        label, _, value = name.partition(" ")
        page.get_by_label(label, exact=True).fill(value)
    elif kind == "text":
        main.get_by_text(name, exact=True).click()
    elif kind == "download":
        with page.expect_download() as download:
            main.get_by_role("link", name=name, exact=True).first.click()
        return download.value.suggested_filename
    else:
        place = page if page.get_by_role("navigation").get_by_role("link", name=name, exact=True).count() else main
        place.get_by_role("button" if kind == "button" else "link", name=name, exact=True).first.click()
    return ""
