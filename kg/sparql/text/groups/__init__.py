"""The patterns of a query, read from its text: groups within groups, each part with the text that it stands in."""

from kg.sparql.text.groups.having import AliasedHaving
from kg.sparql.text.groups.model import Block, GroupPattern, ParsedQuery, Pattern, Select
from kg.sparql.text.groups.reader import parse_query
from kg.sparql.text.scanner import UnexpectedTokenError

__all__ = [
    "AliasedHaving",
    "Block",
    "GroupPattern",
    "ParsedQuery",
    "Pattern",
    "Select",
    "UnexpectedTokenError",
    "parse_query",
]
