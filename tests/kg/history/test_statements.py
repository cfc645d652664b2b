"""A record whose statements lie in a file says what one says that holds them, and shows when the file was altered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from kg.errors import DataFolderError
from kg.history import History, Record, provenance_of, serialise_record
from kg.rdf.serialise import lines_of
from kg.rdf.vocabulary import CD, RDF
from tests.support.tiers import FEW

NODES = [NamedNode(f"http://example.org/{name}") for name in "abc"]
TERMS = [RDF.type, CD.Source, *NODES]
VALUES = [*TERMS, Literal('a "quoted" <http://example.org/a> \\ text'), Literal("x", language="en")]
QUADS = st.frozensets(st.builds(Quad, st.sampled_from(NODES), st.sampled_from(TERMS), st.sampled_from(VALUES),
                                st.sampled_from(NODES)), min_size=1, max_size=8)  # fmt: skip


def recorded(folder: Path, added: frozenset[Quad], removed: frozenset[Quad]) -> tuple[Record, Record]:
    """The same change as a small and as a large record."""
    at = "2026-11-27T00:00:00Z"
    record = Record(0, "id", "submit", "Why", "urn:x", "ann", at, lines_of(added), lines_of(removed))
    made = []
    for name, large in (("small", 1_000), ("large", 0)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(History, "LARGE", large)
            History(folder / name).append(record)
            (read,) = History(folder / name).records()
            made.append(read)
    return made[0], made[1]


@settings(max_examples=FEW)
@given(added=QUADS, removed=QUADS)
def test_both_say_the_same(
    added: frozenset[Quad], removed: frozenset[Quad], tmp_path_factory: pytest.TempPathFactory
) -> None:
    small, large = recorded(tmp_path_factory.mktemp("history"), added, removed)
    assert (small.file, large.file is not None) == (None, True)
    assert (large.added_quads(), large.removed_quads()) == (added, removed)
    assert (tuple(large.added), large.added[0], large.added[1:3]) == (small.added, small.added[0], small.added[1:3])
    assert large.as_dict() == small.as_dict()
    assert large.graphs() == small.graphs()
    assert sorted(large.stated_sources()) == sorted(small.stated_sources())
    assert {*provenance_of(replace(large, hash=""))} == {*provenance_of(replace(small, hash=""))}
    for term in (*TERMS, NamedNode("http://example.org/elsewhere")):
        assert large.mentions(term.value) == small.mentions(term.value), term
    assert serialise_record(large, "application/rdf-patch") == serialise_record(small, "application/rdf-patch")
    assert {quad for quad, _ in large.first_quads(1)} <= added | removed


def some(folder: Path) -> Record:
    quads = frozenset(Quad(NODES[0], NODES[1], Literal(str(number)), NODES[2]) for number in range(99))
    return recorded(folder, quads, frozenset())[1]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(path.read_bytes()[:-9]), Path.unlink, flip])
def test_a_file_that_was_altered_breaks_the_chain(tmp_path: Path, damage: object) -> None:
    some(tmp_path)
    history = History(tmp_path / "large")
    damage(history.statements_path(1))  # type: ignore[operator]
    with pytest.raises(DataFolderError, match="the chain of hashes breaks there"):
        list(history.records())
    record = history.get(1)
    assert record is not None
    with pytest.raises(DataFolderError, match="cannot be read"):
        tuple(record.added)
    (tmp_path / "large" / "history" / "00000001.names").unlink(missing_ok=True)
    with pytest.raises(DataFolderError, match="cannot be read"):
        record.mentions(NODES[0].value)


def test_the_names_are_found_again_when_their_file_is_gone(tmp_path: Path) -> None:
    record = some(tmp_path)
    names = tmp_path / "large" / "history" / "00000001.names"
    assert record.mentions(NODES[0].value)
    assert names.exists()
    names.unlink()
    assert not record.mentions(NODES[2].value)  # the name of a graph is no part of a statement
    assert names.exists()


def test_what_a_writer_that_died_has_left_is_removed(tmp_path: Path) -> None:
    some(tmp_path)
    history = History(tmp_path / "large")
    for name in ("00000002.rdfp.gz", "00000002.names", "draft", "draft.rdfp.gz"):
        (tmp_path / "large" / "history" / name).touch()
    history.drop_drafts()
    assert [path.name for path in sorted((tmp_path / "large" / "history").iterdir())] == [
        "00000001.json",
        "00000001.rdfp.gz",
    ]


def test_records_are_taken_over_with_their_files(tmp_path: Path) -> None:
    record = some(tmp_path)
    other = History(tmp_path / "other")
    other.adopt([record])
    (taken,) = other.records()
    assert (taken, taken.added_quads()) == (record, record.added_quads())
