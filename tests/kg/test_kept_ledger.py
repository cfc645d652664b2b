from collections.abc import Callable
from dataclasses import replace

import pytest
from rdflib import BNode, Literal, URIRef

from kg.gate import Gate
from kg.history import Record
from kg.kept_ledger import KeptLedger
from kg.snapshots import Build, DataFolder
from kg.validation import Ledger

Commit = Callable[[Gate, int], Record]


@pytest.fixture
def build(small: DataFolder) -> Build:
    """The build of the small graph."""
    build = small.current()
    assert build is not None
    return build


@pytest.fixture
def ledger(small: DataFolder, build: Build) -> Ledger:
    """A ledger of some findings, of all sorts of nodes."""
    kept = KeptLedger(small).read(build)
    assert kept is not None
    (((shape, _), (finding,)),) = kept.findings.items()
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
    assert KeptLedger(small).read(build) != ledger
    KeptLedger(small).write(build, ledger)
    assert KeptLedger(small).read(build) == ledger
    assert KeptLedger(small).read(replace(build, fingerprint="of other files")) is None
    assert KeptLedger(small).read(replace(build, changes=1)) is None


@pytest.mark.parametrize("again", [True, False])
def test_changes_are_kept_upon_it_also_by_another_writer(
    small: DataFolder, build: Build, ledger: Ledger, again: bool
) -> None:
    kept = KeptLedger(small)
    kept.write(build, ledger)
    first, second, *_ = ledger.findings
    for changed in (
        ledger.replaced([first], {}),
        ledger.replaced([second], {second: (replace(ledger.findings[second][0], severity="Violation"),)}),
        ledger,
        Ledger(),
        ledger,
    ):
        build = replace(build, changes=build.changes + 1)
        if not again:
            kept = KeptLedger(small)
        kept.write(build, changed)
        assert KeptLedger(small).read(build) == changed


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_damaged_one_is_as_good_as_none_and_made_anew(
    small: DataFolder, build: Build, ledger: Ledger, content: bytes
) -> None:
    kept = KeptLedger(small)
    kept.write(build, ledger)
    path = small.live(build).parent / "ledger.sqlite"
    path.write_bytes(content)
    assert KeptLedger(small).read(build) is None
    kept = KeptLedger(small)
    kept.write(build, ledger)
    assert KeptLedger(small).read(build) == ledger


def test_a_gate_that_keeps_it_so_has_what_full_validation_finds(small: DataFolder, commit: Commit) -> None:
    with Gate(small) as gate:
        commit(gate, 2001)
        commit(gate, 2002)
        gate.revert(1, "back", "bob", "Never was")
        build, full = gate.build, gate._validation.standing(gate._live.store)
    read = KeptLedger(small).read(build)
    assert read is not None
    assert {pair: set(found) for pair, found in read.findings.items()} == {
        pair: set(found) for pair, found in full.findings.items()
    }
