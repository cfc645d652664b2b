"""A proposal whose change was made, and whose acceptance nobody noted: its writer was killed, or had no room for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyoxigraph import NamedNode

from kg.curation.curation import CurationService
from kg.curation.draft import Rationale
from kg.curation.proposals.store import AlreadyDecidedError, Proposals, ProposalState
from kg.history import ConflictError
from kg.rdf.change import Change
from kg.rdf.serialise import lines_of
from kg.rdf.vocabulary import CD
from kg.shortage import NoSpaceError, WriteFailedError, no_space_error, write_error
from kg.store import DataFolder
from kg.submissions import Submission, SubmittedText
from tests.kg.conftest import CURATED

Renewed = Callable[[int], Change]


class Killed(BaseException):
    """The writer is no more."""


def propose(curation: CurationService, change: Change) -> None:
    body = "\n".join(f"{quad} ." for quad in change.added).encode()
    rationale = Rationale.parse("Stated", "https://example.org/source", acknowledged=True)
    report = curation.validation.report(Submission(change))
    curation.propose([SubmittedText(body, "application/n-quads")], CURATED.value, rationale, "cleo", report)


def states(curation: CurationService) -> dict[int, tuple[ProposalState, str | None, int | None]]:
    return {one.number: (one.state, one.reviewer, one.change) for one in curation.proposals.page().proposals}


@pytest.fixture
def accepted_and_killed(small: DataFolder, renewed: Renewed, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    """A folder with three proposals, of which the second became a change just before its writer was killed."""

    def kill(*_: object) -> None:
        raise Killed

    with CurationService(small) as curation:
        for year in (2001, 2002, 2003):
            propose(curation, renewed(year))
        with monkeypatch.context() as patch:
            patch.setattr(Proposals, "accept", kill)
            with pytest.raises(Killed):
                curation.accept(2, "ann", acknowledged=True)
    return small


def test_a_part_accepted_just_before_a_kill_is_taken_from_its_proposal(
    small: DataFolder, renewed: Renewed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(*_: object) -> None:
        raise Killed

    first, second = renewed(2001), renewed(2002)
    (other,) = {quad.subject for quad in second.added if quad.object == CD.Twinning}
    assert isinstance(other, NamedNode)
    with CurationService(small) as curation:
        propose(curation, Change.of([*first.added, *second.added]))
        with monkeypatch.context() as patch:
            patch.setattr(Proposals, "note_part", kill)
            with pytest.raises(Killed):
                curation.accept_part(1, curation.draft_of_rows(1, [other.value], "ann", acknowledged=True))
    with CurationService(small) as curation:
        (taken,) = curation.proposals.notes(1)
        assert (taken.author, taken.change, taken.subjects) == (
            *("ann", 1),
            sorted({str(quad.subject)[1:-1] for quad in second.added}),
        )
        left = curation.submission(curation.proposals.get_open(1))
        assert left.change == first
        with pytest.raises(ConflictError, match="decided meanwhile"):
            curation.draft_of_rows(1, [other.value], "bob", acknowledged=True)
        assert curation.accept(1, "bob", acknowledged=True).added == lines_of(first.added)


def test_a_proposal_accepted_just_before_a_kill_is_listed_as_accepted(accepted_and_killed: DataFolder) -> None:
    with CurationService(accepted_and_killed) as curation:
        listed = states(curation)
        assert curation.accept(2, "ann", acknowledged=True).number == 1  # who has lost the answer asks again
        with pytest.raises(AlreadyDecidedError, match="accepted by ann"):
            curation.accept(2, "bob", acknowledged=True)
        with pytest.raises(AlreadyDecidedError, match="accepted by ann"):
            curation.refuse(2, "ann", "after all")
    assert listed == {
        1: (ProposalState.OPEN, None, None),
        2: (ProposalState.ACCEPTED, "ann", 1),
        3: (ProposalState.OPEN, None, None),
    }


def test_it_is_settled_at_the_start_of_a_service(accepted_and_killed: DataFolder) -> None:
    with CurationService(accepted_and_killed) as curation:
        curation.settle()
        assert Proposals(curation.database).get(2).state is ProposalState.ACCEPTED


@pytest.mark.drawn
def test_one_that_there_was_no_room_to_note_is_settled_once_it_is_asked_for(
    small: DataFolder, renewed: Renewed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        error = write_error(small.path, no_space_error())
        assert isinstance(error, NoSpaceError)
        raise error

    with CurationService(small) as curation:
        propose(curation, renewed(2001))
        with monkeypatch.context() as patch:
            patch.setattr(Proposals, "accept", full)
            with pytest.raises(WriteFailedError, match="Change 1 is recorded"):
                curation.accept(1, "ann", acknowledged=True)
            assert states(curation) == {1: (ProposalState.OPEN, None, None)}  # there is still no room, and a list
        assert states(curation) == {1: (ProposalState.ACCEPTED, "ann", 1)}


def test_where_nobody_has_written_nothing_is_made(small: DataFolder) -> None:
    with CurationService(small) as curation:
        curation.settle()
    assert not (small.path / "desk.sqlite").exists()
