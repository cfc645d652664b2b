"""Rows of public lists are imported as their readers mean them: 200 of those that were labelled by hand."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import Store

from kg.gazetteer import Gazetteer
from kg.names import Names
from kg.tables import TableMapping, plan
from kg.tables.plan import PlannedThing
from kg.tables.table import parse_table
from tests.support.labelled import LABELLED, Judge, labelled_rows

GAZETTEER = Path(__file__).parents[3] / "data" / "gazetteer.sqlite"
MAPPING = b"""rows: twinnings
source: {name: labelled, title: Labelled rows, url: https://example.org/labelled, licence: facts alone}
city_a: {name: a, country: land_a, language: und, new: polity}
city_b: {name: b, country: land_b, language: und, latitude: latitude, longitude: longitude, new: polity}
"""
MOST_WRONG, LEAST_RIGHT = 1 / 300, 1 / 2


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
        verdicts = [
            judge.verdict(side, one.outcome, one.thing, one.place.geonames if one.place is not None else None)
            for side, one in zip(labelled, things, strict=True)
        ]
        wrong += [side.name for side, verdict in zip(labelled, verdicts, strict=True) if verdict == "wrong"]
        sides.update(verdicts)
        whole += verdicts == ["right", "right"]
    assert sides["wrong"] <= max(1, MOST_WRONG * sides["right"]), wrong
    assert whole / len(rows) >= LEAST_RIGHT, sides
