"""The service as curl meets it; and what asks with its options in this process gets the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.curl import curl, request

QUERY = "SELECT ?name { city:york skos:prefLabel ?name } ORDER BY ?name"
IN_CHINESE = 'SELECT ("北京 & é+%25;#=?" AS ?said) {}'
TURTLE = '<https://w3id.org/city-diplomacy/id/city/york> <http://www.w3.org/2004/02/skos/core#altLabel> "Yorvik"@en .\n'
DIRECT = ("-H", "Content-Type: application/sparql-query")
VOLATILE = {"last-modified", "date", "x-request-id", "connection"}


@pytest.mark.parametrize(
    ("options", "path", "status"),
    [
        pytest.param((), "/healthz", 200, id="GET"),
        pytest.param(("-I",), "/doc/city/york.ttl", 200, id="HEAD"),
        pytest.param(("--head", "-H", "Accept: text/html"), "/doc/city/york", 200, id="HEAD in the long form"),
        pytest.param(("-H", "Accept: application/trig"), "/id/city/york", 303, id="a header"),
        pytest.param(("-L", "-H", "Accept: application/trig"), "/id/city/york", 200, id="redirections"),
        pytest.param(("-H", "Accept:"), "/doc/city/york", 200, id="no Accept"),
        pytest.param(("-H", "Host: example.org"), "/queries/twinnings-between-countries.rq", 200, id="another host"),
        pytest.param(("-H", "Accept: text/csv", "-H", "Accept: text/html;q=0.5"), "/sparql", 200, id="a header twice"),
        pytest.param(("-H", "Accept-Encoding: gzip"), "/ontology.ttl", 200, id="compressed"),
        pytest.param(("-G", "--data-urlencode", f"query={IN_CHINESE}"), "/sparql", 200, id="in the address"),
        pytest.param(("-G", "-d", "limit=3"), "/queries/memberships.csv?other=uclg", 200, id="more of it"),
        pytest.param(("--data-urlencode", f"query={IN_CHINESE}", "-d", "version=1.1"), "/sparql", 200, id="a form"),
        pytest.param((*DIRECT, "--data-binary", IN_CHINESE), "/sparql", 200, id="a body"),
        pytest.param(("-X", "QUERY", *DIRECT, "--data", QUERY), "/sparql", 200, id="another method"),
        pytest.param(
            ("-H", "Transfer-Encoding: chunked", *DIRECT, "--data-binary", QUERY), "/sparql", 200, id="in chunks"
        ),
        pytest.param(("-H", "Content-Type:", "--data-binary", QUERY), "/sparql", 400, id="no Content-Type"),
        pytest.param(("-X", "DELETE"), "/queries", 405, id="an error"),
        pytest.param(
            ("-H", "Content-Type: text/turtle", "--data-binary", "@FILE"),
            "/validate?graph=curated/york",
            200,
            id="a file",
        ),
        pytest.param(
            ("-F", "added=@FILE;type=text/turtle", "-F", "graph=curated/york"), "/validate", 200, id="a form of files"
        ),
        pytest.param(("-F", "added=@FILE"), "/validate", 415, id="a file of no type"),
        pytest.param(("-T", "FILE", "-m", "20"), "/graph/curated/york", 401, id="a file by PUT"),
        pytest.param((), "/dumps/../healthz", 404, id="an address as it is"),
    ],
)
@pytest.mark.drawn
def test_in_this_process_the_answer_is_that_which_curl_gets(
    address: str, tmp_path: Path, options: tuple[str, ...], path: str, status: int
) -> None:
    file = tmp_path / "mine"
    file.write_text(TURTLE, encoding="utf-8")
    options = tuple(option.replace("FILE", str(file)) for option in options)
    by_curl, here = curl(*options, address + path), request(*options, address + path)
    assert (by_curl.status, here.status) == (status, status)
    assert here.body == by_curl.body
    lasting = [{n: v for n, v in a.headers.items() if n not in VOLATILE} for a in (by_curl, here)]
    assert lasting[0] == lasting[1]


def test_an_option_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="--compressed"):
        request("--compressed", "http://127.0.0.1/")
