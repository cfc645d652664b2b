"""The pair diagram: every twinning is drawn or accounted for, the order of places is that with few crossings."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from server.figures import PairDiagram, Twinning, TwinningSource, TwinPlace
from server.figures.pairs import MOST, crossings

ONE, TWO, TEXT = (
    TwinningSource("t1", "Table 1", "/1", "table", 1),
    TwinningSource("t2", "Table 2", "/2", "table", 2),
    TwinningSource("p1", "Section 1", "/p", "paragraph", 3),
)
OTHER = TwinningSource("s", "A council's list", "/s")


def place(name: str, state: str) -> TwinPlace:
    return TwinPlace(f"{state}/{name}", name, f"/doc/{name}", state, state.upper())


def twinning(
    one: TwinPlace, other: TwinPlace, *stated: TwinningSource, denied: tuple[TwinningSource, ...] = ()
) -> Twinning:
    iri = f"{one.iri}-{other.iri}"
    return Twinning(iri, f"/doc/{iri}", one, other, stated or (ONE,), denied)


places = st.builds(place, st.sampled_from("abcdefghijkl"), st.sampled_from(["cn", "uk", "de", ""]))
pairs = st.lists(
    st.builds(twinning, places, places, st.sampled_from([ONE, TWO, TEXT, OTHER])),
    max_size=20,
    unique_by=lambda one: one.iri,
)


@given(pairs)
def test_every_twinning_is_drawn_once_or_set_apart(told: list[Twinning]) -> None:
    diagram = PairDiagram.of(told, "cn", "uk")
    assert {one.iri for one in (*diagram.drawn, *diagram.apart)} == {one.iri for one in told}
    assert len(diagram.drawn) + len(diagram.apart) == len(told)
    assert {line.twinning.iri for line in diagram.lines()} == {one.iri for one in diagram.drawn}
    assert all(one.other.state == "cn" != one.one.state for one in diagram.drawn)


@given(pairs)
def test_names_keep_their_side_and_the_first_country_its_place(told: list[Twinning]) -> None:
    diagram = PairDiagram.of(told, "cn", "uk")
    left = [at for group in diagram.left for at in group.places]
    assert [at.state == "uk" for at in left] == sorted((at.state == "uk" for at in left), reverse=True)
    assert set(left) == {one.one for one in diagram.drawn}
    assert {at for group in diagram.right for at in group.places} == {one.other for one in diagram.drawn}


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), unique=True))
def test_crossings_are_counted_as_by_looking_at_each_two_lines(ends: list[tuple[int, int]]) -> None:
    left, right = ([f"{side}{number}" for number in range(7)] for side in ("left", "right"))
    edges = [(left[a], right[b]) for a, b in ends]
    assert crossings(left, right, edges) == sum((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(ends, 2))


def test_few_lines_cross() -> None:
    told = [twinning(place(a, "uk"), place(b, "cn")) for a, b in ("ax", "by", "cz", "az", "cx")]
    diagram = PairDiagram.of(told, "cn", "uk")
    left, right = ([at.iri for at in groups[0].places] for groups in (diagram.left, diagram.right))
    edges = [(one.one.iri, one.other.iri) for one in diagram.drawn]
    least = min(crossings(a, b, edges) for a in permutations(left) for b in permutations(right))
    assert crossings(left, right, edges) == least


def test_lines_look_as_who_states_them_and_the_legend_says_so() -> None:
    a, x = place("a", "uk"), place("x", "cn")
    told = [
        twinning(place(name, "uk"), x, *stated)
        for name, stated in {"b": (ONE, TWO), "c": (ONE,), "d": (TWO, TEXT), "e": (TEXT,), "f": (OTHER,)}.items()
    ]
    diagram = PairDiagram.of([*told, twinning(a, x, TWO, denied=(ONE, TEXT))], "cn", "uk")
    looks = {line.twinning.one.name: line.css for line in diagram.lines()}
    assert looks == {"a": "second oppose", "b": "agree", "c": "first", "d": "second", "e": "text", "f": "source"}
    meanings = [style.meaning for style in diagram.legend()]
    assert meanings == ["Table 1 and Table 2 agree", "Table 1", "Table 2", "the text alone", "another source"]
    assert diagram.denied[0].voices() == "stated by Table 2; denied by Table 1 and Section 1"
    assert diagram.lines()[-1].twinning.one == a


def test_a_twinning_that_is_not_current_says_so(app: Flask) -> None:
    told = replace(twinning(place("x", "cn"), place("a", "uk")), status="planned")
    diagram = PairDiagram.of([told], "cn", "uk")
    assert diagram.drawn[0].voices() == "planned; stated by Table 1"
    with app.app_context():
        assert 'class="not-current" data-joins="/doc/a /doc/x"' in diagram.markup()


def test_the_lines_of_a_place_do_not_run_together() -> None:
    told = [twinning(place(name, "uk"), place("x", "cn")) for name in "abcdef"]
    ends = {line.path.rpartition(" ")[2] for line in PairDiagram.of(told, "cn", "uk").lines()}
    assert len(ends) == len(told)


def test_what_has_no_room_is_counted() -> None:
    told = [twinning(place(f"a{number}", "uk"), place("x", "cn")) for number in range(MOST)]
    diagram = PairDiagram.of([*told, twinning(place("z", "uk"), place("x", "cn"), ONE, TWO)], "cn", "uk")
    assert diagram.beyond == 1
    assert "z" in {one.one.name for one in diagram.drawn}
