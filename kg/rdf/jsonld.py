"""Write RDF as compact JSON-LD: names of a context in the place of IRIs, each node once.

Each document holds the part of the context that it uses, so that it can be read without another request; nothing is
ever fetched. What a library would take is in docs/decisions/dependencies.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from kg.rdf.lookup import Term
from kg.rdf.vocabulary import RDF, XSD

Definition = str | dict[str, str]
"""The definition of a name: the IRI of a prefix or class, or a property with the type or container of its values."""

_WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,14}")  # as JSON and XML Schema both write it, and exact in a double


def to_jsonld(
    statements: Iterable[Quad] | Iterable[Triple],
    context: Mapping[str, Definition],
    first: NamedNode | None = None,
) -> bytes:
    """Return statements as JSON-LD, compact by a context; the node `first` comes before the others."""
    held: dict[NamedNode | BlankNode | DefaultGraph, dict[Term, list[tuple[NamedNode, Term]]]] = {}
    iris: set[str] = set()
    for statement in statements:
        graph = statement.graph_name if isinstance(statement, Quad) else DefaultGraph()
        said = (statement.predicate, statement.object)
        held.setdefault(graph, {}).setdefault(statement.subject, []).append(said)
        iris.update(term.value for term in (graph, statement.subject, *said) if isinstance(term, NamedNode))
    writer = _Writer(context, {iri.partition(":")[0] for iri in iris})
    nodes = [writer.node(node, said) for node, said in held.pop(DefaultGraph(), {}).items()]
    nodes += [
        {"@id": writer.name(graph), "@graph": [writer.node(node, said) for node, said in of_graph.items()]}
        for graph, of_graph in held.items()
    ]
    if first is not None:
        nodes.sort(key=lambda node: node["@id"] != writer.name(first))
    used = ",\n".join(f"    {_json(name)}: {_json(meant)}" for name, meant in sorted(writer.used.items()))
    told = ",\n".join(f"    {_json(node)}" for node in nodes)
    return f'{{\n  "@context": {{\n{used}\n  }},\n  "@graph": [\n{told}\n  ]\n}}\n'.encode()


class _Writer:
    """Writes nodes, and records which names of the context they use."""

    def __init__(self, context: Mapping[str, Definition], schemes: set[str]) -> None:
        """Take a context; a prefix that is a scheme of some IRI would change what that IRI means, and is left out."""
        self.used: dict[str, Definition] = {}
        self._context = context
        self._terms = {_iri_of(meant): name for name, meant in context.items() if not _is_prefix(meant)}
        prefixes = [(meant, name) for name, meant in context.items() if _is_prefix(meant) and name not in schemes]
        self._prefixes = sorted(prefixes, key=lambda pair: -len(str(pair[0])))
        self._names: dict[str, str] = {}

    def node(self, node: Term, said: list[tuple[NamedNode, Term]]) -> dict[str, Any]:
        """Return a node object with its properties."""
        written: dict[str, Any] = {"@id": self.name(node)}
        for predicate, value in said:
            if predicate == RDF.type and not isinstance(value, Literal):
                key, item = "@type", self._term(value) if isinstance(value, NamedNode) else self.name(value)
            else:
                key = self._term(predicate)
                meant = self.used.get(key)
                coerced = meant if isinstance(meant, dict) and not _is_prefix(meant) else {}
                if coerced.get("@container") == "@language":
                    if isinstance(value, Literal) and value.language:
                        _add(written.setdefault(key, {}), value.language, value.value)
                        continue
                    key, coerced = self.name(predicate), {}
                item = self._value(value, coerced.get("@type"))
            _add(written, key, item)
        return written

    def name(self, node: Term | DefaultGraph) -> str:
        """Return a node as an IRI that may have a prefix."""
        if not isinstance(node, NamedNode):
            return str(node)
        iri = node.value
        if iri not in self._names:
            self._names[iri] = self._with_prefix(iri)
        return self._names[iri]

    def _with_prefix(self, iri: str) -> str:
        for namespace, prefix in self._prefixes:
            local = iri.removeprefix(str(namespace))
            if local != iri and local and not local.startswith("//"):
                self.used[prefix] = namespace
                return f"{prefix}:{local}"
        return iri

    def _term(self, node: NamedNode) -> str:
        """Return a class or property by its name in the context, else as an IRI."""
        name = self._terms.get(node.value)
        if name is None:
            return self.name(node)
        self.used[name] = self._context[name]
        return name

    def _value(self, value: Term, kind: str | None) -> Any:
        if isinstance(value, NamedNode | BlankNode):
            return self.name(value) if kind == "@id" else {"@id": self.name(value)}
        assert isinstance(value, Literal)
        if value.language:
            return {"@language": value.language, "@value": value.value}
        native = _native(value)
        if value.datatype.value == kind or (kind is None and isinstance(native, str)):
            return value.value
        if kind is None and native is not None:
            return native
        of_type = {} if value.datatype == XSD.string else {"@type": self.name(value.datatype)}
        return {**of_type, "@value": value.value}


def _native(value: Literal) -> str | bool | int | None:
    """Return a literal as a JSON value, None if that would not round-trip."""
    text, datatype = value.value, value.datatype
    if datatype == XSD.string:
        return text
    if datatype == XSD.boolean:
        return {"true": True, "false": False}.get(text)
    return int(text) if datatype == XSD.integer and _WHOLE_NUMBER.fullmatch(text) else None


def _add(written: dict[str, Any], key: str, item: Any) -> None:
    """Add a value; several become a list."""
    if key not in written:
        written[key] = item
    elif isinstance(written[key], list):
        written[key].append(item)
    else:
        written[key] = [written[key], item]


def _iri_of(meant: Definition) -> str:
    return meant if isinstance(meant, str) else meant["@id"]


def _is_prefix(meant: Definition) -> bool:
    """Return True if a name is a prefix of IRIs (JSON-LD 1.1, section 9.15.1: it ends as a path does)."""
    return isinstance(meant, str) and meant.endswith(("/", "#", ":"))


_json = json.JSONEncoder(ensure_ascii=False).encode
