"""How to cite the graph, or one thing in it, at a revision: as text, as BibTeX, as CFF (Citation File Format 1.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode, urlsplit

import yaml

from kg.queries import canned_queries
from kg.rdf import namespaces as ns
from kg.rdf.formats import HTML
from kg.rdf.labels import called
from server.context import service

TITLE = "City Diplomacy Knowledge Graph"
LICENCE = "CC-BY-4.0"
"""By its name in the list of SPDX; LICENSE-DATA says what it is for."""


@dataclass(frozen=True)
class Citation:
    """What is cited, where it stands, in which revision, and when that was made; `path` is empty for the whole."""

    FORMATS: ClassVar[Mapping[str, str]] = {
        "html": HTML,
        "txt": "text/plain",
        "bib": "application/x-bibtex",
        "cff": "application/yaml",
    }

    path: str
    title: str
    address: str
    revision: str
    date: str

    @classmethod
    def of(cls, path: str) -> Citation:
        """Return the citation of what stands at a path of this service, with its query."""
        build = service.current()
        root = service.root()
        parts = urlsplit(path)
        pinned = f"{path or '/'}{'&' if parts.query else '?'}{urlencode({'at': build.revision})}"
        name = _name(parts.path)
        title = f"{name}{'' if name.endswith('?') else '.'} {TITLE}" if name else TITLE
        return cls(path, title, root + pinned, build.revision, build.changed[:10])

    @property
    def query(self) -> str:
        """The part behind the question mark of the address of this citation."""
        return urlencode({"of": self.path}) if self.path else ""

    @property
    def txt(self) -> str:
        """The citation in a line."""
        return f"{self.title}, revision {self.revision} of {self.date}. {self.address} ({LICENCE})\n"

    @property
    def bib(self) -> str:
        """The citation for BibTeX; braces keep its capitals."""
        fields = {
            "title": f"{{{_escaped(self.title)}}}",
            "author": f"{{{TITLE}}}",
            "year": self.date[:4],
            "month": self.date[5:7],
            "version": self.revision,
            "url": self.address,
            "note": f"Licence {LICENCE}",
        }
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
        thing = "".join(f"-{part}" for part in re.findall(r"[\w-]+", urlsplit(self.path).path))
        return f"@misc{{city-diplomacy-kg{thing}-{self.revision},\n{lines}}}\n"

    @property
    def cff(self) -> str:
        """The citation as CITATION.cff."""
        members = {
            "cff-version": "1.2.0",
            "message": "Cite the revision that was used.",
            "type": "dataset",
            "title": self.title,
            "authors": [{"name": TITLE}],
            "version": self.revision,
            "date-released": self.date,
            "license": LICENCE,
            "url": self.address,
        }
        return yaml.safe_dump(members, sort_keys=False, allow_unicode=True)


def _name(path: str) -> str:
    """Return what people call that which stands at a path; empty where that is not known."""
    first, _, rest = path.lstrip("/").partition("/")
    if first == "sparql":
        return "Answer to a query in SPARQL"
    stem = rest.rpartition(".")[0] or rest
    if first == "queries" and (query := canned_queries().get(rest) or canned_queries().get(stem)):
        return query.summary
    if first in ("id", "doc") and rest.count("/") in (1, 2):
        iri = ns.ID + rest
        return service.read(called, [iri])[iri] if iri.isascii() and " " not in iri else ""
    return ""


def _escaped(text: str) -> str:
    """Return a text as BibTeX takes it."""
    return "".join(f"\\{character}" if character in "&%$#_{}" else character for character in text)
