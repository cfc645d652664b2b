"""What is shown of a result stands in the address, and comes back from it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import BadValueError
from kg.queries import CannedQuery
from kg.results import Selection
from server.results import ResultView

names = st.from_regex(r"[a-z_é伯][a-z0-9_é]{0,3}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)
views = st.builds(
    ResultView,
    st.builds(
        lambda sort, down, contains, values, hidden: Selection(sort, bool(sort) and down, contains, values, hidden),
        names | st.just(""),
        st.booleans(),
        st.dictionaries(names, texts, max_size=2),
        st.dictionaries(
            names, st.lists(texts | st.just(""), min_size=1, max_size=3, unique=True).map(tuple), max_size=2
        ),
        st.lists(names, max_size=2).map(tuple),
    ),
    st.integers(0, 10**6),
    names | st.just(""),
    texts | st.just(""),
)


@given(views)
def test_a_view_comes_back_from_its_address(view: ResultView) -> None:
    written = parse_qs(urlencode(view.parameters()), keep_blank_values=True)
    assert all(map(ResultView.has_parameter, written))
    assert ResultView.read({"query": ["ASK {}"], **written}) == view


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"sort": ["a", "b"]}, "sort= is given 2 times"),
        ({"filter.a": ["x", "y"]}, "filter.a= is given 2 times.\nGive it once."),
        ({"hide": ["a", "b,c"]}, "hide= is given 2 times.\nWrite hide=a,b,c."),
        ({"from": ["0"]}, "from='0' is not the number of a row"),
        ({"from": ["-1"]}, "from='-1' is not the number of a row"),
        ({"from": ["9" * 40]}, "is not the number of a row"),
    ],
)
def test_what_is_no_view_is_refused(parameters: dict[str, list[str]], message: str) -> None:
    with pytest.raises(BadValueError, match=message):
        ResultView.read(parameters)


def test_empty_parameters_as_forms_send_them_say_nothing() -> None:
    assert ResultView.read({"sort": [""], "filter.a": ["", ""], "hide": [""], "from": [""]}).is_plain
    assert ResultView.read({"is.a": [""]}).selection.values == {"a": ("",)}


def test_no_parameter_of_a_canned_query_can_be_taken_for_one_of_a_view() -> None:
    assert {*ResultView.NAMES, ResultView.FILTER, ResultView.VALUE} <= set(CannedQuery.RESERVED)
