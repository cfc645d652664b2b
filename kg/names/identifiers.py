"""Identifiers that authorities give things, in the forms in which people write them."""

from __future__ import annotations

import re
from typing import NamedTuple

from pyoxigraph import NamedNode

from kg.rdf.vocabulary import OWL, SCHEMA, SKOS

LINKS = (SCHEMA.sameAs, NamedNode("http://schema.org/sameAs"), OWL.sameAs, SKOS.exactMatch)
"""The properties that tie a thing to an address which identifies it."""

_FORMS = {
    "Wikidata": (
        re.compile(r"https?://(?:www\.|m\.)?wikidata\.org/(?:entity|wiki)/(Q[0-9]+)/?", re.IGNORECASE),
        "http://www.wikidata.org/entity/{}",
    ),
    "GeoNames": (
        re.compile(r"https?://(?:sws\.|www\.)?geonames\.org/([0-9]+)(?:/.*)?", re.IGNORECASE),
        "https://sws.geonames.org/{}/",
    ),
}


class Identifier(NamedTuple):
    """What an address identifies a thing by: the authority, None for an address of others, and its identifier."""

    authority: str | None
    name: str

    @property
    def address(self) -> str:
        """The address as the gazetteer writes it; of others without scheme and last slash."""
        return _FORMS[self.authority][1].format(self.name) if self.authority else self.name


def identifier(address: str) -> Identifier:
    """Return what an address identifies, the same for all its spellings: with http or https, with a last slash."""
    for authority, (form, _) in _FORMS.items():
        if found := form.fullmatch(address):
            return Identifier(authority, found[1].upper())
    return Identifier(None, address.partition("://")[2].rstrip("/") or address)
