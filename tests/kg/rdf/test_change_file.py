"""A change in a file is read as it was written."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from kg.rdf.change import Change, ChangeFile
from kg.rdf.serialise import lines_of
from kg.submissions.rdf_patch import read_patch

NODE, GRAPH = NamedNode("http://example.org/x"), NamedNode("http://example.org/g")
QUADS = st.frozensets(st.text(max_size=5).map(lambda text: Quad(NODE, NODE, Literal(text), GRAPH)), max_size=6)


@given(added=QUADS, removed=QUADS)
def test_what_is_read_is_what_was_written(added: frozenset[Quad], removed: frozenset[Quad], tmp_path: Path) -> None:
    change = Change(added, removed)
    file = ChangeFile.write(tmp_path / "change", change)
    assert (file.added, file.removed, file.size) == (len(added), len(removed), len(added) + len(removed))
    assert file.read() == change
    assert (tuple(file.lines("A")), tuple(file.lines("D"))) == (lines_of(added), lines_of(removed))
    written = file.path.read_bytes()
    assert ChangeFile.write(tmp_path / "again", change).path.read_bytes() == written
    patch = read_patch(gzip.decompress(written).decode())
    assert [said.quad for said in patch.statements if said.removes] == sorted(removed, key=lambda q: f"{q} .")


def test_a_flipped_byte_is_an_error_of_the_system_wherever_it_is(tmp_path: Path) -> None:
    quads = frozenset(Quad(NODE, NODE, Literal(f"{number} 市"), GRAPH) for number in range(20))
    file = ChangeFile.write(tmp_path / "change", Change(quads, frozenset()))
    written = file.path.read_bytes()
    for place in range(10, len(written)):  # what stands before says when it was written, and by which system
        file.path.write_bytes(written[:place] + bytes([written[place] ^ 0xFF]) + written[place + 1 :])
        with pytest.raises(OSError, match="it is damaged"):
            list(file.lines("A"))
