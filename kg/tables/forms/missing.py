"""What is missing of a thing: what many things of its kind have, and it lacks, each with the form that adds it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import TypedDict

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.shape_fields import Field
from kg.rdf.vocabulary import RDF, SKOS
from kg.tables.forms.declarations import FORMS, Form
from kg.tables.things import THING_CLASSES

_MOST_COMPARED = 300
"""Things of a kind with which one is compared."""
_USUAL = 0.1
"""The share of them that has what is listed as missing."""


class MissingPart(TypedDict):
    """What a thing lacks: a property or a tie, the address of the form that adds it, the share that has it."""

    label: str
    address: str
    share: float


def missing_of(store: Store, thing: NamedNode) -> list[MissingPart]:
    """Return what a thing lacks that at least a tenth of the things of its kind have, the most usual first."""
    if (kind := ns.kind_of(thing.value)) not in THING_CLASSES:
        return []
    parts = [*_parts(store, kind)]
    named = match(store, None, RDF.type, THING_CLASSES[kind], DefaultGraph())
    others = [*dict.fromkeys(quad.subject for quad in islice(named, _MOST_COMPARED))]
    name = ns.compact(thing.value)
    counts = Counter(
        at for other in others for at, (form, field) in enumerate(parts) if _has(store, other, form, field)
    )
    return [
        MissingPart(label=_label(*parts[at]), address=parts[at][0].address(name), share=count / len(others))
        for at, count in counts.most_common()
        if count >= _USUAL * len(others) and not _has(store, thing, *parts[at])
    ]


def _parts(store: Store, kind: str) -> Iterator[tuple[Form, Field | None]]:
    """Yield the ties that things of a kind may have, each by its form, and the properties that a form gives them."""
    for form in FORMS.values():
        if form.tie is not None and any(kind in party.types for party in form.parties):
            yield form, None
        if kind in form.kinds:
            yield from (
                (form, field)
                for field in form.fields(store)
                if field.predicate not in (*form.derived, SKOS.editorialNote)
            )


def _has(store: Store, thing: object, form: Form, field: Field | None) -> bool:
    if not isinstance(thing, NamedNode):
        return False
    if field is not None:
        return any(match(store, thing, field.predicate, None, DefaultGraph()))
    ties = (match(store, None, party.predicate, thing, DefaultGraph()) for party in form.parties)
    kind = form.tie.kind if form.tie is not None else ""
    return any(ns.kind_of(str(getattr(quad.subject, "value", ""))) == kind for quads in ties for quad in quads)


def _label(form: Form, field: Field | None) -> str:
    return form.title if field is None else field.texts[0][0].capitalize()
