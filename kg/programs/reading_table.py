"""The table of functions that a worker can run on its snapshot besides queries (kg.readings)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from pyoxigraph import Store

from kg.ask import ask, completions, search
from kg.assist import check, complete, format_query, hover
from kg.errors import UnknownNameError
from kg.history import HistoryGraph
from kg.publish import GraphDocument, about_entity, entities_with, entity_iri, json_ld_context, write_entity
from kg.publish.catalogues import catalogue_rights, works_description
from kg.publish.changes import changes_in_words
from kg.publish.dataset import Dump, checksums, dataset_summary, service_description, void_description
from kg.publish.gazetteer_names import search_gazetteer, values_by_gazetteer
from kg.publish.lists import kind_counts, list_graph, list_table, things_of_kind
from kg.publish.pages import card, compared_triples, comparison, entity_page, matching_patterns
from kg.publish.questions import coverage, fitting_values, parameter_values, prepare
from kg.publish.ready_documents import write_ready
from kg.publish.reconciliation_api import candidates, extend, find_candidate, suggest
from kg.publish.search import naming_works, suggestions
from kg.publish.terms import (
    about_terms,
    counts_of_terms,
    examples_of_term,
    shapes_of_term,
    things_by_concept,
    uses_of_concept,
)
from kg.publish.work_names import work_names
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
from kg.rdf.digest import walk
from kg.rdf.labels import display_names
from kg.rdf.passages import passages_of
from kg.rdf.serialise import to_text
from kg.readings import Reading, TriplesReading, WrittenReading
from kg.results import readings as of_results
from kg.rules import inferred_between
from kg.tables.forms import about_thing, fill_form
from kg.updates import first_fault, operation_effect

READINGS: Mapping[str, Reading[..., Any] | WrittenReading[...]] = {
    one.name: one
    for one in (
        *(
            display_names,
            passages_of,
            entities_with,
            entity_iri,
            about_entity,
            entity_page,
            card,
            about_terms,
        ),
        *(
            list_table,
            things_of_kind,
            GraphDocument.check,
            catalogue_rights,
            HistoryGraph.undone_by,
            inferred_between,
            changes_in_words,
            compared_triples,
            Dump.check,
            checksums,
            dataset_summary,
        ),
        *(ask, completions, search, kind_counts, suggestions, naming_works, prepare, fitting_values, parameter_values),
        *(candidates, find_candidate, extend, suggest),
        *(search_gazetteer, values_by_gazetteer),
        *(complete, check, format_query, hover),
        *(fill_form, about_thing, first_fault, operation_effect),
        *(counts_of_terms, json_ld_context, shapes_of_term, things_by_concept, uses_of_concept),
        *(works, work_names, work_contents, work_passage, work_section, disagreement, disagreements),
        *(twinning_evidence, membership_evidence, coverage, matching_patterns, comparison),
        *(list_graph, examples_of_term, service_description, works_description, void_description, walk),
        *(
            of_results.read_columns,
            of_results.read_rows,
            of_results.read_view,
            of_results.write_table,
            of_results.write_list,
        ),
        *(write_entity, write_ready, GraphDocument.write, GraphDocument.write_rows, Dump.write_file),
    )
}
"""The functions by name; a worker runs no others."""


def read(store: Store, name: str, arguments: Sequence[Any], output: BinaryIO) -> None:
    """Write the result of a function: a value as JSON, triples as N-Quads, or bytes that it writes itself.

    Raises UnknownNameError for one that is not in the table.
    """
    reading = READINGS.get(name)
    if reading is None:
        raise UnknownNameError("reading", name, list(READINGS))
    if isinstance(reading, WrittenReading):
        reading(store, output, *arguments)
    elif isinstance(reading, TriplesReading):
        output.write(to_text(reading(store, *arguments)).encode())
    else:
        output.write(json.dumps(reading(store, *arguments)).encode())
