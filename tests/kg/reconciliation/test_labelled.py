"""Rows of public lists are imported as their readers mean them: 200 of those that were labelled by hand."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from pyoxigraph import Store

from kg.gazetteer import Gazetteer
from kg.names import Names
from kg.reconciliation import Reconciler
from kg.tables import TableMapping, plan
from kg.tables.plan import PlannedThing
from kg.tables.table import parse_table

LABELLED = Path(__file__).with_name("labelled")
GAZETTEER = Path(__file__).parents[3] / "data" / "gazetteer.sqlite"
MAPPING = b"""rows: twinnings
source: {name: labelled, title: Labelled rows, url: https://example.org/labelled, licence: facts alone}
city_a: {name: a, country: land_a, language: und, new: polity}
city_b: {name: b, country: land_b, language: und, latitude: latitude, longitude: longitude, new: polity}
"""
MOST_WRONG, LEAST_RIGHT = 1 / 300, 1 / 2


class Side(NamedTuple):
    """A side of a labelled row: what is printed of it, and the numbers that are right, empty if none is."""

    language: str
    name: str
    country: str
    position: tuple[str, str] | None
    right: frozenset[int]


def labelled_rows() -> Iterator[tuple[Side, Side]]:
    """Yield the labelled rows, without those of which a side cannot be known."""
    for file in sorted(LABELLED.glob("*.csv")):
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
    """Judges the things that rows were planned with by the labels of their sides."""

    def __init__(self, store: Store, gazetteer: Gazetteer) -> None:
        self._known = Reconciler(Names(store), gazetteer).known
        self._gazetteer = gazetteer

    def verdict(self, side: Side, planned: PlannedThing) -> str:
        """Return right, wrong, open (nothing was matched) or rightly open (nothing would have been right)."""
        geonames = planned.place.geonames if planned.place is not None else None
        if planned.outcome not in ("known", "new") or (planned.outcome == "new" and geonames is None):
            return "open" if side.right else "rightly open"
        if geonames in side.right:
            return "right"
        places = (self._gazetteer.place(one) for one in side.right)
        meant = {one for place in places if place is not None for one in self._known.things_at(place)}
        return "right" if planned.thing and planned.thing in meant else "wrong"


def test_labels_are_of_some_five_hundred_rows_in_five_languages_or_more() -> None:
    rows = [*labelled_rows()]
    assert len(rows) >= 500
    assert len({side.language for row in rows for side in row}) >= 5
    assert (LABELLED / "README.md").exists()


@pytest.mark.slow
@pytest.mark.skipif(not GAZETTEER.exists(), reason="make gazetteer has not been run")
def test_rows_are_imported_as_they_were_labelled(store: Store) -> None:
    gazetteer = Gazetteer.open(GAZETTEER)
    assert gazetteer is not None
    rows = random.Random(29).sample([*labelled_rows()], 200)
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["a", "land_a", "b", "land_b", "latitude", "longitude"])
    for one, other in rows:
        writer.writerow([one.name, one.country, other.name, other.country, *(other.position or ("", ""))])
    mapping = TableMapping.read(MAPPING)
    planned = plan(parse_table(table.getvalue().encode(), "t.csv"), mapping, Names(store), gazetteer=gazetteer)
    judge, sides, whole = Judge(store, gazetteer), Counter[str](), 0
    wrong: list[str] = []
    for labelled, row in zip(rows, planned.rows, strict=True):
        things = (row.things.get(name, PlannedThing("refused")) for name in ("city_a", "city_b"))
        verdicts = [judge.verdict(side, one) for side, one in zip(labelled, things, strict=True)]
        wrong += [side.name for side, verdict in zip(labelled, verdicts, strict=True) if verdict == "wrong"]
        sides.update(verdicts)
        whole += verdicts == ["right", "right"]
    assert sides["wrong"] <= max(1, MOST_WRONG * sides["right"]), wrong
    assert whole / len(rows) >= LEAST_RIGHT, sides
