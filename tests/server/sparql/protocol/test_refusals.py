"""Requests that are refused, and how an answer says so."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.support.protocol import (
    ASK,
    COUNT_NAMED,
    DIRECT,
    FORM,
    METHODS,
    TABLE_1,
    TABLE_2,
    WAYS,
    accept,
    ask,
    content,
    default,
    get,
    sent,
    url,
)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("asked", [[], [("query", ASK)]], ids=["alone", "with a query"])
def test_another_method_is_a_405_that_names_the_allowed_ones(
    address: str, method: str, asked: list[tuple[str, str]]
) -> None:
    """W3C: bad_query_method."""
    answer = ask("-X", method, *content(FORM), url(address, *asked))
    assert (answer.status, answer.problem["status"]) == (405, 405)
    assert answer.listed("allow") == {name.lower() for name in METHODS}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("update", ["CLEAR ALL", "INSERT DATA { <s> <p> 1 }", ""])
def test_an_update_by_get_is_a_400_and_never_answered_as_if_nothing_was_asked(
    address: str, method: str, update: str
) -> None:
    """W3C: bad_update_get."""
    options = ("--head",) if method == "HEAD" else ()
    answer = ask(*options, url(address, ("update", update)))
    assert answer.status == 400


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("--data-binary", "update=CLEAR+ALL"), id="W3C: update_post_form"),
        pytest.param(
            (*content("application/sparql-update"), "--data-binary", "CLEAR ALL"), id="W3C: update_post_direct"
        ),
        pytest.param(("--data-binary", "update=CLEAR+NAMED&update=CLEAR+DEFAULT"), id="W3C: bad_multiple_updates"),
        pytest.param((*content("text/plain"), "--data-binary", "CLEAR NAMED"), id="W3C: bad_update_wrong_media_type"),
        pytest.param((*content(""), "--data-binary", "update=CLEAR+NAMED"), id="W3C: bad_update_missing_form_type"),
        pytest.param(("--data-binary", "update=CLEAR+XYZ"), id="W3C: bad_update_syntax"),
        pytest.param(("--data-binary", "query=CLEAR+ALL"), id="an update called a query"),
        pytest.param((*content(DIRECT), "--data-binary", "DROP ALL"), id="an update typed as a query"),
        pytest.param(("-X", "QUERY", *content(DIRECT), "--data-binary", "INSERT DATA {}"), id="an update by QUERY"),
    ],
)
def test_updates_are_refused_at_the_address_for_queries(address: str, arguments: tuple[str, ...]) -> None:
    before = get(address, COUNT_NAMED).number
    answer = ask(*arguments, url(address))
    assert answer.status in (400, 415)
    assert answer.problem["detail"]
    assert get(address, COUNT_NAMED).number == before


@pytest.mark.parametrize(
    "parameter", [("using-graph-uri", TABLE_1), ("using-named-graph-uri", TABLE_1)], ids=lambda given: given[0]
)
def test_a_data_set_of_an_update_beside_its_own_is_refused(address: str, parameter: tuple[str, str]) -> None:
    """W3C: bad_update_dataset_conflict."""
    update = f"WITH <{TABLE_2}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}"
    body = (*content("application/sparql-update"), "--data-binary", update)
    assert ask(*body, url(address, parameter)).status in (400, 403, 405, 415)


@pytest.mark.parametrize(
    ("arguments", "parameters"),
    [
        pytest.param((), [("query", ASK), ("query", "SELECT * {}")], id="W3C: bad_multiple_queries"),
        pytest.param((), [("query", ASK), ("query", ASK)], id="the same query twice"),
        pytest.param(("--data-binary", urlencode([("query", ASK)] * 2)), [], id="two in a form"),
        pytest.param(("--data-binary", urlencode({"query": ASK})), [("query", ASK)], id="in a form and in the address"),
        pytest.param((*content(DIRECT), "--data-binary", ASK), [("query", ASK)], id="in the body and in the address"),
        pytest.param(
            ("-X", "QUERY", *content(DIRECT), "--data-binary", ASK), [("query", ASK)], id="by QUERY and in the address"
        ),
        pytest.param(("--data-binary", ""), [], id="no query in a form"),
        pytest.param(("--data-binary", "nothing=1"), [], id="no query among the fields of a form"),
        pytest.param((*content(DIRECT), "--data-binary", ""), [], id="an empty body"),
        pytest.param(("-X", "QUERY", *content(DIRECT), "--data-binary", ""), [], id="an empty body by QUERY"),
        pytest.param((), [("query", "")], id="an empty query by GET"),
        pytest.param((), [("query", ASK), ("update", "CLEAR ALL")], id="query and update in the address"),
        pytest.param(("--data-binary", "query=ASK{}&update=CLEAR+ALL"), [], id="query and update in a form"),
        pytest.param(("--data-binary", "query=ASK{}"), [("update", "CLEAR ALL")], id="query in a form, update without"),
        pytest.param(
            (*content(DIRECT), "--data-binary", ASK), [("update", "CLEAR ALL")], id="query in the body, update without"
        ),
        pytest.param((), [("query", "ASK {")], id="W3C: bad_query_syntax"),
        pytest.param((*content(""), "--data-binary", "query=ASK%20%7B%7D"), [], id="W3C: bad_query_missing_form_type"),
        pytest.param((*content(""), "--data-binary", ASK), [], id="W3C: bad_query_missing_direct_type"),
        pytest.param(("-X", "QUERY", *content(""), "--data-binary", ASK), [], id="no Content-Type on QUERY"),
    ],
)
def test_what_is_not_exactly_one_query_is_a_400(
    address: str, arguments: tuple[str, ...], parameters: list[tuple[str, str]]
) -> None:
    answer = ask(*arguments, url(address, *parameters))
    assert answer.status == 400
    assert answer.problem["detail"]


@pytest.mark.parametrize("method", ["POST", "QUERY"])
@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/json",
        "application/sparql-results+json",
        "multipart/form-data; boundary=x",
        "nonsense",
    ],
)
def test_another_content_type_is_a_415(address: str, method: str, media_type: str) -> None:
    """W3C: bad_query_wrong_media_type."""
    answer = ask("-X", method, *content(media_type), "--data-binary", ASK, url(address))
    assert (answer.status, answer.problem["status"]) == (415, 415)
    assert DIRECT in json.dumps(answer.problem)


@pytest.mark.parametrize("method", ["POST", "QUERY"])
@pytest.mark.parametrize("charset", ["UTF-16", "iso-8859-1", "us-ascii", "no-such-charset"])
def test_another_charset_is_refused(address: str, tmp_path: Path, method: str, charset: str) -> None:
    """W3C: bad_query_non_utf8."""
    body = tmp_path / "query.rq"
    body.write_bytes(ASK.encode("utf-16" if charset == "UTF-16" else "ascii"))
    sends = ("-X", method, *content(f"{DIRECT}; charset={charset}"), "--data-binary", f"@{body}")
    answer = ask(*sends, url(address))
    assert answer.status in (400, 415)
    assert answer.problem["detail"]


@pytest.mark.parametrize("way", WAYS)
def test_a_syntax_error_is_a_400_with_its_place(address: str, way: str) -> None:
    """W3C: bad_query_syntax."""
    problem = sent(way, address, "SELECT *\nWHERE { ?s ?p }").problem
    assert (problem["status"], problem["line"]) == (400, 2)
    assert isinstance(problem["column"], int)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("parameter", ["default-graph-uri", "named-graph-uri"])
@pytest.mark.parametrize(
    "iri", ["http://exa mple/", "http://x/<y>", 'http://x/"y"', "http://x/{y}", "http://x/%zz", "ht!tp://x"]
)
def test_a_graph_that_is_no_iri_is_a_400_that_names_the_parameter(
    address: str, way: str, parameter: str, iri: str
) -> None:
    problem = sent(way, address, ASK, (parameter, iri)).problem
    assert problem["status"] == 400
    assert parameter in json.dumps(problem)


@pytest.mark.parametrize("way", WAYS)
def test_one_graph_that_is_no_iri_spoils_the_request(address: str, way: str) -> None:
    assert sent(way, address, ASK, *default(TABLE_1), *default("no iri")).status == 400


@pytest.mark.parametrize(
    ("arguments", "parameters"),
    [
        pytest.param((), [("query", "ASK {")], id="400"),
        pytest.param((), [("query", ASK), ("format", "csv")], id="a format that does not fit"),
        pytest.param(("-X", "DELETE"), [], id="405"),
        pytest.param((*content("text/plain"), "--data-binary", ASK), [], id="415"),
        pytest.param(accept("image/png"), [("query", ASK)], id="406"),
    ],
)
def test_an_error_is_a_problem_for_programs_and_a_page_for_people(
    address: str, arguments: tuple[str, ...], parameters: list[tuple[str, str]]
) -> None:
    problem = ask(*arguments, url(address, *parameters)).problem
    assert "/docs/errors/" in str(problem["type"])
    if "Accept: image/png" not in arguments:
        page = ask(*arguments, *accept("text/html"), url(address, *parameters))
        assert (page.status, page.type) == (problem["status"], "text/html")
