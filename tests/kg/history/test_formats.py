"""A change in the formats that programs read."""

from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree as Xml

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from kg.history.chain import Record
from kg.history.formats import FeedEntry, serialise_record
from kg.rdf.serialise import lines_of
from kg.rdf.vocabulary import CD, PROV, RDF

SOURCE, GRAPH = NamedNode("https://example.org/source"), NamedNode("http://g")
RECORD = Record(
    number=1,
    id="one",
    kind="submit",
    summary="A list",
    source=SOURCE.value,
    agent="ann",
    at="2026-01-01T00:00:00Z",
    added=lines_of({Quad(SOURCE, RDF.type, CD.Source, GRAPH)}),
    removed=(),
)


@pytest.mark.parametrize("engine", [RdfFormat.TURTLE, RdfFormat.N_QUADS], ids=str)
def test_a_change_says_everything_once(engine: RdfFormat) -> None:
    reviewed = replace(RECORD, reviewer=RECORD.agent)
    said = Counter(parse(serialise_record(reviewed, engine.media_type), engine))
    assert set(said.values()) == {1}
    assert [quad.object for quad in said if quad.predicate == PROV.used] == [SOURCE]


def test_a_feed_is_well_formed_whatever_a_sentence_holds() -> None:
    feed = Xml.fromstring(
        FeedEntry.atom_feed(
            "changes", "Changes", [FeedEntry.of_change(RECORD, ["+ <b>one\x01", "− two"])], {}, RECORD.at
        )
    )
    assert feed.findtext("{*}entry/{*}content") == "+ <b>one\ufffd\n− two"


def test_the_first_lines_of_a_change_are_of_whole_things() -> None:
    nodes = [NamedNode(f"http://example.org/{name}") for name in ("a", "a-b", "b", "c")]
    added = lines_of({Quad(node, RDF.type, value, GRAPH) for node in nodes for value in (CD.City, CD.State)})
    record = replace(RECORD, added=added, removed=added[:1])
    whole = {most: record.of_whole_things(most) for most in (1, 5, 7, 8)}
    assert whole == {
        1: ([], []),
        5: ([*added[:4]], [*added[:1]]),
        7: ([*added[:6]], [*added[:1]]),
        8: ([*added], [*added[:1]]),
    }


def test_turtle_says_all_of_the_change_before_anything_else() -> None:
    subjects = [quad.subject for quad in parse(serialise_record(RECORD, "text/turtle"), RdfFormat.TURTLE)]
    assert subjects == sorted(subjects, key=lambda subject: subject != RECORD.iri)
    assert subjects[0] == RECORD.iri
