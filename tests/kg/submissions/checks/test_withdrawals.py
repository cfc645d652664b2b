"""What is withdrawn has a reason, and a successor or expressly none; what the files state is withdrawn by files."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

from kg.submissions.checks import withdraws
from tests.kg.submissions.checks.test_run import TWINNING, findings, grown, submission

STAYS = "stays on pages"
REASON = 'skos:changeNote "It was misread."@en'


@pytest.fixture(scope="module")
def known(store: Store) -> Store:
    return grown(store, TWINNING + 'source:x a cd:Source . source:old a cd:Source ; owl:deprecated "1"^^xsd:boolean .')


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", ["a reason", "successor"]),
        (REASON, ["successor"]),
        (f"{REASON.replace('It was misread.', ' ')} ; cd:withoutSuccessor true", ["a reason"]),
        (f"{REASON} ; cd:withoutSuccessor true ; dcterms:isReplacedBy source:x", ["successor"]),
        (f"{REASON} ; cd:withoutSuccessor false", ["successor"]),
        (f"{REASON} ; dcterms:isReplacedBy twinning:chengdu-leeds", ["place"]),
        (f"{REASON} ; dcterms:isReplacedBy source:old", ["place"]),
        (f"{REASON} ; dcterms:isReplacedBy 'x'", ["place"]),
        (f"{REASON} ; cd:withoutSuccessor true", []),
        (f"{REASON} ; dcterms:isReplacedBy source:x", []),
        (f"{REASON} ; dcterms:isReplacedBy city:leeds", []),
    ],
)
def test_a_withdrawal_says_why_and_what_takes_its_place(known: Store, said: str, told: list[str]) -> None:
    text = "twinning:chengdu-leeds owl:deprecated true" + (f" ; {said} ." if said else " .")
    found = [one for one in findings(known, text) if STAYS not in one.message]
    assert {finding.focus for finding in found} <= {"twinning:chengdu-leeds"}
    assert all(part in finding.message for part, finding in zip(told, found, strict=True))


def test_a_mark_alone_leaves_the_thing_standing_which_is_said_with_the_way(known: Store) -> None:
    marks = f"twinning:chengdu-leeds owl:deprecated true ; {REASON} ; cd:withoutSuccessor true ."
    (found,) = findings(known, marks)
    assert (found.severity, STAYS in found.message, found.message_zh.startswith("twinning:chengdu-leeds 已撤回")) == (
        *("Warning", True, True),
    )
    assert found.hint.endswith("/desk?about=twinning:chengdu-leeds")
    assert findings(known, marks, removed=TWINNING) == []


@pytest.mark.parametrize("thing", ["city:london", "account:table-1--twinning-dalian-glasgow", "source:geonames"])
def test_what_the_files_state_is_not_withdrawn_here(store: Store, thing: str) -> None:
    found = findings(store, f"{thing} owl:deprecated true ; {REASON} ; cd:withoutSuccessor true .")
    assert [finding.focus for finding in found if "withdrawn" in finding.message] == [thing]


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("city:london dcterms:isReplacedBy city:york .", "city:london"),
        ("city:york dcterms:replaces city:london .", "city:london"),
        ("source:x dcterms:replaces city:london .", "city:london"),
        ("city:london schema:supersededBy city:york .", "city:london"),
        ("city:london cd:withoutSuccessor true .", "city:london"),
        ("city:london <http://schema.org/supersededBy> city:york .", "city:london"),
        ("city:london prov:invalidatedAtTime '2020-01-01T00:00:00Z'^^xsd:dateTime .", "city:london"),
        ("city:london owl:deprecated false .", "city:london"),
        ("city:london owl:deprecated 'true' ; dcterms:isReplacedBy city:york .", "city:london"),
        ("theme:culture dcterms:isReplacedBy theme:trade .", "theme:culture"),
    ],
)
def test_nor_replaced_or_marked_in_another_way(known: Store, text: str, thing: str) -> None:
    """By any mark of owl:deprecated, whatever its value, a thing is passed over by names."""
    (found,) = (one for one in findings(known, text) if "withdrawn" in one.message)
    assert (found.step, found.severity, found.focus) == ("policy", "Violation", thing)


def test_a_thing_of_curators_may_take_the_place_of_another_of_theirs(known: Store) -> None:
    assert findings(known, "source:x dcterms:replaces source:old .") == []


@pytest.mark.drawn
def test_a_withdrawal_keeps_its_reason(known: Store) -> None:
    gone = grown(known, f"twinning:chengdu-leeds owl:deprecated true ; {REASON} ; cd:withoutSuccessor true .")
    left = findings(gone, removed=f"twinning:chengdu-leeds {REASON} .")
    (finding,) = (one for one in left if STAYS not in one.message)
    assert "a reason" in finding.message
    assert findings(gone, removed="twinning:chengdu-leeds owl:deprecated true .") == []


def test_what_withdraws_is_known_by_any_spelling_and_only_if_it_is_new(known: Store) -> None:
    for value, expected in (("true", True), ('"1"^^xsd:boolean', True), ("false", False), ("'true'", False)):
        assert withdraws(submission(f"source:x owl:deprecated {value} .").change, known) is expected
    assert not withdraws(submission("source:old owl:deprecated true .").change, known)


@pytest.mark.parametrize(
    ("text", "removed", "told"),
    [
        ("", TWINNING, []),
        ("cd:note 'x' ; ", TWINNING, ["no type"]),
        ("", TWINNING.partition("account:")[0], ["still refers"]),
    ],
)
def test_all_that_is_stated_of_a_thing_goes_and_the_marks_alone_are_left(
    known: Store, text: str, removed: str, told: list[str]
) -> None:
    marks = f"twinning:chengdu-leeds {text}owl:deprecated true ; {REASON} ; cd:withoutSuccessor true ."
    found = findings(known, marks, removed)
    assert all(part in finding.message for part, finding in zip(told, found, strict=True))


def test_of_what_there_never_was_no_marks_are_left(known: Store) -> None:
    found = findings(known, f"twinning:leeds-wuhan owl:deprecated true ; {REASON} ; cd:withoutSuccessor true .")
    assert ["no type" in finding.message for finding in found] == [True]
