"""One fault, one finding: what is told, what is not, and that nothing is ever lost of the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad

from kg.curation import judging
from kg.curation.folding import FoldedFindings, fold
from kg.curation.validation import CurrentValidation
from kg.findings import Finding
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.shacl import project_shapes
from kg.submissions import SubmittedText, read
from tests.support.tiers import FEW, MANY
from tests.support.turtle import PREFIXES, node

pytestmark = pytest.mark.drawn

RIGHT = """source:council-list a cd:Source ; skos:prefLabel "List of the council"@en ;
  dcterms:title "Sister cities"@en ; dcterms:rights "not known"@en .
twinning:jinan-york a cd:Twinning ; skos:prefLabel "Twinning of Jinan and York"@en ; cd:twin city:jinan , city:york .
account:jinan-york a cd:Account ; cd:accountOf twinning:jinan-york ;
  cd:statedIn source:council-list ; cd:status status:current .
"""
SEVERITIES = ("Violation", "Warning", "Info")


@dataclass(frozen=True)
class Told:
    """What was found in a change, and what of it was told."""

    checks: Sequence[Finding]
    found: Sequence[Finding]
    change: Change
    folded: FoldedFindings

    @property
    def shown(self) -> list[str]:
        kept = (*self.folded.checks, *self.folded.shapes)
        return [finding.shape.removeprefix("shape:") or finding.step for finding in kept]


def told(validation: CurrentValidation, text: str) -> Told:
    """Validate a text, and return what goes into its report."""
    seen: list[Told] = []

    def spy(checks: Sequence[Finding], found: Sequence[Finding], change: Change, shapes: object) -> FoldedFindings:
        folded = fold(checks, found, change, project_shapes())
        seen.append(Told(checks, found, change, folded))
        return folded

    submission = read([SubmittedText((PREFIXES + text).encode(), "text/turtle")], f"{ns.GRAPH}curated/test", "s")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "fold", spy)
        validation.report(submission)
    return seen[0]


UNDEFINED = f"""
theme:gastronomy a skos:Concept ; skos:inScheme <{ns.VOCABULARY}theme> ; dcterms:source source:council-list ;
    skos:prefLabel "gastronomy"@en , "美食"@zh-Hans ."""


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("status:current", "status:curent", "vocabulary"),
        ("a cd:Twinning", "a cd:Twining", "vocabulary"),
        ("a cd:Twinning ; ", "", "vocabulary"),
        ("city:jinan , city:york", "city:jinan , city:yorkk", "vocabulary"),
        ("cd:accountOf", "cd:acountOf", "vocabulary"),
        ("cd:statedIn", "cd:statdIn", "vocabulary"),
        ("cd:statedIn source:council-list ;", "", "evidence"),
        ("city:jinan , city:york", "city:york", "Twinning-twin"),
        ("city:jinan , city:york", "city:york , network:c40", "Twinning-twin"),
        ("city:jinan , city:york", "city:leeds , city:hangzhou", "identity"),
        ("status:current .", "status:current . city:york wgs84:lat 506.0 .", "Polity-lat"),
        ("status:current .", f"status:current . {UNDEFINED}", "Concept-definition"),
        ("status:current .", "status:current . function:trade a skos:Concept ; skos:prefLabel 'x'@en .", "policy"),
    ],
)
def test_one_fault_has_one_finding(validation: CurrentValidation, old: str, new: str, shown: str) -> None:
    assert old in RIGHT
    assert told(validation, RIGHT.replace(old, new)).shown == [shown], told(validation, RIGHT.replace(old, new)).folded


def test_two_faults_have_two_findings(validation: CurrentValidation) -> None:
    text = RIGHT.replace("cd:accountOf", "cd:acountOf").replace("city:york", "network:c40")
    assert told(validation, text).shown == ["vocabulary", "Twinning-twin"]


def test_a_pair_within_a_submission_is_told_once(validation: CurrentValidation) -> None:
    again = RIGHT.partition("twinning:")[2].replace("jinan-york", "york-jinan")
    found = told(validation, f"{RIGHT}twinning:{again}")
    assert found.shown == ["identity", "checks"], "its name is the wrong way round, too"


def test_hints_of_the_same_property_are_joined(validation: CurrentValidation) -> None:
    (finding,) = told(validation, "city:york wgs84:lat 506.0 .").folded.shapes
    assert finding.hint == "90 or less; at most 1"


FAULTS = [
    *(("cd:status ", "cd:staus "), ("status:current", "status:gone"), ("cd:Account", "cd:Acount")),
    *(("cd:accountOf", "cd:about"), ("city:york", "city:jinan"), ("cd:twin", "cd:member"), ("city:jinan", "city:qwx")),
    *(
        ("a cd:Source", "a cd:City"),
        ("@en", ""),
        ("cd:Twinning", "cd:Membership"),
        ('"Sister cities"', '"Sister' + ' "'),
    ),
    *(("cd:statedIn", "cd:within"), ("source:council-list", "passage:table-1"), ("status:current", "1998")),
    *(
        ("status:current", "status:current ; cd:begin '1998'"),
        ("city:york", "city:leeds"),
        ("city:jinan", "city:hangzhou"),
    ),
]


@settings(max_examples=FEW)
@given(faults=st.lists(st.sampled_from(FAULTS), max_size=6))
def test_nothing_is_lost_whatever_is_wrong(validation: CurrentValidation, faults: list[tuple[str, str]]) -> None:
    text = RIGHT
    for old, new in faults:
        text = text.replace(old, new)
    found = told(validation, text)
    holds(found)
    linked = [{ns.compact(t.value) for t in (q.subject, q.object)} for q in found.change.added]
    for finding, cause in found.folded.into:
        nodes, causes = {finding.focus, finding.value}, {cause.focus, cause.value}
        assert nodes & causes or any(pair & nodes and pair & causes for pair in linked), (finding, cause)


NODES = ["city:a", "city:b", "twinning:c"]
PATHS = ["cd:accountOf", "cd:twin", "cd:statedIn"]
SOME = st.builds(
    Finding,
    step=st.sampled_from(["vocabulary", "policy", "identity", "evidence", "checks", "shapes"]),
    severity=st.sampled_from(SEVERITIES),
    message=st.sampled_from("MN"),
    focus=st.sampled_from([None, *NODES]),
    path=st.sampled_from([None, *PATHS, "cd:twin/cd:within", "^cd:accountOf", "cd:twin/^cd:twin"]),
    value=st.sampled_from([None, *NODES, *PATHS]),
    shape=st.sampled_from(["", "shape:Account-accountOf", "shape:Twinning-onePerPair"]),
    component=st.sampled_from(["", "MinCountConstraintComponent", "SPARQLConstraintComponent"]),
    hint=st.sampled_from(["", "h"]),
    meant=st.sampled_from(["", *PATHS]),
)
QUADS = st.builds(
    lambda s, p, o: Quad(node(s), node(p), node(o), NamedNode("urn:g")),
    st.sampled_from(NODES),
    st.sampled_from([*PATHS, "rdf:type"]),
    st.sampled_from([*NODES, *PATHS]),
)


@settings(max_examples=MANY)
@given(findings=st.lists(SOME, max_size=8), quads=st.frozensets(QUADS, max_size=5))
def test_nothing_is_lost_of_any_findings(findings: list[Finding], quads: frozenset[Quad]) -> None:
    checks, found = ([f for f in findings if (f.step == "shapes") == is_shapes] for is_shapes in (False, True))
    change = Change(quads, frozenset())
    holds(Told(checks, found, change, fold(checks, found, change, project_shapes())))


def holds(told: Told) -> None:
    """Assert that each finding is told or folded into one that is told and no less severe."""
    full, shown = [*told.checks, *told.found], [*told.folded.checks, *told.folded.shapes]
    kept = {replace(finding, hint="") for finding in shown}
    assert bool(shown) == bool(full)
    assert any(f.severity == "Violation" for f in shown) == any(f.severity == "Violation" for f in full)
    folded = {finding for finding, _ in told.folded.into}
    assert all(finding in folded or replace(finding, hint="") in kept for finding in full)
    for finding, cause in told.folded.into:
        assert replace(cause, hint="") in kept
        assert SEVERITIES.index(cause.severity) <= SEVERITIES.index(finding.severity)
