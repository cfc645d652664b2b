"""The plain form of a name: what is left when case, accents, ways of writing Chinese and punctuation do not count."""

from __future__ import annotations

import re
import unicodedata

from kg.names.chinese import SIMPLIFIED
from kg.rdf.slugs import LETTERS

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
