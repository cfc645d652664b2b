"""Read tables into statements, by a template or by a mapping.

The columns of a template name things as the graph does (`read_template`). For a table from elsewhere a mapping says
what its columns are, and a plan what becomes of each row (`plan`); nothing is guessed but a mapping, for a person to
read (`guess_mapping`).

See docs/decisions/tables.md.
"""

from kg.tables.guess import guess_mapping
from kg.tables.mapping import TableMapping
from kg.tables.plan import Plan, plan
from kg.tables.table import TableLimits, read_table, table_file
from kg.tables.template_reader import read_template
