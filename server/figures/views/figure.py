"""A figure: a drawing in SVG with its words, for a page, or as a file that stands alone."""

from __future__ import annotations

import hashlib
import re
import textwrap
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import render_template
from markupsafe import Markup
from pyoxigraph import NamedNode

from kg.objections import KINDS, objection_frame
from kg.rdf.lookup import Term
from kg.views import Voices
from server.figures.chart import SIGNS
from server.web import LinkedText

Drawing = tuple[Markup, int, int]
"""The marks of a view in SVG, their height, and their width."""
Show = Callable[[Term | None], LinkedText]
"""Return a term as it is shown."""

MARGIN, WIDTH = 20, 900  # units of a file
_STYLE_SHEET = Path(__file__).parents[2] / "assets" / "site.css"
_LINE, _TITLE_LINE = 18, 26
_ROOM, _ROOM_OF_TITLE = 105, 70  # characters of a line of a file
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML cannot hold (XML 1.0, section 2.2)."""


@dataclass(frozen=True)
class Line:
    """A line of text in a drawing: how far down it stands, its parts, and its class."""

    down: int
    parts: tuple[LinkedText, ...]
    css: str = ""


@dataclass(frozen=True)
class Remark:
    """An objection to a mark, in words: its kind, and the name of its source."""

    kind: str
    source: LinkedText

    @property
    def text(self) -> str:
        """The kind and the source: Denied by Table 1."""
        return f"{objection_frame(self.kind)[0]}{self.source.text}"


@dataclass(frozen=True)
class Figure:
    """A drawing of a view: its title, what it leaves out, its height, and its width if it does not fit itself.

    `kinds` are those of the objections of which a mark has the sign. A drawing that `scales` has units of its own.
    """

    view: str
    title: str
    note: str
    body: Markup
    height: int
    width: int = WIDTH
    scales: bool = False
    kinds: tuple[str, ...] = ()

    def markup(self) -> Markup:
        """Return it for a page, whose style sheet it goes by."""
        return Markup(render_template("figures/views/figure.html", figure=self, legend=self.legend()))

    def file(self, credits: Sequence[str]) -> bytes:
        """Return it as a file of its own, with its style, its title and lines on where it is from."""
        titles, notes = textwrap.wrap(self.title, _ROOM_OF_TITLE), textwrap.wrap(self.note, _ROOM)
        sources = [_lines_of(credit) for credit in credits]
        top = MARGIN + len(titles) * _TITLE_LINE + len(notes) * _LINE + MARGIN // 2
        inner = WIDTH if self.scales else max(self.width, WIDTH)
        bottom = top + self.height + MARGIN // 2 + (_LINE + MARGIN // 2 if self.kinds else 0)
        text = render_template(
            "figures/views/file.svg",
            figure=self,
            legend=self.legend(),
            style=Markup(style()),
            titles=titles,
            notes=notes,
            sources=sources,
            credits=credits,
            top=top,
            bottom=bottom,
            width=inner + 2 * MARGIN,
            inner=inner,
            height=bottom + sum(map(len, sources)) * _LINE + MARGIN,
        )
        return _FORBIDDEN.sub("", text).encode()

    def legend(self) -> list[tuple[str, str, str]]:
        """Return the kinds of objections that are drawn: kind, sign, and words."""
        return [(kind, SIGNS[kind], kind.replace("-", " ")) for kind in self.kinds]


def remarks(voices: Voices, show: Show) -> list[Remark]:
    """Return the objections to a mark in words."""
    return [Remark(kind, show(NamedNode(iri))) for kind, iri in voices.objections]


def hint(words: Sequence[str], voices: Voices, show: Show) -> str:
    """Return the words of a mark with who states it and who objects to it; neither without evidence."""
    names = dict.fromkeys(show(NamedNode(iri)).text for iri in voices.sources)
    stated = [f"stated by {', '.join(names)}"] if names else []
    return "; ".join([*words, *stated, *(one.text for one in remarks(voices, show))])


def objection_to(voices: Voices) -> str:
    """Return the kind of the most serious objection to a mark; empty if there is none."""
    return voices.objections[0][0] if voices.objections else ""


def row_words(rows: int) -> list[str]:
    """Return in words for how many rows a mark stands; nothing for one."""
    return [f"{rows:,} rows"] if rows > 1 else []


def kinds_of(voices: Iterable[Voices]) -> tuple[str, ...]:
    """Return the kinds whose signs marks have, that of the first objection to each; the most serious kind first."""
    found = set(map(objection_to, voices))
    return tuple(kind for kind in KINDS if kind in found)


def wrap(text: str, room: int, most: int = 2) -> list[str]:
    """Return a text in lines of so many letters, which of wide scripts are half as many; cut after the last line."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    letters = room // 2 if wide > len(text) // 2 else room
    return textwrap.wrap(text, letters, max_lines=most, placeholder=" …") or [""]


def _lines_of(credit: str) -> list[str]:
    """Return a credit in lines that are the whole text again if they are joined: an address has no space in it."""
    lines = textwrap.wrap(credit, _ROOM, break_on_hyphens=False)
    return [f"{line} " for line in lines[:-1]] + lines[-1:] if " " in credit else lines


def style_source() -> str:
    """Return the source of the style for a Content Security Policy: its hash."""
    return f"'sha256-{b64encode(hashlib.sha256(style().encode()).digest()).decode()}'"


@cache
def style() -> str:
    """Return the style of a file: the colours of the site, and what its style sheet says of drawings."""
    sheet = _STYLE_SHEET.read_text(encoding="utf-8")
    parts = re.findall(r"/\* for drawings too \*/(.*?)/\* end \*/", sheet, re.DOTALL)
    return "".join(parts).strip()
