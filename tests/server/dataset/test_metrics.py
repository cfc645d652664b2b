"""The numbers of the service, as Prometheus reads them and the page for operators lists them."""

from __future__ import annotations

import json
import re
import resource
import shutil
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from kg.store import DataFolder
from tests.support.http import send

PAGE = Path(__file__).parents[3] / "docs" / "operating" / "README.md"
OF_ENGINES = "citykg_engine_changes_behind"
"""There only where engines hold copies."""


def test_the_page_for_operators_lists_every_metric_and_no_other(address: str) -> None:
    families = list(text_string_to_metric_families(send(address, "/metrics").body.decode()))
    there = {f"{one.name}_total" if one.type == "counter" else one.name for one in families}
    listed = re.findall(r"^\| (`(?:citykg|process)_.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name for cell in listed for name in re.findall(r"`((?:citykg|process)_\w+)", cell)} == {*there, OF_ENGINES}
    assert all(one.documentation for one in families)


def numbers(address: str) -> dict[tuple[str, str], float]:
    """Return the numbers that stand alone or have a cause, by name and cause."""
    families = text_string_to_metric_families(send(address, "/metrics").body.decode())
    samples = (sample for one in families for sample in one.samples)
    return {(one.name, one.labels.get("cause", "")): one.value for one in samples}


def test_memory_open_files_and_free_disk_are_those_of_the_machine(address: str, folder: DataFolder) -> None:
    assert send(address, "/sparql?query=ASK%7B%7D").status == 200  # workers are up
    found = {name: value for (name, _), value in numbers(address).items()}
    own = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    assert found["process_resident_memory_bytes"] == pytest.approx(own, rel=0.2)  # the service is a thread here
    assert found["process_max_fds"] == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert 0 < found["process_open_fds"] <= found["process_max_fds"]
    assert found["citykg_workers_resident_memory_bytes"] > 1 << 20
    disk = shutil.disk_usage(folder.path)
    assert 0 < found["citykg_disk_free_bytes"] <= disk.total


@pytest.mark.drawn
def test_refusals_are_counted_by_cause_whether_or_not_they_reach_the_application(address: str) -> None:
    cause = "citykg_refusals_total"
    before = numbers(address)
    asked: list[tuple[str, dict[str, str]]] = [
        ("/proposals", {}),
        ("/sparql?query=SELECT", {}),
        ("/doc/city/leeds.ttl", {"If-Match": '"of-yesterday"'}),
        ("/nowhere", {}),
    ]
    refused = [json.loads(send(address, path, headers=fields).body)["type"] for path, fields in asked]
    slugs = [kind.rpartition("/")[2] for kind in refused]
    assert len({*slugs}) == len(asked)
    after = numbers(address)
    assert [after[cause, slug] - before.get((cause, slug), 0) for slug in slugs] == [1] * len(asked)


@pytest.mark.drawn
def test_a_page_that_keeps_what_was_sent_counts_as_a_refusal(address: str) -> None:
    page = {"Accept": "text/html"}
    for path in ("/sparql?query=SELEC", "/queries/twins-of-a-city?thing=nowhere"):
        cause = "citykg_refusals_total", send(address, path).members["type"].rpartition("/")[2]
        before = numbers(address)
        assert "<form" in send(address, path, headers=page).body.decode()
        assert numbers(address)[cause] - before[cause] == 1, path
