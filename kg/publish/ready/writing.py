"""What a worker writes of a document that is to be kept."""

from __future__ import annotations

from typing import IO

from pyoxigraph import Store

from kg.publish.entities import Description, find_entity
from kg.publish.readings import write_page
from kg.publish.ready.keys import keys_of_document
from kg.readings import WrittenReading


@WrittenReading
def write_ready(store: Store, output: IO[bytes], kind: str, slug: str) -> None:
    """Write the keys of the document about a thing, as digits in a line, then what `write_entity` writes in Turtle.

    Raises what `find_entity` raises.
    """
    description = Description(store, find_entity(store, kind, slug))
    output.write(b"".join(sorted(keys_of_document(description))).hex().encode() + b"\n")
    write_page(store, output, "ttl", description, 1)
