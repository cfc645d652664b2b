"""Submissions: every format gives the same change, each statement has its place, and hostile texts are refused."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    parse,
    serialize,
)

from kg.errors import CityKgError
from kg.findings import MOST_FINDINGS, Finding, RefusedSubmissionError
from kg.history import serialise_record
from kg.history.chain import Record
from kg.rdf import namespaces as ns
from kg.rdf import vocabulary
from kg.rdf.change import Change
from kg.rdf.formats import GRAPH_FORMATS
from kg.rdf.serialise import lines_of
from kg.submissions import rdf
from kg.submissions import submission as module
from kg.submissions.limits import MOST_DEPTH
from kg.submissions.rdf import LONGEST_IRI, LONGEST_LITERAL, MOST_BYTES, MOST_QUADS
from kg.submissions.submission import (
    MEDIA_TYPES,
    PACKED,
    PARTS,
    Submission,
    SubmittedText,
    UnsupportedTypeError,
    media_type_of,
    pack,
    read,
    unpack,
)
from tests.support.canary import Canary

pytestmark = pytest.mark.drawn

GRAPH = ns.GRAPH + "curated/test"
TURTLE, TRIG, JSON_LD, RDF_XML = "text/turtle", "application/trig", "application/ld+json", "application/rdf+xml"
N_TRIPLES, N_QUADS, PATCH = "application/n-triples", "application/n-quads", "application/rdf-patch"
XSD = ns.PREFIXES["xsd"]
RDF = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:p="http://e/">{}</rdf:RDF>'


def added(text: str | bytes, media_type: str = TURTLE) -> Submission:
    body = text.encode() if isinstance(text, str) else text
    return read([SubmittedText(body, media_type)], GRAPH, "s")


def place(submission: Submission, quad: Quad) -> tuple[int, int]:
    found = submission.place_of(quad)
    assert found
    assert found[0] == ""
    return found[1:]


def refused(text: str | bytes, media_type: str = TURTLE) -> tuple[Finding, ...]:
    with pytest.raises(RefusedSubmissionError) as caught:
        added(text, media_type)
    findings = caught.value.findings
    assert all(finding.severity == "Violation" and finding.message and finding.message_zh for finding in findings)
    return findings


def said(text: str | bytes, media_type: str = TURTLE) -> str:
    (finding,) = refused(text, media_type)
    return f"{finding.step} {finding.line}:{finding.column} {finding.message} {finding.hint}"


# ---- The same change in every format ----

iris = st.sampled_from([f"http://e/{name}" for name in ("a", "b", "ü", "a%20b", "c#d")]).map(NamedNode)
texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20) | st.sampled_from(["", "a\nb", 'q"\\'])
literals = st.one_of(
    texts.map(Literal),
    st.builds(lambda text, tag: Literal(text, language=tag), texts, st.sampled_from(["en", "zh-Hans"])),
    st.sampled_from(
        [("01", "integer"), ("167.0120", "decimal"), ("1", "boolean"), ("2012", "gYear"), ("x", "date")]
    ).map(lambda pair: Literal(pair[0], datatype=NamedNode(XSD + pair[1]))),
)
triples = st.lists(st.tuples(iris, iris, iris | literals), min_size=1, max_size=8)
graphs = st.sampled_from([NamedNode(GRAPH), NamedNode(GRAPH + "2")])


@given(triples)
def test_every_format_of_rdf_gives_the_same_change(found: list[tuple[NamedNode, NamedNode, Literal]]) -> None:
    found = [(s, NamedNode(re.sub(r"[%#]", "", p.value)), o) for s, p, o in found]  # RDF/XML has no name for some
    change = Change.of(Quad(*triple, NamedNode(GRAPH)) for triple in found)
    for fmt in GRAPH_FORMATS:
        body = serialize((Quad(*triple) for triple in found), format=fmt.engine)
        assert body is not None
        submission = added(body, fmt.media_type)
        assert submission.change == change, fmt.name
        if fmt.media_type != RDF_XML:
            assert all(submission.place_of(quad) for quad in change.added), fmt.name


@given(st.lists(st.tuples(triples.map(lambda found: found[0]), graphs, st.booleans()), min_size=1, max_size=8))
def test_a_change_comes_back_from_its_patch(
    found: list[tuple[tuple[NamedNode, NamedNode, Literal], NamedNode, bool]],
) -> None:
    come = Change.of(Quad(*triple, graph) for triple, graph, adds in found if adds).added
    gone = Change.of(Quad(*triple, graph) for triple, graph, adds in found if not adds).added - come
    record = Record(
        2, "id", "submit", "why", "http://e/", "ann", "2026-01-01T00:00:00Z", lines_of(come), lines_of(gone)
    )
    submission = added(serialise_record(record, "application/rdf-patch"), PATCH)
    assert submission.change == Change(come, gone)
    header = 3  # id, previous, TX
    in_order = [*sorted(gone, key=lambda q: lines_of([q])), *sorted(come, key=lambda q: lines_of([q]))]
    assert {place(submission, quad) for quad in in_order} == {(header + n, 3) for n in range(1, len(in_order) + 1)}


def test_named_graphs_stay_and_the_rest_goes_to_the_graph_of_the_submission() -> None:
    change = added("<http://e/s> <http://e/p> 1 . <http://e/g> { <http://e/s> <http://e/p> 2 }", TRIG).change
    assert {(q.object.value, q.graph_name.value) for q in change.added} == {("1", GRAPH), ("2", "http://e/g")}


def test_added_and_removed_come_as_two_texts_and_what_is_in_both_stays() -> None:
    one = SubmittedText(b"<http://e/s> <http://e/p> 1 , 2 .", TURTLE)
    other = SubmittedText(b"<http://e/s> <http://e/p> 01 , 3 .", TURTLE, "removed")
    change = read([one, other], GRAPH, "s").change
    assert {q.object.value for q in change.added} == {"1", "2"}
    assert {q.object.value for q in change.removed} == {"3"}


def test_findings_of_both_texts_are_told_together_and_say_which() -> None:
    with pytest.raises(RefusedSubmissionError) as caught:
        read([SubmittedText(b"x", TURTLE), SubmittedText(b"\n y", TURTLE, "removed")], GRAPH, "s")
    assert {(f.message.split(":")[0], f.line) for f in caught.value.findings} == {
        ("In what is to be added", 1),
        ("In what is to be removed", 2),
    }


# ---- Several texts ----


def test_several_texts_are_one_change_and_each_statement_has_its_file() -> None:
    files = {
        "a.ttl": SubmittedText(b"\n<http://e/a> <http://e/p> _:x . _:x <http://e/q> 1 .", TURTLE, file="a.ttl"),
        "b.nt": SubmittedText(b'_:x <http://e/q> "b" .', N_TRIPLES, file="b.nt"),
        "c.ttl": SubmittedText(b"<http://e/c> <http://e/p> 3 .", TURTLE, "removed", "c.ttl"),
    }
    submission = read(list(files.values()), GRAPH, "s")
    places = {q.object.value: submission.place_of(q) for q in submission.change.added | submission.change.removed}
    assert {places["1"], places["b"], places["3"]} == {("a.ttl", 2, 50), ("b.nt", 1, 1), ("c.ttl", 1, 27)}
    by_value = {q.object.value: q for q in submission.change.added}
    assert by_value["1"].subject != by_value["b"].subject  # a label is of its text
    assert read([files["b.nt"], files["c.ttl"], files["a.ttl"]], GRAPH).change.removed == submission.change.removed
    assert read(list(files.values()), GRAPH).change == read(list(files.values()), GRAPH).change


def test_what_is_wrong_in_several_files_is_told_with_each_file() -> None:
    with pytest.raises(RefusedSubmissionError) as caught:
        read([SubmittedText(b"x", TURTLE, file="a.ttl"), SubmittedText(b"\n y", TURTLE, file="b.ttl")], GRAPH, "s")
    assert {(finding.file, finding.line) for finding in caught.value.findings} == {("a.ttl", 1), ("b.ttl", 2)}


def test_the_limit_of_statements_is_that_of_all_texts_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdf, "MOST_QUADS", 3)
    two = [SubmittedText(f"<http://e/{name}> <http://e/p> 1 , 2 .".encode(), TURTLE) for name in "ab"]
    read(two[:1], GRAPH)
    with pytest.raises(RefusedSubmissionError, match="more than 3 statements"):
        read(two, GRAPH)


@given(
    st.lists(
        st.builds(SubmittedText, st.binary(), st.text(), st.sampled_from(["added", "removed"]), st.text()), min_size=1
    )
)
def test_what_is_packed_is_unpacked(texts: list[SubmittedText]) -> None:
    media_type, body = pack(texts)
    if media_type != PACKED:
        assert (media_type, body) == (texts[0].media_type, texts[0].body)
    else:
        in_order = [text for part in PARTS for text in texts if text.part == part]
        assert unpack(media_type, body) == in_order


def test_what_was_packed_before_parts_could_have_several_texts_is_unpacked() -> None:
    body = b'{"added": {"mediaType": "text/turtle", "body": "YQ=="}, "removed": {"mediaType": "x", "body": "Yg=="}}'
    assert unpack(PACKED, body) == [SubmittedText(b"b", "x", "removed"), SubmittedText(b"a", "text/turtle")]


# ---- RDF Patch ----


def test_the_last_line_of_a_patch_about_a_quad_counts() -> None:
    change = added("A <http://e/s> <http://e/p> 'x' .\n".replace("'", '"') * 2, PATCH).change
    assert len(change.added) == 1
    quad = '<http://e/s> <http://e/p> "%s"^^<http://www.w3.org/2001/XMLSchema#integer> .'
    change = added(f"A {quad % '01'}\nD {quad % '1'}\n", PATCH).change
    assert (len(change.added), len(change.removed)) == (0, 1)


def test_prefixes_of_a_patch_stand_for_iris_but_not_within_texts() -> None:
    text = (
        'PA "ex" "http://e/" .\nPA x: <http://x/> .\nA ex:s ex:p "ex:o"^^x:d .\nPD "x" .\nA ex:s ex:p <http://e/o> .\n'
    )
    values = {str(quad.object) for quad in added(text, PATCH).change.added}
    assert values == {'"ex:o"^^<http://x/d>', "<http://e/o>"}


@pytest.mark.parametrize(
    ("patch", "at", "message"),
    [
        ("TX .\nA <http://e/s> <http://e/p> <http://e/o> .\nTA .\nTC .", (3, 1), "aborts"),
        ("TX .\nA <http://e/s> <http://e/p> <http://e/o> .\n", (3, 1), "TC is missing"),
        ("TC .\n", (1, 1), "does not fit"),
        ("A <http://e/s> <http://e/p> .", (1, 29), ""),
        ("A <http://e/s> <http://e/p> 1 .", (1, 29), ""),
        (
            "A <http://e/s> <http://e/p> <http://e/o> <http://e/g> . <http://e/s> <http://e/p> <http://e/o> .",
            (1, 57),
            "",
        ),
        ("A", (1, 3), "one quad"),
        (" B <http://e/s> .", (1, 2), "none of"),
        ("PA ex http://e/", (1, 1), "declared as"),
        ("A <http://e/s> <http://e/p> <<( <http://e/s> <http://e/p> <http://e/o> )>> .", (1, 3), "RDF 1.2"),
    ],
)
def test_a_bad_patch_is_refused_at_its_place(patch: str, at: tuple[int, int], message: str) -> None:
    (finding,) = refused(patch, PATCH)
    assert (finding.line, finding.column) == at
    assert message in finding.message


def test_a_patch_may_not_be_what_is_to_be_removed() -> None:
    patch = SubmittedText(b"D <http://e/s> <http://e/p> <http://e/o> .", PATCH, "removed")
    with pytest.raises(RefusedSubmissionError, match="contains removals itself"):
        read([patch], GRAPH, "s")


# ---- Places ----


def test_a_statement_in_turtle_has_the_place_of_its_object() -> None:
    text = (
        "@base <http://b/> .\nPREFIX e: <http://e/> # a comment ; with <signs>\n"
        'e:s a e:C ;\n  e:p 01.50 , """two\nlines"""@zh-Hans ,\n   "x"^^e:d ; <rel> [ e:q e:o ] .\n'
    )
    submission = added(text)
    places = {str(q.predicate)[1:-1] + " " + q.object.value: place(submission, q) for q in submission.change.added}
    assert places == {
        f"{vocabulary.RDF.type.value} http://e/C": (3, 7),
        "http://e/p 1.5": (4, 7),
        "http://e/p two\nlines": (4, 15),
        "http://e/p x": (6, 4),
        "http://e/q http://e/o": (6, 27),
        f"http://b/rel {ns.BASE}.well-known/genid/s-0": (6, 27),
    }


def test_a_statement_in_rdf_xml_has_the_place_of_its_tag() -> None:
    inner = '\n <p:C rdf:about="http://e/s">\n  <p:x rdf:resource="http://e/o"/>\n  <p:y>t</p:y>\n </p:C>\n'
    submission = added(RDF.format(inner), RDF_XML)
    places = {q.predicate.value: place(submission, q) for q in submission.change.added}
    assert places == {vocabulary.RDF.type.value: (2, 2), "http://e/x": (3, 3), "http://e/y": (4, 3)}


def test_a_statement_in_json_ld_has_the_place_where_its_subject_is_first_named() -> None:
    text = '{"@context": {"city": "%sid/city/"},\n "@graph": [{"http://e/p": 1, "@id": "city:leeds"},\n'
    text += ' {"@id": "http://e/s", "http://e/p": 2}]}'
    submission = added(text % ns.BASE, JSON_LD)
    places = {q.object.value: place(submission, q) for q in submission.change.added}
    assert places == {"1": (2, 38), "2": (3, 10)}


def test_items_of_a_list_have_their_own_places() -> None:
    submission = added('<http://e/s> <http://e/p> ( "a"\n <http://e/x>\n "b"@en\n 1 2 ) .')
    places = {
        q.object.value: place(submission, q) for q in submission.change.added if q.predicate.value.endswith("first")
    }
    assert places == {"a": (1, 29), "http://e/x": (2, 2), "b": (3, 2), "1": (4, 2), "2": (4, 4)}


def test_statements_about_blank_nodes_keep_their_places_through_the_renaming() -> None:
    values = [str(number) for number in range(30)]
    submission = added("".join(f'_:b{99 - n} <http://e/p> "{value}" .\n' for n, value in enumerate(values)))
    lines = {q.object.value: place(submission, q)[0] for q in submission.change.added}
    assert lines == {value: n for n, value in enumerate(values, 1)}


def test_a_quad_that_is_not_of_the_submission_has_no_place() -> None:
    quad = Quad(NamedNode("http://e/x"), NamedNode("http://e/p"), Literal("1"), NamedNode(GRAPH))
    assert added("<http://e/s> <http://e/p> 1 .").place_of(quad) is None


# ---- Blank nodes ----


def test_findings_of_another_process_get_their_places_and_statements_are_sorted_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sorts, in_order = list[Change](), module._sorted_quads
    monkeypatch.setattr(module, "_sorted_quads", lambda change: [in_order(change), sorts.append(change)][0])
    here = added("\n".join(f"<http://e/{number}> <http://e/p> {number} ." for number in range(9)))
    there = pickle.loads(pickle.dumps(here))
    for quad in here.change.added:
        file, line, column = there.place_of(quad) or ("", 0, 0)
        found = here.with_place(Finding("syntax", "Violation", "", "", file=file, line=line, column=column))
        assert (found.file, found.line, found.column) == here.place_of(quad)
    assert len(sorts) == 2  # here and there


def test_blank_nodes_get_iris_numbered_as_rdfc_1_0_numbers_them() -> None:
    text = '_:z <http://e/p> "b" . _:y <http://e/p> "a" ; <http://e/q> _:z , [ <http://e/p> "c" ] .'
    change = added(text).change
    dataset = Dataset(Quad(q.subject, q.predicate, q.object, NamedNode(GRAPH)) for q in parse(text, RdfFormat.TURTLE))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    genid = ns.BASE + ".well-known/genid/s-"
    expected = {re.sub(r"_:c14n(\d+)", rf"<{genid}\1>", str(quad.triple)) for quad in dataset}
    assert {str(q.triple) for q in change.added} == expected


def test_the_order_in_which_blank_nodes_are_written_does_not_matter() -> None:
    one = '_:a <http://e/p> "1" ; <http://e/q> _:b . _:b <http://e/p> "2" .'
    other = '_:x <http://e/p> "2" . _:y <http://e/q> _:x ; <http://e/p> "1" .'
    assert added(one).change == added(other).change


def test_blank_nodes_that_nothing_tells_apart_stay_as_many_as_they_are() -> None:
    assert (
        len(
            {q.subject for q in added('[] <http://e/p> "1" . [] <http://e/p> "1" . [] <http://e/p> "1" .').change.added}
        )
        == 3
    )


def test_a_blank_node_cannot_be_removed() -> None:
    with pytest.raises(RefusedSubmissionError, match="blank node") as caught:
        read([SubmittedText(b"[] <http://e/p> 1 .", TURTLE, "removed")], GRAPH, "s")
    assert ".well-known/genid/" in caught.value.findings[0].hint


@pytest.mark.parametrize("count", [5, 10, 40])
def test_a_knot_of_blank_nodes_that_look_alike_is_refused_at_once(count: int) -> None:
    text = "".join(f"_:b{i} <http://e/p> _:b{j} .\n" for i in range(count) for j in range(count) if i != j)
    assert f"size None:None {count} connected blank nodes" in said(text)


def test_a_ring_of_nodes_that_look_alike_is_refused_from_five_on() -> None:
    rings = {n: "".join(f"_:b{i} <http://e/p> _:b{(i + 1) % n} .\n" for i in range(n)) for n in (4, 5)}
    assert len(added(rings[4]).change.added) == 4
    assert "5 connected blank nodes" in said(rings[5])


def test_a_knot_of_few_nodes_with_many_links_is_refused() -> None:
    text = "".join(f"_:b{i} <http://e/p{k}> _:b{1 - i} .\n" for i in range(2) for k in range(10))
    assert "look alike" in said(text)


def test_the_worst_knots_that_pass_are_numbered() -> None:
    text = "".join(
        f"_:b{n}x{i} <http://e/p> _:b{n}x{j} .\n" for n in range(250) for i in range(4) for j in range(4) if i != j
    )
    assert len(added(text).change.added) == 3_000


def test_more_blank_nodes_than_a_submission_may_have_are_refused() -> None:
    assert "1,000 blank nodes" in said("".join(f"_:b{i} <http://e/p> {i} .\n" for i in range(1_001)))


# ---- Hostile texts ----


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b" " * (MOST_BYTES + 1), "10,000,000 bytes"),
        (b"<http://e/s>\n \xff", r"byte 15 \(line 2\)"),
        ("<http://e/s>".encode("utf-16"), "not UTF-8"),
        (b"<http://e/s>\n \0", "NUL"),
    ],
)
def test_what_is_too_long_or_no_text_is_refused_in_every_format(media_type: str, body: bytes, what: str) -> None:
    assert re.search(what, said(body, media_type))


def test_a_byte_order_mark_does_no_harm() -> None:
    assert len(added("\ufeff<http://e/s> <http://e/p> 1 .").change.added) == 1


def test_a_million_statements_are_refused() -> None:
    assert f"{MOST_QUADS:,} statements" in said("<http://e/s> <http://e/p> " + "1," * 900_000 + "1 .")
    assert "words and signs" in said("<http://e/s> <http://e/p> " + "1," * 4_900_000 + "1 .")
    assert "words and signs" in said('{"http://e/p": [' + "1," * 4_900_000 + "1]}", JSON_LD)


def test_a_prefix_that_stands_for_much_does_not_fill_the_memory() -> None:
    text = f"@prefix e: <http://e/{'x' * 1900}> .\n" + "".join(f"e:{i} e:p e:{i} .\n" for i in range(20_000))
    assert "characters together" in said(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f'<http://e/s> <http://e/p>\n "{"x" * (LONGEST_LITERAL + 1)}" .', "size 2:2 A text has 100,001"),
        (f"<http://e/s> <http://e/p>\n <http://e/{'x' * LONGEST_IRI}> .", "size 2:2 An IRI has 2,009"),
        (f'<http://e/s> <http://e/p>\n "x"^^<http://e/{"x" * LONGEST_IRI}> .', "size 2:2 An IRI has 2,009"),
    ],
)
def test_a_long_text_or_iri_is_refused_at_its_place(text: str, message: str) -> None:
    assert said(text).startswith(message)


DEEP = 100_000


@pytest.mark.parametrize(
    ("media_type", "text"),
    [
        (TURTLE, "<http://e/s> <http://e/p> " + "[ <http://e/p> " * DEEP),
        (TURTLE, "<http://e/s> <http://e/p> " + "( " * DEEP),
        (TURTLE, "<http://e/s> <http://e/p> " + "<<( <http://e/s> <http://e/p> " * DEEP + "1" + " )>>" * DEEP + " ."),
        (
            N_TRIPLES,
            "<http://e/s> <http://e/p> " + "<<( <http://e/s> <http://e/p> " * DEEP + '"1"' + " )>>" * DEEP + " .",
        ),
        (
            PATCH,
            "A <http://e/s> <http://e/p> " + "<<( <http://e/s> <http://e/p> " * DEEP + '"1"' + " )>>" * DEEP + " .",
        ),
        (JSON_LD, '{"@id":"http://e/s","http://e/p":' * DEEP + "1" + "}" * DEEP),
        (JSON_LD, '{"http://e/p":' + '{"@list":[' * DEEP + "1" + "]}" * DEEP + "}"),
        (RDF_XML, RDF.format("<rdf:Description><p:p>" * DEEP + "</p:p></rdf:Description>" * DEEP)),
    ],
)
def test_deep_nesting_is_refused_before_it_can_end_the_process(media_type: str, text: str) -> None:
    assert f"Nested more than {MOST_DEPTH} deep" in said(text, media_type)


def test_brackets_within_texts_and_comments_are_no_nesting() -> None:
    text = "# " + "[" * 300 + '\n<http://e/s> <http://e/p> "' + "[" * 300 + '" , """' + "(\n" * 300 + '""" .'
    assert len(added(text).change.added) == 2
    assert added(json.dumps({"@id": "http://e/s", "http://e/p": "[" * 300}), JSON_LD).change.added


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>' + RDF.format("<rdf:Description p:p='&b;'/>"),
        '<!doctype r [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + RDF.format("<rdf:Description p:p='&a;'/>"),
    ],
)
def test_entities_are_refused_in_rdf_xml(text: str) -> None:
    assert said(text, RDF_XML).startswith("syntax 1:1 Document type declarations")


def test_another_declared_encoding_is_refused_in_rdf_xml() -> None:
    assert "UTF-8" in said('<?xml version="1.0" encoding="utf-7"?>' + RDF.format(""), RDF_XML)


def test_many_prefixes_or_attributes_in_rdf_xml_are_refused() -> None:
    many = " ".join(f'xmlns:n{i}="http://n/{i}"' for i in range(300))
    assert "300" not in said(RDF.format(f"<p:C {many}/>"), RDF_XML)
    nested = "".join(
        f'<p:C xmlns:a{i}="http://n/" xmlns:b{i}="http://n/" xmlns:c{i}="http://n/"><p:p>' for i in range(90)
    )
    assert "in force" in said(RDF.format(nested), RDF_XML)
    assert "attributes" in said(RDF.format("<p:C " + " ".join(f'p:a{i}="1"' for i in range(600)) + "/>"), RDF_XML)


def test_nothing_is_fetched_for_a_remote_context(canary: Canary) -> None:
    address = f"{canary.address}context"
    for context in (f'"{address}"', f'[{{}}, "{address}"]', f'{{"@import": "{address}"}}'):
        text = f'{{"@context": {context},\n "@id": "http://e/s", "http://e/p": 1}}'
        assert all("is remote" in finding.message and finding.line == 1 for finding in refused(text, JSON_LD))
    escaped = text.replace("@context", "\\u0040context").replace("@import", "\\u0040import")
    assert "is remote" in refused(escaped, JSON_LD)[0].message
    assert not canary.was_called()


def test_a_key_that_stands_twice_is_refused_at_its_second_place() -> None:
    text = '{"@id": "http://e/s",\n "http://e/p": [{"@value": 1}, {"@value": 2}],\n "http://\\u0065/p": 3}'
    assert said(text, JSON_LD).startswith("syntax 3:2 The key 'http://e/p' occurs twice")


def test_contexts_that_would_cost_much_time_are_refused() -> None:
    terms = {f"t{i}": f"http://e/{i}" for i in range(2_000)}
    assert "500 terms" in said(json.dumps({"@context": terms}), JSON_LD)
    nodes = [{"@context": {"x": "http://e/"}, "x": 1} for _ in range(200)]
    assert "100 contexts" in said(json.dumps({"@graph": nodes}), JSON_LD)
    scoped = {"@context": {"T": {"@id": "http://e/T", "@context": {"y": "http://e/y"}}}, "@type": "T", "y": 1}
    assert "of its own" in said(json.dumps(scoped), JSON_LD)


@pytest.mark.parametrize(
    ("text", "media_type"),
    [
        ("", TURTLE),
        ("# cut off here\n", TURTLE),
        ("", "text/csv"),
        ("city_a,city_b,source\n\n", "text/csv"),
        ("TX .\nTC .\n", PATCH),
        (RDF.format(""), RDF_XML),
    ],
)
def test_a_text_without_a_row_or_a_statement_does_not_conform_as_if_it_said_something(
    text: str, media_type: str
) -> None:
    assert "neither a row nor a statement" in said(text, media_type)


def test_one_empty_file_of_several_is_named() -> None:
    whole, empty = (
        SubmittedText(b"<http://e/s> <http://e/p> 1 .", TURTLE, file="a.ttl"),
        SubmittedText(b"", "text/csv", file="b.csv"),
    )
    with pytest.raises(RefusedSubmissionError) as error:
        read([whole, empty], GRAPH)
    assert [finding.file for finding in error.value.findings] == ["b.csv"]


def test_json_ld_that_states_nothing_does_not_pass_for_empty() -> None:
    assert "states nothing" in said('{"@id": "http://e/s"}', JSON_LD)


CONTEXT = {
    "e": "http://e/",
    "p": "e:p",
    "link": {"@id": "e:link", "@type": "@id"},
    "choice": {"@id": "e:choice", "@type": "@vocab"},
    "names": {"@id": "e:names", "@container": "@language"},
    "notes": {"@id": "e:notes", "@container": "@index"},
    "nodes": {"@id": "e:nodes", "@container": "@id"},
    "raw": {"@id": "e:raw", "@type": "@json"},
    "part": {"@reverse": "e:whole"},
    "id": "@id",
    "ours": None,
}


def in_context(node: dict[str, object], **more: object) -> str:
    """A text whose second line is a node with a property that is kept."""
    return f'{{"@context": {json.dumps({**CONTEXT, **more})}, "e:kept": 1,\n{json.dumps(node)[1:]}'


@pytest.mark.parametrize(
    ("node", "lost"),
    [
        ({"name": "x"}, "name"),
        ({"e:a b": "x"}, "e:a b"),
        ({"http://e/a b": "x"}, "http://e/a b"),
        ({"@typ": "e:T"}, "@typ"),
        ({"p": {"@id": "e:o", "name": "x"}}, "name"),
        ({"@reverse": {"name": {"@id": "e:o"}}}, "name"),
        ({"@id": "http://e/a b"}, "http://e/a b"),
        ({"@id": "e:a b"}, "e:a b"),
        ({"@id": "http://e/%zz"}, "http://e/%zz"),
        ({"id": "leeds"}, "leeds"),
        ({"@type": ["p", "Town"]}, "Town"),
        ({"p": {"@id": "http://e/ b"}}, "http://e/ b"),
        ({"p": {"@list": [{"@id": "e:p q"}]}}, "e:p q"),
        ({"link": ["e:o", "leeds"]}, "leeds"),
        ({"choice": "leeds"}, "leeds"),
        ({"nodes": {"leeds": {"p": 1}}}, "leeds"),
        ({"p": {"@value": "x", "@language": "zh_Hans"}}, "zh_Hans"),
        ({"names": {"zh_Hans": "x"}}, "zh_Hans"),
    ],
)
def test_what_the_parser_of_json_ld_would_leave_out_is_refused_at_its_place(node: dict[str, object], lost: str) -> None:
    text = in_context(node)
    assert len(list(parse(text, RdfFormat.JSON_LD))) < 4  # no error: the parser drops it without a word
    (finding,) = refused(text, JSON_LD)
    assert (finding.step, finding.line, finding.column) == (
        "syntax",
        2,
        text.splitlines()[1].index(json.dumps(lost)) + 1,
    )
    assert repr(lost) in finding.message


@pytest.mark.parametrize(
    ("node", "count"),
    [
        ({"@id": "e:s", "p": 1, "http://e/q": 2, "urn:x:y": 3, "ours": "left out as said"}, 3),
        ({"@id": "_:b", "@type": ["e:T", "p"], "link": "e:o", "choice": "p"}, 4),
        ({"names": {"en": "x", "zh-Hans": "y", "@none": "z"}, "notes": {"any key": "x"}}, 4),
        ({"nodes": {"e:o": {"p": 1}, "@none": {"p": 2}}}, 4),
        ({"raw": {"any": {"key": 1}}, "p": {"@type": "@json", "@value": {"any": 1}}}, 2),
        ({"part": {"id": "e:o"}, "@included": [{"@id": "e:x", "p": 1}], "@index": "any"}, 2),
        ({"p": {"@context": {"name": "e:name"}, "name": "x"}}, 2),
        ({"@id": "e:g", "@graph": [{"@id": "e:x", "p": None, "e:q": "any text"}]}, 1),
    ],
)
def test_what_json_ld_may_say_is_not_taken_for_lost(node: dict[str, object], count: int) -> None:
    assert len(added(in_context(node), JSON_LD).change.added) == count + 1


def test_a_long_number_in_json_ld_is_left_to_the_parser() -> None:
    assert added('{"http://e/p": ' + "9" * 5_000 + "}", JSON_LD).change.added


def test_keys_below_a_vocabulary_and_names_below_a_base_are_kept() -> None:
    node = {"@id": "leeds", "@type": "Town", "name": "x"}
    text = json.dumps({"@context": {"@vocab": "http://v/", "@base": "http://b/"}, **node})
    assert {str(q.triple) for q in added(text, JSON_LD).change.added} == {
        f"<http://b/leeds> {vocabulary.RDF.type} <http://v/Town>",
        '<http://b/leeds> <http://v/name> "x"',
    }


def test_a_term_of_another_context_does_not_keep_a_key() -> None:
    nodes = [{"@context": {"name": "http://e/name"}, "@id": "http://e/a", "name": "x"}, {"name": "y"}]
    assert "'name'" in said(json.dumps({"@graph": nodes}), JSON_LD)


def test_many_lost_keys_are_told_up_to_the_most_that_can_be_read() -> None:
    assert len(refused(json.dumps({f"k{n}": n for n in range(1_000)}), JSON_LD)) == MOST_FINDINGS
    nested = '{"http://e/p": [' * 90 + '{"name": 1}' + "]}" * 90
    assert "'name'" in said(nested, JSON_LD)


@pytest.mark.parametrize(
    "text",
    [
        "<http://e/s> <http://e/p> <<( <http://e/s> <http://e/p> 1 )>> .",
        "<< <http://e/s> <http://e/p> 1 >> <http://e/p> 1 .",
        "<http://e/s> <http://e/p> 1 {| <http://e/p> 1 |} .",
        "<http://e/s> <http://www.w3.org/1999/02/22-rdf-syntax-ns#reifies> <http://e/o> .",
    ],
)
def test_triple_terms_are_refused_in_plain_words(text: str) -> None:
    assert "only RDF 1.1 is accepted" in said(text)


def test_a_text_with_a_direction_is_refused_and_a_version_is_not() -> None:
    assert "direction" in said('<http://e/s> <http://e/p> "x"@en--ltr .')
    assert added('VERSION "1.2"\n<http://e/s> <http://e/p> "x"@en .').change.added


def test_a_graph_named_by_a_blank_node_is_refused() -> None:
    assert "named by a blank node" in said("_:g { <http://e/s> <http://e/p> 1 }", TRIG)


def test_several_syntax_errors_are_told_at_once_with_their_places() -> None:
    start = "<http://e/s> <http://e/p>"
    text = f"{start} 1 .\n{start} oops .\n{start} 2\n<http://e/s> 3 .\n"
    findings = refused(text)
    assert {finding.step for finding in findings} == {"syntax"}
    assert [finding.line for finding in findings][:2] == [2, 3]


def test_no_more_findings_are_told_than_can_be_read() -> None:
    assert len(refused("x\n" * 1_000, N_TRIPLES)) == MOST_FINDINGS
    assert len(refused("A x\n" * 1_000, PATCH)) == MOST_FINDINGS
    assert len(refused("{" + '"a":1,' * 1_000 + '"b":1}', JSON_LD)) == MOST_FINDINGS
    assert len(refused("<http://e/s> <http://e/p> <<( <http://e/s> <http://e/p> 1 )>> .\n" * 100)) == MOST_FINDINGS


def test_an_error_in_rdf_xml_has_a_place() -> None:
    (finding,) = refused(RDF.format('\n <p:C rdf:about="http://e/s">\n  <q:x/>\n </p:C>'), RDF_XML)
    assert finding.line == 3


@pytest.mark.parametrize(
    "text", ['"""' * 300_000, "<a " * 500_000, "[" * 150 + '"' + "\\" * 999_999, "'''" + "''" * 300_000]
)
def test_a_text_that_never_closes_is_read_once(text: str) -> None:
    assert refused(text)[0].step == "syntax"


# ---- Types ----


@pytest.mark.parametrize("media_type", ["text/plain", "application/json", "", "text/turtle; charset=latin1"])
def test_another_type_is_refused_with_those_that_are_read(media_type: str) -> None:
    with pytest.raises(UnsupportedTypeError) as caught:
        added("", media_type)
    assert "UTF-8" in caught.value.hint or all(known in caught.value.hint for known in MEDIA_TYPES)


def test_parameters_of_a_type_do_not_matter() -> None:
    assert added("<http://e/s> <http://e/p> 1 .", "Text/Turtle; charset=UTF-8; version=1.2").change.added


def test_each_suffix_has_its_type() -> None:
    names = (*(f"a.{fmt.suffix}" for fmt in GRAPH_FORMATS), "a.CSV", "a.rdfp")
    assert [media_type_of(Path(name)) for name in names] == list(MEDIA_TYPES)
    with pytest.raises(CityKgError, match="suffix"):
        media_type_of(Path("a.txt"))


def test_the_blank_node_of_a_patch_is_one_node_in_all_its_lines() -> None:
    change = added('A _:b <http://e/p> "1" .\nA _:b <http://e/q> "2" .\n', PATCH).change
    assert len({quad.subject for quad in change.added}) == 1
    assert not any(isinstance(quad.subject, BlankNode) for quad in change.added)
