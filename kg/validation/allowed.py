"""What a constraint would allow, in a few words, for whoever has to mend a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rdflib import SH, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from kg import namespaces as ns

_MOST_MEMBERS = 30


def allowed(shapes: Graph, source: str, component: str) -> str:
    """Return what the constraint component (such as `ClassConstraintComponent`) of a shape would allow, or ""."""
    parameter = component.removesuffix("ConstraintComponent")
    name = parameter[:1].lower() + parameter[1:]
    said = _said(shapes, URIRef(source), name)
    if name in ("qualifiedMinCount", "qualifiedMaxCount"):
        said = [*said, *_said(shapes, URIRef(source), "qualifiedValueShape")]
    return " ".join(said)


def _said(shapes: Graph, shape: Node, name: str) -> list[str]:
    say = _WORDS.get(name)
    return [] if say is None else [say(shapes, value) for value in shapes.objects(shape, SH[name])]


def _shape(shapes: Graph, shape: Node) -> str:
    """Say what a shape demands of a value, as far as it demands it of the value itself."""
    told = [text for name in _OF_VALUES for text in _said(shapes, shape, name)]
    return " and ".join(told) or f"what {_name(shapes, shape)} describes"


def _any_of(shapes: Graph, members: Node) -> str:
    return " or ".join(dict.fromkeys(_shape(shapes, member) for member in Collection(shapes, members)))


def _one_of(shapes: Graph, members: Node) -> str:
    names = [_name(shapes, member) for member in Collection(shapes, members)]
    more = f" and {len(names) - _MOST_MEMBERS} more" if len(names) > _MOST_MEMBERS else ""
    return f"one of {', '.join(names[:_MOST_MEMBERS])}{more}"


def _kind(shapes: Graph, kind: Node) -> str:
    return _KINDS[str(kind).removeprefix(str(SH))]


def _languages(shapes: Graph, members: Node) -> str:
    return f"text in {' or '.join(map(str, Collection(shapes, members)))}"


def _in_words(words: str) -> Callable[[Graph, Node], str]:
    return lambda shapes, value: words.format(_name(shapes, value))


def _name(shapes: Graph, node: Node) -> str:
    if isinstance(node, URIRef):
        return ns.compact(str(node))
    if isinstance(node, Literal):
        return str(node)
    return " and ".join(_properties(shapes, node)) or "a nested shape"


def _properties(shapes: Graph, shape: Node) -> Iterator[str]:
    for held in shapes.objects(shape, SH.property):
        yield _name(shapes, shapes.value(held, SH.path) or held)


_KINDS = {
    "IRI": "an IRI",
    "BlankNode": "a blank node",
    "Literal": "a literal",
    "IRIOrLiteral": "an IRI or a literal",
    "BlankNodeOrIRI": "an IRI or a blank node",
    "BlankNodeOrLiteral": "a literal or a blank node",
}
_WORDS: dict[str, Callable[[Graph, Node], str]] = {
    "class": _in_words("a node of class {}"),
    "datatype": _in_words("a literal of {}"),
    "nodeKind": _kind,
    "in": _one_of,
    "hasValue": _in_words("{}"),
    "node": _shape,
    "or": _any_of,
    "languageIn": _languages,
    "pattern": _in_words("text that matches {}"),
    "minLength": _in_words("{} characters or more"),
    "maxLength": _in_words("{} characters or fewer"),
    "minInclusive": _in_words("{} or more"),
    "maxInclusive": _in_words("{} or less"),
    "minExclusive": _in_words("more than {}"),
    "maxExclusive": _in_words("less than {}"),
    "minCount": _in_words("at least {}"),
    "maxCount": _in_words("at most {}"),
    "qualifiedMinCount": _in_words("at least {} of:"),
    "qualifiedMaxCount": _in_words("at most {} of:"),
    "qualifiedValueShape": _shape,
    "uniqueLang": lambda shapes, value: "one for each language",
    "equals": _in_words("the values of {}"),
    "disjoint": _in_words("none of the values of {}"),
    "lessThan": _in_words("less than {}"),
    "lessThanOrEquals": _in_words("no more than {}"),
}
_OF_VALUES = "class datatype nodeKind in hasValue node or languageIn pattern minInclusive maxInclusive".split()
