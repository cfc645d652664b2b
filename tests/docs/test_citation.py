"""CITATION.cff is about the version that pyproject.toml names, as of the day on which CHANGELOG has it released."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date

import pytest
import yaml

from kg.publish.works import works
from kg.store import DataFolder
from tests.docs.pages import ROOT

lint = pytest.mark.lint

CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@lint
def test_its_version_and_licence_are_those_of_the_package() -> None:
    assert (CITATION["version"], CITATION["license"]) == (PROJECT["version"], PROJECT["license"])


@lint
def test_its_date_is_the_one_in_the_changelog() -> None:
    released: date = CITATION["date-released"]
    heading = re.search(rf"^## {re.escape(CITATION['version'])}, (.+)$", CHANGELOG, re.MULTILINE)
    assert heading is not None
    assert heading[1] == f"{released.day} {released:%B %Y}"


@lint
def test_what_is_sent_for_a_doi_names_the_same_version_works_and_authors() -> None:
    sent = json.loads((ROOT / "docs/operating/lasting-names/datacite.json").read_text(encoding="utf-8"))
    assert sent["version"] == CITATION["version"]
    assert sent["titles"][0]["title"] == CITATION["title"]
    for derived, report in zip(sent["relatedItems"], CITATION["references"], strict=True):
        assert derived["titles"][0]["title"] == report["title"]
        assert derived["publicationYear"] == str(report["year"])
        named = [(one["givenName"], one["familyName"]) for one in derived["creators"]]
        assert named == [(one["given-names"], one["family-names"]) for one in report["authors"]]


def test_it_names_the_works_of_a_default_build(both_reports: DataFolder) -> None:
    of_the_graph = {work["publication"]["title"]: work["publication"] for work in works(both_reports.open())}
    assert of_the_graph.keys() == {report["title"] for report in CITATION["references"]}
