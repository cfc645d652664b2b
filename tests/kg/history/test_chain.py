import json
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from kg.errors import DataFolderError
from kg.history.chain import START, History, Record
from kg.history.provenance import provenance_of
from kg.rdf.serialise import lines_of, quads_of
from kg.rdf.vocabulary import RDFS

A, G = NamedNode("http://a"), NamedNode("http://g")
QUAD = Quad(A, A, A, G)


def record(summary: str, added: frozenset[Quad] = frozenset({QUAD})) -> Record:
    return Record(
        number=0,
        id=f"id of {summary}",
        kind="submit",
        summary=summary,
        source="https://example.org/source",
        agent="ann",
        at="2026-01-01T00:00:00Z",
        added=lines_of(added),
        removed=(),
    )


@pytest.fixture
def history(tmp_path: Path) -> History:
    history = History(tmp_path)
    for number in range(1, 6):
        history.append(record(f"change {number}"))
    return history


def file(tmp_path: Path, number: int) -> Path:
    return tmp_path / "history" / f"{number:08d}.json"


def test_a_summary_is_a_label_that_claims_no_language() -> None:
    (label,) = [quad.object for quad in provenance_of(record("修正名称")) if quad.predicate == RDFS.label][:1]
    assert label == Literal("修正名称")


def test_records_are_numbered_and_each_names_the_one_before(history: History) -> None:
    records = list(history.records())
    assert [one.number for one in records] == [1, 2, 3, 4, 5]
    assert [one.previous for one in records] == [START, *(one.hash for one in records[:-1])]
    assert list(history.records(after=3)) == records[3:]


def test_records_about_a_thing_are_found_without_reading_all_others_again(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = NamedNode("http://other")
    history.append(record("of another", frozenset({Quad(other, A, A, G)})))
    assert [one.number for one in history.records_about([other.value])] == [6]
    read, get = [], history.get
    monkeypatch.setattr(history, "get", lambda number: read.append(number) or get(number))
    assert list(history.records_about(["http://none"])) == []
    history.append(record("another again", frozenset({Quad(A, A, other, G)})))
    assert [one.number for one in history.records_about([other.value])] == [7, 6]
    assert [one.number for one in history.records_about([other.value], last=6)] == [6]
    assert sorted(set(read)) == [6, 7]
    file(history.folder.parent, 7).unlink()  # as a restore of what was there before does
    assert [one.number for one in history.records_about([other.value])] == [6]


def test_what_one_process_appends_another_reads(history: History, tmp_path: Path) -> None:
    reader = History(tmp_path)
    assert reader.count() == 5
    history.append(record("change 6"))
    assert (reader.count(), reader.get(6)) == (6, list(history.records())[5])


def test_a_history_that_was_put_back_shorter_is_counted_anew(history: History, tmp_path: Path) -> None:
    assert history.count() == 5
    for number in (3, 4, 5):
        file(tmp_path, number).unlink()
    assert history.count() == 2


def test_what_a_writer_that_died_had_not_finished_is_no_record(history: History, tmp_path: Path) -> None:
    (tmp_path / "history" / "draft").write_text('{"number": 6')
    assert len(list(History(tmp_path).records())) == 5
    assert history.append(record("change 6")).number == 6


@pytest.mark.parametrize("field", ["summary", "agent", "at", "added", "acknowledged", "previous", "hash", "number"])
def test_an_altered_record_is_found(history: History, tmp_path: Path, field: str) -> None:
    stated = json.loads(file(tmp_path, 3).read_text())
    other = {list: ["something else"], str: f"{stated[field]}0", int: 7}
    stated[field] = other[type(stated[field])]
    file(tmp_path, 3).write_text(json.dumps(stated))
    with pytest.raises(DataFolderError, match=r"00000003\.json is not what was written(.|\n)*backup"):
        list(history.records())


def test_a_record_that_was_sealed_anew_breaks_the_chain_behind_it(history: History, tmp_path: Path) -> None:
    third = history.get(3)
    assert third is not None
    forged = replace(third, agent="eve").seal_after(third.previous)
    assert forged.is_intact()
    stated = json.loads(file(tmp_path, 3).read_text()) | {"agent": "eve", "hash": forged.hash}
    file(tmp_path, 3).write_text(json.dumps(stated))
    with pytest.raises(DataFolderError, match=r"00000004\.json is not what was written"):
        list(history.records())


def test_a_missing_record_is_named(history: History, tmp_path: Path) -> None:
    file(tmp_path, 2).unlink()
    with pytest.raises(DataFolderError, match=r"00000002\.json is missing(.|\n)*backup"):
        list(history.records())


@pytest.mark.parametrize("content", ["", '{"number": 5, "id"', "[]", '{"number": 5}', '{"unknown": 1}'])
def test_a_record_that_cannot_be_read_is_named(history: History, tmp_path: Path, content: str) -> None:
    file(tmp_path, 5).write_text(content)
    with pytest.raises(DataFolderError, match=r"00000005\.json cannot be read(.|\n)*backup"):
        list(history.records())
    with pytest.raises(DataFolderError, match=r"00000005\.json cannot be read"):
        history.append(record("change 6"))


def test_quads_are_kept_as_canonical_lines_in_order_and_come_back_the_same(tmp_path: Path) -> None:
    texts = ['"', "\\", "line\nnext\ttab\r", "\x01\x7f", "é 中 \U0001f600"]
    quads = frozenset(
        {
            *(Quad(A, A, Literal(text), G) for text in texts),
            Quad(A, A, Literal("x", language="en"), G),
            Quad(A, A, Literal("1", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer")), G),
            Quad(A, A, Literal("s", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#string")), G),
        }
    )
    kept = History(tmp_path).append(record("all sorts", quads))
    assert kept.added == tuple(sorted(kept.added))
    assert '<http://a> <http://a> "line\\nnext\\ttab\\r" <http://g> .' in kept.added
    assert '<http://a> <http://a> "\\u0001\\u007F" <http://g> .' in kept.added
    assert '<http://a> <http://a> "s" <http://g> .' in kept.added
    again = History(tmp_path).get(1)
    assert again == kept
    assert again.added_quads() == quads == quads_of(kept.added)


def test_people_can_read_a_record(tmp_path: Path) -> None:
    History(tmp_path).append(record("Twinning 北京"))
    text = file(tmp_path, 1).read_text(encoding="utf-8")
    assert '\n "summary": "Twinning 北京"' in text
    assert '\n  "<http://a> <http://a> <http://a> <http://g> ."' in text


def test_records_taken_over_stay_as_they_are(history: History, tmp_path: Path) -> None:
    other = History(tmp_path / "other")
    other.adopt(history.records())
    assert list(other.records()) == list(history.records())
