"""Two works on one relation or number: each planted pair is told by the kinds of docs/decisions/sources-that-differ.md.

Every pair has a relation and two sources of its own, so that all are inferred at once: as a build has them, and as a
change brings the second source of each and takes it away again.
"""

from __future__ import annotations

from functools import cache

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from kg.building.sources import load
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.graphs import default_graph_once
from kg.rules.derived_graphs import UnionChanges
from kg.rules.inference import infer
from tests.support.turtle import PREFIXES

OUT_IN_2019 = 'dcterms:issued "2019"^^xsd:gYear'
OF_2015, OF_2025, UNDATED = 'cd:asOf "2015"^^xsd:gYear', 'cd:asOf "2025"^^xsd:gYear', 'skos:prefLabel "A source"@en'
CURRENT, FORMER, PLANNED, REFUSED = (f"cd:status status:{name}" for name in ("current", "former", "planned", "refused"))
SUSPENDED, RENEWED, DECLINING = (f"cd:status status:{name}" for name in ("suspended", "renewed", "declining"))
IMPOSSIBLE, UNCLEAR = "cd:status status:impossible", "cd:status status:unclear"
MEMBER, DIRECT, PARTICIPANT, HOST = (
    f"cd:role role:{name}" for name in ("member", "direct-member", "participant", "host")
)


def begun(year: str) -> str:
    return f"cd:begin {_date(year)}"


def ended(year: str) -> str:
    return f"cd:end {_date(year)}"


def at(year: str) -> str:
    return f"cd:atTime {_date(year)}"


def named(*names: str) -> str:
    return "cd:printedName " + " , ".join(f'"{name}"' for name in names)


def both(*said: str) -> str:
    return " ; ".join(said)


def _date(text: str) -> str:
    kind = {4: "gYear", 5: "string", 7: "gYearMonth", 10: "date"}[len(text)]
    return f'"{text}"^^xsd:{kind}'


NETWORK = 'cd:purpose "To meet"@en'
NO_OFFICE, ONE_OFFICE = (f"cd:organisingStructure structure:{name}" for name in ("no-central-office", "central-office"))
BARE = "cd:character character:symbolic"
SECOND_DENIES, EACH_DENIES = {"second denies first"}, {"second denies first", "first denies second"}
SECOND_TENSE, EACH_TENSE = {"second inTension first"}, {"second inTension first", "first inTension second"}
SINCE, NOTHING = {"second changedSince first"}, set[str]()
EXACT = {"second moreExact first"}
SPELT = {"second speltOtherwise first", "first speltOtherwise second"}

Side = tuple[str, str]
PAIRS: list[tuple[Side, Side, set[str]]] = [
    # ---- status, with an end that is dated ----
    ((OF_2015, CURRENT), (OF_2025, both(FORMER, ended("2020"))), SINCE),
    ((OF_2015, CURRENT), (UNDATED, both(FORMER, ended("2020"))), SINCE),
    ((OF_2015, CURRENT), (OF_2025, ended("2016-03")), SINCE),
    ((OF_2015, BARE), (OF_2025, both(FORMER, ended("2020"))), SINCE),
    ((OF_2015, SUSPENDED), (OF_2025, both(FORMER, ended("2020"))), SINCE),
    ((OF_2015, DECLINING), (OF_2025, both(FORMER, ended("2016"))), SINCE),
    ((OF_2015, PLANNED), (OF_2025, both(FORMER, begun("2016"), ended("2020"))), SINCE),
    ((OF_2015, CURRENT), (OF_2025, both(FORMER, ended("2010"))), SECOND_DENIES | SECOND_TENSE),
    ((OF_2015, DECLINING), (OF_2025, both(FORMER, ended("2014-12-31"))), SECOND_DENIES | SECOND_TENSE),
    ((OF_2015, both(CURRENT, begun("2012"))), (OF_2025, both(FORMER, ended("2010"))), SECOND_TENSE),
    ((OF_2015, both(CURRENT, begun("2002"))), (OF_2025, both(FORMER, ended("2010"))), SECOND_DENIES | SECOND_TENSE),
    ((OF_2015, BARE), (OF_2025, both(FORMER, ended("2010"))), SECOND_TENSE),
    ((OF_2015, RENEWED), (OF_2025, both(FORMER, ended("2010"))), SECOND_TENSE),
    ((OF_2015, CURRENT), (OF_2025, both(FORMER, ended("2015"))), SECOND_TENSE),
    ((UNDATED, CURRENT), (OF_2025, both(FORMER, ended("2020"))), EACH_DENIES | {"first inTension second"}),
    ((UNDATED, CURRENT), (UNDATED, both(FORMER, ended("2020"))), EACH_DENIES | EACH_TENSE),
    ((UNDATED, both(CURRENT, begun("2022"))), (UNDATED, both(FORMER, ended("2020"))), EACH_TENSE),
    ((OUT_IN_2019, CURRENT), (UNDATED, both(FORMER, ended("2020"))), SINCE | EACH_DENIES | EACH_TENSE),
    ((OUT_IN_2019, CURRENT), (UNDATED, both(FORMER, ended("2019-12"))), EACH_DENIES | EACH_TENSE),
    ((OUT_IN_2019, CURRENT), (UNDATED, both(CURRENT, begun("2020"))), NOTHING),
    # ---- status, without a date ----
    ((OF_2015, CURRENT), (OF_2025, FORMER), SECOND_TENSE),
    ((OF_2015, CURRENT), (UNDATED, FORMER), SECOND_TENSE),
    ((UNDATED, CURRENT), (UNDATED, FORMER), EACH_DENIES | EACH_TENSE),
    ((OF_2015, CURRENT), (OF_2015, FORMER), EACH_TENSE),
    ((OF_2015, both(CURRENT, at("2016"))), (OF_2025, FORMER), SECOND_TENSE),
    ((OF_2015, both(CURRENT, at("2016"))), (OF_2025, both(FORMER, ended("2015-06"))), SECOND_DENIES | SECOND_TENSE),
    ((OF_2015, both(CURRENT, at("2016"))), (OF_2025, both(FORMER, ended("2017"))), SINCE),
    ((OF_2015, FORMER), (OF_2025, CURRENT), SECOND_TENSE),
    ((OF_2015, both(FORMER, ended("2010"))), (OF_2025, CURRENT), SECOND_DENIES | SECOND_TENSE),
    ((OF_2015, both(FORMER, ended("2010"))), (OF_2025, BARE), NOTHING),
    ((OF_2015, FORMER), (OF_2025, both(CURRENT, begun("2018"))), SINCE),
    ((OF_2015, FORMER), (OF_2025, both(RENEWED, begun("2018"))), SINCE),
    ((OF_2015, FORMER), (OF_2025, RENEWED), SECOND_TENSE),
    ((OF_2015, CURRENT), (UNDATED, both(RENEWED, at("2018-09"))), SINCE),
    ((OF_2015, CURRENT), (UNDATED, both(RENEWED, at("2014"))), NOTHING),
    ((OF_2015, both(FORMER, ended("2010"))), (OF_2025, both(CURRENT, begun("2012"))), SECOND_TENSE),
    ((OF_2015, both(FORMER, ended("2010"))), (OF_2025, both(CURRENT, begun("2005"))), SECOND_DENIES | SECOND_TENSE),
    ((OF_2015, both(CURRENT, begun("2005"))), (OF_2025, both(FORMER, ended("2016"))), SINCE),
    ((OF_2015, BARE), (OF_2025, FORMER), SECOND_TENSE),
    ((OF_2015, FORMER), (OF_2025, BARE), NOTHING),
    ((OF_2015, CURRENT), (OF_2025, SUSPENDED), SECOND_TENSE),
    ((OF_2015, BARE), (OF_2025, SUSPENDED), SECOND_TENSE),
    ((OF_2015, SUSPENDED), (OF_2025, BARE), NOTHING),
    ((OF_2015, PLANNED), (OF_2025, BARE), NOTHING),
    ((OF_2015, SUSPENDED), (OF_2025, CURRENT), SECOND_TENSE),
    ((OF_2015, SUSPENDED), (OF_2025, both(RENEWED, begun("2019"))), SINCE),
    ((OF_2015, PLANNED), (OF_2025, CURRENT), SECOND_TENSE),
    ((OF_2015, PLANNED), (OF_2025, both(CURRENT, begun("2017"))), SINCE),
    ((OF_2015, PLANNED), (OF_2025, both(BARE, begun("2017"))), SINCE),
    ((OF_2015, PLANNED), (OF_2025, both(CURRENT, begun("2010"))), SECOND_TENSE),
    ((OF_2015, PLANNED), (OF_2025, REFUSED), SECOND_TENSE),
    ((UNDATED, both(PLANNED, begun("2016"))), (UNDATED, both(CURRENT, begun("2017"))), EACH_TENSE),
    ((UNDATED, both(PLANNED, begun("2016"))), (UNDATED, begun("2017")), {"first inTension second"}),
    ((OF_2015, CURRENT), (OF_2025, PLANNED), SECOND_TENSE),
    ((OF_2015, BARE), (UNDATED, PLANNED), SECOND_TENSE),
    ((OF_2015, FORMER), (UNDATED, PLANNED), SECOND_TENSE),
    # ---- refusals ----
    ((OF_2015, CURRENT), (UNDATED, REFUSED), SECOND_DENIES),
    ((UNDATED, CURRENT), (UNDATED, REFUSED), EACH_DENIES),
    ((OF_2015, CURRENT), (OF_2015, REFUSED), EACH_DENIES),
    ((UNDATED, BARE), (UNDATED, IMPOSSIBLE), EACH_DENIES),
    ((OF_2015, CURRENT), (OF_2025, REFUSED), SECOND_TENSE),
    ((OF_2015, REFUSED), (OF_2025, CURRENT), SECOND_TENSE),
    ((OF_2015, REFUSED), (OF_2025, both(CURRENT, begun("2018"))), SINCE),
    ((OF_2015, REFUSED), (OF_2025, both(CURRENT, begun("2010"))), SECOND_DENIES | SECOND_TENSE),
    ((OF_2015, SUSPENDED), (UNDATED, IMPOSSIBLE), SECOND_DENIES),
    ((OF_2015, FORMER), (UNDATED, REFUSED), SECOND_TENSE),
    # ---- nothing of a status ----
    ((OF_2015, CURRENT), (OF_2025, CURRENT), NOTHING),
    ((OF_2015, CURRENT), (OF_2025, BARE), NOTHING),
    ((OF_2015, BARE), (OF_2025, CURRENT), NOTHING),
    ((OF_2015, CURRENT), (OF_2025, DECLINING), NOTHING),
    ((OF_2015, CURRENT), (OF_2025, RENEWED), NOTHING),
    ((OF_2015, CURRENT), (OF_2025, UNCLEAR), NOTHING),
    ((UNDATED, BARE), (UNDATED, BARE), NOTHING),
    ((OF_2015, FORMER), (OF_2025, FORMER), NOTHING),
    ((OF_2015, REFUSED), (OF_2025, IMPOSSIBLE), NOTHING),
    ((OF_2015, CURRENT), (OF_2025, both(FORMER, "cd:implied true")), NOTHING),
    ((OF_2015, both("cd:implied true", CURRENT)), (OF_2025, both(FORMER, ended("2020"))), NOTHING),
    ((UNDATED, "cd:implied true"), (OF_2025, both(FORMER, ended("2020"))), EACH_TENSE),
    # ---- years ----
    ((OF_2015, begun("1983")), (OF_2025, begun("1983")), NOTHING),
    ((OF_2015, begun("1983")), (OF_2025, begun("1986")), SECOND_DENIES),
    ((UNDATED, begun("1983")), (UNDATED, begun("1986")), EACH_DENIES),
    ((OF_2015, begun("1983")), (UNDATED, begun("1986")), SECOND_DENIES),
    ((OF_2015, both(CURRENT, begun("1983"))), (OF_2025, both(CURRENT, begun("1990-05-01"))), SECOND_DENIES),
    ((OF_2015, both(CURRENT, begun("1983"))), (OF_2025, both(RENEWED, begun("2010"))), NOTHING),
    ((OF_2015, both(CURRENT, begun("1983"))), (OF_2025, both(CURRENT, begun("2018"))), EACH_DENIES),
    ((OF_2015, CURRENT), (UNDATED, begun("2018")), EACH_DENIES),
    ((OF_2015, CURRENT), (UNDATED, both(RENEWED, begun("2018"))), NOTHING),
    ((OF_2015, begun("1983")), (OF_2025, begun("2018")), EACH_DENIES),
    ((OF_2015, both(begun("1983"), ended("1999"))), (OF_2025, begun("2005")), NOTHING),
    ((OF_2015, both(begun("1983"), ended("1999"))), (OF_2025, both(begun("1985"), ended("1999"))), SECOND_DENIES),
    ((OF_2015, both(begun("1983"), ended("1990"))), (OF_2025, both(begun("1995"), ended("1999"))), NOTHING),
    ((OF_2015, both(FORMER, ended("1999"))), (OF_2025, both(FORMER, ended("2004"))), SECOND_DENIES),
    ((OF_2015, both(FORMER, ended("1999"))), (OF_2025, both(FORMER, ended("2020"))), SINCE),
    ((OF_2015, begun("2006-05-12")), (OF_2025, begun("2006-05-15")), SECOND_TENSE),
    ((OF_2015, begun("2006-05-12")), (OF_2025, begun("2006-09")), SECOND_TENSE),
    ((OF_2015, begun("2006")), (OF_2025, begun("2006-05-12")), EXACT),
    ((OF_2015, begun("2006-05-12")), (OF_2025, begun("2006")), {"first moreExact second"}),
    ((OF_2015, begun("2006-05")), (UNDATED, begun("2006-05-12")), EXACT),
    ((OF_2015, begun("1980s")), (OF_2025, begun("1983")), EXACT),
    ((OF_2015, begun("1980s")), (OF_2025, begun("1991")), SECOND_DENIES),
    ((OF_2015, begun("1980s")), (OF_2025, begun("1980s")), NOTHING),
    ((OF_2015, both(FORMER, ended("2009"))), (UNDATED, both(FORMER, ended("2009-06"))), EXACT),
    # ---- dates of what is no relation ----
    ((UNDATED, both(NETWORK, begun("1995"))), (UNDATED, both(NETWORK, begun("1998"))), EACH_DENIES),
    ((UNDATED, both(NETWORK, begun("1995"))), (UNDATED, both(NETWORK, begun("1995-05"))), {"second moreExact first"}),
    ((UNDATED, both(NETWORK, begun("1995-07"))), (UNDATED, both(NETWORK, begun("1995-05"))), EACH_TENSE),
    ((UNDATED, both(NETWORK, named("CLAIR", "Council"))), (UNDATED, both(NETWORK, named("CLAIR", "Board"))), NOTHING),
    # ---- standing ----
    ((OF_2015, "cd:standing standing:official"), (OF_2025, "cd:standing standing:official"), NOTHING),
    ((OF_2015, "cd:standing standing:official"), (OF_2025, "cd:standing standing:major"), NOTHING),
    ((OF_2015, "cd:standing standing:official"), (OF_2025, BARE), NOTHING),
    ((OF_2015, "cd:standing standing:official"), (OF_2025, "cd:standing standing:informal"), SECOND_TENSE),
    # ---- how international relations are organised ----
    ((OF_2015, both(NETWORK, NO_OFFICE)), (OF_2025, both(NETWORK, ONE_OFFICE)), SECOND_DENIES),
    ((OF_2015, both(NETWORK, ONE_OFFICE)), (OF_2025, both(NETWORK, ONE_OFFICE)), NOTHING),
    # ---- names ----
    ((OF_2015, named("Edinburgh", "Xi'an")), (OF_2025, named("Edinburgh", "Sian")), SPELT),
    ((OF_2015, named("Edinburgh", "Xi'an")), (OF_2025, named("Edinburgh", "Xi'an")), NOTHING),
    ((OF_2015, named("Edinburgh", "Xi'an", "Sian")), (OF_2025, named("Edinburgh", "Sian")), NOTHING),
    ((OF_2015, named("EDINBURGH", "XI'AN")), (OF_2025, named("Edinburgh", "Xi'an")), NOTHING),
    ((OF_2015, named("Edinburgh")), (OF_2025, named("Xi'an")), NOTHING),
    ((OF_2015, named("LEEDS", "HANGZHOU")), (OF_2025, named("Leeds", "HANGZHOU")), NOTHING),
    ((OF_2015, named("ANSHANG", "SHEFFIELD")), (OF_2025, named("Anshan", "Sheffield")), SPELT),
    # ---- roles ----
    ((OF_2015, MEMBER), (OF_2025, PARTICIPANT), NOTHING),
    ((OF_2015, MEMBER), (OF_2025, DIRECT), EXACT),
    ((OF_2015, DIRECT), (OF_2025, MEMBER), {"first moreExact second"}),
    ((OF_2015, MEMBER), (OF_2025, HOST), NOTHING),
    ((OF_2015, MEMBER), (OF_2025, MEMBER), NOTHING),
    ((OF_2015, both(MEMBER, CURRENT)), (OF_2025, both(PARTICIPANT, FORMER)), SECOND_TENSE),
    ((OF_2015, both(MEMBER, FORMER)), (OF_2025, both(PARTICIPANT, FORMER)), NOTHING),
    ((OF_2015, both(MEMBER, begun("2005"))), (OF_2025, both(MEMBER, begun("2008"))), SECOND_DENIES),
    ((OF_2015, both(MEMBER, CURRENT)), (OF_2025, both(MEMBER, FORMER, ended("2019"))), SINCE),
]

COUNT = 'cd:measure measure:count ; cd:unit unit:one ; cd:counted cd:Twinning ; cd:counts "twin cities"@en'
OTHERS = COUNT.replace("twin cities", "Chinese twin cities")
COUNTED: list[tuple[Side, Side, set[str]]] = [
    ((OF_2015, f"{COUNT} ; cd:value 23"), (OF_2015, f"{COUNT} ; cd:value 25"), {"each countsOtherwise"}),
    (
        (UNDATED, f"{COUNT} ; cd:value 23 ; {at('2014')}"),
        (OF_2025, f"{COUNT} ; cd:value 25 ; {at('2014')}"),
        {"each countsOtherwise"},
    ),
    ((OF_2015, f"{COUNT} ; cd:value 23"), (OF_2015, f"{COUNT} ; cd:value 23"), NOTHING),
    ((OF_2015, f"{COUNT} ; cd:value 23"), (OF_2025, f"{COUNT} ; cd:value 25"), NOTHING),
    ((OF_2015, f"{COUNT} ; cd:value 23"), (OF_2025, f"{COUNT} ; cd:value 25 ; {at('2022')}"), SINCE),
    ((OF_2015, f"{COUNT} ; cd:value 23"), (OF_2025, f"{COUNT} ; cd:value 25 ; {at('2012')}"), NOTHING),
    ((UNDATED, f"{COUNT} ; cd:value 23"), (UNDATED, f"{COUNT} ; cd:value 25"), {"each inTension"}),
    ((OF_2015, f"{COUNT} ; cd:value 23"), (OF_2015, f"{OTHERS} ; cd:value 2"), NOTHING),
    ((OF_2015, f"{COUNT} ; cd:value 20 ; cd:qualifier qualifier:over"), (OF_2015, f"{COUNT} ; cd:value 25"), NOTHING),
    ((OF_2015, f"{COUNT} ; cd:value 20 ; cd:upperValue 30"), (OF_2015, f"{COUNT} ; cd:value 25"), NOTHING),
    (
        (OF_2015, f"{COUNT} ; cd:value 23 ; cd:qualifier qualifier:exact"),
        (OF_2015, f"{COUNT} ; cd:value 24.5"),
        {"each countsOtherwise"},
    ),
    ((OF_2015, f"{COUNT} ; cd:value 23"), (OF_2015, f"{COUNT.replace('count ;', 'average ;')} ; cd:value 25"), NOTHING),
]

OFFICIAL, MAJOR = "cd:standing standing:official", "cd:standing standing:major"
EACH_WAY, TENSE_EACH_WAY = (
    {"first denies pair", "second denies first"},
    {"first inTension pair", "second inTension first"},
)
ABSENT: list[tuple[Side, Side, set[str]]] = [
    ((OF_2015, ""), (OF_2015, CURRENT), EACH_WAY),
    ((OF_2015, ""), (OF_2025, both(CURRENT, begun("1983"))), EACH_WAY),
    ((OF_2015, ""), (OF_2025, CURRENT), TENSE_EACH_WAY),
    ((OF_2015, ""), (UNDATED, CURRENT), EACH_WAY),
    ((OF_2015, ""), (OF_2025, both(CURRENT, at("2015"))), EACH_WAY),
    ((OF_2015, ""), (OF_2025, both(FORMER, begun("1990"), ended("2020"))), EACH_WAY),
    ((OF_2015, ""), (OF_2025, both(FORMER, begun("1990"), ended("2010"))), NOTHING),
    ((OF_2015, ""), (OF_2025, both(FORMER, ended("2020"))), NOTHING),
    ((OF_2015, ""), (OF_2025, FORMER), NOTHING),
    ((OF_2015, ""), (OF_2025, both(CURRENT, begun("2018"))), SINCE),
    ((OF_2015, ""), (OF_2025, PLANNED), TENSE_EACH_WAY),
    ((UNDATED, at("2022")), (OF_2015, CURRENT), {"first changedSince second"}),
    ((UNDATED, at("2022")), (UNDATED, CURRENT), EACH_WAY),
    ((UNDATED, at("2015")), (OF_2015, CURRENT), EACH_WAY),
    ((OF_2015, OFFICIAL), (OF_2015, CURRENT), EACH_WAY),
    ((OF_2015, OFFICIAL), (OF_2015, OFFICIAL), EACH_WAY),
    ((OF_2015, OFFICIAL), (OF_2025, OFFICIAL), TENSE_EACH_WAY),
    ((OF_2015, MAJOR), (OF_2015, CURRENT), EACH_WAY),
    ((OF_2015, MAJOR), (OF_2025, CURRENT), TENSE_EACH_WAY),
    ((OF_2015, MAJOR), (OF_2015, OFFICIAL), TENSE_EACH_WAY),
    ((OF_2015, MAJOR), (OF_2015, MAJOR), EACH_WAY),
]

OBJECTING = {f"{ns.CD}{name}": name for name in (
    *("denies", "countsOtherwise", "changedSince", "inTension", "moreExact", "speltOtherwise"),)}  # fmt: skip


def _account(which: str, number: int, side: Side) -> str:
    source, says = side
    kind = "cd:Membership" if "role:" in says else "cd:CityNetwork" if NETWORK in says else "cd:Twinning"
    return f"""source:{which}-{number} a cd:Source ; {source} .
        twinning:pair-{number} a {kind} .
        account:{which}-{number} a cd:Account ; cd:accountOf twinning:pair-{number} ;
            cd:statedIn source:{which}-{number} ; {says} ."""


def _statistic(which: str, number: int, side: Side) -> str:
    source, says = side
    return f"""source:{which}-n{number} a cd:Source ; {source} .
        statistic:{which}-{number} a cd:Statistic ; cd:ofPopulation city:of-{number} ;
            cd:statedIn source:{which}-n{number} ; {says} ."""


def _absence(number: int, side: Side) -> str:
    source, says = side
    return f"""source:first-a{number} a cd:Source ; {source} .
        absence:first-a{number} a cd:AbsenceFinding ; cd:statedIn source:first-a{number} ; {says} ;
            cd:tieKind tie:twinning ; cd:absentFor city:a{number} ; cd:counterpart city:b{number} .""".replace(
        ";  ;", ";"
    )


def _present(number: int, side: Side) -> str:
    source, says = side
    return f"""source:second-a{number} a cd:Source ; {source} .
        city:a{number} a cd:City . city:b{number} a cd:City .
        twinning:pair-a{number} a cd:Twinning ; cd:twin city:a{number} , city:b{number} .
        account:second-a{number} a cd:Account ; cd:accountOf twinning:pair-a{number} ;
            cd:statedIn source:second-a{number} ; {says} ."""


def _quads(texts: list[str], graph: str) -> set[Quad]:
    where = NamedNode(f"{ns.GRAPH}curated/{graph}")
    store = Store()
    store.extend(Quad(*q, where) for q in (q.triple for q in parse(PREFIXES + "\n".join(texts), RdfFormat.TURTLE)))
    return set(store)  # as the engine stores them


@cache
def _planted() -> tuple[set[Quad], set[Quad]]:
    first = [_account("first", n, one) for n, (one, _, _) in enumerate(PAIRS)]
    first += [_statistic("first", n, one) for n, (one, _, _) in enumerate(COUNTED)]
    first += [_absence(n, one) for n, (one, _, _) in enumerate(ABSENT)]
    second = [_present(n, two) for n, (_, two, _) in enumerate(ABSENT)]
    second += [_account("second", n, two) for n, (_, two, _) in enumerate(PAIRS)]
    second += [_statistic("second", n, two) for n, (_, two, _) in enumerate(COUNTED)]
    return _quads(first, "first"), _quads(second, "second")


@cache
def _terms() -> frozenset[Quad]:
    """What the files say of terms and concepts but for texts, which no rule reads."""
    said = (q for q in load() if q.graph_name == graphs.ONTOLOGY or "vocabulary/" in str(q.graph_name))
    return frozenset(q for q in said if not isinstance(q.object, Literal))


def _objections(quads: set[Quad]) -> dict[str, set[str]]:
    """Return the objections in graph/inferred, by the number of the pair."""
    found: dict[str, set[str]] = {}
    for quad in quads:
        if quad.predicate.value in OBJECTING and quad.graph_name == graphs.INFERRED:
            kind, _, rest = str(quad.subject.value).removeprefix(ns.ID).partition("/")
            by, _, number = rest.partition("-")
            to = str(quad.object.value).rpartition("/")[2].partition("-")[0]
            found.setdefault(f"{kind}-{number}", set()).add(f"{by} {OBJECTING[quad.predicate.value]} {to}")
    return found


def _expected() -> dict[str, set[str]]:
    of_accounts = {f"account-{n}": told for n, (_, _, told) in enumerate(PAIRS) if told}
    for number, (_, _, told) in enumerate(ABSENT):
        for kind, by in ("absence", "first"), ("account", "second"):
            if said := {one for one in told if one.startswith(by)}:
                of_accounts[f"{kind}-a{number}"] = said
    return of_accounts | {f"statistic-{n}": _each(told) for n, (_, _, told) in enumerate(COUNTED) if told}


def _each(told: set[str]) -> set[str]:
    """Return `each kind` as the objections of both to one another."""
    kinds = {one.removeprefix("each ") for one in told if one.startswith("each ")}
    return {one for one in told if not one.startswith("each ")} | {
        f"{by} {kind} {to}" for kind in kinds for by, to in (("first", "second"), ("second", "first"))
    }


@pytest.fixture(scope="module")
def built() -> set[Quad]:
    first, second = _planted()
    return set(infer([*_terms(), *first, *second]))


def test_each_planted_pair_is_told_by_a_build(built: set[Quad]) -> None:
    assert len(PAIRS) + len(COUNTED) + len(ABSENT) >= 140
    assert _objections(built) == _expected()


@pytest.mark.slow  # 100 changes in one
def test_each_planted_pair_is_told_by_a_change_and_untold_by_its_undoing(built: set[Quad]) -> None:
    first, second = _planted()
    stated = {*_terms(), *first}
    before = {*stated, *infer(stated)}
    store = Store()
    store.bulk_extend([*before, *default_graph_once(before)])
    changes = UnionChanges(store)
    follows = changes.of(store, second, set())
    store.extend([*second, *follows.added])
    for quad in follows.removed:
        store.remove(quad)
    assert {quad for quad in store if quad.graph_name == graphs.INFERRED} == built
    back = changes.of(store, set(), second)
    assert back.added == follows.removed
    assert back.removed == follows.added
