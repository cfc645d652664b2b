"""The rows of a proposal: each thing with its accounts and what only these need, in any order the whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.curation.rows import reviewed_rows, rows_of, whole_change, with_needed, with_needing
from kg.curation.rows.reviewed import MOST_REVIEWED
from kg.curation.rows.splitting import under_heads
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.vocabulary import CD, RDF

GRAPH = NamedNode(ns.GRAPH + "curated/council")
NAMES = ("city/york", "city/new", "twinning/a", "twinning/b", "account/1", "account/2", "source/list", "source/book")


def thing(name: str) -> NamedNode:
    return NamedNode(ns.ID + name)


def stated(subject: str, predicate: NamedNode, value: str) -> Quad:
    return Quad(thing(subject), predicate, thing(value) if "/" in value else Literal(value), GRAPH)


def made(store: Store, change: Change) -> None:
    for quad in change.removed - change.added:
        store.remove(quad)
    store.extend(change.added)


def of(*quads: Quad) -> Store:
    store = Store()
    store.extend(quads)
    return store


TIES = [
    stated("twinning/a", CD.twin, "city/york"),
    stated("twinning/b", CD.twin, "city/new"),
    stated("account/1", CD.accountOf, "twinning/a"),
    stated("account/1", CD.statedIn, "source/list"),
    stated("account/2", CD.accountOf, "twinning/b"),
    stated("account/2", CD.statedIn, "source/list"),
    stated("account/2", CD.statedIn, "source/book"),
    stated("source/list", CD.note, "in all"),
    stated("source/book", CD.note, "in one"),
    stated("city/new", CD.note, "new"),
]
YORK = stated("city/york", CD.note, "known")


def test_a_tie_is_a_row_with_its_accounts_and_the_source_that_it_alone_has() -> None:
    rows = rows_of(of(YORK), Change.of(TIES))
    assert {row.thing.removeprefix(ns.ID): {one.removeprefix(ns.ID) for one in row.subjects} for row in rows} == {
        "twinning/a": {"twinning/a", "account/1"},
        "twinning/b": {"twinning/b", "account/2", "source/book"},
        "source/list": {"source/list"},
        "city/new": {"city/new"},
    }
    needed = {one.thing.removeprefix(ns.ID) for one in with_needed(rows, [thing("twinning/b").value])}
    assert needed == {"twinning/b", "source/list", "city/new"}
    assert {one.thing for one in with_needed(rows, [thing("city/new").value])} == {thing("city/new").value}
    needing = {one.thing.removeprefix(ns.ID) for one in with_needing(rows, [thing("city/new").value])}
    assert needing == {"city/new", "twinning/b"}, "the list is needed by the other tie as well"
    only = {one.thing.removeprefix(ns.ID) for one in with_needing(rows, [thing("twinning/b").value])}
    assert only == {"city/new", "twinning/b"}, "nothing else needs the city"


def test_what_a_row_needs_stands_under_the_first_in_the_order_of_the_lines() -> None:
    rows = rows_of(of(YORK), Change.of(TIES))
    for lines, heads in (
        (
            {"twinning/b": 2, "twinning/a": 3, "city/new": 4},
            {"twinning/b": {"city/new", "source/list"}, "twinning/a": set()},
        ),
        ({"account/1": 2, "twinning/b": 3}, {"twinning/a": {"source/list"}, "twinning/b": {"city/new"}}),
    ):
        found = under_heads(rows, {ns.ID + one: line for one, line in lines.items()})
        told = {
            head.thing.removeprefix(ns.ID): {one.thing.removeprefix(ns.ID) for one in under} for head, under in found
        }
        assert (told, [*told]) == (heads, [*heads])


def test_what_stands_below_others_does_not_count_for_the_bound() -> None:
    def ties(number: int) -> Change:
        made = ((f"twinning/{n}", f"city/{n}", f"country/{n}") for n in range(number))
        return Change.of(quad for one in made for quad in chain(*one))

    def chain(tie: str, city: str, country: str) -> list[Quad]:
        return [stated(tie, CD.twin, city), stated(city, CD.within, country), stated(country, CD.note, "x")]

    for number, shown in ((MOST_REVIEWED, MOST_REVIEWED), (MOST_REVIEWED + 1, 0)):
        rows = rows_of(of(), ties(number))
        found = reviewed_rows(of(), rows, [], {})
        assert (len(rows), len(found)) == (3 * number, shown)
        assert all(len(row["under"]) == 2 for row in found)


def test_what_is_known_is_not_needed_and_an_account_finds_its_tie_in_the_graph() -> None:
    later = Change.of([stated("account/1", CD.note, "later"), stated("account/1", CD.statedIn, "source/list")])
    (row,) = rows_of(of(*TIES), later)
    assert (row.thing, row.needs) == (thing("twinning/a").value, frozenset())


def test_what_goes_needs_what_has_to_let_go_of_it() -> None:
    there = [Quad(thing("city/new"), RDF.type, CD.City, GRAPH), stated("twinning/b", CD.twin, "city/new")]
    rows = {row.thing: row for row in rows_of(of(*there), Change.of([], there))}
    assert rows[thing("city/new").value].needs == {thing("twinning/b").value}
    assert rows[thing("twinning/b").value].needs == frozenset()


names = st.sampled_from(NAMES)
quads = st.builds(
    stated,
    names,
    st.sampled_from([CD.twin, CD.accountOf, CD.statedIn, CD.note, RDF.type]),
    st.one_of(names, st.just("x")),
)


@given(st.frozensets(quads, max_size=25), st.frozensets(quads, max_size=8), st.frozensets(quads, max_size=8), st.data())
def test_parts_in_any_order_make_what_the_whole_makes(
    there: frozenset[Quad], added: frozenset[Quad], removed: frozenset[Quad], data: st.DataObject
) -> None:
    change = Change.of(added, removed & there)
    whole, parts = of(*there), of(*there)
    made(whole, change)
    while rows := rows_of(parts, change):
        chosen = data.draw(st.sets(st.sampled_from([row.thing for row in rows]), min_size=1))
        taken = with_needed(rows, chosen)
        part = whole_change(taken)
        assert chosen <= {row.thing for row in taken}
        assert part.added | part.removed
        stood = [row.thing for head, under in under_heads(rows, {}) for row in (head, *under)]
        assert sorted(stood) == [row.thing for row in rows], "each row stands once"
        made(parts, part)
        change = change.without({subject for row in taken for subject in row.subjects})
    assert change == Change.of()
    assert set(parts) == set(whole)
