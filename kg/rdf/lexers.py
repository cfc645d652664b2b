"""The tokens of Turtle, TriG, N-Triples, N-Quads, JSON and XML, for checks of a text before it is parsed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

TURTLE = re.compile(
    r"""(?P<skip>\s+|\#[^\n\r]*+)
      | (?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*+(?:\"\"\"|\Z) | '''(?:[^'\\]|\\.|'(?!''))*+(?:'''|\Z)
                  | "(?:[^"\\\n\r]|\\.)*+"? | '(?:[^'\\\n\r]|\\.)*+'?)
      | (?P<iri><[^<>"{}|^`\s]*+>)
      | (?P<open><<|\{\||[\[({])
      | (?P<close>>>|\|\}|[\])}])
      | (?P<punct>[;,.])
      | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*+|\^\^)
      | (?P<word>(?:[^\s;,.\[\](){}<>"'\#^@\\]|\\.|\.(?=[\w%\\:-]))++)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
JSON = re.compile(
    r"""(?P<skip>\s+) | (?P<string>"(?:[^"\\]|\\.)*+"?) | (?P<open>[\[{]) | (?P<close>[\]}]) | (?P<punct>[:,])
      | (?P<word>[^\s\[\]{}:,"]++)""",
    re.VERBOSE | re.DOTALL,
)
XML = re.compile(
    r"""(?P<skip><!--.*?(?:-->|\Z) | <!\[CDATA\[.*?(?:\]\]>|\Z) | <\?.*?(?:\?>|\Z))
      | (?P<close></[^<>]*+>)
      | (?P<empty><(?:[^<>"'/]|"[^"]*+"|'[^']*+'|/(?!>))++/>)
      | (?P<open><(?:[^<>"'/]|"[^"]*+"|'[^']*+'|/(?!>))++>)
      | (?P<text>[^<]++)
      | (?P<other><)""",
    re.VERBOSE | re.DOTALL,
)
BAD_IN_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff"
    "\U000f0000-\U0010ffff]"
)
"""Controls, characters that turn the direction of writing, private ones, and code points that name no character."""
BAD_IN_IRI = re.compile(BAD_IN_TEXT.pattern[:-1] + "\u00ad\u200b-\u200f\u2028\u2029\u2060-\u2064\ufeff]")
"""BAD_IN_TEXT and invisible characters."""


def place_at(text: str, offset: int) -> tuple[int, int]:
    """Return line and column of a character, both from 1, in code points."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def json_strings(text: str) -> Iterator[tuple[str, int]]:
    """Yield each string of a JSON text, unescaped, with its offset."""
    return ((unescape_json(token[0]), token.start()) for token in JSON.finditer(text) if token.lastgroup == "string")


def unescape_json(string: str) -> str:
    """Return a string of a JSON text without its escapes, as far as it is well-formed."""
    if "\\" not in string:
        return string.strip('"')
    try:
        return str(json.loads(string))
    except ValueError:  # the parser will say what is wrong
        return string
