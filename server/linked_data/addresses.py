"""The addresses of the documents about things."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from flask import Flask

from kg.publish import entities_with
from kg.rdf.scopes import EVERYTHING, REPORT
from kg.rdf.vocabulary import SKOS
from server.context import service

_NAMED, _ANY = SKOS.prefLabel.value, ""


def documents_to_make_ahead(app: Flask) -> Iterator[str]:
    """Yield the addresses of all documents in Turtle, the report's first, then what has a name, then all else.

    An address may come more than once. Lists are read when they are needed. Raises what Service.read raises.
    """
    for scope, predicate in ((REPORT, _ANY), (EVERYTHING, _NAMED), (EVERYTHING, _ANY)):
        with app.test_request_context(), service.in_scope(scope):
            entities = service.read(entities_with, predicate)
        yield from (f"/doc/{quote(entity)}.ttl" for entity in entities)
