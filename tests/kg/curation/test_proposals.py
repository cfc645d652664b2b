"""Proposals: kept as sent, decided once, listed by state."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from kg.accounts.database import Database
from kg.curation.proposals.store import (
    AlreadyDecidedError,
    NewProposal,
    NoSuchProposalError,
    NotTheProposerError,
    Proposal,
    Proposals,
    ProposalState,
)
from kg.errors import BadValueError

DRAFT = NewProposal(
    proposer="carla",
    summary="Leeds 与杭州",
    source="https://example.org/minutes",
    graph="https://w3id.org/city-diplomacy/graph/curated/minutes",
    media_type="multipart/form-data; boundary=x",
    body=b"\x00\xff<a> <b> <c> .\r\n",
    findings=({"severity": "warning", "message": {"en": "m", "zh": "消息"}, "line": 3},),
)


@pytest.fixture
def proposals(tmp_path: Path) -> Proposals:
    return Proposals(Database(tmp_path, clock=lambda: 1_000_000_000))


def test_what_is_stored_comes_back_as_it_was(proposals: Proposals) -> None:
    stored = proposals.add(DRAFT)
    assert stored == Proposal(
        number=1,
        proposer=DRAFT.proposer,
        summary=DRAFT.summary,
        source=DRAFT.source,
        graph=DRAFT.graph,
        media_type=DRAFT.media_type,
        findings=list(DRAFT.findings),
        submitted="2001-09-09T01:46:40Z",
        state=ProposalState.OPEN,
        reviewer=None,
        reason=None,
        decided=None,
        change=None,
    )
    assert proposals.get(1) == stored
    assert proposals.get_open(1) == stored
    assert proposals.body(1) == DRAFT.body


def test_pages_go_from_the_newest_to_the_oldest_and_by_state(proposals: Proposals) -> None:
    for number in range(7):
        proposals.add(replace(DRAFT, summary=str(number)))
    proposals.accept(2, "dora", 12)
    proposals.refuse(5, "dora", "no source")
    proposals.withdraw(6, "carla", "a slip")
    pages = [proposals.page(limit=3, offset=offset) for offset in (0, 3, 6, 9)]
    assert [[one.number for one in page.proposals] for page in pages] == [[7, 6, 5], [4, 3, 2], [1], []]
    assert {page.total for page in pages} == {7}
    by_state = {state: [one.number for one in proposals.page(state).proposals] for state in ProposalState}
    assert by_state == {
        ProposalState.DRAFT: [],
        ProposalState.OPEN: [7, 4, 3, 1],
        ProposalState.ACCEPTED: [2],
        ProposalState.REFUSED: [5],
        ProposalState.WITHDRAWN: [6],
    }
    assert proposals.page(ProposalState.OPEN, limit=1).total == 4


def test_a_decision_is_kept_with_who_and_when_and_why(proposals: Proposals) -> None:
    for _ in range(3):
        proposals.add(DRAFT)
    accepted, refused = proposals.accept(1, "dora", 12), proposals.refuse(2, "dora", " no source ")
    withdrawn = proposals.withdraw(3, "carla")
    assert (accepted.state, accepted.reviewer, accepted.change) == (ProposalState.ACCEPTED, "dora", 12)
    assert (refused.state, refused.reviewer, refused.reason) == (ProposalState.REFUSED, "dora", "no source")
    assert (withdrawn.state, withdrawn.reviewer, withdrawn.reason) == (ProposalState.WITHDRAWN, "carla", None)
    assert {one.decided for one in (accepted, refused, withdrawn)} == {"2001-09-09T01:46:40Z"}
    assert [proposals.get(number) for number in (1, 2, 3)] == [accepted, refused, withdrawn]


def test_who_comes_second_is_told_what_happened(proposals: Proposals) -> None:
    proposals.add(DRAFT)
    proposals.refuse(1, "dora", "no source")
    with pytest.raises(AlreadyDecidedError, match="refused by dora at 2001-09-09T01:46:40Z: no source"):
        proposals.accept(1, "emil", 12)
    with pytest.raises(AlreadyDecidedError):
        proposals.get_open(1)
    with pytest.raises(AlreadyDecidedError):
        proposals.withdraw(1, "carla")
    proposals.add(DRAFT)
    proposals.accept(2, "dora", 12)
    with pytest.raises(AlreadyDecidedError, match=r"accepted by dora(.|\n)*change 12"):
        proposals.refuse(2, "emil", "late")
    assert proposals.get(1).reason == "no source"


def test_of_many_reviewers_at_the_same_time_one_decides(tmp_path: Path) -> None:
    Proposals(Database(tmp_path)).add(DRAFT)
    outcomes: list[Proposal | AlreadyDecidedError] = []
    together = threading.Barrier(8)

    def decide(number: int) -> None:
        mine = Proposals(Database(tmp_path))  # a database of its own, as another process has
        together.wait()
        try:
            if number % 2:
                outcomes.append(mine.accept(1, f"reviewer {number}", number))
            else:
                outcomes.append(mine.refuse(1, f"reviewer {number}", "no"))
        except AlreadyDecidedError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [outcome for outcome in outcomes if isinstance(outcome, Proposal)]
    lost = [outcome.proposal for outcome in outcomes if isinstance(outcome, AlreadyDecidedError)]
    assert len(won) == 1
    assert lost == won * 7


def test_only_the_proposer_withdraws_and_a_refusal_needs_a_reason(proposals: Proposals) -> None:
    proposals.add(DRAFT)
    with pytest.raises(NotTheProposerError, match="carla"):
        proposals.withdraw(1, "dora")
    with pytest.raises(BadValueError, match="reason"):
        proposals.refuse(1, "dora", " \n")
    assert proposals.get(1).state is ProposalState.OPEN


@pytest.mark.parametrize("number", [0, -1, 2, 1 << 63, 10**40])
def test_a_number_that_nothing_has(proposals: Proposals, number: int) -> None:
    proposals.add(DRAFT)
    with pytest.raises(NoSuchProposalError):
        proposals.get(number)
    with pytest.raises(NoSuchProposalError):
        proposals.body(number)
    with pytest.raises(NoSuchProposalError):
        proposals.accept(number, "dora", 1)


def test_what_fails_around_a_decision_undoes_it(tmp_path: Path) -> None:
    database = Database(tmp_path)
    proposals = Proposals(database)
    proposals.add(DRAFT)
    with pytest.raises(OSError, match="disk"), database.writing():  # noqa: PT012 – what is undone has to be done first
        proposals.accept(1, "dora", 12)
        raise OSError("disk")
    assert proposals.get(1).state is ProposalState.OPEN
