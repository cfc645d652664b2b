"""What the graph says of things, of its terms, and graph by graph: what a server reads for its documents."""

from kg.publish.context import json_ld_context
from kg.publish.entities import entities_with
from kg.publish.profiles import Profile
from kg.publish.readings import AboutEntity, GraphDocument, about_entity, entity_iri, write_entity

__all__ = [
    "AboutEntity",
    "GraphDocument",
    "Profile",
    "about_entity",
    "entities_with",
    "entity_iri",
    "json_ld_context",
    "write_entity",
]
