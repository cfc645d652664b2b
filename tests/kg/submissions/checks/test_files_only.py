"""What the files say is said by them alone: no curated graph speaks for the report, or adds to what it says."""

from __future__ import annotations

from typing import cast

import pytest
from pyoxigraph import Quad, Store

from kg.rdf import graphs
from kg.submissions.checks.files_only import check_files_only
from kg.submissions.checks.graph_after import GraphAfterChange
from tests.kg.submissions.checks.test_run import TWINNING, findings, grown, submission
from tests.support.reads import Reads
from tests.support.stores import copied

pytestmark = pytest.mark.drawn

OF_TABLE_1 = "account:table-1--twinning-dalian-glasgow"


@pytest.mark.parametrize(
    ("text", "focus", "hint"),
    [
        (
            TWINNING.replace("source:geonames", "passage:table-1"),
            "account:geonames--twinning-chengdu-leeds",
            "source:…",
        ),
        (
            TWINNING.replace("source:geonames", "publication:this-report"),
            "account:geonames--twinning-chengdu-leeds",
            "",
        ),
        ("\ncity:leeds dcterms:source passage:table-1 .", "city:leeds", "source:…"),
        ("\npublication:x a cd:Publication ; dcterms:isPartOf publication:this-report .", "publication:x", ""),
        ("\npassage:table-99 a cd:Passage ; dcterms:isPartOf publication:this-report .", "passage:table-99", ""),
        (f'\n{OF_TABLE_1} cd:begin "1066" ; cd:note "x"@en .', OF_TABLE_1, "cd:accountOf twinning:dalian-glasgow"),
        (f"\n{OF_TABLE_1} cd:statedIn source:geonames .", OF_TABLE_1, ""),
        ('\npassage:table-1 cd:paraphrase "Lists more."@en .', "passage:table-1", ""),
        (
            "\nassignment:cli-who-study--gathering-information cd:function function:communication .",
            "assignment:cli-who-study--gathering-information",
            "",
        ),
        ("\nassignment:x a cd:FunctionAssignment .", "assignment:x", "maintainers"),
        ("\ndisagreement:x a cd:Disagreement .", "disagreement:x", "maintainers"),
        ("\nreference:x a cd:StatementReference .", "reference:x", "maintainers"),
    ],
)
def test_words_put_into_the_mouth_of_the_files_are_told_once(store: Store, text: str, focus: str, hint: str) -> None:
    (finding,) = (found for found in findings(store, text) if found.step == "policy")
    assert (finding.severity, finding.focus) == ("Violation", focus)
    assert finding.line in (3, 6)
    assert hint in finding.hint


@pytest.mark.parametrize(
    "text",
    [
        "city:glasgow skos:altLabel 'Glesga'@sco .",
        "twinning:dalian-glasgow schema:sameAs <https://example.org/twinning> .",
        "account:own a cd:Account ; cd:accountOf twinning:dalian-glasgow ; cd:statedIn source:geonames ; "
        'cd:begin "1997"^^xsd:gYear .',
        "account:own a cd:Account ; cd:accountOf activity:cli-who-study ; cd:statedIn source:geonames .",
        "finding:x a cd:Effect ; cd:statedIn source:geonames ; cd:about passage:table-1 .",
        "publication:y a cd:Publication ; cd:statedIn source:geonames . "
        "passage:y-1 a cd:Passage ; dcterms:isPartOf publication:y . "
        "account:own a cd:Account ; cd:accountOf twinning:dalian-glasgow ; cd:statedIn passage:y-1 .",
    ],
)
def test_what_a_source_of_the_curators_own_says_stands_beside_the_report(store: Store, text: str) -> None:
    assert findings(store, text) == []


@pytest.fixture(scope="module")
def known(store: Store) -> Store:
    return grown(store, TWINNING)


def test_what_a_curated_graph_says_is_not_of_the_files(known: Store) -> None:
    assert findings(known, 'account:geonames--twinning-chengdu-leeds cd:note "More."@en .') == []
    assert findings(known, removed="account:geonames--twinning-chengdu-leeds cd:status status:current .") == []


def test_a_source_has_one_account_of_a_thing(store: Store, known: Store) -> None:
    again = "\naccount:again a cd:Account ; cd:accountOf twinning:chengdu-leeds ; cd:statedIn source:geonames ."
    for there, text in ((known, again), (store, TWINNING + again)):
        found = findings(there, text)
        assert {(one.step, one.severity) for one in found} == {("evidence", "Violation")}
        assert "account:again" in {one.focus for one in found}
        assert "geonames--twinning-chengdu-leeds" in found[0].hint + found[-1].hint


def test_accounts_without_a_name_are_accounts_as_well(known: Store) -> None:
    nameless = "[] a cd:Account ; cd:accountOf twinning:chengdu-leeds ; cd:statedIn source:geonames .\n"
    assert len(findings(known, 3 * nameless)) == 3


def test_an_account_may_take_the_place_of_another(known: Store) -> None:
    removed = {
        str(quad.triple) + " ." for quad in submission(TWINNING).change.added if "account/geo" in str(quad.subject)
    }
    again = "account:again a cd:Account ; cd:accountOf twinning:chengdu-leeds ; cd:statedIn source:geonames ."
    assert findings(known, again, "\n".join(removed)) == []


@pytest.mark.parametrize("cited", ["source:geonames", "publication:this-report", "city:leeds"])
def test_as_much_is_read_however_many_passages_there_are(store: Store, cited: str) -> None:
    change = submission(TWINNING.replace("source:geonames", cited)).change
    read = []
    for passages in (1, 300):
        grown = copied(store)
        for number in range(passages):
            more = submission(f"passage:more-{number} a cd:Passage ; dcterms:isPartOf publication:this-report .")
            grown.extend(Quad(*quad.triple, graphs.PASSAGES) for quad in more.change.added)
        reads = Reads(grown)
        list(check_files_only(GraphAfterChange(change, cast(Store, reads))))
        read.append(reads.quads.total())
    assert read[0] == read[1] > 0
