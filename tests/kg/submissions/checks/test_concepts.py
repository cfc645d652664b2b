"""Concepts that curators bring: new ones of open schemes, told apart from those of the files."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, Quad, Store

from kg.findings import Finding
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import RDF, SKOS
from kg.rules.clauses import NARROWER_ASKED
from kg.submissions.checks.concepts import open_schemes, scheme_of
from tests.kg.submissions.checks.test_run import SOURCED, findings, grown, only

pytestmark = pytest.mark.drawn

V = ns.VOCABULARY
WORDS = "skos:prefLabel 'x'@en , '某'@zh-Hans ; skos:definition 'Some x.'@en , '某物。'@zh-Hans"
NIGHT_LIFE = (
    f"theme:night-life a skos:Concept ; skos:inScheme <{V}theme> ; {WORDS} ; {SOURCED} ; skos:broader theme:culture ."
)


def stated(name: str, scheme: str, more: str = "") -> str:
    return f"{name} a skos:Concept ; skos:inScheme <{V}{scheme}> ; {WORDS} ; {SOURCED} {more} ."


def told(found: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.step, finding.severity) for finding in found]


def test_the_shapes_say_which_schemes_are_open(store: Store) -> None:
    expected = "activity-kind agreement-basis aspect frequency key-term magnitude mediation-role membership-role method"
    more = "office-kind organization-kind place-kind theme tie-character tie-status unit"
    assert open_schemes(store) == [*expected.split(), *more.split()]


PLAIN = "activity-kind agreement-basis aspect frequency key-term magnitude method organization-kind place-kind theme"


@pytest.mark.parametrize("scheme", [*PLAIN.split(), "tie-character", "unit"])
def test_a_concept_of_an_open_scheme_is_taken(store: Store, scheme: str) -> None:
    assert findings(store, stated(f"<{V}{scheme}/night-life>", scheme)) == []


def test_it_can_be_used_in_the_same_submission_and_later(store: Store) -> None:
    use = "finding:x a cd:Finding ; cd:statedIn source:geonames ; cd:about theme:night-life ."
    assert findings(store, NIGHT_LIFE + use) == []
    assert findings(grown(store, NIGHT_LIFE), use) == []
    assert only("vocabulary", findings(store, use)).value == "theme:night-life"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (stated("function:spying", "diplomatic-function"), "The vocabulary diplomatic-function is closed", "Open are"),
        (stated(f"<{V}theem/x>", "theem"), "There is no vocabulary 'theem'", "Did you mean 'theme'?"),
        ("theme:climate skos:altLabel 'warming'@en .", "theme:climate belongs to the files", "maintainers"),
        ("theme:climate a cd:City .", "theme:climate belongs to the files", "maintainers"),
        ("theme:x skos:prefLabel 'x'@en .", "theme:x would not be a concept", "theme:x a skos:Concept ; skos:inScheme"),
        (stated(f"<{V}theme/Night_Life>", "theme"), "'Night_Life' is not a valid name", "small letters"),
        (stated(f"<{V}theme/a/b>", "theme"), "'a/b' is not a valid name", "small letters"),
        (stated("theme:x", "theme", "; a cd:City"), "no type but skos:Concept", "below id/"),
        (stated("theme:x", "theme", "; cd:note 'x'@en"), "cannot have the property cd:note", "skos:scopeNote"),
        (stated("theme:x", "theme", "; skos:narrower theme:climate"), "cannot have the property", "skos:broader"),
        (stated("theme:x", "unit"), "belongs to the vocabulary theme", f"skos:inScheme <{V}theme>"),
        (
            stated("theme:x", "theme", f"; skos:topConceptOf <{V}unit>"),
            "belongs to the vocabulary theme",
            f"<{V}theme>",
        ),
        (stated("theme:x", "theme", "; skos:broader unit:one"), "another concept of theme", "leave skos:broader out"),
        (stated("theme:x", "theme", "; skos:broader theme:x"), "another concept of theme", "leave skos:broader out"),
    ],
)
def test_what_may_not_be_said_of_concepts_is_told_once(store: Store, text: str, message: str, hint: str) -> None:
    (finding,) = (found for found in findings(store, text) if found.step == "policy")
    assert message in finding.message
    assert hint in finding.hint


def test_only_a_concept_is_put_into_a_scheme(store: Store) -> None:
    finding = only("policy", findings(store, f"city:leeds skos:inScheme <{V}theme> ."))
    assert "defines a term" in finding.message


def test_a_new_concept_has_a_source_and_keeps_it(store: Store) -> None:
    text = NIGHT_LIFE.replace(f"; {SOURCED}", "")
    assert only("evidence", findings(store, text)).path == "dcterms:source"
    removed = f"theme:night-life {SOURCED} ."
    assert only("evidence", findings(grown(store, NIGHT_LIFE), removed=removed)).focus == "theme:night-life"


def test_a_concept_with_the_name_of_another_of_its_scheme_is_told(store: Store) -> None:
    named = "skos:altLabel 'Trade'@en"
    finding = only(
        "identity", [f for f in findings(store, stated("theme:x", "theme", f"; {named}")) if "trade" in str(f.value)]
    )
    assert (finding.value, finding.severity) == ("theme:trade", "Warning")
    assert findings(store, stated("unit:x", "unit", f"; {named}")) == []


@pytest.mark.parametrize(
    ("name", "scheme", "how", "instead"),
    [
        ("status:dissolved", "tie-status", "counts as a current one", "status:former"),
        ("role:vice-president", "membership-role", "does not make its holder a member", "role:member"),
    ],
)
def test_how_the_rules_read_a_new_concept_is_told(store: Store, name: str, scheme: str, how: str, instead: str) -> None:
    (finding,) = findings(store, stated(name, scheme))
    assert (finding.step, finding.severity, finding.focus) == ("policy", "Warning", name)
    assert how in finding.message
    assert instead in finding.hint


def test_what_the_rules_ask_of_the_terms_is_left_to_the_files(store: Store) -> None:
    scheme = scheme_of(NARROWER_ASKED)
    finding = only(
        "policy",
        [
            f
            for f in findings(store, stated("role:x", scheme, "; skos:broader role:member"))
            if f.severity == "Violation"
        ],
    )
    assert "rules depend on it" in finding.message


def test_a_concept_in_use_is_not_taken_away(store: Store) -> None:
    there = grown(store, NIGHT_LIFE + "activity:cold-war cd:theme theme:night-life .")
    (finding,) = findings(there, removed=NIGHT_LIFE)
    assert (finding.focus, finding.path, finding.value) == ("activity:cold-war", "cd:theme", "theme:night-life")
    assert findings(grown(store, NIGHT_LIFE), removed=NIGHT_LIFE) == []


@pytest.mark.parametrize(
    ("successor", "is_taken"), [("theme:culture", True), ("unit:one", False), ("city:leeds", False), ("theme:y", False)]
)
def test_a_concept_is_withdrawn_in_favour_of_one_of_its_scheme(store: Store, successor: str, is_taken: bool) -> None:
    mark = (
        f"theme:night-life owl:deprecated true ; skos:changeNote 'Too narrow.'@en ; dcterms:isReplacedBy {successor} ."
    )
    found = findings(grown(store, NIGHT_LIFE), mark)
    assert (found == []) == is_taken
    withdrawn = grown(store, NIGHT_LIFE + mark)
    finding = only("vocabulary", findings(withdrawn, "city:leeds cd:about theme:night-life ."))
    assert (finding.meant, finding.hint) == (successor, "Too narrow.")


def test_what_curators_said_of_a_concept_that_the_files_have_by_now_is_taken_back(store: Store) -> None:
    there = grown(store, NIGHT_LIFE + "activity:cold-war cd:theme theme:night-life .")
    there.add(Quad(NamedNode(f"{V}theme/night-life"), RDF.type, SKOS.Concept, graphs.scheme_graph("theme")))
    assert only("policy", findings(there, NIGHT_LIFE.replace("'x'@en", "'y'@en"))).focus == "theme:night-life"
    assert findings(there, removed=NIGHT_LIFE) == []
