"""What a document says of itself, so that a saved copy still tells what it is about, whose it is and of which state.

Its version is the hash of what it says, as sorted N-Quads: the revision of the graph would change with each change of
anything, and with it every document (docs/decisions/documents.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from urllib.parse import urlencode

from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.publish.profiles import Profile
from kg.publish.terms import Terms
from kg.rdf import namespaces as ns
from kg.rdf.serialise import lines_of
from kg.rdf.triples import DATASET, said


def own_description(
    store: Store, about: NamedNode, quads: Collection[Quad], profile: Profile = Profile.DESCRIPTION, page: int = 1
) -> list[Quad]:
    """Return what a document about a thing says of itself, in no graph; `quads` is what else the document says."""
    terms = Terms(store)
    address = ns.BASE + about.value.removeprefix(ns.BASE).replace("id/", "doc/", 1)
    asked = {"profile": profile.token} if profile is not Profile.DESCRIPTION else {}
    document = NamedNode(_asked(address, asked | ({"page": str(page)} if page > 1 else {})))
    version = hashlib.sha256("\n".join(lines_of(quads)).encode()).hexdigest()[:12]
    licence = [("dcterms:license", NamedNode(terms.licence))] if terms.licence else []
    whole = [("dcterms:isPartOf", NamedNode(_asked(address, asked)))] if page > 1 else []
    triples = said(
        document,
        *(("foaf:primaryTopic", about), ("void:inDataset", DATASET), *licence, *whole),
        ("dcterms:conformsTo", NamedNode(f"{Terms.ONTOLOGY.value}/{terms.version(Terms.ONTOLOGY)}")),
        ("dcat:version", Literal(version)),
    )
    return [Quad(*triple) for triple in triples]


def _asked(address: str, values: dict[str, str]) -> str:
    return f"{address}?{urlencode(values)}" if values else address
