"""The twinnings of a table of the report, as a table again: who, with whom, as printed, and where "n.a." stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict

from pyoxigraph import DefaultGraph, Literal, NamedNode

from kg.nearest import nearest
from kg.publish.wording import Facts, Named, Text, Wording, texts, thing_of
from kg.publish.works.sides import Brief, graveness
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, RDF

TWINNING = NamedNode(f"{ns.VOCABULARY}tie-kind/twinning")


class Row(TypedDict):
    """A row: two cities and their twinning, or a city with the absence of any (`other` and `tie` are None then)."""

    statement: str
    city: Named
    other: Named | None
    tie: Named | None
    mark: str
    """Of an absence: how the table marks it."""
    printed: list[str]
    notes: list[Text]
    against: list[Brief]


class Table(TypedDict):
    """Rows by the name of the first city. `country` is that of the second column, `standing` that of all its twins."""

    country: Named | None
    standing: Named | None
    rows: list[Row]


def table(
    wording: Wording,
    passage: NamedNode,
    graph: NamedNode,
    stated: Mapping[NamedNode, Facts],
    against: Mapping[str, list[Brief]],
) -> Table | None:
    """Return the twinnings and absences of twins among what a passage has stated as a table, None if it is not one."""
    kinds = wording.facts(passage, DefaultGraph()).get(CD.passageKind, [])
    if not any(str(kind).endswith("/table>") for kind in kinds):
        return None
    absences = {node: facts for node, facts in stated.items() if TWINNING in facts.get(CD.tieKind, [])}
    country = next((c for facts in absences.values() for c in nodes(facts.get(CD.counterpart, []))), None)
    rows = [_absence(wording, node, facts) for node, facts in absences.items()]
    for node, facts in stated.items():
        thing = thing_of(facts)
        if thing and CD.Twinning in wording.facts(thing, graph).get(RDF.type, []):
            twins = nodes(wording.facts(thing, graph).get(CD.twin, []))
            rows.append(_twinning(wording, node, facts, thing, _ordered(wording, twins, country)))
    if not rows:
        return None
    for row in rows:
        takes_part = (row["tie"]["iri"] if row["tie"] else "", row["statement"])
        row["against"] = sorted((one for iri in takes_part for one in against.get(iri, [])), key=graveness)
    counted = {standing for facts in stated.values() for standing in nodes(facts.get(CD.standing, []))}
    rows.sort(key=lambda row: (row["city"]["text"], row["other"]["text"] if row["other"] else ""))
    return Table(
        country=wording.named(country) if country else None,
        standing=wording.named(*counted) if len(counted) == 1 else None,
        rows=rows,
    )


def nodes(values: Iterable[object]) -> list[NamedNode]:
    """Return those values that are things."""
    return [value for value in values if isinstance(value, NamedNode)]


def _ordered(wording: Wording, twins: list[NamedNode], country: NamedNode | None) -> list[NamedNode]:
    """Return two twins, last the one in the country of the second column."""
    return sorted(
        twins, key=lambda twin: (country in wording.facts(twin, DefaultGraph()).get(CD.within, []), str(twin))
    )


def _twinning(wording: Wording, node: NamedNode, facts: Facts, thing: NamedNode, twins: list[NamedNode]) -> Row:
    city, other = (wording.named(twin) for twin in twins)
    names = [value.value for value in facts.get(CD.printedName, []) if isinstance(value, Literal)]
    first = nearest(city["text"].upper(), [name.upper() for name in names], cutoff=0)
    return Row(
        statement=node.value,
        city=city,
        other=other,
        tie=wording.named(thing),
        mark="",
        printed=sorted(names, key=lambda name: name.upper() != first),
        notes=texts(facts, CD.note),
        against=[],
    )


def _absence(wording: Wording, node: NamedNode, facts: Facts) -> Row:
    (city, *_), basis = nodes(facts[CD.absentFor]), nodes(facts.get(CD.absenceBasis, []))
    return Row(
        statement=node.value,
        city=wording.named(city),
        other=None,
        tie=None,
        mark=wording.named(basis[0])["text"] if basis else "",
        printed=[value.value for value in facts.get(CD.printedName, []) if isinstance(value, Literal)],
        notes=texts(facts, CD.says),
        against=[],
    )
