"""The page that checks a text: in each format, in the reader's language, with mends that apply where they are meant."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.findings import Finding
from kg.rdf import namespaces as ns
from kg.submissions.checks import Mend
from server.curation.check_page import TYPES, _guess
from tests.support.curated import Curated
from tests.support.http import Answer

SOURCE = "https://w3id.org/city-diplomacy/id/source/list"
TRIPLE = f'<{SOURCE}> <{ns.PREFIXES["skos"]}prefLabel> "List"@en .'
TEXTS = {
    "text/turtle": f"{TRIPLE}\n<{SOURCE}> a cd:Source .",
    "application/trig": f"<https://w3id.org/city-diplomacy/graph/curated/list> {{ {TRIPLE}\n<{SOURCE}> a cd:Source }}",
    "application/ld+json": f'{{"@context": {{"cd": "{ns.CD}"}},\n"@id": "{SOURCE}", "@type": "cd:Sourze"}}',
    "application/rdf-patch": f"TX .\nA <{SOURCE}> <{ns.PREFIXES['rdf']}type> <{ns.CD}Sourze> .\nTC .",
    "text/csv": "city_a,city_b,since,source\njinan,yrok,1998,page-list\n",
}


def checked(curated: Curated, text: str, *more: str) -> Answer:
    fields = [word for field in (f"text={text}", *more) for word in ("-F", field)]
    return curated.ask("-H", "Accept: text/html", *fields, "/validate")


@pytest.mark.drawn
@pytest.mark.parametrize("media_type", TEXTS)
@pytest.mark.parametrize("is_said", [True, False], ids=["said", "guessed"])
def test_each_format_is_read_and_found_at_its_line(curated: Curated, media_type: str, is_said: bool) -> None:
    answer = checked(curated, TEXTS[media_type], f"type={media_type if is_said else ''}")
    page = answer.body.decode()
    assert (answer.status, answer.type) == (200, "text/html"), page
    assert "&gt; 2 " in page
    assert "Violation: " in page
    assert unescape(page).count(TEXTS[media_type].split("\n")[1])  # the text is still in its field
    assert (f'<option value="{media_type}" selected>' in page, f"guessed: {TYPES[media_type]}" in page) == (
        is_said,
        not is_said,
    )


def test_a_text_that_conforms_goes_on_at_the_desk(curated: Curated) -> None:
    text = f'<{ns.ID}city/york> <{ns.PREFIXES["skos"]}altLabel> "Jorvik"@en .'
    page = checked(curated, text).body.decode()
    assert ("It conforms." in page, 'form="check" formaction="/desk/text"' in page) == (True, True), page
    there = curated.at_desk("-F", f"text={text}", "-F", "type=", "-F", "graph=", "/desk/text", by="Ann").body.decode()
    assert (text in unescape(there), 'value="propose"' in there, "formaction" in there) == (True, True, False)
    assert "formaction" not in checked(curated, TEXTS["text/turtle"]).body.decode()


def test_the_desk_takes_the_source_from_what_is_stated_in_it(curated: Curated) -> None:
    account = f"{ns.ID}account/council-yearbook--twinning-dalian-glasgow"
    text = f"""PREFIX cd: <{ns.CD}>
<{ns.ID}source/council-yearbook> a cd:Source ; <{ns.PREFIXES["dcterms"]}title> "Yearbook"@en ;
    <{ns.PREFIXES["dcterms"]}license> "not known" .
<{account}> a cd:Account ; cd:accountOf <{ns.ID}twinning/dalian-glasgow> ; cd:statedIn STATED ."""

    def shown(*stated: str) -> str:
        body = text.replace("STATED", ", ".join(f"<{ns.ID}{one}>" for one in stated))
        sent = ("-F", f"text={body}", "-F", "type=", "-F", "graph=curated/council-yearbook")
        page = curated.at_desk(*sent, "/desk/text", by="Ann").body.decode()
        return page.partition('name="source" size="40" value="')[2].partition('"')[0]

    assert shown("source/council-yearbook") == f"{ns.ID}source/council-yearbook"
    assert shown("source/council-yearbook", "source/geonames") == ""


@pytest.mark.drawn
def test_the_report_is_that_of_programs_in_one_language(curated: Curated) -> None:
    text = f"PREFIX status: <{ns.PREFIXES['status']}>\nPREFIX cd: <{ns.CD}>\n<{SOURCE}> cd:status status:curent ."
    report = curated.ask("--data-binary", text, "-H", "Content-Type: text/turtle", "/validate").members
    english = checked(curated, text).body.decode()
    chinese = curated.ask(
        *("-H", "Accept: text/html", "-H", "Accept-Language: zh-CN,zh;q=0.9,en;q=0.5"),
        "-F",
        f"text={text}",
        "/validate",
    ).body.decode()
    assert report["findings"]
    for finding in report["findings"]:
        assert f"{finding['severity']}: {finding['message']}" in unescape(english)
        assert f"{finding['severity']}: {finding['message_zh']}" in unescape(chinese)
        assert finding["message_zh"] not in unescape(english)
        assert f"{finding['severity']}: {finding['message']}" not in unescape(chinese)
    assert '<a href="/vocabulary/tie-status/former">status:former</a>' in english  # what may stand there
    assert "It does not conform." in english


@pytest.mark.drawn
def test_a_mend_is_tried_in_the_text_as_it_is_sent(curated: Curated) -> None:
    text = f"PREFIX tie-status: <{ns.PREFIXES['status']}>\n<{SOURCE}> <{ns.CD}status> tie-status:curent ."
    page = checked(curated, text).body.decode()
    assert 'name="mend" value="2:' in page
    mend = unescape(page.partition('name="mend" value="')[2].partition('"')[0])
    mended = checked(curated, text, f"mend={mend}").body.decode()
    assert "tie-status:current ." in mended
    assert "Line 2 now has status:current. The text was checked again." in mended
    changed = checked(curated, text.replace("curent", "former"), f"mend={mend}").body.decode()
    assert "tie-status:former ." in changed
    assert "another one at that place by now" in changed


@pytest.mark.drawn
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"", "states nothing"),
        (b"\n".join(b"<a:%d> <b:b> <c:c> ." % n for n in range(2_001)), "without a token up to 2,000"),
        (b"<a:" * 100_000, "The text cannot be read."),
    ],
    ids=["no text", "empty", "too much", "one long line"],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(
    curated: Curated, tmp_path: Path, body: bytes, words: str
) -> None:
    (tmp_path / "x.ttl").write_bytes(body)
    answer = curated.ask("-H", "Accept: text/html", "-F", f"file=@{tmp_path}/x.ttl", "/validate")
    assert (answer.status in (200, 413), words in answer.body.decode()) == (True, True), answer.body
    assert len(answer.body) < 500_000


@pytest.mark.drawn
@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        (("graph=report/table-1",), 400, "report/table-1"),
        (("type=text/nonsense",), 400, "is not a format"),
        (("grpah=curated/list",), 400, "There is no parameter"),
        (("text=" + "<a:a> <b:b> <c:c> .\n<a:b> " + ", ".join(f"<b:{n}>" for n in range(9)) + " .",), 200, "be read"),
        (("text=" + "\n".join(f"<a:{n}> <b:b> <c:c> ." for n in range(2_001)),), 413, "without a token up to 2,000"),
        (("text=" + "".join(f"<a:{n}> <b:b> <c:{'c' * 190}> .\n" for n in range(2_001)),), 413, "up to 2,000"),
    ],
    ids=["a graph of a report", "no format", "no parameter", "no text", "too much", "long"],
)
def test_what_is_refused_stays_in_its_field(curated: Curated, more: tuple[str, ...], status: int, words: str) -> None:
    text = next((one.removeprefix("text=") for one in more if one.startswith("text=")), TRIPLE)
    answer = checked(curated, text, *(one for one in more if not one.startswith("text=")))
    page = unescape(answer.body.decode())
    assert (answer.status, words in page, text in page) == (status, True, True), page


def test_the_form_may_be_kept_and_has_the_graph_of_its_address(curated: Curated) -> None:
    answer = curated.ask("/validate?graph=curated/council")
    assert b'name="graph" value="curated/council"' in answer.body
    assert (answer.headers["cache-control"], "etag" in answer.headers) == ("no-cache", True)
    assert curated.ask("/validate?grpah=curated/council").status == 400


@pytest.mark.drawn
@pytest.mark.parametrize("field", ["text", "type", "graph", "mend"])
def test_markup_stays_text(curated: Curated, field: str) -> None:
    answer = checked(curated, TRIPLE, f"{field}=</textarea>\"><b planted>'")
    assert answer.status < 500
    assert b"<b planted" not in answer.body


MISSPELT = Finding("vocabulary", "Violation", "no", value="cd:Twining", meant="cd:Twinning", line=1, column=6)


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("<x> a cd:Twining.", "<x> a cd:Twinning."),
        ("<x> a my:Twining .", "<x> a my:Twinning ."),
        (f"<x> a <{ns.CD}Twining> .", f"<x> a <{ns.CD}Twinning> ."),
        ('{"@": "cd:Twining"}', '{"@": "cd:Twinning"}'),
        ("<x> a cd:Twinning .", None),
        ("<x> a cd:City .", None),
        ("<x>", None),
        ("A <x> <y> cd:Twining .", "A <x> <y> cd:Twinning ."),
        ("", None),
    ],
)
def test_a_name_is_written_as_the_text_has_it(text: str, mended: str | None) -> None:
    mend = Mend.of(Finding(**{**vars(MISSPELT), "column": text.find("cd:Tw") + 1 or 7}))
    assert mend is not None
    assert Mend.parse(str(mend)) == mend
    assert mend.apply(text, "text/turtle") == mended


@pytest.mark.parametrize("line", ["a," + " " * 400_000 + "!", "a" * 400_000, "a:" + "." * 400_000])
def test_a_long_line_is_looked_at_once(line: str) -> None:
    """What takes the square of the line takes hours here."""
    assert _guess(line) in TYPES
    assert Mend("status:current", "status:curent", 1, 1).apply(line, "text/turtle") is None


def test_a_date_without_its_datatype_is_mended(curated: Curated) -> None:
    text = (
        f"PREFIX cd: <{ns.CD}>\n<{ns.ID}account/list--x> a cd:Account ;\n"
        f"  cd:accountOf <{ns.ID}twinning/dalian-glasgow> ;"
        f'\n  cd:statedIn <{SOURCE}> ; cd:begin "2010" ; cd:end "2010"^^<{ns.PREFIXES["xsd"]}gYear> .'
    )
    page = unescape(checked(curated, text).body.decode())
    (mend,) = re.findall(r'value="(4:\d+:2010 "2010"\^\^xsd:gYear)"', page)
    mended = unescape(checked(curated, text, f"mend={mend}").body.decode())
    assert 'cd:begin "2010"^^xsd:gYear ; cd:end "2010"^^<' in mended
    assert 'value="xsd:"' in mended  # the prefix is the next mend


@pytest.mark.drawn
def test_a_property_is_mended_before_its_value(curated: Curated) -> None:
    text = f"PREFIX cd: <{ns.CD}>\nPREFIX status: <{ns.PREFIXES['status']}>\n<{SOURCE}> cd:statsu status:current ."
    page = checked(curated, text).body.decode()
    mends = [unescape(one.partition('"')[0]) for one in page.split('name="mend" value="')[1:]]
    assert [mend for mend in mends if mend.endswith(" cd:status")], mends
    mended = checked(curated, text, f"mend={mends[0]}").body.decode()
    assert "cd:status status:current ." in unescape(mended)


def test_a_cell_of_a_table_is_mended() -> None:
    mend = Mend("city:york", "city:yrok", 2, 7)
    assert mend.apply("city_a,city_b\njinan,yrok,1998", "text/csv") == "city_a,city_b\njinan,york,1998"
    assert mend.apply("city_a,city_b\njinan,york,1998", "text/csv") is None


def test_a_prefix_is_declared_if_it_is_ours_and_the_format_takes_it() -> None:
    undeclared = "The prefix {}: has not been declared"
    mend = Mend.of(Finding("syntax", "Violation", undeclared.format("cd"), line=2, column=1))
    assert mend is not None
    assert Mend.parse(str(mend)) == mend
    assert mend.apply("cd:x a cd:y .", "text/turtle") == f"PREFIX cd: <{ns.CD}>\ncd:x a cd:y ."
    assert mend.apply("cd:x a cd:y .", "text/csv") is None
    assert Mend.of(Finding("syntax", "Violation", undeclared.format("nobody"), line=2, column=1)) is None


@given(said=st.text(max_size=40) | st.from_regex(r"[0-9]{0,8}:[0-9]{0,8}:\S{0,9} \S{0,9}"), text=st.text(max_size=60))
def test_a_mend_that_somebody_made_up_does_no_harm(said: str, text: str) -> None:
    mend = Mend.parse(said)
    if mend is not None:
        mended = mend.apply(text, "text/turtle")
        assert mended is None or abs(len(mended) - len(text)) < 400


@pytest.mark.drawn
def test_what_it_would_mean_stands_below_the_findings(curated: Curated) -> None:
    """Birmingham and Jinan: the report has no Chinese twin of Birmingham, and the page says so with links."""
    prefixes = "".join(f"PREFIX {one}: <{ns.PREFIXES[one]}>\n" for one in ("cd", "dcterms", "skos", "status"))
    tie, account = f"<{ns.ID}twinning/birmingham-jinan>", f"<{ns.ID}account/list--twinning-birmingham-jinan>"
    same = f"<{ns.ID}account/list--twinning-birmingham-guangzhou>"
    text = f"""{prefixes}<{SOURCE}> a cd:Source ; skos:prefLabel "List"@en ; dcterms:title "List"@en .
        {tie} a cd:Twinning ; cd:twin <{ns.ID}city/birmingham> , <{ns.ID}city/jinan> ;
            skos:prefLabel "Twinning of Birmingham and Jinan"@en .
        {account} a cd:Account ; cd:accountOf {tie} ; cd:statedIn <{SOURCE}> ; cd:status status:current .
        {same} a cd:Account ; cd:accountOf <{ns.ID}twinning/birmingham-guangzhou> ; cd:statedIn <{SOURCE}> ."""
    sent = ("--data-binary", text, "-H", "Content-Type: text/turtle")
    told = curated.ask(*sent, "/validate").members["effects"]
    page = unescape(checked(curated, text).body.decode())
    assert {one["kind"] for one in told["objections"]} == {"denies"}
    assert all(one["message"] in page for one in told["objections"] + told["confirmed"])
    assert {one["message"] for one in told["confirmed"]} == {
        "Confirmed by Table 2: Guangzhou is a major twin of Birmingham."
    }
    assert "<h3>Confirmations</h3>" in page
    assert '<a href="/doc/passage/table-2">Table 2</a>' in page.partition("<h3>Confirmations</h3>")[2]
    assert f'<a href="/doc/passage/section-3.1-p2">{told["objections"][0]["sources"][0]["text"]}' in page
    assert "Birmingham and Jinan are twinned." in [one["text"] for each in told["sentences"] for one in each["added"]]
    assert {"Birmingham, currently twinned with: Jinan"} <= {one["text"] for one in told["inferred"]["first"]}
    assert {"Birmingham", "Jinan"} <= {one["text"] for one in told["pages"]["first"]}
    answers = told["answers"]
    first = answers["changed"][0]  # a processor that is slow has no time for others
    assert answers["notTried"]
    assert f'<a href="/{first["question"]}">{first["text"]}</a>' in page
    assert 'name="answers" value="all"' in page
    all_of_them = curated.ask(*sent, "/validate?answers=all").members["effects"]["answers"]
    assert all_of_them["compared"] > answers["compared"]
    (of_jinan,) = (one for one in all_of_them["changed"] if one["text"] == "With which cities is Jinan twinned?")
    assert (of_jinan["after"] - of_jinan["before"], of_jinan["new"], of_jinan["gone"]) == (1, 1, 0)
    assert "answers='some' is not understood." in curated.ask(*sent, "/validate?answers=some").body.decode()


def test_questions_of_the_whole_graph_wait_until_all_answers_are_asked_for(curated: Curated) -> None:
    prefixes = "".join(f"PREFIX {one}: <{ns.PREFIXES[one]}>\n" for one in ("cd", "dcterms", "skos"))
    text = f"""{prefixes}<{SOURCE}> a cd:Source ; skos:prefLabel "List"@en ; dcterms:title "List"@en ."""
    sent = ("--data-binary", text, "-H", "Content-Type: text/turtle")
    told = curated.ask(*sent, "/validate").members["effects"]["answers"]
    assert told["compared"] == 0
    assert "queries/places?scope=all" in told["notTried"]
    assert curated.ask(*sent, "/validate?answers=all").members["effects"]["answers"]["compared"]
