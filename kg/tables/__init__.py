"""Tables: what their columns are, by a template or a mapping, and what their rows state, upon a graph.

A template speaks of things as the graph does (`read_template`). For a table from elsewhere a mapping says what the
columns are, and a plan what becomes of each row; nothing is guessed (`plan`).

See docs/decisions/tables.md.
"""

from kg.tables.mapping import TableMapping
from kg.tables.plan import Plan, plan
from kg.tables.reader import read_template
from kg.tables.table import TableLimits, read_table, table_file

__all__ = ["Plan", "TableLimits", "TableMapping", "plan", "read_table", "read_template", "table_file"]
