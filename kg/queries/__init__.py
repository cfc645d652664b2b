"""The canned queries of `queries/`: their catalogue, the values of their parameters, and their texts with values."""

from kg.queries.catalogue import CannedQuery, Parameter, canned_queries, check_queries, find_query
from kg.queries.question import Question
from kg.queries.values import check_value, choices
