from __future__ import annotations

import pytest
from pyoxigraph import Store

from kg.sparql import Emptiness, KnownTerms
from kg.sparql.evaluation import Answer, Dataset, Unions, run

UNBOUNDED = 60.0


@pytest.fixture(scope="module")
def known(store: Store) -> KnownTerms:
    return KnownTerms(store)


def why(
    store: Store, known: KnownTerms, text: str, form: str = "SELECT", seconds: float = UNBOUNDED
) -> Emptiness | None:
    unions, dataset = Unions(store, 1_000_000), Dataset.from_query(text)
    return Emptiness.find(text, form, lambda asked: unions.evaluate(asked, dataset)[0], known, seconds)


@pytest.mark.parametrize(
    ("text", "part", "before"),
    [
        ("{ ?c a cd:City ; cd:twin ?x }", "?c cd:twin ?x", ("?c a cd:City",)),
        ("{ ?c a cd:City . ?x cd:twin city:leedss }", "?x cd:twin city:leedss", ()),
        ("{ ?c a cd:City FILTER(?c = city:x) ?t cd:twin ?c }", "FILTER(?c = city:x)",
         ("?c a cd:City", "?t cd:twin ?c")),
        ("{ ?c a cd:City . OPTIONAL { ?c cd:x ?y } MINUS { ?c a cd:City } }", "MINUS { ?c a cd:City }",
         ("?c a cd:City", "OPTIONAL { ?c cd:x ?y }")),
        ("{ { ?c a cd:Citty } UNION { ?c a cd:Town } ?c a cd:City }", "{ ?c a cd:Citty } UNION { ?c a cd:Town }", ()),
        ("{ GRAPH report:table-2 { ?t cd:twin ?c , city:york } }", "?t cd:twin city:york", ()),
        ("{ { SELECT * { ?t cd:twin city:nowhere } LIMIT 1 } ?t a ?k }", "?t cd:twin city:nowhere", ()),
        ("{ ?t cd:twin/cd:twin|cd:nothing ?c }", "?t cd:twin/cd:twin|cd:nothing ?c", ()),
        ("{ [] cd:twin [ a cd:Nothing ] }", "[] a cd:Nothing", ()),
        ("{ VALUES ?x {} ?x a ?y }", "VALUES ?x {}", ()),
        ("{ FILTER(false) }", "FILTER(false)", ()),
        ("{ ?t cd:twin city:leeds } OFFSET 100", "OFFSET 100", ()),
        ("{ ?t cd:twin city:leeds } VALUES ?t { city:york }", "VALUES ?t { city:york }", ()),
        ("{ ?t cd:twin ?c } GROUP BY ?c HAVING (COUNT(*) > 999)", "HAVING (COUNT(*) > 999)", ()),
        ("FROM <urn:nothing> { ?s ?p ?o }", "?s ?p ?o", ()),
    ],
)  # fmt: skip
def test_it_names_the_first_part_that_leaves_nothing(
    store: Store, known: KnownTerms, text: str, part: str, before: tuple[str, ...]
) -> None:
    selected = "?c" if "GROUP BY" in text else "*"
    found = why(store, known, f"SELECT {selected} {text}")
    assert found is not None
    assert (found.part, found.before) == (part, before)
    assert part in found.sentence


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("ASK { city:york cd:twinnedWith ?x }", "ASK"),
        ("CONSTRUCT { ?x a cd:Twin } WHERE { city:york cd:twinnedWith ?x }", "CONSTRUCT"),
        ("CONSTRUCT WHERE { city:york cd:twinnedWith ?x }", "CONSTRUCT"),
        ("DESCRIBE ?x { city:york cd:twinnedWith ?x }", "DESCRIBE"),
    ],
)
def test_other_forms_are_explained_by_their_pattern(store: Store, known: KnownTerms, text: str, form: str) -> None:
    found = why(store, known, text, form)
    assert found is not None
    assert found.sentence == "Nothing matches city:york cd:twinnedWith ?x."


def test_a_slip_of_the_pen_gets_its_hint(store: Store, known: KnownTerms) -> None:
    found = why(store, known, "SELECT * { ?x a cd:City ; cd:twinedWith ?y . ?x a cd:Citty }")
    assert found is not None
    assert [hint.sentence for hint in found.hints] == [
        "cd:twinedWith is not a term of the ontology; did you mean cd:twinnedWith?"
    ]


@pytest.mark.parametrize("literal", ['"Birmingham"', "'Birmingham'@de", '"Birmingham"^^xsd:string'])
def test_a_literal_that_is_written_otherwise_is_shown(store: Store, known: KnownTerms, literal: str) -> None:
    found = why(store, known, f"SELECT * {{ [] skos:prefLabel {literal} }}")
    assert found is not None
    assert [hint.sentence for hint in found.hints] == ['The graph has it as "Birmingham"@en.']


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("{ GRAPH ?g { ?t cd:twin ?c . ?c skos:prefLabel ?name } }", "No single graph holds all of it"),
        ("{ GRAPH report:table-1 { ?c skos:prefLabel ?name } }", "Other graphs hold it"),
        ("{ GRAPH report:table-1 { city:leeds cd:within ?where } ?x a cd:City }", "Other graphs hold it"),
    ],
)
def test_what_stands_in_other_graphs_is_told(store: Store, known: KnownTerms, text: str, hint: str) -> None:
    found = why(store, known, f"SELECT * {text}")
    assert found is not None
    assert [one.sentence.startswith(hint) for one in found.hints] == [True]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * { ?s ?p ?o }", "SELECT"),
        ("SELECT * { << ?s ?p ?o >> ?q ?r }", "SELECT"),
        ("DESCRIBE <urn:nothing>", "DESCRIBE"),
        ("SELECT * {}", "SELECT"),
    ],
)
def test_where_nothing_is_to_blame_nothing_is_said(store: Store, known: KnownTerms, text: str, form: str) -> None:
    assert why(store, known, text, form) is None


def test_it_does_not_go_on_when_its_time_is_over(store: Store, known: KnownTerms) -> None:
    assert why(store, known, "SELECT * { ?s cd:nothing ?o }", seconds=-1) is None


def test_it_goes_through_json(store: Store, known: KnownTerms) -> None:
    found = why(store, known, "SELECT * { ?x a cd:Citty }")
    assert found is not None
    assert Emptiness.from_json(found.as_json()) == found


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (
            "{ city:leeds cd:twin ?t }",
            "The other way round it matches: ?t cd:twin city:leeds . cd:twin leads from a twinning to a polity.",
        ),
        (
            "{ ?d a cd:Disagreement . ?d cd:memberOf ?n }",
            "cd:memberOf leads from an actor or a group to an organisation or a group; ?d is a disagreement",
        ),
        ("{ ?c a cd:City . ?c cd:begin ?year }", "cd:begin is said of an account, such as account:"),
        ("{ ?c cd:within ?s FILTER(?s = 'China') }", "?s is a thing, such as country:"),
        ("{ ?c skos:prefLabel ?n FILTER('Leeds' = ?n) }", "Compare STR(?n) with 'Leeds'."),
        ("{ ?c skos:prefLabel ?n FILTER(LANG(?n) = 'fr') }", "?n is in en and zh-hans here, never in fr."),
        ("{ ?c cd:within 'China' }", "cd:within leads to a thing, and 'China' is a text. Write country:china."),
        ("{ ?x skos:prefLabel 'LEEDS'@de }", 'The graph has it as "Leeds"@en.'),
    ],
)
def test_why_a_part_does_not_fit_is_told(store: Store, known: KnownTerms, text: str, hint: str) -> None:
    found = why(store, known, f"SELECT * {text}")
    assert found is not None
    (one,) = found.hints
    assert hint in one.sentence


@pytest.mark.parametrize(
    ("begin", "condition", "mended"),
    [
        ("?a cd:begin ?d", """?d > 3000 && ?d != "?d"@en && STR(?d) != '$d'""",
         """YEAR(?d) > 3000 && ?d != "?d"@en && STR(?d) != '$d'"""),
        ("?a cd:begin ?d", "BOUND(?d) && $d >= 3000 && 4000>?d", "BOUND(?d) && YEAR(?d) >= 3000 && 4000>YEAR(?d)"),
        ("?c skos:prefLabel ?n", """(?n = 'a' || ?n = "b ?n") && ?n != "c"@en""",
         """(STR(?n) = 'a' || STR(?n) = "b ?n") && ?n != "c"@en"""),
        ("?c skos:prefLabel ?n", """Lang ( $n ) = 'zh' && STR(?n) != "LANG(?n) = 'zh'" """,
         """LANGMATCHES(LANG( $n ), 'zh') && STR(?n) != "LANG(?n) = 'zh'" """),
        ("?c skos:prefLabel ?n", "LANG(?n) = 'fr'", ""),
    ],
)  # fmt: skip
def test_the_mended_query_has_a_function_where_the_comparison_is_and_nowhere_else(
    store: Store, known: KnownTerms, begin: str, condition: str, mended: str
) -> None:
    found = why(store, known, f"SELECT * {{ {begin} FILTER({condition}) }}")
    assert found is not None
    (one,) = found.hints
    assert one.query == (mended and f"SELECT * {{ {begin} FILTER({mended}) }}")
    run(store, one.query or "ASK {}")


def test_a_part_is_named_even_if_the_time_is_over_before_its_reason_is_found(store: Store, known: KnownTerms) -> None:
    asked: list[str] = []

    def ask(text: str) -> Answer:
        asked.append(text)
        if len(asked) > 1:
            raise TimeoutError
        return run(store, text)

    found = Emptiness.find("SELECT * { city:leeds cd:twin ?t }", "SELECT", ask, known, UNBOUNDED)
    assert found is not None
    assert (found.sentence, found.hints) == ("Nothing matches city:leeds cd:twin ?t.", ())


def test_a_thing_and_its_class_are_not_turned_round(store: Store, known: KnownTerms) -> None:
    for text in ("country:china a cd:City . cd:City a ?x", "VALUES ?c { cd:City } ?c cd:within ?x . ?x a cd:Account",
                 "VALUES ?c { owl:Class } ?c a cd:City", "?c a cd:State ; cd:within cd:State"):  # fmt: skip
        found = why(store, known, f"SELECT * {{ {text} }}")
        assert found is not None
        assert not any("other way round" in hint.sentence for hint in found.hints)
