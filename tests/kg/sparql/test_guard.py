from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolutions, Store

from kg.errors import QueryError
from kg.rdf import namespaces as ns
from kg.sparql import guard
from kg.sparql.evaluation import Dataset
from kg.sparql.guard import Query, QueryTooLongError, RefusedQueryError, examine
from kg.sparql.text import QuerySyntaxError, forms
from tests.support.tiers import MANY

pytestmark = pytest.mark.drawn

LONGEST = 100_000


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("select*{}", "SELECT"),
        ("# SELECT\nASK{}", "ASK"),
        ("PREFIX select: <http://x/> BASE <http://b/> Construct WHERE {}", "CONSTRUCT"),
        ("VERSION '1.2'\nprefix : <#a>\rDESCRIBE <x>", "DESCRIBE"),
    ],
)
def test_the_form_is_the_first_keyword(text: str, form: str) -> None:
    assert examine(text, LONGEST).form == form


PIECES = (
    *("PREFIX", "prefix", "BASE", "VERSION", "SELECT", "ask", "Construct", "DESCRIBE", "WITH", "x"),
    *("a:", ":", "cd:b", "é.b:", "SELECT:", "a:%", "<http://x/>", "<#a>", "<\\u0041>", "<\\U0041>", "<", "<a b>"),
    *("'1.2'", '"""a"""', "# SELECT\n", "#", "\n", " ", "\r", "\xa0", "{", "*", "?x", "(", ".", "-", "·"),
)


@settings(max_examples=MANY)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_what_begins_as_most_do_has_the_form_that_its_tokens_say(text: str) -> None:
    usual = forms._USUAL.match(text)
    with pytest.MonkeyPatch.context() as patched, contextlib.suppress(QueryError):
        patched.setattr(forms, "_USUAL", re.compile(r"(?!)"))
        form = forms.form_of(text)
        assert usual is None or usual[1].upper() == form
        usual = None
    assert usual is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", (1, 1)),
        ("PREFIX a: <b>", (1, 14)),
        ("?select", (1, 1)),
        ("'SELECT'", (1, 9)),
        ("<SELECT>", (1, 9)),
        ("# SELECT", (1, 9)),
        ("HELLO", (1, 1)),
        ("\0", (1, 1)),
        ("PREFIX a: <b>\n  SELCT * {}", (2, 3)),
    ],
)
def test_a_text_without_a_form_is_a_syntax_error_at_its_place(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        examine(text, LONGEST)
    assert (caught.value.line, caught.value.column) == place


@pytest.mark.parametrize(("text", "meant"), [("SELCT * {}", "SELECT"), ("PREFX a: <b> ASK {}", "PREFIX")])
def test_a_misspelt_keyword_is_recognised(text: str, meant: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        examine(text, LONGEST)
    assert f"Did you mean {meant}?" in caught.value.hint


@pytest.mark.parametrize("text", ["LOAD <http://x/>", "prefix a: <b>\nwith <x> delete {} where {}", "DROP ALL"])
def test_updates_are_refused(text: str) -> None:
    with pytest.raises(QueryError, match="takes queries only"):
        examine(text, LONGEST)


def test_length_counts_characters() -> None:
    assert examine("ASK {} #é", 9).form == "ASK"
    with pytest.raises(QueryTooLongError) as caught:
        examine("ASK {} #é", 8)
    assert (caught.value.length, caught.value.longest) == (9, 8)


@pytest.mark.parametrize(
    ("text", "lasting"),
    [
        ("SELECT * { ?now ?rand <http://x/UUID> . ?s ex:BNODE 'NOW()' } # RAND()", True),
        ("SELECT (ex:f(1) AS ?x) (STR(2) AS ?y) {}", True),
        ("SELECT (NOW() AS ?x) {}", False),
        ("SELECT * { ?s ?p ?o FILTER(rand() > 0.5) }", False),
        ("SELECT (uuid() AS ?x) (1 AS ?y) {}", False),
        ("SELECT (STRUUID() AS ?x) {}", False),
        ("SELECT (BNODE('a') AS ?x) {}", False),
        ("SELECT * { ?s ?p ?o } ORDER BYRAND()", False),
        ("SELECT * { FILTER(1<NOW()#>\n) }", False),
    ],
)
def test_what_lasts_as_long_as_its_revision(text: str, lasting: bool) -> None:
    assert examine(text, LONGEST).is_deterministic is lasting


PIECES = st.sampled_from(
    [*"<>#/a' \n\\\u00e9\u017f", "//", "NOW", "now()", "StrUUID", '"""', "PREFIX", "x:", "\\u0041"]
)


@given(st.lists(PIECES, max_size=12))
@settings(max_examples=MANY)
def test_a_text_is_seen_to_last_at_a_glance_only_if_its_tokens_do(pieces: list[str]) -> None:
    query = Query("SELECT " + "".join(pieces), "SELECT")
    by_tokens = not any(
        len(token.ends) > 1 or (token.kind == "word" and any(name in token.text.upper() for name in guard._FLEETING))
        for token in query.tokens
    )
    assert query.is_deterministic is by_tokens


@pytest.mark.parametrize(
    "inside",
    [
        "?s ?p <service>",
        "?s ?p <http://x/service#service>",
        "?s ?p 'SERVICE <x> {', \"SERVICE\", '''a' SERVICE <x> {''', \"\"\"\nSERVICE\"\"\"",
        "?s ?p 'it\\'s SERVICE'",
        "# SERVICE <x> {}\n ?s ?p ?o",
        "?service ?p $SERVICE",
        "ex:SERVICE service:x service:SERVICE . { ?s ex:service/service:x ?o }",
        "GRAPH service:x { ?s ?p ?o }",
        "?s ex:a\\'SERVICE ex:b\\#SERVICE",
        "?s ?p 'x'@service",
        "FILTER(?a < 1 && 'a > SERVICE' != ?b)",
    ],
)
def test_what_only_looks_like_service(inside: str) -> None:
    assert examine(f"SELECT * FROM SERVICE:x {{ {inside} \n}}", LONGEST).form == "SELECT"


REACHING = [
    "SERVICE <U> { ?s ?p ?o }",
    "service<U>{ ?s ?p ?o }",
    "SERVICE#c\n<U>{ ?s ?p ?o }",
    "SERVICE SILENT <U> { ?s ?p ?o }",
    "SERVICESILENT<U>{ ?s ?p ?o }",
    "SERVICE:x { ?s ?p ?o }",
    "SERVICEex:x#c\r{ ?s ?p ?o }",
    "?s ?p ?o FILTER EXISTS { SERVICE<U>{ ?s ?p ?o } }",
    "LATERAL { SERVICE<U>{ ?s ?p ?o } }",
    "# \r SERVICE <U>{ ?s ?p ?o } #\n",
    "?s ?p 1SERVICE<U>{ ?s ?q ?r }",
    "FILTER(1<2)SERVICE#>\n<U>{ ?s ?p ?o }",
    "FILTER(1<2#>'''\n)SERVICE <U>{ ?s ?p ?o } #'''\n",
    "FILTER(1<#>'''\n2)SERVICE <U>{ ?s ?p ?o } #'''\n",
    'VALUES ?x {"""a" } SERVICE <U> { ?s ?p ?o } #\\ud800"""\n',
    'VALUES ?x {"""a" } SERVICE <U> { ?s ?p ?o } #\\x"""\n',
    "VALUES ?x {'''a' } SERVICE <U> { ?s ?p ?o } #\\U00110000'''\n",
]


class Canary:
    """A listener on the loopback address that hangs up at once and counts its callers."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self.callers = 0
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                if connection.recv(100) == b"stop":
                    return
                self.callers += 1

    def close(self) -> None:
        with socket.create_connection(self._listener.getsockname()) as connection:
            connection.sendall(b"stop")
        self._thread.join()
        self._listener.close()

    def query(self, inside: str) -> str:
        prefixes = f"PREFIX : <{self.address}> PREFIX ex: <{self.address}> PREFIX SERVICE: <http://x/>"
        return f"{prefixes} SELECT * {{ {inside.replace('<U>', f'<{self.address}>')} }}"

    def is_called_by(self, text: str) -> bool:
        """Run a query in this process; the engine returns after the canary has hung up."""
        before = self.callers
        with contextlib.suppress(OSError, SyntaxError, ValueError):
            list(cast(QuerySolutions, STORE.query(text)))
        return self.callers > before


STORE = Store()
STORE.add(Quad(NamedNode("http://x/s"), NamedNode("http://x/p"), Literal(1), DefaultGraph()))


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    canary = Canary()
    yield canary
    canary.close()


@pytest.mark.parametrize("inside", REACHING)
def test_what_reaches_the_canary_is_refused(canary: Canary, inside: str) -> None:
    text = canary.query(inside)
    assert canary.is_called_by(text)
    with pytest.raises(RefusedQueryError, match="Federation is switched off"):
        examine(text, LONGEST)


PIECES = (
    "SERVICE|SERVICE|<U>|<U>|{ ?s ?p ?o }|{ ?s ?p ?o }|SILENT|ex:|:x|#|>|<|\n|\r|'|'''|\"|\"\"\"|\\x|\\ud800|\\|"
    "FILTER(1<2)|FILTER(1<|2)|2|#>|VALUES ?x {|}|{|.| |GRAPH|?s ?p|?s|true|1|@en|UNION|OPTIONAL|<a#>|//"
).split("|")


@settings(max_examples=MANY)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.sampled_from(REACHING), st.integers(0, 60))
def test_nothing_that_passes_reaches_the_canary(canary: Canary, pieces: str, reaching: str, place: int) -> None:
    """Pieces put anywhere into a query that would call: refused, or without a call."""
    text = canary.query(reaching[:place] + pieces + reaching[place:])
    try:
        examine(text, LONGEST)
    except (RefusedQueryError, QuerySyntaxError):
        return
    assert not canary.is_called_by(text)


@pytest.mark.parametrize("piece", ["<#>", '"""\\u0041"""', '"""', "service:x ", "<", "\\", "xservice#", "a.", " \n"])
def test_a_long_text_is_read_to_its_end(piece: str) -> None:
    """Quadratic reading would show as a test that does not end in time for its reader."""
    text = "ASK { xservice:x " + piece * (90_000 // len(piece))
    try:
        form = examine(text, LONGEST).form
    except RefusedQueryError as refusal:
        form = refusal.message
    assert form == "ASK" or "SERVICE" in form


def test_the_stated_data_set() -> None:
    text = "BASE <http://b/> PREFIX x: <y/> ASK FROM x:z FROM NAMED <q#\\u0041> FROM report:table-1 FROM x:a\\,b {}"
    expected = ("http://b/y/z", ns.REPORT + "table-1", "http://b/y/a,b")
    assert Dataset.from_query(text) == Dataset(expected, ("http://b/q#A",))


@pytest.mark.parametrize("text", ["ASK {}", "ASK FROM unknown:x {}", "ASK FROM", "PREFIX"])
def test_no_stated_data_set(text: str) -> None:
    assert Dataset.from_query(text) is None
