"""Profiles: how much a document tells of an entity (W3C, Content Negotiation by Profile, section 2: data profile).

The IRI of a profile leads to the description of the data set, where `described` says what it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from kg.describing import below, said
from kg.errors import UnknownNameError
from kg.formats import GRAPH_FORMATS, GraphFormat

_PROF = "http://www.w3.org/ns/dx/prof/"


@dataclass(frozen=True)
class Profile:
    """A profile: its name in addresses, what it is called and holds, and the formats that can carry it."""

    name: str
    title: str
    meaning: str
    formats: tuple[GraphFormat, ...] = GRAPH_FORMATS

    @property
    def iri(self) -> NamedNode:
        """The profile's own IRI."""
        return below(f"profile-{self.name}")


DESCRIPTION = Profile(
    "description",
    "Description",
    "The statements of an entity, its geometry and accounts, what points at it, and labels. It is what a document "
    "holds when no profile is asked for.",
)
CONCISE = Profile("concise", "Concise", "The statements of an entity itself, and nothing else.")
PROVENANCE = Profile(
    "provenance",
    "With provenance",
    "The description, each statement in the graph that states it, with what is known of the passages that state it.",
    tuple(fmt for fmt in GRAPH_FORMATS if fmt.keeps_graphs),
)
PROFILES = {profile.name: profile for profile in (DESCRIPTION, CONCISE, PROVENANCE)}


def find(name: str) -> Profile:
    """Return the profile of a name. Raises UnknownNameError that names those there are."""
    if name not in PROFILES:
        raise UnknownNameError("profile", name, list(PROFILES))
    return PROFILES[name]


def described() -> Iterator[Triple]:
    """Yield what each profile is, in the terms of the Profiles Vocabulary (W3C note, section 6)."""
    for profile in PROFILES.values():
        yield Triple(profile.iri, NamedNode(f"{_PROF}hasToken"), Literal(profile.name))
        yield from said(
            profile.iri,
            ("rdf:type", NamedNode(f"{_PROF}Profile")),
            ("rdfs:label", Literal(profile.title, language="en")),
            ("rdfs:comment", Literal(profile.meaning, language="en")),
        )
