"""The project's IRIs: namespaces and prefixes (contract: Names), and slugs, the last part of the IRI of a thing."""

from __future__ import annotations

import hashlib
import re
import unicodedata

BASE = "https://w3id.org/city-diplomacy/"
CD = BASE + "ontology#"
ID = BASE + "id/"
GRAPH = BASE + "graph/"
REPORT = GRAPH + "report/"
VOCABULARY = BASE + "vocabulary/"
SHAPES = BASE + "shapes#"
GUIDES = BASE + "docs/"
QUERIES = BASE + "queries/"

SLUG = re.compile(r"[a-z0-9]+(?:[.-]{1,2}[a-z0-9]+)*")
"""The last part of the IRI of a thing."""

ENTITY_TYPES = (
    "absence account activity affiliation agreement assignment citation city completeness country definition "
    "disagreement district finding funding geometry group mediation membership nation network office organisation "
    "passage person place polity publication reading recommendation reference region source spelling statistic "
    "strategy support team twinning zone"
).split()

_SCHEMES = (
    "function=diplomatic-function strength tie=tie-kind character=tie-character status=tie-status "
    "standing=tie-standing basis=agreement-basis role=membership-role mediation-role office-kind scope=network-scope "
    "participation structure=organising-structure strategy-kind absence-basis list=list-kind activity-kind "
    "organization-kind place-kind theme qualifier quantifier hedge extent frequency outcome=comparison-outcome "
    "direction=effect-direction aspect magnitude effect-strength causality measure unit method term=key-term "
    "kind=passage-kind availability disagreement-kind publication-kind"
).split()
"""The prefixes of schemes, each with the name of its scheme where that is another."""

PREFIXES: dict[str, str] = {
    "cd": CD,
    "graph": GRAPH,
    "report": REPORT,
    "shape": SHAPES,
    **{name: f"{ID}{name}/" for name in ENTITY_TYPES},
    **{name: f"{VOCABULARY}{scheme or name}/" for name, _, scheme in (one.partition("=") for one in _SCHEMES)},
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "wgs84": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

_PREFIX_OF = {namespace: prefix for prefix, namespace in reversed(PREFIXES.items())}


def compact(iri: str) -> str:
    """Return the prefixed name of an IRI where one of our prefixes fits, else the IRI itself."""
    end = max(iri.rfind("/"), iri.rfind("#")) + 1
    prefix = _PREFIX_OF.get(iri[:end])
    return f"{prefix}:{iri[end:]}" if prefix and end < len(iri) else iri


def kind_of(iri: str) -> str:
    """Return the kind in the IRI of a thing, such as city; empty if it is not a thing of ours."""
    return iri.removeprefix(ID).partition("/")[0] if iri.startswith(ID) else ""


def expand(name: str) -> str | None:
    """Return the IRI of a prefixed name of ours, the name itself if it is an absolute IRI, else None."""
    prefix, colon, local = name.partition(":")
    if colon and prefix in PREFIXES and not local.startswith("//"):
        return PREFIXES[prefix] + local
    return name if "://" in name else None


def thing_iri(text: str) -> str:
    """Return the IRI of a thing of ours, from the IRI or a prefixed name; empty for other texts.

    The thing need not exist in the graph.
    """
    iri = expand(text) or ""
    return iri if kind_of(iri) in ENTITY_TYPES and SLUG.fullmatch(iri.rpartition("/")[2]) else ""


LONGEST_SLUG = 200
"""Characters of the longest last part of an IRI."""

LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
"""Letters that Unicode does not decompose, as they are written where they are missing."""


def slug(name: str) -> str:
    """Return a name in small letters without accents, with hyphens between its words; empty if nothing is left."""
    letters = unicodedata.normalize("NFKD", name.casefold().translate(LETTERS))
    kept = "".join(char for char in letters if not unicodedata.combining(char) and char not in "'’`")
    return "-".join(re.findall("[a-z0-9]+", kept))


def fit_length(text: str) -> str:
    """Return the last part of an IRI, which ends in a digest if it would be too long otherwise."""
    if len(text) <= LONGEST_SLUG:
        return text
    return f"{text[: LONGEST_SLUG - 13].rstrip('.-')}-{digest(text)}"


def digest(text: str) -> str:
    """Return twelve letters and digits that another text does not have."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
