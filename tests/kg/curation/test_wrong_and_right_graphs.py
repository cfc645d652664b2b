"""Wrong graphs that people may well send, each with what must find it, once; right ones, which pass unremarked.

A file of graphs/wrong says in its line `# expect:` which shape or check must find the fault, and how severe it is.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.curation.report import SubmissionReport
from kg.curation.validation import CurrentValidation
from kg.findings import Finding
from kg.rdf import namespaces as ns
from kg.submissions import SubmittedText, read

pytestmark = pytest.mark.drawn

FOLDER = Path(__file__).parent / "graphs"
EXPECT = "# expect: "


def graphs(kind: str) -> list[Path]:
    return sorted((FOLDER / kind).glob("*.ttl"))


def found(validation: CurrentValidation, path: Path) -> list[str]:
    """Return what is found in a graph, in order: each time the shape or the check, and the severity."""
    return [f"{named(finding)} {finding.severity}" for finding in report(validation, path).findings]


def report(validation: CurrentValidation, path: Path) -> SubmissionReport:
    given = SubmittedText(path.read_bytes(), "text/turtle")
    return validation.report(read([given], f"{ns.GRAPH}curated/test", path.stem))


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
def test_who_says_otherwise_is_told_beside_the_findings(validation: CurrentValidation, name: str) -> None:
    told = report(validation, FOLDER / "right" / f"{name}.ttl")
    assert told.effects is not None
    assert told.effects.objections.raised
    assert "contradict" in told.as_text()
