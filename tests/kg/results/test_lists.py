"""The list of a kind as a result has the values that its pages show."""

from collections import Counter
from io import BytesIO
from typing import Any

import pytest
from pyoxigraph import Store

from kg.publish.lists import KindList, list_table, things_of_kind
from kg.results import Selection, readings
from kg.results.database import ResultDatabase, place_of


@pytest.mark.parametrize("kind", ["membership", "network"])
def test_a_list_has_the_values_of_its_pages_in_whatever_parts_and_order_they_are_read(
    store: Store, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, read = list[bytes](), KindList.values

    def reversed_values(*asked: Any) -> list[list[Any]]:
        return [[[*reversed(values)] for values in cells] for cells in read(*asked)]

    for number in (10_000, 7):
        monkeypatch.setattr(readings, "_LISTED_AT_ONCE", number)
        output = BytesIO()
        readings.write_list(store, output, kind)
        made.append(output.getvalue())
        monkeypatch.setattr(KindList, "values", reversed_values)
    assert made[0] == made[1]
    table = list_table(store, KindList(kind).page(things_of_kind(store, kind).split()))
    compared = [at for at, name in enumerate(table["names"]) if name not in ("objections", "stated_in", "as_of")]
    with ResultDatabase.open(place_of(made[0])) as result:
        for at in compared:
            shown = Counter(text for *_, cells in table["rows"] for _, text, _ in cells[at] or [("", "", "")])
            counts = result.database.execute(
                f"SELECT coalesce(name, text, ''), count(*) FROM rows LEFT JOIN m{at + 1} ON cell = c{at + 1}"
                f" LEFT JOIN v{at + 1} USING (id) GROUP BY 1"
            )
            assert dict(counts) == shown
        assert result.rows(Selection()).total == len(table["rows"]) > 7
