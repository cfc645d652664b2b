"""What records state is read in the terms of today: by itself, after an undo, and beside what newer changes say."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import Quad, RdfFormat, parse

from kg import resources
from kg.building.contents import replay
from kg.history import Record
from kg.migrations import migrate_records
from kg.rdf.serialise import lines_of
from tests.support.turtle import PREFIXES

OLD = """DELETE { GRAPH ?g { ?s cd:old ?o } }
INSERT { GRAPH ?g { ?s ?new ?o } }
WHERE { GRAPH ?g { ?s cd:old ?o } OPTIONAL { GRAPH ?g { ?s cd:end ?end } }
  BIND (IF(BOUND(?end), cd:newEnd, cd:new) AS ?new) }"""
TOO_OLD = """DELETE { GRAPH ?g { ?s cd:tooOld ?o } }
INSERT { GRAPH ?g { ?s cd:new ?o } }
WHERE { GRAPH ?g { ?s cd:tooOld ?o } }"""


MOVED = """DELETE { GRAPH ?g { ?s cd:moved ?o ; cd:theme ?theme } }
INSERT { GRAPH ?g { city:account cd:about ?s ; cd:theme ?theme } }
WHERE { GRAPH ?g { ?s cd:moved ?o } OPTIONAL { GRAPH ?g { ?s cd:theme ?theme } } }"""


@pytest.fixture(autouse=True)
def updates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "migrations").mkdir()
    for name, text in {"old": OLD, "tooOld": TOO_OLD, "moved": MOVED}.items():
        (tmp_path / "migrations" / f"{name}.ru").write_text(PREFIXES + text)
    monkeypatch.setattr(resources, "ONTOLOGY", tmp_path)


def quads(*statements: str) -> set[Quad]:
    text = "".join(f"graph:curated\\/x {{ {statement} }}\n" for statement in statements)
    return set(parse((PREFIXES + text).encode(), RdfFormat.TRIG))


def history(*changes: tuple[Iterable[str], Iterable[str]]) -> list[Record]:
    return [
        Record(n, f"{n}", "submit", "s", "http://s", "ann", "now", lines_of(quads(*added)), lines_of(quads(*removed)))
        for n, (added, removed) in enumerate(changes, 1)
    ]


def stated(records: Iterable[Record]) -> set[Quad]:
    return set(replay((), migrate_records(records)))


def test_a_record_without_old_terms_is_itself() -> None:
    records = history((["city:a cd:end 1"], []), ([], ["city:a cd:end 1"]))
    assert all(one is other for one, other in zip(migrate_records(records), records, strict=True))


def test_an_old_term_is_read_as_its_successor_by_all_that_is_stated_of_the_thing() -> None:
    records = history((["city:a cd:end 1", "city:b cd:end 1"], []), (["city:a cd:old 1", "city:c cd:old 1"], []))
    now = migrate_records(records)
    assert now[1].added == lines_of(quads("city:a cd:newEnd 1", "city:c cd:new 1"))
    assert (now[1].removed, now[1].hash) == ((), records[1].hash)
    assert now[0] == records[0]


def test_what_an_old_change_took_out_is_taken_out_as_what_came_of_it() -> None:
    back_and_forth = history(
        (["city:a cd:end 1", "city:a cd:old 1", "city:a cd:old 2"], []),
        ([], ["city:a cd:end 1", "city:a cd:old 1", "city:a cd:old 2"]),
        (["city:a cd:old 1", "city:a cd:old 2"], []),
        ([], ["city:a cd:old 1"]),
    )
    assert stated(back_and_forth[:1]) == quads("city:a cd:end 1", "city:a cd:newEnd 1", "city:a cd:newEnd 2")
    assert stated(back_and_forth[:2]) == set()
    assert stated(back_and_forth) == quads("city:a cd:new 2")


def test_two_old_statements_that_come_to_the_same_go_together() -> None:
    records = history((["city:a cd:old 1", "city:a cd:tooOld 1"], []), ([], ["city:a cd:old 1", "city:a cd:tooOld 1"]))
    assert stated(records[:1]) == quads("city:a cd:new 1")
    assert stated(records) == set()


def test_what_a_newer_change_says_stays_as_it_says() -> None:
    """It was made upon what had been migrated, so what it adds does not let that be migrated otherwise."""
    records = history(
        (["city:a cd:old 1"], []), (["city:a cd:end 1", "city:a cd:new 3"], []), ([], ["city:a cd:new 1"])
    )
    assert stated(records[:2]) == quads("city:a cd:new 1", "city:a cd:end 1", "city:a cd:new 3")
    assert stated(records) == quads("city:a cd:end 1", "city:a cd:new 3")
    assert migrate_records(records)[1:] == tuple(records[1:])


def test_an_old_correction_is_read_with_all_that_it_corrects() -> None:
    """What comes of one statement may depend on another, which a later record replaces."""
    records = history(
        (["city:a cd:end 1", "city:a cd:old 1"], []), (["city:a cd:old 2"], ["city:a cd:end 1", "city:a cd:old 1"])
    )
    assert stated(records) == quads("city:a cd:new 2")
    assert migrate_records(records)[1].removed == lines_of(quads("city:a cd:end 1", "city:a cd:newEnd 1"))


def test_what_an_old_change_adds_to_a_thing_described_before_goes_where_that_went() -> None:
    """By itself it has no old term; beside what was recorded before, a migration moves it."""
    first, second = (["city:a cd:moved 1"], []), (["city:a cd:theme 1"], [])
    assert stated(history(first, second)) == quads("city:account cd:about city:a", "city:account cd:theme 1")
    assert stated(history(first, second, ([], ["city:a cd:theme 1"]))) == quads("city:account cd:about city:a")
