"""Import tables: a mapping says what their columns are, a plan what becomes of each row, and nothing is guessed."""

from kg.imports.mapping import TableMapping, load_mapping, read_mapping, shipped_mappings
from kg.imports.plan import Plan
from kg.imports.planner import plan
from kg.imports.tables import Limits, read_table

__all__ = [
    "Limits",
    "Plan",
    "TableMapping",
    "load_mapping",
    "plan",
    "read_mapping",
    "read_table",
    "shipped_mappings",
]
