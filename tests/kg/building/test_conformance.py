"""A folder whose changes an older gate let pass builds without those that no longer conform, and says which."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from kg.building import back_up, build_if_needed, restore
from kg.building.conformance import Exemptions, all_broken_changes
from kg.errors import DataFolderError
from kg.history import History
from kg.publish.withdrawn import is_withdrawn
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import DCTERMS
from kg.store import DataFolder
from tests.support.called import called
from tests.support.part import only, part_of_files
from tests.support.tiers import by_tier

pytestmark = pytest.mark.drawn

HISTORY = Path(__file__).with_name("old_history") / "history"
NO_LONGER = {
    2: "Only the files can state what passage:table-1 says.",
    3: "account:table-1--twinning-dalian-glasgow belongs to the files",
    4: "source:council-list has an account of twinning:jinan-york already.",
    5: "city:london belongs to the files and can only be withdrawn there.",
    6: "Only the files can state what publication:this-report says.",
    7: "A cd:FunctionAssignment is an interpretation",
    8: "source:gone is withdrawn without a reason.",
}
"""Changes that no longer conform, and what is said of each; as shapes become stricter, 9 may be one as well."""

MIGRATED = [10, 11, 12, 13, 14, 15]
OLD_TERMS = ["prov:wasDerivedFrom", "cd:earliest", "cd:latest", "cd:ofActivity"]

PART = (
    "city:jinan city:york city:anshan city:london passage:table-1 passage:table-2 "
    "account:table-1--twinning-dalian-glasgow status:former unit:one measure:count function:gathering-information"
).split()
"""What the changes name of the facts."""


FACTS = ["part", *by_tier([], [], ["all facts"])]
"""Those that the old history is built upon; with all facts the same is found, in some minutes."""


@pytest.fixture(scope="module", params=FACTS)
def old(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DataFolder, str]]:
    """A folder that was built upon the old history, and what the build printed."""
    folder = DataFolder(tmp_path_factory.mktemp("old") / "data")
    shutil.copytree(HISTORY, folder.path / "history")
    with only(part_of_files(*PART)) if request.param == "part" else nullcontext():
        made = called("build", CITYKG_DATA=str(folder.path))
        assert made.returncode == 0, made.stderr
        yield folder, made.stdout


def test_an_old_history_builds_and_what_no_longer_conforms_is_listed(old: tuple[DataFolder, str]) -> None:
    folder, printed = old
    for number, message in NO_LONGER.items():
        listed = printed.partition(f"Change {number}, ")[2].partition("\nChange ")[0]
        assert message in listed
        assert "no longer conforms and does not count in the graph" in listed
        assert f"citykg exempt {number} --reason TEXT, then citykg build" in listed
        assert printed.count(f"Change {number}, ") == 1
    assert "Change 1, " not in printed
    assert "The facts of the files conform" in printed
    assert not is_withdrawn(folder.open(), NamedNode(ns.ID + "city/london"))
    assert not is_withdrawn(folder.open(), NamedNode(ns.ID + "source/gone"))
    assert {*NO_LONGER} <= folder.require_build().withheld_numbers <= {*NO_LONGER, 9}


def test_an_exempted_change_counts_from_the_next_build_on_and_the_rest_does_not(
    old: tuple[DataFolder, str], tmp_path: Path
) -> None:
    folder = DataFolder(tmp_path / "data")
    shutil.copytree(old[0].path, folder.path)
    at = {"CITYKG_DATA": str(folder.path), "CITYKG_AS": "Rita"}
    before, of_4 = folder.require_build(), History(folder.path).get(4)
    assert of_4 is not None
    refused = called("revert", "2", "--summary", "Not so", **at)
    assert refused.returncode == 1
    assert refused.stderr.startswith("Change 2 does not count in the graph, since it no longer conforms")

    exempted = called("exempt", "4", "--reason", "The list has two pages", **at)
    assert exempted.stdout.startswith("Change 4, 'The council says elsewhere that it has ended', stands: The list has")
    for number, reason in (("1", "x"), ("99", "x"), ("3", " ")):
        assert called("exempt", number, "--reason", reason, **at).returncode == 1
    assert not any(quad in folder.open() for quad in of_4.added_quads())
    summary = build_if_needed(folder)
    assert summary is not None
    assert build_if_needed(folder) is None
    assert all(quad in folder.open() for quad in of_4.added_quads())
    assert summary.build.withheld_numbers == before.withheld_numbers - {4}
    assert summary.build.revision != before.revision  # of the same files and as many changes
    verified = called("verify", **at)
    left = ", ".join(map(str, sorted(summary.build.withheld_numbers)))
    assert verified.returncode == 0
    assert f"do not count: {left}; exempt: 4" in verified.stdout

    back_up(folder, tmp_path / "backup")
    restore(DataFolder(tmp_path / "restored"), tmp_path / "backup")
    kept = Exemptions(tmp_path / "restored").all()
    assert {number: (one.by, one.reason, one.change) for number, one in kept.items()} == {
        4: ("Rita", "The list has two pages", of_4.hash)
    }
    assert DataFolder(tmp_path / "restored").require_build() == summary.build
    assert called("verify", CITYKG_DATA=str(tmp_path / "restored")).returncode == 0


def test_what_old_terms_state_is_stated_in_those_of_today(old: tuple[DataFolder, str], tmp_path: Path) -> None:
    """And an old change is taken back as it counts by now; the records stay as they were written."""
    folder, printed = old
    assert f"Changes {', '.join(map(str, MIGRATED))}: read in today's terms" in printed
    selby, terms = NamedNode(ns.ID + "city/selby"), {ns.expand(term) for term in OLD_TERMS}
    stated = [quad for quad in folder.open() if graphs.is_curated(getattr(quad.graph_name, "value", ""))]
    assert any(quad.subject == selby and quad.predicate == DCTERMS.source for quad in stated)
    assert [quad for quad in stated if quad.predicate.value in terms] == []
    about = NamedNode(ns.ID + "account/council-list--twinning-jinan-london")
    dates = {
        quad.predicate.value.removeprefix(ns.CD): quad.object.value
        for quad in stated
        if quad.subject == about and isinstance(quad.object, Literal)
    }
    assert dates == {
        **{"begin": "1980s", "beginEarliest": "1980-01-01", "beginLatest": "1989-12-31"},
        **{"end": "2010", "endEarliest": "2010-01-01", "endLatest": "2010-12-31"},
    }
    for path in HISTORY.glob("*.json"):
        assert (folder.path / "history" / path.name).read_bytes() == path.read_bytes()

    copy = DataFolder(tmp_path / "data")
    shutil.copytree(folder.path, copy.path)
    at = {"CITYKG_DATA": str(copy.path), "CITYKG_AS": "Rita"}
    for number in ("14", "11"):
        taken_back = called("revert", number, "--summary", "Not so", **at)
        assert taken_back.returncode == 0, taken_back.stderr
    assert not any(quad.subject == selby for quad in copy.open())
    assert called("verify", **at).returncode == 0


def test_an_exemption_that_was_altered_shows(old: tuple[DataFolder, str], tmp_path: Path) -> None:
    shutil.copytree(HISTORY, tmp_path / "history")
    exemptions = Exemptions(tmp_path)
    broken = {one.record.number: one for one in all_broken_changes(old[0])}
    exemptions.add(broken[3], "Rita", "It is so")
    exemptions.add(broken[4], "Rita", "It is so")
    assert exemptions.has_exemption(broken[3].record)
    (path, other) = exemptions.paths()
    for altered in (path.read_text().replace("It is so", "It is no"), "{", other.read_text()):
        path.write_text(altered)
        with pytest.raises(DataFolderError):
            exemptions.all()
