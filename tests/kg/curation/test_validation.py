"""What validates against the current snapshot lets go of the one before, at once and without looking for garbage.

A store that is open takes megabytes, and Python looks for cycles in old objects seldom.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from kg.curation import CurationService, validation
from kg.history import Record
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.shacl import ChangeValidation, Ledger
from kg.shacl.data_graph import Overlay
from kg.shacl.selection.index import TripleIndex
from kg.store import DataFolder
from kg.submissions import Submission, SubmittedText, read

ROUNDS = 3


@contextmanager
def without_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def open_snapshots(folder: DataFolder) -> set[str]:
    """Return the names of the snapshots of which this process has files open."""
    found = set()
    for file in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            path = Path(os.readlink(file))
            if path.is_relative_to(folder.path) and path.parent.parent.name == "snapshots":
                found.add(path.parent.name)
    return found


@pytest.mark.drawn
def test_of_the_snapshots_that_were_validated_against_the_last_one_alone_stays_open(
    small: DataFolder, commit: Callable[..., Record], renewed: Callable[[int], Change]
) -> None:
    with CurationService(small) as curation:
        curation.validation.report(Submission(renewed(1999)))
        with without_collection():
            for year in range(2000, 2000 + ROUNDS):
                commit(curation.gate, year)
                assert curation.validation.report(Submission(renewed(1999))).conforms
                assert open_snapshots(small) == {str(curation.gate.build.changes)}


def test_a_report_is_made_once_for_a_revision_and_anew_for_the_next(
    small: DataFolder, commit: Callable[..., Record], renewed: Callable[[int], Change], monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[Submission] = []
    find = validation.findings_in
    monkeypatch.setattr(validation, "findings_in", lambda sent, *rest: checked.append(sent) or find(sent, *rest))
    with CurationService(small) as curation:
        first, again = (curation.validation.report(Submission(renewed(1999))) for _ in range(2))
        assert (first is again, first.changes_nothing, len(checked)) == (True, False, 1)
        commit(curation.gate, 1999)
        now = curation.validation.report(Submission(renewed(1999)))
        assert (now.changes_nothing, now.snapshot and now.snapshot.revision) == (True, curation.gate.build.revision)
        assert len(checked) == 2


def test_the_same_statements_have_the_places_of_each_text(small: DataFolder) -> None:
    text = "<https://w3id.org/city-diplomacy/id/city/london> <https://w3id.org/city-diplomacy/ontology#nonsense> 1 .\n"
    with CurationService(small) as curation:
        for file, before in (("a.ttl", 0), ("a.ttl", 2), ("b.ttl", 2)):
            sent = SubmittedText(("\n" * before + text).encode(), "text/turtle", file=file)
            report = curation.validation.report(read([sent], f"{ns.GRAPH}curated/test"))
            assert {(one.file, one.line) for one in report.findings if one.line} == {(file, before + 1)}


def test_what_a_change_of_very_many_statements_would_mean_is_not_said(
    small: DataFolder, renewed: Callable[[int], Change], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validation, "_MOST_FOLLOWED", 1)
    with CurationService(small) as curation:
        report = curation.validation.report(Submission(renewed(1999)))
    assert (report.conforms, report.effects) == (True, None)
    assert report.no_effects is not None
    assert report.no_effects[0] == "What this would change is not said of more than 1 statements."


def test_validation_leaves_no_graph_behind_not_in_full_either(
    small: DataFolder, renewed: Callable[[int], Change]
) -> None:
    changes, store = ChangeValidation(), small.open()
    with without_collection():
        there = graphs_there()
        ledger = changes.full_ledger(store)
        for budget in (0, 50_000):
            assert changes.verdict(store, ledger, renewed(1999), budget).in_full is (budget == 0)
        assert isinstance(ledger, Ledger)
        assert graphs_there() == there


def graphs_there() -> int:
    return sum(isinstance(one, Overlay | TripleIndex) for one in gc.get_objects())
