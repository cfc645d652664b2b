"""Documents about things, terms and graphs, with the words that pages show for them.

Its modules are its doors, one for each subject: `entities` finds and describes a thing, `documents` writes it and
whole graphs, `wording` puts statements into sentences, `search`, `questions` and `reconciliation_api` answer requests
of those names, `catalogues` lists works and questions in RDF, and `ready_documents` with its file holds documents made
in advance (docs/decisions/documents.md).
"""

from kg.publish.documents import AboutEntity, GraphDocument, about_entity, entity_iri, write_entity
from kg.publish.entities import Profile, entities_with
from kg.publish.jsonld_context import json_ld_context
