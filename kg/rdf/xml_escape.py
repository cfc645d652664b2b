"""Keep XML that the engine writes well-formed and true to its values (XML 1.0, sections 2.2 and 2.11).

The engine writes every character as it is. XML has no form for most control characters, and its readers turn a bare
carriage return into a line feed.
"""

from __future__ import annotations

import re

from kg.errors import QueryError

_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_LONGEST = 3  # bytes of a forbidden character


class XmlText:
    """The bytes of one document, escaped part by part, wherever it is cut."""

    def __init__(self) -> None:
        self._end = b""

    def escape(self, data: bytes) -> bytes:
        """Return the next bytes with carriage returns escaped.

        Raises QueryError for characters that XML cannot hold.
        """
        if _FORBIDDEN.search(self._end + data):
            raise QueryError(
                "The answer holds a control character, or another character that XML cannot hold.",
                "Ask for JSON, CSV or TSV (for a graph, Turtle), or remove it in the query with "
                r'REPLACE(?text, "\\p{Cc}", "").',
            )
        self._end = (self._end + data)[1 - _LONGEST :]
        return data.replace(b"\r", b"&#xD;")
