"""The numbers of the service, as Prometheus reads them and the page for operators lists them."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.support.http import send

PAGE = Path(__file__).parents[3] / "docs" / "operating" / "README.md"
OF_ENGINES = "citykg_engine_changes_behind"
"""There only where engines hold copies."""


def test_the_page_for_operators_lists_every_metric_and_no_other(address: str) -> None:
    families = list(text_string_to_metric_families(send(address, "/metrics").body.decode()))
    there = {f"{one.name}_total" if one.type == "counter" else one.name for one in families}
    listed = re.findall(r"^\| `(citykg_.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name for cell in listed for name in re.findall(r"citykg_\w+", cell)} == {*there, OF_ENGINES}
    assert all(one.documentation for one in families)
