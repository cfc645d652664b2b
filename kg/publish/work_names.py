"""The short names of works, which stand before the names of passages wherever several works stand together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kg.publish.works import works
from kg.rdf import namespaces as ns
from kg.rdf.labels import display_names
from kg.rdf.lookup import match
from kg.rdf.passages import work_of_passage
from kg.rdf.snapshots import once_per_snapshot
from kg.rdf.vocabulary import SKOS
from kg.readings import Reading

_PASSAGE = ns.PREFIXES["passage"]


@Reading
def work_names(store: Store, data_sets: bool = False) -> dict[str, str]:
    """Return the short name of each work, such as `RUSI 2025`, by its name in the IRIs of passages.

    Data sets, whose entries name them, are left out unless they are asked for.
    """
    return {name: label for name, label, is_data_set in _names(store) if data_sets or not is_data_set}


def named_in_work(names: Mapping[str, str], iri: str, text: str) -> str:
    """Return the text of a thing; that of a passage begins with the name of its work if there are several works."""
    name = names.get(work_of_passage(iri), "") if iri.startswith(_PASSAGE) and len(names) > 1 else ""
    return text if text.startswith(name) else f"{name}, {text}"


def passage_names(store: Store, labels: Iterable[str]) -> dict[str, str]:
    """Return by label, by which queries list passages, the display names of passages with their works.

    Labels of other things, and of several, are left out.
    """
    works = work_names(store)
    names: dict[str, str] = {}
    for text in labels:
        found = {q.subject for q in match(store, None, SKOS.prefLabel, Literal(text, language="en"), DefaultGraph())}
        for thing in found:
            if isinstance(thing, NamedNode) and len(found) == 1 and thing.value.startswith(_PASSAGE):
                names[text] = named_in_work(works, thing.value, display_names(store, [thing.value])[thing.value])
    return names


def added_by_others(names: Mapping[str, str], own: Sequence[Hashable], every: Sequence[Hashable]) -> str:
    """Say what works beside the first add to the rows of an answer: `RUSI 2025 adds 2 rows and changes 1.`

    `own` are the rows of the first work, `every` those of all. A row of the first that is not among all has changed, or
    is gone.
    """
    new = (Counter(every) - Counter(own)).total()
    gone = (Counter(own) - Counter(every)).total()
    others = [name for work, name in sorted(names.items()) if work]
    s = "s" if len(others) == 1 else ""
    counted = {"add": new - gone, "change": min(new, gone), "remove": gone - new}
    parts = [f"{verb}{s} {number} row{'' if number == 1 else 's'}" for verb, number in counted.items() if number > 0]
    said = " and ".join(parts) or f"add{s} nothing"
    return f"{' and '.join(others)} {said}."


@once_per_snapshot
def _names(store: Store) -> tuple[tuple[str, str, bool], ...]:
    """Return of each work its name in IRIs, its short name, and whether it is a data set, in a snapshot."""
    return tuple((work["name"], work["label"], work["is_data_set"]) for work in works(store))
