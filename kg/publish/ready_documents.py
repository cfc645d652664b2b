"""Keys of documents made in advance: a document is made again if it shares a key with a change.

There are two kinds of keys of a thing: for the statements about it, and for statements about others that point at it.
See docs/decisions/documents.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import IO

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kg.publish.documents import write_page
from kg.publish.entities import Description, find_entity
from kg.rdf import graphs
from kg.rdf.lines import is_node, term_of
from kg.rdf.vocabulary import CD
from kg.readings import WrittenReading

KEY_BYTES = 8
"""Short enough that two things may share a key: then a document is made again without need."""


def keys_of_document(description: Description) -> set[bytes]:
    """Return the keys of the first page of a description."""
    lines = description.page(1)
    named = {term for line in lines for term in line[:3] if is_node(term)}
    named |= {term_of(node) for node in (description.entity, *description.referrers)}
    return {_subject_key(term) for term in named} | {_object_key(term_of(node)) for node in description.nodes(1)}


def keys_of_change(quads: Iterable[Quad]) -> set[bytes]:
    """Return the keys of added and removed quads, including the inferred ones.

    The default graph repeats other graphs, and is skipped. A document shows neither the things that lie within its
    thing nor inferred statements that refer to it, except for accounts.
    """
    keys = set()
    for quad in quads:
        if quad.graph_name == DefaultGraph() or not isinstance(quad.subject, NamedNode):
            continue
        keys.add(_subject_key(term_of(quad.subject)))
        is_seen = quad.graph_name != graphs.INFERRED and quad.predicate != CD.within
        if isinstance(quad.object, NamedNode) and (is_seen or quad.predicate == CD.accountOf):
            keys.add(_object_key(term_of(quad.object)))
    return keys


def share_a_key(packed: bytes, keys: set[bytes]) -> bool:
    """Return True if concatenated keys include one of some keys."""
    return not keys.isdisjoint({packed[at : at + KEY_BYTES] for at in range(0, len(packed), KEY_BYTES)})


def _subject_key(term: bytes) -> bytes:
    return hashlib.blake2b(b"of" + term, digest_size=KEY_BYTES).digest()


def _object_key(term: bytes) -> bytes:
    return hashlib.blake2b(b"to" + term, digest_size=KEY_BYTES).digest()


@WrittenReading
def write_ready(store: Store, output: IO[bytes], kind: str, slug: str) -> None:
    """Write the keys of the document about a thing, as a line of hexadecimal digits, then the document in Turtle.

    The document is written as by `write_entity`. Raises what `find_entity` raises.
    """
    description = Description(store, find_entity(store, kind, slug))
    output.write(b"".join(sorted(keys_of_document(description))).hex().encode() + b"\n")
    write_page(store, output, "ttl", description, 1)
