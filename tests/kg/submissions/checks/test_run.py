"""The checks before SHACL: what is unknown, not allowed, there already, or without a source is told with its place."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import pytest
from pyoxigraph import NamedNode, Quad, Store
from rdflib import SH, Graph, URIRef

from kg.curation.folding import fold
from kg.curation.judging import MOST_SHOWN, new_findings, report_on
from kg.curation.report import SubmissionReport
from kg.findings import MOST_FINDINGS, Finding
from kg.names import Names
from kg.names.name_index import Revision
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import NO_CHANGE, Change
from kg.rdf.vocabulary import RDF
from kg.shacl import ChangeValidation, Ledger, Verdict, project_shapes
from kg.shacl.ledger import ValidationResult
from kg.submissions.checks.duplicates import MOST_REPORTED, check_identity
from kg.submissions.checks.graph_after import GraphAfterChange
from kg.submissions.checks.policy import FOLLOWS_BY_RULE, MEASURES
from kg.submissions.checks.run import check
from kg.submissions.submission import Submission, SubmittedText, read
from tests.support.reads import Reads
from tests.support.stores import copied
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

GRAPH = ns.GRAPH + "curated/test"
SOURCED = "dcterms:source source:geonames"


def submission(text: str = "", removed: str = "") -> Submission:
    texts = {"added": text, "removed": removed}
    given = [
        SubmittedText((PREFIXES + body).encode(), "application/trig", part) for part, body in texts.items() if body
    ]
    return read(given, GRAPH, "s")


def findings(store: Store, text: str = "", removed: str = "") -> list[Finding]:
    found = check(submission(text, removed), store)
    assert all(finding.message_zh and finding.hint for finding in found)
    return found


def grown(store: Store, text: str) -> Store:
    """The graph with what a curator has added."""
    copy = copied(store)
    for quad in submission(text).change.added:
        copy.add(quad)
        copy.add(Quad(quad.subject, quad.predicate, quad.object))
    return copy


def only(step: str, found: list[Finding]) -> Finding:
    (finding,) = (finding for finding in found if finding.step == step)
    return finding


TWINNING = """
twinning:chengdu-leeds a cd:Twinning ; skos:prefLabel "Twinning of Chengdu and Leeds"@en ;
  cd:twin city:chengdu , city:leeds .
account:geonames--twinning-chengdu-leeds a cd:Account ; cd:accountOf twinning:chengdu-leeds ;
  cd:statedIn source:geonames ; cd:status status:current .
"""


def test_a_new_twinning_with_its_account_passes(store: Store) -> None:
    assert findings(store, TWINNING) == []


NEW = """
source:council-list a cd:Source ; skos:prefLabel "Council list"@en ; dcterms:title "Council list"@en .
city:new-leeds a cd:City ; skos:prefLabel "New Leeds"@en ; dcterms:source source:council-list .
city:x a cd:City ; cd:within country:chnia .
"""


def test_a_second_validation_reads_no_more_however_many_names_there_are(store: Store) -> None:
    """The index of names is that of the first one; each asks it for namesakes and for what is called nearly so."""
    read = []
    for count in (0, 500):
        labels = (f'city:place-{number} skos:prefLabel "Place {number}"@en .' for number in range(count))
        reads = Reads(grown(store, " ".join(labels)))
        known = cast(Store, reads)
        names = Names(known, Revision(f"the graph and {count} names", "0", lambda other: None))
        first, reads_of_first = check(submission(TWINNING + NEW), known, names=names), reads.quads.total()
        reads.quads.clear()
        assert check(submission(TWINNING + NEW), known, names=names) == first
        read.append(reads.quads.total())
        assert reads_of_first > 10 * read[-1]
    assert read[0] == read[1] > 0


# ---- Vocabulary ----


@pytest.mark.parametrize(
    ("name", "graph", "use"),
    [
        ("cd:withn", graphs.ONTOLOGY.value, "city:leeds cd:withn country:china ."),
        ("theme:cooking", ns.GRAPH + "vocabulary/theme", "city:leeds cd:theme theme:cooking ."),
    ],
)
def test_a_replaced_term_names_its_successors(store: Store, name: str, graph: str, use: str) -> None:
    replaced = grown(store, "")
    kind = "owl:ObjectProperty" if name.startswith("cd:") else "skos:Concept"
    replaced.update(
        PREFIXES
        + f"INSERT DATA {{ GRAPH <{graph}> {{ {name} a {kind} ; owl:deprecated true ;"
        + 'dcterms:isReplacedBy cd:within ; skos:changeNote "State cd:within."@en , "请使用 cd:within。"@zh-Hans } }'
        + f" ; INSERT {{ {name} ?property ?value }} WHERE {{ GRAPH <{graph}> {{ {name} ?property ?value }} }}"
    )
    finding = only("vocabulary", findings(replaced, use))
    assert (finding.message, finding.severity) == (f"{name} was replaced by cd:within.", "Violation")
    assert (finding.value, finding.hint, finding.meant, finding.line) == (name, "State cd:within.", "cd:within", 2)


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("status:current", "cd:status"),  # statedIn is more like it, but has a source
        ("source:wikidata", "cd:statedIn"),
        ("city:leeds", "cd:statedIn"),
    ],
)
def test_a_property_is_suggested_by_what_its_place_allows(store: Store, value: str, meant: str) -> None:
    found = findings(store, f"account:x a cd:Account ; cd:state {value} .")
    assert {one.meant for one in found if one.value == "cd:state"} == {meant}


@pytest.mark.parametrize(
    ("text", "name", "hint"),
    [
        ("city:leeds cd:xyzzy 1 .", "cd:xyzzy", "Look it up"),
        ("city:leeds cd:withn country:china .", "cd:withn", "cd:within"),
        ("city:leeds a cd:Ctiy .", "cd:Ctiy", "cd:City"),
        ("city:leeds cd:City 1 .", "cd:City", ""),
        ("city:leeds a cd:within .", "cd:within", ""),
        ("city:leeds cd:status status:curent .", "status:curent", "status:current"),
        (f"city:leeds cd:status <{ns.VOCABULARY}tie-stats/current> .", f"{ns.VOCABULARY}tie-stats/current", ""),
        ("city:leeds cd:within country:chnia .", "country:chnia", "country:china"),
        (f"city:leeds cd:within <{ns.ID}contry/china> .", f"{ns.ID}contry/china", "country:china"),
        (f"<{ns.ID}city/Leeds> skos:note 'x'@en .", f"{ns.ID}city/Leeds", "small letters"),
        (f"<{ns.ID}city/leeds/centre> skos:note 'x'@en .", f"{ns.ID}city/leeds/centre", "small letters"),
        (f"city:leeds cd:within <{ns.BASE}.well-known/genid/9-9> .", f"{ns.BASE}.well-known/genid/9-9", ""),
        ("city:leeds skos:note 'x'^^cd:Text .", "cd:Text", ""),
        ("city:leeds cd:about shape:Nothing .", "shape:Nothing", ""),
        ("city:leeds cd:about report:table-99 .", "report:table-99", ""),
        (f"city:leeds cd:about <{ns.BASE}nonsense> .", f"{ns.BASE}nonsense", ""),
        (f"city:leeds cd:about <http{ns.BASE[5:]}id/city/york> .", f"http{ns.BASE[5:]}id/city/york", "city:york"),
    ],
)
def test_an_unknown_name_of_ours_is_a_violation_with_a_guess(store: Store, text: str, name: str, hint: str) -> None:
    finding = only("vocabulary", findings(store, text))
    assert (finding.severity, finding.value, finding.line) == ("Violation", name, 2)
    assert hint in finding.hint


def test_terms_of_others_and_what_the_submission_states_itself_are_known(store: Store) -> None:
    text = f"""
        city:new a cd:City ; skos:prefLabel "New"@en ; {SOURCED} ; geo:hasGeometry [ a geo:Geometry ] .
        city:leeds skos:closeMatch city:new ; <http://example.org/p> report:table-1 ; cd:about shape:City , <{GRAPH}> .
    """
    assert not [
        f for f in findings(store, text.replace(", <", " , <")) if f.step == "vocabulary" and f.value != "shape:City"
    ]


def test_a_name_that_is_used_often_is_told_once_where_it_first_stands(store: Store) -> None:
    text = "city:leeds cd:about cd:Ctiy .\n" + "city:york cd:about cd:Ctiy .\n" * 3
    finding = only("vocabulary", findings(store, text))
    assert (finding.line, finding.column) == (2, 21)


def test_no_more_than_twenty_are_told_and_the_rest_counted(store: Store) -> None:
    found = findings(store, "".join(f"city:leeds cd:x{n} 1 .\n" for n in range(50)))
    assert len(found) == MOST_FINDINGS + 1
    assert (found[-1].severity, found[-1].message) == ("Violation", "There are 30 more of this kind.")
    assert [finding.line for finding in found[:-1]] == list(range(2, 22))


@pytest.mark.parametrize(
    "text",
    [
        "city:untyped skos:prefLabel 'x'@en .",
        "network:y a skos:Foo .",
    ],
)
def test_a_thing_without_a_type_of_ours_is_refused(store: Store, text: str) -> None:
    finding = next(finding for finding in findings(store, text) if finding.step == "vocabulary")
    assert (finding.severity, finding.focus, finding.line) == ("Violation", text.partition(" ")[0], 2)
    assert "Give it a type" in finding.hint


def test_the_example_of_a_type_is_one_that_things_of_this_kind_have(store: Store) -> None:
    typed = {(quad.subject.value, quad.object.value) for quad in store.quads_for_pattern(None, RDF.type, None, None)}
    for kind in set(ns.ENTITY_TYPES) - {"polity"}:  # the report says of each place what it is
        hint = only("vocabulary", findings(store, f"{kind}:untyped skos:note 'x'@en .")).hint
        example = ns.expand(hint.partition(":untyped a ")[2].partition(";")[0])
        assert any(one.startswith(f"{ns.ID}{kind}/") and of == example for one, of in typed), hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("city:leeds cd:about unit:zlotys .", "Choose one of unit:fraction, unit:one, unit:percent, "),
        ("city:leeds cd:about unit:zlotys .", "Or: State it in the same submission: unit:zlotys a skos:Concept ; "),
        ("city:leeds cd:about scope:galactic .", "Choose one of scope:international, scope:national, "),
        (
            "city:leeds cd:about scope:galactic .",
            "; concepts of this vocabulary are changed as files, so propose a new",
        ),
        ("city:leeds cd:xyzzy 1 .", "Look it up; terms are changed as files, so propose a new one"),
        ("city:leeds cd:about city:qwertyuiop .", "Look it up, or state it in the same submission."),
        ("city:leeds cd:about report:table-99 .", "Look it up."),
    ],
)
def test_only_a_thing_or_a_concept_of_an_open_scheme_can_be_stated_in_the_same_submission(
    store: Store, text: str, hint: str
) -> None:
    assert hint in only("vocabulary", findings(store, text)).hint


def test_a_geometry_has_a_type_of_others_alone(store: Store) -> None:
    assert findings(store, "geometry:leeds a geo:Geometry . geometry:york-new a geo:Geometry .") == []


def test_guesses_are_made_for_so_many_unknown_terms_only(store: Store) -> None:
    text = "finding:x " + " ; ".join(f"cd:withn{n} 1 ; cd:about <{ns.VOCABULARY}tie-status/x{n}>" for n in range(2_000))
    assert len(findings(store, text + " .")) == MOST_FINDINGS + 1


# ---- Policy ----


@pytest.mark.parametrize("graph", ["graph/gazetteer", "graph/curated/", "graph/curated/a/b", "graph/inferred", "x"])
def test_other_graphs_than_the_curated_ones_cannot_be_written(store: Store, graph: str) -> None:
    finding = only("policy", findings(store, f"<{ns.BASE}{graph}> {{ city:leeds skos:note 'x'@en }}"))
    assert "cannot be written" in finding.message


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (f"<{ns.BASE}changes/1> skos:note 'x' .", "history", "summary"),
        (f"<{ns.BASE}changes> skos:note 'x' .", "history", "summary"),
        (f"<{graphs.HISTORY.value}> skos:note 'x' .", "history", "summary"),
        ("cd:City skos:note 'x' .", "changed in the files", "maintainers"),
        (f"<{ns.VOCABULARY}theme> skos:note 'x' .", "changed in the files", "maintainers"),
        ("status:current skos:note 'x' .", "belongs to the files", "maintainers"),
        ("shape:City sh:deactivated true .", "changed in the files", "maintainers"),
        (f"<{GRAPH}> dcterms:title 'x' .", "changed in the files", "maintainers"),
        ("<https://example.org/x> skos:note 'x' .", "not an IRI of this graph", "schema:sameAs"),
        ("city:leeds owl:sameAs city:york .", "two things one", "schema:sameAs"),
        ("city:leeds rdfs:subClassOf cd:City .", "defines a term", "terms that are there"),
        ("city:leeds owl:inverseOf cd:twin .", "defines a term", "terms that are there"),
        ("city:leeds a owl:SymmetricProperty .", "defines a term", "terms that are there"),
        ("city:leeds a skos:Concept .", "defines a term", "terms that are there"),
        ("city:leeds skos:broader role:member .", "defines a term", "terms that are there"),
        ("city:leeds foaf:homepage <javascript:alert(1)> .", "looked up", "https://"),
        ("city:leeds foaf:homepage <file:///etc/passwd> .", "looked up", "https://"),
        ("city:leeds foaf:homepage <data:text/html,x> .", "looked up", "https://"),
        ("city:leeds foaf:homepage <http:///x> .", "looked up", "https://"),
        ("city:leeds <javascript:x> 1 .", "looked up", "https://"),
        ("city:leeds skos:note 'x'^^<tag:x> .", "looked up", "https://"),
        ("city:leeds foaf:homepage <https://a.org/\\u202Etxt> .", "invisible", "by hand"),
        ("city:leeds foaf:homepage <https://a\\u200B.org/> .", "invisible", "by hand"),
        ("city:leeds skos:note 'a\\u202Eb' .", "U+202E", "Take it out"),
        ("city:leeds skos:note 'a\\u0007b' .", "U+0007", "Take it out"),
        ("city:leeds skos:note 'a\\uE000b' .", "U+E000", "Take it out"),
        ("city:leeds skos:note 'a\\U000F0000b' .", "U+F0000", "Take it out"),
    ],
)
def test_what_the_gate_does_not_take_is_refused_with_a_way_out(
    store: Store, text: str, message: str, hint: str
) -> None:
    finding = only("policy", findings(store, text))
    assert (finding.severity, finding.line) == ("Violation", 2)
    assert message in finding.message
    assert hint in finding.hint
    assert all((part or "").isprintable() for part in (finding.message, finding.value, finding.focus))


def test_ordinary_text_of_the_world_is_taken(store: Store) -> None:
    note = "مدينة\\u200F, 利兹 𠀀\\U000E0100 👨\\u200D👩, tab\\t line\\n"
    pages = "<https://利兹.example/ü> , <urn:isbn:1> , <mailto:a@b.org>"
    assert findings(store, f"city:leeds skos:note '{note}'@en ; foaf:homepage {pages} .") == []


def test_every_term_that_the_ontology_leaves_to_a_program_is_refused(store: Store) -> None:
    scope_note = NamedNode(ns.PREFIXES["skos"] + "scopeNote")
    notes = store.quads_for_pattern(None, scope_note, None, graphs.ONTOLOGY)
    left = {q.subject.value.removeprefix(ns.CD) for q in notes if q.object.value.startswith("Not written by hand")}
    assert left == {*FOLLOWS_BY_RULE, *MEASURES}
    for name in sorted(left):
        said = f"membership:guangzhou-uclg a cd:{name} ." if name[0].isupper() else f"city:leeds cd:{name} city:york ."
        finding = only("policy", findings(store, said))
        how = "is computed from all twinnings" if name in MEASURES else "is inferred by a rule"
        assert f"cd:{name} {how} and cannot be stated" in finding.message
        kind = finding.hint.removeprefix("State a ").split()[0]
        refused = findings(store, f"city:leeds a {kind} .") if kind.startswith("cd:") else []
        assert not any("files alone" in one.message for one in refused), "a hint leads to what is taken"


def test_what_the_files_state_is_not_removed_and_what_curators_added_is(store: Store) -> None:
    finding = only("policy", findings(store, removed="graph:gazetteer { city:leeds cd:within nation:england }"))
    assert "The files state this" in finding.message
    assert "Report an error" in finding.hint
    assert findings(store, removed="city:leeds owl:sameAs <file:///x> .") == []


# ---- Identity ----


def place(label: str, more: str = "", name: str = "city:brand-new", kind: str = "cd:City") -> str:
    return f'{name} a {kind} ; {SOURCED} ; skos:prefLabel "{label}"@en {more} .'


@pytest.mark.parametrize(
    "link",
    [
        "https://sws.geonames.org/2644688/",
        "http://sws.geonames.org/2644688",
        "https://www.geonames.org/2644688/leeds.html",
        "http://www.wikidata.org/entity/Q39121",
        "https://www.wikidata.org/wiki/Q39121",
        "https://wikidata.org/wiki/q39121",
    ],
)
@pytest.mark.parametrize("predicate", ["schema:sameAs", "<http://schema.org/sameAs>", "skos:exactMatch"])
def test_a_link_that_another_thing_has_is_a_violation(store: Store, link: str, predicate: str) -> None:
    finding = only("identity", findings(store, place("Quite Another", f"; {predicate} <{link}>")))
    assert (finding.severity, finding.focus, finding.value) == ("Violation", "city:brand-new", "city:leeds")
    assert "“Leeds”" in finding.message


def test_two_things_of_one_submission_with_one_link_are_told(store: Store) -> None:
    link = "; schema:sameAs <http://www.wikidata.org/entity/Q999999999>"
    found = findings(store, place("Qwerty", link, "city:one") + "\n" + place("Uiop", link, "city:two"))
    assert [(finding.step, finding.focus, finding.value) for finding in found] == [
        ("identity", "city:one", "city:two"),
        ("identity", "city:two", "city:one"),
    ]


def test_a_link_that_moves_to_another_thing_is_no_twin(store: Store) -> None:
    link = "schema:sameAs <https://en.wikipedia.org/wiki/Qwerty>"
    with_link = copied(store)
    curated = NamedNode(GRAPH)
    same_as, item = NamedNode(ns.PREFIXES["schema"] + "sameAs"), NamedNode("https://en.wikipedia.org/wiki/Qwerty")
    with_link.add(Quad(NamedNode(ns.ID + "city/york"), same_as, item, curated))
    with_link.add(Quad(NamedNode(ns.ID + "city/york"), same_as, item))
    assert only("identity", findings(with_link, f"city:leeds {link} .")).value == "city:york"
    assert findings(with_link, f"city:leeds {link} .", removed=f"city:york {link} .") == []


@pytest.mark.parametrize(
    ("label", "kind", "candidate"),
    [
        ("Leeds", "cd:City", "city:leeds"),
        ("leeds", "cd:City", "city:leeds"),
        ("City of Leeds", "cd:City", "city:leeds"),
        ("Léeds", "cd:Region", "city:leeds"),
        ("Shefield", "cd:City", "city:sheffield"),
        ("上海市", "cd:City", "city:shanghai"),
        ("Leeds", "cd:Company", None),
        ("Nanning-on-Sea", "cd:City", None),
        ("Natural  Earth", "cd:Source", "source:natural-earth"),
    ],
)
def test_the_same_or_nearly_the_same_name_is_a_warning(
    store: Store, label: str, kind: str, candidate: str | None
) -> None:
    found = [finding for finding in findings(store, place(label, kind=kind)) if finding.step == "identity"]
    assert {(finding.severity, finding.value) for finding in found} == (
        {("Warning", candidate)} if candidate else set()
    )


def test_names_in_other_languages_are_compared_too(store: Store) -> None:
    finding = only("identity", findings(store, place("Quite Another", '; cd:nativeName "北京"@zh-Hans')))
    assert finding.value == "city:beijing"


def test_a_thing_that_is_known_is_not_compared_with_others(store: Store) -> None:
    assert findings(store, 'city:leeds a cd:City ; skos:altLabel "York"@en .') == []


def test_a_thing_that_becomes_one_of_another_kind_is_compared_by_the_names_that_it_has(store: Store) -> None:
    known = grown(store, 'source:x a cd:Source ; skos:prefLabel "Leeds"@en .')
    finding = only("identity", findings(known, f"source:x a cd:City ; {SOURCED} ."))
    assert (finding.severity, finding.focus, finding.value, finding.line) == ("Warning", "source:x", "city:leeds", 2)


def test_a_statement_repeats_a_few_things_only_however_many_say_the_same(store: Store) -> None:
    link = "; schema:sameAs <http://www.wikidata.org/entity/Q999999999>"
    for count in (30, 60):
        texts = [f"{TWIN.format(n)} city:n{n} a cd:City ; {SOURCED} {link} ; skos:note 'x'@en ." for n in range(count)]
        found = list(check_identity(GraphAfterChange(submission("\n".join(texts)).change, store)))
        assert len(found) == 2 * MOST_REPORTED * count
        twins = {finding.value for _, finding in found if finding.path == "rdf:type"}
        assert "twinning:hangzhou-leeds" in twins  # what is there already comes first
        assert len(twins) == MOST_REPORTED + 1


CITIES = "city:leeds a cd:Polity . city:hangzhou a cd:Polity ."
TWIN = "twinning:a{0} a cd:Twinning ; cd:twin city:leeds , city:hangzhou ."


def test_a_second_twinning_of_the_same_two_is_a_violation(store: Store) -> None:
    text = """twinning:leeds-hangzhou a cd:Twinning ; cd:twin city:leeds , city:hangzhou .
        account:x a cd:Account ; cd:accountOf twinning:leeds-hangzhou ; cd:statedIn source:geonames ."""
    finding = only("identity", findings(store, text))
    assert (finding.severity, finding.value) == ("Violation", "twinning:hangzhou-leeds")
    assert findings(store, text.replace("twinning:leeds-hangzhou", "twinning:hangzhou-leeds-2024")) == []
    assert findings(store, text.replace("twinning:leeds-hangzhou", "twinning:hangzhou-leeds")) == []


def test_a_second_membership_of_the_same_two_is_a_violation(store: Store) -> None:
    text = """membership:uclg-guangzhou a cd:Membership ; cd:member city:guangzhou ; cd:network network:uclg .
        account:x a cd:Account ; cd:accountOf membership:uclg-guangzhou ; cd:statedIn source:geonames ."""
    assert only("identity", findings(store, text)).value == "membership:guangzhou-uclg"


# ---- Evidence ----


@pytest.mark.parametrize(
    ("text", "old", "successors"),
    [
        ("office:leeds-york a cd:OfficeAbroad .", "cd:OfficeAbroad", "cd:Office"),
        ("team:york-new cd:unitOf city:york .", "cd:unitOf", "cd:operator"),
        ("account:x cd:role role:broker .", "role:broker", "mediation-role:broker"),
        ("account:x cd:through network:c40 .", "cd:through", "cd:mediator"),
        ("finding:x cd:participation participation:direct .", "cd:participation", "cd:role"),
        (
            "finding:x cd:about participation:direct .",
            "participation:direct",
            "role:direct-member, role:direct-participant",
        ),
        ("account:x cd:strategyKind strategy-kind:partial .", "strategy-kind:partial", "term:partial-strategy"),
        ("account:x cd:distinction 'first'@en .", "cd:distinction", "cd:note"),
    ],
)
def test_a_replaced_term_is_refused_with_its_successors(store: Store, text: str, old: str, successors: str) -> None:
    messages = [(found.message, found.severity) for found in findings(store, text) if found.step == "vocabulary"]
    assert (f"{old} was replaced by {successors}.", "Violation") in messages


@pytest.mark.parametrize(
    ("text", "focus", "hint"),
    [
        ("twinning:a-b a cd:Twinning .", "twinning:a-b", "cd:accountOf twinning:a-b"),
        ("strategy:leeds a cd:Strategy . account:x a cd:Account ; cd:accountOf strategy:leeds .", "strategy:leeds", ""),
        ("team:york-new a cd:Office .", "team:york-new", "cd:accountOf"),
        ("statistic:x a cd:Statistic .", "statistic:x", "cd:statedIn"),
        ("finding:x a cd:Effect .", "finding:x", "cd:statedIn"),
        ('city:qwerty a cd:City ; skos:prefLabel "Qwerty"@en .', "city:qwerty", "dcterms:source"),
        ("network:qwerty a cd:CityNetwork .", "network:qwerty", "dcterms:source"),
        ("group:qwerty a cd:Group .", "group:qwerty", "dcterms:source"),
    ],
)
def test_what_has_no_source_is_a_violation(store: Store, text: str, focus: str, hint: str) -> None:
    finding = next(finding for finding in findings(store, text) if finding.step == "evidence")
    assert (finding.severity, finding.focus, finding.line) == ("Violation", focus, 2)
    assert hint in finding.hint


@pytest.mark.parametrize(
    "text",
    [
        "city:qwerty a cd:City ; dcterms:source source:geonames .",
        "network:qwerty a cd:CityNetwork . account:x a cd:Account ; cd:accountOf network:qwerty ; "
        "cd:statedIn source:geonames .",
        "source:qwerty a cd:Source .",
        "activity:x a cd:Activity . account:x a cd:Account ; cd:accountOf activity:x ; cd:statedIn source:geonames .",
        "city:leeds a cd:City .",
    ],
)
def test_a_source_may_be_named_in_several_ways(store: Store, text: str) -> None:
    assert findings(store, text) == []


def test_a_source_is_asked_for_when_a_thing_that_is_there_comes_to_need_one(store: Store) -> None:
    known = grown(store, 'source:qwerty a cd:Source ; skos:prefLabel "Qwerty"@en .')
    for later in ("cd:CityNetwork", "cd:Person", "cd:Group", "cd:Twinning", "cd:Effect"):
        finding = only("evidence", findings(known, f"source:qwerty a {later} ."))
        assert (finding.severity, finding.focus, finding.line) == ("Violation", "source:qwerty", 2), later


def test_a_further_class_of_the_same_kind_needs_no_further_source(store: Store) -> None:
    """What the files say of Leeds has no source of its own in each statement."""
    assert findings(store, "city:leeds a cd:Region .") == []


@pytest.mark.parametrize("predicate", ["cd:status status:current", "cd:begin '2012'^^xsd:gYear", "cd:note 'x'@en"])
def test_what_a_source_says_of_a_relation_belongs_on_its_account(store: Store, predicate: str) -> None:
    finding = only("evidence", findings(store, f"twinning:hangzhou-leeds {predicate} ."))
    assert finding.path == predicate.partition(" ")[0]
    assert "cd:Account" in finding.hint


@pytest.fixture(scope="module")
def curated(store: Store) -> Store:
    """The graph with a twinning that a curator has added; it is only read."""
    return grown(store, TWINNING)


ACCOUNT = "account:geonames--twinning-chengdu-leeds"


@pytest.mark.parametrize(
    ("removed", "focus"),
    [
        (f"{ACCOUNT} cd:accountOf twinning:chengdu-leeds .", "twinning:chengdu-leeds"),
        (f"{ACCOUNT} cd:statedIn source:geonames .", ACCOUNT),
    ],
)
def test_a_removal_that_leaves_a_statement_without_source_is_refused(curated: Store, removed: str, focus: str) -> None:
    assert focus in {finding.focus for finding in findings(curated, removed=removed) if finding.step == "evidence"}


def test_a_whole_twinning_may_go_and_a_source_may_be_exchanged(curated: Store) -> None:
    assert findings(curated, removed=TWINNING) == []
    new, old = "cd:statedIn source:wikidata .", "cd:statedIn source:geonames ."
    assert findings(curated, f"{ACCOUNT} {new}", removed=f"{ACCOUNT} {old}") == []


def test_a_source_that_another_graph_states_is_left(curated: Store) -> None:
    gone = f"{ACCOUNT} cd:statedIn source:geonames ."
    twice = grown(curated, "")
    twice.add(Quad(*next(iter(submission(gone).change.added)).triple, NamedNode(ns.GRAPH + "curated/other")))
    assert findings(twice, removed=gone) == []


def test_a_thing_that_goes_in_the_same_change_is_no_twin(curated: Store) -> None:
    here = 'city:here a cd:City ; skos:prefLabel "Here"@en ; dcterms:source source:geonames .'
    there = grown(curated, here)
    assert only("identity", findings(there, here.replace("city:here", "city:heer"))).value == "city:here"
    assert findings(there, here.replace("city:here", "city:heer"), removed=here) == []


def test_a_label_that_is_an_iri_is_left_to_shacl(store: Store) -> None:
    assert findings(store, f"city:qwerty a cd:City ; {SOURCED} ; skos:prefLabel city:leeds .") == []


# ---- With what SHACL finds ----


@pytest.fixture(scope="module")
def validation() -> ChangeValidation:
    return ChangeValidation(project_shapes())


def report(validation: ChangeValidation, text: str) -> SubmissionReport:
    """What SHACL finds of a text on its own."""
    given = submission(text)
    return report_on(given, [], validation.verdict(Store(), validation.full_ledger(Store()), given.change))


def test_what_a_sparql_constraint_says_comes_in_both_languages(validation: ChangeValidation) -> None:
    found = report(validation, TWIN.format("-one") + "\n" + TWIN.format("-other") + CITIES)
    messages = {(f.message, f.message_zh, f.line) for f in found.findings if f.shape == "shape:Twinning-onePerPair"}
    constraint = URIRef(ns.SHAPES + "Twinning-onePerPair")
    said = {text.language: str(text) for text in project_shapes().objects(constraint, SH.message)}
    assert messages == {(said["en"], said["zh-hans"], 2)}


def test_a_message_with_a_variable_keeps_its_language() -> None:
    shapes = Graph().parse(
        data="""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <urn:> .
        :S a sh:NodeShape ; sh:targetClass :C ; sh:sparql :Q .
        :Q a sh:SPARQLConstraint ; sh:message "{?value} is (far)."@en , "{?value} zu weit."@de ;
          sh:select "SELECT $this ?value WHERE { $this <urn:p> ?value }" ."""
    )
    change = Change.of(
        Quad(NamedNode("urn:s"), predicate, NamedNode(value), NamedNode(GRAPH))
        for predicate, value in ((RDF.type, "urn:C"), (NamedNode("urn:p"), "urn:v"))
    )
    validation = ChangeValidation(shapes)
    (finding,) = validation.verdict(Store(), validation.full_ledger(Store()), change).new
    assert (finding.message("en"), finding.message("de")) == ("urn:v is (far).", "urn:v zu weit.")


def test_a_report_shows_the_worst_findings_and_counts_the_rest(validation: ChangeValidation) -> None:
    text = "\n".join(TWIN.format(n) for n in range(24)) + CITIES
    found, change = report(validation, text), submission(text).change
    *shown, last = found.findings
    verdict = validation.verdict(Store(), validation.full_ledger(Store()), change)
    everything = fold((), new_findings(verdict), change, project_shapes()).shapes
    assert len(shown) == MOST_SHOWN < len(everything) < len(verdict.new)
    assert (last.severity, last.message) == ("Violation", f"There are {len(everything) - MOST_SHOWN} more.")
    assert not found.conforms


def test_a_violation_behind_many_warnings_does_not_go_under() -> None:
    finding = ValidationResult("urn:shape", URIRef("urn:s"), None, None, "Warning", "MinCountConstraintComponent", ())
    findings = [replace(finding, focus=URIRef(f"urn:{n}")) for n in range(2 * MOST_SHOWN)]
    nothing, worst = Submission(NO_CHANGE), replace(finding, severity="Violation")
    warned = report_on(nothing, (), Verdict(tuple(findings), (), Ledger({}), False))
    assert (warned.conforms, warned.findings[-1].severity) == (True, "Warning")
    worse = report_on(nothing, (), Verdict((*findings, worst), (), Ledger({}), False))
    assert (worse.conforms, worse.findings[0].severity, len(worse.findings)) == (False, "Violation", MOST_SHOWN + 1)
    mended = report_on(nothing, (), Verdict((), tuple(findings), Ledger({}), False)).mended
    assert mended[-1].message == "There are 200 more."


def test_a_term_is_held_once_however_many_statements_have_it(store: Store) -> None:
    """A table comes to hundreds of thousands of statements, by one source, of few things."""
    added = GraphAfterChange(submission(TWINNING).change, store).added
    terms = [term for one in added for term in (one.subject, one.predicate, one.value, one.graph)]
    assert len({id(term) for term in terms}) == len(set(terms)) < len(terms)


def test_what_the_checks_hold_is_let_go_before_others_run(store: Store) -> None:
    held = []

    def other(_: Change, __: Store) -> Iterator[tuple[Quad, Finding]]:
        held.append(sum(isinstance(one, GraphAfterChange) for one in gc.get_objects()))
        yield from ()

    gc.collect()
    check(submission(TWINNING), store, other)
    assert held == [0]
