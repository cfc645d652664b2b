"""The short names of works, which stand before the names of passages wherever several works stand together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kg.publish.works.contents import passages_by_work, short_name
from kg.rdf import namespaces as ns
from kg.rdf.labels import display_names
from kg.rdf.lookup import match
from kg.rdf.passages import work_of_passage
from kg.rdf.vocabulary import SKOS
from kg.readings import Reading

_PASSAGE = ns.PREFIXES["passage"]


@Reading
def work_names(store: Store) -> dict[str, str]:
    """Return the short name of each work, such as `RUSI 2025`, by its name in the IRIs of passages."""
    return {name: short_name(store, name, passages) for name, passages in sorted(passages_by_work(store).items())}


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
