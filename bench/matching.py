"""How well the things of tables are found: `python -m bench matching DATA`, with the gazetteer of that folder.

The rows are those of public lists of twin towns, labelled by hand with numbers of GeoNames, and judged by
tests.support.labelled. A side is right if it is matched to the place with a right number, or to the thing of the graph
that this place is; wrong if it is matched to anything else, also where no number is right. With `--world` a folder that
has the world (`citykg build --with world`) adds pairs of that, drawn at random and freed of their identifiers; there
the thing itself must be found. Intervals are those of Wilson at 95 %.

`--rows N` plans a table of N rows instead, as an import would, and prints what that takes (memory with the facts of the
world, of which it is made): bodies of the world in pairs drawn at random, half of them with their country, half with
their position, where Natural Earth has these.
"""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from math import sqrt
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import click
from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from bench import tables
from kg.building.world_matches import Body, read_facts, read_world
from kg.gazetteer import Gazetteer
from kg.names import names_of
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD, SKOS
from kg.reconciliation import Reconciler, ThingDescription
from kg.store import DataFolder
from kg.tables import TableMapping, plan
from kg.tables.table import parse_table
from tests.support.labelled import KINDS, Judge, Side, labelled_rows

_SEED = 29
_COLUMNS = ("name", "country", "latitude", "longitude")


def wilson(successes: int, of: int) -> str:
    """Return a share with its interval of 95 % confidence, in per cent."""
    if not of:
        return "–"
    z, share = 1.96, successes / of
    middle, width = share + z * z / (2 * of), z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    low, high = ((middle + sign * width) / (1 + z * z / of) for sign in (-1, 1))
    return f"{share:.1%} ({max(low, 0.0):.1%} to {high:.1%})"


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--world", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A folder with the world.")
@click.option("--pairs", default=500, show_default=True, help="Number of pairs of the world.")
@click.option("--rows", type=int, help="Rows of a large table to plan instead.")
def main(data: Path, world: Path | None, pairs: int, rows: int | None) -> None:
    """Print how many sides of labelled rows, and of pairs of the world, are matched rightly and wrongly."""
    gazetteer = Gazetteer.open(data)
    if gazetteer is None:
        raise click.ClickException(f"{data} has no gazetteer. Make it: citykg gazetteer --data {data}")
    store = DataFolder(data).current_snapshot().store
    if rows is not None:
        _show_large_table(store, gazetteer, rows)
        return
    _show_labelled(Judge(store, gazetteer), labelled_rows())
    if world is not None:
        _show_pairs(DataFolder(world).current_snapshot().store, gazetteer, pairs)


def _show_large_table(store: Store, gazetteer: Gazetteer, count: int) -> None:
    """Print the time, the memory and the outcome of planning a table of pairs of the world."""
    bodies = [body for _, body in sorted(read_world(read_facts()).bodies.items()) if body.names]
    draw = random.Random(_SEED)
    heading = [f"{column}_{side}" for side in "ab" for column in _COLUMNS]
    lines = [",".join(heading)]
    lines += [",".join(cell for body in draw.sample(bodies, 2) for cell in _cells(body, draw)) for _ in range(count)]
    parties = (
        f"city_{side}: {{language: und, new: polity, {', '.join(f'{column}: {column}_{side}' for column in _COLUMNS)}}}"
        for side in "ab"
    )
    source = "source: {name: bench, title: Bench, url: https://example.org/, licence: none}"
    mapping = TableMapping.read("\n".join(("rows: twinnings", source, *parties)).encode())
    table = parse_table("\n".join(lines).encode(), "pairs.csv")
    began = time.process_time()
    planned = plan(table, mapping, names_of(store), gazetteer=gazetteer)
    counts, seconds = planned.counts, time.process_time() - began
    most = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    tables.show(("s of processor", "MB at most", *counts), [(f"{seconds:.1f}", f"{most:.0f}", *counts.values())])


def _cells(body: Body, draw: random.Random) -> tuple[str, ...]:
    country = body.country if draw.random() < 0.5 else ""
    point = body.point if draw.random() < 0.5 else None
    return (f'"{body.names[0]}"', country, *(map(str, point) if point is not None else ("", "")))


def _show_labelled(judge: Judge, rows: Iterable[tuple[Side, Side]]) -> None:
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    whole: Counter[str] = Counter()
    for row in rows:
        verdicts = []
        for side in row:
            able = ("name", *(["country"] if side.country else []), *(["position"] if side.position else []))
            for given in able:
                found = judge.find(side, given)
                place = found.place.geonames if found is not None and found.place is not None else None
                outcome, thing = (found.outcome, found.thing) if found is not None else ("", "")
                verdict = judge.verdict(side, outcome, thing, place)
                counts[side.language, given][verdict] += 1
                counts["all", given][verdict] += 1
            verdicts.append(verdict)
        if all(side.right for side in row):
            whole["right" if verdicts == ["right", "right"] else "open"] += 1
    click.echo("Sides of labelled rows")
    _show_counts({f"{language}: {given}": found for (language, given), found in sorted(counts.items())})
    click.echo(f"Rows with both sides right, by all that they give: {wilson(whole['right'], whole.total())}")


def _show_counts(counts: Mapping[str, Counter[str]]) -> None:
    tables.show(
        ("", "sides", "right", "open", "wrong", "rightly open", "recall", "wrong of those matched"),
        (
            (
                what,
                found.total(),
                *(found[verdict] for verdict in ("right", "open", "wrong", "rightly open")),
                wilson(found["right"], found.total() - found["rightly open"]),
                wilson(found["wrong"], found["right"] + found["wrong"]),
            )
            for what, found in counts.items()
        ),
    )


def _show_pairs(store: Store, gazetteer: Gazetteer, most: int) -> None:
    """Print how the parties of twinnings of the world are found by their names in the source, alone and in pairs."""
    reconciler, counts = Reconciler(names_of(store), gazetteer), defaultdict[str, Counter[str]](Counter)
    pairs = _pairs(store, most)
    for pair in pairs:
        for thing in pair:
            lands = sorted(land for land in reconciler.known.countries(thing) - {thing} if reconciler.known.code(land))
            for given in (
                "name",
                *(["country"] if lands else []),
                *(["position"] if reconciler.known.point(thing) else []),
            ):
                country = lands[0] if given != "name" and lands else ""
                point = reconciler.known.point(thing) if given == "position" else None
                described = ThingDescription((), (_called(store, thing),), country, KINDS, point)
                found = reconciler.find(described)
                counts[given][_verdict(thing, found.outcome if found else "", found.thing if found else "")] += 1
    names = "\n".join(",".join(f'"{_called(store, thing)}"' for thing in pair) for pair in pairs)
    mapping = TableMapping.read(
        b"rows: twinnings\nsource: {name: bench, title: Bench, url: https://example.org/, licence: none}\n"
        b"city_a: {name: a, language: und, new: polity}\ncity_b: {name: b, language: und, new: polity}\n"
    )
    planned = plan(parse_table(f"a,b\n{names}\n".encode(), "pairs.csv"), mapping, names_of(store), gazetteer=gazetteer)
    for pair, row in zip(pairs, planned.rows, strict=True):
        for thing, party in zip(pair, ("city_a", "city_b"), strict=True):
            one = row.things.get(party)
            counts["name, and the pair"][_verdict(thing, one.outcome if one else "", one.thing if one else "")] += 1
    click.echo(f"Sides of {len(pairs)} pairs of the world, by what the source calls them")
    _show_counts(counts)


def _verdict(thing: str, outcome: str, found: str) -> str:
    return "right" if found == thing else "wrong" if outcome in ("known", "new") else "open"


def _pairs(store: Store, most: int) -> list[tuple[str, str]]:
    parties: dict[str, list[str]] = defaultdict(list)
    for quad in match(store, None, CD.twin, None, DefaultGraph()):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
            parties[quad.subject.value].append(quad.object.value)
    pairs = sorted((one, other) for one, other in (sorted(both) for both in parties.values() if len(both) == 2))
    return random.Random(_SEED).sample(pairs, min(most, len(pairs)))


def _called(store: Store, thing: str) -> str:
    """Return the name of a thing in the source, which is of no language, or another one."""
    quads = match(store, NamedNode(thing), SKOS.prefLabel, None, DefaultGraph())
    labels = sorted(
        (one.language != "und", one.value) for one in (quad.object for quad in quads) if isinstance(one, Literal)
    )
    return labels[0][1] if labels else thing.removeprefix(ns.ID)
