"""The description of a thing for search engines, in the terms of schema.org, as JSON-LD."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kg.publish.pages import EntityPage
from kg.rdf import namespaces as ns
from server.web import LinkedText

_CLASSES = {
    "city": "City",
    "country": "Country",
    "nation": "AdministrativeArea",
    "region": "AdministrativeArea",
    "district": "AdministrativeArea",
    "polity": "AdministrativeArea",
    "place": "Place",
    "zone": "Place",
    "person": "Person",
    "network": "Organization",
    "organisation": "Organization",
    "office": "Organization",
    "team": "Organization",
    "publication": "CreativeWork",
    "source": "CreativeWork",
    "passage": "CreativeWork",
    "finding": "Claim",
    "absence": "Claim",
    "completeness": "Claim",
    "account": "Claim",
    "statistic": "Claim",
    "definition": "DefinedTerm",
}


def as_schema_org(about: EntityPage, description: str) -> dict[str, Any]:
    """Return a thing as schema.org has it: what it is, its names, where it is, what else is the same."""
    said: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@id": about["name"]["iri"],
        "@type": _CLASSES.get(about["kind"], "Thing"),
        "name": about["name"]["text"],
        "description": description,
        "alternateName": [name["text"] for name in about["names"]],
        "sameAs": _same_as(about),
        "subjectOf": {"@type": "Dataset", "@id": f"{ns.BASE}dataset", "name": "City Diplomacy Knowledge Graph"},
    }
    if about["point"]:
        latitude, longitude = about["point"]
        said["geo"] = {"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude}
    if about["within"]:
        place = about["within"][0]
        said["containedInPlace"] = {"@type": "Place", "@id": place["iri"], "name": place["text"]}
    return {name: value for name, value in said.items() if value}


def terms_as_schema_org(
    iri: str, names: Sequence[LinkedText], definitions: Iterable[str], *, within: str | None, is_set: bool
) -> dict[str, Any]:
    """Return an ontology, a vocabulary, or a term or concept within one, as schema.org has them."""
    described: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@id": iri,
        "@type": "DefinedTermSet" if is_set else "DefinedTerm",
        "name": names[0].text,
        "alternateName": [name.text for name in names[1:]],
        "description": list(definitions),
        "url": iri,
        "inDefinedTermSet": within,
    }
    return {name: value for name, value in described.items() if value}


def _same_as(about: EntityPage) -> list[str]:
    rows = (row for row in about["last"] if row["label"]["iri"] == f"{ns.PREFIXES['schema']}sameAs")
    return [said["value"]["iri"] for row in rows for said in row["values"] if said["value"]["iri"]]
