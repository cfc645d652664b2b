"""What a parameter can be: the values that the graph has for it, with their labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg import namespaces as ns
from kg.catalogue import CannedQuery, Parameter
from kg.describing import rows
from kg.errors import BadValueError
from kg.parameters import as_term, shown

_IN_SCHEME = NamedNode(ns.PREFIXES["skos"] + "inScheme")
_LABELLED = """SELECT DISTINCT ?value ?label {
  %s OPTIONAL { ?value skos:prefLabel|rdfs:label ?label . FILTER (LANG(?label) = "en") }
} ORDER BY ?label ?value"""
_MOST_SHOWN = 20


@dataclass(frozen=True)
class Choice:
    """A value as a client gives it, and what people call it."""

    value: str
    label: str


def of(store: Store, parameter: Parameter) -> tuple[Choice, ...]:
    """Return the values that a parameter can take, by label; none where every value of its type will do.

    They are the concepts of its scheme, the instances of its class, or the list that the query states.
    """
    if isinstance(parameter.choices, tuple):
        return _listed(store, parameter)
    property_and_object = _shared(parameter)
    return _found(store, "?value {} {} .".format(*property_and_object)) if property_and_object else ()


def checked(store: Store, query: CannedQuery, values: Mapping[str, str]) -> dict[str, str]:
    """Return values in the form that the choices have: `city:london` for `london`. Empty ones count as not given.

    Raises BadValueError for one that is not among the choices; it says which value comes near. Raises
    UnknownNameError for a parameter that the query does not have.
    """
    return {name: _checked(store, query.parameter(name), value) for name, value in values.items() if value}


def _checked(store: Store, parameter: Parameter, value: str) -> str:
    try:
        term = as_term(parameter, value)
        if _is_choice(store, parameter, term):
            return _name(term)
    except BadValueError:
        if not of(store, parameter):
            raise
    known = of(store, parameter)
    raise BadValueError(
        f"The parameter {parameter.name} cannot be {shown(value)}: {_wanted(parameter)} is needed."
        + _near(value, known),
        f"For example: {parameter.example}. There are: {_enumerated(known)}.",
    )


def _is_choice(store: Store, parameter: Parameter, term: NamedNode | Literal) -> bool:
    """Say whether a term that fits its type is one of the choices, without listing them."""
    property_and_object = _shared(parameter)
    if property_and_object is None:
        return True
    return isinstance(term, NamedNode) and Quad(term, *property_and_object, DefaultGraph()) in store


def _shared(parameter: Parameter) -> tuple[NamedNode, NamedNode] | None:
    """Return the property and object that the choices of the graph share, None if it does not decide."""
    if isinstance(parameter.choices, str):
        return _IN_SCHEME, NamedNode(ns.VOCABULARY + parameter.choices)
    if parameter.of_class is not None:
        return ns.RDF_TYPE, NamedNode(ns.expand(parameter.of_class) or "")
    return None


def _listed(store: Store, parameter: Parameter) -> tuple[Choice, ...]:
    terms = {value: as_term(parameter, value) for value in parameter.choices or ()}
    iris = " ".join(str(term) for term in terms.values() if isinstance(term, NamedNode))
    labels = {choice.value: choice.label for choice in _found(store, f"VALUES ?value {{ {iris} }}")}
    return tuple(Choice(value, labels.get(value, value)) for value in terms)


def _found(store: Store, pattern: str) -> tuple[Choice, ...]:
    labels: dict[str, str] = {}
    for row in rows(store, _LABELLED % pattern):
        name = _name(row["value"])
        labels.setdefault(name, row["label"].value if row["label"] else name)
    return tuple(Choice(*pair) for pair in labels.items())


def _name(term: NamedNode | Literal) -> str:
    return ns.compact(term.value) if isinstance(term, NamedNode) else term.value


def _wanted(parameter: Parameter) -> str:
    if isinstance(parameter.choices, str):
        return f"a concept of the scheme {parameter.choices}"
    return "one of its choices" if parameter.choices else f"a {parameter.of_class} of the graph"


def _near(value: str, known: tuple[Choice, ...]) -> str:
    spellings = {choice.label.lower(): choice.value for choice in known}
    spellings |= {choice.value.rpartition(":")[2]: choice.value for choice in known}
    spellings |= {choice.value: choice.value for choice in known}
    near = get_close_matches(value.lower(), spellings, n=1, cutoff=0.6)
    return f" Did you mean {spellings[near[0]]!r}?" if near else ""


def _enumerated(known: tuple[Choice, ...]) -> str:
    names = ", ".join(choice.value for choice in known[:_MOST_SHOWN])
    more = len(known) - _MOST_SHOWN
    return f"{names} and {more} more" if more > 0 else names
