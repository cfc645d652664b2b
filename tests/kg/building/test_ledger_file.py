from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rdflib import BNode, Literal, URIRef

from kg.building import back_up, restore
from kg.building import build as make
from kg.building.ledger_file import LedgerFile
from kg.curation.gate import Gate
from kg.curation.validation import CurrentValidation
from kg.history.chain import Record
from kg.rdf.change import Change
from kg.shacl import Ledger
from kg.shacl.evaluator import Judge
from kg.shacl.ledger import ValidationResult
from kg.store.builds import Build
from kg.store.data_folder import DataFolder
from kg.submissions import Submission

pytestmark = pytest.mark.drawn

Commit = Callable[[Gate, int], Record]


@pytest.fixture
def build(small: DataFolder) -> Build:
    """The build of the small graph."""
    build = small.current()
    assert build is not None
    return build


@pytest.fixture
def ledger() -> Ledger:
    """A ledger of some findings, of all sorts of nodes."""
    messages = Literal("Say when it began.", lang="en"), Literal("请注明开始时间。", lang="zh-Hans")
    finding = ValidationResult(
        "shape:Any-begin",
        URIRef("https://example.org/"),
        "cd:begin",
        None,
        "Warning",
        "MinCountConstraintComponent",
        messages,
    )
    shape = URIRef("https://example.org/shape")
    nodes = [URIRef(f"https://example.org/{number}") for number in range(4)]
    other = [BNode("b"), Literal("x", lang="en")]
    return Ledger(
        {(shape, node): (replace(finding, focus=node),) for node in [*nodes, *other]}
        | {
            (BNode("shape"), nodes[0]): (
                replace(finding, focus=nodes[0]),
                replace(finding, focus=nodes[0], value=nodes[1]),
            )
        }
    )


def test_what_was_kept_is_read_again_for_its_revision_only(small: DataFolder, build: Build, ledger: Ledger) -> None:
    assert LedgerFile(small).read(build) != ledger
    LedgerFile(small).write(build, ledger)
    assert LedgerFile(small).read(build) == ledger
    assert LedgerFile(small).read(replace(build, fingerprint="of other files")) is None
    assert LedgerFile(small).read(replace(build, changes=1)) is None


def test_a_ledger_takes_the_place_of_the_one_before(small: DataFolder, build: Build, ledger: Ledger) -> None:
    first, second, *_ = ledger.findings
    for changed in (
        ledger.replace([first], {}),
        ledger.replace([second], {second: (replace(ledger.findings[second][0], severity="Violation"),)}),
        Ledger(),
        ledger,
    ):
        build = replace(build, changes=build.changes + 1)
        LedgerFile(small).write(build, changed)
        assert LedgerFile(small).read(build) == changed


def test_a_writer_that_dies_leaves_the_one_before(
    small: DataFolder, build: Build, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = LedgerFile(small)
    kept.write(build, ledger)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("os.replace", dies)
        with pytest.raises(KeyboardInterrupt):
            kept.write(build, Ledger())
    assert kept.read(build) == ledger
    kept.write(build, Ledger())
    assert kept.read(build) == Ledger()


@pytest.mark.parametrize("content", [b"", b"no ledger", b"[]", b'{"revision": null}', b"\xff" * 4096])
def test_a_damaged_one_is_as_good_as_none_and_made_anew(
    small: DataFolder, build: Build, ledger: Ledger, content: bytes
) -> None:
    kept = LedgerFile(small)
    kept.write(build, ledger)
    (small.live_store_path(build).parent / "ledger.json").write_bytes(content)
    assert kept.read(build) is None
    kept.write(build, ledger)
    assert kept.read(build) == ledger


def test_a_folder_without_a_ledger_goes_on_working(small: DataFolder, build: Build, commit: Commit) -> None:
    beside = small.live_store_path(build).parent
    (beside / "ledger.json").unlink()
    steps: list[str] = []
    with Gate(small, progress=steps.append) as gate:
        commit(gate, 2001)
    assert steps == ["validating the graph as it stands, once for this revision"]
    Gate(small, progress=steps.append).close()
    assert len(steps) == 1


def test_a_gate_that_keeps_it_so_has_what_full_validation_finds(small: DataFolder, commit: Commit) -> None:
    with Gate(small) as gate:
        commit(gate, 2001)
        commit(gate, 2002)
        gate.commit(gate.undo_draft(1, "back", "bob", "Never was"))
        build, full = gate.build, gate.validation._shapes.full_ledger(gate._live.store)
    read = LedgerFile(small).read(build)
    assert read is not None
    assert {pair: set(found) for pair, found in read.findings.items()} == {
        pair: set(found) for pair, found in full.findings.items()
    }


def test_the_first_change_after_a_build_or_a_restore_does_not_validate_everything(
    small: DataFolder, commit: Commit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full: list[object] = []
    judge_all = Judge.judge_all
    monkeypatch.setattr(Judge, "judge_all", lambda judge, graph: full.append(graph) or judge_all(judge, graph))
    for number in (1, 2):
        make(small)
        assert len(full) == number
        with Gate(small) as gate:
            commit(gate, 2000 + number)
        assert CurrentValidation(small, lambda step: None).report(Submission(Change.of())) is not None
    back_up(small, tmp_path / "backup")
    restored = DataFolder(tmp_path / "restored")
    restore(restored, tmp_path / "backup")
    with Gate(restored) as gate:
        commit(gate, 2003)
    assert len(full) == 2


def test_one_that_was_altered_counts_as_none(small: DataFolder, build: Build, ledger: Ledger) -> None:
    kept = LedgerFile(small)
    kept.write(build, ledger)
    written = kept.path(build).read_text(encoding="utf-8")
    kept.path(build).write_text(written.replace("example.org", "example.com", 1), encoding="utf-8")
    assert kept.read(build) is None
