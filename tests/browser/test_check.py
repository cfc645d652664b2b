"""Checking a text in a browser: five faults mended by keyboard without scripts, to nobody's exclusion."""

from __future__ import annotations

import pytest

from kg.rdf import namespaces as ns
from tests.browser.conftest import Barriers, Open

pytestmark = pytest.mark.slow

FAULTS = f"""PREFIX skos: <{ns.PREFIXES["skos"]}>
PREFIX status: <{ns.PREFIXES["status"]}>
twinning:jinan-york a cd:Twining ;
    cd:twin city:jinan , city:yrok ;
    cd:status status:curent ;
    skos:prefLabel "Twinning of Jinan and York"@en .
"""
"""Three prefixes that are not declared, and three names that are misspelt."""


def test_faults_are_mended_one_by_one_by_keyboard_without_scripts(opened: Open) -> None:
    with opened("/validate", java_script_enabled=False) as seen:
        page, tried = seen.page, []
        page.fill("textarea", FAULTS)
        page.focus("button:has-text('Check')")
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=status]:has-text('cannot be read')")
        while page.locator("button[name=mend]").count():
            tried.append(page.locator("button[name=mend]").first.inner_text())
            page.locator("button[name=mend]").first.focus()
            page.keyboard.press("Enter")
            name = tried[-1].split()[1]
            page.wait_for_selector(f"[role=status]:has-text('{name}'):has-text('The text was checked again')")
            assert len(tried) < 10
        assert sorted(tried) == [
            *(f"Declare {prefix}:" for prefix in ("cd", "city", "twinning")),
            *(f"Write {name}" for name in ("cd:Twinning", "city:york", "status:current")),
        ]
        text = page.input_value("textarea")
        assert "a cd:Twinning ;\n    cd:twin city:jinan , city:york ;\n    cd:status status:current ;" in text


def test_nobody_is_kept_out_of_what_was_found(opened: Open, barriers: Barriers) -> None:
    text = FAULTS.replace("twinning:jinan-york", f"<{ns.ID}twinning/jinan-york>").replace("city:", f"<{ns.ID}city/>")
    text = f"PREFIX cd: <{ns.CD}>\n" + text.replace(f"<{ns.ID}city/>jinan , <{ns.ID}city/>yrok", f"<{ns.ID}city/yrok>")
    with opened("/validate", width=320, color_scheme="light", bypass_csp=True) as seen:
        page = seen.page
        page.fill("textarea", text)
        page.click("button:has-text('Check')")
        page.wait_for_selector("button[name=mend]")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert barriers(page) == []
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert barriers(page, "color-contrast", "link-in-text-block") == []
        assert (seen.complaints, seen.elsewhere) == ([], [])
