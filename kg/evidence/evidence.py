"""Evidence for the rows of a SELECT: the passages and sources that support each, and those that contradict it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any, ClassVar

from pyoxigraph import NamedNode, QueryResultsFormat, QuerySolution, QuerySolutions, Store, Triple, parse_query_results

from kg.errors import QueryError
from kg.evidence.probes import Gap
from kg.evidence.row_sources import RowWitnesses, WitnessFinder
from kg.evidence.triple_sources import TripleSources
from kg.objections import CONTRADICTING_KINDS, Objection, as_literal, objections_of
from kg.queries import Question
from kg.rdf.vocabulary import CD, SKOS
from kg.rules import Derivations
from kg.sparql.evaluation import Dataset, Unions
from kg.sparql.text.groups import UnexpectedTokenError, parse_query

COLUMNS = ("evidence", "saysOtherwise", "objections")
"""The columns that are added to a table.

The first two have IRIs with spaces between them, and are unbound where there are none; `saysOtherwise`, which stays
until 2.0, those that deny or count otherwise. `objections` has all kinds, as `kg.objections.as_literal` has it.
"""
COLUMN_MEANINGS = (
    "the passages and sources that say so",
    "those that deny it or give another number",
    "who objects, and in which way",
)
"""What the values of COLUMNS say, in the same order."""

_JSON = QueryResultsFormat.JSON


@dataclass(frozen=True)
class RowEvidence:
    """The sources of one row, and those that contradict it: IRIs of passages and sources, in reading order.

    `objections` say how each source objects, the most serious first; `otherwise` are those that deny it or give another
    number.
    """

    sources: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    objections: tuple[Objection, ...] = ()

    @classmethod
    def from_json(cls, described: Mapping[str, Any]) -> RowEvidence:
        """Return one that went through JSON."""
        objections = (Objection(**objection) for objection in described["objections"])
        return cls(tuple(described["sources"]), tuple(described["otherwise"]), tuple(objections))


@dataclass(frozen=True)
class Evidence:
    """The rows of an answer, in its order, with their evidence; `gaps` are the parts of the query without evidence.

    `answer` is the answer in the JSON of SPARQL results, or its first rows if there are `more`. `has_objections` is
    true if the query has a column of objections itself. `called` maps all IRIs in it to the names that people read.
    """

    answer: Mapping[str, Any]
    rows: tuple[RowEvidence, ...]
    gaps: tuple[Gap, ...]
    more: bool = False
    has_objections: bool = False
    called: Mapping[str, str] = field(default_factory=dict)

    @property
    def iris(self) -> set[str]:
        """The IRIs of the sources of all rows, of those that object, and of what the objections are about."""
        objections = (objection for row in self.rows for objection in row.objections)
        about = {iri for objection in objections for iri in (objection.passage, objection.about)}
        return about | {iri for row in self.rows for iri in row.sources}

    @property
    def beside(self) -> dict[str, Any]:
        """What belongs to all rows, as JSON-serialisable values: gaps, and whether there is a column of objections."""
        return {"gaps": [asdict(gap) for gap in self.gaps], "has_objections": self.has_objections}

    @property
    def objections(self) -> list[dict[str, str]]:
        """The objections to all rows, each once, as programs read them."""
        return [one.as_json() for one in dict.fromkeys(one for row in self.rows for one in row.objections)]

    def with_columns(self, written: Callable[[str], str] = str) -> bytes:
        """Return the answer with the columns of COLUMNS added, in the JSON of SPARQL results.

        `written` returns the form of an IRI for the first two of them.
        """
        names = list(self.answer["head"]["vars"])
        added = added_columns(names, has_objections=self.has_objections)
        bindings = [
            {**binding, **dict(_cells(added, row, written))}
            for binding, row in zip(self.answer["results"]["bindings"], self.rows, strict=True)
        ]
        whole = {"head": {"vars": [*names, *added]}, "results": {"bindings": bindings}}
        return json.dumps(whole, ensure_ascii=False).encode()


def added_columns(names: Sequence[str], *, has_objections: bool) -> list[str]:
    """Return the names of the columns that are added to those of a table, which may have objections itself."""
    wanted = COLUMNS[:2] if has_objections else COLUMNS
    return [_unused_name(name, names) for name in wanted]


class EvidenceFinder:
    """Finds evidence in one snapshot, and caches it from query to query."""

    MOST_SOLUTIONS: ClassVar = 200_000
    """Solutions of a query, and of the SELECTs within it, that are looked at; rows are fewer where they are grouped."""

    def __init__(self, store: Store, unions: Unions) -> None:
        self._store = store
        self._unions = unions
        self._carriers = TripleSources(store, lambda: self._derivations)

    @cached_property
    def _derivations(self) -> Derivations:
        return Derivations(self._store)

    def read_rules(self) -> None:
        """Read the rules now, not when they are first needed."""
        assert self._derivations

    def find(self, text: str, dataset: Dataset | None, most_rows: int) -> tuple[Evidence, list[str]]:
        """Return the first rows of a SELECT on a data set, or on the whole store, with their evidence.

        The second value lists functions in the query that the engine does not know.

        Raises QuerySyntaxError, and QueryError for another form of query and for too many solutions.
        """
        asked, text = (
            text,
            Question.without_objections(text),
        )  # those are found here anyway
        answer, undefined = self._unions.evaluate(text, dataset)
        if not isinstance(answer, QuerySolutions):
            raise QueryError("Only the rows of a SELECT have evidence.", "Write SELECT, or ask without evidence.")
        table = json.loads(answer.serialize(format=_JSON) or b"")
        bindings = table["results"]["bindings"]
        more = len(bindings) > most_rows
        del bindings[most_rows:]
        try:
            rows = _solutions(table)
            known, gaps = self._witnesses(text, dataset, rows)
        except UnexpectedTokenError as error:
            gap = Gap("the query", f"its patterns are not understood: expected {error}")
            return Evidence(table, tuple(RowEvidence() for _ in bindings), (gap,), more), undefined
        told = list(self._of_rows(rows, known))
        if None in told:
            gaps.append(Gap("some rows", "their values differ each time the query is evaluated"))
        found = tuple(row or RowEvidence() for row in told)
        has_objections = asked != text and COLUMNS[2] in table["head"]["vars"]
        if has_objections:
            for binding, row in zip(bindings, found, strict=True):
                binding[COLUMNS[2]] = _cell_of(row)
        return Evidence(table, found, tuple(gaps), more, has_objections), undefined

    def _witnesses(
        self, text: str, dataset: Dataset | None, rows: Sequence[QuerySolution]
    ) -> tuple[RowWitnesses, list[Gap]]:
        def ask(query: str) -> QuerySolutions:
            found = self._unions.evaluate(query, dataset)[0]
            assert isinstance(found, QuerySolutions)
            return found

        query = parse_query(text)
        within = self._carriers.members(dataset.default_graphs) if dataset is not None else None
        witnesses = WitnessFinder(query, ask, self._carriers, within, self.MOST_SOLUTIONS)
        return witnesses.find(query.select, rows), witnesses.gaps

    def _of_rows(self, rows: Sequence[QuerySolution], known: RowWitnesses) -> Iterator[RowEvidence | None]:
        """Yield the evidence of each row, None for one that no solution leads to."""
        found: dict[int, RowEvidence] = {}
        for row in rows:
            witness = known.of(tuple(row[name] for name in known.names))
            if witness is None:
                yield None
                continue
            if id(witness) not in found:
                triples = witness.triples
                objections = objections_of(self._store).to(chain.from_iterable(map(_things, triples)), triples)
                found[id(witness)] = RowEvidence(
                    self._carriers.in_order(witness.sources),
                    self._carriers.in_order({one.passage for one in objections if one.kind in CONTRADICTING_KINDS}),
                    objections,
                )
            yield found[id(witness)]


def _solutions(table: Mapping[str, Any]) -> list[QuerySolution]:
    rows = parse_query_results(json.dumps(table).encode(), _JSON)
    assert isinstance(rows, QuerySolutions)
    return list(rows)


def _things(triple: Triple) -> Iterator[str]:
    """Yield the subject of a triple and, if that is an account, the thing of which it is an account.

    A name says nothing of its subject to which anybody could object.
    """
    if isinstance(triple.subject, NamedNode) and triple.predicate != SKOS.prefLabel:
        yield triple.subject.value
    if triple.predicate == CD.accountOf and isinstance(triple.object, NamedNode):
        yield triple.object.value


def _unused_name(name: str, taken: Sequence[str]) -> str:
    return name if name not in taken else _unused_name(f"{name}_", taken)


def _cells(
    names: Sequence[str], row: RowEvidence, written: Callable[[str], str]
) -> Iterator[tuple[str, dict[str, str]]]:
    for name, iris in zip(names, (row.sources, row.otherwise), strict=False):
        if iris:
            yield name, {"type": "literal", "value": " ".join(map(written, iris))}
    for name in names[2:]:
        yield name, _cell_of(row)


def _cell_of(row: RowEvidence) -> dict[str, str]:
    return {"type": "literal", "value": as_literal(row.objections)}
