from functools import cache

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, parse

from kg.building.sources import load
from kg.errors import CityKgError
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rules.inference import infer, rules
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

Schema = tuple[Quad, ...]


@pytest.fixture(scope="module")
def schema() -> Schema:
    """What the files say of terms and concepts but for texts, which no rule reads."""
    said = (q for q in load() if q.graph_name == graphs.ONTOLOGY or "vocabulary/" in str(q.graph_name))
    return tuple(q for q in said if not isinstance(q.object, Literal))


@cache
def following_from_the_ontology_alone(schema: Schema) -> frozenset[Quad]:
    return frozenset(infer(schema))


def inferred(schema: Schema, text: str) -> set[str]:
    """Return what follows from a graph of ours, as prefixed names, without what follows from the ontology alone."""
    stated = [
        Quad(q.subject, q.predicate, q.object, NamedNode(ns.REPORT + "x"))
        for q in parse(PREFIXES + text, RdfFormat.TURTLE)
    ]
    new = set(infer([*schema, *stated])) - following_from_the_ontology_alone(schema)
    return {" ".join(ns.compact(str(t.value)) for t in (q.subject, q.predicate, q.object)) for q in new}


TWINNING = "twinning:a-b a cd:Twinning ; cd:twin city:a , city:b ."


def test_a_twinning_ties_its_parties_both_ways_and_currently(schema: Schema) -> None:
    found = inferred(schema, TWINNING + "account:x cd:accountOf twinning:a-b ; cd:status status:current .")
    for predicate in ("cd:twinnedWith", "cd:currentlyTwinnedWith"):
        assert f"city:a {predicate} city:b" in found
        assert f"city:b {predicate} city:a" in found
        assert f"city:a {predicate} city:a" not in found


@pytest.mark.parametrize(
    "ending", ["cd:status status:former", 'cd:end "2009"^^xsd:gYear', "cd:status status:suspended"]
)
def test_an_ended_twinning_is_one_but_not_currently(schema: Schema, ending: str) -> None:
    found = inferred(
        schema,
        TWINNING + f"account:x cd:accountOf twinning:a-b ; {ending} ."
        "account:y cd:accountOf twinning:a-b ; cd:status status:current .",
    )
    assert "city:a cd:twinnedWith city:b" in found
    assert "city:a cd:currentlyTwinnedWith city:b" not in found


def test_a_renewed_twinning_is_a_current_one(schema: Schema) -> None:
    found = inferred(schema, TWINNING + "account:x cd:accountOf twinning:a-b ; cd:status status:renewed .")
    assert {"city:a cd:twinnedWith city:b", "city:a cd:currentlyTwinnedWith city:b"} <= found


def test_a_planned_twinning_is_none_yet(schema: Schema) -> None:
    found = inferred(schema, TWINNING + "account:x cd:accountOf twinning:a-b ; cd:status status:planned .")
    assert not any("TwinnedWith" in f or "twinnedWith" in f for f in found)


def test_an_implied_twinning_is_one_by_implication_only_until_a_source_states_it(schema: Schema) -> None:
    implied = TWINNING + "account:x cd:accountOf twinning:a-b ; cd:implied true ."
    found = inferred(schema, implied)
    assert {f for f in found if "winned" in f} == {
        "city:a cd:twinnedByImplication city:b",
        "city:b cd:twinnedByImplication city:a",
    }
    stated = inferred(schema, implied + " account:y cd:accountOf twinning:a-b .")
    assert {"city:a cd:currentlyTwinnedWith city:b", "city:a cd:twinnedWith city:b"} <= stated


MEMBERSHIP = (
    "membership:a-n a cd:Membership ; cd:member city:a ; cd:network network:n ."
    " account:x cd:accountOf membership:a-n ; "
)


BETWEEN = (
    "mediation:m cd:mediator network:m ; cd:mediatedFor city:a ; cd:mediatedWith network:n ."
    " account:y cd:accountOf mediation:m ; cd:statedIn passage:p ; "
)
ACTUAL = "membership:a-n rdf:type cd:ActualMembership"


def test_an_actor_in_an_organisation_has_an_actual_membership(schema: Schema) -> None:
    of_a_city = MEMBERSHIP + "cd:role role:member . city:a a cd:City . network:n a cd:CityNetwork . "
    assert ACTUAL in inferred(schema, of_a_city)
    for no_member in ("cd:role role:funder .", "cd:role role:member ; cd:status status:planned ."):
        assert ACTUAL not in inferred(schema, of_a_city.replace("cd:role role:member .", no_member))
    assert ACTUAL not in inferred(schema, of_a_city.replace("city:a a cd:City", "city:a a cd:Group"))


@pytest.mark.parametrize("role", ["member", "co-president", "steering-committee-member"])
def test_a_member_role_makes_a_member(schema: Schema, role: str) -> None:
    found = inferred(schema, MEMBERSHIP + f"cd:role role:{role} . network:n a cd:CityNetwork .")
    assert {"city:a cd:memberOf network:n", "network:n cd:hasMember city:a"} <= found


@pytest.mark.parametrize(
    "account",
    [
        "cd:role role:funder",
        "cd:role role:member ; cd:status status:former",
        "cd:role role:member ; cd:status status:planned",
        f"cd:role role:member ; cd:statedIn passage:p . {BETWEEN} cd:role mediation-role:intermediary",
        f"cd:role role:direct-member ; cd:statedIn passage:p . {BETWEEN} cd:role mediation-role:agent",
        "cd:role role:member ; cd:statedIn passage:p . account:y cd:accountOf mediation:k ;"
        " cd:about membership:a-n ; cd:statedIn passage:p ;"
        " cd:role mediation-role:intermediary",
    ],
)
def test_a_funder_a_former_a_planned_and_an_intermediary_membership_make_none(schema: Schema, account: str) -> None:
    stated = f"{MEMBERSHIP}{account} . network:n a cd:CityNetwork ."
    assert not any("memberOf" in f for f in inferred(schema, stated))


def test_a_group_is_a_member_where_it_is_said_of_all_of_it_or_without_a_word_for_how_many(schema: Schema) -> None:
    group = MEMBERSHIP.replace("city:a", "group:a") + "cd:role role:member ; {} network:n a {} ."
    for word, is_member in ("all", True), ("all-except", True), ("some", False), ("most", False), ("few", False):
        found = inferred(schema, group.format(f"cd:quantifier quantifier:{word} .", "cd:CityNetwork"))
        assert ("group:a cd:memberOf network:n" in found) == is_member
    assert "group:a cd:memberOf network:n" in inferred(schema, group.format("cd:implied false .", "cd:CityNetwork"))
    assert "group:a cd:memberOf network:n" not in inferred(schema, group.format("cd:implied false .", "cd:Group"))


@pytest.mark.parametrize(
    "account",
    [
        f"cd:role role:member ; cd:statedIn passage:p . {BETWEEN} cd:role mediation-role:coordinator",
        f"cd:role role:member ; cd:statedIn passage:p . {BETWEEN} cd:role mediation-role:broker",
        f"cd:role role:member ; cd:statedIn passage:q . {BETWEEN} cd:role mediation-role:intermediary",
        "cd:role role:direct-member ; cd:statedIn passage:p ."
        " account:y cd:accountOf mediation:k ;"
        " cd:about membership:a-n ; cd:statedIn passage:q ; cd:role mediation-role:intermediary",
    ],
)
def test_who_is_coordinated_or_goes_through_somebody_by_another_source_alone_is_a_member(
    schema: Schema, account: str
) -> None:
    assert "city:a cd:memberOf network:n" in inferred(schema, MEMBERSHIP + account + " . network:n a cd:CityNetwork .")


def test_what_replaced_through_and_participation_is_answered_by_these_names(schema: Schema) -> None:
    of = MEMBERSHIP + "cd:role role:member ; cd:statedIn passage:p . network:m a cd:CityNetwork . " + BETWEEN
    found = inferred(
        schema,
        of + "cd:role mediation-role:intermediary . finding:f a cd:Effect ; cd:about mediation:m ;"
        " cd:statedIn passage:p . finding:g a cd:Finding ; cd:about role:direct-participant ; cd:statedIn passage:p .",
    )
    assert {f for f in found if "articipation" in f or "through" in f} == {
        "account:x cd:through network:m",
        "account:x cd:participation participation:through-intermediary",
        "finding:f cd:participation participation:through-intermediary",
        "finding:g cd:participation participation:direct",
    }
    about = "account:y cd:about membership:a-n ; cd:accountOf mediation:m ; cd:statedIn passage:p ; "
    about = (
        of.replace(BETWEEN, "mediation:m cd:mediator network:m . ") + about + "cd:role mediation-role:intermediary ."
    )
    assert "account:x cd:through network:m" in inferred(schema, about)
    direct = inferred(schema, MEMBERSHIP + "cd:role role:direct-member .")
    assert "account:x cd:participation participation:direct" in direct


def test_places_lie_within_what_holds_them_and_classes_within_theirs(schema: Schema) -> None:
    found = inferred(schema, "district:p cd:within city:s . city:s a cd:City ; cd:within country:c .")
    assert "district:p cd:within country:c" in found
    assert "city:s rdf:type cd:Polity" in found
    assert "city:s rdf:type cd:Actor" in found


# ---- Classes that have become kinds ----

KINDS = """
cd:Voyage owl:equivalentClass [ a owl:Restriction ; owl:onProperty cd:journeyKind ; owl:hasValue theme:voyage ] .
cd:Visit owl:equivalentClass [ owl:intersectionOf
    ( cd:Activity [ a owl:Restriction ; owl:onProperty cd:journeyKind ; owl:hasValue theme:visit ] ) ] ;
    rdfs:subClassOf cd:Journey .
cd:Call owl:equivalentClass [ owl:unionOf (
    [ owl:onProperty cd:journeyKind ; owl:hasValue theme:call ]
    [ owl:onProperty cd:journeyKind ; owl:hasValue theme:ring ] ) ] .
<http://elsewhere/Call> owl:equivalentClass [ owl:onProperty cd:journeyKind ; owl:hasValue theme:call ] .
"""


@cache
def kinds() -> Schema:
    triples = parse(PREFIXES + KINDS, RdfFormat.TURTLE)
    return tuple(Quad(q.subject, q.predicate, q.object, graphs.ONTOLOGY) for q in triples)


@pytest.mark.parametrize(
    ("stated", "classes"),
    [
        ("activity:x cd:journeyKind theme:voyage .", {"cd:Voyage"}),
        ("activity:x a cd:Cooperation ; cd:journeyKind theme:visit .", {"cd:Visit", "cd:Journey"}),
        ("account:x cd:journeyKind theme:visit .", set()),  # what is said of an activity is not one
        ("activity:x cd:journeyKind theme:call .", {"cd:Call"}),
        ("activity:x cd:journeyKind theme:ring .", {"cd:Call"}),
        ("activity:x a cd:Activity ; cd:journeyKind theme:walk .", set()),
    ],
)
def test_what_is_of_a_kind_is_of_the_class_that_the_kind_has_replaced(
    schema: Schema, stated: str, classes: set[str]
) -> None:
    found = {fact.split()[2] for fact in inferred((*schema, *kinds()), stated) if "rdf:type" in fact}
    assert found - {"cd:Activity", "cd:Relation"} == classes


# ---- Absences and what objects to ties ----

ABSENCE = "absence:x a cd:AbsenceFinding ; cd:statedIn passage:p ; cd:tieKind tie:twinning ; cd:absentFor "
STATED = "account:t cd:accountOf twinning:a-b . "
OF_TWINS = "city:a a cd:City . city:b a cd:City . " + TWINNING + STATED
IN_COUNTRIES = "city:a cd:within country:c . city:b cd:within country:d . "


def objected(schema: Schema, text: str) -> set[str]:
    """Return what objects to ties and numbers, which absences rule out which ties, and what has changed since.

    An account of a tie objects to an absence as that does to the tie.
    """
    kinds = ("rulesOut", "denies", "countsOtherwise", "changedSince", "inTension", "moreExact")
    found = {tuple(triple.split()) for triple in inferred(schema, text)}
    back = {one for one in found if one[1] in ("cd:denies", "cd:inTension") and one[2] == "absence:x"}
    ways = {way for by, way, _ in found if by == "absence:x"}
    assert {way for _, way, _ in back} <= ways
    return {" ".join(triple) for triple in found - back if triple[1].removeprefix("cd:") in kinds}


@pytest.mark.parametrize(
    "absence",
    [
        *("city:a .", "city:a ; cd:counterpart country:d .", "city:a ; cd:counterpart city:b ."),
        "city:a ; cd:counterpart group:all . group:all cd:groupOf cd:City .",
        "city:a ; cd:counterpart group:some . group:some cd:groupOf cd:City ; cd:groupMember city:b .",
        """city:a ; cd:counterpart group:more . group:more cd:inPlace country:d .
        group:some cd:subgroupOf group:more ; cd:groupMember city:b .""",
        "group:some . group:some cd:groupMember city:a .",
        "group:c . group:b cd:subgroupOf group:c . group:a cd:groupMember city:a ; cd:subgroupOf group:b .",
        "group:all ; cd:counterpart city:b . group:all cd:groupOf cd:City ; cd:inPlace country:c .",
        "group:all ; cd:exception city:z . group:all cd:groupOf cd:City ; cd:inPlace country:c .",
    ],
)
def test_an_absence_denies_a_tie_that_falls_under_it(schema: Schema, absence: str) -> None:
    found = objected(schema, OF_TWINS + IN_COUNTRIES + ABSENCE + absence)
    assert found == {"absence:x cd:rulesOut twinning:a-b", "absence:x cd:denies twinning:a-b"}


@pytest.mark.parametrize(
    "absence",
    [
        *("city:z .", "city:a ; cd:counterpart country:c .", "city:a ; cd:counterpart city:z ."),
        "city:a ; cd:counterpart city:a .",
        "city:a ; cd:counterpart group:some . group:some cd:groupOf cd:City ; cd:groupMember city:z .",
        "city:a ; cd:counterpart group:some . group:some cd:groupOf cd:City ; cd:inPlace country:d .",
        "group:some ; cd:exception city:a . group:some cd:groupMember city:a .",
        "group:all ; cd:exception city:a . group:all cd:groupOf cd:City ; cd:inPlace country:c .",
        "group:all . group:all cd:groupOf cd:Person ; cd:inPlace country:c .",
        """group:some . group:some cd:groupOf cd:City ; cd:inPlace country:c ; cd:subgroupOf group:all .
        group:all cd:inPlace country:c .""",
    ],
)
def test_an_absence_denies_no_other_tie(schema: Schema, absence: str) -> None:
    assert objected(schema, OF_TWINS + IN_COUNTRIES + ABSENCE + absence) == set()


@pytest.mark.parametrize(
    ("kind", "tie"),
    [
        ("network-membership", "membership:t cd:member city:a ; cd:network network:n ."),
        (
            "office-abroad",
            "office:t cd:officeKind office-kind:office-abroad ; cd:operator city:a ; cd:hostPlace city:n .",
        ),
        ("international-team", "team:t cd:officeKind office-kind:international-team ; cd:operator city:a ."),
        ("international-team", "team:t cd:officeKind office-kind:foreign-affairs-office ; cd:operator city:a ."),
        ("strategy", "strategy:t cd:strategyOf city:a ."),
    ],
)
def test_an_absence_denies_ties_of_its_kind_alone(schema: Schema, kind: str, tie: str) -> None:
    absence = ABSENCE.replace("tie:twinning", f"tie:{kind}")
    name = tie.split(maxsplit=1)[0]
    tie += f" account:t cd:accountOf {name} . "
    expected = {f"absence:x cd:{way} {name}" for way in ("rulesOut", "denies")}
    assert objected(schema, TWINNING + tie + absence + "city:a .") == expected
    assert objected(schema, TWINNING + tie.replace("city:a", "city:z") + absence + "city:a .") == set()
    network = tie.replace("network:n", "city:n")
    with_it = "city:a ; cd:counterpart country:c . city:n cd:within country:c . city:a cd:within country:c ."
    assert objected(schema, network + absence + with_it) == expected
    assert objected(schema, network + absence + "city:a ; cd:counterpart country:c .") == set()


@pytest.mark.parametrize("counterpart", ["group:states . group:states cd:groupOf cd:State", "country:d"])
def test_a_tie_of_a_group_with_an_excepted_member_is_not_ruled_out(schema: Schema, counterpart: str) -> None:
    """As an office of Hong Kong and Macau, both of which the report excepts from what it says of Chinese cities."""
    absence = ABSENCE.replace("tie:twinning", "tie:office-abroad") + f"group:all ; cd:counterpart {counterpart} . "
    groups = "group:some cd:subgroupOf group:all ; cd:groupMember city:a , city:b . "
    office = "office:t cd:officeKind office-kind:office-abroad ; cd:operator group:some ; cd:hostPlace country:d . "
    groups += "account:t cd:accountOf office:t . "
    assert objected(schema, absence + groups + office) == {
        "absence:x cd:rulesOut office:t",
        "absence:x cd:denies office:t",
    }
    excepted = "absence:x cd:exception city:b . "
    assert objected(schema, absence + groups + office + excepted) == set()
    of_one = office.replace("group:some", "city:a")
    assert "absence:x cd:denies office:t" in objected(schema, absence + groups + of_one + excepted)


JUDGED = """disagreement:d cd:disagreementKind disagreement-kind:{} ; cd:onStatement reference:r , reference:s .
  reference:r rdf:subject absence:x ; cd:objectsTo twinning:a-b . account:x cd:accountOf twinning:a-b . """


@pytest.mark.parametrize("side", ["twinning:a-b", "account:x"])
def test_an_absence_denies_what_the_editors_have_not_judged_otherwise(schema: Schema, side: str) -> None:
    text = TWINNING + ABSENCE + "city:a . reference:s cd:inGraph graph:p ; rdf:subject " + side + " . "
    text += "passage:p cd:statementGraph graph:p . account:x cd:statedIn passage:p . "
    for kind, way in ("in-tension", "inTension"), ("more-exact", "moreExact"), ("denies", "denies"), ("gap", "denies"):
        assert objected(schema, text + JUDGED.format(kind)) == {
            "absence:x cd:rulesOut twinning:a-b",
            f"absence:x cd:{way} twinning:a-b",
        }


@pytest.mark.parametrize(
    ("said", "ways"),
    [
        *(("cd:status status:current", {"denies"}), ("cd:status status:planned", {"inTension"})),
        *(("cd:status status:former", set()), ("cd:status status:refused", set()), ("cd:implied true", {"inTension"})),
        *(('cd:begin "2010"^^xsd:gYear', {"denies"}), ('cd:begin "2018"^^xsd:gYear', {"changed"})),
    ],
)
def test_an_absence_denies_what_was_there_at_its_time(schema: Schema, said: str, ways: set[str]) -> None:
    of_2015 = 'passage:p cd:asOf "2015"^^xsd:gYear . '
    found = objected(schema, TWINNING + ABSENCE + f"city:a . account:t cd:accountOf twinning:a-b ; {said} . " + of_2015)
    told = {f"absence:x cd:{way} twinning:a-b" for way in ways - {"changed"}}
    changed = {"account:t cd:changedSince absence:x"} if "changed" in ways else set()
    assert found == {"absence:x cd:rulesOut twinning:a-b", *told, *changed}


def test_an_absence_of_official_ties_is_in_tension_with_one_of_another_standing(schema: Schema) -> None:
    text = OF_TWINS + ABSENCE + "city:a ; cd:standing standing:official . "
    major = objected(schema, text + "account:t cd:standing standing:major . ")
    assert "absence:x cd:inTension twinning:a-b" in major
    assert "absence:x cd:denies twinning:a-b" not in major
    assert "absence:x cd:denies twinning:a-b" in objected(schema, text)
    official = objected(schema, text + "account:t cd:standing standing:official . ")
    assert official == {"absence:x cd:rulesOut twinning:a-b", "absence:x cd:denies twinning:a-b"}


def test_an_account_of_a_tie_objects_to_the_absence_that_objects_to_it(schema: Schema) -> None:
    for said, way in ("cd:status status:current", "denies"), ("cd:status status:planned", "inTension"):
        text = f"city:a . account:t cd:accountOf twinning:a-b ; {said} . "
        assert f"account:t cd:{way} absence:x" in inferred(schema, TWINNING + ABSENCE + text)


def test_a_side_objects_to_the_sides_that_it_names(schema: Schema) -> None:
    """To the statement on a side, or to the account of a relation that the passage gives of the graph of that side."""
    sides = """disagreement:d cd:disagreementKind disagreement-kind:in-tension .
      disagreement:d cd:onStatement reference:r , reference:s .
      reference:r rdf:subject finding:x ; cd:objectsTo reference:s . finding:x cd:statedIn passage:p .
      reference:s rdf:subject twinning:a-c ; cd:objectsTo reference:r ; cd:inGraph report:q .
      account:q cd:accountOf twinning:a-c ; cd:statedIn passage:q . passage:q cd:statementGraph report:q .
      account:p cd:accountOf twinning:a-c ; cd:statedIn passage:p . passage:p cd:statementGraph report:p . """
    assert objected(schema, sides) == {"finding:x cd:inTension account:q", "account:q cd:inTension finding:x"}
    assert objected(schema, sides.replace("; cd:objectsTo reference:s", "")) == {"account:q cd:inTension finding:x"}


def test_a_side_objects_to_the_ties_that_it_names(schema: Schema) -> None:
    """A figure itself; of a relation the account of it that the passage gives in whose graph it stands."""
    sides = """disagreement:d cd:disagreementKind disagreement-kind:{} ; cd:onStatement reference:r , reference:s .
      reference:r rdf:subject statistic:x ; cd:objectsTo twinning:a-b . statistic:x cd:statedIn passage:p .
      account:x cd:accountOf twinning:a-b .
      reference:s rdf:subject twinning:a-c ; cd:objectsTo twinning:a-b ; cd:inGraph report:q .
      account:q cd:accountOf twinning:a-c ; cd:statedIn passage:q . passage:q cd:statementGraph report:q .
      account:p cd:accountOf twinning:a-c ; cd:statedIn passage:p . passage:p cd:statementGraph report:p . """
    for kind, way in ("counts-otherwise", "countsOtherwise"), ("changed-since", "changedSince"):
        assert objected(schema, sides.format(kind)) == {
            f"statistic:x cd:{way} twinning:a-b",
            f"account:q cd:{way} twinning:a-b",
        }
    assert objected(schema, sides.format("spelt-otherwise")) == objected(schema, sides.format("gap")) == set()


def test_a_rule_that_is_no_construct_is_told() -> None:
    with pytest.raises(CityKgError, match="CONSTRUCT"):
        infer([], ["SELECT * {}"])


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_rule_draws_from_what_a_rule_after_it_has_drawn(order: tuple[int, ...]) -> None:
    chain = [
        "CONSTRUCT { ?s cd:b ?o } WHERE { ?s cd:a ?o }",
        "CONSTRUCT { ?s a cd:C } WHERE { ?s cd:b ?o }",
        "CONSTRUCT { ?s cd:d ?s } WHERE { ?s a cd:C . FILTER NOT EXISTS { ?s cd:e+ ?s } }",
    ]
    stated = Quad(NamedNode("urn:s"), NamedNode(ns.CD + "a"), NamedNode("urn:o"), NamedNode(ns.REPORT + "x"))
    assert len(infer([stated], [chain[number] for number in order])) == 3


@pytest.mark.parametrize(
    "pattern",
    [
        "WHERE { ?s cd:a ?o }",
        "where { ?s cd:a ?o }",
        "{ ?s cd:a ?o }",
        f"WHERE {{ ?s <{ns.CD}a> ?o }}",
        "WHERE { ?o ^cd:a ?s }",
        "WHERE { ?s (cd:a|cd:b)+ ?o }",
        "WHERE { ?s ?p ?o }",
        "WHERE { ?s cd:z ?o ; ?p ?o FILTER(STRENDS(STR(?p), '#a')) }",
        "WHERE { ?s cd:z ?o . [] ?p ?o FILTER(STRENDS(STR(?p), '#a')) }",
        "WHERE { ?o ?p true . ?s cd:z ?o }",
        "WHERE { VALUES ?p { cd:a } ?s ?p ?o }",
        "WHERE { VALUES (?p ?o) { (cd:a UNDEF) } ?s ?p ?o }",
        "WHERE { ?s a ?class ; cd:z ?o FILTER(STRENDS(STR(?class), '#C')) }",
        "WHERE { ?s rdf:type ?class ; cd:z ?o FILTER(STRENDS(STR(?class), '#C')) }",
        "WHERE { VALUES ?class { cd:C } ?s cd:z ?o ; a ?class }",
        "WHERE { # of ?s cd:b ?o\n ?s cd:z ?o ; a cd:C }",
    ],
)
def test_a_rule_meets_what_another_draws_however_its_pattern_is_written(pattern: str) -> None:
    first = "CONSTRUCT { ?s cd:a ?o ; a cd:C . ?o cd:flag true } WHERE { ?s cd:z ?o }"
    stated = Quad(NamedNode("urn:s"), NamedNode(ns.CD + "z"), NamedNode("urn:o"), NamedNode(ns.REPORT + "x"))
    found = infer([stated], [f"CONSTRUCT {{ ?s cd:hit ?o }} {pattern}", first])
    assert ("urn:s", "urn:o") in {
        (quad.subject.value, quad.object.value)  # type: ignore[union-attr]
        for quad in found
        if quad.predicate.value == ns.CD + "hit"
    }


def test_no_rule_draws_more_in_the_graph_as_it_was_built(store: Store) -> None:
    for rule in rules().values():
        drawn = store.query(rule, prefixes=ns.PREFIXES)
        assert all(Quad(*triple, DefaultGraph()) in store for triple in drawn)


# ---- Lists that are complete ----

LIST = """completeness:x a cd:CompletenessStatement ; cd:statedIn passage:p ; cd:listsAll list:ties ;
  cd:tieKind tie:twinning ; cd:counterpart country:d ; cd:completeFor """
STATED = OF_TWINS + IN_COUNTRIES + "account:a cd:accountOf twinning:a-b ; cd:statedIn passage:q . "
LEFT_OUT = {
    "completeness:x cd:inTension twinning:a-b",
    *(f"account:{one} cd:inTension completeness:x" for one in "at"),
}


@pytest.mark.parametrize(
    "of",
    [
        "city:a .",
        "group:some . group:some cd:groupMember city:a .",
        "group:all ; cd:exception city:z . group:all cd:groupOf cd:City ; cd:inPlace country:c .",
    ],
)
def test_a_complete_list_is_in_tension_with_a_tie_that_it_leaves_out_and_denies_none(schema: Schema, of: str) -> None:
    assert objected(schema, STATED + LIST + of) == LEFT_OUT
    anywhere = LIST.replace("country:d", "group:cities")
    assert objected(schema, STATED + anywhere + of + " group:cities cd:groupOf cd:City .") == LEFT_OUT


@pytest.mark.parametrize(
    "text",
    [
        LIST + "city:z .",
        LIST.replace("country:d", "country:c") + "city:a .",
        LIST.replace("list:ties", "list:holders") + "city:a .",
        LIST.replace("tie:twinning", "tie:network-membership") + "city:a .",
        LIST + "group:some ; cd:exception city:a . group:some cd:groupMember city:a .",
        LIST + "city:a . account:b cd:accountOf twinning:a-b ; cd:statedIn passage:p .",
        LIST + "city:a . account:a cd:status status:former .",
        LIST + "city:a . reference:s rdf:subject twinning:a-b . "
        "disagreement:d cd:disagreementKind disagreement-kind:changed-since ; "
        "cd:onStatement reference:r , reference:s . reference:r rdf:subject completeness:x .",
    ],
    ids="another city,elsewhere,who has one,another kind,excepted,listed,ended,judged".split(","),
)
def test_a_complete_list_objects_to_nothing_else(schema: Schema, text: str) -> None:
    assert objected(schema, STATED + text) == set()


def test_a_complete_list_of_members_is_that_of_the_member_or_of_the_network(schema: Schema) -> None:
    membership = """city:a a cd:City . network:n a cd:CityNetwork . group:all cd:groupOf {} .
      membership:m a cd:Membership ; cd:member city:a ; cd:network network:n .
      account:m cd:accountOf membership:m ; cd:role role:member ; cd:statedIn passage:q . """
    lists = LIST.replace("tie:twinning", "tie:network-membership").replace("country:d", "group:all")
    expected = {"completeness:x cd:inTension membership:m", "account:m cd:inTension completeness:x"}
    assert objected(schema, membership.format("cd:CityNetwork") + lists + "city:a .") == expected
    assert objected(schema, membership.format("cd:City") + lists + "network:n .") == expected
    assert objected(schema, membership.format("cd:City") + lists + "city:a .") == set()
