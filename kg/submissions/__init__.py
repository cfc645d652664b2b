"""What people send: RDF, RDF Patch or CSV, read within bounds into a change whose statements have places."""

from kg.submissions.submission import (
    PARTS,
    Submission,
    Text,
    UnsupportedTypeError,
    media_type_of,
    packed,
    read,
    unpacked,
)

__all__ = [
    "PARTS",
    "Submission",
    "Text",
    "UnsupportedTypeError",
    "media_type_of",
    "packed",
    "read",
    "unpacked",
]
