"""What a worker can be asked to read from its snapshot besides queries: functions of ours, by their names.

Each writes into a file: a value as JSON, triples as N-Quads, or bytes of its own. The arguments have come as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from pyoxigraph import Store

from kg.history import HistoryGraph
from kg.publish import GraphDocument, about_entity, entities_with, entity_named, json_ld_context, write_entity
from kg.publish.dataset import Dump, checksums, service_description, summary, void_description
from kg.publish.lists import labelled_things, list_graph, listed, things_of
from kg.publish.pages import coverage, entity_page, having_rows
from kg.publish.questions import fit, prepare
from kg.publish.ready import write_ready
from kg.publish.reconcile import candidates, described, extended, suggested
from kg.publish.search import meant, search
from kg.publish.terms import (
    about_terms,
    counts_of_terms,
    examples_of_term,
    shapes_of_term,
    things_by_concept,
    uses_of_concept,
)
from kg.publish.works import (
    disagreement,
    disagreements,
    membership_evidence,
    twinning_evidence,
    work_contents,
    work_passage,
    work_section,
    works,
)
from kg.queries import Parameter, choices
from kg.rdf.labels import called
from kg.rdf.passages import passages_of
from kg.rdf.serialise import to_text

_VALUES = (
    *(called, passages_of, entities_with, entity_named, about_entity, entity_page, about_terms),
    *(labelled_things, listed, things_of, GraphDocument.check, HistoryGraph.undone_by, Dump.check, checksums, summary),
    *(search, meant, prepare, fit),
    *(candidates, described, extended, suggested),
    *(counts_of_terms, json_ld_context, shapes_of_term, things_by_concept, uses_of_concept),
    *(works, work_contents, work_passage, work_section, disagreement, disagreements),
    *(twinning_evidence, membership_evidence, coverage, having_rows),
)
_OF_PARAMETERS = (choices,)
_TRIPLES = (list_graph, examples_of_term, service_description, void_description)
_BYTES = (write_entity, write_ready, GraphDocument.write, GraphDocument.write_rows, Dump.write_named)


def _as_json(function: Callable[..., Any]) -> Callable[..., None]:
    def write(store: Store, output: BinaryIO, *arguments: Any) -> None:
        output.write(json.dumps(function(store, *arguments)).encode())

    return write


def _as_triples(function: Callable[..., Any]) -> Callable[..., None]:
    def write(store: Store, output: BinaryIO, *arguments: Any) -> None:
        output.write(to_text(function(store, *arguments)).encode())

    return write


def _of_parameter(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda store, described, *more: function(store, Parameter.rebuilt(described), *more)


READINGS: Mapping[str, Callable[..., None]] = {
    **{function.__qualname__: _as_json(function) for function in _VALUES},
    **{function.__qualname__: _as_json(_of_parameter(function)) for function in _OF_PARAMETERS},
    **{function.__qualname__: _as_triples(function) for function in _TRIPLES},
    **{function.__qualname__: function for function in _BYTES},
}
"""By name; each is called with the open store, the file and its arguments."""
