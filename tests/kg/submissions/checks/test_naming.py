"""Names are given as all can read them, and no source of curators has one by which the files speak."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

from kg.findings import Finding
from kg.submissions.checks.naming import MOST_LETTERS
from tests.kg.submissions.checks.test_run import findings, grown

pytestmark = pytest.mark.drawn

SOURCE = "source:t a cd:Source ; dcterms:rights 'CC0' ; skos:prefLabel {0}@en ; dcterms:title {1}@en ."


def violations(store: Store, text: str) -> list[Finding]:
    return [one for one in findings(store, text) if one.severity == "Violation"]


@pytest.mark.parametrize(
    "name",
    [
        *("Table 1", "TABLE 1", "Tâble 1", "Ｔａｂｌｅ　１", "table-1", "Section 3.2, paragraph 4"),
        *(
            "A list; Table 1",
            "Table 1 ; York",
            "perforated sovereignties toward a typology of new actors in international relations",
        ),
    ],
)
def test_a_source_has_no_name_of_a_passage_or_publication_of_the_files(store: Store, name: str) -> None:
    for text in (SOURCE.format(f'"{name}"', '"A list"'), SOURCE.format('"A list"', f'"{name}"')):
        (found,) = violations(store, text)
        assert (found.step, found.focus, found.value, found.line) == ("policy", "source:t", name, 2)
        assert "has this name already, in the files" in found.message


@pytest.mark.parametrize(
    "text",
    [
        'source:known skos:altLabel "Table 1"@en .',
        'passage:own a cd:Passage ; dcterms:isPartOf publication:own ; skos:prefLabel "Table 1"@en .',
        'publication:own a cd:Publication ; cd:statedIn source:geonames ; skos:prefLabel "Table 1"@en .',
        "source:labelled a cd:Source .",
    ],
)
def test_nor_does_it_get_one_later_or_as_a_passage(store: Store, text: str) -> None:
    known = grown(store, "source:known a cd:Source . source:labelled skos:prefLabel 'Table 1'@en .")
    assert [one.value for one in violations(known, text) if "this name" in one.message] == ["Table 1"]


@pytest.mark.parametrize("name", ["List of the council of York", "Table 1 of the council", "Leeds"])
def test_other_names_are_free(store: Store, name: str) -> None:
    assert violations(store, SOURCE.format(f'"{name}"', f'"{name}"')) == []


def test_a_label_of_a_source_has_no_semicolon_which_stands_between_sources(store: Store) -> None:
    (found,) = violations(store, SOURCE.format('"Twins; a survey"', '"Twins; a survey"'))
    assert (found.path, found.value) == ("skos:prefLabel", "Twins; a survey")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        *(("Y\u200dork", "U+200D"), ("\ufeffYork", "U+FEFF"), ("York\u200c", "U+200C"), ("Yo\u00adrk", "U+00AD")),
        *(("York\U000e0041", "U+E0041"), ("می\u200c", "U+200C"), ("Y" * (MOST_LETTERS + 1), "501 characters")),
    ],
)
def test_a_name_that_nobody_can_read_is_a_violation(store: Store, name: str, words: str) -> None:
    (found,) = violations(store, f'city:leeds skos:altLabel "{name}"@en .')
    assert words in found.message
    assert (found.focus, found.path) == ("city:leeds", "skos:altLabel")


@pytest.mark.parametrize("name", ["نمی\u200cدانم", "ක්\u200dරි", "Y" * MOST_LETTERS, "Ōsaka-shi"])
def test_joiners_within_words_that_need_them_are_taken(store: Store, name: str) -> None:
    assert violations(store, f'city:leeds skos:altLabel "{name}"@und .') == []
