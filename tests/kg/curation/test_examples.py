"""The examples of the ontology are right as the gate sees them: each file conforms as it stands, without a warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg import resources
from kg.curation.report import SubmissionReport
from kg.curation.validation import CurrentValidation
from kg.rdf import namespaces as ns
from kg.submissions import SubmittedText, read

pytestmark = pytest.mark.drawn

FOLDER = resources.ONTOLOGY / "examples"


def report(validation: CurrentValidation, path: Path) -> SubmissionReport:
    return validation.report(
        read([SubmittedText(path.read_bytes(), "text/turtle")], f"{ns.GRAPH}curated/example", "example")
    )


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ttl")), ids=lambda path: path.stem)
def test_an_example_conforms(validation: CurrentValidation, path: Path) -> None:
    findings = report(validation, path).findings
    assert [str(finding) for finding in findings] == []


@pytest.mark.parametrize("path", sorted(FOLDER.glob("of-the-files/*.ttl")), ids=lambda path: path.stem)
def test_an_example_that_only_files_can_state_has_no_other_fault(validation: CurrentValidation, path: Path) -> None:
    findings = report(validation, path).findings
    assert findings
    assert [str(finding) for finding in findings if finding.step != "policy" and finding.severity == "Violation"] == []
