"""A folder whose changes an older gate let pass builds, and says which of them no longer conform, and the ways out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from kg.building import back_up, build, restore, sources
from kg.building.conformance import Exemptions, broken_in
from kg.errors import DataFolderError
from kg.history import History, Record
from kg.history.records import START
from kg.publish.withdrawn import is_withdrawn
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.serialise import lines_of
from kg.rdf.vocabulary import DCTERMS
from kg.store import DataFolder
from kg.submissions import Text, read
from tests.support.called import called
from tests.support.part import only, part_of_files

GRAPHS = Path(__file__).parent.parent / "curation" / "graphs" / "wrong"
HISTORY = Path(__file__).with_name("old_history") / "history"
NO_LONGER = {
    2: "What passage:table-1 says comes from files alone.",
    3: "account:table-1--twinning-dalian-glasgow is of the files",
    4: "source:council-list has an account of twinning:jinan-york already.",
    5: "city:london is of the files, and is withdrawn there alone.",
    6: "What publication:this-report says comes from files alone.",
    7: "A cd:FunctionAssignment is an interpretation",
    8: "source:gone is withdrawn without a reason.",
}
"""Changes that no longer conform, and what is said of each; as shapes become stricter, 9 may be one as well."""

MIGRATED = [3, 7, 9, 10, 11, 12, 13, 14, 15]
OLD_TERMS = ["prov:wasDerivedFrom", "cd:earliest", "cd:latest", "cd:ofActivity"]

PART = (
    "city:jinan city:york city:anshan city:london passage:table-1 passage:table-2 "
    "account:table-1--twinning-dalian-glasgow"
).split()
"""What the changes name of the facts."""


@pytest.fixture(scope="module", params=["part", pytest.param("all facts", marks=pytest.mark.slow)])
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
        assert f"citykg revert {number} --summary TEXT" in listed
        assert f"citykg exempt {number} --reason TEXT" in listed
    assert "Change 1, " not in printed
    assert "The facts of the files conform" in printed
    assert not is_withdrawn(folder.open(), NamedNode(ns.ID + "city/london"))
    assert is_withdrawn(folder.open(), NamedNode(ns.ID + "source/gone"))


def test_a_change_is_taken_back_another_stands_and_the_rest_is_named(
    old: tuple[DataFolder, str], tmp_path: Path
) -> None:
    folder = DataFolder(tmp_path / "data")
    shutil.copytree(old[0].path, folder.path)
    at = {"CITYKG_DATA": str(folder.path), "CITYKG_AS": "Rita"}
    for number in ("2", "5"):
        assert called("revert", number, "--summary", "Not so", **at).returncode == 0
    exempted = called("exempt", "4", "--reason", "The list has two pages", **at)
    assert exempted.stdout.startswith("Change 4, 'The council says elsewhere that it has ended', stands: The list has")
    for number, reason in (("1", "x"), ("99", "x"), ("3", " ")):
        assert called("exempt", number, "--reason", reason, **at).returncode == 1

    left = sorted({*NO_LONGER, *(one.record.number for one in broken_in(folder))} - {2, 4, 5})
    verified = called("verify", **at)
    assert verified.returncode == 1
    assert f"no longer conform: {', '.join(map(str, left))}; exempt: 4" in verified.stdout
    assert f"citykg exempt {left[-1]}" in verified.stdout

    back_up(folder, tmp_path / "backup")
    restore(DataFolder(tmp_path / "restored"), tmp_path / "backup")
    kept = Exemptions(tmp_path / "restored").all()
    assert {number: (one.by, one.reason, one.change) for number, one in kept.items()} == {
        4: ("Rita", "The list has two pages", record_hash(folder, 4))
    }


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
    assert [line.split()[1] for line in called("verify", **at).stdout.splitlines() if "│ WRONG" in line] == ["changes"]


def record_hash(folder: DataFolder, number: int) -> str:
    record = History(folder.path).get(number)
    assert record is not None
    return record.hash


def test_an_exemption_that_was_altered_shows(old: tuple[DataFolder, str], tmp_path: Path) -> None:
    shutil.copytree(HISTORY, tmp_path / "history")
    exemptions = Exemptions(tmp_path)
    broken = {one.record.number: one for one in broken_in(old[0])}
    exemptions.add(broken[3], "Rita", "It is so")
    exemptions.add(broken[4], "Rita", "It is so")
    assert exemptions.cover(broken[3].record)
    (path, other) = exemptions.paths()
    for altered in (path.read_text().replace("It is so", "It is no"), "{", other.read_text()):
        path.write_text(altered)
        with pytest.raises(DataFolderError):
            exemptions.all()


STRICTER = {
    "finding-that-is-a-person": "cannot be cd:Finding and cd:Person",
    "circle-of-groups": "cd:subgroupOf leads from",
    "group-in-itself": "cd:groupMember leads from",
    "association-in-a-group-of-cities": "does not belong to group:north-4",
    "theme-above-itself": "skos:broader leads from",
    "compared-with-itself": "shape:Comparison-compared",
    "effect-on-itself": "shape:Effect-cause",
    "mediator-with-itself": "shape:Mediation-mediator",
    "mediator-as-funder": "shape:Mediation-roleBetween",
    "amount-of-twins": "shape:Account-amount",
    "official-membership": "shape:StandingAccount-accountOf",
    "suspended-before-it-began": "shape:StatusAccount",
}
"""Graphs that a gate let pass which was less strict than the ontology, each with what is said of it by now."""


def test_what_a_less_strict_gate_let_pass_is_kept_and_named_by_the_build(tmp_path: Path) -> None:
    """One change of each kind."""
    folder, previous = DataFolder(tmp_path / "data"), START
    records = []
    for number, name in enumerate(STRICTER, 1):
        text = (GRAPHS / f"{name}.ttl").read_bytes().replace(b"group:north", b"group:north-%d" % number)
        quads = read([Text(text, "text/turtle")], f"{ns.GRAPH}curated/k{number}", "s").change.added
        fields = (f"id-{number}", "submit", name, "https://example.org/", "ann", "2026-11-28T00:00:00Z")
        record = Record(number, *fields, lines_of(quads), ()).sealed(previous)
        records.append(record)
        previous = record.hash
    History(folder.path).take_over(records)
    terms = [quad for quad in sources.load() if quad.graph_name == graphs.ONTOLOGY]
    with only([*part_of_files("city:leeds", "organisation:cpaffc"), *terms]):
        summary = build(folder)
    assert summary.build.changes == len(STRICTER)
    told = {broken.record.summary: " ".join(broken.told()) for broken in summary.broken}
    assert [name for name, words in STRICTER.items() if words not in told.get(name, "")] == []
