"""The twinnings of a table of the report, as a table again: who, with whom, as printed, and where "n.a." stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict

from pyoxigraph import DefaultGraph, Literal, NamedNode

from kg.nearest import nearest
from kg.publish.wording import Facts, NamedThing, TaggedText, Wording, texts, thing_of_account
from kg.publish.works.sides import DisagreementBrief, severity_key
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, RDF

TWINNING = NamedNode(f"{ns.VOCABULARY}tie-kind/twinning")


class TwinningRow(TypedDict):
    """A row: two cities and their twinning, or a city with the absence of any (`other` and `tie` are None then)."""

    statement: str
    city: NamedThing
    other: NamedThing | None
    tie: NamedThing | None
    mark: str
    """Of an absence: how the table marks it."""
    printed: list[str]
    notes: list[TaggedText]
    against: list[DisagreementBrief]


class TwinningTable(TypedDict):
    """Rows by the name of the first city. `country` is that of the second column, `standing` that of all its twins."""

    country: NamedThing | None
    standing: NamedThing | None
    rows: list[TwinningRow]


def twinning_table(
    wording: Wording,
    passage: NamedNode,
    graph: NamedNode,
    stated: Mapping[NamedNode, Facts],
    against: Mapping[str, list[DisagreementBrief]],
) -> TwinningTable | None:
    """Return the twinnings and absences of twins among what a passage has stated as a table, None if it is not one."""
    kinds = wording.facts(passage, DefaultGraph()).get(CD.passageKind, [])
    if not any(str(kind).endswith("/table>") for kind in kinds):
        return None
    absences = {node: facts for node, facts in stated.items() if TWINNING in facts.get(CD.tieKind, [])}
    country = next((c for facts in absences.values() for c in nodes(facts.get(CD.counterpart, []))), None)
    rows = [_absence_row(wording, node, facts) for node, facts in absences.items()]
    for node, facts in stated.items():
        thing = thing_of_account(facts)
        if thing and CD.Twinning in wording.facts(thing, graph).get(RDF.type, []):
            twins = nodes(wording.facts(thing, graph).get(CD.twin, []))
            rows.append(_twinning_row(wording, node, facts, thing, _order_twins(wording, twins, country)))
    if not rows:
        return None
    for row in rows:
        takes_part = (row["tie"]["iri"] if row["tie"] else "", row["statement"])
        row["against"] = sorted((one for iri in takes_part for one in against.get(iri, [])), key=severity_key)
    counted = {standing for facts in stated.values() for standing in nodes(facts.get(CD.standing, []))}
    rows.sort(key=lambda row: (row["city"]["text"], row["other"]["text"] if row["other"] else ""))
    return TwinningTable(
        country=wording.name_of(country) if country else None,
        standing=wording.name_of(*counted) if len(counted) == 1 else None,
        rows=rows,
    )


def nodes(values: Iterable[object]) -> list[NamedNode]:
    """Return those values that are things."""
    return [value for value in values if isinstance(value, NamedNode)]


def _order_twins(wording: Wording, twins: list[NamedNode], country: NamedNode | None) -> list[NamedNode]:
    """Return two twins, last the one in the country of the second column."""
    return sorted(
        twins, key=lambda twin: (country in wording.facts(twin, DefaultGraph()).get(CD.within, []), str(twin))
    )


def _twinning_row(
    wording: Wording, node: NamedNode, facts: Facts, thing: NamedNode, twins: list[NamedNode]
) -> TwinningRow:
    city, other = (wording.name_of(twin) for twin in twins)
    names = [value.value for value in facts.get(CD.printedName, []) if isinstance(value, Literal)]
    first = nearest(city["text"].upper(), [name.upper() for name in names], cutoff=0)
    return TwinningRow(
        statement=node.value,
        city=city,
        other=other,
        tie=wording.name_of(thing),
        mark="",
        printed=sorted(names, key=lambda name: name.upper() != first),
        notes=texts(facts, CD.note),
        against=[],
    )


def _absence_row(wording: Wording, node: NamedNode, facts: Facts) -> TwinningRow:
    (city, *_), basis = nodes(facts[CD.absentFor]), nodes(facts.get(CD.absenceBasis, []))
    return TwinningRow(
        statement=node.value,
        city=wording.name_of(city),
        other=None,
        tie=None,
        mark=wording.name_of(basis[0])["text"] if basis else "",
        printed=[value.value for value in facts.get(CD.printedName, []) if isinstance(value, Literal)],
        notes=texts(facts, CD.says),
        against=[],
    )
