"""Wrong graphs that people may well send, each with what must find it, once; right ones, which pass unremarked.

A file of graphs/wrong says in its line `# expect:` which shape or check must find the fault, and how severe it is.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kg.curation.differences import DIFFERENCES
from kg.curation.validation import CurrentValidation
from kg.findings import Finding
from kg.objections import KINDS, objection_frame
from kg.rdf import namespaces as ns
from kg.store import DataFolder
from kg.submissions import SubmittedText, read

pytestmark = pytest.mark.drawn

FOLDER = Path(__file__).parent / "graphs"
EXPECT = "# expect: "
OBJECTS = re.compile(f"{'|'.join(objection_frame(kind)[0] for kind in KINDS)}|The change objects")


@pytest.fixture(scope="module")
def validation(with_ledger: Path) -> CurrentValidation:
    return CurrentValidation(DataFolder(with_ledger), progress=lambda step: None)


def graphs(kind: str) -> list[Path]:
    return sorted((FOLDER / kind).glob("*.ttl"))


def found(validation: CurrentValidation, path: Path) -> list[str]:
    """Return what is found in a graph, in order: each time the shape or the check, and the severity.

    What other sources say otherwise is no fault of a graph, and is left out (`told_otherwise`).
    """
    findings = findings_of(validation, path)
    return [f"{named(finding)} {finding.severity}" for finding in findings if finding.step != DIFFERENCES]


def told_otherwise(validation: CurrentValidation, path: Path) -> list[Finding]:
    return [finding for finding in findings_of(validation, path) if finding.step == DIFFERENCES]


def findings_of(validation: CurrentValidation, path: Path) -> tuple[Finding, ...]:
    given = SubmittedText(path.read_bytes(), "text/turtle")
    return validation.report(read([given], f"{ns.GRAPH}curated/test", path.stem)).findings


def named(finding: Finding) -> str:
    return finding.shape or finding.component or finding.step


@pytest.mark.parametrize("path", graphs("wrong"), ids=lambda path: path.stem)
def test_a_wrong_graph_has_the_one_finding_that_fits(validation: CurrentValidation, path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    expected = [line.removeprefix(EXPECT) for line in lines if line.startswith(EXPECT)]
    assert found(validation, path) == expected


@pytest.mark.parametrize("path", graphs("right"), ids=lambda path: path.stem)
def test_a_right_graph_conforms_without_a_warning(validation: CurrentValidation, path: Path) -> None:
    assert found(validation, path) == []


@pytest.mark.parametrize("name", ["ended-twinning", "two-lists-that-differ"])
def test_who_says_otherwise_is_told_as_infos(validation: CurrentValidation, name: str) -> None:
    number, *each = told_otherwise(validation, FOLDER / "right" / f"{name}.ttl")
    assert "contradict" in number.message
    assert each
    assert all(OBJECTS.match(finding.message) and finding.focus for finding in each)
    assert {(finding.severity, finding.component) for finding in (number, *each)} == {("Info", "sources-that-differ")}
