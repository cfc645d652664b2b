"""What numbers count, and in what effects and comparisons change or differ: the report's say so, where it does."""

from __future__ import annotations

from pyoxigraph import Store

from kg.rdf import namespaces as ns
from kg.sparql.evaluation import select

IN_WHAT_UNSAID = {"finding:section-2.2-p4--impact", "finding:section-3.2-p12--leffel-highlights-effects"}
"""The report says of these that there is an effect, and not in what."""
TWO_CAPTIONS_ALIKE = {"finding:figure-10.1--caption", "finding:figure-10.2--caption"}
"""Figures 10.1 and 10.2 have the same caption."""
DEGREES = {
    "finding:section-3-p1--stark-contrasts": "stark",
    "finding:section-3-p1--tighter-control": "much",
    "finding:section-3.1-p4--guangzhou-more-active": "much",
    "finding:section-3.1-p4--similar-sized-cities-more-active": "much",
    "finding:section-3.1-p4--tianjin-more-active": "much",
    "finding:section-4-p1--peculiar-profile": "very",
    "finding:section-4.2-p3--chinese-participation-limited": "much",
    "finding:section-4.2-p3--networks-bigger-part": "much",
    "finding:section-4.2-p3--uk-participation-limited": "much",
}


def answers(store: Store, query: str) -> set[tuple[str, ...]]:
    """Return the rows of a query, IRIs in their short form."""
    answer = select(store, query)
    return {tuple(ns.compact(row[variable].value) for variable in answer.variables) for row in answer}


def test_each_statistic_says_what_it_counts(store: Store) -> None:
    assert (
        answers(store, "SELECT ?statistic { ?statistic a cd:Statistic MINUS { ?statistic cd:counted ?what } }") == set()
    )


def test_each_effect_and_comparison_says_in_what(store: Store) -> None:
    query = """SELECT ?finding { VALUES ?class { cd:Effect cd:Comparison } ?finding a ?class
        MINUS { ?finding cd:aspect ?aspect } }"""
    assert answers(store, query) == {(name,) for name in IN_WHAT_UNSAID}


def test_no_two_effects_are_the_same_in_structure(store: Store) -> None:
    query = """SELECT ?one ?other { ?one a cd:Effect ; cd:cause ?cause ; cd:affected ?affected ; cd:aspect ?aspect .
        ?other a cd:Effect ; cd:cause ?cause ; cd:affected ?affected ; cd:aspect ?aspect . FILTER(?one != ?other) }"""
    assert {name for pair in answers(store, query) for name in pair} == TWO_CAPTIONS_ALIKE


def test_comparisons_keep_the_degree_of_the_report(store: Store) -> None:
    query = "SELECT ?finding ?magnitude { ?finding a cd:Comparison ; cd:magnitude ?magnitude }"
    degrees = {finding: concept.removeprefix("magnitude:") for finding, concept in answers(store, query)}
    assert {finding: degrees.get(finding) for finding in DEGREES} == DEGREES


def test_the_strengths_of_before_are_answered(store: Store) -> None:
    assert answers(store, "SELECT ?effect ?strength { ?effect cd:effectStrength ?strength }") == {
        ("finding:section-3.1-p5--eu-enables-connections", "effect-strength:important"),
        ("finding:section-3.2-p12--benefits-for-urban-economies", "effect-strength:practical"),
        ("finding:section-3.2-p12--possible-benefits-for-national-economies", "effect-strength:practical"),
        ("finding:section-3.2-p12--shifts-in-networking-gears", "effect-strength:clear"),
        ("finding:section-3.2-p12--twinning-directs-entrepreneurial-collaborations", "effect-strength:important"),
        ("finding:section-5-r2--latent-twinnings", "effect-strength:limited"),
        ("finding:section-5-r2--symbolic-twinnings", "effect-strength:limited"),
    }
