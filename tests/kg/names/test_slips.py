"""Names that are nearly the same: the keys find what a comparison of all with all finds, no more and no less."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.names import SlipFilter, slip_keys, without_idle_words
from kg.names.plain import plain
from kg.names.slips import LONGEST_COMPARED
from tests.support.tiers import MANY

LETTERS = (
    st.text(alphabet="abc1é市", max_size=14)
    | st.text(alphabet="abcdefg", min_size=5, max_size=14)
    | st.text(alphabet="a", min_size=LONGEST_COMPARED - 2, max_size=LONGEST_COMPARED + 2)
)
SLIPS = st.lists(
    st.tuples(st.integers(0, 62), st.sampled_from(["drop", "add", "change", "exchange"])), min_size=1, max_size=2
)


def slipped(name: str, slips: list[tuple[int, str]]) -> str:
    for place, kind in slips:
        at = place % (len(name) + 1)
        head, tail = name[:at], name[at:]
        match kind:
            case "add":
                name = f"{head}b{tail}"
            case "drop":
                name = head + tail[1:]
            case "change":
                name = f"{head}b{tail[1:]}" if tail else name
            case "exchange":
                name = head + tail[1::-1] + tail[2:]
    return name


def one_more(longer: str, shorter: str) -> bool:
    return any(
        longer[:place] + longer[place + 1 :] == shorter and not longer[place].isdigit() for place in range(len(longer))
    )


def nearly_the_same(one: str, other: str) -> bool:
    """The definition, by trying all slips."""
    if max(len(one), len(other)) > LONGEST_COMPARED or min(len(one), len(other)) < 5:
        return False
    if len(one) != len(other):
        return one_more(max(one, other, key=len), min(one, other, key=len))
    differ = [place for place in range(len(one)) if one[place] != other[place]]
    if len(one) < 10 or any(name[place].isdigit() for name in (one, other) for place in differ):
        return False
    if len(differ) == 2:
        first, second = differ
        return second == first + 1 and one[first] + one[second] == other[second] + other[first]
    return len(differ) == 1


def found(one: str, other: str) -> bool:
    kept = {key for key, _ in slip_keys(one)}
    return any(key in kept for _, key in slip_keys(other))


@settings(max_examples=MANY)
@given(LETTERS, SLIPS)
@pytest.mark.drawn
def test_names_share_a_key_if_and_only_if_one_slip_makes_them_of_each_other(name: str, slips: list) -> None:
    other = slipped(name, slips)
    if name != other:
        assert found(name, other) == found(other, name) == nearly_the_same(name, other)


@pytest.mark.parametrize("length", range(4, 14))
@pytest.mark.parametrize("kind", ["drop", "add", "change", "exchange"])
def test_a_slip_is_found_at_each_place(length: int, kind: str) -> None:
    name = "qwertyuiopasd"[:length]
    for place in range(length):
        other = slipped(name, [(place, kind)])
        near = name != other and nearly_the_same(name, other)
        assert name == other or found(name, other) == near
        for one, two in ((name, other), (other, name)):
            similar = SlipFilter([one])
            assert similar.may_match(two) or not near
            assert similar.with_candidates() == {one} or not near


@settings(max_examples=MANY)
@given(st.lists(LETTERS, min_size=1, max_size=6), SLIPS)
def test_no_similar_name_is_passed_over(names: list[str], slips: list) -> None:
    there = {*names, *(slipped(name, slips) for name in names)}
    similar = SlipFilter(names)
    kept = {name for name in sorted(there) if similar.may_match(name)}
    pairs = {(name, other) for name in names for other in there if nearly_the_same(name, other)}
    assert {other for _, other in pairs} <= kept
    assert {name for name, _ in pairs} <= similar.with_candidates()


@pytest.mark.parametrize(
    ("name", "other", "near"),
    [
        ("Shefield", "Sheffield", True),
        ("Düsseldorf", "Duesseldorf", True),
        ("Guangzhou Shi", "Guangzhuo Shi", True),
        ("Nanjing", "Nanning", False),
        ("Zone 11 North", "Zone 12 North", False),
        ("Bath", "Baths", False),
    ],
)
def test_one_slip_in_a_long_name_is_near(name: str, other: str, near: bool) -> None:
    assert found(plain(name), plain(other)) == near


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Xi’an", "xian"),
        ("XI AN", "xian"),
        ("Łódź", "lodz"),
        ("Århus", "arhus"),
        ("Straße", "strasse"),
        ("北京", "北京"),
        ("दिल्ली", "दिलली"),
        ("???", "???"),
        ("New York City", "newyorkcity"),
    ],
)
def test_case_accents_punctuation_and_spaces_do_not_count(name: str, form: str) -> None:
    assert plain(name) == form


@pytest.mark.parametrize(
    ("name", "form"),
    [("The City of Leeds", "leeds"), ("The City", "thecity"), ("The", "the"), ("北京市", "北京"), ("沙市", "沙市")],
)
def test_idle_words_count_where_nothing_else_is_left(name: str, form: str) -> None:
    assert without_idle_words(name) == form
