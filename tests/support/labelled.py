"""Rows of public lists of twin towns that were labelled by hand with numbers of GeoNames; and their judge."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pyoxigraph import Store

from kg.gazetteer import Gazetteer
from kg.names import names_of
from kg.rdf.points import Point
from kg.reconciliation import Match, Reconciler, ThingDescription

LABELLED = Path(__file__).parent.parent / "kg" / "reconciliation" / "labelled"
KINDS = ("city", "country", "district", "nation", "polity", "region")


class Side(NamedTuple):
    """A side of a labelled row: what is printed of it, and the numbers that are right, empty if none is."""

    language: str
    name: str
    country: str
    position: tuple[str, str] | None
    right: frozenset[int]


def labelled_rows(folder: Path = LABELLED) -> Iterator[tuple[Side, Side]]:
    """Yield the labelled rows, without those of which a side cannot be known."""
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                if "unsure" not in (row["owner_geonames"], row["partner_geonames"]):
                    yield _side(file.stem, row, "owner"), _side(file.stem, row, "partner")


def _side(language: str, row: Mapping[str, str], party: str) -> Side:
    is_placed = party == "partner" and row["latitude"]
    right = frozenset(int(one) for one in row[f"{party}_geonames"].split() if one.isdecimal())
    position = (row["latitude"], row["longitude"]) if is_placed else None
    return Side(language, row[party], row[f"{party}_country"], position, right)


class Judge:
    """Tells whether matches of labelled sides are right."""

    def __init__(self, store: Store, gazetteer: Gazetteer) -> None:
        self.reconciler = Reconciler(names_of(store), gazetteer)
        self._gazetteer = gazetteer

    def find(self, side: Side, given: str) -> Match | None:
        """Return the match of a side by what it gives, or by less."""
        country = self.reconciler.known.find_country(side.country) if given != "name" and side.country else ""
        point = Point.parse(*side.position) if given == "position" and side.position is not None else None
        return self.reconciler.find(ThingDescription((), (side.name,), country, KINDS, point))

    def verdict(self, side: Side, outcome: str, thing: str, geonames: int | None) -> str:
        """Return right, wrong, open (nothing was matched) or rightly open (nothing would have been right)."""
        if outcome not in ("known", "new") or (outcome == "new" and geonames is None):
            return "open" if side.right else "rightly open"
        if geonames in side.right:
            return "right"
        places = (self._gazetteer.place(one) for one in side.right)
        meant = {one for place in places if place is not None for one in self.reconciler.known.things_at(place)}
        return "right" if thing and thing in meant else "wrong"
