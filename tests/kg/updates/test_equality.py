"""Whatever an update says, the change that it is turned into is what the engine itself would have made of the graph."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, event, given, note, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, DefaultGraph, NamedNode, Quad, Store
from pyoxigraph import Dataset as Quads

from kg.history import ConflictError
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.skolemise import GENID
from kg.store.data_folder import DataFolder
from kg.updates import RefusedUpdateError, UpdateError
from kg.updates.evaluation import Fault, OperationEffect, first_fault, operation_effect
from kg.updates.evaluator import Evaluator, GraphState
from kg.updates.to_change import change_of, effects_of
from kg.workers import QueryLimits, QueryPool
from tests.kg.updates.test_to_change import PREFIXES, REPORT, X, Y, quad
from tests.support.stores import with_union
from tests.support.tiers import FEW, MANY

pytestmark = pytest.mark.drawn


class InThisProcess(Evaluator):
    """Evaluates as the real one does, over stores in memory and without a process; for texts that do no harm."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._quads = set(quads)

    def check(self, operations: Sequence[tuple[str, str]]) -> Fault | None:
        return first_fault(Store(), operations)

    def evaluate(self, request: dict[str, Any], state: GraphState | None) -> OperationEffect:
        quads = self._quads if state is None else (self._quads - state.removed) | state.added
        return operation_effect(with_union(quads), json.loads(json.dumps(request)))


class Sayings:
    """Random graphs and updates, of few terms, so that what an update asks for is often there."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def stored(self) -> set[Quad]:
        """Quads of two curated graphs and a passage."""
        some = self._random.choice
        return {quad(some("abc"), some("pq"), some(["a", "b", "c", 1]), some([X, X, Y, REPORT])) for _ in range(12)}

    def update(self) -> list[str]:
        """Operations; a label of a blank node stands in one only."""
        operations = [self._operation() for _ in range(self._random.randint(1, 4))]
        return [operation.replace("_:n", f"_:n{place}") for place, operation in enumerate(operations)]

    def _one(self, *options: str) -> str:
        return self._random.choice(options)

    def _chance(self, percent: int) -> bool:
        return self._random.random() * 100 < percent

    def _some(self, make: Callable[[], str], most: int) -> str:
        return " ".join(make() for _ in range(self._random.randint(1, most)))

    def _writable(self) -> str:
        return self._one("c:x", "c:x", "c:x", "c:y", "c:y", "c:z")

    def _readable(self) -> str:
        return self._one("c:x", "c:x", "c:y", f"<{REPORT}>", "c:z")

    def _data(self, *more: str) -> str:
        def triple() -> str:
            value = self._one("ex:a", "ex:b", "ex:c", "1", f"'01'^^<{ns.PREFIXES['xsd']}int>", "'x'@EN", *more)
            return f"{self._one('ex:a', 'ex:b', 'ex:c', *more)} {self._one('ex:p', 'ex:q')} {value} ."

        return self._some(lambda: f"GRAPH {self._writable()} {{ {self._some(triple, 3)} }}", 3)

    def _usually(self, usual: str, *others: str) -> str:
        return usual if self._chance(75) else self._one(*others)

    def _pattern(self) -> str:
        predicate = self._usually("?p", "ex:p", "ex:q", "?s")
        return f"{self._usually('?s', '?o', 'ex:a')} {predicate} {self._usually('?o', '$n', '?s', 'ex:b', '1')} ."

    def _simple(self) -> str:
        patterns = self._pattern() if self._chance(75) else self._some(self._pattern, 2)
        return patterns if self._chance(60) else f"GRAPH {self._one('?g', self._readable())} {{ {patterns} }}"

    def _where(self) -> str:
        beside = self._one(
            *[""] * 4,
            f"OPTIONAL {{ {self._simple()} }}",
            f"MINUS {{ {self._simple()} }}",
            f"FILTER NOT EXISTS {{ {self._simple()} }}",
            f"{{ {self._simple()} }} UNION {{ {self._simple()} }}",
        )
        special = self._one(
            *[""] * 4,
            "VALUES (?s ?o ?g) { (ex:a UNDEF c:x) (ex:b 1 c:z) (1 2 UNDEF) }",
            "VALUES ?g { c:x c:y }",
            "{ SELECT ?s (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o } GROUP BY ?s }",
            "BIND(BNODE() AS ?new)",
            "FILTER(!isBlank(?s))",
            "FILTER(?g IN (c:x, c:y))",
        )
        return f"WHERE {{ {self._simple() if self._chance(90) else ''} {beside} {special} }}"

    def _template(self, *more: str, loose: bool) -> str:
        def triple() -> str:
            subject = self._usually("?s", "?o", "?new", "ex:a", *more[:1])
            value = self._usually("?o", "?s", "$n", "?new", "ex:b", "01", *more)
            return f"{subject} {self._one('?p', '?p', 'ex:p', 'ex:q', '?o')} {value} ."

        def block() -> str:
            if loose and self._chance(60):
                return self._some(triple, 2)
            return f"GRAPH {self._one(*[self._writable()] * 4, '?g')} {{ {self._some(triple, 2)} }}"

        return f"{{ {self._some(block, 2)} }}"

    def _modification(self) -> str:
        """DELETE and INSERT; outside GRAPH only with WITH."""
        loose = self._chance(50)
        adding = (
            self._template("_:n", "_:n", "[ ex:q ?o ]", loose=loose)
            if self._chance(50)
            else self._template(loose=loose)
        )
        parts = [f"WITH {self._writable()}"] if loose else []
        parts += self._one("DELETE", "INSERT", "DELETE INSERT").split()
        parts = [f"{part} {self._template(loose=loose)}" if part == "DELETE" else part for part in parts]
        parts = [f"{part} {adding}" if part == "INSERT" else part for part in parts]
        if self._chance(25):
            # the engine alone counts twice what two graphs say
            most = 1 if any(node in adding for node in ("_:n", "[", "?new")) else 2
            parts += [f"USING {self._readable()}" for _ in range(self._random.randint(0, most))]
            parts += [f"USING NAMED {self._readable()}" for _ in range(self._random.randint(0, 2))]
        return "\n".join([*parts, self._where()])

    def _operation(self) -> str:
        word = self._one(
            *["modify"] * 7, "INSERT DATA", "DELETE DATA", "DELETE WHERE", "CLEAR", "DROP", "ADD", "COPY", "MOVE"
        )
        if word == "modify":
            return self._modification()
        if word.endswith("DATA"):
            return f"{word} {{ {self._data('_:n') if word == 'INSERT DATA' else self._data()} }}"
        if word == "DELETE WHERE":
            return f"{word} {{ GRAPH {self._writable()} {{ {self._pattern()} }} }}"
        if word in ("CLEAR", "DROP"):
            return f"{word} SILENT GRAPH {self._writable()}"
        source = self._one("c:x", "c:y", f"<{REPORT}>", "DEFAULT") if word != "MOVE" else self._writable()
        return f"{word} {source} TO {self._writable()}"


def by_the_engine(quads: set[Quad], operations: list[str]) -> set[Quad]:
    """The named graphs after the engine itself has run the operations, each on the union as it is by then."""
    for operation in operations:
        store = with_union(quads)
        store.update(PREFIXES + operation)
        quads = {one for one in store if one.graph_name != DefaultGraph()}
    return quads


def alike(quads: Iterable[Quad]) -> set[Quad]:
    """Quads with canonical blank nodes, also in place of the IRIs that new nodes get."""

    def blank(term: Any) -> Any:
        return (
            BlankNode(term.value.rpartition("/")[2])
            if isinstance(term, NamedNode) and term.value.startswith(GENID)
            else term
        )

    dataset = Quads(Quad(blank(one.subject), one.predicate, blank(one.object), one.graph_name) for one in quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


def assert_equal_to_the_engine(quads: set[Quad], operations: list[str], change: Change) -> None:
    assert change.removed <= quads
    assert not change.added & quads
    assert alike((quads - change.removed) | change.added) == alike(by_the_engine(quads, operations))


@settings(max_examples=MANY, phases=[Phase.generate])
@given(st.randoms(use_true_random=True))
def test_a_change_is_what_the_engine_would_have_made_of_the_graph(random: Random) -> None:
    sayings = Sayings(random)
    quads, operations = sayings.stored(), sayings.update()
    note("\n;\n".join(operations))
    text = PREFIXES + " ;\n".join(operations)
    try:
        change = effects_of(text, with_union(quads), InThisProcess(quads), "up")
    except RefusedUpdateError:
        assert "?g" in text  # it was bound to the graph of a passage
        event("refused")
    except ConflictError:
        assert re.search("ADD|COPY|MOVE", text)
        event("conflict")
    except UpdateError:
        assert "_:" in text or "[" in text  # new nodes that look alike
        event("alike")
    else:
        assert_equal_to_the_engine(quads, operations, change)
        event("changed" if change.added or change.removed else "nothing changes")


@settings(max_examples=FEW, phases=[Phase.generate])
@given(random=st.randoms(use_true_random=True))
def test_it_is_so_with_the_process_and_its_private_copies_as_well(
    tmp_path_factory: pytest.TempPathFactory, random: Random
) -> None:
    sayings = Sayings(random)
    quads, operations = sayings.stored(), sayings.update()
    note("\n;\n".join(operations))
    folder = DataFolder(tmp_path_factory.mktemp("graph"))
    with folder.lock():
        build = folder.write(with_union(quads), "0" * 64, "f", (len(quads), 0))
    try:
        text = PREFIXES + " ;\n".join(operations)
        limits = QueryLimits(seconds=300, workers=1)
        with closing(QueryPool(folder.snapshot(build), limits)) as pool:
            change = change_of(text, folder, build, folder.open(), "up", pool=pool)
    except (RefusedUpdateError, ConflictError, UpdateError):
        return  # the other test says when
    assert_equal_to_the_engine(quads, operations, change)
