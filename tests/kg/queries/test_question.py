"""The text of a canned query stands by itself: grlc finds what it needs. Other engines: tests/queries."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.header import as_grlc_reads

FILES = sorted(Path(__file__).parents[3].glob("queries/*/*.rq"))


@pytest.mark.drawn
def test_the_header_of_each_file_is_readable_by_grlc() -> None:
    assert len(FILES) > 40
    for path in FILES:
        read = as_grlc_reads(path.read_text(encoding="utf-8"))
        assert isinstance(read["summary"], str), path
        assert isinstance(read["description"], str), path
        assert isinstance(read["tags"], list), path
