"""Offsets in a text as editors count them: in units of UTF-16, of which some characters take two."""

from __future__ import annotations


def from_editor(text: str, offset: int) -> int:
    """Return the offset in characters; one beyond the text is its end, and one within a character its beginning."""
    if text.isascii():
        return max(0, min(offset, len(text)))
    units = 0
    for place, char in enumerate(text):
        units += 1 + (char > "\uffff")
        if units > offset:
            return place
    return len(text)


def to_editor(text: str, place: int) -> int:
    """Return the offset in units of UTF-16 of a place in characters."""
    return place if text.isascii() else place + sum(char > "\uffff" for char in text[:place])
