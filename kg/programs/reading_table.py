"""The functions that a worker can run on its snapshot besides queries: those of these packages that are marked as such.

See kg.readings.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, BinaryIO

from pyoxigraph import Store

import kg.ask
import kg.assist
import kg.history
import kg.publish.answer_changes
import kg.publish.catalogues
import kg.publish.changes
import kg.publish.dataset
import kg.publish.gazetteer_names
import kg.publish.lists
import kg.publish.pages
import kg.publish.questions
import kg.publish.ready_documents
import kg.publish.reconciliation_api
import kg.publish.search
import kg.publish.terms
import kg.publish.work_names
import kg.publish.works
import kg.rdf.digest
import kg.rdf.labels
import kg.rdf.passages
import kg.results
import kg.rules
import kg.tables.forms
import kg.updates  # noqa: F401
from kg.errors import UnknownNameError
from kg.rdf.serialise import to_text
from kg.readings import READINGS, TriplesReading, WrittenReading


def read(store: Store, name: str, arguments: Sequence[Any], output: BinaryIO) -> None:
    """Write the result of a function: a value as JSON, triples as N-Quads, or bytes that it writes itself.

    Raises UnknownNameError for one that is not marked.
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
