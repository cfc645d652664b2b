"""A history with terms that were replaced since is built, read, answered, taken back and kept in the terms of today."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad

from kg.building import back_up, restore, sources
from kg.building.verification import verify
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import OWL
from kg.store import DataFolder
from tests.support.called import called
from tests.support.part import only, part_of_files
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

HISTORY = Path(__file__).with_name("replaced_terms") / "history"
ACCOUNTS = [
    f"account:section-3.2-p5--{name}" for name in ("activity-uclg-conference-in-wakatobi", "membership-guangzhou-uclg")
]
"""What the files say of the event on which the list has a sentence, and of what that leads to."""
TODAY = """
activity:old-mission a cd:Activity ; cd:activityKind activity-kind:mission .
account:old-list--activity-old-mission cd:participant group:chinese-cities ; cd:theme theme:trade .
account:old-list--activity-uclg-conference-in-wakatobi cd:says "Held in 2014."@en .
account:old-list--activity-old-event cd:says "A better sentence."@en .
organisation:old-company a cd:Organization ; cd:organizationKind organization-kind:research-body .
region:old-sar a cd:Polity ; cd:placeKind place-kind:special-administrative-region .
office:old-leeds-hangzhou a cd:Office ; cd:officeKind office-kind:office-abroad .
team:old-leeds cd:operator city:york .
passage:old-report-figure-1 a cd:Passage ; cd:passageKind kind:figure .
citation:old-note cd:note "Chapter 2."@en .
account:old-list--strategy-old-york cd:about term:partial-strategy .
account:old-list--membership-bristol-uclg cd:role role:direct-participant .
mediation:local-government-association-leeds-uclg cd:mediator network:local-government-association .
account:old-list--mediation-old-broker cd:role mediation-role:broker .
finding:old-effect-clear cd:magnitude magnitude:clear .
finding:old-effect-practical cd:aspect aspect:practical-benefits .
finding:old-hedge-loose cd:extent extent:loose .
account:old-list--twinning-london-qingdao cd:note "The oldest of all."@en .
group:old-offices cd:groupOf office-kind:office-abroad .
"""
STILL_ANSWERED = """
activity:old-mission a cd:Mission ; cd:says "An old mission."@en .
organisation:old-ngo a cd:NonGovernmentalOrganization .
office:old-leeds-hangzhou a cd:OfficeAbroad .
team:old-jinan cd:unitOf city:jinan .
citation:old-note cd:citationNote "Chapter 2."@en .
account:old-list--membership-leeds-uclg cd:through network:local-government-association .
finding:old-effect-clear cd:effectStrength <https://w3id.org/city-diplomacy/vocabulary/effect-strength/clear> .
group:old-offices cd:groupOf cd:OfficeAbroad .
""".replace("old-ngo", "old-nongovernmentalorganization")


def files() -> list[Quad]:
    """The ontology and its vocabularies, and what the changes name of the facts."""
    text = "".join(path.read_text(encoding="utf-8") for path in HISTORY.glob("*.json"))
    named = part_of_files(*ACCOUNTS, *set(re.findall(r"<([^<>]+)>", text)))
    return list({*named, *filter(is_of_ontology, sources.load())})


def is_of_ontology(quad: Quad) -> bool:
    graph = str(getattr(quad.graph_name, "value", ""))
    return quad.graph_name == graphs.ONTOLOGY or graph.startswith(graphs.VOCABULARIES)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DataFolder, str]]:
    """A folder that was built upon the old history, and what the build printed."""
    folder = DataFolder(tmp_path_factory.mktemp("old") / "data")
    shutil.copytree(HISTORY, folder.path / "history")
    with only(files()):
        made = called("build", CITYKG_DATA=str(folder.path))
        assert made.returncode == 0, made.stderr
        yield folder, made.stdout


def holds(folder: DataFolder, text: str) -> bool:
    answer = folder.open().query(f"{PREFIXES} ASK {{ {text} }}")
    return bool(answer)


def missing(folder: DataFolder, statements: str) -> list[str]:
    return [line for line in statements.strip().splitlines() if not holds(folder, line)]


def test_each_change_counts_in_the_terms_of_today_or_is_named_with_its_rule(old: tuple[DataFolder, str]) -> None:
    folder, printed = old
    assert folder.require_build().withheld_numbers == {13}
    listed = printed.partition("Change 13, ")[2]
    assert "vocabulary: role:coordinator was replaced by mediation-role:coordinator." in listed
    assert missing(folder, TODAY) == []
    store = folder.open()
    gone = {quad.subject for quad in store.quads_for_pattern(None, OWL.deprecated, None, None)}
    assert len(gone) > 60
    curated = [quad for quad in store if graphs.is_curated(getattr(quad.graph_name, "value", ""))]
    assert [quad for quad in curated if {quad.predicate, quad.object} & gone] == []


def test_who_asks_with_the_old_terms_is_answered(old: tuple[DataFolder, str]) -> None:
    assert missing(old[0], STILL_ANSWERED) == []


@pytest.mark.slow
def test_old_changes_are_taken_back_and_the_folder_is_whole_also_from_a_backup(
    old: tuple[DataFolder, str], tmp_path: Path
) -> None:
    folder = DataFolder(tmp_path / "data")
    shutil.copytree(old[0].path, folder.path)
    for number in ("9", "4"):
        undone = called("revert", number, "--summary", "Not so", CITYKG_DATA=str(folder.path), CITYKG_AS="Rita")
        assert undone.returncode == 0, undone.stderr
    for gone in ("finding/old-hedge-loose", "citation/old-note", "account/old-list--publication-old-book"):
        assert not [*folder.open().quads_for_pattern(NamedNode(ns.ID + gone), None, None, None)]
    back_up(folder, tmp_path / "backup")
    restore(DataFolder(tmp_path / "restored"), tmp_path / "backup")
    for one in (folder, DataFolder(tmp_path / "restored")):
        assert [check for check in verify(one) if not check.passed] == []
    for path in HISTORY.glob("*.json"):
        assert (folder.path / "history" / path.name).read_bytes() == path.read_bytes()
