"""Check what a submission says, before SHACL is asked: vocabulary, policy, identity and evidence, in that order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from pyoxigraph import Quad, Store

from kg.after_change import AfterChange
from kg.check_evidence import check_evidence
from kg.check_identity import check_identity
from kg.check_left_over import check_left_over
from kg.check_policy import check_policy
from kg.check_vocabulary import check_vocabulary
from kg.faults import Fault
from kg.submission_scans import MOST_FAULTS
from kg.submissions import Submission

Found = Iterator[tuple[Quad, Fault]]
_CHECKS: tuple[Callable[[AfterChange], Found], ...] = (
    check_vocabulary,
    check_policy,
    check_identity,
    check_evidence,
    check_left_over,
)
_NOWHERE = (10**9, 0)


def check(submission: Submission, store: Store) -> list[Fault]:
    """Return what is wrong with a submission, each fault with its place, at the most twenty of each check.

    The default graph of `store` is the set union of all statements about the world.
    """
    after = AfterChange(submission.change, store)
    return [fault for run in _CHECKS for fault in _told(run(after), submission)]


def _told(found: Iterable[tuple[Quad, Fault]], submission: Submission) -> list[Fault]:
    """Return the faults in the order of their places, each once, where it first occurs."""
    first: dict[Fault, tuple[int, int]] = {}
    for quad, fault in found:
        place = submission.place_of(quad) or _NOWHERE
        first[fault] = min(place, first.get(fault, _NOWHERE))
    in_order = sorted(first, key=lambda fault: (first[fault], fault.message, str(fault.focus), str(fault.value)))
    told = [_placed(fault, first[fault]) for fault in in_order[:MOST_FAULTS]]
    return [*told, *_rest(in_order[MOST_FAULTS:])]


def _placed(fault: Fault, place: tuple[int, int]) -> Fault:
    return fault if place == _NOWHERE else replace(fault, line=place[0], column=place[1])


def _rest(faults: list[Fault]) -> Iterator[Fault]:
    if faults:
        severity = "Violation" if any(fault.severity == "Violation" for fault in faults) else "Warning"
        message, zh = f"There are {len(faults)} more of this kind.", f"另有 {len(faults)} 处此类问题。"
        yield Fault(faults[0].step, severity, message, zh, hint="Mend the first ones, and check again.")
