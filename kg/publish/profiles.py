"""Profiles: how much a document tells of an entity (W3C, Content Negotiation by Profile, section 2: data profile).

The IRI of a profile leads to the description of the data set, where `Profile.as_triples` says what it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from pyoxigraph import Literal, NamedNode, Triple

from kg.errors import UnknownNameError
from kg.rdf.formats import GRAPH_FORMATS, GraphFormat
from kg.rdf.triples import dataset_node, triples_about

_PROF = "http://www.w3.org/ns/dx/prof/"


class Profile(Enum):
    """A profile: its name in addresses, what it is called and holds, the formats that can carry it, its own IRI."""

    DESCRIPTION = (
        "description",
        "Description",
        "The statements of an entity, its geometry and accounts, what points at it, and labels. It is what a document "
        "holds when no profile is asked for.",
        GRAPH_FORMATS,
    )
    CONCISE = ("concise", "Concise", "The statements of an entity itself, and nothing else.", GRAPH_FORMATS)
    PROVENANCE = (
        "provenance",
        "With provenance",
        "The description, each statement in the graph that states it, with what is known of the passages and "
        "sources that state it, and the changes that have stated these sources.",
        tuple(fmt for fmt in GRAPH_FORMATS if fmt.keeps_graphs),
    )

    def __init__(self, token: str, title: str, meaning: str, formats: tuple[GraphFormat, ...]) -> None:
        self.token = token
        self.title = title
        self.meaning = meaning
        self.formats = formats
        self.iri = dataset_node(f"profile-{token}")

    @classmethod
    def find(cls, token: str) -> Profile:
        """Return the profile of a name. Raises UnknownNameError that names those there are."""
        if token not in _BY_TOKEN:
            raise UnknownNameError("profile", token, list(_BY_TOKEN))
        return _BY_TOKEN[token]

    def as_triples(self) -> Iterator[Triple]:
        """Yield what it is, in the terms of the Profiles Vocabulary (W3C note, section 6)."""
        yield Triple(self.iri, NamedNode(f"{_PROF}hasToken"), Literal(self.token))
        yield from triples_about(
            self.iri,
            ("rdf:type", NamedNode(f"{_PROF}Profile")),
            ("rdfs:label", Literal(self.title, language="en")),
            ("rdfs:comment", Literal(self.meaning, language="en")),
        )


_BY_TOKEN = {profile.token: profile for profile in Profile}
