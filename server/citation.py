"""How to cite the graph, or one thing in it, at a revision: as text, as BibTeX, as CFF (Citation File Format 1.2).

The graph takes its statements from works; they are cited too, as far as their authors are known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

import yaml

from kg.errors import UnknownNameError
from kg.queries import find_query
from kg.rdf import namespaces as ns
from kg.rdf.formats import HTML
from kg.rdf.labels import display_names
from kg.rdf.passages import work_of_passage
from server.service import service

TITLE = "City Diplomacy Knowledge Graph"
LICENCE = "CC-BY-4.0"
"""By its name in the list of SPDX; LICENSE-DATA says what it is for."""

_LONGEST_ADDRESS = 360  # characters that stand in three lines of a figure


@dataclass(frozen=True)
class Citation:
    """A citation: title, address, revision and its date; `path` is empty for the whole graph."""

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
    works: Sequence[Mapping[str, Any]] = ()
    """The works that the graph is taken from; of a path below that of a work, this work alone."""

    @classmethod
    def of(cls, path: str, works: Sequence[Mapping[str, Any]] = ()) -> Citation:
        """Return the citation of what stands at a path of this service, with its query, and of works behind it."""
        build = service.revisions.current()
        root = service.addresses.root()
        parts = urlsplit(path)
        pinned = f"{path or '/'}{'&' if parts.query else '?'}{urlencode({'at': build.revision})}"
        name = _label_of_path(parts.path)
        title = f"{name}{'' if name.endswith('?') else '.'} {TITLE}" if name else TITLE
        behind = [work for work in works if _is_path_of_work(work["name"], parts.path)] or works
        cited = [work["publication"] for work in behind if work["publication"]]
        return cls(path, title, root + pinned, build.revision, build.changed[:10], cited)

    @property
    def query(self) -> str:
        """The part behind the question mark of the address of this citation."""
        return urlencode({"of": self.path}) if self.path else ""

    @property
    def txt(self) -> str:
        """The citation in a line, and each work in a line of its own."""
        line = f"{self.title}, revision {self.revision} of {self.date}. {self.address} ({LICENCE})\n"
        return line + "".join(f"{_reference_line(work)}\n" for work in self.works)

    @property
    def credits(self) -> list[str]:
        """Lines for a figure: source, revision and licence, and its address if that can be read."""
        line = f"Source: {TITLE}, revision {self.revision} of {self.date}. Licence: {LICENCE}."
        return [line, *([self.address] if len(self.address) <= _LONGEST_ADDRESS else [])]

    @property
    def bib(self) -> str:
        """The citation for BibTeX; braces keep its capitals."""
        fields = {
            "title": f"{{{_escape_bibtex(self.title)}}}",
            "author": f"{{{TITLE}}}",
            "year": self.date[:4],
            "month": self.date[5:7],
            "version": self.revision,
            "url": self.address,
            "note": f"Licence {LICENCE}",
        }
        thing = "".join(f"-{part}" for part in re.findall(r"[\w-]+", urlsplit(self.path).path))
        entry = _bibtex_entry("misc", f"city-diplomacy-kg{thing}-{self.revision}", fields)
        return entry + "".join(_techreport_entry(work) for work in self.works)

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
            **({"references": [_cff_reference(work) for work in self.works]} if self.works else {}),
        }
        return yaml.safe_dump(members, sort_keys=False, allow_unicode=True)


def _reference_line(published: Mapping[str, Any]) -> str:
    parts = (published["title"], published["series"], published["publisher"], published["published"])
    put_together = f"{', '.join(published['authors'])}: {'. '.join(part for part in parts if part)}."
    return published["citation"] or put_together


def _techreport_entry(published: Mapping[str, Any]) -> str:
    fields = {
        "title": f"{{{_escape_bibtex(published['title'])}}}",
        "author": " and ".join(map(_escape_bibtex, published["authors"])),
        "year": published["issued"][:4],
        "month": published["issued"][5:7],
        "type": _escape_bibtex(published["series"]),
        "institution": _escape_bibtex(published["publisher"]),
    }
    key = published["iri"].rpartition("/")[2]
    return _bibtex_entry("techreport", key, {name: value for name, value in fields.items() if value})


def _bibtex_entry(kind: str, key: str, fields: Mapping[str, str]) -> str:
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@{kind}{{{key},\n{lines}}}\n"


def _cff_reference(published: Mapping[str, Any]) -> dict[str, Any]:
    members = {
        "type": "report",
        "title": published["title"],
        "authors": [{"name": name} for name in published["authors"]],
        "year": int(published["issued"][:4] or 0),
        "month": int(published["issued"][5:7] or 0),
        "institution": published["publisher"] and {"name": published["publisher"]},
        "collection-title": published["series"],
    }
    return {name: value for name, value in members.items() if value}


def _is_path_of_work(work: str, path: str) -> bool:
    """Return True if a path is that of a work, by its name, or of a part of it."""
    if path.startswith("/doc/passage/"):
        return work_of_passage(ns.ID + path.removeprefix("/doc/")) == work
    root = f"/works/{work}" if work else "/report"
    return path == root or path.startswith((f"{root}/", f"{root}."))


def _label_of_path(path: str) -> str:
    """Return what people call that which stands at a path; empty where that is not known."""
    first, _, rest = path.lstrip("/").partition("/")
    if first == "sparql":
        return "Answer to a query in SPARQL"
    if first == "queries" and rest:
        with suppress(UnknownNameError):
            return find_query(rest.partition(".")[0]).summary
    if first in ("id", "doc") and rest.count("/") in (1, 2):
        iri = ns.ID + rest
        return service.workers.read(display_names, [iri])[iri] if iri.isascii() and " " not in iri else ""
    return ""


def _escape_bibtex(text: str) -> str:
    """Return a text as BibTeX takes it."""
    return "".join(f"\\{character}" if character in "&%$#_{}" else character for character in text)
