"""Names as the last part of an IRI: small letters, digits and hyphens."""

from __future__ import annotations

import hashlib
import re
import unicodedata

LONGEST = 200
"""Characters of the longest last part of an IRI."""

LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
"""Letters that Unicode does not decompose, as they are written where they are missing."""


def slug(name: str) -> str:
    """Return a name in small letters without accents, with hyphens between its words; empty if nothing is left."""
    letters = unicodedata.normalize("NFKD", name.casefold().translate(LETTERS))
    kept = "".join(char for char in letters if not unicodedata.combining(char) and char not in "'’`")
    return "-".join(re.findall("[a-z0-9]+", kept))


def fit_length(text: str) -> str:
    """Return the last part of an IRI, which ends in a digest if it would be too long otherwise."""
    if len(text) <= LONGEST:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return f"{text[: LONGEST - 13].rstrip('.-')}-{digest}"
