"""Values of parameters: the terms that a type allows, and the values in the graph, with their labels."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from itertools import islice

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.errors import AmbiguousValueError, BadValueError, shorten
from kg.names import Names, names_of
from kg.nearest import did_you_mean, nearest
from kg.queries.catalogue import Parameter
from kg.queries.paging import RowRange
from kg.rdf import namespaces as ns
from kg.rdf.labels import english_label
from kg.rdf.lookup import match, nodes_with
from kg.rdf.ontology import successor_of
from kg.rdf.vocabulary import RDF, SKOS, XSD
from kg.sparql.evaluation import select

_MOST_SHOWN = 20  # choices in a message
MOST_LISTED = 2_000
"""Most things that are listed as choices; in a larger class each thing is a choice, found by its name."""


def choices(store: Store, parameter: Parameter, offered: bool = False) -> dict[str, str]:
    """Return the labels of the allowed values of a parameter, by value.

    The result is empty if every value of its type is allowed, or if there are too many to list. Values are the concepts
    of its scheme, the instances of its class, or the list in the query; with `offered`, only those for which the query
    has rows. Withdrawn things are left out.
    """
    if isinstance(parameter.choices, tuple):
        return _listed_choices(store, parameter)
    property_and_object = _choice_pattern(parameter)
    if offered and parameter.offered:
        kind = "?value {} {}".format(*property_and_object) if property_and_object else ""
        rows = select(store, f"SELECT DISTINCT ?value {{ {{ {parameter.offered} }} {kind} }} LIMIT {MOST_LISTED + 1}")
        return _labels_if_few(store, [row["value"] for row in rows])
    if property_and_object is None:
        return {}
    withdrawn = Names.withdrawn_in(store)
    present = (one for one in nodes_with(store, *property_and_object) if one.value not in withdrawn)
    return _labels_if_few(store, list(islice(present, MOST_LISTED + 1)))


def parse_row_count(name: str, value: str) -> int:
    """Return the number of rows that a value names.

    Raises BadValueError for anything but digits of an allowed number.
    """
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise BadValueError(
            f"The parameter {name} cannot be {shorten(value)!r}: a whole number from 0 to {RowRange.MOST} is needed.",
            "For example: 10",
        )
    return int(value)


def as_term(parameter: Parameter, value: str) -> NamedNode | Literal:
    """Return the RDF term of a value. Raises BadValueError with the value and what is allowed."""
    try:
        if len(value) > parameter.LONGEST:
            raise ValueError(f"at most {parameter.LONGEST} characters are read")
        return _READERS[parameter.type](parameter, value)
    except ValueError as error:
        raise BadValueError(
            f"The parameter {parameter.name} cannot be {shorten(value)!r}: {error}",
            f"For example: {parameter.example}",
        ) from None


def check_value(store: Store, parameter: Parameter, value: str) -> str:
    """Return a value as the choices spell it: `city:london` for `london`, its successor for a replaced term or concept.

    Other values are looked up among labels, other names and identifiers (kg.names): `Düsseldorf`, `Q84`; if that does
    not find one thing, among the labels that a form offers. Raises BadValueError for one that is not among the choices,
    with the nearest one, and AmbiguousValueError if several have the name.
    """
    misread: BadValueError | None = None
    try:
        term = as_term(parameter, value)
        if _is_choice(store, parameter, term):
            return _name(successor_of(store, term) if isinstance(term, NamedNode) else term)
    except BadValueError as error:
        if (successor := _listed_successor(store, parameter, value)) is not None:
            return successor
        misread = error
    named = _find_by_name(store, parameter, value)
    if len(named) == 1:
        return _name(named[0])
    if (offered_one := _offered_as(store, parameter, value)) is not None:
        return offered_one
    if named:
        raise _ambiguity(store, parameter, value, named)
    known = choices(store, parameter)
    if misread and not known and not _is_of_the_graph(parameter):
        raise misread
    offered = choices(store, parameter, True) if parameter.offered else known
    brief = f"The parameter {parameter.name} cannot be {shorten(value)!r}: {_expectation(parameter)} is needed."
    wrong = BadValueError(
        did_you_mean(_near(store, parameter, value, known), message=brief),
        f"For example: {parameter.example}." + (f" Available: {_enumerate_choices(offered)}." if offered else ""),
    )
    wrong.brief = brief
    raise wrong


def _listed_successor(store: Store, parameter: Parameter, value: str) -> str | None:
    """Return the listed choice that replaced a term of ours, such as `cd:Office` for `cd:OfficeAbroad`."""
    if not isinstance(parameter.choices, tuple) or not re.fullmatch(r"cd:[A-Za-z]{1,60}", value):
        return None
    successor = ns.compact(successor_of(store, NamedNode(ns.CD + value.removeprefix("cd:"))).value)
    return successor if successor != value and successor in parameter.choices else None


def _find_by_name(store: Store, parameter: Parameter, value: str) -> list[NamedNode]:
    """Return the choices with this name or identifier; labels take precedence over other names."""
    is_prefixed = value.partition(":")[0] in ns.PREFIXES  # which has one meaning
    if is_prefixed or not _is_of_the_graph(parameter):
        return []
    resolved = names_of(store).resolve(value, lambda thing: _is_choice(store, parameter, thing))
    return resolved.prefer(lambda one: english_label(store, one.thing) == value).things


def _offered_as(store: Store, parameter: Parameter, value: str) -> str | None:
    """Return the one choice with rows that has this label, though look-ups by name pass it over, or find others too.

    They pass over twinnings and others whose labels only repeat what they are about.
    """
    if not parameter.offered:
        return None
    found = [choice for choice, label in choices(store, parameter, True).items() if label == value]
    return found[0] if len(found) == 1 else None


def _ambiguity(store: Store, parameter: Parameter, value: str, found: Collection[NamedNode]) -> AmbiguousValueError:
    error = AmbiguousValueError(
        f"The parameter {parameter.name} can be {shorten(value)!r} in {len(found)} ways.",
        f"Say which one: {_enumerate_choices([names_of(store).display_name(thing) for thing in found])}.",
    )
    error.suggestions = [{"value": value, "label": label} for value, label in _labels_of(store, found).items()]
    return error


def _is_of_the_graph(parameter: Parameter) -> bool:
    return parameter.type == "iri" or isinstance(parameter.choices, str)


def _is_choice(store: Store, parameter: Parameter, term: NamedNode | Literal) -> bool:
    """Return True if a term that fits its type is one of the choices, without listing them.

    For a parameter that takes things of any class, every thing of which the graph states something is a choice.
    """
    property_and_object = _choice_pattern(parameter)
    if property_and_object is None:
        return parameter.type != "iri" or next(match(store, term, None, None, DefaultGraph()), None) is not None
    return isinstance(term, NamedNode) and Quad(term, *property_and_object, DefaultGraph()) in store


def _choice_pattern(parameter: Parameter) -> tuple[NamedNode, NamedNode] | None:
    """Return the property and object that all choices in the graph share, None if they share none."""
    if isinstance(parameter.choices, str):
        return SKOS.inScheme, NamedNode(ns.VOCABULARY + parameter.choices)
    if parameter.of_class is not None:
        return RDF.type, NamedNode(ns.expand(parameter.of_class) or "")
    return None


def _listed_choices(store: Store, parameter: Parameter) -> dict[str, str]:
    terms = {value: as_term(parameter, value) for value in parameter.choices or ()}
    labels = _labels_of(store, (term for term in terms.values() if isinstance(term, NamedNode)))
    return {value: labels.get(value, value) for value in terms}


def _labels_if_few(store: Store, terms: Collection[NamedNode]) -> dict[str, str]:
    return _labels_of(store, terms) if len(terms) <= MOST_LISTED else {}


def _labels_of(store: Store, terms: Iterable[NamedNode]) -> dict[str, str]:
    """Return the labels of terms, sorted; a term without an English label comes first, under its name."""
    found = sorted((english_label(store, term) or "", term.value) for term in terms)
    return {ns.compact(iri): label or ns.compact(iri) for label, iri in found}


def _name(term: NamedNode | Literal) -> str:
    return ns.compact(term.value) if isinstance(term, NamedNode) else term.value


def _expectation(parameter: Parameter) -> str:
    if isinstance(parameter.choices, str):
        return f"a concept of the scheme {parameter.choices}"
    return "one of its choices" if parameter.choices else f"a {parameter.of_class or 'thing'} of the graph"


def _near(store: Store, parameter: Parameter, value: str, known: Mapping[str, str]) -> str | None:
    if _is_of_the_graph(parameter):
        near_names = names_of(store).near(
            value.rpartition(":")[2], fits=lambda thing: _is_choice(store, parameter, thing)
        )
        if near_names.things:
            return repr(_name(near_names.things[0]))
    spellings = {label.lower(): choice for choice, label in known.items()}
    spellings |= {choice.rpartition(":")[2]: choice for choice in known}
    spellings |= {choice: choice for choice in known}
    near = nearest(value.lower(), spellings)
    return repr(spellings[near]) if near else None


def _enumerate_choices(known: Collection[str]) -> str:
    names = ", ".join(islice(known, _MOST_SHOWN))
    more = len(known) - _MOST_SHOWN
    return f"{names} and {more} more" if more > 0 else names


def _iri(parameter: Parameter, value: str) -> NamedNode:
    iri = ns.expand(value) or _below_class(parameter, value)
    if iri is None:
        raise ValueError("an IRI or a prefixed name is needed")
    return NamedNode(iri)


def _below_class(parameter: Parameter, value: str) -> str | None:
    """Return the IRI of a bare slug as an entity of the parameter's class, or of a city: `london`.

    A thing of any class that is meant by a slug is a city rather than its team, which is named after it.
    """
    kind = (parameter.of_class or "cd:City").rpartition(":")[2].lower()
    is_slug = re.fullmatch(r"[a-z0-9][a-z0-9.-]*", value)
    return f"{ns.ID}{kind}/{value}" if is_slug and kind in ns.ENTITY_TYPES else None


def _choice(parameter: Parameter, value: str) -> NamedNode | Literal:
    if isinstance(parameter.choices, tuple):
        if value not in parameter.choices:
            raise ValueError(f"one of {', '.join(parameter.choices)} is needed")
        return _iri(parameter, value) if ":" in value else Literal(value)
    iri = ns.expand(value) or f"{ns.VOCABULARY}{parameter.choices}/{value}"
    if not iri.startswith(f"{ns.VOCABULARY}{parameter.choices}/"):
        raise ValueError(f"a concept of the scheme {parameter.choices} is needed")
    return NamedNode(iri)


def _string(parameter: Parameter, value: str) -> Literal:
    return Literal(value, language=parameter.language) if parameter.language else Literal(value)


def _integer(parameter: Parameter, value: str) -> Literal:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", value):
        raise ValueError("a whole number is needed")
    return Literal(str(int(value)), datatype=XSD.integer)


def _date(parameter: Parameter, value: str) -> Literal:
    return Literal(date.fromisoformat(value).isoformat(), datatype=XSD.date)


_READERS = {"iri": _iri, "choice": _choice, "string": _string, "integer": _integer, "date": _date}
