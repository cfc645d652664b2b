"""The templates of INSERT and DELETE: parsed by the engine itself, filled with solutions by us.

Each variable of a template stands for an IRI of our own while the engine parses it, as the one solution of a VALUES, so
that the template comes back as quads. Runs where a stranger's text may be parsed: in a process that can be killed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, QuerySolution, Store, Triple

from kg import namespaces as ns
from kg.query_tokens import tokens
from kg.update_errors import UpdateError

Term = NamedNode | BlankNode | Literal | DefaultGraph | Triple | None

_VARIABLE = re.compile(r"[?$]([\w\u00b7\u0300-\u036f\u203f\u2040]+)")  # SPARQL 1.1, VARNAME


class Template:
    """Quads with variables, and with blank nodes, which are new ones for each solution."""

    def __init__(self, declarations: str, graph: str | None, text: str) -> None:
        """Parse a template in braces; its statements outside GRAPH go to `graph`, that of WITH.

        Raises SyntaxError, and UpdateError for a triple term.
        """
        named = {match[1] for token in tokens(text) if (match := _VARIABLE.match(text, token.start))}
        self.variables = sorted(named)
        prefix = f"urn:uuid:{uuid4()}:"
        self._names = {NamedNode(f"{prefix}{place}"): name for place, name in enumerate(self.variables)}
        scratch = Store()
        scratch.update(self._insertion(declarations, graph, text or "{}"), base_iri=ns.BASE, prefixes=ns.PREFIXES)
        self._quads = list(scratch)
        for quad in self._quads:
            _refuse_triple_term(quad.object)

    def _insertion(self, declarations: str, graph: str | None, text: str) -> str:
        variables = " ".join(f"?{name}" for name in self.variables)
        values = " ".join(map(str, self._names))
        scope = f"WITH <{graph}> " if graph else ""
        return f"{declarations}{scope}INSERT {text} WHERE {{ VALUES ({variables}) {{ ({values}) }} }}"

    @property
    def has_blank_nodes(self) -> bool:
        """Whether each solution makes new nodes."""
        return any(isinstance(term, BlankNode) for quad in self._quads for term in (quad.subject, quad.object))

    @property
    def writes_default_graph(self) -> bool:
        """Whether statements stand outside any graph."""
        return any(isinstance(quad.graph_name, DefaultGraph) for quad in self._quads)

    @property
    def graphs(self) -> set[str]:
        """The IRIs of the graphs that it names itself."""
        names = {quad.graph_name for quad in self._quads} - self._names.keys()
        return {name.value for name in names if isinstance(name, NamedNode)}

    def filled(self, solution: QuerySolution) -> Iterator[Quad]:
        """Yield the quads of a solution, without those that are none: unbound, or a literal as subject and the like.

        Raises UpdateError for a triple term (SPARQL 1.1 Update, section 3.1.3).
        """
        nodes: dict[BlankNode, BlankNode] = {}
        for quad in self._quads:
            subject, predicate, value, graph = (self._value(term, solution, nodes) for term in quad)
            _refuse_triple_term(value)
            _refuse_triple_term(subject)
            if (
                isinstance(subject, NamedNode | BlankNode)
                and isinstance(predicate, NamedNode)
                and isinstance(value, NamedNode | BlankNode | Literal)
                and isinstance(graph, NamedNode)
            ):
                yield Quad(subject, predicate, value, graph)

    def _value(self, term: Term, solution: QuerySolution, nodes: dict[BlankNode, BlankNode]) -> Term:
        if isinstance(term, BlankNode):
            return nodes.setdefault(term, BlankNode())
        if isinstance(term, NamedNode) and term in self._names:
            term = solution[self._names[term]]
        return term


def _refuse_triple_term(term: Term) -> None:
    if isinstance(term, Triple):
        raise UpdateError("The update writes a triple term.", "Write RDF 1.1: cd:StatementReference names a triple.")
