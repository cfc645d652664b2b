"""Statements as lines in bytes: sorted, written and hashed as the objects of the engine would be."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMATS
from kg.rdf.lines import (
    is_node,
    line_of,
    node_of,
    serialise,
    sort_by_graph,
    sort_subject_first,
    statements_in,
    term_of,
    to_sorted_nquads,
)
from kg.rdf.serialise import graph_sort_key as of_graph
from kg.rdf.serialise import lines_of, to_bytes
from kg.rdf.serialise import sort_subject_first as triples_about_first
from kg.rdf.vocabulary import XSD

LEEDS = NamedNode(f"{ns.ID}city/leeds")
IRIS = st.builds(
    "{}{}".format,
    st.sampled_from([LEEDS.value, *ns.PREFIXES.values(), "http://e/", "https://w3id.org/city-diplomacy/"]),
    st.text("ab1/-里", max_size=4),
).map(NamedNode)
TEXTS = st.text('a<>/# "\\\n\r\t\x0b\x1c\x85\u2028里', max_size=8)
LITERALS = TEXTS.map(Literal) | TEXTS.map(lambda text: Literal(text, language="en"))
NUMBERS = st.integers(0, 9).map(lambda number: Literal(str(number), datatype=XSD.integer))
QUADS = st.lists(st.builds(Quad, IRIS, IRIS, IRIS | LITERALS | NUMBERS, IRIS), max_size=8)
SAME_BEGINNING = [Quad(LEEDS, LEEDS, Literal("a", language=tag), LEEDS) for tag in (None, "en", "en-gb")]


@given(QUADS)
@example(SAME_BEGINNING)
def test_lines_are_sorted_and_written_as_quads_are(quads: list[Quad]) -> None:
    lines = {*map(line_of, quads)}
    assert to_sorted_nquads(lines).decode() == "\n".join(lines_of({*quads})) or not quads
    assert [line.decode() for line in sort_by_graph(lines)] == [*map(str, sorted({*quads}, key=of_graph))]
    triples = triples_about_first(sorted({quad.triple for quad in quads}, key=str), LEEDS)
    statements = sort_subject_first(statements_in(lines), LEEDS)
    assert [line.decode() for line in statements] == [*map(str, triples)]
    for fmt in GRAPH_FORMATS:
        if fmt.suffix == "jsonld" or (fmt.suffix == "rdf" and not all(map(is_of_xml, quads))):
            continue
        terms = {term for line in lines for term in (line if fmt.keeps_graphs else line[:3])}
        written = serialise(sort_by_graph(lines) if fmt.keeps_graphs else statements, terms, fmt, ns.PREFIXES)
        content = sorted({*quads}, key=of_graph) if fmt.keeps_graphs else triples
        assert written == to_bytes(content, fmt.engine), fmt.name  # type: ignore[arg-type]


def is_of_xml(quad: Quad) -> bool:
    """Whether a predicate can be the name of an element, and a value text of XML."""
    local = quad.predicate.value.replace("#", "/").rpartition("/")[2]
    return local[:1].isalpha() and "\x0b" not in str(quad.object) and "\x1c" not in str(quad.object)


def test_only_an_iri_is_a_node() -> None:
    subject, _, value, _ = line_of(Quad(LEEDS, LEEDS, Literal("<x>"), LEEDS))
    assert is_node(subject)
    assert (node_of(subject), term_of(LEEDS)) == (LEEDS, subject)
    assert not is_node(value)
    assert not is_node(b"<<( <http://e/a> <http://e/b> <http://e/c> )>>")
