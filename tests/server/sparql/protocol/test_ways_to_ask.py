"""The query operation (SPARQL 1.1 Protocol, 2.1): four ways to ask."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest

from tests.support.protocol import (
    ASK,
    CD,
    DIRECT,
    FORM,
    IN_TABLE_1,
    NOBODY,
    TABLE_1,
    WAYS,
    ask,
    content,
    default,
    get,
    sent,
    url,
)


@pytest.mark.parametrize("way", WAYS)
def test_an_ask_is_answered_in_each_way(address: str, way: str) -> None:
    """W3C: query_get, query_post_form, query_post_direct. An unknown graph is an empty one."""
    assert sent(way, address, ASK).boolean is True
    assert sent(way, address, ASK, *default(NOBODY)).boolean is True


@pytest.mark.parametrize("way", WAYS)
def test_each_way_gives_the_same_answer(address: str, way: str) -> None:
    wanted = f"SELECT ?a ?b WHERE {{ ?t <{CD}twin> ?a , ?b FILTER (STR(?a) < STR(?b)) }} ORDER BY ?a ?b"
    rows = sent(way, address, wanted).rows
    assert len(rows) > 10
    assert rows == get(address, wanted).rows


@pytest.mark.parametrize("way", WAYS)
def test_a_query_in_any_script_arrives_as_it_was_sent(address: str, way: str) -> None:
    text = "北京 & é+%25;#=?"
    assert sent(way, address, f'SELECT ("{text}" AS ?said) {{}}').rows == [{"said": text}]


@pytest.mark.parametrize("way", ["GET", "POST form"])
def test_a_plus_is_a_space_and_the_order_of_parameters_is_free(address: str, way: str) -> None:
    encoded = f"default-graph-uri={quote(TABLE_1, safe='')}&query=ASK+%7B+{quote(IN_TABLE_1).replace('%20', '+')}+%7D"
    where = ["--data-binary", encoded, url(address)] if way == "POST form" else [f"{url(address)}?{encoded}"]
    assert ask(*where).boolean is True


@pytest.mark.parametrize(
    "media_type",
    [
        f"{DIRECT}; charset=UTF-8",
        f"{DIRECT};charset=utf-8",
        f'{DIRECT}; charset="utf-8"',
        "Application/SPARQL-Query",
    ],
)
@pytest.mark.parametrize("method", ["POST", "QUERY"])
def test_a_content_type_is_read_whatever_its_case_and_with_its_charset(
    address: str, method: str, media_type: str
) -> None:
    assert ask("-X", method, *content(media_type), "--data-binary", ASK, url(address)).boolean is True


def test_a_form_may_say_its_charset(address: str) -> None:
    form = urlencode({"query": ASK})
    assert ask(*content(f"{FORM}; charset=UTF-8"), "--data-binary", form, url(address)).boolean is True


def test_a_body_may_come_in_chunks(address: str) -> None:
    chunked = ("-H", "Transfer-Encoding: chunked")
    assert ask(*chunked, *content(DIRECT), "--data-binary", ASK, url(address)).boolean is True
