"""Read what people send (RDF, RDF Patch or CSV) within limits into a change whose statements have places."""

from kg.submissions.submission import (
    PARTS,
    Submission,
    SubmittedText,
    UnsupportedTypeError,
    media_type_of,
    pack,
    read,
    unpack,
)
