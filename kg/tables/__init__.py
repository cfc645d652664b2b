"""Import tables: a mapping says what their columns are, a plan what becomes of each row, and nothing is guessed."""

from kg.tables.files import read_table, table_file
from kg.tables.mapping import load_mapping, read_mapping, shipped_mappings
from kg.tables.plan import Plan
from kg.tables.planner import plan
from kg.tables.table import Limits

__all__ = [
    "Limits",
    "Plan",
    "load_mapping",
    "plan",
    "read_mapping",
    "read_table",
    "shipped_mappings",
    "table_file",
]
