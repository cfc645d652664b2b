"""The patterns of a query, read from its text: groups within groups, each part with the text that it stands in."""

from kg.sparql.text.groups.having import AliasedHaving
from kg.sparql.text.groups.model import Block, Group, Pattern, Read, Select
from kg.sparql.text.groups.reader import read
from kg.sparql.text.scanner import NotUnderstoodError

__all__ = ["AliasedHaving", "Block", "Group", "NotUnderstoodError", "Pattern", "Read", "Select", "read"]
