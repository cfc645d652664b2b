"""CITATION.cff is about the version that pyproject.toml names, as of the day on which CHANGELOG has it released."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date

import pytest
import yaml

from tests.docs.pages import ROOT

pytestmark = pytest.mark.lint

CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_its_version_and_licence_are_those_of_the_package() -> None:
    assert (CITATION["version"], CITATION["license"]) == (PROJECT["version"], PROJECT["license"])


def test_its_date_is_the_one_in_the_changelog() -> None:
    released: date = CITATION["date-released"]
    heading = re.search(rf"^## {re.escape(CITATION['version'])}, (.+)$", CHANGELOG, re.MULTILINE)
    assert heading is not None
    assert heading[1] == f"{released.day} {released:%B %Y}"


def test_what_is_sent_for_a_doi_names_the_same_version_works_and_authors() -> None:
    sent = json.loads((ROOT / "docs/operating/lasting-names/datacite.json").read_text(encoding="utf-8"))
    (derived,), (report,) = sent["relatedItems"], CITATION["references"]
    assert sent["version"] == CITATION["version"]
    assert sent["titles"][0]["title"] == CITATION["title"]
    assert derived["titles"][0]["title"] == report["title"]
    assert derived["publicationYear"] == str(report["year"])
    named = [(one["givenName"], one["familyName"]) for one in derived["creators"]]
    assert named == [(one["given-names"], one["family-names"]) for one in report["authors"]]
