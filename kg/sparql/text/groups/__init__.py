"""The patterns of a query, parsed from its text: nested groups, each part with its text."""

from kg.sparql.text.groups.having import AliasedHaving
from kg.sparql.text.groups.model import Block, GroupPattern, ParsedQuery, Pattern, Select
from kg.sparql.text.groups.reader import parse_query
from kg.sparql.text.scanner import UnexpectedTokenError
