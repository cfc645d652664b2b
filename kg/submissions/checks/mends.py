"""Mends of a text by what was found in it: the name or literal that is meant, and the declaration of a known prefix."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from pyoxigraph import NamedNode, Store

from kg.findings import Finding
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import Term, list_items, match, nodes_with
from kg.rdf.vocabulary import SH, SKOS

_IN = NamedNode(ns.PREFIXES["sh"] + "in")
_MEND = re.compile(r"(?:(?P<line>[1-9]\d{0,6}):(?P<column>[1-9]\d{0,6}):(?P<value>\S{1,200}) )?(?P<meant>\S{1,200})")
_TERM = re.compile(r'<[^<>\s"]*>|(?<![\w-])[\w-]*:[\w./%~-]*[\w%~-]')  # tried once for each word, not each character
_CELL = re.compile(r'[^,"\s]+')
_UNDECLARED = re.compile(r"The prefix ([\w-]+): has not been declared")
_DECLARED_IN_TEXT = ("text/turtle", "application/trig", "text/n3")


@dataclass(frozen=True)
class Mend:
    """A mend: `meant` instead of the name or literal `value` at a place; without one the declaration of a prefix."""

    meant: str
    value: str = ""
    line: int = 0
    column: int = 0

    @classmethod
    def of(cls, finding: Finding) -> Mend | None:
        """Return the mend of what was found, None if there is none."""
        if finding.meant and finding.value and finding.line and finding.column:
            return cls(finding.meant, finding.value, finding.line, finding.column)
        undeclared = _UNDECLARED.search(finding.message) if finding.step == "syntax" else None
        known = undeclared is not None and undeclared[1] in ns.PREFIXES
        return cls(f"{undeclared[1]}:") if undeclared is not None and known else None

    @classmethod
    def parse(cls, said: str) -> Mend | None:
        """Return the mend that a text names, as `str` writes it, None for any other text."""
        found = _MEND.fullmatch(said)
        if found is None:
            return None
        return cls(found["meant"], found["value"] or "", int(found["line"] or 0), int(found["column"] or 0))

    @staticmethod
    def allowed_values(store: Store, paths: list[str]) -> dict[str, list[str]]:
        """Return the values that shapes list for properties; all are prefixed names."""
        return {path: [ns.compact(iri) for iri in _listed(store, path)] for path in paths}

    def __str__(self) -> str:
        return f"{self.line}:{self.column}:{self.value} {self.meant}" if self.line else self.meant

    @property
    def words(self) -> str:
        """What it does, as a button says it."""
        return f"Write {self.meant}" if self.line else f"Declare {self.meant}"

    @property
    def done(self) -> str:
        """What it has done, as a page says it."""
        return f"Line {self.line} now has {self.meant}" if self.line else f"{self.meant} is now declared"

    def apply(self, text: str, media_type: str) -> str | None:
        """Return a text with the mend, None where the text is not, or no longer, the one that it is for."""
        if self.line:
            return self._with_name(text, media_type)
        namespace = ns.PREFIXES.get(self.meant.removesuffix(":"))
        if namespace is None or media_type not in _DECLARED_IN_TEXT:
            return None
        declaration = f"PREFIX {self.meant} <{namespace}>\n"
        return None if declaration in text else declaration + text

    def _with_name(self, text: str, media_type: str) -> str | None:
        lines = text.split("\n")
        line = lines[self.line - 1] if self.line <= len(lines) else ""
        if self.meant.startswith('"'):
            parts = re.split(rf'"{re.escape(self.value)}"(?!\^\^|@)', line)
            lines[self.line - 1] = self.meant.join(parts)
            return "\n".join(lines) if len(parts) == 2 and media_type in _DECLARED_IN_TEXT else None
        terms = [*(_CELL if media_type == "text/csv" else _TERM).finditer(line)]
        behind = (term for term in terms if term.end() >= self.column)
        before = (term for term in reversed(terms) if term.end() < self.column)  # the place is that of the object
        for found in (*islice(behind, 1), *islice(before, 2)):
            if (written := self._written(found[0])) is not None:
                lines[self.line - 1] = line[: found.start()] + written + line[found.end() :]
                return "\n".join(lines)
        return None

    def _written(self, term: str) -> str | None:
        """Return what is meant as a text writes it in whose place `term` stands; None if that is not the name."""
        wrong, right = ns.expand(self.value), ns.expand(self.meant)
        if wrong is None or right is None:
            return None
        if term.startswith("<"):
            return f"<{right}>" if term == f"<{wrong}>" else None
        prefix, colon, local = term.rpartition(":")
        base = wrong.removesuffix(local)
        is_that = base.endswith(("/", "#")) and right.startswith(base)
        return f"{prefix}{colon}{right.removeprefix(base)}" if is_that else None


def _listed(store: Store, path: str) -> list[str]:
    """Return the IRIs that the shapes of a property list (sh:in), or that are in the scheme which they ask for."""
    iri = ns.expand(path)
    found: dict[str, None] = {}
    for shape in nodes_with(store, SH.path, NamedNode(iri), graphs.SHAPES) if iri else ():
        for node in (shape, *_objects(store, shape, SH.node)):
            found.update((term.value, None) for term in _values(store, node) if isinstance(term, NamedNode))
    return list(found)


def _values(store: Store, node: Term) -> Iterator[Term]:
    for first in _objects(store, node, _IN):
        yield from list_items(store, first, graphs.SHAPES)
    for part in _objects(store, node, SH.property):
        if SKOS.inScheme in _objects(store, part, SH.path):
            for scheme in _objects(store, part, SH.hasValue):
                yield from sorted({quad.subject for quad in match(store, None, SKOS.inScheme, scheme)}, key=str)


def _objects(store: Store, subject: Term, predicate: NamedNode) -> Iterator[Term]:
    return (quad.object for quad in match(store, subject, predicate, None, graphs.SHAPES))
