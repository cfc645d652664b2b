"""What a row of the templates for places and countries states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyoxigraph import Literal, NamedNode, Triple

from kg.errors import short
from kg.messages import bilingual
from kg.names.states import entry, state
from kg.rdf import namespaces as ns
from kg.rdf.authorities import AUTHORITIES, Authority
from kg.rdf.points import Point
from kg.rdf.vocabulary import CD, DCTERMS, RDF, SCHEMA, SKOS
from kg.submissions.tables.cells import Cell
from kg.submissions.tables.templates import PLACES

_CLASSES = {kind: NamedNode(ns.CD + name) for kind, name in PLACES.items()}
_LABELS = {"name": "en", "name_zh": "zh-Hans"}
_AUTHORITIES = {authority.name.lower(): authority for authority in AUTHORITIES}

Row = Mapping[str, Cell]


class UnfitPlaceError(Exception):
    """A cell does not say of a place what it should: what is wrong, in both languages, and the way out."""

    def __init__(self, cell: Cell, words: tuple[str, str], hint: str) -> None:
        super().__init__(words[0])
        self.cell = cell
        self.words = words
        self.hint = hint


def country(cell: Cell) -> list[Triple]:
    """Return what is stated of a country by ISO code or name. Raises UnfitPlaceError."""
    if (land := state(cell.text)) is not None:
        return entry(land)
    hint = "Give the code of ISO 3166-1, such as DE, or a name of it in any language."
    words = bilingual("{name!r} is not a country that is known here.", name=short(cell.text))
    raise UnfitPlaceError(cell, words, hint)


def place(thing: NamedNode, within: NamedNode, source: NamedNode, row: Row) -> Iterator[tuple[Triple, Cell]]:
    """Yield what a row states of a place, each with the cell that says so. Raises UnfitPlaceError."""
    yield Triple(thing, RDF.type, _CLASSES[ns.kind_of(thing.value)]), row["place"]
    for column, language in _LABELS.items():
        if cell := _filled(row, column):
            yield Triple(thing, SKOS.prefLabel, Literal(cell.text, language=language)), cell
    yield Triple(thing, CD.within, within), row["within"]
    for column in ("wikidata", "geonames"):
        if cell := _filled(row, column):
            yield Triple(thing, SCHEMA.sameAs, _link(_AUTHORITIES[column], cell)), cell
    yield from _position(thing, source, row)
    yield Triple(thing, DCTERMS.source, source), row["source"]


def _link(authority: Authority, cell: Cell) -> NamedNode:
    given = cell.text
    if name := authority.named_by(given) if "://" in given else authority.as_identifier(given):
        return NamedNode(authority.address.format(name))
    words = bilingual("{text!r} is not an identifier of {authority}.", text=short(given), authority=authority.name)
    raise UnfitPlaceError(cell, words, f"Its addresses are {authority.address.format('…')}.")


def _position(thing: NamedNode, source: NamedNode, row: Row) -> Iterator[tuple[Triple, Cell]]:
    cells = [cell for column in ("latitude", "longitude") if (cell := _filled(row, column))]
    if not cells:
        return
    try:
        latitude, longitude = (cell.text for cell in cells)
        at = Point.read(latitude, longitude)
    except ValueError:
        words = bilingual("{position} is not a position.", position=short(", ".join(cell.text for cell in cells)))
        hint = "Write decimal degrees, latitude from -90 to 90 and longitude from -180 to 180; or leave both empty."
        raise UnfitPlaceError(cells[0], words, hint) from None
    yield from ((triple, cells[0]) for triple in at.statements(thing, source))


def _filled(row: Row, column: str) -> Cell | None:
    cell = row.get(column)
    return cell if cell is not None and cell.text else None
