"""Where the parts of a text stand: the operations of an update, what each consists of, and SERVICE clauses."""

from kg.sparql.text.spans.operations import GraphOperation, Modification, Piece, UnclearError, cut, read
from kg.sparql.text.spans.services import ServiceClause, service_clauses

__all__ = [
    "GraphOperation",
    "Modification",
    "Piece",
    "ServiceClause",
    "UnclearError",
    "cut",
    "read",
    "service_clauses",
]
