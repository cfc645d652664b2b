"""Witnesses of the rows of a SELECT: the solutions behind each row, with the triples that their patterns match."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, NamedNode, Quad, QuerySolution, QuerySolutions, RdfFormat, Triple, parse

from kg.errors import QueryError
from kg.evidence.probes import Gap, Inner, Probe, key_columns, probe_query
from kg.evidence.triple_sources import Basis, TripleSources
from kg.rdf.change import canonicalise
from kg.rdf.lookup import Term
from kg.rdf.vocabulary import CD, RDF
from kg.sparql.text.groups import ParsedQuery, Select

Statement = tuple[Triple, Basis]
"""A triple of a solution, and what it rests on."""


def attesting_sources(solution: Sequence[Statement]) -> Iterator[frozenset[str]]:
    """Yield the sources of each triple of a solution that count for it.

    Each passage that speaks of a relation states its type and its parties again. Beside a statement that one of them
    makes alone, such as a year, these make all others look like sources of the year.

    Of a thing of which the solution has an account, what the source of the account states counts from there alone. So
    does what follows from that account alone, as a pair of twins from the account of a tie. The type of a thing counts
    from the sources of the rest that is said of it. A triple that none of these state keeps all its sources, so that
    each stays attested.
    """
    things = {triple.subject: triple.object for triple, _ in solution if triple.predicate == CD.accountOf}
    by_accounts: dict[object, set[str]] = defaultdict(set)
    for triple, basis in solution:
        if triple.subject in things:
            by_accounts[things[triple.subject]] |= basis.sources
    narrowed = []
    for triple, basis in solution:
        sources = _narrow(basis.sources, by_accounts.get(triple.subject))
        sufficient = (account.sources for stated, account in solution if stated in basis.accounts)
        narrowed.append((triple, _narrow(sources, set().union(*sufficient))))
    by_rest: dict[object, set[str]] = defaultdict(set)
    for triple, sources in narrowed:
        if triple.predicate != RDF.type:
            by_rest[triple.subject] |= sources
    for triple, sources in narrowed:
        yield _narrow(sources, by_rest.get(triple.subject)) if triple.predicate == RDF.type else sources


def _narrow(sources: frozenset[str], to: set[str] | None) -> frozenset[str]:
    return (sources & to or sources) if to else sources


Key = tuple[Term | None, ...]
Ask = Callable[[str], QuerySolutions]

_SUBJECT = "<urn:s> <urn:p>"


@dataclass
class Witness:
    """The support of a row: its sources, and the triples."""

    sources: set[str] = field(default_factory=set)
    triples: set[Triple] = field(default_factory=set)

    def add(self, sources: Iterable[str], triples: Iterable[Triple]) -> None:
        """Add sources and triples."""
        self.sources.update(sources)
        self.triples.update(triples)


class RowWitnesses:
    """The rows of a SELECT with their witnesses, by the values of the columns that identify a row."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        self._by_key: dict[Key, Witness] = {}
        self._has_gaps = False

    def at(self, values: Mapping[str, Term | None]) -> Witness:
        """Return the witness of the row with these values; create it if there is none."""
        key = tuple(values[name] for name in self.names)
        self._has_gaps = self._has_gaps or None in key
        return self._by_key.setdefault(key, Witness())

    def of(self, key: Key) -> Witness | None:
        """Return the witness of a row, None if no solution has its values."""
        return self._by_key.get(key)

    def compatible(self, key: Key) -> list[Witness]:
        """Return the witnesses of the rows from which a solution with these values can come.

        A row may leave columns unbound.
        """
        exact = self._by_key.get(key)
        if not self._has_gaps:
            return [] if exact is None else [exact]
        fits = (w for k, w in self._by_key.items() if all(a is None or a == b for a, b in zip(k, key, strict=True)))
        return list(fits)


class WitnessFinder:
    """Finds the witnesses of the rows of one query."""

    def __init__(
        self, read: ParsedQuery, ask: Ask, carriers: TripleSources, within: frozenset[str] | None, most: int
    ) -> None:
        """Take a query; `ask` runs a text on its data set, of whose graphs those `within` count outside GRAPH.

        More than `most` solutions are refused.
        """
        self._read = read
        self._ask = ask
        self._carriers = carriers
        self._within = within
        self._left = most
        self._terms: dict[str, Term | None] = {}
        self._prologue = read.prologue
        self.gaps: list[Gap] = []

    def find(self, select: Select, table: Sequence[QuerySolution] | None = None) -> RowWitnesses:
        """Return the witnesses of the rows of a SELECT, or only of those in a table.

        Raises QueryError for too many solutions.
        """
        found = probe_query(self._read, select)
        self.gaps += found.gaps
        inner = [(part, self.find(part.select)) for part in found.inner]
        answer = self._ask(found.query)
        visible = {variable.value for variable in answer.variables}
        if select.columns is None:
            columns = sorted(name for name in visible if not name.startswith(self._read.prefix))
        else:
            columns = [column.name for column in select.columns]
        rows = RowWitnesses([name for name in key_columns(select, columns) if name in visible])
        wanted = None if table is None else {tuple(row[name] for name in rows.names) for row in table}
        probes = [_BoundProbe(probe, self._constant) for probe in found.probes]
        for solution in answer:
            self._left -= 1
            if self._left < 0:
                raise QueryError(
                    "The query has too many solutions to say of each row who says so.",
                    "Add patterns that connect its parts, or values; or ask without evidence.",
                )
            values = _values(solution, rows.names)
            if wanted is not None and tuple(values.values()) not in wanted:
                continue
            witness = rows.at(values)
            self._add_bases(witness, probes, solution, visible)
            for part, known in inner:
                _add_inner_rows(witness, part, known, solution, visible)
        return rows

    def _add_bases(
        self, witness: Witness, probes: Iterable[_BoundProbe], solution: QuerySolution, visible: set[str]
    ) -> None:
        """Add the sources of the triples of a solution, and the triples that they rest on."""
        found = list(filter(None, (probe.triple(solution, visible) for probe in probes)))
        bases = [
            self._carriers.basis(triple, self._within) if graph is None else self._carriers.in_graph(triple, graph)
            for triple, graph in found
        ]
        stated = [(triple, basis) for (triple, _), basis in zip(found, bases, strict=True)]
        for basis, sources in zip(bases, attesting_sources(stated), strict=True):
            witness.add(sources, basis.triples)

    def _constant(self, text: str) -> Term | None:
        """Return the term of a text as the engine stores it, None if it is none."""
        if text not in self._terms:
            self._terms[text] = self._parse_term(text)
        return self._terms[text]

    def _parse_term(self, text: str) -> Term | None:
        if text == "a":
            text = "rdf:type"
        declared = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in self._prologue.prefixes.items())
        try:
            [quad] = parse(f"{declared}{_SUBJECT} {text} .", RdfFormat.TURTLE, base_iri=self._prologue.base)
        except (SyntaxError, ValueError):
            return None
        return canonicalise([Quad(quad.subject, quad.predicate, quad.object)])[0].object


class _BoundProbe:
    """A probe whose terms have been read."""

    def __init__(self, probe: Probe, constant: Callable[[str], Term | None]) -> None:
        pattern = probe.pattern
        terms = (pattern.subject, pattern.predicate, pattern.value, *([probe.graph] if probe.graph else []))
        self._marks = [mark[1:] for mark in probe.marks]
        self._terms = [text[1:] if text[0] in "?$" else constant(text) for text in terms]

    def triple(self, solution: QuerySolution, visible: set[str]) -> tuple[Triple, NamedNode | None] | None:
        """Return the triple of a solution, and the graph of GRAPH; None if the pattern is not in it."""
        if not all(mark in visible and solution[mark] is not None for mark in self._marks):
            return None
        terms = [(solution[t] if t in visible else None) if isinstance(t, str) else t for t in self._terms]
        subject, predicate, value, *graph = terms
        if value is None or not isinstance(subject, NamedNode | BlankNode) or not isinstance(predicate, NamedNode):
            return None
        named = graph[0] if graph else None
        return Triple(subject, predicate, value), named if isinstance(named, NamedNode) else None


def _add_inner_rows(
    witness: Witness, part: Inner, known: RowWitnesses, solution: QuerySolution, visible: set[str]
) -> None:
    values = _values(solution, [*known.names, *(mark[1:] for mark in part.marks)], visible)
    if all(values[mark[1:]] is not None for mark in part.marks):
        for row in known.compatible(tuple(values[name] for name in known.names)):
            witness.add(row.sources, row.triples)


def _values(solution: QuerySolution, names: Iterable[str], visible: set[str] | None = None) -> dict[str, Term | None]:
    return {name: solution[name] if visible is None or name in visible else None for name in names}
