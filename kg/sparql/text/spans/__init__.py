"""The spans of the parts of a text: the operations of an update and their parts, and SERVICE clauses."""

from kg.sparql.text.spans.operations import (
    GraphOperation,
    Modification,
    OperationText,
    UnclearError,
    parse_operation,
    split_operations,
)
from kg.sparql.text.spans.services import ServiceClause, service_clauses
